"""Turns the text of a typed cell of an XML spreadsheet, with its style, into the value that Excel shows."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from importer.readers.number_cell import number_of, shown_as
from importer.readers.number_format import Kind, number_format

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["Styles", "typed"]

_MAX_PARENTS = 32
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?Z?")
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}
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

    def set_format(self, code: str) -> None:
        """Give the style that was begun a number format."""
        self._formats[self._style] = code

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


def typed(kind: str, text: str, code: str, *, from_1904: bool) -> Cell:
    """Give the value of a cell; what does not fit its type stays the text it is."""
    if not text:
        return None
    if kind == "Number":
        number = number_of(text)
        if number is None:
            return text
        return shown_as(number, number_format(code), is_1904=from_1904) if code else number
    if kind == "DateTime":
        return _moment(text, code, from_1904=from_1904)
    if kind == "Boolean":
        return _BOOLEANS.get(text.lower(), text)
    return text


def _moment(text: str, code: str, *, from_1904: bool) -> Cell:
    """Turn 2024-02-29T00:00:00.000 into a date, and a time of day of the first day into a time."""
    if not _MOMENT.fullmatch(text):
        return text
    try:
        moment = dt.datetime.fromisoformat(text.removesuffix("Z"))  # SheetJS writes one; a cell has no zone
    except ValueError:  # 1900-02-29, which Excel knows and nobody else
        return text
    if number_format(code).kind is Kind.DURATION:
        base = dt.datetime(1904, 1, 1) if from_1904 else dt.datetime(1899, 12, 30 if moment >= _LEAP else 31)  # noqa: DTZ001
        return moment - base
    is_time = moment.date() == _TIME_BASE_1904 if from_1904 else moment.date() in _TIME_BASES
    if is_time:
        return moment.time()
    return moment.date() if moment.time() == dt.time() else moment
