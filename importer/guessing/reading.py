"""Turns a header into what it says of its column."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.guessing.vocabulary import Meaning, key, vocabulary, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from importer.guessing.exports import Export

__all__ = ["meaning_of", "names_one_of"]

_PREFIXED = re.compile(r"(\w+) - (.+?)(?: of (.+))?", re.DOTALL)  # Pipedrive: "Organization - City of Any Field"
_LONGEST = 200  # characters of a header that is looked at


def meaning_of(header: str, export: Export | None = None) -> Meaning:
    """Say what a column of this name holds; only whole spellings count, and what is set apart stays so."""
    if len(header) > _LONGEST:
        return Meaning()
    if export is not None and (found := export.columns.get(key(header))):
        return found
    number = _number(header)
    for spelling in _spellings(header):
        if found := vocabulary().meaning(spelling):
            return _numbered(found, number)
    return Meaning(apart=_apart(header))


def names_one_of(header: str, roles: Collection[str]) -> bool:
    """Whether a spelling of one of the roles stands anywhere in a header."""
    whole = key(header)
    known = vocabulary().spelled.items()
    return any(meaning.role in roles and len(spelling) > 2 and spelling in whole for spelling, meaning in known)


def _spellings(header: str) -> Iterator[str]:
    """Give the keys to look for: as it stands, without its number, without what Pipedrive adds."""
    yield key(header)
    yield _bare(header)
    if found := _PREFIXED.fullmatch(header):
        yield _bare(f"{found[1]} {found[2]}")


def _bare(header: str) -> str:
    nothing = vocabulary().nothing
    return "".join(word for word in words_of(header) if not word.isdigit() and word not in nothing)


def _number(header: str) -> int:
    """Read the one number in a header; a header with several, or with a long one, has none that counts."""
    numbers = [word for word in words_of(header) if word.isdigit()]
    return int(numbers[0]) if len(numbers) == 1 and len(numbers[0]) == 1 else 1 if not numbers else 9


def _numbered(found: Meaning, number: int) -> Meaning:
    if number <= 1:
        return found
    if found.role == "street" and number == 2:
        return replace(found, role="street2", number=2)
    return replace(found, number=number)


def _apart(header: str) -> str:
    words, whole = set(words_of(header)), key(header)
    for one in vocabulary().aparts:
        if words & one.words or any(part in whole for part in one.parts):
            return one.because
    return ""
