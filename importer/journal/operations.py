"""What a run takes from the journal and adds to it for each row, many rows a statement: work, intents, outcomes, attempts.

This is what the journal costs a run: a statement of its own for each row would be most of it, and as `sqlite3` gives up
the interpreter's lock for every one, and every row of an `executemany`, it would have to win it back from the event loop
as often. What is added is added inside the caller's transaction.
"""

from __future__ import annotations

import json
import sqlite3
from functools import cache
from itertools import chain, count
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import pydantic_core

from importer.company import as_text
from importer.journal.issues import insert_issues
from importer.journal.plans import FORECAST
from importer.journal.records import AttemptRecord, Intent, Planned
from importer.model import Action, OutcomeKind, canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from importer.journal.records import Settlement
    from importer.model import Json

__all__ = ["insert_attempts", "insert_intents", "insert_outcomes", "open_intents", "rows_to_do"]

_OPEN = "(outcome IS NULL OR outcome = 'unknown')"  # in the words of the index `operation_open`
_TO_DO_COLUMNS = (
    "id",
    "number",
    "external_id",
    "digest",
    "payload",
    "action",
    "planned_id",
    "body",
    "changes",
    "before",
)
_TO_DO = f"""SELECT json_group_array(json_array({", ".join(_TO_DO_COLUMNS)})) FROM
    (SELECT id, number, external_id, digest, payload, {FORECAST} FROM row LEFT JOIN forecast ON forecast.row = row.id
    WHERE outcome IS NULL AND run = ? AND id > ? ORDER BY id LIMIT ?)"""  # noqa: S608 - our own words

_NO_CHANGES = "[]"
_EFFECT_NOT_KNOWN = frozenset({OutcomeKind.FAILED, OutcomeKind.UNKNOWN})

_TOGETHER = (
    32  # rows of a statement; what is left over takes statements of 16, 8, 4, 2 and 1, so that all stay prepared
)

_INTENTS = """INSERT INTO operation
    (id, run, row, external_id, action, digest, kanbert_id, body, changes, before, intended_at)
    WITH new (id, run, action, kanbert_id, body, changes, before, at, row) AS (VALUES {rows})
    SELECT new.id, new.run, row.id, external_id, action, digest, new.kanbert_id, coalesce(body, payload), changes, before, at
    FROM new CROSS JOIN row ON row.id = new.row"""

_ROWS = """WITH new (outcome, kanbert_id, id) AS (VALUES {rows})
    UPDATE row SET outcome = new.outcome, kanbert_id = coalesce(new.kanbert_id, row.kanbert_id)
    FROM new WHERE row.id = new.id"""

_OPERATIONS = """WITH new (outcome, at, after, traceback, kanbert_id, id) AS (VALUES {rows})
    UPDATE operation SET outcome = iif(new.outcome = 'failed' AND action = 'update', 'unknown', new.outcome),
    settled_at = new.at, after = new.after, traceback = new.traceback,
    kanbert_id = coalesce(new.kanbert_id, operation.kanbert_id) FROM new WHERE operation.id = new.id"""
"""An update that was given up may have arrived: the next look-up shows it."""

_SUPERSEDED = f"""UPDATE operation SET outcome = 'superseded', settled_at = ? WHERE {_OPEN} AND external_id IN
    (SELECT external_id FROM row WHERE id IN (SELECT value FROM json_each(?)))"""  # noqa: S608 - our own words

_ATTEMPTS = f"INSERT INTO attempt (run, {', '.join(AttemptRecord._fields)}) VALUES {{rows}}"  # noqa: S608 - our own words

_Values: TypeAlias = tuple[str | int | float | None, ...]


