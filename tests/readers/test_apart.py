from __future__ import annotations

import gzip
import io
import random
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from importer.errors import Loss, LostChildError, SourceError, UsageError
from importer.readers import Limits, ReaderOptions, limits_of, open_source, scratch
from importer.readers.apart import _losses_told, _open_apart, _Table
from importer.readers.grid import begin_grid
from importer.readers.opening import open_source as open_here
from importer.readers.seam import foreign
from tests.readers.trap_files import workbook, xml_sheet
from tests.unmeasured import UNMEASURED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.readers.conftest import Write

NO_LIMITS = Limits()
FLAWED = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>' + "".join(
    f'<row r="{n}"><c r="A{n}" t="e"><v>#N/A</v></c></row>'
    if n % 7 == 0
    else f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>'
    for n in range(2, 200)
    if n % 5
)


NUMBERS = "".join(f'<row r="{n}">' + "<c><v>1</v></c>" * 100 + "</row>" for n in range(1, 20_000))


def refused(path: Path, **limits: int) -> str:
    options = ReaderOptions(limits=replace(NO_LIMITS, **limits))
    with pytest.raises(SourceError) as caught, open_source(path, options) as source:
        list(source.rows())
    assert str(path) in str(caught.value)
    return str(caught.value)


def wide(rows: int) -> bytes:
    return workbook([["id", "name", "note"], *([n, f"N{n}", None] for n in range(rows))])


def test_rows_from_a_child_are_those_read_here(write: Write) -> None:
    path = write(xml_sheet(FLAWED), "a.xlsx")
    with open_here(path) as here, open_source(path) as apart:
        assert apart.info == here.info
        assert list(apart.rows()) == list(here.rows())
        assert apart.blank_rows == here.blank_rows > 0
        assert list(apart.rows()) == list(here.rows())
        assert apart.blank_rows == here.blank_rows


def test_iterations_do_not_disturb_each_other(write: Write) -> None:
    with open_source(write(wide(2000), "a.xlsx")) as source:
        first, second = source.rows(), source.rows()
        assert [row.number for row in islice(first, 3)] == [2, 3, 4]
        assert [row.number for row in islice(second, 1500)] == list(range(2, 1502))
        assert [row.number for row in first] == list(range(5, 2002))
        assert [row.number for row in second] == list(range(1502, 2002))
        assert len(list(source.rows())) == 2000


def test_options_go_along(write: Write) -> None:
    path = write(workbook([["Companies"], ["id", "name"], [1, "A"]], title="Bedrijven"), "a.xlsx")
    with open_source(path, ReaderOptions(sheet="bedrijven", header_row=2)) as source:
        assert source.info.columns == ("id", "name")
    with pytest.raises(SourceError, match='there is no sheet "Oud"'), open_source(path, ReaderOptions(sheet="Oud")):
        pass


def test_rows_before_an_error_arrive_before_it(write: Write) -> None:
    path = write(b'id;name\n1;a\n2;b\n3;"c\n4;d\n')
    with _open_apart(path, ReaderOptions()) as source:
        rows = source.rows()
        assert [row.cells[0] for row in islice(rows, 2)] == ["1", "2"]
        with pytest.raises(SourceError, match="quote") as caught:
            next(rows)
    with pytest.raises(SourceError) as here, open_here(path) as source:
        list(source.rows())
    assert str(caught.value) == str(here.value)


def test_csv_text_is_read_here(write: Write) -> None:
    with open_source(write(b"id;name\n1;a\n")) as source:
        assert type(source).__module__ == "importer.readers.delimited"


