"""Turns a country's name in many languages, or its ISO 3166-1 code, into the alpha-2 code; everything else is refused.

A wrong country is worse than none (Kanbert would take it without a word), so nothing near, partial or ambiguous is ever
returned: it is suggested. Codes are taken only as bare text of two or three letters, or of three digits.
"""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from importer.model import Code, Invalid
from importer.values.countries import countries
from importer.values.folding import fold, fold_words
from importer.values.placeholder import is_placeholder
from importer.values.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from importer.model import Cell

__all__ = ["country", "name", "of_vehicles"]

_MAX_CHARACTERS = 200  # longer text is no name, and not worth folding
_MAX_PARTS = 4
_CODE = re.compile(r"[A-Za-z]{2,3}")
_VEHICLES = dict(
    (pair.split(":"))
    for pair in [
        "A:AT",
        "B:BE",
        "D:DE",
        "E:ES",
        "F:FR",
        "H:HU",
        "I:IT",
        "L:LU",
        "M:MT",
        "N:NO",
        "P:PT",
        "S:SE",
        "V:VA",
        "FL:LI",
        "SLO:SI",
    ]
)
"""The distinguishing signs of European vehicles (UN, Convention on Road Traffic) that are no ISO codes as well."""
_ODOO = re.compile(r"base\.([a-z]{2})")  # the external id of a country in Odoo's exports
_PARTS = re.compile(r"\s*[()\[\]/|,;:=]+\s*|\s+[-\u2013\u2014]\s*|\s*[-\u2013\u2014]\s+")
_CODED = re.compile(r"([A-Z]{2,3})[\s-]+(.+)|(.+?)[\s-]+([A-Z]{2,3})|(.+?)\s*[(\[]([A-Z]{2,3})[)\]]")
_INVERTED = re.compile(r"([^,()]+?)\s*(?:,\s*([^,()]+)|\(([^()]+)\)\s*)")
_WRITTEN = re.compile(r"\w+")
_ELISION = re.compile(r"[lL]\s?['\u2019](?=\w)")
_ARTICLES = frozenset(
    {"the", "de", "het", "der", "die", "das", "la", "le", "les", "el", "los", "las", "il", "lo", "gli", "os"}
)
_SUGGESTIONS = 3
_NEAR_LENGTHS = 2  # a misspelling adds or loses this many letters at most
_SHORTEST_NEAR = 4  # shorter text is near everything
_CUTOFF = 0.78  # difflib's ratio; one wrong letter in five is 0.8


def country(cell: Cell) -> str | Invalid | None:
    """Find the alpha-2 code of a country; suggestions, where there are any, read "NL (Netherlands)", at most three.

    Numbers count only as the three-digit code; a numeric cell that lost its leading zeros is refused, not padded.
    """
    words = clean(cell)
    if isinstance(words, float) and words.is_integer():
        words = int(words)
    match words:
        case None:
            return None
        case str():
            return _resolved(words)
        case bool():
            return _refused("it is a truth value")
        case int() if 100 <= words <= 999:
            return _resolved(str(words))
        case int() | float():
            return _refused("a number is a country code only if it has three digits; a spreadsheet drops leading zeros")
        case _:
            return _refused("it is a date or a time")


def name(code: str) -> str:
    """Name a country in English for people to read; an unknown code is its own name."""
    return countries().english.get(code, code)


def of_vehicles(cell: Cell) -> str | None:
    """Find the code of the country that a vehicle code may mean; for proposals and suggestions only."""
    words = clean(cell)
    return _VEHICLES.get(words.upper()) if isinstance(words, str) and words.isascii() else None


def _refused(detail: str, candidates: Iterable[str] = ()) -> Invalid:
    codes = list(dict.fromkeys(candidates))[:_SUGGESTIONS]
    return Invalid(Code.NOT_A_COUNTRY, detail, tuple(f"{code} ({name(code)})" for code in codes))


@lru_cache(maxsize=4096)
def _resolved(words: str) -> str | Invalid:
    if is_placeholder(words):  # before any folding: "n/a" without its punctuation is Namibia
        return _refused("it stands for no country")
    if len(words) > _MAX_CHARACTERS:
        return _refused(f"it has more than {_MAX_CHARACTERS} characters")
    return _exact(words) or _inverted(words) or _composed(words) or _why_not(words)


def _exact(words: str) -> str | None:
    """Find what is a code or a name as a whole."""
    return _by_code(words) or _by_name(words)


def _by_code(words: str) -> str | None:
    if _CODE.fullmatch(words):
        is_word = not words.isupper() and words.lower() in countries().refused  # Vietnamese "Nga" is not NGA
        return None if is_word else countries().codes.get(words.upper())
    if len(words) == 3 and words.isascii() and words.isdecimal():
        return countries().codes.get(words)
    odoo = _ODOO.fullmatch(words)
    return _by_code(odoo[1]) or _by_name(odoo[1]) if odoo else None


def _by_name(words: str) -> str | None:
    """Find a name, with or without an article at either end ("the Netherlands", "Gambia (The)", "l'Italia")."""
    known = countries().names
    keys = ("".join(candidate) for candidate in _with_and_without_article(fold_words(words), words))
    return next((known[key] for key in keys if key in known), None)


def _with_and_without_article(folded: list[str], words: str) -> Iterator[list[str]]:
    yield folded
    written = _WRITTEN.findall(words)
    if len(folded) > 1 and written:
        if folded[0] in _ARTICLES and not _is_capital_code(written[0]):
            yield folded[1:]
        if folded[-1] in _ARTICLES and not _is_capital_code(written[-1]):
            yield folded[:-1]
    if elided := _ELISION.match(words):
        yield fold_words(words[elided.end() :])


def _is_capital_code(word: str) -> bool:
    """Whether a word is a code rather than an article: "Belgium (DE)" names two countries, "Niederlande (die)" one."""
    return word.isupper() and word in countries().codes


def _inverted(words: str) -> str | None:
    """Find a name that is turned round: "Moldova, Republic of", "Corée (République de)", "Virgin Islands (British)"."""
    found = _INVERTED.fullmatch(words)
    return _by_name(f"{found[2] or found[3]} {found[1]}") if found else None


def _composed(words: str) -> str | None:
    """Find the country that all parts of a text name, at least one by name: "NL - Nederland", "Suisse / Schweiz"."""
    for parts in (_parts(words), _code_and_rest(words)):
        found = {_exact(part) for part in parts}
        if len(found) == 1 and any(_by_name(part) for part in parts):
            return found.pop()
    return None


def _parts(words: str) -> list[str]:
    """Split text at brackets, slashes, commas and dashes with a blank beside them; empty where that gives one part."""
    parts = [part for part in _PARTS.split(words) if part]
    return parts if 1 < len(parts) <= _MAX_PARTS or parts != [words] else []


def _code_and_rest(words: str) -> list[str]:
    """Split a code in capitals off either end: "DE Deutschland", "Deutschland [DE]"; empty where there is none."""
    found = _CODED.fullmatch(words)
    return [part for part in found.groups() if part] if found else []


def _why_not(words: str) -> Invalid:
    key = fold(words)
    refused = countries().refused.get(key)
    if refused:
        return _refused(refused.reason, refused.codes)
    if words.isdecimal():
        return _refused("a country code in digits has three of them")
    if code := of_vehicles(words):
        said = f"`map: {{{words.upper()}: {code}}}` with `otherwise: keep`"
        return _refused(f"it may be the code of its vehicles, which is taken only where {said} says so", [code])
    if len(key) < _SHORTEST_NEAR:
        return _refused("there is no such code")
    named = [code for part in _parts(words) if (code := _by_name(part))]
    return _refused("no country is known by this name", [*named, *_near(key)])


def _near(key: str) -> Iterator[str]:
    """Find the countries with a name like `key`, likeliest first."""
    for near in difflib.get_close_matches(key, _shelf(key[0], len(key)), n=2 * _SUGGESTIONS, cutoff=_CUTOFF):
        yield countries().names[near]


@lru_cache(maxsize=256)
def _shelf(letter: str, length: int) -> tuple[str, ...]:
    """Find the names of a first letter and about a length: a misspelling is compared with some hundred, not thousands."""
    return tuple(name for name in _by_letter().get(letter, ()) if abs(len(name) - length) <= _NEAR_LENGTHS)


@cache
def _by_letter() -> Mapping[str, list[str]]:
    """Sort the names by their first letters."""
    return {letter: list(names) for letter, names in groupby(sorted(countries().names), key=itemgetter(0))}
