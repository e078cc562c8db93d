"""The nouns on the way of the data, Row -> Desired -> Operation -> Outcome, and the issues found on it.

All of them are frozen values; none does anything but say what it holds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "TEMPLATES",
    "Action",
    "Cell",
    "Change",
    "Code",
    "Counts",
    "Desired",
    "Invalid",
    "Issue",
    "IssueGroup",
    "Json",
    "Location",
    "Mapped",
    "Operation",
    "Outcome",
    "OutcomeKind",
    "Payload",
    "Refusal",
    "Row",
    "Severity",
    "Skip",
    "SourceInfo",
    "Template",
    "canonical_json",
    "digest",
    "harmless",
    "shortened",
]

Cell: TypeAlias = str | bool | int | float | dt.datetime | dt.date | dt.time | dt.timedelta | None
"""What a cell holds: text from CSV, a typed value from a workbook, None where it is empty. "" is empty text."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

Payload: TypeAlias = "dict[str, Json]"
"""Written field names of the API to values. None means: clear the field (only on update)."""


# ── issues ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Severity(StrEnum):
    """How much an issue weighs."""

    ERROR = "error"  # the row is not in Kanbert as the file has it
    WARNING = "warning"  # it is, but somebody should look
    INFO = "info"  # said for completeness, such as why a row was skipped


class Code(StrEnum):
    """What can be wrong with data. Stable and public; README lists each one."""

    EXTRA_CELLS = "extra-cells"
    MISSING_CELLS = "missing-cells"
    BAD_QUOTES = "bad-quotes"
    ERROR_CELL = "error-cell"
    NO_STORED_RESULT = "no-stored-result"

    MISSING_REQUIRED = "missing-required"
    BAD_EXTERNAL_ID = "bad-external-id"
    DAMAGED_NUMBER = "damaged-number"
    TOO_LONG = "too-long"
    NOT_TEXT = "not-text"
    NOT_AN_INTEGER = "not-an-integer"
    NOT_A_DECIMAL = "not-a-decimal"
    NOT_A_BOOLEAN = "not-a-boolean"
    NOT_A_DATE = "not-a-date"
    NOT_A_COUNTRY = "not-a-country"
    NOT_AN_EMAIL = "not-an-email"
    NOT_A_URL = "not-a-url"
    NOT_IN_MAP = "not-in-map"
    KEPT_AS_IS = "kept-as-is"
    LEFT_BLANK = "left-blank"
    DUPLICATE_IN_FILE = "duplicate-in-file"
    SKIPPED_BY_RULE = "skipped-by-rule"

    ARCHIVED_IN_KANBERT = "archived-in-kanbert"
    HELD_ELSEWHERE = "held-elsewhere"
    OTHER_COMPANY_ANSWERED = "other-company-answered"
    REFUSED_BY_KANBERT = "refused-by-kanbert"
    GAVE_UP = "gave-up"
    OUTCOME_UNKNOWN = "outcome-unknown"
    STORED_DIFFERS = "stored-differs"
    CLEARED_UNASKED = "cleared-unasked"
    OUR_BUG = "our-bug"


@dataclass(frozen=True, slots=True)
class Template:
    """How an issue of one code reads; `message` takes `{detail}` and the other facts of `Issue.of`."""

    severity: Severity
    message: str
    hint: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
_AGAIN = "Correct the cell and give the corrected rows back with `retry --rows`, or change the mapping and `retry`."

