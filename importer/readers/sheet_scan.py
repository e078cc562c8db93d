"""Turns the XML of a worksheet into what the library that reads its cells would not say, or would say otherwise.

calamine gives an error cell and a formula without a stored result as empty, rounds long numbers, and knows no zeros
before a number. Most sheets have nothing of it, and a search for the signs in the bytes is cheap; a cell that shows
one is looked at by itself. Only XML that is written in an unusual way is parsed cell by cell, and then read so too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import lt
from types import NoneType
from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.readers.book import MAX_COLUMNS, Flaw
from importer.readers.cell_value import BookFacts, RawCell, value_of
from importer.readers.header import column_letter, listed
from importer.readers.number_cell import EXACT, rounded_columns, shown_as
from importer.readers.number_signs import date_signs, number_signs
from importer.readers.row_shapes import ROW_BEGIN, RowShapes
from importer.readers.shared_strings import LOOSE_BLANK, PAIR_ESCAPE
from importer.readers.sheet_table import SheetTable, cell_of, column_number, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from importer.model import Cell
    from importer.readers.number_signs import NumberSigns

__all__ = ["Flaw", "Scan", "farthest_cell", "read_exactly", "scan_sheet"]

_TAIL_BYTES = 1 << 16
_ROW_END = b"</row>"
_ERROR_TYPE = re.compile(b'"e"')  # for a literal, re is twice as quick as `in`
_DATE_TYPE = re.compile(b't="d"')
_FORMULA_BEGIN = re.compile(b"<f")
_FORMULA = re.compile(rb"<f[\s/>]")
_SOLVED = re.compile(rb"<f(?:\s[^>]*)?>(?:[^<]*</f>)?\s*<v>[^<]")
_VALUE_FIRST = re.compile(rb"</v><f")  # allowed by no schema; calamine forgets the value
_LONG_NUMBER = re.compile(rb"<v>[0-9-][0-9]{15}")
_FAR = re.compile(rb' r="(?:[A-Za-z]{3}|[A-Za-z]{1,2}[0-9]{8})')  # beyond column ZZ, the 702nd, or the last row
_NOWHERE = re.compile(rb' r="(?:[A-Z]{4}|X(?:F[E-Z]|[G-Z][A-Z])|[YZ][A-Z]{2}|[A-Z]{1,3}[0-9]{8})', re.IGNORECASE)
_SHARED = re.compile(rb't="s"[^>]*><v>([0-9]+)</v>')
_RUN = re.compile(b"<r>")
_ROW_HIDDEN = re.compile(rb'<row\s[^>]*\bhidden="(?:1|true)"')
_ROW = re.compile(rb'<row r="([0-9]+)"')
_ROW_ELSEWHERE = re.compile(rb'<row (?!r=")[^>]* r="')  # it says where it is, but not at once
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*)>')
_NEAR_PLACE = re.compile(rb'<c r="([A-Z]{1,2}[0-9]{1,7})"')  # up to column ZZ, the 702nd
_PLACE = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"')
_PLACE_BEHIND = re.compile(rb'<c\s[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"')
_PLAIN_NUMBER = re.compile(rb"(?:<f(?:\s[^>]*)?/>|<f(?:\s[^>]*)?>[^<]*</f>)?<v>([^<&]*)</v>")
_STYLE = re.compile(rb'\ss="([0-9]+)"')
_TYPE = re.compile(rb'\st="([a-zA-Z]+)"')
_PLAIN_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<worksheet[\s>]", re.DOTALL)
_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["'](?!utf-8|us-ascii|ascii)""", re.IGNORECASE)
_INDENTED = re.compile(rb"""<c\s[^>]*>\s+<|</[vf]>\s+<|<(?:c|row)\s[^>]*='""")  # or in single quotes
_MARKED = re.compile(b"<!")  # a comment, or text that is not marked up
_TWO_LETTERS = 702


class _UnusualError(Exception):
    """The XML is not written as programs write it; the search must not be relied on."""


