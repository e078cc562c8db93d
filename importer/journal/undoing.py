"""The journal as an undo works on it: what the runs wrote, company by company, and what was done about that.

An undo is a run of its own. For each company that it takes up there is an operation of it in the end, whose `undoes` is
the newest of the company's operations at that time: they are taken back, down to the first, once it is settled so.
Rows of such companies are open again, so that a later run does them once more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, TypeAlias

from importer.journal.intake import insert_run
from importer.journal.operations import insert_attempts
from importer.journal.records import Intent, Planned, Work, Wrote
from importer.model import Action, Change, Desired, Undone, canonical_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Literal

    from importer.journal.records import AttemptRecord, RunFacts, Settlement
    from importer.journal.store import Journal
    from importer.model import Json, Outcome

    Operations: TypeAlias = list[sqlite3.Row]

__all__ = ["UndoJournal"]

_TAKEN_BACK = frozenset({Undone.ARCHIVED, Undone.PUT_BACK, Undone.HANDED_BACK, Undone.ARCHIVED_AGAIN, Undone.AS_BEFORE})
_OPEN = frozenset({Undone.FAILED, Undone.UNKNOWN})
_EFFECTS = """undoes IS NULL AND (outcome IS NULL OR outcome IN ('created', 'updated', 'adopted', 'restored', 'failed',
    'unknown', 'superseded') OR (outcome = 'refused' AND after IS NOT NULL))"""
"""Operations that have changed a company, or may have."""

_WRITTEN = frozenset({"created", "updated", "adopted", "restored", "refused"})
"""Of these, outcomes after which the company is known to have been changed."""


@dataclass(slots=True)
class UndoJournal:
    """A journal open for an undo; the methods of `Ledger` are one transaction each."""

    journal: Journal
    origin: str
    _companies: dict[int, list[int]] = field(default_factory=dict)
    """What is left to do: the newest operation of a company -> all of them, oldest first, by number."""
    _writes: dict[int, int] = field(default_factory=dict)
    """The newest operation of a company -> how many of them are known to have written to it; one at least."""

    def look(self) -> int:
        """Gather what is not taken back yet; how many companies."""
        with self.journal.reading() as connection:
            found = sorted(_companies(connection))
        self._companies = {members[-1]: members for members, _ in found}
        self._writes = {members[-1]: writes for members, writes in found}
        return len(self._companies)

    def begin(self, facts: RunFacts) -> int:
        """Begin an undo of what `look` has gathered; its number. All or nothing."""
        predicted: dict[str, Json] = {"companies": self.left, "operations": self.operations}
        with self.journal.transaction() as connection:
            last = connection.execute("SELECT max(id) FROM run WHERE undoes IS NULL").fetchone()[0]
            run = insert_run(connection, facts)
            connection.execute(
                "UPDATE run SET undoes = ?, predicted = ? WHERE id = ?", (last or 0, canonical_json(predicted), run)
            )
        return run

    @property
    def left(self) -> int:
        """How many companies are left to do."""
        return len(self._companies)

    @property
    def operations(self) -> int:
        """How many times they were written to: a create that was sent anew after a kill is one write, not two."""
        return sum(self._writes[newest] for newest in self._companies)

    def chains(self, works: Iterable[int] | None = None) -> Iterator[tuple[int, tuple[Wrote, ...]]]:
        """Read what was written to companies, oldest first, by the number of the newest operation."""
        for newest in list(self._companies) if works is None else works:
            numbers = json.dumps(self._companies[newest])
            with self.journal.reading() as connection:
                found = connection.execute(
                    "SELECT * FROM operation WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (numbers,)
                )
                chain = tuple(map(_wrote, found))
            yield newest, chain

    def works(self, run: int, *, after: int, limit: int) -> list[Work]:  # noqa: ARG002 - there is one undo at a time
        """Read the companies to do next, each as its newest operation; `run` is this undo."""
        wanted = list(islice((newest for newest in self._companies if newest > after), limit))
        with self.journal.reading() as connection:
            return [self._work(connection, newest) for newest in wanted]

    def _work(self, connection: sqlite3.Connection, newest: int) -> Work:
        found = connection.execute(
            "SELECT external_id, (SELECT min(number) FROM row WHERE row.external_id = operation.external_id) AS number"
            " FROM operation WHERE id = ?",
            (newest,),
        ).fetchone()
        begun = connection.execute(
            "SELECT id, action, body FROM operation WHERE external_id = ?"
            " AND undoes IN (SELECT value FROM json_each(?)) AND (outcome IS NULL OR outcome = 'unknown')"
            " ORDER BY id DESC LIMIT 1",
            (found["external_id"], json.dumps(self._companies[newest])),
        ).fetchone()
        identity = {"external_id": found["external_id"], "external_origin": self.origin}
        return Work(
            row=newest,
            number=found["number"] or 0,
            desired=Desired(found["external_id"], identity),
            intent=begun and Intent(begun["id"], Action(begun["action"]), json.loads(begun["body"])),
        )

    def intend(
        self,
        run: int,
        plans: Sequence[Planned],
        *,
        at: str,
        settlements: Sequence[Settlement] = (),
        attempts: Sequence[AttemptRecord] = (),
    ) -> list[Planned]:
        """Record what is about to be sent, and what was settled before; durable on return.

        The same plans, each with its operation's number.
        """
        with self.journal.transaction() as connection:
            _add_settled(connection, run, settlements, attempts, at)
            intended = [
                Planned(planned.work, planned.operation, _intended(connection, run, planned, at)) for planned in plans
            ]
        self._forget(settlements)
        return intended

    def withdraw(self, operations: Sequence[int]) -> None:
        """Forget intents that were never sent."""
        self.journal.withdraw(operations)

    def settle(
        self, settlements: Sequence[Settlement], attempts: Sequence[AttemptRecord], *, run: int, at: str
    ) -> None:
        """Record what became of companies, open their rows again where that is due; durable on return."""
        with self.journal.transaction() as connection:
            _add_settled(connection, run, settlements, attempts, at)
        self._forget(settlements)

    def _forget(self, settlements: Iterable[Settlement]) -> None:
        for settlement in settlements:
            self._companies.pop(settlement.row, None)

    def finish(self, run: int, *, state: Literal["ended", "stopped"], at: str) -> None:
        """Close the undo."""
        with self.journal.transaction() as connection:
            connection.execute("UPDATE run SET state = ?, ended_at = ? WHERE id = ?", (state, at, run))


def _companies(connection: sqlite3.Connection) -> Iterator[tuple[list[int], int]]:
    """Gather the operations that are not taken back yet by company, oldest first, and how many of them are known writes.

    One at least is counted: it may have been one.
    """
    found = connection.execute(
        f"SELECT id, external_id, kanbert_id, outcome, undoes FROM operation WHERE undoes IS NOT NULL OR ({_EFFECTS})"  # noqa: S608 - our own words
        " ORDER BY external_id, id"
    )
    for _, operations in groupby(found, key=lambda row: row["external_id"]):
        for company in _by_company(list(operations)):
            members = _not_taken_back(company)
            if members:
                yield [row["id"] for row in members], sum(row["outcome"] in _WRITTEN for row in members) or 1


def _by_company(operations: Operations) -> Iterator[Operations]:
    """Part the operations of one external_id by company: what has no id belongs to the next one that has."""
    known = dict.fromkeys(row["kanbert_id"] for row in operations if row["kanbert_id"] is not None)
    if len(known) <= 1:
        yield operations
        return
    parted: dict[str, Operations] = {kanbert_id: [] for kanbert_id in known}
    waiting: Operations = []
    for row in operations:
        waiting.append(row)
        if row["kanbert_id"] is not None:
            parted[row["kanbert_id"]] += waiting
            waiting = []
    last = next(reversed(parted))
    parted[last] += waiting
    yield from parted.values()


def _not_taken_back(operations: Operations) -> Operations:
    done = max((row["undoes"] for row in operations if row["undoes"] and row["outcome"] in _TAKEN_BACK), default=0)
    return [row for row in operations if row["undoes"] is None and row["id"] > done]


def _wrote(row: sqlite3.Row) -> Wrote:
    return Wrote(
        operation=row["id"],
        action=Action(row["action"]),
        outcome=row["outcome"],
        kanbert_id=row["kanbert_id"],
        body=json.loads(row["body"]),
        changes=tuple(Change(*change) for change in json.loads(row["changes"])),
        before=None if row["before"] is None else json.loads(row["before"]),
        after=None if row["after"] is None else json.loads(row["after"]),
    )


def _intended(connection: sqlite3.Connection, run: int, planned: Planned, at: str) -> int:
    operation = planned.operation
    changes: list[Json] = [[change.field, change.before, change.after] for change in operation.changes]
    facts = {
        "kanbert_id": operation.kanbert_id,
        "body": canonical_json(operation.body),
        "changes": canonical_json(changes),
        "before": None if operation.before is None else canonical_json(operation.before),
        "intended_at": at,
    }
    return _inserted(connection, run, planned.work.row, operation.action, facts)


def _inserted(
    connection: sqlite3.Connection, run: int, undoes: int, action: str, facts: Mapping[str, str | None]
) -> int:
    """Add an operation of an undo, with what is the same as of the newest that it takes back."""
    names, marks = ", ".join(facts), ", ".join("?" * len(facts))
    cursor = connection.execute(
        f"INSERT INTO operation (run, row, external_id, digest, undoes, action, {names})"  # noqa: S608 - our own words
        f" SELECT ?, row, external_id, digest, id, ?, {marks} FROM operation WHERE id = ?",
        (run, action, *facts.values(), undoes),
    )
    return int(cursor.lastrowid or 0)


def _add_settled(
    connection: sqlite3.Connection,
    run: int,
    settlements: Iterable[Settlement],
    attempts: Iterable[AttemptRecord],
    at: str,
) -> None:
    for settlement in settlements:
        _settle(connection, run, settlement, at)
    insert_attempts(connection, run, attempts)


def _settle(connection: sqlite3.Connection, run: int, settlement: Settlement, at: str) -> None:
    outcome, number = settlement.outcome, settlement.operation_id
    sent = number is not None
    if number is None:
        nothing = {"kanbert_id": outcome.kanbert_id, "body": "{}", "changes": "[]", "intended_at": at}
        number = _inserted(connection, run, settlement.row, "", nothing)
    connection.execute(
        "UPDATE operation SET outcome = ?, settled_at = ?, after = ?, traceback = ?, reason = ? WHERE id = ?",
        (
            outcome.kind,
            at,
            outcome.stored,
            outcome.traceback,
            _reason(outcome),
            number,
        ),
    )
    external_id = connection.execute("SELECT external_id FROM operation WHERE id = ?", (number,)).fetchone()[0]
    if outcome.kind not in _OPEN:
        _supersede(connection, external_id, number, at, by_all=outcome.kind in _TAKEN_BACK)
    if outcome.kind in _TAKEN_BACK or (sent and outcome.stored is not None):
        _reopen(connection, external_id)


def _reason(outcome: Outcome) -> str | None:
    if not outcome.issues:
        return None
    first = outcome.issues[0]
    return canonical_json([first.code, "; ".join(issue.message for issue in outcome.issues), first.hint])


def _supersede(connection: sqlite3.Connection, external_id: str, number: int, at: str, *, by_all: bool) -> None:
    """Close what was open: intents of an undo, and where all is taken back, also those of runs."""
    connection.execute(
        "UPDATE operation SET outcome = 'superseded', settled_at = ? WHERE external_id = ? AND id <> ?"
        " AND (outcome IS NULL OR outcome = 'unknown') AND (? OR undoes IS NOT NULL)",
        (at, external_id, number, by_all),
    )


def _reopen(connection: sqlite3.Connection, external_id: str) -> None:
    """Let a company's row be done once more by a later run, and forget what was said of the write."""
    rows = connection.execute(
        "SELECT id FROM row WHERE external_id = ? AND digest IS NOT NULL AND outcome IS NOT 'refused'", (external_id,)
    ).fetchall()
    for row in rows:
        connection.execute("UPDATE row SET outcome = NULL, kanbert_id = NULL WHERE id = ?", (row["id"],))
        connection.execute("DELETE FROM issue WHERE row = ? AND stage = 'write'", (row["id"],))
