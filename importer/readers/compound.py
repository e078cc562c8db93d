"""Turns a compound file (MS-CFB, the container of .xls) into the bytes of one of its streams, with an end to every chain.

An own reader because xlrd's follows a chain of sectors round and round where a damaged file leads it in a circle, and
calamine's runs out of memory over it. Parts of the tables that are cut off do no harm as long as the stream is whole.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HEADER_BYTES", "MAGIC", "is_cut_off", "stream_of"]

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = struct.Struct("<HH6xIIIIIIIII")  # from byte 30: shifts, counts and first sectors (2.2)
HEADER_BYTES = 512
_LISTED_TABLES = 109  # whose sectors the header names itself
_ENTRY_BYTES = 128
_ROOT, _STREAM = 5, 2
_LAST_SECTOR = 0xFFFFFFFA  # beyond are signs such as "end of chain"


def stream_of(data: bytes, names: Sequence[str]) -> bytes:
    """Read the first of these streams that there is.

    Raises:
        ValueError: there is none, or its sectors do not hang together.
        struct.error: the file ends within its header.
    """
    return _Container(data).stream(names)


def is_cut_off(header: bytes, size: int) -> bool:
    """Whether a file of this size ends before its directory, or a table of its sectors, begins.

    The header names the first sector of the directory, and those of the tables; they may lie at the end of the file.
    """
    if len(header) < HEADER_BYTES:
        return True
    shift, _, _, _, directory, _, _, small, _, extra, _ = _HEADER.unpack_from(header, 30)
    if not 7 <= shift <= 16:
        return False  # not cut off, but no container either
    tables = struct.unpack_from(f"<{_LISTED_TABLES}I", header, 76)
    sectors = [number for number in (directory, small, extra, *tables) if number < _LAST_SECTOR]
    return any((number + 1) << shift >= size for number in sectors)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    first: int
    size: int


class _Container:
    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, small_shift, _, _, directory, _, self._small_below, small, _, extra, extras = _HEADER.unpack_from(
            data, 30
        )
        if not (7 <= shift <= 16 and 4 <= small_shift <= shift):
            message = "sectors of an impossible size"
            raise ValueError(message)
        self._size, self._small_size = 1 << shift, 1 << small_shift
        self._next = self._table(self._table_sectors(extra, extras))
        self._entries = self._directory(self._chained(directory))
        self._first_small = small

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._data[start : start + self._size]  # nothing beyond the end, which is found missing where it matters

    def _table_sectors(self, extra: int, extras: int) -> list[int]:
        """List the sectors of the table of chains: some in the header, further ones in a chain of their own."""
        sectors = list(struct.unpack_from(f"<{_LISTED_TABLES}I", self._data, 76))
        for _ in range(min(extras, len(self._data) // self._size)):
            *more, extra = struct.unpack(f"<{self._size // 4}I", self._sector(extra).ljust(self._size, b"\xff"))
            sectors += more
            if extra >= _LAST_SECTOR:
                break
        return [sector for sector in sectors if sector < _LAST_SECTOR]

    def _table(self, sectors: Sequence[int]) -> array[int]:
        table = array("I")
        for sector in sectors:
            table.extend(struct.unpack(f"<{self._size // 4}I", self._sector(sector).ljust(self._size, b"\xff")))
        return table

    def _chain(self, first: int, following: Sequence[int]) -> list[int]:
        chain, number = list[int](), first
        while number < _LAST_SECTOR:
            chain.append(number)
            if number >= len(following) or len(chain) > len(following):
                message = "a chain of sectors leads nowhere, or in a circle"
                raise ValueError(message)
            number = following[number]
        return chain

    def _chained(self, first: int, size: int | None = None) -> bytes:
        content = b"".join(map(self._sector, self._chain(first, self._next)))
        return content if size is None else self._whole(content, size)

    @staticmethod
    def _whole(content: bytes, size: int) -> bytes:
        if len(content) < size:
            message = f"{size - len(content):,} bytes are missing at the end"
            raise ValueError(message)
        return content[:size]

    @staticmethod
    def _directory(data: bytes) -> list[_Entry]:
        entries = list[_Entry]()
        for at in range(0, len(data) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", data, at + 64)
            name = data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            entries.append(_Entry(name, kind, *struct.unpack_from("<II", data, at + 116)))
        return entries

    def stream(self, names: Sequence[str]) -> bytes:
        streams = {entry.name.lower(): entry for entry in reversed(self._entries) if entry.kind == _STREAM}
        entry = next((streams[name.lower()] for name in names if name.lower() in streams), None)
        if entry is None:
            message = "there is no such stream"
            raise ValueError(message)
        return self._chained(entry.first, entry.size) if entry.size >= self._small_below else self._small(entry)

    def _small(self, entry: _Entry) -> bytes:
        """Read a stream that lies in the small sectors within the root's stream."""
        root = next((each for each in self._entries if each.kind == _ROOT), None)
        if root is None:
            message = "there is no root"
            raise ValueError(message)
        within, size = self._chained(root.first), self._small_size
        following = self._table(self._chain(self._first_small, self._next))
        chain = self._chain(entry.first, following)
        return self._whole(b"".join(within[number * size : (number + 1) * size] for number in chain), entry.size)
