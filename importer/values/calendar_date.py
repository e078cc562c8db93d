"""Turns dates as typed cells, ISO text, European or American text and month names into ISO 8601, YYYY-MM-DD."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from importer.model import Code, Invalid
from importer.values.clock_time import Impossible, part_time
from importer.values.month_names import month_number
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["EPOCH", "FIRST_SERIAL", "LAST_SERIAL", "MIN_YEAR", "DateOptions", "Order", "date", "day_of"]

Order: TypeAlias = Literal["dmy", "mdy", "ymd"]


@dataclass(frozen=True, slots=True)
class DateOptions:
    """How a date is read; year-first dates are read the same way under every option."""

    order: Order | None = None  # of text with the year last; None settles only what can be read in one way
    serial: bool = True  # whether a bare number in a *numeric* cell, 20000 to 80000, counts days as Excel does
    two_digit_from: int | None = None  # years of two digits lie in the hundred years from this one; None refuses them
    drop_time: bool = False  # whether a time of day other than midnight may be dropped; it is refused otherwise


EPOCH = dt.date(1899, 12, 30)  # day 0 of Excel's 1900 system, as it counts from March 1900 on
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000  # 1954-10-03 to 2119-01-11
MIN_YEAR = 1000  # before it a year is a zero date of some program (0001-01-01) or lacks digits
_MAX_CHARACTERS = 60

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])\s?([0-9]{1,2})\2\s?([0-9]{4})")
_SHORT = re.compile(r"([0-9]{1,2})([-/.])\s?([0-9]{1,2})\2\s?([0-9]{1,2})")
_EMPTY = re.compile(r"0+([-/.])0+\1[0-9]+|0+")
_DAY_MONTH_NAME = re.compile(
    r"(?:(?:the|den|le|el|il|am)\s+)?([0-9]{1,2})(?:\.|º|°|st|nd|rd|th|er|e)?[\s-]*(?:of |de )?\s*([^\W\d_]+)\.?"
    r"(?:\s+del?\s+|[\s,-]*)([0-9]{4}|[0-9]{2})",
    re.IGNORECASE,
)
_MONTH_NAME_DAY = re.compile(
    r"([^\W\d_]+)\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?(?:,\s*|\s+)([0-9]{4}|[0-9]{2})", re.IGNORECASE
)


def date(cell: Cell, options: DateOptions = DateOptions()) -> str | Invalid | None:
    """Write a date as YYYY-MM-DD; impossible dates, and two-digit years and "03/04/2021" undeclared, are refused.

    Text with points is day first (31.12.2021) unless `order` says otherwise, and text against `order` is refused.
    """
    match clean(cell):
        case None:
            return None
        case dt.datetime() as instant:
            return _of_day(instant.date(), instant.timetz().replace(tzinfo=None) != dt.time.min, options)
        case dt.date() as day:
            return _of_day(day, has_time=False, options=options)
        case str() as words:
            return _of_text(words, options)
        case bool() | dt.time() | dt.timedelta():
            return _refused("the cell holds something else")
        case number:
            return _of_number(number, options)


def _refused(detail: str, *suggestions: str) -> Invalid:
    return Invalid(Code.NOT_A_DATE, detail, suggestions)


def _no_date(year: int) -> str:
    return f"the year {year} is what some programs write for no date"


def _of_day(day: dt.date, has_time: bool, options: DateOptions) -> str | Invalid:  # noqa: FBT001 - private, named in calls
    if day.year < MIN_YEAR:
        return _refused(_no_date(day.year))
    if has_time and not options.drop_time:
        return _refused("it has a time of day, which would be lost", day.isoformat())
    return day.isoformat()


def _of_number(number: float, options: DateOptions) -> str | Invalid:
    if options.serial and FIRST_SERIAL <= number <= LAST_SERIAL:
        days = int(number)
        return _of_day(EPOCH + dt.timedelta(days), number != days, options)
    if 10**7 < number < 10**8 and number == int(number):
        return _of_text(str(int(number)), options)
    return _refused("it is a number, and not one that counts days as Excel does")


def _of_text(words: str, options: DateOptions) -> str | Invalid:
    day_words, time = part_time(words)
    if isinstance(time, Impossible):
        return _refused("there is no such time of day")
    day = day_of(day_words, options)
    if isinstance(day, Invalid):
        return day
    return _of_day(day, time is not None and not time.is_midnight, options)


def day_of(words: str, options: DateOptions) -> dt.date | Invalid:
    """Read the day that text without a time of day stands for."""
    if len(words) > _MAX_CHARACTERS:
        return _refused(f"it has more than {_MAX_CHARACTERS} characters")
    words = unicodedata.normalize("NFC", words)
    if _EMPTY.fullmatch(words):
        return _refused("it is what some programs write for no date")
    numbers = _numbers(words, options)
    if isinstance(numbers, Invalid):
        return numbers
    day = _day(*numbers)
    if day is None:
        return _refused("there is no such day")
    return _refused(_no_date(day.year)) if day.year < MIN_YEAR else day


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _numbers(words: str, options: DateOptions) -> tuple[int, int, int] | Invalid:
    """Read year, month and day."""
    if found := _YEAR_FIRST.fullmatch(words):
        year, month, day = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
        return int(year), int(month), int(day)
    if found := _YEAR_LAST.fullmatch(words):
        order = options.order or ("dmy" if found[2] == "." else None)
        return _year_last(int(found[1]), int(found[3]), int(found[4]), order)
    if found := _DAY_MONTH_NAME.fullmatch(words):
        return _named(found[3], found[2], found[1], options)
    if found := _MONTH_NAME_DAY.fullmatch(words):
        return _named(found[3], found[1], found[2], options)
    if found := _SHORT.fullmatch(words):
        return _short((found[1], found[3], found[4]), options.order or ("dmy" if found[2] == "." else None), options)
    return _refused("the form is not known")


def _named(year: str, name: str, day: str, options: DateOptions) -> tuple[int, int, int] | Invalid:
    month = month_number(name)
    if month is None:
        return _refused(f'"{name}" is no month')
    full = int(year) if len(year) == 4 else _full_year(year, options)
    return full if isinstance(full, Invalid) else (full, month, int(day))


def _full_year(year: str, options: DateOptions) -> int | Invalid:
    """Put a year of two digits into the hundred years that are declared."""
    first = options.two_digit_from
    if first is None or len(year) != 2:
        return _refused("the year has two digits" if len(year) == 2 else "the year has one digit")
    return first + (int(year) - first) % 100


def _short(parts: tuple[str, str, str], order: Order | None, options: DateOptions) -> tuple[int, int, int] | Invalid:
    """Read a date whose year has two digits; without an order only what is a date in one order alone."""
    readings: dict[dt.date, None] = {}
    for one in ("dmy", "mdy", "ymd") if order is None else (order,):
        year, month, day = (parts[one.index(letter)] for letter in "ymd")
        full = _full_year(year, options)
        if isinstance(full, Invalid):
            return full
        if found := _day(full, int(month), int(day)):
            readings[found] = None
    match [*readings]:
        case [only]:
            return only.year, only.month, only.day
        case []:
            return _refused("there is no such day")
        case several:
            return _refused("day, month and year may stand in several orders", *(day.isoformat() for day in several))


def _year_last(first: int, second: int, year: int, order: Order | None) -> tuple[int, int, int] | Invalid:
    match order:
        case "dmy":
            return year, second, first
        case "mdy":
            return year, first, second
        case "ymd":
            return _refused("the order is declared to be year, month, day")
        case None if first == second or second > 12:
            return year, first, second
        case None if first > 12:
            return year, second, first
        case _:
            readings = (f"{year:04}-{second:02}-{first:02}", f"{year:04}-{first:02}-{second:02}")
            return Invalid(Code.NOT_A_DATE, "day and month may be either way round; declare the `order`", readings)
