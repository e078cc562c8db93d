from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.errors import SourceError
from importer.readers import Limits, ReaderOptions, open_source
from importer.readers.package import Package, Sheet
from tests.readers.trap_files import BODY, SHEET, patch, read, workbook, xml_sheet

if TYPE_CHECKING:
    from tests.readers.conftest import Write

PATH = Path("companies.xlsx")


def bomb(part: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xml_sheet(BODY))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        with new.open(part, "w") as stream:
            for _ in range(size >> 20):
                stream.write(b" " * (1 << 20))
    return out.getvalue()


def understated(data: bytes, part: str, size: int) -> bytes:
    """Make the directory of a zip, and the header of the part, declare a small size for it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(part)
    lied, true = struct.pack("<I", size), struct.pack("<I", info.file_size)
    return data.replace(struct.pack("<I", info.compress_size) + true, struct.pack("<I", info.compress_size) + lied)


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml"])
def test_a_zip_bomb_is_refused_unopened(write: Write, part: str) -> None:
    with pytest.raises(SourceError, match=r"would unpack to \d+ MiB"):
        read(write(bomb(part, 80 << 20)))


def test_raised_limits_open_what_is_refused_otherwise(write: Write) -> None:
    path = write(bomb("xl/media/image1.bin", 160 << 20))
    with pytest.raises(SourceError, match="KANBERT_LIMITS=ratio="), open_source(path):
        pass
    with open_source(path, ReaderOptions(limits=Limits(ratio=100_000))) as source:
        assert source.info.sheet
    with pytest.raises(SourceError, match="KANBERT_LIMITS=ratio="):
        Package(path.read_bytes(), path)
    with pytest.raises(SourceError, match="KANBERT_LIMITS=unpacked="):
        Package(path.read_bytes(), path, Limits(ratio=100_000, unpacked=1 << 20))


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml"])
def test_a_part_longer_than_declared_is_refused(write: Write, part: str) -> None:
    with pytest.raises(SourceError, match="damaged"):
        read(write(understated(bomb(part, 8 << 20), part, 1000)))


def test_a_zip_of_too_many_parts_is_refused(write: Write) -> None:
    out = io.BytesIO(workbook([["x"]]))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(10_001):
            archive.writestr(f"x{number}", "")
    with pytest.raises(SourceError, match="parts"):
        read(write(out.getvalue()))


def test_bytes_that_are_no_zip_are_refused() -> None:
    with pytest.raises(SourceError, match="damaged"):
        Package(b"PK\x03\x04", PATH)


def test_a_part_with_flipped_bytes_is_refused() -> None:
    data = bytearray(xml_sheet(BODY))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(SHEET)
    start = info.header_offset + 30 + len(SHEET)
    data[start : start + 40] = b"\xff" * 40
    with pytest.raises(SourceError, match="damaged"):
        list(Package(bytes(data), PATH).chunks(SHEET))


def test_an_index_of_unreasonable_size_is_refused() -> None:
    with pytest.raises(SourceError, match="damaged"):
        Package(bomb("xl/workbook.xml", 17 << 20), PATH).sheets()


def test_sheets_are_listed_with_their_parts() -> None:
    assert Package(workbook([["x"]], "Blad 1"), PATH).sheets() == (Sheet("Blad 1", True, "xl/worksheets/sheet1.xml"),)


def test_a_sheet_whose_part_is_not_told_is_listed_without() -> None:
    nowhere = patch(workbook([["x"]]), drop=["xl/_rels/workbook.xml.rels"])
    assert Package(nowhere, PATH).sheets() == (Sheet("Sheet", True, None),)
    elsewhere = patch(workbook([["x"]]), drop=[SHEET])
    assert Package(elsewhere, PATH).sheets() == (Sheet("Sheet", True, None),)
