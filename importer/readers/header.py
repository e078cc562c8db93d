"""Turns the cells of a header row into column names that are never empty and never alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.model import column_letter, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "NO_ROWS",
    "ROWS_BELOW",
    "column_letter",
    "column_names",
    "is_blank",
    "is_blank_cell",
    "listed",
    "repeated",
    "taken_for_names",
]

NO_ROWS = "The file has column names but no rows; was the export filtered or cut off?"

BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"  # what str.strip() takes for blank
    "\ufeff\u200b\u200c\u200d\u2060\u180e"  # and what looks blank beside it: BOM, zero-width characters
)

ROWS_BELOW = 20  # that a header is held against
_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"(?!(?:19|20)[0-9]{2}\Z)[^\w\s]*[0-9][\W\d]*")  # no letter in it, and not a year


def is_blank(text: str) -> bool:
    """Whether nothing can be seen in a text: empty, spaces of any kind, zero-width characters."""
    return not text or not text.strip(BLANKS)


def is_blank_cell(cell: object) -> bool:
    """Whether nothing can be seen in a cell of whatever type."""
    return cell is None or (isinstance(cell, str) and is_blank(cell))


def column_names(cells: Sequence[object]) -> tuple[str, ...]:
    """Name the columns after their header cells: stripped, "Column C" for a blank one, "Name [2]" for a second "Name".

    A name the file itself spells out is never given to another column.
    """
    texts = ["" if cell is None else str(cell).strip(BLANKS + "\0") for cell in cells]
    spelled = [text or f"Column {column_letter(index)}" for index, text in enumerate(texts)]
    taken, names = set(spelled), list[str]()
    seen, last = set[str](), dict[str, int]()
    for name in spelled:
        unique, number = name, last.get(name, 1)
        while unique in seen or (unique != name and unique in taken):
            number += 1
            unique = f"{name} [{number}]"
        last[name] = number
        seen.add(unique)
        names.append(unique)
    return tuple(names)


def repeated(names: Sequence[str]) -> tuple[str, ...]:
    """Say which columns were renamed because an earlier one has the same header."""
    again = [name for name in names if name.endswith("]") and name.rpartition(" [")[0] in names]
    return (f"Headers that stand more than once: the later ones are called {listed(again)}.",) if again else ()


def listed(names: Sequence[str], limit: int = 10) -> str:
    """Quote names for a message; a list that was cut says so."""
    shown = ", ".join(f'"{name}"' for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def taken_for_names(header: Sequence[object], below: Sequence[Sequence[object]]) -> str:
    """Say which cell shows that a row with blank rows above it is no header but data; empty where none does.

    That is a number, or a cell that stands below as well, or one written as all below it are: "K-1" above "K-2". A
    year may be a name. A header that is repeated between the rows shows nothing.
    """
    names = _written(header)
    others = [row for row in map(_written, below) if row != names]
    for place, name in enumerate(names):
        column = [row[place] for row in others if place < len(row) and row[place]]
        if name and (_NUMBER.fullmatch(name) or name in column or _is_one_of(name, column)):
            return shortened(name, 40)
    return ""


def _is_one_of(name: str, column: Sequence[str]) -> bool:
    return bool(column) and bool(_DIGITS.search(name)) and {_shape(name)} == set(map(_shape, column))


def _written(row: Sequence[object]) -> list[str]:
    return ["" if cell is None else str(cell).strip(BLANKS) for cell in row]


def _shape(text: str) -> str:
    return "9" * len(text) if text.isdecimal() else _DIGITS.sub("9", text)
