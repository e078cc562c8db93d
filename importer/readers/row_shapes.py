"""Tells by their shapes whether rows of a sheet's XML are written in the plain way, in which nothing hides.

The shape of a row is its XML without the digits. A sheet of 100,000 rows has a handful of them, or some thousand: each
is judged once, and what remains of a search are the signs that are made of digits. In a plain row each cell says where
it is, in a column up to ZZ, no two in one; it is empty, or has a number, a boolean, or the number of a shared text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ROW_BEGIN", "PlainRows", "RowShapes"]

ROW_BEGIN = b'<row r="'
_DIGITS = b"0123456789"
_CAPITALS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"A" * 26)
_CELL_BEGIN = re.compile(rb'<c r="([A-Z]+)')
_PLAIN = re.compile(
    rb"""
    "(?:\ [A-Za-z:]+="[^"<>&A-Z]*")*              # of the row; no value may look like the place of a cell
    (?:/>|>(?:
        <c\ r="[A-Z]{1,2}"(?:\ s="")?(?:\ t="[snb]")?(?:\ s="")?
        (?:/>|>(?:<v>[-+.Ee]*</v>)?</c>)
    )*</row>)\s*
    """,
    re.VERBOSE,
)
_NOT_PLAIN = -1
_ROW_DIGITS = 7  # of the last row that Excel has
_FREE_BYTES = 8 << 20  # of shapes that are judged in any case, a tenth of a second
_SHARE = 8  # of the bytes searched, one in so many may be of shapes: to judge them takes as long as to search eight times as many
_MOST_BYTES = 32 << 20  # of shapes that are kept
_PATIENCE = 4  # pieces in a row that are not plain, from which on no more are judged


@dataclass(frozen=True, slots=True)
class PlainRows:
    """What plain rows say of themselves."""

    numbers: list[int]
    cells: int
    hides: bool  # whether some may be hidden
    are_right: bool  # whether all cells say that they stand in the row that they are in


class RowShapes:
    """The shapes that were judged so far."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}  # cells of a plain one
        self._failed = 0
        self._credit = _FREE_BYTES
        self._held = 0

    @property
    def are_hopeless(self) -> bool:
        """Whether so much was not plain that the rest will hardly be."""
        return self._failed >= _PATIENCE

    def plain(self, text: bytes) -> PlainRows | None:
        """Judge whole rows, of which the first begins where the text does; None where one is not plain."""
        self._credit += len(text) // _SHARE
        shapes = text.translate(None, _DIGITS).split(ROW_BEGIN)[1:]
        pieces = text.translate(_CAPITALS).split(ROW_BEGIN)[1:] if self._are_plain(shapes) else []
        self._failed = 0 if pieces else self._failed + 1
        if not pieces or len(pieces) != len(shapes):  # an element whose name is a row's but for a digit
            return None
        digits = [piece[: piece.find(b'"')] for piece in pieces]
        if b"" in digits or max(map(len, digits)) > _ROW_DIGITS:
            return None
        cells = list(map(self._known.__getitem__, shapes))
        places = list(map(bytes.count, pieces, [b'A%b"' % number for number in digits]))
        hides = any(b"hidden" in shape for shape in set(shapes))
        return PlainRows(list(map(int, digits)), sum(cells), hides, are_right=places == cells)

    def _are_plain(self, shapes: list[bytes]) -> bool:
        different = set(shapes)
        new = different - self._known.keys()
        size = sum(map(len, new))
        if size > self._credit:
            return False
        self._credit -= size
        if self._held + size > _MOST_BYTES:
            self._known.clear()
            self._held, new = 0, different
        for shape in new:
            cells = self._known[shape] = _cells(shape)
            self._held += len(shape)
            if cells == _NOT_PLAIN:
                return False
        return _NOT_PLAIN not in map(self._known.__getitem__, different)


def _cells(shape: bytes) -> int:
    """Count the cells of a plain row."""
    if not _PLAIN.fullmatch(shape):
        return _NOT_PLAIN
    columns = _CELL_BEGIN.findall(shape)
    return len(columns) if len(set(columns)) == len(columns) else _NOT_PLAIN
