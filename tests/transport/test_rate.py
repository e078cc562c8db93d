"""A rate found from 429s: the table of decisions, and runs against a bucket on a clock of events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from importer.transport import rate as r
from importer.transport.rate import Belief, Phase, Round
from tests.fakes.limiters import PLACES, Answered, EveryNth, Flaky, LeakyBucket, Limiter, Sender, sent
from tests.fakes.randomness import seeded

WARM_UP = 5.0  # seconds in which a limit is found


def spaced(rate: float, count: int, since: float = 0.0) -> list[float]:
    return [since + number / rate for number in range(count)]


def seen(taken: list[float], refused: list[float]) -> list[tuple[float, bool]]:
    return sorted([(at, True) for at in taken] + [(at, False) for at in refused])


def answered(bucket: LeakyBucket, times: list[float]) -> list[tuple[float, bool]]:
    return [(at, bucket.take(at)) for at in times]


SEEKING = Belief(Phase.SEEKING, 100.0, span=1.0, found=100.0, rounds=(Round(60, 0.5, 0.1),))
HOLDING = Belief(Phase.HOLDING, 100.0, span=30.0, found=100.0, rounds=(Round(60, 0.5, 0.1),))
SHARING = Belief(Phase.SHARING, 100.0, span=15.0, found=100.0, rounds=(Round(90, 1.0, 0.1), Round(90, 1.0, 0.1)))
INDEPENDENT = Belief(Phase.INDEPENDENT, 100.0, span=0.5, found=100.0, rounds=(Round(20, 0.1, 0.0),) * 11, usual=20.0)
TWO_PACES = answered(LeakyBucket(100, 20), [*spaced(200, 42), *spaced(110, 400, 1.0)])  # by both, 100/s is known
ONE_PACE = answered(LeakyBucket(100, 20), spaced(200, 42))  # any rate below explains it, with another burst each
NO_BUCKET = seen([*spaced(100, 200), *spaced(1000, 40, 3.0)], [1.001, 1.505, 5.0])


@pytest.mark.parametrize(
    ("belief", "latest", "answers", "phase", "rates"),
    [
        pytest.param(r.begun(8), Round(20, 0.2, 0.1), ONE_PACE, Phase.SEEKING, (5, 32), id="the first 429"),
        pytest.param(r.begun(8), Round(60, 1.0, 59.0), [], Phase.HOLDING, (0.95, 1), id="a window that ends"),
        pytest.param(r.begun(8), Round(0, 0.1, 9.0), [], Phase.STARTING, (32, 32), id="nothing was ever taken"),
        pytest.param(SEEKING, Round(0, 0.0, 9.0), [], Phase.SEEKING, (100, 100), id="an outage"),
        pytest.param(SEEKING, Round(70, 0.5, 0.1), TWO_PACES, Phase.HOLDING, (95, 105), id="a bucket fits, closely"),
        pytest.param(SEEKING, Round(70, 0.5, 0.1), ONE_PACE, Phase.SEEKING, (20, 100), id="a bucket fits, about"),
        pytest.param(SEEKING, Round(70, 0.5, 0.1), NO_BUCKET, Phase.SHARING, (60, 160), id="no bucket fits"),
        pytest.param(HOLDING, Round(2000, 20.0, 0.1), ONE_PACE, Phase.HOLDING, (98, 100), id="the try was vain"),
        pytest.param(HOLDING, Round(70, 0.5, 0.1), NO_BUCKET, Phase.SHARING, (69, 71), id="early, and no bucket fits"),
        pytest.param(HOLDING, Round(70, 0.5, 0.1), TWO_PACES, Phase.HOLDING, (95, 100), id="early, and a bucket fits"),
        pytest.param(
            replace(HOLDING, rounds=(Round(9, 0.1, 0.1),) * 3),
            Round(9, 0.1, 0.1),
            TWO_PACES,
            Phase.SHARING,
            (69, 71),
            id="a bucket fits, but 429s are frequent",
        ),
        pytest.param(SHARING, Round(70, 0.5, 0.1), NO_BUCKET, Phase.SHARING, (70, 74), id="still shared"),
        pytest.param(
            replace(SHARING, rounds=(Round(20, 0.5, 0.1),) * 2),
            Round(70, 0.5, 0.1),
            TWO_PACES,
            Phase.SHARING,
            (70, 74),
            id="too few to tell",
        ),
        pytest.param(SHARING, Round(70, 0.5, 0.1), TWO_PACES, Phase.HOLDING, (95, 105), id="shared no more"),
        pytest.param(
            replace(SHARING, base=0.05, found=0.05),
            Round(1, 1.0, 0.1),
            NO_BUCKET,
            Phase.SHARING,
            (0.05, 0.05),
            id="least",
        ),
        pytest.param(
            replace(SHARING, rounds=(Round(20, 0.2, 0.1), Round(20, 0.3, 0.1), Round(20, 0.5, 0.1))),
            Round(20, 0.6, 0.1),
            NO_BUCKET,
            Phase.INDEPENDENT,
            (100, 100),
            id="giving way was in vain",
        ),
        pytest.param(
            replace(SHARING, rounds=(Round(20, 0.2, 0.1), Round(20, 0.3, 0.1), Round(20, 0.5, 0.1)), usual=20.0),
            Round(20, 0.6, 0.1),
            NO_BUCKET,
            Phase.SHARING,
            (70, 74),
            id="in vain, as it once seemed to be by mistake",
        ),
        pytest.param(
            replace(SHARING, rounds=(Round(20, 0.2, 0.1), Round(30, 0.3, 0.1), Round(90, 2.0, 0.1))),
            Round(90, 2.1, 0.1),
            NO_BUCKET,
            Phase.SHARING,
            (79, 81),
            id="rarer at half the pace",
        ),
        pytest.param(
            replace(SHARING, rounds=(Round(20, 0.5, 0.1),) * 7),
            Round(20, 0.5, 0.1),
            NO_BUCKET,
            Phase.SHARING,
            (200, 208),
            id="frequent, and the paces too much alike to tell",
        ),
        pytest.param(
            replace(SHARING, rounds=(Round(20, 0.1, 5.0), Round(20, 4.0, 5.0), Round(20, 8.0, 5.0))),
            Round(20, 9.0, 5.0),
            [],
            Phase.INDEPENDENT,
            (200, 200),
            id="long pauses that are no windows",
        ),
        pytest.param(INDEPENDENT, Round(0, 0.1, 0.0), [], Phase.INDEPENDENT, (100, 100), id="independent"),
        pytest.param(
            replace(INDEPENDENT, rounds=(Round(4, 0.04, 0.0),) * 11),
            Round(4, 0.04, 0.0),
            [],
            Phase.SHARING,
            (70, 70),
            id="independent no more",
        ),
    ],
)
def test_what_a_429_changes(
    belief: Belief, latest: Round, answers: list[tuple[float, bool]], phase: Phase, rates: tuple[float, float]
) -> None:
    after = r.slowed(belief, latest, answers, latest.active + latest.pause)
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
        (Phase.INDEPENDENT, 20.0, 200.0),
        (Phase.SEEKING, 1000.0, None),
    ],
)
def test_how_the_rate_grows(phase: Phase, elapsed: float, rate: float | None) -> None:
    belief = Belief(phase, 100.0, since=50.0, span=20.0, found=100.0)
    assert r.rate_at(belief, 50.0 + elapsed) == (None if rate is None else pytest.approx(rate))
    assert r.rate_at(belief, 40.0) in {None, 100.0}


@pytest.mark.parametrize(("concurrency", "first"), [(1, 30.0), (8, 32.0), (32, 128.0)])
def test_who_may_have_more_in_flight_starts_quicker(concurrency: int, first: float) -> None:
    assert r.rate_at(r.begun(concurrency), 0.0) == first


@pytest.mark.parametrize("concurrency", [1, 8, 32])
def test_without_a_limit_the_brakes_are_off_within_half_a_second(concurrency: int) -> None:
    belief, seconds = r.begun(concurrency), 0.0
    while (rate := r.rate_at(belief, 0.0)) is not None:
        seconds += 1 / rate
        belief = r.grown_by_one(belief)
    assert seconds < 0.5
    assert r.grown_by_one(belief) is belief


# runs


def throttled_share(answers: list[Answered]) -> float:
    return sum(not one.taken for one in answers) / len(answers)


def used_share(answers: list[Answered], rate: float, since: float, until: float) -> float:
    return sum(one.taken and since <= one.at < until for one in answers) / (rate * (until - since))


@pytest.mark.parametrize("rate", [20, 50, 100, 200])
@pytest.mark.parametrize("burst", [5, 20])
@pytest.mark.parametrize(("retry_after", "used"), [(None, 0.97), (1.0, 0.92)])  # a pause is 1.7 % of what is counted
@pytest.mark.parametrize("latency", [0.005, 0.03])
@pytest.mark.slow
def test_a_limit_is_found_in_five_seconds_and_kept(
    rate: float, burst: float, retry_after: float | None, used: float, latency: float
) -> None:
    shares = []
    for seed in range(3):
        rng = seeded(seed)
        answers = sent(LeakyBucket(rate, burst), [Sender(0, rng, retry_after)], 65.0, rng, latency=latency)
        shares.append(used_share(answers, rate, WARM_UP, 65.0))
        assert sum(not one.taken for one in answers) < 0.01 * len(answers) + 96  # what was in flight at the first ones
    assert sorted(shares)[1] >= used


@pytest.mark.parametrize(("rate", "later"), [(50, 15.0), (200, 0.0)])
@pytest.mark.slow
def test_of_two_runs_under_one_limit_neither_starves(rate: float, later: float) -> None:
    lesser = []
    for seed in range(3):
        rng = seeded(seed)
        answers = sent(LeakyBucket(rate, 20), [Sender(0, rng), Sender(1, rng, begins_at=later)], 75.0, rng)
        taken = [one.sender for one in answers if one.taken and one.at >= later + WARM_UP]
        lesser.append(min(taken.count(0), taken.count(1)) / len(taken))
        assert throttled_share(answers) < 0.03
        assert used_share(answers, rate, later + WARM_UP, 75.0) >= 0.9
    assert sorted(lesser)[1] >= 0.25
    assert min(lesser) >= 0.05


def flaky(chance: float, seed: int) -> Limiter:
    return Flaky(chance, seeded(seed)) if chance else EveryNth(20)


@pytest.mark.parametrize(("chance", "latency"), [(0.05, 0.005), (0.0, 0.03)], ids=["one in twenty", "each twentieth"])
@pytest.mark.parametrize(("retry_after", "median", "least"), [(None, 400, 150), (1.0, 14, 10)])  # a second
@pytest.mark.slow
def test_429s_that_follow_no_pace_slow_down_by_their_pauses_alone(
    chance: float, latency: float, retry_after: float | None, median: float, least: float
) -> None:
    rates = []
    for seed in range(200, 207):
        rng = seeded(seed)
        answers = sent(flaky(chance, seed), [Sender(0, rng, retry_after)], 30.0, rng, latency=latency)
        rates.append(sum(one.taken for one in answers if one.at >= WARM_UP) / (30.0 - WARM_UP))
    assert sorted(rates)[3] >= median
    assert min(rates) >= least


@settings(max_examples=20)
@given(rate=st.floats(5, 400), burst=st.floats(5, 60), seed=st.integers(0, 1000))
@pytest.mark.slow
def test_whatever_the_bucket_nothing_starves_and_few_are_refused(rate: float, burst: float, seed: int) -> None:
    rng = seeded(seed)
    answers = sent(LeakyBucket(rate, burst), [Sender(0, rng)], 40.0, rng)
    assert used_share(answers, rate, 10.0, 40.0) >= 0.5
    assert sum(not one.taken for one in answers) <= 0.02 * len(answers) + PLACES + 16  # what is in flight at the first


@given(
    rounds=st.lists(
        st.builds(Round, st.integers(0, 500), st.floats(0, 100), st.floats(0, 3600)), min_size=1, max_size=20
    )
)
def test_the_rate_stays_above_zero_whatever_comes(rounds: list[Round]) -> None:
    belief, now = r.begun(8), 0.0
    for latest in rounds:
        answers = seen(spaced(50, latest.taken, now), [now + latest.active])
        now += latest.active + latest.pause
        belief = r.slowed(belief, latest, answers, now)
        rate = r.rate_at(belief, now)
        assert rate is None or rate > 0
        assert belief.span > 0
