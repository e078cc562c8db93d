"""Turns what the XML says of one cell into its value as the spreadsheet shows it, or into what is wrong with it.

A number stays a number unless its format writes it as an id: with its zeros, it is that text. A day that no calendar
has (a negative serial, day 0, 29 February 1900) stays the number it is, and is told. Types: ECMA-376 part 1, 18.18.11.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from importer.model import Code
from importer.readers.book import Flaw
from importer.readers.number_cell import is_no_day, number_of, shown_as
from importer.readers.styles import Styles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.model import Cell

__all__ = ["BookFacts", "RawCell", "unescaped", "value_of"]

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")


class RawCell(NamedTuple):
    """A cell as its XML has it; a tuple, for a sheet that is read cell by cell makes millions."""

    row: int  # from 1
    column: int  # from 0
    kind: str  # the attribute t
    style: int
    value: str | None  # None where there is no element for it
    has_formula: bool = False


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What the cells of a workbook have in common."""

    styles: Styles = field(default_factory=Styles)
    odd_strings: Mapping[int, str] = field(default_factory=dict)  # shared texts that calamine gives otherwise
    is_1904: bool = False


def unescaped(text: str) -> str:
    """Resolve _xHHHH_, by which a workbook writes what XML cannot hold; two halves of a pair become one character."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if _SURROGATE.search(text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def value_of(raw: RawCell, book: BookFacts, strings: Sequence[str] | Mapping[int, str]) -> Cell | Flaw:
    """Give the value of a cell.

    Raises:
        ValueError: the workbook does not have the shared text that the cell names.
    """
    if raw.has_formula and not (raw.value or (raw.value is not None and raw.kind == "str")):
        return Flaw(raw.column, Code.NO_STORED_RESULT)
    if raw.kind == "e":
        return Flaw(raw.column, Code.ERROR_CELL, (raw.value or "")[:100])
    if not raw.value:
        return None
    if raw.kind in {"str", "inlineStr"}:
        return unescaped(raw.value)
    if raw.kind == "s":
        return _shared(raw, strings)
    return _TYPED.get(raw.kind, _number)(raw, book)


def _shared(raw: RawCell, strings: Sequence[str] | Mapping[int, str]) -> Cell:
    try:
        index = int(raw.value or "")
        return (strings[index] if index >= 0 else strings[len(strings)]) or None
    except (IndexError, KeyError, ValueError):
        message = f"the cell in row {raw.row:,} names a text that the workbook does not have"
        raise ValueError(message) from None


def _boolean(raw: RawCell, _: BookFacts) -> Cell:
    return (raw.value or "").strip() not in {"0", "false"}


def _iso(raw: RawCell, _: BookFacts) -> Cell:
    """Read a date as ISO 8601 writes it; Excel shows it as it stands, without regard to a time zone of Z."""
    text = (raw.value or "").strip().removesuffix("Z")
    with suppress(ValueError):
        return dt.date.fromisoformat(text)
    with suppress(ValueError):
        return dt.time.fromisoformat(text)
    with suppress(ValueError):
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return moment if moment.time() != dt.time() else moment.date()
    return raw.value


def _number(raw: RawCell, book: BookFacts) -> Cell | Flaw:
    number = number_of((raw.value or "").strip())
    if number is None:
        return raw.value  # a text that says it is a number
    shape = book.styles.of(raw.style)
    shown = shown_as(number, shape, is_1904=book.is_1904)
    return Flaw.no_day(raw.column, shown) if is_no_day(shown, shape) else shown


_TYPED = {"b": _boolean, "d": _iso}
