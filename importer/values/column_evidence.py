"""Turns the cells of one column into evidence: which order its dates prove, which decimal separator, and what is damaged.

Each kind of evidence counts, and keeps a few examples; proof of both ways decides neither.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from importer.model import shortened
from importer.values.double_encoding import undone
from importer.values.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.values.calendar_date import Order

__all__ = [
    "ENOUGH",
    "FIRST_ROWS",
    "MAX_CHARACTERS",
    "WHOLE",
    "Dates",
    "Digits",
    "Finding",
    "Marks",
    "Problem",
    "Settled",
    "Tally",
]

MAX_CHARACTERS = 1_000  # of a text that is looked at
FIRST_ROWS = 3  # that a finding names
ENOUGH = 20  # digit texts or values before their lengths, or one value alone, say anything
_FEW = 8  # digit texts before their lengths say anything where they are as clear as can be
_FEW_SHORT_SHARE = 0.2
_SHORT_SHARE = 0.4  # where more have a digit less, both lengths are usual
_KNOWN_SHARE = 0.95  # of the numbers that have one of the two lengths
_LEADING_DIGITS = 3  # a counter that grew from 9999 to 10000 has one leading digit, postal codes have nearly all
_SHORTEST = 4  # numbers of fewer digits are counts of something, or of houses
_SHORTEST_PADDED = 3  # "01" beside "1" is a month or a house as well
_SAME_LENGTH = 0.9  # of the numbers that begin with 0
_MANY_ZEROS = 0.1  # of all numbers

_DATE = re.compile(r"([0-9]{1,2})([-/.])\s?([0-9]{1,2})\2\s?([0-9]{4}|[0-9]{2})(?:[T,\s].*)?", re.DOTALL)
_YEAR_FIRST = re.compile(r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?:[T,\s].*)?", re.DOTALL)
_SCIENTIFIC = re.compile(r"[+-]?(?:[0-9][.,][0-9]+[eE][+-]?[0-9]{1,3}|[0-9][eE]\+[0-9]{1,3})")
WHOLE = re.compile(r"[0-9]{1,20}")
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
class Settled:
    """Cells that alone may be read in two ways, and the cell that settles how the column is read."""

    count: int
    first_rows: tuple[int, ...]
    example: str  # of the cells that are settled; shortened and harmless
    proof: str
    proof_row: int


@dataclass(slots=True)
class Tally:
    """How many cells show something, and the first of them."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    example: str = ""

    def note(self, rows: Sequence[int], cell: object, times: int) -> None:
        """Count a cell that stands there so many times, first in these rows; none may stand before what was noted first."""
        self.count += times
        if not self.rows:
            self.example = shortened(str(cell), 60)
        if len(self.rows) < FIRST_ROWS or rows[0] < self.rows[-1]:
            self.rows = sorted([*self.rows, *rows])[:FIRST_ROWS]

    def absorb(self, other: Tally) -> None:
        """Add what was noted of other rows."""
        if other.rows and (not self.rows or other.rows[0] < self.rows[0]):
            self.example = other.example
        self.count += other.count
        self.rows = sorted([*self.rows, *other.rows])[:FIRST_ROWS]

    def note_all(self, texts: Sequence[str], rows: Sequence[int]) -> None:
        """Note all texts that are not empty; none is a blank, or begins with one."""
        place = 0
        while len(self.rows) < FIRST_ROWS and place < len(texts):
            if words := texts[place]:
                self.note((rows[place],), str(clean(words))[:MAX_CHARACTERS], 1)
            place += 1
        left = texts[place:]
        self.count += len(left) - left.count("")

    def finding(self, problem: Problem, suggestion: str = "") -> Finding:
        """Tell it as a problem."""
        return Finding(problem, self.count, tuple(self.rows), self.example, suggestion)


def _settled(doubtful: Tally, proof: Tally) -> Settled | None:
    if not doubtful.count:
        return None
    return Settled(doubtful.count, tuple(doubtful.rows), doubtful.example, proof.example, proof.rows[0])


