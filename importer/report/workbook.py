"""Report rows written as a workbook: the user's own rows with the offending cells marked, the reasons, the counts.

The sheet `Rows` is the first one and can be corrected and given back: its columns are the user's, then ours. Rows are
streamed; memory does not grow with them, which is why only the first cells get a comment (each costs kilobytes).
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import WorkbookAlreadySaved
from openpyxl.writer.excel import ExcelWriter

from importer.errors import UsageError
from importer.model import Severity, plural, shortened
from importer.report.cells import cell_text
from importer.report.layout import ADDED_COLUMNS, added_cells, added_columns, header, own_cells
from importer.report.summed import summary_facts
from importer.report.worksheet import fits, sheet_cell, xml_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

    from openpyxl.cell import Cell as SheetCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet
    from openpyxl.worksheet.worksheet import Worksheet  # in the stubs, the other lacks what it takes from this one

    from importer.model import Cell, Issue, IssueGroup
    from importer.report.facts import ReportRow, ReportSource, Summary


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """What one sheet takes; rows and columns are Excel's own limits, the header's row included."""

    rows: int = 1_048_576
    columns: int = 16_384
    comments: int = 5_000


_SAMPLE_ROWS = 100  # looked at for the widths of the columns
_WIDTHS = (8, 60)  # narrowest, widest column, in characters
_HINT_WIDTH = 300  # characters of a comment's one issue
_FILLS = {
    Severity.ERROR: PatternFill("solid", start_color="FFC7CE"),
    Severity.WARNING: PatternFill("solid", start_color="FFEB9C"),
}
_HEADER_FONT = Font(bold=True)
_HEADER_FILL = PatternFill("solid", start_color="D9E1F2")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_GROUP_COLUMNS = ("code", "severity", "field", "column", "value", "count", "first_rows", "message", "hint")


def write_workbook(stream: IO[bytes], report: ReportSource, limits: WorkbookLimits = WorkbookLimits()) -> int:
    """Write the sheets Rows, Issues and Summary; return how many rows the first has.

    Raises:
        UsageError: there are more rows or columns than a worksheet holds.
    """
    if len(report.columns) + len(ADDED_COLUMNS) > limits.columns:
        msg = f"a workbook holds {limits.columns} columns, too few for this report: name a .csv or .jsonl file"
        raise UsageError(msg)
    book = Workbook(write_only=True)
    rows, issues, summary = sheets = [book.create_sheet(title) for title in ("Rows", "Issues", "Summary")]
    with abandoned_on_error(sheets):
        sheet = _RowsSheet(rows, report, limits)
        sheet.fill()
        _fill_issues(issues, report.summary)
        _fill_summary(summary, report, sheet)
        with ZipFile(stream, "w", ZIP_DEFLATED) as archive:  # what `book.save` leaves open when the disk is full
            ExcelWriter(book, archive).save()
    return sheet.rows


@contextmanager
def abandoned_on_error(sheets: Sequence[WriteOnlyWorksheet]) -> Iterator[None]:
    """Close half-written sheets at once; left to the garbage collector, each would write to a closed file."""
    try:
        yield
    except BaseException:
        for sheet in sheets:
            _abandon(sheet)
        raise


def _abandon(sheet: WriteOnlyWorksheet) -> None:
    """Close what openpyxl nests in a sheet (rows, XML, file); a failure of one ends that call, so ask once for each."""
    for _ in range(3):
        with suppress(OSError, ValueError, StopIteration, WorkbookAlreadySaved):
            sheet.close()


class _RowsSheet:
    """The sheet Rows, with the count of what it could not show in full."""

    def __init__(self, sheet: Worksheet, report: ReportSource, limits: WorkbookLimits) -> None:
        self._sheet = sheet
        self._report = report
        self._limits = limits
        self._places = {name: place for place, name in enumerate(report.columns)}
        self._code_place = len(report.columns) + ADDED_COLUMNS.index("code")
        self.rows = 0
        self.comments = 0
        self.without_comment = 0
        self.cut = 0

    def fill(self) -> None:
        names = header(self._report.columns)
        rows = self._report.rows()
        sample = list(islice(rows, _SAMPLE_ROWS))
        set_columns(self._sheet, names, [self._cells(row) for row in sample])
        self._keep_typed_text()
        append_header(self._sheet, names)
        for row in chain(sample, rows):
            self._append(row)
        set_filter(self._sheet, len(names), self.rows)

    def _cells(self, row: ReportRow) -> tuple[Cell, ...]:
        return (*own_cells(row, self._report.columns), *added_cells(row, self._report.columns))

    def _keep_typed_text(self) -> None:
        """In the columns of a text file, whatever is typed into an empty cell stays text too."""
        source = self._report.summary.source
        if source is not None and source.format == "csv":
            for place in range(1, len(self._report.columns) + 1):
                self._sheet.column_dimensions[get_column_letter(place)].number_format = "@"

    def _append(self, row: ReportRow) -> None:
        self.rows += 1
        if self.rows >= self._limits.rows:
            msg = (
                f"more than {self._limits.rows - 1} rows have issues, and a worksheet holds no more: "
                "name a .csv or .jsonl file"
            )
            raise UsageError(msg)
        found = self._cells(row)
        cells: list[SheetCell | None] = [sheet_cell(self._sheet, cell) for cell in found]
        self.cut += sum(1 for cell in found if isinstance(cell, str) and not fits(cell))
        for cell in cells[len(self._report.columns) + 1 :]:
            if cell is not None:
                cell.alignment = _WRAPPED
        for place, issues in self._marks(row.issues).items():
            cells[place] = self._marked(cells[place], issues)
        self._sheet.append(cells)

    def _marks(self, issues: Iterable[Issue]) -> dict[int, list[Issue]]:
        """Find the cell of each issue; what concerns no one column is marked in our `code`."""
        marks: dict[int, list[Issue]] = {}
        for issue in issues:
            if issue.severity in _FILLS:
                place = self._places.get(issue.location.column or "", self._code_place)
                marks.setdefault(place, []).append(issue)
        return marks

    def _marked(self, cell: SheetCell | None, issues: Sequence[Issue]) -> SheetCell:
        marked = WriteOnlyCell(self._sheet) if cell is None else cell
        worst = Severity.ERROR if any(issue.severity is Severity.ERROR for issue in issues) else Severity.WARNING
        marked.fill = _FILLS[worst]
        if self.comments < self._limits.comments:
            self.comments += 1
            marked.comment = _comment(issues)
        else:
            self.without_comment += 1
        return marked


def _comment(issues: Sequence[Issue]) -> Comment:
    lines = [f"{shortened(issue.message, _HINT_WIDTH)}\n{shortened(issue.hint, _HINT_WIDTH)}" for issue in issues[:5]]
    if len(issues) > 5:
        lines.append(f"and {len(issues) - 5} more: see the columns after yours")
    text = xml_text("\n\n".join(lines))
    return Comment(text, "kanbert-import", width=340, height=40 + 22 * (text.count("\n") + len(text) // 50))


def set_columns(sheet: Worksheet, names: Sequence[str], sample: Sequence[Sequence[Cell]]) -> None:
    """Freeze the header and set widths by the longest line among the sample; has to come before the first row."""
    sheet.freeze_panes = "A2"
    for place, name in enumerate(names):
        widest = max((_line_length(cells[place]) for cells in sample), default=0)
        width = max(len(name) + 4, widest + 2)  # the filter's button covers the end of a header
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(max(width, _WIDTHS[0]), _WIDTHS[1])


def _line_length(cell: Cell) -> int:
    return max(map(len, cell_text(cell).splitlines()), default=0)


def append_header(sheet: Worksheet, names: Iterable[str]) -> None:
    """Write the names of the columns as the first row."""
    cells = [sheet_cell(sheet, name) or WriteOnlyCell(sheet) for name in names]
    for cell in cells:
        cell.font, cell.fill = _HEADER_FONT, _HEADER_FILL
    sheet.append(cells)


def set_filter(sheet: Worksheet, columns: int, rows: int) -> None:
    """Let the rows be filtered; has to come after the last one."""
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows + 1}"


def _append_cells(sheet: Worksheet, cells: Iterable[Cell], *, wrapped: bool = True) -> None:
    shown = [sheet_cell(sheet, cell) for cell in cells]
    for cell in shown:
        if cell is not None and wrapped:
            cell.alignment = _WRAPPED
    sheet.append(shown)


def _fill_issues(sheet: Worksheet, summary: Summary) -> None:
    lines = [_group_cells(group) for group in summary.groups]
    set_columns(sheet, _GROUP_COLUMNS, lines[:_SAMPLE_ROWS])
    append_header(sheet, _GROUP_COLUMNS)
    for cells in lines:
        _append_cells(sheet, cells)
    set_filter(sheet, len(_GROUP_COLUMNS), len(lines))
    if summary.groups_cut:
        _append_cells(sheet, ["There are more kinds of issue than are listed here; the sheet Rows has them all."])


def _group_cells(group: IssueGroup) -> tuple[Cell, ...]:
    return (
        group.code.value,
        group.severity.value,
        group.field,
        group.column,
        group.value,
        group.count,
        ", ".join(map(str, group.first_rows)),
        group.message,
        group.hint,
    )


def _fill_summary(sheet: Worksheet, report: ReportSource, rows: _RowsSheet) -> None:
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 90
    append_header(sheet, ("Summary", ""))
    for label, value in chain(summary_facts(report.summary), _legend(report, rows)):
        _append_cells(sheet, (label, value))


def _legend(report: ReportSource, rows: _RowsSheet) -> Iterator[tuple[str, Cell]]:
    number, *_ = added_columns(report.columns)
    yield (
        "rows",
        f"The sheet Rows has the {plural(rows.rows, 'row')} with an error or a warning; `{number}` is the row in the file.",
    )
    yield "colours", "Red: an error, the row is not in Kanbert as the file has it. Yellow: a warning, worth a look."
    if rows.without_comment:
        yield (
            "comments",
            f"Only the first {rows.comments} marked cells have a comment; the columns after yours say it all.",
        )
    if rows.cut:
        yield (
            "cut",
            f"{plural(rows.cut, 'cell holds more text than a worksheet can and is', 'cells hold more text than a worksheet can and are')} cut; a .csv or .jsonl report has all.",
        )
