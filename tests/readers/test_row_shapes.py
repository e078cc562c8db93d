"""Rows that are judged by their shapes: what they are said to hold, and that nothing hides in those called plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.readers.cell_value import BookFacts
from importer.readers.row_shapes import PlainRows, RowShapes
from importer.readers.sheet_scan import Flaw, Scan, read_exactly, scan_sheet
from importer.readers.styles import read_styles
from tests.readers.test_xlsx_cells import STYLES, indented, styles
from tests.readers.trap_files import NS, Read, patch, read, text, xml_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.readers.conftest import Write


TWO = b'<row r="9" spans="1:2"><c r="A9" s="3" t="s"><v>0</v></c><c r="AB9"><v>-1.5E-7</v></c></row>\n'


def test_what_plain_rows_say() -> None:
    rows = TWO + b'<row r="10" hidden="1"/><row r="12" x14ac:dy="0.25"><c r="C12" t="b"/><c r="B12" s="1"></c></row>'
    assert RowShapes().plain(rows) == PlainRows([9, 10, 12], 4, hides=True, are_right=True)
    assert RowShapes().plain(TWO) == PlainRows([9], 2, hides=False, are_right=True)


@pytest.mark.parametrize(
    "row",
    [
        *(b'<row r="5"><c r="A5" t="e"><v>#N/A</v></c></row>', b'<row r="5"><c r="A5" t="d"><v>2024-01-01</v></c></row>'),
        *(b'<row r="5"><c r="A5"><f>B5</f><v>1</v></c></row>', b'<row r="5"><c r="A5"><v>1</v><f>B5</f></c></row>'),
        *(b'<row r="5"><c r="A5" t="inlineStr"><is><t>5</t></is></c></row>', b'<row r="5"><c r="A5" t="str"><v>1</v></c></row>'),
        *(b'<row r="5"><c r="AAA5"><v>1</v></c></row>', b'<row r="5"><c r="a5"><v>1</v></c></row>'),
        *(b'<row r="5"><c r="A5"><v>1</v></c><c r="A5"><v>2</v></c></row>', b'<row r="5"><c><v>1</v></c></row>'),
        *(b'<row r="5"><c s="1" r="A5"><v>1</v></c></row>', b'<row r="5"><!--1--></row>', b'<row r="5">x</row>'),
        *(b'<row r="5" x="A5"><c r="B4"><v>1</v></c></row>', b'<row r="5"><c r="A5"> <v>1</v></c></row>'),
        *(b'<row r="5"><c r="A5"><v>&#49;</v></c></row>', b'<row r="5"><c r=\'A5\'><v>1</v></c></row>'),
        *(b'<row r=""><c r="A"><v>1</v></c></row>', b'<row r="12345678"><c r="A12345678"><v>1</v></c></row>'),
        *(b'<row r="5"></row><row><c r="A6"/></row>', b'<row r="5"></row><ro1w r="6"></row>', b'<row r="5"></row></x>'),
        *(b'<row r="5"><c r="A5" t="e"/></row>', b'<row r="5"><c r="A5" t="d"><v>20240101</v></c></row>'),
        *(b'<row r="5" r="6"', b'<row r="5" ht="&lt;"/>'),
    ],
    ids=bytes.decode,
)  # fmt: skip
def test_rows_that_are_not_plain(row: bytes) -> None:
    assert RowShapes().plain(row) is None
    assert RowShapes().plain(TWO + row) is None


@pytest.mark.parametrize("place", ["A8", "A19", "A91", "A1"])
def test_a_cell_that_says_another_row_is_told(place: str) -> None:
    plain = RowShapes().plain(TWO.replace(b"A9", place.encode()))
    assert plain is not None
    assert not plain.are_right


def test_a_cell_in_the_place_of_another_row_s_is_refused(write: Write) -> None:
    cell = '<c r="{0}{1}"><v>{1}</v></c>'
    table = "".join(f'<row r="{at}">{cell.format("A", at)}{cell.format("B", min(at, 5))}</row>' for at in range(1, 7))
    with pytest.raises(SourceError, match="two cells stand in row 5, column 2"):
        read(write(xml_sheet(table), "a.xlsx"))


def ever_new(rows: int, first: int) -> bytes:
    return b"".join(
        b'<row r="%d">%b</row>' % (at, b"".join(b'<c r="%c%d"/>' % (65 + n, at) for n in range(12) if at >> n & 1))
        for at in range(first, first + rows)
    )


def test_a_sheet_of_ever_new_shapes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importer.readers.row_shapes._FREE_BYTES", 100_000)
    shapes, judged = RowShapes(), 0
    while shapes.plain(ever_new(100, 1 + judged)):
        judged += 100
    assert 500 <= judged < 2000
    assert not shapes.are_hopeless
    assert shapes.plain(TWO)
    for _ in range(4):
        assert not shapes.are_hopeless
        assert shapes.plain(ever_new(500, 3000)) is None
    assert shapes.are_hopeless


def test_shapes_that_come_back_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importer.readers.row_shapes._FREE_BYTES", 100_000)
    shapes = RowShapes()
    assert all(shapes.plain(ever_new(400, 1)) for _ in range(10))


def test_one_failure_is_forgotten_with_the_next_success() -> None:
    shapes = RowShapes()
    for _ in range(9):
        assert shapes.plain(b'<row r="5">x</row>') is None
        assert shapes.plain(TWO)
    assert not shapes.are_hopeless


def test_no_more_shapes_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importer.readers.row_shapes._MOST_BYTES", 100)
    shapes = RowShapes()
    for _ in range(3):
        assert shapes.plain(TWO)
        assert shapes.plain(TWO.replace(b' s="3"', b""))
        assert shapes.plain(TWO.replace(b' t="s"', b""))


# ── a sheet searched, and read cell by cell ──────────────────────────────────────────────────────────────────────

_FORMATS = styles("yyyy\\-mm\\-dd", "00000")
_PLAIN = ("><v>12</v></c>", "><v>-2.5</v></c>", 't="b"><v>1</v></c>', 's="1"/>', "></c>")
_DIGITS = (
    *("><v>1234567890123456</v></c>", "><v>-1234567890123456</v></c>", 's="1"><v>44197</v></c>', 's="1"><v>60</v></c>'),
    *('s="1"><v>-5</v></c>', 's="2"><v>42</v></c>', 's="2" t="n"><v>42.25</v></c>'),
)
_ODD = ('t="e"><v>#N/A</v></c>', "><f>A1</f></c>", "><f>A1</f><v>7</v></c>", 't="inlineStr"><is><t>A2</t></is></c>')
kinds = st.sampled_from(_PLAIN) | st.sampled_from(_PLAIN + _DIGITS) | st.sampled_from(_PLAIN + _DIGITS + _ODD)
rows = st.tuples(
    st.integers(1, 2),  # how far below the one above
    st.sampled_from(["", "", ' spans="1:3"', ' hidden="1"', ' ht="15.5" customHeight="1"']),
    st.lists(st.none() | kinds, max_size=3),
)


def xml(table: Sequence[tuple[int, str, Sequence[str | None]]], stray: tuple[int, str] | None = None) -> str:
    """Write rows from the second on; `stray` is what one of them has at its end."""
    written, number = [f'<row r="1">{text("A1", "id")}{text("B1", "name")}</row>'], 1
    for at, (step, attributes, cells) in enumerate(table):
        number += step
        inside = "".join(f'<c r="{"ABC"[n]}{number}" {cell}' for n, cell in enumerate(cells) if cell is not None)
        if stray is not None and stray[0] == at:
            inside += stray[1]
        written.append(
            f'<row r="{number}"{attributes}>{inside}</row>' if inside else f'<row r="{number}"{attributes}/>'
        )
    return "".join(written)


def result(path: Path) -> Read | str:
    try:
        return read(path)
    except SourceError as error:
        return str(error)


@given(
    st.lists(rows, min_size=1, max_size=12),
    st.none()
    | st.tuples(
        st.integers(0, 11),
        st.sampled_from(
            [
                '<c r="D3"><v>9</v></c>',
                '<c r="A2"><v>9</v></c>',
                '<c r="D13"><v>9</v></c>',
                '<c r="B4" s="4"><v>9</v></c>',
            ]
        ),
    ),
)
def test_a_sheet_is_read_the_same_in_both_ways(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[tuple[int, str, list[str | None]]],
    stray: tuple[int, str] | None,
) -> None:
    path = tmp_path_factory.mktemp("sheet") / "a.xlsx"
    data = patch(xml_sheet(xml(table, stray)), {STYLES: _FORMATS})
    path.write_bytes(data)
    quick = result(path)
    path.write_bytes(indented(data))
    slow = result(path)
    if isinstance(quick, str) or isinstance(slow, str):
        assert quick == slow
    else:
        assert [list(map(repr, cells)) for cells in quick.cells] == [list(map(repr, cells)) for cells in slow.cells]
        assert (quick.numbers, sorted(quick.codes), quick.blank_rows) == (
            slow.numbers,
            sorted(slow.codes),
            slow.blank_rows,
        )
        assert quick.info.notes == slow.info.notes


@given(st.lists(rows, min_size=1, max_size=12), st.integers(20, 400))
def test_a_search_finds_the_same_in_pieces_of_any_size(
    table: list[tuple[int, str, list[str | None]]], size: int
) -> None:
    book = BookFacts(styles=read_styles([_FORMATS]))
    body = f"<worksheet {NS}><sheetData>{xml(table)}</sheetData></worksheet>".encode()
    whole = scan_sheet(lambda: iter([body]), book)
    pieces = scan_sheet(lambda: (body[at : at + size] for at in range(0, len(body), size)), book)
    assert pieces == whole
    assert whole.table is None
    exact = read_exactly(iter([body]), book, ())
    assert in_order(whole) == in_order(exact)
    assert (whole.hidden_rows, whole.rendered) == (exact.hidden_rows, exact.rendered)
    assert_shown(whole, exact)


def assert_shown(scan: Scan, exact: Scan) -> None:
    assert exact.table is not None
    for column, shown in scan.shown.items():
        for number, cell in shown.items():
            assert repr(exact.table[number][column]) == repr(cell)


def in_order(scan: Scan) -> dict[int, list[Flaw]]:
    return {row: sorted(flaws, key=lambda flaw: flaw.column) for row, flaws in scan.flaws.items()}
