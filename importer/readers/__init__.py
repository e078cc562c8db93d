"""Turns a file into located rows: what the file is is decided by its content, and nothing in it changes in silence."""

from __future__ import annotations

from importer.readers.apart import open_source
from importer.readers.limits import Limits, limits_of
from importer.readers.source import BLOCK, ReaderOptions, ShareableSource, Source

__all__ = ["BLOCK", "Limits", "ReaderOptions", "ShareableSource", "Source", "limits_of", "open_source"]
