from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Invalid, Noted
from importer.values.countries import countries
from importer.values.vat import _ADDED, _PREFIXES, _checked, _read, vat
from importer.values.vat_usual import is_usual_vat_id

if TYPE_CHECKING:
    from importer.model import Cell

# Made up, with right check digits: one for each prefix that is known.
IDS = [
    "ATU10000121",
    "BE0400000185",
    "BG100000122",
    "BY100000127",
    "CHE100000124MWST",
    "CY10000120I",
    "CZ10000127",
    "DE100000129",
    "DK10000122",
    "EE100000120",
    "EL000012348",
    "ESB10000123",
    "EU372001230",
    "FI10000127",
    "FR45100000124",
    "GB100001227",
    "HR10000012343",
    "HU10000128",
    "IE1000012O",
    "IM3720012300",
    "IT00000120204",
    "LT100001217",
    "LU10000154",
    "LV40003000125",
    "ME02000121",
    "MK4030000123456",
    "MT10000125",
    "NL000012348B01",
    "NO900000111MVA",
    "PL1000001224",
    "PT500000123",
    "RO1000122",
    "RS100000129",
    "RU7700000129",
    "SE550000126701",
    "SI10000127",
    "SK2020000125",
    "TR1000012342",
    "XI100001227",
]
# The country whose letters are not the prefix, and those whose numbers cannot be told from their prefix alone.
COUNTRY = {"EL": "GR", "XI": None, "EU": None, "IM": None, "CH": None} | dict.fromkeys(
    ("BY", "ME", "MK", "RS", "RU", "TR")
)


def test_there_is_an_id_for_every_prefix() -> None:
    assert sorted(one[:2] for one in IDS) == sorted(_PREFIXES)


@pytest.mark.parametrize("one", IDS)
def test_an_id_is_taken_however_it_is_written(one: str) -> None:
    grouped = " ".join(re.findall("..?.?", one))
    for written in (
        one,
        one.lower(),
        grouped,
        grouped.replace(" ", "."),
        f"VAT: {one}",
        f" {one}\u00a0",
        f"Btw-nr. {grouped}",
    ):
        assert vat(written) == one
        assert vat(written, country="ZZ") == one, "a prefix in the cell goes before the row's country"


@pytest.mark.parametrize("one", IDS)
def test_a_prefix_is_added_only_from_the_country_of_the_row(one: str) -> None:
    country, bare = COUNTRY.get(one[:2], one[:2]), one[2:]
    assert isinstance(vat(bare), Invalid)
    if country:
        result = vat(bare, country=country)
        assert isinstance(result, Noted)
        assert result.value == one
        assert result.code is Code.COMPLETED
        assert result.detail == f"the prefix {one[:2]} of the row's country was added"
    else:
        assert isinstance(vat(bare, country=one[:2]), (Invalid, Noted))
        assert vat(bare, country=one[:2]) != one


@pytest.mark.parametrize("one", [one for one in IDS if one[:2] not in {"EU", "IM"}])
def test_a_wrong_digit_is_refused(one: str) -> None:
    """Most check digits find every wrong digit; weak ones (mod 11 written as one digit) find nine in ten."""
    checked = one.removesuffix("B01")  # a Dutch company's second id ends in B02
    digits = [position for position, character in enumerate(checked) if character.isdecimal()]
    mutants = {one[:at] + digit + one[at + 1 :] for at in digits for digit in "0123456789"} - {one}
    taken = [mutant for mutant in mutants if not isinstance(vat(mutant), Invalid)]
    assert len(taken) <= len(mutants) // 6, taken