@pytest.mark.parametrize("body", [b"", b"PK", b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"], ids=repr)
def test_what_is_no_workbook_is_refused_from_the_child_as_from_here(body: bytes, write: Write) -> None:
    path = write(body, "a.xlsx")
    with pytest.raises(SourceError) as here, open_here(path):
        pass
    assert refused(path) == str(here.value)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path / "none.xlsx")
    assert "a folder" in refused(tmp_path)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Loss.TIME, "it takes too long (x). Save the sheet as CSV and import that; KANBERT_LIMITS=seconds=... allows"),
        (Loss.MEMORY, "it needs more memory than it may have (x). Save the sheet as CSV and import that; KANBERT_LIM"),
        (Loss.CRASH, "the program breaks down over it (x). Open it in Excel or LibreOffice"),
        (Loss.ENDED, "its process was ended from outside (x). There may be too little memory on this machine"),
    ],
)
def test_the_loss_of_the_child_is_told_of_the_file(loss: Loss, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught, _losses_told(tmp_path / "a.xlsx"):
        raise LostChildError(loss, "x")
    assert str(caught.value).startswith(f"{tmp_path / 'a.xlsx'}: the file cannot be read: {words}")


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_within_limits_is_read(write: Write) -> None:
    limits = replace(NO_LIMITS, rows=50, columns=3, length=100_000)
    with open_source(write(wide(50), "a.xlsx"), ReaderOptions(limits=limits)) as source:
        assert len(list(source.rows())) == 50


def test_each_limit_of_a_workbook_is_told_with_what_raises_it(write: Write) -> None:
    path = write(wide(50), "a.xlsx")
    assert "more than 49 rows. Delete" in refused(path, rows=49)
    assert "more than 2 columns" in refused(path, columns=2)
    assert "KANBERT_LIMITS=columns=... allows more" in refused(path, columns=2)
    assert "larger than 100 bytes. Save the sheet as CSV; KANBERT_LIMITS=file=... allows more" in refused(
        path, file=100
    )
    assert "larger than 1,025 bytes" in refused(path, file=1025)
    assert "KANBERT_LIMITS=parts" in refused(path, parts=3)
    assert "KANBERT_LIMITS=unpacked" in refused(path, unpacked=1000)


def test_a_cell_beyond_the_limit_is_named(write: Write) -> None:
    path = write(workbook([["id", "note"], [1, "short"], [2, "x" * 2001]]), "a.xlsx")
    told = refused(path, length=2000)
    assert 'row 3 has more than 2,000 characters in its column "note"' in told
    with open_source(path, ReaderOptions(limits=replace(NO_LIMITS, length=2001))) as source:
        assert len(list(source.rows())) == 2


def test_too_much_memory_is_refused(write: Write) -> None:
    assert "it needs more memory" in refused(write(xml_sheet(NUMBERS), "a.xlsx"), memory=100 << 20)


def test_the_child_s_side_in_this_process(write: Write) -> None:
    """What the other tests have a child do, where it can be measured."""
    path = write(xml_sheet(FLAWED), "a.xlsx")
    _, *batches = list(_Table(path, ReaderOptions()))
    assert len(batches) > 1
    for limits in ({"columns": 0}, {"rows": 5}, {"length": 10}, {"parts": 1}, {"unpacked": 10}):
        with pytest.raises(SourceError):
            list(
                _Table(
                    write(workbook([["i"], *(["x" * 20] for _ in range(9))]), "b.xlsx"),
                    ReaderOptions(limits=replace(NO_LIMITS, **limits)),
                )
            )
    with pytest.raises(SourceError):
        list(_Table(write(b'id;name\n1;a\n2;b\n3;"c\n4;d\n'), ReaderOptions()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("memory=4GiB", {"memory": 4 << 30}),
        (" seconds = 60 , memory=512m,parts=20 k,", {"seconds": 60, "memory": 512 << 20, "parts": 20 << 10}),
        ("length=100B", {"length": 100}),
        ("rows=1,000", {"rows": 1000}),
        ("rows=2,000,000, seconds=60,parts=1,000 k", {"rows": 2_000_000, "seconds": 60, "parts": 1000 << 10}),
    ],
)
def test_the_environment_raises_limits(text: str, expected: dict[str, int]) -> None:
    assert limits_of({"KANBERT_LIMITS": text}) == replace(NO_LIMITS, **expected)
    assert limits_of({}) == NO_LIMITS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("memory", "'memory' is no limit: digits are expected"),
        ("memory=", "'memory=' is no limit: digits are expected"),
        ("memory=much", "is no limit: digits are expected"),
        ("rows=1,00", "'rows=1,00' is no limit: digits are expected"),
        ("rows=1.5", "is no limit: digits are expected"),
        ("memry=1GiB", "'memry=1GiB' is no limit. "),
        ("=5", "'=5' is no limit. "),
        ("5", "'5' is no limit. "),
        ("seconds=0", "'seconds=0' is no limit: 1 is the least"),
        ("rows=5,seconds=-1", "'seconds=-1' is no limit: 1 is the least"),
        ("rows=" + "9" * 5000, "is too large: 1,125,899,906,842,624 is the most"),
        ("memory=9999999GiB", "is too large: 1,125,899,906,842,624 is the most"),
        ("seconds=1000000001", "is too large: 1,000,000,000 is the most"),
    ],
)
def test_what_is_no_limit_is_told(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match="Write such as memory=4GiB,seconds=60; the limits are memory,") as caught:
        limits_of({"KANBERT_LIMITS": text})
    assert reason in str(caught.value)


