"""Turns the bytes of a workbook that is no .xlsx into a `Book`, by the reader of its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.readers.markup_book import open_html, open_mhtml, open_xml_2003
from importer.readers.ods import open_fods, open_ods
from importer.readers.sniff import Format
from importer.readers.xls import open_xls
from importer.readers.xlsb import open_xlsb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from importer.readers.book import Book
    from importer.readers.limits import Limits

__all__ = ["open_rarer_book"]

_OF_PACKAGES: Mapping[Format, Callable[[bytes, Path, Limits], Book]] = {
    Format.XLSB: open_xlsb,
    Format.ODS: open_ods,
}
_READERS: Mapping[Format, Callable[[bytes, Path], Book]] = {
    Format.XLS: open_xls,
    Format.FODS: open_fods,
    Format.XML_2003: open_xml_2003,
    Format.HTML: open_html,
    Format.MHTML: open_mhtml,
}


def open_rarer_book(kind: Format, data: bytes, path: Path, limits: Limits) -> Book:
    """Open a workbook whose format its content has told.

    Raises:
        SourceError: it is damaged, protected, or beyond a limit.
    """
    if kind in _OF_PACKAGES:
        return _OF_PACKAGES[kind](data, path, limits)
    return _READERS[kind](data, path)
