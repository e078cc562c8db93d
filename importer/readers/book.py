"""The words every spreadsheet format speaks: a book of sheets, and what one of them holds.

A new format is a class with the methods of `Book`, and a line in `books`; what is done with the cells (choice of the
sheet, header, rows, issues) is written once, in `workbook`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from importer.model import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.model import Cell
    from importer.readers.columns import Packed

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Book", "ColumnGrid", "Contents", "Flaw", "Grid", "Tab"]

MAX_ROWS = 1_048_576  # of a sheet in Excel
MAX_COLUMNS = 16_384  # likewise


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet as the user's program shows it, in the order of its tabs."""

    name: str
    is_visible: bool = True


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell that looks empty and is not: an error, a formula nobody has calculated yet, a number shown as no day."""

    column: int  # from 0
    code: Code
    error: str | None = None  # "#N/A"
    value: float | None = None  # the number that it is in spite of the flaw, which then is a warning

    @classmethod
    def no_day(cls, column: int, number: float) -> Flaw:
        """Tell of a number that is formatted as a date or a time, and is none."""
        return cls(column, Code.NOT_A_DATE, str(number), number)


class Grid(Protocol):
    """The values of one sheet; `rows` starts anew at each call, at the sheet's first row and column."""

    @property
    def width(self) -> int:
        """How many columns there are up to the last cell."""
        ...

    @property
    def merged(self) -> tuple[str, ...]:
        """The merged areas, such as "A2:A4"."""
        ...

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Give the rows, None for an empty cell; a row may be shorter than `width`."""
        ...


@runtime_checkable
class ColumnGrid(Grid, Protocol):
    """A grid that can make the cells of many rows at once, which takes half of the time.

    Contract: `columns` and `typed` give of the same `raw` rows the same cells, and `rows` gives no others.
    """

    @property
    def offset(self) -> int:
        """How many columns before the first that a raw row has; all of them are empty."""
        ...

    def raw(self) -> Iterator[Sequence[Any]]:
        """Give the rows as the library has them, all of one width."""
        ...

    def typed(self, number: int, row: Sequence[Any]) -> tuple[Cell, ...]:
        """Make the cells of one raw row of this number, from the sheet's first column on."""
        ...

    def columns(self, numbers: Sequence[int], rows: Sequence[Sequence[Any]]) -> list[Packed]:
        """Make the columns of raw rows of these numbers, at least one, from the sheet's first column on."""
        ...


@dataclass(frozen=True, slots=True)
class Contents:
    """What one sheet holds; positions are those of the sheet, rows from 1."""

    grid: Grid
    flaws: Mapping[int, Sequence[Flaw]] = field(default_factory=dict)  # by row number; their cells are empty in `grid`
    hidden_rows: int = 0
    width: int = 0  # columns, at least: flaws may lie beyond the last value
    notes: tuple[str, ...] = ()  # what else the user should know of this sheet


class Book(Protocol):
    """A workbook in memory, whatever its format.

    Contract: `tabs` are only the sheets that can hold rows, charts and macros left out. `contents` may be called for
    any tab, again as well. What is in the file is in the grid, is a flaw, or is a `SourceError` that names file, sheet,
    cause and what to do; nothing is left out in silence.
    """

    @property
    def tabs(self) -> Sequence[Tab]:
        """List the sheets."""
        ...

    def contents(self, index: int) -> Contents:
        """Read the sheet of `tabs[index]`.

        Raises:
            SourceError: the sheet is damaged, or beyond a limit.
        """
        ...
