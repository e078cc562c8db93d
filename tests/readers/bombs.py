"""Makes files that are small and ask for a machine's all, and reads one as a user's command does."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.readers.trap_files import NS, workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 1 << 20
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Part:
    """A member of a zip archive, deflated; `declared` is what the archive says of its length."""

    data: bytes
    crc: int
    length: int
    declared: int


def part(data: bytes) -> Part:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return Part(packer.compress(data) + packer.flush(), zlib.crc32(data), len(data), len(data))


def blown_up(before: bytes, filling: bytes, times: int, after: bytes, declared: int | None = None) -> Part:
    """Make a member of many equal pieces, without compressing each: a flushed piece may be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(filling) + packer.flush(zlib.Z_FULL_FLUSH)
    tail = packer.compress(after) + packer.flush()
    crc = zlib.crc32(before)
    for _ in range(times):
        crc = zlib.crc32(filling, crc)
    length = len(before) + len(filling) * times + len(after)
    return Part(head + piece * times + tail, zlib.crc32(after, crc), length, length if declared is None else declared)


def packed(parts: Mapping[str, Part]) -> bytes:
    """Write a zip archive by hand, for the libraries will not lie."""
    out, directory = bytearray(), bytearray()
    for name, one in parts.items():
        facts = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, one.crc, len(one.data), one.declared, len(name), 0)
        directory += b"PK\x01\x02\x14\x00" + facts + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name.encode()
        out += b"PK\x03\x04" + facts + name.encode() + one.data
    end = struct.pack("<HHHHIIH", 0, 0, min(len(parts), 65_535), min(len(parts), 65_535), len(directory), len(out), 0)
    return bytes(out + directory + b"PK\x05\x06" + end)


def parts_of(data: bytes) -> dict[str, Part]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: part(archive.read(name)) for name in archive.namelist()}


def with_part(name: str, new: Part) -> bytes:
    """Put a part into a workbook of one cell."""
    return packed({**parts_of(workbook([["id"]])), name: new})


def sheet_of(body: bytes, doctype: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        + doctype
        + f"<worksheet {NS}><sheetData>".encode()
        + body
        + b"</sheetData></worksheet>"
    )


_READING = """
import json, os, resource, sys
from pathlib import Path
from importer.errors import SourceError
from importer.readers import open_source
told, rows = None, 0
try:
    with open_source(Path(sys.argv[1])) as source:
        rows = sum(1 for _ in source.rows())
except SourceError as error:
    told = str(error)
status = Path("/proc/self/status").read_text()  # what getrusage says of us counts who started us as well
own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
peak = own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([told, rows, sum(os.times()[:4]), peak / 1024]))
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a file; the peak is that of all processes together."""

    told: str | None
    rows: int
    seconds: float  # of processor time, of all processes: what others do on the machine does not count
    peak_mib: float


def read_apart(path: Path) -> Ended:
    """Read a file in a process of its own."""
    words = [sys.executable, "-c", _READING, str(path)]
    ended = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(_ROOT)}, capture_output=True, check=True)
    assert ended.stderr == b""
    return Ended(*json.loads(ended.stdout))
