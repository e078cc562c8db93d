"""Turns the XML of a worksheet into what the reader of its cells would not say.

calamine gives an error cell and a formula without a stored result as empty. Most sheets have neither, and a search for
their signs in the bytes is cheap; only where it finds some, or cannot be sure, the XML is parsed cell by cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.model import Code
from importer.readers.book import Flaw
from importer.readers.package import expat_parser, local_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Scan", "scan_sheet"]

_TAIL_BYTES = 1 << 16
_ERROR_TYPE = re.compile(b'"e"')  # for a literal, re is twice as quick as `in`
_FORMULA_BEGIN = re.compile(b"<f")
_FORMULA = re.compile(rb"<f[\s/>]")
_SOLVED = re.compile(rb"<f(?:\s[^>]*)?>(?:[^<]*</f>)?\s*<v>[^<]")
_ROW_HIDDEN = re.compile(rb'<row\s[^>]*\bhidden="(?:1|true)"')
_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})[0-9]')
_ROW = re.compile(rb'<row r="([0-9]+)"')
_PLAIN_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<worksheet[\s>]", re.DOTALL)
_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["'](?!utf-8|us-ascii|ascii)""", re.IGNORECASE)
_REFERENCE = re.compile("([A-Z]{1,3})([0-9]+)")


@dataclass(slots=True)
class Scan:
    """What the XML of a sheet says beside its values; positions are those of the sheet."""

    flaws: dict[int, list[Flaw]] = field(default_factory=dict)  # by row number, from 1
    hidden_rows: int = 0
    last_row: int = 0  # at least
    width: int = 0  # columns, at least; the quick search does not count cells that do not say where they are


def scan_sheet(chunks: Callable[[], Iterator[bytes]], *, exact: bool = False) -> Scan:
    """Search a sheet's XML, read in pieces; `chunks` starts anew at each call.

    Raises:
        ValueError: the XML has a document type.
        LookupError: it is in an encoding nobody knows.
        xml.parsers.expat.ExpatError: it is no XML.
    """
    quick = None if exact else _searched(chunks())
    return _parsed(chunks()) if quick is None else quick


def _searched(chunks: Iterator[bytes]) -> Scan | None:
    """Search the bytes for signs; None where there are some, or where this XML is written in an unusual way."""
    scan, letters, tail, is_first = Scan(), set[bytes](), b"", True
    for chunk in chunks:
        text = tail + chunk
        if is_first and (not _PLAIN_ROOT.match(text) or _OTHER_ENCODING.match(text)):
            return None
        is_first = False
        cut = max(text.rfind(b"<c "), text.rfind(b"<row ")) if len(text) > _TAIL_BYTES else 0
        text, tail = (text[:cut], text[cut:]) if cut > 0 else (b"", text)
        if _has_signs(text):
            return None
        _measure(text, scan, letters)
    if _has_signs(tail):
        return None
    _measure(tail, scan, letters)
    scan.width = max(map(_column_number, (name.decode() for name in letters)), default=0)
    return scan


def _has_signs(text: bytes) -> bool:
    if _ERROR_TYPE.search(text) or (b"'" in text and b"'e'" in text):
        return True
    return bool(_FORMULA_BEGIN.search(text)) and len(_FORMULA.findall(text)) != len(_SOLVED.findall(text))


def _measure(text: bytes, scan: Scan, letters: set[bytes]) -> None:
    end = text.find(b"</row>")
    while end >= 0:
        cell = _COLUMN.match(text, max(0, text.rfind(b'<c r="', 0, end)))  # the last of its row is the farthest
        if cell:
            letters.add(cell[1])
        end = text.find(b"</row>", end + 1)
    last = text.rfind(b'<row r="')
    if last >= 0 and (match := _ROW.match(text, last)):
        scan.last_row = max(scan.last_row, int(match[1]))
    if b'hidden="' in text:
        scan.hidden_rows += len(_ROW_HIDDEN.findall(text))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _CellParser:
    """Follows the elements of a sheet; keeps where it is and what the cell it is in has shown."""

    def __init__(self) -> None:
        self.scan = Scan()
        self._row = 0
        self._column = -1
        self._type = ""
        self._has_formula = self._has_value = self._in_value = False
        self._value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = local_name(name)
        if element == "c":
            self._begin_cell(attributes)
        elif element in {"v", "t"}:
            self._has_value = self._in_value = True
        elif element == "f":
            self._has_formula = True
        elif element == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = -1
            self.scan.hidden_rows += attributes.get("hidden") in {"1", "true"}

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = _column_number(place[1]) - 1 if place else self._column + 1
        self._type = attributes.get("t", "")
        self._has_formula = self._has_value = False
        self._value = ""

    def text(self, data: str) -> None:
        if self._in_value and len(self._value) < 100:
            self._value += data

    def end(self, name: str) -> None:
        element = local_name(name)
        if element in {"v", "t"}:
            self._in_value = False
        elif element == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        flaw: Flaw | None = None
        is_solved = bool(self._value) or (self._has_value and self._type == "str")
        if self._has_formula and not is_solved:
            flaw = Flaw(self._column, Code.NO_STORED_RESULT)
        elif self._type == "e":
            flaw = Flaw(self._column, Code.ERROR_CELL, self._value)
        if flaw is not None:
            self.scan.flaws.setdefault(self._row, []).append(flaw)
        if flaw is not None or self._value:
            self.scan.last_row = max(self.scan.last_row, self._row)
            self.scan.width = max(self.scan.width, self._column + 1)


def _parsed(chunks: Iterator[bytes]) -> Scan:
    cells, parser = _CellParser(), expat_parser()
    parser.StartElementHandler = cells.start
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.text
    for chunk in chunks:
        parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
    parser.Parse(b"", True)  # noqa: FBT003 - likewise
    return cells.scan
