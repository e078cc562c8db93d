"""`verify`: reads back what the journal says is in Kanbert, compares it field by field, and writes nothing there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from importer.commands.addresses import Address
from importer.commands.conducting import gauged, signals_kept
from importer.commands.finding import Finding
from importer.commands.mending import brought_back, errors_file
from importer.commands.settings import CONCURRENCY
from importer.commands.signals import until_interrupted
from importer.commands.summaries import status_summary
from importer.commands.targets import identified, open_target, token_of
from importer.company import not_shown
from importer.errors import Exit, FatalTargetError, UsageError
from importer.journal import (
    beginning_anew,
    count_wanted,
    note_verified,
    only_matched,
    open_journal,
    open_scribe,
    view_journal,
    wanted_rows,
)
from importer.mapping import parse_mapping
from importer.model import Code, Location, pasted, path_word, plural
from importer.pipeline import Limits, Stop, unpacked
from importer.planner import ListingFinder, MatchRules, RowFinder, VerdictKind, judge
from importer.report import MOST_KEPT, RequestFact, TargetFact, VerifiedFact, VerifiedRow
from importer.transport import RequestCounts, SystemClock, TransportOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.commands.session import Session
    from importer.commands.settings import Desk, Writing
    from importer.commands.targets import OpenTarget
    from importer.journal import Journal, RunRecord, Scribe, Wanted, WantedRows
    from importer.model import SourceInfo
    from importer.planner import Finder, Found, Verdict
    from importer.report import Summary
    from importer.transport import Attempt, Token

__all__ = ["Looked", "look_at_run", "verify"]

_LEAST_BATCH = 250  # rows; enough that waiting for the last answer of a batch does not count


@beginning_anew()
def verify(path: Path, writing: Writing, desk: Desk, *, full: bool = False) -> Summary:
    """Look at every row of the journal that the mapping made a company of, and say how it compares.

    What differs goes into the journal, in place of what an earlier look found. JournalError while a run is going on.
    """
    clock = SystemClock()
    began = clock.monotonic()
    with view_journal(path) as view:
        view.refuse_plan()
        last, target = view.last_run(), view.target()
    token = token_of(Address(target.url), writing, desk)
    with open_journal(path, command="verify", since=clock.now().isoformat(timespec="seconds")) as journal:
        address = identified(Address(target.url), target.url)
        wanted = count_wanted(journal)
        look = _Look(journal, last, address, target.origin, token, writing, desk, wanted, _Tally(full=full))
        if wanted.wanted:
            with signals_kept():
                anyio.run(look.taken)
        older = journal.older
    with view_journal(path) as view:
        standing, restore = status_summary(view, path), brought_back(view, path)
    summary = _summed_up(standing, look, path)
    if look.only_archived and not summary.stopped:
        summary = replace(summary, next=restore)
    kept = () if older is None else (f"The journal was of an older version; as it was, it is kept as {older}.",)
    return replace(summary, duration=clock.monotonic() - began, notes=(*summary.notes, *kept))


@dataclass(slots=True)
class _Tally:
    """What was found until now."""

    full: bool
    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    arrived: int = 0  # rows that are the same, and that the journal does not know to be there
    absent: int = 0  # rows that are not there, and that the journal does not say are
    archived: int = 0  # rows whose company is
    rows: list[VerifiedRow] = field(default_factory=list)

    def add(self, wanted: Wanted, verdict: Verdict) -> None:
        kind = verdict.kind
        self.counts[kind.value] += 1
        self.fields.update(one.field for one in verdict.differences)
        self.hidden.update(str(one.field) for one in verdict.issues if one.code is Code.NOT_SHOWN)
        self.arrived += kind is VerdictKind.SAME and not wanted.known
        self.archived += any(one.code is Code.ARCHIVED_IN_KANBERT for one in verdict.issues)
        self.absent += kind is VerdictKind.MISSING and not wanted.known
        if kind is not VerdictKind.SAME and (self.full or self.counts[kind.value] <= MOST_KEPT):
            work = wanted.work
            self.rows.append(
                VerifiedRow(
                    kind.value,
                    work.number,
                    work.desired.external_id,
                    verdict.kanbert_id,
                    verdict.differences,
                    verdict.issues,
                )
            )


@dataclass(slots=True)
class _Look:
    """One look at all rows, the slots filled; what it found is in `tally`, how it ended in the rest."""

    journal: Journal
    last: RunRecord
    address: Address
    origin: str
    token: Token
    writing: Writing
    desk: Desk
    wanted: WantedRows
    tally: _Tally
    stop: Stop | None = None
    url: str = ""
    requests: RequestCounts = field(default_factory=RequestCounts)
    run: int | None = None  # only the rows that it takes up
    strangers: frozenset[int] = frozenset()  # rows that name a company which is not theirs
    reveals: bool | None = None  # whether a look-up of one company shows more of it than the listing; None: not tried

    @property
    def only_archived(self) -> bool:
        """Whether archived companies are all that is to be acted on."""
        counts, found = self.tally.counts, self.tally.archived
        return 0 < found == counts.total() - counts[VerdictKind.SAME] and not self.wanted.refused

    async def taken(self) -> None:
        """Look; what the target refuses everything with is in `stop`, JournalError goes up."""
        stop = self.stop = Stop()
        with unpacked():
            async with open_scribe(self.journal, self.last.id, now=lambda: SystemClock().now().isoformat()) as scribe:
                target = open_target(self.address, self._options, self.origin, SystemClock(), _not_kept)
                async with target as opened:
                    opened.transport.on_wait = self.desk.progress.note
                    try:
                        look = partial(self._look_gauged, opened, scribe, stop)
                        await until_interrupted(stop, self.desk.interruptions, look)
                    finally:
                        self.url, self.requests = opened.url, opened.transport.counts

    def _options(self, url: str) -> TransportOptions:
        return TransportOptions(url, self.token, concurrency=self.writing.concurrency, rate=self.writing.rate)

    async def _look_gauged(self, target: OpenTarget, scribe: Scribe, stop: Stop) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(gauged, self.desk.progress, target.transport)
            await self._look(target, scribe, stop)
            group.cancel_scope.cancel()

    async def _look(self, target: OpenTarget, scribe: Scribe, stop: Stop) -> None:
        now, progress = SystemClock().monotonic, self.desk.progress
        finding = Finding(target.kanbert, self.journal, self.last.id, scribe, stop, progress, MatchRules(), now)
        finder = await finding.choose(self.writing.lookup, self.wanted.wanted)
        if finder is None:
            return
        place = await scribe.call(lambda: _Places.of(self.last))
        self.strangers = await scribe.call(lambda: only_matched(self.journal, self.run))
        rows = RowFinder(target.kanbert.find, now=now)
        progress.start("verifying", self.wanted.wanted)
        after, batch = 0, max(_LEAST_BATCH, 16 * self.writing.concurrency)
        while not stop.requested and (wanted := await scribe.call(self._wanted, after, batch)):
            found = await self._found(finder, rows, wanted, stop)
            await scribe.call(self._note, wanted, found, place)
            after = wanted[-1].work.row
            progress.status(**self.tally.counts)
            progress.advance(len(found))
        progress.finish()

    def _wanted(self, after: int, limit: int) -> list[Wanted]:
        return wanted_rows(self.journal, after=after, limit=limit, run=self.run, strangers=self.strangers)

    async def _found(self, finder: Finder, rows: RowFinder, wanted: Sequence[Wanted], stop: Stop) -> list[Found]:
        """Find what is there for each row; nothing where the target refuses everything, which asks for a stop."""
        try:
            with unpacked():
                found = await finder([one.work for one in wanted])
                if isinstance(finder, ListingFinder):
                    found = await self._shown(found, rows)
        except FatalTargetError as error:
            stop.request(str(error), error=error)
            return []
        silent = [one.error for one in found if one.error is not None]
        if len(silent) == len(found) >= Limits(concurrency=self.writing.concurrency).silence:
            stop.request(f"{plural(len(silent), 'row')} in a row could not be asked: {silent[-1]}", error=silent[-1])
        return found

    async def _shown(self, found: list[Found], rows: RowFinder) -> list[Found]:
        """Ask by itself for each company of which a listing shows less than is to be compared.

        The first answer says whether that is of any use: where it shows no more, no other is asked for.
        """
        short = [one.work for one in found if len(one.held) == 1 and _hidden(one)]
        asked: list[Found] = []
        if short and self.reveals is None:
            asked += await rows(short[:1])
            self.reveals = not _hidden(asked[0])
        if short and self.reveals:
            asked += await rows(short[len(asked) :])
        again = {one.work.row: one for one in asked if one.held}
        return [again.get(one.work.row, one) for one in found]

    def _note(self, wanted: Sequence[Wanted], found: Sequence[Found], place: _Places) -> None:
        verdicts = {
            one.work.row: judge(there, one.kanbert_id, partial(place, one.work.number))
            for one, there in zip(wanted, found, strict=False)  # none was found where the target refused
        }
        issues = {row: verdict.issues for row, verdict in verdicts.items() if verdict.issues}
        note_verified(self.journal, list(verdicts), issues)
        for one in wanted[: len(found)]:
            self.tally.add(one, verdicts[one.work.row])


def _not_kept(_: Attempt) -> None:
    """Keep nothing of a request but its count: those of a look at 50,000 rows would drown those of the runs."""


def _hidden(found: Found) -> bool:
    return any(not_shown(found.work.desired.payload, company.body) for company in found.held)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a field of a row stands in the file, as far as the mapping in the journal can still be read."""

    source: SourceInfo
    columns: Mapping[str, str | None]

    @classmethod
    def of(cls, last: RunRecord) -> _Places:
        return cls(last.source, _columns_of_fields(last))

    def __call__(self, number: int, field_name: str) -> Location:
        return Location(self.source.path, self.source.sheet, number, self.columns.get(field_name))


