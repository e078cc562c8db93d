"""Plans in a journal: one begun anew, what must be done for its rows, and all of it brought into the journal of a run.

A plan is a journal whose only run is of the command `plan`. Its rows that need no request have their outcome; the
others are open, and each has a forecast.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal.files import as_stored
from importer.journal.forecast import Forecast
from importer.journal.issues import insert_issues, issues_of
from importer.journal.records import PlanFacts, PlannedColumns, Settlement
from importer.model import (
    Action,
    Change,
    Code,
    Issue,
    Location,
    Operation,
    Outcome,
    OutcomeKind,
    PlannedRow,
    canonical_json,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from importer.journal.records import Columns, Planned
    from importer.model import Json, SourceInfo

__all__ = [
    "FORECAST",
    "PLAN",
    "begin",
    "begun",
    "bring",
    "columns",
    "counted",
    "done",
    "finish",
    "forecast_of",
    "foresee",
    "planned_rows",
]

PLAN = "plan"
"""The command of a run that only plans."""

_TABLES = ("issue", "forecast", "row", "attempt", "operation", "run", "listing", "listing_key", "target")
_CHUNK = 500
_MOVED = "the row maps to something else than when it was planned{since}"
_UNKNOWN = "the row is not in the plan{since}"
_FINAL = {Action.UNCHANGED: OutcomeKind.UNCHANGED, Action.CONFLICT: OutcomeKind.REFUSED}


def begin(connection: sqlite3.Connection, path: Path | None) -> None:
    """Forget an earlier plan; JournalError where the journal is no plan."""
    found = connection.execute("SELECT command FROM run WHERE command <> ? LIMIT 1", (PLAN,)).fetchone()
    if found is not None:
        message = f"{path} is the journal of a {found['command']}, and no plan: it stays. Name another file for the plan with -o."
        raise JournalError(message)
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words


def foresee(connection: sqlite3.Connection, plans: Sequence[Planned | Settlement]) -> None:
    """Keep what must be done for rows; a row that could not be looked up has its outcome alone."""
    for plan in plans:
        if isinstance(plan, Settlement):
            _foresee_settled(connection, plan.row, plan.outcome)
        else:
            _foresee(connection, plan.work.row, plan.operation)


def _foresee(connection: sqlite3.Connection, row: int, operation: Operation) -> None:
    writes = operation.action not in _FINAL
    before = operation.before if writes else None
    _insert(
        connection, row, Forecast(operation.action, operation.kanbert_id, operation.body, operation.changes, before)
    )
    if not writes:
        connection.execute(
            "UPDATE row SET outcome = ?, kanbert_id = ? WHERE id = ?",
            (_FINAL[operation.action], operation.kanbert_id, row),
        )
    insert_issues(connection, row, "write", operation.issues)


def _foresee_settled(connection: sqlite3.Connection, row: int, outcome: Outcome) -> None:
    if outcome.kind is OutcomeKind.REFUSED:
        _insert(connection, row, Forecast(Action.CONFLICT, None, {}, (), None))
    connection.execute("UPDATE row SET outcome = ? WHERE id = ?", (outcome.kind, row))
    insert_issues(connection, row, "write", outcome.issues)


def _insert(connection: sqlite3.Connection, row: int, forecast: Forecast) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO forecast (row, action, kanbert_id, body, changes, before) VALUES (?, ?, ?, ?, ?, ?)",
        (
            row,
            forecast.action,
            forecast.kanbert_id,
            canonical_json(forecast.body),
            canonical_json([[change.field, change.before, change.after] for change in forecast.changes]),
            None if forecast.before is None else canonical_json(forecast.before),
        ),
    )


def finish(connection: sqlite3.Connection, run: int, *, planned: dict[str, Json], at: str) -> None:
    """Close a plan that took up every row, with the options that it was made by and what it found."""
    connection.execute(
        "UPDATE run SET state = 'planned', ended_at = ?, planned = ? WHERE id = ?", (at, canonical_json(planned), run)
    )
    connection.execute("DELETE FROM listing")
    connection.execute("DELETE FROM listing_key")


def forecast_of(row: Columns) -> Forecast | None:
    """Read a forecast's columns; None where a row has none."""
    if row["action"] is None:
        return None
    return Forecast(
        action=Action(row["action"]),
        kanbert_id=row["planned_id"],
        body=json.loads(row["body"]),
        changes=tuple(Change(*change) for change in json.loads(row["changes"])),
        before=None if row["before"] is None else json.loads(row["before"]),
    )


def columns(connection: sqlite3.Connection, after: str, limit: int = _CHUNK) -> list[PlannedColumns]:
    """Read the next rows of a plan by their external_ids, to be brought into another journal."""
    found = connection.execute(
        "SELECT external_id, digest, action, forecast.kanbert_id, body, changes, before FROM row"
        " JOIN forecast ON forecast.row = row.id WHERE external_id > ? ORDER BY external_id LIMIT ?",
        (after, limit),
    ).fetchall()
    return [PlannedColumns(*row) for row in found]


