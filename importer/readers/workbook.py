"""Turns a sheet of a workbook of any format into rows, numbered as Excel shows them, with what no cell value tells.

A cell that holds an error, or a formula without a stored result, is an issue on its row and never an empty cell.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.model import SourceInfo
from importer.readers.archive import trimmed
from importer.readers.batches import RowBatches
from importer.readers.book import ColumnGrid
from importer.readers.books import open_book
from importer.readers.header import NO_ROWS, column_letter, column_names, is_blank_cell, listed, repeated
from importer.readers.header_row import ROWS_SEARCHED, find_header
from importer.readers.limits import check_size
from importer.readers.merged import HEADER_HEIGHT, areas_around, header_bottom, spread_names, widened
from importer.readers.nameless import nameless
from importer.readers.sheet_rows import SheetBatches, SheetRows, filled
from importer.readers.sniff import Format, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from importer.model import Cell, Row
    from importer.readers.batches import Batches
    from importer.readers.book import Contents, Grid, Tab
    from importer.readers.source import ReaderOptions

__all__ = ["open_workbook"]

_ZIPPED = frozenset({Format.XLSX, Format.XLSB, Format.ODS})


@contextmanager
def open_workbook(path: Path, kind: Format, options: ReaderOptions) -> Iterator[_Workbook]:
    """Open one sheet of a workbook; the file is read into memory whole, and closed before the first row."""
    with readable(path):
        check_size(path, options.limits)
        data = path.read_bytes()
    book = open_book(kind, trimmed(data) if kind in _ZIPPED else data, path, options.limits)
    chosen = _chosen(book.tabs, options.sheet, path)
    tab, contents, sheets = book.tabs[chosen], book.contents(chosen), _Sheets(path, chosen, book.tabs)
    header = _header(contents, options.header_row, sheets)
    held = nameless(contents, header.cells, header.number, max(contents.grid.width, contents.width))
    columns = column_names(filled(header.cells, held.width))
    info = SourceInfo(
        path=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        format=kind.value,
        columns=columns,
        sheet=tab.name,
        header_row=header.number,
        notes=(
            *_tab_notes(sheets),
            *_cell_notes(contents),
            *header.notes,
            *repeated(columns),
            *held.notes,
            *_unused(options),
            *[NO_ROWS] * _is_bare(contents, header.number),
        ),
    )
    yield _Workbook(info, contents, header.cells)


def _chosen(tabs: Sequence[Tab], wanted: str | None, path: Path) -> int:
    """Find the place of the sheet that was named, or of the first that can be seen."""
    if not tabs:
        message = f"{path}: the workbook has no sheet with cells. Save the companies in a sheet of their own."
        raise SourceError(message)
    if wanted is None:
        return next((index for index, tab in enumerate(tabs) if tab.is_visible), 0)
    exact = [index for index, tab in enumerate(tabs) if tab.name == wanted]
    alike = [index for index, tab in enumerate(tabs) if _key(tab.name) == _key(wanted)]
    if not alike:
        names = listed([tab.name for tab in tabs])
        message = f'{path}: there is no sheet "{wanted}". The workbook has {names}; name one with `source.sheet`.'
        raise SourceError(message)
    return (exact or alike)[0]


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _tab_notes(sheets: _Sheets) -> tuple[str, ...]:
    notes, tab = list[str](), sheets.tabs[sheets.chosen]
    if sheets.others:
        notes.append(f'The sheet "{tab.name}" is read; the workbook also has {sheets.others}.')
    if not tab.is_visible:
        notes.append(f'The sheet "{tab.name}" is hidden in the workbook.')
    return tuple(notes)


def _cell_notes(contents: Contents) -> tuple[str, ...]:
    notes, merged = list[str](), contents.grid.merged
    if contents.hidden_rows:
        notes.append(f"Rows that are hidden in the sheet are read like the others ({contents.hidden_rows}).")
    if merged:
        notes.append(f"Of merged cells only the first has the value: {', '.join(merged[:5])}.")
    return (*notes, *contents.notes)


def _is_bare(contents: Contents, header: int) -> bool:
    """Whether there is nothing below the header."""
    return max(contents.flaws, default=0) <= header and not any(map(_count, islice(contents.grid.rows(), header, None)))


def _unused(options: ReaderOptions) -> tuple[str, ...]:
    named = [name for name in ("encoding", "delimiter") if getattr(options, name) is not None]
    return (f"A workbook has no {' and no '.join(named)}: the setting is not used.",) if named else ()


@dataclass(frozen=True, slots=True)
class _Header:
    """The header row and what is doubtful about it."""

    number: int
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sheets:
    """Which sheet of which file is read, for messages."""

    path: Path
    chosen: int
    tabs: Sequence[Tab]

    @property
    def others(self) -> str:
        """What other sheets the workbook has, hidden ones last; "" where there are none."""
        others = [tab for index, tab in enumerate(self.tabs) if index != self.chosen]
        shown = listed([tab.name for tab in others if tab.is_visible])
        hidden = listed([tab.name for tab in others if not tab.is_visible])
        return " and ".join(part for part in (shown, hidden and f"hidden {hidden}") if part)


def _header(contents: Contents, wanted: int | None, sheets: _Sheets) -> _Header:
    """Find the row of the column names, or take the row the user names."""
    grid, path, tab = contents.grid, sheets.path, sheets.tabs[sheets.chosen]
    if wanted is not None and wanted < 1:
        message = f"{path}: header_row is {wanted}, but rows count from 1."
        raise SourceError(message)
    begun = (wanted or 1) - 1
    first = next((index for index, row in enumerate(islice(grid.rows(), begun, None), begun) if _count(row)), None)
    if first is None or (wanted is not None and first != begun):
        place = "is empty" if wanted is None else f"has no column names in row {wanted} (header_row)"
        others = f"; the workbook also has {sheets.others}" if sheets.others else ""
        message = (
            f'{path}: the sheet "{tab.name}" {place}{others}. Name the right one with `source.sheet` and '
            "`source.header_row`."
        )
        raise SourceError(message)
    rows = list(islice(grid.rows(), first, first + ROWS_SEARCHED))
    found = find_header(widened(rows, grid.merged, first + 1)) if wanted is None else None
    if found is None:
        cells, told = spread_names(areas_around(grid.merged, first + 1), first + 1, _rows_around(grid, first + 1))
        return _Header(first + 1, cells, (*_header_flaws(contents, first + 1), *told))
    if found.like_data and first and not found.passed_over:
        raise _without_names(first + 1, found.like_data, f'{path}: in the sheet "{tab.name}"')
    above, around = first + found.index + 1, _rows_around(grid, first + found.index + 1)
    number = header_bottom(areas_around(grid.merged, above), above, around)
    cells, told = spread_names(areas_around(grid.merged, number), number, around)
    notes = found.lowered(number - above).notes(rows, lambda index: first + index + 1, "Row")
    return _Header(number, cells, (*_header_flaws(contents, number), *notes, *told))


def _rows_around(grid: Grid, number: int) -> dict[int, tuple[Cell, ...]]:
    """Give the rows that a header in this row may have, by number."""
    begun = max(0, number - HEADER_HEIGHT)
    return dict(enumerate(islice(grid.rows(), begun, number + HEADER_HEIGHT), begun + 1))


def _without_names(number: int, cell: str, place: str) -> SourceError:
    """Say that the names are blank, and what comes next would be taken for them and lost."""
    return SourceError(
        f'{place} the rows above row {number} are blank, and row {number} looks like data ("{cell}"), not like '
        f"column names. Put the names in; if row {number} does hold them, say `source.header_row: {number}`, or "
        f"--header-row {number} to init."
    )


def _header_flaws(contents: Contents, number: int) -> tuple[str, ...]:
    letters = [column_letter(flaw.column) for flaw in contents.flaws.get(number, [])]
    lost = [row for row, flaws in contents.flaws.items() if any(flaw.value is None for flaw in flaws)]
    above = [f"{row}" for row in sorted(lost) if row < number]
    notes = [f"The column names in {', '.join(letters)} cannot be read: errors or formulas."] if letters else []
    if above:
        cells = "errors, or formulas without a result, above the column names"
        notes.append(f"There are {cells}, in row {', '.join(above[:5])}: they are passed over.")
    return tuple(notes)


def _count(cells: Sequence[Cell]) -> int:
    return sum(not is_blank_cell(cell) for cell in cells)


class _Workbook:
    """A `BatchedSource` over one sheet, whose values are in memory."""

    def __init__(self, info: SourceInfo, contents: Contents, header: Sequence[Cell]) -> None:
        self.info = info
        self._grid = contents.grid
        self._flaws = contents.flaws
        self._header = header
        self._latest = self._anew()

    def _anew(self) -> SheetRows:
        return SheetRows(self.info, self._flaws, self._header)

    @property
    def blank_rows(self) -> int:
        """See `Source`."""
        return self._latest.blank_rows

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header, lazily; see `Source`."""
        made = self._latest = self._anew()
        for number, cells in enumerate(made.below(self._grid.rows()), made.begun):
            row = made.row(number, cells)
            if row is not None:
                yield row

    def batches(self) -> Batches:
        """Read the same rows many at once; see `BatchedSource`."""
        if not isinstance(self._grid, ColumnGrid):
            return RowBatches(self.rows())
        self._latest = self._anew()
        return SheetBatches(self._grid, self._latest)
