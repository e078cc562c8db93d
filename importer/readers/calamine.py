"""Turns a workbook into a book by calamine alone, for formats and damages where no other reader is at hand."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from importer.readers.book import Contents, Tab
from importer.readers.grid import open_grid
from importer.readers.seam import foreign

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CalamineBook"]


class CalamineBook:
    """A `Book` of values alone: what calamine does not tell, `note` admits."""

    def __init__(self, data: bytes, path: Path, note: str) -> None:
        """List the sheets.

        Raises:
            SourceError: calamine cannot read the file.
        """
        self._data = data
        self._path = path
        self._note = note
        with foreign(path), CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            self.tabs = tuple(
                Tab(sheet.name, sheet.visible == SheetVisibleEnum.Visible)
                for sheet in book.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet
            )

    def contents(self, index: int) -> Contents:
        """Read one sheet; see `Book`."""
        grid = open_grid(self._data, self.tabs[index].name, self._path)
        return Contents(grid, width=grid.width, notes=(self._note,))
