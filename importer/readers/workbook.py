"""Turns a sheet of an .xlsx workbook into rows, numbered as Excel shows them, with what no cell value tells.

A cell that holds an error, or a formula without a stored result, is an issue on its row and never an empty cell.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, repeat
from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.errors import SourceError
from importer.model import Issue, Location, Row, SourceInfo
from importer.readers.grid import open_grid
from importer.readers.header import ROWS_BELOW, column_letter, column_names, is_blank, listed, repeated, taken_for_names
from importer.readers.package import Package, Sheet
from importer.readers.sheet_scan import Scan, scan_sheet
from importer.readers.sniff import Format, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from importer.model import Cell
    from importer.readers.grid import Grid
    from importer.readers.source import ReaderOptions

__all__ = ["open_workbook"]

_MAX_FILE_BYTES = 1 << 30
_MAX_CELLS = 100_000_000  # of the rectangle up to the last cell; calamine keeps room for each
_ALSO_READ = ("xl/sharedStrings.xml", "xl/styles.xml")


@contextmanager
def open_workbook(path: Path, options: ReaderOptions) -> Iterator[_Workbook]:
    """Open one sheet of a workbook; the file is read into memory whole, and closed before the first row."""
    with readable(path):
        if path.stat().st_size > _MAX_FILE_BYTES:
            message = f"{path}: the workbook is larger than {_MAX_FILE_BYTES >> 30} GiB. Save the sheet as CSV."
            raise SourceError(message)
        data = path.read_bytes()
    package = Package(data, path)
    sheets = package.sheets()
    sheet = _chosen(sheets, options.sheet, path)
    scan = _scanned(package, sheet, path)
    grid = open_grid(data, sheet.name, path)
    header = _header(grid, scan, sheet, options.header_row, path)
    width = max(grid.width, scan.width)
    columns = column_names(_filled(header.cells, width))
    info = SourceInfo(
        path=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        format=Format.XLSX.value,
        columns=columns,
        sheet=sheet.name,
        header_row=header.number,
        notes=(
            *_tab_notes(sheet, sheets),
            *_cell_notes(grid, scan),
            *header.notes,
            *repeated(columns),
            *_unused(options),
        ),
    )
    yield _Workbook(info, grid, scan)


def _chosen(sheets: Sequence[Sheet], wanted: str | None, path: Path) -> Sheet:
    if not sheets:
        message = f"{path}: the workbook has no sheet with cells. Save the companies in a sheet of their own."
        raise SourceError(message)
    if wanted is None:
        return next((sheet for sheet in sheets if sheet.is_visible), sheets[0])
    exact = [sheet for sheet in sheets if sheet.name == wanted]
    alike = [sheet for sheet in sheets if _key(sheet.name) == _key(wanted)]
    if not alike:
        names = listed([sheet.name for sheet in sheets])
        message = f'{path}: there is no sheet "{wanted}". The workbook has {names}; name one with `source.sheet`.'
        raise SourceError(message)
    return (exact or alike)[0]


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _scanned(package: Package, sheet: Sheet, path: Path) -> Scan:
    """Search the sheet's XML, and see that neither it nor what is read along with it inflates beyond measure."""
    package.check_sizes(_ALSO_READ)
    if sheet.part is None:
        message = (
            f'{path}: the workbook does not say where its sheet "{sheet.name}" is. Open it in Excel and save it again.'
        )
        raise SourceError(message)
    part = sheet.part
    try:
        scan = scan_sheet(lambda: package.chunks(part))
        if scan.last_row * scan.width > _MAX_CELLS:  # cells that are only coloured count in the quick search
            scan = scan_sheet(lambda: package.chunks(part), exact=True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        message = (
            f'{path}: the sheet "{sheet.name}" is damaged ({error}). Open the workbook in Excel and save it again.'
        )
        raise SourceError(message) from error
    if scan.last_row * scan.width > _MAX_CELLS:
        message = (
            f'{path}: the sheet "{sheet.name}" reaches to row {scan.last_row:,} and column '
            f"{column_letter(scan.width - 1)}. Delete stray cells (Ctrl+End finds the last), or save it as CSV."
        )
        raise SourceError(message)
    return scan


def _tab_notes(sheet: Sheet, sheets: Sequence[Sheet]) -> tuple[str, ...]:
    notes = list[str]()
    others = [other for other in sheets if other is not sheet]
    if others:
        shown = listed([other.name for other in others if other.is_visible])
        hidden = listed([other.name for other in others if not other.is_visible])
        names = " and ".join(part for part in (shown, hidden and f"hidden {hidden}") if part)
        notes.append(f'The sheet "{sheet.name}" is read; the workbook also has {names}.')
    if not sheet.is_visible:
        notes.append(f'The sheet "{sheet.name}" is hidden in the workbook.')
    return tuple(notes)


def _cell_notes(grid: Grid, scan: Scan) -> tuple[str, ...]:
    notes = list[str]()
    if scan.hidden_rows:
        notes.append(f"Rows that are hidden in the sheet are read like the others ({scan.hidden_rows}).")
    if grid.merged:
        notes.append(f"Of merged cells only the first has the value: {', '.join(grid.merged[:5])}.")
    return tuple(notes)


def _unused(options: ReaderOptions) -> tuple[str, ...]:
    named = [name for name in ("encoding", "delimiter") if getattr(options, name) is not None]
    return (f"A workbook has no {' and no '.join(named)}: the setting is not used.",) if named else ()


@dataclass(frozen=True, slots=True)
class _Header:
    """The header row and what is doubtful about it."""

    number: int
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]


