"""Turns a country's name into a key that no longer tells case, accents, blanks or punctuation apart."""

from __future__ import annotations

import unicodedata
from itertools import dropwhile

__all__ = ["fold", "fold_words"]

_SHORT = 3  # Latin keys up to this length keep their accents: Vietnamese "Áo" (Austria) is not the code AO
_MARKLESS = ("LATIN ", "GREEK ", "CYRILLIC ")  # elsewhere marks tell names apart: Togo from Tonga in Hindi
# Letters that are no letter with a mark to Unicode; U+0131 is the Turkish i without a dot.
_LETTERS = str.maketrans(
    {"\u0131": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ŀ": "l"}
)
# Arabic and Persian keyboards write the same letters with different characters; vowel signs and tatweel are optional.
_ARABIC = str.maketrans(
    "\u0623\u0625\u0622\u0671\u0649\u06cc\u06a9\u0629\u06c0",  # alef with hamza or madda, alef maksura, Farsi yeh ...
    "\u0627\u0627\u0627\u0627\u064a\u064a\u0643\u0647\u0647",  # ... to alef, yeh, kaf, heh
    "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654\u0670",
)
_DOTTED = "i\u0307"  # what casefold makes of the Turkish capital I with a dot
_APOSTROPHES = ".'`\u00b4\u02bc\u2018\u2019"  # and the full stop: they do not part words
_KEPT = ("L", "M", "N")  # letters, marks, numbers


def fold(words: str) -> str:
    """Fold text to its key: "Cote d'Ivoire" and "CÔTE-D'IVOIRE" are "cotedivoire". Idempotent; may be empty."""
    return unicodedata.normalize("NFC", "".join(fold_words(words)))


def fold_words(words: str) -> list[str]:
    """Fold text as `fold` does, but leave it in words; apostrophes and full stops do not part words, blanks do."""
    marked = _parts(unicodedata.normalize("NFKC", words).casefold().replace(_DOTTED, "i").translate(_ARABIC))
    bare = [word for word in (_without_marks(word) for word in marked) if word]
    short = sum(map(len, bare)) <= _SHORT and "".join(bare).isascii()
    return marked if short else bare


def _parts(words: str) -> list[str]:
    """Split casefolded text at blanks and punctuation, and compose what is left."""
    kept = (
        character if unicodedata.category(character)[0] in _KEPT else "" if character in _APOSTROPHES else " "
        for character in words
    )
    return ["".join(dropwhile(_is_mark, unicodedata.normalize("NFC", word))) for word in "".join(kept).split()]


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _without_marks(word: str) -> str:
    if word.isascii():
        return word
    letters: list[str] = []
    markless = False
    for character in unicodedata.normalize("NFD", word):
        if not unicodedata.combining(character):
            markless = unicodedata.name(character, "").startswith(_MARKLESS)
        elif markless:
            continue
        letters.append(character)
    return unicodedata.normalize("NFC", "".join(letters)).translate(_LETTERS)
