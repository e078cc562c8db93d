"""Turns a path into an open source, by the reader that its content calls for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from importer.readers.delimited import open_delimited
from importer.readers.sniff import Format, recognise
from importer.readers.source import ReaderOptions
from importer.readers.workbook import open_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.readers.source import Source

__all__ = ["open_source"]

_DETECT_ALL = ReaderOptions()


@contextmanager
def open_source(path: Path, options: ReaderOptions = _DETECT_ALL) -> Iterator[Source]:
    """Open a file of rows; its content says what it is, its name does not.

    A CSV file is read through once before the first row (fingerprint and encoding), in constant memory; a workbook is
    held in memory as long as it is open.

    Raises:
        SourceError: the file cannot be read as a table; the message says what it is and what to do.
    """
    opened = open_delimited if recognise(path) is Format.CSV else open_workbook
    with opened(path, options) as source:
        yield source
