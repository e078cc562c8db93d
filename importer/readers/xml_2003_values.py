"""Turns the text of a typed cell of an XML spreadsheet, with its style, into the value that Excel shows."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from importer.readers.number_look import is_elapsed, seen

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["Styles", "number_of", "typed"]

_MAX_PARENTS = 32
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?Z?")
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}
_EXACT = 10**15  # a spreadsheet keeps 15 digits: a whole number beyond is not certain, and stays a float
_TIME_BASES = (dt.date(1899, 12, 30), dt.date(1899, 12, 31))  # LibreOffice's day 0, and Excel's
_TIME_BASE_1904 = dt.date(1904, 1, 1)
_LEAP = dt.datetime(1900, 3, 1)  # noqa: DTZ001 - a cell has no zone; Excel counts a 29 February before it


class Styles:
    """The number formats of a workbook's styles, each with what it has from its parents."""

    def __init__(self) -> None:
        self.from_1904 = False
        self._formats = dict[str, str]()
        self._parents = dict[str, str]()
        self._style = ""
        self._found = dict[str, str]()

    def begin(self, style: str, parent: str) -> None:
        """Begin a style; `parent` is empty where it has none."""
        self._style = style
        if parent:
            self._parents[style] = parent

    def set_format(self, number_format: str) -> None:
        """Give the style that was begun a number format."""
        self._formats[self._style] = number_format

    def format_of(self, style: str) -> str:
        """Find a style's number format; empty where it has none."""
        found = self._found.get(style)
        if found is None:
            found, at = "", style
            for _ in range(_MAX_PARENTS):
                if at in self._formats or not at:
                    found = self._formats.get(at, "")
                    break
                at = self._parents.get(at, "")
            self._found[style] = found
        return found


def number_of(text: str) -> int | float | None:
    """Read a number as a spreadsheet stores it, with a decimal point; None for what is none, or has no end."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    if abs(number) == float("inf"):
        return None
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def typed(kind: str, text: str, number_format: str, *, from_1904: bool) -> Cell:
    """Give the value of a cell; what does not fit its type stays the text it is."""
    if not text:
        return None
    if kind == "Number":
        number = number_of(text)
        if number is None:
            return text
        return seen(number, number_format, from_1904=from_1904) if number_format else number
    if kind == "DateTime":
        return _moment(text, number_format, from_1904=from_1904)
    if kind == "Boolean":
        return _BOOLEANS.get(text.lower(), text)
    return text


def _moment(text: str, number_format: str, *, from_1904: bool) -> Cell:
    """Turn 2024-02-29T00:00:00.000 into a date, and a time of day of the first day into a time."""
    if not _MOMENT.fullmatch(text):
        return text
    try:
        moment = dt.datetime.fromisoformat(text.removesuffix("Z"))  # SheetJS writes one; a cell has no zone
    except ValueError:  # 1900-02-29, which Excel knows and nobody else
        return text
    if is_elapsed(number_format):
        base = dt.datetime(1904, 1, 1) if from_1904 else dt.datetime(1899, 12, 30 if moment >= _LEAP else 31)  # noqa: DTZ001
        return moment - base
    is_time = moment.date() == _TIME_BASE_1904 if from_1904 else moment.date() in _TIME_BASES
    if is_time:
        return moment.time()
    return moment.date() if moment.time() == dt.time() else moment
