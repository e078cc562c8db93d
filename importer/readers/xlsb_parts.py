"""Turns the binary parts of an .xlsb package into records, and the small parts into texts, formats and sheets.

A record is a kind (one or two bytes), a length (one to four), and so many bytes (MS-XLSB 2.1.4).
"""

from __future__ import annotations

import posixpath
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.readers.number_format import NumberFormat, builtin_format, number_format
from importer.readers.package import expat_parser, local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.readers.package import Package

__all__ = ["Index", "SheetPart", "index_of", "records", "wide_text"]

_ROOT = "xl/workbook.bin"
_WORKBOOK_PROPERTIES, _BUNDLE_SHEET, _STRING_ITEM = 153, 156, 19
_FORMAT, _XF, _BEGIN_CELL_XFS, _END_CELL_XFS = 44, 47, 617, 618
_U16, _U32 = struct.Struct("<H"), struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet, and the part that holds it."""

    name: str
    is_visible: bool
    part: str


@dataclass(frozen=True, slots=True)
class Index:
    """What all sheets share."""

    sheets: tuple[SheetPart, ...]
    texts: tuple[str, ...]
    formats: tuple[NumberFormat, ...]  # by a cell's style
    from_1904: bool


def records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Give kind, place and length of the content of each record.

    Raises:
        IndexError: the last one is cut off.
    """
    at, size = 0, len(data)
    while at < size:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        length = data[at]
        at += 1
        if length & 0x80:
            length, shift = length & 0x7F, 7
            while shift < 28:
                byte = data[at]
                at += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80:
                    break
        yield kind, at, length
        at += length
    if at > size:
        message = "a record is cut off"
        raise IndexError(message)


def wide_text(data: bytes, at: int) -> tuple[str, int]:
    """Read a text, its length before it, and say where it ends."""
    (count,) = _U32.unpack_from(data, at)
    if count == 0xFFFFFFFF:  # none, as opposed to an empty one
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(data):
        message = "a text is cut off"
        raise IndexError(message)
    return data[at + 4 : end].decode("utf-16-le", "surrogatepass"), end


def index_of(package: Package) -> Index:
    """Read the list of sheets, the shared texts and the number formats."""
    relations = _relations(package)
    sheets, from_1904 = list[SheetPart](), False
    data = _whole(package, _ROOT)
    for kind, at, _ in records(data):
        if kind == _WORKBOOK_PROPERTIES:
            from_1904 = bool(data[at] & 1)
        elif kind == _BUNDLE_SHEET:
            relation, end = wide_text(data, at + 8)
            name, _ = wide_text(data, end)
            family, part = relations.get(relation, ("", ""))
            if family == "worksheet":
                sheets.append(SheetPart(name, data[at] & 3 == 0, part))
    parts = dict(relations.values())
    texts = _texts(_whole(package, parts.get("sharedStrings", "")))
    return Index(tuple(sheets), texts, _formats(_whole(package, parts.get("styles", ""))), from_1904)


def _whole(package: Package, part: str) -> bytes:
    return b"".join(package.chunks(part)) if package.has(part) else b""


def _relations(package: Package) -> dict[str, tuple[str, str]]:
    """Give by its id the last word of a relation's type, and the part it names."""
    found, parser = dict[str, tuple[str, str]](), expat_parser()

    def take(name: str, attributes: dict[str, str]) -> None:
        if local_name(name) == "Relationship":
            target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "").replace("\\", "/")))
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target.lstrip("/"))

    parser.StartElementHandler = take
    parser.Parse(_whole(package, "xl/_rels/workbook.bin.rels"), True)  # noqa: FBT003 - expat takes no keywords
    return found


def _texts(data: bytes) -> tuple[str, ...]:
    return tuple(wide_text(data, at + 1)[0] for kind, at, _ in records(data) if kind == _STRING_ITEM)


def _formats(data: bytes) -> tuple[NumberFormat, ...]:
    codes, formats, is_cell = dict[int, str](), list[NumberFormat](), False
    for kind, at, _ in records(data):
        if kind == _FORMAT:
            codes[_U16.unpack_from(data, at)[0]] = wide_text(data, at + 2)[0]
        elif kind in {_BEGIN_CELL_XFS, _END_CELL_XFS}:
            is_cell = kind == _BEGIN_CELL_XFS
        elif kind == _XF and is_cell:
            (used,) = _U16.unpack_from(data, at + 2)
            formats.append(number_format(codes[used]) if used in codes else builtin_format(used))
    return tuple(formats)
