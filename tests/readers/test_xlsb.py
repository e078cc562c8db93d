from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.readers import ReaderOptions
from importer.readers.opening import open_source
from tests.readers.trap_files import patch, read
from tests.readers.xlsb_files import (
    area,
    blank,
    boolean,
    error,
    line,
    real,
    record,
    rich,
    rk,
    shared,
    text,
    xlsb,
)

if TYPE_CHECKING:
    from tests.readers.conftest import Write

HEAD = line(0) + text(0, "id") + shared(1, 0)
LONG = HEAD + line(1) + rk(0, 1 << 2 | 2) + text(1, "Müller & Söhne") + line(3) + real(0, 2.5) + boolean(1, True)
SHORT = line(0) + text(None, "id") + shared(None, 0) + line(1) + rk(None, 1 << 2 | 2) + text(None, "Müller & Söhne")
SHORT += line(3) + real(None, 2.5) + boolean(None, True)


def book(rows: bytes, after: bytes = b"") -> bytes:
    return xlsb(("Data", 0, rows), texts=("name",), after=after)


@pytest.mark.parametrize("rows", [pytest.param(LONG, id="with-columns"), pytest.param(SHORT, id="without-columns")])
def test_a_workbook_is_read_with_its_types(write: Write, rows: bytes) -> None:
    got = read(write(book(rows)))
    assert (got.info.format, got.info.sheet, got.info.columns) == ("xlsb", "Data", ("id", "name"))
    assert got.cells == [(1, "Müller & Söhne"), (2.5, True)]
    assert got.numbers == [2, 4]
    assert got.info.notes == ()


def test_a_number_formatted_as_a_date_that_is_none_stays_and_is_told(write: Write) -> None:
    got = read(write(book(HEAD + line(1) + real(0, -5, 2) + text(1, "x") + line(2) + rk(0, 60 << 2 | 2, 2))))
    assert got.cells == [(-5, "x"), (60, None)]
    assert got.codes == [(2, "not-a-date"), (3, "not-a-date")]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param(real(0, 1234), 1234, id="number"),
        pytest.param(real(0, 1234, 1), "01234", id="leading-zero"),
        pytest.param(real(0, 45351, 2), dt.date(2024, 2, 29), id="date"),
        pytest.param(real(0, 25 / 24, 3), dt.timedelta(hours=25), id="duration"),
        pytest.param(real(0, 1e16), 1e16, id="more-digits-than-are-kept"),
        pytest.param(real(0, 7, formula=True), 7, id="formula"),
        pytest.param(rk(0, (-5 << 2 | 2) & 0xFFFFFFFF), -5, id="packed-whole"),
        pytest.param(rk(0, 12345 << 2 | 3), 123.45, id="packed-hundredths"),
        pytest.param(rk(0, 0x3FF80000), 1.5, id="packed-double"),
        pytest.param(rk(0, 1234 << 2 | 2, 1), "01234", id="packed-with-a-zero"),
        pytest.param(rk(0, 1234 << 2 | 2, 77), 1234, id="style-that-is-not-there"),
        pytest.param(text(0, "=x", formula=True), "=x", id="formula-with-text"),
        pytest.param(rich(0, "both"), "both", id="rich-text"),
        pytest.param(text(0, ""), None, id="empty-text"),
        pytest.param(blank(0), None, id="blank"),
    ],
)
def test_a_cell_is_what_the_user_sees(write: Write, written: bytes, value: object) -> None:
    ((got, _),) = read(write(book(HEAD + line(1) + written + text(1, "x")))).cells
    assert (got, type(got)) == (value, type(value))


def test_dates_count_from_1904_where_the_workbook_says_so(write: Write) -> None:
    data = xlsb(("Data", 0, line(0) + text(0, "when") + line(1) + real(0, 43889, 2)), from_1904=True)
    assert read(write(data)).cells == [(dt.date(2024, 2, 29),)]


