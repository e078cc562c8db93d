"""Turns a date with a time of day into ISO 8601: in UTC where the time zone is known, as written where it is not.

Kanbert's own instants read 2019-08-24T14:15:22Z, and a server that keeps the clock's digits and drops the zone (as
Laravel's models do) then keeps the right ones. A time without a zone gets none: nothing is claimed that nobody said.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from importer.model import Code, Invalid
from importer.values.calendar_date import EPOCH, FIRST_SERIAL, LAST_SERIAL, MIN_YEAR, DateOptions, Order, day_of
from importer.values.clock_time import ClockTime, Impossible, part_time
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["DateTimeOptions", "date_time"]

_MAX_CHARACTERS = 80
_DAY_MS = 86_400_000  # milliseconds of a day; a spreadsheet's number holds no finer time


@dataclass(frozen=True, slots=True)
class DateTimeOptions:
    """How a date with a time is read."""

    order: Order | None = None  # as in DateOptions
    two_digit_from: int | None = None  # as in DateOptions
    time_zone: str | None = None  # the name of the zone (Europe/Amsterdam) in which times without one are meant


def date_time(cell: Cell, *, options: DateTimeOptions = DateTimeOptions()) -> str | Invalid | None:
    """Write an instant as 2021-03-04T09:20:00Z, or 2021-03-04T10:20:00 where no time zone is written or declared.

    A date without a time of day is refused, and so is a time that the clock of `time_zone` showed twice or never.
    """
    match clean(cell):
        case None:
            return None
        case dt.datetime() as instant:
            return _of_instant(instant, options)
        case dt.date() as day:
            return _no_time(day)
        case str() as words:
            return _of_text(words, options)
        case float() | int() as number if not isinstance(number, bool) and FIRST_SERIAL <= number <= LAST_SERIAL:
            return _of_serial(number, options)
        case _:
            return _refused("the cell holds something else")


def _refused(detail: str, *suggestions: str) -> Invalid:
    return Invalid(Code.NOT_A_DATETIME, detail, suggestions)


def _no_time(day: dt.date) -> Invalid:
    return _refused("it has no time of day; use `as: date`", f"{day.isoformat()}T00:00:00")


def _of_instant(instant: dt.datetime, options: DateTimeOptions) -> str | Invalid:
    fraction = f"{instant.microsecond:06}".rstrip("0") if instant.microsecond else ""
    bare = instant.replace(tzinfo=None, microsecond=0)
    offset = instant.utcoffset()
    return _in_zone(bare, fraction, options) if offset is None else _in_utc(bare, fraction, offset)


def _of_serial(number: float, options: DateTimeOptions) -> str | Invalid:
    """Count days as Excel does; its fraction of a day is rounded to the millisecond."""
    days, milliseconds = divmod(round(number * _DAY_MS), _DAY_MS)
    day = EPOCH + dt.timedelta(days)
    if not milliseconds:
        return _no_time(day)
    midnight = dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a spreadsheet has no time zone
    return _of_instant(midnight + dt.timedelta(milliseconds=milliseconds), options)


def _of_text(words: str, options: DateTimeOptions) -> str | Invalid:
    if len(words) > _MAX_CHARACTERS:
        return _refused(f"it has more than {_MAX_CHARACTERS} characters")
    day_words, time = part_time(words)
    if isinstance(time, Impossible):
        return _refused("there is no such time of day")
    day = day_of(day_words, DateOptions(order=options.order, two_digit_from=options.two_digit_from))
    if isinstance(day, Invalid):
        return _refused(day.detail, *day.suggestions)
    return _no_time(day) if time is None else _of_parts(day, time, options)


def _of_parts(day: dt.date, time: ClockTime, options: DateTimeOptions) -> str | Invalid:
    bare = dt.datetime(day.year, day.month, day.day, time.hour, time.minute, time.second)  # noqa: DTZ001 - as written
    if time.offset is None:
        return _in_zone(bare, time.fraction, options)
    return _in_utc(bare, time.fraction, dt.timedelta(minutes=time.offset))


def _in_zone(bare: dt.datetime, fraction: str, options: DateTimeOptions) -> str | Invalid:
    """Take a time without a zone for one of the declared zone, where that is one instant."""
    if bare.year < MIN_YEAR:
        return _refused(f"the year {bare.year} is what some programs write for no date")
    if options.time_zone is None:
        return _written(bare, fraction, "")
    try:
        zone = ZoneInfo(options.time_zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder's name is an OSError
        return _refused(f'"{options.time_zone[:40]}" is the name of no time zone')
    offsets = [bare.replace(tzinfo=zone, fold=fold).utcoffset() or dt.timedelta() for fold in (0, 1)]
    if offsets[0] != offsets[1]:
        readings = [_in_utc(bare, fraction, offset) for offset in offsets]
        suggestions = [reading for reading in readings if isinstance(reading, str)]
        return _refused(f"the clock of {options.time_zone} showed this time twice, or never", *suggestions)
    return _in_utc(bare, fraction, offsets[0])


def _in_utc(bare: dt.datetime, fraction: str, offset: dt.timedelta) -> str | Invalid:
    try:
        instant = bare - offset
    except OverflowError:
        return _refused("it is beyond the calendar")
    if instant.year < MIN_YEAR:
        return _refused(f"the year {instant.year} is what some programs write for no date")
    return _written(instant, fraction, "Z")


def _written(instant: dt.datetime, fraction: str, zone: str) -> str:
    return f"{instant.isoformat()}.{fraction}{zone}" if fraction else f"{instant.isoformat()}{zone}"
