"""Turns the cells of a sheet into rows with their issues, one by one or many at once.

A row by itself takes a microsecond for each cell. Nearly all of a sheet's rows need no look at any but their first cell,
and so go column by column from the library to another process; those that do are made by themselves, by the one rule.
"""

from __future__ import annotations

from itertools import compress, islice, repeat
from typing import TYPE_CHECKING, Any, TypeVar

from importer.errors import SourceError
from importer.model import Code, Issue, Location, Row, Severity
from importer.readers.columns import blank_column, packed_rows
from importer.readers.header import is_blank_cell
from importer.readers.not_data import first_signs, why_no_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.model import Cell, SourceInfo
    from importer.readers.batches import Parts
    from importer.readers.book import ColumnGrid, Flaw
    from importer.readers.columns import Packed

T = TypeVar("T")

__all__ = ["SheetBatches", "SheetRows", "filled"]


def filled(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    """Make a row as wide as that."""
    return cells if len(cells) == width else cells[:width] + (None,) * (width - len(cells))


class SheetRows:
    """The rows below a header, from its first cells on; `blank_rows` counts what was passed over."""

    def __init__(self, info: SourceInfo, flaws: Mapping[int, Sequence[Flaw]], header: Sequence[Cell]) -> None:
        self.blank_rows = 0
        self.width = len(info.columns)
        self.flaws = flaws
        self.last_flaw = max(flaws, default=0)
        self._info = info
        self._header = tuple(map(_text, header))  # as it is written
        self.lead = next((at for at, name in enumerate(self._header) if name), 0)
        """The column in which the header begins."""
        self.look_twice = first_signs(self._header[self.lead :] or ("",))
        """What a cell there begins with, in a row that may be no data, or blank."""

    @property
    def begun(self) -> int:
        """The number of the first row below the header."""
        return self._info.header_row + 1

    def below(self, rows: Iterator[T]) -> Iterator[T | tuple[()]]:
        """Give of a sheet's rows those below the header, also those at the end that hold nothing but flaws."""
        number = header = self.begun - 1
        for number, cells in enumerate(islice(rows, header, None), header + 1):  # noqa: B007 - needed below
            yield cells
        yield from repeat((), max(0, self.last_flaw - number))

    def row(self, number: int, cells: tuple[Cell, ...]) -> Row | None:
        """Make a row of the sheet's cells; None for a blank one."""
        if number in self.flaws:
            return self._flawed(number, list(filled(cells, self.width)))
        if all(map(is_blank_cell, cells)):
            self.blank_rows += 1
            return None
        cells = filled(cells, self.width)
        first = cells[self.lead]
        is_odd = first is None or (type(first) is str and first[:1] in self.look_twice)
        return Row(number, cells, self._not_data(number, cells) if is_odd else ())

    def _not_data(self, number: int, cells: Sequence[Cell]) -> tuple[Issue, ...]:
        why = why_no_data([_text(cell) for cell in cells], self._header)
        where = Location(self._info.path, self._info.sheet, number)
        return (Issue.of(Code.NOT_DATA, where, detail=why),) if why else ()

    def _flawed(self, number: int, cells: list[Cell]) -> Row:
        issues = list[Issue]()
        for flaw in self.flaws[number]:
            column = None  # of one far out, which is not read
            if flaw.column < len(cells):
                cells[flaw.column], column = flaw.value, self._info.columns[flaw.column]
            where = Location(self._info.path, self._info.sheet, number, column)
            issues.append(_issue(flaw, where))
        return Row(number, tuple(cells), (*issues, *self._not_data(number, cells)))


class SheetBatches:
    """The rows of a sheet whose library gives many at once, as `Batches`."""

    def __init__(self, grid: ColumnGrid, rows: SheetRows) -> None:
        self.ended = False
        self.error: SourceError | None = None
        self._grid = grid
        self._rows = rows
        self._next = rows.begun
        self._raw = rows.below(grid.raw())

    def take(self, count: int) -> Parts:
        """Give what there is in the next rows; see `Batches`."""
        block: list[Sequence[Any]] = []
        try:
            block.extend(islice(self._raw, count))
        except SourceError as error:
            self.error = error
        self.ended = len(block) < count
        numbers = range(self._next, self._next + len(block))
        self._next = numbers.stop
        return self._at_once(numbers, block) if self._is_even(numbers, block) else self._one_by_one(numbers, block)

    def _is_even(self, numbers: range, block: Sequence[Sequence[Any]]) -> bool:
        """Whether rows have the library's width, the cell that is looked at, and no flaw."""
        if not block or not 0 <= self._rows.lead - self._grid.offset < len(block[-1]):
            return False
        return self._rows.last_flaw < numbers.start or not any(map(self._rows.flaws.__contains__, numbers))

    def _one_by_one(self, numbers: range, block: Sequence[Sequence[Any]]) -> Parts:
        made = map(self._rows.row, numbers, map(self._grid.typed, numbers, block))
        rows = [row for row in made if row is not None]
        issues = {at: row.issues for at, row in enumerate(rows) if row.issues}
        return [row.number for row in rows], packed_rows([row.cells for row in rows]), issues

    def _at_once(self, numbers: Sequence[int], block: Sequence[Sequence[Any]]) -> Parts:
        at, twice = self._rows.lead - self._grid.offset, self._rows.look_twice
        odd = [index for index, row in enumerate(block) if type(row[at]) is str and row[at][:1] in twice]
        looked = {
            index: self._rows.row(numbers[index], self._grid.typed(numbers[index], block[index])) for index in odd
        }
        kept = [looked.get(index, True) is not None for index in range(len(block))]
        if not all(kept):
            numbers, block = list(compress(numbers, kept)), list(compress(block, kept))
        row_issues = {row.number: row.issues for row in looked.values() if row is not None and row.issues}
        issues = (
            {at: row_issues[number] for at, number in enumerate(numbers) if number in row_issues} if row_issues else {}
        )
        return numbers, self._columns(numbers, block) if block else [], issues

    def _columns(self, numbers: Sequence[int], block: Sequence[Sequence[Any]]) -> list[Packed]:
        columns, width = self._grid.columns(numbers, block), self._rows.width
        return columns[:width] + [blank_column(len(block))] * (width - len(columns))


def _issue(flaw: Flaw, where: Location) -> Issue:
    if flaw.value is None:
        return Issue.of(flaw.code, where, value=flaw.error)
    detail = "the cell is formatted as a date or a time, but holds a number that is none, and is read as that number"
    return Issue.of(flaw.code, where, value=flaw.error, detail=detail, severity=Severity.WARNING)


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)
