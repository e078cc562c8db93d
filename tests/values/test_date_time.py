from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Invalid
from importer.values.date_time import DateTimeOptions, date_time

if TYPE_CHECKING:
    from importer.model import Cell

AMSTERDAM = DateTimeOptions(time_zone="Europe/Amsterdam")
SUMMER = dt.timezone(dt.timedelta(hours=2))
INSTANTS = st.datetimes(min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2100, 1, 1))  # noqa: DTZ001 - as cells


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - cells have no zone


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        (at(2021, 3, 4, 10, 20), "2021-03-04T10:20:00"),
        (at(2021, 3, 4, 10, 20, 1, 250_000), "2021-03-04T10:20:01.25"),
        (dt.datetime(2021, 7, 4, 10, 20, tzinfo=SUMMER), "2021-07-04T08:20:00Z"),
        (44259.5, "2021-03-04T12:00:00"),
        (44259.43078703704, "2021-03-04T10:20:20"),
        ("2021-03-04 10:20", "2021-03-04T10:20:00"),
        ("2021-03-04T10:20:30", "2021-03-04T10:20:30"),
        ("2021-03-04T10:20:30Z", "2021-03-04T10:20:30Z"),
        ("2021-03-04T10:20:30.000000Z", "2021-03-04T10:20:30Z"),
        ("2021-03-04T10:20:30.1234567Z", "2021-03-04T10:20:30.1234567Z"),
        ("2021-03-04T00:20:30+01:00", "2021-03-03T23:20:30Z"),
        ("2021-03-04 10:20:30 +0100", "2021-03-04T09:20:30Z"),
        ("2021-03-04 10:20:30-05", "2021-03-04T15:20:30Z"),
        ("2021-03-04 10:20 UTC", "2021-03-04T10:20:00Z"),
        ("4.3.2021 10:20", "2021-03-04T10:20:00"),
        ("4.3.2021, 10.20 Uhr", "2021-03-04T10:20:00"),
        ("4.3.2021 00:00:00", "2021-03-04T00:00:00"),
        ("31/12/2021 10h20", "2021-12-31T10:20:00"),
        ("12/31/2021 1:05 PM", "2021-12-31T13:05:00"),
        ("12/31/2021 12:05 a.m.", "2021-12-31T00:05:00"),
        ("3 maart 2021 om 10:20 uur", "2021-03-03T10:20:00"),
    ],
)
def test_an_instant_is_in_utc_where_its_zone_is_known_and_as_written_where_not(cell: Cell, iso: str) -> None:
    assert date_time(cell) == iso
    assert date_time(iso) == iso


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2021-03-04 10:20", "2021-03-04T09:20:00Z"),
        ("2021-07-04 10:20", "2021-07-04T08:20:00Z"),
        (at(2021, 7, 4, 1, 20), "2021-07-03T23:20:00Z"),
        (44259.5, "2021-03-04T11:00:00Z"),
        ("2021-07-04T10:20:00Z", "2021-07-04T10:20:00Z"),
    ],
)
def test_a_declared_time_zone_is_that_of_times_without_one(cell: Cell, iso: str) -> None:
    assert date_time(cell, options=AMSTERDAM) == iso


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2021-03-04", "no time of day"),
        (dt.date(2021, 3, 4), "no time of day"),
        (44259, "no time of day"),
        (44259.0, "no time of day"),
        ("03/04/2021 10:20", "either way"),
        ("3.4.21 10:20", "two digits"),
        ("2021-02-30 10:20", "no such day"),
        ("2021-03-04 24:00", "no such time"),
        ("2021-03-04 10:61", "no such time"),
        ("2021-03-04 10:20:60", "no such time"),
        ("2021-03-04 0:20 AM", "no such time"),
        ("2021-03-04 10:20 CET", "form"),
        ("0001-01-01T00:00:00", "no date"),
        ("0000-00-00 00:00:00", "no date"),
        (at(1, 1, 1, 10), "no date"),
        ("1000-01-01T00:00:00+01:00", "no date"),
        ("9999-12-31T23:00:00-05:00", "beyond"),
        ("10:20", "form"),
        ("1614853230", "form"),
        (1614853230, "something else"),
        (19999.5, "something else"),
        (float("nan"), "something else"),
        (True, "something else"),
        (dt.time(10), "something else"),
        ("2021-03-04 10:20" + " " * 80 + "x", "characters"),
    ],
)
def test_what_is_no_instant_is_refused_with_the_reason(cell: Cell, reason: str) -> None:
    result = date_time(cell)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_DATETIME
    assert reason in result.detail


@pytest.mark.parametrize(
    ("cell", "readings"),
    [
        ("2021-10-31 02:30", ("2021-10-31T00:30:00Z", "2021-10-31T01:30:00Z")),
        ("2021-03-28 02:30", ("2021-03-28T01:30:00Z", "2021-03-28T00:30:00Z")),
    ],
    ids=["twice", "never"],
)
def test_a_time_that_the_clock_showed_twice_or_never_is_refused(cell: str, readings: tuple[str, ...]) -> None:
    result = date_time(cell, options=AMSTERDAM)
    assert isinstance(result, Invalid)
    assert result.suggestions == readings


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc", "Europe", "a" * 300, "\x00"], ids=ascii)
def test_an_unknown_time_zone_is_no_exception(zone: str) -> None:
    assert isinstance(date_time("2021-03-04 10:20", options=DateTimeOptions(time_zone=zone)), Invalid)


def test_order_and_century_are_those_of_dates() -> None:
    options = DateTimeOptions(order="mdy", two_digit_from=1950)
    assert date_time("03/04/21 10:20", options=options) == "2021-03-04T10:20:00"


@given(INSTANTS, st.sampled_from([None, "UTC", "Europe/Amsterdam", "America/New_York"]))
def test_the_same_instant_comes_out_of_every_spelling(instant: dt.datetime, zone: str | None) -> None:
    options = DateTimeOptions(time_zone=zone)
    typed = date_time(instant, options=options)
    written = date_time(instant.isoformat(timespec="microseconds"), options=options)
    assert typed == written
    if isinstance(typed, str):
        assert date_time(typed, options=options) == date_time(typed) == typed
        back = dt.datetime.fromisoformat(typed)
        assert (back.tzinfo is None) == (zone is None)


@given(INSTANTS)
def test_serials_count_as_excel_does(instant: dt.datetime) -> None:
    instant = instant.replace(microsecond=0)
    serial = (instant - at(1899, 12, 30)) / dt.timedelta(1)
    result = date_time(serial)
    assert isinstance(result, Invalid) or result == instant.isoformat()