TEMPLATES: Mapping[Code, Template] = {
    Code.EXTRA_CELLS: Template(
        _E,
        "the row has {detail} more than the header",
        "Look in this row for a missing quote or an unquoted delimiter.",
    ),
    Code.MISSING_CELLS: Template(
        _W,
        "the row ends {detail} before the header does; they count as empty",
        "Check that the row is complete in the program that wrote the file.",
    ),
    Code.BAD_QUOTES: Template(
        _E,
        "the quotation marks in the row do not match, so its cells are doubtful",
        'Inside a quoted cell write a " twice, or remove it.',
    ),
    Code.ERROR_CELL: Template(
        _E, "the cell holds the error {value}", "Repair the formula in the spreadsheet, or type the value."
    ),
    Code.NO_STORED_RESULT: Template(
        _E,
        "the formula in this cell has no stored result",
        "Open the workbook in Excel or LibreOffice once and save it.",
    ),
    Code.MISSING_REQUIRED: Template(
        _E, "{field} is empty, and Kanbert requires it", "Fill the cell, or name further columns with `first_of`."
    ),
    Code.BAD_EXTERNAL_ID: Template(
        _E,
        "{value} cannot be an external_id: {detail}",
        "Give the row another number, or map another column to external_id.",
    ),
    Code.DAMAGED_NUMBER: Template(
        _E,
        "{value} has lost digits: {detail}",
        "Export the column as text; a spreadsheet keeps only 15 digits of a number.",
    ),
    Code.TOO_LONG: Template(
        _E, "{field} has {detail}", "Shorten the text; Kanbert would refuse it, and nothing is cut without being asked."
    ),
    Code.NOT_TEXT: Template(_E, "{value} cannot be sent as text: {detail}", _AGAIN),
    Code.NOT_AN_INTEGER: Template(_E, "{value} is not a whole number: {detail}", _AGAIN),
    Code.NOT_A_DECIMAL: Template(_E, "{value} is not a number: {detail}", _AGAIN),
    Code.NOT_A_BOOLEAN: Template(
        _E, "{value} is neither yes nor no: {detail}", "Write yes or no, or translate the words with `map`."
    ),
    Code.NOT_A_DATE: Template(
        _E,
        "{value} is not a date: {detail}",
        "Write it as YYYY-MM-DD, or declare the order with `as: {{date: {{order: dmy}}}}`.",
    ),
    Code.NOT_A_COUNTRY: Template(
        _E,
        "{value} is not a country: {detail}",
        "Use the country's name or its two-letter code, or translate it with `map`.",
    ),
    Code.NOT_AN_EMAIL: Template(_E, "{value} is not an e-mail address: {detail}", _AGAIN),
    Code.NOT_A_URL: Template(_E, "{value} is not a web address: {detail}", _AGAIN),
    Code.NOT_IN_MAP: Template(
        _E,
        "{value} stands in no `map` of {field}{detail}",
        "Add the value to the mapping's `map`, or set `otherwise: keep`.",
    ),
    Code.KEPT_AS_IS: Template(
        _W, "{field} is sent as it stands: {detail}", "Look whether the value is good enough; `on_invalid` decides."
    ),
    Code.LEFT_BLANK: Template(
        _W, "{field} is left out: {detail}", "Look whether the value may be missing; `on_invalid` decides."
    ),
    Code.DUPLICATE_IN_FILE: Template(
        _E,
        "external_id {value} stands in more than one row: {detail}",
        "Keep one of the rows, or set `duplicates: first` or `last` in the mapping.",
    ),
    Code.SKIPPED_BY_RULE: Template(_I, "skipped: {detail}", "Change `skip` in the mapping if the row should go."),
    Code.ARCHIVED_IN_KANBERT: Template(
        _E,
        "the company that holds external_id {value} is archived in Kanbert",
        "Run again with `--archived restore`, or restore it in Kanbert and `retry`.",
    ),
    Code.HELD_ELSEWHERE: Template(
        _E,
        "Kanbert says that external_id {value} is taken, but no company this token can see holds it under our origin",
        "It may be archived (run again with `--archived restore`) or held under another origin: look in Kanbert, then `retry`.",
    ),
    Code.OTHER_COMPANY_ANSWERED: Template(
        _E,
        "asked for external_id {value}, Kanbert answered with {detail}; nothing was written",
        "Two external_ids are alike to Kanbert (case, accents or digits): give one company another external_id.",
    ),
    Code.REFUSED_BY_KANBERT: Template(_E, "Kanbert refused {field}: {detail}", _AGAIN),
    Code.GAVE_UP: Template(_E, "gave up: {detail}", "Run `retry`: nothing was lost, the row is tried again."),
    Code.OUTCOME_UNKNOWN: Template(
        _E,
        "it is not known whether the write arrived: {detail}",
        "Run `retry`: the company is looked up before anything is sent again.",
    ),
    Code.STORED_DIFFERS: Template(
        _W, "Kanbert stored {detail} in {field} instead of {value}", "Compare the company in Kanbert with the row."
    ),
    Code.CLEARED_UNASKED: Template(
        _E,
        "after an update that did not send them, Kanbert has these fields empty: {detail}; the run was stopped",
        "Look at this company in Kanbert. If nobody else emptied the fields, do not go on and tell us.",
    ),
    Code.OUR_BUG: Template(
        _E,
        "an error of kanbert-import itself: {detail}",
        "Please report it; the journal has the details. Nothing was lost.",
    ),
}


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands, in the words of the user's own program; `column` is the header's text."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with data: counted and reported, never raised. `value` is shortened."""

    code: Code
    severity: Severity
    location: Location
    field: str | None
    value: str | None
    message: str
    hint: str

    @classmethod
    def of(
        cls,
        code: Code,
        location: Location,
        *,
        field: str | None = None,
        value: object = None,
        detail: str = "",
        severity: Severity | None = None,
    ) -> Issue:
        """Make an issue of `code` with the message and hint of its template; `detail` says why, in words."""
        template = TEMPLATES[code]
        shown = None if value is None else shortened(str(value))
        quoted = "an empty cell" if shown is None else f'"{shown}"'
        message = template.message.format(field=field or "the row", value=quoted, detail=shortened(detail, 300))
        return cls(
            code=code,
            severity=severity or template.severity,
            location=location,
            field=field,
            value=shown,
            message=message.removesuffix(": "),
            hint=template.hint.format(),
        )


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """All issues of one (code, field, value), with the first rows that have it."""

    code: Code
    severity: Severity
    field: str | None
    column: str | None
    value: str | None
    count: int
    first_rows: tuple[int, ...]
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """What a value converter returns for a cell it cannot settle: never a guess."""

    code: Code
    detail: str = ""  # why, in words that follow "X is not a country: "
    suggestions: tuple[str, ...] = ()  # values that may be meant, likeliest first; never filled in


