from __future__ import annotations

import datetime as dt
import io
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st
from python_calamine import CalamineWorkbook

from importer.errors import SourceError
from importer.readers import ReaderOptions
from tests.readers.trap_files import read
from tests.readers.xls_files import (
    PROTECTED,
    Sheet,
    boolean,
    container,
    error,
    formula,
    hidden_row,
    merged,
    number,
    record,
    stream,
    text,
)

if TYPE_CHECKING:
    from tests.readers.conftest import Write

ZERO = bytes(8)
EMPTY_TEXT = b"\x03\0\0\0\0\0\xff\xff"
SEVEN = struct.pack("<d", 7)
NOT_AVAILABLE = b"\x02\0\x2a\0\0\0\xff\xff"
HEAD = text(0, 0, "id") + text(0, 1, "name")
BODY = HEAD + number(1, 0, 1) + text(1, 1, "Müller & Söhne") + number(2, 0, 2.5) + boolean(2, 1, True)


def book(records: bytes) -> bytes:
    return container(stream(Sheet("Data", records)))


@pytest.mark.parametrize("value", [0, -5, 60, 99_999_999])
def test_a_number_formatted_as_a_date_that_is_none_stays_and_is_told(write: Write, value: int) -> None:
    got = read(write(book(text(0, 0, "id") + number(1, 0, value, 2))))
    assert got.cells == [(value,)]
    assert [(issue.code, issue.severity) for issue in got.rows[0].issues] == [("not-a-date", "warning")]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(book(BODY), id="in-its-container"),
        pytest.param(container(stream(Sheet("Data", BODY)), "Book"), id="in-a-container-of-excel-5"),
        pytest.param(stream(Sheet("Data", BODY)), id="bare"),
        pytest.param(container(stream(Sheet("Data", BODY), Sheet("Macro", b"", kind=1))), id="with-a-macro-sheet"),
    ],
)
def test_a_workbook_is_read_with_its_types(write: Write, data: bytes) -> None:
    got = read(write(data))
    assert (got.info.format, got.info.sheet, got.info.columns) == ("xls", "Data", ("id", "name"))
    assert got.cells == [(1, "Müller & Söhne"), (2.5, True)]
    assert got.info.notes == ()


@pytest.mark.parametrize(
    ("value", "look", "cell"),
    [
        pytest.param(1234, 0, 1234, id="number"),
        pytest.param(1234, 1, "01234", id="leading-zero"),
        pytest.param(45351, 2, dt.date(2024, 2, 29), id="date"),
        pytest.param(45351.5, 2, dt.datetime.fromisoformat("2024-02-29T12:00:00"), id="moment"),
        pytest.param(25 / 24, 3, dt.timedelta(hours=25), id="duration"),
        pytest.param(0.5, 4, dt.time(12), id="time"),
        pytest.param(1e16, 0, 1e16, id="more-digits-than-are-kept"),
    ],
)
def test_a_number_is_what_its_format_shows(write: Write, value: float, look: int, cell: object) -> None:
    ((got,),) = read(write(book(text(0, 0, "id") + number(1, 0, value, look)))).cells
    assert (got, type(got)) == (cell, type(cell))


def test_dates_count_from_1904_where_the_workbook_says_so(write: Write) -> None:
    data = stream(Sheet("Data", text(0, 0, "when") + number(1, 0, 43889, 2)), from_1904=True)
    assert read(write(data)).cells == [(dt.date(2024, 2, 29),)]


@pytest.mark.parametrize(
    ("records", "codes"),
    [
        pytest.param(error(1, 1, 0x2A), [(2, "error-cell")], id="error"),
        pytest.param(formula(1, 1, NOT_AVAILABLE), [(2, "error-cell")], id="formula-with-an-error"),
        pytest.param(formula(1, 1, ZERO, flags=3), [(2, "no-stored-result")], id="zero-to-be-calculated"),
        pytest.param(formula(1, 1, EMPTY_TEXT), [(2, "no-stored-result")], id="empty-text-everywhere"),
        pytest.param(formula(1, 1, ZERO), [], id="zero"),
        pytest.param(formula(1, 1, SEVEN, flags=3), [], id="calculated-and-marked"),
        pytest.param(formula(1, 1, EMPTY_TEXT) + formula(2, 1, SEVEN), [], id="empty-text-beside-results"),
        pytest.param(formula(1, 5, NOT_AVAILABLE), [(2, "error-cell")], id="beyond-the-last-value"),
        pytest.param(error(9, 1, 7), [(10, "error-cell")], id="below-the-last-value"),
    ],
)
def test_a_cell_that_only_looks_empty_is_an_issue(write: Write, records: bytes, codes: list[tuple[int, str]]) -> None:
    got = read(write(book(HEAD + number(1, 0, 1) + records)))
    assert got.codes == codes
    assert got.rows[0].cells[0] == 1


