"""How a run finds the companies that are there: by listing the space once, or by asking row by row."""

from __future__ import annotations

from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from importer.errors import FatalTargetError, NoListError, TransientError
from importer.model import plural
from importer.planner import (
    ArchivedHolders,
    AskingMatcher,
    ListedMatcher,
    ListingFinder,
    RememberingFinder,
    RowFinder,
    listed_within,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from importer.company import Remote
    from importer.journal import Journal, Scribe
    from importer.kanbert import Kanbert
    from importer.model import Json
    from importer.pipeline import Stop
    from importer.planner import Finder, Lookup, MatchRules
    from importer.progress import Progress

__all__ = ["Finding", "unheeded"]


def unheeded(_: Sequence[Remote]) -> None:
    """Heed nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Chooses a run's finder, and notes what it saw on the way."""

    kanbert: Kanbert
    journal: Journal
    run: int
    scribe: Scribe
    stop: Stop
    progress: Progress
    match: MatchRules
    now: Callable[[], float]
    elsewhere: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The file's external_ids that are held under other origins, by those."""
    thorough: bool = False  # archived holders are looked for before anything is decided, not met by a write
    seen: Callable[[Sequence[Remote]], None] = unheeded  # told of all companies of a listing

    def _by_rows(self) -> Finder:
        """Ask for each row, and where nobody holds its external_id, for what matches it."""
        archived = ArchivedHolders(self._list_archived, self._listed)
        known = archived.among if self.thorough else self._listed
        if not self.match:
            return RowFinder(self.kanbert.find, now=self.now, known=known)
        asking = AskingMatcher(self.match, self.kanbert.matching, self._written, self._matching)
        rows = RowFinder(self.kanbert.find, now=self.now, match=asking, archived=archived, known=known)
        return RememberingFinder(rows, self.match, self._remember)

    def _by_listing(self) -> ListingFinder:
        """Take everything from the listing: matching costs no request there."""
        match = ListedMatcher(self.match, self._matching, self._written) if self.match else None
        return ListingFinder(self._listed, RowFinder(self.kanbert.find, now=self.now), match)

    async def choose(self, lookup: Lookup, open_rows: int) -> Finder | None:
        """Choose by what is cheaper; None when a stop was asked for meanwhile, also by the target's refusal."""
        chosen: list[Finder] = []

        async def choose() -> None:
            try:
                chosen.append(await self._chosen(lookup, open_rows))
            except (FatalTargetError, TransientError) as error:
                self.stop.request(str(error), error=error)

        async with anyio.create_task_group() as group:
            group.start_soon(self._cancel_when_stopped, group.cancel_scope)
            await choose()
            group.cancel_scope.cancel()
        return None if self.stop.requested else next(iter(chosen), None)

    async def _cancel_when_stopped(self, scope: anyio.CancelScope) -> None:
        await self.stop.wait()
        scope.cancel()  # nothing was written yet: a request for a page need not end

    async def _chosen(self, lookup: Lookup, open_rows: int) -> Finder:
        if lookup == "rows":
            await self.kanbert.preflight()
            await self.scribe.call(self.journal.clear_listing)
            return self._by_rows()
        await self.scribe.call(self.journal.clear_listing)
        self.progress.start("listing Kanbert", None, "pages")
        try:
            async with aclosing(self.kanbert.pages()) as pages:
                whole = await listed_within(pages, None if lookup == "list" else open_rows, self._keep)
        except NoListError as error:
            if lookup == "list":
                raise
            self.progress.note(f"{error}: asking for each row instead")
            whole = False
        self.progress.finish()
        for origin, held in self.elsewhere.items():
            again = f"A run makes a second copy of {'it' if len(held) == 1 else 'each'}"
            self.progress.note(
                self._warning(origin, len(held), again)
            )  # before the first write: there is time for Ctrl-C
        if not whole:
            return self._by_rows()
        await self.scribe.call(self.journal.clear_older_listing)
        return self._by_listing()

    async def _list_archived(self) -> None:
        try:
            async with aclosing(self.kanbert.archived_pages()) as pages:
                async for page in pages:
                    await self.scribe.call(self.journal.add_listed, page.companies)
        except NoListError as error:
            if self.match:
                raise
            self.progress.note(f"{error}: of archived companies nothing is known before a write")

    async def _keep(self, companies: Sequence[Remote]) -> None:
        origin, read_at = self.kanbert.origin, self.now()
        self.seen(companies)
        read = [replace(one, read_at=read_at) for one in companies]
        await self.scribe.call(self.journal.add_listed, read, self.match.texts)
        for company in companies:
            if (
                company.external_origin != origin
                and company.external_id
                and await self._is_in_file(company.external_id)
            ):
                self.elsewhere[company.external_origin or "none"].add(company.external_id)
        self.progress.advance()

    async def _is_in_file(self, external_id: str) -> bool:
        return await self.scribe.call(lambda: self.journal.view.has_row(self.run, external_id))

    async def _listed(self, external_ids: list[str]) -> dict[str, tuple[Remote, ...]]:
        return await self.scribe.call(self.journal.listed, external_ids)

    async def _matching(self, keys: list[str]) -> dict[str, list[Remote]]:
        return await self.scribe.call(self.journal.matching, keys)

    async def _remember(self, companies: Sequence[Remote]) -> None:
        await self.scribe.call(self.journal.add_listed, companies, self.match.texts)

    async def _written(self, external_ids: Sequence[str]) -> Mapping[str, Mapping[str, Json] | None]:
        if not external_ids:
            return {}
        return await self.scribe.call(self.journal.written, self.run, external_ids)

    def notes(self) -> Iterator[str]:
        """Warn of the likeliest way to a second copy of everything: the same numbers under another origin."""
        for origin, held in self.elsewhere.items():
            written = self.journal.view.count_in_kanbert(self.run, held)
            yield self._warning(origin, len(held), _twice(len(held), written))

    def _warning(self, origin: str, count: int, consequence: str) -> str:
        held = plural(count, "external_id of this file is", "external_ids of this file are")
        same = "it is the same company" if count == 1 else "they are the same companies"
        return (
            f"{held} held in Kanbert under the origin {origin}, not {self.kanbert.origin}. "
            f"{consequence}, if {same}: look at target.external_origin in the mapping."
        )


def _twice(count: int, written: int) -> str:
    """Say what became of external_ids that others hold too: how many of them this origin holds now as well."""
    if not written:
        return f"{'It' if count == 1 else 'They'} would exist twice"
    if written == count:
        return "It exists twice now" if count == 1 else "They exist twice now"
    exist = plural(written, "of them exists", "of them exist")
    return f"{exist} twice now and the {'other' if count - written == 1 else 'others'} would"
