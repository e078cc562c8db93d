"""One session of writing: the journal's open rows against an open target, until done or stopped."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import anyio
from anyio import to_thread

from importer.commands.batches import few_collections
from importer.commands.conducting import gauged
from importer.commands.finding import Finding, unheeded
from importer.commands.targets import open_target
from importer.errors import JournalError
from importer.journal import AttemptRecord, open_scribe
from importer.model import number_text, plural
from importer.pipeline import Applier, Execution, Freshness, Limits, Stop, unpacked
from importer.planner import Clients, MatchRules, Planner, Policy
from importer.transport import RequestCounts, SystemClock, TransportOptions, next_delay

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from importer.commands.addresses import Address
    from importer.commands.inputs import Places
    from importer.commands.settings import Desk, Writing
    from importer.commands.targets import OpenTarget
    from importer.company import Remote
    from importer.errors import ImporterError
    from importer.journal import Intake, Journal, Ledger, Scribe
    from importer.model import Counts, Outcome
    from importer.progress import Progress
    from importer.transport import Attempt, Token

    Doing: TypeAlias = Callable[[OpenTarget, Scribe, Stop, Finding], Awaitable[None]]

__all__ = ["Ending", "Line", "Sent", "Session", "Telling"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session of writing ended; `url` is where the target listened."""

    url: str
    requests: RequestCounts
    reason: str | None  # why it stopped early, None when it took up every row
    error: ImporterError | None  # what the target refused everything with
    interrupted: bool = False
    harmful: bool = False  # going on would do harm
    futile: bool = False  # the same command would stop again before it has sent anything
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Sent:
    """What a session has sent until now, to be told also where it breaks off."""

    url: str = ""
    requests: RequestCounts = RequestCounts()  # noqa: RUF009 - a frozen value


@dataclass(frozen=True, slots=True)
class Line:
    """An open way to a target, and the ledger where all that goes over it is noted."""

    ledger: Ledger
    run: int
    address: Address
    token: Token
    origin: str
    writing: Writing
    desk: Desk
    sent: Sent

    async def used_for(self, work: Callable[[OpenTarget, Scribe, Stop], Awaitable[None]]) -> Stop:
        """Open the target and do the work until it is done, or stopped by a signal; JournalError goes up."""
        stop = Stop()
        with unpacked(), few_collections():
            async with open_scribe(self.ledger, self.run, now=_now) as scribe:
                target = open_target(self.address, self._options, self.origin, SystemClock(), _noted_by(scribe))
                async with target as opened:
                    opened.transport.on_wait = self.desk.progress.note
                    try:
                        async with anyio.create_task_group() as group:
                            group.start_soon(_watch_interruptions, stop, self.desk, group.cancel_scope)
                            group.start_soon(gauged, self.desk.progress, opened.transport)
                            await work(opened, scribe, stop)
                            group.cancel_scope.cancel()
                    finally:
                        self.sent.url, self.sent.requests = opened.url, opened.transport.counts
            if isinstance(stop.error, JournalError):
                raise stop.error
        return stop

    def _options(self, url: str) -> TransportOptions:
        writing = self.writing
        return TransportOptions(url, self.token, concurrency=writing.concurrency, rate=writing.rate)

    def ending(self, stop: Stop, notes: tuple[str, ...] = ()) -> Ending:
        """Say how it ended."""
        return Ending(
            self.sent.url,
            self.sent.requests,
            reason=stop.reason,
            error=stop.error,
            interrupted=stop.interrupted,
            harmful=stop.harmful,
            futile=stop.futile,
            notes=notes,
        )


