"""`undo`: fill the slots (what the journal's runs wrote, inverted; Kanbert; the journal) and take it back."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from importer import __version__
from importer.commands.addresses import Address
from importer.commands.again import undo_again
from importer.commands.conducting import signals_kept
from importer.commands.session import Line, Sent, Telling
from importer.commands.summaries import broken_off
from importer.commands.targets import identified, token_of
from importer.commands.undo_summaries import declined_summary, ended_summary, nothing_summary, undo_summary
from importer.errors import FatalTargetError, JournalError, TransientError
from importer.journal import Intake, RunFacts, UndoJournal, open_journal, view_journal
from importer.kanbert import Offers
from importer.model import Action, Location
from importer.pipeline import Execution, Freshness, Limits, Undoer
from importer.planner import Inverter, inverse_of, settled_as, will_archive
from importer.transport import SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from importer.commands.session import Ending
    from importer.commands.settings import Desk, Writing
    from importer.commands.targets import OpenTarget
    from importer.journal import RunRecord, Scribe, Work, Wrote
    from importer.pipeline import Stop
    from importer.report import Summary

__all__ = ["undo"]

_WORDS = {
    Action.ARCHIVE: "archived",
    Action.PUT_BACK: "put back to what they were",
    Action.HAND_BACK: "handed back with the fields and the external_id that they had",
    Action.ARCHIVE_AGAIN: "archived again",
}
_WITHOUT = (
    "Give the token this scope (in Kanbert: Settings > Apps & API), or, if companies may be archived although offers "
    "refer to them, say --without-offer-check"
)


def undo(path: Path, writing: Writing, desk: Desk, *, ask_offers: bool) -> Summary:
    """Take back what the runs of a journal did and no undo has taken back yet; the same call again resumes.

    Raises the errors of `importer.errors` for what makes an undo impossible before it begins.
    """
    clock = SystemClock()
    began, since = clock.monotonic(), clock.now().isoformat(timespec="seconds")
    with view_journal(path) as view:
        view.refuse_plan()
        target = view.target()
    with open_journal(path, command="undo", since=since) as journal:
        address, last = identified(Address(target.url), target.url), journal.view.last_run()
        book = UndoJournal(journal, target.origin)
        if not book.look():
            return replace(_nothing_left(book, last, path), duration=clock.monotonic() - began)
        token = token_of(address, writing, desk)
        if not (address.local or desk.confirm(_question(book, address))):
            return replace(declined_summary(journal.view, path, book), duration=clock.monotonic() - began)
        run = book.begin(_facts(last, undo_again(path, writing, ask_offers=ask_offers)))
        line = Line(book, run, address, token, target.origin, writing, desk, Sent())
        session = _Undoing(book, line, last, ask_offers=ask_offers)
        try:
            ending = session.closed()
        except JournalError as error:
            broken = broken_off(journal.view, Intake(run, 0, 0, resumed=False), line.sent, error, journal=path)
            broken.summary = replace(broken.summary, duration=clock.monotonic() - began)
            raise broken from error
        summary = undo_summary(journal.view, ending, path, writing, ask_offers=ask_offers)
        return replace(summary, duration=clock.monotonic() - began)


def _nothing_left(book: UndoJournal, last: RunRecord, path: Path) -> Summary:
    """Say that nothing is to be done; an undo that was cut off behind its last company ends with that."""
    view = book.journal.view
    if last.undoes is None or last.ended:
        return nothing_summary(view, path)
    book.finish(last.id, state="ended", at=SystemClock().now().isoformat())
    return ended_summary(view, path)


def _question(book: UndoJournal, address: Address) -> str:
    """Say what would be done if every company is as the runs left it."""
    counted = Counter(inverse_of(chain) for _, chain in book.chains())
    told = ", ".join(f"{counted[action]} {words}" for action, words in _WORDS.items() if counted[action])
    return f"In {address.url}, of the companies that this journal's runs wrote to, {told}. Go on?"


def _facts(last: RunRecord, again: str) -> RunFacts:
    """Say of the undo what the journal keeps of it: source and mapping stay those of the last run."""
    return RunFacts(
        run_id=uuid.uuid4().hex,
        command="undo",
        version=__version__,
        started_at=SystemClock().now().isoformat(timespec="seconds"),
        source=last.source,
        mapping_path=last.mapping_path,
        mapping_sha256=last.mapping_sha256,
        mapping_text=last.mapping_text,
        again=again,
    )


@dataclass(frozen=True, slots=True)
class _Undoing:
    """One session of an undo, the slots filled."""

    book: UndoJournal
    line: Line
    last: RunRecord
    ask_offers: bool = field(kw_only=True)

    def closed(self) -> Ending:
        """Take back what there is, and close the undo."""
        with signals_kept():
            ending = anyio.run(self._written)
        at = SystemClock().now().isoformat()
        self.book.finish(self.line.run, state="stopped" if ending.reason else "ended", at=at)
        return ending

    async def _written(self) -> Ending:
        return self.line.ending(await self.line.used_for(self._write_to))

    async def _write_to(self, target: OpenTarget, scribe: Scribe, stop: Stop) -> None:
        offers = Offers(target.transport)
        if not await self._may_begin(target, offers, scribe, stop):
            return
        writing, clock = self.line.writing, SystemClock()

        async def refers(kanbert_ids: Sequence[str]) -> dict[str, list[str]]:
            found = await offers.of(kanbert_ids)
            protecting = {one: [str(offer) for offer in listed if offer.protects] for one, listed in found.items()}
            return {one: names for one, names in protecting.items() if names}

        async def chains(works: Sequence[int]) -> Mapping[int, tuple[Wrote, ...]]:
            return await scribe.call(lambda: dict(self.book.chains(works)))

        inverter = Inverter(target.kanbert, refers if self.ask_offers else None, chains, self._place, clock.monotonic)
        fresh = Freshness(clock.monotonic, writing.max_age)
        undoer = Undoer(target.kanbert, scribe, inverter.again, fresh, self._place, settled_as)
        progress = self.line.desk.progress
        progress.start("undoing", self.book.left, "companies")
        limits = Limits(concurrency=writing.concurrency)
        await Execution(scribe, inverter, undoer, stop, limits, Telling(progress), anyio.sleep).run(errors_before=0)
        progress.finish()

    async def _may_begin(self, target: OpenTarget, offers: Offers, scribe: Scribe, stop: Stop) -> bool:
        """See that address and token are right, and that offers can be asked for where something may be archived."""
        try:
            await target.kanbert.preflight()
        except (FatalTargetError, TransientError) as error:
            stop.request(str(error), error=error)
            return False
        if not self.ask_offers or not await scribe.call(self._may_archive):
            return True
        try:
            await offers.check()
        except (FatalTargetError, TransientError) as error:
            stop.request(f"{error}. {_WITHOUT}", error=error, futile=True)
            return False
        return True

    def _may_archive(self) -> bool:
        return any(will_archive(inverse_of(chain)) for _, chain in self.book.chains())

    def _place(self, work: Work) -> Location:
        return Location(self.last.source.path, self.last.source.sheet, work.number or None)
