from __future__ import annotations

import struct

import pytest

from importer.readers.compound import stream_of
from tests.readers.xls_files import container

CONTENT = bytes(range(256)) * 40
FREE, LAST = 0xFFFFFFFF, 0xFFFFFFFE


def small(content: bytes) -> bytes:
    """A container whose only stream lies in small sectors, as Excel 5 writes short workbooks."""
    sectors = -(-len(content) // 64)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 2, 1, LAST, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    table = [0xFFFFFFFD, LAST, LAST, *range(4, 3 + -(-sectors // 8)), LAST]
    smalls = [*range(1, sectors), LAST]
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBIII", 22, 5, 1, FREE, FREE, 1)
    root += bytes(36) + struct.pack("<IQ", 3, sectors * 64)
    entry = "Book".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBIII", 10, 2, 1, FREE, FREE, FREE)
    entry += bytes(36) + struct.pack("<IQ", 0, len(content))
    body = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff") + (root + entry).ljust(512, b"\0")
    return head + body + struct.pack(f"<{len(smalls)}I", *smalls).ljust(512, b"\xff") + content


def test_a_stream_is_read_whole() -> None:
    assert stream_of(container(CONTENT), ("Book", "Workbook")).startswith(CONTENT)
    assert stream_of(container(CONTENT * 30), ["workbook"])[: len(CONTENT) * 30] == CONTENT * 30


def test_a_short_stream_lies_in_small_sectors() -> None:
    assert stream_of(small(CONTENT[:1000]), ("Workbook", "Book")) == CONTENT[:1000]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(container(CONTENT, "Other"), "no such stream", id="other-stream"),
        pytest.param(container(CONTENT)[:4000], "are missing at the end", id="cut-off"),
        pytest.param(small(CONTENT[:1000])[:-400], "are missing", id="small-one-cut-off"),
        pytest.param(
            container(CONTENT)[:30] + b"\xff\xff" + container(CONTENT)[32:], "impossible size", id="sector-size"
        ),
        pytest.param(
            small(CONTENT[:1000]).replace(struct.pack("<HB", 22, 5), struct.pack("<HB", 22, 1)),
            "no root",
            id="no-root",
        ),
    ],
)
def test_a_damaged_container_is_told(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stream_of(data, ("Workbook", "Book"))


@pytest.mark.parametrize("make", [container, small])
def test_a_chain_in_a_circle_has_an_end(make: object) -> None:
    data = bytearray(small(CONTENT[:1000]) if make is small else container(CONTENT))
    at = 512 + 512 * 2 + 4 if make is small else 512 + 4 * 5
    data[at : at + 4] = struct.pack("<I", 0 if make is small else 3)
    with pytest.raises(ValueError, match="in a circle"):
        stream_of(bytes(data), ("Workbook", "Book"))


def test_a_long_table_of_chains_goes_on_in_a_chain_of_its_own() -> None:
    """A file of more than 7 MB names the sectors of its table outside the header."""
    content = bytes(8 << 20)
    sectors = len(content) // 512
    tables = sectors // 127 + 1
    directory, first, extra = tables, tables + 1, tables + 1 + sectors
    chain = [0xFFFFFFFD] * tables + [LAST, *range(first + 1, first + sectors), LAST, 0xFFFFFFFC]
    chain += [FREE] * (128 * tables - len(chain))
    head = bytearray(container(b"x")[:512])
    struct.pack_into("<IIIIIIIII", head, 40, 0, tables, directory, 0, 4096, LAST, 0, extra, 1)
    struct.pack_into("<109I", head, 76, *range(109))
    entries = bytearray(container(b"x")[1024:1536])
    struct.pack_into("<IQ", entries, 128 + 116, first, len(content))
    rest = [*range(109, tables)]
    more = struct.pack("<128I", *rest, *[FREE] * (127 - len(rest)), LAST)
    data = bytes(head) + struct.pack(f"<{len(chain)}I", *chain) + bytes(entries) + content + more
    assert stream_of(data, ("Workbook",)) == content
