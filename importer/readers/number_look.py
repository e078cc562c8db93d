"""Turns a number and its number format into what the user sees, where that is another value: zeros, dates, times."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["is_elapsed", "seen"]

_MAX_FORMAT_CHARS = 255  # Excel's limit
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_ZEROS = re.compile(r'(?:"[^"]*"|\\.|[ \-/().]|0)*')
# Excel 2003's own names of formats
_NAMED_DATES = frozenset(
    f"{length} {kind}" for length in ("general", "long", "medium", "short") for kind in ("date", "time")
)
_NAMED_NUMBERS = frozenset(
    {"general", "general number", "currency", "euro currency", "fixed", "standard", "percent", "scientific"}
    | {"yes/no", "true/false", "on/off"}
)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE_LETTERS = re.compile("[dmyhs]", re.IGNORECASE)
_EXACT = 10**15  # digits beyond are not certain
_DAY_SECONDS = 86_400
_LAST_SERIAL = 2_958_466  # 1 January 10000
_BEFORE_LEAP, _AFTER_LEAP = dt.datetime(1899, 12, 31), dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone


def seen(number: float, number_format: str, *, from_1904: bool = False) -> Cell:
    """Give the value that the user sees, or the number itself where the format only decorates it.

    "00000" makes 1234 the text "01234", also with characters between ("00-000"); a format with days, months, years,
    hours or seconds makes a date or a time. Half a unit is rounded up, as a spreadsheet does.
    """
    look = _look(number_format[:_MAX_FORMAT_CHARS])
    if look == "zeros" and 0 <= number < _EXACT:
        return _with_zeros(number, number_format)
    if look in {"date", "elapsed"}:
        value = _moment(number, elapsed=look == "elapsed", from_1904=from_1904)
        return number if value is None else value
    return number


def is_elapsed(number_format: str) -> bool:
    """Whether a format shows a length of time, "[h]:mm"."""
    return _look(number_format[:_MAX_FORMAT_CHARS]) == "elapsed"


@lru_cache(maxsize=1024)
def _look(number_format: str) -> str:
    section = _first_section(number_format)
    if _ZEROS.fullmatch(section):
        return "zeros" if "." not in _LITERAL.sub("", section) and _LITERAL.sub("", section).count("0") > 1 else ""
    bare = _LITERAL.sub("", section)
    if _ELAPSED.search(bare):
        return "elapsed"
    bare = _BRACKETS.sub("", bare).strip().lower()
    return "date" if bare in _NAMED_DATES or (bare not in _NAMED_NUMBERS and _is_date_letters(bare)) else ""


def _is_date_letters(bare: str) -> bool:
    letters = re.sub("am/pm|a/p|e[+-]", "", bare, flags=re.IGNORECASE)
    return bool(_DATE_LETTERS.search(letters)) and not re.search("[0#?]", letters.partition(".")[0])


def _first_section(number_format: str) -> str:
    """Cut a format at the first semicolon that is no literal."""
    masked = _LITERAL.sub(lambda found: "x" * len(found[0]), number_format)
    end = masked.find(";")
    return number_format if end < 0 else number_format[:end]


def _with_zeros(number: float, number_format: str) -> str:
    """Put the digits into the zeros from the right; what is left over goes before the first."""
    pattern = _tokens(_first_section(number_format))
    zeros = pattern.count(None)
    whole = int(Decimal(repr(number)).quantize(Decimal(1), ROUND_HALF_UP))
    digits = str(whole).zfill(zeros)
    head, rest = digits[: len(digits) - zeros], iter(digits[len(digits) - zeros :])
    parts = list[str]()
    for token in pattern:
        parts.append(token if token is not None else head + next(rest))
        if token is None:
            head = ""
    return "".join(parts)


def _tokens(section: str) -> list[str | None]:
    """Split a format of zeros: None for a zero, else the character that is shown."""
    tokens, place = list[str | None](), 0
    while place < len(section):
        literal = _LITERAL.match(section, place)
        if literal:
            tokens.append(literal[1] or literal[2] or "")
            place = literal.end()
        else:
            tokens.append(None if section[place] == "0" else section[place])
            place += 1
    return tokens


def _moment(serial: float, *, elapsed: bool, from_1904: bool) -> Cell:
    """Turn a serial number into a moment: 1 is 1 January 1900, and 60 the 29 February that never was."""
    if not 0 <= serial < _LAST_SERIAL:
        return None
    seconds = dt.timedelta(milliseconds=round(serial * _DAY_SECONDS * 1000))
    if elapsed:
        return seconds
    if serial < 1:
        return (_BEFORE_LEAP + seconds).time()
    if from_1904:
        moment = dt.datetime(1904, 1, 1) + seconds  # noqa: DTZ001 - a cell has no zone
    else:
        moment = (_BEFORE_LEAP if serial < 60 else _AFTER_LEAP) + seconds
    return moment.date() if moment.time() == dt.time() else moment
