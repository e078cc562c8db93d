"""Turns an OpenDocument spreadsheet (.ods, and flat .fods) into a book.

An own reader: calamine refuses content that is indented, gives errors as empty cells and durations as text; odfpy has
had no release since 2020 and builds the whole document in memory. What the user sees of a number stands in the file as
text, and is taken from there where the number's style, or what is seen, makes it an id.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import ParseError, XMLPullParser
from xml.parsers import expat

from importer.errors import SourceError
from importer.readers.book import MAX_COLUMNS, MAX_ROWS, Contents, Flaw, Tab
from importer.readers.header import column_letter
from importer.readers.number_format import GENERAL
from importer.readers.ods_cells import OFFICE, STYLE, TABLE, TYPE, value_of
from importer.readers.ods_formats import OdsFormats
from importer.readers.package import Package, expat_parser
from importer.readers.sniff import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from importer.model import Cell
    from importer.readers.limits import Limits
    from importer.readers.number_format import NumberFormat

__all__ = ["OdsBook", "open_fods", "open_ods"]

_MAX_CELLS = 100_000_000  # of the rectangle up to the last cell
_MAX_KEPT = 20_000_000  # cells of all sheets, repeated rows counted once: each takes memory
_PIECE_BYTES = 1 << 14  # what is parsed and not yet taken stays in the cache of the processor: 40 % quicker than 1 MiB
_MANIFEST = "META-INF/manifest.xml"
_ENCRYPTED = re.compile(rb"encryption-data|encrypted-package")
_SHEETS, _TAB, _ROW, _PROPERTIES = (
    f"{OFFICE}spreadsheet",
    f"{TABLE}table",
    f"{TABLE}table-row",
    f"{STYLE}table-properties",
)
_CELLS = {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}
_STYLE, _STYLE_NAME = f"{STYLE}style", f"{TABLE}style-name"
_ROWS_REPEATED, _COLUMNS_REPEATED = f"{TABLE}number-rows-repeated", f"{TABLE}number-columns-repeated"
_ROWS_SPANNED, _COLUMNS_SPANNED = f"{TABLE}number-rows-spanned", f"{TABLE}number-columns-spanned"
_COLUMN, _CELL_STYLE = f"{TABLE}table-column", f"{TABLE}default-cell-style-name"
_STYLES = "styles.xml"


def open_ods(data: bytes, path: Path, limits: Limits) -> OdsBook:
    """Open a package.

    Raises:
        SourceError: it is damaged, protected by a password, no spreadsheet, or beyond a limit.
    """
    package = Package(data, path, limits)
    if package.has(_MANIFEST) and any(_ENCRYPTED.search(chunk) for chunk in package.chunks(_MANIFEST)):
        message = f"{path}: the file is a workbook protected by a password. Open it, remove the password, and save it as .xlsx or CSV."
        raise SourceError(message)
    return OdsBook(package.chunks("content.xml"), path, package.chunks(_STYLES) if package.has(_STYLES) else ())


def open_fods(data: bytes, path: Path) -> OdsBook:
    """Open a spreadsheet in a single XML file.

    Raises:
        SourceError: it is damaged, no spreadsheet, or beyond a limit.
    """
    return OdsBook((data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)), path)


@dataclass(slots=True)
class _Table:
    """A sheet, row by row; a row that is repeated is kept once."""

    tab: Tab
    runs: list[tuple[int, tuple[Cell, ...]]] = field(default_factory=list)  # how often, and the cells
    height: int = 0
    width: int = 0
    merged: tuple[str, ...] = ()
    flaws: dict[int, list[Flaw]] = field(default_factory=dict)
    hidden: list[tuple[int, int]] = field(default_factory=list)  # first row and how many
    pending: int = 0  # empty rows since the last that was kept
    styles: list[str | None] = field(default_factory=list)  # of cells that name none, by column

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        for count, cells in self.runs:
            for _ in range(count):
                yield cells


class OdsBook:
    """A `Book` whose sheets are all in memory."""

    def __init__(self, chunks: Iterable[bytes], path: Path, styles: Iterable[bytes] = ()) -> None:
        """Read the whole document, and what a package has of styles beside it, as far as that can be read.

        Raises:
            SourceError: it is damaged, no spreadsheet, or beyond a limit.
        """
        formats = OdsFormats()
        with suppress(ParseError, expat.ExpatError, ValueError, LookupError):
            _DocumentReader(path, formats).read(styles)
        reader = _DocumentReader(path, formats)
        try:
            reader.read(chunks)
        except (ParseError, expat.ExpatError, ValueError, LookupError) as error:
            message = (
                f"{path}: the workbook is damaged ({error}). Open it in LibreOffice and save it again, as .xlsx or CSV."
            )
            raise SourceError(message) from error
        if not reader.is_spreadsheet:
            message = f"{path}: the file is an OpenDocument file, but not a spreadsheet. Copy the table into a spreadsheet and save that as .xlsx or CSV."
            raise SourceError(message)
        self._tables = reader.tables
        self.tabs = tuple(table.tab for table in self._tables)

    def contents(self, index: int) -> Contents:
        """Give one sheet; see `Book`."""
        table = self._tables[index]
        hidden = sum(max(0, min(first + count - 1, table.height) - first + 1) for first, count in table.hidden)
        return Contents(table, table.flaws, hidden, table.width)


class _DocumentReader:
    """Follows the elements of content.xml; keeps nothing of a row's XML behind its end."""

    def __init__(self, path: Path, formats: OdsFormats) -> None:
        self.tables = list[_Table]()
        self.is_spreadsheet = False
        self._path = path
        self._open: list[Element] = []
        self._hidden_styles = set[str]()
        self._formats = formats
        self._table: _Table | None = None
        self._texts = dict[str, str]()
        self._kept = 0

    def read(self, chunks: Iterable[bytes]) -> None:
        """Parse the document; a document type can only stand before the first element, and is looked for until then."""
        guard, begun = expat_parser(), list[str]()
        guard.StartElementHandler = lambda name, _: begun.append(name)
        parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
        for chunk in chunks:
            if not begun:
                guard.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
            for at in range(0, len(chunk), _PIECE_BYTES):
                parser.feed(chunk[at : at + _PIECE_BYTES])
                self._follow(parser)
        parser.close()
        self._follow(parser)

    def _follow(self, parser: XMLPullParser[Any]) -> None:
        """Take the events; a loop for speed, since every cell comes by twice."""
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            tag = element.tag
            if event == "start":
                self._open.append(element)
                if tag == _TAB:
                    self._begin_table(element)
            else:
                self._open.pop()
                if tag == _ROW:
                    self._end_row(element)
                elif tag not in _CELLS:
                    self._end_other(tag, element)

    def _begin_table(self, element: Element) -> None:
        """A sheet is a table in the document's own list; others belong to links, changes, or lie within a cell."""
        if len(self._open) > 1 and self._open[-2].tag == _SHEETS:
            self.is_spreadsheet = True
            is_visible = element.get(_STYLE_NAME) not in self._hidden_styles
            self._table = _Table(Tab(element.get(f"{TABLE}name", ""), is_visible))

    def _end_other(self, tag: str, element: Element) -> None:
        if tag == _TAB and self._open and self._open[-1].tag == _SHEETS and self._table is not None:
            self.tables.append(self._table)
            self._table = None
            self._open[-1].remove(element)
        elif tag == _STYLE:
            if element.get(f"{STYLE}family") == "table-cell":
                self._formats.note_cell_style(element)
            properties = element.find(_PROPERTIES)
            if properties is not None and properties.get(f"{TABLE}display") == "false":
                self._hidden_styles.add(element.get(f"{STYLE}name", ""))
        elif tag == OdsFormats.NUMBER_STYLE:
            self._formats.note_number_style(element)
        elif tag == _COLUMN and self._table is not None:
            times = min(_count(element, _COLUMNS_REPEATED), MAX_COLUMNS - len(self._table.styles))
            self._table.styles.extend([element.get(_CELL_STYLE)] * times)
        elif tag == _SHEETS:
            self.is_spreadsheet = True

    def _end_row(self, element: Element) -> None:
        table = self._table
        if table is None or sum(open_element.tag == _TAB for open_element in self._open) > 1:
            return
        times = _count(element, _ROWS_REPEATED)
        first = table.height + table.pending + 1
        cells, flaws = self._row(element, table, first)
        if element.get(f"{TABLE}visibility", "visible") != "visible":
            table.hidden.append((first, times))
        if cells or flaws:
            self._keep(table, cells, flaws, times)
        else:
            table.pending += times
        element.clear()
        self._open[-1].remove(element)

    def _row(self, element: Element, table: _Table, number: int) -> tuple[tuple[Cell, ...], list[Flaw]]:
        cells: list[Cell] = []
        flaws, gap = list[Flaw](), 0
        for cell in element:
            if cell.tag not in _CELLS:
                continue
            attributes = cell.attrib  # looked into here, because every cell goes through this loop
            times = _count(cell, _COLUMNS_REPEATED) if _COLUMNS_REPEATED in attributes else 1
            if _COLUMNS_SPANNED in attributes or _ROWS_SPANNED in attributes:
                self._note_merged(cell, table, number, len(cells) + gap)
            shape = self._shape(element, cell, table, len(cells) + gap) if attributes.get(TYPE) == "float" else GENERAL
            value = value_of(cell, attributes, shape)
            if value is None:
                gap += times
                continue
            if len(cells) + gap + times > MAX_COLUMNS:
                raise self._too_large(table, number, len(cells) + gap + times)
            cells.extend([None] * gap)
            gap = 0
            if isinstance(value, Flaw):
                flaws.extend(replace(value, column=len(cells) + at) for at in range(times))
            cells.extend([self._kept_once(value)] * times)
        return tuple(cells), flaws

    def _shape(self, row: Element, cell: Element, table: _Table, column: int) -> NumberFormat:
        """Say what the style of a cell makes of numbers; its own, else its row's, else its column's."""
        style = cell.get(_STYLE_NAME) or row.get(_CELL_STYLE)
        if style is None and column < len(table.styles):
            style = table.styles[column]
        return self._formats.of(style)

    def _kept_once(self, value: Cell | Flaw) -> Cell:
        """Give the cell's value, one object for short texts that are alike."""
        if isinstance(value, str) and len(value) < 64:
            return self._texts.setdefault(value, value)
        return None if isinstance(value, Flaw) else value

    def _note_merged(self, cell: Element, table: _Table, row: int, column: int) -> None:
        down, right = _count(cell, _ROWS_SPANNED), _count(cell, _COLUMNS_SPANNED)
        if down > 1 or right > 1:
            table.merged += (f"{column_letter(column)}{row}:{column_letter(column + right - 1)}{row + down - 1}",)

    def _keep(self, table: _Table, cells: tuple[Cell, ...], flaws: list[Flaw], times: int) -> None:
        if table.pending:
            table.runs.append((table.pending, ()))
            table.height += table.pending
            table.pending = 0
        if flaws:
            table.flaws.update((table.height + at, flaws) for at in range(1, min(times, MAX_ROWS) + 1))
        table.runs.append((times, cells))
        table.height += times
        table.width = max(table.width, len(cells))
        self._kept += len(cells)
        if table.height > MAX_ROWS or table.height * table.width > _MAX_CELLS or self._kept > _MAX_KEPT:
            raise self._too_large(table, table.height, table.width)

    def _too_large(self, table: _Table, row: int, column: int) -> SourceError:
        return SourceError(
            f'{self._path}: the sheet "{table.tab.name}" reaches to row {row:,} and column {column:,}. '
            "Delete stray cells (Ctrl+End finds the last), or save it as CSV."
        )


def _count(element: Element, name: str) -> int:
    told = element.get(name)
    return max(1, int(told)) if told is not None and told.isdecimal() else 1
