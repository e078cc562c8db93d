"""An operation's requests: one for a create or an update, two for an adoption or a restore that leaves differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from importer.company import changes
from importer.errors import Exchange, RefusedError
from importer.model import Action
from importer.pipeline.answers import Sent

if TYPE_CHECKING:
    from importer.company import Remote
    from importer.model import Desired, Operation, Payload

__all__ = ["HALF_DONE", "Target", "send"]

HALF_DONE = {
    Action.ADOPT: "the company was adopted (it has this external_id now), its fields are as they were",
    Action.RESTORE: "the company was restored from the archive, its fields are as they were",
}
"""Actions of two requests, and what is said where only the first of them was done."""


class Target(Protocol):
    """What is asked of Kanbert.

    `find` gives None where there is no such company. After RefusedError nothing was written; after
    ConflictError somebody else holds what was asked for, or the company is gone; after OutcomeUnknownError a create
    may or may not have happened; after TransientError the attempts are used up. FatalTargetError ends the run.
    """

    async def find(self, external_id: str) -> Remote | None:
        """Find the company under an external_id of our origin."""
        ...

    async def read(self, kanbert_id: str, *, key: str) -> Remote | None:
        """Read a company by Kanbert's own id; None where it is gone or archived."""
        ...

    async def create(self, payload: Payload) -> Remote:
        """Create a company."""
        ...

    async def identify(self, kanbert_id: str, external_id: str) -> Remote:
        """Give a company an external_id and our origin, whatever it had before."""
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


async def send(target: Target, operation: Operation) -> Sent:
    """Send an operation's one or two requests.

    RefusedError, ConflictError, OutcomeUnknownError, TransientError and FatalTargetError go up, as `Target` says; where
    only the second request was refused, `Sent.refused` says it.
    """
    key, kanbert_id = operation.desired.external_id, operation.kanbert_id
    if operation.action is Action.CREATE:
        return Sent(await target.create(operation.body), operation.body)
    if operation.action is Action.UPDATE and kanbert_id is not None:
        stored = await target.update(kanbert_id, operation.body, key=key)
        return Sent(stored, operation.body, operation.before)
    if operation.action is Action.ADOPT and kanbert_id is not None:
        return await _adopt(target, operation, kanbert_id, key)
    return await _restore(target, operation, key)


async def _adopt(target: Target, operation: Operation, kanbert_id: str, key: str) -> Sent:
    """Put our identity on a company, then bring it up to date."""
    adopted = await target.identify(kanbert_id, key)
    if not _is(adopted, operation.desired):
        text = f'asked to take external_id "{key}", company {kanbert_id} has "{adopted.external_id}" of origin "{adopted.external_origin}" now'
        raise RefusedError(
            text, exchange=Exchange("PUT", f"/companies/{kanbert_id}/external-identifier", 200), fields={}
        )
    return await _brought_up_to_date(target, operation, adopted, key)


async def _restore(target: Target, operation: Operation, key: str) -> Sent:
    """Bring a company back, then up to date; a holder that could not be seen before is only brought back.

    What it was before is known only now: an update of it has to have an intent of its own.
    """
    if operation.kanbert_id is None:
        restored = await target.restore_holder(key)
    else:
        restored = await target.restore(operation.kanbert_id, key=key)
    if not _is(restored, operation.desired):
        text = f'the archived company that was restored has external_id "{restored.external_id}": archive it again'
        raise RefusedError(text, exchange=Exchange("POST", "/companies/restore", 200), fields={})
    if operation.kanbert_id is None:
        return Sent(restored, {}, restored.body)
    return await _brought_up_to_date(target, operation, restored, key)


async def _brought_up_to_date(target: Target, operation: Operation, remote: Remote, key: str) -> Sent:
    """Send what differs, the second of two requests."""
    body: Payload = {change.field: change.after for change in changes(operation.desired.payload, remote.body)}
    if not body:
        return Sent(remote, body, remote.body)
    try:
        return Sent(await target.update(remote.kanbert_id, body, key=key), body, remote.body)
    except RefusedError as refused:
        refused.add_note(HALF_DONE[operation.action])
        return Sent(remote, {}, remote.body, refused)


def _is(remote: Remote, desired: Desired) -> bool:
    return (remote.external_id, remote.external_origin) == (desired.external_id, desired.payload["external_origin"])
