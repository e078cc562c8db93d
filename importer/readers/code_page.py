"""Turns a text file that is not UTF-8 into the code page its words are in, or into the reason why that cannot be told."""

from __future__ import annotations

import re
from collections import Counter
from typing import IO, TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.charset import guess_charset
from importer.readers.encoding_names import is_single_byte
from importer.readers.header import listed
from importer.readers.sniff import CHUNK_BYTES
from importer.readers.strict_text import NAME_IT, chunks, line_at, require_decodable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["guessed", "second_opinion"]

_SAMPLE_BYTES = 1 << 16
_BLANK_ASCII = b" " * 128 + bytes(range(128, 256))
# letters of Europe, typographic signs and emoji in UTF-8: hardly ever to be met in another encoding
_UTF8_LETTER = re.compile(rb"[\xc2-\xc5\xd0\xd1][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf]|\xf0\x9f[\x80-\xbf]{2}")
# these begin at the begin of a line, and of a word, only: a long one without such a byte would be searched from each place
_RICH_LINE = re.compile(rb"(?<![^\r\n])[^\r\n\x80-\xff]*+[\x80-\xff][^\r\n]*+")
_ASCII_SIGNS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_LONGEST_LINE = 1 << 16
_RICH_WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]*+[^\W\d_\x00-\x7f][^\W\d_]*+")


def guessed(file: IO[bytes], path: Path) -> tuple[str, tuple[str, ...]]:
    """Settle on a code page for a file that is not UTF-8, and say by which words the user can check it."""
    sample, letters, strays = _rich_sample(file)
    if letters * 5 > strays:
        require_decodable(file, path, "utf-8")
    guess = guess_charset(sample)
    mixed = guess is None or is_single_byte(guess.encoding)
    if mixed and letters and (places := _both_kinds(file)):
        message = (
            f"{path}: line {places[0]} is UTF-8 and line {places[1]} is not: two encodings in one file. "
            f"{NAME_IT} where one of the two lines is an accident, or put the parts into files of their own."
        )
        raise SourceError(message)
    if guess is None:
        message = f"{path}: the file is not UTF-8, and its encoding cannot be told. {NAME_IT}."
        raise SourceError(message)
    words = list(dict.fromkeys(_RICH_WORD.findall(sample.decode(guess.encoding))))
    note = (
        f"The file is not UTF-8; it is read as {guess.encoding} (confidence {int(guess.confidence * 100)} %). "
        f"Check these words: {listed(words, 6)}."
    )
    return guess.encoding, (note,)


def _rich_sample(file: IO[bytes]) -> tuple[bytes, int, int]:
    """Collect lines with bytes beyond ASCII; count over the whole file the letters in UTF-8, and all other such bytes."""
    letters = strays = size = 0
    rich = list[bytes]()
    for chunk in chunks(file):
        for run, count in Counter(chunk.translate(_BLANK_ASCII).split()).items():
            found = _UTF8_LETTER.findall(run)
            letters += count * len(found)
            strays += count * (len(run) - sum(map(len, found)))
        if size < _SAMPLE_BYTES:
            lines = b"\n".join(_RICH_LINE.findall(chunk))[: _SAMPLE_BYTES - size]
            rich.append(lines)
            size += len(lines)
    return b"\n".join(rich), letters, strays


def second_opinion(file: IO[bytes], encoding: str) -> tuple[str, ...]:
    """Say so where the user's code page decodes, and the words it makes are those of another."""
    if not is_single_byte(encoding):
        return ()
    sample, _, _ = _rich_sample(file)
    guess = guess_charset(sample)
    ours = sample.decode(encoding, "replace")  # only compared; bytes that do not decode are refused elsewhere
    if guess is None or ours == sample.decode(guess.encoding):
        return ()
    words = zip(_words(ours), _words(sample.decode(guess.encoding)), strict=False)
    pairs = [f'"{theirs}" for "{word}"' for word, theirs in words if word != theirs][:3]
    note = (
        f"The file is read as {encoding}, as it was said; its words look like {guess.encoding} "
        f"(confidence {int(guess.confidence * 100)} %){': ' + ', '.join(pairs) if pairs else ''}."
    )
    return (note,)


def _words(text: str) -> list[str]:
    """Cut a text at ASCII signs and blanks, which all code pages have in the same places."""
    return [word for word in _ASCII_SIGNS.split(text) if not word.isascii()]


def _both_kinds(file: IO[bytes]) -> tuple[int, int] | None:
    """Find a line whose letters are all UTF-8 and typical, and the first line that is not UTF-8, if there are both."""
    is_so = _first_line(file, _UTF8_LETTER, is_utf8=True)
    not_so = is_so and _first_line(file, _BEYOND_ASCII, is_utf8=False)
    return (is_so, not_so) if is_so and not_so else None


def _first_line(file: IO[bytes], sign: re.Pattern[bytes], *, is_utf8: bool) -> int:
    """Find the first line with a sign that is UTF-8, or is not; 0 where there is none. Lines cut by blocks are left."""
    before = 0
    for chunk in chunks(file):
        ended = -1
        for match in sign.finditer(chunk):
            if match.start() <= ended:
                continue
            begun, ended = _line_around(chunk, match.start())
            is_cut = (before and not begun) or (ended == len(chunk) == CHUNK_BYTES)
            if not is_cut and _decodes(chunk[begun:ended]) is is_utf8:
                return line_at(file, "latin-1", before + begun)
        before += len(chunk)
    return 0


def _line_around(chunk: bytes, place: int) -> tuple[int, int]:
    begun = 1 + max(chunk.rfind(b"\n", 0, place), chunk.rfind(b"\r", 0, place))
    ends = [end for sign in (b"\n", b"\r") if (end := chunk.find(sign, place, place + _LONGEST_LINE)) >= 0]
    return begun, min(ends, default=min(len(chunk), place + _LONGEST_LINE))


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
