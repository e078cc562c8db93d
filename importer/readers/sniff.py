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
from importer.readers.archive import BEGINNING, is_binary_book, is_xml_book, open_archive
from importer.readers.compound import HEADER_BYTES, MAGIC, is_cut_off
from importer.readers.header import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["CHUNK_BYTES", "Format", "Packing", "packed_files", "readable", "recognise"]

CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 8192

_SAVE_AS = "Open it in Excel or LibreOffice and save it as .xlsx or CSV"

# Excel opens a file that is only protected against writing by itself, though it is encrypted like the others
_PROTECTED = (
    "a workbook protected by a password. Open it, remove the password, and save it as .xlsx or CSV; where Excel asks for "
    "none, save it under a new name"
)
_CUT_OFF = "damaged: its end is missing. Copy or export it again"
_EXPORT = "Export the companies as .xlsx or CSV"

# first bytes -> what the file is, and what to do
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x05\x06", "an empty zip archive. Export the file again"),
    (b"%PDF-", f"a PDF document. {_EXPORT}"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive. Unpack it first"),
    (b"Rar!", "a RAR archive. Unpack it first"),
    (b"BZh", "compressed with bzip2. Unpack it first"),
    (b"\xfd7zXZ\x00", "compressed with xz. Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd. Unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database. Export the companies as CSV"),
    (b"\x00\x01\x00\x00Standard ", "a database of Access. Export the companies as CSV"),
    (b"PAR1", "a Parquet file. Export the companies as CSV"),
    (b"ARROW1", "an Arrow file. Export the companies as CSV"),
    (b"Obj\x01", "an Avro file. Export the companies as CSV"),
    (b"\x89PNG\r\n", f"an image. {_EXPORT}"),
    (b"\xff\xd8\xff", f"an image. {_EXPORT}"),
    (b"GIF8", f"an image. {_EXPORT}"),
    (b"{\\rtf", f"an RTF document. {_SAVE_AS}"),
    (b"\x00\x00\x02\x00", f"a workbook of Lotus 1-2-3. {_SAVE_AS}"),
    (b"\x00\x00\x1a\x00", f"a workbook of Lotus 1-2-3. {_SAVE_AS}"),
)
# the first record of an .xls file without its container, of Excel 2 to 2003
_BARE_XLS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
_NO_ARCHIVE = (zipfile.BadZipFile, ValueError, NotImplementedError)
_GZIP = b"\x1f\x8b\x08"
_TAR_MARK, _TAR_AT = b"ustar", 257
_DBASE = frozenset(b"\x02\x03\x30\x31\x32\x43\x63\x83\x8b\x8c\xcb\xf5\xfb")  # the first byte of a table, by version


class Format(StrEnum):
    """What can be read; the value is what `SourceInfo.format` says."""

    CSV = "csv"
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    FODS = "fods"
    XML_2003 = "xml-2003"
    HTML = "html"
    MHTML = "mhtml"


class Packing(StrEnum):
    """What a single file can be packed in; the value is the name in messages."""

    GZIP = "gzip"
    ZIP = "zip"


