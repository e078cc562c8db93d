"""Turns the XML of a sheet into all its cells, one after the other: slower than a library, and right to the cell.

This reads what the library cannot, or reads otherwise than it is written. It takes XML in any encoding and order, and
holds the sheet in memory.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from importer.model import shortened
from importer.readers.book import MAX_COLUMNS, MAX_ROWS, Flaw
from importer.readers.cell_value import BookFacts, RawCell, value_of
from importer.readers.number_cell import EXACT
from importer.readers.package import expat_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from importer.model import Cell

__all__ = ["SheetTable", "cell_of", "column_number", "read_table"]

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_MAX_SLOTS = 60_000_000  # room for cells up to the last of each row
_SKIPPED = frozenset(("rPh", "extLst", "Choice"))  # how a text is pronounced, what others added


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """Count columns from 1, by their letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class SheetTable:
    """The cells of a sheet by row number, with what is wrong with some."""

    def __init__(self, book: BookFacts, strings: Sequence[str]) -> None:
        self.rows: dict[int, list[Cell]] = {}
        self.flaws: dict[int, list[Flaw]] = {}
        self.width = 0
        self.hidden_rows = 0
        self.merged: list[str] = []
        self.rendered: set[int] = set()  # columns whose numbers are text, as they are shown
        self.big: list[tuple[int, int]] = []  # row and column of whole numbers beyond 15 digits
        self._book = book
        self._strings = strings
        self._slots = 0

    def take(self, raw: RawCell) -> None:
        """Put a cell in its place.

        Raises:
            ValueError: there is another one already, the sheet is too large, or the cell's text is not there.
        """
        value = value_of(raw, self._book, self._strings)
        if value is None:
            return
        if isinstance(value, Flaw):
            self._note(raw, value)
            return
        row = self.rows.get(raw.row)
        if row is None:
            row = self.rows[raw.row] = []
        missing = raw.column - len(row)
        if missing >= 0:
            self._grow(row, missing, raw.column)
            row.append(value)
        elif row[raw.column] is None and not self._is_flawed(raw):
            row[raw.column] = value
        else:
            raise _twice(raw)
        if raw.kind in {"", "n"}:
            self._look_at(raw, value)

    def _grow(self, row: list[Cell], missing: int, column: int) -> None:
        row.extend([None] * missing)
        self._slots += missing + 1
        self.width = max(self.width, column + 1)
        if self._slots > _MAX_SLOTS or column >= MAX_COLUMNS:
            message = "it has more cells than can be held" if column < MAX_COLUMNS else "it has more columns than Excel"
            raise ValueError(message)

    def _look_at(self, raw: RawCell, value: Cell) -> None:
        if isinstance(value, str) and value != raw.value:
            self.rendered.add(raw.column)
        elif isinstance(value, int) and abs(value) >= EXACT:
            self.big.append((raw.row, raw.column))

    def _is_flawed(self, raw: RawCell) -> bool:
        return any(flaw.column == raw.column for flaw in self.flaws.get(raw.row, ()))

    def _note(self, raw: RawCell, flaw: Flaw) -> None:
        row = self.rows.get(raw.row, [])
        if self._is_flawed(raw) or (raw.column < len(row) and row[raw.column] is not None):
            raise _twice(raw)
        self.flaws.setdefault(raw.row, []).append(flaw)
        self.width = max(self.width, raw.column + 1)

    @property
    def last_row(self) -> int:
        """The last row that holds anything."""
        return max(max(self.rows, default=0), max(self.flaws, default=0))


def _twice(raw: RawCell) -> ValueError:
    return ValueError(f"two cells stand in row {raw.row:,}, column {raw.column + 1}")


class _CellParser:
    """Follows the elements of a sheet, and gives each cell when it ends."""

    def __init__(self, take: Callable[[RawCell], None]) -> None:
        self.hidden_rows = 0
        self.merged: list[str] = []
        self._take = take
        self._row = 0
        self._column = -1
        self._in_data = self._in_cell = self._in_value = self._has_formula = False
        self._skipped = 0
        self._kind = ""
        self._style = 0
        self._parts: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = name if ":" not in name else name.rpartition(":")[2]
        if self._skipped or element in _SKIPPED:
            self._skipped += 1
        elif not self._in_data:
            self._begin_outside(element, attributes)
        elif element == "c":
            self._begin_cell(attributes)
        elif element == "row":
            self._begin_row(attributes)
        elif not self._in_cell:
            return
        elif element in {"v", "t"}:
            self._in_value = True
            self._parts = self._parts or []
        elif element == "f":
            self._has_formula = True

    def _begin_outside(self, element: str, attributes: dict[str, str]) -> None:
        self._in_data = element == "sheetData"
        if element == "mergeCell" and "ref" in attributes:
            self.merged.append(attributes["ref"])

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes.get("r") or self._row + 1)
        if not 1 <= self._row <= MAX_ROWS:
            message = f"it has a row {self._row:,}"
            raise ValueError(message)
        self._column = -1
        self.hidden_rows += attributes.get("hidden") in {"1", "true"}

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r", "")
        if place := _REFERENCE.fullmatch(said):
            self._row, self._column = int(place[2]), column_number(place[1]) - 1
        else:
            self._column += 1
        if (said and not place) or self._row > MAX_ROWS:
            message = f"a cell says that it stands in {shortened(said, 20)}, which is nowhere"
            raise ValueError(message)
        self._kind = attributes.get("t", "")
        style = attributes.get("s", "0")
        self._style = int(style) if style.isdecimal() else 0
        self._in_cell, self._has_formula, self._parts = True, False, None

    def text(self, data: str) -> None:
        if self._in_value and not self._skipped and self._parts is not None:
            self._parts.append(data)

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        element = name if ":" not in name else name.rpartition(":")[2]
        if element in {"v", "t"}:
            self._in_value = False
        elif element == "c" and self._in_cell:
            self._in_cell = False
            value = None if self._parts is None else "".join(self._parts)
            self._take(RawCell(self._row, self._column, self._kind, self._style, value, self._has_formula))
        elif element == "sheetData":
            self._in_data = False


def _parsed(chunks: Iterable[bytes], take: Callable[[RawCell], None]) -> _CellParser:
    cells, parser = _CellParser(take), expat_parser()
    parser.StartElementHandler = cells.start
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.text
    for chunk in chunks:
        parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
    parser.Parse(b"", True)  # noqa: FBT003 - likewise
    return cells


def cell_of(fragment: bytes) -> RawCell:
    """Read the one cell of a piece of plain XML.

    Raises:
        ValueError: it is not one.
        xml.parsers.expat.ExpatError: likewise.
    """
    found = list[RawCell]()
    _parsed([b"<x><sheetData>", fragment, b"</sheetData></x>"], found.append)
    if len(found) != 1:
        message = "a cell is not closed"
        raise ValueError(message)
    return found[0]


def read_table(chunks: Iterable[bytes], book: BookFacts, strings: Sequence[str]) -> SheetTable:
    """Read all cells of a sheet.

    Raises:
        ValueError: the XML has a document type, a row that is no number, or a cell that `SheetTable` cannot take.
        LookupError: it is in an encoding nobody knows.
        xml.parsers.expat.ExpatError: it is no XML.
    """
    table = SheetTable(book, strings)
    cells = _parsed(chunks, table.take)
    table.hidden_rows, table.merged = cells.hidden_rows, cells.merged
    return table
