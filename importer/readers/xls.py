"""Turns an .xls file, Excel 2 to 2003, into a book.

xlrd reads, and not calamine: it gives error codes, number formats and hidden rows, and refuses what does not hang
together, where calamine gives empty cells, or takes all memory. The largest sheet there can be takes it seconds.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import xlrd
from xlrd.biffh import error_text_from_code

from importer.errors import SourceError
from importer.model import Code
from importer.readers.biff import bounds, essentials, is_protected, unsolved_formulas
from importer.readers.book import Contents, Flaw, Tab
from importer.readers.compound import MAGIC, stream_of
from importer.readers.header import column_letter
from importer.readers.number_cell import is_no_day, shown_as, whole
from importer.readers.number_format import GENERAL, NumberFormat, number_format
from importer.readers.seam import foreign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.model import Cell
    from importer.readers.book import Book

__all__ = ["open_xls"]

_NOTHING = bytes((xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK))
_STREAMS = ("Workbook", "Book")  # the second is that of Excel 5
_REFUSED = (xlrd.biffh.XLRDError, xlrd.formula.FormulaError, AssertionError, LookupError, ValueError, struct.error)


def open_xls(data: bytes, path: Path) -> Book:
    """Open an .xls file, or the bare stream of records of one.

    Raises:
        SourceError: it is protected by a password, or damaged.
    """
    with foreign(path):
        stream = stream_of(data, _STREAMS) if data.startswith(MAGIC) else data
        if is_protected(stream):
            message = f"{path}: the file is a workbook protected by a password. Open it, remove the password, and save it as .xlsx or CSV; where Excel asks for none, save it under a new name."
            raise SourceError(message)
        try:
            return _XlsBook(stream, path)
        except _REFUSED:  # perhaps only over a link, a comment, or the formula of a name
            return _XlsBook(essentials(stream), path)


class _XlsBook:
    """A `Book` over xlrd's."""

    def __init__(self, stream: bytes, path: Path) -> None:
        """Read every sheet at once: a fault in one would otherwise show only when it is asked for."""
        self._book = book = xlrd.open_workbook(
            file_contents=stream, logfile=io.StringIO(), formatting_info=True, ragged_rows=True
        )
        self._stream = stream
        self._path = path
        self._bounds = [bound for bound in bounds(stream) if bound.is_worksheet]
        names = book.sheet_names()
        is_told = len(self._bounds) == len(names)
        self.tabs = tuple(Tab(name, not is_told or self._bounds[index].is_visible) for index, name in enumerate(names))

    def contents(self, index: int) -> Contents:
        """Read one sheet; see `Book`."""
        with foreign(self._path):
            sheet = self._book.sheet_by_index(index)
            grid = _XlsGrid.over(self._book, sheet, self._path)
            flaws = dict[int, list[Flaw]]()
            for row, column, code in grid.errors():
                flaws.setdefault(row + 1, []).append(Flaw(column, Code.ERROR_CELL, error_text_from_code.get(code)))
            for row, column, value in grid.no_days():
                flaws.setdefault(row + 1, []).append(Flaw.no_day(column, value))
            start = self._bounds[index].offset if index < len(self._bounds) else 0
            for row, column in unsolved_formulas(self._stream, start):
                flaws.setdefault(row + 1, []).append(Flaw(column, Code.NO_STORED_RESULT))
            hidden = sum(1 for row, info in sheet.rowinfo_map.items() if info.hidden and row < len(grid.kinds))
        width = max((flaw.column + 1 for row in flaws.values() for flaw in row), default=0)
        return Contents(grid, flaws, hidden, max(width, grid.width))


@dataclass(frozen=True, slots=True)
class _XlsGrid:
    """The cells of one sheet of xlrd's, made into values row by row."""

    sheet: xlrd.sheet.Sheet
    formats: list[NumberFormat]  # by the number that a cell has
    from_1904: bool
    path: Path
    kinds: list[bytes] = field(repr=False)  # of each row, up to its last cell that is not empty
    width: int
    merged: tuple[str, ...]

    @classmethod
    def over(cls, book: xlrd.Book, sheet: xlrd.sheet.Sheet, path: Path) -> _XlsGrid:
        formats = [_format_of(book, xf.format_key) for xf in book.xf_list]
        kinds = [bytes(sheet.row_types(row)).rstrip(_NOTHING) for row in range(sheet.nrows)]
        while kinds and not kinds[-1]:
            kinds.pop()
        merged = tuple(
            f"{column_letter(left)}{top + 1}:{column_letter(right - 1)}{bottom}"
            for top, bottom, left, right in sheet.merged_cells
        )
        return cls(sheet, formats, book.datemode == 1, path, kinds, max(map(len, kinds), default=0), merged)

    def errors(self) -> Iterator[tuple[int, int, int]]:
        """Give row, column and code of the error cells."""
        for row, kinds in enumerate(self.kinds):
            if xlrd.XL_CELL_ERROR in kinds:
                for column, kind in enumerate(kinds):
                    if kind == xlrd.XL_CELL_ERROR:
                        yield row, column, int(self.sheet.cell_value(row, column))

    def no_days(self) -> Iterator[tuple[int, int, float]]:
        """Give row, column and value of the numbers that are formatted as dates and are none."""
        for row, kinds in enumerate(self.kinds):
            if xlrd.XL_CELL_DATE in kinds:
                for column, kind in enumerate(kinds):
                    if kind == xlrd.XL_CELL_DATE:
                        shape = self.formats[self.sheet.cell_xf_index(row, column)]
                        shown = self._typed(row, column, kind, self.sheet.cell_value(row, column))
                        if is_no_day(shown, shape):
                            yield row, column, shown

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        with foreign(self.path):
            for row, kinds in enumerate(self.kinds):
                values = self.sheet.row_values(row, 0, len(kinds))
                yield tuple(
                    [
                        (value or None) if kind == xlrd.XL_CELL_TEXT else self._typed(row, column, kind, value)
                        for column, (kind, value) in enumerate(zip(kinds, values, strict=True))
                    ]
                )

    def _typed(self, row: int, column: int, kind: int, value: Any) -> Cell:  # noqa: ANN401 - xlrd's
        if kind in {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE}:
            shape = self.formats[self.sheet.cell_xf_index(row, column)]
            return shown_as(whole(value), shape, is_1904=self.from_1904)
        return bool(value) if kind == xlrd.XL_CELL_BOOLEAN else None


def _format_of(book: xlrd.Book, key: int) -> NumberFormat:
    known = book.format_map.get(key)
    return GENERAL if known is None or not isinstance(known.format_str, str) else number_format(known.format_str)
