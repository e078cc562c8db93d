"""One row's life as the journal has it: cells, payload, issues, operations, requests, and what Kanbert answered.

Only read, also from journals of older versions, which lack some columns, and while a run is writing.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from importer.journal.cells import cells_from_json
from importer.journal.issues import staged_issues
from importer.journal.records import AttemptRecord, RunRecord, source_from_json
from importer.model import Change

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from importer.journal.view import JournalView
    from importer.model import Cell, Issue, Json, Payload

__all__ = [
    "Forecast",
    "KeptOperation",
    "KeptRow",
    "Life",
    "SentRequest",
    "life_of",
    "life_without_row",
    "rows_meant",
    "was_sent",
]

_LISTED_SINCE = 2  # version of the schema, with the origin of what was listed
_MOST_LIVES = 100  # rows of one external_id that are told apart
_MOST_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of the last source that was read."""

    id: int
    number: int
    external_id: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class KeptOperation:
    """What was done, or was to be done, for a row; `after` is the company as Kanbert answered."""

    id: int
    run: int
    action: str
    external_id: str
    kanbert_id: str | None
    body: Payload
    changes: tuple[Change, ...]
    before: dict[str, Json] | None
    after: dict[str, Json] | None
    intended_at: str
    outcome: str | None  # None: the effect is not known
    settled_at: str | None
    traceback: str | None
    undoes: int | None
    undone_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request; `waited` is seconds since the one before it of the same row and run had ended, None for the first."""

    run: int
    attempt: AttemptRecord
    waited: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan says must be done."""

    action: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """All that the journal knows of one row; without the row's own part where only its operations are left."""

    row: KeptRow | None
    external_ids: tuple[str, ...]  # the present one first, then those it had before a retry corrected it
    kanbert_id: str | None
    mapped_by: RunRecord
    cells: tuple[Cell, ...]
    original: tuple[Cell, ...] | None  # as the file has them, where a retry took corrected ones
    payload: Payload | None
    issues: tuple[tuple[str, Issue], ...]  # each with its stage: map, write or verify
    operations: tuple[KeptOperation, ...]
    requests: tuple[SentRequest, ...]
    runs: dict[int, RunRecord]
    forecast: Forecast | None
    listed: dict[str, Json] | None  # the company as the last listing of the space showed it

    @property
    def open(self) -> bool:
        """Whether something was, or may have been, sent of which no answer is recorded."""
        return any(one.outcome is None or one.outcome == "unknown" for one in self.operations)


def rows_meant(view: JournalView, *, number: int | None = None, external_id: str | None = None) -> list[KeptRow]:
    """Find the rows with a number, or with an external_id, in the order of the file."""
    with view.reading() as connection:
        found = connection.execute(
            "SELECT id, number, external_id, outcome FROM row"
            " WHERE (? IS NOT NULL AND number = ?) OR (? IS NOT NULL AND external_id = ?) ORDER BY id LIMIT ?",
            (number, number, external_id, external_id, _MOST_LIVES),
        ).fetchall()
        return [KeptRow(**dict(row)) for row in found]


def was_sent(view: JournalView, external_id: str) -> bool:
    """Whether anything was ever done for an external_id, also where its row is gone from the file."""
    with view.reading() as connection:
        found = connection.execute("SELECT 1 FROM operation WHERE external_id = ? LIMIT 1", (external_id,))
        return found.fetchone() is not None


def life_of(view: JournalView, row: KeptRow) -> Life:
    """Read the life of a row."""
    with view.reading() as connection:
        kept = dict(connection.execute("SELECT * FROM row WHERE id = ?", (row.id,)).fetchone())
        operations = _operations(connection, row.external_id, row.id)
        external_ids = tuple(dict.fromkeys([row.external_id, *(one.external_id for one in operations)]))
        known = tuple(one for one in external_ids if one is not None)
        runs = _runs(connection)
        mapped_by = runs.get(kept["run"]) or runs[kept["generation"]]
        original = kept.get("original")
        return Life(
            row=row,
            external_ids=known,
            kanbert_id=kept["kanbert_id"],
            mapped_by=mapped_by,
            cells=cells_from_json(kept["cells"]),
            original=None if original is None else cells_from_json(original),
            payload=None if kept["payload"] is None else json.loads(kept["payload"]),
            issues=staged_issues(connection, mapped_by.source, row.id, row.number),
            operations=operations,
            requests=_requests(connection, known),
            runs=runs,
            forecast=_forecast(connection, row.id),
            listed=_listed(connection, row.external_id),
        )


