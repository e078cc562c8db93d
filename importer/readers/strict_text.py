"""Turns the bytes of a file into text, or into the line that is not of its encoding."""

from __future__ import annotations

import codecs
import re
from functools import partial
from typing import IO, TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.sniff import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["NAME_IT", "chunks", "line_at", "require_decodable"]

NAME_IT = "Name the encoding with `source.encoding` in the mapping (utf-8, cp1252, utf-16, ...)"
_C1_CONTROL = re.compile(rb"[\x80-\x9f]")  # in ISO 8859 a control character that no table has; a letter in Windows


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file from its beginning, block by block."""
    file.seek(0)
    return iter(partial(file.read, CHUNK_BYTES), b"")


def require_decodable(file: IO[bytes], path: Path, encoding: str) -> None:
    """Decode every byte; where one does not, say which and where."""
    decoder = codecs.getincrementaldecoder(encoding)()
    before = chunk_bytes = 0
    try:
        for chunk in chunks(file):
            chunk_bytes = len(chunk)
            decoder.decode(chunk)
            _require_no_controls(chunk, encoding)
            before += chunk_bytes
        chunk_bytes = 0
        decoder.decode(b"", True)  # noqa: FBT003 - `final`, which the codecs of C take by position only
    except UnicodeDecodeError as error:
        carried = len(error.object) - chunk_bytes  # bytes of the character before, given again
        place = before - carried + error.start
        if encoding.startswith(("utf-16", "utf-32")) and error.reason == "truncated data":
            message = (
                f"{path}: the file is {encoding} and ends in the middle of a character: it was cut short, or a line end "
                "of one byte was put behind it. Copy or export it again."
            )
            raise SourceError(message) from error
        what = f"byte 0x{error.object[error.start]:02X} (position {place:,} of the file) is not {encoding}"
        message = f"{path}, line {line_at(file, encoding, place)}: {what}. {NAME_IT}, or repair this place."
        raise SourceError(message) from error
    except UnicodeError as error:
        message = f"{path}: the file is not {encoding} ({error}). {NAME_IT}."
        raise SourceError(message) from error


def _require_no_controls(chunk: bytes, encoding: str) -> None:
    control = _C1_CONTROL.search(chunk) if encoding.startswith("iso8859") else None
    if control:
        raise UnicodeDecodeError(encoding, chunk, control.start(), control.end(), "control character")


def line_at(file: IO[bytes], encoding: str, place: int) -> int:
    """Count the lines before a place; all before it decodes."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, after_cr, left = 1, False, place
    for chunk in chunks(file):
        text = decoder.decode(chunk[:left])
        line += text.count("\n") + text.count("\r") - text.count("\r\n") - (after_cr and text.startswith("\n"))
        after_cr = text.endswith("\r")
        left -= len(chunk)
        if left <= 0:
            break
    return line
