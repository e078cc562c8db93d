"""Turns the first lines of a CSV file into the dialect they are written in.

The rule: a delimiter must cut the rows into the same number of cells, two at least, in nine rows of ten; the widest
wins, and a tie is the user's to settle. Text is no evidence: the rule looks at the shape only.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.header import is_blank

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterable, Sequence

__all__ = ["FIELD_LIMIT", "Dialect", "detect_dialect", "known_delimiter", "open_quote", "separator_line"]

FIELD_LIMIT = 10 << 20  # characters of one cell
_CANDIDATES = (";", ",", "\t", "|")
_ROWS = 500
_SHARE = 0.9
_NO_DELIMITER = "\x1f"  # the unit separator of ASCII: csv wants a delimiter even where there is one column
_NAMES = {";": "a semicolon", ",": "a comma", "\t": "a tab", "|": "a vertical bar"}
_WORDS = {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ",", "pipe": "|"}
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a CSV file are set apart and quoted; `delimiter` is None for a file of one column."""

    delimiter: str | None
    blank_before_quote: bool = False  # 1, "Acme, Inc"
    backslash_escapes: bool = False  # "12\\" screen"

    def reader(self, lines: Iterable[str], *, strict: bool = True) -> Reader:
        """Parse lines; strict raises `csv.Error` where quotes do not match. Sets the process-wide field limit."""
        csv.field_size_limit(FIELD_LIMIT)
        return csv.reader(
            lines,
            delimiter=self.delimiter or _NO_DELIMITER,
            skipinitialspace=self.blank_before_quote,
            doublequote=not self.backslash_escapes,
            escapechar="\\" if self.backslash_escapes else None,
            strict=strict,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of it."""
        return tuple(
            note
            for note, is_so in (
                ("The file is read as one column: no delimiter sets its rows apart.", self.delimiter is None),
                ('Blanks before an opening " are left out.', self.blank_before_quote),
                (r"A backslash takes the meaning from the character behind it (\").", self.backslash_escapes),
            )
            if is_so
        )


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a dialect cuts the sample."""

    dialect: Dialect
    rows: int
    header: int  # cells of the first row that is not blank
    width: int  # the commonest number of cells
    share: float  # of the rows that have it
    divided: float  # of the rows that have two cells or more

    @property
    def reaches_the_bar(self) -> bool:
        return self.width >= 2 and self.share >= _SHARE

    @property
    def divides_most(self) -> bool:
        """Whether this may well be the delimiter of a file too short or too uneven to reach the bar."""
        return self.divided >= 0.5 if self.header >= 2 else self.rows > 2 and self.width >= 2 and self.share > 0.5

    @property
    def rank(self) -> tuple[bool, int]:
        return self.header == self.width, self.width


def known_delimiter(text: str) -> str | None:
    """Read the user's delimiter, None where it is none."""
    character = _WORDS.get(text.strip().lower(), text)
    return character if len(character) == 1 and not (character.isalnum() or character in '"\r\n\0') else None


def separator_line(line: str) -> str | None:
    """Read the delimiter out of Excel's own first line, "sep=;"."""
    match = _SEPARATOR_LINE.fullmatch(line)
    return known_delimiter(match[1]) if match else None


def detect_dialect(lines: Sequence[str], delimiter: str | None, *, place: str, is_whole: bool) -> Dialect:
    """Find the dialect of a file's first lines, from its header on; a delimiter that is known is kept.

    Raises:
        SourceError: several delimiters fit, or one fits all rows but the header.
    """
    candidates = _CANDIDATES if delimiter is None else (delimiter,)
    shapes = _shapes(lines, candidates, strict=True, is_whole=is_whole)
    fitting = [shape for shape in shapes if shape.reaches_the_bar]
    if not fitting:
        shapes = _shapes(lines, candidates, strict=False, is_whole=is_whole)
        fitting = [shape for shape in shapes if shape.reaches_the_bar]
    if delimiter is not None:
        return shapes[0].dialect if shapes else Dialect(delimiter)
    fitting = fitting or [shape for shape in shapes if shape.divides_most]
    return _widest(fitting, place) if fitting else Dialect(None)


def _shapes(lines: Sequence[str], candidates: Iterable[str], *, strict: bool, is_whole: bool) -> list[_Shape]:
    shapes = (_best_variant(lines, mark, strict=strict, is_whole=is_whole) for mark in candidates)
    return [shape for shape in shapes if shape is not None]


def _widest(shapes: Sequence[_Shape], place: str) -> Dialect:
    headed = [shape for shape in shapes if shape.header >= 2]
    if not headed:
        shape = shapes[0]
        message = (
            f"{place}: the first row has one cell, the rows below have {shape.width} if {_name(shape)} sets them apart. "
            "If another line holds the column names, set `source.header_row`; if the file has one column only, set "
            "`source.delimiter` to a character that is not in it."
        )
        raise SourceError(message)
    best = max(shape.rank for shape in headed)
    winners = [shape for shape in headed if shape.rank == best]
    if len(winners) > 1:
        message = (
            f"{place}: {' and '.join(map(_name, winners))} set the cells apart equally well. "
            "Say which it is with `source.delimiter` in the mapping."
        )
        raise SourceError(message)
    return winners[0].dialect


def _name(shape: _Shape) -> str:
    mark = shape.dialect.delimiter or ""
    return _NAMES.get(mark, f'"{mark}"')


def _best_variant(lines: Sequence[str], delimiter: str, *, strict: bool, is_whole: bool) -> _Shape | None:
    """Try the plain dialect, then the two spoiled ones where the text shows their signs and they fit better."""
    plain = Dialect(delimiter)
    best = _shape(lines, plain, strict=strict, is_whole=is_whole)
    for variant, shows, wins_a_tie in (
        (replace(plain, blank_before_quote=True), _has_blank_before_quote(lines, plain), True),
        (replace(plain, backslash_escapes=True), any('\\"' in line for line in lines), False),
    ):
        if shows:
            shape = _shape(lines, variant, strict=True, is_whole=is_whole)
            if shape and (not best or shape.share > best.share or (wins_a_tie and shape.share == best.share)):
                best = shape
    return best


def _has_blank_before_quote(lines: Sequence[str], plain: Dialect) -> bool:
    """Whether a cell, read plainly, begins with blanks and a quote; the same inside of quotes is text like any other."""
    try:
        rows = list(islice(plain.reader(lines, strict=False), _ROWS))
    except csv.Error:  # a field beyond the cap, which the reader itself will report
        return False
    return any(cell.startswith(" ") and cell.lstrip(" ").startswith('"') for row in rows for cell in row)


def _shape(lines: Sequence[str], dialect: Dialect, *, strict: bool, is_whole: bool) -> _Shape | None:
    """Measure the rows that a dialect makes; None where its quotes do not match."""
    widths = list[int]()
    reader = dialect.reader(lines, strict=strict)
    try:
        widths.extend(len(row) for row in islice(reader, _ROWS) if not all(map(is_blank, row)))
    except csv.Error:
        if is_whole or reader.line_num < len(lines):
            return None
    if not widths:
        return None
    width, count = Counter(widths).most_common(1)[0]
    divided = sum(width > 1 for width in widths)
    return _Shape(dialect, len(widths), widths[0], width, count / len(widths), divided / len(widths))


def open_quote(lines: Iterable[str], first: int, dialect: Dialect, *, strict: bool) -> int | None:
    """Find the line where a quoted field begins that is not closed properly; None where all are.

    `lines` are those of one row, and `first` is the number of the first. Strictly, text behind a closing quote counts
    too; else only the end of the lines does.
    """
    delimiter = dialect.delimiter or _NO_DELIMITER
    opening = re.compile(f'(?:\\A|{re.escape(delimiter)}){" *" if dialect.blank_before_quote else ""}"')
    closing = re.compile(r'\\.|"' if dialect.backslash_escapes else r'""|"', re.DOTALL)
    fine = ("", delimiter, "\r", "\n")
    begun: int | None = None
    for number, line in enumerate(lines, first):
        position = 0
        while True:
            match = (opening if begun is None else closing).search(line, position)
            if match is None:
                break
            position = match.end()
            if begun is None:
                begun = number
            elif match[0] == '"':
                if strict and line[position : position + 1] not in fine:
                    return begun
                begun = None
    return begun
