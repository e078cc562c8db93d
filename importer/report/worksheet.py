"""Values turned into worksheet cells that show what was there: no formula runs, no digit is lost, nothing crashes.

Text is always string-typed (`=1+1`, `#N/A` and `007` stay text) and formatted as text, so that what a user types over
it stays text as well: a corrected postcode keeps its zero. What XML cannot hold is escaped as `_x0001_`, the way
Excel itself does it, and comes back when a spreadsheet or our readers open the file.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from openpyxl.cell import WriteOnlyCell

from importer.report.cells import cell_text, is_exact_number, is_risky

if TYPE_CHECKING:
    from openpyxl.cell import Cell as SheetCell
    from openpyxl.worksheet.worksheet import Worksheet

    from importer.model import Cell

MAX_TEXT = 32_767
"""How many characters (UTF-16 units) one cell of a worksheet holds."""

_LONGEST_ESCAPE = len("_x0001_")
_TEXT_FORMAT = "@"
_FIRST_YEAR = 1900  # a worksheet has no date before it
_UNWRITABLE = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile(
    r"[\x00-\x08\x0b-\x1f]"  # not in XML, and \r, which an XML parser turns into \n
    r"|_(?=x[0-9A-Fa-f]{4}_)"  # a literal _x0041_, which would be read as A
)
_XML_BLANK = re.compile(r"[ \t\n]")  # openpyxl does not mark a text of blanks alone, and readers drop unmarked ones


def sheet_cell(sheet: Worksheet, cell: Cell) -> SheetCell | None:
    """Make the cell that shows `cell`; None for an empty one. Typed cells stay typed where a worksheet can hold them.

    As text are written: whole numbers of 16 digits and more, what is no number, dates before 1900 or with a zone,
    negative durations.
    """
    match cell:
        case None | "":
            return None
        case str():
            return _text_cell(sheet, cell)
        case float() if is_exact_number(cell):
            return _float_cell(sheet, cell)
        case _:
            if not _is_holdable(cell):
                return _text_cell(sheet, cell_text(cell))
            return WriteOnlyCell(sheet, cell)  # type: ignore[arg-type]  # the stubs know no date, time and timedelta


def xml_text(text: str) -> str:
    """Escape `text` for a worksheet (ECMA-376 part 1, 22.9.2.19 ST_Xstring).

    Lone surrogates and U+FFFE, U+FFFF have no escape that readers agree on and become U+FFFD.
    """
    escaped = _ESCAPED.sub(_escape, _UNWRITABLE.sub("\ufffd", text))
    return escaped if escaped.strip() else _XML_BLANK.sub(_escape, escaped)


def fits(text: str) -> bool:
    """Whether one cell holds all of `text`."""
    return len(text) * _LONGEST_ESCAPE <= MAX_TEXT or _units(xml_text(text)) <= MAX_TEXT


def cut(text: str) -> str:
    """Bound `text` to what one cell holds; a cut says so at its end."""
    if fits(text):
        return text
    note = f" [cut here: {len(text)} characters]"
    kept = text[: MAX_TEXT - len(note)]
    while not fits(kept + note):
        kept = kept[: len(kept) * 9 // 10]
    return kept + note


def _is_holdable(cell: Cell) -> bool:
    match cell:
        case bool():
            return True
        case int() | float():
            return is_exact_number(cell)
        case dt.datetime() | dt.time():
            return cell.tzinfo is None and (isinstance(cell, dt.time) or cell.year >= _FIRST_YEAR)
        case dt.date():
            return cell.year >= _FIRST_YEAR
        case _:
            return isinstance(cell, dt.timedelta) and cell >= dt.timedelta()


def _text_cell(sheet: Worksheet, text: str) -> SheetCell:
    cell = WriteOnlyCell(sheet, xml_text(cut(text)))
    cell.data_type = "s"  # openpyxl takes = for a formula and #N/A for an error
    cell.number_format = _TEXT_FORMAT
    if is_risky(text):
        cell.quotePrefix = True  # stays text even when somebody edits the cell after changing its format
    return cell


def _float_cell(sheet: Worksheet, number: float) -> SheetCell:
    """Write all 17 digits; openpyxl by itself writes 16, which turns 0.1 + 0.2 into 0.3."""
    cell = WriteOnlyCell(sheet, repr(number))
    cell.data_type = "n"
    return cell


def _escape(found: re.Match[str]) -> str:
    return f"_x{ord(found.group()):04X}_"


def _units(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff") if not text.isascii() else len(text)
