"""What every reader promises, whatever the format: the same table gives the same rows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from importer.readers import ReaderOptions, Source, open_source
from tests.readers.trap_files import Read, read, workbook

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["Klantnummer", "Naam", "Straße", "Notiz", "Naam", ""]
TABLE = [
    ["10", "Müller & Söhne", "Hauptstraße 5", "eine\nzweite Zeile", "x", "a"],
    ["0012", 'Café "Zoë"', "Königsallee; 3, Hof", "|\tTab", "y", "b"],
    ["1E5", "NULL", "Weg 1", " außen ", "z", "c"],
    ["4", "Größe", "n/a", "@cmd()", "-", "d"],
]
COLUMNS = ("Klantnummer", "Naam", "Straße", "Notiz", "Naam [2]", "Column F")


def as_csv(delimiter: str, encoding: str, end: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([HEADER, *TABLE])
    return out.getvalue().encode(encoding)


def as_xlsx() -> bytes:
    return workbook([HEADER, *TABLE])


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1")
FILES = [
    *(
        pytest.param(as_csv(delimiter, encoding, end), id=f"{encoding}-{name}-{ending}")
        for encoding in ENCODINGS
        for delimiter, name in ((";", "semicolon"), (",", "comma"), ("\t", "tab"), ("|", "bar"))
        for end, ending in (("\n", "lf"), ("\r\n", "crlf"))
    ),
]


@pytest.fixture(params=[*FILES, pytest.param(as_xlsx(), id="xlsx")])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "table"
    data: bytes = request.param
    file.write_bytes(data)
    return file


@pytest.fixture
def got(path: Path) -> Read:
    return read(path)


def test_the_same_table_gives_the_same_rows(got: Read) -> None:
    assert got.info.columns == COLUMNS
    assert [[str(cell) for cell in cells] for cells in got.cells] == TABLE
    assert got.codes == []


def test_rows_are_located_and_as_wide_as_the_header(got: Read) -> None:
    assert got.numbers == sorted(set(got.numbers))
    assert got.info.header_row == 1
    assert all(len(cells) == len(COLUMNS) for cells in got.cells)


def test_a_source_is_complete_before_its_first_row_and_can_be_read_again(path: Path) -> None:
    with open_source(path, ReaderOptions()) as source:
        kept: Source = source
        info = kept.info
        assert list(kept.rows()) == list(kept.rows())
        assert kept.info is info
        assert kept.blank_rows == 0
