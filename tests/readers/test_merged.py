from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from importer.readers import ReaderOptions
from tests.readers.trap_files import read, saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.readers.conftest import Write

DATA: Sequence[Sequence[object]] = [(1, "Ann", "Acme", "NL"), (2, "Bob", "Beta", "DE")]


def merged(rows: Sequence[Sequence[object]], *areas: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [*rows, *DATA]:
        sheet.append(list(row))
    for area in areas:
        sheet.merge_cells(area)
    return saved(book)


@pytest.mark.parametrize(
    ("header", "areas", "columns", "row"),
    [
        pytest.param(
            [("id", "Name", None, "land")], ["B1:C1"], ("id", "Name", "Name [2]", "land"), 1, id="across-two-columns"
        ),
        pytest.param(
            [("id", "Name", None, "land"), (None, "first", "last", None)],
            ["A1:A2", "B1:C1", "D1:D2"],
            ("id", "first", "last", "land"),
            2,
            id="over-two-rows",
        ),
        pytest.param(
            [("id", "Name", None, "land"), (None, None, None, None)],
            ["A1:A2", "B1:C2", "D1:D2"],
            ("id", "Name", "Name [2]", "land"),
            1,
            id="one-header-two-rows-high",
        ),
        pytest.param(
            [("List", None, None, None), (), ("id", "name", "company", "land")],
            ["A1:D1"],
            ("id", "name", "company", "land"),
            3,
            id="title-across-the-sheet",
        ),
        pytest.param(
            [("Companies 2024", None, None, None), ("id", "Name", None, "land"), (None, "first", "last", None)],
            ["A1:D1", "A2:A3", "B2:C2", "D2:D3"],
            ("id", "first", "last", "land"),
            3,
            id="below-a-title",
        ),
        pytest.param(
            [("id", "Name", None, "land"), (None, "first", None, None)],
            ["A1:A2", "B1:C1", "D1:D2"],
            ("id", "first", "Column C", "land"),
            2,
            id="a-group-over-a-column-without-name",
        ),
        pytest.param(
            [("x", None, None, None)], ["A1:D1"], ("x", "Column B", "Column C", "Column D"), 1, id="only-a-title"
        ),
    ],
)
def test_a_column_has_the_name_of_the_merged_cell_it_is_in(
    write: Write, header: Sequence[Sequence[object]], areas: list[str], columns: tuple[str, ...], row: int
) -> None:
    got = read(write(merged(header, *areas)))
    assert (got.info.columns, got.info.header_row) == (columns, row)
    assert got.cells == DATA


def test_names_from_merged_cells_are_told(write: Write) -> None:
    header = [("id", "Name", None, "land"), (None, "first", None, None)]
    notes = read(write(merged(header, "A1:A2", "B1:C1", "D1:D2"))).info.notes
    assert (
        'Row 2 is taken for the column names; what stands above it is passed over (1: "id", "Name", "land")' in notes[1]
    )
    assert "The column names in A, D come from merged cells (A1:A2, D1:D2)." in notes
    assert 'Above column C, without a name in row 2, stands "Name" (B1:C1).' in notes


def test_a_header_row_that_was_named_has_names_from_above_too(write: Write) -> None:
    header = [("id", "Name", None, "land"), (None, "first", "last", None)]
    path = write(merged(header, "A1:A2", "B1:C1", "D1:D2"))
    assert read(path, ReaderOptions(header_row=2)).info.columns == ("id", "first", "last", "land")
    named = read(path, ReaderOptions(header_row=1))
    assert named.info.columns == ("id", "Name", "Name [2]", "land")
    assert named.cells[0] == (None, "first", "last", None)
