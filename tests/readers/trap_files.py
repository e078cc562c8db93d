"""Makes the workbooks that real programs write and readers stumble over, and reads files back for the tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import openpyxl

from importer.readers.opening import open_source
from importer.readers.source import ReaderOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from importer.model import Row, SourceInfo

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
Change = bytes | Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Read:
    info: SourceInfo
    rows: list[Row]
    blank_rows: int

    @property
    def cells(self) -> list[tuple[object, ...]]:
        return [row.cells for row in self.rows]

    @property
    def numbers(self) -> list[int]:
        return [row.number for row in self.rows]

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(row.number, issue.code.value) for row in self.rows for issue in row.issues]


def read(path: Path, options: ReaderOptions | None = None) -> Read:
    with open_source(path, options or ReaderOptions()) as source:
        rows = list(source.rows())
        return Read(source.info, rows, source.blank_rows)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(rows: Iterable[Sequence[object]], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def patch(
    data: bytes,
    changes: Mapping[str, Change] | None = None,
    drop: Sequence[str] = (),
    rename: Callable[[str], str] = str,
) -> bytes:
    """Copy a zip; replace parts by bytes or by a function of the old bytes, drop or rename some."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name in drop:
                continue
            change = (changes or {}).get(name)
            body = old.read(name)
            info = zipfile.ZipInfo(name)
            info.filename = rename(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, body if change is None else change if isinstance(change, bytes) else change(body))
    return out.getvalue()


def text(ref: str, value: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(ref: str, value: str) -> str:
    return f'<c r="{ref}"><v>{value}</v></c>'


def xml_sheet(rows: str, dimension: str = "", doctype: str = "") -> bytes:
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<worksheet {NS}>{dimension}'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    return patch(workbook([["x"]]), {SHEET: xml.encode()})


HEAD = '<row r="1">' + text("A1", "id") + text("B1", "name") + text("C1", "country") + "</row>"


def row(at: int) -> str:
    return (
        f'<row r="{at}">'
        + number(f"A{at}", str(at - 1))
        + text(f"B{at}", f"N{at - 1}")
        + text(f"C{at}", "NL")
        + "</row>"
    )


BODY = HEAD + "".join(map(row, range(2, 12)))  # 11 rows x 3 columns
BODY_CELLS = [(at - 1, f"N{at - 1}", "NL") for at in range(2, 12)]
