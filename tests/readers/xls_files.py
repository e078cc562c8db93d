"""Makes .xls files from their records (MS-XLS), with or without the container (MS-CFB), since no kept library writes them."""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = [
    "LOOKS",
    "Sheet",
    "boolean",
    "container",
    "error",
    "formula",
    "hidden_row",
    "merged",
    "number",
    "record",
    "stream",
    "text",
]

LOOKS = ("General", "00000", "yyyy-mm-dd", "[h]:mm", "hh:mm")  # a cell's style is the place in it
_GLOBALS, _WORKSHEET, _MACROS = 5, 0x10, 0x40
PROTECTED = struct.pack("<HHHH", 0x2F, 4, 0, 0)


@dataclass(frozen=True)
class Sheet:
    name: str
    records: bytes
    visibility: int = 0
    kind: int = 0  # 1 is a macro sheet, 2 a chart


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _beginning(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 0))


def _wide(value: str, length: str) -> bytes:
    return struct.pack(f"<{length}B", len(value.encode("utf-16-le")) // 2, 1) + value.encode("utf-16-le")


def text(row: int, column: int, value: str) -> bytes:
    return record(0x0204, struct.pack("<HHH", row, column, 0) + _wide(value, "H"))


def number(row: int, column: int, value: float, look: int = 0) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, look, value))


def boolean(row: int, column: int, value: bool) -> bytes:
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, value, 0))


def error(row: int, column: int, code: int) -> bytes:
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, code, 1))


def formula(row: int, column: int, result: bytes, flags: int = 0) -> bytes:
    return record(0x0006, struct.pack("<HHH", row, column, 0) + result + struct.pack("<HIH", flags, 0, 0))


def hidden_row(row: int) -> bytes:
    return record(0x0208, struct.pack("<HHHHHHI", row, 0, 3, 255, 0, 0, 0x0120))


def merged(first: int, last: int, left: int, right: int) -> bytes:
    return record(0x00E5, struct.pack("<HHHHH", 1, first, last, left, right))


def stream(*sheets: Sheet, before: bytes = b"", from_1904: bool = False, looks: tuple[str, ...] = LOOKS) -> bytes:
    """The records of a workbook of Excel 97 to 2003."""
    head = _beginning(_GLOBALS) + before + record(0x0042, struct.pack("<H", 1200))
    head += record(0x0022, struct.pack("<H", from_1904))
    for at, look in enumerate(looks):
        head += record(0x041E, struct.pack("<H", 164 + at) + _wide(look, "H"))
    for at in range(len(looks)):
        head += record(0x00E0, struct.pack("<HHH", 0, 164 + at, 0) + bytes(14))
    bodies = [
        _beginning(_WORKSHEET if sheet.kind == 0 else _MACROS) + sheet.records + record(0x000A) for sheet in sheets
    ]
    names = [_wide(sheet.name, "B") for sheet in sheets]
    offset, bounds = len(head) + sum(4 + 6 + len(name) for name in names) + 4, b""
    for sheet, name, body in zip(sheets, names, bodies, strict=True):
        bounds += record(0x0085, struct.pack("<IBB", offset, sheet.visibility, sheet.kind) + name)
        offset += len(body)
    return head + bounds + record(0x000A) + b"".join(bodies)


def container(content: bytes, name: str = "Workbook") -> bytes:
    """Wrap a stream as a file with one stream; short ones are filled up, so that they lie in sectors of their own."""
    content = content.ljust(4096, b"\0")
    content += bytes(-len(content) % 512)
    sectors = len(content) // 512
    tables = (sectors + 1) // 127 + 1
    chain = [0xFFFFFFFD] * tables + [0xFFFFFFFE]
    chain += [*range(tables + 2, tables + 1 + sectors), 0xFFFFFFFE]
    chain += [0xFFFFFFFF] * (128 * tables - len(chain))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<IIIIIIII", tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", *range(tables), *([0xFFFFFFFF] * (109 - tables)))
    entries = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry(name, 2, 0xFFFFFFFF, tables + 1, len(content))
    return head + struct.pack(f"<{len(chain)}I", *chain) + entries.ljust(512, b"\0") + content


def _entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    return (
        wide.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(wide), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )
