"""Turns the words of `headers.toml` into one table: the key of a whole header, and what a column of that name holds."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from importer.mapping.names import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Apart", "Around", "Meaning", "Vocabulary", "key", "tables", "vocabulary", "words_of"]

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_CONTACTS = ("email_general", "phone", "mobile", "fax")
_COMPOSED = 20  # a name that is put together is less usual than one of the list
_OF_A_PERSON = "it is a contact person's, not the company's"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a header says of its column; all empty where it says nothing that is known."""

    role: str = ""
    block: str = ""  # of a part of an address: plain, invoice, delivery, postal, business or visit
    number: int = 1  # "Phone 2" is the second
    apart: str = ""  # why the column is not the company's, as a sentence
    slug: str = ""  # for a column that Kanbert has no field for
    rank: int = 0  # a smaller one is the more usual name for the role


@dataclass(frozen=True, slots=True)
class Apart:
    """Words that set a column apart from the company's own."""

    because: str
    words: frozenset[str]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """Words that may stand in front of a spelling or behind it, and what the two mean together."""

    words: tuple[str, ...]
    spellings: Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All that is known of headers, by key."""

    spelled: Mapping[str, Meaning]
    arounds: tuple[Around, ...]
    aparts: tuple[Apart, ...]
    nothing: frozenset[str]  # words that add nothing

    def meaning(self, spelling: str) -> Meaning | None:
        """Look a key up: as it is written out, else with one of the words around it; None where it is not known."""
        return self.spelled.get(spelling) or next(self._composed(spelling), None)

    def _composed(self, spelling: str) -> Iterator[Meaning]:
        for around in self.arounds:
            for word in around.words:
                if spelling.startswith(word) and (found := around.spellings.get(spelling[len(word) :])):
                    yield found
                if spelling.endswith(word) and (found := around.spellings.get(spelling[: -len(word)])):
                    yield found


def key(header: str) -> str:
    """Fold a header as mappings do, and "ae" to the "a" that is left of "ä"."""
    found = folded(header)
    for apart, plain in _UMLAUTS:
        found = found.replace(apart, plain)
    return found


def words_of(header: str) -> list[str]:
    """Cut a header into the keys of its words and numbers: "POAddressLine1" is poaddress, line, 1."""
    return [found for word in _WORD.findall(_CAMEL.sub(" ", header)) if (found := key(word))]


def tables(name: str) -> dict[str, Any]:
    """Read one of the data files of this package."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Read the words; a spelling that is written out goes before one that is put together."""
    data = tables("headers.toml")
    spelled: dict[str, Meaning] = {}
    for spelling, meaning in [*_spelled(data), *_named(data)]:
        spelled.setdefault(spelling, meaning)
    aparts = tuple(
        Apart(one["because"], frozenset(map(key, one["words"])), tuple(map(key, one["parts"])))
        for one in data["apart"].values()
    )
    return Vocabulary(spelled, tuple(_arounds(data)), aparts, frozenset(map(key, data["words"]["nothing"])))


def _ranked(languages: Mapping[str, list[str]]) -> Iterator[tuple[str, int]]:
    for spellings in languages.values():
        yield from ((key(spelling), rank) for rank, spelling in enumerate(spellings))


def _spelled(data: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    for section, block in (("company", ""), ("person", ""), ("part", "plain")):
        for role, languages in data[section].items():
            for spelling, rank in _ranked(languages):
                yield spelling, Meaning(role, block, rank=rank)


def _named(data: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    for slug, spellings in data["slugs"].items():
        yield from ((key(spelling), Meaning(slug=slug)) for spelling in spellings)


def _arounds(data: Mapping[str, Any]) -> Iterator[Around]:
    """Say which words may stand around which spellings: those of the company, of a block, of a person."""
    company, persons, parts = data["company"], data["person"], data["part"]
    words, blocks = data["words"], data["blocks"]
    name = {"name": company["name"]}
    contacts = {role: company[role] for role in _CONTACTS}
    own = {role: spellings for role, spellings in company.items() if role not in {"name", "company_name"}}
    for block, around in blocks.items():
        yield _around(around, parts, partial(Meaning, block=block))
    yield _around(blocks["invoice"], {"email": company["email_general"]}, Meaning)
    yield _around(words["company"], own, Meaning)
    yield _around(words["company"], name, lambda _: Meaning("company_name"))
    yield _around(blocks["business"], contacts, Meaning)
    yield _around(words["person"], persons, Meaning)
    yield _around(words["person"], name, lambda _: Meaning("attention", "plain"))
    yield _around(words["person"], contacts, lambda _: Meaning(apart=_OF_A_PERSON))


def _around(words: Iterable[str], roles: Mapping[str, Any], means: Callable[[str], Meaning]) -> Around:
    spellings: dict[str, Meaning] = {}
    for role, languages in roles.items():
        for spelling, rank in _ranked(languages):
            spellings.setdefault(spelling, replace(means(role), rank=rank + _COMPOSED))
    longest_first = sorted(set(map(key, words)), key=lambda word: (-len(word), word))
    return Around(tuple(longest_first), spellings)
