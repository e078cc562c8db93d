"""Turns the bytes of a workbook into a `Book`, by the reader of its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.readers.sniff import Format
from importer.readers.xlsx import XlsxBook

if TYPE_CHECKING:
    from pathlib import Path

    from importer.readers.book import Book
    from importer.readers.limits import Limits

__all__ = ["open_book"]


def open_book(kind: Format, data: bytes, path: Path, limits: Limits) -> Book:
    """Open a workbook whose format its content has told.

    Raises:
        SourceError: it is damaged, protected, or beyond a limit.
    """
    if kind is Format.XLSX:
        return XlsxBook(data, path, limits)
    from importer.readers.rarer_books import open_rarer_book  # noqa: PLC0415 - 100 ms, of which .xlsx needs none

    return open_rarer_book(kind, data, path, limits)
