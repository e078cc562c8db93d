"""What every reader promises, whatever the format: the same table gives the same rows."""

from __future__ import annotations

import base64
import csv
import gzip
import io
from html import escape
from typing import TYPE_CHECKING

import pytest

from importer.readers import ReaderOptions, Source, open_source
from tests.readers import ods_files as ods, xls_files as xls, xlsb_files as xlsb
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


def as_xls() -> bytes:
    rows = [
        xls.text(row, column, cell) for row, cells in enumerate([HEADER, *TABLE]) for column, cell in enumerate(cells)
    ]
    return xls.stream(xls.Sheet("Data", b"".join(rows)))


def as_xlsb() -> bytes:
    rows = b""
    for row, cells in enumerate([HEADER, *TABLE]):
        rows += xlsb.line(row) + b"".join(xlsb.text(column, cell) for column, cell in enumerate(cells))
    return xlsb.xlsb(("Data", 0, rows))


def as_fods() -> bytes:
    rows = [
        ods.row(*(ods.cell(cell, value_type="string", string_value=cell) for cell in cells))
        for cells in [HEADER, *TABLE]
    ]
    return ods.fods(ods.sheet(*rows))


def as_html() -> bytes:
    rows = "".join(
        f"<tr>{''.join(f'<td><pre>{escape(cell)}</pre></td>' for cell in cells)}</tr>" for cells in [HEADER, *TABLE]
    )
    return f"<html><head><meta charset=utf-8></head><body><table>{rows}</table></body></html>".encode()


def as_xml_2003() -> bytes:
    rows = "".join(
        "<Row>"
        + "".join(
            f'<Cell><Data ss:Type="String">{escape(cell).replace(chr(10), "&#10;")}</Data></Cell>' for cell in cells
        )
        + "</Row>"
        for cells in [HEADER, *TABLE]
    )
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    sheet = f'<Worksheet ss:Name="Data"><Table>{rows}</Table></Worksheet>'
    return f'<?xml version="1.0"?>\n<Workbook xmlns="{name}" xmlns:ss="{name}">{sheet}</Workbook>'.encode()


def as_mhtml() -> bytes:
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=abc\r\n\r\n--abc\r\n"
    kind = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + kind + base64.encodebytes(as_html()) + b"\r\n--abc--\r\n"


BOOKS = {
    "xlsx": as_xlsx,
    "xlsb": as_xlsb,
    "xls": as_xls,
    "fods": as_fods,
    "html": as_html,
    "mhtml": as_mhtml,
    "xml-2003": as_xml_2003,
}
UTF_16 = ("fods", "html", "xml-2003")


def in_utf_16(data: bytes) -> bytes:
    return data.decode().replace("UTF-8", "utf-8").replace("utf-8", "utf-16").encode("utf-16")


BOOK_FILES = [
    *(pytest.param(make(), id=kind) for kind, make in BOOKS.items()),
    *(pytest.param(gzip.compress(make()), id=f"{kind}-in-gzip") for kind, make in BOOKS.items()),
    *(pytest.param(in_utf_16(BOOKS[kind]()), id=f"{kind}-in-utf-16") for kind in UTF_16),
]


@pytest.mark.parametrize("kind", BOOKS)
def test_the_format_is_told_by_the_content(tmp_path: Path, kind: str) -> None:
    for name in ("table.xls", "table.csv", "table"):
        (tmp_path / name).write_bytes(BOOKS[kind]())
        assert read(tmp_path / name).info.format == kind


@pytest.fixture(params=[*FILES, *BOOK_FILES])
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
    expected = TABLE
    if got.info.format in {"html", "mhtml"}:  # where blanks and line breaks are one blank
        expected = [[" ".join(cell.split()) for cell in cells] for cells in TABLE]
    assert [[str(cell) for cell in cells] for cells in got.cells] == expected
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