@pytest.mark.parametrize(
    ("cell", "country", "value", "said"),
    [
        pytest.param("BE400000185", None, "BE0400000185", "a leading 0", id="nine digits in Belgium"),
        pytest.param("0400.000.185", "BE", "BE0400000185", "the prefix BE", id="ten digits in Belgium"),
        pytest.param(
            "400.000.185", "BE", "BE0400000185", "BE of the row's country and a leading 0", id="nine, without"
        ),
        pytest.param("GR000012348", None, "EL000012348", "GR was written as EL", id="Greece"),
        pytest.param("100001227", "IM", "GB100001227", "the prefix GB", id="Isle of Man"),
        pytest.param("45100000124", "MC", "FR45100000124", "the prefix FR", id="Monaco"),
        pytest.param("VAT No 100001227", "GB", "GB100001227", "the prefix GB", id="label and number"),
        pytest.param("NIF: B-10000123", "ES", "ESB10000123", "the prefix ES", id="Spanish label"),
        pytest.param("P.IVA 00000120204", "IT", "IT00000120204", "the prefix IT", id="Italian label"),
        pytest.param(100000129, "DE", "DE100000129", "the prefix DE", id="a number of a cell"),
        pytest.param(100000129.0, "DE", "DE100000129", "the prefix DE", id="a float of a cell"),
    ],
)
def test_what_is_added_is_said(cell: Cell, country: str | None, value: str, said: str) -> None:
    result = vat(cell, country=country)
    assert isinstance(result, Noted)
    assert (result.value, result.code) == (value, Code.COMPLETED)
    assert said in result.detail


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(
            pytest.param(cell, "DE100000129", id=cell)
            for cell in [
                "USt-IdNr. DE100000129",
                "USt-IdNr.: DE 100 000 129",
                "USt-ID DE100000129",
                "UStIDDE100000129",
                "Ust.-Id.-Nr. DE100000129",
                "USt-Ident-Nr. DE100000129",
                "Umsatzsteuer-Identifikationsnummer DE 100 000 129",
                "Umsatzsteuer-ID: DE100000129",
                "VAT-ID-Nr.: DE100000129",
                "Tax ID: DE100000129",
                "Tax no. DE100000129",
                "'DE100000129",
                "DE: 100000129",
                "EU-VAT DE100000129",
            ]
        ),
        *(
            pytest.param(cell, "NL000012348B01", id=cell)
            for cell in [
                "BTW NL000012348B01",
                "BTW-nummer: NL0000.12.348.B01",
                "btw-id NL000012348B01",
                "BTW nr. NL000012348B01",
                "B.T.W. NL000012348B01",
                "btw-identificatienummer NL000012348B01",
                "VAT/BTW: NL000012348B01",
                "VAT no.: nl000012348b01",
            ]
        ),
        *(
            pytest.param(cell, "FR45100000124", id=cell)
            for cell in [
                "TVA FR 45 100 000 124",
                "N° TVA FR45100000124",
                "TVA intracommunautaire : FR45100000124",
                "TVA intracom. FR45100000124",
                "Numéro de TVA FR45100000124",
                "N° de TVA: FR45100000124",
            ]
        ),
        pytest.param("VAT NO GB100001227", "GB100001227", id="NO before a prefix"),
        pytest.param("VAT NO 900000111 MVA", "NO900000111MVA", id="NO is Norway"),
        pytest.param("UID: ATU10000121", "ATU10000121", id="Austrian label"),
        pytest.param("CHE-100.000.124 MWST", "CHE100000124MWST", id="Swiss"),
        pytest.param("CHE-100.000.124 TVA", "CHE100000124TVA", id="Swiss, French"),
        pytest.param("CHE-100'000'124 IVA", "CHE100000124IVA", id="Swiss, Italian"),
        pytest.param("\u0391\u03a6\u039c: EL 000012348", "EL000012348", id="Greek label"),
        pytest.param("DIČ: CZ10000127", "CZ10000127", id="Czech label"),
        pytest.param("NIP UE: PL 100-000-12-24", "PL1000001224", id="Polish label"),
        pytest.param("VAT EU372001230", "EU372001230", id="EU is the prefix"),
        pytest.param("GB 100 0012 27 001", "GB100001227001", id="a British branch"),
    ],
)
def test_labels_and_punctuation_are_dropped(cell: str, value: str) -> None:
    assert vat(cell) == value


