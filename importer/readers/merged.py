"""Turns the merged areas around a header row into the names that its empty cells have from them.

Of a merged area only the first cell holds the text. "id" over two rows of a header is the name of its column, and
"Name" across two columns is that of both; a group above a column that has no name of its own is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.model import column_letter, shortened
from importer.readers.header import is_blank_cell
from importer.readers.sheet_table import column_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from importer.model import Cell

__all__ = ["HEADER_HEIGHT", "Area", "areas_around", "header_bottom", "spread_names", "widened"]

HEADER_HEIGHT = 10  # rows that a header may have
_AREA = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7}):\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, order=True, slots=True)
class Area:
    """A merged area; rows count from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letter(self.left)}{self.top}:{column_letter(self.right)}{self.bottom}"


def areas_around(merged: Iterable[str], number: int, height: int = HEADER_HEIGHT) -> list[Area]:
    """List the merged areas that begin in a row, or not far above it, in their order."""
    found = [place for each in merged if (place := _AREA.fullmatch(each))]
    areas = [
        Area(int(top), column_number(a) - 1, int(bottom), column_number(b) - 1)
        for a, top, b, bottom in map(_groups, found)
    ]
    return [area for area in sorted(areas) if number - height < area.top <= number]


def _groups(place: re.Match[str]) -> tuple[str, str, str, str]:
    return place[1], place[2], place[3], place[4]


def widened(rows: Sequence[Sequence[Cell]], merged: Iterable[str], first: int) -> list[Sequence[Cell]]:
    """Give rows, the first of this number, with a text in all columns it is merged over, where it is not the only one."""
    wide = list(rows)
    for area in areas_around(merged, first + len(rows) - 1, len(rows)):
        cells = list(wide[area.top - first])
        if area.left < len(cells) and _has_several(cells):
            cells[area.left : area.right + 1] = [cells[area.left]] * (area.right + 1 - area.left)
            wide[area.top - first] = cells
    return wide


def header_bottom(areas: Sequence[Area], number: int, rows: Mapping[int, Sequence[Cell]]) -> int:
    """Say which row is the last of a header that begins in a row: the lowest that a name of it is merged down to.

    `rows` are those around it, by number. A row that has nothing of its own adds no names.
    """
    names = [area for area in areas if area.top == number and not is_blank_cell(_at(rows, number, area.left))]
    bottom = max((area.bottom for area in names if area.bottom < number + HEADER_HEIGHT), default=number)
    return bottom if not all(map(is_blank_cell, rows.get(bottom, ()))) else number


def spread_names(
    areas: Sequence[Area], number: int, rows: Mapping[int, Sequence[Cell]]
) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """Fill the empty cells of a header row from merged areas; give it with what to say of that.

    A row of one text is a title, whatever its width, and spreads no names.
    """
    cells, notes = list(rows.get(number, ())), list[str]()
    filled = dict[str, list[str]]()
    for area in areas:
        name = _at(rows, area.top, area.left)
        if is_blank_cell(name) or (area.left < area.right and not _has_several(rows.get(area.top, ()))):
            continue
        lacking = [column for column in range(area.left, area.right + 1) if is_blank_cell(_column(cells, column))]
        if area.bottom >= number:
            for column in lacking:
                cells.extend([None] * (column + 1 - len(cells)))
                cells[column] = name
                filled.setdefault(str(area), []).append(column_letter(column))
        elif lacking:
            letters = ", ".join(map(column_letter, lacking[:10]))
            text = shortened(str(name), 40)
            notes.append(f'Above column {letters}, without a name in row {number}, stands "{text}" ({area}).')
    if filled:
        letters = ", ".join(letter for part in filled.values() for letter in part[:10])
        notes.insert(0, f"The column names in {letters} come from merged cells ({', '.join(list(filled)[:10])}).")
    return tuple(cells), tuple(notes)


def _has_several(cells: Sequence[Cell]) -> bool:
    return sum(not is_blank_cell(cell) for cell in cells) > 1


def _at(rows: Mapping[int, Sequence[Cell]], row: int, column: int) -> Cell:
    return _column(rows.get(row, ()), column)


def _column(cells: Sequence[Cell], column: int) -> Cell:
    return cells[column] if column < len(cells) else None
