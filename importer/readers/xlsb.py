"""Turns an .xlsb workbook into a book.

An own reader: calamine gives error cells as empty, and loses in silence every text and boolean that is stored without
its column, as some writers do; pyxlsb has had no release since 2022 and gives dates as numbers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.model import Code
from importer.readers.book import MAX_COLUMNS, MAX_ROWS, Contents, Flaw, Tab
from importer.readers.header import column_letter
from importer.readers.number_cell import is_no_day, shown_as, whole
from importer.readers.number_format import GENERAL
from importer.readers.package import Package
from importer.readers.seam import foreign
from importer.readers.xlsb_parts import Index, index_of, records, wide_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from importer.model import Cell
    from importer.readers.book import Book
    from importer.readers.limits import Limits

__all__ = ["open_xlsb"]

_MAX_CELLS = 20_000_000  # with a value, of one sheet: each takes memory
_ROW, _MERGED, _END_OF_ROWS = 0, 176, 146
_ROW_HIDDEN = 0x10
_U32, _I32, _U64, _F64, _AREA = (struct.Struct(code) for code in ("<I", "<i", "<Q", "<d", "<4I"))
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


def open_xlsb(data: bytes, path: Path, limits: Limits) -> Book:
    """Open a binary workbook.

    Raises:
        SourceError: it is damaged, or beyond a limit.
    """
    package = Package(data, path, limits)
    with foreign(path):
        return _XlsbBook(package, index_of(package), path)


class _XlsbBook:
    """A `Book` over the parts of a package."""

    def __init__(self, package: Package, index: Index, path: Path) -> None:
        self._package = package
        self._index = index
        self._path = path
        self.tabs = tuple(Tab(sheet.name, sheet.is_visible) for sheet in index.sheets)

    def contents(self, index: int) -> Contents:
        """Read one sheet; see `Book`."""
        sheet = self._index.sheets[index]
        if not self._package.has(sheet.part):
            message = f'{self._path}: the workbook does not say where its sheet "{sheet.name}" is. Open it in Excel and save it again.'
            raise SourceError(message)
        grid = _XlsbGrid(self._path, sheet.name)
        with foreign(self._path):
            grid.take(b"".join(self._package.chunks(sheet.part)), self._index)
        width = max((flaw.column + 1 for row in grid.flaws.values() for flaw in row), default=0)
        return Contents(grid, grid.flaws, grid.hidden_rows, max(width, grid.width))


@dataclass(slots=True)
class _XlsbGrid:
    """The rows of one sheet that have a value, with their numbers."""

    path: Path
    name: str
    table: list[tuple[int, tuple[Cell, ...]]] = field(default_factory=list)
    width: int = 0
    merged: tuple[str, ...] = ()
    flaws: dict[int, list[Flaw]] = field(default_factory=dict)
    hidden_rows: int = 0

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        done = 0
        for number, cells in self.table:
            yield from repeat((), number - done - 1)
            yield cells
            done = number

    def take(self, data: bytes, index: Index) -> None:
        """Follow the records of a sheet to its end."""
        row, cells = 0, _RowDraft()
        is_hidden = is_over = False
        kept = 0
        for kind, at, _ in records(data):
            if kind in _CELLS and not is_over:
                cells.take(kind, data, at, index)
            elif kind in {_ROW, _END_OF_ROWS}:
                kept += self._end_row(row, cells, is_hidden=is_hidden)
                self._check(row, kept)
                cells, is_over = _RowDraft(), kind == _END_OF_ROWS
                if not is_over:
                    row, is_hidden = _U32.unpack_from(data, at)[0] + 1, bool(data[at + 11] & _ROW_HIDDEN)
            elif kind == _MERGED:
                top, bottom, left, right = _AREA.unpack_from(data, at)
                self.merged += (f"{column_letter(left)}{top + 1}:{column_letter(right)}{bottom + 1}",)
        if not is_over:
            message = f'{self.path}: the sheet "{self.name}" has no end, so rows may be missing. Open it in Excel and save it again.'
            raise SourceError(message)

    def _end_row(self, row: int, draft: _RowDraft, *, is_hidden: bool) -> int:
        if draft.flaws:
            self.flaws[row] = draft.flaws
        if draft.cells:
            self.table.append((row, tuple(draft.cells)))
            self.width = max(self.width, len(draft.cells))
            self.hidden_rows += is_hidden
        return len(draft.cells)

    def _check(self, row: int, kept: int) -> None:
        last = self.table[-2][0] if len(self.table) > 1 else 0
        if (
            row > MAX_ROWS
            or kept > _MAX_CELLS
            or self.width > MAX_COLUMNS
            or (self.table and self.table[-1][0] <= last)
        ):
            message = (
                f'{self.path}: the sheet "{self.name}" is damaged or too large (row {row:,}, {kept:,} cells). '
                "Delete stray cells (Ctrl+End finds the last), or save it as CSV."
            )
            raise SourceError(message)


class _RowDraft:
    """The cells of one row, as far as they have been read."""

    __slots__ = ("_column", "cells", "flaws")

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self.flaws = list[Flaw]()
        self._column = -1

    def take(self, kind: int, data: bytes, at: int, index: Index) -> None:
        """Read a cell; the short kinds stand in the column after the last."""
        if kind in _SHORT:
            column = self._column = self._column + 1
            at -= 4  # as if the column stood before
        else:
            column = self._column = _U32.unpack_from(data, at)[0]
            if column >= MAX_COLUMNS:
                message = f"column {column}"
                raise ValueError(message)
        value = _CELLS[kind](data, at, index)
        if value is None:
            return
        cells, gap = self.cells, column - len(self.cells)
        if gap < 0:
            message = "cells out of order"
            raise ValueError(message)
        if isinstance(value, Flaw):
            self.flaws.append(replace(value, column=column))
            return
        if gap:
            cells.extend([None] * gap)
        cells.append(value)


def _blank(_: bytes, __: int, ___: Index) -> None:
    return None


def _error(data: bytes, at: int, _: Index) -> Flaw:
    return Flaw(0, Code.ERROR_CELL, _ERRORS.get(data[at + 8], f"error {data[at + 8]}"))


def _boolean(data: bytes, at: int, _: Index) -> bool:
    return bool(data[at + 8])


def _text(data: bytes, at: int, _: Index) -> str | None:
    return wide_text(data, at + 8)[0] or None


def _rich_text(data: bytes, at: int, _: Index) -> str | None:
    return wide_text(data, at + 9)[0] or None


def _shared_text(data: bytes, at: int, index: Index) -> str | None:
    return index.texts[_U32.unpack_from(data, at + 8)[0]] or None


def _real(data: bytes, at: int, index: Index) -> Cell | Flaw:
    return _shown(_F64.unpack_from(data, at + 8)[0], data, at, index)


def _packed_number(data: bytes, at: int, index: Index) -> Cell | Flaw:
    """Read an RkNumber (MS-XLSB 2.5.122): 30 bits of a whole number or of a double, perhaps in hundredths."""
    (raw,) = _I32.unpack_from(data, at + 8)
    number = float(raw >> 2) if raw & 2 else _F64.unpack(_U64.pack((raw & 0xFFFFFFFC) << 32))[0]
    return _shown(number / 100 if raw & 1 else number, data, at, index)


def _shown(number: float, data: bytes, at: int, index: Index) -> Cell | Flaw:
    style = int.from_bytes(data[at + 4 : at + 7], "little")
    shape = index.formats[style] if style < len(index.formats) else GENERAL
    shown = shown_as(whole(number), shape, is_1904=index.from_1904)
    return Flaw.no_day(0, shown) if is_no_day(shown, shape) else shown


_CELLS: Mapping[int, Callable[[bytes, int, Index], Cell | Flaw]] = {
    1: _blank,
    2: _packed_number,
    3: _error,
    4: _boolean,
    5: _real,
    6: _text,
    7: _shared_text,
    8: _text,  # a formula's result, as are the next three
    9: _real,
    10: _boolean,
    11: _error,
    12: _blank,  # the short kinds, without their column
    13: _packed_number,
    14: _error,
    15: _boolean,
    16: _real,
    17: _text,
    18: _shared_text,
    62: _rich_text,
}
_SHORT = frozenset(range(12, 19))
