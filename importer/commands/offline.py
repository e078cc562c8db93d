"""`check`, `preview` and `validate`: what the mapping makes of a file, without a request."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, cast

from importer.clock import SystemClock
from importer.commands.inputs import Inputs, opened, run_facts
from importer.commands.settings import NO_FETCHING, Job, options_of
from importer.commands.summaries import validation_summary
from importer.company import FIELDS
from importer.errors import UsageError
from importer.journal import MappedRow, temporary_journal
from importer.mapping import Usage, load_mapping
from importer.model import Desired, Refusal, Skip, plural, shortened
from importer.report import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from importer.commands.settings import Desk, Fetching
    from importer.journal import Intake, Journal
    from importer.mapping import Mapping, Never, SourceSettings, TestFailure
    from importer.model import IssueGroup, Mapped, Row, Selection, SourceInfo
    from importer.report import Summary

__all__ = ["Checked", "Coverage", "check", "preview", "validate"]

_CLIENTS = "Whether Kanbert has the clients that rows name by external_id is not known offline: `plan` looks them up."


def validate(job: Job, desk: Desk) -> Summary:
    """Map every row of a file and sum up what would be refused; duplicates included, nothing sent.

    Nothing is kept but the decisions file, where one is asked for: it is written with what no rule settles.
    """
    clock = SystemClock()
    began, selection = clock.monotonic(), job.selection
    usage = None if job.decisions is None else Usage()
    known = job.decisions if job.decisions is not None and job.decisions.exists() else None
    with ExitStack() as stack:
        inputs = stack.enter_context(opened(replace(job, decisions=known), desk, usage, early=usage is None))
        journal, intake = stack.enter_context(_counted(inputs, desk, selection))
        if usage is None and (proven := inputs.as_proven()) is not inputs:
            inputs = proven
            journal, intake = stack.enter_context(_counted(inputs, desk, selection))
        duration = clock.monotonic() - began
        notes = () if usage is None else _decisions(inputs.mapping, usage, job)
        waiting = 0 if usage is None else len(usage.open)
        summary = validation_summary(journal.view, intake, duration=duration, job=job, waiting=waiting)
        unknown = (_CLIENTS,) if inputs.mapper.names_clients else ()
        return replace(summary, notes=(*summary.notes, *notes, *unknown), columns=inputs.findings())


@contextmanager
def _counted(inputs: Inputs, desk: Desk, selection: Selection) -> Iterator[tuple[Journal, Intake]]:
    """Count all rows in a journal that is forgotten."""
    weighing = inputs.weighing()
    with temporary_journal() as journal:
        intake = journal.count_source(
            run_facts("validate", inputs.source.info, inputs.mapping),
            weighing.rows(desk.progress),
            duplicates=inputs.mapping.duplicates,
            blank_rows=lambda: weighing.blank_rows,
            selection=selection,
        )
        yield journal, intake


def _decisions(mapping: Mapping, usage: Usage, job: Job) -> tuple[str, ...]:
    """Write the decisions file, and say what is in it."""
    path = cast("Path", job.decisions)
    write_text(path, mapping.undecided(usage, source=job.source[0]))
    unused = tuple(f"{one.file}: {one.message}." for one in mapping.never(usage) if one.decision)
    count = len(usage.open)
    if not count:
        return (*unused, f"{path}: nothing is left to decide.")
    values = plural(count, "value waits", "values wait")
    return (
        *unused,
        f"{path}: {values} for a decision; edit that file: write it behind each colon, then run this again.",
    )


def preview(job: Job, desk: Desk, *, first: int, row: int | None) -> Iterator[tuple[SourceInfo, MappedRow]]:
    """Yield rows as they would be sent: the `first` ones, all of them for 0, or the one with the number `row`.

    Of a job that is about some rows these alone. Only where all rows are asked for are duplicates in the file among
    the issues: they need the whole file.
    """
    selection = job.selection
    with opened(job, desk) as inputs:
        info = inputs.source.info
        if first == 0 and row is None:
            with temporary_journal() as journal:
                _read(journal, inputs, desk)
                yield from ((info, one) for one in journal.view.mapped_rows() if selection.has(one.number))
            return
        if row is None:
            chosen = (mapped for mapped in _mapped(inputs, desk) if selection.has(mapped.number))
        else:
            chosen, first = (mapped for mapped in _mapped(inputs, desk) if mapped.number == row), 1
        yield from ((info, mapped) for mapped in islice(chosen, first))


def _mapped(inputs: Inputs, desk: Desk) -> Iterator[MappedRow]:
    for row, mapped in inputs.mapped_rows(desk.progress):
        payload = mapped.payload if isinstance(mapped, Desired) else None
        yield MappedRow(row.number, row.cells, mapped.external_id, payload, mapped.issues)


def _read(journal: Journal, inputs: Inputs, desk: Desk) -> None:
    journal.read_source(
        run_facts("preview", inputs.source.info, inputs.mapping),
        inputs.mapped_rows(desk.progress),
        duplicates=inputs.mapping.duplicates,
        blank_rows=lambda: inputs.source.blank_rows,
    )


# ── check ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Coverage:
    """How far a mapping reaches into a file, and how full the fields get."""

    source: SourceInfo
    unused_columns: tuple[str, ...]
    unset_fields: tuple[str, ...]  # fields of the API that the mapping never sets
    sources: dict[str, str | None] = field(default_factory=dict)  # field -> the column it is taken from
    rows: int = 0
    refused: int = 0  # each row by itself: duplicates are not looked for
    skipped: int = 0
    left: Counter[str] = field(default_factory=Counter)  # rows that have something in an unused column
    samples: dict[str, str] = field(default_factory=dict)  # the first value of an unused column
    columns: tuple[IssueGroup, ...] = ()  # what is wrong with whole columns
    never: tuple[Never, ...] = ()  # parts of the mapping that no row made use of
    filled: Counter[str] = field(default_factory=Counter)  # rows by field
    longest: dict[str, int] = field(default_factory=dict)  # code points by field

    def near_limit(self) -> Iterator[tuple[str, int, int]]:
        """Name the fields whose longest value comes within a tenth of the limit: field, length, limit."""
        for name, length in self.longest.items():
            limit = FIELDS[name].max_length
            if limit is not None and length >= limit * 0.9:
                yield name, length, limit


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a mapping found; mistakes in the file itself are raised as MappingError instead."""

    path: str
    sha256: str
    tests: int
    failures: tuple[TestFailure, ...]
    coverage: Coverage | None


