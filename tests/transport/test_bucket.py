"""Which rates agree with what was taken and refused: the true one does, and little else."""

from __future__ import annotations

from hypothesis import given, strategies as st

from importer.transport.bucket import POINTS, fitted
from tests.fakes.limiters import LeakyBucket

STEP = 60 ** (1 / (POINTS - 1))  # of the first pass from rate / 20 to rate * 3, which decides where the others look


def answered(bucket: LeakyBucket, times: list[float]) -> list[tuple[float, bool]]:
    return [(at, bucket.take(at)) for at in times]


@given(
    rate=st.floats(5, 300), burst=st.integers(1, 50), gaps=st.lists(st.floats(0.0005, 0.2), min_size=30, max_size=300)
)
def test_the_true_rate_is_among_those_that_agree(rate: float, burst: int, gaps: list[float]) -> None:
    times = [sum(gaps[:number]) for number in range(len(gaps))]
    fit = fitted(answered(LeakyBucket(rate, burst), times), rate / 20, rate * 3)
    assert fit is not None
    assert fit.low <= rate * STEP
    assert fit.high >= rate / STEP


def test_two_rounds_rule_out_what_is_far_off() -> None:
    steep = [number / 400 for number in range(40)]
    flat = [4.0 + number / 70 for number in range(140)]
    fit = fitted(answered(LeakyBucket(50, 20), [*steep, *flat]), 5, 200)
    assert fit is not None
    assert 42 <= fit.low <= 51
    assert 49 <= fit.high <= 58
    assert 15 <= fit.burst <= 35


def test_refusals_without_a_reason_agree_with_no_rate() -> None:
    taken = [number / 100 for number in range(300)] + [4.0 + number / 1000 for number in range(60)]
    refused = [1.005, 2.005, 5.5]
    assert fitted(sorted([(at, True) for at in taken] + [(at, False) for at in refused]), 5, 105) is None
