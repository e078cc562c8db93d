"""Desired + remote -> operation: the pure decision, and the look-ups that come before it.

`decide` is the only place that knows what must be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import anyio

from importer.company import changes, not_shown
from importer.errors import RefusedError, TransientError
from importer.journal import Planned, Settlement
from importer.model import Action, Code, Issue, Operation, Outcome, OutcomeKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from importer.company import Remote
    from importer.journal import Work
    from importer.kanbert import Page
    from importer.model import Change, Desired, Location, Payload

__all__ = [
    "ArchivedPolicy",
    "Finder",
    "Found",
    "ListingFinder",
    "Lookup",
    "Planner",
    "RowFinder",
    "decide",
    "listed_within",
]

ArchivedPolicy = Literal["report", "restore"]
Lookup = Literal["auto", "rows", "list"]


def decide(desired: Desired, remote: Remote | None, place: Location, *, archived: ArchivedPolicy) -> Operation:
    """Say what must be done so that `desired` exists, given what Kanbert has under its external_id.

    | Kanbert has                                   | operation                                   |
    |-----------------------------------------------|---------------------------------------------|
    | nothing                                       | create, with the whole payload              |
    | a company of another external_id or origin    | conflict: never written to                  |
    | an archived company                           | conflict, or restore by policy              |
    | the company, some fields differ               | update, with those fields alone             |
    | the company, no field differs                 | unchanged                                   |
    """
    if remote is None:
        body: Payload = {name: value for name, value in desired.payload.items() if value is not None}
        return Operation(Action.CREATE, desired, body=body)
    differing = changes(desired.payload, remote.body)
    issue = _obstacle(desired, remote, place, archived)
    if issue is not None:
        return _found(Action.CONFLICT, desired, remote, differing, (issue,))
    unseen = tuple(Issue.of(Code.NOT_SHOWN, place, field=name) for name in not_shown(desired.payload, remote.body))
    if remote.archived:
        return _found(Action.RESTORE, desired, remote, differing, unseen)
    return _found(Action.UPDATE if differing else Action.UNCHANGED, desired, remote, differing, unseen)


def _obstacle(desired: Desired, remote: Remote, place: Location, archived: ArchivedPolicy) -> Issue | None:
    origin = desired.payload["external_origin"]
    if (remote.external_id, remote.external_origin) != (desired.external_id, origin):
        answered = f'external_id "{remote.external_id}" of origin "{remote.external_origin}"'
        return Issue.of(
            Code.OTHER_COMPANY_ANSWERED, place, field="external_id", value=desired.external_id, detail=answered
        )
    if remote.archived and archived == "report":
        return Issue.of(Code.ARCHIVED_IN_KANBERT, place, field="external_id", value=desired.external_id)
    return None


def _found(
    action: Action, desired: Desired, remote: Remote, differing: tuple[Change, ...], issues: tuple[Issue, ...] = ()
) -> Operation:
    body: Payload = {change.field: change.after for change in differing}
    return Operation(action, desired, remote.kanbert_id, body, differing, remote.body, issues)


class Planner:
    """Plans batches of rows: finds what is there, then decides."""

    def __init__(
        self,
        find: Finder,
        *,
        place: Callable[[Work, str | None], Location],
        archived: ArchivedPolicy,
    ) -> None:
        self._find = find
        self._place = place
        self._archived = archived

    def decide(self, desired: Desired, remote: Remote | None, place: Location) -> Operation:
        """Decide by this run's policy for archived companies."""
        return decide(desired, remote, place, archived=self._archived)

    async def __call__(self, works: Sequence[Work]) -> list[Planned | Settlement]:
        """Plan each row, in order; a row whose company could not be asked for is settled as failed instead."""
        return [self._planned(found) for found in await self._find(works)]

    def _planned(self, found: Found) -> Planned | Settlement:
        work = found.work
        if found.error is not None:
            refused = isinstance(found.error, RefusedError)
            code = Code.REFUSED_BY_KANBERT if refused else Code.GAVE_UP
            issue = Issue.of(code, self._place(work, "external_id"), field="external_id", detail=str(found.error))
            return Settlement(
                work.row, Outcome(OutcomeKind.REFUSED if refused else OutcomeKind.FAILED, issues=(issue,))
            )
        operation = self.decide(work.desired, found.remote, self._place(work, "external_id"))
        return Planned(work, operation, work.intent.operation if work.intent else None)


# ── finding what is there ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up of one row's company gave: the company, None, or why it could not be asked."""

    work: Work
    remote: Remote | None = None
    error: TransientError | RefusedError | None = None


class Finder(Protocol):
    """Finds the companies of a batch of rows; a row that cannot be asked gives its error, a fatal one is raised."""

    async def __call__(self, works: Sequence[Work]) -> list[Found]:
        """Find each row's company; the answers are in the order of the rows."""
        ...


class RowFinder:
    """Asks Kanbert for each row, all of a batch at once; the transport's limit says how many are in flight."""

    def __init__(self, find: Callable[[str], Awaitable[Remote | None]]) -> None:
        self._find = find

    async def __call__(self, works: Sequence[Work]) -> list[Found]:
        """Look all rows of a batch up; the answers are in the order of the rows."""
        found: dict[int, Found] = {}

        async def one(work: Work) -> None:
            try:
                found[work.row] = Found(work, await self._find(work.desired.external_id))
            except (TransientError, RefusedError) as error:
                found[work.row] = Found(work, error=error)

        async with anyio.create_task_group() as group:
            for work in works:
                group.start_soon(one, work)
        return [found[work.row] for work in works]


class ListingFinder:
    """Takes companies from a listing of the whole space; asks for those alone that an earlier run may have written.

    The listing was read before this run's first write, but a request of an earlier run may have taken effect after
    its page was read.
    """

    def __init__(self, listed: Callable[[list[str]], Awaitable[dict[str, Remote]]], rows: RowFinder) -> None:
        self._listed = listed
        self._rows = rows

    async def __call__(self, works: Sequence[Work]) -> list[Found]:
        """Look all rows of a batch up; the answers are in the order of the rows."""
        known = await self._listed([work.desired.external_id for work in works if work.intent is None])
        asked = {found.work.row: found for found in await self._rows([work for work in works if work.intent])}
        return [asked.get(work.row) or Found(work, known.get(work.desired.external_id)) for work in works]


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
