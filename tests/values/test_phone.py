from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import phonenumbers
import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Invalid
from importer.values.phone import phone

if TYPE_CHECKING:
    from importer.model import Cell

FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
EXAMPLES = [
    number for region in REGIONS for kind in (0, 1) if (number := phonenumbers.example_number_for_type(region, kind))
]


@pytest.mark.parametrize(
    ("cell", "region", "written"),
    [
        ("020-1234567", "NL", "+31 20 123 4567"),
        ("(020) 123 45 67", "NL", "+31 20 123 4567"),
        ("06 - 12 34 56 78", "NL", "+31 6 12345678"),
        ("088 123 4567", "NL", "+31 88 123 4567"),
        ("030 / 12 34 56", "DE", "+49 30 123456"),
        ("(0)30 123456", "DE", "+49 30 123456"),
        ("0151-12345678", "DE", "+49 1511 2345678"),
        ("0711/1234-0", "DE", "+49 711 12340"),
        ("0662/123456", "AT", "+43 662 123456"),
        ("01.23.45.67.89", "FR", "+33 1 23 45 67 89"),
        ("02 12345678", "IT", "+39 02 1234 5678"),
        ("911 23 45 67", "ES", "+34 911 23 45 67"),
        ("070-123 45 67", "SE", "+46 70 123 45 67"),
        ("8 (495) 123-45-67", "RU", "+7 495 123-45-67"),
        ("06 1 234 5678", "HU", "+36 1 234 5678"),
        ("1-202-555-0124", "US", "+1 202-555-0124"),
        ("020 7946 0123", "GB", "+44 20 7946 0123"),
        ("0207 946 0123", "GB", "+44 20 7946 0123"),
        (2025550124, "US", "+1 202-555-0124"),
        (32123456.0, "DK", "+45 32 12 34 56"),
        ("+49 (0)30 123456", None, "+49 30 123456"),
        ("0049 (0) 30 / 12 34 56", None, "+49 30 123456"),
        ("0049(0)30-123456", "NL", "+49 30 123456"),
        ("(+49) 30 123456", None, "+49 30 123456"),
        ("+49 30 123456", "AQ", "+49 30 123456"),
        ("+39 (0)2 12345678", None, "+39 02 1234 5678"),
        ("+34 (0)91 123 45 67", None, "+34 911 23 45 67"),
        ("'020 1234567", "NL", "+31 20 123 4567"),
        ("\u202d" + "020 1234567".translate(FULL_WIDTH).replace(" ", "\u2011"), "NL", "+31 20 123 4567"),
        ("Tel.: 030 123456", "DE", "+49 30 123456"),
        ("tel:+4930123456", None, "+49 30 123456"),
        ("Mobiel 06 12345678", "NL", "+31 6 12345678"),
        ("030 123456 DW 12", "DE", "+49 30 123456 ext. 12"),
        ("030 123456 App. 7", "DE", "+49 30 123456 ext. 7"),
        ("020 1234567 toestel 45", "NL", "+31 20 123 4567 ext. 45"),
        ("+1 202 555 0124 x45", None, "+1 202-555-0124 ext. 45"),
    ],
)
def test_a_number_is_written_in_international_form(cell: Cell, region: str | None, written: str) -> None:
    assert phone(cell, region=region) == written
    assert phone(written, region=region) == phone(written) == written


