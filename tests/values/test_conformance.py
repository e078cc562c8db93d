"""The promises that every converter keeps: total, blank in and blank out, idempotent, no guess, no forgotten code."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, strategies as st

from importer.model import TEMPLATES, Code, Invalid, Issue, Location, Noted
from importer.values.bic import bic
from importer.values.boolean import boolean
from importer.values.calendar_date import DateOptions, date
from importer.values.country import country
from importer.values.date_time import DateTimeOptions, date_time
from importer.values.decimal_number import DecimalOptions, decimal
from importer.values.email import email, email_list
from importer.values.iban import iban
from importer.values.locale import locale
from importer.values.phone import phone
from importer.values.street import house_number, street_name
from importer.values.text import clean, external_id, text
from importer.values.url import url
from importer.values.vat import vat
from importer.values.whole_number import integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.model import Cell

    Converter = Callable[[Cell], object]


def decimal_with_point(cell: Cell) -> object:
    return decimal(cell, DecimalOptions(decimal_comma=False))


def decimal_with_comma(cell: Cell) -> object:
    return decimal(cell, DecimalOptions(decimal_comma=True))


def american_date(cell: Cell) -> object:
    return date(cell, DateOptions(order="mdy", serial=False, drop_time=True))


def german_vat(cell: Cell) -> object:
    return vat(cell, country="DE")


def short_date(cell: Cell) -> object:
    return date(cell, DateOptions(order="dmy", two_digit_from=1950))


def amsterdam_time(cell: Cell) -> object:
    return date_time(cell, options=DateTimeOptions(order="dmy", two_digit_from=1950, time_zone="Europe/Amsterdam"))


def dutch_phone(cell: Cell) -> object:
    return phone(cell, region="NL")


def german_phone(cell: Cell) -> object:
    return phone(cell, region="DE")


def any_phone(cell: Cell) -> object:
    return phone(cell)


def language(cell: Cell) -> object:
    return locale(cell)


def british_street(cell: Cell) -> object:
    return street_name(cell, country="GB")


def dutch_house(cell: Cell) -> object:
    return house_number(cell, country="NL")


CONVERTERS: dict[str, Converter] = {
    "american_date": american_date,
    "amsterdam_time": amsterdam_time,
    "any_phone": any_phone,
    "bic": bic,
    "boolean": boolean,
    "british_street": british_street,
    "country": country,
    "date": date,
    "date_time": date_time,
    "decimal": decimal,
    "decimal_with_comma": decimal_with_comma,
    "decimal_with_point": decimal_with_point,
    "dutch_house": dutch_house,
    "dutch_phone": dutch_phone,
    "email": email,
    "email_list": email_list,
    "external_id": external_id,
    "german_phone": german_phone,
    "german_vat": german_vat,
    "house_number": house_number,
    "iban": iban,
    "integer": integer,
    "language": language,
    "short_date": short_date,
    "street_name": street_name,
    "text": text,
    "url": url,
    "vat": vat,
}
SHORT = {
    "any_phone",
    "dutch_phone",
    "german_phone",
    "language",
    "date_time",
    "amsterdam_time",
    "short_date",
    "vat",
    "german_vat",
    "iban",
    "bic",
}
# Not idempotent by nature: "12,3450" is "12.345", and that as text may be twelve thousand.
NO_NUMBER = {"house_number", "dutch_house"}  # a street without a number has none
NOT_IDEMPOTENT = {"decimal", "decimal_with_comma"}
BLANKS = [
    None,
    "",
    " ",
    "\t\r\n",
    "\u00a0",
    "\u2003\u3000",
    "\u200b",
    "\ufeff",
    " \u200d\u2060 ",
    "\u00ad",
    "\u200e\u200f",
]
PLACEHOLDERS = [
    "n/a",
    "N/A",
    "#N/A",
    "-",
    "--",
    "?",
    "k.A.",
    "keine",
    "NULL",
    "unknown",
    "unbekannt",
    "onbekend",
    "xxx",
]

_numbers = st.from_regex(r"(Tel\. )?[+(]?0{0,2}[0-9(][0-9 ()./-]{3,18}[0-9]( (ext|x|DW) [0-9]{1,3})?", fullmatch=True)
_times = st.from_regex(
    r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( ?(Z|[AP]M|[+-][01][0-9]:?[0-9]{2}))?",
    fullmatch=True,
)
_near_misses = st.text(alphabet="0123456789.,-/:T@ +'eE%aAnmMzäß\u00a0\u200b\ud800\x00<>\"()", max_size=24)
cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(10**6000), max_value=10**6000),
    st.floats(),
    st.datetimes(timezones=st.none() | st.just(dt.UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.text(st.characters()),
    st.text(st.characters(categories=["Cs", "Cc", "Zs", "Cf", "Lu", "Nd"]), max_size=8),
    _near_misses,
    st.sampled_from(["DE 100000129", "BE400000185", "gr000012348", "100000129", "NL12 BANK 0123 4567 89", "bank nl2a"]),
    _numbers,
    _times,
    st.sampled_from(
        [
            "Nederland",
            "a@b.example",
            "www.acme.example",
            "ja",
            "3. März 2021",
            "1.234,5",
            "(NL)",
            "a" * 5000,
            "nl-BE",
            "Deutsch (AT)",
            "Kanaalstraat 12-bis",
            "12 High Street",
        ]
    ),
)


def value_of(result: object) -> object:
    """Take the value alone; what was noted about it says what was done, and with which code."""
    if not isinstance(result, Noted):
        return result
    assert result.code is Code.COMPLETED
    assert result.detail
    return result.value


@pytest.fixture(params=sorted(CONVERTERS))
def converter(request: pytest.FixtureRequest) -> Converter:
    return CONVERTERS[request.param]


@pytest.mark.parametrize("name", sorted(CONVERTERS))
@given(cell=cells)
@example(cell=10**5000)
@example(cell="9" * 5000)
@example(cell="\ud800@\udfff.example")
@example(cell="http://[\u2100")
@example(cell="a@xn--0.example")
def test_any_cell_gives_a_value_or_an_invalid_that_reads_as_an_issue(name: str, cell: Cell) -> None:
    result = value_of(CONVERTERS[name](cell))
    if isinstance(result, Invalid):
        issue = Issue.of(
            result.code,
            Location("file.csv"),
            value=str(cell)[:99] if isinstance(cell, str) else "",
            detail=result.detail,
        )
        assert issue.message
        assert result.detail
        assert result.code in TEMPLATES
        assert len(result.suggestions) <= 3
    else:
        assert result is None or isinstance(result, (str, bool, int))
        assert result is not None or clean(cell) is None or name in NO_NUMBER
        assert name not in SHORT or len(str(result)) <= 255


@pytest.mark.parametrize("name", sorted(CONVERTERS.keys() - NOT_IDEMPOTENT))
@given(cell=cells)
def test_a_value_converts_to_itself(name: str, cell: Cell) -> None:
    once = value_of(CONVERTERS[name](cell))
    if once is not None and not isinstance(once, Invalid):
        assert isinstance(once, (str, int))
        again = value_of(CONVERTERS[name](once))
        assert again == once
        assert type(again) is type(once)


@pytest.mark.parametrize("cell", BLANKS, ids=ascii)
def test_a_blank_cell_is_none(converter: Converter, cell: Cell) -> None:
    assert converter(cell) is None


@pytest.mark.parametrize("cell", PLACEHOLDERS)
@pytest.mark.parametrize("name", sorted(CONVERTERS.keys() - {"text", "external_id"}))
def test_a_placeholder_is_never_a_value(name: str, cell: Cell) -> None:
    result = CONVERTERS[name](cell)
    assert isinstance(result, Invalid) or (result is None and name in NO_NUMBER)


@pytest.mark.parametrize("cell", [True, 1, 1.0, "1", False, 0, 0.0, "0"], ids=repr)
def test_equal_cells_of_different_types_are_not_mixed_up_by_a_cache(converter: Converter, cell: Cell) -> None:
    first = converter(cell)
    for other in (True, 1, 1.0, "1", False, 0, 0.0, "0"):
        converter(other)
    again = converter(cell)
    assert again == first
    assert type(again) is type(first)


def test_every_code_of_a_conversion_is_used() -> None:
    results = [
        text(dt.timedelta(1)),
        external_id("a/b"),
        external_id(1e15),
        integer("x"),
        decimal("x"),
        boolean("x"),
        date("x"),
        country("x"),
        email("x"),
        url("x"),
        vat("x"),
        iban("x"),
        bic("x"),
        phone("x y"),
        locale("x y"),
        date_time("x"),
        street_name("1"),
    ]
    codes = {result.code for result in results if isinstance(result, Invalid)}
    assert codes == {
        Code.NOT_TEXT,
        Code.BAD_EXTERNAL_ID,
        Code.DAMAGED_NUMBER,
        Code.NOT_AN_INTEGER,
        Code.NOT_A_DECIMAL,
        Code.NOT_A_BOOLEAN,
        Code.NOT_A_DATE,
        Code.NOT_A_COUNTRY,
        Code.NOT_AN_EMAIL,
        Code.NOT_A_URL,
        Code.NOT_A_VAT_ID,
        Code.NOT_AN_IBAN,
        Code.NOT_A_BIC,
        Code.NOT_A_PHONE,
        Code.NOT_A_LOCALE,
        Code.NOT_A_DATETIME,
        Code.NOT_SPLIT,
    }
