"""Turns an .xlsx or .xlsm file into a book: values by a library, and beside them what only the XML says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.readers.book import Contents, Tab
from importer.readers.package import Package
from importer.readers.sheet_reading import read_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from importer.readers.limits import Limits

__all__ = ["XlsxBook"]


class XlsxBook:
    """A `Book` over an OOXML package."""

    def __init__(self, data: bytes, path: Path, limits: Limits) -> None:
        """Read the list of sheets.

        Raises:
            SourceError: the package is damaged, or would inflate beyond measure.
        """
        self._data = data
        self._path = path
        self._package = Package(data, path, limits)
        self._sheets = self._package.sheets()
        self.tabs = tuple(Tab(sheet.name, sheet.is_visible) for sheet in self._sheets)

    def contents(self, index: int) -> Contents:
        """Read one sheet; see `Book`."""
        sheet = self._sheets[index]
        grid, scan = read_sheet(self._package, sheet, self._data, self._path)
        return Contents(grid, scan.flaws, scan.hidden_rows, scan.width, scan.notes)
