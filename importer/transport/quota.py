"""What the X-RateLimit headers say of a fixed window -> how soon the next request may start.

Laravel's limiter takes so many requests in a window that begins with the first one after the last window's end. Every
answer tells the limit and what remains; how long a window is, only a 429 tells (Retry-After), or the jump of what
remains when a new window begins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Quota", "exhausted", "observed", "quota_rate", "refused", "told"]

EARLY = 0.98  # share of the rest of a window in which what remains is spread: none of it is left at the end
RESERVE = 0.01  # share of the limit that is left to others, once there are others: the last few would be fought for
UNCERTAIN = 0.05  # seconds that the way takes, when windows are whole seconds


@dataclass(frozen=True, slots=True)
class Quota:
    """One window, as far as known. Times are monotonic."""

    limit: int  # requests in a window
    remaining: int  # by the latest answer
    began_at: float  # when the first answer of this window came: it began no later
    length: float | None = None  # seconds
    lowest_at: float = 0.0  # when the answer came that said `remaining`
    shared: bool = False  # others draw on it too

    @property
    def ends_at(self) -> float | None:
        """When it is over at the latest; None where its length is not known."""
        return None if self.length is None else self.began_at + self.length

    @property
    def reserve(self) -> int:
        """How many requests of it are not used."""
        return math.ceil(self.limit * RESERVE) if self.shared else 0


def told(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """Read X-RateLimit-Limit and X-RateLimit-Remaining; None where they are not both there and whole."""
    limit, remaining = _count(headers.get("X-RateLimit-Limit")), _count(headers.get("X-RateLimit-Remaining"))
    return None if limit is None or remaining is None or not limit else (limit, min(limit, remaining))


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None


def observed(quota: Quota | None, said: tuple[int, int], started_at: float, now: float, sent: int) -> Quota:
    """Take the headers of an answer into account; `sent` are our own requests since the window began.

    | what remains                              | is                                                            |
    |-------------------------------------------|---------------------------------------------------------------|
    | first answer, or another limit            | a window that began no later than now                         |
    | of a request from before the window began | passed over: it may be of the window before                   |
    | more, asked for after less was answered   | a new window, if it is most of the limit; else a bucket's drip |
    | more, asked for before                    | passed over: answers overtake each other                      |
    | less                                      | what remains                                                  |
    """
    limit, remaining = said
    if quota is None or quota.limit != limit:
        return Quota(limit, remaining, now, lowest_at=now)
    if started_at < quota.began_at or (remaining >= quota.remaining and started_at < quota.lowest_at):
        return quota
    if remaining > quota.remaining:
        if remaining < limit / 2:
            return replace(quota, remaining=remaining, lowest_at=now)
        seen = max(now - quota.began_at, 1e-3)
        length = seen if quota.length is None else min(quota.length, seen)
        return replace(quota, remaining=remaining, began_at=now, length=length, lowest_at=now)
    return replace(quota, remaining=remaining, lowest_at=now, shared=quota.shared or remaining + sent < limit - 1)


def refused(quota: Quota, wait: float, now: float) -> Quota:
    """Take a 429 into account: nothing remains, and the window ends in `wait` seconds.

    Windows are whole seconds, and Retry-After is rounded up: what began at 0 and ends within 59.3 and 60.3 is 60 long.
    """
    seen = now + wait - quota.began_at
    length = math.floor(seen + UNCERTAIN) if seen >= 1.0 else seen
    return replace(quota, remaining=0, length=max(float(length), quota.length or 0.0), lowest_at=now)


def quota_rate(quota: Quota, in_flight: int, now: float) -> float | None:
    """Say how many requests may start in a second so that the window is used up evenly; None: as many as go.

    rate = (remaining - in flight - reserve) / (EARLY * seconds left); beyond the window's end limit / length.
    """
    ends_at = quota.ends_at
    if ends_at is None:
        return None
    if now >= ends_at:
        return quota.limit / max(quota.length or 0.0, 1e-3)
    free = quota.remaining - in_flight - quota.reserve
    return max(free, 1) / max(EARLY * (ends_at - now), 1e-3)


def exhausted(quota: Quota, in_flight: int, now: float) -> float:
    """Say for how many seconds no request may start: 0 while some remain, and once the window is over.

    Where its length is not known, one request at a time finds out, and the others look again soon.
    """
    if quota.remaining - in_flight - quota.reserve > 0:
        return 0.0
    if quota.ends_at is None:
        return 0.02 if in_flight else 0.0
    if now < quota.ends_at:
        return quota.ends_at - now
    return 0.02 if in_flight else 0.0