class Dates:
    """Which order the dates of a column prove."""

    # `_points` are day first wherever nothing else is declared: not doubtful, but they contradict dates month first
    __slots__ = ("_dmy", "_either", "_mdy", "_points", "_short", "_ymd")

    def __init__(self) -> None:
        self._dmy, self._mdy, self._ymd, self._either, self._points, self._short = (Tally() for _ in range(6))

    def feed(self, words: str, rows: Sequence[int], times: int) -> bool:
        """Look at a text, and say whether it has the form of a date; then it has not that of a number."""
        if _YEAR_FIRST.fullmatch(words):
            self._ymd.note(rows, words, times)
            return True
        if found := _DATE.fullmatch(words):
            if len(found[4]) == 2:
                self._short.note(rows, words, times)
            self._feed_parts(found, rows, times)
        return found is not None

    def _feed_parts(self, found: re.Match[str], rows: Sequence[int], times: int) -> None:
        """Sort a date by what its first two parts can be; two digits at the end may be the day of a year in front."""
        first, second = int(found[1]), int(found[3])
        year_may_lead = len(found[4]) == 2 and len(found[1]) == 2 and 1 <= int(found[4]) <= 31 and 1 <= second <= 12
        day_first = 1 <= first <= 31 and 1 <= second <= 12
        month_first = 1 <= first <= 12 and 1 <= second <= 31
        if day_first and month_first and first != second:
            (self._points if found[2] == "." else self._either).note(rows, found[0], times)
        elif first == second or year_may_lead:
            return
        elif day_first:
            self._dmy.note(rows, found[0], times)
        elif month_first:
            self._mdy.note(rows, found[0], times)

    def absorb(self, other: Dates) -> None:
        """Add the evidence of other rows."""
        for name in self.__slots__:
            getattr(self, name).absorb(getattr(other, name))

    @property
    def _contradicting(self) -> Tally | None:
        """Which dates contradict most of the others."""
        day_first = self._dmy if self._dmy.count else self._points
        return min(day_first, self._mdy, key=lambda tally: tally.count) if day_first.count and self._mdy.count else None

    @property
    def order(self) -> Order | None:
        """Say which order is proven, and not contradicted."""
        if self._contradicting is not None:
            return None
        if self._dmy.count:
            return "dmy"
        if self._mdy.count:
            return "mdy"
        return (
            "ymd" if self._ymd.count and not (self._either.count or self._points.count or self._short.count) else None
        )

    @property
    def settled(self) -> Settled | None:
        """Tell the dates whose order the others prove."""
        order = self.order
        return _settled(self._either, self._dmy if order == "dmy" else self._mdy) if order in {"dmy", "mdy"} else None

    def findings(self, typed: Tally) -> list[Finding]:
        """Say what is wrong."""
        found = []
        if (rarer := self._contradicting) is not None:
            found.append(rarer.finding(Problem.CONTRADICTING_DATES))
        elif self._either.count and self.order is None:
            found.append(self._either.finding(Problem.AMBIGUOUS_DATES))
        if self._short.count:
            found.append(self._short.finding(Problem.SHORT_YEARS))
        as_text = max(self._dmy, self._mdy, self._either, self._points, key=lambda tally: tally.count)
        if typed.count and as_text.count:
            found.append(as_text.finding(Problem.DATES_AND_TEXT))
        return found