def rows_to_do(connection: sqlite3.Connection, run: int, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Read the next rows of a run that are not final, behind the row `after`, with what a plan foresees for them.

    All come as one text: `sqlite3` gives up the interpreter's lock for each row that it fetches, and to win it back
    from a busy event loop takes up to five milliseconds.
    """
    [text] = connection.execute(_TO_DO, (run, after, limit)).fetchone()
    found = (dict(zip(_TO_DO_COLUMNS, values, strict=True)) for values in pydantic_core.from_json(text))
    return sorted(found, key=itemgetter("id"))


def open_intents(connection: sqlite3.Connection, external_ids: Sequence[str]) -> dict[str, Intent]:
    """Read the open intent of each external_id that has any: of several the newest, but an update only where no other is.

    After a create, an adoption or a restore that nobody saw end, the next run may have begun to update the company
    that it found, and have been killed as well: how the row came into Kanbert is what the first of them did.
    """
    found = connection.execute(
        f"SELECT external_id, id, action, body FROM operation WHERE {_OPEN} AND undoes IS NULL"  # noqa: S608 - our own words
        " AND external_id IN (SELECT value FROM json_each(?)) ORDER BY action <> 'update', id",
        (json.dumps(external_ids),),
    )
    return {
        external_id: Intent(number, Action(action), json.loads(body)) for external_id, number, action, body in found
    }


def insert_intents(connection: sqlite3.Connection, run: int, plans: Sequence[Planned], at: str) -> list[Planned]:
    """Add what is about to be sent; the same plans, each with its operation's number.

    What the operation has in common with its row comes from there: external_id, digest and, of a create, the body.
    """
    first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM operation").fetchone()[0]
    numbered = [Planned(one.work, one.operation, number) for one, number in zip(plans, count(first), strict=False)]
    added = _execute_together(connection, _INTENTS, [_intent_columns(run, one, at) for one in numbered])
    if added != len(numbered):
        msg = f"{len(numbered)} intents have {added} rows"
        raise sqlite3.DatabaseError(msg)
    return numbered


def _intent_columns(run: int, planned: Planned, at: str) -> _Values:
    operation = planned.operation
    whole = operation.body is planned.work.stored  # of most creates
    changes: list[Json] = [[change.field, change.before, change.after] for change in operation.changes]
    return (
        planned.operation_id,
        run,
        operation.action,
        operation.kanbert_id,
        None if whole else canonical_json(operation.body),
        canonical_json(changes) if changes else _NO_CHANGES,
        None if operation.before is None else as_text(operation.before),
        at,
        planned.work.row,
    )


def insert_outcomes(connection: sqlite3.Connection, settlements: Sequence[Settlement], at: str) -> None:
    """Add outcomes to their rows and operations; older intents of rows whose outcome is known need no settling any more."""
    _execute_together(connection, _ROWS, [(one.outcome.kind, one.outcome.kanbert_id, one.row) for one in settlements])
    for one in settlements:
        if one.outcome.issues:
            insert_issues(connection, one.row, "write", one.outcome.issues)
    _execute_together(
        connection, _OPERATIONS, [_columns(one, at) for one in settlements if one.operation_id is not None]
    )
    known = [one.row for one in settlements if one.outcome.kind not in _EFFECT_NOT_KNOWN]
    connection.execute(_SUPERSEDED, (at, json.dumps(known)))


def _columns(settlement: Settlement, at: str) -> _Values:
    outcome = settlement.outcome
    return outcome.kind, at, outcome.stored, outcome.traceback, outcome.kanbert_id, settlement.operation_id


def insert_attempts(connection: sqlite3.Connection, run: int, attempts: Iterable[AttemptRecord]) -> None:
    """Add the requests that were sent."""
    _execute_together(
        connection,
        _ATTEMPTS,
        [(run, *attempt) for attempt in attempts],
    )


def _execute_together(connection: sqlite3.Connection, statement: str, rows: Sequence[_Values]) -> int:
    """Execute a statement with as many rows at once as it may have; how many it has added, where it is an INSERT."""
    done = added = 0
    size = _TOGETHER
    while left := len(rows) - done:
        while size > left:
            size //= 2
        values = _values(size, len(rows[0]))
        some = rows[done : done + size]
        added += connection.execute(statement.format(rows=values), list(chain.from_iterable(some))).rowcount
        done += size
    return added


@cache
def _values(rows: int, columns: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)
