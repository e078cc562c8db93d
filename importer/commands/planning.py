"""`plan`: the online dry run. Fills the slots (rows from a file, Kanbert for reading alone, a plan file) and writes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from importer.commands.again import plan_again, with_those_left_out
from importer.commands.conducting import signals_kept
from importer.commands.contacts import Going
from importer.commands.effort import Pace, Requests
from importer.commands.inputs import Places, opened, run_facts
from importer.commands.master_data import MasterData
from importer.commands.session import Session
from importer.commands.summaries import planned_summary
from importer.commands.targets import address_of, identified, token_of
from importer.commands.writing import worth_saying
from importer.errors import FatalTargetError, JournalError, UsageError
from importer.journal import (
    PLAN,
    Settlement,
    beginning_anew,
    left_out,
    note_corrected,
    open_journal,
    standing_corrections,
    view_journal,
)
from importer.mapping import SourceSettings
from importer.model import Action, pasted
from importer.pipeline import unpacked
from importer.planner import Clients, ListingFinder, Planner
from importer.report import EffortFact, MasterFact, PlanFact
from importer.transport import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping as MappingOf, Sequence

    from importer.commands.addresses import Address
    from importer.commands.finding import Finding
    from importer.commands.session import Ending
    from importer.commands.settings import Desk, Job, Writing
    from importer.commands.targets import OpenTarget
    from importer.company import Remote
    from importer.journal import JournalView, Planned, Scribe
    from importer.mapping import Mapping
    from importer.model import Cell, Json, Operation, PlannedRow
    from importer.pipeline import Stop
    from importer.report import Summary

__all__ = ["plan", "plan_fact", "plan_path"]

_BATCH = 256  # rows that are looked up together


def plan_path(job: Job, output: Path | None) -> Path:
    """Say where a plan goes: the file named, else the source's name with .plan, beside the source."""
    return output or job.beside(".plan")


@beginning_anew()
def plan(job: Job, output: Path | None, writing: Writing, desk: Desk, *, full: bool = False) -> Summary:
    """Look up what Kanbert has for each row of a file, and keep what a run would do in a plan file; nothing is written.

    Raises the errors of `importer.errors` for what makes a plan impossible before it begins.
    """
    began, since = SystemClock().monotonic(), SystemClock().now().isoformat(timespec="seconds")
    address, selection = address_of(writing.to, desk), job.selection
    going = None if job.address is None else Going(job.beside(".journal"))
    with opened(job, desk, going=going) as inputs:
        path = plan_path(job, output)
        _check_output(path, job)
        token = token_of(address, writing, desk)
        mapping, info = inputs.mapping, inputs.source.info
        with open_journal(path, command=PLAN, since=since) as journal:
            if output is None:
                _check_namesake(journal.view, job, path)
            journal.begin_plan()
            address = identified(address, None)
            journal.bind(url=address.url, origin=mapping.origin)
            again, corrections = plan_again(job, writing, path), _corrections(job, address)
            intake = journal.read_source(
                replace(run_facts(PLAN, info, mapping), again=again),
                inputs.mapped_rows(desk.progress, corrections),
                duplicates=mapping.duplicates,
                blank_rows=lambda: inputs.source.blank_rows,
                selection=selection,
            )
            intake = replace(intake, corrected=note_corrected(journal, intake.run, corrections))
            tally, places = _Tally(), Places(info, inputs.mapper)
            session = Session(
                journal, intake, address, token, mapping.origin, places, writing, desk, mapping.match,
                thorough=True, seen=tally.see,
            )  # fmt: skip
            ending, effort = _foreseen(session, tally)
            at = SystemClock().now().isoformat()
            found = tally.found(effort)
            if ending.reason is None:
                options = _options(job, mapping, writing)
                journal.finish_plan(intake.run, planned={**options, "again": again, "found": found}, at=at)
            else:
                journal.finish(intake.run, state="stopped", at=at)
            fact = plan_fact(path, journal.view.planned_counts(), found, full=full)
            summary = planned_summary(journal.view, intake, ending, fact, job=job, writing=writing)
            whole = partial(plan_again, writing=writing, output=path)
            summary = with_those_left_out(summary, left_out(journal), job, whole, does="plans")
        duration = SystemClock().monotonic() - began
        return replace(summary, columns=worth_saying(inputs.findings()), duration=duration)


def _corrections(job: Job, address: Address) -> dict[tuple[Cell, ...], tuple[Cell, ...]]:
    """Find the rows that a retry took corrected in the journal that a run of the plan will keep, as far as it can be used."""
    path = job.beside(".journal")
    try:
        with view_journal(path) as view:
            if not view.has_runs() or view.target().url != address.url:
                return {}
            same = Path(view.last_run().source.path).name == Path(job.source[0]).name
            return standing_corrections(view) if same else {}
    except JournalError:  # there is none, or the run will say what is wrong with it
        return {}


def _check_output(path: Path, job: Job) -> None:
    for taken in (job.file, job.mapping, job.decisions):
        if taken is not None and path.resolve() == taken.resolve():
            message = f"-o {path} would overwrite {taken}. Name another file for the plan."
            raise UsageError(message)


def _check_namesake(view: JournalView, job: Job, path: Path) -> None:
    """Refuse to write over the plan of another file that has the same name but for its suffix, unless that is said."""
    last = view.last_run() if view.has_runs() else None
    if last is None or last.state != "planned" or Path(last.source.path).name == Path(job.source[0]).name:
        return
    other, own = Path(last.source.path).name, job.file.with_name(f"{job.file.name}.plan")
    message = (
        f"{path} is a plan for {other}, and one for {job.file.name} would take its place. Give this file a plan of its own "
        f"with {pasted('-o', own)}; where that of {other} is not needed any more, write over it with "
        f"{pasted('-o', path)}."
    )
    raise JournalError(message)


