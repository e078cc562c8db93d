"""What is believed of a limit that the target does not tell: the rate is found from the 429s, and found again.

Every decision is a pure function of a `Belief` and of what was seen; nothing here waits or keeps time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from importer.transport.bucket import fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.transport.bucket import Fit

__all__ = ["Belief", "Phase", "Round", "Trace", "begun", "grown_by_one", "rate_at", "slowed"]

FIRST_RATE = 30.0  # requests a second at the start
DOUBLES_EVERY = 8  # good answers in which it doubles: without a limit all brakes are off after half a second
UNBOUND = 2000.0  # requests a second, beyond which no rate is kept at all
LEAST_RATE = 0.2
CLIMB = 1.0  # seconds in which the rate doubles, where nothing is known of the limit but that there is one
COARSE = (
    3.0  # seconds of pause from which whole cycles are compared: it is a window that ends, not a bucket that drains
)
EXACT = 0.12  # a fit whose rates lie no further apart is taken for the limit
HEADROOM = 0.985  # share of it that is used
HOLD = 30.0  # seconds for which the rate stays about where it is; `MOST_HOLD` at most, doubled by each vain attempt
MOST_HOLD = 300.0
HOLD_PER_PAUSE = 60.0  # so that the pauses after vain attempts cost less than two in a hundred
PROBE = 0.02  # share by which the rate has grown at the end of a hold
YIELD = 0.7  # factor, where somebody else seems to draw on the same limit
SHARED_GROWTH = 2500.0  # over the limit: seconds in which it grows by the whole limit then; about one 429 in 100
SHARED_SPAN = (15.0, 60.0)  # bounds of these seconds
SURPRISES = 2  # early 429s from which the limit counts as shared
SHARED_ROUNDS = 12  # after so many the limit is sought again
ALIKE = 0.2  # share by which two cycles may differ that count as alike
FLOOR = 0.25  # the present rate is taken for no less than this share of the limit
EVIDENCE = 30  # requests taken, before a fit means anything
INSTANT = 0.03  # seconds of a round, less of which say nothing either
FEW = 15  # requests of a round, fewer of which say nothing about what the 429s follow


class Phase(Enum):
    """What the present rate is about."""

    STARTING = "starting"  # no 429 yet: grows with every good answer
    SEEKING = "seeking"  # there is a limit: grows by the clock until the next 429
    HOLDING = "holding"  # just under a limit that was found: flat, then a little higher, later steeper
    SHARING = "sharing"  # what was found does not hold: give way quickly, grow slowly
    FREE = "free"  # the 429s do not follow a rate: none is kept


@dataclass(frozen=True, slots=True)
class Round:
    """What was seen from the end of one pause to the next 429."""

    taken: int  # requests that were not refused
    active: float  # seconds
    pause: float  # seconds that follow

    @property
    def rate(self) -> float:
        """Requests a second, the pause included."""
        return self.taken / max(self.active + self.pause, 1e-3)

    @property
    def pace(self) -> float:
        """Requests a second until the 429."""
        return self.taken / max(self.active, 1e-3)


@dataclass(frozen=True, slots=True)
class Trace:
    """When requests left that were taken, and that were refused; monotonic, the latest only."""

    taken: Sequence[float] = ()
    refused: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Belief:
    """The rate, and how it grows from `since` on; see `rate_at`."""

    phase: Phase
    base: float  # requests a second at `since`
    since: float = 0.0  # monotonic
    span: float = CLIMB  # seconds in which it doubles, or for which it holds
    found: float = 0.0  # the highest rate that was taken for the limit
    surprises: int = 0  # 429s that came early while holding; while sharing, all
    rounds: tuple[Round, ...] = ()  # the latest four


def begun() -> Belief:
    """Know nothing yet."""
    return Belief(Phase.STARTING, FIRST_RATE)


def grown_by_one(belief: Belief) -> Belief:
    """Take a good answer into account: at the start each makes the rate a little higher."""
    if belief.phase is not Phase.STARTING or belief.base > UNBOUND:
        return belief
    return replace(belief, base=belief.base * 2.0 ** (1.0 / DOUBLES_EVERY))


def rate_at(belief: Belief, now: float) -> float | None:
    """Say how many requests may start in a second; None: as many as go.

    | phase            | rate                                                |
    |------------------|-----------------------------------------------------|
    | starting         | base                                                |
    | seeking          | base * 2 ** (elapsed / span)                        |
    | holding          | base * (1 + PROBE * (elapsed / span) ** 3)          |
    | sharing          | base + found * elapsed / span                       |
    | free             | none                                                |

    The cube is CUBIC's (RFC 9438, 4.2): flat around what was good, and convex beyond, so that a limit that was
    raised is found as well. What exceeds UNBOUND is no limit.
    """
    elapsed = max(0.0, now - belief.since) / belief.span
    rate = belief.base
    match belief.phase:
        case Phase.FREE:
            return None
        case Phase.STARTING:
            pass
        case Phase.SEEKING:
            rate *= 2.0 ** min(64.0, elapsed)
        case Phase.HOLDING:
            rate *= 1.0 + PROBE * elapsed**3
        case Phase.SHARING:
            rate += belief.found * elapsed
    return None if rate > UNBOUND else rate


def slowed(belief: Belief, latest: Round, trace: Trace, resumes_at: float) -> Belief:
    """Take a 429 into account.

    | phase          | seen                                            | next                                          |
    |----------------|-------------------------------------------------|-----------------------------------------------|
    | any            | as many requests a round at any pace            | free                                          |
    | any            | nothing was taken, as in an outage              | as before                                     |
    | starting       |                                                 | seeking, from the round's rate                |
    | seeking        | a pause of COARSE, rounds alike                 | holding, at their rate                        |
    | seeking        | a bucket fits, its rate known to EXACT          | holding, at HEADROOM of it                    |
    | seeking        | a bucket fits, its rate known to a range        | seeking, slowly through the range             |
    | seeking        | none fits                                       | sharing                                       |
    | holding        | late: the attempt at more was vain              | holding, as before and for longer             |
    | holding        | early, and the rate that the round shows is near | holding, at that rate                        |
    | holding        | early, and it is not                            | sharing                                       |
    | sharing        |                                                 | sharing, at YIELD                             |
    """
    rate = rate_at(belief, resumes_at - latest.pause) or UNBOUND
    belief = replace(belief, rounds=(*belief.rounds[-3:], latest))
    if (plain := _without_a_bucket(belief, latest, resumes_at)) is not None:
        return plain
    match belief.phase:
        case Phase.STARTING:
            return _limit_met(belief, rate, latest, resumes_at)
        case Phase.HOLDING:
            return _held(belief, rate, latest, trace, resumes_at)
        case Phase.SHARING:
            return _shared(belief, rate, latest, trace, resumes_at)
        case Phase.SEEKING | Phase.FREE:
            return _sought(belief, rate, latest, trace, resumes_at)


def _without_a_bucket(belief: Belief, latest: Round, resumes_at: float) -> Belief | None:
    """Look at the rounds alone; None where they say nothing by themselves."""
    if _follows_no_rate(belief.rounds, 1.0 if belief.phase is Phase.FREE else 1.5):
        return replace(belief, phase=Phase.FREE)
    if latest.taken == 0 and (belief.phase is Phase.STARTING or latest.pause >= COARSE):
        return replace(belief, since=max(belief.since, resumes_at))
    if _mostly_pauses(belief.rounds):
        mean = sum(one.rate for one in belief.rounds[-3:]) / 3
        return _settled(belief, mean, latest, resumes_at)
    return None


def _limit_met(belief: Belief, rate: float, latest: Round, resumes_at: float) -> Belief:
    coarse = latest.pause >= COARSE
    shown = latest.rate if coarse else max(latest.rate, latest.pace / 2)
    span = 4.0 * latest.pause if coarse else CLIMB
    base = max(LEAST_RATE, min(rate, shown))
    return replace(belief, phase=Phase.SEEKING, base=base, since=resumes_at, span=span, found=latest.pace)


def _follows_no_rate(rounds: Sequence[Round], apart: float) -> bool:
    """Whether the 429s come after a number of requests, though paces are `apart` times from each other."""
    if len(rounds) < 4 or min(one.taken for one in rounds) < FEW:
        return False
    counts, paces = [one.taken for one in rounds], [one.pace for one in rounds]
    if min(one.active for one in rounds) < INSTANT:
        return False
    return max(counts) <= 1.4 * min(counts) and max(paces) >= apart * min(paces)


def _sought(belief: Belief, rate: float, latest: Round, trace: Trace, resumes_at: float) -> Belief:
    if latest.pause >= COARSE:
        return _compared(belief, latest, resumes_at)
    if belief.phase is Phase.FREE:
        belief, rate = replace(belief, surprises=0), min(rate, latest.rate)
    surprised = replace(belief, surprises=belief.surprises + 1)
    fit = fitted(trace.taken, trace.refused, max(LEAST_RATE / 2, rate / 30), rate * 1.05)
    if fit is None or surprised.surprises > SURPRISES:
        return _yielded(replace(belief, surprises=0), max(rate / 2, min(rate, latest.pace)), latest.pause, resumes_at)
    if len(trace.taken) < EVIDENCE:
        base, span = max(LEAST_RATE, rate * YIELD), 2.0 * (1.0 + latest.pause)
        return replace(surprised, phase=Phase.SEEKING, base=base, since=resumes_at, span=span)
    if fit.spread <= EXACT * (1.0 + latest.pause / 2.0):  # where a 429 costs more, it is sought less closely
        return _found(belief, fit, latest.pause, resumes_at)
    base = math.sqrt(fit.low * fit.high)
    span = (1.5 + latest.pause) / math.log2(fit.high / base)
    belief = replace(belief, phase=Phase.SEEKING, base=base, since=resumes_at, span=min(span, 60.0))
    return replace(belief, found=max(belief.found, base))


def _compared(belief: Belief, latest: Round, resumes_at: float) -> Belief:
    """Compare whole cycles: where they are alike, a limit gives so much and no more, however it counts."""
    before = belief.rounds[-2]
    base = max(LEAST_RATE / 10, min(latest.rate, before.rate))
    if abs(latest.rate - before.rate) > ALIKE * before.rate:
        return replace(belief, base=base, since=resumes_at, span=4.0 * latest.pause)
    return _settled(belief, base, latest, resumes_at)


def _settled(belief: Belief, rate: float, latest: Round, resumes_at: float) -> Belief:
    """Hold a rate that whole cycles showed."""
    hold = max(HOLD, 10.0 * (latest.active + latest.pause))
    base = max(LEAST_RATE / 10, rate * HEADROOM)
    return replace(belief, phase=Phase.HOLDING, base=base, since=resumes_at, span=hold, found=base)


def _mostly_pauses(rounds: Sequence[Round]) -> bool:
    """Whether three rounds were all pause and alike: a bucket that stays full, since its burst hid the rate."""
    latest = rounds[-3:]
    if len(latest) < 3 or any(one.pause < 1.0 or one.active > one.pause / 4 for one in latest):
        return False
    rates = [one.rate for one in latest]
    return max(rates) <= 2.0 * min(rates)


def _found(belief: Belief, fit: Fit, pause: float, resumes_at: float) -> Belief:
    rate = fit.low * (1 + fit.spread / 2) * HEADROOM
    hold = min(MOST_HOLD, max(HOLD, HOLD_PER_PAUSE * pause))
    return replace(belief, phase=Phase.HOLDING, base=rate, since=resumes_at, span=hold, found=max(belief.found, rate))


def _held(belief: Belief, rate: float, latest: Round, trace: Trace, resumes_at: float) -> Belief:
    if latest.active >= 0.6 * belief.span:  # the attempt at more was vain
        base = min(belief.base, 0.99 * rate)
        return replace(belief, base=base, since=resumes_at, span=min(MOST_HOLD, 1.5 * belief.span), surprises=0)
    belief = replace(belief, surprises=belief.surprises + 1)
    fit = fitted(trace.taken, trace.refused, rate / 3, rate * 1.05)
    if fit is None or belief.surprises > SURPRISES:
        return _yielded(replace(belief, surprises=0), rate, latest.pause, resumes_at)
    again = _found(belief, fit, latest.pause, resumes_at)
    return replace(again, base=min(again.base, belief.base * 0.995))


def _shared(belief: Belief, rate: float, latest: Round, trace: Trace, resumes_at: float) -> Belief:
    if belief.surprises >= SHARED_ROUNDS:
        return _sought(replace(belief, surprises=0), rate, latest, trace, resumes_at)
    return _yielded(replace(belief, surprises=belief.surprises + 1), rate, latest.pause, resumes_at)


def _yielded(belief: Belief, rate: float, pause: float, resumes_at: float) -> Belief:
    found = max(LEAST_RATE, min(belief.found or rate, rate / FLOOR))
    base = max(LEAST_RATE, rate * YIELD)
    span = min(SHARED_SPAN[1], max(SHARED_SPAN[0], SHARED_GROWTH / found)) * (1.0 + pause)
    return replace(belief, phase=Phase.SHARING, base=base, since=resumes_at, span=span, found=found)
