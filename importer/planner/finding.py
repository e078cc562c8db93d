"""Rows -> what Kanbert has for them: under their external_id, and where nothing is there, what matches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import anyio

from importer.errors import RefusedError, TransientError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from importer.company import Remote
    from importer.journal import Work
    from importer.kanbert import Page
    from importer.planner.matching import Matcher, MatchRules

__all__ = [
    "ArchivedHolders",
    "Finder",
    "Found",
    "ListingFinder",
    "Lookup",
    "RememberingFinder",
    "RowFinder",
    "listed_within",
]

Lookup = Literal["auto", "rows", "list"]
Listed: TypeAlias = "Callable[[list[str]], Awaitable[dict[str, tuple[Remote, ...]]]]"
"""Looks external_ids up in a listing: who holds them, the live companies, else the archived ones."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up of one row's company gave, or why it could not be asked."""

    work: Work
    held: tuple[Remote, ...] = ()  # under the external_id; more than one only where a listing shows it
    matches: tuple[Remote, ...] = ()  # live, and the same company by a rule of the mapping; none where one is held
    error: TransientError | RefusedError | None = None


class Finder(Protocol):
    """Finds the companies of a batch of rows; a row that cannot be asked gives its error, a fatal one is raised."""

    async def __call__(self, works: Sequence[Work]) -> list[Found]:
        """Find each row's company; the answers are in the order of the rows."""
        ...


class ArchivedHolders:
    """Looks for the archived holder of an external_id, which look-ups do not show, before a company is adopted.

    Where Kanbert takes a number away from its holder, an adoption would rob it. `load` lists the archived companies
    once, when the first row needs them.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[None]],
        listed: Listed,
    ) -> None:
        self._load = load
        self._listed = listed
        self._loaded = False
        self._turn = anyio.Lock()

    async def __call__(self, external_id: str) -> tuple[Remote, ...]:
        """Find the archived companies of our origin that hold an external_id."""
        found = await self.among([external_id])
        return tuple(one for one in found.get(external_id, ()) if one.archived)

    async def among(self, external_ids: list[str]) -> dict[str, tuple[Remote, ...]]:
        """Look external_ids up in all that was listed, the archived companies included."""
        async with self._turn:
            if not self._loaded:
                await self._load()
                self._loaded = True
        return await self._listed(external_ids)


class RowFinder:
    """Asks Kanbert for each row, all of a batch at once; the transport's limit says how many are in flight."""

    def __init__(
        self,
        find: Callable[[str], Awaitable[Remote | None]],
        *,
        now: Callable[[], float],
        match: Matcher | None = None,
        archived: ArchivedHolders | None = None,
        known: Listed | None = None,
    ) -> None:
        """Fill the slots.

        Args:
            find: asks for one company by its external_id.
            now: the monotonic clock that says how old an answer is.
            match: asks what matches rows whose external_id nobody holds.
            archived: asks who holds an external_id all the same, before something that matches is adopted.
            known: companies of earlier listings; the archived ones among them count where nobody is found.
        """
        self._find = find
        self._now = now
        self._match = match
        self._archived = archived
        self._known = known

    async def __call__(self, works: Sequence[Work]) -> list[Found]:
        """Look all rows of a batch up; the answers are in the order of the rows."""
        found = await self._asked(works)
        if self._known is None:
            return found
        unheld = [one.work.desired.external_id for one in found if not one.held and one.error is None]
        listed = await self._known(unheld) if unheld else {}
        return [_with_archived(one, listed.get(one.work.desired.external_id, ())) for one in found]

    async def _asked(self, works: Sequence[Work]) -> list[Found]:
        found: dict[int, Found] = {}

        async def one(work: Work) -> None:
            try:
                found[work.row] = await self._found(work)
            except (TransientError, RefusedError) as error:
                found[work.row] = Found(work, error=error)

        async with anyio.create_task_group() as group:
            for work in works:
                group.start_soon(one, work)
        return [found[work.row] for work in works]

    async def _found(self, work: Work) -> Found:
        asked_at = self._now()
        remote = await self._find(work.desired.external_id)
        if remote is not None:
            return Found(work, (replace(remote, read_at=asked_at),))
        if self._match is None:
            return Found(work)
        matches = (await self._match([work])).get(work.row, ())
        if matches and self._archived is not None and (holders := await self._archived(work.desired.external_id)):
            return Found(work, holders)
        return Found(work, matches=matches)


def _with_archived(found: Found, listed: Sequence[Remote]) -> Found:
    holders = tuple(one for one in listed if one.archived)
    return replace(found, held=holders, matches=()) if holders and not found.held and found.error is None else found


class RememberingFinder:
    """Remembers companies with the keys that the rows take from them, before those are written.

    Otherwise it would hang on which of two rows comes first whether a company matches the other one.
    """

    def __init__(
        self,
        find: Finder,
        rules: MatchRules,
        remember: Callable[[Sequence[Remote]], Awaitable[None]],
    ) -> None:
        self._find = find
        self._rules = rules
        self._remember = remember

    async def __call__(self, works: Sequence[Work]) -> list[Found]:
        """Look all rows of a batch up; the answers are in the order of the rows."""
        found = await self._find(works)
        losing = [company for one in found for company in one.held if self._loses(one.work, company)]
        if losing:
            await self._remember(losing)
        return found

    def _loses(self, work: Work, company: Remote) -> bool:
        """Whether a company has a key that it does not have any more once the row is written."""
        if company.archived:
            return False
        afterwards = {**company.body, **work.desired.payload}
        return not set(self._rules.texts(company.body)) <= set(self._rules.texts(afterwards))


class ListingFinder:
    """Takes companies from a listing of the whole space; asks for those alone that an earlier run may have written.

    The listing was read before this run's first write, but a request of an earlier run may have taken effect after
    its page was read.
    """

    def __init__(
        self,
        listed: Listed,
        rows: RowFinder,
        match: Matcher | None = None,
    ) -> None:
        """Fill the slots; `rows` asks for holders alone, matching is done here."""
        self._listed = listed
        self._rows = rows
        self._match = match

    async def __call__(self, works: Sequence[Work]) -> list[Found]:
        """Look all rows of a batch up; the answers are in the order of the rows."""
        known = await self._listed([work.desired.external_id for work in works])
        asked = {found.work.row: found for found in await self._rows([work for work in works if work.intent])}
        found = [self._found(work, known.get(work.desired.external_id, ()), asked.get(work.row)) for work in works]
        if self._match is None:
            return found
        unheld = [one.work for one in found if not one.held and one.error is None]
        matches = await self._match(unheld) if unheld else {}
        return [replace(one, matches=matches.get(one.work.row, ())) for one in found]

    def _found(self, work: Work, listed: tuple[Remote, ...], asked: Found | None) -> Found:
        """Believe the answer for a row that was asked for, but not that it shows archived or further holders."""
        if asked is None or len(listed) > 1:
            return Found(work, listed)
        if asked.held or asked.error is not None:
            return asked
        return Found(work, tuple(one for one in listed if one.archived))


async def listed_within(
    pages: AsyncIterator[Page], budget: int | None, keep: Callable[[Sequence[Remote]], Awaitable[object]]
) -> bool:
    """List the space until it ends or `budget` pages are read; whether it ended, so that the listing is whole.

    Which is cheaper, listing or one look-up a row, is not known beforehand: with as many pages as there are rows as
    the budget, both together never cost more than twice the better one.
    """
    async for page in pages:
        await keep(page.companies)
        if page.last:
            return True
        if budget is not None and page.number >= budget:
            return False
    return True
