"""What is fuzzed: bytes become a file of one format, which is read as a user's file is, and held to the readers' promise.

The promise (see `Source`): rows come out, or a `SourceError`, and nothing else; a second pass gives the same rows; row
numbers grow; every row has as many cells as there are columns. Time and memory are the fuzzer's to watch.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.opening import open_source  # in this process: what it may do in a child, others test
from tests.fuzz import seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from importer.readers.source import Source

__all__ = ["TARGETS", "Target", "tried"]


@dataclass(frozen=True, slots=True)
class Target:
    """One format: inputs to begin with, and how a file is made of an input."""

    seeds: tuple[bytes, ...]
    file: Callable[[bytes], bytes] = bytes


def tried(data: bytes, target: Target, path: Path) -> int | None:
    """Read the file that an input makes; the number of its rows, None where it is refused with a reason.

    Raises:
        AssertionError: the rows break the promise; any other exception breaks it too.
    """
    path.write_bytes(target.file(data))
    try:
        with open_source(path) as source:
            return _judged(source)
    except SourceError as error:
        refusal = str(error)
    assert str(path) in refusal, f"which file? {refusal}"
    return None


def _judged(source: Source) -> int:
    width, last = len(source.info.columns), source.info.header_row
    assert width > 0
    assert len(set(source.info.columns)) == width
    first_pass = list(source.rows())
    for row in first_pass:
        assert row.number > last
        assert len(row.cells) == width
        last = row.number
    assert list(map(repr, source.rows())) == list(map(repr, first_pass))  # NaN is not equal to itself
    return len(first_pass)


def _packed(parts: Sequence[tuple[str, bytes]], data: bytes) -> bytes:
    """Put what is behind the first byte into the part that this byte names; the others stay as they are."""
    changed = data[0] % len(parts) if data else 0
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for place, (name, body) in enumerate(parts):
            archive.writestr(zipfile.ZipInfo(name), data[1:] if place == changed else body)
    return out.getvalue()


def _of_package(package: bytes, more: Sequence[bytes] = (), *, part: str = "") -> Target:
    """Fuzz the parts of a package, each by itself; `more` are further bodies of one `part`."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    begun = [bytes([place]) + body for place, (_, body) in enumerate(parts)]
    begun += [bytes([place]) + body for place, (name, _) in enumerate(parts) if name == part for body in more]
    return Target(tuple(begun), partial(_packed, parts))


def _ods() -> Target:
    content = seeds.ods_contents()
    return _of_package(seeds.ods_package(content[0]), content, part="content.xml")


TARGETS: dict[str, Callable[[], Target]] = {
    "csv": lambda: Target(tuple(seeds.csv_files())),
    "html": lambda: Target(tuple(seeds.html_files())),
    "xml-2003": lambda: Target(tuple(seeds.xml_2003_files())),
    "xlsx": lambda: _of_package(seeds.xlsx_workbook(), seeds.sheets_of_xlsx(), part="xl/worksheets/sheet1.xml"),
    "xlsb": lambda: _of_package(seeds.xlsb_workbook()),
    "xls": lambda: Target(tuple(seeds.xls_workbooks())),
    "ods": _ods,
    "any": lambda: Target((*seeds.csv_files(), seeds.xlsx_workbook(), seeds.xlsb_workbook(), *seeds.packed_files())),
}
