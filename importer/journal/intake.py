"""Rows into the journal: a whole source read anew, or the journal's own rows taken up again.

All of an intake is one transaction: a process killed in the middle of it leaves the journal as it was before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count, islice, repeat
from typing import TYPE_CHECKING

from importer.journal import plans, schema
from importer.journal.cells import cells_from_json, cells_to_json
from importer.journal.choosing import choose
from importer.journal.digits import with_its_digits
from importer.journal.duplicates import resolve_duplicates
from importer.journal.files import as_stored
from importer.journal.issues import insert_issues, issues_of
from importer.journal.records import IN_KANBERT, Intake, RunFacts, source_to_json
from importer.model import (
    EVERY_ROW,
    Desired,
    OutcomeKind,
    Refusal,
    Row,
    Selection,
    Skip,
    canonical_json,
    digest_of_json,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from importer.journal.duplicates import Duplicates
    from importer.journal.records import PlanFacts, TakenUp
    from importer.model import Mapped, SourceInfo, Weighed

__all__ = ["IntakeRules", "count_source", "insert_run", "read_source", "take_up"]

_CHUNK = 500
_DONE = json.dumps(IN_KANBERT)
_OUTCOMES = {Desired: None, Refusal: OutcomeKind.REFUSED, Skip: OutcomeKind.SKIPPED}

_LOOKED_AT_AGAIN = """EXISTS (SELECT 1 FROM issue WHERE issue.row = old.id AND severity = 'error'
    AND (stage = 'verify' OR (stage = 'write' AND NOT :resumed)))"""

_COMPARISON = {
    "done": f"""SELECT count(*) FROM row AS new JOIN row AS old
        ON old.external_id = new.external_id AND old.generation <> :run AND old.digest = new.digest
        WHERE new.generation = :run AND new.run = :run AND new.outcome IS NULL AND old.outcome IN (SELECT value FROM json_each(:done))
          AND NOT {_LOOKED_AT_AGAIN}""",  # noqa: S608 - our own words
    "changed": """SELECT count(*) FROM row AS new JOIN row AS old
        ON old.external_id = new.external_id AND old.generation <> :run AND old.digest <> new.digest
        WHERE new.generation = :run AND new.run = :run AND new.outcome IS NULL AND old.outcome IN (SELECT value FROM json_each(:done))""",
    "gone": """SELECT count(*) FROM row AS old
        WHERE old.generation <> :run AND old.outcome IN (SELECT value FROM json_each(:done))
        AND NOT EXISTS (SELECT 1 FROM row AS new WHERE new.generation = :run AND new.external_id = old.external_id)""",
}


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """What becomes of the rows of a source beside their going into the journal."""

    duplicates: Duplicates
    selection: Selection = EVERY_ROW  # only these rows are taken up; the others are kept, and wait
    plan: PlanFacts | None = None  # the rows are held to it


def insert_run(connection: sqlite3.Connection, facts: RunFacts) -> int:
    """Add a run in state `writing`; its number in the journal."""
    cursor = connection.execute(
        "INSERT INTO run (run_id, command, version, state, started_at, source, mapping_path, mapping_sha256, mapping_text,"
        " planned) VALUES (?, ?, ?, 'writing', ?, ?, ?, ?, ?, ?)",
        (
            facts.run_id,
            facts.command,
            facts.version,
            facts.started_at,
            source_to_json(facts.source),
            facts.mapping_path,
            facts.mapping_sha256,
            facts.mapping_text,
            None
            if facts.again is None
            else canonical_json({"again": facts.again, "whole": facts.whole or facts.again}),
        ),
    )
    return int(cursor.lastrowid or 0)


def read_source(
    connection: sqlite3.Connection,
    facts: RunFacts,
    rows: Iterable[tuple[Row, Mapped]],
    *,
    blank_rows: Callable[[], int],
    rules: IntakeRules,
) -> Intake:
    """Replace the journal's rows by those of a source; what is in Kanbert already with the same digest stays done.

    `blank_rows` is asked once all rows are read. Runs inside the caller's transaction.
    """

    def insert(run: int) -> None:
        iterator = iter(rows)
        while chunk := list(islice(iterator, _CHUNK)):
            _insert_rows(connection, run, chunk)

    return _taken_in(connection, facts, insert, blank_rows=blank_rows, rules=rules)


def count_source(
    connection: sqlite3.Connection,
    facts: RunFacts,
    rows: Iterable[Weighed],
    *,
    blank_rows: Callable[[], int],
    rules: IntakeRules,
) -> Intake:
    """Do as `read_source` without the content of rows: they can be counted, and no more, for a tenth of the time."""

    def insert(run: int) -> None:
        with schema.indexes_made_at_the_end(connection, "row"):
            for weighed in rows:
                _insert_weighed(connection, run, weighed)

    return _taken_in(connection, facts, insert, blank_rows=blank_rows, rules=rules)


def _taken_in(
    connection: sqlite3.Connection,
    facts: RunFacts,
    insert: Callable[[int], None],
    *,
    blank_rows: Callable[[], int],
    rules: IntakeRules,
) -> Intake:
    last = connection.execute("SELECT id, state FROM run WHERE undoes IS NULL ORDER BY id DESC LIMIT 1").fetchone()
    has_older = connection.execute("SELECT 1 FROM row LIMIT 1").fetchone() is not None
    _doubt_what_an_undo_began(connection)
    run = insert_run(connection, facts)
    insert(run)
    connection.execute("UPDATE run SET blank_rows = ? WHERE id = ?", (blank_rows(), run))
    plan = rules.plan
    resumed = last is not None and last["state"] != "ended" if plan is None else plans.begun(connection, plan)
    resolve_duplicates(connection, run, run, facts.source, rules.duplicates)
    beyond = choose(connection, run, rules.selection, facts.source)
    total = connection.execute("SELECT count(*) FROM row WHERE run = ?", (run,)).fetchone()[0]
    intake = Intake(run=run, rows=total, blank_rows=blank_rows(), resumed=resumed, beyond=beyond)
    if has_older:  # what else the journal knows to be done, a plan has looked at since
        intake = _held_against_older(connection, intake, carries_over=plan is None or resumed)
    return intake if plan is None else replace(intake, gone_planned=plans.bring(connection, run, plan, facts.source))


def _held_against_older(connection: sqlite3.Connection, intake: Intake, *, carries_over: bool) -> Intake:
    """Take from the rows that the journal had what is known of the new ones, and forget them."""
    run, resumed = intake.run, intake.resumed
    corrected = _mark_corrected(connection, run)
    found = _compared(connection, run, resumed=resumed)
    gone_open = _gone_open(connection, run)
    if carries_over:
        _carry_over(connection, run, resumed=resumed)
    _drop_older(connection, run)
    return replace(
        intake,
        corrected=corrected,
        gone_open=gone_open,
        done=found["done"],
        changed=found["changed"],
        gone=found["gone"],
    )


def _doubt_what_an_undo_began(connection: sqlite3.Connection) -> None:
    """Open the rows again of which nobody knows whether an undo took their write back: they are looked at once more."""
    connection.execute(
        """UPDATE row SET outcome = NULL WHERE outcome IN (SELECT value FROM json_each(?)) AND external_id IN
          (SELECT external_id FROM operation WHERE (outcome IS NULL OR outcome = 'unknown') AND undoes IS NOT NULL)""",
        (_DONE,),
    )


def _insert_rows(connection: sqlite3.Connection, run: int, rows: list[tuple[Row, Mapped]]) -> None:
    first = _next_row(connection)
    connection.executemany(
        "INSERT INTO row (id, generation, run, number, cells, external_id, digest, payload, outcome)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (first + index, run, run, row.number, *_content_columns(row, mapped))
            for index, (row, mapped) in enumerate(rows)
        ],
    )
    for index, (row, mapped) in enumerate(rows):
        if mapped.issues or row.issues:
            _insert_row_issues(connection, first + index, row, mapped)


def _insert_weighed(connection: sqlite3.Connection, run: int, weighed: Weighed) -> None:
    first = _next_row(connection)
    outcomes = list[OutcomeKind | None]([None] * len(weighed.numbers))
    for place, (_, mapped) in weighed.troubled.items():
        outcomes[place] = _OUTCOMES[type(mapped)]
    connection.executemany(
        "INSERT INTO row (id, generation, run, number, cells, external_id, outcome)"
        " VALUES (?1, ?2, ?2, ?3, '[]', ?4, ?5)",
        zip(count(first), repeat(run), weighed.numbers, weighed.external_ids, outcomes, strict=False),
    )
    for place, (row, mapped) in weighed.troubled.items():
        _insert_row_issues(connection, first + place, row, mapped)


def _next_row(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM row").fetchone()[0])


def _insert_row_issues(connection: sqlite3.Connection, row_id: int, row: Row, mapped: Mapped) -> None:
    insert_issues(connection, row_id, "read", row.issues)
    insert_issues(connection, row_id, "map", mapped.issues)


def _content_columns(row: Row, mapped: Mapped) -> tuple[str | None, ...]:
    return cells_to_json(row.cells), *_mapped_columns(mapped)


def _mapped_columns(mapped: Mapped) -> tuple[str | None, str | None, str | None, str | None]:
    digest = payload = None
    if isinstance(mapped, Desired):
        payload = canonical_json(mapped.payload)
        digest = digest_of_json(payload)
    return mapped.external_id, digest, payload, _OUTCOMES[type(mapped)]


def _compared(connection: sqlite3.Connection, run: int, *, resumed: bool) -> dict[str, int]:
    facts = {"run": run, "done": _DONE, "resumed": resumed}
    return {name: connection.execute(query, facts).fetchone()[0] for name, query in _COMPARISON.items()}


def _carry_over(connection: sqlite3.Connection, run: int, *, resumed: bool) -> None:
    """Give new rows the outcome that their like has: verbatim in a resumed run, else `unchanged`.

    What was said about them goes along. A row that Kanbert stored otherwise, with an error, is looked at again by a new
    run, and so is one that it refused: somebody may have acted on it. One of which `verify` found that it is not there
    as the mapping wants it is looked at again by any.
    """
    facts = {"run": run, "done": _DONE, "resumed": resumed}
    connection.execute(
        f"""CREATE TEMP TABLE carried AS SELECT new.id AS new, min(old.id) AS old,
          iif(:resumed, old.outcome, '{OutcomeKind.UNCHANGED.value}') AS outcome, old.kanbert_id AS kanbert_id
        FROM row AS new JOIN row AS old
          ON old.external_id = new.external_id AND old.digest = new.digest AND old.generation <> :run
        WHERE new.generation = :run AND new.outcome IS NULL
          AND old.outcome IN (SELECT value FROM json_each(:done))
          AND NOT {_LOOKED_AT_AGAIN}
        GROUP BY new.id""",  # noqa: S608 - our own words
        facts,
    )
    connection.execute(
        "UPDATE row SET outcome = carried.outcome, kanbert_id = carried.kanbert_id FROM carried WHERE row.id = carried.new"
    )
    connection.execute(
        "UPDATE issue SET row = carried.new FROM carried WHERE issue.row = carried.old AND stage = 'write'"
    )
    connection.execute("DROP TABLE carried")


def _mark_corrected(connection: sqlite3.Connection, run: int) -> int:
    """Remember of rows that came corrected what the file had; how many of those are taken up."""
    connection.execute(
        """UPDATE row SET original = old.original FROM row AS old
        WHERE row.generation = :run AND old.generation <> :run AND old.original IS NOT NULL AND old.cells = row.cells""",
        {"run": run},
    )
    found = connection.execute("SELECT count(*) FROM row WHERE run = ? AND original IS NOT NULL", (run,))
    return int(found.fetchone()[0])


def _gone_open(connection: sqlite3.Connection, run: int) -> tuple[str, ...]:
    found = connection.execute(
        """SELECT external_id FROM row AS old
        WHERE generation <> :run AND digest IS NOT NULL
          AND (outcome IS NULL OR outcome NOT IN (SELECT value FROM json_each(:done)))
          AND NOT EXISTS (SELECT 1 FROM row AS new WHERE new.generation = :run AND new.external_id = old.external_id)
        ORDER BY id""",
        {"run": run, "done": _DONE},
    )
    return tuple(row["external_id"] for row in found)


def _drop_older(connection: sqlite3.Connection, run: int) -> None:
    connection.execute("DELETE FROM issue WHERE row IN (SELECT id FROM row WHERE generation <> ?)", (run,))
    connection.execute("DELETE FROM forecast")
    connection.execute("DELETE FROM row WHERE generation <> ?", (run,))


def take_up(
    connection: sqlite3.Connection,
    facts: RunFacts,
    mapped: Callable[[Row], Mapped],
    *,
    duplicates: Duplicates,
    which: TakenUp,
) -> Intake:
    """Map the rows that are not in Kanbert once more, and make them the work of a new run.

    Runs inside the caller's transaction.
    """
    _doubt_what_an_undo_began(connection)
    run = insert_run(connection, facts)
    generation = connection.execute("SELECT max(generation) FROM row").fetchone()[0]
    for found in _to_take_up(connection, which.numbers):
        stored = _stored_row(connection, facts.source, found)
        row = which.corrected(stored, found["external_id"])
        if row is stored and found["outcome"] in IN_KANBERT:
            continue
        if row is stored and which.edited_only and _was_tried(found):
            connection.execute("UPDATE row SET run = ? WHERE id = ?", (run, found["id"]))
            continue
        again = with_its_digits(mapped(row), row, facts.source, found["external_id"])
        original = found["original"] or (None if row is stored else found["cells"])
        connection.execute(
            "UPDATE row SET run = ?, cells = ?, original = ?, external_id = ?, digest = ?, payload = ?, outcome = ?"
            " WHERE id = ?",
            (run, cells_to_json(row.cells), original, *_mapped_columns(again), found["id"]),
        )
        connection.execute("DELETE FROM forecast WHERE row = ?", (found["id"],))  # nobody holds a retry to a plan
        connection.execute("DELETE FROM issue WHERE row = ?", (found["id"],))
        _insert_row_issues(connection, found["id"], row, again)
    resolve_duplicates(connection, generation, run, facts.source, duplicates)
    total = connection.execute("SELECT count(*) FROM row WHERE run = ?", (run,)).fetchone()[0]
    return Intake(run=run, rows=total, blank_rows=0, resumed=False)


def _was_tried(found: sqlite3.Row) -> bool:
    """Whether a row as the file has it was sent, or looked up, and did not come to be in Kanbert."""
    return found["outcome"] is not None and found["digest"] is not None and found["original"] is None


def _to_take_up(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[sqlite3.Row]:
    last, wanted = 0, json.dumps(numbers)
    while chunk := connection.execute(
        "SELECT id, number, cells, original, external_id, digest, outcome FROM row WHERE id > ? AND ("
        "  outcome IS NULL OR outcome IN ('refused', 'failed', 'unknown')"
        "  OR number IN (SELECT value FROM json_each(?))) ORDER BY id LIMIT ?",
        (last, wanted, _CHUNK),
    ).fetchall():
        yield from chunk
        last = chunk[-1]["id"]


def _stored_row(connection: sqlite3.Connection, source: SourceInfo, found: sqlite3.Row) -> Row:
    with as_stored():
        issues = issues_of(connection, source, found["id"], found["number"], by_reader=True)
        return Row(number=found["number"], cells=cells_from_json(found["cells"]), issues=issues)