@pytest.mark.parametrize(
    ("cell", "region", "reason"),
    [
        ("030/12 34 56-78", "DE", "the end may be"),
        ("+49 30 123456 12", None, "the end may be"),
        ("02 1234567-0", "IT", "the end may be"),
        ("4930123456.0", "DE", "decimal"),
        ("4930123456,0", "DE", "decimal"),
        ("4,93012E+11", "DE", "scientific"),
        ("4.93E10", "DE", "scientific"),
        ("06-12345678", "DE", "not where"),
        ("0203/123456", "NL", "not where"),
        ("49 30 123456", "DE", "leading zero"),
        ("30123456", "DE", "leading zero"),
        ("493012345678", "DE", "leading zero"),
        (4930123456.0, "DE", "leading zero"),
        (341234567, "IT", "with and without"),
        ("030 123456, 030 123457", "DE", "more than one"),
        ("030 123456 0171 1234567", "DE", "more than one"),
        ("020 7946 0000", "LU", "no such number in LU"),
        ("01 51300 01 51310", "AT", "more than one"),
        ("030 123456\n0171 1234567", "DE", "more than one"),
        ("030 12345/46", "DE", "more than one"),
        ("030 12345 / 12346", "DE", "more than one"),
        ("+43 1 234567 234568", None, "more than one"),
        ("+4930123456+4930123457", None, "more than one"),
        ("030 123456 (Herr Muster)", "DE", "words"),
        ("020-1234567 of 06-12345678", "NL", "words"),
        ("1-800-FLOWERS", "US", "words"),
        ("auf Anfrage", "DE", "words"),
        ("Fax: 030 123456", "DE", "fax"),
        ("02.03.2021", "IT", "date"),
        ("2021-03-04", "NL", "date"),
        ("0201234567", None, "no country"),
        ("030 123456", "XX", "no country"),
        ("030 123456 (0)", "DE", "not written"),
        ("((030)) 123456", "DE", "not written"),
        ("112", "NL", "not written"),
        ("030 123456²", "DE", "words"),
        ("020 12345", "NL", "no such"),
        ("+999 123456", None, "no such"),
        ("+49 30 123456 ext. 12345678", None, "words"),
        ("0" * 81, "NL", "characters"),
        ("030\x00123456", "DE", "control"),
        (-1, "NL", "no phone"),
        (0.5, "NL", "no phone"),
        (float("nan"), "NL", "no phone"),
        (10**15, "NL", "no phone"),
        (True, "NL", "truth"),
        (dt.date(2021, 3, 4), "NL", "date"),
        (dt.timedelta(1), "NL", "date or a time"),
        ("unbekannt", "DE", "stands for"),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused_with_the_reason(cell: Cell, region: str | None, reason: str) -> None:
    result = phone(cell, region=region)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_PHONE
    assert reason in result.detail


@pytest.mark.parametrize(
    ("cell", "region", "meant"),
    [
        (201234567, "NL", ("+31 20 123 4567",)),
        ("201234567", "NL", ("+31 20 123 4567",)),
        ("6-12345678", "NL", ("+31 6 12345678",)),
        ("31201234567", "NL", ("+31 20 123 4567",)),
        (612345678.0, "FR", ("+33 6 12 34 56 78",)),
        ("123456789", "FR", ("+33 1 23 45 67 89",)),
        ("44 123 45 67", "CH", ("+41 44 123 45 67",)),
        ("470123456", "BE", ("+32 470 12 34 56",)),
        (32475123456, "BE", ("+32 475 12 34 56",)),
        ("20-1234567 ext 4", "NL", ("+31 20 123 4567",)),
        ("30123456", "DE", ("+49 30 123456",)),
    ],
)
def test_a_number_that_lacks_its_zero_or_plus_is_not_completed_but_suggested(
    cell: Cell, region: str, meant: tuple[str, ...]
) -> None:
    result = phone(cell, region=region)
    assert isinstance(result, Invalid)
    assert "leading zero or a plus" in result.detail
    assert result.suggestions == meant


@pytest.mark.parametrize(
    ("cell", "region", "meant"),
    [
        ("020-1234567 / 06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("020-1234567/06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("020-1234567; 06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("020-1234567 | 06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("020-1234567, 06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("020-1234567 - 06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("020-1234567 06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("Tel. 020-1234567\nMobiel 06-12345678", "NL", ("+31 20 123 4567", "+31 6 12345678")),
        ("030123456 / 030123457", "DE", ("+49 30 123456", "+49 30 123457")),
        ("030 / 123456 oder 0711 / 123456", "DE", ("+49 30 123456", "+49 711 123456")),
        ("020 7946 0123 or 020 7946 0124", "GB", ("+44 20 7946 0123", "+44 20 7946 0124")),
        ("32 12 34 56 / 33 12 34 56", "DK", ("+45 32 12 34 56", "+45 33 12 34 56")),
        ("+31 20 123 4567 / +49 30 123456", None, ("+31 20 123 4567", "+49 30 123456")),
    ],
)
def test_two_numbers_are_refused_as_two_and_both_are_suggested(
    cell: str, region: str | None, meant: tuple[str, ...]
) -> None:
    result = phone(cell, region=region)
    assert isinstance(result, Invalid)
    assert "more than one number" in result.detail or "words" in result.detail
    assert result.suggestions[:2] == meant


@pytest.mark.parametrize("region", REGIONS)
def test_the_usual_forms_of_every_country_are_read(region: str) -> None:
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        written, e164, national = (
            phonenumbers.format_number(number, form)
            for form in (
                phonenumbers.PhoneNumberFormat.INTERNATIONAL,
                phonenumbers.PhoneNumberFormat.E164,
                phonenumbers.PhoneNumberFormat.NATIONAL,
            )
        )
        assert phone(written) == phone(e164) == phone(f"00{e164[1:]}") == written
        assert phone(national, region=region) == written


@given(
    st.sampled_from(EXAMPLES),
    st.sampled_from(["", "0", "00", "+", "(0)", "Tel. "]),
    st.sampled_from(["", " ", "-0", "-12", "/34", " x5", ".0", ",", " 030 123456", "E+3"]),
    st.sampled_from([None, *REGIONS]),
)
def test_no_digit_is_added_lost_or_changed(
    number: phonenumbers.PhoneNumber, before: str, after: str, region: str | None
) -> None:
    cell = f"{before}{number.country_code if before in {'00', '+'} else ''}{number.national_number}{after}"
    result = phone(cell, region=region)
    if result is None or isinstance(result, Invalid):
        return
    assert phone(result, region=region) == result
    digits = "".join(filter(str.isdecimal, cell.partition("x")[0])).lstrip("0")
    read = phonenumbers.parse(result)
    significant = phonenumbers.national_significant_number(read).lstrip("0")
    assert digits.endswith(significant)
    front = digits.removesuffix(significant)
    assert {front, front.rstrip("0")} & {"", str(read.country_code), "8", "1", "11", "6"}