def harmless(text: str) -> str:
    """Replace what a terminal would obey or reorder (escape sequences, control and bidi characters) by `?`."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text)


def shortened(text: str, limit: int = 120) -> str:
    """Bound text from outside to one harmless line of `limit` characters; a cut is shown by an ellipsis."""
    line = harmless(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


# ── what the file says ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source before its rows are read; what was detected is printed to the user."""

    path: str
    sha256: str
    format: str  # "csv" or "xlsx"
    columns: tuple[str, ...]  # header texts made unique: "Name", "Name [2]", "Column C" for an empty one
    encoding: str | None = None  # Python's name of it; None for a workbook
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1  # as the user's program shows it
    notes: tuple[str, ...] = ()  # what the user should know of the detection, such as other sheets


@dataclass(frozen=True, slots=True)
class Row:
    """What the file says: one row's cells, as many as there are columns, and where it stands."""

    number: int  # as the user's program shows it; for CSV the line the row begins on
    cells: tuple[Cell, ...]
    issues: tuple[Issue, ...] = ()  # what the reader found; an error among them refuses the row


# ── what company should exist ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Desired:
    """The company that should exist: a valid create payload, external_id and external_origin included."""

    external_id: str
    payload: Payload
    digest: str
    issues: tuple[Issue, ...] = ()  # warnings only


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


def canonical_json(value: Json) -> str:
    """Write JSON with sorted keys and no blanks: equal values give equal text in every process and locale."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(payload: Payload) -> str:
    """Fingerprint a payload; equal payloads have equal digests whatever the order of their keys."""
    return hashlib.sha256(canonical_json(payload).encode("utf-8", "surrogatepass")).hexdigest()


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened; `stored` is the company as Kanbert answered, where it did."""

    kind: OutcomeKind
    kanbert_id: str | None = None
    stored: dict[str, Json] | None = None
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