class Digits:
    """How long the whole numbers of a column are, and whether some have lost zeros or digits."""

    __slots__ = ("_lengths", "_scientific", "_significant", "_starts", "_typed", "_zeros")

    def __init__(self) -> None:
        self._lengths: dict[int, Tally] = {}  # at most 20
        self._starts: dict[int, set[str]] = {}  # length to first digits
        self._zeros: Counter[int] = Counter()  # length to texts that begin with 0
        self._significant: dict[int, int] = {}  # length to the most digits behind the zeros in front
        self._typed = set[int]()  # lengths of typed numbers
        self._scientific = Tally()

    def feed(self, words: str, rows: Sequence[int], times: int) -> None:
        """Look at a text that is not of digits alone."""
        if _SCIENTIFIC.fullmatch(words):
            self._scientific.note(rows, words, times)

    def absorb(self, other: Digits) -> None:
        """Add the evidence of other rows."""
        for length, tally in other._lengths.items():
            self._lengths.setdefault(length, Tally()).absorb(tally)
        for length, starts in other._starts.items():
            self._starts.setdefault(length, set()).update(starts)
        for length, behind in other._significant.items():
            self._significant[length] = max(behind, self._significant.get(length, 0))
        self._zeros.update(other._zeros)
        self._typed |= other._typed
        self._scientific.absorb(other._scientific)

    def feed_all(self, texts: Sequence[str], rows: Sequence[int]) -> None:
        """Take texts of digits alone, or empty ones."""
        counted = Counter([(len(words), words[:1]) for words in texts])
        known = {length for length, tally in self._lengths.items() if len(tally.rows) == FIRST_ROWS}
        for (length, start), count in counted.items():
            if length in known:
                real = count - (texts.count("0" * length) if start == "0" else 0)
                self._count(length, start, real)
                self._lengths[length].count += real
        for length in {length for length, start in counted if start == "0"}:
            self._note_zeros(length, [words for words in texts if len(words) == length and words[0] == "0"])
        if any(length not in known for length, _ in counted):
            for words, row in zip(texts, rows, strict=True):
                if words and len(words) not in known:
                    self.note(words, (row,), 1)

    def feed_number(self, number: float, rows: Sequence[int], times: int) -> None:
        """Look at a typed number."""
        if 0 < number < 10**15 and number == int(number):
            digits = str(int(number))
            self._typed.add(len(digits))
            self.note(digits, rows, times)

    def note(self, digits: str, rows: Sequence[int], times: int) -> None:
        """Take a text of digits alone; zeros alone stand for nothing."""
        if digits.strip("0"):
            self._note_zeros(len(digits), [digits] if digits[0] == "0" else [])
            self._count(len(digits), digits[0], times)
            self._lengths.setdefault(len(digits), Tally()).note(rows, digits, times)

    def _note_zeros(self, length: int, padded: Sequence[str]) -> None:
        """Note how many digits stand behind the zeros in front of these texts of one length."""
        behind = max([len(words.lstrip("0")) for words in padded], default=0)
        if behind:
            self._significant[length] = max(behind, self._significant.get(length, 0))

    def _count(self, length: int, start: str, count: int) -> None:
        if count:
            self._starts.setdefault(length, set()).add(start)
            self._zeros[length] += count * (start == "0")

    def findings(self) -> list[Finding]:
        """Say what is wrong."""
        found = [self._scientific.finding(Problem.SCIENTIFIC)] if self._scientific.count else []
        zeros = self._zeros.total()
        full = self._padded_to(zeros) if zeros else self._nearly_always()
        most = min(self._significant.get(full, full), full - 1) if full else 0  # "00195" and "1001" are two series
        shorter = sorted((tally for length, tally in self._lengths.items() if length <= most), key=lambda one: one.rows)
        if not shorter:
            return found
        rows = sorted(row for tally in shorter for row in tally.rows)[:FIRST_ROWS]
        lost = Tally(sum(tally.count for tally in shorter), rows, shorter[0].example)
        return [*found, lost.finding(Problem.LOST_ZEROS, shorter[0].example.zfill(full))]

    def _padded_to(self, zeros: int) -> int:
        """Say how many digits all are to have, where zeros in front show it; 0 where they do not.

        Proof is that most have as many digits as those with a zero; or that many have a zero, or typed numbers are
        among those shorter than four digits or more, and hardly any is longer.
        """
        full = max(self._zeros, key=lambda length: self._zeros[length])
        if full < _SHORTEST_PADDED or self._zeros[full] < zeros * _SAME_LENGTH:
            return 0  # phone numbers have zeros in front and all lengths
        total = self._total()
        if full >= _SHORTEST and self._count_of(full) > total / 2:
            return full
        longer = sum(tally.count for length, tally in self._lengths.items() if length > full)
        typed = full >= _SHORTEST and any(length < full for length in self._typed)
        padded = typed or zeros >= total * _MANY_ZEROS
        return full if padded and longer <= total * (1 - _KNOWN_SHARE) else 0

    def _nearly_always(self) -> int:
        """Say how many digits nearly all have, where none begins with 0, and the rest has one less; 0 where not.

        Silent about counters and amounts: theirs have few leading digits, or numbers that are shorter still.
        """
        full = max(self._lengths, key=self._count_of, default=0)
        short, total = self._count_of(full - 1), self._total()
        few = total < ENOUGH
        if total < _FEW or full < _SHORTEST + few or short > total * (_FEW_SHORT_SHARE if few else _SHORT_SHARE):
            return 0
        shorter_still = sum(tally.count for length, tally in self._lengths.items() if length < full - 1)
        known = self._count_of(full) + short >= total * (1 if few else _KNOWN_SHARE)
        spread = len(self._starts[full]) >= _LEADING_DIGITS
        # of numbers spread evenly, each length has a tenth of the next: 9, 90, 900
        return full if short and known and spread and shorter_still * self._count_of(full) * 4 <= short**2 else 0

    def _count_of(self, length: int) -> int:
        return self._lengths[length].count if length in self._lengths else 0

    def _total(self) -> int:
        return sum(tally.count for tally in self._lengths.values())


