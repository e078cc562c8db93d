"""Turns the marked-up formats, Excel-2003 XML, web pages and web pages in one file, into books."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.book import Contents, Tab
from importer.readers.html_tables import read_html_tables
from importer.readers.xml_2003 import read_xml_2003

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import EmailMessage
    from pathlib import Path

    from importer.model import Cell
    from importer.readers.markup_sheet import MarkupSheet

__all__ = ["open_html", "open_mhtml", "open_xml_2003"]

_MAX_PAGES = 1000
_TABLE = re.compile(rb"<\0?t\0?a\0?b\0?l\0?e\b", re.IGNORECASE)  # in UTF-16 as well


def open_xml_2003(data: bytes, path: Path) -> _MarkupBook:
    """Open an XML spreadsheet of Excel 2003.

    Raises:
        SourceError: it is damaged, or beyond a limit.
    """
    return _MarkupBook(read_xml_2003(data, path))


def open_html(data: bytes, path: Path) -> _MarkupBook:
    """Open the tables of a web page.

    Raises:
        SourceError: it has none, is damaged, or is beyond a limit.
    """
    return _MarkupBook(read_html_tables(data, path))


def open_mhtml(data: bytes, path: Path) -> _MarkupBook:
    """Open the tables of a web page in one file (RFC 2557); of a workbook saved so each sheet is a page.

    Raises:
        SourceError: as for `open_html`.
    """
    pages = [page for page in _pages(data) if _TABLE.search(page)]
    if not 1 <= len(pages) <= _MAX_PAGES:
        message = f"{path}: the file is a web page in one file (MHTML) without a table that can be read. Open it in Excel and save it as .xlsx or CSV."
        raise SourceError(message)
    return _MarkupBook([sheet for page in pages for sheet in read_html_tables(page, path)])


def _pages(data: bytes) -> Iterator[bytes]:
    message: EmailMessage = message_from_bytes(data.lstrip(), policy=policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content


@dataclass(frozen=True, slots=True)
class _MarkupGrid:
    table: Sequence[tuple[Cell, ...]]
    merged: tuple[str, ...]
    width: int

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        return iter(self.table)


class _MarkupBook:
    """A `Book` whose sheets are all in memory."""

    def __init__(self, sheets: Sequence[MarkupSheet]) -> None:
        self._sheets = sheets
        self.tabs = tuple(Tab(sheet.name, sheet.is_visible) for sheet in sheets)

    def contents(self, index: int) -> Contents:
        """Give one sheet; see `Book`."""
        sheet = self._sheets[index]
        width = max(map(len, sheet.rows), default=0)
        flawed = max((flaw.column + 1 for row in sheet.flaws.values() for flaw in row), default=0)
        grid = _MarkupGrid(sheet.rows, sheet.merged, width)
        return Contents(grid, sheet.flaws, sheet.hidden_rows, max(width, flawed), sheet.notes)
