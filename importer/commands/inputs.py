"""A mapping and a source file -> rows with what they map to."""

from __future__ import annotations

import gc
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from importer import __version__
from importer.clock import SystemClock
from importer.commands.columns import Columns
from importer.errors import SourceError, UsageError
from importer.journal import RunFacts
from importer.mapping import load_mapping
from importer.model import Location, Row
from importer.readers import ReaderOptions, open_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping as MappingOf
    from pathlib import Path

    from importer.commands.settings import Desk, Job
    from importer.journal import Work
    from importer.mapping import Mapper, Mapping, SourceSettings, Usage
    from importer.model import Cell, IssueGroup, Mapped, SourceInfo
    from importer.progress import Progress
    from importer.readers import Source

    Corrections: TypeAlias = "MappingOf[tuple[Cell, ...], tuple[Cell, ...]]"

__all__ = ["Inputs", "Places", "file_of", "opened", "run_facts", "source_of", "with_readings"]


_TOGETHER = 256  # rows that are looked at and mapped at once: more are not quicker, and stay longer in memory


@dataclass(frozen=True, slots=True)
class Inputs:
    """A source opened for one mapping."""

    mapping: Mapping
    source: Source
    mapper: Mapper
    columns: Columns
    looked: bool  # whether all rows were looked at before, to know how they are read

    def findings(self) -> tuple[IssueGroup, ...]:
        """Tell what is wrong with whole columns; to be asked once the rows were mapped."""
        return self.columns.groups(self.mapper)

    def mapped_rows(
        self, progress: Progress, corrections: Corrections = MappingProxyType({})
    ) -> Iterator[tuple[Row, Mapped]]:
        """Map the rows of the source, lazily, each counted as it goes by.

        Cells that a retry has corrected are taken as corrected for as long as the file has them as they were.
        """
        progress.start("reading", None)
        with _few_collections():
            for found in _batches(self.source.rows()):
                if not self.looked:
                    self.columns.feed_all(found)
                rows = [_as_corrected(row, corrections) for row in found] if corrections else found
                yield from zip(rows, self.mapper.map_all(rows), strict=True)
                progress.advance(len(rows))
        progress.finish()


@contextmanager
def _few_collections() -> Iterator[None]:
    """Have Python look for cycles of garbage less often while rows go by, and not among what is there before.

    Rows and payloads are no cycles: they go when nobody has them. To look for some took an eighth of a `validate`.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Put rows together, to be mapped at once; those before a place that cannot be read come before its error."""
    batch: list[Row] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == _TOGETHER:
                yield batch
                batch = []
    except SourceError:
        yield batch
        raise
    yield batch


def _as_corrected(row: Row, corrections: Corrections) -> Row:
    corrected = corrections.get(row.cells)
    return row if corrected is None else Row(row.number, corrected)


@contextmanager
def opened(job: Job, desk: Desk, usage: Usage | None = None) -> Iterator[Inputs]:
    """Open a job's file by the reader settings of its mapping, and compile the mapping for its header.

    Where the mapping leaves it to a column how its cells are read, all rows are read once for that, before any is
    mapped. With a `usage`, it is noted there which parts of the mapping the rows make use of.
    """
    mapping = load_mapping(job.mapping, job.decisions)
    with source_of(job.file, mapping) as source:
        info = source.info
        mapper = mapping.compile(info.columns, file=info.path, sheet=info.sheet, usage=usage)
        columns = Columns.used(info, mapper)
        undeclared = mapper.undeclared
        if undeclared:
            _look_at(columns, source, desk.progress)
            readings = columns.readings(undeclared)
            mapper = mapping.compile(info.columns, file=info.path, sheet=info.sheet, usage=usage, readings=readings)
        yield Inputs(mapping, source, mapper, columns, looked=bool(undeclared))


def _look_at(columns: Columns, source: Source, progress: Progress) -> None:
    progress.start("looking", None)
    with _few_collections():
        for rows in _batches(source.rows()):
            columns.feed_all(rows)
            progress.advance(len(rows))
    progress.finish()


def with_readings(mapper: Mapper, mapping: Mapping, source: SourceInfo, rows: Iterable[Row]) -> Mapper:
    """Compile a mapping once more where it leaves it to columns how they are read; `rows` are all of the source."""
    if not mapper.undeclared:
        return mapper
    columns = Columns.at(source, mapper.undeclared)
    for row in rows:
        columns.feed(row.number, row.cells)
    readings = columns.readings(mapper.undeclared)
    return mapping.compile(source.columns, file=source.path, sheet=source.sheet, readings=readings)


@contextmanager
def source_of(file: Path, mapping: Mapping) -> Iterator[Source]:
    """Open a file as the mapping says it is to be read."""
    with file_of(file, mapping.source) as source:
        yield source


@contextmanager
def file_of(file: Path, settings: SourceSettings) -> Iterator[Source]:
    """Open a file by reader settings."""
    if "://" in str(file) or str(file).startswith("moneybird:"):
        message = f"{file} is no file; this version reads CSV and .xlsx files."
        raise UsageError(message)
    options = ReaderOptions(
        sheet=settings.sheet,
        header_row=settings.header_row,
        encoding=settings.encoding,
        delimiter=settings.delimiter,
    )
    with open_source(file, options) as source:
        yield source


@dataclass(frozen=True, slots=True)
class Places:
    """Where a row stands in its source; the column is the one its field came from."""

    source: SourceInfo
    mapper: Mapper

    def __call__(self, work: Work, field: str | None) -> Location:
        """Locate a field of a row."""
        column = None if field is None else self.mapper.column_of(field)
        return Location(self.source.path, self.source.sheet, work.number, column)


def run_facts(command: str, source: SourceInfo, mapping: Mapping) -> RunFacts:
    """Say of a run that begins now what the journal keeps of it."""
    return RunFacts(
        run_id=uuid.uuid4().hex,
        command=command,
        version=__version__,
        started_at=SystemClock().now().isoformat(timespec="seconds"),
        source=source,
        mapping_path=str(mapping.path),
        mapping_sha256=mapping.sha256,
        mapping_text=mapping.text,
    )
