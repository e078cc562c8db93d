"""What is told of many texts at once is what the converters say of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, strategies as st
from schwifty import IBAN

from importer.values.decimal_number import decimal, quick_decimals
from importer.values.email import email, email_list, quick_emails
from importer.values.iban import iban, quick_ibans
from importer.values.quick import as_they_stand
from importer.values.url import quick_urls, url
from importer.values.vat import vat
from importer.values.vat_usual import quick_vat_ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.model import Cell
    from importer.values.quick import Quick

MALTESE = str(IBAN.from_bban("MT", "BANK01100A1B2C3D4E5A1B2C3D4"))  # with letters at the end

PAIRS: list[tuple[Quick, Callable[[Cell], object], list[str]]] = [
    (quick_emails, email, ["info@kwikstaart.example", "a+b@x-y.example", "INFO@x.example", "a@b.test", "a@localhost"]),
    (quick_emails, email_list, ["info@kwikstaart.example", "a@b.example,c@d.example", "a@b.local", "x" * 65 + "@b.nl"]),
    (quick_urls, url, ["www.kwikstaart.example", "http://a.example/b", "https://a.example", "www.nl", "httpd.example"]),
    (quick_ibans, iban, ["NL12BANK0123456789", "DE91100000000123456789", "NL12BANK0123456788", "nl12bank0123456789"]),
    (quick_ibans, iban, [MALTESE, "XX00", "NL02BANK0000000000", "NO93"]),
    (quick_vat_ids, vat, ["NL123456782B90", "DE136695976", "BE0776091951", "NL000000000B01", "ATU13585627", "NL1B"]),
    (quick_decimals, decimal, ["0", "12", "007", "1.234", "1,5", "-3", "123456789012345", "1234567890123456"]),
]
IDS = [f"{converter.__name__}-{place}" for place, (_, converter, _) in enumerate(PAIRS)]

plain = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, categories=["L", "N", "P", "S"]), min_size=1)


@pytest.mark.parametrize(("quick", "converter", "examples"), PAIRS, ids=IDS)
def test_what_is_sure_of_a_text_is_what_the_converter_makes_of_it(
    quick: Quick, converter: Callable[[Cell], object], examples: list[str]
) -> None:
    @example(texts=[])
    @example(texts=["", ""])
    @given(st.lists(st.one_of(st.sampled_from(["", *examples]), st.sampled_from(examples).flatmap(changed), plain)))
    def holds(texts: list[str]) -> None:
        found = quick(texts)
        assert len(found) == len(texts)
        for words, value in zip(texts, found, strict=True):
            if not words:
                assert value == ""
            elif value is not None:
                assert value == converter(words)

    holds()


def changed(words: str) -> st.SearchStrategy[str]:
    """Change one character, or leave it out."""
    places = st.integers(0, len(words) - 1)
    return st.builds(lambda at, by: words[:at] + by + words[at + 1 :], places, st.sampled_from([*"aZ09.@-_/:", ""]))


@pytest.mark.parametrize(
    ("quick", "sure"),
    [
        (quick_emails, "info@kwikstaart-drukwerk.example"),
        (quick_urls, "www.kwikstaart.example"),
        (quick_urls, "https://kwikstaart.example/over-ons"),
        (quick_ibans, "NL12BANK0123456789"),
        (quick_ibans, MALTESE),
        (quick_vat_ids, "DE136695976"),
        (quick_decimals, "1234"),
    ],
)
def test_the_usual_is_sure_beside_what_is_not(quick: Quick, sure: str) -> None:
    assert quick([sure, "in doubt!", ""])[1:] == [None, ""]
    assert quick([sure, "in doubt!", ""])[0] is not None


def test_a_longer_text_is_in_doubt() -> None:
    assert as_they_stand("a+", 3)(["aaa", "aaaa", "b"]) == ["aaa", None, None]
    texts = ["a", "", "aa"]
    assert as_they_stand("a+", 3)(texts) is texts
