"""A date as a filter writes it, `today-30d` and its like included -> the span of time it stands for, in UTC.

A day is the span from its first to its last instant, for `eq`, `ne`, `in` and `nin`; the documentation says so of
`today`, and a bare date is read likewise. For what is before or after it, a day is its first instant. Weeks begin on
Monday; `eow` and `eom` are the last second of their last day.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

__all__ = ["Span", "span_of"]

_TODAY = re.compile(r"today(?:\s*([+-])\s*(\d{1,7})d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII)
_DAY = dt.timedelta(days=1)
_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """An instant, or the whole day that begins with it, in UTC and as SQLite's datetime() writes it."""

    start: str
    whole_day: bool = False


def span_of(text: str, now: dt.datetime) -> Span | None:
    """Read a date, a date-time or a special value of a moment in UTC.

    None is what is none of them, or beyond what years there are.
    """
    word = text.strip().lower()
    try:
        return _special(word, now) or _day(word) or _instant(word)
    except (ValueError, OverflowError):
        return None


def _special(word: str, now: dt.datetime) -> Span | None:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if match := _TODAY.fullmatch(word):
        days = int(match[2] or 0)
        return _whole(midnight + dt.timedelta(days=-days if match[1] == "-" else days))
    monday = midnight - midnight.weekday() * _DAY
    first = midnight.replace(day=1)
    special = {
        "now": lambda: now.replace(microsecond=0),
        "sow": lambda: monday,
        "eow": lambda: monday + 7 * _DAY - _SECOND,
        "som": lambda: first,
        "eom": lambda: (first + 31 * _DAY).replace(day=1) - _SECOND,
    }
    return Span(_text(special[word]())) if word in special else None


def _day(word: str) -> Span | None:
    return _whole(dt.datetime.fromisoformat(f"{word}T00:00:00+00:00")) if _DATE.fullmatch(word) else None


def _instant(word: str) -> Span | None:
    if not _TIME.fullmatch(word):
        return None
    moment = dt.datetime.fromisoformat(word.upper().replace(" +", "+").replace(" -", "-").replace(" Z", "Z"))
    return Span(_text(moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)))


def _whole(midnight: dt.datetime) -> Span:
    return Span(_text(midnight), whole_day=True)


def _text(moment: dt.datetime) -> str:
    """Write as SQLite does; a fraction sorts behind the second it belongs to."""
    return moment.replace(tzinfo=None).isoformat(" ")
