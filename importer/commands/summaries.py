"""What a command did -> its summary: counts that balance, reasons, notes, the exit code, and what to do next."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.commands.addresses import Address
from importer.commands.again import plan_again, planned_run, run_plan_again
from importer.commands.mending import CORRECTION, Mending, done_again, errors_file, taken_up_again
from importer.commands.namesakes import own_journal
from importer.errors import Exit, JournalError
from importer.journal import PLAN, kept_by_undo, listed_so_far, undone
from importer.model import Action, OutcomeKind, number_text, pasted, path_word, plural
from importer.report import FileFact, KeptFact, PredictionFact, RequestFact, Summary, TargetFact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.commands.session import Ending, Sent
    from importer.commands.settings import Job, Writing
    from importer.journal import Intake, JournalView, RunRecord, Writer
    from importer.model import Counts, UndoCounts
    from importer.report import PlanFact
    from importer.transport import RequestCounts

__all__ = [
    "BrokenOffError",
    "base_summary",
    "broken_off",
    "going_on",
    "plan_status",
    "planned_summary",
    "request_fact",
    "status_summary",
    "undone_of",
    "validation_summary",
    "without_journal",
    "written_summary",
]


_MOST_KEPT = 1000


class BrokenOffError(JournalError):
    """The journal could not be kept in the midst of a run; `summary` has the figures until then."""

    def __init__(self, text: str, summary: Summary, *, counted: bool) -> None:
        self.summary = summary
        self.counted = counted  # False where the journal could not be read either, so that its counts are not known
        super().__init__(text)


def broken_off(view: JournalView, intake: Intake, sent: Sent, error: JournalError, *, journal: Path) -> BrokenOffError:
    """Sum up a run or a retry whose journal cannot be written any more, from what can be read of it."""
    try:
        record, target = view.last_run(), view.target()
        summary, counted = base_summary(view, intake.run, record.command, journal), True
        summary = replace(summary, target=TargetFact(sent.url or Address(target.url).shown, target.origin))
    except JournalError:
        summary, counted = Summary(command="", exit_code=Exit.JOURNAL, journal=str(journal)), False
    requests = request_fact(sent.requests)
    return BrokenOffError(str(error), replace(summary, exit_code=Exit.JOURNAL, requests=requests), counted=counted)


def written_summary(view: JournalView, intake: Intake, ending: Ending, *, journal: Path, again: str) -> Summary:
    """Sum up a run or a retry; its duration is the caller's to say, `again` the command that resumes."""
    base, record = base_summary(view, intake.run, view.last_run().command, journal), view.last_run()
    mending = Mending.of(view, record, base.counts, journal, intake.run)
    return replace(
        base,
        exit_code=base.exit_code or _exit_of_writing(view, intake, ending, base.counts),
        target=TargetFact(ending.url, view.target().origin),
        requests=request_fact(ending.requests),
        notes=(
            *base.notes,
            *_intake_notes(intake, planned=record.predicted is not None),
            *_ending_notes(ending, base.counts),
            *ending.notes,
            *mending.notes(),
        ),
        stopped=ending.reason,
        predicted=_predictions(view, intake.run),
        next=_after(ending, again, mending.next()),
    )


def without_journal(summary: Summary) -> Summary:
    """Say nothing of a journal that was made in vain."""
    notes = tuple(note for note in summary.notes if note != CORRECTION)
    return replace(summary, journal=None, notes=notes)


def _predictions(view: JournalView, run: int) -> tuple[PredictionFact, ...]:
    """Hold what a plan predicted against what was done; empty where no plan was executed."""
    facts = json.loads(view.last_run().predicted or "{}")
    if "plan" not in facts:
        return ()
    predicted, done = facts["actions"], view.done_as_planned(run)
    return tuple(
        PredictionFact(
            action,
            predicted.get(action.value, 0),
            actual=sum(
                rows  # a row that is refused as stale is no conflict that was foreseen
                for planned, outcome, rows in done
                if outcome == kind and (action is not Action.CONFLICT or planned is action)
            ),
            otherwise={outcome: rows for planned, outcome, rows in done if planned is action and outcome != kind},
        )
        for action, kind in _OUTCOMES.items()
    )


