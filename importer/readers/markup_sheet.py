"""Turns the cells that a marked-up file places one by one into sheets of rows, within the bounds of a spreadsheet.

What the two markup formats share, Excel-2003 XML and HTML tables: places are checked, gaps cost nothing, and a text
that stands in many cells is kept once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.model import Cell
from importer.readers.book import MAX_COLUMNS, MAX_ROWS, Flaw
from importer.readers.header import column_letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from importer.model import Code

__all__ = ["MarkupSheet", "Room", "SheetDraft", "area"]

_MAX_PLACES = 20_000_000  # of one file: each row up to its last cell; eight bytes each, beside the values
_MAX_CELL_CHARS = 1 << 20  # Excel keeps 32,767; a longer one is a broken file, or somebody's trick
_SHARED_TEXTS = 1 << 16
_SHARED_CHARS = 64


@dataclass(frozen=True, slots=True)
class MarkupSheet:
    """One sheet of a marked-up file, or one table of a web page."""

    name: str
    is_visible: bool
    rows: list[tuple[Cell, ...]]  # from A1 on; None for an empty cell, () for a row that is left out
    merged: tuple[str, ...]  # "A2:A4"
    hidden_rows: int
    flaws: Mapping[int, Sequence[Flaw]]  # by row number, from 1; each row is among `rows`
    notes: tuple[str, ...] = ()  # what the user should know of how the file was read


def area(row: int, column: int, last_row: int, last_column: int) -> str:
    """Name an area: rows count from 1, columns from 0."""
    return f"{column_letter(column)}{row}:{column_letter(last_column)}{last_row}"


@dataclass(slots=True)
class Room:
    """How many places the sheets of one file have taken."""

    taken: int = 0


class SheetDraft:
    """A sheet in the making; rows arrive from top to bottom, cells from left to right."""

    def __init__(self, path: Path, place: str, room: Room) -> None:
        """Begin a sheet, `place` being its name in messages, and `room` that of the file."""
        self._room = room
        self.flaws = dict[int, list[Flaw]]()
        self._path = path
        self._place = place
        self._rows = list[tuple[Cell, ...]]()
        self._shared = dict[str, str]()

    def refusal(self, cause: str, *, row: int = 0, column: int = -1) -> SourceError:
        """Make the error that stops reading at a place; `cause` ends with what to do."""
        where = f", cell {column_letter(column)}{row}" if column >= 0 and row else f", row {row:,}" if row else ""
        return SourceError(f"{self._path}, {self._place}{where}: {cause}")

    def check_place(self, row: int, column: int) -> None:
        """See that a place lies in a sheet of Excel.

        Raises:
            SourceError: it does not.
        """
        if row > MAX_ROWS or column >= MAX_COLUMNS:
            message = (
                f"a cell in row {row:,} and column {column + 1:,} lies outside a sheet ({MAX_ROWS:,} rows, "
                f"{MAX_COLUMNS:,} columns), so the file is damaged. Export it again, as .xlsx or CSV."
            )
            raise self.refusal(message)

    def text(self, text: str, row: int, column: int) -> str | None:
        """Bound a cell's text and give one object for all that are alike; None for an empty one."""
        if len(text) > _SHARED_CHARS:
            if len(text) > _MAX_CELL_CHARS:
                message = f"the cell has {len(text):,} characters, more than {_MAX_CELL_CHARS:,}. Shorten it."
                raise self.refusal(message, row=row, column=column)
            return text
        if len(self._shared) < _SHARED_TEXTS:
            return self._shared.setdefault(text, text) or None
        return self._shared.get(text, text) or None

    def add_flaw(self, row: int, column: int, code: Code, error: str | None = None) -> None:
        """Note a cell that looks empty and is not."""
        self.flaws.setdefault(row, []).append(Flaw(column, code, error))

    def add_row(self, number: int, cells: list[Cell]) -> None:
        """Take a row below those taken before; empty cells at its end are left out, and empty rows cost nothing."""
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            self._fill_up(number - 1)
            self._rows.append(tuple(cells))
            self.charge(len(cells))

    def charge(self, places: int) -> None:
        """Count places that are taken.

        Raises:
            SourceError: they are more than any list of companies needs.
        """
        self._room.taken += places
        if self._room.taken > _MAX_PLACES:
            message = (
                f"the file has more than {_MAX_PLACES:,} cells up to here. Delete what is not needed (stray cells far "
                "right count too), or split the file."
            )
            raise self.refusal(message)

    def _fill_up(self, count: int) -> None:
        missing = count - len(self._rows)
        if missing > 0:
            self._rows.extend([()] * missing)

    def rows(self) -> list[tuple[Cell, ...]]:
        """Give the rows, down to the last one that has a value or a flaw."""
        self._fill_up(max(self.flaws, default=0))
        return self._rows