def test_tabs_hidden_rows_and_merged_cells_are_told(write: Write) -> None:
    data = container(
        stream(
            Sheet("Old", text(0, 0, "old"), visibility=1),
            Sheet("Macro", b"", kind=1),
            Sheet("Data", hidden_row(1) + BODY + merged(1, 2, 0, 0)),
        )
    )
    got = read(write(data))
    assert got.info.sheet == "Data"
    tabs, hidden, areas = got.info.notes
    assert 'hidden "Old"' in tabs
    assert "Macro" not in tabs
    assert "(1)" in hidden
    assert "A2:A3" in areas
    assert read(write(data), ReaderOptions(sheet="Old")).info.columns == ("old",)


def test_a_protected_workbook_is_named(write: Write) -> None:
    for data in (stream(Sheet("Data", BODY), before=PROTECTED), container(stream(Sheet("D", BODY), before=PROTECTED))):
        with pytest.raises(SourceError, match="protected by a password"):
            read(write(data))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(book(BODY)[:1500], id="cut-off"),
        pytest.param(stream(Sheet("Data", BODY))[:-20], id="records-cut-off"),
        pytest.param(stream(Sheet("Data", BODY))[:-4], id="no-end"),
        pytest.param(container(b"\xff" * 6000), id="no-records"),
        pytest.param(container(stream(Sheet("Data", BODY), before=record(0x00E0, b"\0\0"))), id="damaged-formats"),
        pytest.param(
            container(stream(Sheet("Data", BODY)), "Other") + "Workbook\0".encode("utf-16-le"), id="no-such-stream"
        ),
    ],
)
def test_a_damaged_workbook_is_refused_in_words(write: Write, data: bytes) -> None:
    with pytest.raises(SourceError, match=r"table\.xls: .*cannot be read.*\.$"):
        read(write(data, "table.xls"))


def test_texts_that_are_not_in_the_file_are_no_empty_cells(write: Write) -> None:
    rows = HEAD + record(0x00FD, struct.pack("<HHHI", 1, 0, 0, 0)) + number(1, 1, 1)
    with pytest.raises(SourceError, match="cannot be read"):
        read(write(book(rows)))


def test_a_damaged_link_or_comment_costs_nothing(write: Write) -> None:
    font, link, drawing = record(0x0031), record(0x01B8, bytes(32)), record(0x005D, b"\0") + record(0x003C, bytes(9))
    rows = Sheet("Data", BODY + number(3, 0, 1234, 1) + link + drawing)
    got = read(write(container(stream(rows, before=font))))
    assert got.cells == [(1, "Müller & Söhne"), (2.5, True), ("01234", None)]
    assert got.info.notes == ()


words = st.text(st.characters(codec="utf-16-le", exclude_categories=["Cs"]), min_size=1, max_size=12)
cells = words | st.booleans() | st.floats(-1e14, 1e14).map(lambda value: float(f"{value:.15g}")) | st.none()


def test_a_name_whose_formula_cannot_be_understood_costs_nothing(write: Write) -> None:
    token = b"\x2d" + bytes(8)  # an area relative to the cell, which a name cannot have
    name = record(0x0018, struct.pack("<HBBHHHBBBB", 0, 0, 1, len(token), 0, 0, 0, 0, 0, 0) + b"\0N" + token)
    cells = text(0, 0, "id") + number(1, 0, 7.0)
    assert read(write(stream(Sheet("A", cells), before=name))).cells == [(7,)]


@pytest.mark.slow
@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read_and_calamine_agrees(table: list[list[object]]) -> None:
    records = b"".join(text(0, at, f"c{at}") for at in range(4))
    for row, values in enumerate(table, 1):
        records += text(row, 0, "k")
        for column, value in enumerate(values, 1):
            if isinstance(value, bool):
                records += boolean(row, column, value)
            elif isinstance(value, str):
                records += text(row, column, value)
            elif isinstance(value, float):
                records += number(row, column, value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(book(records))
        got = read(path)
        other = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes())).get_sheet_by_index(0)
        theirs = [[None if cell == "" else cell for cell in row] for row in other.iter_rows()][1:]
    assert [list(row) for row in got.cells] == [["k", *values] for values in table]
    assert [row + [None] * (4 - len(row)) for row in theirs] == [["k", *values] for values in table]