def _columns_of_fields(last: RunRecord) -> Mapping[str, str | None]:
    """Name the column that each field comes from; none where this version does not understand the mapping any more."""
    try:
        mapping = parse_mapping(last.mapping_text, path=Path(last.mapping_path))
        return mapping.compile(last.source.columns, file=last.source.path, sheet=last.source.sheet).sources
    except UsageError:
        return {}


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the rows of one run found, and how it ended."""

    found: VerifiedFact
    stop: Stop
    requests: RequestCounts


def look_at_run(session: Session) -> Looked:
    """Look at the rows that a run takes up, while it has its journal open, as `verify` does."""
    journal, run = session.journal, session.intake.run
    look = _Look(
        journal,
        journal.view.last_run(),
        session.address,
        session.origin,
        session.token,
        session.writing,
        session.desk,
        count_wanted(journal, run),
        _Tally(full=True),
        run=run,
    )
    with signals_kept():
        anyio.run(look.taken)
    return Looked(_fact(look), look.stop or Stop(), look.requests)


# ── the summary ──────────────────────────────────────────────────────────────────────────────────────────────────


def _summed_up(standing: Summary, look: _Look, path: Path) -> Summary:
    tally, stop = look.tally, look.stop
    fact = _fact(look)
    sent = look.requests
    return replace(
        standing,
        command="verify",
        exit_code=_exit_code(fact, stop),
        target=TargetFact(look.url or Address(look.address.url).shown, look.origin),
        requests=RequestFact(
            sent.total, sent.read, sent.write, sent.retried, sent.throttled, waited_s=round(sent.waited, 1)
        ),
        notes=tuple(_notes(fact, tally, stop, undone=look.last.undoes is not None)),
        stopped=None if stop is None else stop.reason,
        verified=fact,
        next=_next(fact, look, path),
    )


def _fact(look: _Look) -> VerifiedFact:
    tally = look.tally
    return VerifiedFact(
        counts=tally.counts,
        wanted=look.wanted.wanted,
        refused=look.wanted.refused,
        skipped=look.wanted.skipped,
        fields=tally.fields,
        hidden=tally.hidden,
        rows=tally.rows,
        full=tally.full,
    )


def _exit_code(fact: VerifiedFact, stop: Stop | None) -> int:
    """Be 0 where all that the mapping made companies of is there as it wants it; nothing at all is no proof."""
    if stop is not None and stop.interrupted:
        return Exit.INTERRUPTED
    if stop is not None and stop.error is not None:
        return Exit.TARGET
    return Exit.ROWS if fact.unlike or (fact.refused and not fact.wanted) else Exit.OK


def _notes(fact: VerifiedFact, tally: _Tally, stop: Stop | None, *, undone: bool) -> Iterator[str]:
    if stop is not None and stop.reason is not None:
        yield f"Stopped early, {plural(fact.not_looked_at, 'row was', 'rows were')} not looked at: {stop.reason}."
    if not fact.wanted:
        yield "There is nothing to look at: the mapping made no company of any row."
    if undone and fact.unlike:
        yield "The last command was an undo: what it took back differs, is missing, or is archived."
    if tally.arrived:
        yield f"Of the rows that are the same, the journal does not know {tally.arrived:,} to be in Kanbert: `retry` settles them."
    if tally.absent:
        yield f"Of the missing rows, the journal does not say of {tally.absent:,} that they are in Kanbert: `retry` takes them up."
    if tally.archived:
        them, companies = ("it", "company is") if tally.archived == 1 else ("them", "companies are")
        yield f"{tally.archived:,} {companies} archived in Kanbert: a `run` brings {them} back with `--archived restore` alone."
    if fact.unlike > tally.absent + tally.archived:
        yield "`explain` with a row's number says how it came about; `run` with the same file writes such rows again, as the file has them."


def _next(fact: VerifiedFact, look: _Look, path: Path) -> str | None:
    if fact.not_looked_at:
        return pasted("kanbert-import", "verify", path, *_options(look.writing, full=look.tally.full))
    if fact.unlike > look.tally.absent or (fact.refused and not look.tally.absent):
        return pasted("kanbert-import", "report", path, "-o", errors_file(path))
    if look.tally.absent or look.tally.arrived:
        return pasted("kanbert-import", "retry", path, *_options(look.writing, full=False))
    return None


def _options(writing: Writing, *, full: bool) -> list[str]:
    """Say again what the user said of how to ask."""
    options = {
        "--token-file": None if writing.token_file is None else path_word(writing.token_file),
        "--lookup": None if writing.lookup == "auto" else writing.lookup,
        "--concurrency": None if writing.concurrency == CONCURRENCY else writing.concurrency,
        "--rate": None if writing.rate is None else f"{writing.rate:g}",
    }
    said = [word for option, value in options.items() if value is not None for word in (option, str(value))]
    return [*said, "--full"] if full else said
