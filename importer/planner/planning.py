"""Batches of open rows -> plans: finds what is there, then decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.errors import RefusedError
from importer.journal import Planned, Settlement, held_to_plan
from importer.model import Action, Code, Issue, Operation, Outcome, OutcomeKind
from importer.planner.clients import NoClient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from importer.errors import TransientError
    from importer.journal import Work
    from importer.model import Location
    from importer.planner.clients import Clients
    from importer.planner.decision import Policy
    from importer.planner.finding import Finder, Found

__all__ = ["Planner"]


class Planner:
    """Plans batches of rows: finds what is there, then decides.

    Of several rows that match one company, the first in the file adopts it, whichever is written first.
    """

    def __init__(
        self,
        find: Finder,
        *,
        place: Callable[[Work, str | None], Location],
        policy: Policy,
        clients: Clients | None = None,
    ) -> None:
        """Fill the slots; `clients` only where rows may name clients by external_ids."""
        self._find = find
        self._clients = clients
        self._place = place
        self._policy = policy
        self._adopting: dict[str, tuple[int, int]] = {}  # by company, the row that is to adopt it, and its number

    async def __call__(self, works: Sequence[Work]) -> list[Planned | Settlement]:
        """Plan each row, in order; a row whose company could not be asked for is settled instead."""
        found = await self._find(works)
        settled: Sequence[Found | NoClient] = found if self._clients is None else await self._clients(found)
        return [self._without(one) if isinstance(one, NoClient) else self._planned(one) for one in settled]

    def _without(self, lost: NoClient) -> Settlement:
        work = lost.found.work
        place = self._place(work, "client_id")
        issue = Issue.of(lost.code, place, field="client_id", value=lost.value, detail=lost.detail)
        doubtful = work.intent is not None and lost.found.held  # what is there may be what was sent for the row
        kind = OutcomeKind.UNKNOWN if doubtful else OutcomeKind.REFUSED
        return Settlement(work.row, Outcome(kind, issues=(issue,)))

    def _planned(self, found: Found) -> Planned | Settlement:
        work = found.work
        place = self._place(work, "external_id")
        if found.error is not None:
            kind, code = _not_asked(found.error, may_be_sent=work.intent is not None)
            issue = Issue.of(code, place, field="external_id", detail=str(found.error))
            return Settlement(work.row, Outcome(kind, issues=(issue,)))
        operation = self._claimed(
            work, self._policy.decide_found(work.desired, found.held, found.matches, place), place
        )
        operation = held_to_plan(work, operation, place, lost=work.intent.action if work.intent else None)
        return Planned(work, operation, work.intent.operation if work.intent else None)

    def _claimed(self, work: Work, operation: Operation, place: Location) -> Operation:
        if operation.action is not Action.ADOPT or operation.kanbert_id is None:
            return operation
        row, number = self._adopting.setdefault(operation.kanbert_id, (work.row, work.number))
        if row == work.row:
            return operation
        detail = f"company {operation.kanbert_id}, which row {number} of the file takes over"
        external_id = work.desired.external_id
        issue = Issue.of(Code.MATCH_IS_TAKEN, place, field="external_id", value=external_id, detail=detail)
        return Operation(Action.CONFLICT, work.desired, operation.kanbert_id, issues=(issue,))


def _not_asked(error: TransientError | RefusedError, *, may_be_sent: bool) -> tuple[OutcomeKind, Code]:
    """Say what becomes of a row that could not be asked for: what may have been sent for it stays to be looked up."""
    refused = isinstance(error, RefusedError)
    if may_be_sent:
        return OutcomeKind.UNKNOWN, Code.REFUSED_BY_KANBERT if refused else Code.OUTCOME_UNKNOWN
    return (OutcomeKind.REFUSED, Code.REFUSED_BY_KANBERT) if refused else (OutcomeKind.FAILED, Code.GAVE_UP)
