"""Requests with their answers -> the rates of a leaky bucket that agree with them all.

A gateway that says nothing of its limit (nginx's limit_req, most others) keeps a bucket: each request taken adds one,
it drains at the rate, and a request that would lift it above the burst is answered 429. Rate and burst are not known,
but a rate is ruled out when a request was taken at a level at which another one was refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Fit", "fitted"]

POINTS = 14  # rates tried in each of the three passes
SLACK = 1.0  # requests by which a level may be off: on the way, order and distances change a little
NOISE = 0.004  # seconds by which they change; in requests that is more at a higher rate
LOOSE = 4.0  # times the slack: beyond it not even the best rate agrees


@dataclass(frozen=True, slots=True)
class Fit:
    """The rates that agree, from the least to the most, and the burst that goes with the least."""

    low: float
    high: float
    burst: float

    @property
    def spread(self) -> float:
        """How far apart they are, as a share of the least."""
        return self.high / self.low - 1.0


def fitted(events: Sequence[tuple[float, bool]], low: float, high: float) -> Fit | None:
    """Find the rates between `low` and `high` that agree with the requests: when each left, and whether it was taken.

    They are sorted. None where no rate does: the target keeps no bucket, or somebody else draws on it. The bucket
    counts as empty at the first request. Cost: 42 walks over all of them.
    """
    off: dict[float, float] = {}
    low = min(low, high / 2)
    best, agreeing = low, [low]
    for _ in range(3):  # each pass looks closer around what agrees best, down to a hundredth
        step = (high / low) ** (1.0 / (POINTS - 1))
        off |= {rate: _off(events, rate) for rate in (low * step**number for number in range(POINTS))}
        best = min(off, key=off.__getitem__)
        agreeing = [rate for rate in off if off[rate] < 0.0] or [best]
        low, high = max(min(off), min(agreeing) / step), min(max(off), max(agreeing) * step)
    if off[best] > (LOOSE - 1.0) * _slack(best):
        return None
    burst, _ = _levels(events, min(agreeing))
    return Fit(min(agreeing), max(agreeing), burst)


def _off(events: Sequence[tuple[float, bool]], rate: float) -> float:
    """By how many requests a rate disagrees; below 0 where it agrees."""
    taken, refused = _levels(events, rate)
    return taken - refused - _slack(rate)


def _slack(rate: float) -> float:
    return SLACK + NOISE * rate


def _levels(events: Sequence[tuple[float, bool]], rate: float) -> tuple[float, float]:
    """Fill a bucket that drains at `rate`: the highest level that was taken, and the lowest that was refused."""
    level, most, least = 0.0, 0.0, float("inf")
    last = events[0][0] if events else 0.0
    for at, taken in events:
        level = max(0.0, level - (at - last) * rate)
        last = at
        if taken:
            level += 1.0
            most = max(most, level)
        else:
            least = min(least, level + 1.0)
    return most, least
