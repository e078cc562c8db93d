"""Requests with their answers -> the rates of a leaky bucket that agree with them all.

A gateway that says nothing of its limit (nginx's limit_req, most others) keeps a bucket: each request taken adds one,
it drains at the rate, and a request that would lift it above the burst is answered 429. Rate and burst are not known,
but a rate is ruled out when a request was taken at a level at which another one was refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Fit", "fitted"]

COARSE = 1.1  # from one rate to the next in the first pass: a valley is hardly narrower, behind a hundred requests
POINTS = 14  # rates tried around a valley, twice
VALLEYS = 4  # that are looked at
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
    counts as empty at the first request. Rates at which it never fills, the pace of the requests and above, agree with
    whatever was refused, and count only where no other does.

    Cost: seven walks over all of them for each doubling from `low` to `high`, and 28 for each valley in between.
    """
    low = min(low, high / 2)
    steps = math.ceil(math.log(high / low, COARSE))
    step = (high / low) ** (1.0 / steps)
    rates = [low * step**number for number in range(steps + 1)]
    off = {rate: _off(events, rate) for rate in rates}
    around = [_around(events, off, valley, step) for valley in _valleys(rates, off)[:VALLEYS]]
    fits = [Fit(agreeing[0], agreeing[-1], _levels(events, agreeing[0])[0]) for agreeing in around if agreeing]
    fits = [fit for fit in fits if fit.burst > 1.0 + _slack(fit.low)] or fits[:1]
    if fits:
        return Fit(fits[0].low, fits[-1].high, fits[0].burst)
    best = min(off, key=off.__getitem__)
    if off[best] > (LOOSE - 1.0) * _slack(best):
        return None
    burst, _ = _levels(events, best)
    return Fit(best, best, burst)


def _valleys(rates: Sequence[float], off: Mapping[float, float]) -> list[float]:
    """Of rates in order, those that agree better than both neighbours, or as well as the one before."""
    walls = [math.inf, *(off[rate] for rate in rates), math.inf]
    return [
        rate
        for rate, before, own, after in zip(rates, walls, walls[1:], walls[2:], strict=False)
        if before > own <= after
    ]


def _around(events: Sequence[tuple[float, bool]], off: dict[float, float], valley: float, step: float) -> list[float]:
    """Look closer around a rate, twice; the rates there that agree, in order and without a gap. Adds to `off`."""
    least, most = min(off), max(off)
    for _ in range(2):
        fine = step ** (2.0 / (POINTS - 1))
        near = [rate for number in range(POINTS) if least <= (rate := valley / step * fine**number) <= most]
        off |= {rate: _off(events, rate) for rate in near}
        valley = min((valley, *near), key=off.__getitem__)
        step = fine
    rates = sorted(off)
    middle = rates.index(valley)
    if off[valley] >= 0.0:
        return []
    below = takewhile(lambda rate: off[rate] < 0.0, reversed(rates[:middle]))
    above = takewhile(lambda rate: off[rate] < 0.0, rates[middle:])
    return [*reversed([*below]), *above]


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
