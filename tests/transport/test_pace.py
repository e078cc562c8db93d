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


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("59", 59), ("-1", None), ("", None), ("x", None), ("²", None), ("9" * 30, None)]
)
def test_remaining_is_read_or_not_known(text: str, number: int | None) -> None:
    assert p.remaining({"X-RateLimit-Remaining": text}) == number
    assert p.remaining({}) is None


@given(streak=st.integers(0, 10_000), seed=st.integers())
def test_a_throttle_without_a_time_waits_between_5_and_120_seconds(streak: int, seed: int) -> None:
    pause = p.throttle_pause(streak, seeded(seed))
    assert min(120.0, 5.0 * 2 ** min(streak, 10)) <= pause <= 120.0


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


# the rate, learned


def cycle(accepted: int = 50, active: float = 0.1, pause: float = 1.0) -> p.Cycle:
    return p.Cycle(accepted, active, pause)


def learned(rate: float = 45.0) -> p.Pace:
    return p.Pace(rate=rate, good=rate, least=rate / 2, grows_at=100.0, accepted=20)


def test_one_throttle_teaches_nothing() -> None:
    assert p.slowed(p.Pace(), cycle(), 10.0).rate is None


def test_three_cycles_alike_teach_a_rate() -> None:
    pace = p.Pace()
    for accepted in (49, 50, 51):
        pace = p.slowed(pace, cycle(accepted), 10.0)
    assert pace.rate == pytest.approx(50 / 1.1 * p.HEADROOM, rel=0.01)


def test_cycles_that_differ_teach_nothing() -> None:
    pace = p.Pace()
    for accepted in (10, 100, 10, 100, 10, 100):
        pace = p.slowed(pace, cycle(accepted), 10.0)
    assert pace.rate is None


def test_a_throttle_of_everything_teaches_nothing() -> None:
    pace = p.Pace()
    for _ in range(5):
        pace = p.slowed(pace, cycle(0), 10.0)
    assert pace == p.Pace()


def test_a_quick_throttle_in_spite_of_the_rate_ends_the_belief_for_good() -> None:
    pace = p.slowed(learned(), cycle(20, active=0.5), 10.0)
    assert (pace.rate, pace.learns) == (None, False)
    for _ in range(5):
        pace = p.slowed(pace, cycle(), 10.0)
    assert pace.rate is None


def test_a_quick_throttle_after_many_more_answers_is_no_reason_to_doubt() -> None:
    assert p.slowed(learned(), cycle(41, active=0.9), 10.0).rate == pytest.approx(45.0 * p.CUT)


def test_a_late_throttle_cuts_a_little_and_holds() -> None:
    pace = p.slowed(learned(100.0), cycle(2000, active=20.0), 50.0)
    assert pace.rate == pytest.approx(97.0)
    assert p.quickened(pace, 50.0 + p.HOLD - 1) is pace


def test_cuts_end_at_half_of_what_was_learned() -> None:
    pace = learned(100.0)
    for _ in range(100):
        pace = p.slowed(pace, cycle(2000, active=20.0), 50.0)
    assert pace.rate == 50.0


def test_a_late_throttle_after_a_step_goes_back_to_the_rate_before_it() -> None:
    pace = p.slowed(p.quickened(learned(100.0), 100.0), cycle(2000, active=20.0), 120.0)
    assert pace.rate == 100.0
    assert pace.grows_at == 120.0 + p.HOLD


def test_quiet_times_raise_the_rate_ever_faster() -> None:
    pace, rates = learned(100.0), []
    for _ in range(8):
        assert p.quickened(pace, pace.grows_at - 0.1) is pace
        pace = p.quickened(pace, pace.grows_at)
        rates.append(pace.rate or 0)
    steps = [after / before for before, after in zip([100.0, *rates], rates, strict=False)]
    assert steps == pytest.approx([1.03, 1.06, 1.12, 1.24, 1.48, 1.96, 2.0, 2.0])


def test_a_throttle_after_a_large_step_is_no_edge_yet() -> None:
    pace = learned(100.0)
    for _ in range(4):
        pace = p.quickened(pace, pace.grows_at)
    pace = p.slowed(pace, cycle(2000, active=20.0), 200.0)
    assert pace.rate == pytest.approx(100 * 1.03 * 1.06 * 1.12)
    assert pace.grows_at == 200.0 + p.QUIET
