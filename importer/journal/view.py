"""The journal as a reader sees it: runs, the balance, the reasons, and the rows with problems."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal.cells import cells_from_json
from importer.journal.issues import issue_groups, issues_of
from importer.journal.records import MappedRow, ProblemRow, RunRecord, source_from_json
from importer.journal.schema import connected_readonly, translated
from importer.model import Counts, OutcomeKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from importer.model import IssueGroup

__all__ = ["JournalView", "Target", "view_journal"]

_CHUNK = 500

_OUTCOMES = """
    SELECT coalesce(outcome, CASE WHEN EXISTS (
             SELECT 1 FROM operation WHERE operation.external_id = row.external_id AND operation.outcome IS NULL
           ) THEN 'unknown' ELSE 'pending' END) AS name, count(*) AS count
    FROM row WHERE ? IS NULL OR run = ? GROUP BY name"""


@dataclass(frozen=True, slots=True)
class Target:
    """Which Kanbert a journal is about."""

    url: str
    origin: str


@contextmanager
def view_journal(path: Path) -> Iterator[JournalView]:
    """Open an existing journal for reading; a run may be writing to it meanwhile."""
    with connected_readonly(path) as connection:
        yield JournalView(connection, path)


class JournalView:
    """Questions to a journal; changes nothing. `run=None` means all rows of the source, whichever run took them up."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path

    def target(self) -> Target:
        """Say which target the journal is about; JournalError when none was bound yet."""
        with translated(self._path):
            found = self._connection.execute("SELECT url, origin FROM target").fetchone()
        if found is None:
            msg = f"journal {self._path} is about no target yet: nothing was run with it."
            raise JournalError(msg)
        return Target(found["url"], found["origin"])

    def last_run(self, command: str | None = None) -> RunRecord:
        """Find the newest run, or the newest of one command; JournalError when there is none."""
        with translated(self._path):
            found = self._connection.execute(
                "SELECT * FROM run WHERE ? IS NULL OR command = ? ORDER BY id DESC LIMIT 1", (command, command)
            ).fetchone()
        if found is None:
            msg = f"journal {self._path} holds no run yet."
            raise JournalError(msg)
        facts = dict(found)
        source, _ = source_from_json(facts.pop("source")), facts.pop("version")
        return RunRecord(**facts, source=source)

    def counts(self, run: int | None = None) -> Counts:
        """Count the rows by outcome; a row sent without an answer counts as unknown, one not sent as pending."""
        with translated(self._path):
            found = self._connection.execute(_OUTCOMES, (run, run)).fetchall()
        counted = {row["name"]: row["count"] for row in found}
        return Counts(read=sum(counted.values()), **counted)

    def open_rows(self, run: int) -> int:
        """Count the rows of a run that are not final."""
        with translated(self._path):
            found = self._connection.execute("SELECT count(*) FROM row WHERE run = ? AND outcome IS NULL", (run,))
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
                yield MappedRow(
                    number=row["number"],
                    cells=cells_from_json(row["cells"]),
                    external_id=row["external_id"],
                    payload=None if row["payload"] is None else json.loads(row["payload"]),
                    issues=issues_of(self._connection, source, row["id"], row["number"]),
                )
            last = found[-1]["id"]

    def _mapped_chunk(self, after: int) -> list[sqlite3.Row]:
        with translated(self._path):
            return self._connection.execute(
                "SELECT id, number, cells, external_id, payload FROM row WHERE id > ? ORDER BY id LIMIT ?",
                (after, _CHUNK),
            ).fetchall()

    def groups(self, run: int | None = None, *, limit: int = 1000) -> tuple[tuple[IssueGroup, ...], bool]:
        """Group the issues by (code, field, value), most frequent first; the second value: the list was cut."""
        with translated(self._path):
            return issue_groups(self._connection, run, limit)

    def problem_rows(self) -> Iterator[ProblemRow]:
        """Walk over all rows with an error or a warning, in the order of the file; memory stays flat."""
        source = self.last_run().source
        last = 0
        while found := self._problem_chunk(last):
            for row in found:
                yield ProblemRow(
                    number=row["number"],
                    cells=cells_from_json(row["cells"]),
                    external_id=row["external_id"],
                    outcome=None if row["outcome"] is None else OutcomeKind(row["outcome"]),
                    issues=issues_of(self._connection, source, row["id"], row["number"]),
                )
            last = found[-1]["id"]

    def _problem_chunk(self, after: int) -> list[sqlite3.Row]:
        with translated(self._path):
            return self._connection.execute(
                "SELECT id, number, cells, external_id, outcome FROM row WHERE id > ? AND EXISTS"
                " (SELECT 1 FROM issue WHERE issue.row = row.id AND stage <> 'read' AND severity IN ('error', 'warning'))"
                " ORDER BY id LIMIT ?",
                (after, _CHUNK),
            ).fetchall()
