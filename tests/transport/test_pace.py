"""Pacing decisions: tables for what the target says, properties for what is made of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from importer.transport import pace as p
from tests.fakes.randomness import seeded

NOW = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"Retry-After": "7"}, 7.0, id="seconds"),
        pytest.param({"Retry-After": " 7 "}, 7.0, id="blanks"),
        pytest.param({"Retry-After": "1.5"}, 1.5, id="fraction"),
        pytest.param({"Retry-After": "0"}, 1.0, id="zero is one"),
        pytest.param({"Retry-After": "86400"}, 3600.0, id="a day is clamped"),
        pytest.param({"Retry-After": "Mon, 05 Jan 2026 09:00:30 GMT"}, 30.0, id="date"),
        pytest.param({"Retry-After": "Mon, 05 Jan 2026 09:00:30 -0000"}, 30.0, id="date without zone"),
        pytest.param({"Retry-After": "Tue, 05 Jan 2027 09:00:00 GMT"}, 3600.0, id="far date is clamped"),
        pytest.param({"Retry-After": str(EPOCH + 12)}, 12.0, id="unix time"),
        pytest.param({"Retry-After": str(EPOCH * 1000)}, 3600.0, id="unix time in ms is clamped"),
        pytest.param({"Retry-After": "-5"}, None, id="negative"),
        pytest.param({"Retry-After": str(EPOCH - 12)}, None, id="unix time gone by"),
        pytest.param({"Retry-After": "Mon, 05 Jan 2026 08:59:00 GMT"}, None, id="date gone by"),
        pytest.param({"Retry-After": "soon"}, None, id="words"),
        pytest.param({"Retry-After": ""}, None, id="empty"),
        pytest.param({"Retry-After": "nan"}, None, id="nan"),
        pytest.param({"Retry-After": "inf"}, None, id="inf"),
        pytest.param({"Retry-After": "9" * 400}, None, id="beyond a float"),
        pytest.param({}, None, id="nothing"),
        pytest.param({"X-RateLimit-Reset": str(EPOCH + 20)}, 20.0, id="reset alone"),
        pytest.param({"Retry-After": "3", "X-RateLimit-Reset": str(EPOCH + 20)}, 3.0, id="Retry-After before reset"),
        pytest.param(
            {"Retry-After": "-1", "X-RateLimit-Reset": str(EPOCH + 20)}, 20.0, id="reset where it is unusable"
        ),
        pytest.param(
            {"Retry-After": "Mon, 05 Jan 2026 10:00:30 GMT", "Date": "Mon, 05 Jan 2026 10:00:00 GMT"},
            30.0,
            id="a date counts from the answer's own",
        ),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert p.retry_after(headers, NOW) == seconds


@given(st.text())
def test_retry_after_is_total_and_bounded(text: str) -> None:
    seconds = p.retry_after({"Retry-After": text, "Date": text, "X-RateLimit-Reset": text}, NOW)
    assert seconds is None or 1.0 <= seconds <= p.MAX_PAUSE


@given(streak=st.integers(0, 10_000), seed=st.integers())
def test_a_throttle_without_a_time_waits_at_most_120_seconds(streak: int, seed: int) -> None:
    assert 0.0 <= p.throttle_pause(streak, seeded(seed)) <= min(120.0, 0.25 * 2 ** min(streak, 10))


@given(most=st.integers(1, 64), events=st.lists(st.booleans(), max_size=200))
def test_the_window_stays_between_one_and_the_most(most: int, events: list[bool]) -> None:
    window = p.opened(most)
    for good in events:
        window = p.grown(window) if good else p.shrunk(window)
        assert 1 <= window.limit <= most


def test_the_window_opens_in_a_few_round_trips() -> None:
    window, widths = p.opened(64), []
    for _ in range(4):
        widths.append(int(window.limit))
        for _ in range(int(window.limit)):
            window = p.grown(window)
    assert widths == [2, 8, 32, 64]
    assert p.grown(window) is window


def test_after_a_throttle_the_window_grows_by_one_with_each_round_trip() -> None:
    window = p.shrunk(p.Window(limit=32, threshold=32, most=32))
    assert window.limit == 16
    for _ in range(16):
        window = p.grown(window)
    assert window.limit == pytest.approx(17, abs=0.1)
