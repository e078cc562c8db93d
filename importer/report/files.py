"""A report written to a file in the format that its name asks for: whole, or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from importer.errors import UsageError
from importer.report.table import write_csv, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import IO, TypeAlias

    from importer.report.facts import ReportSource

    Writer: TypeAlias = Callable[[IO[bytes], ReportSource], int]


def _write_workbook(stream: IO[bytes], report: ReportSource) -> int:
    from importer.report.workbook import write_workbook  # noqa: PLC0415 - 150 ms, for those who want a workbook

    return write_workbook(stream, report)


def _write_page(stream: IO[bytes], report: ReportSource) -> int:
    from importer.report.page import write_page  # noqa: PLC0415 - jinja2, for those who want a page

    return write_page(stream, report)


WRITERS: Mapping[str, Writer] = {
    ".xlsx": _write_workbook,
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".html": _write_page,
}
"""A file name's suffix to what writes that format and returns the number of rows."""


def write_report(path: Path, report: ReportSource) -> int:
    """Write the report to `path`, in the format of its suffix; return how many rows it has.

    Written beside `path` and renamed when complete: a stop or an error leaves what was there. The file holds people's
    data and is readable by its owner only.

    Raises:
        UsageError: no such format, or the file cannot be written there.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        formats = ", ".join(WRITERS)
        msg = f"cannot write {path}: the name of a report ends in one of {formats}; try {path.stem or 'report'}.xlsx"
        raise UsageError(msg)
    with _unwritable_as_usage(path), _scratch(path) as stream:
        return writer(stream, report)


def write_text(path: Path, text: str) -> None:
    """Write a text that people go on with, as whole and as private as a report; UsageError where that cannot be."""
    with _unwritable_as_usage(path), _scratch(path) as stream:
        stream.write(text.encode())


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a stream that becomes `path` when the block ends well; UsageError where that cannot be."""
    with _unwritable_as_usage(path), _scratch(path) as stream:
        yield stream


@contextmanager
def _scratch(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` that takes its place when the block ends well and vanishes when it does not."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    file = NamedTemporaryFile(dir=path.parent, prefix=".report-", suffix=".part", delete=False)  # noqa: SIM115 - closed below, before it is renamed
    scratch = Path(file.name)
    try:
        with file:
            yield file
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


@contextmanager
def _unwritable_as_usage(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        reason = _reason(error)
        if reason is None:
            raise
        msg = (
            f"cannot write {path}: {reason}. If a program has the file open, close it there; "
            "otherwise free some space or name another place."
        )
        raise UsageError(msg) from error


def _reason(error: Exception) -> str | None:
    """Say what the system said; None of an error of another kind.

    Where lxml is installed, openpyxl writes through it, and then a full disk is a `SerialisationError` "IO_ENOSPC".
    """
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if type(error).__name__ != "SerialisationError":
        return None
    number = getattr(errno, str(error).removeprefix("IO_"), None)
    return str(error) if number is None else os.strerror(number)
