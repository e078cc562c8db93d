"""Turns the cells of one column, fed one by one, into what only the whole column shows.

That is the order of its dates, its decimal separator, and damage that no single cell gives away: leading zeros lost,
scientific notation, text decoded twice, kinds of cell mixed. Counters and a few examples are kept, never the cells, so
the memory does not grow with the rows. Nothing is decided by a majority: proof of both ways decides neither.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from importer.model import shortened
from importer.values.column_evidence import (
    ENOUGH,
    FIRST_ROWS,
    MAX_CHARACTERS,
    WHOLE,
    Dates,
    Digits,
    Finding,
    Marks,
    Problem,
    Settled,
    Tally,
)
from importer.values.double_encoding import may_be_twice
from importer.values.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.model import Cell
    from importer.values.calendar_date import Order

__all__ = ["ColumnFacts", "ColumnWatch", "Finding", "Problem", "Settled"]

# One cell a line: a cell that begins with no letter, and is not digits and letters in groups as "1234 AB" or "+31 20 123".
# Such groups are neither dates nor numbers, which have a separator other than the blank.
_NOT_WORDS = re.compile(r"\n(?!\+?[0-9][0-9A-Za-z]*(?: [0-9A-Za-z]+)+(?:\n|\Z))[^A-Za-z\u00c0-\u024f\n]")
_ALL_DIGITS = re.compile(r"(?:\n[0-9]{0,20})*")


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a column shows as a whole; None where it is not certain."""

    cells: int
    blank: int
    date_order: Order | None
    decimal_comma: bool | None
    settled_dates: Settled | None  # None as well where there was nothing to settle
    settled_numbers: Settled | None
    findings: tuple[Finding, ...]


class ColumnWatch:
    """Watches one column go by; `feed` it every cell, then ask for `facts`."""

    __slots__ = ("_blank", "_cells", "_dates", "_digits", "_first", "_kinds", "_marks", "_same")

    def __init__(self) -> None:
        self._cells = 0
        self._blank = 0
        self._first: Cell = None
        self._same = True
        self._kinds = {name: Tally() for name in ("text", "number", "date")}
        self._dates = Dates()
        self._digits = Digits()
        self._marks = Marks()

    def feed(self, cell: Cell, row: int) -> None:
        """Look at the cell of a row; `row` is what findings call it."""
        self._feed(cell, (row,), 1)

    def _feed(self, cell: Cell, rows: Sequence[int], times: int) -> None:
        """Look at a cell that stands in so many rows, of which the first are given."""
        self._cells += times
        value = clean(cell)
        if value is None:
            self._blank += times
            return
        if self._first is None:
            self._first = value
        self._same = self._same and type(value) is type(self._first) and value == self._first
        match value:
            case str():
                self._feed_text(value[:MAX_CHARACTERS], rows, times)
            case dt.date():  # and datetime, which is one
                self._kinds["date"].note(rows, value, times)
            case int() | float() if not isinstance(value, bool):
                self._kinds["number"].note(rows, _shown(value), times)
                self._digits.feed_number(value, rows, times)
            case _:  # a truth value, a time, a duration
                return

    def feed_all(self, cells: Sequence[Cell], rows: Sequence[int]) -> None:
        """Look at the cells of many rows; the same as `feed` for each, and quicker where they are words or digits."""
        texts, lines = _texts(cells)
        kind = _kind(lines, len(texts))
        if not kind:
            if texts and 2 * len(set(texts)) <= len(texts):
                self._feed_repeated(cells, rows)
                return
            for cell, row in zip(cells, rows, strict=True):
                self.feed(cell, row)
            return
        self._cells += len(texts)
        self._blank += texts.count("")
        self._compare(texts)
        if kind == "words":
            self._kinds["text"].note_all(texts, rows)
        else:
            self._digits.feed_all(texts, rows)

    def _feed_repeated(self, cells: Sequence[Cell], rows: Sequence[int]) -> None:
        """Look at cells that are alike once; they are texts."""
        places: dict[Cell, list[int]] = {}
        for cell, row in zip(cells, rows, strict=True):
            places.setdefault(cell, []).append(row)
        for cell, found in places.items():  # in the order in which they come first
            self._feed(cell, found[:FIRST_ROWS], len(found))

    def absorb(self, other: ColumnWatch) -> None:
        """Add what was seen of other rows of the column: the same as if one had watched all, whatever the order."""
        self._same = self._same and other._same and _alike(self._first, other._first)
        if self._first is None:
            self._first = other._first
        self._cells += other._cells
        self._blank += other._blank
        for name, tally in self._kinds.items():
            tally.absorb(other._kinds[name])
        self._dates.absorb(other._dates)
        self._digits.absorb(other._digits)
        self._marks.absorb(other._marks)

    def _compare(self, texts: Sequence[str]) -> None:
        if not self._same:
            return
        for words in map(clean, dict.fromkeys(texts)):  # in their order
            if words is not None and self._first is None:
                self._first = words
            self._same = self._same and (words is None or (isinstance(self._first, str) and words == self._first))

    def _feed_text(self, words: str, rows: Sequence[int], times: int) -> None:
        if WHOLE.fullmatch(words):
            self._digits.note(words, rows, times)
            return
        self._kinds["text"].note(rows, words, times)
        if words[0].isalpha() and words.isascii():  # most text: neither a number nor a date, nor damaged
            return
        if self._dates.feed(words, rows, times):  # which is no number, and ASCII but for what follows it
            if not words.isascii():
                self._marks.feed(words, rows, times)
        else:
            self._digits.feed(words, rows, times)
            self._marks.feed(words, rows, times)

    def facts(self) -> ColumnFacts:
        """Sum up what has been fed so far."""
        own = (*self._dates.findings(self._kinds["date"]), *self._digits.findings(), *self._marks.findings())
        return ColumnFacts(
            cells=self._cells,
            blank=self._blank,
            date_order=self._dates.order,
            decimal_comma=self._marks.decimal_comma,
            settled_dates=self._dates.settled,
            settled_numbers=self._marks.settled,
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
        if self._same and filled >= ENOUGH:
            found.append(Finding(Problem.CONSTANT, filled, (), shortened(_shown(self._first), 60)))
        return found


def _alike(one: Cell, other: Cell) -> bool:
    return one is None or other is None or (type(one) is type(other) and one == other)


def _texts(cells: Sequence[Cell]) -> tuple[Sequence[str], str]:
    """Take cells for texts, empty ones as "", and put them below each other; nothing where there are other cells."""
    texts = cast("Sequence[str]", cells if None not in cells else ["" if cell is None else cell for cell in cells])
    try:
        return texts, "\n".join(("", *texts))
    except TypeError:  # quicker than to look at each cell
        return (), ""


def _kind(lines: str, count: int) -> str:
    """Say whether all cells, one a line, are words that show nothing, or digits; empty where they are neither."""
    if not count or lines.count("\n") != count:  # a line break inside a cell
        return ""
    if not _NOT_WORDS.search(lines) and (lines.isascii() or not may_be_twice(lines)):
        return "words"
    return "digits" if _ALL_DIGITS.fullmatch(lines) else ""


def _shown(cell: Cell) -> str:
    """Write a cell for people; a number beyond all spreadsheets is only named."""
    if isinstance(cell, int) and abs(cell) >= 10**400:  # str() refuses thousands of digits
        return "a very long number"
    return str(cell)
