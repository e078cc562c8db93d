"""Turns the bytes of a workbook into a `Book`, by the reader of its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.readers.sniff import Format
from importer.readers.xlsx import XlsxBook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from importer.readers.book import Book

__all__ = ["open_book"]

_READERS: Mapping[Format, Callable[[bytes, Path], Book]] = {Format.XLSX: XlsxBook}


def open_book(kind: Format, data: bytes, path: Path) -> Book:
    """Open a workbook whose format its content has told.

    Raises:
        SourceError: it is damaged, protected, or beyond a limit.
    """
    return _READERS[kind](data, path)
