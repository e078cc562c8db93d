"""Turns one sheet of an .xlsx workbook into its grid of values and what a scan of its XML says beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.errors import SourceError
from importer.readers.cell_value import BookFacts
from importer.readers.grid import begin_grid, open_corrected
from importer.readers.header import column_letter
from importer.readers.shared_strings import odd_strings, shared_strings
from importer.readers.sheet_scan import farthest_cell, read_exactly, scan_sheet
from importer.readers.styles import Styles, read_styles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from importer.readers.book import Grid
    from importer.readers.package import Package, Sheet
    from importer.readers.sheet_scan import Scan

__all__ = ["read_sheet"]

_MAX_CELLS = 100_000_000  # of the rectangle up to the last cell; calamine keeps room for each


def read_sheet(package: Package, sheet: Sheet, data: bytes, path: Path) -> tuple[Grid, Scan]:
    """Read a sheet; none of the parts that are read inflates beyond what was declared for it.

    Raises:
        SourceError: the sheet is damaged, too large, or not there.
    """
    if sheet.part is None:
        message = (
            f'{path}: the workbook does not say where its sheet "{sheet.name}" is. Open it in Excel and save it again.'
        )
        raise SourceError(message)
    part, texts = sheet.part, package.strings_part
    begun = begin_grid(data, sheet.name, path)
    book = BookFacts(
        styles=read_styles(package.chunks(package.styles_part)) if package.styles_part else Styles(),
        odd_strings=odd_strings(package.chunks(texts), package.chunks(texts)) if texts else {},
        is_1904=package.is_1904(),
    )

    def strings() -> Sequence[str]:
        return shared_strings(package.chunks(texts)) if texts else ()

    def again() -> Scan:
        return read_exactly(package.chunks(part), book, strings())

    try:
        scan = scan_sheet(lambda: package.chunks(part), book, strings)
        scan.has_formats = book.styles.is_readable
        _check_size(scan, lambda: package.chunks(part), sheet, path)
        return open_corrected(begun, scan, again), scan
    except (expat.ExpatError, ValueError, LookupError) as error:
        message = (
            f'{path}: the sheet "{sheet.name}" is damaged ({error}). Open the workbook in Excel and save it again.'
        )
        raise SourceError(message) from error


def _check_size(scan: Scan, chunks: Callable[[], Iterator[bytes]], sheet: Sheet, path: Path) -> None:
    """Refuse a sheet in whose rectangle of cells calamine would lose itself; most are surely smaller."""
    if scan.table is not None or scan.last_row * scan.reach <= _MAX_CELLS:
        return
    height, width = farthest_cell(chunks())
    if height * width > _MAX_CELLS:
        message = (
            f'{path}: the sheet "{sheet.name}" reaches to row {height:,} and column {column_letter(width - 1)}. '
            "Delete stray cells (Ctrl+End finds the last), or save it as CSV."
        )
        raise SourceError(message)
