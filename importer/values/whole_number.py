"""Turns whole numbers, as a spreadsheet or a person writes them, into int."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.model import Code, Invalid
from importer.values.decimal_number import DecimalOptions, decimal, number_text
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["integer"]


def integer(cell: Cell, options: DecimalOptions = DecimalOptions()) -> int | Invalid | None:  # noqa: B008 - frozen
    """Read a whole number; "42.0" is one, "42.5" is not, and "1.234" is ambiguous without `decimal_comma`."""
    cleaned = clean(cell)
    if isinstance(cleaned, str):
        written: str | Invalid | None = number_text(cleaned, options, Code.NOT_AN_INTEGER)
    else:
        written = decimal(cleaned)
    match written:
        case None:
            return None
        case Invalid(code=Code.NOT_A_DECIMAL, detail=detail):
            return Invalid(Code.NOT_AN_INTEGER, detail)
        case Invalid():
            return written
        case _ if "." in written:
            return Invalid(Code.NOT_AN_INTEGER, "it has a fraction")
        case _:
            return int(written)
