"""`init`: a file that nobody has described yet -> a mapping to start from, without a request."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.commands.contacts import Going, contacts_of
from importer.commands.inputs import file_of, refuse_reading_options, told_as_options
from importer.commands.settings import NO_FETCHING, Job, options_of
from importer.errors import Exit, UsageError
from importer.guessing import meta_row, propose
from importer.model import pasted
from importer.readers import limits_of
from importer.report import FileFact, Summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.commands.settings import Desk, Fetching
    from importer.guessing import Guess
    from importer.mapping import SourceSettings
    from importer.model import Row
    from importer.progress import Progress
    from importer.readers import Source

__all__ = ["Proposal", "init"]

_SCHEMA = "mapping.schema.json"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed mapping, and the summary of making it."""

    guess: Guess
    summary: Summary


def init(
    file: Path, output: Path | None, said: SourceSettings, desk: Desk, fetching: Fetching = NO_FETCHING
) -> Proposal:
    """Propose a mapping for a file; it is written to `output`, which must not be there yet, or only returned."""
    if output is not None and (output.exists() or output.is_symlink()):
        message = (
            f"-o {output} is there already, and may have somebody's work in it. Name another file, or move it away."
        )
        raise UsageError(message)
    schema = _SCHEMA if output is not None and (output.parent / _SCHEMA).is_file() else ""
    job = Job(file, Path(), reading=said, fetching=fetching)
    with told_as_options(), _opened(job, said, desk) as (source, settings):
        counted = _Counted()
        made = propose(source.info, counted.rows(source, desk.progress), settings, schema=schema)
        info = source.info
    summary = Summary(command="init", exit_code=Exit.OK, source=info, rows=counted.count, notes=info.notes)
    if output is None:
        beside = Path(job.beside(".yaml").name)
        again = pasted("kanbert-import", "init", *job.source, *options_of(said), "-o", beside)
        return Proposal(made, replace(summary, next=again))
    content = made.text.encode()
    _write(output, content)
    fact = FileFact(str(output), hashlib.sha256(content).hexdigest())
    then = pasted("kanbert-import", "check", output, *job.source)
    return Proposal(made, replace(summary, mapping=fact, next=then))


@contextmanager
def _opened(job: Job, said: SourceSettings, desk: Desk) -> Iterator[tuple[Source, SourceSettings]]:
    """Open a source; a line about the file above the header, as DATEV writes it, is passed over."""
    address, file = job.address, job.file
    if address is not None:
        refuse_reading_options(options_of(said))
        yield contacts_of(address, job.fetching, desk, Going()), said
        return
    limits = limits_of(desk.environment)
    with file_of(file, said, limits) as source:
        if said.header_row is not None or not meta_row(source.info.columns):
            yield source, said
            return
        below = replace(said, header_row=source.info.header_row + 1)
    with file_of(file, below, limits) as source:
        yield source, below


class _Counted:
    """Counts the rows that go by."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def rows(self, source: Source, progress: Progress) -> Iterator[Row]:
        progress.start("reading", None)
        for row in source.rows():
            self.count += 1
            yield row
            progress.advance()
        progress.finish()


def _write(output: Path, content: bytes) -> None:
    try:
        with output.open("xb") as file:
            file.write(content)
    except OSError as error:
        message = f"-o {output} cannot be written: {error.strerror}. Name another file."
        raise UsageError(message) from error
