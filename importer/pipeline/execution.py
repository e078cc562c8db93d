"""A journal's open rows through look-up, decision, intent, request and outcome, many at a time.

One task plans a batch ahead while the workers write; the transport's limit bounds both together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import anyio

from importer.errors import FatalTargetError, ImporterError, JournalError
from importer.journal import Planned, Settlement
from importer.model import Action, Code, Outcome, OutcomeKind, Undone, plural
from importer.pipeline.feed import Feed
from importer.pipeline.stop import worst

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from importer.journal import Scribe, Work
    from importer.pipeline.stop import Stop

__all__ = ["Execution", "Limits"]

_ERRORS = {OutcomeKind.REFUSED, OutcomeKind.FAILED, OutcomeKind.UNKNOWN}
_UPDATED = {OutcomeKind.UPDATED, OutcomeKind.RESTORED}
_PERHAPS_UPDATED = {OutcomeKind.ADOPTED, Undone.PUT_BACK, Undone.HANDED_BACK, Undone.ARCHIVED_AGAIN}
_WITHOUT_BODY = {Action.ADOPT, Action.ARCHIVE, Action.ARCHIVE_AGAIN, Action.HAND_BACK}  # they may be
_PASSES = 3  # over the rows that got no answer; a further one would find the same trouble


@dataclass(frozen=True, slots=True)
class Limits:
    """How wide a run is, and when it gives up. Rates are shares from 0 to 1; seconds are seconds."""

    concurrency: int = 8
    max_errors: int | None = None
    max_error_rate: float | None = None
    sample: int = 50  # rows taken up before the rate is judged: of fewer, a few bad ones in a row say nothing
    drain: float = 10.0  # how long a stop waits for what is in flight

    @property
    def batch(self) -> int:
        """How many rows are planned at once, at first; see `Feed`."""
        return max(32, 4 * self.concurrency)

    @property
    def silence(self) -> int:
        """After how many rows in a row that got no answer the target counts as gone."""
        return max(10, 2 * self.concurrency)


class Applies(Protocol):
    """Applies what was planned, one company at a time; see `Applier`."""

    async def apply(self, planned: Planned) -> Settlement:
        """Send a planned write and settle it; FatalTargetError and JournalError go up, nothing else does."""
        ...

    def settle_unsent(self, planned: Planned, lost: Action | None) -> Settlement:
        """Settle what needs no request; `lost` is a write that may have happened before."""
        ...

    def settle_bug(self, planned: Planned, error: Exception) -> Settlement:
        """Settle an operation that an error of our own cut off."""
        ...


@dataclass(frozen=True, slots=True)
class Execution:
    """One run's way through the journal's open rows."""

    scribe: Scribe
    plan: Callable[[Sequence[Work]], Awaitable[list[Planned | Settlement]]]
    applier: Applies
    stop: Stop
    limits: Limits
    settled: Callable[[Outcome], None]  # told of each outcome as it happens
    sleep: Callable[[float], Awaitable[None]]

    async def run(self, *, errors_before: int) -> None:
        """Take up every open row until none is left or a stop is asked for.

        On return each row taken up has its outcome in the journal, or its intent where a stop cut it off after
        `Limits.drain` seconds. Rows that the mapping refused weigh in with `Limits.max_errors`, not with the rate.

        Rows whose attempts were used up are taken up again once the others are done, as the next run would, for as
        long as that settles any of them.
        """
        tally = _Tally(self.limits, errors_before=errors_before)
        self._check_limits(tally)
        while tally.passes < _PASSES:
            before, tally.given_up = tally.given_up, {}
            tally.passes += 1
            await self._pass(tally)
            settled_any = tally.passes == 1 or len(tally.given_up) < len(before)
            if self.stop.requested or not tally.given_up or not settled_any:
                break
        for settlement in tally.given_up.values():
            await self._settle(settlement, tally)

    async def _pass(self, tally: _Tally) -> None:
        feed = Feed(self.limits.batch)
        async with anyio.create_task_group() as group:
            group.start_soon(self._cut_off_after_stop, group.cancel_scope)
            group.start_soon(self._stop_when_not_written)
            async with anyio.create_task_group() as work:
                work.start_soon(self._plan_ahead, feed, tally)
                for _ in range(self.limits.concurrency):
                    work.start_soon(self._apply_all, feed, tally)
            group.cancel_scope.cancel()

    async def _cut_off_after_stop(self, scope: anyio.CancelScope) -> None:
        await self.stop.wait()
        await self.sleep(self.limits.drain)
        scope.cancel()

    async def _stop_when_not_written(self) -> None:
        await self.scribe.failed.wait()
        self.stop.request("the journal cannot be written")

    async def _plan_ahead(self, feed: Feed, tally: _Tally) -> None:
        """Plan until nothing is left; what the target refuses and what the journal cannot do asks for a stop."""
        try:
            await self._feed_planned(feed, tally)
        except* (FatalTargetError, JournalError) as group:
            self._stop_for(group)
        finally:
            feed.end()

    async def _feed_planned(self, feed: Feed, tally: _Tally) -> None:
        after = 0
        while not self.stop.requested:
            works = await self.scribe.works(after=after, limit=feed.batch)
            if not works:
                return
            after = works[-1].row
            plans = await self.plan(works)
            writes = await self._to_send(plans, tally)
            intended = await self.scribe.intend(writes)
            await feed.put(intended)

    async def _to_send(self, plans: Sequence[Planned | Settlement], tally: _Tally) -> list[Planned]:
        """Settle the plans that need no request, and give back the others."""
        writes = []
        for plan in plans:
            if isinstance(plan, Settlement):
                await self._settle_or_keep(plan, tally)
            elif plan.operation.action in {Action.UNCHANGED, Action.CONFLICT}:
                intent = plan.work.intent
                await self._settle(self.applier.settle_unsent(plan, intent.action if intent else None), tally)
            else:
                writes.append(plan if plan.operation_id is None else plan._replace(operation_id=None))
        return writes

    async def _apply_all(self, feed: Feed, tally: _Tally) -> None:
        while (planned := await feed.take()) is not None:
            await self._apply_in_turn(planned, tally)

    async def _apply_in_turn(self, planned: Planned, tally: _Tally) -> None:
        """Let the first update of a run go alone: it shows whether Kanbert leaves the fields alone that it was not sent."""
        if tally.updates_are_safe or not _patches(planned):
            await self._apply(planned, tally)
            return
        async with tally.first_update:
            await self._apply(planned, tally)

    async def _apply(self, planned: Planned, tally: _Tally) -> None:
        if self.stop.requested:
            return
        try:
            settlement = await self.applier.apply(planned)
        except (FatalTargetError, JournalError) as error:
            self.stop.request(str(error), error=error)
            return
        except ImporterError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours costs one row, not the run; its traceback is kept
            settlement = self.applier.settle_bug(planned, error)
        await self._settle_or_keep(settlement, tally)
        kind = settlement.outcome.kind
        if kind in _UPDATED or (kind in _PERHAPS_UPDATED and _patches(planned)):
            tally.updates_are_safe = True  # or the settling has asked for a stop

    async def _settle_or_keep(self, settlement: Settlement, tally: _Tally) -> None:
        """Settle a row, but keep for a further pass what got no answer."""
        if not _got_no_answer(settlement.outcome):
            await self._settle(settlement, tally)
            return
        tally.given_up[settlement.row] = settlement
        tally.silent += tally.passes == 1  # later, they are all that is left
        self._check_limits(tally)

    async def _settle(self, settlement: Settlement, tally: _Tally) -> None:
        await self.scribe.settle(settlement)
        tally.add(settlement.outcome)
        self.settled(settlement.outcome)
        if any(issue.code is Code.CLEARED_UNASKED for issue in settlement.outcome.issues):
            self.stop.request("Kanbert emptied fields that an update did not send", harmful=True)
        self._check_limits(tally)

    def _stop_for(self, group: BaseExceptionGroup[ImporterError]) -> None:
        error = worst(group)
        self.stop.request(str(error), error=error if isinstance(error, ImporterError) else None)

    def _check_limits(self, tally: _Tally) -> None:
        reason = tally.reason_to_stop()
        if reason is not None:
            self.stop.request(reason, futile=tally.rows == 0)


def _got_no_answer(outcome: Outcome) -> bool:
    return any(issue.code in {Code.GAVE_UP, Code.OUTCOME_UNKNOWN} for issue in outcome.issues)


def _patches(planned: Planned) -> bool:
    """Whether an update of fields is expected; of a company that could not be seen it is not known."""
    action, body = planned.operation.action, planned.operation.body
    return action is not Action.CREATE and not (action in _WITHOUT_BODY and not body)


@dataclass(slots=True)
class _Tally:
    """Counts what the limits are about, and what the run has learnt of the target."""

    limits: Limits
    errors_before: int = 0
    rows: int = 0  # taken up in this run
    errors: int = 0
    silent: int = 0  # rows in a row that got no answer
    given_up: dict[int, Settlement] = field(default_factory=dict)  # by row: their attempts are used up, for now
    passes: int = 0  # begun
    updates_are_safe: bool = False  # an update was seen to leave the other fields alone
    first_update: anyio.Lock = field(default_factory=anyio.Lock)

    def add(self, outcome: Outcome) -> None:
        self.rows += 1
        self.errors += outcome.kind in _ERRORS
        self.silent = 0

    def reason_to_stop(self) -> str | None:
        limits = self.limits
        errors = self.errors_before + self.errors
        if limits.max_errors is not None and errors > limits.max_errors:
            return (
                f"{plural(errors, 'row has', 'rows have')} errors, more than --max-errors {limits.max_errors} "
                "allows. Correct them, or allow more"
            )
        rate = self.errors / max(self.rows, 1)
        if limits.max_error_rate is not None and self.rows >= limits.sample and rate > limits.max_error_rate:
            return (
                f"{self.errors} of {self.rows} rows taken up had errors ({rate:.1%}), more than --max-error-rate "
                f"{limits.max_error_rate:g} allows. Correct what they have in common, or allow more"
            )
        if self.silent >= limits.silence:
            return f"Kanbert gave no answer for {self.silent} rows in a row"
        return None
