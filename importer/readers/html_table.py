"""Turns the rows and cells of one HTML table into a sheet, spans resolved as the HTML standard does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.readers.book import MAX_COLUMNS
from importer.readers.html_values import Broken, collapsed, shown_text, span, value_of
from importer.readers.markup_sheet import MarkupSheet, Room, SheetDraft, area

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from importer.model import Cell

__all__ = ["BODY", "Table"]

BODY = 1
_MAX_COLSPAN, _MAX_ROWSPAN = 1000, 65_534  # of the HTML standard
_MAX_NAME_CHARS = 60
_STEP = 8  # what a covered place counts: each takes time again in each row
_NOTHING: Mapping[str, str] = {}


@dataclass(slots=True)
class _Group:
    """The rows of a thead, tbody or tfoot; spans do not reach out of it."""

    order: int  # in which a browser shows it: 0 head, 1 body, 2 foot
    is_hidden: bool
    rows: list[list[Cell]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)  # rows, from 0
    broken: list[tuple[int, int, Broken]] = field(default_factory=list)  # row, column
    reach: dict[int, int] = field(default_factory=dict)  # column -> the last row that a cell above it covers
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # row, column, rows, columns


class Table:
    """A table in the making, with the row and the cell that are open in it."""

    def __init__(self, path: Path, number: int, formats: Mapping[str, str], room: Room) -> None:
        self.number = number
        self.is_hidden = False
        self.caption = ""
        self.count = 0  # of cells with a value or a flaw
        self.pieces: list[str] | None = None  # of the cell or the caption that is open
        self.draft = SheetDraft(path, f"table {number}", room)
        self._formats = formats
        self._groups = list[_Group]()
        self._group: _Group | None = None
        self._cells: list[Cell] | None = None  # of the row that is open
        self._attributes = _NOTHING
        self._column = 0
        self._row = 0  # that is open, counted over all groups
        self._tag = ""  # of the cell or the caption that is open

    def begin_group(self, order: int, *, is_hidden: bool = False) -> _Group:
        """Begin a thead, tbody or tfoot; what is open ends."""
        self.end_row()
        if self._groups and not self._groups[-1].rows:
            self._groups.pop()
        self._group = _Group(order, is_hidden)
        self._groups.append(self._group)
        return self._group

    def end_group(self, order: int) -> None:
        """End a thead, tbody or tfoot, if that is what is open: a row that follows begins a body of its own."""
        if self._group is not None and self._group.order == order:
            self.end_row()
            self._group = None

    def begin_row(self, *, is_hidden: bool = False) -> list[Cell]:
        """Begin a row; what is open ends."""
        self.end_row()
        group = self._group or self.begin_group(BODY)
        if is_hidden or group.is_hidden:
            group.hidden.add(len(group.rows))
        self._cells = []
        group.rows.append(self._cells)
        self._column = 0
        self._row += 1
        self.draft.check_place(self._row, 0)
        return self._cells

    def end_row(self) -> None:
        """End the row that is open, if one is."""
        if self.pieces is not None:
            self.end_cell()
        if self._cells is not None:
            self.draft.charge(self._column - len(self._cells))
            self._cells = None

    def begin_cell(self, attributes: Mapping[str, str], tag: str) -> None:
        """Begin a cell; the one that is open ends."""
        if self.pieces is not None:
            self.end_cell()
        if self._cells is None:
            self.begin_row()
        self.pieces = []
        self._tag = tag
        self._attributes = attributes

    def begin_caption(self) -> None:
        """Begin the caption; what is open ends."""
        self.end_row()
        self._group = None
        self.pieces = []
        self._tag = "caption"

    def end_tag(self, tag: str) -> None:
        """End the cell or the caption that is open, if it began with that tag."""
        if tag == self._tag and self.pieces is not None:
            self.end_cell()

    def end_cell(self) -> None:
        """End the cell or the caption that is open, if one is."""
        pieces, self.pieces = self.pieces, None
        if self._tag == "caption":
            self.caption = self.caption or collapsed(shown_text(pieces or ()))[:_MAX_NAME_CHARS]
        elif pieces is not None and self._cells is not None and self._group is not None:
            value = value_of(self._attributes, shown_text(pieces), self._formats)
            self._place(value, self._cells, self._group)

    def _place(self, value: Cell | Broken, cells: list[Cell], group: _Group) -> None:
        row, column = len(group.rows) - 1, self._column
        while group.reach and group.reach.get(column, -1) >= row:
            column += 1
        if column > self._column:
            self.draft.charge(_STEP * (column - self._column))
        self._column = column + 1
        if column >= MAX_COLUMNS:
            self.draft.check_place(self._row, column)
        if self._attributes:
            self._span(row, column, group)
        if value is None:
            return
        self.count += 1
        if isinstance(value, Broken):
            group.broken.append((row, column, value))
            return
        if column > len(cells):
            cells.extend([None] * (column - len(cells)))
        cells.append(self.draft.text(value, self._row, column) if type(value) is str else value)

    def _span(self, row: int, column: int, group: _Group) -> None:
        columns = min(max(span(self._attributes, "colspan"), 1), _MAX_COLSPAN)
        rows = min(span(self._attributes, "rowspan") or _MAX_ROWSPAN, _MAX_ROWSPAN)  # 0: to the end of the group
        self._column = column + columns
        if rows > 1:
            self.draft.charge(columns)
            for covered in range(column, column + columns):
                group.reach[covered] = row + rows - 1
        if rows > 1 or columns > 1:
            group.merged.append((row, column, rows, columns))

    def finished(self, name: str, notes: tuple[str, ...]) -> MarkupSheet:
        """Give the sheet: heads first and feet last, as a browser shows them."""
        merged, first, hidden = list[str](), 1, 0
        for group in sorted(self._groups, key=lambda group: group.order):
            merged.extend(_areas(group, first))
            for row, column, broken in group.broken:
                self.draft.add_flaw(first + row, column, broken.code, broken.error)
            flawed = {row for row, _, _ in group.broken}
            hidden += sum(bool(group.rows[row]) or row in flawed for row in group.hidden)
            for row, cells in enumerate(group.rows):
                self.draft.add_row(first + row, cells)
            first += len(group.rows)
            group.rows.clear()
        rows = self.draft.rows()
        return MarkupSheet(name, not self.is_hidden, rows, tuple(merged), hidden, self.draft.flaws, notes)


def _areas(group: _Group, first: int) -> list[str]:
    """Name the merged areas of a group; its end is theirs."""
    last = len(group.rows) - 1
    return [
        area(first + row, column, first + min(row + rows - 1, last), column + columns - 1)
        for row, column, rows, columns in group.merged
        if columns > 1 or row < last
    ]
