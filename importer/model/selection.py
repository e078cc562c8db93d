"""Which rows of a source a command takes up: by their numbers, and no more than so many."""

from __future__ import annotations

import re
from dataclasses import dataclass

from importer.errors import UsageError

__all__ = ["EVERY_ROW", "RowRange", "Selection", "row_ranges"]

_PART = re.compile(r"([0-9]{1,12})(?:\s*-\s*([0-9]{0,12}))?|-\s*([0-9]{1,12})", re.ASCII)
_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"})
_FORM = (
    "Give row numbers as the spreadsheet shows them: `2-100,250`, `250-` for all from 250 on, `-100` for all up to 100."
)
_MOST_PARTS = 1000


@dataclass(frozen=True, slots=True, order=True)
class RowRange:
    """Row numbers from `first` to `last`, both in it; None: to the end."""

    first: int
    last: int | None
    written: str = ""  # as the user wrote it

    def __contains__(self, number: int) -> bool:
        """Whether a row has one of these numbers."""
        return self.first <= number and (self.last is None or number <= self.last)


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that are taken up, of those the first `limit`; nothing said is all of them."""

    rows: tuple[RowRange, ...] = ()
    limit: int | None = None

    def has(self, number: int) -> bool:
        """Whether a row may be taken up by its number."""
        return not self.rows or any(number in part for part in self.rows)


EVERY_ROW = Selection()


def row_ranges(written: str) -> tuple[RowRange, ...]:
    """Read `2-100,250,300-`; UsageError for what is no such list."""
    parts = [part.strip() for part in written.translate(_DASHES).split(",")]
    if len(parts) > _MOST_PARTS:
        message = f"--rows has {len(parts):,} parts, and {_MOST_PARTS:,} are the most. Put rows that are beside each other into one part."
        raise UsageError(message)
    return tuple(_row_range(part, written) for part in parts)


def _row_range(part: str, written: str) -> RowRange:
    found = _PART.fullmatch(part)
    if found is None:
        what = (
            f'"{part}" is no row number, and no range of them' if part else "there is nothing before or behind a comma"
        )
        message = f'--rows "{written}": {what if written.strip() else "no row is named"}. {_FORM}'
        raise UsageError(message)
    from_start = found[3] is not None
    first = 1 if from_start else int(found[1])
    last = found[3] if from_start else found[2] if "-" in part else found[1]
    end = int(last) if last else None
    if first < 1 or end == 0:
        message = (
            f'--rows "{written}": there is no row 0. The first row of a sheet is 1, and mostly the header. {_FORM}'
        )
        raise UsageError(message)
    if end is not None and end < first:
        message = f'--rows "{written}": {part} ends before it begins. Write {end}-{first}.'
        raise UsageError(message)
    return RowRange(first, end, part)
