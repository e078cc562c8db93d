"""The journal as a run uses it: rows in, work out, intents before effects, outcomes after them.

Every method is one transaction and plain SQL; `importer.journal.scribe` calls them off the event loop. What a method
has written is durable when it returns.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pydantic_core

from importer.errors import JournalError
from importer.journal import listing, operations, plans
from importer.journal.corrected import corrections_in
from importer.journal.files import forget, intact, translated, wal_of
from importer.journal.intake import IntakeRules, count_source, read_source, take_up
from importer.journal.issues import insert_issues
from importer.journal.lock import locked, this_process
from importer.journal.opening import connected, connected_temporary
from importer.journal.records import Intake, Intent, Planned, TakenUp, Work
from importer.journal.soundness import checkpoint, count_up
from importer.journal.view import JournalView
from importer.model import (
    EVERY_ROW,
    Code,
    Desired,
    Issue,
    Location,
    OutcomeKind,
    digest,
    digest_of_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Literal

    from importer.company import Remote
    from importer.journal.duplicates import Duplicates
    from importer.journal.records import AttemptRecord, Columns, PlanFacts, RunFacts, Settlement
    from importer.model import Cell, Json, Mapped, Payload, Row, Selection, Weighed

__all__ = ["Journal", "open_journal", "temporary_journal", "undamaged"]

_CHECKPOINT_BYTES = 8 * 1024 * 1024


@contextmanager
def open_journal(path: Path, *, command: str = "", since: str = "") -> Iterator[Journal]:
    """Open or create the journal at `path` for one run; JournalError when another process has it open.

    `command` and `since` tell others who it is that has it open. A journal that is created, and was made in vain, is
    removed again: where an error ends its use, or `Journal.in_vain` says so, before anything was sent or found there.
    """
    with locked(path, this_process(command, since)) as lock:
        new, kept = not path.exists(), False
        try:
            with connected(path) as opened:
                journal = Journal(opened.connection, path, older=opened.older)
                journal.new = new
                try:
                    yield journal
                    kept = not journal.in_vain
                finally:
                    kept = kept or not journal.is_unused()
        finally:
            if new and not kept:
                lock.needless = True
                forget(path)


@contextmanager
def temporary_journal() -> Iterator[Journal]:
    """Open a journal that is gone when closed, for commands that remember nothing."""
    with connected_temporary() as connection:
        yield Journal(connection, None)


class Journal:
    """A journal open for writing. One caller at a time; not bound to a thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, *, older: Path | None = None) -> None:
        self._connection = connection
        self._path = path
        self._wal = None if path is None else wal_of(path)
        self._checkpoint_at = _CHECKPOINT_BYTES  # of the -wal
        self.view = JournalView(connection, path)
        self.older = older
        """Where the copy of the journal lies as it was, if it was of an older version."""
        self.new = False
        """Whether its file was created for this use."""
        self.in_vain = False
        """To be set where nothing came of the run: a journal that was created for it goes again."""

    def begin_plan(self) -> None:
        """Forget an earlier plan; JournalError where this is the journal of something else."""
        with self._transaction() as connection:
            plans.begin(connection, self._path)

    def foresee(self, found: Sequence[Planned | Settlement]) -> None:
        """Keep what must be done for rows, instead of doing it."""
        with self._transaction() as connection:
            plans.foresee(connection, found)

    def finish_plan(self, run: int, *, planned: dict[str, Json], at: str) -> None:
        """Close a plan that took up every row, with the options that it was made by and what it found."""
        with self._transaction() as connection:
            plans.finish(connection, run, planned=planned, at=at)

    def knows_rows(self) -> bool:
        """Whether rows were read into it before."""
        with translated(self._path):
            return self._connection.execute("SELECT 1 FROM row LIMIT 1").fetchone() is not None

    def bind(self, *, url: str, origin: str) -> None:
        """Say which target this journal is about; JournalError when it is about another one."""
        with self._transaction() as connection:
            bound = connection.execute("SELECT url, origin FROM target").fetchone()
            if bound is None or self._is_unused(connection):
                connection.execute("DELETE FROM target")
                connection.execute("INSERT INTO target VALUES (?, ?)", (url, origin))
            elif bound["url"] == url and bound["origin"] != origin:
                message = (
                    f"journal {self._path} was written for the origin {bound['origin']}, the mapping now says {origin}: the "
                    "companies would be created a second time under it. Put target.external_origin back, unless that is meant."
                )
                raise JournalError(message)
            elif bound["url"] != url:
                msg = (
                    f"journal {self._path} belongs to {bound['url']} with origin {bound['origin']}, "
                    f"not to {url}. A journal is about one target: name another file with --journal."
                )
                raise JournalError(msg)

    def is_unused(self) -> bool:
        """Whether nothing was ever sent, or found there, by this journal; False where nobody can tell."""
        try:
            return self._is_unused(self._connection)
        except sqlite3.Error:
            return False

    def _is_unused(self, connection: sqlite3.Connection) -> bool:
        """Whether nothing was ever sent, or found there, by this journal: an address may still be corrected."""
        sent = connection.execute("SELECT 1 FROM operation LIMIT 1").fetchone()
        found = connection.execute("SELECT 1 FROM row WHERE outcome = 'unchanged' LIMIT 1").fetchone()
        return sent is None and found is None

    def read_source(
        self,
        facts: RunFacts,
        rows: Iterable[tuple[Row, Mapped]],
        *,
        duplicates: Duplicates,
        blank_rows: Callable[[], int],
        selection: Selection = EVERY_ROW,
        plan: PlanFacts | None = None,
    ) -> Intake:
        """Begin a run with the rows of a source; all or nothing. See `importer.journal.intake.read_source`."""
        rules = IntakeRules(duplicates, selection, plan)
        with self._transaction() as connection:
            return read_source(connection, facts, rows, blank_rows=blank_rows, rules=rules)

    def count_source(
        self,
        facts: RunFacts,
        rows: Iterable[Weighed],
        *,
        duplicates: Duplicates,
        blank_rows: Callable[[], int],
        selection: Selection = EVERY_ROW,
    ) -> Intake:
        """Begin a run that only counts the rows of a source. See `importer.journal.intake.count_source`."""
        rules = IntakeRules(duplicates, selection)
        with self._transaction() as connection:
            return count_source(connection, facts, rows, blank_rows=blank_rows, rules=rules)

    def take_up(
        self,
        facts: RunFacts,
        mapped: Callable[[Row], Mapped],
        *,
        duplicates: Duplicates,
        corrected: Callable[[Row, str | None], Row],
        numbers: Sequence[int] = (),
        edited_only: bool = False,
    ) -> Intake:
        """Begin a run with the journal's rows that are not in Kanbert, mapped once more; all or nothing.

        `corrected`, `numbers` and `edited_only` as in `importer.journal.intake.take_up`.
        """
        with self._transaction() as connection:
            which = TakenUp(corrected, numbers, edited_only=edited_only)
            return take_up(connection, facts, mapped, duplicates=duplicates, which=which)

    def corrections(self, *, in_kanbert: bool = False) -> dict[tuple[Cell, ...], tuple[Cell, ...]]:
        """Read the rows that a retry took corrected, see `corrections_in`."""
        return corrections_in(self.view, in_kanbert=in_kanbert)

    def works(self, run: int, *, after: int, limit: int) -> list[Work]:
        """Read the next rows of `run` that are not final, in the order of the file, behind the row `after`."""
        with translated(self._path), intact(self._path):
            found = operations.rows_to_do(self._connection, run, after=after, limit=limit)
            intents = operations.open_intents(self._connection, [row["external_id"] for row in found])
            return [_work(row, intents) for row in found]

    def intend(
        self,
        run: int,
        plans: Sequence[Planned],
        *,
        at: str,
        settlements: Sequence[Settlement] = (),
        attempts: Sequence[AttemptRecord] = (),
    ) -> list[Planned]:
        """Record what is about to be sent; durable on return. The same plans, each with its operation's number.

        An older intent for the same external_id that was never settled stays open: its effect may still show.
        What was settled before may come along, as for `settle`: one transaction, and one wait for the disk.
        """
        with self._transaction() as connection:
            _add_settled(connection, run, settlements, attempts, at)
            return operations.insert_intents(connection, run, plans, at)

    def withdraw(self, operations: Sequence[int]) -> None:
        """Forget intents that were never sent."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM operation WHERE id = ?", [(number,) for number in operations])

    def settle(
        self, settlements: Sequence[Settlement], attempts: Sequence[AttemptRecord], *, run: int, at: str
    ) -> None:
        """Record outcomes, final for their rows, and the requests sent meanwhile; durable on return."""
        with self._transaction() as connection:
            _add_settled(connection, run, settlements, attempts, at)

    def clear_listing(self) -> None:
        """Forget the companies of an earlier listing, but for the archived ones."""
        with self._transaction() as connection:
            listing.clear(connection)

    def clear_older_listing(self) -> None:
        """Forget the archived companies of an earlier listing, now that the whole space was listed."""
        with self._transaction() as connection:
            listing.clear_older(connection)

    def add_listed(
        self, companies: Sequence[Remote], keys: Callable[[Mapping[str, Json]], Iterable[str]] = lambda _: ()
    ) -> None:
        """Keep a page of the space, as far as it has external_ids of our origin, or live companies that have `keys`."""
        with self._transaction() as connection:
            listing.add(connection, companies, self.view.target().origin, keys)

    def listed(self, external_ids: Sequence[str]) -> dict[str, tuple[Remote, ...]]:
        """Look up in the listing who holds external_ids of our origin: the live ones, else the archived ones."""
        with translated(self._path):
            return listing.holders(self._connection, external_ids, self.view.target().origin)

    def matching(self, keys: Sequence[str]) -> dict[str, list[Remote]]:
        """Look live companies up in the listing by keys of `match`; keys that none has are absent."""
        with translated(self._path):
            return listing.matching(self._connection, keys)

    def written(self, run: int, external_ids: Sequence[str]) -> dict[str, dict[str, Json] | None]:
        """Say which of these external_ids `run` has written or may have, and what they were before; None: not there.

        What a run did that it resumes, or that began to execute the same plan, is its own.
        """
        if not external_ids:
            return {}
        with translated(self._path), intact(self._path):
            return listing.written(self._connection, run, external_ids)

    def finish(self, run: int, *, state: Literal["ended", "stopped"], at: str) -> None:
        """Close a run; rows whose write was cut off by a stop become `unknown`, with the reason."""
        with self._transaction() as connection:
            cut_off = connection.execute(
                "SELECT id, number FROM row WHERE run = ? AND outcome IS NULL AND EXISTS"
                " (SELECT 1 FROM operation WHERE operation.external_id = row.external_id"
                "  AND (operation.outcome IS NULL OR operation.outcome = 'unknown'))",
                (run,),
            ).fetchall()
            for row in cut_off:
                issue = Issue.of(Code.OUTCOME_UNKNOWN, Location("", None, row["number"]), detail="the run was stopped")
                connection.execute("UPDATE row SET outcome = ? WHERE id = ?", (OutcomeKind.UNKNOWN, row["id"]))
                insert_issues(connection, row["id"], "write", [issue])
            connection.execute("UPDATE run SET state = ?, ended_at = ? WHERE id = ?", (state, at, run))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read, and say what is damaged as what it is: for the parts of the journal that stand in modules of their own."""
        with translated(self._path), intact(self._path):
            yield self._connection

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Write in one transaction: for the parts of the journal that stand in modules of their own."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with translated(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                count_up(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
            self._checkpoint_when_due()

    def _checkpoint_when_due(self) -> None:
        if self._wal is None or (size := self._wal.stat().st_size) < self._checkpoint_at:
            return
        checkpoint(self._connection)
        left = self._wal.stat().st_size  # all of it, where somebody reads at this moment
        self._checkpoint_at = _CHECKPOINT_BYTES + (left if left >= size else 0)


def _add_settled(
    connection: sqlite3.Connection,
    run: int,
    settlements: Sequence[Settlement],
    attempts: Sequence[AttemptRecord],
    at: str,
) -> None:
    operations.insert_outcomes(connection, settlements, at)
    operations.insert_attempts(connection, run, attempts)


def _work(row: Columns, intents: Mapping[str, Intent]) -> Work:
    desired = undamaged(row)
    intent, forecast = intents.get(desired.external_id), plans.forecast_of(row)
    return Work(row["id"], row["number"], desired, intent, forecast, stored=desired.payload)


def undamaged(row: Columns) -> Desired:
    """Read what should exist; ValueError where it is not what the mapping made: nothing else may be sent."""
    text, external_id, known = row["payload"], row["external_id"], row["digest"]
    payload: Payload = pydantic_core.from_json(text)
    as_written = digest_of_json(text) == known  # it is written as canonical JSON
    if not (as_written or digest(payload) == known) or payload["external_id"] != external_id:
        msg = f"row {row['number']} is not what was written"
        raise ValueError(msg)
    return Desired(external_id, payload)
