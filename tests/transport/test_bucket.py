"""Which rates agree with what was taken and refused: the true one does, and little else."""

from __future__ import annotations

from hypothesis import given, strategies as st

from importer.transport.bucket import fitted
from tests.fakes.limiters import LeakyBucket


def rounds(bucket: LeakyBucket, paces: list[float], late: list[int], pauses: list[float]) -> list[tuple[float, bool]]:
    """Send at each pace until a request is refused, let a few leave that were under way, and pause."""
    events, at = list[tuple[float, bool]](), 0.0
    for pace, more, pause in zip(paces, late, pauses, strict=True):
        while True:
            at += 1 / pace
            events.append((at, bucket.take(at)))
            if not events[-1][1]:
                break
        for _ in range(more):
            at += 1 / pace
            events.append((at, bucket.take(at)))
        at += pause
    return events


@given(
    rate=st.floats(5, 300),
    burst=st.integers(1, 50),
    times=st.lists(st.floats(1.1, 2.5), min_size=2, max_size=4),
    late=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    pauses=st.lists(st.floats(0.25, 2), min_size=4, max_size=4),
)
def test_the_true_rate_is_among_those_that_agree(
    rate: float, burst: int, times: list[float], late: list[int], pauses: list[float]
) -> None:
    paces = [rate * one for one in times]
    events = rounds(LeakyBucket(rate, burst), paces, late[: len(paces)], pauses[: len(paces)])
    fit = fitted(events, 0.05, paces[-1] * 1.05)
    assert fit is not None
    assert fit.low <= rate * 1.5  # a few requests agree with much, and the search is not for every valley
    assert fit.high >= rate / 1.5


def answered(bucket: LeakyBucket, times: list[float]) -> list[tuple[float, bool]]:
    return [(at, bucket.take(at)) for at in times]


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
