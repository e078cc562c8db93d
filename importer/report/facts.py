"""What a report tells, as values: the summary of a command, and the rows that somebody has to look at.

Nothing here knows where the facts come from: the journal and the commands fill these in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from importer.model import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.model import Action, Cell, Issue, IssueGroup, OutcomeKind, PlannedRow, SourceInfo, UndoCounts
    from importer.report.canary import CanaryFact
    from importer.report.explained import Explanation
    from importer.report.verified import VerifiedFact


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file that took part, and the fingerprint of what it held then."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TargetFact:
    """Where operations went, and the origin that external_ids are held under."""

    url: str
    origin: str


@dataclass(frozen=True, slots=True)
class RequestFact:
    """How many requests left; `total` counts every one, tried-again and throttled ones included."""

    total: int = 0
    read: int = 0
    write: int = 0
    retried: int = 0
    throttled: int = 0  # answered 429
    waited_s: float = 0.0  # seconds for which nothing was sent because the target said so, or was gone


@dataclass(frozen=True, slots=True)
class KeptFact:
    """A company that an undo did not take back, and why."""

    external_id: str
    kanbert_id: str | None
    row: int | None
    outcome: str  # kept, failed or unknown
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class MasterFact:
    """A value of a record of its own in Kanbert (business field, size, revenue, tag) that a plan needs."""

    field: str
    value: str
    rows: int
    used: bool | None  # by a company; None: not all of them were seen
    creates: bool | None  # whether Kanbert makes such a record by itself; None: not documented
    alike: str | None = None  # the same but for case, as companies have it


@dataclass(frozen=True, slots=True)
class EffortFact:
    """What carrying out a plan takes: the look-ups once more, and the writes with what is read right before them."""

    reads: int
    writes: int
    seconds: float | None = None  # None: nothing says how fast requests may be sent
    basis: str = ""  # what the seconds were reckoned by, in words
    least: bool = False  # it takes so long at least


@dataclass(frozen=True, slots=True)
class PredictionFact:
    """Of one action: in how many rows a plan predicted it, and what a run of the plan did."""

    action: Action
    predicted: int
    actual: int  # rows that ended so, whatever was predicted for them
    otherwise: Mapping[str, int]  # rows for which it was predicted, by how they ended instead


class PlannedRows(Protocol):
    """The rows of a plan, read when they are asked for."""

    def __call__(self, action: Action | None = None, *, limit: int | None = None) -> Iterator[PlannedRow]:
        """Walk over the rows in the order of the file, all or those of one action."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFact:
    """What a plan says."""

    path: str
    actions: Mapping[Action, int]
    fields: Mapping[str, Mapping[str, int]]  # by action and field, in how many rows it changes
    cleared: Mapping[str, int]  # by field, in how many rows its value goes
    masters: tuple[MasterFact, ...]
    effort: EffortFact
    rows: PlannedRows
    full: bool = False  # all rows are to be shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one command did; None where it does not apply, such as `target` for `validate`."""

    command: str
    exit_code: int
    source: SourceInfo | None = None
    rows: int | None = None  # rows in the source, blank ones left out
    mapping: FileFact | None = None
    target: TargetFact | None = None
    journal: str | None = None
    counts: Counts = field(default_factory=Counts)
    undone: UndoCounts | None = None  # of an undo, in the place of `counts`
    kept: Sequence[
        KeptFact
    ] = ()  # the companies that an undo did not take back; the first of them, where there are many
    requests: RequestFact = field(default_factory=RequestFact)
    duration: float = 0.0  # seconds
    groups: Sequence[IssueGroup] = ()  # most frequent first
    groups_cut: bool = False  # there are more kinds of issue than `groups` lists
    columns: Sequence[IssueGroup] = ()  # what is wrong with whole columns of the source, in its order
    notes: tuple[str, ...] = ()  # what the user should know besides, a sentence each
    stopped: str | None = None  # why a run did not take up every row
    next: str | None = None  # what to do now, as a command that can be pasted
    verified: VerifiedFact | None = None  # of `verify`
    explained: Explanation | None = None  # of `explain`
    predicted: tuple[PredictionFact, ...] = ()  # of a run that executes a plan
    canary: CanaryFact | None = None  # of a run that sent a few rows first
    plan: PlanFact | None = None  # of `plan`; then `counts` are the outcomes that it predicts


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of the source with what is wrong with it; `cells` has exactly one cell a column of the report."""

    number: int  # as the user's program shows it
    sheet: str | None
    cells: tuple[Cell, ...]
    external_id: str | None
    outcome: OutcomeKind | None  # None where nothing has happened yet, as in `validate`
    issues: tuple[Issue, ...]


class ReportSource(Protocol):
    """What a report is written from.

    `rows()` yields every row that has an issue of severity error or warning, and no other, in the order of the file;
    lazily, so that a report over 100,000 rows stays flat in memory; and anew at each call.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The header's texts, made unique by the reader."""
        ...

    @property
    def summary(self) -> Summary:
        """The facts of the command as a whole."""
        ...

    def rows(self) -> Iterator[ReportRow]:
        """Iterate the rows somebody has to look at."""
        ...
