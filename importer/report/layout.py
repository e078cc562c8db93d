"""A report row as a table row: the user's own columns untouched and in order, then ours.

In a row with several issues, line n of `code`, `column`, `cell`, `message` and `hint` belongs to issue n.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.model import cell_address, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from importer.model import Cell
    from importer.report.facts import ReportRow

ADDED_COLUMNS = ("row", "code", "column", "cell", "message", "hint", "external_id")
"""What a table report has after the user's columns, in this order; see `added_columns` for their names in one file."""


def added_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Name our columns beside the user's: `code` becomes `code [2]` where a column of that name is there already.

    The same form that the readers give to a repeated header. Case does not count, as mapping files ignore it too.
    """
    taken = {column.casefold() for column in columns}
    return tuple(_free(name, taken) for name in ADDED_COLUMNS)


def header(columns: Sequence[str]) -> tuple[str, ...]:
    """Name all columns of a table report."""
    return (*columns, *added_columns(columns))


def added_cells(row: ReportRow, columns: Sequence[str]) -> tuple[Cell, ...]:
    """Fill our columns for one row, in the order of `ADDED_COLUMNS`."""
    return (
        row.number,
        _lines(issue.code.value for issue in row.issues),
        _lines(issue.location.column or "" for issue in row.issues),
        _lines(cell_address(issue.location.column, row.number, columns, row.sheet) or "" for issue in row.issues),
        _lines(issue.message for issue in row.issues),
        _lines(issue.hint for issue in row.issues),
        row.external_id,
    )


def own_cells(row: ReportRow, columns: Sequence[str]) -> tuple[Cell, ...]:
    """Give back the user's cells of one row.

    Raises:
        ValueError: their number is not that of the columns, so they would stand below the wrong headers.
    """
    if len(row.cells) != len(columns):
        msg = f"row {row.number} has {len(row.cells)} cells for {len(columns)} columns"
        raise ValueError(msg)
    return row.cells


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} [{number}]"
    return free


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(shortened(text, 1000) for text in texts)
