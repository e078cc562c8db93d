"""Decisions of the pacer as pure functions: how many at once, and how long a throttle lasts."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

__all__ = ["MAX_PAUSE", "Window", "grown", "opened", "retry_after", "shrunk", "throttle_pause"]

FIRST_LIMIT = 2  # requests in flight at the start
STEEPNESS = 3  # by how many the window grows with each answer at the start
MAX_PAUSE = 3600.0  # seconds; a Retry-After beyond it is a mistake, and the target is asked again after this long
THROTTLE_BASE, THROTTLE_MAX = 0.25, 120.0  # seconds, where a 429 names no time
EPOCH_SECONDS = 1e9  # a Retry-After this large is an instant (a Unix time), not a duration


# What the target says


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Read how many seconds a throttled answer asks to wait, at most `MAX_PAUSE`; None where it says nothing usable.

    Retry-After is seconds or an HTTP date (RFC 9110, 10.2.3); X-RateLimit-Reset, a Unix time, counts where
    Retry-After is missing. A Unix time in Retry-After is taken as the instant it is. A date is measured from the
    answer's own Date, so that a clock that is wrong here does no harm. Zero becomes one second; what lies in the
    past is not usable.
    """
    server_now = _http_date(headers.get("Date")) or now
    for name in ("Retry-After", "X-RateLimit-Reset"):
        seconds = _seconds(headers.get(name), server_now)
        if seconds is not None and seconds >= 0:
            return min(MAX_PAUSE, max(1.0, seconds))
    return None


def _seconds(text: str | None, now: dt.datetime) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        instant = _http_date(text)
        return None if instant is None else (instant - now).total_seconds()
    if not math.isfinite(number):
        return None
    return number - now.timestamp() if number >= EPOCH_SECONDS else number


def _http_date(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


def throttle_pause(streak: int, rng: random.Random) -> float:
    """Draw the seconds to wait after the `streak`-th 429 in a row (0 is the first) that names no time.

    pause = uniform(0, min(THROTTLE_MAX, THROTTLE_BASE * 2 ** streak))

    Short at first, since it is the rate that is wrong, and that is lowered at the same time; "full jitter" so that two
    runs that were refused together do not come back together.
    """
    return rng.uniform(0.0, min(THROTTLE_MAX, THROTTLE_BASE * 2.0 ** min(streak, 16)))


# How many at once: additive increase, multiplicative decrease, with TCP's slow start


@dataclass(frozen=True, slots=True)
class Window:
    """How many requests may be in flight."""

    limit: float
    threshold: float  # below it the window grows by STEEPNESS with each answer, above it by one with each windowful
    most: int


def opened(most: int) -> Window:
    """Start gently: two at first; each good answer adds three, so 32 are reached after two round trips."""
    return Window(limit=min(FIRST_LIMIT, most), threshold=most, most=most)


def grown(window: Window) -> Window:
    """Widen after an answer. The same window where it is as wide as it may be."""
    if window.limit >= window.most:
        return window
    step = STEEPNESS if window.limit < window.threshold else 1.0 / window.limit
    return replace(window, limit=min(float(window.most), window.limit + step))


def shrunk(window: Window) -> Window:
    """Halve after the target said that it is too much; never below one."""
    half = max(1.0, window.limit / 2)
    return replace(window, limit=half, threshold=half)
