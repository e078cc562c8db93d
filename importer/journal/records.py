"""What goes into a journal and comes out of it: runs, work, plans, settlements, and what an intake found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field as slot
from typing import TYPE_CHECKING, NamedTuple

from importer.model import Action, SourceInfo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeAlias

    from importer.journal.forecast import Forecast
    from importer.model import (
        Cell,
        Change,
        Code,
        Desired,
        Issue,
        Json,
        Operation,
        Outcome,
        OutcomeKind,
        Payload,
        Row,
        Undone,
    )

    Columns: TypeAlias = sqlite3.Row | dict[str, Any]
    """What stands in a row of the journal, by the names of the columns."""

__all__ = [
    "IN_KANBERT",
    "AttemptRecord",
    "Columns",
    "Intake",
    "Intent",
    "KeptCompany",
    "MappedRow",
    "PlanFacts",
    "Planned",
    "PlannedColumns",
    "ProblemRow",
    "RunFacts",
    "RunRecord",
    "Settlement",
    "TakenUp",
    "Work",
    "Wrote",
    "source_from_json",
    "source_to_json",
]

IN_KANBERT = ("created", "updated", "adopted", "restored", "unchanged")
"""Outcomes after which a row with the same digest is done: it is not looked at again."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as it begins."""

    run_id: str
    command: str
    version: str
    started_at: str
    source: SourceInfo
    mapping_path: str
    mapping_sha256: str
    mapping_text: str
    again: str | None = None  # the command that resumes it, to be pasted
    whole: str | None = None  # likewise, without what leaves rows out


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the journal has it; `state` is planned, writing, ended or stopped; writing without a process is killed."""

    id: int
    run_id: str
    command: str
    state: str
    started_at: str
    ended_at: str | None
    source: SourceInfo
    blank_rows: int
    mapping_path: str
    mapping_sha256: str
    mapping_text: str
    undoes: int | None = None  # the last run whose writes it takes back
    predicted: str | None = None  # JSON, where it executes a plan: which one, and action to rows
    planned: str | None = None
    """JSON, of a plan: by which options it was made, and what it found; of a run: `again` and `whole`."""

    @property
    def ended(self) -> bool:
        """Whether it took up every row; if not, the next run resumes it."""
        return self.state == "ended"

    @property
    def again(self) -> str | None:
        """The command that resumes it; None where a journal of an earlier version does not have it."""
        return self._command("again")

    @property
    def whole(self) -> str | None:
        """Likewise, without what leaves rows out."""
        return self._command("whole")

    def _command(self, which: str) -> str | None:
        found = json.loads(self.planned or "{}").get(which)
        return None if found is None else str(found)


@dataclass(frozen=True, slots=True)
class Intake:
    """What reading a source into the journal found, compared with what the journal knew before."""

    run: int
    rows: int
    blank_rows: int
    resumed: bool  # an earlier run had not ended
    done: int = 0  # in Kanbert already, with the same digest
    changed: int = 0  # in Kanbert already, with another digest
    gone: int = 0  # in Kanbert through this journal, no longer in the source
    gone_open: tuple[str, ...] = ()  # external_ids not in Kanbert yet, or not known to be, and no longer in the source
    corrected: int = 0  # taken as an earlier retry corrected them, not as the file has them
    gone_planned: tuple[str, ...] = ()  # external_ids that the plan would have written, and no longer in the source
    beyond: tuple[str, ...] = ()  # parts of the selection that end behind the last row, in words


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan that is to be executed."""

    plan: str  # the run_id of the run that made it
    actions: dict[str, int]  # how many rows it has of each
    moved: str  # what has changed since it was made, in words; empty where nothing that can be told
    forecasts: Callable[[], Iterable[PlannedColumns]]


class PlannedColumns(NamedTuple):
    """A row of a plan as it goes from one journal into another."""

    external_id: str
    digest: str
    action: str
    kanbert_id: str | None
    body: str
    changes: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """An operation sent, or about to be sent, whose effect nobody has seen yet."""

    operation: int
    action: Action
    body: Payload


@dataclass(frozen=True, slots=True)
class Work:
    """A row that is not final: what should exist, and what may have been sent for it already."""

    row: int
    number: int
    desired: Desired
    intent: Intent | None = None
    forecast: Forecast | None = None  # where a plan is executed
    stored: Payload | None = slot(default=None, compare=False, repr=False)
    """The payload that its row in the journal has, whatever `desired` becomes: what is sent of it need not be kept again."""


_DID = {
    "created": Action.CREATE,
    "updated": Action.UPDATE,
    "adopted": Action.ADOPT,
    "restored": Action.RESTORE,
}


@dataclass(frozen=True, slots=True)
class Wrote:
    """An operation of a run, as an undo looks back at it."""

    operation: int
    action: Action
    outcome: str | None
    kanbert_id: str | None
    body: Payload
    changes: tuple[Change, ...]
    before: dict[str, Json] | None
    after: dict[str, Json] | None

    @property
    def seen(self) -> bool:
        """Whether its effect is known."""
        return self.outcome in _DID or (self.outcome == "refused" and self.after is not None)

    @property
    def did(self) -> Action:
        """What was done to the company: the outcome knows of an earlier write whose answer was lost."""
        return _DID.get(self.outcome or "", self.action)


@dataclass(frozen=True, slots=True)
class KeptCompany:
    """A company that an undo could not take back, and why."""

    external_id: str
    kanbert_id: str | None
    number: int | None  # of its row; None where the file has it no more
    kind: Undone
    code: Code
    message: str
    hint: str


class Planned(NamedTuple):
    """What must be done for a row; `operation_id` is its intent in the journal, None before there is one."""

    work: Work
    operation: Operation
    operation_id: int | None = None


class Settlement(NamedTuple):
    """The final outcome of a row, and of the operation that led to it where something was sent."""

    row: int
    outcome: Outcome
    operation_id: int | None = None


class AttemptRecord(NamedTuple):
    """One request that was sent; `status` is None where no answer came, `duration` is seconds."""

    external_id: str | None
    method: str
    path: str
    status: int | None
    duration: float
    request_id: str | None
    message: str
    at: str


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row with what it maps to; `payload` is None where the row is refused or skipped."""

    number: int
    cells: tuple[Cell, ...]
    external_id: str | None
    payload: Payload | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A row with an error or a warning, as a report shows it."""

    number: int
    cells: tuple[Cell, ...]
    external_id: str | None
    outcome: OutcomeKind | None
    issues: tuple[Issue, ...]


def source_to_json(source: SourceInfo) -> str:
    """Write a source's facts for the journal."""
    return json.dumps(asdict(source))


def source_from_json(text: str) -> SourceInfo:
    """Read what `source_to_json` wrote."""
    facts = json.loads(text)
    return SourceInfo(**{**facts, "columns": tuple(facts["columns"]), "notes": tuple(facts["notes"])})


@dataclass(frozen=True, slots=True)
class TakenUp:
    """Which of a journal's rows are taken up again, and as what."""

    corrected: Callable[[Row, str | None], Row]  # gives each row, by what it was and its external_id, as it is mapped
    numbers: Sequence[int] = ()  # of rows that come along although they are in Kanbert, where they were corrected
    edited_only: bool = False  # rows that were tried, and corrected neither now nor before, stay what they came to
