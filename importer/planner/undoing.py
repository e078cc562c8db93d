"""Batches of companies that runs wrote to -> what takes that back: reads each company, asks for its offers, decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import anyio

from importer.errors import ConflictError, RefusedError, TransientError
from importer.journal import Planned, Settlement
from importer.model import Code, Issue, Outcome, Undone
from importer.planner.inversion import invert, will_archive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from importer.company import Remote
    from importer.errors import TargetError
    from importer.journal import Work, Wrote
    from importer.model import Location, Operation

__all__ = ["Inverter", "Refers", "Seen"]

_MOST_NAMED = 5  # offers that an issue names


class Seen(Protocol):
    """How a company is looked at; None where it is gone or archived."""

    async def find(self, external_id: str) -> Remote | None:
        """Find the company under an external_id of our origin."""
        ...

    async def read(self, kanbert_id: str, *, key: str) -> Remote | None:
        """Read a company by Kanbert's own id."""
        ...


class Refers(Protocol):
    """Says which offers keep companies from being archived."""

    async def __call__(self, kanbert_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Name the protecting offers by Kanbert's id of the company; those that none protects are absent."""
        ...


@dataclass(frozen=True, slots=True)
class Inverter:
    """Plans batches of an undo."""

    seen: Seen
    offers: Refers | None  # None: the user has said that offers are not to be asked for
    chains: Callable[[Sequence[int]], Awaitable[Mapping[int, tuple[Wrote, ...]]]]
    place: Callable[[Work], Location]
    now: Callable[[], float]

    async def __call__(self, works: Sequence[Work]) -> list[Planned | Settlement]:
        """Plan each company, in order; what could not be asked is settled as failed instead."""
        chains = await self.chains([work.row for work in works])
        found: dict[int, Planned | Settlement] = {}

        async def one(work: Work) -> None:
            found[work.row] = await self._planned(work, chains[work.row])

        async with anyio.create_task_group() as group:
            for work in works:
                group.start_soon(one, work)
        return await self._unprotected([found[work.row] for work in works])

    async def again(self, work: Work) -> Planned | Settlement:
        """Decide once more about one company, from what it is now."""
        return (await self([work]))[0]

    async def _planned(self, work: Work, chain: Sequence[Wrote]) -> Planned | Settlement:
        try:
            remote = await self._looked_at(work, chain)
        except (TransientError, RefusedError, ConflictError) as error:
            return self._given_up(work, error)
        return _planned(work, invert(work, chain, remote, self.place(work)))

    async def _looked_at(self, work: Work, chain: Sequence[Wrote]) -> Remote | None:
        kanbert_id = next((wrote.kanbert_id for wrote in reversed(chain) if wrote.kanbert_id is not None), None)
        external_id, read_at = work.desired.external_id, self.now()
        if kanbert_id is None:
            remote = await self.seen.find(external_id)
        else:
            remote = await self.seen.read(kanbert_id, key=external_id)
        return None if remote is None else replace(remote, read_at=read_at)

    async def _unprotected(self, plans: Sequence[Planned | Settlement]) -> list[Planned | Settlement]:
        """Keep the companies that offers refer to."""
        asked = [one for one in plans if isinstance(one, Planned) and will_archive(one.operation.action)]
        if self.offers is None or not asked:
            return list(plans)
        try:
            found = await self.offers([str(one.operation.kanbert_id) for one in asked])
        except (TransientError, RefusedError) as error:
            failed = {one.work.row: self._given_up(one.work, error) for one in asked}
            return [failed.get(_row(one), one) for one in plans]
        return [self._kept_for(one, found) if isinstance(one, Planned) else one for one in plans]

    def _kept_for(self, planned: Planned, found: Mapping[str, Sequence[str]]) -> Planned | Settlement:
        kanbert_id = str(planned.operation.kanbert_id)
        names = found.get(kanbert_id, ())
        if not names or not will_archive(planned.operation.action):
            return planned
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        issue = Issue.of(Code.OFFER_REFERS, self.place(planned.work), detail=", ".join(names[:_MOST_NAMED]) + more)
        return Settlement(planned.work.row, Outcome(Undone.KEPT, kanbert_id, issues=(issue,)))

    def _given_up(self, work: Work, error: TargetError) -> Settlement:
        issue = Issue.of(Code.GAVE_UP, self.place(work), detail=str(error))
        return Settlement(work.row, Outcome(Undone.FAILED, issues=(replace(issue, hint=AGAIN),)))


AGAIN = "Give the same undo again: nothing was lost, the company is tried again."


def _planned(work: Work, decided: Operation | Outcome) -> Planned | Settlement:
    if isinstance(decided, Outcome):
        return Settlement(work.row, decided)
    return Planned(work, decided)


def _row(plan: Planned | Settlement) -> int:
    return plan.work.row if isinstance(plan, Planned) else plan.row