@dataclass(slots=True)
class Scan:
    """What the XML of a sheet says beside its values; positions are those of the sheet."""

    flaws: dict[int, list[Flaw]] = field(default_factory=dict)  # by row number, from 1
    hidden_rows: int = 0
    last_row: int = 0  # at least
    width: int = 0  # columns, at least: up to the last flaw, or the last cell where the sheet was read cell by cell
    reach: int = 0  # columns, at most, of cells that say where they are
    cells: int = 0  # at most, of those with anything in them
    filled_row: int = 0  # the last row that has a cell with anything in it; 0 where that is not known
    shown: dict[int, dict[int, Cell]] = field(default_factory=dict)  # by column, then row: values that stand instead
    rendered: set[int] = field(default_factory=set)  # columns whose numbers are texts, as they are shown
    has_formats: bool = True  # whether the formats of numbers are known
    merged: tuple[str, ...] = ()  # where the sheet was read cell by cell
    table: dict[int, list[Cell]] | None = None  # all values, where the sheet was read cell by cell

    @property
    def reaches_far(self) -> bool:
        """Whether a cell says that it stands beyond column ZZ."""
        return self.reach > _TWO_LETTERS

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what is read otherwise than it is stored, and what could not be known."""
        notes = list[str]()
        if self.rendered:
            letters = listed([column_letter(column) for column in sorted(self.rendered)])
            notes.append(f"Numbers in column {letters} are read as the workbook shows them, with their zeros.")
        if not self.has_formats:
            notes.append(
                "The styles of the workbook are damaged: dates may be read as numbers, and leading zeros lost."
            )
        return tuple(notes)


def scan_sheet(
    chunks: Callable[[], Iterator[bytes]],
    book: BookFacts | None = None,
    strings: Callable[[], Sequence[str]] = tuple,
    *,
    exact: bool = False,
) -> Scan:
    """Search a sheet's XML, read in pieces; `chunks` starts anew at each call.

    Raises:
        ValueError: the XML has a document type, two cells in one place, or a text that is not there.
        LookupError: it is in an encoding nobody knows.
        xml.parsers.expat.ExpatError: it is no XML.
    """
    book = book or BookFacts()
    if not exact:
        try:
            return _Search(book).of(chunks())
        except (_UnusualError, expat.ExpatError):  # the latter of a cell that is more than one
            pass
    return read_exactly(chunks(), book, strings())


def read_exactly(chunks: Iterator[bytes], book: BookFacts, strings: Sequence[str]) -> Scan:
    """Read a sheet cell by cell; `table` has all its values."""
    table = read_table(chunks, book, strings)
    _settle(table)
    return Scan(
        flaws=table.flaws,
        hidden_rows=table.hidden_rows,
        last_row=table.last_row,
        width=table.width,
        reach=table.width,
        filled_row=table.last_row,
        rendered=table.rendered,
        merged=tuple(table.merged),
        table=table.rows,
    )


def _settle(table: SheetTable) -> None:
    uncertain = rounded_columns((column, table.rows[row][column]) for row, column in table.big)
    for row, column in table.big:
        if column in uncertain:
            table.rows[row][column] = float(table.rows[row][column])  # type: ignore[arg-type]  # an int


def farthest_cell(chunks: Iterator[bytes]) -> tuple[int, int]:
    """Count rows and columns up to the last cell with anything in it, of a sheet that a quick search was enough for."""
    letters, row, tail = set[bytes](), 0, b""
    for chunk in chunks:
        text = tail + chunk
        begin, end = 0, text.find(b"</row>")
        while end >= 0:  # of a row the last cell is the farthest
            filled = text.rfind(b"</c>", begin, end)
            if filled >= 0 and (cell := _CELL.match(text, max(0, text.rfind(b'<c r="', 0, filled)))):
                letters.add(cell[1])
                row = int(cell[2])
            begin, end = end, text.find(b"</row>", end + 1)
        tail = text[begin:]
    return row, max((column_number(name.decode()) for name in letters), default=0)


class _Search:
    """Goes through the bytes of a sheet once; raises `_UnusualError` where they are written in an unusual way."""

    def __init__(self, book: BookFacts) -> None:
        self._book = book
        self._scan = Scan()
        self._is_wide = False
        self._row = 0
        self._big = list[tuple[int, int]]()
        self._begun = set[bytes]()  # places of the last row: it may go on in the next piece
        self._last: tuple[re.Match[bytes], int] | None = None
        self._odd_digits = [_LONG_NUMBER, *date_signs(book)]
        self._numbers = number_signs(book)
        self._shapes = RowShapes()

    def of(self, chunks: Iterator[bytes]) -> Scan:
        tail, is_first = b"", True
        for chunk in chunks:
            text = tail + chunk
            if is_first:
                _check_plain(text)
            is_first = False
            tail = self._begin(text)
        self._piece(tail)
        return self._done()

    def _begin(self, text: bytes) -> bytes:
        """Go through as much as there is of whole rows, or else of whole cells, and give the rest."""
        begin = -1 if self._shapes.are_hopeless else text.find(ROW_BEGIN)
        last = text.rfind(_ROW_END)
        if 0 <= begin < last:
            end = last + len(_ROW_END)
            self._piece(text[:begin])
            self._whole_rows(text[begin:end])
            return text[end:]
        cut = max(0, text.rfind(b"<c "), text.rfind(b"<row ")) if len(text) > _TAIL_BYTES else 0
        self._piece(text[:cut])
        return text[cut:]

    def _whole_rows(self, text: bytes) -> None:
        """Search rows, of plain ones only for what is told by digits."""
        plain = self._shapes.plain(text)
        if plain is None:
            self._piece(text)
            return
        if not plain.are_right:
            raise _UnusualError  # calamine would let a cell of a later row win
        self._advance(plain.numbers)
        self._scan.cells += plain.cells
        if plain.hides:
            self._scan.hidden_rows += len(_ROW_HIDDEN.findall(text))
        self._note_last(text)
        self._begun = set(_NEAR_PLACE.findall(text, text.rfind(ROW_BEGIN)))
        self._search_digits(text)

    def _done(self) -> Scan:
        scan = self._scan
        scan.filled_row = self._filled_row()
        scan.width = max((flaw.column + 1 for flaws in scan.flaws.values() for flaw in flaws), default=0)
        scan.reach = MAX_COLUMNS if self._is_wide else _TWO_LETTERS
        uncertain = rounded_columns((column, scan.shown[column][row]) for row, column in self._big)
        for row, column in self._big:
            if column in uncertain:
                del scan.shown[column][row]  # calamine has the float
        return scan

    def _piece(self, text: bytes) -> None:
        self._check_marks(text)
        self._measure(text)
        self._check_places(text)
        for sign in (_ERROR_TYPE, _DATE_TYPE, PAIR_ESCAPE):
            self._visit_all(sign, text)
        self._search_digits(text)
        if _FORMULA_BEGIN.search(text):
            self._formulas(text)
        if _RUN.search(text):
            self._visit_all(LOOSE_BLANK, text)

    def _search_digits(self, text: bytes) -> None:
        for sign in self._odd_digits:
            self._visit_all(sign, text)
        if self._numbers:
            self._render(self._numbers, text)
        if self._book.odd_strings:
            for found in _SHARED.finditer(text):
                if int(found[1]) in self._book.odd_strings:
                    self._visit(text, found.start())

    def _check_marks(self, text: bytes) -> None:
        if _MARKED.search(text, 0 if self._row else max(0, text.find(b"<sheetData"))):
            raise _UnusualError
        if b"'" in text and (b"'e'" in text or b" r='" in text):
            raise _UnusualError

    def _check_places(self, text: bytes) -> None:
        """See that no place has two cells: calamine would let the later win. Rows are known to be different ones."""
        cells = text.count(b"<c ") + text.count(b"<c>")
        self._scan.cells += cells
        places = _NEAR_PLACE.findall(text)
        if len(places) != cells:
            self._look_far(text)
            places = _PLACE.findall(text)
        if len(places) != cells:  # where it is not written first
            places = _PLACE_BEHIND.findall(text)
            if places and len(places) != cells:
                raise _UnusualError
        different = set(places)
        if len(different) != len(places) or not different.isdisjoint(self._begun):
            raise _UnusualError
        last = text.rfind(b"<row ")
        if last >= 0:
            self._begun.clear()
            places = places[max(0, len(places) - text.count(b"<c", last)) :]
        self._begun.update(places)
        if len(self._begun) > MAX_COLUMNS:
            raise _UnusualError  # no row has so many

    def _render(self, numbers: NumberSigns, text: bytes) -> None:
        """Take the numbers that are shown as ids: nearly all are written in one way, so all of them are found at once."""
        plain = numbers.plain.findall(text)
        for letters, row, style, digits in plain:
            column = column_number(letters.decode())
            shape = self._book.styles.of(int(style))
            shown = shown_as(int(digits), shape, is_1904=self._book.is_1904)
            self._scan.shown.setdefault(column - 1, {})[int(row)] = shown
            if isinstance(shown, str):
                self._scan.rendered.add(column - 1)
        if len(plain) != len(numbers.any.findall(text)):
            self._visit_all(numbers.any, text)

    def _visit_all(self, sign: re.Pattern[bytes], text: bytes) -> None:
        for found in sign.finditer(text):
            self._visit(text, found.start())

    def _formulas(self, text: bytes) -> None:
        if len(_FORMULA.findall(text)) != len(_SOLVED.findall(text)):
            for found in _FORMULA.finditer(text):
                if not _SOLVED.match(text, found.start()):
                    self._visit(text, found.start())
        self._visit_all(_VALUE_FIRST, text)

    def _visit(self, text: bytes, position: int) -> None:
        """Look at the cell that `position` is in; where it is in none, there is nothing to look at."""
        start = text.rfind(b"<c ", 0, position + 3)
        head = _CELL.match(text, start) if start >= 0 else None
        if head is None:
            if start >= 0 or text.rfind(b"<c>", 0, position) >= 0:
                raise _UnusualError
            return
        if head[3].endswith(b"/"):
            return
        end = text.find(b"</c>", head.end())
        if end < 0:
            raise _UnusualError
        if position < end:
            self._take(_raw(head, text, end))

    def _take(self, raw: RawCell) -> None:
        strings = self._book.odd_strings
        if raw.kind == "s" and not (raw.value and raw.value.isdecimal() and int(raw.value) in strings):
            return  # calamine has its text
        value = value_of(raw, self._book, strings)
        if isinstance(value, Flaw):
            row = self._scan.flaws.setdefault(raw.row, [])
            if all(flaw.column != value.column for flaw in row):
                row.append(value)
            return
        shown = self._scan.shown.setdefault(raw.column, {})
        if raw.row in shown:
            return
        shown[raw.row] = value
        if raw.kind in {"", "n"}:
            if isinstance(value, str) and value != raw.value:
                self._scan.rendered.add(raw.column)
            elif isinstance(value, int) and abs(value) >= EXACT:
                self._big.append((raw.row, raw.column))

    def _measure(self, text: bytes) -> None:
        rows = list(map(int, _ROW.findall(text)))
        if len(rows) != text.count(b"<row ") and _ROW_ELSEWHERE.search(text):
            raise _UnusualError
        if rows:
            self._advance(rows)
        self._note_last(text)
        if b'hidden="' in text:
            self._scan.hidden_rows += len(_ROW_HIDDEN.findall(text))

    def _advance(self, rows: Sequence[int]) -> None:
        if rows[0] <= self._row or not all(map(lt, rows, rows[1:])):
            raise _UnusualError  # calamine would let the later of two cells win
        self._row = self._scan.last_row = rows[-1]

    def _note_last(self, text: bytes) -> None:
        filled = text.rfind(b"</c>")
        if filled >= 0 and (cell := _CELL.match(text, max(0, text.rfind(b'<c r="', 0, filled)))):
            self._last = (cell, filled)

    def _look_far(self, text: bytes) -> None:
        """Note cells far to the right; calamine would make room up to one where no sheet has any, and abort."""
        if _FAR.search(text):
            self._is_wide = True
            if _NOWHERE.search(text):
                raise _UnusualError

    def _filled_row(self) -> int:
        """Say which row the last cell is in, if there is a value in it."""
        if self._last is None:
            return 0
        cell, end = self._last
        if cell.string.find(b"</c>", cell.end()) != end:  # the last cell does not say where it is
            return 0
        raw = _raw(cell, cell.string, end)
        is_filled = raw.kind == "s" or not isinstance(value_of(raw, self._book, {}), (Flaw, NoneType))
        return raw.row if is_filled else 0


def _check_plain(text: bytes) -> None:
    if not _PLAIN_ROOT.match(text) or _OTHER_ENCODING.match(text) or _INDENTED.search(text, 0, _TAIL_BYTES):
        raise _UnusualError


def _raw(head: re.Match[bytes], text: bytes, end: int) -> RawCell:
    body = _PLAIN_NUMBER.fullmatch(text, head.end(), end)
    if body is None:
        return cell_of(text[head.start() : end + 4])
    style, kind = _STYLE.search(head[3]), _TYPE.search(head[3])
    return RawCell(
        row=int(head[2]),
        column=column_number(head[1].decode()) - 1,
        kind=kind[1].decode() if kind else "",
        style=int(style[1]) if style else 0,
        value=body[1].decode(),
        has_formula=text.startswith(b"<f", head.end()),
    )
