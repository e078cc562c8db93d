"""What is believed of a limit that the target does not tell: the rate is found from the 429s, and found again.

Every decision is a pure function of a `Belief` and of what was seen; nothing here waits or keeps time. In short: as
long as one bucket explains every 429 (`importer.transport.bucket`), its rate is looked for and then held; where none
does, somebody else draws on the limit, and the rate follows AIMD, which lets both come to equal shares.
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

__all__ = ["Belief", "Phase", "Round", "begun", "grown_by_one", "rate_at", "slowed"]

FIRST_RATE = 30.0  # requests a second at the start
DOUBLES_EVERY = 8  # good answers in which it doubles: without a limit all brakes are off after half a second
UNBOUND = 2000.0  # requests a second, beyond which no rate is kept at all
LEAST_RATE = 0.05  # requests a second: three a minute are the least limit that is looked for
COARSE = 3.0  # seconds of pause from which it is a window that ends, and not a bucket that drains
EXACT = 0.05  # share by which the rates of a fit may differ for it to be taken for the limit
OCTAVES = 16.0  # by how many times the least rate that agrees may be too low, before it counts as no better known
HEADROOM = 0.985  # share of a limit that was found that is used: half of EXACT, and a little less
HOLD = 30.0  # seconds for which a rate that was found is held, before more is tried; 1.5 times as long each time after
MOST_HOLD = 300.0
HOLD_PER_PAUSE = 60.0  # a try costs a pause: so it costs less than two in a hundred
PROBE = 0.02  # share by which more is tried
YIELD = 0.7  # factor at a 429 that nothing explains: CUBIC's (RFC 9438, 4.6)
PERIOD = 200.0  # requests between two 429s that AIMD aims at: half of the one in a hundred that is allowed
COSTLY = 50.0  # requests a round, fewer of which on average are too few to go on, whatever explains them
EVIDENCE = 10  # requests of a round, fewer of which say nothing about what the 429s follow
ROUNDS = 4  # that are looked back on


class Phase(Enum):
    """What the present rate is about."""

    STARTING = "starting"  # no 429 yet: grows with every good answer
    SEEKING = "seeking"  # a range is known: grows through it until the next 429
    HOLDING = "holding"  # just under a limit that was found: flat, then a little higher, later steeper
    SHARING = "sharing"  # nothing explains the 429s: give way quickly, grow slowly


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
class Belief:
    """The rate, and how it grows from `since` on; see `rate_at`."""

    phase: Phase
    base: float  # requests a second at `since`
    since: float = 0.0  # monotonic
    span: float = 1.0  # seconds in which it doubles (seeking), is tried again (holding), or grows by `found` (sharing)
    found: float = 0.0  # the rate that was last taken for the limit
    rounds: tuple[Round, ...] = ()  # the latest ones


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

    The cube is CUBIC's (RFC 9438, 4.2): flat around what was good, and convex beyond, so that a limit that was
    raised is found as well. What exceeds UNBOUND is no limit.
    """
    elapsed = max(0.0, now - belief.since) / belief.span
    rate = belief.base
    match belief.phase:
        case Phase.STARTING:
            pass
        case Phase.SEEKING:
            rate *= 2.0 ** min(64.0, elapsed)
        case Phase.HOLDING:
            rate *= 1.0 + PROBE * elapsed**3
        case Phase.SHARING:
            rate += belief.found * elapsed
    return None if rate > UNBOUND else rate