def check(
    mapping_path: Path,
    file: Path | None,
    desk: Desk,
    decisions: Path | None = None,
    reading: SourceSettings | None = None,
    fetching: Fetching = NO_FETCHING,
) -> Checked:
    """Check a mapping, run its own tests, and measure its coverage of a file."""
    mapping = load_mapping(mapping_path, decisions)
    failures = mapping.run_tests()
    coverage = None
    if file is None and reading is not None and options_of(reading):
        message = f"{options_of(reading)[0]} says how a file is read. Name the file behind the mapping."
        raise UsageError(message)
    if file is not None:
        usage, job = Usage(), Job(file, mapping_path, decisions=decisions, reading=reading, fetching=fetching)
        with opened(job, desk, usage) as inputs:
            coverage = _covered(inputs, desk)
            coverage.columns = inputs.findings()
        coverage.never = mapping.never(usage)
    return Checked(str(mapping.path), mapping.sha256, mapping.test_count, failures, coverage)


def _covered(inputs: Inputs, desk: Desk) -> Coverage:
    mapper = inputs.mapper
    unset = tuple(name for name in FIELDS if name not in mapper.fields)
    coverage = Coverage(inputs.source.info, tuple(mapper.unused_columns), unset)
    coverage.sources = mapper.sources | ({"tags": None} if "tags" in mapper.fields else {})
    unused = [(mapper.columns.index(column), column) for column in mapper.unused_columns]
    for row, mapped in inputs.mapped_rows(desk.progress):
        _count_cells(coverage, row, unused)
        _count_values(coverage, mapped)
    return coverage


def _count_cells(coverage: Coverage, row: Row, unused: Sequence[tuple[int, str]]) -> None:
    for index, column in unused:
        cell = row.cells[index] if index < len(row.cells) else None
        if cell is not None and (shown := str(cell).strip()):
            coverage.left[column] += 1
            coverage.samples.setdefault(column, shortened(shown, 40))


def _count_values(coverage: Coverage, mapped: Mapped) -> None:
    coverage.rows += 1
    coverage.refused += isinstance(mapped, Refusal)
    coverage.skipped += isinstance(mapped, Skip)
    if isinstance(mapped, Desired):
        slugs = mapped.payload.get("custom_fields")
        for slug, value in slugs.items() if isinstance(slugs, dict) else ():
            coverage.filled[f"custom_fields.{slug}"] += value is not None
        for name, value in mapped.payload.items():
            coverage.filled[name] += value is not None
            if isinstance(value, str):
                coverage.longest[name] = max(coverage.longest.get(name, 0), len(value))
