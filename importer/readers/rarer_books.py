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

__all__ = ["open_rarer_book"]

_READERS: Mapping[Format, Callable[[bytes, Path], Book]] = {
    Format.XLSB: open_xlsb,
    Format.XLS: open_xls,
    Format.ODS: open_ods,
    Format.FODS: open_fods,
    Format.XML_2003: open_xml_2003,
    Format.HTML: open_html,
    Format.MHTML: open_mhtml,
}


def open_rarer_book(kind: Format, data: bytes, path: Path) -> Book:
    """Open a workbook whose format its content has told.

    Raises:
        SourceError: it is damaged, protected, or beyond a limit.
    """
    return _READERS[kind](data, path)
