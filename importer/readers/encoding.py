"""Turns the bytes of a text file into the encoding they are in, read through once, strictly and in constant memory.

No byte is ever replaced or left out: what does not decode is a `SourceError` that names its line.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.charset import guess_charset
from importer.readers.header import listed
from importer.readers.sniff import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Examined", "examine"]

_HEAD_BYTES = 1 << 16
_SAMPLE_BYTES = 1 << 17
_MAX_LINE_BYTES = 64 << 20
_ASCII = bytes(range(128))
_NEVER_IN_TEXT = bytes(set(range(32)) - set(b"\x00\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f")) + b"\x7f"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# letters of Europe, typographic signs and emoji in UTF-8: hardly ever to be met in another encoding
_UTF8_LETTER = re.compile(rb"[\xc2-\xc5\xd0\xd1][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf]|\xf0\x9f[\x80-\xbf]{2}")
_TWICE_ENCODED = re.compile(rb"\xc3[\x82\x83]\xc2[\x80-\xbf]")  # "Ã¼" in UTF-8
_REPLACEMENT = "\ufffd".encode()
_RICH_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_RICH_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_NAME_IT = "Name the encoding with `source.encoding` in the mapping (utf-8, cp1252, utf-16, ...)"


@dataclass(frozen=True, slots=True)
class Examined:
    """What one pass over a text file has shown."""

    sha256: str
    encoding: str
    ends_in_ctrl_z: bool
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Survey:
    """The facts gathered over the raw bytes."""

    sha256: str = ""
    head: bytes = b""
    tail: bytes = b""
    is_utf8: bool = True
    twice_encoded: int = 0
    replacements: int = 0


def examine(file: IO[bytes], path: Path, wanted: str | None) -> Examined:
    """Read the whole file: its fingerprint, and an encoding in which every byte of it decodes.

    Raises:
        SourceError: not text, not in the encoding `wanted`, or in none that can be told.
    """
    survey = _surveyed(file, path)
    marked = next((name for bom, name in _BOMS if survey.head.startswith(bom)), None)
    notes: tuple[str, ...] = ()
    if wanted is not None:
        encoding = _known(wanted, marked, path)
    elif marked is not None:
        encoding = marked
    else:
        _refuse_binary(survey, path)
        encoding = _utf16_without_bom(survey.head) or ("utf-8" if survey.is_utf8 else "")
        if not encoding:
            encoding, notes = _guessed(file, path)
    if not (survey.is_utf8 and encoding in {"utf-8", "utf-8-sig"}):
        _require_decodable(file, path, encoding)
    ends_in_ctrl_z = survey.tail.rstrip(b"\r\n\x00").endswith(b"\x1a")
    return Examined(survey.sha256, encoding, ends_in_ctrl_z, notes + _doubts(survey, encoding))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, CHUNK_BYTES), b"")


def _surveyed(file: IO[bytes], path: Path) -> _Survey:
    survey, digest = _Survey(), hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    unbroken = 0
    for chunk in _chunks(file):
        digest.update(chunk)
        survey.head = survey.head or chunk[:_HEAD_BYTES]
        survey.tail = chunk[-16:]
        unbroken = 0 if b"\n" in chunk or b"\r" in chunk else unbroken + len(chunk)
        if unbroken > _MAX_LINE_BYTES:
            message = f"{path}: the file has a line of more than {_MAX_LINE_BYTES >> 20} MiB, so it is not a table."
            raise SourceError(message)
        survey.is_utf8 = survey.is_utf8 and _continues(decoder, chunk)
        if not chunk.isascii():
            survey.twice_encoded += len(_TWICE_ENCODED.findall(chunk))
            survey.replacements += chunk.count(_REPLACEMENT)
    survey.is_utf8 = survey.is_utf8 and _continues(decoder, b"", final=True)
    survey.sha256 = digest.hexdigest()
    return survey


def _continues(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _known(wanted: str, marked: str | None, path: Path) -> str:
    """Check the user's encoding: that Python knows it, and that the file's byte order mark does not belie it."""
    try:
        name = codecs.lookup(wanted.strip()).name
        bytes(4).decode(name)  # refuses codecs that make no text, such as base64
    except (LookupError, UnicodeError, ValueError) as error:
        message = f'{path}: there is no encoding "{wanted}". Usual ones are utf-8, cp1252, iso-8859-1 and utf-16.'
        raise SourceError(message) from error
    if marked is None or name == marked:
        return name
    if name.replace("-sig", "")[:6] != marked.replace("-sig", "")[:6]:
        message = (
            f'{path}: the file begins with the mark of {marked}, but the encoding is set to "{wanted}". '
            "Leave `source.encoding` out."
        )
        raise SourceError(message)
    return marked


def _refuse_binary(survey: _Survey, path: Path) -> None:
    head = survey.head
    controls = len(head) - len(head.translate(None, _NEVER_IN_TEXT))
    if controls > max(3, len(head) // 50):
        message = f"{path}: the file is not text and not a workbook. Export the companies as .xlsx or CSV."
        raise SourceError(message)


def _utf16_without_bom(head: bytes) -> str | None:
    """Tell UTF-16 by its high bytes: always in the same place of a pair, few different ones, and zeros among them."""
    if len(head) % 2:
        return None
    pairs = len(head) // 2
    for encoding, high, low in (("utf-16-le", head[1::2], head[0::2]), ("utf-16-be", head[0::2], head[1::2])):
        zeros = high.count(0)
        frequent = sum(
            count for _, count in Counter(high).most_common(2)
        )  # Latin is 0 and little else, Cyrillic 0 and 4
        if zeros * 10 >= pairs and frequent * 10 >= pairs * 9 and low.count(0) * 10 <= zeros:
            return encoding
    return None


def _guessed(file: IO[bytes], path: Path) -> tuple[str, tuple[str, ...]]:
    """Settle on a code page for a file that is not UTF-8, and say by which words the user can check it."""
    letters = strays = 0
    rich, size = list[bytes](), 0
    for chunk in _chunks(file):
        found = _UTF8_LETTER.findall(chunk)
        letters += len(found)
        strays += len(chunk.translate(None, _ASCII)) - sum(map(len, found))
        if size < _SAMPLE_BYTES:
            lines = b"\n".join(_RICH_LINE.findall(chunk))[: _SAMPLE_BYTES - size]
            rich.append(lines)
            size += len(lines)
    if letters * 5 > strays:
        _require_decodable(file, path, "utf-8")
    sample = b"\n".join(rich)
    encoding = guess_charset(sample)
    if encoding is None:
        message = f"{path}: the file is not UTF-8, and its encoding cannot be told. {_NAME_IT}."
        raise SourceError(message)
    words = list(dict.fromkeys(_RICH_WORD.findall(sample.decode(encoding))))
    return encoding, (f"The file is not UTF-8; it is read as {encoding}. Check these words: {listed(words, 6)}.",)


def _require_decodable(file: IO[bytes], path: Path, encoding: str) -> None:
    """Decode every byte; where one does not, say which and where."""
    decoder = codecs.getincrementaldecoder(encoding)()
    before = chunk_bytes = 0
    try:
        for chunk in _chunks(file):
            chunk_bytes = len(chunk)
            decoder.decode(chunk)
            before += chunk_bytes
        chunk_bytes = 0
        decoder.decode(b"", True)  # noqa: FBT003 - `final`, which the codecs of C take by position only
    except UnicodeDecodeError as error:
        carried = len(error.object) - chunk_bytes  # bytes of the character before, given again
        place = before - carried + error.start
        what = f"byte 0x{error.object[error.start]:02X} (position {place:,} of the file) is not {encoding}"
        message = f"{path}, line {_line_at(file, encoding, place)}: {what}. {_NAME_IT}, or repair this place."
        raise SourceError(message) from error
    except UnicodeError as error:
        message = f"{path}: the file is not {encoding} ({error}). {_NAME_IT}."
        raise SourceError(message) from error


def _line_at(file: IO[bytes], encoding: str, place: int) -> int:
    """Count the lines before a place; all before it decodes."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, after_cr, left = 1, False, place
    for chunk in _chunks(file):
        text = decoder.decode(chunk[:left])
        line += text.count("\n") + text.count("\r") - text.count("\r\n") - (after_cr and text.startswith("\n"))
        after_cr = text.endswith("\r")
        left -= len(chunk)
        if left <= 0:
            break
    return line


def _doubts(survey: _Survey, encoding: str) -> tuple[str, ...]:
    """Name damage that was done before: it decodes, and still is not what somebody typed."""
    if not encoding.startswith("utf-8"):
        return ()
    notes = list[str]()
    if survey.twice_encoded:
        notes.append(
            f'{survey.twice_encoded} letters look encoded twice, such as "Ã¼" for "ü"; they are kept as they are. '
            "Export the file again."
        )
    if survey.replacements:
        notes.append(f'{survey.replacements} letters were already lost when the file was written, and read "\ufffd".')
    return tuple(notes)