class Marks:
    """Which decimal separator the numbers of a column prove, and whether its text was decoded twice."""

    __slots__ = ("_comma", "_either", "_mojibake", "_point", "_repaired")

    def __init__(self) -> None:
        self._comma, self._point, self._either, self._mojibake = (Tally() for _ in range(4))
        self._repaired = ""

    def feed(self, words: str, rows: Sequence[int], times: int) -> None:
        """Look at a text."""
        if not words.isascii() and (repaired := undone(words)):
            self._mojibake.note(rows, words, times)
            self._repaired = self._repaired or shortened(repaired, 60)
        if found := _THOUSANDS.fullmatch(words):
            self._feed_thousands(found, rows, times)
        elif _COMMA.fullmatch(words):
            self._comma.note(rows, words, times)
        elif _POINT.fullmatch(words):
            self._point.note(rows, words, times)

    def absorb(self, other: Marks) -> None:
        """Add the evidence of other rows."""
        theirs, ours = other._mojibake.rows, self._mojibake.rows
        if theirs and (not ours or theirs[0] < ours[0]):
            self._repaired = other._repaired
        for name in ("_comma", "_point", "_either", "_mojibake"):
            getattr(self, name).absorb(getattr(other, name))

    def _feed_thousands(self, found: re.Match[str], rows: Sequence[int], times: int) -> None:
        """Take "1.234.567" for proof of a decimal comma, and "1.234" for none."""
        words, mark = found[0], found["mark"]
        if words.count(mark) == 1:
            self._either.note(rows, words, times)
        else:
            (self._comma if mark == "." else self._point).note(rows, words, times)

    @property
    def decimal_comma(self) -> bool | None:
        """Say whether the decimal separator is a comma; None where that is not certain."""
        return None if bool(self._comma.count) == bool(self._point.count) else bool(self._comma.count)

    @property
    def settled(self) -> Settled | None:
        """Tell the numbers whose separator the others prove."""
        comma = self.decimal_comma
        return None if comma is None else _settled(self._either, self._comma if comma else self._point)

    def findings(self) -> list[Finding]:
        """Say what is wrong."""
        found = [self._mojibake.finding(Problem.MOJIBAKE, self._repaired)] if self._mojibake.count else []
        if self._comma.count and self._point.count:
            rarer = min(self._comma, self._point, key=lambda tally: tally.count)
            found.append(rarer.finding(Problem.AMBIGUOUS_NUMBERS))
        elif self._either.count and self.decimal_comma is None:
            found.append(self._either.finding(Problem.AMBIGUOUS_NUMBERS))
        return found
