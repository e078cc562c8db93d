"""`init`, `check`, `preview` and `validate`: what a mapping makes of a file. Nothing leaves this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from importer.api.conducting import conducted
from importer.api.options import (
    FetchingOptions,
    GuessOptions,
    PreviewOptions,
    ReadingOptions,
    SourceOptions,
    checked,
    fetching_of,
    job_of,
    path_of,
    reading_of,
)
from importer.commands import export as exporting, init as guessing, offline
from importer.errors import UsageError

if TYPE_CHECKING:
    from typing import Unpack

    from importer.api.options import FilePath
    from importer.commands.init import Proposal
    from importer.commands.offline import Checked
    from importer.commands.settings import Desk
    from importer.journal import MappedRow
    from importer.progress import Progress
    from importer.report import Summary

__all__ = ["check", "export", "init", "preview", "validate"]

_PREVIEWED = 5  # rows, where nobody says


async def init(
    file: FilePath,
    output: FilePath | None = None,
    *,
    progress: Progress | None = None,
    **options: Unpack[GuessOptions],
) -> Proposal:
    """Guess a mapping from a file's headers and values.

    `Proposal.guess.text` is the mapping. It is written to `output` where that is named, which must not be there yet.
    """
    said, fetching = reading_of(checked("init", options, GuessOptions)), fetching_of(options)
    path = path_of(output)
    return await conducted(lambda desk: guessing.init(Path(file), path, said, desk, fetching), progress=progress)


async def export(
    source: str,
    output: FilePath,
    *,
    progress: Progress | None = None,
    **options: Unpack[FetchingOptions],
) -> Summary:
    """Write the contacts of an address, such as moneybird://ADMINISTRATION_ID, to a file to be edited and imported."""
    fetching = fetching_of(checked("export", options, FetchingOptions))
    return await conducted(lambda desk: exporting.export(Path(source), Path(output), fetching, desk), progress=progress)


async def check(
    mapping: FilePath,
    file: FilePath | None = None,
    *,
    decisions: FilePath | None = None,
    progress: Progress | None = None,
    **options: Unpack[ReadingOptions],
) -> Checked:
    """Check a mapping and run its own tests; with a file, measure how far the mapping reaches into it.

    Raises:
        MappingError: mistakes in the mapping, each with its line and column.
    """
    reading = reading_of(checked("check", options, ReadingOptions))
    path, source, decided = Path(mapping), path_of(file), path_of(decisions)
    return await conducted(lambda desk: offline.check(path, source, desk, decided, reading), progress=progress)


async def preview(
    file: FilePath,
    mapping: FilePath,
    *,
    first: int | None = None,
    row: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[PreviewOptions],
) -> tuple[MappedRow, ...]:
    """Map the first rows of a file, or the one with the number `row`, and keep nothing.

    `first` is 5, or all of `rows` where those are said; 0 is all.

    A row that would be refused has no payload, and issues that say why. All rows are in memory at once.
    """
    job = job_of(file, mapping, checked("preview", options, PreviewOptions))
    most = (0 if job.rows else _PREVIEWED) if first is None else first

    def work(desk: Desk) -> tuple[MappedRow, ...]:
        found = tuple(mapped for _, mapped in offline.preview(job, desk, first=most, row=row))
        asked = f"row {row}" if row is not None else f"row in {job.rows}" if job.rows else ""
        if asked and not found:
            message = f"{file} has no {asked} with data. Rows are counted as the file's own program shows them."
            raise UsageError(message)
        return found

    return await conducted(work, progress=progress)


async def validate(
    file: FilePath, mapping: FilePath, *, progress: Progress | None = None, **options: Unpack[SourceOptions]
) -> Summary:
    """Map every row, offline, and say what would be refused, and why.

    With `decisions`, the values that no rule settles are written to that file.
    """
    job = job_of(file, mapping, checked("validate", options, SourceOptions))
    return await conducted(lambda desk: offline.validate(job, desk), progress=progress)
