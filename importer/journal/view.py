"""The journal as a reader sees it: runs, the balance, the reasons, and the rows with problems."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal import plans
from importer.journal.cells import cells_from_json
from importer.journal.files import intact, translated
from importer.journal.issues import issue_groups, issues_of
from importer.journal.opening import connected_readonly
from importer.journal.records import IN_KANBERT, MappedRow, ProblemRow, RunRecord, source_from_json
from importer.model import Code, Counts, Issue, IssueGroup, Location, OutcomeKind, Row, Severity
from importer.model.pasting import pasted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from importer.journal.lock import Writer
    from importer.journal.records import PlannedColumns
    from importer.model import Action, PlannedRow, SourceInfo

__all__ = ["JournalView", "Target", "view_journal"]

_CHUNK = 500

_CUT_OFF = """row.outcome IS NULL AND EXISTS (SELECT 1 FROM operation
    WHERE operation.external_id = row.external_id AND (operation.outcome IS NULL OR operation.outcome = 'unknown'))"""

_OUTCOMES = f"""
    SELECT coalesce(outcome, CASE WHEN {_CUT_OFF} THEN 'unknown' ELSE 'pending' END) AS name, count(*) AS count
    FROM row WHERE ? IS NULL OR run = ? GROUP BY name"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Target:
    """Which Kanbert a journal is about."""

    url: str
    origin: str


@contextmanager
def view_journal(path: Path, *, writer: Writer | None = None) -> Iterator[JournalView]:
    """Open an existing journal for reading; a run may be writing to it meanwhile: `writer`, where that is asked for.

    Then all that is read is of one moment.
    """
    with connected_readonly(path) as connection:
        if writer is not None:
            with translated(path):
                connection.execute("BEGIN")
        yield JournalView(connection, path, writer)