def _options(job: Job, mapping: Mapping, writing: Writing) -> dict[str, Json]:
    """Say by which options the plan was made, so that a run of it does the same."""
    reading = job.reading or SourceSettings()
    return {
        "archived": writing.archived,
        "limit": job.limit,
        "rows": job.rows,
        "decisions": None if mapping.decisions is None else str(mapping.decisions),
        "reading": {field.name: getattr(reading, field.name) for field in fields(SourceSettings)},
    }


# ── looking up ───────────────────────────────────────────────────────────────────────────────────────────────────


def _foreseen(session: Session, tally: _Tally) -> tuple[Ending, EffortFact]:
    """Look up all rows; how it ended, and what carrying the plan out takes."""
    foreseeing = _Foreseeing(session, tally)
    with signals_kept():
        ending = anyio.run(session.within, foreseeing)
    return ending, foreseeing.effort(ending)


@dataclass(slots=True)
class _Foreseeing:
    """Asks for all open rows, batch by batch, and keeps what would be done for them."""

    session: Session
    tally: _Tally
    pace: Pace = field(default_factory=lambda: Pace(None, None, None, None, 1))

    async def __call__(self, target: OpenTarget, scribe: Scribe, stop: Stop, finding: Finding) -> None:
        journal, run = self.session.journal, self.session.intake.run
        open_rows = await scribe.call(lambda: journal.view.open_rows(run))
        finder = await finding.choose(self.session.writing.lookup, open_rows) if open_rows else None
        if finder is None:
            return
        self.tally.listed = isinstance(finder, ListingFinder)
        clients = Clients(target.kanbert.of_client)
        planner = Planner(finder, place=self.session.places, policy=self.session.policy, clients=clients)
        self.session.desk.progress.start("planning", open_rows)
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_when_stopped, stop, group.cancel_scope)
            await self._look_up(planner, scribe, stop)
            group.cancel_scope.cancel()
        self.session.desk.progress.finish()
        self._note_pace(target)

    async def _look_up(self, planner: Planner, scribe: Scribe, stop: Stop) -> None:
        after = 0
        while works := await scribe.works(after=after, limit=_BATCH):
            after = works[-1].row
            try:
                with unpacked():
                    found = await planner(works)
            except FatalTargetError as error:
                stop.request(str(error), error=error)
                return
            await scribe.call(self.session.journal.foresee, found)
            self.tally.add_all(found)
            self.session.desk.progress.advance(len(found))

    def _note_pace(self, target: OpenTarget) -> None:
        embedded = self.session.address.sandbox_file is not None
        self.pace = Pace.of(target.transport, self.session.writing, embedded=embedded)

    def effort(self, ending: Ending) -> EffortFact:
        """Reckon what is to come, once the requests are in the journal."""
        mean = self.session.journal.view.mean_duration(self.session.intake.run)
        looked = ending.requests.read - ending.requests.retried - ending.requests.throttled
        return replace(self.pace, mean=mean).effort(self.tally.requests, looked, listed=self.tally.listed)


async def _cancel_when_stopped(stop: Stop, scope: anyio.CancelScope) -> None:
    await stop.wait()
    scope.cancel()  # nothing is written: a look-up need not end


# ── what it comes to ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Tally:
    """Sums up what would be done; memory: fields, and the distinct values of master data."""

    fields: dict[Action, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    cleared: Counter[str] = field(default_factory=Counter)
    masters: MasterData = field(default_factory=MasterData)
    requests: Requests = field(default_factory=Requests)
    listed: bool = False  # the whole space was

    def see(self, companies: Sequence[Remote]) -> None:
        """Take note of a page of the listing."""
        self.masters.see(company.body for company in companies)

    def add_all(self, found: Sequence[Planned | Settlement]) -> None:
        """Add what a batch of rows comes to."""
        for one in found:
            if not isinstance(one, Settlement):
                self._add(one.operation)

    def _add(self, operation: Operation) -> None:
        self.requests.add(operation)
        if operation.action is Action.CONFLICT:
            return
        self.masters.need(operation)
        for change in operation.changes:
            self.fields[operation.action][change.field] += 1
            self.cleared[change.field] += change.after in (None, "")
        self.cleared = +self.cleared

    def found(self, effort: EffortFact) -> dict[str, Any]:
        """Say in JSON what a plan file keeps beside its rows."""
        return {
            "fields": {action.value: dict(counted) for action, counted in self.fields.items()},
            "cleared": dict(self.cleared.most_common()),
            "masters": [asdict(master) for master in self.masters.facts(whole=self.listed)],
            "effort": asdict(effort),
        }


def plan_fact(path: Path, actions: MappingOf[Action, int], found: dict[str, Any], *, full: bool = False) -> PlanFact:
    """Lay a plan out for people and programs, by what its file keeps."""
    return PlanFact(
        path=str(path),
        actions=actions,
        fields=found["fields"],
        cleared=found["cleared"],
        masters=tuple(MasterFact(**master) for master in found["masters"]),
        effort=EffortFact(**found["effort"]),
        rows=PlanRows(path),
        full=full,
    )


@dataclass(frozen=True, slots=True)
class PlanRows:
    """The rows of a plan file, read when they are asked for."""

    path: Path

    def __call__(self, action: Action | None = None, *, limit: int | None = None) -> Iterator[PlannedRow]:
        """Walk over the rows in the order of the file, all or those of one action."""
        with view_journal(self.path) as view:
            yield from view.planned_rows(action, limit=limit)
