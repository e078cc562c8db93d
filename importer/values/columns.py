"""Turns the cells of one column, fed one by one, into what only the whole column shows.

That is the order of its dates, its decimal separator, and damage that no single cell gives away: leading zeros lost,
scientific notation, text decoded twice, kinds of cell mixed. Counters and a few examples are kept, never the cells, so
the memory does not grow with the rows. Nothing is decided by a majority: proof of both ways decides neither.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from importer.model import shortened
from importer.values.double_encoding import undone
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell
    from importer.values.calendar_date import Order

__all__ = ["ColumnFacts", "ColumnWatch", "Finding", "Problem"]

_MAX_CHARACTERS = 1_000  # of a text that is looked at
_FIRST_ROWS = 3  # that a finding names
_ENOUGH = 20  # digit texts or values before their lengths, or one value alone, say anything
_SHORT_SHARE = 0.4  # where more have a digit less, both lengths are usual
_KNOWN_SHARE = 0.95  # of the numbers that have one of the two lengths
_LEADING_DIGITS = 4  # a counter that grew from 9999 to 10000 has one leading digit, postal codes have nearly all
_SHORTEST = 4  # numbers of fewer digits are counts of something

_DATE = re.compile(r"([0-9]{1,2})([-/.])\s?([0-9]{1,2})\2\s?([0-9]{4}|[0-9]{2})(?:[T,\s].*)?", re.DOTALL)
_YEAR_FIRST = re.compile(r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?:[T,\s].*)?", re.DOTALL)
_SCIENTIFIC = re.compile(r"[+-]?(?:[0-9][.,][0-9]+[eE][+-]?[0-9]{1,3}|[0-9][eE]\+[0-9]{1,3})")
_DIGITS = re.compile(r"[0-9]{1,20}")
_GROUP = r"[ \u00a0\u2009\u202f'\u2019]"
_SIGN = r"[+\u2212-]?\s?"
_COMMA = re.compile(rf"{_SIGN}(?:[0-9]+|[0-9]{{1,3}}(?:(?:\.|{_GROUP})[0-9]{{3}})+),[0-9]+")
_POINT = re.compile(rf"{_SIGN}(?:[0-9]+|[0-9]{{1,3}}(?:(?:,|{_GROUP})[0-9]{{3}})+)\.[0-9]+")
_THOUSANDS = re.compile(rf"{_SIGN}[1-9][0-9]{{0,2}}(?:(?P<mark>[.,])[0-9]{{3}})(?:(?P=mark)[0-9]{{3}})*")


class Problem(StrEnum):
    """What can be wrong with a column as a whole."""

    AMBIGUOUS_DATES = "ambiguous-dates"  # day and month may be either way round, and nothing settles it
    CONTRADICTING_DATES = "contradicting-dates"  # some dates are surely day first, others surely month first
    SHORT_YEARS = "short-years"  # years of two digits
    DATES_AND_TEXT = "dates-and-text"  # typed dates beside dates as text: a spreadsheet may have swapped day and month
    AMBIGUOUS_NUMBERS = "ambiguous-numbers"  # "1.234" alone, or a comma here and a point there
    LOST_ZEROS = "lost-zeros"
    SCIENTIFIC = "scientific"
    MOJIBAKE = "mojibake"  # UTF-8 that was read as Windows-1252
    NUMBERS_AND_TEXT = "numbers-and-text"
    CONSTANT = "constant"  # the same value in every row


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of a column, with what shows it."""

    problem: Problem
    count: int  # cells that show it
    first_rows: tuple[int, ...]
    example: str  # shortened and harmless
    suggestion: str = ""  # what the example may have been


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a column shows as a whole; None where it is not certain."""

    cells: int
    blank: int
    date_order: Order | None
    decimal_comma: bool | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Tally:
    """How many cells show something, and the first of them."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    example: str = ""

    def note(self, row: int, cell: object) -> None:
        self.count += 1
        if self.count == 1:
            self.example = shortened(str(cell), 60)
        if len(self.rows) < _FIRST_ROWS:
            self.rows.append(row)

    def finding(self, problem: Problem, suggestion: str = "") -> Finding:
        return Finding(problem, self.count, tuple(self.rows), self.example, suggestion)


