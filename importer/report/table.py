"""Report rows written as CSV and as JSON Lines.

CSV is UTF-8 with a byte order mark, semicolons, and CRLF: what Excel opens in columns by a double click wherever the
decimal sign is a comma. Numbers have a decimal point. A text that a spreadsheet might run as a formula has an
apostrophe before it (`importer.report.unguarded` takes it back); numeric cells, -5 among them, have none. A workbook
needs none of this: CSV is for programs, and for who asks for it.
"""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from importer.model import cell_address
from importer.report.cells import cell_json, cell_text, guarded
from importer.report.issue import issue_document
from importer.report.layout import added_cells, header, own_cells
from importer.report.lines import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from importer.model import Cell, Json
    from importer.report.facts import ReportRow, ReportSource

DELIMITER = ";"


def write_csv(stream: IO[bytes], report: ReportSource) -> int:
    """Write a line a row below a header; return how many rows there are."""
    count = 0
    with _text(stream, encoding="utf-8-sig") as text:
        writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n")
        writer.writerow([guarded(name) for name in header(report.columns)])
        for count, row in enumerate(report.rows(), start=1):  # noqa: B007 - the last number is the count
            cells = (*own_cells(row, report.columns), *added_cells(row, report.columns))
            writer.writerow([_csv_text(cell) for cell in cells])
    return count


def write_jsonl(stream: IO[bytes], report: ReportSource) -> int:
    """Write a JSON object a row; return how many there are."""
    count = 0
    with _text(stream, encoding="utf-8") as text:
        for count, row in enumerate(report.rows(), start=1):  # noqa: B007 - the last number is the count
            text.write(json_text(_row_document(row, report.columns)))
            text.write("\n")
    return count


def _csv_text(cell: Cell) -> str:
    return guarded(cell) if isinstance(cell, str) else cell_text(cell)


def _row_document(row: ReportRow, columns: tuple[str, ...]) -> dict[str, Json]:
    return {
        "row": row.number,
        "sheet": row.sheet,
        "external_id": row.external_id,
        "outcome": row.outcome and row.outcome.value,
        "cells": {name: cell_json(cell) for name, cell in zip(columns, own_cells(row, columns), strict=True)},
        "issues": [
            issue_document(issue, cell_address(issue.location.column, row.number, columns, row.sheet))
            for issue in row.issues
        ],
    }


@contextmanager
def _text(stream: IO[bytes], *, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Write text to a stream that stays open; a lone surrogate, which UTF-8 cannot hold, becomes its escape."""
    text = io.TextIOWrapper(stream, encoding=encoding, errors="backslashreplace", newline="")
    try:
        yield text
        text.flush()
    finally:
        _release(text)


def _release(text: io.TextIOWrapper) -> None:
    with suppress(OSError):  # flushes once more: on a full disk the first OSError is already on its way up
        text.detach()