def request_fact(sent: RequestCounts) -> RequestFact:
    """Say what was sent, as a summary does."""
    return RequestFact(
        total=sent.total,
        read=sent.read,
        write=sent.write,
        retried=sent.retried,
        throttled=sent.throttled,
        waited_s=round(sent.waited, 1),
    )


def status_summary(view: JournalView, journal: Path) -> Summary:
    """Say where a journal stands; reads nothing but the journal."""
    base, record, target = base_summary(view, None, "status", journal), view.last_run(), view.target()
    counts = base.counts
    open_or_wrong = counts.not_in_kanbert or counts.pending or view.has_errors(None)
    writer = view.writer
    unfinished = () if record.ended else (f"The {record.command} of {record.started_at} did not take up every row.",)
    mending = Mending.of(view, record, counts, journal)
    notes = (*unfinished, *mending.notes())
    left = counts.pending or (counts.unknown and not record.ended)
    following = taken_up_again(record, journal) if left else mending.next()
    undone: UndoCounts | None = None
    kept: Sequence[KeptFact] = ()
    if record.undoes is not None:
        undone, kept = undone_of(view, record.id)
        following = (
            done_again(view, undone, journal)
            if undone.complete
            else record.again or pasted("kanbert-import", "undo", journal)
        )
        notes = (*notes, *_undone_notes(record, undone, counts))
    if record.command == PLAN:
        notes, following = (f"The plan of {record.started_at} was broken off: plan again.",), record.again
    if writer is not None:
        notes, following = (going_on(writer), *_finding(view, record, counts)), None
    return replace(
        base,
        exit_code=base.exit_code or (Exit.ROWS if open_or_wrong else Exit.OK),
        target=TargetFact(Address(target.url).shown, target.origin),
        predicted=_predictions(view, record.id),
        undone=undone,
        kept=kept,
        notes=(*base.notes, *notes),
        next=following,
    )


def going_on(writer: Writer) -> str:
    """Say that figures are of a moment."""
    unknown = " What is unknown in them may be under way." if writer.settles else ""
    return f"{writer.going_on}: these are the figures of this moment.{unknown}"


def _finding(view: JournalView, record: RunRecord, counts: Counts) -> Iterator[str]:
    """Say of a run that has sent nothing yet that it is finding out what is there."""
    listed = listed_so_far(view, record.id) if counts.pending and record.undoes is None else None
    if listed is not None:
        so_far = f": {plural(listed, 'company', 'companies')} so far that may be meant" if listed else ""
        yield f"It has sent nothing yet, and first finds out what is in Kanbert{so_far}."


def _undone_notes(record: RunRecord, undone: UndoCounts, counts: Counts) -> Iterator[str]:
    done = f"{undone.companies - undone.kept - undone.failed - undone.unknown - undone.pending} of {undone.companies}"
    companies = "company" if undone.companies == 1 else "companies"
    yield f"The undo of {record.started_at} took back what was done to {done} {companies}."
    if counts.pending:
        them = "it" if counts.pending == 1 else "them"
        yield f"{plural(counts.pending, 'row is', 'rows are')} open, so that a run of the same file does {them} once more."


def undone_of(view: JournalView, run: int) -> tuple[UndoCounts, tuple[KeptFact, ...]]:
    """Read an undo's balance and the companies that it kept; the first of them, where there are many."""
    kept = tuple(
        KeptFact(one.external_id, one.kanbert_id, one.number, one.kind, one.code, one.message, one.hint)
        for one in kept_by_undo(view, run, limit=_MOST_KEPT)
    )
    return undone(view, run), kept