class ColumnWatch:
    """Watches one column go by; `feed` it every cell, then ask for `facts`."""

    __slots__ = ("_blank", "_cells", "_dates", "_digits", "_first", "_kinds", "_marks", "_same")

    def __init__(self) -> None:
        self._cells = 0
        self._blank = 0
        self._first: Cell = None
        self._same = True
        self._kinds = {name: _Tally() for name in ("text", "number", "date")}
        self._dates = _Dates()
        self._digits = _Digits()
        self._marks = _Marks()

    def feed(self, cell: Cell, row: int) -> None:
        """Look at the cell of a row; `row` is what findings call it."""
        self._cells += 1
        value = clean(cell)
        if value is None:
            self._blank += 1
            return
        if self._first is None:
            self._first = value
        self._same = self._same and type(value) is type(self._first) and value == self._first
        match value:
            case str():
                self._feed_text(value[:_MAX_CHARACTERS], row)
            case dt.date():  # and datetime, which is one
                self._kinds["date"].note(row, value)
            case int() | float() if not isinstance(value, bool):
                self._kinds["number"].note(row, _shown(value))
                self._digits.feed_number(value, row)
            case _:  # a truth value, a time, a duration
                return

    def _feed_text(self, words: str, row: int) -> None:
        if words[0].isalpha() and words.isascii():  # most text: neither a number nor a date, nor damaged
            self._kinds["text"].note(row, words)
            return
        self._dates.feed(words, row)
        self._digits.feed(words, row)
        self._marks.feed(words, row)
        if not _DIGITS.fullmatch(words):
            self._kinds["text"].note(row, words)

    def facts(self) -> ColumnFacts:
        """Sum up what has been fed so far."""
        own = (*self._dates.findings(self._kinds["date"]), *self._digits.findings(), *self._marks.findings())
        return ColumnFacts(
            cells=self._cells,
            blank=self._blank,
            date_order=self._dates.order,
            decimal_comma=self._marks.decimal_comma,
            findings=(*own, *self._mixed()),
        )

    def _mixed(self) -> list[Finding]:
        """Find kinds of cell that are mixed, or a value that never changes."""
        found = []
        text, number = self._kinds["text"], self._kinds["number"]
        if text.count and number.count:
            rarer = min(text, number, key=lambda tally: tally.count)
            found.append(rarer.finding(Problem.NUMBERS_AND_TEXT))
        filled = self._cells - self._blank
        if self._same and filled >= _ENOUGH:
            found.append(Finding(Problem.CONSTANT, filled, (), shortened(_shown(self._first), 60)))
        return found


def _shown(cell: Cell) -> str:
    """Write a cell for people; a number beyond all spreadsheets is only named."""
    if isinstance(cell, int) and abs(cell) >= 10**400:  # str() refuses thousands of digits
        return "a very long number"
    return str(cell)


class _Dates:
    """Which order the dates of a column prove."""

    __slots__ = ("_dmy", "_either", "_mdy", "_short", "_ymd")

    def __init__(self) -> None:
        self._dmy, self._mdy, self._ymd, self._either, self._short = (_Tally() for _ in range(5))

    def feed(self, words: str, row: int) -> None:
        if _YEAR_FIRST.fullmatch(words):
            self._ymd.note(row, words)
        elif found := _DATE.fullmatch(words):
            if len(found[4]) == 2:
                self._short.note(row, words)
            self._feed_parts(found, words, row)

    def _feed_parts(self, found: re.Match[str], words: str, row: int) -> None:
        """Sort a date by what its first two parts can be; two digits at the end may be the day of a year in front."""
        first, second = int(found[1]), int(found[3])
        year_may_lead = len(found[4]) == 2 and len(found[1]) == 2 and 1 <= int(found[4]) <= 31 and 1 <= second <= 12
        day_first = 1 <= first <= 31 and 1 <= second <= 12
        month_first = 1 <= first <= 12 and 1 <= second <= 31
        if day_first and month_first and first != second:
            self._either.note(row, words)
        elif first == second or year_may_lead:
            return
        elif day_first:
            self._dmy.note(row, words)
        elif month_first:
            self._mdy.note(row, words)

    @property
    def order(self) -> Order | None:
        if self._dmy.count and self._mdy.count:
            return None
        if self._dmy.count:
            return "dmy"
        if self._mdy.count:
            return "mdy"
        return "ymd" if self._ymd.count and not (self._either.count or self._short.count) else None

    def findings(self, typed: _Tally) -> list[Finding]:
        found = []
        if self._dmy.count and self._mdy.count:
            rarer = min(self._dmy, self._mdy, key=lambda tally: tally.count)
            found.append(rarer.finding(Problem.CONTRADICTING_DATES))
        elif self._either.count and self.order is None:
            found.append(self._either.finding(Problem.AMBIGUOUS_DATES))
        if self._short.count:
            found.append(self._short.finding(Problem.SHORT_YEARS))
        as_text = max(self._dmy, self._mdy, self._either, self._ymd, key=lambda tally: tally.count)
        if typed.count and as_text.count:
            found.append(as_text.finding(Problem.DATES_AND_TEXT))
        return found


