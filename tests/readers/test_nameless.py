"""Cells under no name: told once, read where they are near, and cheap where one has strayed far out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.readers.trap_files import SHEET, patch, read, workbook, xml_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.readers.conftest import Write

HEADER = ["id", "name", "zip", "town"]
ROW = [1, "A", 1, "x"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([HEADER, [*ROW, "extra"]], "E (first in row 2)", id="beyond"),
        pytest.param([HEADER, ROW, [*ROW, None, 7]], "F (first in row 3)", id="beyond-a-gap"),
        pytest.param([["id", None, "zip"], [1, None, 2], [1, "A", 2]], "B (first in row 3)", id="between"),
        pytest.param([["id", None, None, "zip"], [1, "A", "B", 2]], "B (first in row 2), C (first in row 2)", id="two"),
        pytest.param(
            [["id", "name"], [1, "A", *"abcdefg"]],
            "C (first in row 2), D (first in row 2), E (first in row 2), F (first in row 2), G (first in row 2) and 2 more",
            id="many",
        ),
    ],
)
def test_what_stands_under_no_name_is_told(write: Write, rows: Sequence[Sequence[object]], said: str) -> None:
    assert f"Columns without a name hold something: {said}." in read(write(workbook(rows))).info.notes


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([HEADER, ROW], id="all-named"),
        pytest.param([HEADER, [*ROW, " "], [*ROW, "\u200b"]], id="only-blanks"),
        pytest.param([["id", None, "zip"], [1, None, 2]], id="empty-between"),
    ],
)
def test_an_empty_column_without_a_name_is_not_told(write: Write, rows: Sequence[Sequence[object]]) -> None:
    assert not any("without a name" in note for note in read(write(workbook(rows))).info.notes)


def test_an_error_under_no_name_is_told(write: Write) -> None:
    data = workbook([["id", "name"], [1, "A", "x"], [2, "B", "x"]])

    def broken(body: bytes) -> bytes:
        return body.replace(b'<c r="C2" t="inlineStr"><is><t>x</t></is></c>', b'<c r="C2" t="e"><v>#N/A</v></c>')

    got = read(write(patch(data, {SHEET: broken})))
    assert "Columns without a name hold something: C (first in row 2)." in got.info.notes
    assert got.codes == [(2, "error-cell")]


@pytest.mark.parametrize("cell", ['<c r="XFD1000"><v>1</v></c>', '<c r="XFD1000" t="e"><v>#N/A</v></c>'])
def test_a_stray_cell_far_out_costs_nothing_and_is_told(write: Write, cell: str) -> None:
    rows = "".join(
        f'<row r="{at}"><c r="A{at}"><v>{at}</v></c><c r="B{at}"><v>5</v></c></row>' for at in range(2, 1000)
    )
    names = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>no</t></is></c></row>'
    )
    data = xml_sheet(f'{names}{rows}<row r="1000"><c r="A1000"><v>1000</v></c>{cell}</row>')
    path = write(data)
    begun = time.process_time()
    got = read(path)
    assert time.process_time() - begun < 5
    assert got.info.columns == ("id", "no")
    assert got.numbers == list(range(2, 1001))
    assert any(
        note.startswith("Cells far beyond the named columns are not read: XFD (first in row 1000).")
        for note in got.info.notes
    )
    assert got.codes == ([(1000, "error-cell")] if "#N/A" in cell else [])
