"""How a run finds the companies that are there: by listing the space once, or by asking row by row."""

from __future__ import annotations

from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from importer.errors import FatalTargetError, NoListError, TransientError
from importer.planner import ArchivedHolders, AskingMatcher, ListedMatcher, ListingFinder, RowFinder, listed_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from importer.company import Remote
    from importer.journal import Journal, Scribe
    from importer.kanbert import Kanbert
    from importer.pipeline import Stop
    from importer.planner import Finder, Lookup, MatchRules
    from importer.progress import Progress

__all__ = ["Finding"]


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

    def _by_rows(self) -> RowFinder:
        """Ask for each row, and where nobody holds its external_id, for what matches it."""
        if not self.match:
            return RowFinder(self.kanbert.find, now=self.now, known=self._listed)
        asking = AskingMatcher(self.match, self.kanbert.matching, self._made)
        archived = ArchivedHolders(self._list_archived, self._listed)
        return RowFinder(self.kanbert.find, now=self.now, match=asking, archived=archived, known=self._listed)

    def _by_listing(self) -> ListingFinder:
        """Take everything from the listing: matching costs no request there."""
        match = ListedMatcher(self.match, self._matching, self._made) if self.match else None
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
        async with aclosing(self.kanbert.archived_pages()) as pages:
            async for page in pages:
                await self.scribe.call(self.journal.add_listed, page.companies)

    async def _keep(self, companies: Sequence[Remote]) -> None:
        origin, read_at = self.kanbert.origin, self.now()
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

    async def _made(self, external_ids: Sequence[str]) -> set[str]:
        if not external_ids:
            return set()
        return await self.scribe.call(self.journal.made, self.run, external_ids)

    def notes(self) -> Iterator[str]:
        """Warn of the likeliest way to a second copy of everything: the same numbers under another origin."""
        for origin, held in self.elsewhere.items():
            written = self.journal.view.count_in_kanbert(self.run, held)
            yield self._warning(origin, len(held), _twice(len(held), written))

    def _warning(self, origin: str, count: int, consequence: str) -> str:
        held, same = ("1 external_id of this file is", "it is the same company")
        if count != 1:
            held, same = f"{count} external_ids of this file are", "they are the same companies"
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
    exist = "1 of them exists" if written == 1 else f"{written} of them exist"
    return f"{exist} twice now and the {'other' if count - written == 1 else 'others'} would"
