"""One operation against Kanbert, followed until its outcome is known: the exactly-once part.

A create is never repeated blindly. After a lost answer, a 5xx or a conflict the company is looked up, and what must
be done is decided again from what is there; every further write has an intent of its own.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from importer.company import FIELDS, IDENTITY, UNIONS, FieldType, arrived_otherwise, changes, cleared_unasked
from importer.errors import (
    ConflictError,
    Exchange,
    FatalTargetError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from importer.journal import Planned, Settlement
from importer.model import Action, Change, Code, Issue, Operation, Outcome, OutcomeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from importer.company import Remote
    from importer.errors import TargetError
    from importer.journal import Work
    from importer.model import Desired, Json, Location, Payload

__all__ = ["Applier", "Target"]


_SERVER_ERRORS = 4  # answers of 5xx to a create after which a row is given up; a further one would say nothing new
_ROUNDS = 6  # decisions for one row; each takes another lost answer or another editor in between

_METHODS = {Action.CREATE: "POST", Action.UPDATE: "PATCH"}
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


class Intents(Protocol):
    """The journal's intents: made before a request leaves, and forgotten again where nothing was sent for them."""

    async def intend(self, plans: Sequence[Planned]) -> list[Planned]:
        """Record plans; durable on return, each with the number of its intent."""
        ...

    def sending(self, planned: Planned) -> None:
        """Say that the request leaves now: from here on the effect is not known until it is settled."""
        ...

    def unsent(self, planned: Planned) -> None:
        """Say that the target refused the request as such (token, scope, address): nothing was done."""
        ...


@dataclass(frozen=True, slots=True)
class _Sent:
    """A write that was answered: what is stored, what of it was sent, and what was there before, None on create."""

    stored: Remote
    body: Payload
    before: dict[str, Json] | None = None


