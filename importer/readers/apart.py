"""Turns a path into an open source; whatever is no plain text is parsed in a process of its own, within limits.

A parser of spreadsheets can abort, hang, or take all memory over a file, and no `except` catches that. In a child
process it is a `SourceError` like any other. Plain text is read here: nothing in its reader can break down.
"""

from __future__ import annotations

import pickle
import tempfile
import zipfile
from contextlib import ExitStack, contextmanager
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from importer.errors import Loss, LostChildError, SourceError
from importer.isolation import Isolated, Limits
from importer.model import Row
from importer.readers.batches import BatchedSource, RowBatches
from importer.readers.columns import rows_of
from importer.readers.limits import check_archive, check_size, raised
from importer.readers.opening import open_source as open_here
from importer.readers.scratch import scratch_folder
from importer.readers.sniff import Format, readable, recognise
from importer.readers.source import ReaderOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from importer.model import Issue, SourceInfo
    from importer.readers.columns import Packed
    from importer.readers.limits import Limits as FileLimits
    from importer.readers.source import Source

    Batch: TypeAlias = "tuple[int, Sequence[int], list[Packed], Mapping[int, tuple[Issue, ...]]]"

__all__ = ["open_source"]

_DETECT_ALL = ReaderOptions()
_CONTAINERS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")  # zip, OLE, gzip: to look into them is to parse already
_FIRST_ROWS = 8  # in a batch, so that the first rows are there soon
_BATCH_BYTES = 200_000  # of a batch, about: several fit into the pipe at once, and more is not quicker
_SECONDS_PER_MIB = 2.0  # of the file; the slowest reader on a slow machine takes one

_NEXT_STEP = {
    Loss.TIME: f"Save the sheet as CSV and import that; {raised('seconds')}.",
    Loss.MEMORY: f"Save the sheet as CSV and import that; {raised('memory')}.",
    Loss.CRASH: "Open it in Excel or LibreOffice and save it as .xlsx again, or as CSV.",
    Loss.ENDED: "There may be too little memory on this machine: close other programs, and give the command again.",
}


@contextmanager
def open_source(path: Path, options: ReaderOptions = _DETECT_ALL) -> Iterator[Source]:
    """Open a file of rows; its content says what it is, its name does not.

    A CSV file is read through once before the first row (fingerprint and encoding), in constant memory; a workbook is
    held in the memory of a child process as long as it is open.

    Raises:
        SourceError: the file cannot be read as a table; the message says what it is and what to do.
    """
    with (open_here if _is_plain_text(path) else _open_apart)(path, options) as source:
        yield source


def _is_plain_text(path: Path) -> bool:
    with readable(path):
        if path.is_file():
            with path.open("rb") as file:
                if file.read(4).startswith(_CONTAINERS):
                    return False
    return recognise(path) is Format.CSV


@contextmanager
def _open_apart(path: Path, options: ReaderOptions) -> Iterator[Source]:
    limits = options.limits
    with readable(path):
        size = path.stat().st_size
        check_size(path, limits)
    seconds = limits.seconds + _SECONDS_PER_MIB * (size >> 20)
    fence = Limits(memory_bytes=limits.memory, seconds=seconds)
    with (
        scratch_folder() as folder,
        _losses_told(path),
        Isolated(_Table, path, options, folder, limits=fence) as child,
    ):
        yield _Apart(path, child)


@contextmanager
def _losses_told(path: Path) -> Iterator[None]:
    """Turn the loss of the child into words about the file."""
    try:
        yield
    except LostChildError as error:
        message = f"{path}: the file cannot be read: {error}. {_NEXT_STEP[error.loss]}"
        raise SourceError(message) from error


class _Apart:
    """A `Source` over what a child reads."""

    def __init__(self, path: Path, child: Isolated[Any]) -> None:
        self.blank_rows = 0
        self._path = path
        self._child = child
        self._ready: Iterator[Any] | None = iter(child)
        self.info: SourceInfo = next(self._ready)

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header, lazily; see `Source`."""
        self.blank_rows = 0
        ready, self._ready = self._ready, None
        if ready is None:  # the child goes over the sheet once more, which it has parsed already
            ready = iter(self._child)
            with _losses_told(self._path):
                next(ready)
        with _losses_told(self._path):
            for packed in ready:
                self.blank_rows, numbers, columns, issues = cast("Batch", pickle.loads(packed))  # noqa: S301 - our own
                cells = rows_of(columns, len(numbers))
                if issues:
                    yield from map(Row, numbers, cells, map(issues.get, range(len(numbers)), repeat(())))
                else:
                    yield from map(Row, numbers, cells)


# ── in the child ─────────────────────────────────────────────────────────────────────────────────────────────────


class _Table:
    """A source that stays open for as long as its process lives."""

    def __init__(self, path: Path, options: ReaderOptions, folder: str | None = None) -> None:
        """Open the file; what is unpacked goes to `folder`, for this process has no time to clear up when it ends."""
        tempfile.tempdir = folder
        _check_archive(path, options.limits)
        self._held = ExitStack()
        self._source = self._held.enter_context(open_here(path, options))
        self._path = path
        self._limits = options.limits
        self._is_sheet = self._source.info.sheet is not None  # text that was packed is bounded by its own reader
        if self._is_sheet:
            self._check_header(self._source.info.columns)

    def __iter__(self) -> Iterator[object]:
        """Give what is known of the file, then its rows in batches, each with the blank rows so far."""
        yield self._source.info
        source, count, total = self._source, _FIRST_ROWS, 0
        batches = source.batches() if isinstance(source, BatchedSource) else RowBatches(source.rows())
        while not batches.ended:
            numbers, columns, issues = batches.take(count)
            packed = pickle.dumps((source.blank_rows, numbers, columns, issues), 5)
            total += len(numbers)
            if self._is_sheet and total > self._limits.rows:
                raise self._beyond("rows", self._limits.rows)
            if self._is_sheet and len(packed) > self._limits.length:
                self._check_lengths(numbers, columns)
            yield packed
            if batches.error is not None:
                raise batches.error
            count = max(1, min(2 * count, count * _BATCH_BYTES // len(packed)))

    def _check_header(self, columns: tuple[str, ...]) -> None:
        if len(columns) > self._limits.columns:
            raise self._beyond("columns", self._limits.columns)
        if max(map(len, columns), default=0) > self._limits.length:
            raise self._beyond("characters in the name of a column", self._limits.length, "length")

    def _check_lengths(self, numbers: Sequence[int], columns: Sequence[Packed]) -> None:
        most = self._limits.length
        for number, row in zip(numbers, rows_of(columns, len(numbers)), strict=True):
            for column, cell in zip(self._source.info.columns, row, strict=True):
                if isinstance(cell, str) and len(cell) > most:
                    place = f'{self._path}: row {number} has more than {most:,} characters in its column "{column}".'
                    message = f"{place} Shorten that cell; {raised('length')}."
                    raise SourceError(message)

    def _beyond(self, what: str, most: int, limit: str = "") -> SourceError:
        next_step = f"Delete what is no company, or save the sheet as CSV; {raised(limit or what)}"
        return SourceError(f"{self._path}: the sheet has more than {most:,} {what}. {next_step}.")


def _check_archive(path: Path, limits: FileLimits) -> None:
    """Refuse what a zip archive says of itself, where that is too much; what it really holds, its readers count."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [info.file_size for info in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return  # damaged, which the sniffing says
    check_archive(path, limits, packed=path.stat().st_size, unpacked=sum(sizes), parts=len(sizes))
