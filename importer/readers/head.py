"""Turns the first lines of a CSV file into its header row, and the quote that spoils lines into its place."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.model import plural
from importer.readers.book import MAX_COLUMNS
from importer.readers.dialect import FIELD_LIMIT, open_quote
from importer.readers.header import is_blank
from importer.readers.header_row import ROWS_SEARCHED, HeaderRow, find_header

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from importer.readers.dialect import Dialect

__all__ = ["Head", "cells_said", "quote_error", "read_head"]

_ROWS_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Head:
    """The header row and the line it begins on."""

    line: int
    cells: list[str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        return all(map(is_blank, self.cells))


def read_head(sample: Sequence[str], dialect: Dialect, skipped: int, path: Path, wanted: int | None) -> Head:
    """Find the header row in the lines behind the skipped ones; `wanted` is the line the user names for it.

    Raises:
        SourceError: there is none, or what would be taken for it is data.
    """
    records = _records(sample, dialect, skipped, path)
    filled = [record for record in records if not record.is_blank]
    if not filled:
        message = f"{path}: the file has no row that is not blank{f' below line {skipped}' if skipped else ''}."
        raise SourceError(message)
    first = filled[0]
    if wanted == skipped + 1 != first.line:
        message = f"{path}: line {wanted} is to hold the column names (header_row), but it is blank."
        raise SourceError(message)
    rows = [record.cells for record in records[:ROWS_SEARCHED]]
    found = find_header(rows) if wanted is None else None
    if found is None:
        header, notes = first, tuple[str, ...]()
    else:
        _refuse_data(found, records, skipped, path)
        header = records[found.index]
        notes = found.notes(rows, lambda index: records[index].line, "Line")
    if len(header.cells) > MAX_COLUMNS:
        message = f"{path}, line {header.line}: the header has {len(header.cells):,} cells. Check the delimiter."
        raise SourceError(message)
    below = [record for record in filled if record.line > header.line]
    return Head(header.line, header.cells, notes or _doubt(header, below))


def _records(sample: Sequence[str], dialect: Dialect, skipped: int, path: Path) -> list[_Record]:
    reader = dialect.reader(sample)
    records, line = list[_Record](), skipped + 1
    try:
        for cells in islice(reader, _ROWS_COMPARED):
            records.append(_Record(line, cells))
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        if all(record.is_blank for record in records):
            raise quote_error(sample, dialect, skipped, path) from error
    return records


def _refuse_data(found: HeaderRow, records: Sequence[_Record], skipped: int, path: Path) -> None:
    """Stop where the names are blank, and what comes next would be taken for them and lost."""
    line = records[found.index].line
    if found.like_data and found.index and not found.passed_over:
        message = (
            f"{path}: line {skipped + 1}, where the column names should be, is blank, and line {line} looks like data "
            f'("{found.like_data}"). Put the names in; if line {line} does hold them, say '
            f"`source.header_row: {line}`, or --header-row {line} to init."
        )
        raise SourceError(message)


def _doubt(header: _Record, below: Sequence[_Record]) -> tuple[str, ...]:
    """Say so where nearly all rows have more cells than the header: it lacks a name, or another line is the header."""
    width = len(header.cells)
    wider = [record for record in below if len(record.cells) > width]
    filled = [record for record in wider if not all(map(is_blank, record.cells[width:]))]
    if len(wider) < 2 or len(wider) < 0.9 * len(below) or not filled:
        return ()
    note = (
        f"Line {header.line} is taken for the header and has {cells_said(width)}, but the rows below have "
        f"{len(filled[0].cells)}, as line {filled[0].line}. Add the missing name, quote what came apart, or set "
        "`source.header_row` if another line holds the column names."
    )
    return (note,)


def quote_error(lines: Sequence[str], dialect: Dialect, skipped: int, path: Path) -> SourceError:
    """Place the quote that spoils a row given by its lines."""
    line = open_quote(lines, skipped + 1, dialect, strict=True)
    if line is None:
        return SourceError(
            f"{path}, line {skipped + 1}: a cell of this row has more than {FIELD_LIMIT >> 20} million characters. "
            "Shorten it, or check the delimiter."
        )
    mark = dialect.quote
    return SourceError(
        f"{path}, line {line}: the quotation mark that opens a cell here is not closed properly. Look for a {mark} that "
        f"is missing or too much; inside a quoted cell a {mark} is written twice."
    )


def cells_said(count: int) -> str:
    """Count cells in a sentence."""
    return plural(count, "cell")
