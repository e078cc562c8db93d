"""Turns an address line into the street's name, and into the house number; both read the same split, or none.

A line without any digit is a street without a number: `street_name` gives it as it stands, `house_number` gives None.
A cell that holds a house number alone is one already: `house_number` gives it, and `street_name` refuses it.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from importer.model import Code, Invalid
from importer.values.address_line import Parts, split
from importer.values.text import clean, text, unfit

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["house_number", "street_name"]


def street_name(cell: Cell, *, country: str | None = None) -> str | Invalid | None:
    """Read the street's name off an address line, without the house number; `country` is its alpha-2 code.

    What is not certain is refused as a whole, and the name is written as in the cell: nothing is added to either part.
    """
    parts = _parts(cell, country)
    if not isinstance(parts, Parts):
        return parts
    return parts.street or Invalid(Code.NOT_SPLIT, "it is a number without a street")


def house_number(cell: Cell, *, country: str | None = None) -> str | Invalid | None:
    """Read the house number off an address line, with all that belongs to it ("12 A-14", "12/3", "12, 2. tv").

    None where the line is a street without any number.
    """
    parts = _parts(cell, country)
    return parts.house or None if isinstance(parts, Parts) else parts


def _parts(cell: Cell, country: str | None) -> Parts | Invalid | None:
    words = clean(cell)
    if words is None:
        return None
    if isinstance(words, (bool, dt.date, dt.time, dt.timedelta)):
        what = (
            "a spreadsheet makes a date of a number such as 1-3" if isinstance(words, dt.date) else "it is no address"
        )
        return Invalid(Code.NOT_SPLIT, f"the cell is not text; {what}")
    line = text(words)
    if not isinstance(line, str):
        return Invalid(Code.NOT_SPLIT, line.detail) if line else None
    reason = unfit(line)
    return Invalid(Code.NOT_SPLIT, reason) if reason else _split(line, country)


@lru_cache(maxsize=4096)
def _split(line: str, country: str | None) -> Parts | Invalid:
    parts = split(line, country.strip().upper() if country else None)
    return parts if isinstance(parts, Parts) else Invalid(Code.NOT_SPLIT, parts)
