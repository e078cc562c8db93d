"""Turns the bytes of a text file into the encoding they are in, read through once, strictly and in constant memory.

No byte is ever replaced or left out: what does not decode is a `SourceError` that names its line.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.code_page import guessed, second_opinion
from importer.readers.encoding_names import WIDE, encoding_name, is_single_byte
from importer.readers.strict_text import chunks, require_decodable
from importer.readers.wide import has_wide_lines, makes_sense, marked_encoding, wide_encoding

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Examined", "examine"]

_HEAD_BYTES = 1 << 16
_TAIL_BYTES = 4096
_UNWRITTEN = bytes(16)  # zeros that a file system puts where the writer never came
_MAX_LINE_BYTES = 64 << 20
_NEVER_IN_TEXT = bytes(set(range(32)) - set(b"\x00\x01\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f")) + b"\x7f"
_ORDERS = frozenset({"-le", "-be"})
_ZEROS = re.compile(rb"\0{4,}")  # in a row; a single one may be in any text
_TWICE_ENCODED = re.compile("[ÂÃ][\x80-\xbf]")  # "Ã¼"


@dataclass(frozen=True, slots=True)
class Examined:
    """What one pass over a text file has shown."""

    sha256: str
    encoding: str
    ends_in_ctrl_z: bool
    has_inner_marks: bool  # byte order marks behind the first, which files that were put together have
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
    has_letters: bool = False  # beyond ASCII
    marks: int = 0  # byte order marks, wherever they are


def examine(file: IO[bytes], path: Path, wanted: str | None) -> Examined:
    """Read the whole file: its fingerprint, and an encoding in which every byte of it decodes.

    Raises:
        SourceError: not text, not in the encoding `wanted`, or in none that can be told.
    """
    survey = _surveyed(file, path)
    marked = marked_encoding(survey.head)
    notes: tuple[str, ...] = ()
    if wanted is not None:
        encoding = _known(wanted, marked, survey, path)
        notes = _utf8_as_well(survey, encoding) if survey.is_utf8 else second_opinion(file, encoding)
    elif marked is not None:
        encoding = marked
    else:
        encoding = _wide(survey) or ""
        if not encoding:
            _refuse_binary(survey, path)
            encoding, notes = ("utf-8", ()) if survey.is_utf8 else guessed(file, path)
    if not (survey.is_utf8 and encoding in {"utf-8", "utf-8-sig"}):
        require_decodable(file, path, encoding)
    ends_in_ctrl_z = survey.tail.rstrip(b"\r\n\x00").endswith(b"\x1a")
    if not ends_in_ctrl_z and encoding not in WIDE and survey.tail.endswith(_UNWRITTEN):
        message = f"{path}: the file ends in zero bytes, so it was not written to its end. Copy or export it again."
        raise SourceError(message)
    marks = survey.marks - survey.head.startswith(codecs.BOM_UTF8)
    has_inner_marks = encoding in WIDE or marks > 0
    return Examined(survey.sha256, encoding, ends_in_ctrl_z, has_inner_marks, notes + _doubts(survey, encoding))


def _surveyed(file: IO[bytes], path: Path) -> _Survey:
    survey, digest = _Survey(), hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    unbroken = 0
    for chunk in chunks(file):
        digest.update(chunk)
        survey.head = survey.head or chunk[:_HEAD_BYTES]
        unbroken = 0 if b"\n" in chunk or b"\r" in chunk else unbroken + len(chunk)
        if unbroken > _MAX_LINE_BYTES:
            message = f"{path}: the file has a line of more than {_MAX_LINE_BYTES >> 20} MiB, so it is not a table."
            raise SourceError(message)
        _decode_on(survey, decoder, chunk)
        survey.tail = chunk[-_TAIL_BYTES:]
    _decode_on(survey, decoder, b"", final=True)
    survey.sha256 = digest.hexdigest()
    return survey


def _decode_on(survey: _Survey, decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> None:
    """Look at the next block as UTF-8; signs are searched for in the text, which is quicker than in bytes."""
    survey.has_letters = survey.has_letters or not chunk.isascii()
    if not survey.is_utf8:
        return
    try:
        text = decoder.decode(chunk, final)
    except UnicodeDecodeError:
        survey.is_utf8 = False
        return
    survey.marks += text.count("\ufeff")
    survey.replacements += text.count("\ufffd")
    if "Ã" in text or "Â" in text:
        survey.twice_encoded += len(_TWICE_ENCODED.findall(text))


def _known(wanted: str, marked: str | None, survey: _Survey, path: Path) -> str:
    """Check the user's encoding: that there is such a one, and that the file does not belie it as a whole."""
    name = encoding_name(wanted)
    if name is None:
        message = f'{path}: there is no encoding "{wanted}". Usual ones are utf-8, cp1252, iso-8859-1 and utf-16.'
        raise SourceError(message)
    if marked is not None:
        full = marked + _order(survey.head) if name[-3:] in _ORDERS else marked
        if name.replace("-sig", "")[:6] != marked.replace("-sig", "")[:6] or name[-3:] in _ORDERS - {full[-3:]}:
            message = (
                f'{path}: the file begins with the mark of {full}, but the encoding is set to "{wanted}". '
                "Leave `source.encoding` out."
            )
            raise SourceError(message)
        return marked
    return _not_belied(name, wanted, survey, path)


