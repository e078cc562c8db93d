"""All contacts of an address -> a draft that holds each of them once, by as few requests as it takes.

By synchronization where that is possible: one answer with all ids and versions, then 100 contacts an answer of those
that are not held in that version. So a fetch that was stopped goes on, and one that was done before asks for what has
changed alone. The list, which can move between its pages, is read where there is no synchronization, or where it alone
fits: 15,000 contacts are 150 pages, all that Moneybird allows in five minutes, and 151 requests by synchronization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from anyio import to_thread

from importer.errors import Exchange, FatalTargetError
from importer.moneybird.api import ALLOWANCE, PAGE_SIZE
from importer.moneybird.contacts import id_of, version_of
from importer.moneybird.snapshot import CLOCKS_APART

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.moneybird.api import Moneybird, Page
    from importer.moneybird.contacts import Contact
    from importer.moneybird.snapshot import Draft

__all__ = ["Fetched", "Watcher", "fetched"]

_PASSES = 5  # over a list that moves while it is read


class Watcher(Protocol):
    """Who is told how a fetch goes on."""

    def begin(self, total: int | None) -> None:
        """So many contacts are to be fetched; None: it is not known."""
        ...

    def advance(self, count: int) -> None:
        """So many more are held."""
        ...

    def wait(self) -> None:
        """All requests of a window are used: the next one waits for minutes."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch came to."""

    ids: tuple[str, ...]  # of all contacts that there are; the draft holds each
    fetched: int  # contacts that came new, or once more
    gone: tuple[str, ...] = ()  # deleted between the answer with their ids and the question for them


async def fetched(api: Moneybird, draft: Draft, watcher: Watcher) -> Fetched:
    """Bring the draft up to date; it is durable after each answer, and the same call goes on where another stopped.

    Raises:
        FatalTargetError: Moneybird refuses, or cannot be reached.
    """
    fetch = _Fetch(api, draft, watcher)
    if not len(draft):  # the first page costs nothing: its contacts need not be asked for again
        first = await api.page(1)
        once = await fetch.once(first) if first.last or _list_saves_a_window(first.total) else None
        if once is None:
            await fetch.keep(first.contacts)
        elif once.is_exact:
            return fetch.found(once)
    versions = await api.versions()
    found = None if versions is None else await fetch.synchronized(versions)
    return await fetch.listed() if found is None else found


def _list_saves_a_window(total: int | None) -> bool:
    """Whether the one request that synchronization takes more than the list has to wait for the next window."""
    if total is None:
        return False
    pages = -(-total // PAGE_SIZE)
    return pages % ALLOWANCE.requests == 0


class _Fetch:
    """One fetch on its way."""

    def __init__(self, api: Moneybird, draft: Draft, watcher: Watcher) -> None:
        self._api = api
        self._draft = draft
        self._watcher = watcher
        self._count = 0

    async def keep(self, contacts: Sequence[Contact]) -> None:
        """Make contacts durable before anything else is asked."""
        if contacts:
            await to_thread.run_sync(self._draft.add, contacts)
        self._count += len(contacts)
        self._watcher.advance(len(contacts))

    def _tell_wait(self) -> None:
        """Say before a question that it will take long, so that nobody takes the silence for a hang."""
        asked = self._api.requests
        if asked and not asked % ALLOWANCE.requests:
            self._watcher.wait()

    async def synchronized(self, versions: dict[str, int]) -> Fetched | None:
        """Ask for the contacts that are not held in these versions; None where that cannot be asked here."""
        wanted = [one for one, version in versions.items() if self._draft.version(one) != version]
        gone = list[str]()
        self._watcher.begin(len(wanted))
        for start in range(0, len(wanted), PAGE_SIZE):
            ids = wanted[start : start + PAGE_SIZE]
            self._tell_wait()
            found = await self._api.contacts(ids)
            if found is None:
                return None
            meant = {id_of(one): one for one in found if id_of(one) in versions}
            await self.keep([*meant.values()])
            gone += [one for one in ids if one not in meant and not await self._found_alone(one)]
        left = set(gone)
        return Fetched(tuple(one for one in versions if one not in left), self._count, tuple(gone))

    async def _found_alone(self, contact_id: str) -> bool:
        """Ask for a contact that did not come with the others: it was deleted meanwhile, or is another such case."""
        found = await self._api.contact(contact_id)
        if found is not None:
            await self.keep([found])
        return found is not None

    def found(self, once: Pass) -> Fetched:
        """Say what a pass came to."""
        return Fetched(tuple(once.ids), self._count)

    async def listed(self) -> Fetched:
        """Read the list until it has held still for as long as reading it took.

        Raises:
            FatalTargetError: it never does.
        """
        before: Pass | None = None
        for _ in range(_PASSES):
            once = await self.once(await self._api.page(1))
            if once.is_exact or (once.has_ended and before is not None and once.ids == before.ids):
                return self.found(once)
            before = once if once.has_ended else None
        text = (
            "the contacts are changed all the time while they are listed, so that some may be missing; run again later"
        )
        raise FatalTargetError(text, exchange=Exchange("GET", "/contacts.json"))

    async def once(self, page: Page) -> Pass:
        """Read the list through, from its first page on.

        Between two pages it can move. A contact that is created, or comes back, moves those behind it by one, so that one
        of them comes twice; one that is deleted has another one skipped, and then the number of them falls. Where both
        happen so that neither shows, the new one comes on a later page, with a version from after the beginning.
        """
        number, ids, totals, count = 1, set[str](), set[int | None](), 0
        latest = self._draft.began_at - CLOCKS_APART
        held_still = True
        self._watcher.begin(page.total)
        while True:
            await self.keep(page.contacts)
            new = {one_id for one in page.contacts if (one_id := id_of(one))} - ids
            ids |= new
            count += len(page.contacts)
            totals.add(page.total)
            held_still = held_still and all(version_of(one) < latest for one in page.contacts)
            if page.last or not new:
                alike = (totals <= {None, count}) if number == 1 else held_still and totals == {count}
                return Pass(frozenset(ids), page.last, page.last and count == len(ids) and alike)
            number += 1
            self._tell_wait()
            page = await self._api.page(number)


@dataclass(frozen=True, slots=True)
class Pass:
    """The list, read once. It is exact where it is one page, or nothing can have moved while it was read, and not fewer than said."""

    ids: frozenset[str]
    has_ended: bool  # at its last page, and not because there was nothing new
    is_exact: bool