def test_the_largest_limits_are_none(write: Write) -> None:
    largest = "memory=1,048,576GiB,seconds=1,000,000,000,file=1048576GiB,unpacked=1048576GiB,ratio=1048576G"
    with open_source(write(wide(5), "a.xlsx"), ReaderOptions(limits=limits_of({"KANBERT_LIMITS": largest}))) as source:
        assert len(list(source.rows())) == 5


@pytest.mark.parametrize("memory", [1, 1 << 20])
def test_memory_too_little_to_begin_in_is_no_fault_of_the_file(memory: int, write: Write) -> None:
    assert "it needs more memory than it may have" in refused(write(wide(5), "a.xlsx"), memory=memory)


@pytest.mark.parametrize("named", [True, False])
def test_nothing_unpacked_is_left_behind(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """The child is killed where it stands, and what it has unpacked is people's data."""
    if named:  # as where a file without a name cannot be read by a path
        monkeypatch.setattr(scratch, "_OPEN_FILES", tmp_path / "none")
    path = write(gzip.compress(b"id;name\n1;a\n2;b\n"), "a.csv.gz")
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    with open_source(path) as source:
        assert bool(list(aside.iterdir())) == (named or sys.platform != "linux")
        assert len(list(source.rows())) == 2
    assert list(aside.iterdir()) == []


HOLDING = """
import pathlib, sys
from importer.readers import open_source
with open_source(pathlib.Path(sys.argv[1])) as source:
    print(len(list(source.rows())), flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a copy has a name, which a kill leaves behind")
def test_nothing_unpacked_is_left_behind_by_a_kill(write: Write, tmp_path: Path) -> None:
    path = write(gzip.compress(b"id;name\n1;a\n2;b\n"), "a.csv.gz")
    aside = tmp_path / "aside"
    aside.mkdir()
    words = [sys.executable, "-c", HOLDING, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env={**UNMEASURED, "TMPDIR": str(aside)}, stdin=pipe, stdout=pipe, text=True) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == "2\n"
        held.kill()
    assert list(aside.iterdir()) == []


def test_limits_of_sheets_are_none_of_packed_text(write: Write) -> None:
    options = ReaderOptions(limits=replace(NO_LIMITS, rows=1, columns=1, length=1))
    with open_source(write(gzip.compress(b"id;name\n1;aa\n2;bb\n"), "a.csv.gz"), options) as source:
        assert len(list(source.rows())) == 2


def test_a_name_of_a_column_beyond_the_limit_is_refused(write: Write) -> None:
    told = refused(write(workbook([["id", "n" * 100], [1, "a"]]), "a.xlsx"), length=99)
    assert "more than 99 characters in the name of a column" in told


def test_a_large_workbook_is_read_while_its_xml_is_searched(write: Write) -> None:
    """A part that nobody reads makes it large."""
    stuffed = io.BytesIO(wide(20))
    with zipfile.ZipFile(stuffed, "a") as archive:
        archive.writestr("docProps/thumbnail.jpeg", random.Random(1).randbytes(5 << 20))
    path = write(stuffed.getvalue(), "a.xlsx")
    with open_here(write(wide(20), "b.xlsx")) as small, open_here(path) as large:
        assert list(large.rows()) == list(small.rows())
    with pytest.raises(SourceError):
        begin_grid(random.Random(1).randbytes(5 << 20), "Sheet", path)()


def test_want_of_memory_is_no_damage_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(MemoryError), foreign(tmp_path):
        raise MemoryError
