"""Parts the time of day off the end of a text: "4.3.2021 10:20 PM" is "4.3.2021" and 22:20."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ClockTime", "Impossible", "part_time"]

_TIME = re.compile(
    r"(?<=\S)(?:T|,?\s+(?:at\s+|um\s+|om\s+|à\s+|kl\.?\s*)?)"
    r"(?P<hour>[0-9]{1,2})(?:(?P<mark>[:.])(?P<minute>[0-9]{2})(?:(?P=mark)(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,9}))?)?"
    r"|\s?h\s?(?P<minute_h>[0-9]{2}))"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?|\s*(?:Uhr|uur|h))?"
    r"\s*(?P<zone>Z|UTC|GMT|(?P<sign>[+-])(?P<off_hour>[0-9]{2})(?::?(?P<off_minute>[0-9]{2}))?)?\Z"
)
_PARTS = re.compile(r"[0-9]+|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day, as written."""

    hour: int
    minute: int
    second: int
    fraction: str  # digits of the second behind the point, without zeros at the end
    offset: int | None  # minutes ahead of UTC; None where no time zone is written

    @property
    def is_midnight(self) -> bool:
        """Whether the clock shows midnight, wherever it is."""
        return not (self.hour or self.minute or self.second or self.fraction)


@dataclass(frozen=True, slots=True)
class Impossible:
    """A time that no clock shows: 24:00, 13:00 PM, 10:61. Dropping it would hide that 24:00 is the next day."""


def part_time(words: str) -> tuple[str, ClockTime | Impossible | None]:
    """Part the time off; None where there is none."""
    found = _TIME.search(words)
    if found is None:
        return words, None
    day = words[: found.start()]
    if found["mark"] == "." and len(_PARTS.findall(day)) < 3:  # "1. 2.21" is a date, and its end no time
        return words, None
    return day, _clock_time(found)


def _clock_time(found: re.Match[str]) -> ClockTime | Impossible:
    hour = _hour(int(found["hour"]), (found["half"] or "").lower())
    minute, second = int(found["minute"] or found["minute_h"]), int(found["second"] or 0)
    offset = _offset(found)
    if hour is None or minute > 59 or second > 59 or (offset is not None and abs(offset) > 14 * 60):
        return Impossible()
    return ClockTime(hour, minute, second, (found["part"] or "").rstrip("0"), offset)


def _hour(hour: int, half: str) -> int | None:
    """Read the hour of a clock of 24 hours, or of 12 with its half of the day (12 AM is midnight)."""
    if not half:
        return hour if hour <= 23 else None
    return hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else None


def _offset(found: re.Match[str]) -> int | None:
    if found["zone"] is None:
        return None
    minutes = int(found["off_hour"] or 0) * 60 + int(found["off_minute"] or 0)
    return -minutes if found["sign"] == "-" else minutes