@pytest.mark.parametrize(
    ("cell", "country", "reason"),
    [
        pytest.param("27/123/45678", "DE", "a German tax number", id="Steuernummer"),
        pytest.param("DE27/123/45678", None, "a German tax number", id="Steuernummer with letters"),
        pytest.param("Steuernummer 100000129", "DE", "written in another way", id="its label"),
        pytest.param("Tax ID 100000129", "DE", "written in another way", id="a label that may say so"),
        pytest.param("10000121", "AT", "written in another way", id="Austria without U"),
        pytest.param("DE100000128", None, "check digit", id="check digit"),
        pytest.param("100000128", "DE", "check digit", id="check digit without prefix"),
        pytest.param("DE10000129", None, "longer or shorter", id="a digit missing"),
        pytest.param("DE999999999", None, "all the same", id="nines"),
        pytest.param("PL0000000000", None, "all the same", id="zeros"),
        pytest.param("DEUTSCHLAND", None, "written in another way", id="a word"),
        pytest.param("100000129", None, "country is not known", id="nobody knows the country"),
        pytest.param("US12-3456789", "US", "no prefix that is known", id="no VAT there"),
        pytest.param("US12-3456789", None, "starts with US", id="unknown letters"),
        pytest.param("100000129", "RS", "have none to add", id="prefix not of the id"),
        pytest.param("12345", "RO", "too short", id="too short to tell"),
        pytest.param("NL000012348B01 / DE100000129", None, "more than one number", id="two"),
        pytest.param("DE100000129, DE100000129", None, "more than one number", id="the same twice"),
        pytest.param("DE100000129 und ATU10000121", None, "more than one number", id="two with a word"),
        pytest.param("DE100000129\nATU10000121", None, "more than one number", id="two lines"),
        pytest.param("DE100000129 ATU10000121", None, "written in another way", id="two with a blank"),
        pytest.param("GB100001227, 001", None, "letters and digits alone", id="something after a comma"),
        pytest.param("DE100000129 (1)", None, "letters and digits alone", id="something in brackets"),
        pytest.param("DE100000129\u00b2", None, "letters and digits alone", id="a small two"),
        pytest.param("\u0395\u039b000012348", None, "letters and digits alone", id="Greek letters"),
        pytest.param("1.00000129E+08", "DE", "digits may be lost", id="scientific"),
        pytest.param("1,2345E11", "IT", "digits may be lost", id="scientific with a comma"),
        pytest.param("100000129.0", "DE", "digits may be lost", id="float as text"),
        pytest.param("USt-IdNr.", "DE", "letters and digits alone", id="a label alone"),
        pytest.param("n/a", "DE", "stands for none", id="placeholder"),
        pytest.param("keine", "DE", "stands for none", id="German placeholder"),
        pytest.param("\x00DE100000129", None, "control character", id="control character"),
        pytest.param("1" * 500, "DE", "500 characters", id="long"),
        pytest.param(100000129, None, "drops its leading zeros", id="number without country"),
        pytest.param(12345.0, "GB", "drops its leading zeros", id="number where lengths differ"),
        pytest.param(400000185, "BE", "drops its leading zeros", id="number where a zero is usual"),
        pytest.param(100000129.5, "DE", "cannot be an id", id="fraction"),
        pytest.param(-100000129, "DE", "cannot be an id", id="negative"),
        pytest.param(1.2345e21, "DE", "cannot be an id", id="too many digits"),
        pytest.param(True, "DE", "not text", id="truth"),
        pytest.param(dt.date(2021, 1, 1), "DE", "not text", id="date"),
    ],
)
def test_what_is_no_vat_id_is_refused_with_the_reason(cell: Cell, country: str | None, reason: str) -> None:
    result = vat(cell, country=country)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_VAT_ID
    assert reason in result.detail


