"""Turns a path into an open source, by the reader that its content calls for."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from importer.readers.sniff import Format, Packing, recognise
from importer.readers.source import ReaderOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
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
    with _opened(path, options) as source:
        yield source


def _opened(path: Path, options: ReaderOptions) -> AbstractContextManager[Source]:
    kind = recognise(path)
    if kind is Format.CSV:
        from importer.readers.delimited import open_delimited  # noqa: PLC0415 - 30 ms, of which a workbook needs none

        return open_delimited(path, options)
    if isinstance(kind, Packing):
        from importer.readers.unpacking import open_unpacked  # noqa: PLC0415 - few files are packed

        return open_unpacked(path, kind, options.limits, partial(_opened, options=options))
    from importer.readers.workbook import open_workbook  # noqa: PLC0415 - 200 ms, and a CSV file needs none of it

    return open_workbook(path, kind, options)
