"""An address has one spelling, and names its files; none of what it says is lost on the way."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, strategies as st

from importer.errors import UsageError
from importer.moneybird import ContactsAddress, address_of, word_of


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("moneybird://123", "moneybird://123"),
        ("moneybird:/123/", "moneybird://123"),
        ("moneybird://1?include_archived=TRUE", "moneybird://1?include_archived=true"),
        ("moneybird://1?include_archived=false", "moneybird://1"),
        ("moneybird://1?", "moneybird://1"),
        (
            "moneybird://1?last_name=de+Vries&first_name=J%C3%B8rn",
            "moneybird://1?first_name=J%C3%B8rn&last_name=de%2BVries",
        ),
        ("moneybird://1?updated_after=2026-08-21T15:48:40%2B02:00", "moneybird://1?updated_after=2026-08-21T13:48:40Z"),
        ("moneybird://1?updated_after=2026-08-21T15:48:40+02:00", "moneybird://1?updated_after=2026-08-21T13:48:40Z"),
    ],
)
def test_spellings(word: str, text: str) -> None:
    for kind in (PurePosixPath, PureWindowsPath):
        found = address_of(kind(word))
        assert found is not None
        assert (found.text, word_of(kind(word))) == (text, text)


def test_filters_are_written_as_the_api_takes_them() -> None:
    found = address_of(Path("moneybird://1?updated_after=2026-08-21T13:48:40Z&first_name=Henk"))
    assert found is not None
    assert found.question == "first_name:Henk,updated_after:2026-08-21 13:48:40 UTC"


def test_an_instant_of_another_age_is_spelled_alike_or_refused() -> None:
    found = address_of(Path("moneybird://1?updated_after=0202-08-21"))
    assert found is not None
    assert (found.question, found.text) == (
        "updated_after:0202-08-21 00:00:00 UTC",
        "moneybird://1?updated_after=0202-08-21T00:00:00Z",
    )
    with pytest.raises(UsageError, match="is no date"):
        address_of(Path("moneybird://1?updated_after=0001-01-01T00:00:00+14:00"))


def test_other_contacts_have_other_files() -> None:
    plain = ContactsAddress("1")
    names = {plain.name, plain.with_archived().name, ContactsAddress("1", filters=(("first_name", "a"),)).name}
    assert len(names) == 3
    assert plain.name == "moneybird-1"


@pytest.mark.parametrize("word", ["contacts.csv", "C:/x/y.csv", "./moneybird.csv", "a:b.csv", "x/http:/y", "-"])
def test_files_are_no_addresses(word: str) -> None:
    assert address_of(Path(word)) is None
    assert word_of(Path(word)) == word.removeprefix("./")


@given(st.text(max_size=20))
def test_anything_is_an_address_or_said_to_be_none(rest: str) -> None:
    try:
        found = address_of(Path(f"moneybird://1?first_name={rest}"))
    except UsageError:
        return
    assert found is not None
    assert address_of(Path(found.text)) == found
