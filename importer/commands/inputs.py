"""A mapping and a source file -> rows with what they map to."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from importer import __version__
from importer.errors import UsageError
from importer.journal import RunFacts
from importer.mapping import load_mapping
from importer.model import Location, Row
from importer.readers import ReaderOptions, open_source
from importer.transport import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping as MappingOf
    from pathlib import Path

    from importer.commands.settings import Job
    from importer.journal import Work
    from importer.mapping import Mapper, Mapping, Usage
    from importer.model import Cell, Mapped, SourceInfo
    from importer.progress import Progress
    from importer.readers import Source

    Corrections: TypeAlias = "MappingOf[tuple[Cell, ...], tuple[Cell, ...]]"

__all__ = ["Inputs", "Places", "opened", "run_facts", "source_of"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A source opened for one mapping."""

    mapping: Mapping
    source: Source
    mapper: Mapper

    def mapped_rows(
        self, progress: Progress, corrections: Corrections = MappingProxyType({})
    ) -> Iterator[tuple[Row, Mapped]]:
        """Map the rows of the source, lazily, each counted as it goes by.

        Cells that a retry has corrected are taken as corrected for as long as the file has them as they were.
        """
        progress.start("reading", None)
        for found in self.source.rows():
            corrected = corrections.get(found.cells) if corrections else None
            row = found if corrected is None else Row(found.number, corrected)
            yield row, self.mapper.map(row)
            progress.advance()
        progress.finish()


@contextmanager
def opened(job: Job, usage: Usage | None = None) -> Iterator[Inputs]:
    """Open a job's file by the reader settings of its mapping, and compile the mapping for its header.

    With a `usage`, it is noted there which parts of the mapping the rows make use of.
    """
    mapping = load_mapping(job.mapping, job.decisions)
    with source_of(job.file, mapping) as source:
        mapper = mapping.compile(source.info.columns, file=source.info.path, sheet=source.info.sheet, usage=usage)
        yield Inputs(mapping, source, mapper)


@contextmanager
def source_of(file: Path, mapping: Mapping) -> Iterator[Source]:
    """Open a file as the mapping says it is to be read."""
    if "://" in str(file) or str(file).startswith("moneybird:"):
        message = f"{file} is no file; this version reads CSV and .xlsx files."
        raise UsageError(message)
    settings = mapping.source
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