@dataclass(frozen=True, slots=True)
class Session:
    """Everything one session of writing needs, the slots filled."""

    journal: Journal
    intake: Intake
    address: Address
    token: Token
    origin: str
    places: Places
    writing: Writing
    desk: Desk
    match: tuple[tuple[str, ...], ...] = ()
    sent: Sent = field(default_factory=Sent)
    thorough: bool = False  # see `Finding`
    seen: Callable[[Sequence[Remote]], None] = unheeded  # see `Finding`
    before: Counts | None = None  # what is judged before anything is sent; None: the rows that are taken up

    @property
    def policy(self) -> Policy:
        """What is decided by what the user said."""
        return Policy(self.writing.archived, MatchRules(self.match))

    async def write(self) -> Ending:
        """Write the run's open rows; JournalError goes up, what the target refuses is in the ending."""
        return await self.within(self._write_to)

    async def within(self, do: Doing) -> Ending:
        """Do something with the open target and the journal's writer, until done or stopped; errors as for `write`."""
        line = Line(
            self.journal,
            self.intake.run,
            self.address,
            self.token,
            self.origin,
            self.writing,
            self.desk,
            self.sent,
        )
        noted: list[Finding] = []

        async def work(target: OpenTarget, scribe: Scribe, stop: Stop) -> None:
            finding = Finding(
                target.kanbert,
                self.journal,
                self.intake.run,
                scribe,
                stop,
                self.desk.progress,
                self.policy.match,
                SystemClock().monotonic,
                thorough=self.thorough,
                seen=self.seen,
            )
            noted.append(finding)
            await do(target, scribe, stop, finding)

        stop = await line.used_for(work)
        notes = await to_thread.run_sync(lambda: tuple(note for finding in noted for note in finding.notes()))
        return line.ending(stop, notes)

    async def _write_to(self, target: OpenTarget, scribe: Scribe, stop: Stop, finding: Finding) -> None:
        before = await scribe.call(lambda: self.before or self.journal.view.counts(self.intake.run))
        open_rows = await scribe.call(lambda: self.journal.view.open_rows(self.intake.run))
        if open_rows == 0 or self._too_many_refused(before, stop):
            return
        finder = await finding.choose(self.writing.lookup, open_rows)
        if finder is None:
            return
        clients = Clients(target.kanbert.of_client)
        planner = Planner(finder, place=self.places, policy=self.policy, clients=clients)
        applier = Applier(
            target.kanbert,
            policy=self.policy,
            intents=scribe,
            place=self.places,
            pause=_pause,
            fresh=Freshness(SystemClock().monotonic, self.writing.max_age),
        )
        limits = Limits(
            concurrency=self.writing.concurrency,
            max_errors=self.writing.max_errors,
            max_error_rate=self.writing.max_error_rate,
        )
        execution = Execution(scribe, planner, applier, stop, limits, Telling(self.desk.progress), anyio.sleep)
        self.desk.progress.start("writing", open_rows)
        await execution.run(errors_before=before.refused)
        self.desk.progress.finish()

    def _too_many_refused(self, before: Counts, stop: Stop) -> bool:
        """Hold the rows that the mapping refused against the error rate before anything is sent."""
        rate, most = before.refused / max(before.read, 1), self.writing.max_error_rate
        if most is not None and rate > most:
            reason = (
                f"{number_text(before.refused)} of {plural(before.read, 'row')} cannot be sent ({rate:.1%}), more than --max-error-rate {most:g} "
                "allows. Correct them, or allow more"
            )
            stop.request(reason, futile=True)
        return stop.requested


async def _pause(failed: int) -> None:
    await anyio.sleep(next_delay(failed, random.Random()))  # noqa: S311 - spreads requests in time, guards nothing


class Telling:
    """Tells the progress of each outcome, with the counts so far."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._counts: Counter[str] = Counter()

    def __call__(self, outcome: Outcome) -> None:
        """Tell one outcome more."""
        self._counts[outcome.kind] += 1
        self._progress.status(**self._counts)
        self._progress.advance()


async def _watch_interruptions(stop: Stop, desk: Desk, scope: anyio.CancelScope) -> None:
    """Ask for a stop at the first interruption, such as Ctrl-C; at the second, cut off what is in flight."""
    asked = False
    with desk.interruptions() as received:
        async for _ in received:
            if asked:
                scope.cancel()
                return
            asked = True
            stop.request("interrupted", interrupted=True)
            desk.progress.note("stopping: what is in flight may end; press Ctrl-C again to stop at once")


def _noted_by(scribe: Scribe) -> Callable[[Attempt], None]:
    def note(attempt: Attempt) -> None:
        scribe.note_attempt(
            AttemptRecord(
                external_id=attempt.key,
                method=attempt.method,
                path=attempt.path,
                status=attempt.status,
                duration=attempt.duration,
                request_id=attempt.request_id,
                message=attempt.message,
                at=attempt.at.isoformat(),
            )
        )

    return note


def _now() -> str:
    return SystemClock().now().isoformat()