class JournalView:
    """Questions to a journal; changes nothing. `run=None` means all rows of the source, whichever run took them up.

    Beside a run that goes on, `writer`, a row that was sent without an answer is under way: an issue that only informs.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None, writer: Writer | None = None) -> None:
        self._connection = connection
        self._path = path
        self.writer = writer

    @property
    def _under_way(self) -> bool:
        return self.writer is not None and self.writer.settles

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read, and say what is damaged as what it is: for the parts of the journal that stand in modules of their own."""
        with translated(self._path), intact(self._path):
            yield self._connection

    def target(self) -> Target:
        """Say which target the journal is about; JournalError when none was bound yet."""
        with translated(self._path):
            found = self._connection.execute("SELECT url, origin FROM target").fetchone()
        if found is None:
            msg = f"journal {self._path} is about no target yet: nothing was run with it."
            raise JournalError(msg)
        return Target(found["url"], found["origin"])

    def has_runs(self) -> bool:
        """Whether anything was run with the journal."""
        with translated(self._path):
            return self._connection.execute("SELECT 1 FROM run LIMIT 1").fetchone() is not None

    def last_run(self, command: str | None = None) -> RunRecord:
        """Find the newest run, or the newest of one command; JournalError when there is none."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT * FROM run WHERE ? IS NULL OR command = ? ORDER BY id DESC LIMIT 1", (command, command)
            ).fetchone()
        if found is None:
            reading = "" if self.writer is None else f" {self.writer.going_on}: it is still reading the file."
            msg = f"journal {self._path} holds no run yet.{reading}"
            raise JournalError(msg)
        return self._record(found)

    def _record(self, found: sqlite3.Row) -> RunRecord:
        facts = dict(found)
        with intact(self._path):
            source, _ = source_from_json(facts.pop("source")), facts.pop("version")
            return RunRecord(**facts, source=source)

    def counts(self, run: int | None = None) -> Counts:
        """Count the rows by outcome; a row sent without an answer counts as unknown, one not sent as pending."""
        with translated(self._path):
            found = self._connection.execute(_OUTCOMES, (run, run)).fetchall()
        counted = {row["name"]: row["count"] for row in found}
        with intact(self._path):
            return Counts(read=sum(counted.values()), **counted)

    def original_rows(self) -> Iterator[Row]:
        """Read all rows of the source in its order, as the file has them: corrections are left out, and issues too."""
        last = 0
        while True:
            with translated(self._path):
                found = self._connection.execute(
                    "SELECT id, number, coalesce(original, cells) AS cells FROM row WHERE id > ? ORDER BY id LIMIT ?",
                    (last, _CHUNK),
                ).fetchall()
            if not found:
                return
            with intact(self._path):
                rows = [Row(row["number"], cells_from_json(row["cells"])) for row in found]
            yield from rows
            last = found[-1]["id"]

    def refuse_plan(self) -> None:
        """Raise JournalError where this is a plan: it is executed from another journal, and stays as it is."""
        with translated(self._path):
            found = self._connection.execute("SELECT 1 FROM run WHERE command = ? LIMIT 1", (plans.PLAN,)).fetchone()
        if found is not None:
            msg = f"{self._path} is a plan: `{pasted('kanbert-import', 'run', '--plan', self._path or '')}` executes it, with a journal of its own."
            raise JournalError(msg)

    def planned_rows(self, action: Action | None = None, *, limit: int | None = None) -> Iterator[PlannedRow]:
        """Walk over the rows of a plan in the order of the file, all or those of one action; memory stays flat."""
        source, last, left = self.last_run().source, 0, limit
        while left is None or left > 0:
            with translated(self._path):
                chunk = _CHUNK if left is None else min(left, _CHUNK)
                found = list(plans.planned_rows(self._connection, source, action, last, chunk))
            if not found:
                return
            yield from (row for _, row in found)
            last, left = found[-1][0], None if left is None else left - len(found)

    def forecasts(self) -> Iterator[PlannedColumns]:
        """Walk over the rows of a plan, to bring them into another journal; memory stays flat."""
        last = ""
        while True:
            with translated(self._path):
                found = plans.columns(self._connection, last)
            if not found:
                return
            yield from found
            last = found[-1].external_id

    def done_as_planned(self, run: int) -> list[tuple[Action | None, str, int]]:
        """Count a run's rows by what its plan foresaw for them, None for nothing, and what became of them."""
        with translated(self._path):
            return plans.done(self._connection, run)

    def planned_counts(self) -> dict[Action, int]:
        """Count the rows of a plan by what must be done for them."""
        with translated(self._path):
            return plans.counted(self._connection)

    def mean_duration(self, run: int) -> float | None:
        """Say how many seconds a request of a run took on average; None where none was answered."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT avg(duration) FROM attempt WHERE run = ? AND status IS NOT NULL", (run,)
            ).fetchone()
        mean: float | None = found[0]
        return mean

    def unknown_numbers(self, numbers: Sequence[int]) -> list[int]:
        """Say which of these row numbers the journal does not have."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT number FROM row)", (json.dumps(numbers),)
            )
            return [row["value"] for row in found]

    def open_rows(self, run: int) -> int:
        """Count the rows of a run that are not final."""
        with translated(self._path):
            found = self._connection.execute("SELECT count(*) FROM row WHERE run = ? AND outcome IS NULL", (run,))
            return int(found.fetchone()[0])

    def has_row(self, run: int, external_id: str) -> bool:
        """Whether a row of `run` has this external_id."""
        with translated(self._path):
            found = self._connection.execute("SELECT 1 FROM row WHERE external_id = ? AND run = ?", (external_id, run))
            return found.fetchone() is not None

    def count_in_kanbert(self, run: int, external_ids: Iterable[str]) -> int:
        """Count which of these external_ids a row of `run` has that is in Kanbert."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT count(DISTINCT external_id) FROM row WHERE run = ?"
                " AND external_id IN (SELECT value FROM json_each(?))"
                " AND outcome IN (SELECT value FROM json_each(?))",
                (run, json.dumps(list(external_ids)), json.dumps(IN_KANBERT)),
            )
            return int(found.fetchone()[0])

    def last_written_run(self) -> RunRecord | None:
        """Find the newest run that is no undo; None where there is none."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT * FROM run WHERE undoes IS NULL ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if found is None else self._record(found)

    def refused_as(self, code: Code, run: int | None = None) -> int:
        """Count the rows that are refused for this reason and no other."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT count(*) FROM row WHERE outcome = 'refused' AND (?1 IS NULL OR run = ?1)"
                " AND EXISTS (SELECT 1 FROM issue WHERE issue.row = row.id AND code = ?2)"
                " AND NOT EXISTS (SELECT 1 FROM issue WHERE issue.row = row.id AND severity = 'error' AND code <> ?2)",
                (run, code),
            )
            return int(found.fetchone()[0])

    def has_errors(self, run: int | None) -> bool:
        """Whether any row has an issue of severity error, also one that is in Kanbert otherwise than the file has it."""
        return self.first_error(run) is not None

    def first_error(self, run: int | None) -> int | None:
        """Find the number of the first row with an error."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT min(row.number) FROM issue JOIN row ON row.id = issue.row"
                " WHERE stage <> 'read' AND severity = 'error' AND (? IS NULL OR row.run = ?)",
                (run, run),
            )
            number: int | None = found.fetchone()[0]
        return number

    def mapped_rows(self) -> Iterator[MappedRow]:
        """Walk over all rows with their payloads, in the order of the file; memory stays flat."""
        source = self.last_run().source
        last = 0
        while found := self._mapped_chunk(last):
            for row in found:
                with intact(self._path):
                    mapped = MappedRow(
                        number=row["number"],
                        cells=cells_from_json(row["cells"]),
                        external_id=row["external_id"],
                        payload=None if row["payload"] is None else json.loads(row["payload"]),
                        issues=issues_of(self._connection, source, row["id"], row["number"]),
                    )
                yield mapped
            last = found[-1]["id"]

    def _mapped_chunk(self, after: int) -> list[sqlite3.Row]:
        with translated(self._path):
            return self._connection.execute(
                "SELECT id, number, cells, external_id, payload FROM row WHERE id > ? ORDER BY id LIMIT ?",
                (after, _CHUNK),
            ).fetchall()

    def groups(self, run: int | None = None, *, limit: int = 1000) -> tuple[tuple[IssueGroup, ...], bool]:
        """Group the issues by (code, field, value) and message, most frequent first; the second value: the list was cut."""
        with translated(self._path), intact(self._path):
            groups, cut = issue_groups(self._connection, run, limit)
            return tuple(sorted((*groups, *self._cut_off_group(run)), key=lambda group: -group.count)), cut

    def _cut_off_group(self, run: int | None) -> Iterator[IssueGroup]:
        """Group the rows whose write a kill cut off, so that nobody was left to note the reason, or is under way."""
        found = self._connection.execute(
            f"SELECT number FROM row WHERE {_CUT_OFF} AND (? IS NULL OR run = ?) ORDER BY number",  # noqa: S608 - our own words
            (run, run),
        ).fetchall()
        if found:
            issue = _cut_off(Location(""), under_way=self._under_way)
            rows = tuple(row["number"] for row in found[:5])
            yield IssueGroup(issue.code, issue.severity, None, None, None, len(found), rows, issue.message, issue.hint)

    def problem_rows(self) -> Iterator[ProblemRow]:
        """Walk over all rows with an error or a warning, in the order of the file; memory stays flat."""
        source = self.last_run().source
        last = 0
        while found := self._problem_chunk(last):
            for row in found:
                with translated(self._path), intact(self._path):
                    problem = self._problem(row, source)
                yield problem
            last = found[-1]["id"]

    def _problem(self, row: sqlite3.Row, source: SourceInfo) -> ProblemRow:
        issues = issues_of(self._connection, source, row["id"], row["number"])
        if row["cut_off"]:
            place = Location(source.path, source.sheet, row["number"])
            issues = (*issues, _cut_off(place, under_way=self._under_way))
        return ProblemRow(
            number=row["number"],
            cells=cells_from_json(row["cells"]),
            external_id=row["external_id"],
            outcome=OutcomeKind(row["outcome"]) if row["outcome"] else None,
            issues=issues,
        )

    def _problem_chunk(self, after: int) -> list[sqlite3.Row]:
        with translated(self._path):
            return self._connection.execute(
                f"SELECT id, number, cells, external_id, outcome, {_CUT_OFF} AS cut_off FROM row"  # noqa: S608 - our own words
                " WHERE id > ? AND (cut_off > ? OR EXISTS (SELECT 1 FROM issue"
                "  WHERE issue.row = row.id AND stage <> 'read' AND severity IN ('error', 'warning')))"
                " ORDER BY id LIMIT ?",
                (after, self._under_way, _CHUNK),
            ).fetchall()


def _cut_off(place: Location, *, under_way: bool) -> Issue:
    if not under_way:
        return Issue.of(Code.OUTCOME_UNKNOWN, place, detail="the run ended before an answer was recorded")
    issue = Issue.of(Code.OUTCOME_UNKNOWN, place, detail="it is under way, or about to be", severity=Severity.INFO)
    return replace(issue, hint="Wait for the run to end: then it is known.")
