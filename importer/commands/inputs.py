"""A mapping and a source file -> rows with what they map to."""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field as slot
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from importer import __version__
from importer.clock import SystemClock
from importer.commands.batches import few_collections, in_batches
from importer.commands.columns import Columns
from importer.commands.contacts import Going, contacts_of
from importer.commands.weighing import Weighing
from importer.errors import SourceError, UsageError
from importer.journal import RunFacts
from importer.mapping import load_mapping
from importer.model import Location, Row
from importer.readers import ReaderOptions, limits_of, open_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping as MappingOf, Sequence
    from pathlib import Path

    from importer.commands.settings import Desk, Job
    from importer.journal import Work
    from importer.mapping import Mapper, Mapping, Reading, SourceSettings, Usage
    from importer.model import Cell, IssueGroup, Mapped, SourceInfo
    from importer.progress import Progress
    from importer.readers import Limits, Source

    Corrections: TypeAlias = "MappingOf[tuple[Cell, ...], tuple[Cell, ...]]"

__all__ = [
    "Inputs",
    "Places",
    "file_of",
    "opened",
    "refuse_reading_options",
    "run_facts",
    "source_of",
    "told_as_options",
    "with_readings",
]


_SETTING = re.compile(r"`source\.(sheet|header_row|encoding|delimiter)(?:: ([^`]*))?`(?: in the mapping)?")
_EARLY = 2_000  # rows that are taken as a sample of how cells are read


@dataclass(frozen=True, slots=True)
class Inputs:
    """A source opened for one mapping."""

    mapping: Mapping
    source: Source
    mapper: Mapper
    columns: Columns
    looked: bool  # whether all rows were looked at before, to know how they are read
    readings: MappingOf[int, Reading]  # by which the mapper reads the columns that the mapping leaves open

    def findings(self) -> tuple[IssueGroup, ...]:
        """Tell what is wrong with whole columns; to be asked once the rows were mapped."""
        return self.columns.groups(self.mapper)

    def weighing(self) -> Weighing:
        """Weigh all rows, to count them."""
        return Weighing(self.source, self.mapper, self.columns, watching=not self.looked)

    def followed_by(self, usage: Usage) -> Mapper:
        """Compile the mapping once more, with a usage that follows the rows."""
        return _compiled(self.mapping, self.source.info, self.readings, usage)

    def as_proven(self) -> Inputs:
        """Read the columns as all rows prove that they are read; the same where that was so. All rows must have gone by."""
        proven = self.columns.readings(self.readings)
        if proven == self.readings:
            return self
        mapper = _compiled(self.mapping, self.source.info, proven)
        return Inputs(self.mapping, self.source, mapper, self.columns, looked=True, readings=proven)

    def mapped_rows(
        self, progress: Progress, corrections: Corrections = MappingProxyType({})
    ) -> Iterator[tuple[Row, Mapped]]:
        """Map the rows of the source, lazily, each counted as it goes by.

        Cells that a retry has corrected are taken as corrected for as long as the file has them as they were.
        """
        progress.start("reading", None)
        with few_collections():
            for found in in_batches(self.source.rows()):
                if not self.looked:
                    self.columns.feed_all(found)
                rows = [_as_corrected(row, corrections) for row in found] if corrections else found
                yield from zip(rows, self.mapper.map_all(rows), strict=True)
                progress.advance(len(rows))
        progress.finish()


def _compiled(
    mapping: Mapping, info: SourceInfo, readings: MappingOf[int, Reading], usage: Usage | None = None
) -> Mapper:
    return mapping.compile(info.columns, file=info.path, sheet=info.sheet, usage=usage, readings=readings)


def _as_corrected(row: Row, corrections: Corrections) -> Row:
    corrected = corrections.get(row.cells)
    return row if corrected is None else Row(row.number, corrected)


