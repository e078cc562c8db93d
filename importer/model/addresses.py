"""Where a cell stands, as a spreadsheet writes it: `Contacten!D17`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cell_address", "column_letter"]

_PLAIN = re.compile(r"[^\W\d]\w*")  # a sheet's name that needs no quotes
_LIKE_A_CELL = re.compile(r"[A-Z]{1,3}[0-9]+|R[0-9]*C?[0-9]*|C[0-9]*", re.IGNORECASE)  # and one that does: D17, R1C1


def column_letter(index: int) -> str:
    """Name a column as a spreadsheet does: 0 is A, 25 is Z, 26 is AA."""
    letters, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_address(column: str | None, row: int | None, columns: Sequence[str], sheet: str | None) -> str | None:
    """Write the address of a cell by its column's name; without a sheet, as a spreadsheet shows a CSV file.

    None where it is no single cell, or a column of another file.
    """
    if column is None or row is None or column not in columns:
        return None
    cell = f"{column_letter(columns.index(column))}{row}"
    return cell if sheet is None else f"{_quoted(sheet)}!{cell}"


def _quoted(sheet: str) -> str:
    plain = _PLAIN.fullmatch(sheet) and not _LIKE_A_CELL.fullmatch(sheet)
    return sheet if plain else "'{}'".format(sheet.replace("'", "''"))
