"""Turns the rows of a file into a table to guess from: the first rows as columns, and which columns repeat themselves.

Memory is bounded: cells are kept of the first rows alone, and of a few columns that may be keys the values of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from importer.guessing.reading import meaning_of
from importer.guessing.vocabulary import Meaning
from importer.guessing.yaml_text import can_be_written
from importer.model import Invalid, plural
from importer.values.columns import ColumnWatch
from importer.values.text import clean, external_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from importer.guessing.exports import Export
    from importer.model import Cell, Row
    from importer.values.calendar_date import Order

__all__ = ["SAMPLED", "Column", "Keys", "Table", "table_of"]

SAMPLED = 2_000  # rows whose cells are looked at
_KEYS = 8  # columns that are followed through the whole file
_MOST_KEPT = 1_000_000  # values of one column, after which it is taken for free of repeats
_NOT_WRITABLE = Meaning(apart="its name has a broken character, so that no mapping can name it")


@dataclass(frozen=True, slots=True)
class Keys:
    """How good a key a column is, over all rows."""

    rows: int
    blank: int
    repeated: int  # rows with a value that an earlier row has
    unfit: int  # rows whose value cannot be an external_id

    @property
    def good(self) -> float:
        """The share of rows that have a value of their own."""
        return 1.0 if not self.rows else (self.rows - self.blank - self.repeated - self.unfit) / self.rows


@dataclass(frozen=True)
class Column:
    """One column: its header, what that says, and its cells in the sampled rows; None for a blank one."""

    index: int
    name: str
    meaning: Meaning
    cells: tuple[Cell, ...]
    keys: Keys | None = None  # None where the column is no candidate for a key

    @cached_property
    def values(self) -> tuple[Cell, ...]:
        """The cells that are not blank."""
        return tuple(cell for cell in self.cells if cell is not None)

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The different values as text, most frequent first and then in the order of the file."""
        counts: dict[str, int] = {}
        for value in self.values:
            counts[str(value)] = counts.get(str(value), 0) + 1
        return tuple(sorted(counts, key=lambda text: -counts[text]))

    @property
    def filled(self) -> int:
        """How many of the sampled rows have a value."""
        return len(self.values)

    @cached_property
    def _watched(self) -> ColumnWatch:
        watch = ColumnWatch()
        for number, cell in enumerate(self.cells):
            watch.feed(cell, number)
        return watch

    @property
    def date_order(self) -> Order | None:
        """The order that the column's dates prove."""
        return self._watched.facts().date_order

    @property
    def decimal_comma(self) -> bool | None:
        """The decimal separator that the column's numbers prove."""
        return self._watched.facts().decimal_comma


@dataclass(frozen=True, slots=True)
class Table:
    """A file to guess from."""

    columns: tuple[Column, ...]
    rows: int  # that were sampled
    complete: bool  # whether these are all

    def of(self, role: str, *blocks: str) -> tuple[Column, ...]:
        """Give the columns of a role, likeliest first: the first by number, then the fuller, then the usual name.

        A column that is empty in all rows is none of them.
        """
        found = [
            one for one in self.columns if one.meaning.role == role and (not blocks or one.meaning.block in blocks)
        ]
        return tuple(sorted((one for one in found if one.filled or not self.rows), key=self._likeliest))

    def _likeliest(self, column: Column) -> tuple[int, int, int, int]:
        fullness = 10 * column.filled // self.rows if self.rows else 0
        return column.meaning.number, -fullness, column.meaning.rank, column.index

    def share(self, column: Column) -> str:
        """Say in how many rows a column has something."""
        if not self.rows:
            return "no rows to look at"
        return f"{column.filled:,} of {'' if self.complete else 'the first '}{plural(self.rows, 'row')}"


def table_of(names: Sequence[str], rows: Iterable[Row], export: Export | None) -> Table:
    """Read the rows through once; the cells of the first ones are kept."""
    following = iter(rows)
    first = [row.cells for row in islice(following, SAMPLED)]
    columns = [
        Column(index, name, _meaning(name, export), tuple(clean(cells[index]) for cells in first))
        for index, name in enumerate(names)
    ]
    followed = {column.index: _Followed(column.cells) for column in _possible_keys(columns)}
    complete = True
    for row in following:
        complete = False
        for index, watched in followed.items():
            watched.feed(row.cells[index])
    keyed = (replace(one, keys=followed[one.index].keys) if one.index in followed else one for one in columns)
    return Table(tuple(keyed), len(first), complete)


def _meaning(name: str, export: Export | None) -> Meaning:
    return meaning_of(name, export) if can_be_written(name) else _NOT_WRITABLE


def _possible_keys(columns: Sequence[Column]) -> Iterator[Column]:
    """Choose the columns to follow: those named like a key, then those that hardly repeat themselves."""
    named = [one for one in columns if one.meaning.role == "external_id"]
    unique = [one for one in columns if one not in named and len(one.distinct) >= 0.9 * max(len(one.cells), 1)]
    yield from [*named, *sorted(unique, key=lambda one: -len(one.distinct))][:_KEYS]


class _Followed:
    """One column on its way through the file."""

    __slots__ = ("_blank", "_repeated", "_rows", "_seen", "_unfit")

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._rows = self._blank = self._repeated = self._unfit = 0
        self._seen: set[int] = set()
        for cell in cells:
            self.feed(cell)

    def feed(self, cell: Cell) -> None:
        self._rows += 1
        value = external_id(cell)
        if value is None:
            self._blank += 1
        elif isinstance(value, Invalid):
            self._unfit += 1
        elif (mark := hash(value)) in self._seen:
            self._repeated += 1
        elif len(self._seen) < _MOST_KEPT:
            self._seen.add(mark)

    @property
    def keys(self) -> Keys:
        return Keys(self._rows, self._blank, self._repeated, self._unfit)