class _Digits:
    """How long the whole numbers of a column are, and whether some have lost zeros or digits."""

    __slots__ = ("_lengths", "_scientific", "_short", "_starts", "_zeros")

    def __init__(self) -> None:
        self._lengths: Counter[int] = Counter()
        self._starts: dict[int, set[str]] = {}  # length to first digits; at most 20 times 10
        self._short: dict[int, _Tally] = {}
        self._zeros = 0
        self._scientific = _Tally()

    def feed(self, words: str, row: int) -> None:
        if _DIGITS.fullmatch(words):
            self._note(words, row)
        elif _SCIENTIFIC.fullmatch(words):
            self._scientific.note(row, words)

    def feed_number(self, number: float, row: int) -> None:
        if 0 < number < 10**15 and number == int(number):
            self._note(str(int(number)), row)

    def _note(self, digits: str, row: int) -> None:
        length = len(digits)
        self._lengths[length] += 1
        self._zeros += digits[0] == "0" and length > 1
        self._starts.setdefault(length, set()).add(digits[0])
        self._short.setdefault(length, _Tally()).note(row, digits)

    def findings(self) -> list[Finding]:
        found = [self._scientific.finding(Problem.SCIENTIFIC)] if self._scientific.count else []
        lost = self._lost()
        return [*found, lost] if lost else found

    def _lost(self) -> Finding | None:
        """Find a few numbers a digit shorter than the rest, of which none starts with 0 and which do not count up."""
        total = self._lengths.total()
        if self._zeros or total < _ENOUGH:
            return None
        usual = max(self._lengths, key=lambda length: self._lengths[length])
        shorter = self._short.get(usual - 1)
        fits = usual >= _SHORTEST and shorter is not None and len(self._starts[usual]) >= _LEADING_DIGITS
        if not fits or shorter is None or shorter.count > total * _SHORT_SHARE:
            return None
        if self._lengths[usual] + shorter.count < total * _KNOWN_SHARE:
            return None
        return shorter.finding(Problem.LOST_ZEROS, f"0{shorter.example}")


class _Marks:
    """Which decimal separator the numbers of a column prove, and whether its text was decoded twice."""

    __slots__ = ("_comma", "_either", "_mojibake", "_point", "_repaired")

    def __init__(self) -> None:
        self._comma, self._point, self._either, self._mojibake = (_Tally() for _ in range(4))
        self._repaired = ""

    def feed(self, words: str, row: int) -> None:
        if not words.isascii() and (repaired := undone(words)):
            self._mojibake.note(row, words)
            self._repaired = self._repaired or shortened(repaired, 60)
        if found := _THOUSANDS.fullmatch(words):
            self._feed_thousands(found["mark"], words, row)
        elif _COMMA.fullmatch(words):
            self._comma.note(row, words)
        elif _POINT.fullmatch(words):
            self._point.note(row, words)

    def _feed_thousands(self, mark: str, words: str, row: int) -> None:
        """Take "1.234.567" for proof of a decimal comma, and "1.234" for none."""
        if words.count(mark) == 1:
            self._either.note(row, words)
        else:
            (self._comma if mark == "." else self._point).note(row, words)

    @property
    def decimal_comma(self) -> bool | None:
        return None if bool(self._comma.count) == bool(self._point.count) else bool(self._comma.count)

    def findings(self) -> list[Finding]:
        found = [self._mojibake.finding(Problem.MOJIBAKE, self._repaired)] if self._mojibake.count else []
        if self._comma.count and self._point.count:
            rarer = min(self._comma, self._point, key=lambda tally: tally.count)
            found.append(rarer.finding(Problem.AMBIGUOUS_NUMBERS))
        elif self._either.count and self.decimal_comma is None:
            found.append(self._either.finding(Problem.AMBIGUOUS_NUMBERS))
        return found
