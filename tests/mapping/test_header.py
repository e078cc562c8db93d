"""Finding columns: exact, folded, by spellings; and what is said where that fails."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.mapping.header import Header
from importer.mapping.names import folded, meant, nearest

COLUMNS = ("Klantnummer", "E-mail", "Straße", "Name", "name", "Ümsatz €", "#", "€")


@pytest.mark.parametrize(
    ("name", "index"),
    [
        pytest.param("Klantnummer", 0, id="exact"),
        pytest.param("klant nummer", 0, id="case and spaces"),
        pytest.param("email", 1, id="punctuation"),
        pytest.param("STRASSE", 2, id="sharp s"),
        pytest.param("umsatz", 5, id="accents"),
        pytest.param("name", 4, id="exact before folded"),
        pytest.param("#", 6, id="punctuation alone, exactly"),
    ],
)
def test_a_column_is_found(name: str, index: int) -> None:
    header = Header(COLUMNS, {})
    assert header.position(name) == index
    assert header.used == {index}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("NAME", '"NAME" may be any of the columns "Name" and "name"; write it exactly', id="two alike"),
        pytest.param("Klantnumer", 'no column "Klantnumer"; did you mean "Klantnummer"?', id="typing mistake"),
        pytest.param("Zzz", 'its columns are "Klantnummer", "E-mail"', id="nothing near"),
        pytest.param("{Name} x", "text with {braces} belongs under `template`", id="a template by mistake"),
        pytest.param("$", 'no column "$"', id="punctuation alone is not folded"),
    ],
)
def test_a_column_that_is_not_found_says_why(name: str, why: str) -> None:
    message = Header(COLUMNS, {}).position(name)
    assert isinstance(message, str)
    assert why in message


def test_spellings_come_before_the_name_itself() -> None:
    header = Header(("name", "Bedrijfsnaam"), {"name": ("Bedrijfsnaam", "Bedrijf"), "other": ("Nope", "Neither")})
    assert header.position("name") == 1
    message = header.position("other")
    assert isinstance(message, str)
    assert 'no column for "other"; looked for "Nope", "Neither" and "other"; its columns are "name" and' in message


def test_a_name_stands_for_itself_where_no_spelling_is_there() -> None:
    assert Header(("id",), {"id": ("Klantnummer",)}).position("id") == 0


def test_two_spellings_in_one_file_are_not_chosen_between() -> None:
    message = Header(("Klantnummer", "Customer ID"), {"id": ("Klantnummer", "Customer ID")}).position("id")
    assert isinstance(message, str)
    assert '"id" may be any of the columns "Klantnummer" and "Customer ID"; leave in `source.columns` only' in message


def test_two_spellings_of_one_column_are_one() -> None:
    assert Header(("E-mail",), {"mail": ("Email", "E-Mail")}).position("mail") == 0


def test_a_file_without_columns_says_so() -> None:
    assert Header((), {}).position("a") == 'the file has no column "a"; it has no columns at all'


def test_a_lenient_header_adds_what_is_not_there() -> None:
    header = Header(("a",), {}, lenient=True)
    assert [header.position(name) for name in ("b", "a", "B")] == [1, 0, 1]
    assert header.columns == ("a", "b")


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(st.text(min_size=1), st.lists(st.text(min_size=1), max_size=5))
def test_nearest_names_are_known_names(name: str, known: list[str]) -> None:
    assert set(nearest(name, known)) <= set(known)
    assert len(nearest(name, known)) <= 3


def test_few_known_names_are_all_told() -> None:
    assert meant("zzz", ("first", "last")) == "; known are first and last"
    assert meant("zzz", [f"name{n}" for n in range(20)]) == ""
    assert meant("zzz", ()) == ""
