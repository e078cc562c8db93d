"""Turns an .xlsx or .xlsm file into a book: values by a library, and beside them what only the XML says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.errors import SourceError
from importer.readers.book import Contents, Tab
from importer.readers.grid import open_grid
from importer.readers.header import column_letter
from importer.readers.package import Package, Sheet
from importer.readers.sheet_scan import Scan, scan_sheet

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["XlsxBook"]

_MAX_CELLS = 100_000_000  # of the rectangle up to the last cell; calamine keeps room for each
_ALSO_READ = ("xl/sharedStrings.xml", "xl/styles.xml")


class XlsxBook:
    """A `Book` over an OOXML package."""

    def __init__(self, data: bytes, path: Path) -> None:
        """Read the list of sheets.

        Raises:
            SourceError: the package is damaged, or would inflate beyond measure.
        """
        self._data = data
        self._path = path
        self._package = Package(data, path)
        self._sheets = self._package.sheets()
        self.tabs = tuple(Tab(sheet.name, sheet.is_visible) for sheet in self._sheets)

    def contents(self, index: int) -> Contents:
        """Read one sheet; see `Book`."""
        sheet = self._sheets[index]
        scan = _scanned(self._package, sheet, self._path)
        grid = open_grid(self._data, sheet.name, self._path)
        return Contents(grid, scan.flaws, scan.hidden_rows, scan.width)


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
