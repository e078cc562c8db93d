"""`status` and `report`: what a journal tells, without a request and without changing it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.commands.again import OF_A_RETRY, remembered, retry_again
from importer.commands.planning import plan_fact
from importer.commands.summaries import going_on, plan_status, status_summary
from importer.errors import Exit, UsageError
from importer.journal import PLAN, lock_of, view_journal, writer_of
from importer.model import path_word
from importer.report import ReportRow, write_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.journal import JournalView, RunRecord
    from importer.report import Summary

__all__ = ["report", "status"]

_WITHOUT = ": rows under way are not in this one"
_READABLE = {".xlsx", ".csv"}  # reports that `retry --rows` takes back


def status(path: Path) -> Summary:
    """Say where a journal stands, also while a run is writing to it."""
    with view_journal(path, writer=writer_of(path)) as view:
        record = view.last_run()
        return status_summary(view, path) if record.command != PLAN else _of_a_plan(view, record, path)


def _of_a_plan(view: JournalView, record: RunRecord, path: Path) -> Summary:
    if record.state != "planned" or record.planned is None:  # it was broken off
        return status_summary(view, path)
    return plan_status(view, plan_fact(path, view.planned_counts(), json.loads(record.planned)["found"]))


def report(path: Path, output: Path) -> tuple[Summary, int]:
    """Write the journal's rows with problems to a file, by its suffix; the summary and the number of rows written."""
    with view_journal(path, writer=writer_of(path)) as view:
        standing, last = status_summary(view, path), view.last_run()
        planned = last.command == PLAN
        following = _of_a_plan(view, last, path) if planned and not standing.counts.not_in_kanbert else None
        _check_output(output, path, last)
        kept = _kept(output)
        try:
            rows = write_report(output, _JournalReport(view, last.source.columns, standing))
        except UsageError:
            if kept is not None:
                kept.replace(output)
            raise
    again = retry_again(path, ["--rows", path_word(output), *remembered(last.again, OF_A_RETRY)])
    can_be_given_back = rows and output.suffix.lower() in _READABLE and not planned
    summary = replace(standing, command="report", exit_code=Exit.OK, duration=0.0)
    aside = () if kept is None else (f"The file that was there before is now {kept}.",)
    if view.writer is not None:
        without = _WITHOUT if view.writer.settles else ""
        aside = (*aside, f"{going_on(view.writer)} Write the report once more when it has ended{without}.")
    if following is not None and following.plan is not None:
        correct = (
            "Every row of this plan can go as it is." if following.next else "There is nothing to do for this plan."
        )
        return replace(summary, notes=(*aside, correct), next=following.next), rows
    correct = "Nothing was written yet: correct the source itself, or the mapping, and plan again."
    notes = (*aside, *((correct,) if planned else ()))
    return replace(summary, notes=notes, next=again if can_be_given_back else None), rows


def _kept(output: Path) -> Path | None:
    """Put an earlier report aside: somebody may have corrected rows in it."""
    if not output.is_file():
        return None
    aside = output.with_name(f"{output.stem}.previous{output.suffix}")
    try:
        output.replace(aside)
    except OSError as error:
        message = f"-o {output} is there already and cannot be put aside: {error.strerror}. Name another file."
        raise UsageError(message) from error
    return aside


def _check_output(output: Path, journal: Path, last: RunRecord) -> None:
    beside = [lock_of(journal), *(journal.with_name(journal.name + suffix) for suffix in ("-wal", "-shm"))]
    for taken in (journal, *beside, Path(last.source.path), Path(last.mapping_path)):
        if output.resolve() == taken.resolve():
            message = f"-o {output} would overwrite {taken}. Name another file for the report."
            raise UsageError(message)


@dataclass(frozen=True, slots=True)
class _JournalReport:
    """A journal as a report's source."""

    view: JournalView
    columns: tuple[str, ...]
    summary: Summary

    def rows(self) -> Iterator[ReportRow]:
        """Walk over the rows with an error or a warning."""
        sheet = self.view.last_run().source.sheet
        for row in self.view.problem_rows():
            yield ReportRow(row.number, sheet, row.cells, row.external_id, row.outcome, row.issues)
