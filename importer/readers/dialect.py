"""Turns the first lines of a CSV file into the dialect they are written in.

The rule: a delimiter must cut the rows into the same number of cells, two at least, in nine rows of ten; the widest
wins, and a tie is the user's to settle. Text is no evidence: the rule looks at the shape only.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.header import is_blank
from importer.readers.header_row import find_header

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["FIELD_LIMIT", "Dialect", "detect_dialect", "known_delimiter", "named", "open_quote", "separator_line"]

FIELD_LIMIT = 10 << 20  # characters of one cell
_CANDIDATES = (";", ",", "\t", "|")
_ROWS = 500
_SHARE = 0.9
_RARE = "^~\x01\x1f§¦¬"  # hardly ever in a text, so they need no share but all rows
_RARER = " :/#*!"  # in many texts: named to the user, and never taken
_NO_DELIMITER = "\U0010ffff"  # no character: csv wants a delimiter even where there is one column
_NAMES = {";": "a semicolon", ",": "a comma", "\t": "a tab", "|": "a vertical bar", " ": "a blank", ":": "a colon"}
_WORDS = {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ",", "pipe": "|"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"#[\s!#]")
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a CSV file are set apart and quoted; `delimiter` is None for a file of one column."""

    delimiter: str | None
    blank_before_quote: bool = False  # 1, "Acme, Inc"
    backslash_escapes: bool = False  # "12\\" screen"
    quote: str = '"'
    hint: str = field(default="", compare=False)  # another way to read the file, in words

    def reader(self, lines: Iterable[str], *, strict: bool = True) -> Reader:
        """Parse lines; strict raises `csv.Error` where quotes do not match. Sets the process-wide field limit."""
        csv.field_size_limit(FIELD_LIMIT)
        return csv.reader(
            self._with_plain_backslashes(lines) if self.backslash_escapes else lines,
            delimiter=self.delimiter or _NO_DELIMITER,
            quotechar=self.quote,
            skipinitialspace=self.blank_before_quote,
            escapechar="\\" if self.backslash_escapes else None,
            strict=strict,
        )

    def _with_plain_backslashes(self, lines: Iterable[str]) -> Iterator[str]:
        r"""Escape the backslashes that escape nothing, which csv would leave out: "\N", "C:\dir"."""
        special = {"\\", self.quote, self.delimiter, "\r", "\n"}
        for line in lines:
            yield _ESCAPE.sub(lambda found: found[0] if found[1] in special else "\\" + found[0], line)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of it."""
        return tuple(
            note
            for note, is_so in (
                ("The file is read as one column: no delimiter sets its rows apart.", self.delimiter is None),
                ('Blanks before an opening " are left out.', self.blank_before_quote),
                (
                    r"A backslash takes the meaning from a quote, a delimiter or a backslash behind it (\").",
                    self.backslash_escapes,
                ),
                (f"The cells are quoted with {self.quote}.", self.quote != '"'),
                (
                    f"The cells are set apart by {named(self.delimiter or '')}.",
                    (self.delimiter or ";") not in _CANDIDATES,
                ),
                (self.hint, bool(self.hint)),
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
    if any(shape.header >= 2 for shape in fitting):
        return _widest([shape for shape in fitting if shape.header >= 2], place)
    headed = _below_comments(lines, place, is_whole=is_whole) or _below_a_banner(lines)
    if headed is None and fitting:
        raise _headless(fitting[0], lines, place)
    return headed or _uncommon(lines)


def _shapes(lines: Sequence[str], candidates: Iterable[str], *, strict: bool, is_whole: bool) -> list[_Shape]:
    shapes = (_best_variant(lines, mark, strict=strict, is_whole=is_whole) for mark in candidates)
    return [shape for shape in shapes if shape is not None]


def _headless(shape: _Shape, lines: Sequence[str], place: str) -> SourceError:
    """Say that the first row is in one piece and the others are not."""
    first = next(line for line in lines if not is_blank(line))
    others = [mark for mark in _CANDIDATES if mark in first and mark != shape.dialect.delimiter]
    if others:
        return SourceError(
            f"{place}: {named(others[0])} sets the names in the first row apart, but {_name(shape)} the cells below. "
            "Write the first row as the others are written, or export the file again; "
            "if another line holds the names, set `source.header_row` and `source.delimiter`."
        )
    return SourceError(
        f"{place}: the first row has one cell, the rows below have {shape.width} if {_name(shape)} sets them apart. "
        "If another line holds the column names, set `source.header_row`; if the file has one column only, set "
        "`source.delimiter` to a character that is not in it."
    )


def _widest(headed: Sequence[_Shape], place: str) -> Dialect:
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
    return named(shape.dialect.delimiter or "")


def named(mark: str) -> str:
    """Name a delimiter in a sentence."""
    return _NAMES.get(mark, f'"{mark}"' if mark.isprintable() else f"the character {ord(mark):02X}")


def _below_comments(lines: Sequence[str], place: str, *, is_whole: bool) -> Dialect | None:
    """Find the delimiter of a table that begins below comments ("# from a tool")."""
    begun = next((at for at, line in enumerate(lines) if not (is_blank(line) or _COMMENT.match(line))), len(lines))
    if not any(map(_COMMENT.match, lines[:begun])) or begun == len(lines):
        return None
    found = detect_dialect(lines[begun:], None, place=place, is_whole=is_whole)
    return None if found.delimiter is None else found


def _below_a_banner(lines: Sequence[str]) -> Dialect | None:
    """Find the delimiter of a table that begins below a title, where its header is plain to see."""
    found = list[tuple[int, Dialect]]()
    for mark in _CANDIDATES:
        plain = Dialect(mark)
        spoiled = (variant for variant, shows, _ in _variants(lines, plain) if shows)
        widths = ((_width_below_a_banner(lines, dialect), dialect) for dialect in (*spoiled, plain))
        found += [(width, dialect) for width, dialect in widths if width][:1]
    widest = [dialect for width, dialect in found if width == max(found, key=itemgetter(0))[0]]
    return widest[0] if len(widest) == 1 else None


def _width_below_a_banner(lines: Sequence[str], dialect: Dialect) -> int:
    """Count the cells of the rows below a title; 0 where there is no title, or no table below it."""
    try:
        rows = list(islice(dialect.reader(lines), _ROWS))
    except csv.Error:
        return 0
    header = find_header(rows)
    if header is None or not header.passed_over:
        return 0
    widths = [len(row) for row in rows[header.index :] if not all(map(is_blank, row))]
    return widths[0] if len(widths) >= 2 and widths.count(widths[0]) >= _SHARE * len(widths) else 0


def _uncommon(lines: Sequence[str]) -> Dialect:
    """Settle on a rare delimiter that every row has as often, or on one column, with a word on what else it may be."""
    common = Counter(mark for line in lines for mark in line if mark in _CANDIDATES)
    if common and all(is_blank("".join(mark for mark in line if mark not in {*_CANDIDATES, '"'})) for line in lines):
        return Dialect(common.most_common(1)[0][0])  # nothing but delimiters
    for mark in _RARE:
        if _even_width(lines, mark) >= 2:
            return Dialect(mark)
    return Dialect(None, hint=_other_reading(lines))


def _even_width(lines: Sequence[str], mark: str) -> int:
    """Count the cells of each row under a delimiter; 0 where they differ, or where there are no two rows."""
    try:
        rows = islice(Dialect(mark).reader(lines), _ROWS)
        widths = {len(row): row for row in rows if not all(map(is_blank, row))}
    except csv.Error:
        return 0
    filled = sum(not is_blank(line) for line in lines)
    return next(iter(widths)) if len(widths) == 1 and filled >= 2 else 0


def _other_reading(lines: Sequence[str]) -> str:
    """Say which delimiter may stand in the one column that a file seems to have."""
    try:
        inner = [row[0] for row in islice(Dialect(None).reader(lines, strict=False), _ROWS) if row]
    except csv.Error:  # a field beyond the cap, which the reader itself will report
        return ""
    quoted = [line for line in lines if line.startswith('"')]
    for mark in _CANDIDATES:
        if 2 * sum(line.count(mark) > 1 for line in inner) >= len(inner) > 2:
            return (
                f"If {named(mark)} sets the cells of lines below apart, set `source.header_row` to the line of the "
                "column names."
            )
    for mark in (*_CANDIDATES, *_RARER) if quoted else _RARER:
        if _even_width(inner, mark) >= (3 if mark in _RARER else 2):
            if mark in _RARER:
                return f"If {named(mark)} sets the cells apart, set `source.delimiter`."
            return (
                f"Each line is quoted as a whole, with cells inside that {named(mark)} sets apart: "
                "if that is the table, export the file again without the outer quotes."
            )
    return ""


def _best_variant(lines: Sequence[str], delimiter: str, *, strict: bool, is_whole: bool) -> _Shape | None:
    """Try the plain dialect, then the two spoiled ones where the text shows their signs and they fit better."""
    plain = Dialect(delimiter)
    best = _shape(lines, plain, strict=strict, is_whole=is_whole)
    for variant, shows, wins_a_tie in _variants(lines, plain):
        if shows:
            shape = _shape(lines, variant, strict=True, is_whole=is_whole)
            if shape and (not best or shape.share > best.share or (wins_a_tie and shape.share == best.share)):
                best = shape
    return best


def _variants(lines: Sequence[str], plain: Dialect) -> Iterator[tuple[Dialect, bool, bool]]:
    """Give the spoiled dialects, whether the text shows their signs, and whether these count where both fit as well."""
    yield replace(plain, blank_before_quote=True), _has_blank_before_quote(lines, plain), True
    yield replace(plain, backslash_escapes=True), *_escapes(lines, plain.delimiter or "")
    yield replace(plain, quote="'"), *_single_quotes(lines, plain)


def _escapes(lines: Sequence[str], delimiter: str) -> tuple[bool, bool]:
    """Whether backslashes may escape, and whether they do: quotes, and never a letter, as in a path of Windows.

    Who writes a quote twice inside of a cell needs no backslash before it.
    """
    behind = {mark for line in lines for mark in _ESCAPE.findall(line)}
    if not behind & {'"', delimiter}:
        return False, False
    is_only = '"' in behind and behind <= {'"', delimiter, "\\", "\r", "\n"}
    empty = re.compile(rf"(?<![^{re.escape(delimiter)}])\"\"(?![^\r\n{re.escape(delimiter)}])")
    return True, is_only and not any('""' in empty.sub("", _ESCAPE.sub("", line)) for line in lines)


def _single_quotes(lines: Sequence[str], plain: Dialect) -> tuple[bool, bool]:
    """Whether cells may be enclosed in apostrophes, and whether they are: all names, or a cell in half of the rows."""
    if not any("'" in line for line in lines):
        return False, False
    try:
        sum(1 for _ in islice(replace(plain, quote="'").reader(lines), _ROWS))  # 't Hooft is no quoted cell
    except csv.Error:
        return False, False
    rows = [line.rstrip("\r\n").split(plain.delimiter) for line in lines[:_ROWS]]
    if any(cell.startswith('"') for row in rows for cell in row):
        return False, False
    begun = sum(any(cell.startswith("'") for cell in row) for row in rows)
    enclosed = [sum(map(_is_enclosed, row)) for row in rows]
    all_names = len(rows[0]) > 1 and enclosed[0] == len(rows[0]) if rows else False
    return begun > 1 or all_names, all_names or (begun > 1 and sum(map(bool, enclosed)) * 2 >= len(rows))


def _is_enclosed(cell: str) -> bool:
    return len(cell) > 1 and cell.startswith("'") and cell.endswith("'")


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
    quote = dialect.quote
    opening = re.compile(f"(?:\\A|{re.escape(delimiter)}){' *' if dialect.blank_before_quote else ''}{quote}")
    closing = re.compile((r"\\." + "|" if dialect.backslash_escapes else "") + f"{quote}{quote}|{quote}", re.DOTALL)
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
            elif match[0] == quote:
                if strict and line[position : position + 1] not in fine:
                    return begun
                begun = None
    return begun
