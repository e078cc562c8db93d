"""`run` and `retry`: fill the slots (rows from a file or from the journal, Kanbert, the journal) and write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.commands.addresses import Address
from importer.commands.again import OF_AN_UNDO, remembered, retry_again, run_again, run_plan_again, with_those_left_out
from importer.commands.canary import Canary
from importer.commands.closing import closed
from importer.commands.contacts import Going
from importer.commands.corrections import Corrections, read_corrections
from importer.commands.inputs import Places, opened, run_facts, with_readings
from importer.commands.session import Session
from importer.commands.settings import writing_options
from importer.commands.summaries import broken_off, without_journal, written_summary
from importer.commands.targets import address_of, identified, token_of
from importer.errors import JournalError, UsageError
from importer.journal import left_out, open_journal, standing_corrections, view_journal
from importer.mapping import load_mapping, parse_mapping
from importer.model import Code, Row, pasted, plural
from importer.readers import limits_of
from importer.transport import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from importer.commands.executing import Plan
    from importer.commands.session import Ending
    from importer.commands.settings import Desk, Fixed, Job, Rules, Writing
    from importer.journal import Journal, RunRecord
    from importer.mapping import Mapping
    from importer.model import IssueGroup
    from importer.report import Summary

__all__ = ["journal_path", "retry", "run", "worth_saying"]


def journal_path(job: Job, writing: Writing) -> Path:
    """Say which journal a run keeps: the one named, else the source's name with .journal, beside the source."""
    return writing.journal or job.beside(".journal")


def run(job: Job, writing: Writing, desk: Desk, plan: Plan | None = None) -> Summary:
    """Read and map a file into the journal, then write from the journal; the same call again resumes.

    With a plan, rows are written as that says, or not at all. Raises the errors of `importer.errors` for what makes a run impossible before it begins.
    """
    began, since = SystemClock().monotonic(), _now()
    selection = job.selection
    address = address_of(writing.to, desk) if plan is None else plan.address
    path = journal_path(job, writing)
    going = None if job.address is None else Going(path, ends=plan is None)
    with opened(job, desk, going=going) as inputs:
        token = token_of(address, writing, desk)
        mapping, info = inputs.mapping, inputs.source.info
        with open_journal(path, command="run", since=since) as journal:
            journal.view.refuse_plan()
            _check_namesake(journal, job, writing, path)
            address = identified(address, journal.view.target().url if journal.knows_rows() else None)
            journal.bind(url=address.url, origin=mapping.origin)
            again, whole = _again(job, writing, plan)
            intake = journal.read_source(
                replace(run_facts("run", info, mapping), again=again, whole=whole),
                inputs.mapped_rows(desk.progress, standing_corrections(journal.view)),
                duplicates=mapping.duplicates,
                blank_rows=lambda: inputs.source.blank_rows,
                selection=selection,
                plan=None if plan is None else plan.facts(inputs),
            )
            places = Places(info, inputs.mapper)
            session = Session(
                journal, intake, address, token, mapping.origin, places, writing, desk, mapping.match,
                thorough=plan is not None,
            )  # fmt: skip
            canary = Canary(inputs) if writing.canary else None
            ending = _written(session, path, began, closed if canary is None else canary.closed)
            summary = written_summary(journal.view, intake, ending, journal=path, again=again)
            if canary is not None:
                summary = _after_canary(summary, canary, again)
            summary = _with_those_left_out(summary, left_out(journal), job, writing, plan)
            if ending.error is not None and journal.new and journal.is_unused():  # nothing is lost with it
                journal.in_vain, summary = True, without_journal(summary)
            return _completed(replace(summary, columns=worth_saying(inputs.findings())), journal, began)


def _check_namesake(journal: Journal, job: Job, writing: Writing, path: Path) -> None:
    """Refuse to take the journal of another file that has the same name but for its suffix, unless that is said."""
    if writing.journal is not None or not journal.knows_rows():
        return
    other = Path(journal.view.last_run().source.path)
    if other.name == Path(job.source[0]).name:
        return
    own = job.file.with_name(f"{job.file.name}.journal")
    message = (
        f"journal {path} is about {other.name}, and {job.file.name} would take its place in it: what is open or refused "
        f"there would be forgotten. Give this file a journal of its own with {pasted('--journal', own)}; where "
        f"it holds the same list as {other.name}, go on with that journal: {pasted('--journal', path)}."
    )
    raise JournalError(message)


