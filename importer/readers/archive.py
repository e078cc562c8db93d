"""Turns a file with a zip archive in it into that archive, and into the kind of workbook that it is.

A line end or a warning of the writer may stand before it, and bytes behind: spreadsheets open such a file, and most
libraries do not.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import IO

__all__ = ["BEGINNING", "is_binary_book", "is_xml_book", "open_archive", "trimmed"]

BEGINNING = b"PK\x03\x04"
_END = b"PK\x05\x06"
_END_RECORD = struct.Struct("<12xIIH")  # size of the directory, where it begins, length of the comment
_MOST_BEHIND = (100 << 10) + (1 << 16)  # a comment is among it
_MOST_READ = 1 << 16
_XML_BOOK = re.compile(rb"spreadsheetml\.(?:sheet|template)\.main\+xml|ms-excel\.(?:\w+\.)?macroenabled\.main\+xml")
_BINARY_BOOK = re.compile(rb"ms-excel\.sheet\.binary")


def open_archive(file: IO[bytes]) -> zipfile.ZipFile:
    """Open the archive that is in a file, up to 100 kB before its end.

    Raises:
        zipfile.BadZipFile: there is none, or it is damaged.
    """
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        end = _end(file)
        if not end:
            raise
        file.seek(0)
        return zipfile.ZipFile(io.BytesIO(file.read(end)))


def _end(file: IO[bytes]) -> int:
    """Find where the archive ends; 0 where it does not, or nothing is behind it."""
    size = file.seek(0, io.SEEK_END)
    begun = file.seek(max(0, size - _MOST_BEHIND))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_RECORD.size > len(tail):
        return 0
    end: int = begun + at + _END_RECORD.size + _END_RECORD.unpack_from(tail, at)[2]
    return end if end < size else 0


def trimmed(data: bytes) -> bytes:
    """Leave out what stands before and behind an archive; data without one are given back as they are."""
    at = data.rfind(_END, max(0, len(data) - _MOST_BEHIND))
    if at < 0 or at + _END_RECORD.size > len(data):
        return data
    size, offset, comment = _END_RECORD.unpack_from(data, at)
    begin, end = at - size - offset, at + _END_RECORD.size + comment
    if begin < 0 or not data.startswith(BEGINNING, begin) or (begin == 0 and end >= len(data)):
        return data
    return data[begin:end]


def is_xml_book(archive: zipfile.ZipFile) -> bool:
    """Whether the archive says that it is a workbook of XML parts, whatever these are called."""
    return _XML_BOOK.search(_types(archive)) is not None


def is_binary_book(archive: zipfile.ZipFile) -> bool:
    """Whether the archive says that it is a workbook of binary parts."""
    return _BINARY_BOOK.search(_types(archive)) is not None


def _types(archive: zipfile.ZipFile) -> bytes:
    """Read what the archive says of its parts; nothing where it does not, or cannot be read."""
    for info in archive.infolist():
        if info.filename.replace("\\", "/").lstrip("/").lower() == "[content_types].xml":
            try:
                with archive.open(info) as stream:
                    return stream.read(_MOST_READ).lower()
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, zlib.error):
                return b""
    return b""
