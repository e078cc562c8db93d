"""Turns dates as typed cells, ISO text, European or American text and month names into ISO 8601, YYYY-MM-DD."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from importer.model import Code, Invalid
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["DateOptions", "Order", "date"]

Order: TypeAlias = Literal["dmy", "mdy", "ymd"]


@dataclass(frozen=True, slots=True)
class DateOptions:
    """How a date is read; year-first dates are read the same way under every option."""

    order: Order | None = None  # of text with the year last; None settles only what can be read in one way
    serial: bool = True  # whether a bare number in a *numeric* cell, 20000 to 80000, counts days as Excel does
    drop_time: bool = False  # whether a time of day other than midnight may be dropped; it is refused otherwise


_EPOCH = dt.date(1899, 12, 30)  # day 0 of Excel's 1900 system, as it counts from March 1900 on
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954-10-03 to 2119-01-11
_MIN_YEAR = 1000  # before it a year is a zero date of some program (0001-01-01) or lacks digits
_MAX_CHARACTERS = 60

_TIME = re.compile(
    r"(?:T|,?\s+)(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])\s?([0-9]{1,2})\2\s?([0-9]{4})")
_SHORT = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{1,2}")
_EMPTY = re.compile(r"0+([-/.])0+\1[0-9]+|0+")
_DAY_MONTH_NAME = re.compile(
    r"([0-9]{1,2})(?:\.|st|nd|rd|th|er|e)?[\s-]*(?:of |de )?\s*([^\W\d_]+)\.?[\s,-]*([0-9]{4})", re.IGNORECASE
)
_MONTH_NAME_DAY = re.compile(r"([^\W\d_]+)\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?(?:,\s*|\s+)([0-9]{4})", re.IGNORECASE)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januari januar jänner jän janvier janv",
            "february feb februari februar feber febr février fevrier févr fevr fév fev",
            "march mar maart mrt märz maerz mär mrz mars",
            "april apr avril avr",
            "may mei mai",
            "june jun juni juin",
            "july jul juli juillet juil",
            "august aug augustus août aout",
            "september sep sept septembre",
            "october oct oktober okt octobre",
            "november nov novembre",
            "december dec dezember dez décembre decembre déc",
        ),
        start=1,
    )
    for name in names.split()
}
"""Month names and abbreviations in English, Dutch, German and French; no word stands for two months."""


def date(cell: Cell, options: DateOptions = DateOptions()) -> str | Invalid | None:
    """Write a date as YYYY-MM-DD; two-digit years, impossible dates and "03/04/2021" without an order are refused.

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


def _of_day(day: dt.date, has_time: bool, options: DateOptions) -> str | Invalid:  # noqa: FBT001 - private, named in calls
    if day.year < _MIN_YEAR:
        return _refused(f"the year {day.year} is what some programs write for no date")
    if has_time and not options.drop_time:
        return _refused("it has a time of day, which would be lost", day.isoformat())
    return day.isoformat()


def _of_number(number: float, options: DateOptions) -> str | Invalid:
    if options.serial and _FIRST_SERIAL <= number <= _LAST_SERIAL:
        days = int(number)
        return _of_day(_EPOCH + dt.timedelta(days), number != days, options)
    if 10**7 < number < 10**8 and number == int(number):
        return _of_text(str(int(number)), options)
    return _refused("it is a number, and not one that counts days as Excel does")


def _of_text(words: str, options: DateOptions) -> str | Invalid:
    if len(words) > _MAX_CHARACTERS:
        return _refused(f"it has more than {_MAX_CHARACTERS} characters")
    words, has_time = _without_time(words)
    if _EMPTY.fullmatch(words):
        return _refused("it is what some programs write for no date")
    numbers = _numbers(words, options.order)
    if isinstance(numbers, Invalid):
        return numbers
    try:
        day = dt.date(*numbers)
    except ValueError:
        return _refused("there is no such day")
    return _of_day(day, has_time, options)


def _without_time(words: str) -> tuple[str, bool]:
    """Split a time of day off the end, and say whether it is other than midnight."""
    found = _TIME.search(words)
    if found is None or found.end() != len(words):
        return words, False
    time = re.sub("[^0-9]", "", found["time"])
    if (found["half"] or "").lower().startswith("a") and time.startswith("12"):
        time = time[2:]  # 12:00 AM is midnight
    return words[: found.start()], bool(time.strip("0")) or (found["half"] or "").lower().startswith("p")


def _numbers(words: str, order: Order | None) -> tuple[int, int, int] | Invalid:
    """Read year, month and day."""
    if found := _YEAR_FIRST.fullmatch(words):
        year, month, day = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
        return int(year), int(month), int(day)
    if found := _YEAR_LAST.fullmatch(words):
        return _year_last(int(found[1]), int(found[3]), int(found[4]), order or ("dmy" if found[2] == "." else None))
    if found := _DAY_MONTH_NAME.fullmatch(words):
        return _named(found[3], found[2], found[1])
    if found := _MONTH_NAME_DAY.fullmatch(words):
        return _named(found[3], found[1], found[2])
    if _SHORT.fullmatch(words):
        return _refused("the year has two digits")
    return _refused("the form is not known")


def _named(year: str, name: str, day: str) -> tuple[int, int, int] | Invalid:
    month = _MONTHS.get(name.casefold())
    return _refused(f'"{name}" is no month') if month is None else (int(year), month, int(day))


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
