"""Turns a language's name or a locale code into the two-letter code of the language: "Nederlands", "nl_NL" into "nl".

The API documents its `locale` as text of up to 255 characters, and no list. The language alone is what every such
system knows, so a country that says more than the language does ("nl-BE", "Deutsch (Schweiz)") is left out and noted.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from importer.model import Code, Invalid, Noted
from importer.values.country import country
from importer.values.folding import fold
from importer.values.languages import CODES, HOME, MISTAKEN, NAMES
from importer.values.placeholder import is_placeholder
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["locale"]

_MAX_CHARACTERS = 80
_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}))?")  # BCP 47, and POSIX's "_"
_PARTS = re.compile(r"(.+?)\s*(?:[(\[]\s*(.+?)\s*[)\]]|(?:\s[-\u2013]\s|[,/|;:])\s*(.+))")
_FLEMISH = frozenset({"vlaams", "flemish", "flamisch", "flamand", "fiammingo", "flamandzki"})


def locale(cell: Cell) -> str | Noted | Invalid | None:
    """Find the two-letter code of one language; capitals that name a country as well (BE, UK, CA) are refused."""
    words = clean(cell)
    if words is None:
        return None
    return _resolved(words) if isinstance(words, str) else _refused("the cell is not text")


def _refused(detail: str, *suggestions: str) -> Invalid:
    return Invalid(Code.NOT_A_LOCALE, detail, suggestions)


@lru_cache(maxsize=1024)
def _resolved(words: str) -> str | Noted | Invalid:
    if is_placeholder(words):
        return _refused("it stands for no language")
    if len(words) > _MAX_CHARACTERS:
        return _refused(f"it has more than {_MAX_CHARACTERS} characters")
    if fold(words) in _FLEMISH:
        return _with_country("nl", "BE")
    if language := _language(words):
        return language
    if words in MISTAKEN:
        return _refused("it is the code of a country rather than of a language", CODES[words.lower()])
    return _of_code(words) or _of_parts(words) or _unknown(words)


def _unknown(words: str) -> Invalid:
    if isinstance(country(words), str):
        return _refused("it is a country, and countries may have several languages")
    return _refused("it is neither the name nor the code of a language that is known here")


def _language(words: str) -> str | None:
    """Find what is the bare name or code of a language."""
    if words.isascii() and words.isalpha() and len(words) <= 3:
        return None if words in MISTAKEN else CODES.get(words.lower())
    return NAMES.get(fold(words))


def _of_code(words: str) -> str | Noted | None:
    """Read "nl-BE" and "zh-Hans-CN"."""
    found = _CODE.fullmatch(words)
    language = CODES.get(found[1].lower()) if found else None
    if found is None or language is None:
        return None
    if found[2]:
        return Noted(language, Code.COMPLETED, f'its script "{found[2]}" was left out')
    home = country(found[3].upper()) if found[3] else None
    return _with_country(language, home) if isinstance(home, str) else None


def _of_parts(words: str) -> str | Noted | Invalid | None:
    """Read "English (UK)", "Deutsch - Österreich" and "German (de)"; two languages are refused."""
    found = _PARTS.fullmatch(words)
    if found is None or (first := _language(found[1])) is None:
        return None
    rest = found[2] or found[3]
    second = _language(rest)
    if second is not None and second != first:
        return _refused("it names two languages", first, second)
    home = first.upper() if second == first else country(rest)
    return first if second else _with_country(first, home) if isinstance(home, str) else None


def _with_country(language: str, code: str) -> str | Noted:
    if code in {HOME.get(language), language.upper()}:
        return language
    return Noted(language, Code.COMPLETED, f"its country, {code}, was left out")
