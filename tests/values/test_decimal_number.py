"""Decimals and whole numbers share their spelling rules."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Invalid
from importer.values.decimal_number import DecimalOptions, decimal
from importer.values.whole_number import integer

if TYPE_CHECKING:
    from importer.model import Cell

COMMA, POINT = DecimalOptions(decimal_comma=True), DecimalOptions(decimal_comma=False)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        pytest.param("42", "42", id="plain"),
        pytest.param("+42", "42", id="plus"),
        pytest.param("-42", "-42", id="minus"),
        pytest.param("\u221242", "-42", id="typographic minus"),
        pytest.param("- 42", "-42", id="minus and blank"),
        pytest.param("0042", "42", id="leading zeros"),
        pytest.param("-0.0", "0", id="no negative zero"),
        pytest.param("1234.50", "1234.5", id="needless zero"),
        pytest.param("12,5", "12.5", id="comma"),
        pytest.param(".5", "0.5", id="no whole part"),
        pytest.param("1.234,56", "1234.56", id="both, comma last"),
        pytest.param("1,234.56", "1234.56", id="both, point last"),
        pytest.param("1.234.567", "1234567", id="repeated point"),
        pytest.param("1,234,567.8", "1234567.8", id="repeated comma and point"),
        pytest.param("1 234", "1234", id="blank"),
        pytest.param("1\u00a0234\u00a0567,8", "1234567.8", id="no-break blank"),
        pytest.param("1\u202f234", "1234", id="narrow no-break blank"),
        pytest.param("1'234.5", "1234.5", id="apostrophe"),
        pytest.param("1\u2019234", "1234", id="typographic apostrophe"),
        pytest.param("0.125", "0.125", id="a zero is never a group"),
        pytest.param("1234,567", "1234.567", id="four digits are never a group"),
        pytest.param("1 234,567", "1234.567", id="blanks group, so the comma does not"),
        pytest.param("12345678901234567890", "12345678901234567890", id="text keeps its digits"),
        pytest.param(42, "42", id="int"),
        pytest.param(42.0, "42", id="integral float"),
        pytest.param(1e-7, "0.0000001", id="no exponent"),
        pytest.param(12.345, "12.345", id="numeric cells are not ambiguous"),
    ],
)
def test_a_number_is_written_canonically(cell: Cell, number: str) -> None:
    assert decimal(cell) == number


@pytest.mark.parametrize("cell", ["1.234", "1,234", "-12.345", "999,000"])
def test_one_separator_before_three_digits_is_ambiguous_until_it_is_declared(cell: str) -> None:
    digits = cell.replace(".", "").replace(",", "")
    point = cell.replace(",", ".")
    result = decimal(cell)
    assert isinstance(result, Invalid)
    assert "decimal_comma" in result.detail
    assert {decimal(cell, COMMA), decimal(cell, POINT)} == {
        digits,
        str(Decimal(point).normalize()) if "999" not in cell else "999",
    }


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        pytest.param("1,234.56", COMMA, id="point against the declared comma"),
        pytest.param("1.234,56", POINT, id="comma against the declared point"),
        pytest.param("1,234,567", COMMA, id="repeated comma against the declared comma"),
        pytest.param("12,34", POINT, id="a comma that groups two digits"),
        pytest.param("12.5", COMMA, id="a point that groups one digit"),
    ],
)
def test_text_against_the_declared_separator_is_refused(cell: str, options: DecimalOptions) -> None:
    assert isinstance(decimal(cell, options), Invalid)
    assert isinstance(integer(cell, options), Invalid)


@pytest.mark.parametrize(
    "cell",
    [
        "5.",
        "1,2,3",
        "12 34",
        "1 2345",
        "1.234.56,7",
        "1'234 567",
        "--5",
        "5-",
        "(5)",
        "5 %",
        "€ 5",
        "0x10",
        "1e5",
        "1_000",
        "1.2.3",
        "٣",
        "½",
        "1 234.567 890",
        "abc",
        "1,",
        ",",
        "9" * 401,
        "NaN",
        "inf",
        "1\n234",
    ],
)
def test_what_is_no_plain_number_is_refused(cell: str) -> None:
    result = decimal(cell)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_DECIMAL
    whole = integer(cell)
    assert isinstance(whole, Invalid)
    assert whole.code is Code.NOT_AN_INTEGER


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(True, Code.NOT_A_DECIMAL, id="truth value"),
        pytest.param(float("nan"), Code.NOT_A_DECIMAL, id="nan"),
        pytest.param(dt.date(2021, 1, 1), Code.NOT_A_DECIMAL, id="date"),
        pytest.param(1e15, Code.DAMAGED_NUMBER, id="16 digits in a numeric cell"),
    ],
)
def test_typed_cells_that_are_no_number_are_refused(cell: Cell, expected: Code) -> None:
    result, whole = decimal(cell), integer(cell)
    assert isinstance(result, Invalid)
    assert isinstance(whole, Invalid)
    assert result.code is expected
    assert whole.code is (Code.DAMAGED_NUMBER if expected is Code.DAMAGED_NUMBER else Code.NOT_AN_INTEGER)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("42", 42),
        ("42.0", 42),
        ("-1.234.567", -1_234_567),
        ("1 234", 1234),
        (43.0, 43),
        (-7, -7),
        ("007", 7),
        ("42,00", 42),
    ],
)
def test_a_whole_number_is_an_int(cell: Cell, number: int) -> None:
    assert integer(cell) == number


@pytest.mark.parametrize("cell", ["42.5", 0.25, "0,5", "1.234,5"])
def test_a_fraction_is_no_whole_number(cell: Cell) -> None:
    result = integer(cell)
    assert isinstance(result, Invalid)
    assert result.detail == "it has a fraction"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_european_and_american_spelling_give_the_same_number(number: Decimal) -> None:
    american = f"{number:,.4f}"
    european = american.translate(str.maketrans(",.", ".,"))
    expected = decimal(american, POINT)
    assert isinstance(expected, str)
    assert Decimal(expected) == number
    assert decimal(european, COMMA) == expected
    assert decimal(american.replace(",", "\u00a0"), POINT) == expected


@given(st.integers(0, 10**16), st.none() | st.booleans())
def test_plain_digits_are_what_they_are_with_a_sign(number: int, decimal_comma: bool | None) -> None:
    options = DecimalOptions(decimal_comma=decimal_comma)
    assert decimal(str(number), options) == decimal(f"+{number}", options) == str(number)
