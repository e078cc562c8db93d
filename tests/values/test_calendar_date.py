from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Invalid
from importer.values.calendar_date import DateOptions, date

if TYPE_CHECKING:
    from importer.model import Cell
    from importer.values.calendar_date import Order

DAYS = st.dates(min_value=dt.date(1000, 1, 1))


def at(year: int, month: int, day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour)  # noqa: DTZ001 - cells have no zone


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        pytest.param(dt.date(2021, 3, 4), "2021-03-04", id="date cell"),
        pytest.param(at(2021, 3, 4), "2021-03-04", id="datetime cell at midnight"),
        pytest.param(44259, "2021-03-04", id="serial"),
        pytest.param(44259.0, "2021-03-04", id="serial as float"),
        pytest.param(20000, "1954-10-03", id="first serial"),
        pytest.param(80000, "2119-01-11", id="last serial"),
        pytest.param(20210304, "2021-03-04", id="basic ISO as number"),
        pytest.param("20210304", "2021-03-04", id="basic ISO"),
        pytest.param("2021-03-04", "2021-03-04", id="ISO"),
        pytest.param("2021-3-4", "2021-03-04", id="ISO without zeros"),
        pytest.param("2021/03/04", "2021-03-04", id="year first with slashes"),
        pytest.param("2021.03.04", "2021-03-04", id="year first with points"),
        pytest.param("2021-03-04T00:00:00", "2021-03-04", id="ISO at midnight"),
        pytest.param("2021-03-04 00:00", "2021-03-04", id="midnight after a blank"),
        pytest.param("2021-03-04T00:00:00.000Z", "2021-03-04", id="midnight UTC"),
        pytest.param("2021-03-04T00:00:00+02:00", "2021-03-04", id="midnight with offset"),
        pytest.param("4.3.2021", "2021-03-04", id="points are day first"),
        pytest.param("04. 03. 2021", "2021-03-04", id="points and blanks"),
        pytest.param("31.12.2021 00:00:00", "2021-12-31", id="points at midnight"),
        pytest.param("31/12/2021", "2021-12-31", id="only the day can be 31"),
        pytest.param("12/31/2021 12:00:00 AM", "2021-12-31", id="midnight in America"),
        pytest.param("31-12-2021", "2021-12-31", id="dashes"),
        pytest.param("05/05/2021", "2021-05-05", id="the same either way"),
        pytest.param("3 maart 2021", "2021-03-03", id="Dutch"),
        pytest.param("3-mrt-2021", "2021-03-03", id="Dutch, short"),
        pytest.param("3. März 2021", "2021-03-03", id="German"),
        pytest.param("3. Ma\u0308rz 2021", "2021-03-03", id="decomposed"),
        pytest.param("3 de marzo de 2021", "2021-03-03", id="Spanish"),
        pytest.param("3 settembre 2021", "2021-09-03", id="Italian"),
        pytest.param("3 września 2021", "2021-09-03", id="Polish"),
        pytest.param("3. maj 2021", "2021-05-03", id="Danish"),
        pytest.param("den 3 augusti 2021", "2021-08-03", id="Swedish"),
        pytest.param("3. desember 2021", "2021-12-03", id="Norwegian"),
        pytest.param("3. kesäkuuta 2021", "2021-06-03", id="Finnish"),
        pytest.param("04.03.2021 kl. 00.00", "2021-03-04", id="midnight with a point"),
        pytest.param("1. Jänner 2021", "2021-01-01", id="Austrian"),
        pytest.param("1er août 2021", "2021-08-01", id="French"),
        pytest.param("Mar 3, 2021", "2021-03-03", id="American"),
        pytest.param("March 3rd 2021", "2021-03-03", id="American, ordinal"),
        pytest.param("3rd of March 2021", "2021-03-03", id="English"),
        pytest.param("3 MAR. 2021", "2021-03-03", id="capitals and a point"),
        pytest.param("29.02.2024", "2024-02-29", id="leap day"),
    ],
)
def test_a_date_is_written_in_iso(cell: Cell, iso: str) -> None:
    assert date(cell) == iso


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        pytest.param("03/04/2021", "either way", id="day or month"),
        pytest.param("3-4-2021", "either way", id="day or month with dashes"),
        pytest.param("1.2.21", "two digits", id="two-digit year"),
        pytest.param("31/12/99", "two digits", id="two-digit year with slashes"),
        pytest.param("2021-02-30", "no such day", id="30 February"),
        pytest.param("29.02.2023", "no such day", id="no leap year"),
        pytest.param("32/13/2021", "no such day", id="neither day nor month"),
        pytest.param("31 April 2021", "no such day", id="31 April"),
        pytest.param("0-0-00", "no date", id="empty date of Outlook"),
        pytest.param("0.0.00", "no date", id="empty date with points"),
        pytest.param("00.00.0000", "no date", id="empty date in full"),
        pytest.param("0000-00-00", "no date", id="empty date of MySQL"),
        pytest.param("0", "no date", id="zero"),
        pytest.param("0001-01-01", "no date", id="empty date of .NET"),
        pytest.param(dt.date(1, 1, 1), "no date", id="empty date cell"),
        pytest.param("2021-03-04 10:20", "time of day", id="time"),
        pytest.param("2021-03-04T00:00:01", "time of day", id="one second"),
        pytest.param("4.3.2021 12:00 PM", "time of day", id="noon"),
        pytest.param("4.3.2021 12:30 AM", "time of day", id="half past midnight"),
        pytest.param(at(2021, 3, 4, 10), "time of day", id="datetime cell with time"),
        pytest.param(44259.5, "time of day", id="serial with time"),
        pytest.param("44259", "form", id="a serial as text"),
        pytest.param(19999, "number", id="before the serials"),
        pytest.param(80001, "number", id="after the serials"),
        pytest.param(20211304, "no such day", id="number with month 13"),
        pytest.param(float("nan"), "number", id="nan"),
        pytest.param(True, "something else", id="truth value"),
        pytest.param(dt.time(1), "something else", id="time cell"),
        pytest.param(dt.timedelta(1), "something else", id="duration"),
        pytest.param("3. března 2021", "month", id="a month of another language"),
        pytest.param("3 listopada 2021", "month", id="November in Poland, October in Croatia"),
        pytest.param("2021-03-04 24:00", "time of day", id="the end of the day"),
        pytest.param("4.3.2021 13:00 PM", "time of day", id="no hour of a clock of twelve"),
        pytest.param("2021-03-04T10:20:00+15:00", "time of day", id="no time zone"),
        pytest.param("3 March 21", "two digits", id="two-digit year after a name"),
        pytest.param("21/12/3", "digit", id="one-digit year"),
        pytest.param("1.2/2021", "form", id="mixed separators"),
        pytest.param("March 2021", "form", id="no day"),
        pytest.param("Q1 2021", "form", id="quarter"),
        pytest.param("2021", "form", id="year"),
        pytest.param("morgen", "form", id="word"),
        pytest.param("1" * 61, "characters", id="too long"),
    ],
)
def test_what_is_no_date_for_sure_is_refused_with_the_reason(cell: Cell, reason: str) -> None:
    result = date(cell)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_DATE
    assert reason in result.detail