def begun(connection: sqlite3.Connection, plan: PlanFacts) -> bool:
    """Whether a run of this journal has executed the plan before, wholly or in part."""
    found = connection.execute("SELECT 1 FROM run WHERE json_extract(predicted, '$.plan') = ? LIMIT 1", (plan.plan,))
    return found.fetchone() is not None


def bring(connection: sqlite3.Connection, run: int, plan: PlanFacts, source: SourceInfo) -> tuple[str, ...]:
    """Hold a run's rows to a plan; the external_ids that it would have written and that are in no row any more.

    Rows that are otherwise than they were planned, or that were not planned at all, are refused. Runs inside the
    caller's transaction.
    """
    predicted: dict[str, Json] = {"plan": plan.plan, "actions": dict(plan.actions)}
    connection.execute("UPDATE run SET predicted = ? WHERE id = ?", (canonical_json(predicted), run))
    connection.execute("CREATE TEMP TABLE planned (external_id TEXT PRIMARY KEY, writes INTEGER) WITHOUT ROWID")
    for one in plan.forecasts():
        connection.execute("INSERT INTO planned VALUES (?, ?)", (one.external_id, one.action not in _FINAL))
        connection.execute(
            "INSERT OR REPLACE INTO forecast (row, action, kanbert_id, body, changes, before)"
            " SELECT id, ?, ?, ?, ?, ? FROM row WHERE external_id = ? AND digest = ? AND run = ?",
            (*one[2:], one.external_id, one.digest, run),
        )
    _refuse_others(connection, run, plan, source)
    gone = connection.execute(
        "SELECT external_id FROM planned WHERE writes"
        " AND NOT EXISTS (SELECT 1 FROM row WHERE row.external_id = planned.external_id AND run = ?)",
        (run,),
    ).fetchall()
    connection.execute("DROP TABLE planned")
    return tuple(row["external_id"] for row in gone)


def _refuse_others(connection: sqlite3.Connection, run: int, plan: PlanFacts, source: SourceInfo) -> None:
    since = f": {plan.moved}" if plan.moved else ""
    found = connection.execute(
        "SELECT id, number, external_id IN (SELECT external_id FROM planned) AS known FROM row"
        " WHERE run = ? AND outcome IS NULL AND id NOT IN (SELECT row FROM forecast)",
        (run,),
    ).fetchall()
    for row in found:
        detail = (_MOVED if row["known"] else _UNKNOWN).format(since=since)
        place = Location(source.path, source.sheet, row["number"])
        issue = Issue.of(Code.STALE_PLAN, place, detail=detail)  # one reason for many rows: told together
        connection.execute("UPDATE row SET outcome = ? WHERE id = ?", (OutcomeKind.REFUSED, row["id"]))
        insert_issues(connection, row["id"], "write", [issue])


def done(connection: sqlite3.Connection, run: int) -> list[tuple[Action | None, str, int]]:
    """Count a run's rows by what a plan foresaw for them, None for nothing, and what became of them."""
    found = connection.execute(
        "SELECT action, coalesce(outcome, 'pending') AS outcome, count(*) AS count FROM row"
        " LEFT JOIN forecast ON forecast.row = row.id WHERE run = ? AND digest IS NOT NULL GROUP BY 1, 2",
        (run,),
    ).fetchall()
    with as_stored():
        return [(row["action"] and Action(row["action"]), row["outcome"], row["count"]) for row in found]


FORECAST = "forecast.action, forecast.kanbert_id AS planned_id, forecast.body, forecast.changes, forecast.before"
"""The columns that `forecast_of` reads."""


def counted(connection: sqlite3.Connection) -> dict[Action, int]:
    """Count the rows of a plan by what must be done for them."""
    found = connection.execute("SELECT action, count(*) AS count FROM forecast GROUP BY action").fetchall()
    with as_stored():
        return {Action(row["action"]): row["count"] for row in found}


def planned_rows(
    connection: sqlite3.Connection, source: SourceInfo, action: Action | None, after: int, limit: int = _CHUNK
) -> Iterator[tuple[int, PlannedRow]]:
    """Read the next rows of a plan in the order of the file, all or those of one action, with their ids."""
    found = connection.execute(
        f"SELECT row.id, row.number, row.external_id, row.payload, {FORECAST} FROM forecast"  # noqa: S608 - our own words
        " JOIN row ON row.id = forecast.row WHERE row.id > ? AND (? IS NULL OR action = ?) ORDER BY row.id LIMIT ?",
        (after, action, action, limit),
    ).fetchall()
    for row in found:
        with as_stored():
            yield row["id"], _planned_row(connection, source, row)


def _planned_row(connection: sqlite3.Connection, source: SourceInfo, row: sqlite3.Row) -> PlannedRow:
    payload = json.loads(row["payload"])
    changes = tuple(Change(*change) for change in json.loads(row["changes"]))
    if row["action"] == Action.CREATE:
        changes = tuple(Change(name, None, value) for name, value in payload.items() if value is not None)
    return PlannedRow(
        number=row["number"],
        external_id=row["external_id"],
        name=payload.get("company_name"),
        action=Action(row["action"]),
        kanbert_id=row["planned_id"],
        changes=changes,
        issues=issues_of(connection, source, row["id"], row["number"]),
    )
