"""The nouns on the way of the data, Row -> Desired -> Operation -> Outcome, as frozen values."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from importer.model.addresses import cell_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.model.issues import Issue

__all__ = [
    "Action",
    "Cell",
    "Change",
    "Counts",
    "Desired",
    "Json",
    "Mapped",
    "Operation",
    "Outcome",
    "OutcomeKind",
    "Payload",
    "PlannedRow",
    "Refusal",
    "Row",
    "Skip",
    "SourceInfo",
    "UndoCounts",
    "Undone",
    "canonical_json",
    "digest",
    "digest_of_json",
]

Cell: TypeAlias = str | bool | int | float | dt.datetime | dt.date | dt.time | dt.timedelta | None
"""What a cell holds: text from CSV, a typed value from a workbook, None where it is empty. "" is empty text."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

Payload: TypeAlias = "dict[str, Json]"
"""Written field names of the API to values. None means: clear the field (only on update)."""


# ── what the file says ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source before its rows are read; what was detected is printed to the user."""

    path: str
    sha256: str
    format: str  # "csv", "xlsx", "xls" and so on: what its content showed
    columns: tuple[str, ...]  # header texts made unique: "Name", "Name [2]", "Column C" for an empty one
    encoding: str | None = None  # Python's name of it; None for a workbook
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1  # as the user's program shows it
    notes: tuple[str, ...] = ()  # what the user should know of the detection, such as other sheets

    def address(self, column: str | None, row: int | None) -> str | None:
        """Write where a cell stands; see `cell_address`."""
        return cell_address(column, row, self.columns, self.sheet)


@dataclass(frozen=True, slots=True)
class Row:
    """What the file says: one row's cells, as many as there are columns, and where it stands."""

    number: int  # as a spreadsheet shows it, also for CSV: line breaks inside a cell do not count
    cells: tuple[Cell, ...]
    issues: tuple[Issue, ...] = ()  # what the reader found; an error among them refuses the row


# ── what company should exist ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Desired:
    """The company that should exist: a valid create payload, external_id and external_origin included."""

    external_id: str
    payload: Payload
    issues: tuple[Issue, ...] = ()  # warnings only

    @property
    def digest(self) -> str:
        """The payload's fingerprint, taken when it is asked for: most rows of a `validate` are never asked."""
        return digest(self.payload)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that the mapping cannot settle; at least one of its issues is an error."""

    external_id: str | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Skip:
    """A row that a `skip` rule left out; its issue says which."""

    external_id: str | None
    issues: tuple[Issue, ...]


Mapped: TypeAlias = Desired | Refusal | Skip


@dataclass(frozen=True, slots=True)
class Weighed:
    """Rows in their order, as far as it takes to count them and to tell what is wrong with some."""

    numbers: Sequence[int]
    external_ids: Sequence[str | None]  # as many as there are numbers
    troubled: Mapping[int, tuple[Row, Mapped]]  # by place: each row that has an issue or is no company


def canonical_json(value: Json) -> str:
    """Write JSON with sorted keys and no blanks: equal values give equal text in every process and locale."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(payload: Payload) -> str:
    """Fingerprint a payload; equal payloads have equal digests whatever the order of their keys."""
    return digest_of_json(canonical_json(payload))


def digest_of_json(canonical: str) -> str:
    """Fingerprint a payload that is written as canonical JSON already."""
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


# ── what must be done, and what happened ─────────────────────────────────────────────────────────────────────────


class Action(StrEnum):
    """What must be done for a desired company."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    RESTORE = "restore"
    UNCHANGED = "unchanged"
    SKIP = "skip"
    CONFLICT = "conflict"
    # of an undo, each the inverse of what a run did:
    ARCHIVE = "archive"
    PUT_BACK = "put_back"
    HAND_BACK = "hand_back"
    ARCHIVE_AGAIN = "archive_again"


@dataclass(frozen=True, slots=True)
class Change:
    """One field, by its written name, with the values before and after in the remote's shape."""

    field: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Operation:
    """What must be done for one desired company.

    `body` is what is sent: the whole payload on create, the changed fields alone on update and restore.
    `before` is the company as Kanbert had it, None on create.
    """

    action: Action
    desired: Desired
    kanbert_id: str | None = None
    body: Payload = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    before: dict[str, Json] | None = None
    issues: tuple[Issue, ...] = ()
    read_at: float | None = field(default=None, compare=False)  # of `before`, by the monotonic clock; None: not known


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row of a plan, as people see it: what would be done, and why not where that is nothing."""

    number: int
    external_id: str
    name: str | None  # of the company that should exist
    action: Action
    kanbert_id: str | None
    changes: tuple[Change, ...]  # of a create, the whole payload
    issues: tuple[Issue, ...]


class OutcomeKind(StrEnum):
    """What happened to a row; each row has exactly one in the end."""

    CREATED = "created"
    UPDATED = "updated"
    ADOPTED = "adopted"
    RESTORED = "restored"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Undone(StrEnum):
    """What an undo did with a company that runs had written to; each has exactly one in the end."""

    ARCHIVED = "archived"
    PUT_BACK = "put_back"
    HANDED_BACK = "handed_back"
    ARCHIVED_AGAIN = "archived_again"
    AS_BEFORE = "as_before"  # nothing had to be done: it was so already
    KEPT = "kept"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Outcome(NamedTuple):
    """What happened; `stored` is the company as Kanbert answered, where it did: as JSON, which takes a third of the room."""

    kind: OutcomeKind | Undone
    kanbert_id: str | None = None
    stored: str | None = None
    issues: tuple[Issue, ...] = ()
    traceback: str | None = None  # of an error of our own


@dataclass(frozen=True, slots=True)
class Counts:
    """The balance: `read` is the sum of all the others, and `pending` is 0 once a run has ended by itself."""

    read: int = 0
    created: int = 0
    updated: int = 0
    adopted: int = 0
    restored: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0
    failed: int = 0
    unknown: int = 0
    pending: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every row read has exactly one outcome or is still pending."""
        outcomes: int = sum(getattr(self, kind.value) for kind in OutcomeKind)
        return self.read == outcomes + self.pending

    @property
    def not_in_kanbert(self) -> int:
        """How many rows a retry would take."""
        return self.refused + self.failed + self.unknown


@dataclass(frozen=True, slots=True)
class UndoCounts:
    """An undo's balance: `companies` is the sum of all the others but `operations`, the writes that they had got."""

    companies: int = 0
    operations: int = 0
    archived: int = 0
    put_back: int = 0
    handed_back: int = 0
    archived_again: int = 0
    as_before: int = 0
    kept: int = 0
    failed: int = 0
    unknown: int = 0
    pending: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every company has exactly one outcome or is still pending."""
        outcomes: int = sum(getattr(self, kind.value) for kind in Undone)
        return self.companies == outcomes + self.pending

    @property
    def complete(self) -> bool:
        """Whether all that the runs did is taken back."""
        return not (self.kept + self.failed + self.unknown + self.pending)
