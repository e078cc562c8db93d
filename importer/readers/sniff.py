"""Turns the first bytes of a file into the format it is in, or into the reason why it cannot be read.

The extension decides nothing: exports named .xls are HTML, CSV or workbooks as often as not. A further format gets a
member of `Format` here and a reader in `opening`; until then its line in the tables below says what to do with it.
"""

from __future__ import annotations

import re
import zipfile
from contextlib import contextmanager
from enum import StrEnum
from typing import IO, TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.header import listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["CHUNK_BYTES", "Format", "readable", "recognise"]

CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 8192

_SAVE_AS = "Open it in Excel or LibreOffice and save it as .xlsx or CSV"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# first bytes -> what the file is, and what to do
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x05\x06", "an empty zip archive. Export the file again"),
    (b"%PDF-", "a PDF document. Export the companies as .xlsx or CSV"),
    (b"\x1f\x8b", "compressed with gzip. Unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive. Unpack it first"),
    (b"Rar!", "a RAR archive. Unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database. Export the companies as CSV"),
    (b"{\\rtf", f"an RTF document. {_SAVE_AS}"),
    (b"\x09\x00\x04\x00", f"a workbook of Excel 2. {_SAVE_AS}"),
    (b"\x09\x02\x06\x00", f"a workbook of Excel 3. {_SAVE_AS}"),
    (b"\x09\x04\x06\x00", f"a workbook of Excel 4. {_SAVE_AS}"),
    (b"\x09\x08\x08\x00", f"a workbook of Excel 5. {_SAVE_AS}"),
    (b"\x09\x08\x10\x00", f"a workbook in the old .xls format. {_SAVE_AS}"),
)
# the part that tells a zip archive -> what the file is; None where it can be read
_PARTS: tuple[tuple[str, str | None], ...] = (
    ("xl/workbook.xml", None),
    ("xl/workbook.bin", f"a binary workbook (.xlsb). {_SAVE_AS}"),
    ("word/document.xml", "a Word document. Copy the table into a spreadsheet and save that as .xlsx"),
    ("ppt/presentation.xml", "a presentation. Export the companies as .xlsx or CSV"),
    ("index/document.iwa", "a Numbers document. Export it from Numbers as Excel or CSV"),
    ("content.xml", f"an OpenDocument file (.ods). {_SAVE_AS}"),
)
# a name in the directory of an OLE file, in UTF-16 -> what the file is
_STREAMS: tuple[tuple[str, str], ...] = (
    (
        "EncryptedPackage",
        "a workbook protected by a password. Open it, remove the password, and save it as .xlsx or CSV",
    ),
    ("Workbook", f"a workbook in the old .xls format. {_SAVE_AS}"),
    ("Book", f"a workbook in the old .xls format. {_SAVE_AS}"),
)
# the beginning of a text, after a BOM and blanks, in small letters -> what the file is
_MARKUP: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"<\?xml.*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL),
        f"a workbook in the XML format of Excel 2003. {_SAVE_AS}",
    ),
    (
        re.compile(r"(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|meta|body|table|div|style)\b"),
        f"a web page. {_SAVE_AS}",
    ),
    (re.compile(r"<\?xml\b"), "an XML file. Export the companies as .xlsx or CSV"),
    (re.compile(r"""\{\s*["}]|\[\s*[\[{"]"""), "a JSON file. Export the companies as .xlsx or CSV"),
    (re.compile(r"id;p[^\r\n]*\r?\n(?:.*\n)?c;(?:[xy]\d+;)+k", re.DOTALL), f"a SYLK file. {_SAVE_AS}"),
    (re.compile(r"table\r?\n0,1\r?\n\""), f"a DIF file. {_SAVE_AS}"),
)


class Format(StrEnum):
    """What can be read; the value is what `SourceInfo.format` says."""

    CSV = "csv"
    XLSX = "xlsx"


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a file into a `SourceError`."""
    try:
        yield
    except FileNotFoundError as error:
        message = f"{path}: there is no such file. Check the path."
        raise SourceError(message) from error
    except PermissionError as error:
        message = f"{path}: not allowed to read the file. Close it in other programs, or change its permissions."
        raise SourceError(message) from error
    except OSError as error:
        message = f"{path}: the file cannot be read ({error.strerror or error}). Check the path and the disk."
        raise SourceError(message) from error


def recognise(path: Path) -> Format:
    """Say what a file is by its content.

    Raises:
        SourceError: it is nothing that can be read; the message says what it is and what to do.
    """
    with readable(path):
        if path.is_dir():
            raise SourceError(_told(path, "a folder. Name a file"))
        if path.exists() and not path.is_file():
            raise SourceError(_told(path, "not a regular file. Save its content to a file first"))
        with path.open("rb") as file:
            return _recognised(path, file)


def _recognised(path: Path, file: IO[bytes]) -> Format:
    head = file.read(_HEAD_BYTES)
    if not head:
        raise SourceError(_told(path, "empty. Export it again"))
    if head.startswith(_ZIP) or (len(head) < 4 and len(head) > 1 and _ZIP.startswith(head)):
        return _unzipped(path, file)
    if head.startswith(_OLE):
        raise SourceError(_told(path, _ole_kind(file)))
    kind = next((told for magic, told in _MAGIC if head.startswith(magic)), None) or _markup_kind(head)
    if kind is not None:
        raise SourceError(_told(path, kind))
    return Format.CSV


def _unzipped(path: Path, file: IO[bytes]) -> Format:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SourceError(_told(path, "damaged: its end is missing. Copy or export it again")) from error
    present = {name.replace("\\", "/").lower() for name in names}
    for part, told in _PARTS:
        if part in present:
            if told is None:
                return Format.XLSX
            raise SourceError(_told(path, told))
    inside = f" It holds {listed(names, 3)}." if names else ""
    raise SourceError(_told(path, "a zip archive, not a workbook. Unpack it, and name one file in it") + inside)


def _ole_kind(file: IO[bytes]) -> str:
    """Find which known stream an OLE file has; its directory may lie anywhere in the file."""
    file.seek(0)
    found, tail = set[str](), b""
    names = {name: name.encode("utf-16-le") for name, _ in _STREAMS}
    while chunk := file.read(CHUNK_BYTES):
        found.update(name for name, wanted in names.items() if wanted in tail + chunk)
        tail = chunk[-64:]
    return next(
        (told for name, told in _STREAMS if name in found), f"a document of an older Office program. {_SAVE_AS}"
    )


def _markup_kind(head: bytes) -> str | None:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    text = head[: len(head) & ~1].decode(encoding, "ignore")  # only looked at, never kept
    text = text.removeprefix("\xef\xbb\xbf").lstrip().lower()
    return next((told for pattern, told in _MARKUP if pattern.match(text)), None)


def _told(path: Path, kind: str) -> str:
    return f"{path}: the file is {kind}."
