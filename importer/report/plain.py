"""Rows of a source as they are -> a workbook or a CSV file, to be edited and imported.

Text is text (an id of 18 digits keeps them all, a leading zero stays, a formula does not run) and numbers are numbers.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from importer.errors import UsageError
from importer.report.cells import cell_text, guarded
from importer.report.files import replacing
from importer.report.table import DELIMITER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import IO, TypeAlias

    from importer.model import Row

    Writer: TypeAlias = Callable[[IO[bytes], "PlainTable"], "Written"]

__all__ = ["PlainTable", "Written", "check_plain", "write_plain"]

_SAMPLE_ROWS = 100  # looked at for the widths of the columns


@dataclass(frozen=True, slots=True)
class PlainTable:
    """Columns, and what gives the rows below them."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    most_rows: int = 1_048_575  # of a worksheet, below its header
    most_columns: int = 16_384  # likewise


@dataclass(frozen=True, slots=True)
class Written:
    """What a file has got."""

    rows: int
    guarded: int = 0  # cells with an apostrophe before them, so that no spreadsheet runs them
    cut: int = 0  # cells too long for a worksheet


def check_plain(path: Path) -> None:
    """Refuse a name that no format goes with, and a file that is there: somebody may have edited it.

    Raises:
        UsageError: with what to write instead.
    """
    if path.suffix.lower() not in WRITERS:
        message = f"-o {path}: the name ends in one of {', '.join(WRITERS)}; try {path.stem or 'contacts'}.xlsx"
        raise UsageError(message)
    if path.exists() or path.is_symlink():
        message = f"-o {path} is there already, and may have somebody's work in it. Name another file, or move it away."
        raise UsageError(message)


def write_plain(path: Path, table: PlainTable) -> Written:
    """Write all rows to `path`, whole or not at all, readable by its owner only.

    Raises:
        UsageError: no such format, too much for it, or the file cannot be written there.
    """
    check_plain(path)
    with replacing(path) as stream:
        return WRITERS[path.suffix.lower()](stream, table)


def _write_csv(stream: IO[bytes], table: PlainTable) -> Written:
    rows = marked = 0
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="backslashreplace", newline="", write_through=True)
    try:
        writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n")
        writer.writerow([guarded(name) for name in table.columns])
        for rows, row in enumerate(table.rows(), start=1):  # noqa: B007 - the last number is the count
            cells = [guarded(cell) if isinstance(cell, str) else cell_text(cell) for cell in row.cells]
            marked += sum(1 for cell, own in zip(cells, row.cells, strict=True) if isinstance(own, str) and cell != own)
            writer.writerow(cells)
    finally:
        text.detach()
    return Written(rows, guarded=marked)


def _write_workbook(stream: IO[bytes], table: PlainTable) -> Written:
    from openpyxl import Workbook  # noqa: PLC0415 - 150 ms, for those who want a workbook
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - likewise
    from openpyxl.writer.excel import ExcelWriter  # noqa: PLC0415 - likewise

    from importer.report.workbook import abandoned_on_error, append_header, set_columns, set_filter  # noqa: PLC0415
    from importer.report.worksheet import fits, sheet_cell  # noqa: PLC0415 - likewise

    if len(table.columns) > table.most_columns:
        raise _too_much(table.most_columns, "columns")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title)
    count = cut = 0
    with abandoned_on_error([sheet]):
        rows = table.rows()
        sample = list(islice(rows, _SAMPLE_ROWS))
        set_columns(sheet, table.columns, [row.cells for row in sample])
        for place in range(1, len(table.columns) + 1):  # what is typed into an empty cell stays text as well
            sheet.column_dimensions[get_column_letter(place)].number_format = "@"
        append_header(sheet, table.columns)
        for count, row in enumerate(chain(sample, rows), start=1):
            if count > table.most_rows:
                raise _too_much(table.most_rows, "rows")
            cut += sum(1 for cell in row.cells if isinstance(cell, str) and not fits(cell))
            sheet.append([sheet_cell(sheet, cell) for cell in row.cells])
        set_filter(sheet, len(table.columns), count)
        with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(book, archive).save()
    return Written(count, cut=cut)


def _too_much(most: int, what: str) -> UsageError:
    message = f"a worksheet holds no more than {most:,} {what}: name a .csv file"
    return UsageError(message)


WRITERS: Mapping[str, Writer] = {".xlsx": _write_workbook, ".csv": _write_csv}
