from __future__ import annotations

import datetime as dt
import tracemalloc
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st
from openpyxl import load_workbook

from importer.errors import UsageError
from importer.model import Code, Counts, Issue, Location
from importer.report import ReportRow, write_report
from importer.report.workbook import WorkbookLimits, write_workbook
from importer.report.worksheet import MAX_TEXT, xml_text
from tests.report.samples import COLUMNS, Long, Report, cells, country, full_summary, group, kept, row

if TYPE_CHECKING:
    from openpyxl.cell import Cell as SheetCell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from importer.model import Cell

RED, YELLOW = "00FFC7CE", "00FFEB9C"


def written(report: Report, limits: WorkbookLimits | None = None) -> Workbook:
    stream = BytesIO()
    write_workbook(stream, report, limits or WorkbookLimits())
    return load_workbook(stream)


def rows_sheet(*listed: ReportRow, columns: tuple[str, ...] = COLUMNS) -> Worksheet:
    return written(Report(columns, listed))["Rows"]


def fill(cell: SheetCell | MergedCell) -> str | None:
    return str(cell.fill.start_color.rgb) if cell.fill.fill_type else None


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4))
def test_no_cell_is_a_formula_or_an_error(listed: list[tuple[Cell, ...]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_report(path, Report(listed=tuple(row(found, external_id="=1") for found in listed)))
        book = load_workbook(path)
        kinds = {cell.data_type for sheet in book.worksheets for line in sheet.iter_rows() for cell in line}
        assert kinds <= {"s", "n", "b", "d"}
        book.close()


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 1234", "-5", "@SUM(A1)", "#N/A", "007", "12345", "2024-01-02", "TRUE"]
)
def test_text_stays_text_in_cell_format_and_value(text: str) -> None:
    cell = rows_sheet(row((text, None, None)))["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


@pytest.mark.parametrize(("text", "quoted"), [("=1+1", True), (" +49", True), ("Acme", False)])
def test_text_that_might_run_has_excels_quote_prefix(text: str, *, quoted: bool) -> None:
    assert rows_sheet(row((text, None, None)))["A2"].quotePrefix is quoted


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        pytest.param(True, "b", id="boolean"),
        pytest.param(42, "n", id="whole-number"),
        pytest.param(0.1 + 0.2, "n", id="all-17-digits"),
        pytest.param(dt.datetime(2024, 2, 29, 13, 45, 30), "d", id="datetime"),  # noqa: DTZ001 - a cell has no zone
        pytest.param(dt.datetime(1900, 1, 1, 12), "d", id="excels-first-day"),  # noqa: DTZ001 - a cell has no zone
        pytest.param(dt.time(8, 30), "d", id="time"),
        pytest.param(dt.timedelta(hours=25), "d", id="duration"),
    ],
)
def test_typed_cells_stay_typed(cell: Cell, kind: str) -> None:
    read = rows_sheet(row((cell, None, None)))["A2"]
    assert (read.value, read.data_type) == (cell, kind)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(1_234_567_890_123_456, "1234567890123456", id="sixteen-digits"),
        pytest.param(float("inf"), "inf", id="infinite"),
        pytest.param(dt.date(1899, 12, 31), "1899-12-31", id="before-excels-first-day"),
        pytest.param(dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "2024-01-01 00:00:00+00:00", id="with-a-zone"),
        pytest.param(dt.time(8, tzinfo=dt.UTC), "08:00:00+00:00", id="time-with-a-zone"),
        pytest.param(-dt.timedelta(hours=1), "-1:00:00", id="negative-duration"),
    ],
)
def test_what_a_worksheet_cannot_hold_is_written_as_text(cell: Cell, text: str) -> None:
    read = rows_sheet(row((cell, None, None)))["A2"]
    assert (read.value, read.data_type) == (text, "s")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        pytest.param("a\x01b", "a_x0001_b", id="control"),
        pytest.param("a\rb", "a_x000D_b", id="cr"),
        pytest.param("_x0041_", "_x005F_x0041_", id="literal-escape"),
        pytest.param("_x0041_x0042_", "_x005F_x0041_x005F_x0042_", id="overlapping-literals"),
        pytest.param("_x41_", "_x41_", id="no-escape"),
        pytest.param(" \n", "_x0020__x000A_", id="blanks-alone"),
        pytest.param("", "", id="empty"),
        pytest.param("a\ud800\ufffe", "a\ufffd\ufffd", id="no-escape-exists"),
    ],
)
def test_what_xml_cannot_hold_is_escaped_as_excel_does(text: str, escaped: str) -> None:
    assert xml_text(text) == escaped


def test_offending_cells_are_coloured_and_say_why() -> None:
    sheet = rows_sheet(row(("1001", "Acme", "Holand"), country(2), kept(2)))
    assert [fill(cell) for cell in sheet[2]][:3] == [None, YELLOW, RED]
    comment = sheet["C2"].comment
    assert comment is not None
    assert comment.text == f"{country(2).message}\n{country(2).hint}"


def test_error_outweighs_a_warning_in_one_cell() -> None:
    sheet = rows_sheet(row(("1001", "Acme", "Holand"), kept(2, "Land"), country(2)))
    assert fill(sheet["C2"]) == RED
    assert sheet["C2"].comment is not None
    assert sheet["C2"].comment.text.count("\n\n") == 1


def test_empty_cell_can_be_marked() -> None:
    assert fill(rows_sheet(row(("1001", "Acme", None), country(2)))["C2"]) == RED