@pytest.mark.parametrize(
    ("cell", "order", "iso"),
    [
        ("03/04/2021", "dmy", "2021-04-03"),
        ("03/04/2021", "mdy", "2021-03-04"),
        ("03.04.2021", "mdy", "2021-03-04"),
        ("2021-04-03", "mdy", "2021-04-03"),
        ("2021/04/03", "ymd", "2021-04-03"),
    ],
)
def test_a_declared_order_settles_the_doubt(cell: str, order: Order, iso: str) -> None:
    assert date(cell, DateOptions(order=order)) == iso


@pytest.mark.parametrize(("cell", "order"), [("31/12/2021", "mdy"), ("12/31/2021", "dmy"), ("31.12.2021", "ymd")])
def test_text_against_the_declared_order_is_refused(cell: str, order: Order) -> None:
    assert isinstance(date(cell, DateOptions(order=order)), Invalid)


def test_both_readings_are_suggested_and_none_is_taken() -> None:
    result = date("03/04/2021")
    assert isinstance(result, Invalid)
    assert result.suggestions == ("2021-04-03", "2021-03-04")


def test_a_time_is_dropped_only_by_option() -> None:
    options = DateOptions(drop_time=True)
    assert [date(cell, options) for cell in ("2021-03-04 10:20", at(2021, 3, 4, 10), 44259.5)] == ["2021-03-04"] * 3


@pytest.mark.parametrize(
    ("cell", "order", "iso"),
    [
        ("31.12.99", None, "1999-12-31"),
        ("01.02.49", None, "2049-02-01"),
        ("01.02.50", None, "1950-02-01"),
        ("1. 2.21", None, "2021-02-01"),
        ("31/12/99", None, "1999-12-31"),
        ("12/31/99", None, "1999-12-31"),
        ("99-12-31", None, "1999-12-31"),
        ("03/04/21", "dmy", "2021-04-03"),
        ("03/04/21", "mdy", "2021-03-04"),
        ("21-03-04", "ymd", "2021-03-04"),
        ("3-Mar-21", None, "2021-03-03"),
        ("Mar 3, 21", None, "2021-03-03"),
    ],
)
def test_two_digit_years_are_read_where_they_are_declared(cell: str, order: Order | None, iso: str) -> None:
    assert isinstance(date(cell, DateOptions(order=order)), Invalid)
    assert date(cell, DateOptions(order=order, two_digit_from=1950)) == iso


@pytest.mark.parametrize("cell", ["03/04/21", "12/11/10", "31/31/99", "31.13.99"])
def test_two_digit_years_do_not_settle_the_order(cell: str) -> None:
    assert isinstance(date(cell, DateOptions(two_digit_from=1950)), Invalid)


def test_serial_numbers_can_be_switched_off() -> None:
    assert isinstance(date(44259, DateOptions(serial=False)), Invalid)


@given(DAYS)
def test_every_day_reads_back_from_every_unambiguous_spelling(day: dt.date) -> None:
    iso = day.isoformat()
    assert date(day) == date(iso) == date(f"{day.day}.{day.month}.{day.year:04}") == iso
    assert date(f"{day.day}/{day.month}/{day.year:04}", DateOptions(order="dmy")) == iso
    assert date(f"{day.month}-{day.day}-{day.year:04}", DateOptions(order="mdy")) == iso


@given(DAYS)
def test_without_an_order_a_date_is_right_or_refused(day: dt.date) -> None:
    dutch = date(f"{day.day}-{day.month}-{day.year:04}")
    assert isinstance(dutch, Invalid) or dutch == day.isoformat()
    assert isinstance(dutch, Invalid) == (day.day <= 12 and day.day != day.month)


@given(st.dates(min_value=dt.date(1954, 10, 3), max_value=dt.date(2119, 1, 11)))
def test_serials_count_days_as_excel_does(day: dt.date) -> None:
    assert date((day - dt.date(1899, 12, 30)).days) == day.isoformat()
