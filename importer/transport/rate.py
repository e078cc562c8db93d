"""What is believed of a limit that the target does not tell: the rate is found from the 429s, and found again.

Every decision is a pure function of a `Belief` and of what was seen; nothing here waits or keeps time. In short: as
long as one bucket explains every 429 (`importer.transport.bucket`), its rate is looked for and then held; where none
does, somebody else draws on the limit, and the rate follows AIMD, which lets both come to equal shares; and where they
are as frequent at half the pace, there is no limit at all, and nothing is held back.
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

FIRST_RATE = 30.0  # requests a second at the start, and at least
FIRST_RATE_EACH = 4.0  # for each that may be in flight: of a limit of 50 a second or more it costs no 429 further
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
DOUBLES_IN = 0.5  # seconds in which the rate doubles once the 429s do not follow it: from 10 to UNBOUND in four
YIELD = 0.7  # factor at a 429 that nothing explains: CUBIC's (RFC 9438, 4.6)
PERIOD = 200.0  # requests between two 429s that AIMD aims at: half of the one in a hundred that is allowed
COSTLY = 50.0  # requests a round, fewer of which on average are too few to go on, whatever explains them
ROUNDS = 12  # that are looked back on
TELLING = 4  # rounds from which it shows whether the 429s follow the pace: YIELD halves it in two
LIKE = 1.2  # by this much of the root of how much slower they are, rounds may be longer by chance
UNLIKE = 0.3  # share of their length: where rounds become that much shorter, somebody else has come to draw on a limit
FREQUENT = 30.0  # requests a round on average, fewer of which are far from the PERIOD that AIMD aims at
SUDDEN = 0.25  # share of the usual length below which ROUNDS follow the pace after all: by chance one in ten thousand


class Phase(Enum):
    """What the present rate is about."""

    STARTING = "starting"  # no 429 yet: grows with every good answer
    SEEKING = "seeking"  # a range is known: grows through it until the next 429
    HOLDING = "holding"  # just under a limit that was found: flat, then a little higher, later steeper
    SHARING = "sharing"  # nothing explains the 429s: give way quickly, grow slowly
    INDEPENDENT = "independent"  # the 429s do not follow the pace: giving way would help nobody


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
    usual: float = 0.0  # requests from one 429 to the next, where they do not follow the pace


def begun(concurrency: int) -> Belief:
    """Know nothing yet, but how many requests may be in flight."""
    return Belief(Phase.STARTING, max(FIRST_RATE, FIRST_RATE_EACH * concurrency))


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
    | independent      | likewise                                            |
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
        case Phase.SEEKING | Phase.INDEPENDENT:
            rate *= 2.0 ** min(64.0, elapsed)
        case Phase.HOLDING:
            rate *= 1.0 + PROBE * elapsed**3
        case Phase.SHARING:
            rate += belief.found * elapsed
    return None if rate > UNBOUND else rate


def slowed(belief: Belief, latest: Round, seen: Sequence[tuple[float, bool]], resumes_at: float) -> Belief:
    """Take a 429 into account; `seen` are the latest requests, when each left and whether it was taken.

    The first that applies:

    | seen                                                        | next                                         |
    |-------------------------------------------------------------|----------------------------------------------|
    | independent, and far more frequent than usual               | sharing, at what was taken                   |
    | independent                                                 | as before                                    |
    | nothing was taken, as in an outage                          | as before                                    |
    | a long pause, and 429s as frequent at half the pace         | independent, from the highest pace           |
    | a long pause: a window that ends                            | holding, at what the round took with it      |
    | holding for long: the try was vain                          | holding, a little lower and for longer       |
    | no bucket fits, or 429s are frequent all the same:          |                                              |
    | - as frequent at half the pace                              | independent, from the highest pace           |
    | - frequent, and the paces too much alike to tell            | sharing, at twice the rate                   |
    | - else                                                      | sharing, at YIELD                            |
    | a bucket fits, its rate known to EXACT                      | holding, at HEADROOM of it                   |
    | a bucket fits, its rate known to a range                    | seeking, from the middle to the top          |
    """
    rounds = (*belief.rounds[1 - ROUNDS :], latest)
    if belief.phase is Phase.INDEPENDENT:
        return _watched(replace(belief, rounds=rounds), resumes_at)
    if latest.taken == 0:
        return replace(belief, since=resumes_at)
    rate = rate_at(belief, resumes_at - latest.pause) or min(UNBOUND, max(LEAST_RATE, latest.pace))
    belief = replace(belief, since=resumes_at, found=belief.found or rate, rounds=rounds)
    if latest.pause >= COARSE:
        if _told(belief) is _Telling.INDIFFERENT:
            return _freed(belief)
        return _held(belief, min(rate, latest.rate), 10.0 * (latest.active + latest.pause))
    if belief.phase is Phase.HOLDING and latest.taken >= PERIOD and latest.active >= 10.0 * latest.pause:
        return replace(belief, base=min(belief.base, HEADROOM * rate), span=min(MOST_HOLD, 1.5 * belief.span))
    return _fitting(belief, latest, fitted(sorted(seen), LEAST_RATE, rate * 1.05), rate)


def _fitting(belief: Belief, latest: Round, fit: Fit | None, rate: float) -> Belief:
    if fit is None or not _explained(belief, fit):
        return _unexplained(belief, rate, latest.pause)
    if fit.spread <= EXACT * (1.0 + latest.pause) and len(belief.rounds) > 1:
        return _held(belief, min(rate, math.sqrt(fit.low * fit.high)), min(MOST_HOLD, HOLD_PER_PAUSE * latest.pause))
    return _sought(belief, fit, latest.pause)


def _explained(belief: Belief, fit: Fit) -> bool:
    """Whether to believe that a bucket is all there is; once others seemed to draw on it, that takes more."""
    rounds = belief.rounds
    if len(rounds) >= 4 and _taken(rounds[-4:]) < 2 * COSTLY:
        return False
    if belief.phase is not Phase.SHARING:
        return True
    return fit.spread <= EXACT and len(rounds) >= 3 and _taken(rounds[-3:]) >= 3 * COSTLY


def _taken(rounds: Sequence[Round]) -> int:
    return sum(one.taken for one in rounds)


class _Telling(Enum):
    """What rounds at different paces say together."""

    NOTHING = "too few, or 429s are rare"
    ALIKE = "frequent 429s at much the same pace"
    FOLLOWS = "rounds are longer at a lower pace, as behind a limit"
    INDIFFERENT = "rounds are as long at half the pace or less: no limit behaves so, shared or not"


def _told(belief: Belief) -> _Telling:
    """Compare the slower half of the rounds with the faster one.

    Behind a limit a round is longer in proportion to the pace and more; by chance alone, hardly ever by its root.
    Whoever was wrong about it once (`Belief.usual` is known) needs all the rounds for it the next time.
    """
    rounds = belief.rounds
    half = len(rounds) // 2
    if len(rounds) < (ROUNDS if belief.usual else TELLING):
        return _Telling.NOTHING
    by_pace = sorted(rounds, key=lambda one: one.pace)
    slow, fast = by_pace[:half], by_pace[-half:]
    slower = sum(one.pace for one in fast) / sum(one.pace for one in slow)
    longer = _taken(slow) / _taken(fast)
    if slower >= 2.0 and UNLIKE <= longer <= LIKE * math.sqrt(slower) and _taken(slow) < PERIOD * half:
        return _Telling.INDIFFERENT
    if len(rounds) < ROUNDS // 2 or _taken(rounds) > FREQUENT * len(rounds):
        return _Telling.NOTHING
    return _Telling.FOLLOWS if slower >= 2.0 and longer > 1.0 else _Telling.ALIKE


def _unexplained(belief: Belief, rate: float, pause: float) -> Belief:
    """Give way; but where the paces are too much alike for what is frequent to be judged, see what twice as much does."""
    match _told(belief):
        case _Telling.INDIFFERENT:
            return _freed(belief)
        case _Telling.ALIKE:
            return replace(_shared(belief, rate, pause), base=2.0 * rate)
        case _:
            return _shared(belief, rate, pause)


def _freed(belief: Belief) -> Belief:
    base, usual = max(one.pace for one in belief.rounds), _taken(belief.rounds) / len(belief.rounds)
    return replace(belief, phase=Phase.INDEPENDENT, base=base, span=DOUBLES_IN, usual=usual, rounds=())


def _watched(belief: Belief, resumes_at: float) -> Belief:
    """Stay as long as the 429s are not far more frequent than they were at a lower pace."""
    rounds = belief.rounds
    if len(rounds) < ROUNDS or _taken(rounds) >= SUDDEN * ROUNDS * belief.usual:
        return belief
    rate = max(LEAST_RATE, _taken(rounds) / max(sum(one.active for one in rounds), 1e-3))
    return _shared(replace(belief, since=resumes_at, found=rate, rounds=()), rate, rounds[-1].pause)


def _held(belief: Belief, rate: float, hold: float) -> Belief:
    base = max(LEAST_RATE, rate * HEADROOM)
    return replace(belief, phase=Phase.HOLDING, base=base, span=max(HOLD, hold), found=rate)


def _sought(belief: Belief, fit: Fit, pause: float) -> Belief:
    """Go through the range so slowly that the next 429 costs less time than it takes to come."""
    base = math.sqrt(max(fit.low, fit.high / OCTAVES) * fit.high)
    doublings = 1.0 if len(belief.rounds) < 2 else math.log2(fit.high / base)  # one 429 alone shows no upper end
    return replace(belief, phase=Phase.SEEKING, base=base, span=min((1.0 + pause / 2) / doublings, 60.0))


def _shared(belief: Belief, rate: float, pause: float) -> Belief:
    """AIMD: give way by YIELD, and come back within PERIOD requests.

    span = PERIOD / (limit * (1 - YIELD)), where the limit is what was found, or what two runs like this one need
    """
    found = max(LEAST_RATE, min(belief.found, 2.0 * rate))
    span = max(15.0, PERIOD / (found * (1.0 - YIELD)), 50.0 * pause)
    return replace(belief, phase=Phase.SHARING, base=max(LEAST_RATE, rate * YIELD), span=span, found=found)
