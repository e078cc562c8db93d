"""Turns the record stream of an .xls file into what its reader does not say: protection, tabs, unsolved formulas.

A stream is a row of records, each two bytes kind, two bytes length, and so many bytes (MS-XLS 2.1.4).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Bound", "bounds", "essentials", "is_protected", "unsolved_formulas"]

_HEADER = struct.Struct("<HH")
_FORMULA = struct.Struct("<HH2xBx4xH")  # row, column; kind of result, and its last two bytes
_BOF, _EOF, _FILEPASS, _BOUNDSHEET = {0x0009, 0x0209, 0x0409, 0x0809}, 0x000A, 0x002F, 0x0085
_FORMULAS, _SHARED_TEXT = {0x0006, 0x0206, 0x0406}, 0x00FD
_NOT_A_NUMBER = 0xFFFF  # the last two bytes of a result that is text, a boolean or an error
_EMPTY_TEXT = 3
_CALCULATE_ON_LOAD = 2

_CONTINUED, _UNKNOWN = 0x003C, 0x7FFF
_ESSENTIAL = (
    _BOF
    | _FORMULAS
    | {_EOF, _FILEPASS, _BOUNDSHEET, _SHARED_TEXT, _CONTINUED}
    | {0x0042, 0x0022, 0x008F, 0x00FC}  # code page, 1904, list of sheets of Excel 4, table of texts
    | {0x001E, 0x041E, 0x0043, 0x0243, 0x0443, 0x00E0}  # formats, and the styles that refer to them
    | {0x0001, 0x0201, 0x0002, 0x0003, 0x0203, 0x027E, 0x00BD, 0x00BE}  # blank cells, numbers
    | {0x0004, 0x0204, 0x00D6, 0x0005, 0x0205}  # texts, booleans and errors
    | {0x0007, 0x0207, 0x0021, 0x0221, 0x00BC, 0x04BC}  # results that are texts, and formulas that several cells share
    | {0x0008, 0x0208, 0x00E5}  # rows, merged areas
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A tab in the list at the beginning of the stream."""

    offset: int  # of its first record
    is_visible: bool
    is_worksheet: bool


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Give kind, place and length of the content of each record, to the end of the substream that begins at `at`."""
    depth, end, unpack = 0, len(stream) - 4, _HEADER.unpack_from
    while 0 <= at <= end:
        kind, length = unpack(stream, at)
        yield kind, at + 4, length
        at += 4 + length
        if kind in _BOF:
            depth += 1  # a chart within a sheet is a substream within its substream
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return


def is_protected(stream: bytes) -> bool:
    """Whether the records are encrypted: told among the first, which are not."""
    return any(kind == _FILEPASS for kind, _, _ in _records(stream, 0))


def bounds(stream: bytes) -> tuple[Bound, ...]:
    """List the tabs; none in the formats before Excel 5, which hold a single sheet."""
    return tuple(
        Bound(int.from_bytes(stream[at : at + 4], "little"), stream[at + 4] & 3 == 0, stream[at + 5] == 0)
        for kind, at, length in _records(stream, 0)
        if kind == _BOUNDSHEET and length >= 6
    )


def essentials(stream: bytes) -> bytes:
    """Blot out the records that hold neither cells nor what is needed to read them: links, comments, drawings."""
    cleaned, at, end, is_kept = bytearray(stream), 0, len(stream) - 4, True
    while at <= end:
        kind, length = _HEADER.unpack_from(stream, at)
        is_kept = is_kept if kind == _CONTINUED else kind in _ESSENTIAL
        if not is_kept:
            _HEADER.pack_into(cleaned, at, _UNKNOWN, length)
        at += 4 + length
    return bytes(cleaned)


def unsolved_formulas(stream: bytes, at: int) -> list[tuple[int, int]]:
    """List row and column, from 0, of the formulas that nobody has calculated, in the sheet that begins at a place.

    The format has no sign for it: writers put 0, with the order to calculate on opening (Spreadsheet::WriteExcel and
    its heirs), or empty text (xlwt). Both may be true results as well, but not of every formula of a sheet.
    """
    found, solved = list[tuple[int, int]](), 0
    for kind, place, length in _records(stream, at):
        if kind not in _FORMULAS or length < 16:
            continue
        row, column, result, last = _FORMULA.unpack_from(stream, place)
        is_empty = last == _NOT_A_NUMBER and result == _EMPTY_TEXT
        is_zero = not any(stream[place + 6 : place + 14]) and bool(stream[place + 14] & _CALCULATE_ON_LOAD)
        if is_empty or is_zero:
            found.append((row, column))
        else:
            solved += 1
    return [] if solved else found
