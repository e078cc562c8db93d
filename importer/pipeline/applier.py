"""One operation against Kanbert, followed until its outcome is known: the exactly-once part.

A create is never repeated blindly. After a lost answer, a 5xx or a conflict the company is looked up, and what must
be done is decided again from what is there; every further write has an intent of its own.

An adoption puts our external_id on a company that somebody else made: that request would overwrite another one without
a word, and may take it away from its holder, so number and company are looked at right before it, and two rows never do
that to one company at the same time.
"""

from __future__ import annotations

import traceback
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Protocol

import anyio

from importer.company import UNIONS, as_text
from importer.errors import (
    ConflictError,
    Exchange,
    FatalTargetError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from importer.journal import Planned, Settlement, held_to_plan
from importer.model import Action, Code, Issue, Operation, Outcome, OutcomeKind
from importer.pipeline.answers import differences, refusals
from importer.pipeline.sending import HALF_DONE, send

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from importer.company import Remote
    from importer.errors import TargetError
    from importer.journal import Work
    from importer.model import Desired, Location
    from importer.pipeline.answers import Sent
    from importer.pipeline.sending import Target

__all__ = ["Applier"]

_SERVER_ERRORS = 4  # answers of 5xx to a create after which a row is given up, for this pass over the rows
_ROUNDS = 6  # decisions for one row; each takes another lost answer or another editor in between

_ABSENT = frozenset({404, 410})
_ILL_SAID = frozenset({400, 422})  # how a taken external_id may be refused, besides by 409 and 422 with its field
_TURNS = 64  # companies that may be adopted at the same time; two rows of one company share a turn

_METHODS = {Action.CREATE: "POST", Action.UPDATE: "PATCH", Action.ADOPT: "PUT"}
_KINDS = {
    Action.CREATE: OutcomeKind.CREATED,
    Action.UPDATE: OutcomeKind.UPDATED,
    Action.ADOPT: OutcomeKind.ADOPTED,
    Action.RESTORE: OutcomeKind.RESTORED,
}


class Policy(Protocol):
    """What must be done, decided purely from what is there."""

    @property
    def restores(self) -> bool:
        """Whether archived companies are restored."""
        ...

    def decide(self, desired: Desired, remote: Remote | None, place: Location) -> Operation:
        """Decide by what is there under the external_id."""
        ...

    def adopt(self, desired: Desired, remote: Remote, place: Location) -> Operation | None:
        """Decide once more on a company that matched; None where it does not any more."""
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


class Applier:
    """Applies operations; holds nothing between them but whose turn it is, so one serves all workers."""

    def __init__(
        self,
        target: Target,
        *,
        policy: Policy,
        intents: Intents,
        place: Callable[[Work, str | None], Location],
        pause: Callable[[int], Awaitable[None]],
        fresh: Callable[[float | None], bool],
    ) -> None:
        """Fill the slots.

        `pause` waits before a create is sent again, given how many answers were lost; `fresh` says whether what was
        read at a time may be written from.
        """
        self._target = target
        self._policy = policy
        self._intents = intents
        self._place = place
        self._pause = pause
        self._fresh = fresh
        self._turns = tuple(anyio.Lock() for _ in range(_TURNS))

    async def apply(self, planned: Planned) -> Settlement:
        """Send a planned write and settle it; FatalTargetError and JournalError go up, nothing else does."""
        work = planned.work
        lost = work.intent.action if work.intent else None  # a write that may have happened
        async with self._turn(planned.operation):
            if self._must_look(planned.operation):
                looked = await self._looked_again(planned, lost)
                if isinstance(looked, Settlement):
                    return looked
                planned = looked
            return await self._until_settled(planned, lost)

    def _turn(self, operation: Operation) -> AbstractAsyncContextManager[None]:
        """Let one row at a time adopt a company: the next one reads that it is taken."""
        if operation.action is not Action.ADOPT:
            return nullcontext()
        return self._turns[hash(operation.kanbert_id) % _TURNS]

    def _must_look(self, operation: Operation) -> bool:
        """Whether the company has to be read once more before it is written.

        An adoption overwrites an external_id; tags and custom fields go together with those of others; and the state
        of a listing may be old, so that what people did since would be overwritten, and not be known to an undo.
        """
        if operation.action is Action.UPDATE:
            return not self._fresh(operation.read_at) or not UNIONS.isdisjoint(operation.body)
        return operation.action is Action.ADOPT

    async def _looked_again(self, planned: Planned, lost: Action | None) -> Planned | Settlement:
        """Decide once more from what is there now; where it comes to another write, that has an intent of its own."""
        work = planned.work
        try:
            again = self._held(work, await self._decided_anew(work, planned.operation), lost)
        except (TransientError, RefusedError) as error:
            return self._given_up(planned, OutcomeKind.FAILED, error)
        if again.action in {Action.UNCHANGED, Action.CONFLICT}:
            return self.settle_unsent(Planned(work, again, planned.operation_id), lost)
        if _same_write(again, planned.operation):
            return planned
        [planned] = await self._intents.intend([Planned(work, again)])
        return planned

    async def _decided_anew(self, work: Work, operation: Operation) -> Operation:
        desired, place = work.desired, self._place(work, "external_id")
        held = await self._target.find(desired.external_id)
        if held is not None or operation.action is not Action.ADOPT or operation.kanbert_id is None:
            return self._policy.decide(desired, held, place)
        remote = await self._target.read(operation.kanbert_id, key=desired.external_id)
        again = None if remote is None else self._policy.adopt(desired, remote, place)
        if again is None:
            text = f"company {operation.kanbert_id}, which matched the row, was changed or archived meanwhile"
            raise TransientError(text, exchange=Exchange("GET", f"/companies/{operation.kanbert_id}"))
        return again

    async def _until_settled(self, planned: Planned, lost: Action | None) -> Settlement:
        work, told = planned.work, False  # whether Kanbert said that the external_id is taken
        error: TargetError | None = None
        for failed in range(1, _ROUNDS + 1):
            result = await self._attempt(planned, lost)
            if isinstance(result, Settlement):
                return result
            if isinstance(result, Planned):
                planned, lost = result, planned.operation.action
                continue
            error = result
            if isinstance(error, OutcomeUnknownError):
                lost = planned.operation.action
            told = told or _says_taken(planned.operation, error)
            try:
                taken = told or self._seems_taken(error, failed)
                again = self._held(work, await self._decided_again(planned, error, taken=taken), lost)
            except TransientError as transient:
                kind = OutcomeKind.UNKNOWN if isinstance(error, OutcomeUnknownError) else OutcomeKind.FAILED
                return self._given_up(planned, kind, transient)
            if again.action in {Action.UNCHANGED, Action.CONFLICT}:
                return self.settle_unsent(Planned(work, again, planned.operation_id), lost)
            if not await self._may_go_on(error, failed):
                break
            [planned] = await self._intents.intend([Planned(work, again)])
        return self._given_up(planned, OutcomeKind.FAILED, error)

    def _held(self, work: Work, operation: Operation, lost: Action | None) -> Operation:
        return held_to_plan(work, operation, self._place(work, "external_id"), lost=lost)

    async def _may_go_on(self, error: TargetError, failed: int) -> bool:
        """Wait before a create is sent again; False where a further answer of 5xx would say nothing new."""
        if not isinstance(error, OutcomeUnknownError):
            return True
        if failed >= _SERVER_ERRORS and error.exchange.status is not None:
            return False
        await self._pause(failed)
        return True

    async def _attempt(
        self, planned: Planned, lost: Action | None
    ) -> Settlement | Planned | OutcomeUnknownError | ConflictError:
        """Send once; the plan of a further write, or the error where what must be done has to be decided again."""
        self._intents.sending(planned)
        try:
            sent = await send(self._target, planned.operation)
        except FatalTargetError as fatal:
            if _refused_as_such(planned.operation, fatal):
                self._intents.unsent(planned)
            raise
        except RefusedError as refused:
            if await self._may_be_taken(planned.operation, refused):
                return ConflictError(refused.text, exchange=refused.exchange)
            if lost is Action.RESTORE and planned.operation.action is Action.UPDATE:
                refused.add_note(HALF_DONE[lost])
            return _settlement(planned, OutcomeKind.REFUSED, *refusals(refused, self._place, planned.work))
        except TransientError as transient:
            half = planned.operation.action in HALF_DONE  # perhaps: then a later look-up still has to know of it
            return self._given_up(planned, OutcomeKind.UNKNOWN if half else OutcomeKind.FAILED, transient)
        except (OutcomeUnknownError, ConflictError) as error:
            return error
        return await self._update_of_a_holder(planned, sent) or self._written(planned, lost, sent)

    async def _update_of_a_holder(self, planned: Planned, sent: Sent) -> Planned | None:
        """Plan what an archived holder that nobody saw before it was restored still needs; None where it needs nothing."""
        operation, work = planned.operation, planned.work
        if operation.action is not Action.RESTORE or operation.kanbert_id is not None:
            return None
        again = self._policy.decide(work.desired, sent.stored, self._place(work, "external_id"))
        return (await self._intents.intend([Planned(work, again)]))[0] if again.action is Action.UPDATE else None

    async def _may_be_taken(self, operation: Operation, refused: RefusedError) -> bool:
        """Whether a create that was refused without a word on any field met a holder of the external_id after all."""
        if operation.action is not Action.CREATE or refused.fields or refused.exchange.status not in _ILL_SAID:
            return False
        with suppress(TransientError):
            return await self._target.find(operation.desired.external_id) is not None
        return False

    def settle_unsent(self, planned: Planned, lost: Action | None) -> Settlement:
        """Settle what needs no request: unchanged, or a conflict.

        Unchanged after a write whose answer was lost means that the write has arrived. A conflict says nothing of it: the
        row is refused, and the write is not, so that an undo looks for it.
        """
        operation = planned.operation
        if operation.action is Action.CONFLICT:
            refused = _settlement(planned, OutcomeKind.REFUSED, *operation.issues)
            return refused if lost is None else refused._replace(operation_id=None)
        kind = OutcomeKind.UNCHANGED if lost is None else _KINDS[lost]
        stored = None if operation.before is None else as_text(operation.before)
        outcome = Outcome(kind, operation.kanbert_id, stored, operation.issues)
        return Settlement(planned.work.row, outcome, planned.operation_id)

    def settle_bug(self, planned: Planned, error: Exception) -> Settlement:
        """Settle an operation that an error of our own cut off: its effect shows at the next look-up."""
        issue = Issue.of(Code.OUR_BUG, self._place(planned.work, None), detail=f"{type(error).__name__}: {error}")
        trace = "".join(traceback.format_exception(error))
        return Settlement(
            planned.work.row, Outcome(OutcomeKind.FAILED, issues=(issue,), traceback=trace), planned.operation_id
        )

    def _seems_taken(self, error: TargetError, failed: int) -> bool:
        """Whether a 500 again and again may be how a taken external_id is refused; not, where nobody can be restored."""
        return failed > 1 and error.exchange.status == 500 and self._policy.restores

    async def _decided_again(self, planned: Planned, error: TargetError, *, taken: bool) -> Operation:
        """Look the company up and decide from what is there; a holder that we cannot see is restored, or a conflict."""
        desired, place = planned.work.desired, self._place(planned.work, "external_id")
        action = planned.operation.action
        remote = await self._target.find(desired.external_id)
        if remote is not None:
            return self._policy.decide(desired, remote, place)
        if action is Action.ADOPT and error.exchange.status in _ABSENT:
            raise TransientError("the company that was to be adopted is no longer there", exchange=error.exchange)
        if taken and (planned.operation.kanbert_id is None or action is Action.ADOPT):
            if self._policy.restores and action is Action.CREATE:
                return Operation(Action.RESTORE, desired)
            words = f": {error.exchange.message}" if error.exchange.message else ""
            held = Issue.of(Code.HELD_ELSEWHERE, place, field="external_id", value=desired.external_id, detail=words)
            return Operation(Action.CONFLICT, desired, issues=(held,))
        return self._policy.decide(desired, None, place)

    # ── outcomes ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _written(self, planned: Planned, lost: Action | None, sent: Sent) -> Settlement:
        """Settle a write that was answered; what the server made of it is compared with what was sent."""
        action = planned.operation.action
        if sent.refused is not None:
            kind, issues = OutcomeKind.REFUSED, tuple(refusals(sent.refused, self._place, planned.work))
        else:
            kind = _KINDS[lost if lost is not None and action is Action.UPDATE else action]
            issues = (*planned.operation.issues, *differences(sent, self._place, planned.work))
        outcome = Outcome(kind, sent.stored.kanbert_id, sent.stored.text, issues)
        return Settlement(planned.work.row, outcome, planned.operation_id)

    def _given_up(self, planned: Planned, kind: OutcomeKind, error: TargetError | None) -> Settlement:
        code = Code.OUTCOME_UNKNOWN if kind is OutcomeKind.UNKNOWN else Code.GAVE_UP
        return _settlement(planned, kind, Issue.of(code, self._place(planned.work, None), detail=str(error)))


def _settlement(planned: Planned, kind: OutcomeKind, *issues: Issue) -> Settlement:
    outcome = Outcome(kind, planned.operation.kanbert_id, issues=issues)
    return Settlement(planned.work.row, outcome, planned.operation_id)


def _says_taken(operation: Operation, error: TargetError) -> bool:
    """Whether Kanbert refused to give the external_id to a company, which it does of a holder that we cannot see."""
    given = operation.action in {Action.CREATE, Action.ADOPT} or operation.kanbert_id is None
    return isinstance(error, ConflictError) and given and error.exchange.status not in _ABSENT


def _same_write(one: Operation, other: Operation) -> bool:
    """Whether both send the same, to the same company, and put the same back when undone."""
    return (one.action, one.kanbert_id, one.body, one.changes) == (
        other.action,
        other.kanbert_id,
        other.body,
        other.changes,
    )


def _refused_as_such(operation: Operation, fatal: FatalTargetError) -> bool:
    """Whether it was the write itself that was refused, and not the look-up after it, or an answer not understood.

    What is sent again because its answer was lost may have been done by then, whatever is answered now.
    """
    exchange = fatal.exchange
    if exchange.repeated or exchange.status is None:
        return False
    return exchange.method == _METHODS.get(operation.action) and exchange.status >= 300
