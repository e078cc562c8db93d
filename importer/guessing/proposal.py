"""Proposes a mapping for a file: the ready one of the system that it looks like, fitted to it; else a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.guessing.exports import recognised
from importer.guessing.fitting import fitted
from importer.guessing.guess import guess_of
from importer.guessing.ready import ready_for
from importer.guessing.table import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importer.guessing.guess import Guess
    from importer.mapping import SourceSettings
    from importer.model import Row, SourceInfo

__all__ = ["propose"]


def propose(info: SourceInfo, rows: Iterable[Row], said: SourceSettings, *, schema: str = "") -> Guess:
    """Propose a mapping from a file's headers and values; `said` is what the user said of how it is read.

    Raises:
        UsageError: no column can be named in a mapping.
    """
    export = recognised(info.columns)
    table = table_of(info.columns, rows, export)
    ready = ready_for(info.columns, export)
    made = fitted(ready, table, info, said, schema) if ready is not None else None
    return made or guess_of(table, export, info, said, schema=schema)
