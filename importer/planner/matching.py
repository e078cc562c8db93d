"""A mapping's `match` rules -> the live companies that are the same as a row's, to adopt those without an external_id.

Values are compared here, trimmed and without regard to case, whoever found the companies: Kanbert's filter may fold
more than that, or nothing. "ß" is not "ss", and "é" is not "e": those are other companies.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from importer.errors import Exchange, TransientError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from importer.company import Remote
    from importer.journal import Work
    from importer.kanbert import Page
    from importer.model import Json

__all__ = ["AskingMatcher", "ListedMatcher", "MatchKey", "MatchRules", "Matcher"]

_MOST_PAGES = 10  # of companies that the filter gives and that are none: it does not filter, or folds too much


@dataclass(frozen=True, slots=True)
class MatchKey:
    """One rule, and the values that a row or a company has in its fields."""

    rule: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def text(self) -> str:
        """The key in the form in which it is compared and kept."""
        return json.dumps([*self.rule, *map(_folded, self.values)], ensure_ascii=False)

    @property
    def wanted(self) -> dict[str, str]:
        """Field to value, as Kanbert is asked."""
        return dict(zip(self.rule, self.values, strict=True))


@dataclass(frozen=True, slots=True)
class MatchRules:
    """Fields, or lists of fields, that mean the same company where all of them are equal; best first."""

    rules: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any rule."""
        return bool(self.rules)

    def keys(self, fields: Mapping[str, Json]) -> Iterator[MatchKey]:
        """Walk over the keys of a payload or of a company, in the order of the rules that apply to it.

        A rule applies where all of its fields are set. Such fields are texts that read back under the same name.
        """
        for rule in self.rules:
            values = tuple(value.strip() for name in rule if isinstance(value := fields.get(name), str))
            if len(values) == len(rule) and all(values):
                yield MatchKey(rule, values)

    def texts(self, fields: Mapping[str, Json]) -> list[str]:
        """List the keys in the form in which they are compared and kept."""
        return [key.text for key in self.keys(fields)]

    def before(
        self, text: str, companies: Iterable[Remote], origin: Json, written: Mapping[str, Mapping[str, Json] | None]
    ) -> tuple[Remote, ...]:
        """Leave out the companies that did not have a key, or were not there, before this run wrote them."""
        return tuple(one for one in companies if self._had(text, one, origin, written))

    def _had(self, text: str, company: Remote, origin: Json, written: Mapping[str, Mapping[str, Json] | None]) -> bool:
        key = company.external_id
        if key is None or company.external_origin != origin or key not in written:
            return True
        before = written[key]
        return before is not None and text in self.texts(before)

    def agree(self, one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
        """Whether any rule says that both are the same company."""
        return not set(self.texts(one)).isdisjoint(self.texts(other))


class Matcher(Protocol):
    """Finds for rows whose external_id nobody holds the live companies that match; rows without any are left out.

    The first rule with hits decides. Companies count as they were before this run: one that it made for another row of
    the file is no hit, and of one that it has updated the earlier values are compared, whichever row comes first. Raises TransientError and RefusedError where a row's companies cannot be asked for.
    """

    async def __call__(self, works: Sequence[Work]) -> dict[int, tuple[Remote, ...]]:
        """Find the hits of a batch, by the journal's number of the row."""
        ...


class _Written(Protocol):
    """Says which of these external_ids this run has written, and what they were before; None: not there."""

    def __call__(self, external_ids: Sequence[str], /) -> Awaitable[Mapping[str, Mapping[str, Json] | None]]: ...


Matching: TypeAlias = "Callable[[list[str]], Awaitable[dict[str, list[Remote]]]]"
"""Looks live companies up by keys, as they were before this run wrote them."""


async def _none(_: list[str]) -> dict[str, list[Remote]]:
    return {}


class ListedMatcher:
    """Matches in a complete listing of the space: no requests."""

    def __init__(self, rules: MatchRules, listed: Matching, written: _Written) -> None:
        self._rules = rules
        self._listed = listed
        self._written = written

    async def __call__(self, works: Sequence[Work]) -> dict[int, tuple[Remote, ...]]:
        """Match a batch with one look into the listing."""
        keys = {work.row: self._rules.texts(work.desired.payload) for work in works}
        listed = await self._listed([text for texts in keys.values() for text in texts])
        if not listed:
            return {}
        origin = works[0].desired.payload["external_origin"]
        written = await self._written(_held_under(origin, (one for found in listed.values() for one in found)))
        found: dict[int, tuple[Remote, ...]] = {}
        for row, texts in keys.items():
            hits = (self._rules.before(text, listed.get(text, ()), origin, written) for text in texts)
            if first := next(filter(None, hits), ()):
                found[row] = first
        return found


class AskingMatcher:
    """Asks Kanbert's list by filter: a request for each rule that applies, until one has hits."""

    def __init__(
        self,
        rules: MatchRules,
        pages: Callable[[Mapping[str, str], str], AsyncGenerator[Page, None]],
        written: _Written,
        remembered: Matching = _none,
    ) -> None:
        """Fill the slots; `remembered` gives companies whose keys this run changes."""
        self._rules = rules
        self._pages = pages
        self._written = written
        self._remembered = remembered

    async def __call__(self, works: Sequence[Work]) -> dict[int, tuple[Remote, ...]]:
        """Match rows one after the other."""
        found = {}
        for work in works:
            for key in self._rules.keys(work.desired.payload):
                if hits := await self._hits(work, key):
                    found[work.row] = hits
                    break
        return found

    async def _hits(self, work: Work, key: MatchKey) -> tuple[Remote, ...]:
        """Read pages until a second hit makes the match ambiguous."""
        remembered = (await self._remembered([key.text])).get(key.text, ())
        hits = {one.kanbert_id: one for one in remembered}
        pages, origin = self._pages(key.wanted, work.desired.external_id), work.desired.payload["external_origin"]
        try:
            async for page in pages:
                true = [one for one in page.companies if not one.archived and key.text in self._rules.texts(one.body)]
                written = await self._written(_held_under(origin, true))
                hits |= {one.kanbert_id: one for one in self._rules.before(key.text, true, origin, written)}
                if len(hits) > 1:
                    break
                if page.number >= _MOST_PAGES and not page.last:
                    text = f"asked for companies by {', '.join(key.rule)}, Kanbert gives too many others"
                    raise TransientError(text, exchange=Exchange("GET", "/companies", 200))
        finally:
            await pages.aclose()
        return tuple(hits.values())


def _folded(value: str) -> str:
    """Fold case, and the two ways in which Unicode writes the same letter; nothing that tells companies apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).lower())


def _held_under(origin: Json, companies: Iterable[Remote]) -> list[str]:
    return [one.external_id for one in companies if one.external_id and one.external_origin == origin]
