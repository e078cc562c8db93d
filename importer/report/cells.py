"""Cells as text and JSON, and text so that no spreadsheet runs it: what the report formats have in common.

Nothing is lost on the way: `unguarded(guarded(text)) == text` for every text.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.model import Cell

_BLANK = r"[\s\x00-\x1f\u200b-\u200d\u2060\ufeff]*"
_STARTER = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"  # the last four: = + - @ in full width, which Excel runs as well
_RISKY = re.compile(_BLANK + _STARTER)
_GUARDABLE = re.compile("'*" + _BLANK + _STARTER)

_EXACT = 10**15  # whole numbers from here on have 16 digits, of which a spreadsheet keeps 15


def is_risky(text: str) -> bool:
    """Whether a spreadsheet that is given `text` as a bare CSV value might run it as a formula."""
    return _RISKY.match(text) is not None


def guarded(text: str) -> str:
    """Put an apostrophe before a text that might run.

    A text that already starts with apostrophes and would be risky without them gets one more, so that `unguarded`
    always knows; all others ('t Hoekje) stay as they are.
    """
    return f"'{text}" if _GUARDABLE.match(text) else text


def unguarded(text: str) -> str:
    """Take back what `guarded` put there; for reading the cells of a CSV report again."""
    return text[1:] if text.startswith("'") and _GUARDABLE.match(text) else text


def is_exact_number(number: float) -> bool:
    """Whether a spreadsheet and JSON readers keep every digit of `number`."""
    return abs(number) < _EXACT if isinstance(number, int) else math.isfinite(number)


def cell_text(cell: Cell) -> str:
    """Write a cell as text: dates as ISO 8601 with a blank before the time, durations as h:mm:ss, whole floats bare."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return _float_text(cell)
        case dt.datetime():
            return cell.isoformat(sep=" ")
        case _:
            return _duration_text(cell) if isinstance(cell, dt.timedelta) else str(cell)


def cell_json(cell: Cell) -> str | bool | int | float | None:
    """Write a cell as JSON: what JSON has no type for, or readers would round, becomes `cell_text`."""
    if cell is None or isinstance(cell, (str, bool)):
        return cell
    if isinstance(cell, (int, float)) and is_exact_number(cell):
        return cell
    return cell_text(cell)


def _float_text(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < _EXACT else repr(number)


def _duration_text(duration: dt.timedelta) -> str:
    sign = "-" if duration < dt.timedelta() else ""
    minutes, seconds = divmod(abs(duration), dt.timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    text = f"{sign}{hours}:{minutes:02}:{seconds.seconds:02}"
    return f"{text}.{seconds.microseconds:06}" if seconds.microseconds else text
