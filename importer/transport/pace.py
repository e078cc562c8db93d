"""Decisions of the pacer as pure functions: how many at once, how many a second, how long a throttle lasts."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

__all__ = [
    "MAX_PAUSE",
    "Cycle",
    "Pace",
    "Window",
    "grown",
    "opened",
    "quickened",
    "remaining",
    "retry_after",
    "shrunk",
    "slowed",
    "throttle_pause",
]

FIRST_LIMIT = 2  # requests in flight at the start
STEEPNESS = 3  # by how many the window grows with each answer at the start
MAX_PAUSE = 3600.0  # seconds; a Retry-After beyond it is a mistake, and the target is asked again after this long
THROTTLE_BASE, THROTTLE_MAX = 5.0, 120.0  # seconds, where a 429 names no time
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


def remaining(headers: Mapping[str, str]) -> int | None:
    """Read how many requests the target would still take at present, from X-RateLimit-Remaining."""
    text = headers.get("X-RateLimit-Remaining")
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None


def throttle_pause(streak: int, rng: random.Random) -> float:
    """Draw the seconds to wait after the `streak`-th 429 in a row (0 is the first) that names no time.

    pause = min(THROTTLE_MAX, THROTTLE_BASE * 2 ** streak * uniform(1, 1.25))
    """
    return min(THROTTLE_MAX, THROTTLE_BASE * 2.0 ** min(streak, 16) * rng.uniform(1.0, 1.25))


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


# How many a second: learned from the throttling itself, where nobody said it


SIMILAR = 0.2  # cycles count as alike when they differ from their mean by no more than this share
EVIDENCE = 3  # cycles alike in a row, before they are taken for the target's rate
HEADROOM = 0.985  # share of the observed rate that is used
QUICK = 2.5  # a throttle is quick when it comes before this many times its pause have passed
FEW = 5  # answers that say nothing about what the throttles follow
FIRST_STEP, MOST_STEP = 1.03, 2.0  # growth of the rate after a quiet time; each quiet time doubles its excess over 1
FINE_STEP = 1.06  # a throttle after a larger step has not found the edge yet
QUIET = 5.0  # least seconds between two steps; twice a cycle where that is longer
HOLD = 300.0  # least seconds without a step, once the edge is found
CUT = 0.97  # factor, where a rate that was good is so no longer


@dataclass(frozen=True, slots=True)
class Cycle:
    """What was seen from the end of one pause to the end of the next."""

    accepted: int  # answers other than 429
    active: float  # seconds until the 429
    pause: float  # seconds that the 429 asked for

    @property
    def rate(self) -> float:
        """Requests a second that the target took, the pause included."""
        return self.accepted / max(self.active + self.pause, 1e-9)


@dataclass(frozen=True, slots=True)
class Pace:
    """What is believed of the target's rate.

    | state                     | on a throttle                                      | on a quiet time            |
    |---------------------------|----------------------------------------------------|----------------------------|
    | `rate` None               | learn it, once EVIDENCE cycles in a row are alike  | stays                      |
    | `rate` set, 429 no later  | forget it for good: the 429s do not follow a rate  |                            |
    | `rate` set, 429 later     | back to `good`; lower by CUT if it is `good`       | `good` = rate; one step up |

    "No later" is: as quick as before (see QUICK), and after as few answers as without the rate, but not so few that
    they say nothing. The rate never falls below half of what was learned. Single 429s, or such as come after a number of requests whatever their pace, therefore cost their pause and
    little more.
    """

    rate: float | None = None
    good: float = 0.0  # the latest rate that stood a quiet time
    least: float = 0.0
    step: float = FIRST_STEP  # factor of the next growth
    quiet: float = QUIET  # seconds between two steps
    grows_at: float = 0.0  # monotonic
    seen: tuple[float, ...] = ()  # rates of the latest cycles, while learning
    accepted: int = 0  # answers between two throttles when the rate was learned
    learns: bool = True


def slowed(pace: Pace, cycle: Cycle, resumes_at: float) -> Pace:
    """Take a throttle into account; see the table of `Pace`."""
    if pace.rate is None:
        return _learned(pace, cycle, resumes_at)
    if cycle.active < QUICK * cycle.pause and FEW < cycle.accepted <= 2 * pace.accepted:
        return Pace(learns=False)
    found = pace.step <= FINE_STEP * FINE_STEP  # `step` is the next one, the latest was smaller
    rate = pace.good if pace.rate > pace.good else max(pace.least, pace.rate * CUT)
    wait = max(HOLD, 10 * pace.quiet) if found else pace.quiet
    return replace(pace, rate=rate, good=rate, step=FIRST_STEP, grows_at=resumes_at + wait)


def _learned(pace: Pace, cycle: Cycle, resumes_at: float) -> Pace:
    if not pace.learns or cycle.accepted == 0:
        return pace
    seen = (*pace.seen[1 - EVIDENCE :], cycle.rate)
    mean = sum(seen) / len(seen)
    if len(seen) < EVIDENCE or any(abs(rate - mean) > SIMILAR * mean for rate in seen):
        return replace(pace, seen=seen)
    rate, quiet = mean * HEADROOM, max(QUIET, 2 * (cycle.active + cycle.pause))
    return Pace(rate=rate, good=rate, least=rate / 2, quiet=quiet, grows_at=resumes_at + quiet, accepted=cycle.accepted)


def quickened(pace: Pace, now: float) -> Pace:
    """Try a little more once it has been quiet for long enough; otherwise the same pace."""
    if pace.rate is None or now < pace.grows_at:
        return pace
    step = min(MOST_STEP, 1 + 2 * (pace.step - 1))
    return replace(pace, rate=pace.rate * pace.step, good=pace.rate, step=step, grows_at=now + pace.quiet)
