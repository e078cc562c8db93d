"""What became of an undo, as the journal has it: its balance, and the companies that it could not take back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.journal.records import KeptCompany
from importer.model import Code, UndoCounts, Undone

if TYPE_CHECKING:
    import sqlite3

    from importer.journal.view import JournalView

__all__ = ["kept_by_undo", "undone", "undone_before"]

_CUT_OFF_REASON = (
    Code.OUTCOME_UNKNOWN,
    "it is not known whether the request arrived: the undo was cut off",
    "Give the same undo again: the company is looked at before anything is sent.",
)

_UNDONE = """
    SELECT max(id) AS id, coalesce(outcome, 'unknown') AS kind, external_id, kanbert_id, reason,
      (SELECT min(number) FROM row WHERE row.external_id = operation.external_id) AS number
    FROM operation WHERE run BETWEEN :first AND :run AND undoes IS NOT NULL GROUP BY undoes"""
"""What became of each company of an undo: its newest operation says it."""


def undone(view: JournalView, run: int) -> UndoCounts:
    """Count what an undo did, by company; an intent without an outcome is unknown, what it did not reach pending.

    What it goes on with, since it was stopped or killed, is part of it.
    """
    with view.reading() as connection:
        first = _first_of_undo(connection, run)
        found = connection.execute(
            f"SELECT kind, count(*) AS count FROM ({_UNDONE}) GROUP BY kind",  # noqa: S608 - our own words
            {"first": first, "run": run},
        )
        counted = {row["kind"]: row["count"] for row in found}
        companies, operations = _to_undo(connection, first)
        pending = companies - sum(counted.values())
        return UndoCounts(companies=companies, operations=operations, pending=pending, **counted)


def undone_before(view: JournalView, run: int) -> int:
    """Count the companies that an undo had taken back when it was stopped or killed, before `run` went on with it."""
    with view.reading() as connection:
        return _to_undo(connection, _first_of_undo(connection, run))[0] - _to_undo(connection, run)[0]


def kept_by_undo(view: JournalView, run: int, *, limit: int) -> list[KeptCompany]:
    """Name the companies that an undo could not take back, in the order of the file."""
    with view.reading() as connection:
        found = connection.execute(
            f"SELECT * FROM ({_UNDONE}) WHERE kind IN ('kept', 'failed', 'unknown') ORDER BY number, id LIMIT :limit",  # noqa: S608 - our own words
            {"first": _first_of_undo(connection, run), "run": run, "limit": limit},
        )
        return [_kept(row) for row in found]


def _first_of_undo(connection: sqlite3.Connection, run: int) -> int:
    """Find the run in which an undo began: those that went on with it follow upon it, with none between that wrote."""
    found = connection.execute(
        "SELECT coalesce(max(id), 0) + 1 FROM run WHERE id < ? AND (undoes IS NULL OR state = 'ended')", (run,)
    )
    return int(found.fetchone()[0])


def _to_undo(connection: sqlite3.Connection, run: int) -> tuple[int, int]:
    """Say how many companies there were to take back when an undo was begun, and how many writes to them."""
    facts = json.loads(connection.execute("SELECT predicted FROM run WHERE id = ?", (run,)).fetchone()[0])
    return facts["companies"], facts["operations"]


def _kept(row: sqlite3.Row) -> KeptCompany:
    code, message, hint = json.loads(row["reason"]) if row["reason"] else _CUT_OFF_REASON
    return KeptCompany(
        external_id=row["external_id"],
        kanbert_id=row["kanbert_id"],
        number=row["number"],
        kind=Undone(row["kind"]),
        code=Code(code),
        message=message,
        hint=hint,
    )
