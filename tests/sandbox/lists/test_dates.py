"""Dates of filters: days, instants, and the special values, on a Wednesday in May."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from importer.sandbox.lists.dates import Span, span_of
from tests.sandbox.lists.library import NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02", Span("2026-01-02 00:00:00", whole_day=True)),
        ("2026-01-02T03:04", Span("2026-01-02 03:04:00")),
        ("2026-01-02 03:04:05", Span("2026-01-02 03:04:05")),
        ("2026-01-02t03:04:05z", Span("2026-01-02 03:04:05")),
        ("2026-01-02T03:04:05.5Z", Span("2026-01-02 03:04:05.500000")),
        ("2026-01-02T03:04:05+02:00", Span("2026-01-02 01:04:05")),
        ("2026-01-02T23:04:05 -0200", Span("2026-01-03 01:04:05")),
        (" Today ", Span("2026-05-13 00:00:00", whole_day=True)),
        ("today+5d", Span("2026-05-18 00:00:00", whole_day=True)),
        ("today-30D", Span("2026-04-13 00:00:00", whole_day=True)),
        ("now", Span("2026-05-13 14:30:20")),
        ("sow", Span("2026-05-11 00:00:00")),
        ("eow", Span("2026-05-17 23:59:59")),
        ("som", Span("2026-05-01 00:00:00")),
        ("EOM", Span("2026-05-31 23:59:59")),
        ("9999-12-31", Span("9999-12-31 00:00:00", whole_day=True)),
        ("", None),
        ("2026", None),
        ("2026-1-2", None),
        ("2026-13-01", None),
        ("20260102", None),
        ("2026-W01-1", None),
        ("2026-01-02T25:00", None),
        ("2026-01-02T03:04:05+99:00", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0662", None),
        ("today+5", None),
        ("today*5d", None),
        ("today+99999999999d", None),
        ("today+9999999d", None),
        ("tomorrow", None),
        ("now-1d", None),
    ],
)
def test_a_date_stands_for_a_span(text: str, expected: Span | None) -> None:
    assert span_of(text, NOW) == expected


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (dt.datetime(2026, 2, 1, tzinfo=dt.UTC), "2026-01-26", "2026-02-28"),
        (dt.datetime(2028, 2, 29, 23, 59, 59, tzinfo=dt.UTC), "2028-02-28", "2028-02-29"),
        (dt.datetime(2026, 12, 31, tzinfo=dt.UTC), "2026-12-28", "2026-12-31"),
    ],
)
def test_weeks_begin_on_monday_and_months_end_on_their_last_day(now: dt.datetime, first: str, last: str) -> None:
    assert span_of("sow", now) == Span(f"{first} 00:00:00")
    assert span_of("eom", now) == Span(f"{last} 23:59:59")


def test_the_end_of_time_has_no_end_of_month() -> None:
    assert span_of("eom", dt.datetime(9999, 12, 31, tzinfo=dt.UTC)) is None


@given(st.text() | st.from_regex(r"\A(today[+-]?\d*d?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?)\Z"))
def test_any_text_is_a_span_or_none(text: str) -> None:
    found = span_of(text, NOW)
    assert found is None or dt.datetime.fromisoformat(found.start).tzinfo is None
