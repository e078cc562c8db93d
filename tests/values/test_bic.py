from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st
from schwifty import BIC, registry

from importer.model import Code, Invalid
from importer.values.bic import _LOCATIONS, bic
from importer.values.countries import countries

if TYPE_CHECKING:
    from importer.model import Cell


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        pytest.param("BANKNL2A", "BANKNL2A", id="eight"),
        pytest.param("BANKNL2AXXX", "BANKNL2AXXX", id="the head office stays"),
        pytest.param("BANKDE77ABC", "BANKDE77ABC", id="branch"),
        pytest.param("banknl2a", "BANKNL2A", id="small letters"),
        pytest.param("BANK NL 2A", "BANKNL2A", id="blanks between the parts"),
        pytest.param("BANK-DE-FF-XXX", "BANKDEFFXXX", id="hyphens"),
        pytest.param("BANKDEFF XXX", "BANKDEFFXXX", id="the branch apart"),
        pytest.param("\u00a0BANKNL2A\u200b", "BANKNL2A", id="trimmed"),
        pytest.param("BIC: BANKNL2A", "BANKNL2A", id="label"),
        pytest.param("BIC/SWIFT: BANKNL2A", "BANKNL2A", id="two labels"),
        pytest.param("SWIFT-Code BANKNL2A", "BANKNL2A", id="another label"),
        pytest.param("BIC BANKNL2A", "BANKNL2A", id="a label and a blank"),
        pytest.param("BICIFRPP", "BICIFRPP", id="a bank that starts with BIC"),
        pytest.param("BIC BICIFRPP", "BICIFRPP", id="with a label"),
        pytest.param("BANKXK22", "BANKXK22", id="Kosovo"),
        pytest.param("BANKDEFF", "BANKDEFF", id="letters alone"),
        pytest.param("BANKJPJT", "BANKJPJT", id="letters alone, outside Europe"),
        pytest.param("BANKERZZXXX", "BANKERZZXXX", id="the head office says that it is one"),
    ],
)
def test_a_bic_is_written_in_capitals(cell: str, value: str) -> None:
    assert bic(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "Postbank",
        "RABOBANK",
        "Citibank",
        "SWEDBANK",
        "Commerzbank",
        "COMMERZBANK",
        "BARCLAYS",
        "SABADELL",
        "PostFinance",
        "Volksbanken",
        "Hypovereins",
        "BAWAGPSK",
        "Vorkasse",
        "RECHNUNG",
        "Kreditor",
        "CUSTOMER",
        "Supplier",
        "LASTSCHRIFT",
        "ABN AMRO BANK",
        "Deut Sche",
        "MONABANQ",
    ],
)
def test_a_name_with_the_structure_of_a_bic_is_refused(cell: str) -> None:
    result = bic(cell)
    assert isinstance(result, Invalid)
    assert "reads like a name" in result.detail or "several words" in result.detail


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        pytest.param("BANKNL2", "it has 7 characters", id="seven"),
        pytest.param("BANKNL2AXX", "it has 10 characters", id="ten"),
        pytest.param("BANKUK22", "UK, are no country", id="no country"),
        pytest.param("1234DE77", "four letters for the bank", id="digits for the bank"),
        pytest.param("BANK1277", "four letters for the bank", id="digits for the country"),
        pytest.param("BANKNL2O", "four letters for the bank", id="a letter O for a zero"),
        pytest.param("BANKNL20", "a test BIC", id="test"),
        pytest.param("BA NKNL2A", "several words", id="a blank in a part"),
        pytest.param("BANKNL2A, BANKDE77", "letters and digits alone", id="two"),
        pytest.param("BANKNL2A BANKDE77", "it has 16 characters", id="two without a comma"),
        pytest.param("NL12BANK0123456789", "it has 18 characters", id="an IBAN"),
        pytest.param("BIC", "it has 3 characters", id="a label alone"),
        pytest.param("BIC:", "letters and digits alone", id="a label and nothing"),
        pytest.param("n/a", "stands for none", id="placeholder"),
        pytest.param("B\u00c4NKNL2A", "letters and digits alone", id="an umlaut"),
        pytest.param(12345678, "the cell is not text", id="number"),
        pytest.param(dt.date(2021, 1, 1), "the cell is not text", id="date"),
    ],
)
def test_what_is_no_bic_is_refused_with_the_reason(cell: Cell, reason: str) -> None:
    result = bic(cell)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_BIC
    assert reason in result.detail
    assert result.suggestions == ()


def test_eleven_letters_are_a_bic_only_in_capitals() -> None:
    assert bic("BANKDEFFABC") == "BANKDEFFABC"
    assert bic("bankdeffxxx") == "BANKDEFFXXX"
    for word in ("Integration", "integration"):
        result = bic(word)
        assert isinstance(result, Invalid)
        assert result.suggestions == ("INTEGRATION",)


def test_every_bic_of_the_bank_lists_is_taken() -> None:
    """Those of 2026.10, which the table was made from, and few of those that come after."""
    known = {bank.bic for bank in registry.get_all_banks() if bank.bic}
    refused = {one for one in known if bic(one) != one}
    assert len(known) > 5_000
    assert len(refused) <= len(known) // 200, sorted(refused)


def test_locations_are_of_countries_and_have_two_letters() -> None:
    assert set(_LOCATIONS) <= set(countries().english)
    assert all(len(location) == 2 and location.isalpha() for known in _LOCATIONS.values() for location in known)


@given(st.from_regex(r"[A-Za-z]{4}(DE|NL|FR|ER|ZZ|XK)[A-Z0-9]{2}([A-Z0-9]{3})?", fullmatch=True))
def test_what_is_taken_is_a_bic_to_another_library(cell: str) -> None:
    result = bic(cell)
    if isinstance(result, str):
        assert result == cell.upper()
        assert result[4:6] == "XK" or BIC(result).is_valid
