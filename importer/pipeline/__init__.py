"""Operations -> outcomes: the only stage with effects on Kanbert."""

from __future__ import annotations

from importer.pipeline.applier import Applier
from importer.pipeline.execution import Execution, Limits
from importer.pipeline.freshness import Freshness
from importer.pipeline.stop import Stop, unpacked
from importer.pipeline.undoing import Undoer

__all__ = ["Applier", "Execution", "Freshness", "Limits", "Stop", "Undoer", "unpacked"]