# the part that tells a zip archive -> its format, or what the file is
_PARTS: tuple[tuple[str, Format | str], ...] = (
    ("xl/workbook.xml", Format.XLSX),
    ("xl/workbook.bin", Format.XLSB),
    ("word/document.xml", "a Word document. Copy the table into a spreadsheet and save that as .xlsx"),
    ("ppt/presentation.xml", f"a presentation. {_EXPORT}"),
    ("index/document.iwa", "a Numbers document. Export it from Numbers as Excel or CSV"),
    ("index.zip", "a Numbers document. Export it from Numbers as Excel or CSV"),
    ("encrypted-package", _PROTECTED),  # OpenDocument 1.4
    ("content.xml", Format.ODS),
)
# a name in the directory of an OLE file, in UTF-16 -> its format, or what the file is
_STREAMS: tuple[tuple[str, Format | str], ...] = (
    ("EncryptedPackage", _PROTECTED),
    ("Workbook", Format.XLS),
    ("Book", Format.XLS),
)
# the same as the bytes of its entry; case does not count there
_ENTRIES = {
    name: re.compile(rb"(?<![a-zA-Z]\0)" + name.encode("utf-16-le") + rb"\0\0", re.IGNORECASE) for name, _ in _STREAMS
}
# the beginning of a text, after a BOM and blanks, in small letters -> its format, or what the file is
_MARKUP: tuple[tuple[re.Pattern[str], Format | str], ...] = (
    (re.compile(r"<\?xml.*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL), Format.XML_2003),
    (re.compile(r"<(?:\w+:)?workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet"), Format.XML_2003),
    (
        re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<office:document\b", re.DOTALL),
        Format.FODS,
    ),
    (
        re.compile(
            r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|meta|body|table|div|style)\b", re.DOTALL
        ),
        Format.HTML,
    ),
    (re.compile(r"<\?xml\b"), f"an XML file. {_EXPORT}"),
    (re.compile(r"mime-version:|content-type: *multipart/related"), Format.MHTML),
    (re.compile(r"""\{\s*["}]|\[\s*[\[{"]"""), f"a JSON file. {_EXPORT}"),
    (
        re.compile(r"<(?:p|br|center|font|h[1-6]|title|span|form|b)\b[^>]*>.{0,4096}<table\b", re.DOTALL),
        Format.HTML,
    ),
    (
        re.compile(
            r"id;p[^\r\n]*+[\r\n]++(?:[^\r\n]*+[\r\n]++)?(?:p;[^\r\n]*+[\r\n]++)*"
            r"(?:p;pgeneral|[bc];(?:[xy]\d+;)+|f;p\d+;|e\s*\Z)"
        ),
        f"a SYLK file. {_SAVE_AS}",
    ),
    (re.compile(r"socialcalc:version:"), f"a SocialCalc file. {_SAVE_AS}"),
    (re.compile(r"table\r?\n0,1\r?\n\""), f"a DIF file. {_SAVE_AS}"),
    (re.compile(r"begin:v(?:card|calendar)\r?\n"), f"a file of contacts or dates (vCard). {_EXPORT}"),
)


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


def recognise(path: Path) -> Format | Packing:
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
            kind = _recognised(path, file)
    if isinstance(kind, (Format, Packing)):
        return kind
    raise SourceError(_told(path, kind))


def _recognised(path: Path, file: IO[bytes]) -> Format | Packing | str:
    head = file.read(_HEAD_BYTES)
    if not head:
        return "empty. Export it again"
    if head.startswith(BEGINNING) or (len(head) < 4 and len(head) > 1 and BEGINNING.startswith(head)):
        return _zip_kind(path, file)
    if head.startswith(MAGIC):
        return _ole_kind(file)
    if head.startswith(_GZIP):
        return Packing.GZIP
    if head.startswith(_BARE_XLS):
        return Format.XLS
    return _binary_kind(head) or _inner_kind(path, file, head) or _markup_kind(head) or Format.CSV


def _binary_kind(head: bytes) -> str | None:
    if not head.strip(b"\0"):
        return "full of zero bytes, so it was never written to its end. Copy or export it again"
    if head[_TAR_AT:].startswith(_TAR_MARK):
        return "a tar archive. Unpack it first"
    if _is_dbase(head):
        return f"a dBase table. {_SAVE_AS}"
    return next((told for magic, told in _MAGIC if head.startswith(magic)), None)


def _is_dbase(head: bytes) -> bool:
    """Tell a .dbf file by its version, the day it was written, and the sign behind its list of columns."""
    if len(head) < 33 or head[0] not in _DBASE or not (head[2] <= 12 and head[3] <= 31):
        return False
    length = int.from_bytes(head[8:10], "little")
    ends = [length - behind for behind in (1, 2, 264, 265)]  # of FoxPro with 263 more bytes; some pad with one
    return any(end >= 32 and head[end : end + 1] == b"\r" and (end - 32) % 32 == 0 for end in ends)


def _inner_kind(path: Path, file: IO[bytes], head: bytes) -> Format | Packing | str | None:
    """Say what an archive is that begins a little below the beginning of a file; None where there is none."""
    if BEGINNING not in head:
        return None
    try:
        open_archive(file).close()
    except _NO_ARCHIVE:
        return None
    return _zip_kind(path, file)


def _zip_kind(path: Path, file: IO[bytes]) -> Format | Packing | str:
    try:
        with open_archive(file) as archive:
            names = archive.namelist()
            told = Format.XLSX if is_xml_book(archive) else Format.XLSB if is_binary_book(archive) else None
    except _NO_ARCHIVE as error:
        raise SourceError(_told(path, _CUT_OFF)) from error
    present = {name.replace("\\", "/").lstrip("/").lower() for name in names}
    kind = next((kind for part, kind in _PARTS if part in present), told)
    if kind is not None:
        return kind
    files = packed_files(names)
    if len(files) == 1:
        return Packing.ZIP
    inside = f" It holds {listed(files, 3)}." if files else ""
    raise SourceError(_told(path, "a zip archive, not a workbook. Unpack it, and name one file in it") + inside)


def packed_files(names: Sequence[str]) -> list[str]:
    """Leave out of an archive's names the folders, and what systems put in of their own accord."""
    return [name for name in names if not name.endswith("/") and not _SYSTEM_FILES.search(name)]


_SYSTEM_FILES = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def _ole_kind(file: IO[bytes]) -> Format | str:
    """Find which known stream an OLE file has; its directory may lie anywhere in the file."""
    file.seek(0)
    found, tail = set[str](), b""
    while chunk := file.read(CHUNK_BYTES):
        found.update(name for name, entry in _ENTRIES.items() if entry.search(tail + chunk))
        tail = chunk[-64:]
    kind = next((kind for name, kind in _STREAMS if name in found), None)
    if kind is not None:
        return kind
    size = file.tell()
    file.seek(0)
    return (
        _CUT_OFF if is_cut_off(file.read(HEADER_BYTES), size) else f"a document of an older Office program. {_SAVE_AS}"
    )


def _markup_kind(head: bytes) -> Format | str | None:
    text = head[: len(head) & ~1].decode(_wide(head) or "latin-1", "ignore")  # only looked at, never kept
    text = text.removeprefix("\xef\xbb\xbf").lstrip("\ufeff \t\r\n\f\v").lower()
    return next((kind for pattern, kind in _MARKUP if pattern.match(text)), None)


def _wide(head: bytes) -> str | None:
    """Tell UTF-16 by its mark, or by the zero beside the first sign: markup begins with one of ASCII."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[1:2] == b"\0" != head[:1]:
        return "utf-16-le"
    return "utf-16-be" if head[:1] == b"\0" != head[1:2] else None


def _told(path: Path, kind: str) -> str:
    return f"{path}: the file is {kind}."
