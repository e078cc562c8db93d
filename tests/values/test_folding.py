from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.values.folding import fold, fold_words


@pytest.mark.parametrize(
    ("words", "key"),
    [
        pytest.param("CÔTE D\u2019IVOIRE", "cotedivoire", id="accents and apostrophe"),
        pytest.param("Cote  d'Ivoire", "cotedivoire", id="blanks"),
        pytest.param("Großbritannien", "grossbritannien", id="sharp s"),
        pytest.param("Østrig", "ostrig", id="stroke"),
        pytest.param("TÜRKİYE", "turkiye", id="Turkish capital i"),
        pytest.param("H\u0131rvatistan", "hirvatistan", id="Turkish i without dot"),
        pytest.param("ΕΛΛΆΣ", "ελλασ", id="Greek capitals and final sigma"),
        pytest.param("Чёрная", "черная", id="Cyrillic"),
        pytest.param("U.S.A.", "usa", id="points"),
        pytest.param("\uff2e\uff2c", "nl", id="full width"),
        pytest.param("Áo", "áo", id="short Latin keeps its accents"),
        pytest.param("ÇİN", "çin", id="short and Turkish"),
        pytest.param("ألمانيا", "المانيا", id="Arabic hamza"),
        pytest.param("( )", "", id="punctuation alone"),
    ],
)
def test_a_name_folds_to_its_key(words: str, key: str) -> None:
    assert fold(words) == key


def test_marks_that_make_the_letter_stay() -> None:
    assert fold("टोगो") != fold("टोंगो")


def test_words_are_parted_by_blanks_and_punctuation_but_not_by_apostrophes() -> None:
    assert fold_words("Trinidad & Tobago/l'Île-X") == ["trinidad", "tobago", "lile", "x"]


@given(st.text())
def test_folding_twice_is_folding_once(words: str) -> None:
    assert fold(fold(words)) == fold(words)
