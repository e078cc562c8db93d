"""Turns the bytes of an XML file or a web page into text, by its mark, by what it declares, or by what it shows.

No byte is replaced or left out. A declaration is believed unless the bytes belie it.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.charset import guess_charset
from importer.readers.header import listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["html_text", "xml_pieces"]

_PIECE_BYTES = 1 << 20
_HEAD_BYTES = 1 << 16
_SAMPLE_BYTES = 1 << 17
_SEARCHED_BYTES = 16 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][\w.:\-]{0,40})["']""")
_HTML_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z][\w.:\-]{0,40})""", re.IGNORECASE
)
_WIDE = ("utf-16", "utf16", "utf-32", "ucs-2", "ucs-4", "iso-10646-ucs")
_NOT_OF_FILES = frozenset({"utf-7", "punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
_AS_BROWSERS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_PLAIN = bytes(range(32, 127))
_HIGH = re.compile(rb"[\x80-\xff]")
_BYTES_WORD = re.compile(rb"[^ \t\r\n<>]++")
_WORD = re.compile(r"[^\W\d_]++")
_MAX_WORD = 60
_SAVE = "Open the file in Excel or LibreOffice and save it as .xlsx or CSV"


def xml_pieces(data: bytes, path: Path) -> Iterator[str]:
    """Decode XML in pieces; blanks before its declaration, which PHP puts there, are left out.

    Raises:
        SourceError: it declares an encoding nobody knows.
        UnicodeError: it is not in the encoding that it declares.
    """
    bom, encoding = _marked(data)
    decoder = codecs.getincrementaldecoder(encoding or _xml_encoding(data, path))()
    is_blank = True
    for start in range(len(bom), len(data), _PIECE_BYTES):
        text = decoder.decode(data[start : start + _PIECE_BYTES])
        if is_blank:
            text = text.lstrip()
            is_blank = not text
        yield text
    yield decoder.decode(b"", True)  # noqa: FBT003 - `final`, which the codecs of C take by position only


def html_text(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """Decode a web page, and say what is doubtful about it.

    Raises:
        SourceError: its encoding cannot be told.
    """
    bom, marked = _marked(data)
    if marked:
        return _strictly(data[len(bom) :], marked, path), ()
    if wide := _wide(data):
        return _strictly(data, wide, path), ()
    declared = _html_encoding(data)
    utf8 = _tried(data, "utf-8")
    if utf8 is not None:
        is_belied = declared not in {"", "utf-8"} and not utf8.isascii() and _is_single_byte(declared)
        if is_belied:
            note = f"The page says that it is {declared}, but it is read as utf-8, which all of it is. {_check(utf8)}"
            return utf8, (note,)
        return utf8 if not declared else _tried(data, declared) or utf8, ()
    text = _tried(data, declared) if declared else None
    return (text, ()) if text is not None else _guessed(data, declared, path)


def _marked(data: bytes) -> tuple[bytes, str]:
    return next(((bom, name) for bom, name in _BOMS if data.startswith(bom)), (b"", ""))


def _wide(data: bytes) -> str:
    """Tell UTF-16 without a mark by the zeros beside the first bracket."""
    head = data[:64].lstrip(b"\x00 \t\r\n")
    at = data.find(head[:1]) if head else 0
    if head[1:2] == b"\x00" and at % 2 == 0:
        return "utf-16-le"
    return "utf-16-be" if at % 2 == 1 and data[at - 1 : at] == b"\x00" else ""


def _xml_encoding(data: bytes, path: Path) -> str:
    if wide := _wide(data):
        return wide
    found = _XML_DECLARED.search(data[:1024])
    name = found[1].decode() if found else "utf-8"
    if name.lower().startswith(_WIDE):
        return "utf-8"  # what could be read byte by byte is not UTF-16, whatever .NET's StringWriter claims
    encoding = _known(name)
    if not encoding:
        message = f'{path}: the file declares an encoding "{name}", which is not known. {_SAVE}.'
        raise SourceError(message)
    return encoding


def _html_encoding(data: bytes) -> str:
    """Find what the page declares, under the name that browsers take it for; "" where it declares nothing."""
    found = _HTML_DECLARED.search(data[:_HEAD_BYTES])
    if not found or found[1].decode().lower().startswith(_WIDE):
        return ""
    encoding = _known(found[1].decode())
    return _AS_BROWSERS.get(encoding, encoding)


def _known(name: str) -> str:
    """Give Python's name of an encoding of files in which ASCII is ASCII; "" where there is none."""
    try:
        encoding = codecs.lookup(name).name
        codecs.getincrementaldecoder(encoding)
        is_plain = _PLAIN.decode(encoding) == _PLAIN.decode("ascii")
    except (LookupError, ValueError):
        return ""
    return encoding if is_plain and encoding not in _NOT_OF_FILES else ""


def _is_single_byte(encoding: str) -> bool:
    return _tried(b"\xe9", encoding) is not None or encoding.startswith(("cp125", "iso8859", "koi8", "mac"))


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _strictly(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        message = f"{path}: the page is not {encoding}, as its first bytes say ({error}). Export it again."
        raise SourceError(message) from error


def _guessed(data: bytes, declared: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """Settle on a code page where neither the declared one nor UTF-8 fits."""
    guess = guess_charset(_sample(data))
    text = _tried(data, guess.encoding) if guess else None
    if guess is None or text is None:
        said = f" It says {declared}, which it is not." if declared else ""
        message = f"{path}: the encoding of the page cannot be told.{said} {_SAVE}."
        raise SourceError(message)
    said = f"The page says that it is {declared}, which it is not" if declared else "The page does not say its encoding"
    return text, (f"{said}; it is read as {guess.encoding}. {_check(text)}",)


def _sample(data: bytes) -> bytes:
    """Collect words with bytes above ASCII; no regular expression may go through a line more than once."""
    first = _HIGH.search(data)
    words, size = list[bytes](), 0
    start = max(0, first.start() - _MAX_WORD) if first else 0
    for found in _BYTES_WORD.finditer(data, start, start + _SEARCHED_BYTES):
        word = found[0]
        if len(word) <= _MAX_WORD and not word.isascii():
            words.append(word)
            size += len(word) + 1
            if size > _SAMPLE_BYTES:
                break
    return b" ".join(words)


def _check(text: str) -> str:
    rich = dict.fromkeys(word for word in _WORD.findall(text, 0, _SAMPLE_BYTES * 8) if not word.isascii())
    return f"Check these words: {listed([word[:_MAX_WORD] for word in rich], 6)}."
