"""Two cells, before and after a spreadsheet had the file -> whether somebody edited the cell in between.

A spreadsheet that opens a file and saves it writes some cells in another way though nobody touched them. In a workbook
those are few: line ends, digits past the 15th, split seconds, days before March 1900. In a CSV file every cell is read
anew as if it were typed in: 01234 becomes 1234, an id of 18 digits 1.23E+17, a house number 1/2 a day. (LibreOffice
7.4, all of it tried; Excel does the same.) None of it may pass for an edit. A spreadsheet adds no zeros, and what it
writes it writes in one way: a text that has zeros before it, or the form of the old one, was typed by somebody.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING

from importer.report import cell_text

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["Touch", "plain", "touched"]


class Touch(Enum):
    """What became of a cell."""

    NONE = "none"  # it says what it said
    RESPELT = "respelt"  # a spreadsheet has written the text in its own way, and something of it is lost
    EDITED = "edited"


_CUT = re.compile(r"\[cut here: \d+ characters\]\Z")  # what a report writes at the end of a cell too long for Excel
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not in XML; an .ods loses them
_UNWRITABLE = re.compile(r"[\ud800-\udfff\ufffe\uffff]|\\ud[89a-f][0-9a-f]{2}")

_EPOCHS_AGREE = dt.date(1900, 3, 1)  # before it, programs differ on day 1 and on 29 February 1900
_MOST_DIGITS = 400  # before the point, or zeros behind it: more than the largest and the smallest number have
_EXACT_DIGITS = 15  # that a spreadsheet keeps of a number
_SHOWN_DIGITS, _SCIENTIFIC_DIGITS = 9, 6  # that a cell of usual width shows of a fraction, of 1.23457E+17
_SECOND = dt.timedelta(seconds=1)

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")
_AS_WRITTEN = re.compile(r"-?(0|[1-9]\d*)([.,]\d*[1-9])?([eE][-+]\d+)?")  # how a spreadsheet writes a number
_DAY = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?: (\d{1,2}:.*))?")
_CLOCK = re.compile(r"(-?)(\d+):(\d\d)(?::(\d\d(?:[.,]\d+)?))?(?: ([AP])M)?")


def touched(old: Cell, new: Cell, *, as_text: bool) -> Touch:
    """Say whether a cell was edited; `as_text`: it comes from a CSV file, which has no types.

    A blank is no edit of a blank. Numbers, days and times are compared by what they are, texts by what they say.
    """
    if plain(old) == plain(new) or (isinstance(new, str) and (new == cell_text(old) or _CUT.search(new))):
        return Touch.NONE
    if isinstance(old, str):
        return _touched_text(old, new, as_text=as_text)
    return Touch.NONE if old is not None and new is not None and _says_the_same(old, new) else Touch.EDITED


def plain(cell: Cell) -> str:
    """Write a cell in the one way in which its spellings agree."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _touched_text(old: str, new: Cell, *, as_text: bool) -> Touch:
    if isinstance(new, str):
        if _folded(old) == _folded(new):
            return Touch.NONE
        if not as_text:
            return Touch.EDITED
        if old.encode("cp1252", "replace").decode("cp1252") == new:  # saved in an encoding that has not all of it
            return Touch.RESPELT
    return Touch.RESPELT if new is not None and _retyped(old, new) else Touch.EDITED


def _folded(text: str) -> str:
    unescaped = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return _UNSEEN.sub("", _UNWRITABLE.sub("\ufffd", _LINE_ENDS.sub("\n", unescaped)))


def _retyped(old: str, new: Cell) -> bool:
    """Whether a spreadsheet into which `old` is typed has `new` there."""
    shown = cell_text(new)
    if shown.casefold() in {"true", "false"}:
        return shown.casefold() == old.strip().casefold()
    if isinstance(new, (dt.date, dt.time, dt.timedelta)) or _DAY.fullmatch(shown) or _CLOCK.fullmatch(shown):
        return _is_clock_of(old, shown) or _is_day_of(old, shown)
    return _is_number_of(_number(old.strip()), new)


def _says_the_same(old: Cell, new: Cell) -> bool:
    """Whether two cells, of which the first is typed, are one value."""
    if isinstance(old, dt.date):
        return _same_day(old, new)
    if isinstance(old, (dt.time, dt.timedelta)):
        seconds, others = _seconds(old), _seconds(new)
        return seconds is not None and others is not None and abs(seconds - others) < 1
    if isinstance(old, bool) and isinstance(new, str):
        return new.strip().casefold() == cell_text(old).casefold()
    return _is_number_of(_number(old), new)


