"""One row's life, as values: what `explain` tells, on a terminal (`explained_lines`) and as JSON (`explained_document`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.model import Cell, Change, Issue, Json, Payload, SourceInfo

__all__ = [
    "CellFact",
    "Explanation",
    "FieldFact",
    "OperationFact",
    "RunFact",
    "SentFact",
    "StoredFact",
]


@dataclass(frozen=True, slots=True)
class CellFact:
    """A cell as the mapping took it; `read` is what the file has, where a retry took another."""

    column: str
    place: str | None  # as a spreadsheet names it
    value: Cell
    read: Cell
    corrected: bool


@dataclass(frozen=True, slots=True)
class FieldFact:
    """What the mapping made of a row for one field."""

    field: str
    value: Json
    state: str  # value, blank, cleared, left-out or failed
    columns: tuple[str, ...]  # that its rule looks at
    column: str | None  # that the value came from
    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class StoredFact:
    """What is in Kanbert for one field, by what is known; `same` is None where it is not shown."""

    field: str
    sent: Json
    stored: Json
    same: bool | None


@dataclass(frozen=True, slots=True)
class RunFact:
    """A run, a retry or an undo."""

    id: int
    command: str
    state: str
    started_at: str


@dataclass(frozen=True, slots=True)
class OperationFact:
    """What was done, or begun; `otherwise` is what Kanbert made of it, `before` being what was sent."""

    id: int
    run: int
    action: str
    external_id: str
    kanbert_id: str | None
    body: Payload
    changes: tuple[Change, ...]
    intended_at: str
    outcome: str | None
    settled_at: str | None
    otherwise: tuple[Change, ...]
    undoes: int | None
    undone_by: tuple[int, ...]
    traceback: str | None


@dataclass(frozen=True, slots=True)
class SentFact:
    """One request; times in seconds."""

    run: int
    at: str
    method: str
    path: str
    status: int | None
    duration_s: float
    waited_s: float | None
    request_id: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One row's life."""

    source: SourceInfo
    meant: str  # how the word was taken: row or external_id
    number: int | None  # None: the row is not in the file any more
    external_id: str | None
    former: tuple[str, ...]  # external_ids before a retry corrected it
    kanbert_id: str | None
    outcome: str
    cells: tuple[CellFact, ...]
    mapping: str
    fields: tuple[FieldFact, ...]
    unread: str | None  # why the mapping in the journal could not be read
    payload: Payload | None
    issues: tuple[tuple[str, Issue], ...]  # each with its stage
    foreseen: tuple[str, tuple[Change, ...]] | None  # action and changes of a plan
    operations: tuple[OperationFact, ...]
    requests: tuple[SentFact, ...]
    runs: tuple[RunFact, ...]  # those that had to do with the row
    stored: tuple[StoredFact, ...]
    stored_by: str | None  # how what is stored is known, in words
