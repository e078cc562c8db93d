"""Files of a megabyte that ask for a gigabyte are refused at once, and take little on the way."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.readers.bombs import MIB, blown_up, packed, part, parts_of, read_apart, sheet_of, with_part
from tests.readers.trap_files import NS, SHEET, workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.readers.conftest import Write

STRINGS = "xl/sharedStrings.xml"
BEGIN, END = sheet_of(b"@").split(b"@")
CELL_BEGIN, CELL_END = sheet_of(b'<row r="1"><c r="A1" t="inlineStr"><is><t>@</t></is></c></row>').split(b"@")
LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
LAUGHING = b'<!DOCTYPE x [<!ENTITY a0 "lol">' + LAUGHS + b"]>"
QUADRATIC = b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 100_000 + b'">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
SHARED = b'<row r="1"><c r="A1" t="s"><v>0</v></c></row>'


def cell(text: bytes, doctype: bytes = b"") -> bytes:
    return with_part(
        SHEET, part(sheet_of(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + text + b"</t></is></c></row>", doctype))
    )


def shared_strings(declared: int | None = None) -> bytes:
    strings = blown_up(f"<sst {NS}><si><t>".encode(), b"x" * MIB, 1024, b"</t></si></sst>", declared)
    return packed({**parts_of(workbook([["id"]])), SHEET: part(sheet_of(SHARED)), STRINGS: strings})


def laughing_strings() -> bytes:
    strings = part(LAUGHING + f"<sst {NS}><si><t>&a9;</t></si></sst>".encode())
    return packed({**parts_of(workbook([["id"]])), SHEET: part(sheet_of(SHARED)), STRINGS: strings})


def letters(index: int) -> bytes:
    found, number = b"", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = bytes([65 + rest]) + found
    return found


def wide(*, named: bool) -> bytes:
    cells = (b'<c r="%s1"><v>1</v></c>' % letters(n) if named else b"<c><v>1</v></c>" for n in range(1_000_000))
    return with_part(SHEET, part(sheet_of(b'<row r="1">' + b"".join(cells) + b"</row>")))


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "blanks": (lambda: with_part(SHEET, blown_up(BEGIN, b" " * MIB, 1024, END)), "would unpack to 1,024 MiB"),
    "blanks, a small size declared": (
        lambda: with_part(SHEET, blown_up(BEGIN, b" " * MIB, 1024, END, 5000)),
        "is damaged",
    ),
    "one cell": (
        lambda: with_part(SHEET, blown_up(CELL_BEGIN, b"x" * MIB, 1024, CELL_END)),
        "would unpack to 1,024 MiB",
    ),
    "one cell, a small size declared": (
        lambda: with_part(SHEET, blown_up(CELL_BEGIN, b"x" * MIB, 1024, CELL_END, 5000)),
        "is damaged",
    ),
    "one shared string": (shared_strings, "would unpack to 1,024 MiB"),
    "one shared string, a small size declared": (lambda: shared_strings(5000), "is damaged"),
    "billion laughs": (lambda: cell(b"&a9;", LAUGHING), "a document type is declared"),
    "billion laughs in the shared strings": (laughing_strings, "a document type is declared"),
    "quadratic blowup": (lambda: cell(b"&a;" * 20_000, QUADRATIC), "a document type is declared"),
    "an outside entity": (lambda: cell(b"&a;", OUTSIDE), "a document type is declared"),
    "100,000 parts": (
        lambda: packed({**parts_of(workbook([["id"]])), **{f"x/{n}": part(b"") for n in range(100_000)}}),
        "in 100,009 parts",
    ),
    "a million columns": (lambda: wide(named=True), "columns than Excel"),
    "a million columns that do not say where they are": (lambda: wide(named=False), "columns than Excel"),
    "60,000 rows in each other": (
        lambda: with_part(SHEET, part(sheet_of(b"<row>" * 60_000 + b"</row>" * 60_000))),
        "is empty",
    ),
    "a million columns of text": (
        lambda: b";".join(b"c%d" % n for n in range(1_000_000)) + b"\n" + b";" * 999_999 + b"\n",
        "the header has 1,000,000 cells",
    ),
    "gzip": (lambda: gzip.compress(b"id;name\n" + b"1;a\n" * (MIB << 6), 1), "would unpack to more than"),
    "a text in a zip archive": (
        lambda: packed({"a.csv": blown_up(b"id;name\n", b"1;a\n" * (MIB // 4), 1024, b"")}),
        "would unpack to 1,024 MiB",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str, write: Write) -> None:
    make, words = BOMBS[name]
    data = make()
    assert len(data) < 15 * MIB
    path = write(data, "bomb.xlsx")
    ended = read_apart(path)
    assert ended.told is not None
    assert words in ended.told
    assert str(path) in ended.told
    assert len(ended.told) < len(str(path)) + 500
    assert ended.seconds < 5
    assert ended.peak_mib < 300


@pytest.mark.slow
def test_what_is_large_and_no_bomb_is_read(write: Write) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n * 7919) for n in range(2, 100_000))
    ended = read_apart(write(with_part(SHEET, part(sheet_of(SHARED.replace(b' t="s"', b"") + rows))), "large.xlsx"))
    assert (ended.told, ended.rows) == (None, 99_998)
