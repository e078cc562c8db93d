"""Reports corrected by a program, as Excel would save them: what comes over is what was edited, and nothing else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from importer.commands.corrections import read_corrections
from importer.errors import SourceError, UsageError
from importer.mapping import SourceSettings
from importer.model import Code, Issue, Location, Row, SourceInfo
from importer.readers import limits_of
from importer.report import ReportRow, write_report
from tests.report.samples import Report, cells, country

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.worksheet.worksheet import Worksheet

    from importer.commands.corrections import Corrections
    from importer.model import Cell

COLUMNS = ("nr", "name", "zip", "note")
SOURCE = SourceInfo("contacts.xlsx", "", "xlsx", COLUMNS)
STORED = (
    Row(2, ("00155", "Acme", "01234", "=SUM(A1)")),
    Row(3, ("123456789012345678", "Beta", None, "two\nlines")),
    Row(7, ("K-7", "Gamma", 1067, None)),
)


def reported(folder: Path, stored: tuple[Row, ...]) -> Path:
    path = folder / "errors.xlsx"
    listed = (ReportRow(one.number, None, one.cells, key(one), None, (country(one.number),)) for one in stored)
    write_report(path, Report(COLUMNS, tuple(listed)))
    return path


def key(row: Row) -> str:
    return str(row.cells[0])


def given_back(path: Path, said: SourceSettings | None = None) -> Corrections:
    return read_corrections(path, SOURCE, said or SourceSettings(), limits_of({}))


def worked_at(folder: Path, work: Callable[[Worksheet], object], stored: tuple[Row, ...] = STORED) -> Path:
    path = reported(folder, stored)
    book = openpyxl.load_workbook(path)
    work(book["Rows"])
    book.save(path)
    book.close()
    return path


def applied(corrections: Corrections, stored: tuple[Row, ...] = STORED) -> dict[int, tuple[Cell, ...]]:
    """Say which rows were edited, and their cells then."""
    found = {one.number: (one, corrections.applied_to(one, key(one), key(one))) for one in stored}
    return {number: row.cells for number, (before, row) in found.items() if row is not before}


def place(sheet: Worksheet, column: str) -> int:
    return next(cell.column or 0 for cell in sheet[1] if cell.value == column)


kept = cells.filter(lambda cell: not isinstance(cell, float) or abs(cell) < 1e300)  # openpyxl rounds larger ones away
rows = st.lists(st.tuples(kept, kept, kept), min_size=1, max_size=5)
keys = st.sampled_from(["0042{}", "12345678901234567{}", "K-{}", "=K{}", "'{}"])


@pytest.mark.slow
@settings(max_examples=6)  # a workbook is read by a process of its own
@given(rows, keys, st.data())
def test_however_a_report_is_rearranged_only_edits_come_over(
    listed: list[tuple[Cell, Cell, Cell]], form: str, data: st.DataObject
) -> None:
    stored = tuple(Row(place, (form.format(place), *found)) for place, found in enumerate(listed, 2))
    edited = data.draw(st.sets(st.sampled_from([one.number for one in stored])), label="edited")
    left_out = data.draw(st.sets(st.sampled_from([one.number for one in stored])), label="left out")
    order = data.draw(st.permutations(range(len(COLUMNS) + 8)), label="order of columns")
    upside_down = data.draw(st.booleans(), label="upside down")

    def work(sheet: Worksheet) -> None:
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
        lines = [[*line, "remark"] for line in lines]
        at_row, name = lines[0].index("row"), lines[0].index("name")
        for line in lines[1:]:
            if line[at_row] in edited:
                line[name] = "edited by hand"
        body = [line for line in lines[1:] if line[at_row] not in left_out]
        sheet.delete_rows(1, sheet.max_row)
        for number, line in enumerate([lines[0], *(reversed(body) if upside_down else body)], 1):
            for column, cell in enumerate((line[at] for at in order), 1):
                written = sheet.cell(number, column, cell)
                if isinstance(cell, str):
                    written.data_type = "s"

    with TemporaryDirectory() as folder:
        found = applied(given_back(worked_at(Path(folder), work, stored)), stored)
    expected = {
        one.number: (one.cells[0], "edited by hand", *one.cells[2:])
        for one in stored
        if one.number in edited - left_out
    }
    assert found == expected


def test_an_error_that_was_typed_into_a_blank_cell_is_no_blank(tmp_path: Path) -> None:
    def work(sheet: Worksheet) -> None:
        sheet.cell(3, place(sheet, "zip"), "#REF!").data_type = "e"

    corrections = given_back(worked_at(tmp_path, work))
    row = corrections.applied_to(STORED[1], key(STORED[1]), None)
    assert [(issue.code, issue.location.column) for issue in row.issues] == [(Code.ERROR_CELL, "zip")]
    assert row.cells == STORED[1].cells


def test_what_is_wrong_in_a_column_of_the_users_own_is_not_held_against_a_row(tmp_path: Path) -> None:
    def work(sheet: Worksheet) -> None:
        sheet.cell(1, 20, "my sum")
        sheet.cell(2, 20, "#N/A").data_type = "e"
        sheet.cell(2, place(sheet, "name"), "Acme BV")

    corrections = given_back(worked_at(tmp_path, work))
    stored = Row(2, STORED[0].cells, (Issue.of(Code.ERROR_CELL, Location("", None, 2, "note"), value="#N/A"),))
    row = corrections.applied_to(stored, "00155", "00155")
    assert (row.cells, row.issues) == (("00155", "Acme BV", "01234", "=SUM(A1)"), stored.issues)


@pytest.mark.parametrize("number", [3.0, "3", " 3 "])
def test_a_row_number_may_be_written_in_any_way(tmp_path: Path, number: Cell) -> None:
    def work(sheet: Worksheet) -> None:
        sheet.cell(3, place(sheet, "row")).value = number

    assert set(given_back(worked_at(tmp_path, work)).rows) == {2, 3, 7}


@pytest.mark.parametrize(("number", "word"), [(None, "is empty"), ("3b", "'3b'"), (-3, "'-3'")])
def test_a_row_of_nobody_is_told(tmp_path: Path, number: Cell, word: str) -> None:
    def work(sheet: Worksheet) -> None:
        sheet.cell(3, place(sheet, "row")).value = number

    with pytest.raises(SourceError, match=word):
        given_back(worked_at(tmp_path, work))


def test_the_sheet_with_the_rows_is_read_wherever_it_stands(tmp_path: Path) -> None:
    def work(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        sheet.parent.move_sheet("Rows", 2)

    path = worked_at(tmp_path, work)
    assert applied(given_back(path)) == {}
    with pytest.raises(UsageError, match='sheet "Issues", has no column "nr"'):
        given_back(path, SourceSettings(sheet="issues"))


def test_a_first_sheet_that_is_another_is_told_where_there_is_no_better(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])  # type: ignore[union-attr] # there is one
    book.active.append(["1", "2"])  # type: ignore[union-attr] # there is one
    book.save(path)
    with pytest.raises(UsageError, match='sheet "Sheet", has no column "nr"'):
        given_back(path)


def test_a_row_of_a_source_with_a_column_row_is_known_by_ours(tmp_path: Path) -> None:
    source = SourceInfo("contacts.xlsx", "", "xlsx", ("Row", "external_id"))
    path = tmp_path / "errors.xlsx"
    write_report(path, Report(source.columns, (ReportRow(2, None, ("9", "K-1"), "K-1", None, (country(2),)),)))
    corrections = read_corrections(path, source, SourceSettings(), limits_of({}))
    assert corrections.applied_to(Row(2, ("9", "K-1")), "K-1", "K-1") == Row(2, ("9", "K-1"))
    assert set(corrections.rows) == {2}


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    """Of two columns the first was taken and the other passed over, whichever had the corrections, without a word."""

    def copied(sheet: Worksheet) -> None:
        sheet.cell(1, sheet.max_column + 1).value = "name"

    with pytest.raises(UsageError, match=r'the column "name" more than once.* Keep the one'):
        given_back(worked_at(tmp_path, copied))


def test_blanks_that_a_spreadsheet_took_away_are_seen(tmp_path: Path) -> None:
    """`Postcode: "20095" is "20095" there` tells nobody what has changed."""
    stored = Row(2, ("K-1", "Acme", "\N{NO-BREAK SPACE}20095", None))

    def retyped(sheet: Worksheet) -> None:
        sheet.cell(2, 3).value = 20095

    corrections = given_back(worked_at(tmp_path, retyped, (stored,)))
    assert corrections.applied_to(stored, "K-1", None) == stored
    assert corrections.respelt == ['row 2, zip: "·20095" is "20095" there']
