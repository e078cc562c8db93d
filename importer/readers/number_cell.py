"""Turns a number and its format into the cell that a spreadsheet shows: the number, an id with its zeros, a date, a time.

A number stays a number unless its format writes it as an id; a day that no calendar has (a negative serial, day 0,
29 February 1900) stays the number it is. All spreadsheet formats go through here.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, TypeGuard

from importer.readers.number_format import GENERAL, Kind, NumberFormat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importer.model import Cell

__all__ = ["EXACT", "is_no_day", "number_of", "rounded_columns", "shown_as", "whole"]

EXACT = 10**15  # a spreadsheet keeps 15 digits of a number
_WHOLE = re.compile(r"[+-]?[0-9]{1,400}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_LAST_SERIAL = 2_958_466  # 1 January 10000
_DAY_MS = 86_400_000
_BEFORE_1 = dt.datetime.fromisoformat("1899-12-31")
_BEFORE_61 = dt.datetime.fromisoformat("1899-12-30")  # Excel counts a 29 February 1900 as day 60


def number_of(text: str) -> int | float | None:
    """Read a number as a spreadsheet stores it, with a decimal point; None for what is none, or has no end.

    A whole number that is written out is exact, however long; see `rounded_columns`.
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return None if abs(number) == float("inf") else whole(number)


def whole(number: float) -> int | float:
    """Make a whole number of 15 digits at most an integer; a longer one may have been rounded, and stays a float."""
    return int(number) if -EXACT < number < EXACT and number.is_integer() else number


def shown_as(number: float, shape: NumberFormat, *, is_1904: bool) -> Cell:
    """Give the value that the user sees, or the number itself where the format only decorates it."""
    if shape is GENERAL:
        return number
    if shape.kind is not Kind.NUMBER:
        return _instant(float(number), shape, is_1904=is_1904, otherwise=number)
    shown = shape.shown(number) if isinstance(number, int) and number < EXACT else None
    return number if shown is None else shown


def is_no_day(shown: Cell, shape: NumberFormat) -> TypeGuard[int | float]:
    """Whether a number was to be shown as a date or a time, and is none: Excel shows #### for it, or a day that never was."""
    return shape.kind is not Kind.NUMBER and isinstance(shown, (int, float))


def _instant(serial: float, shape: NumberFormat, *, is_1904: bool, otherwise: float) -> Cell:
    """Turn a number of days into a date, a time or a duration, to the millisecond."""
    if shape.kind is Kind.DURATION:
        return dt.timedelta(milliseconds=round(serial * _DAY_MS)) if abs(serial) < _LAST_SERIAL else otherwise
    if 0 <= serial < 1 and (serial or shape.kind is Kind.TIME):
        passed = dt.timedelta(milliseconds=round(serial * _DAY_MS))
        return (_BEFORE_1 + passed).time() if passed < dt.timedelta(days=1) else otherwise
    if is_1904 and 0 <= serial < _LAST_SERIAL - 1462:
        serial += 1462
    elif not 0 < serial < _LAST_SERIAL or int(serial) == 60:
        return otherwise
    days, part = divmod(round(serial * _DAY_MS), _DAY_MS)
    try:
        day = (_BEFORE_1 if days < 60 else _BEFORE_61) + dt.timedelta(days=days, milliseconds=part)
    except OverflowError:
        return otherwise
    return day if part else day.date()


def rounded_columns(long: Iterable[tuple[int, Cell]]) -> set[int]:
    """Find the columns whose long numbers all end in zeros from the 16th digit on: Excel writes those it has rounded so.

    Where one has another digit there, the file was written by a program that kept them all.
    """
    rounded = dict[int, bool]()
    for column, number in long:
        digits = str(number).lstrip("-")
        rounded[column] = rounded.get(column, True) and not digits[15:].strip("0")
    return {column for column, is_rounded in rounded.items() if is_rounded}
