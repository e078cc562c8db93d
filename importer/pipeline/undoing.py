"""One inverse against Kanbert, followed until its outcome is known.

Every request carries absolute values or may be said twice, so none is ever in doubt for longer than the next look at
the company: what is half done is found there, and only the rest is sent.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from importer.company import FIELDS, IDENTITY, cleared_unasked, read_value, same_value
from importer.errors import ConflictError, FatalTargetError, OutcomeUnknownError, RefusedError, TransientError
from importer.journal import Planned, Settlement
from importer.model import Action, Code, Issue, Outcome, Undone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from importer.company import Remote
    from importer.errors import TargetError
    from importer.journal import Work
    from importer.model import Json, Location, Operation, Payload
    from importer.pipeline.applier import Intents

__all__ = ["Undoer"]

_ROUNDS = 3  # decisions for one company; each takes another editor in between
_ARCHIVES = {Action.ARCHIVE, Action.ARCHIVE_AGAIN}
_AGAIN = "Give the same undo again: the company is looked at before anything is sent."


class UndoTarget(Protocol):
    """What is asked of Kanbert; errors as `pipeline.sending.Target` says."""

    async def update(self, kanbert_id: str, body: Payload, *, key: str) -> Remote:
        """Change the fields of `body`."""
        ...

    async def release(self, kanbert_id: str, external_id: str | None, origin: str | None, *, key: str) -> Remote:
        """Give a company back the external_id that it had."""
        ...

    async def archive(self, kanbert_id: str, *, key: str) -> None:
        """Archive a company; one that is archived stays so."""
        ...


@dataclass(frozen=True, slots=True)
class Undoer:
    """Applies the inverses of an undo; holds nothing between them, so one serves all workers."""

    target: UndoTarget
    intents: Intents
    again: Callable[[Work], Awaitable[Planned | Settlement]]  # decides once more, from what is there
    fresh: Callable[[float | None], bool]
    place: Callable[[Work], Location]
    done: Callable[[Action], Undone]  # what an inverse comes to

    async def apply(self, planned: Planned) -> Settlement:
        """Send a planned inverse and settle it; FatalTargetError and JournalError go up, nothing else does."""
        error: TargetError | None = None
        for _ in range(_ROUNDS):
            if error is not None or not self.fresh(planned.operation.read_at):
                again = await self.again(planned.work)
                if isinstance(again, Settlement):  # for an intent that was sent: the others are forgotten
                    return again if error is None else again._replace(operation_id=planned.operation_id)
                [planned] = await self.intents.intend([again])
            try:
                return await self._sent(planned)
            except ConflictError as conflict:  # archived or gone meanwhile
                error = conflict
        return self._failed(planned, error)

    async def _sent(self, planned: Planned) -> Settlement:
        """Send once; ConflictError goes up."""
        self.intents.sending(planned)
        stored: Remote | None = None
        try:
            async for answered in self._requests(planned.operation):
                stored = answered
        except FatalTargetError as fatal:
            if stored is None and fatal.exchange.status is not None and not fatal.exchange.repeated:
                self.intents.unsent(planned)
            raise
        except RefusedError as refused:
            return self._failed(planned, refused, stored)
        except (TransientError, OutcomeUnknownError) as error:
            issue = Issue.of(Code.OUTCOME_UNKNOWN, self.place(planned.work), detail=str(error))
            return self._settlement(planned, Undone.UNKNOWN, stored, replace(issue, hint=_AGAIN))
        return self._done(planned, stored)

    async def _requests(self, operation: Operation) -> AsyncIterator[Remote]:
        """Put the fields back, then the identity, then archive: each as far as there is something to do."""
        key, kanbert_id = operation.desired.external_id, str(operation.kanbert_id)
        if operation.body:
            yield await self.target.update(kanbert_id, operation.body, key=key)
        identity = {change.field: change.after for change in operation.changes if change.field in IDENTITY}
        if identity:
            external_id, origin = (_text(identity[name]) for name in ("external_id", "external_origin"))
            yield await self.target.release(kanbert_id, external_id, origin, key=key)
        if operation.action in _ARCHIVES:
            await self.target.archive(kanbert_id, key=key)

    def _done(self, planned: Planned, stored: Remote | None) -> Settlement:
        issues = () if stored is None else tuple(self._differences(planned, stored))
        kind = Undone.KEPT if issues else self.done(planned.operation.action)
        return self._settlement(planned, kind, stored, *issues)

    def _differences(self, planned: Planned, stored: Remote) -> Iterator[Issue]:
        """Name what is not as it was before: what Kanbert did not take back, and what it emptied unasked."""
        operation, place = planned.operation, self.place(planned.work)
        for name, sent in operation.body.items():
            field = FIELDS[name]
            present = read_value(field, stored.body)
            if field.reads_as in stored.body and not same_value(field, present, sent):
                yield Issue.of(Code.NOT_PUT_BACK, place, field=name, value=_shown(present), detail=_shown(sent))
        cleared = cleared_unasked(operation.body, operation.before or {}, stored.body)
        if cleared:
            yield Issue.of(Code.CLEARED_UNASKED, place, detail=", ".join(cleared))

    def settle_unsent(self, planned: Planned, lost: Action | None) -> Settlement:  # noqa: ARG002 - of a run's
        """Settle what needs no request."""
        return self._settlement(planned, Undone.AS_BEFORE, None)

    def settle_bug(self, planned: Planned, error: Exception) -> Settlement:
        """Settle an inverse that an error of our own cut off: its effect shows at the next look."""
        issue = Issue.of(Code.OUR_BUG, self.place(planned.work), detail=f"{type(error).__name__}: {error}")
        trace = "".join(traceback.format_exception(error))
        outcome = Outcome(Undone.UNKNOWN, planned.operation.kanbert_id, issues=(issue,), traceback=trace)
        return Settlement(planned.work.row, outcome, planned.operation_id)

    def _failed(self, planned: Planned, error: TargetError | None, stored: Remote | None = None) -> Settlement:
        issue = Issue.of(Code.REFUSED_BY_KANBERT, self.place(planned.work), detail=str(error))
        return self._settlement(planned, Undone.FAILED, stored, replace(issue, hint=_AGAIN))

    def _settlement(self, planned: Planned, kind: Undone, stored: Remote | None, *issues: Issue) -> Settlement:
        text = None if stored is None else stored.text
        outcome = Outcome(kind, planned.operation.kanbert_id, text, issues)
        return Settlement(planned.work.row, outcome, planned.operation_id)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _shown(value: Json) -> str:
    return "nothing" if value in (None, "", [], {}) else str(value)
