from __future__ import annotations

import datetime as dt

import pytest

from importer.model import Code, Invalid, Noted
from importer.values.country import country
from importer.values.languages import CODES, HOME, MISTAKEN, NAMES
from importer.values.locale import locale


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("nl", "nl"),
        ("NL", "nl"),
        ("nl_NL", "nl"),
        ("nl-nl", "nl"),
        ("de-DE", "de"),
        ("sv_SE", "sv"),
        ("uk-UA", "uk"),
        ("uk", "uk"),
        ("DEU", "de"),
        ("ger", "de"),
        ("Nederlands", "nl"),
        ("Dutch", "nl"),
        ("NIEDERLÄNDISCH", "nl"),
        ("néerlandais", "nl"),
        ("Duits", "de"),
        ("Engels", "en"),
        ("Français", "fr"),
        ("francais", "fr"),
        ("Español", "es"),
        ("niemiecki", "de"),
        ("engelska", "en"),
        ("Čeština", "cs"),
        ("German (de)", "de"),
        ("Deutsch [DE]", "de"),
        ("español (España)", "es"),
        ("Norwegian (Bokmål)", "nb"),
    ],
)
def test_a_language_is_its_two_letter_code(words: str, code: str) -> None:
    assert locale(words) == code


@pytest.mark.parametrize(
    ("words", "code", "left_out"),
    [
        ("nl-BE", "nl", "BE"),
        ("de_AT", "de", "AT"),
        ("en-US", "en", "US"),
        ("en-UK", "en", "GB"),
        ("zh-Hans-CN", "zh", "Hans"),
        ("Deutsch (Österreich)", "de", "AT"),
        ("English (UK)", "en", "GB"),
        ("Français, Canada", "fr", "CA"),
        ("Nederlands - België", "nl", "BE"),
        ("Vlaams", "nl", "BE"),
    ],
)
def test_a_country_that_says_more_is_left_out_and_noted(words: str, code: str, left_out: str) -> None:
    result = locale(words)
    assert isinstance(result, Noted)
    assert (result.value, result.code) == (code, Code.COMPLETED)
    assert left_out in result.detail


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("UK", "rather"),
        ("BE", "rather"),
        ("CA", "rather"),
        ("Belgium", "several languages"),
        ("Italia", "several languages"),
        ("CH", "several languages"),
        ("Deutsch/English", "two languages"),
        ("nl, fr", "two languages"),
        ("Deutsch (Atlantis)", "neither"),
        ("de-XX", "neither"),
        ("de-D", "neither"),
        ("Schweizerdeutsch", "neither"),
        ("1031", "neither"),
        ("slovenska", "neither"),
        ("unbekannt", "no language"),
        ("x" * 81, "characters"),
        (1031, "not text"),
        (True, "not text"),
        (dt.date(2021, 3, 4), "not text"),
    ],
)
def test_what_is_not_one_language_is_refused(cell: str | int | dt.date, reason: str) -> None:
    result = locale(cell)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_LOCALE
    assert reason in result.detail


def test_no_name_of_a_language_names_a_country() -> None:
    assert [name for name in NAMES if isinstance(country(name), str)] == []


def test_every_name_and_code_leads_to_a_code_that_leads_to_itself() -> None:
    assert {locale(name) for name in NAMES} == set(NAMES.values())
    assert [code for code in set(CODES.values()) if locale(code) != code] == []
    assert set(HOME) | {code.lower() for code in MISTAKEN} <= set(CODES)