@pytest.mark.parametrize(
    ("written", "column"),
    [
        pytest.param(error(1, 0x2A), "name", id="error"),
        pytest.param(error(1, 0x07, formula=True), "name", id="formula"),
        pytest.param(blank(None) + error(None, 0x17), "name", id="without-column"),
        pytest.param(error(3, 0x99), "Column D", id="beyond-the-last-value"),
    ],
)
def test_an_error_is_an_issue(write: Write, written: bytes, column: str) -> None:
    got = read(write(book(HEAD + line(1) + written + line(2) + text(0, "x"))))
    assert got.codes == [(2, "error-cell")]
    assert got.rows[0].issues[0].location.column == column
    assert got.numbers == [2, 3]


def test_tabs_hidden_rows_and_merged_cells_are_told(write: Write) -> None:
    rows = HEAD + line(1, hidden=True) + text(0, "a") + line(2) + text(0, "b") + line(9, hidden=True)
    data = xlsb(
        ("Old", 1, line(0) + text(0, "old")), ("Data", 0, rows), texts=("name",), after=record(177) + area(1, 2, 0, 0)
    )
    got = read(write(data))
    tabs, hidden, areas = got.info.notes
    assert 'hidden "Old"' in tabs
    assert "Chart" not in tabs
    assert "(1)" in hidden
    assert "A2:A3" in areas
    assert read(write(data), ReaderOptions(sheet="Old")).info.columns == ("old",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(xlsb(("Data", 0, HEAD), texts=("name",), complete=False), "has no end", id="cut-off"),
        pytest.param(patch(book(LONG), drop=["xl/worksheets/sheet1.bin"]), "does not say where", id="no-part"),
        pytest.param(patch(book(LONG), {"xl/workbook.bin": b"\x9c\x01\xff"}), "cannot be read", id="no-index"),
        pytest.param(book(HEAD + line(1) + shared(0, 9)), "cannot be read", id="no-such-text"),
        pytest.param(book(HEAD + line(1) + text(1, "b") + text(0, "a")), "cannot be read", id="cells-out-of-order"),
        pytest.param(book(HEAD + line(1) + text(16_384, "b")), "cannot be read", id="too-wide"),
        pytest.param(
            book(HEAD + line(5) + text(0, "a") + line(2) + text(0, "b")), "damaged or too large", id="rows-out-of-order"
        ),
        pytest.param(book(HEAD + line(2_000_000) + text(0, "a")), "damaged or too large", id="too-long"),
        pytest.param(
            book(HEAD + line(1) + record(6, bytes(8) + b"\xff\xff\0\0ab")), "cannot be read", id="text-cut-off"
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(write: Write, data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words), open_source(write(data, "table.xlsb")):
        pass


def test_a_text_that_is_no_text_is_empty(write: Write) -> None:
    none = record(6, bytes(8) + b"\xff\xff\xff\xff")
    assert read(write(book(HEAD + line(1) + none + text(1, "x")))).cells == [(None, "x")]


def test_a_long_text_has_a_long_record(write: Write) -> None:
    long = "ä" * 20_000
    assert read(write(book(HEAD + line(1) + text(0, long) + text(1, long[:100])))).cells == [(long, long[:100])]


words = st.text(st.characters(codec="utf-16-le", exclude_categories=["Cs"]), min_size=1, max_size=300)
cells = words | st.booleans() | st.floats(-1e14, 1e14).filter(lambda value: not value.is_integer()) | st.none()


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5), st.booleans())
def test_what_is_written_is_read(table: list[list[object]], is_short: bool) -> None:
    records = line(0) + b"".join(text(at, f"c{at}") for at in range(4))
    for number, values in enumerate(table, 1):
        records += line(number) + text(0, "k")
        for at, value in enumerate(values, 1):
            column = None if is_short else at
            if isinstance(value, bool):
                records += boolean(column, value)
            elif isinstance(value, str):
                records += text(column, value)
            else:
                records += real(column, value) if isinstance(value, float) else blank(column)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(xlsb(("Data", 0, records)))
        with open_source(path) as source:
            assert [list(each.cells) for each in source.rows()] == [["k", *values] for values in table]
