"""Turns one sheet of a workbook into rows of typed values, from the sheet's first row and column on.

calamine reads, being the fastest by far, and what it would say otherwise is put right from the scan; where it cannot
read, or gives fewer rows than there are, the sheet is read cell by cell. Whatever it raises over a damaged file becomes
a `SourceError`, its panics included, which are no `Exception`.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineSheet, CalamineWorkbook

from importer.errors import SourceError
from importer.readers.book import MAX_COLUMNS
from importer.readers.columns import blank_column, joined, packed, unpacked
from importer.readers.header import column_letter
from importer.readers.number_cell import EXACT
from importer.readers.seam import foreign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from importer.model import Cell
    from importer.readers.book import Grid
    from importer.readers.columns import Packed
    from importer.readers.sheet_scan import Scan

__all__ = ["begin_grid", "open_corrected", "open_grid"]

_AHEAD_BYTES = 4 << 20
_SPARSE, _SPARSE_CELLS = 50, 500_000  # places for each cell, and places at all, from which on most are empty


def open_grid(data: bytes, sheet: str, path: Path) -> Grid:
    """Read one sheet of a workbook of any format by calamine alone.

    Raises:
        SourceError: it cannot.
    """
    return _CalamineGrid.read(data, sheet, path)


def begin_grid(data: bytes, sheet: str, path: Path) -> Callable[[], _CalamineGrid]:
    """Begin to read one sheet by calamine, and give what waits for it; see `open_grid`.

    A large one is read in a thread of its own: calamine lets others run meanwhile, and a scan takes half of its time.
    """
    if len(data) < _AHEAD_BYTES:
        return partial(_CalamineGrid.read, data, sheet, path)
    made: list[_CalamineGrid | BaseException] = []

    def read() -> None:
        try:
            made.append(_CalamineGrid.read(data, sheet, path))
        except BaseException as error:  # noqa: BLE001 - raised again where the grid is asked for
            made.append(error)

    def wait() -> _CalamineGrid:
        thread.join()
        if isinstance(made[0], BaseException):
            raise made[0]
        return made[0]

    thread = threading.Thread(target=read, name="calamine", daemon=True)
    thread.start()
    return wait


def open_corrected(begun: Callable[[], _CalamineGrid], scan: Scan, again: Callable[[], Scan]) -> Grid:
    """Give the values of one sheet of an .xlsx file, by the library if it gives all of them; `again` reads the sheet cell by cell.

    That is done where the library cannot read the sheet, or ends above the last row that the scan has found filled, and
    where a stray cell far out would make it give a row thousands of empty ones.

    Raises:
        SourceError: the sheet cannot be read.
    """
    if scan.table is not None:
        return _TableGrid.of(scan)
    if scan.reaches_far and _is_sparse(scan.last_row * scan.reach, scan):
        return _TableGrid.of(again())
    try:
        grid = begun()
    except SourceError:
        return _TableGrid.of(again())
    is_whole = grid.last_row >= scan.filled_row and grid.width
    if is_whole and not _is_sparse(grid.last_row * grid.width, scan):
        return _ShownGrid(grid, scan.shown) if scan.shown else grid
    return _TableGrid.of(again())


def _is_sparse(places: int, scan: Scan) -> bool:
    return places > max(_SPARSE_CELLS, _SPARSE * scan.cells)


@dataclass(frozen=True, slots=True)
class _CalamineGrid:
    sheet: CalamineSheet
    width: int
    last_row: int
    merged: tuple[str, ...]
    path: Path

    @classmethod
    def read(cls, data: bytes, name: str, path: Path) -> _CalamineGrid:
        with foreign(path), CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheet = book.get_sheet_by_name(name)
            end, ranges = sheet.end, sheet.merged_cell_ranges or []
        merged = tuple(_area(first, last) for first, last in ranges)
        last_row, width = (0, 0) if end is None else (end[0] + 1, end[1] + 1)
        if width > MAX_COLUMNS:
            message = (
                f"{path}: the sheet has {width:,} columns, more columns than Excel has. Delete what is no company."
            )
            raise SourceError(message)
        return cls(sheet, width, last_row, merged, path)

    @property
    def offset(self) -> int:
        start = self.sheet.start
        return 0 if start is None else start[1]  # iter_rows leaves out columns without any cell

    def raw(self) -> Iterator[Sequence[Any]]:
        with foreign(self.path):
            yield from self.sheet.iter_rows()

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        before = (None,) * self.offset
        for row in self.raw():
            yield before + _typed(row)

    def typed(self, _: int, row: Sequence[Any]) -> tuple[Cell, ...]:
        return (None,) * self.offset + _typed(row)

    def columns(self, _: Sequence[int], rows: Sequence[Sequence[Any]]) -> list[Packed]:
        before = [blank_column(len(rows))] * self.offset
        return before + list(map(_column, zip(*rows, strict=True)))


def _area(first: tuple[int, int], last: tuple[int, int]) -> str:
    return f"{column_letter(first[1])}{first[0] + 1}:{column_letter(last[1])}{last[0] + 1}"


_NONE_IF_BLANK: dict[Any, Any] = {"": None}


def _typed(row: Sequence[Any]) -> tuple[Cell, ...]:
    """Make "" None and whole floats integers; written out, because every cell of a workbook goes through here."""
    cells: list[Cell] = list(map(_NONE_IF_BLANK.get, row, row))
    for at, kind in enumerate(map(type, row)):
        if kind is float:
            number = row[at]
            if -EXACT < number < EXACT and number.is_integer():
                cells[at] = int(number)
    return tuple(cells)


def _column(values: Sequence[Any]) -> Packed:
    """Pack what `_typed` makes of values."""
    text = joined(values)
    return packed(_typed(values)) if text is None else text


@dataclass(frozen=True, slots=True)
class _ShownGrid:
    """The library's values, and in place of some what the scan has found shown."""

    grid: _CalamineGrid
    shown: Mapping[int, Mapping[int, Cell]]

    @property
    def width(self) -> int:
        return self.grid.width

    @property
    def merged(self) -> tuple[str, ...]:
        return self.grid.merged

    @property
    def offset(self) -> int:
        return self.grid.offset

    def raw(self) -> Iterator[Sequence[Any]]:
        return self.grid.raw()

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        return map(self.typed, count(1), self.grid.raw())

    def typed(self, number: int, row: Sequence[Any]) -> tuple[Cell, ...]:
        cells = list(self.grid.typed(number, row))
        for column, shown in self.shown.items():
            if number in shown:
                cells.extend([None] * (column + 1 - len(cells)))
                cells[column] = shown[number]
        return tuple(cells)

    def columns(self, numbers: Sequence[int], rows: Sequence[Sequence[Any]]) -> list[Packed]:
        columns = self.grid.columns(numbers, rows)
        for column, shown in self.shown.items():
            if not shown.keys().isdisjoint(numbers):
                columns.extend([blank_column(len(rows))] * (column + 1 - len(columns)))
                columns[column] = packed(list(map(shown.get, numbers, unpacked(columns[column]))))
        return columns


@dataclass(frozen=True, slots=True)
class _TableGrid:
    """The values of a sheet that was read cell by cell."""

    table: Mapping[int, Sequence[Cell]]
    width: int
    merged: tuple[str, ...]

    @classmethod
    def of(cls, scan: Scan) -> _TableGrid:
        return cls(scan.table or {}, scan.width, scan.merged)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        for number in range(1, max(self.table, default=0) + 1):
            yield tuple(self.table.get(number, ()))
