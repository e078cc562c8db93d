"""Makes .xlsb workbooks from their records (MS-XLSB), since no library of Python writes them."""

from __future__ import annotations

import io
import struct
import zipfile

__all__ = [
    "LOOKS",
    "area",
    "blank",
    "boolean",
    "error",
    "line",
    "real",
    "record",
    "rich",
    "rk",
    "shared",
    "text",
    "xlsb",
]

LOOKS = ("General", "00000", "yyyy-mm-dd", "[h]:mm")  # a cell's style is the place in it
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = b"", len(data)
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return head + length + bytes([size]) + data


def _wide(value: str) -> bytes:
    return struct.pack("<I", len(value.encode("utf-16-le")) // 2) + value.encode("utf-16-le")


def _place(column: int | None, look: int) -> bytes:
    return (b"" if column is None else struct.pack("<I", column)) + struct.pack("<I", look)


def line(row: int, *, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBB", row, 0, 300, 0, 0x10 if hidden else 0, 0) + struct.pack("<I", 0))


def blank(column: int | None) -> bytes:
    return record(1 if column is not None else 12, _place(column, 0))


def rk(column: int | None, raw: int, look: int = 0) -> bytes:
    return record(2 if column is not None else 13, _place(column, look) + struct.pack("<I", raw))


def error(column: int | None, code: int, *, formula: bool = False) -> bytes:
    return record(11 if formula else 3 if column is not None else 14, _place(column, 0) + bytes([code]))


def boolean(column: int | None, value: bool) -> bytes:
    return record(4 if column is not None else 15, _place(column, 0) + bytes([value]))


def real(column: int | None, value: float, look: int = 0, *, formula: bool = False) -> bytes:
    return record(9 if formula else 5 if column is not None else 16, _place(column, look) + struct.pack("<d", value))


def text(column: int | None, value: str, *, formula: bool = False) -> bytes:
    return record(8 if formula else 6 if column is not None else 17, _place(column, 0) + _wide(value))


def shared(column: int | None, number: int) -> bytes:
    return record(7 if column is not None else 18, _place(column, 0) + struct.pack("<I", number))


def rich(column: int, value: str) -> bytes:
    return record(62, _place(column, 0) + b"\0" + _wide(value))


def area(first: int, last: int, left: int, right: int) -> bytes:
    return record(176, struct.pack("<IIII", first, last, left, right))


def _styles(looks: tuple[str, ...]) -> bytes:
    formats = b"".join(record(44, struct.pack("<H", 164 + at) + _wide(look)) for at, look in enumerate(looks))
    cells = b"".join(record(47, struct.pack("<HH", 0, 164 + at) + bytes(12)) for at in range(len(looks)))
    return formats + record(626) + record(47, bytes(16)) + record(627) + record(617) + cells + record(618)


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def xlsb(
    *sheets: tuple[str, int, bytes],
    texts: tuple[str, ...] = (),
    after: bytes = b"",
    complete: bool = True,
    from_1904: bool = False,
    looks: tuple[str, ...] = LOOKS,
) -> bytes:
    """A workbook of sheets given by name, state (1 is hidden) and the records of their rows."""
    relations = ""
    book = record(131) + record(153, struct.pack("<III", from_1904, 0, 0)) + record(143)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, (name, state, rows) in enumerate(sheets, 1):
            book += record(156, struct.pack("<II", state, at) + _wide(f"rId{at}") + _wide(name))
            relations += _relation(at, "worksheet", f"worksheets/sheet{at}.bin")
            body = record(129) + record(145) + rows + (record(146) + after + record(130) if complete else b"")
            archive.writestr(f"xl/worksheets/sheet{at}.bin", body)
        book += record(156, struct.pack("<II", 0, 99) + _wide("rId99") + _wide("Chart")) + record(144) + record(132)
        relations += _relation(99, "chartsheet", "chartsheets/sheet1.bin")
        relations += _relation(100, "sharedStrings", "sharedStrings.bin") + _relation(101, "styles", "/xl/styles.bin")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", f"<Relationships>{relations}</Relationships>")
        archive.writestr("xl/sharedStrings.bin", b"".join(record(19, b"\0" + _wide(value)) for value in texts))
        archive.writestr("xl/styles.bin", _styles(looks))
        archive.writestr("[Content_Types].xml", "<Types/>")
    return out.getvalue()