def planned_summary(
    view: JournalView, intake: Intake, ending: Ending, fact: PlanFact, *, job: Job, writing: Writing
) -> Summary:
    """Sum up a plan; its counts are the outcomes that it predicts, and its duration is the caller's to say."""
    path = Path(fact.path)
    base, run = base_summary(view, intake.run, PLAN, path), replace(writing, journal=own_journal(job, path))
    counts = _predicted(base.counts, fact.actions)
    return replace(
        base,
        exit_code=base.exit_code or _exit_of_writing(view, intake, ending, counts),
        target=TargetFact(ending.url, view.target().origin),
        counts=counts,
        requests=request_fact(ending.requests),
        notes=(
            *base.notes,
            *_blank_notes(intake),
            *_corrected_notes(intake),
            *_ending_notes(ending, counts),
            *ending.notes,
        ),
        stopped=ending.reason,
        plan=fact,
        next=_after(
            ending,
            plan_again(job, writing, path),
            _next_of_plan(fact, counts, run_plan_again(path, run, job.fetching)),
        ),
    )


def plan_status(view: JournalView, fact: PlanFact) -> Summary:
    """Show a plan file once more, as `plan` did; nothing was written through it."""
    base, target = base_summary(view, None, "status", Path(fact.path)), view.target()
    record = view.last_run()
    counts = _predicted(base.counts, fact.actions)
    return replace(
        base,
        exit_code=base.exit_code or (Exit.ROWS if counts.not_in_kanbert else Exit.OK),
        target=TargetFact(Address(target.url).shown, target.origin),
        counts=counts,
        notes=(*base.notes, f"Planned at {record.started_at}; nothing was asked of Kanbert since."),
        plan=fact,
        next=_next_of_plan(fact, counts, planned_run(record, Path(fact.path))),
    )


def _next_of_plan(fact: PlanFact, counts: Counts, run: str) -> str | None:
    if fact.effort.writes:
        return run
    path = Path(fact.path)
    return pasted("kanbert-import", "report", path, "-o", errors_file(path)) if counts.not_in_kanbert else None


def _predicted(counts: Counts, actions: Mapping[Action, int]) -> Counts:
    """Count the rows that are open as what they would become."""
    foreseen = {_OUTCOMES[action]: actions.get(action, 0) for action in _OPEN}
    return replace(
        counts,
        pending=counts.pending - sum(foreseen.values()),
        **{kind.value: getattr(counts, kind.value) + number for kind, number in foreseen.items()},
    )


_OUTCOMES = {
    Action.CREATE: OutcomeKind.CREATED,
    Action.UPDATE: OutcomeKind.UPDATED,
    Action.ADOPT: OutcomeKind.ADOPTED,
    Action.RESTORE: OutcomeKind.RESTORED,
    Action.UNCHANGED: OutcomeKind.UNCHANGED,
    Action.CONFLICT: OutcomeKind.REFUSED,
}
_OPEN = (Action.CREATE, Action.UPDATE, Action.ADOPT, Action.RESTORE)


def validation_summary(view: JournalView, intake: Intake, *, duration: float, job: Job, waiting: int = 0) -> Summary:
    """Sum up an offline dry run: the rows that could go are pending, since nothing was asked of Kanbert.

    `waiting` values are to be decided in the job's decisions file: with refused rows, that comes first, then this again.
    """
    base, first = base_summary(view, intake.run, "validate", None), view.first_error(intake.run)
    decisions = [] if job.decisions is None else ["--decisions", path_word(job.decisions)]
    source = [*job.source, "-m", path_word(job.mapping), *decisions, *job.reading_options]
    if first is None:
        words = ["run", *source, "--to", "sandbox"]
    elif waiting:
        words = ["validate", *source, *job.choosing_options]
    else:
        words = ["preview", *source, "--row", str(first)]
    return replace(
        base,
        exit_code=base.exit_code or (Exit.OK if first is None else Exit.ROWS),
        duration=duration,
        notes=(*base.notes, *_blank_notes(intake)),
        next=pasted("kanbert-import", *words),
    )