def retry(path: Path, rules_from: Rules, fixed: Fixed | None, writing: Writing, desk: Desk) -> Summary:
    """Map the journal's rows that are not in Kanbert once more, and write those that can go.

    `fixed` is a workbook or CSV with corrected rows, as `report` writes it; each is known by its column `row`. With it,
    and by the rules of the last run, rows that were tried and that nobody edited stay as they are.
    """
    began, since = SystemClock().monotonic(), _now()
    with view_journal(path) as view:
        view.refuse_plan()
        last, target = view.last_run(), view.target()
    rules = _rules(rules_from, last)
    mapper = rules.compile(last.source.columns, file=last.source.path, sheet=last.source.sheet)
    address = Address(target.url)
    token = token_of(address, writing, desk)
    corrections = (
        read_corrections(fixed.file, last.source, fixed.reading, limits_of(desk.environment))
        if fixed
        else Corrections(None, {}, last.source.columns)
    )
    with open_journal(path, command="retry", since=since) as journal:
        address = identified(address, target.url)
        journal.bind(url=address.url, origin=rules.origin)
        _check_numbers(journal.view.unknown_numbers(corrections.numbers), corrections.path)
        mapper = with_readings(mapper, rules, last.source, journal.view.original_rows())
        originals = {now: before for before, now in journal.corrections().items()}
        done = {now: before for before, now in journal.corrections(in_kanbert=True).items()}

        def corrected(stored: Row, external_id: str | None) -> Row:
            before = originals.get(stored.cells)
            former = external_id if before is None else mapper.map(Row(stored.number, before)).external_id
            row = corrections.applied_to(stored, external_id, former, done.get(stored.cells))
            if stored.number in corrections.rows and (before is not None or row is not stored):
                corrections.edited.add(stored.number)
            return row

        again = retry_again(path, writing_options(writing))
        intake = journal.take_up(
            replace(run_facts("retry", last.source, rules), again=again),
            mapper.map,
            duplicates=rules.duplicates,
            corrected=corrected,
            numbers=corrections.numbers,
            edited_only=fixed is not None and not rules_from.given,
        )
        places = Places(last.source, mapper)
        session = Session(journal, intake, address, token, rules.origin, places, writing, desk, rules.match)
        ending = _written(session, path, began)
        summary = written_summary(journal.view, intake, ending, journal=path, again=again)
        still = corrections.places(journal.view.problem_rows(), mapper.column_of("external_id"))
        notes = (*summary.notes, *corrections.notes, *still)
        return _completed(replace(summary, notes=notes), journal, began)


def _rules(rules: Rules, last: RunRecord) -> Mapping:
    """Take the mapping named, else the one of the last run with the decisions that went into it."""
    if rules.mapping is not None:
        return load_mapping(rules.mapping, rules.decisions)
    return parse_mapping(last.mapping_text, path=Path(last.mapping_path), decisions=rules.decisions)


def _written(session: Session, path: Path, began: float, close: Callable[[Session], Ending] = closed) -> Ending:
    """Ask before anything leaves this machine, write, and close the run.

    Where the journal at `path` cannot be kept on with, the error tells what was done until then.
    """
    try:
        return close(session)
    except JournalError as error:
        broken = broken_off(session.journal.view, session.intake, session.sent, error, journal=path)
        broken.summary = replace(broken.summary, duration=SystemClock().monotonic() - began)
        raise broken from error


def _after_canary(summary: Summary, canary: Canary, again: str) -> Summary:
    """Say what a canary came to, and where the others wait, what to do next."""
    fact = canary.fact
    if fact is None or fact.went_on or not fact.waiting or summary.stopped:
        return replace(summary, canary=fact)
    if not fact.sound:
        unlike = next((one.number for one in fact.verified.rows), None) if fact.verified else None
        note = "The other rows were not sent, since not all of the canary is in Kanbert as the mapping wants it."
        following = pasted("kanbert-import", "explain", Path(str(summary.journal)), str(unlike), "--by", "row")
        return replace(summary, canary=fact, notes=(*summary.notes, note), next=following)
    undo = pasted("kanbert-import", "undo", Path(str(summary.journal)), *remembered(again, OF_AN_UNDO))
    note = "The other rows were not sent; the same command does them. This takes the canary back:"
    following = f"{again} --yes" if canary.nobody else again
    return replace(summary, canary=fact, notes=(*summary.notes, note, undo), next=following)


def _completed(summary: Summary, journal: Journal, began: float) -> Summary:
    """Add how long it took, and where the journal lies as it was before it was brought up to date."""
    older = journal.older
    notes = (
        ()
        if older is None
        else (f"The journal was of an older version and is of this one now; as it was, it is kept as {older}.",)
    )
    return replace(summary, duration=SystemClock().monotonic() - began, notes=(*summary.notes, *notes))


def worth_saying(found: Sequence[IssueGroup]) -> tuple[IssueGroup, ...]:
    """Leave to `validate` and `check` what only helps to see whether the right column was meant."""
    return tuple(group for group in found if group.code is not Code.CONSTANT_COLUMN)


def _now() -> str:
    return SystemClock().now().isoformat(timespec="seconds")


def _check_numbers(unknown: list[int], path: Path | None) -> None:
    if unknown:
        message = (
            f'{path}: the journal has no row {unknown[0]}. The column "row" must hold the row\'s number in the original '
            "file; for new rows, put them into the file and run that."
        )
        raise UsageError(message)


def _with_those_left_out(summary: Summary, waiting: int, job: Job, writing: Writing, plan: Plan | None) -> Summary:
    if plan is None:
        return with_those_left_out(summary, waiting, job, lambda whole: run_again(whole, writing))
    if not waiting:
        return summary
    note = f"{plural(waiting, 'other row waits', 'other rows wait')}: the plan was made without {'it' if waiting == 1 else 'them'}."
    return replace(summary, notes=(*summary.notes, note))


def _again(job: Job, writing: Writing, plan: Plan | None) -> tuple[str, str]:
    """Say the command again, and without what leaves rows out."""
    if plan is not None:
        command = run_plan_again(plan.path, writing, job.fetching)
        return command, command
    return run_again(job, writing), run_again(replace(job, rows=None, limit=None), writing)
