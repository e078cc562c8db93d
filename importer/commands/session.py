"""One session of writing: the journal's open rows against an open target, until done or stopped."""

from __future__ import annotations

import random
import signal
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from importer.commands.targets import open_target
from importer.errors import FatalTargetError, ImporterError, TransientError
from importer.journal import AttemptRecord, open_scribe
from importer.pipeline import Applier, Execution, Limits, Stop, unpacked
from importer.planner import ListingFinder, Planner, RowFinder, listed_within
from importer.transport import SystemClock, TransportOptions, next_delay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from importer.commands.inputs import Places
    from importer.commands.settings import Desk, Writing
    from importer.commands.targets import Address, OpenTarget
    from importer.company import Remote
    from importer.journal import Intake, Journal, Scribe
    from importer.kanbert import Kanbert, Page
    from importer.model import Outcome
    from importer.planner import Finder
    from importer.progress import Progress
    from importer.transport import Attempt, RequestCounts, Token

__all__ = ["Ending", "Session"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session of writing ended; `url` is where the target listened."""

    url: str
    requests: RequestCounts
    reason: str | None  # why it stopped early, None when it took up every row
    error: ImporterError | None  # what the target refused everything with
    interrupted: bool


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

    async def write(self) -> Ending:
        """Write the run's open rows; JournalError goes up, what the target refuses is in the ending."""
        clock, stop = SystemClock(), Stop()
        with unpacked():
            async with open_scribe(self.journal, self.intake.run, now=_now) as scribe:
                target = open_target(self.address, self._transport_options, self.origin, clock, _noted_by(scribe))
                async with target as opened:
                    await self._until_signalled(opened, scribe, stop)
                    url, requests = opened.url, opened.transport.counts
        return Ending(url, requests, stop.reason, stop.error, stop.interrupted)

    def _transport_options(self, url: str) -> TransportOptions:
        writing = self.writing
        return TransportOptions(url, self.token, concurrency=writing.concurrency, rate=writing.rate)

    async def _until_signalled(self, target: OpenTarget, scribe: Scribe, stop: Stop) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(_watch_signals, stop, self.desk, group.cancel_scope)
            await self._write_to(target, scribe, stop)
            group.cancel_scope.cancel()

    async def _write_to(self, target: OpenTarget, scribe: Scribe, stop: Stop) -> None:
        before = await scribe.call(lambda: self.journal.view.counts(self.intake.run))
        open_rows = await scribe.call(lambda: self.journal.view.open_rows(self.intake.run))
        if open_rows == 0:
            return
        try:
            finder = await self._finder(target.kanbert, scribe, stop, open_rows)
        except (FatalTargetError, TransientError) as error:
            stop.request(str(error), error=error)
            return
        planner = Planner(finder, place=self.places, archived=self.writing.archived)
        applier = Applier(
            target.kanbert,
            decide=planner.decide,
            intend=scribe.intend,
            place=self.places,
            pause=_pause,
            restore_held=self.writing.archived == "restore",
        )
        limits = Limits(
            concurrency=self.writing.concurrency,
            max_errors=self.writing.max_errors,
            max_error_rate=self.writing.max_error_rate,
        )
        execution = Execution(scribe, planner, applier, stop, limits, _Telling(self.desk.progress), anyio.sleep)
        self.desk.progress.start("writing", open_rows)
        await execution.run(errors_before=before.refused + before.failed, rows_before=before.read - open_rows)
        self.desk.progress.finish()

    async def _finder(self, kanbert: Kanbert, scribe: Scribe, stop: Stop, open_rows: int) -> Finder:
        """Choose how companies are found: by listing the space once where that may be cheaper, else row by row."""
        rows = RowFinder(kanbert.find)
        if self.writing.lookup == "rows":
            await kanbert.preflight()
            return rows

        async def keep(companies: Sequence[Remote]) -> None:
            ours = [company for company in companies if company.external_origin == self.origin]
            await scribe.call(self.journal.add_listed, ours)
            self.desk.progress.advance()

        async def listed(external_ids: list[str]) -> dict[str, Remote]:
            return await scribe.call(self.journal.listed, external_ids)

        await scribe.call(self.journal.clear_listing)
        self.desk.progress.start("listing Kanbert", None, "pages")
        async with aclosing(kanbert.pages()) as pages:
            budget = None if self.writing.lookup == "list" else open_rows
            whole = await listed_within(_until_stopped(pages, stop), budget, keep)
        self.desk.progress.finish()
        return ListingFinder(listed, rows) if whole else rows


async def _pause(failed: int) -> None:
    await anyio.sleep(next_delay(failed, random.Random()))  # noqa: S311 - spreads requests in time, guards nothing


class _Telling:
    """Tells the progress of each outcome, with the counts so far."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._counts: Counter[str] = Counter()

    def __call__(self, outcome: Outcome) -> None:
        self._counts[outcome.kind] += 1
        self._progress.status(**self._counts)
        self._progress.advance()


async def _until_stopped(pages: AsyncIterator[Page], stop: Stop) -> AsyncIterator[Page]:
    async for page in pages:
        if stop.requested:
            return
        yield page


async def _watch_signals(stop: Stop, desk: Desk, scope: anyio.CancelScope) -> None:
    """Ask for a stop at the first Ctrl-C or SIGTERM; at the second, cut off what is in flight."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if stop.interrupted:
                scope.cancel()
                return
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