def life_without_row(view: JournalView, external_id: str) -> Life:
    """Read what was done for an external_id whose row is not in the file any more."""
    with view.reading() as connection:
        runs = _runs(connection)
        operations = _operations(connection, external_id, None)
        kanbert_ids = [one.kanbert_id for one in operations if one.kanbert_id is not None]
        return Life(
            row=None,
            external_ids=(external_id,),
            kanbert_id=kanbert_ids[-1] if kanbert_ids else None,
            mapped_by=runs[max(runs)],
            cells=(),
            original=None,
            payload=None,
            issues=(),
            operations=operations,
            requests=_requests(connection, (external_id,)),
            runs=runs,
            forecast=None,
            listed=_listed(connection, external_id),
        )


def _runs(connection: sqlite3.Connection) -> dict[int, RunRecord]:
    known = {field.name for field in fields(RunRecord)}
    found = {}
    for run in connection.execute("SELECT * FROM run ORDER BY id"):
        facts = {name: value for name, value in dict(run).items() if name in known}
        found[run["id"]] = RunRecord(**{**facts, "source": source_from_json(run["source"])})
    return found


def _operations(connection: sqlite3.Connection, external_id: str | None, row: int | None) -> tuple[KeptOperation, ...]:
    """Read by external_id, and by the row's number in the journal: a retry may have corrected the external_id."""
    found = [
        dict(one)
        for one in connection.execute(
            "SELECT * FROM operation WHERE external_id = ? OR row = ? ORDER BY id", (external_id, row)
        )
    ]
    undone: dict[int, list[int]] = {}
    for one in found:
        undone.setdefault(one.get("undoes") or 0, []).append(one["id"])
    return tuple(_operation(one, tuple(undone.get(one["id"], ()))) for one in found)


def _operation(facts: dict[str, Json], undone_by: tuple[int, ...]) -> KeptOperation:
    named = {field.name: facts.get(field.name) for field in fields(KeptOperation)}
    parsed = {name: _parsed(facts[name]) for name in ("body", "before", "after")}
    return KeptOperation(**{**named, **parsed, "changes": _changes(facts["changes"]), "undone_by": undone_by})  # type: ignore[arg-type]  # columns


def _parsed(text: Json) -> Json:
    return json.loads(text) if isinstance(text, str) else None


def _changes(text: Json) -> tuple[Change, ...]:
    return tuple(Change(*change) for change in json.loads(str(text)))


def _requests(connection: sqlite3.Connection, external_ids: Sequence[str]) -> tuple[SentRequest, ...]:
    sent: list[SentRequest] = []
    found = connection.execute(
        "SELECT * FROM attempt WHERE external_id IN (SELECT value FROM json_each(?)) ORDER BY run, at, id LIMIT ?",
        (json.dumps(list(external_ids)), _MOST_REQUESTS),
    )
    names = AttemptRecord._fields
    for one in found:
        attempt = AttemptRecord(**{name: one[name] for name in names})
        before = sent[-1] if sent and sent[-1].run == one["run"] else None
        sent.append(SentRequest(one["run"], attempt, None if before is None else _gap(before.attempt, attempt)))
    return tuple(sent)


def _gap(before: AttemptRecord, attempt: AttemptRecord) -> float:
    gap = (dt.datetime.fromisoformat(attempt.at) - dt.datetime.fromisoformat(before.at)).total_seconds()
    return max(gap - before.duration, 0.0)


def _forecast(connection: sqlite3.Connection, row: int) -> Forecast | None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'forecast'").fetchone() is None:
        return None
    found = connection.execute("SELECT action, changes FROM forecast WHERE row = ?", (row,)).fetchone()
    return None if found is None else Forecast(found["action"], _changes(found["changes"]))


def _listed(connection: sqlite3.Connection, external_id: str | None) -> dict[str, Json] | None:
    if connection.execute("PRAGMA user_version").fetchone()[0] < _LISTED_SINCE:
        return None
    found = connection.execute(
        "SELECT listing.body FROM listing JOIN target ON target.origin = listing.external_origin"
        " WHERE external_id = ? ORDER BY archived, kanbert_id LIMIT 1",
        (external_id,),
    ).fetchone()
    body: dict[str, Json] | None = None if found is None else json.loads(found["body"])
    return body
