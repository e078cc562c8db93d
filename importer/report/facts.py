"""What a report tells, as values: the summary of a command, and the rows that somebody has to look at.

Nothing here knows where the facts come from: the journal and the commands fill these in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from importer.model import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from importer.model import Cell, Issue, IssueGroup, OutcomeKind, SourceInfo, UndoCounts
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
