from __future__ import annotations

import gc
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from importer.errors import UsageError
from importer.report import WRITERS, write_report
from tests.report.samples import Report, country, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.report import ReportRow

formats = pytest.mark.parametrize("suffix", [pytest.param(suffix, id=suffix) for suffix in WRITERS])


@pytest.mark.parametrize("name", ["errors.pdf", "errors", ".xlsx", "errors.xls"])
def test_unknown_format_names_those_there_are(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.xlsx, \.csv, \.jsonl, \.html; try \.?(errors|xlsx)\.xlsx"):
        write_report(tmp_path / name, Report())
    assert list(tmp_path.iterdir()) == []


def test_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    assert write_report(tmp_path / "ERRORS.CSV", Report()) == 0


@formats
def test_report_is_readable_by_its_owner_only(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    write_report(path, Report(listed=(row(("1", "Acme", "Holand")),)))
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@formats
def test_missing_folder_is_a_usage_error_with_its_reason(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No such file or directory.*name another place"):
        write_report(tmp_path / "missing" / f"report{suffix}", Report())


@formats
def test_folder_of_that_name_is_a_usage_error(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    path.mkdir()
    with pytest.raises(UsageError, match="it is a folder"):
        write_report(path, Report())
    assert list(tmp_path.iterdir()) == [path]


class Breaking(Report):
    """A report whose rows end in an error that is nobody's file."""

    __slots__ = ()

    def rows(self) -> Iterator[ReportRow]:
        yield row(("1", "Acme", "Holand"))
        raise KeyboardInterrupt


@formats
def test_stop_leaves_the_report_that_was_there(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        write_report(path, Breaking())
    gc.collect()  # what is left open would complain now
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def full_disk(most_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond `most_bytes`, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.slow
@formats
@pytest.mark.parametrize("most_bytes", [0, 100, 20_000])
def test_full_disk_is_a_usage_error_and_leaves_the_report_that_was_there(
    suffix: str, most_bytes: int, tmp_path: Path
) -> None:
    path = tmp_path / f"report{suffix}"
    path.write_text("before")
    listed = tuple(row((f"{number}" * 40, "Acme", "Holand"), country(number), number=number) for number in range(900))
    with full_disk(most_bytes), pytest.raises(UsageError, match=r"cannot write .*File too large.*free some space"):
        write_report(path, Report(listed=listed))
    gc.collect()  # what is left open would complain now
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


class SerialisationError(Exception):
    """What lxml raises of the disk, by the same name."""


class Broken(Report):
    """A report whose rows end in an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        object.__setattr__(self, "error", error)

    def rows(self) -> Iterator[ReportRow]:
        raise self.error  # type: ignore[attr-defined]  # set above


@pytest.mark.parametrize(("said", "reason"), [("IO_ENOSPC", "No space left"), ("IO_WRITE", "IO_WRITE")])
def test_a_full_disk_is_understood_through_lxml_too(said: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"cannot write .*{reason}"):
        write_report(tmp_path / "report.xlsx", Broken(SerialisationError(said)))
    with pytest.raises(ZeroDivisionError):  # an error of ours stays one
        write_report(tmp_path / "report.xlsx", Broken(ZeroDivisionError()))
    assert not list(tmp_path.iterdir())