def slowed(belief: Belief, latest: Round, seen: Sequence[tuple[float, bool]], resumes_at: float) -> Belief:
    """Take a 429 into account; `seen` are the latest requests, when each left and whether it was taken, sorted.

    The first that applies:

    | seen                                                        | next                                         |
    |-------------------------------------------------------------|----------------------------------------------|
    | nothing was taken, as in an outage                          | as before                                    |
    | a long pause: a window that ends                            | holding, at what the round took with it      |
    | holding for long: the try was vain                          | holding, a little lower and for longer       |
    | no bucket fits, or 429s are frequent all the same           | sharing, at YIELD                            |
    | as frequent at half the pace as before                      | sharing, faster                              |
    | a bucket fits, its rate known to EXACT                      | holding, at HEADROOM of it                   |
    | a bucket fits, its rate known to a range                    | seeking, from the middle to the top          |
    """
    rate = rate_at(belief, resumes_at - latest.pause) or min(UNBOUND, max(LEAST_RATE, latest.pace))
    if latest.taken == 0:
        return replace(belief, since=resumes_at)
    belief = replace(
        belief, since=resumes_at, found=belief.found or rate, rounds=(*belief.rounds[1 - ROUNDS :], latest)
    )
    if latest.pause >= COARSE:
        return _held(belief, min(rate, latest.rate), 10.0 * (latest.active + latest.pause))
    if belief.phase is Phase.HOLDING and latest.taken >= PERIOD and latest.active >= 10.0 * latest.pause:
        return replace(belief, base=min(belief.base, HEADROOM * rate), span=min(MOST_HOLD, 1.5 * belief.span))
    fit = fitted(seen, LEAST_RATE, rate * 1.05)
    if fit is None or not _explained(belief, fit):
        return _shared(belief, rate, latest.pause)
    if fit.spread <= EXACT * (1.0 + latest.pause) and len(belief.rounds) > 1:
        return _held(belief, min(rate, math.sqrt(fit.low * fit.high)), min(MOST_HOLD, HOLD_PER_PAUSE * latest.pause))
    return _sought(belief, fit, latest.pause)


def _explained(belief: Belief, fit: Fit) -> bool:
    """Whether to believe that a bucket is all there is; once others seemed to draw on it, that takes more."""
    rounds = belief.rounds
    if _in_vain(rounds) or (len(rounds) == ROUNDS and sum(one.taken for one in rounds) < ROUNDS / 2 * COSTLY):
        return False
    if belief.phase is not Phase.SHARING:
        return True
    return fit.spread <= EXACT and len(rounds) >= 3 and sum(one.taken for one in rounds[-3:]) >= 3 * COSTLY


def _in_vain(rounds: Sequence[Round]) -> bool:
    """Whether 429s are as frequent at half the pace as before it was halved: no bucket behaves so."""
    if len(rounds) < ROUNDS or min(one.taken for one in rounds) < EVIDENCE:
        return False
    before, after = rounds[: ROUNDS // 2], rounds[ROUNDS // 2 :]
    halved = sum(one.pace for one in after) <= 0.5 * sum(one.pace for one in before)
    return halved and sum(one.taken for one in after) <= 1.2 * sum(one.taken for one in before)


def _held(belief: Belief, rate: float, hold: float) -> Belief:
    base = max(LEAST_RATE, rate * HEADROOM)
    return replace(belief, phase=Phase.HOLDING, base=base, span=max(HOLD, hold), found=rate)


def _sought(belief: Belief, fit: Fit, pause: float) -> Belief:
    """Go through the range so slowly that the next 429 costs less time than it takes to come."""
    base = math.sqrt(max(fit.low, fit.high / OCTAVES) * fit.high)
    doublings = 1.0 if len(belief.rounds) < 2 else math.log2(fit.high / base)  # one 429 alone shows no upper end
    return replace(belief, phase=Phase.SEEKING, base=base, span=min((1.0 + pause / 2) / doublings, 60.0))


def _shared(belief: Belief, rate: float, pause: float) -> Belief:
    """AIMD: give way by YIELD, and come back within PERIOD requests; where giving way was in vain, go faster instead.

    span = PERIOD / (limit * (1 - YIELD)), where the limit is what was found, or what two runs like this one need
    """
    if _in_vain(belief.rounds):
        rate = 2.0 * max(one.pace for one in belief.rounds)
    found = max(LEAST_RATE, min(belief.found, 2.0 * rate))
    span = max(15.0, PERIOD / (found * (1.0 - YIELD)), 50.0 * pause)
    return replace(belief, phase=Phase.SHARING, base=max(LEAST_RATE, rate * YIELD), span=span, found=found)