@pytest.mark.parametrize("column", [None, "gone"])
def test_issue_of_no_column_marks_our_code(column: str | None) -> None:
    assert fill(rows_sheet(row(("1001", "Acme", "NL"), country(2, column)))["E2"]) == RED


def test_information_marks_nothing() -> None:
    said = Issue.of(Code.SKIPPED_BY_RULE, Location("klanten.csv", None, 2, "Naam"), detail="archived")
    sheet = rows_sheet(row(("1001", "Acme", "Holand"), said, country(2)))
    assert fill(sheet["B2"]) is None


def test_comment_on_many_issues_is_cut_and_says_so() -> None:
    comment = rows_sheet(row(("1001", "Acme", "Holand"), *[country(2)] * 8))["C2"].comment
    assert comment is not None
    assert comment.text.endswith("and 3 more: see the columns after yours")


def test_comments_end_where_they_would_cost_too_much_and_the_summary_says_so() -> None:
    listed = tuple(row(("1", "Acme", "Holand"), country(number), number=number) for number in range(2, 7))
    book = written(Report(listed=listed), WorkbookLimits(comments=3))
    marked = [line[2] for line in book["Rows"].iter_rows(min_row=2)]
    assert [cell.comment is not None for cell in marked] == [True] * 3 + [False] * 2
    assert {fill(cell) for cell in marked} == {RED}
    assert "Only the first 3 marked cells" in facts(book)["comments"]


def test_header_is_frozen_and_filtered() -> None:
    sheet = rows_sheet(row(("1001", "Acme", "Holand")), row(("1002", "Beta", "Belgi")))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:J3"
    assert [cell.value for cell in sheet[1]] == [
        *COLUMNS,
        "row",
        "code",
        "column",
        "cell",
        "message",
        "hint",
        "external_id",
    ]


def test_widths_follow_the_longest_line_within_bounds() -> None:
    sheet = rows_sheet(row(("1", "a rather long company name\nsecond line", "x" * 500)))
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [10, 28, 60]


@pytest.mark.parametrize(("kind", "number_format"), [("csv", "@"), ("xlsx", "General")])
def test_empty_cells_of_a_text_file_keep_what_is_typed_as_text(kind: str, number_format: str) -> None:
    """A postcode typed into an empty cell of a report on a CSV file keeps its zero."""
    summary = full_summary()
    assert summary.source is not None
    source = type(summary.source)("klanten", "ab", kind, COLUMNS)
    sheet = written(Report(listed=(row(("1", None, None)),), summary=full_summary(source=source)))["Rows"]
    assert sheet.column_dimensions["B"].number_format == number_format


def test_cell_beyond_the_limit_is_cut_and_says_so() -> None:
    book = written(Report(listed=(row(("x" * 40_000, "Acme", "Holand")), row(("y" * MAX_TEXT, "Acme", "Holand")))))
    first, second = (str(line[0].value) for line in book["Rows"].iter_rows(min_row=2))
    assert len(first) <= MAX_TEXT
    assert first.endswith(" [cut here: 40000 characters]")
    assert second == "y" * MAX_TEXT
    assert facts(book)["cut"].startswith("1 cell holds more text")


def facts(book: Workbook) -> dict[str, str]:
    return {str(label.value): str(value.value) for label, value in book["Summary"].iter_rows(min_row=2, max_col=2)}


def test_issues_sheet_groups_the_reasons() -> None:
    book = written(Report(summary=full_summary(groups=(group(value="=1+1"),), groups_cut=True)))
    lines = [[cell.value for cell in line] for line in book["Issues"].iter_rows()]
    assert lines[0] == ["code", "severity", "field", "column", "value", "count", "first_rows", "message", "hint"]
    assert lines[1][:7] == ["not-a-country", "error", "address_invoice_country", "Land", "=1+1", 312, "4, 17, 23"]
    assert str(lines[2][0]).startswith("There are more kinds")
    assert book["Issues"]["E2"].data_type == "s"


def test_summary_sheet_has_every_count_and_where_it_came_from() -> None:
    found = facts(written(Report(summary=full_summary())))
    assert {"source", "encoding", "delimiter", "mapping", "target", "origin", "journal", "next"} <= found.keys()
    assert "sheet" not in found
    counts = {name: int(found[name]) for name in Counts.__dataclass_fields__}
    assert Counts(**counts).balanced
    assert counts["refused"] == 312


def test_summary_sheet_of_a_command_without_target_leaves_it_out() -> None:
    assert "target" not in facts(written(Report()))


def test_rows_is_the_first_sheet() -> None:
    assert written(Report()).sheetnames == ["Rows", "Issues", "Summary"]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        pytest.param(WorkbookLimits(rows=2), "more than 1 rows have issues", id="rows"),
        pytest.param(WorkbookLimits(columns=8), "holds 8 columns", id="columns"),
    ],
)
def test_report_that_no_worksheet_holds_names_the_other_formats(limits: WorkbookLimits, reason: str) -> None:
    listed = (row(("1", "Acme", "Holand")), row(("2", "Beta", "Holand")))
    with pytest.raises(UsageError, match=reason) as raised:
        written(Report(listed=listed), limits)
    assert ".jsonl" in str(raised.value)


def peak(count: int) -> int:
    """Measure what writing holds at most; with few comments, which are the part that grows up to its limit."""
    tracemalloc.start()
    with TemporaryDirectory() as folder, (Path(folder) / "report.xlsx").open("wb") as stream:
        write_workbook(stream, Long(count), WorkbookLimits(comments=50))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows() -> None:
    assert peak(2000) - peak(200) < 300_000