@contextmanager
def opened(
    job: Job, desk: Desk, usage: Usage | None = None, *, early: bool = False, going: Going | None = None
) -> Iterator[Inputs]:
    """Open a job's source by the reader settings of its mapping, and compile the mapping for its header.

    Where the mapping leaves it to a column how its cells are read, all rows are read once for that, before any is
    mapped; `early` has the first ones read instead, and `Inputs.as_proven` asked at the end. With a `usage`, it is noted
    there which parts of the mapping the rows make use of.
    """
    mapping = load_mapping(job.mapping, job.decisions)
    with source_of(job, mapping, desk, going) as source:
        info = source.info
        mapper = _compiled(mapping, info, {}, usage)
        columns = Columns.used(info, mapper)
        undeclared = mapper.undeclared
        readings: MappingOf[int, Reading] = {}
        looked = bool(undeclared) and not early
        if undeclared:
            if looked:
                _look_at(columns, source, desk.progress)
            readings = columns.readings(undeclared) if looked else _early_readings(source, undeclared)
            mapper = _compiled(mapping, info, readings, usage)
        yield Inputs(mapping, source, mapper, columns, looked, readings)


def _early_readings(source: Source, places: Iterable[int]) -> dict[int, Reading]:
    columns = Columns.at(source.info, places)
    for rows in in_batches(islice(source.rows(), _EARLY)):
        columns.feed_all(rows)
    return columns.readings(places)


def _look_at(columns: Columns, source: Source, progress: Progress) -> None:
    progress.start("looking", None)
    with few_collections():
        for rows in in_batches(source.rows()):
            columns.feed_all(rows)
            progress.advance(len(rows))
    progress.finish()


def with_readings(mapper: Mapper, mapping: Mapping, source: SourceInfo, rows: Iterable[Row]) -> Mapper:
    """Compile a mapping once more where it leaves it to columns how they are read; `rows` are all of the source."""
    if not mapper.undeclared:
        return mapper
    columns = Columns.at(source, mapper.undeclared)
    for batch in in_batches(rows):
        columns.feed_all(batch)
    return _compiled(mapping, source, columns.readings(mapper.undeclared))


@contextmanager
def source_of(job: Job, mapping: Mapping, desk: Desk, going: Going | None) -> Iterator[Source]:
    """Open a job's file as the user says it is to be read, and otherwise as the mapping does; or fetch its contacts."""
    said = job.reading
    address = job.address
    if address is not None:
        refuse_reading_options(job.reading_options)
        yield contacts_of(address, job.fetching, desk, going or Going())
        return
    limits = limits_of(desk.environment)
    settings = mapping.source if said is None else mapping.source.overridden(said)
    with told_as_options() if job.reading_options else nullcontext(), file_of(job.file, settings, limits) as source:
        yield source


def refuse_reading_options(options: Sequence[str]) -> None:
    """Refuse what the user says of how a file is read, where there is no file."""
    if options:
        message = f"{options[0]} says how a file is read. What comes from Moneybird is read as it is: leave it out."
        raise UsageError(message)


@contextmanager
def file_of(file: Path, settings: SourceSettings, limits: Limits) -> Iterator[Source]:
    """Open a file by reader settings."""
    options = ReaderOptions(settings.sheet, settings.header_row, settings.encoding, settings.delimiter, limits)
    with open_source(file, options) as source:
        yield source


@contextmanager
def told_as_options() -> Iterator[None]:
    """Speak of options where readers speak of settings in a mapping: there is none yet, or the user did."""
    try:
        yield
    except SourceError as error:
        raise SourceError(_SETTING.sub(_option, str(error))) from error


def _option(setting: re.Match[str]) -> str:
    name = f"--{setting[1].replace('_', '-')}"
    return f"`{name} {setting[2]}`" if setting[2] else f"`{name}`"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a row stands in its source; the column is the one its field came from."""

    source: SourceInfo
    mapper: Mapper
    _columns: dict[str | None, str | None] = slot(default_factory=lambda: {None: None})
    """By field, as they are asked for: to find one takes longer than the rest of planning its row."""

    def __call__(self, work: Work, field: str | None) -> Location:
        """Locate a field of a row."""
        if field not in self._columns:
            self._columns[field] = None if field is None else self.mapper.column_of(field)
        return Location(self.source.path, self.source.sheet, work.number, self._columns[field])


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