def _same_day(old: dt.date, new: Cell) -> bool:
    if isinstance(new, str):
        return _is_moment_of(old, new)
    if not isinstance(new, dt.date):
        return False
    before, after = _moment(old), _moment(new)
    if before.tzinfo is not after.tzinfo:  # an offset is typed by somebody, and cannot be compared with none
        return False
    leeway = 2 * dt.timedelta(days=1) if before.date() < _EPOCHS_AGREE else _SECOND
    return abs(before - after) <= leeway


def _is_moment_of(old: dt.date, shown: str) -> bool:
    """Whether a text is the day, and the time if it has one, as a spreadsheet shows it."""
    with suppress(ValueError):
        return _same_day(old, dt.datetime.fromisoformat(shown))
    found = _DAY.fullmatch(shown)
    clock = _seconds(found[5]) if found is not None else None
    minutes_apart = 0.0 if clock is None else abs(clock - _since_midnight(old)) / 60
    return minutes_apart < 1 and _is_day_of(f"{old:%Y-%m-%d}", shown)


def _since_midnight(day: dt.date) -> float:
    moment = _moment(day)
    return (moment - _moment(moment.date())).total_seconds()


def _moment(day: dt.date) -> dt.datetime:
    return day if isinstance(day, dt.datetime) else dt.datetime.combine(day, dt.time())


def _is_day_of(old: str, shown: str) -> bool:
    """Whether a day is made of the numbers of a text, in another form: what has the form of the old was typed."""
    if _form(old) == _form(shown):
        return False
    found = _DAY.match(shown)
    numbers = [int(number) % 100 for number in re.findall(r"\d+", old)]
    if found is None or not numbers or len(old) > 20:
        return False
    parts = [int(found[place]) % 100 for place in (1, 3, 4)]
    return len(numbers) <= 3 and all(numbers.count(number) <= parts.count(number) for number in numbers)


def _form(text: str) -> str:
    return re.sub(r"\d", "0", text)


def _is_clock_of(old: str, shown: str) -> bool:
    before, after = _seconds(old), _seconds(shown)
    return before is not None and after is not None and _form(old) != _form(shown) and abs(before - after) < 1


def _seconds(cell: Cell) -> float | None:
    """Read a time of day or a duration as seconds."""
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds()
    if isinstance(cell, dt.time):
        cell = cell.isoformat()
    found = _CLOCK.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    hours = int(found[2]) % 12 + 12 * (found[5] == "P") if found[5] else int(found[2])
    seconds = hours * 3600 + int(found[3]) * 60 + float((found[4] or "0").replace(",", "."))
    return -seconds if found[1] else seconds


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, (int, float)):  # and True, which is 1
        return Decimal(repr(cell + 0)) if math.isfinite(cell) else None
    if not isinstance(cell, str) or not _NUMBER.fullmatch(cell):
        return None
    with suppress(InvalidOperation):
        number = Decimal(cell.removesuffix("%").replace(",", "."))
        if abs(number.adjusted()) > _MOST_DIGITS:
            return None  # no spreadsheet takes it for a number
        return number / 100 if cell.endswith("%") else number
    return None


def _is_number_of(old: Decimal | None, new: Cell) -> bool:
    """Whether `new` is the number, as far as a spreadsheet keeps and shows its digits."""
    number = _number(new)
    if old is None or number is None or (isinstance(new, str) and not _AS_WRITTEN.fullmatch(new)):
        return False
    digits = len(number.normalize().as_tuple().digits)
    if old == number or (isinstance(new, float) and float(old) == new):
        return True
    if digits > _EXACT_DIGITS and isinstance(new, str):
        return False  # no spreadsheet shows so many
    kept = _EXACT_DIGITS if not isinstance(new, str) else max(digits, _shown_digits(new))
    return abs(old - number) <= Decimal(10) ** (number.adjusted() - kept + 1)


def _shown_digits(new: str) -> int:
    if new.isdecimal():
        return _EXACT_DIGITS
    return _SCIENTIFIC_DIGITS if "e" in new.casefold() else _SHOWN_DIGITS
