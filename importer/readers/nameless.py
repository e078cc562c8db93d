"""Finds what stands in the columns of a sheet that have no name, so that none of it is passed over in silence.

Such a column is read like the others, as "Column E", up to one that lies far out: what is there is a stray cell, and
room for thousands of empty cells in each row up to it would cost seconds for nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from importer.readers.header import column_letter, is_blank_cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.readers.book import Contents

__all__ = ["Nameless", "nameless"]

FAR = 256  # columns without anything, behind which no more are read
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Nameless:
    """How many columns are read, and the first row of each that has no name and holds something."""

    width: int
    first_rows: Mapping[int, int]  # by column, from 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Say where something stands that no name tells of, and what of it is not read."""
        near = sorted(column for column in self.first_rows if column < self.width)
        far = sorted(column for column in self.first_rows if column >= self.width)
        notes = list[str]()
        if near:
            notes.append(f"Columns without a name hold something: {self._said(near)}.")
        if far:
            notes.append(
                f"Cells far beyond the named columns are not read: {self._said(far)}. If they belong to the table, "
                "give their columns a name and put them beside the others; else delete them."
            )
        return tuple(notes)

    def _said(self, columns: Sequence[int]) -> str:
        said = [f"{column_letter(at)} (first in row {self.first_rows[at]})" for at in columns[:_MOST_NAMED]]
        more = len(columns) - len(said)
        return ", ".join(said) + (f" and {more} more" if more else "")


def nameless(contents: Contents, names: Sequence[object], header_row: int, width: int) -> Nameless:
    """Look below the header at the columns that it has no name for; costs nothing where there is none."""
    named = {at for at, name in enumerate(names) if not is_blank_cell(name)}
    without = [at for at in range(width) if at not in named]
    first = _first_rows(contents, without, header_row) if without else {}
    return Nameless(_kept(sorted(named | set(first)), max(named, default=0), width), first)


def _first_rows(contents: Contents, columns: list[int], header_row: int) -> dict[int, int]:
    found, left = dict[int, int](), columns
    for number, cells in enumerate(islice(contents.grid.rows(), header_row, None), header_row + 1):
        reached = bisect_left(left, len(cells))
        hit = [at for at in left[:reached] if not is_blank_cell(cells[at])]
        if hit:
            found.update(dict.fromkeys(hit, number))
            left = [at for at in left if at not in found]
            if not left:
                break
    for number in sorted(row for row in contents.flaws if row > header_row):
        for flaw in contents.flaws[number]:
            if flaw.column in columns:
                found[flaw.column] = min(number, found.get(flaw.column, number))
    return found


def _kept(held: Sequence[int], last_named: int, width: int) -> int:
    """Count the columns up to the first wide gap beyond the last name."""
    end = last_named + 1
    for at in held[bisect_left(held, end) :]:
        if at - end > FAR:
            return end
        end = at + 1
    return end if width - end > FAR else width
