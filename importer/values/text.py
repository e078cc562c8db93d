"""Turns a cell into the text that is sent for it, and cleans what a spreadsheet leaves around text."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from importer.model import Code, Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.model import Cell

__all__ = [
    "MAX_EXTERNAL_ID",
    "MAX_SPREADSHEET_INTEGER",
    "PlainTexts",
    "are_external_ids",
    "clean",
    "external_id",
    "plain_number",
    "plain_texts",
    "text",
    "unfit",
]

MAX_EXTERNAL_ID = 255  # code points, the limit of the API
_MOST_DIGITS = 10**100  # of a whole number; no id is as long, and Python writes no int of thousands of digits
MAX_SPREADSHEET_INTEGER = 10**15  # from here on a number has 16 digits, and a spreadsheet keeps 15

_BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"  # every character that str.isspace() knows
    "\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"  # zero width, direction marks, byte order mark
    "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols that are drawn as a blank
)
_SHOWN_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")  # printable all the same
_PRINTABLE = bytes(range(ord(" "), 0x7F))  # of ASCII
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# As Excel (1.2E+17), a decimal comma (1,2E+17) or Java (1.2E17) writes a number that did not fit; "5E12" may be a code.
_SCIENTIFIC = re.compile(r"[+-]?(?:[0-9][.,][0-9]+[eE][+-]?[0-9]{1,3}|[0-9][eE]\+[0-9]{1,3})")
_LOST = "a spreadsheet keeps 15 digits, and this number has 16 or more"


def clean(cell: Cell) -> Cell:
    """Trim Unicode blanks, no-break spaces, BOMs and zero-width characters off text; blank text becomes None."""
    return cell.strip(_BLANKS) or None if isinstance(cell, str) else cell


def text(cell: Cell) -> str | Invalid | None:
    """Write a cell as text: text as it stands, trimmed; 42.0 as "42", dates as ISO 8601, booleans as "true" or "false".

    Numbers are written with a point and without an exponent. A date with a time of exactly midnight is a date.
    """
    match clean(cell):
        case None:
            return None
        case str() as words:
            reason = unfit(words)
            return Invalid(Code.NOT_TEXT, reason) if reason else words
        case bool() as truth:
            return "true" if truth else "false"
        case int() | float() as number:
            return plain_number(number)
        case dt.timedelta():
            return Invalid(Code.NOT_TEXT, "it is a duration")
        case instant:
            return _iso(instant)


class PlainTexts(tuple["str | None", ...]):
    """Texts as `text` writes them, none of which needs a closer look; None for a blank."""

    __slots__ = ()


def plain_texts(cells: Sequence[Cell]) -> PlainTexts | None:
    """Write many cells as `text` does, in a tenth of the time; None where one is not plain text or empty.

    Printable is what has no control character, no half of a surrogate pair, and of the blanks the space and the few
    that Unicode takes for letters and symbols.
    """
    if isinstance(cells, PlainTexts):
        return cells
    words = cast("Sequence[str]", cells if None not in cells else ["" if cell is None else cell for cell in cells])
    try:
        together = "".join(words)
    except TypeError:  # quicker than to look at each cell
        return None
    if together.isascii():
        if together.encode().translate(None, _PRINTABLE):  # a fifth of the time that isprintable() takes
            return None
    elif not together.isprintable() or _SHOWN_BLANK.search(together):
        return None
    trimmed = tuple(map(str.strip, words))  # of what str.isspace() knows, the space alone is printable
    return PlainTexts([word or None for word in trimmed] if "" in trimmed else trimmed)


def unfit(words: str) -> str:
    """Say why text cannot be sent as it is; empty where it can. Tabs and line breaks can."""
    if _SURROGATE.search(words):
        return "it has a broken character (half of a surrogate pair)"
    found = _CONTROL.search(words)
    return f"it has the control character U+{ord(found.group()):04X}" if found else ""


def plain_number(number: float) -> str | Invalid:
    """Write a number of a cell as plain digits; a whole one without ".0", a float of 16 or more digits is refused.

    An int has all its digits: a reader gives one of so many only where the file has each of them.
    """
    if isinstance(number, int) and abs(number) < _MOST_DIGITS:
        return str(number)
    if not -math.inf < number < math.inf:  # math.isfinite would choke on an int beyond float
        return Invalid(Code.NOT_TEXT, "it is not a finite number")
    if abs(number) >= MAX_SPREADSHEET_INTEGER:
        return Invalid(Code.DAMAGED_NUMBER, _LOST)
    if number == int(number):
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def external_id(cell: Cell) -> str | Invalid | None:
    """Write a cell as an external_id; what a spreadsheet turned into a date, a truth value or 4.96E+17 is refused."""
    if isinstance(cell, (bool, dt.date, dt.time, dt.timedelta)):
        return Invalid(Code.BAD_EXTERNAL_ID, f"the cell holds {_KIND[type(cell)]}, not a number or text")
    written = text(cell)
    if not isinstance(written, str):
        return written
    if _SCIENTIFIC.fullmatch(written):
        return Invalid(Code.DAMAGED_NUMBER, "it is written in scientific notation")
    reason = _no_identifier(written)
    return Invalid(Code.BAD_EXTERNAL_ID, reason) if reason else written


def are_external_ids(texts: Sequence[str | None]) -> bool:
    """Whether each of these plain texts is surely an external_id as it stands; where not, `external_id` says which."""
    words = [text for text in texts if text is not None]
    doubtful = _MAY_BE_NO_ID.search("\n".join(words))
    return doubtful is None and max(map(len, words), default=0) <= MAX_EXTERNAL_ID


_MAY_BE_NO_ID = re.compile(r"/|[0-9][eE]|^\.", re.MULTILINE)

_KIND = {
    bool: "a truth value",
    dt.date: "a date",
    dt.datetime: "a date",
    dt.time: "a time",
    dt.timedelta: "a duration",
}


def _no_identifier(written: str) -> str:
    if written in {".", ".."}:
        return "it would be lost in the address of the request"
    if "/" in written:
        return 'it has a "/", which splits the address of the request'
    if any(character in written for character in "\t\n\r"):
        return "it has a tab or a line break"
    if len(written) > MAX_EXTERNAL_ID:
        return f"it has {len(written)} characters, and {MAX_EXTERNAL_ID} are allowed"
    return ""


def _iso(instant: dt.date | dt.time) -> str:
    if isinstance(instant, dt.datetime) and instant.time() == dt.time.min:
        return instant.date().isoformat()
    return instant.isoformat()
