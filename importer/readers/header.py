"""Turns the cells of a header row into column names that are never empty and never alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["column_letter", "column_names", "is_blank", "listed", "repeated"]

BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"  # what str.strip() takes for blank
    "\ufeff\u200b\u200c\u200d\u2060\u180e"  # and what looks blank beside it: BOM, zero-width characters
)


def is_blank(text: str) -> bool:
    """Whether nothing can be seen in a text: empty, spaces of any kind, zero-width characters."""
    return not text or not text.strip(BLANKS)


def column_letter(index: int) -> str:
    """Name a column as a spreadsheet does: 0 is A, 25 is Z, 26 is AA."""
    letters, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_names(cells: Sequence[object]) -> tuple[str, ...]:
    """Name the columns after their header cells: stripped, "Column C" for a blank one, "Name [2]" for a second "Name".

    A name the file itself spells out is never given to another column.
    """
    texts = ["" if cell is None else str(cell).strip(BLANKS) for cell in cells]
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