@pytest.mark.parametrize(
    ("cell", "country", "suggestions"),
    [
        pytest.param("DE1OOOOOI29", None, ("DE100000129",), id="letters for digits"),
        pytest.param("DEDE100000129", None, ("DE100000129",), id="prefix twice"),
        pytest.param("CHE-100.000.124", None, ("CHE100000124MWST", "CHE100000124TVA", "CHE100000124IVA"), id="Swiss"),
        pytest.param("NO 900 000 111", None, ("NO900000111MVA",), id="Norwegian"),
        pytest.param("5500001267", "SE", ("SE550000126701",), id="Swedish"),
        pytest.param("10000128-2-42", "HU", ("HU10000128",), id="Hungarian tax number"),
        pytest.param("12348", "GR", (), id="too short"),
        pytest.param("120204", "IT", ("IT00000120204",), id="zeros lost"),
        pytest.param("12348B01", "NL", ("NL000012348B01",), id="zeros lost in the Netherlands"),
        pytest.param("GR12348", None, ("EL000012348",), id="zeros lost in Greece"),
        pytest.param(120204, "IT", ("IT00000120204",), id="zeros lost in a number"),
        pytest.param("100000129", None, (), id="no country is guessed"),
        pytest.param("DE100000128", None, (), id="a digit is not guessed"),
    ],
)
def test_what_may_be_meant_is_suggested_and_not_filled_in(
    cell: Cell, country: str | None, suggestions: tuple[str, ...]
) -> None:
    result = vat(cell, country=country)
    assert isinstance(result, Invalid)
    assert result.suggestions == suggestions


def test_a_country_without_rules_in_the_library_has_no_ids() -> None:
    assert _checked("MD", "1234567890123")[0]


def test_prefixes_are_added_for_countries_alone() -> None:
    assert set(_ADDED) - {"EL"} <= set(countries().english)
    assert set(_ADDED.values()) <= _PREFIXES


characters = st.text(alphabet="0123456789ABDEGLNORTU .-/,':", max_size=24)
cells = characters | st.builds("{}{}{}".format, characters, st.sampled_from(IDS), characters) | st.sampled_from(IDS)


@given(cells, st.none() | st.sampled_from(sorted(countries().english)))
def test_every_character_of_the_cell_is_in_the_value_and_what_is_more_was_said(cell: str, country: str | None) -> None:
    result = vat(cell, country=country)
    written = re.sub("[ .:'-]", "", cell)
    if isinstance(result, str):
        assert result == written
    elif isinstance(result, Noted):
        assert result.value.endswith(written.removeprefix("GR").removeprefix("BE"))
        added = result.value.removesuffix(written.removeprefix("GR").removeprefix("BE"))
        assert added in {*_PREFIXES, "BE0"}
    if result is not None and not isinstance(result, Invalid):
        value = result.value if isinstance(result, Noted) else result
        assert vat(value, country=country) == vat(value) == value


@given(cells)
def test_the_country_of_the_row_never_changes_a_settled_id(cell: str) -> None:
    alone = vat(cell)
    if not isinstance(alone, Invalid):
        assert all(vat(cell, country=country) == alone for country in ("DE", "NL", "US", "GR"))


digits = st.integers(0, 9999).map("{:09}".format) | st.from_regex(r"[0-9]{9}|([0-9])\1{8}", fullmatch=True)
usual_forms = (
    st.builds("NL{}B{:02}".format, digits, st.integers(0, 99))
    | st.builds("DE{}".format, digits)
    | st.builds("BE{}{}".format, st.integers(0, 2), digits)
)


@given(usual_forms, st.none() | st.sampled_from(["NL", "DE", "FR"]))
def test_what_is_taken_at_first_sight_is_what_the_library_takes(one: str, country: str | None) -> None:
    assert is_usual_vat_id(one) == (_read.__wrapped__(one, country) == one)


@pytest.mark.parametrize("start", ["NL{:09}B01", "NL{:09}B77", "DE{:09}", "BE0{:09}"])
def test_of_the_usual_ids_all_are_taken_at_first_sight_and_no_others(start: str) -> None:
    ids = [start.format(number) for number in range(123_450_000, 123_450_300)]
    taken = [one for one in ids if _read.__wrapped__(one, None) == one]
    assert len(taken) >= 2
    assert [one for one in ids if is_usual_vat_id(one)] == taken


@pytest.mark.parametrize(
    "one", ["nl123456782B90", "NL123456782 B90", "DE\u0661" + "0" * 8, "GB100001227", "", "NL000012348B00"]
)
def test_what_is_written_in_another_way_is_left_to_the_library(one: str) -> None:
    assert not is_usual_vat_id(one)
