"""Turns the shared texts of a workbook into those that calamine gives otherwise than they are written.

calamine drops blanks at the ends of a run of rich text unless they are marked to be kept, and with them those between
two words; and it does not put the halves of an escaped surrogate pair together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.readers.cell_value import unescaped
from importer.readers.package import expat_parser, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LOOSE_BLANK", "PAIR_ESCAPE", "odd_strings", "shared_strings"]

LOOSE_BLANK = re.compile(rb"<t>(?:\s|[^<]*\s</t>)")
PAIR_ESCAPE = re.compile(rb"_x[dD][89a-bA-B]")
_RUN = re.compile(rb"<r>")
_UNUSUAL = re.compile(rb"<!")  # text that is not marked up, or a comment that splits a word
_PLAIN_ROOT = re.compile(rb"<sst[\s>]")
_HEAD_BYTES = 4096
_TAIL_BYTES = 16


class _TextParser:
    """Joins the runs of each text; what tells how to pronounce it is no part of it."""

    def __init__(self) -> None:
        self.texts = list[str]()
        self.odd = set[int]()
        self._parts = list[str]()
        self._is_text = self._is_loose = False
        self._skipped = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = local_name(name)
        if self._skipped or element == "rPh":
            self._skipped += 1
        elif element == "si":
            self._parts, self._is_loose = [], False
        elif element == "t":
            self._is_text = True
            self._is_loose = "xml:space" not in attributes
            self._parts.append("")

    def text(self, data: str) -> None:
        if self._is_text and not self._skipped:
            self._parts[-1] += data

    def end(self, name: str) -> None:
        element = local_name(name)
        if self._skipped:
            self._skipped -= 1
        elif element == "t":
            self._is_text = False
            part = self._parts[-1]
            if self._is_loose and part.strip() != part:
                self.odd.add(len(self.texts))
        elif element == "si":
            self._end_item()

    def _end_item(self) -> None:
        at, text = len(self.texts), "".join(self._parts)
        if len(self._parts) < 2:
            self.odd.discard(at)  # blanks around a whole text are trimmed anyway
        if "_x" in text:
            text = unescaped(text)
            if not text.isascii():
                self.odd.add(at)
        self.texts.append(text)


def _parsed(chunks: Iterable[bytes]) -> _TextParser:
    reader, parser = _TextParser(), expat_parser()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    for chunk in chunks:
        parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
    parser.Parse(b"", True)  # noqa: FBT003 - likewise
    return reader


def shared_strings(chunks: Iterable[bytes]) -> list[str]:
    """Read all shared texts.

    Raises:
        ValueError: the XML has a document type.
        LookupError: it is in an encoding nobody knows.
        xml.parsers.expat.ExpatError: it is no XML.
    """
    return _parsed(chunks).texts


def odd_strings(chunks: Iterator[bytes], again: Iterator[bytes]) -> dict[int, str]:
    """Search for texts that calamine gives otherwise, and give those by number; most workbooks have none.

    The part is inflated to its end in any case: that bounds what another reader will inflate.
    """
    is_odd, has_runs, tail = False, False, b""
    for at, chunk in enumerate(chunks):
        piece = tail + chunk
        is_odd = is_odd or (not at and not _PLAIN_ROOT.search(piece, 0, _HEAD_BYTES))
        is_odd = is_odd or bool(PAIR_ESCAPE.search(piece) or _UNUSUAL.search(piece, 0 if at else _HEAD_BYTES))
        has_runs = has_runs or _RUN.search(piece) is not None
        tail = piece[-_TAIL_BYTES:]
    if not is_odd and not has_runs:
        return {}
    try:
        reader = _parsed(again)
    except (expat.ExpatError, ValueError, LookupError):
        return {}  # whoever reads the texts will say so
    return {at: reader.texts[at] for at in reader.odd}
