"""Windows that are told: what each answer teaches, and that a window is used up and not exceeded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from importer.transport import quota as q
from importer.transport.quota import Quota

BEGUN = Quota(60, 40, began_at=100.0, length=60.0, lowest_at=110.0)


@pytest.mark.parametrize(
    ("limit", "remaining", "said"),
    [
        ("60", "59", (60, 59)),
        ("60", "0", (60, 0)),
        ("60", "99", (60, 60)),
        ("0", "0", None),
        ("60", "-1", None),
        ("60", "", None),
        ("²", "1", None),
        ("9" * 30, "1", None),
    ],
)
def test_what_is_told_is_whole_numbers_or_nothing(limit: str, remaining: str, said: tuple[int, int] | None) -> None:
    assert q.told({"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining}) == said
    assert q.told({"X-RateLimit-Limit": limit}) is None


@pytest.mark.parametrize(
    ("quota", "said", "started_at", "after"),
    [
        pytest.param(None, (60, 59), 119.9, Quota(60, 59, 120.0, lowest_at=120.0), id="the first answer"),
        pytest.param(BEGUN, (90, 89), 119.9, Quota(90, 89, 120.0, lowest_at=120.0), id="another limit"),
        pytest.param(BEGUN, (60, 39), 119.9, replace(BEGUN, remaining=39, lowest_at=120.0), id="one less"),
        pytest.param(BEGUN, (60, 45), 109.0, BEGUN, id="overtaken"),
        pytest.param(BEGUN, (60, 3), 99.0, BEGUN, id="of the window before"),
        pytest.param(
            BEGUN, (60, 20), 119.9, replace(BEGUN, remaining=20, lowest_at=120.0, shared=True), id="others took some"
        ),
        pytest.param(
            replace(BEGUN, remaining=10), (60, 12), 119.9, replace(BEGUN, remaining=12, lowest_at=120.0), id="a drip"
        ),
        pytest.param(
            BEGUN, (60, 59), 119.9, Quota(60, 59, 120.0, length=20.0, lowest_at=120.0), id="a new one, sooner than held"
        ),
        pytest.param(
            replace(BEGUN, length=None),
            (60, 59),
            119.9,
            Quota(60, 59, 120.0, length=20.0, lowest_at=120.0),
            id="a new one tells the length",
        ),
    ],
)
def test_what_an_answer_teaches(quota: Quota | None, said: tuple[int, int], started_at: float, after: Quota) -> None:
    assert q.observed(quota, said, started_at, 120.0, sent=20) == after


@pytest.mark.parametrize(
    ("length", "now", "wait", "expected"),
    [
        (None, 100.7, 60.0, 60.0),  # rounded up by 0.7
        (None, 159.5, 1.0, 60.0),
        (None, 100.1, 0.5, 0.6),
        (60.0, 130.0, 10.0, 60.0),
        (30.0, 130.0, 30.0, 60.0),
    ],
)
def test_a_429_tells_how_long_a_window_is(length: float | None, now: float, wait: float, expected: float) -> None:
    after = q.refused(replace(BEGUN, length=length), wait, now)
    assert after.remaining == 0
    assert after.length == pytest.approx(expected)


@pytest.mark.parametrize(
    ("quota", "in_flight", "now", "wait", "rate"),
    [
        pytest.param(BEGUN, 0, 110.0, 0.0, 40 / (0.98 * 50), id="spread over the rest"),
        pytest.param(BEGUN, 4, 110.0, 0.0, 36 / (0.98 * 50), id="less what is under way"),
        pytest.param(replace(BEGUN, remaining=0), 0, 110.0, 50.0, 1 / (0.98 * 50), id="used up"),
        pytest.param(replace(BEGUN, remaining=1, shared=True), 0, 110.0, 50.0, 1 / (0.98 * 50), id="left to others"),
        pytest.param(replace(BEGUN, remaining=0), 0, 160.0, 0.0, 1.0, id="over: one asks"),
        pytest.param(replace(BEGUN, remaining=0), 1, 160.0, 0.02, 1.0, id="over: the others wait for its answer"),
        pytest.param(replace(BEGUN, length=None), 0, 110.0, 0.0, None, id="of unknown length"),
        pytest.param(replace(BEGUN, length=None, remaining=0), 0, 110.0, 0.0, None, id="unknown: one asks"),
        pytest.param(replace(BEGUN, length=None, remaining=0), 1, 110.0, 0.02, None, id="unknown: the others wait"),
    ],
)
def test_how_soon_the_next_may_start(quota: Quota, in_flight: int, now: float, wait: float, rate: float | None) -> None:
    assert q.exhausted(quota, in_flight, now) == wait
    assert q.quota_rate(quota, in_flight, now) == (None if rate is None else pytest.approx(rate))


@given(limit=st.integers(5, 500), length=st.integers(1, 60), cost=st.integers(0, 2))
def test_a_known_window_is_used_up_and_never_exceeded(limit: int, length: int, cost: int) -> None:
    """Others take `cost` requests for each of ours."""
    now, used = 0.0, 1
    quota = Quota(limit, limit - 1, began_at=0.0, length=float(length))
    sent = 1
    while now < length:
        if (wait := q.exhausted(quota, 0, now)) > 0:
            now += wait
            continue
        now += 1 / (q.quota_rate(quota, 0, now) or 1e9)
        if now >= length:
            break
        used, sent = used + 1, sent + 1
        assert used <= limit
        used = min(limit, used + cost)
        quota = q.observed(quota, (limit, limit - used), now, now, sent)
    assert used >= 0.97 * limit - 2