def _order(head: bytes) -> str:
    """Name the order of bytes that the mark of UTF-16 or UTF-32 tells; "" for any other mark."""
    if head.startswith(codecs.BOM_UTF16_LE):  # with which that of UTF-32 begins
        return "-le"
    return "-be" if head.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) else ""


def _not_belied(name: str, wanted: str, survey: _Survey, path: Path) -> str:
    """Refuse what decodes by chance: text of two bytes a letter read by single bytes, or UTF-8 in a code page."""
    wide = _wide(survey)
    if name in WIDE and wide is not None and wide.startswith(name):
        return wide
    if wide is not None and (makes_sense(survey.head, name) if name in WIDE else not has_wide_lines(survey.head)):
        wide = None
    found = wide
    if wide is None and survey.is_utf8 and b"\0" not in survey.head:
        found = "utf-8" if name in WIDE or (survey.has_letters and is_single_byte(name)) else None
    if found is not None and found != name:
        message = (
            f'{path}: the encoding is set to "{wanted}", but every line of the file is {found}. '
            f"Leave `source.encoding` out, or set it to {found}."
        )
        raise SourceError(message)
    if name in {"utf-16", "utf-32"}:
        message = (
            f"{path}: the file is not {name} as far as can be seen: it has no byte order mark. "
            f"Set `source.encoding` to {name}-le or {name}-be, or leave it out."
        )
        raise SourceError(message)
    return name


def _wide(survey: _Survey) -> str | None:
    """Tell UTF-16 and UTF-32; text in UTF-8 with some zero bytes makes sense as such now and then."""
    return None if survey.is_utf8 and not has_wide_lines(survey.head) else wide_encoding(survey.head)


def _utf8_as_well(survey: _Survey, encoding: str) -> tuple[str, ...]:
    """Say so where the user's encoding of several bytes a letter decodes, and UTF-8 does as well."""
    if not survey.has_letters or encoding.startswith("utf-8"):
        return ()
    return (f"The file is read as {encoding}, as it was said; all of it is UTF-8 as well, which is hardly chance.",)


def _refuse_binary(survey: _Survey, path: Path) -> None:
    head = survey.head
    controls = len(head) - len(head.translate(None, _NEVER_IN_TEXT))
    controls += sum(map(len, _ZEROS.findall(head.rstrip(b"\0"))))
    if controls > max(3, len(head) // 50):
        message = f"{path}: the file is not text and not a workbook. Export the companies as .xlsx or CSV."
        raise SourceError(message)


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