def _header(grid: Grid, scan: Scan, sheet: Sheet, wanted: int | None, path: Path) -> _Header:
    """Find the first row that is not blank, or the row the user names."""
    if wanted is not None and wanted < 1:
        message = f"{path}: header_row is {wanted}, but rows count from 1."
        raise SourceError(message)
    for number, cells in enumerate(grid.rows(), 1):
        if (wanted is None or number >= wanted) and not all(map(_is_blank_cell, cells)):
            if wanted not in {None, number}:
                break
            if wanted is None and number > 1:
                _refuse_data(grid, number, cells, f'{path}: in the sheet "{sheet.name}"')
            return _Header(number, cells, (*_header_flaws(scan, number), *_doubt(grid, number, cells)))
        if number == wanted:
            break
    place = "is empty" if wanted is None else f"has no column names in row {wanted} (header_row)"
    message = (
        f'{path}: the sheet "{sheet.name}" {place}. Name the right one with `source.sheet` and `source.header_row`.'
    )
    raise SourceError(message)


def _refuse_data(grid: Grid, number: int, cells: tuple[Cell, ...], place: str) -> None:
    """Stop where the names are blank, and what comes next would be taken for them and lost."""
    below = [row for row in islice(grid.rows(), number, number + ROWS_BELOW) if _count(row)]
    if cell := taken_for_names(cells, below):
        message = (
            f'{place} the rows above row {number} are blank, and row {number} looks like data ("{cell}"), not like '
            f"column names. Put the names in; if row {number} does hold them, say `source.header_row: {number}`, or "
            f"--header-row {number} to init."
        )
        raise SourceError(message)


def _header_flaws(scan: Scan, number: int) -> tuple[str, ...]:
    letters = [column_letter(flaw.column) for flaw in scan.flaws.get(number, [])]
    return (f"The column names in {', '.join(letters)} cannot be read: errors or formulas.",) if letters else ()


def _doubt(grid: Grid, number: int, cells: tuple[Cell, ...]) -> tuple[str, ...]:
    """Say so where the header has a single name and the rows below are wider: it may be a title."""
    names = _count(cells)
    if names > 1:
        return ()
    below = islice(enumerate(grid.rows(), 1), number, number + 20)
    wider = next(((line, count) for line, row in below if (count := _count(row)) > 2), None)
    if wider is None:
        return ()
    note = (
        f"Row {number} is taken for the header and has one name, but row {wider[0]} has {wider[1]} cells. "
        f"If row {wider[0]} holds the column names, set `source.header_row: {wider[0]}`."
    )
    return (note,)


def _count(cells: Sequence[Cell]) -> int:
    return sum(not _is_blank_cell(cell) for cell in cells)


def _is_blank_cell(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and is_blank(cell))


def _filled(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    return cells + (None,) * (width - len(cells))


class _Workbook:
    """A `Source` over one sheet, whose values are in memory."""

    def __init__(self, info: SourceInfo, grid: Grid, scan: Scan) -> None:
        self.info = info
        self.blank_rows = 0
        self._grid = grid
        self._scan = scan

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header, lazily; see `Source`."""
        self.blank_rows = 0
        width, flaws = len(self.info.columns), self._scan.flaws
        for number, cells in enumerate(self._all_rows(), 1):
            if number <= self.info.header_row:
                continue
            if number in flaws:
                yield self._flawed(number, list(_filled(cells, width)))
            elif all(map(_is_blank_cell, cells)):
                self.blank_rows += 1
            else:
                yield Row(number, cells if len(cells) == width else _filled(cells, width))

    def _all_rows(self) -> Iterator[tuple[Cell, ...]]:
        """Give all rows of the sheet, also those at the end that hold nothing but flaws."""
        number = 0
        for number, cells in enumerate(self._grid.rows(), 1):  # noqa: B007 - the last number is needed below
            yield cells
        yield from repeat((), max(0, max(self._scan.flaws, default=0) - number))

    def _flawed(self, number: int, cells: list[Cell]) -> Row:
        issues = list[Issue]()
        for flaw in self._scan.flaws[number]:
            cells[flaw.column] = None
            where = Location(self.info.path, self.info.sheet, number, self.info.columns[flaw.column])
            issues.append(Issue.of(flaw.code, where, value=flaw.error))
        return Row(number, tuple(cells), tuple(issues))
