"""Turns one sheet of a workbook into rows of typed values, from the sheet's first row and column on.

calamine reads, being ten times as fast; openpyxl where calamine cannot, or finds nothing. Whatever either raises over
a damaged file becomes a `SourceError`, calamine's panics included, which are no `Exception`.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.utils.escape import unescape
from python_calamine import CalamineSheet, CalamineWorkbook

from importer.errors import SourceError
from importer.readers.header import column_letter
from importer.readers.seam import foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from importer.model import Cell
    from importer.readers.book import Grid

__all__ = ["open_grid"]

_EXACT = 10**15  # a spreadsheet keeps 15 digits: a whole number beyond is not certain, and stays a float


def open_grid(data: bytes, sheet: str, path: Path) -> Grid:
    """Read one sheet by the first library that can.

    Raises:
        SourceError: neither can.
    """
    try:
        grid = _CalamineGrid.read(data, sheet, path)
    except SourceError:
        return _OpenpyxlGrid.read(data, sheet, path)
    if grid.width:
        return grid
    try:  # an empty sheet, or one in an encoding that calamine passes over
        return _OpenpyxlGrid.read(data, sheet, path)
    except SourceError:
        return grid


@dataclass(frozen=True, slots=True)
class _CalamineGrid:
    sheet: CalamineSheet
    width: int
    merged: tuple[str, ...]
    path: Path

    @classmethod
    def read(cls, data: bytes, name: str, path: Path) -> _CalamineGrid:
        with foreign(path), CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheet = book.get_sheet_by_name(name)
            end, ranges = sheet.end, sheet.merged_cell_ranges or []
        merged = tuple(_area(first, last) for first, last in ranges)
        return cls(sheet, 0 if end is None else end[1] + 1, merged, path)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        with foreign(self.path):
            start = self.sheet.start
            before = (None,) * (0 if start is None else start[1])  # iter_rows leaves out columns without any cell
            for row in self.sheet.iter_rows():
                yield before + _typed(row)


def _area(first: tuple[int, int], last: tuple[int, int]) -> str:
    return f"{column_letter(first[1])}{first[0] + 1}:{column_letter(last[1])}{last[0] + 1}"


def _typed(row: Sequence[Any]) -> tuple[Cell, ...]:
    """Make "" None and whole floats integers; written out, because every cell of a workbook goes through here."""
    return tuple(
        [
            (cell or None)
            if (kind := type(cell)) is str
            else int(cell)
            if kind is float and -_EXACT < cell < _EXACT and cell.is_integer()
            else cell
            for cell in row
        ]
    )


@dataclass(frozen=True, slots=True)
class _OpenpyxlGrid:
    table: tuple[tuple[Cell, ...], ...]
    width: int
    merged: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: bytes, name: str, path: Path) -> _OpenpyxlGrid:
        """Read the whole sheet: this is the second choice, and must neither warn midway nor keep the file open."""
        with foreign(path), warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                sheet = book[name]
                sheet.reset_dimensions()  # what a file says of its size is often wrong
                table = tuple(_without_end(map(_like_calamine, row)) for row in sheet.iter_rows(values_only=True))
            finally:
                book.close()
        return cls(table, max(map(len, table), default=0))

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        return iter(self.table)


def _without_end(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Leave out the empty cells behind the last that is not."""
    row = list(cells)
    while row and row[-1] is None:
        row.pop()
    return tuple(row)


def _like_calamine(cell: Any) -> Cell:  # noqa: ANN401 - a cell of openpyxl's making
    """Give a value of openpyxl the type that calamine gives it."""
    if isinstance(cell, str):
        return unescape(cell) or None
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date()
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        return float(cell)
    (value,) = _typed((cell,))
    return value