class Applier:
    """Applies operations; holds no state between them, so one serves all workers."""

    def __init__(
        self,
        target: Target,
        *,
        decide: Callable[[Desired, Remote | None, Location], Operation],
        intents: Intents,
        place: Callable[[Work, str | None], Location],
        pause: Callable[[int], Awaitable[None]],
        restore_held: bool,
    ) -> None:
        """Fill the slots; `pause` waits before a create is sent again, given how many answers were lost."""
        self._target = target
        self._decide = decide
        self._intents = intents
        self._place = place
        self._pause = pause
        self._restore_held = restore_held

    async def apply(self, planned: Planned) -> Settlement:
        """Send a planned write and settle it; FatalTargetError and JournalError go up, nothing else does."""
        work = planned.work
        lost = work.intent.action if work.intent else None  # a write that may have happened
        if _sends_back(planned.operation):
            looked = await self._looked_again(planned, lost)
            if isinstance(looked, Settlement):
                return looked
            planned = looked
        return await self._until_settled(planned, lost)

    async def _looked_again(self, planned: Planned, lost: Action | None) -> Planned | Settlement:
        """Decide once more from what is there now: tags and custom fields go together with those of others.

        The company was read when the batch was planned, or when the space was listed; what people did since would be
        undone.
        """
        work = planned.work
        try:
            remote = await self._target.find(work.desired.external_id)
        except (TransientError, RefusedError) as error:
            return self._given_up(planned, OutcomeKind.FAILED, error)
        again = self._decide(work.desired, remote, self._place(work, "external_id"))
        if again.action in {Action.UNCHANGED, Action.CONFLICT}:
            return self.settle_unsent(Planned(work, again, planned.operation_id), lost)
        if (again.action, again.body) == (planned.operation.action, planned.operation.body):
            return planned
        [planned] = await self._intents.intend([Planned(work, again)])
        return planned

    async def _until_settled(self, planned: Planned, lost: Action | None) -> Settlement:
        work = planned.work
        error: TargetError | None = None
        for failed in range(1, _ROUNDS + 1):
            result = await self._attempt(planned, lost)
            if isinstance(result, Settlement):
                return result
            error = result
            if isinstance(error, OutcomeUnknownError):
                lost = planned.operation.action
            try:
                again = await self._decided_again(planned, error, failed)
            except TransientError as transient:
                kind = OutcomeKind.UNKNOWN if isinstance(error, OutcomeUnknownError) else OutcomeKind.FAILED
                return self._given_up(planned, kind, transient)
            if again.action in {Action.UNCHANGED, Action.CONFLICT}:
                return self.settle_unsent(Planned(work, again, planned.operation_id), lost)
            if not await self._may_go_on(error, failed):
                break
            [planned] = await self._intents.intend([Planned(work, again)])
        return self._given_up(planned, OutcomeKind.FAILED, error)

    async def _may_go_on(self, error: TargetError, failed: int) -> bool:
        """Wait before a create is sent again; False where a further answer of 5xx would say nothing new."""
        if not isinstance(error, OutcomeUnknownError):
            return True
        if failed >= _SERVER_ERRORS and error.exchange.status is not None:
            return False
        await self._pause(failed)
        return True

    async def _attempt(self, planned: Planned, lost: Action | None) -> Settlement | OutcomeUnknownError | ConflictError:
        """Send once; the error where what must be done has to be decided again."""
        self._intents.sending(planned)
        try:
            sent = await self._send(planned.operation)
        except FatalTargetError as fatal:
            if _refused_as_such(planned.operation, fatal):
                self._intents.unsent(planned)
            raise
        except RefusedError as refused:
            return _settlement(planned, OutcomeKind.REFUSED, *self._refusals(planned.work, refused))
        except TransientError as transient:
            return self._given_up(planned, OutcomeKind.FAILED, transient)
        except (OutcomeUnknownError, ConflictError) as error:
            return error
        return self._written(planned, lost, sent)

    def settle_unsent(self, planned: Planned, lost: Action | None) -> Settlement:
        """Settle what needs no request: unchanged, or a conflict.

        Unchanged after a write whose answer was lost means that the write has arrived.
        """
        operation = planned.operation
        if operation.action is Action.CONFLICT:
            return _settlement(planned, OutcomeKind.REFUSED, *operation.issues)
        kind = OutcomeKind.UNCHANGED if lost is None else _KINDS[lost]
        outcome = Outcome(kind, operation.kanbert_id, operation.before, operation.issues)
        return Settlement(planned.work.row, outcome, planned.operation_id)

    def settle_bug(self, planned: Planned, error: Exception) -> Settlement:
        """Settle an operation that an error of our own cut off: its effect shows at the next look-up."""
        issue = Issue.of(Code.OUR_BUG, self._place(planned.work, None), detail=f"{type(error).__name__}: {error}")
        trace = "".join(traceback.format_exception(error))
        return Settlement(
            planned.work.row, Outcome(OutcomeKind.FAILED, issues=(issue,), traceback=trace), planned.operation_id
        )

    async def _send(self, operation: Operation) -> _Sent:
        key, kanbert_id = operation.desired.external_id, operation.kanbert_id
        if operation.action is Action.CREATE:
            return _Sent(await self._target.create(operation.body), operation.body)
        if operation.action is Action.UPDATE and kanbert_id is not None:
            stored = await self._target.update(kanbert_id, operation.body, key=key)
            return _Sent(stored, operation.body, operation.before)
        return await self._restore(operation, key)

    async def _restore(self, operation: Operation, key: str) -> _Sent:
        """Bring a company back, then up to date; a holder that could not be seen before is checked only now."""
        if operation.kanbert_id is None:
            restored = await self._target.restore_holder(key)
        else:
            restored = await self._target.restore(operation.kanbert_id, key=key)
        payload = operation.desired.payload
        if (restored.external_id, restored.external_origin) != (key, payload["external_origin"]):
            text = f'the archived company that was restored has external_id "{restored.external_id}": archive it again'
            raise RefusedError(text, exchange=Exchange("POST", "/companies/restore", 200), fields={})
        body: Payload = {change.field: change.after for change in changes(payload, restored.body)}
        if not body:
            return _Sent(restored, body, restored.body)
        try:
            return _Sent(await self._target.update(restored.kanbert_id, body, key=key), body, restored.body)
        except RefusedError as refused:
            refused.add_note("the company was restored from the archive, its fields are as they were")
            raise

    async def _decided_again(self, planned: Planned, error: TargetError, failed: int) -> Operation:
        """Look the company up and decide from what is there; a create that met a holder we cannot see is a conflict.

        A 500 again and again may be how a taken external_id is refused: then an archived holder is restored as well,
        where that is wanted.
        """
        desired, place = planned.work.desired, self._place(planned.work, "external_id")
        remote = await self._target.find(desired.external_id)
        creates = planned.operation.action is Action.CREATE
        taken = isinstance(error, ConflictError) or (failed > 1 and error.exchange.status == 500 and self._restore_held)
        if remote is None and taken and planned.operation.kanbert_id is None:
            if self._restore_held and creates:
                return Operation(Action.RESTORE, desired)
            words = f": {error.exchange.message}" if error.exchange.message else ""
            held = Issue.of(Code.HELD_ELSEWHERE, place, field="external_id", value=desired.external_id, detail=words)
            return Operation(Action.CONFLICT, desired, issues=(held,))
        return self._decide(desired, remote, place)

    # ── outcomes ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _written(self, planned: Planned, lost: Action | None, sent: _Sent) -> Settlement:
        """Settle a write that was answered; what the server made of it is compared with what was sent."""
        action = planned.operation.action
        kind = _KINDS[Action.CREATE if lost is Action.CREATE and action is Action.UPDATE else action]
        issues = (*planned.operation.issues, *self._differences(planned.work, sent))
        outcome = Outcome(kind, sent.stored.kanbert_id, sent.stored.body, issues)
        return Settlement(planned.work.row, outcome, planned.operation_id)

    def _differences(self, work: Work, sent: _Sent) -> Iterator[Issue]:
        stored = sent.stored.body
        for change in (*_identity_lost(sent.body, stored), *arrived_otherwise(sent.body, stored)):
            serious = change.field in IDENTITY or FIELDS[change.field].type in {FieldType.COUNTRY, FieldType.COUNTRY_ID}
            yield Issue.of(
                Code.STORED_DIFFERS,
                self._place(work, change.field),
                field=change.field,
                value=change.before,
                detail="nothing" if change.after is None else f'"{change.after}"',
                severity=Severity.ERROR if serious else Severity.WARNING,
            )
        cleared = cleared_unasked(sent.body, sent.before or {}, stored)
        if cleared:
            yield Issue.of(Code.CLEARED_UNASKED, self._place(work, None), detail=", ".join(cleared))

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
        for words in [*([] if refused.fields else [str(refused)]), *getattr(refused, "__notes__", ())]:
            yield Issue.of(Code.REFUSED_BY_KANBERT, self._place(work, None), detail=words)

    def _given_up(self, planned: Planned, kind: OutcomeKind, error: TargetError | None) -> Settlement:
        code = Code.OUTCOME_UNKNOWN if kind is OutcomeKind.UNKNOWN else Code.GAVE_UP
        return _settlement(planned, kind, Issue.of(code, self._place(planned.work, None), detail=str(error)))


def _settlement(planned: Planned, kind: OutcomeKind, *issues: Issue) -> Settlement:
    outcome = Outcome(kind, planned.operation.kanbert_id, issues=issues)
    return Settlement(planned.work.row, outcome, planned.operation_id)


def _identity_lost(body: Payload, stored: Mapping[str, Json]) -> Iterator[Change]:
    """A company stored without our external_id would be created again by the next run."""
    for name in IDENTITY & body.keys():
        if stored.get(name) != body[name]:
            yield Change(name, body[name], stored.get(name))


def _sends_back(operation: Operation) -> bool:
    """Whether an update holds what others put there: unions of what is wanted with what was read."""
    return operation.action is Action.UPDATE and bool(UNIONS & operation.body.keys())


def _refused_as_such(operation: Operation, fatal: FatalTargetError) -> bool:
    """Whether it was the write itself that was refused, and not the look-up after it, or an answer not understood."""
    status = fatal.exchange.status
    return fatal.exchange.method == _METHODS.get(operation.action) and status is not None and status >= 300
