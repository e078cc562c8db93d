"""A rate found from 429s: the table of decisions, and runs against a bucket on a clock of events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from importer.transport import rate as r
from importer.transport.rate import Belief, Phase, Round, Trace
from tests.fakes.limiters import Answered, LeakyBucket, Sender, sent
from tests.fakes.randomness import seeded

WARM_UP = 5.0


def spaced(rate: float, count: int, since: float = 0.0) -> list[float]:
    return [since + number / rate for number in range(count)]


HELD = Belief(Phase.HOLDING, 100.0, since=0.0, span=30.0, found=100.0)
SOUGHT = Belief(Phase.SEEKING, 100.0, since=0.0, span=1.0, found=100.0)
BUCKET = Trace(spaced(100, 100) + spaced(150, 70, 2.0), [2.0 + 70 / 150])  # 100/s pass; at 150/s the 71st does not
NO_BUCKET = Trace([*spaced(100, 200), *spaced(1000, 40, 3.0)], [1.001, 1.505, 5.0])


@pytest.mark.parametrize(
    ("belief", "latest", "trace", "phase", "rates"),
    [
        pytest.param(r.begun(), Round(20, 0.5, 1.0), Trace(), Phase.SEEKING, (20, 20), id="the first 429"),
        pytest.param(r.begun(), Round(60, 1.0, 59.0), Trace(), Phase.SEEKING, (1, 1), id="the first, of a window"),
        pytest.param(r.begun(), Round(0, 0.1, 0.1), Trace(), Phase.STARTING, (30, 30), id="nothing was ever taken"),
        pytest.param(SOUGHT, Round(0, 0.0, 9.0), Trace(), Phase.SEEKING, (100, 100), id="an outage"),
        pytest.param(SOUGHT, Round(9, 0.2, 0.1), Trace([0.0] * 9), Phase.SEEKING, (70, 90), id="too little to judge"),
        pytest.param(SOUGHT, Round(70, 0.5, 0.1), BUCKET, Phase.SEEKING, (15, 140), id="a bucket fits, about"),
        pytest.param(SOUGHT, Round(70, 0.5, 0.1), NO_BUCKET, Phase.SHARING, (60, 120), id="no bucket fits"),
        pytest.param(HELD, Round(2000, 20.0, 0.1), Trace(), Phase.HOLDING, (98, 100), id="an attempt at more was vain"),
        pytest.param(HELD, Round(70, 0.5, 0.1), NO_BUCKET, Phase.SHARING, (69, 71), id="early, and no bucket fits"),
        pytest.param(HELD, Round(70, 0.5, 0.1), BUCKET, Phase.HOLDING, (50, 100), id="early, and a bucket fits"),
        pytest.param(
            replace(HELD, surprises=2), Round(70, 0.5, 0.1), BUCKET, Phase.SHARING, (69, 71), id="early again and again"
        ),
        pytest.param(
            replace(HELD, phase=Phase.SHARING), Round(70, 0.5, 0.1), Trace(), Phase.SHARING, (70, 72), id="shared"
        ),
        pytest.param(
            replace(HELD, phase=Phase.SHARING, surprises=12),
            Round(70, 0.5, 0.1),
            BUCKET,
            Phase.SEEKING,
            (15, 140),
            id="shared for long, sought again",
        ),
        pytest.param(
            replace(HELD, phase=Phase.SHARING, base=0.1, found=0.1),
            Round(1, 1.0, 0.1),
            Trace(),
            Phase.SHARING,
            (0.2, 0.2),
            id="least",
        ),
        pytest.param(
            replace(HELD, phase=Phase.FREE), Round(90, 1.0, 0.1), NO_BUCKET, Phase.SHARING, (50, 70), id="free no more"
        ),
        pytest.param(
            replace(SOUGHT, rounds=(Round(60, 1.0, 59.0),)),
            Round(61, 21.0, 39.0),
            Trace(),
            Phase.HOLDING,
            (0.97, 1.0),
            id="two windows alike",
        ),
        pytest.param(
            replace(SOUGHT, rounds=(Round(600, 1.0, 59.0),)),
            Round(60, 21.0, 39.0),
            Trace(),
            Phase.SEEKING,
            (1, 1),
            id="two windows that differ",
        ),
        pytest.param(
            replace(SOUGHT, rounds=(Round(19, 0.2, 1.0), Round(19, 0.4, 1.0), Round(20, 0.8, 1.0))),
            Round(19, 1.0, 1.0),
            Trace(),
            Phase.FREE,
            (100, 100),
            id="after as many at any pace",
        ),
    ],
)
def test_what_a_429_changes(
    belief: Belief, latest: Round, trace: Trace, phase: Phase, rates: tuple[float, float]
) -> None:
    after = r.slowed(belief, latest, trace, latest.active + latest.pause)
    assert after.phase is phase
    assert rates[0] * 0.99 <= after.base <= rates[1] * 1.01


@pytest.mark.parametrize(
    ("phase", "elapsed", "rate"),
    [
        (Phase.STARTING, 10.0, 100.0),
        (Phase.SEEKING, 20.0, 200.0),
        (Phase.HOLDING, 10.0, 100.25),
        (Phase.HOLDING, 20.0, 102.0),
        (Phase.HOLDING, 60.0, 154.0),
        (Phase.SHARING, 10.0, 150.0),
        (Phase.FREE, 10.0, None),
        (Phase.SEEKING, 1000.0, None),
    ],
)
def test_how_the_rate_grows(phase: Phase, elapsed: float, rate: float | None) -> None:
    belief = Belief(phase, 100.0, since=50.0, span=20.0, found=100.0)
    assert r.rate_at(belief, 50.0 + elapsed) == (None if rate is None else pytest.approx(rate))
    assert r.rate_at(belief, 40.0) in {None, 100.0}


def test_without_a_limit_the_brakes_are_off_within_half_a_second() -> None:
    belief, seconds = r.begun(), 0.0
    while (rate := r.rate_at(belief, 0.0)) is not None:
        seconds += 1 / rate
        belief = r.grown_by_one(belief)
    assert seconds < 0.5
    assert r.grown_by_one(belief) is belief


# runs


def throttled_share(seen: list[Answered]) -> float:
    return sum(not one.taken for one in seen) / len(seen)


@pytest.mark.parametrize("rate", [50, 200])
@pytest.mark.parametrize("burst", [5, 20])
@pytest.mark.parametrize(("retry_after", "used"), [(None, 0.97), (1.0, 0.95)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_limit_is_found_in_five_seconds_and_kept(
    rate: float, burst: float, retry_after: float | None, used: float, seed: int
) -> None:
    rng = seeded(seed)
    seen = sent(LeakyBucket(rate, burst), [Sender(0, rng, retry_after)], 65.0, rng)
    late = [one for one in seen if one.at >= WARM_UP]
    assert sum(one.taken for one in late) / (rate * 60.0) >= used
    assert throttled_share(seen) < 0.01


@pytest.mark.parametrize("rate", [50, 200])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_two_runs_that_begin_together_neither_starves(rate: float, seed: int) -> None:
    rng = seeded(seed)
    seen = sent(LeakyBucket(rate, 20), [Sender(0, rng), Sender(1, rng)], 60.0, rng)
    taken = [one.sender for one in seen if one.taken]
    assert min(taken.count(0), taken.count(1)) >= len(taken) / 4  # a third behind real nginx, whose ways are less even
    assert throttled_share(seen) < 0.02


@settings(max_examples=20)
@given(rate=st.floats(5, 500), burst=st.floats(5, 60), seed=st.integers(0, 1000))
def test_whatever_the_bucket_nothing_starves_and_few_are_refused(rate: float, burst: float, seed: int) -> None:
    rng = seeded(seed)
    seen = sent(LeakyBucket(rate, burst), [Sender(0, rng)], 40.0, rng)
    late = [one for one in seen if one.at >= 10.0]
    assert sum(one.taken for one in late) / (rate * 30.0) >= 0.5
    assert sum(not one.taken for one in seen) <= 0.02 * len(seen) + 20


@given(
    rounds=st.lists(
        st.builds(Round, st.integers(0, 500), st.floats(0, 100), st.floats(0, 3600)), min_size=1, max_size=20
    )
)
def test_the_rate_stays_above_zero_whatever_comes(rounds: list[Round]) -> None:
    belief, now = r.begun(), 0.0
    for latest in rounds:
        trace = Trace(spaced(50, latest.taken, now), [now + latest.active])
        now += latest.active + latest.pause
        belief = r.slowed(belief, latest, trace, now)
        rate = r.rate_at(belief, now)
        assert rate is None or rate > 0
        assert belief.span > 0