def base_summary(view: JournalView, run: int | None, command: str, journal: Path | None) -> Summary:
    """Sum up what the journal says; an imbalance is a bug, whatever else the command found."""
    record, counts = view.last_run(), view.counts(run)
    groups, cut = view.groups(run)
    return Summary(
        command=command,
        exit_code=Exit.OK if counts.balanced else Exit.BUG,
        source=record.source,
        rows=counts.read,
        mapping=FileFact(record.mapping_path, record.mapping_sha256),
        journal=None if journal is None else str(journal),
        counts=counts,
        groups=groups,
        groups_cut=cut,
        notes=record.source.notes,
    )


def _exit_of_writing(view: JournalView, intake: Intake, ending: Ending, counts: Counts) -> int:
    if ending.interrupted:
        return Exit.INTERRUPTED
    if ending.error is not None:
        return Exit.TARGET
    if counts.not_in_kanbert or counts.pending or view.has_errors(intake.run):
        return Exit.ROWS
    return Exit.OK


def _after(ending: Ending, again: str, following: str | None) -> str | None:
    """Say which command comes next: the same again resumes, unless it would do harm or stop at once."""
    if ending.harmful:
        return None
    return again if ending.reason and not ending.futile else following


def _blank_notes(intake: Intake) -> tuple[str, ...]:
    beyond = (f"--rows {', '.join(intake.beyond)}: there are no more.",) if intake.beyond else ()
    rows = plural(intake.blank_rows, "blank row was", "blank rows were")
    return (*beyond, f"{rows} passed over.") if intake.blank_rows else beyond


def _corrected_notes(intake: Intake) -> tuple[str, ...]:
    if not intake.corrected:
        return ()
    one = "row is taken as a retry corrected it, since the file still has it as it was."
    more = "rows are taken as a retry corrected them, since the file still has them as they were."
    return (plural(intake.corrected, one, more),)


def _intake_notes(intake: Intake, *, planned: bool) -> tuple[str, ...]:
    notes = list(_blank_notes(intake))
    if planned and intake.resumed:
        done = plural(intake.done, "row was", "rows were")
        notes.append(f"This plan was carried out before, wholly or in part: {done} done then and counted here as then.")
    elif intake.resumed and intake.done:
        notes.append(f"Resumed: {plural(intake.done, 'row was', 'rows were')} in Kanbert already through this journal.")
    elif intake.done or intake.changed or intake.gone:
        notes.append(
            f"Compared with the last run: {plural(intake.done, 'row as it was', 'rows as they were')} (not sent again), "
            f"{number_text(intake.changed)} changed."
        )
    notes += _corrected_notes(intake)
    if intake.gone_open:
        named = ", ".join(intake.gone_open[:5]) + (" ..." if len(intake.gone_open) > 5 else "")
        notes.append(
            plural(
                len(intake.gone_open),
                "row that was not in Kanbert, or not known to be, is",
                "rows that were not in Kanbert, or not known to be, are",
            )
            + f" not in the file any more: {named}."
        )
    if intake.gone_planned:
        named = ", ".join(intake.gone_planned[:5]) + (" ..." if len(intake.gone_planned) > 5 else "")
        notes.append(
            f"{plural(len(intake.gone_planned), 'row of the plan is', 'rows of the plan are')} not in the file any more: {named}."
        )
    if intake.gone:
        notes.append(
            plural(
                intake.gone,
                "company of the last run is not in the file any more; nothing was done to it.",
                "companies of the last run are not in the file any more; nothing was done to them.",
            )
        )
    return tuple(notes)


def _ending_notes(ending: Ending, counts: Counts) -> tuple[str, ...]:
    if ending.reason is None:
        return ()
    open_rows = counts.pending + counts.unknown
    standing = f", {plural(open_rows, 'row is', 'rows are')} open" if open_rows else ""
    return (f"Stopped early{standing}: {ending.reason}.",)
