"""One operation against Kanbert, followed until its outcome is known: the exactly-once part.

A create is never repeated blindly. After a lost answer, a 5xx or a conflict the company is looked up, and what must
be done is decided again from what is there; every further write has an intent of its own.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Protocol

from importer.company import FIELDS, IDENTITY, FieldType, arrived_otherwise, changes, cleared_unasked
from importer.errors import ConflictError, OutcomeUnknownError, RefusedError, TransientError
from importer.journal import Planned, Settlement
from importer.model import Action, Change, Code, Issue, Operation, Outcome, OutcomeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from importer.company import Remote
    from importer.errors import TargetError
    from importer.journal import Work
    from importer.model import Desired, Location, Payload

__all__ = ["Applier", "Target"]


_ROUNDS = 6  # decisions for one row; each takes another lost answer or another editor in between

_KINDS = {
    Action.CREATE: OutcomeKind.CREATED,
    Action.UPDATE: OutcomeKind.UPDATED,
    Action.RESTORE: OutcomeKind.RESTORED,
}


class Target(Protocol):
    """What is asked of Kanbert.

    `find` gives None where there is no such company. After RefusedError nothing was written; after
    ConflictError somebody else holds what was asked for, or the company is gone; after OutcomeUnknownError a create
    may or may not have happened; after TransientError the attempts are used up. FatalTargetError ends the run.
    """

    async def find(self, external_id: str) -> Remote | None:
        """Find the company under an external_id of our origin."""
        ...

    async def create(self, payload: Payload) -> Remote:
        """Create a company."""
        ...

    async def update(self, kanbert_id: str, body: Payload, *, key: str) -> Remote:
        """Change the fields of `body`; `key` is the external_id, for the record."""
        ...

    async def restore(self, kanbert_id: str, *, key: str) -> Remote:
        """Bring an archived company back; one that is not archived stays as it is."""
        ...

    async def restore_holder(self, external_id: str) -> Remote:
        """Bring back the archived company that holds an external_id of our origin; ConflictError: none to be seen."""
        ...


class Applier:
    """Applies operations; holds no state between them, so one serves all workers."""

    def __init__(
        self,
        target: Target,
        *,
        decide: Callable[[Desired, Remote | None, Location], Operation],
        intend: Callable[[list[Planned]], Awaitable[list[Planned]]],
        place: Callable[[Work, str | None], Location],
        pause: Callable[[int], Awaitable[None]],
        restore_held: bool,
    ) -> None:
        """Fill the slots; `pause` waits before a create is sent again, given how many answers were lost."""
        self._target = target
        self._decide = decide
        self._intend = intend
        self._place = place
        self._pause = pause
        self._restore_held = restore_held

    async def apply(self, planned: Planned) -> Settlement:
        """Send a planned write and settle it; FatalTargetError and JournalError go up, nothing else does."""
        work = planned.work
        error: TargetError | None = None
        lost = work.intent.action if work.intent else None  # a write that may have happened
        for failed in range(1, _ROUNDS + 1):
            result = await self._attempt(planned, lost)
            if isinstance(result, Settlement):
                return result
            error = result
            if isinstance(error, OutcomeUnknownError):
                lost = planned.operation.action
            try:
                again = await self._decided_again(work, error)
            except TransientError as transient:
                kind = OutcomeKind.UNKNOWN if isinstance(error, OutcomeUnknownError) else OutcomeKind.FAILED
                return self._given_up(planned, kind, transient)
            if again.action in {Action.UNCHANGED, Action.CONFLICT}:
                return self.settle_unsent(Planned(work, again, planned.operation_id), lost)
            if isinstance(error, OutcomeUnknownError):
                await self._pause(failed)
            [planned] = await self._intend([Planned(work, again)])
        return self._given_up(planned, OutcomeKind.FAILED, error)

    async def _attempt(self, planned: Planned, lost: Action | None) -> Settlement | OutcomeUnknownError | ConflictError:
        """Send once; the error where what must be done has to be decided again."""
        try:
            stored = await self._send(planned.operation)
        except RefusedError as refused:
            return _settlement(planned, OutcomeKind.REFUSED, *self._refusals(planned.work, refused))
        except TransientError as transient:
            return self._given_up(planned, OutcomeKind.FAILED, transient)
        except (OutcomeUnknownError, ConflictError) as error:
            return error
        return self._written(planned, lost, stored)

    def settle_unsent(self, planned: Planned, lost: Action | None) -> Settlement:
        """Settle what needs no request: unchanged, or a conflict.

        Unchanged after a write whose answer was lost means that the write has arrived.
        """
        operation = planned.operation
        if operation.action is Action.CONFLICT:
            return _settlement(planned, OutcomeKind.REFUSED, *operation.issues)
        kind = OutcomeKind.UNCHANGED if lost is None else _KINDS[lost]
        outcome = Outcome(kind, operation.kanbert_id, operation.before)
        return Settlement(planned.work.row, outcome, planned.operation_id)

    def settle_bug(self, planned: Planned, error: Exception) -> Settlement:
        """Settle an operation that an error of our own cut off: its effect shows at the next look-up."""
        issue = Issue.of(Code.OUR_BUG, self._place(planned.work, None), detail=f"{type(error).__name__}: {error}")
        trace = "".join(traceback.format_exception(error))
        return Settlement(
            planned.work.row, Outcome(OutcomeKind.FAILED, issues=(issue,), traceback=trace), planned.operation_id
        )

    async def _send(self, operation: Operation) -> Remote:
        key = operation.desired.external_id
        if operation.action is Action.CREATE:
            return await self._target.create(operation.body)
        kanbert_id = operation.kanbert_id or ""
        if operation.action is Action.UPDATE:
            return await self._target.update(kanbert_id, operation.body, key=key)
        restored = await self._target.restore(kanbert_id, key=key)
        differing = changes(operation.desired.payload, restored.body)
        if not differing:
            return restored
        return await self._target.update(kanbert_id, {change.field: change.after for change in differing}, key=key)

    async def _decided_again(self, work: Work, error: TargetError) -> Operation:
        """Look the company up and decide from what is there; a create that met a holder we cannot see is a conflict."""
        desired, place = work.desired, self._place(work, "external_id")
        remote = await self._target.find(desired.external_id)
        if remote is None and isinstance(error, ConflictError) and error.exchange.method == "POST":
            remote = await self._restored_holder(desired.external_id)
            if remote is None:
                held = Issue.of(Code.HELD_ELSEWHERE, place, field="external_id", value=desired.external_id)
                return Operation(Action.CONFLICT, desired, issues=(held,))
        return self._decide(desired, remote, place)

    async def _restored_holder(self, external_id: str) -> Remote | None:
        if not self._restore_held:
            return None
        try:
            return await self._target.restore_holder(external_id)
        except ConflictError:
            return None

    # ── outcomes ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _written(self, planned: Planned, lost: Action | None, stored: Remote) -> Settlement:
        """Settle a write that was answered; what the server made of it is compared with what was sent."""
        operation = planned.operation
        kind = _KINDS[Action.CREATE if lost is Action.CREATE else operation.action]
        outcome = Outcome(kind, stored.kanbert_id, stored.body, tuple(self._differences(planned, stored)))
        return Settlement(planned.work.row, outcome, planned.operation_id)

    def _differences(self, planned: Planned, stored: Remote) -> Iterator[Issue]:
        operation = planned.operation
        for change in (*_identity_lost(operation, stored), *arrived_otherwise(operation.body, stored.body)):
            serious = change.field in IDENTITY or FIELDS[change.field].type in {FieldType.COUNTRY, FieldType.COUNTRY_ID}
            yield Issue.of(
                Code.STORED_DIFFERS,
                self._place(planned.work, change.field),
                field=change.field,
                value=change.before,
                detail="nothing" if change.after is None else f'"{change.after}"',
                severity=Severity.ERROR if serious else Severity.WARNING,
            )
        if operation.action is Action.UPDATE and operation.before is not None:
            cleared = cleared_unasked(operation.body, operation.before, stored.body)
            if cleared:
                yield Issue.of(Code.CLEARED_UNASKED, self._place(planned.work, None), detail=", ".join(cleared))

    def _refusals(self, work: Work, refused: RefusedError) -> Iterator[Issue]:
        for name, messages in refused.fields.items():
            written = name.split(".", 1)[0]  # tags.0, custom_fields.slug
            yield Issue.of(
                Code.REFUSED_BY_KANBERT,
                self._place(work, written),
                field=name,
                value=work.desired.payload.get(written),
                detail=" ".join(messages),
            )
        if not refused.fields:
            yield Issue.of(Code.REFUSED_BY_KANBERT, self._place(work, None), detail=str(refused))

    def _given_up(self, planned: Planned, kind: OutcomeKind, error: TargetError | None) -> Settlement:
        code = Code.OUTCOME_UNKNOWN if kind is OutcomeKind.UNKNOWN else Code.GAVE_UP
        return _settlement(planned, kind, Issue.of(code, self._place(planned.work, None), detail=str(error)))


def _settlement(planned: Planned, kind: OutcomeKind, *issues: Issue) -> Settlement:
    outcome = Outcome(kind, planned.operation.kanbert_id, issues=issues)
    return Settlement(planned.work.row, outcome, planned.operation_id)


def _identity_lost(operation: Operation, stored: Remote) -> Iterator[Change]:
    """A company stored without our external_id would be created again by the next run."""
    for name in IDENTITY & operation.body.keys():
        if stored.body.get(name) != operation.body[name]:
            yield Change(name, operation.body[name], stored.body.get(name))
