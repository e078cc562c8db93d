"""Strips from a written id what people and spreadsheets put around and between its characters.

Only what cannot be part of an id goes: labels in front, blanks, hyphens, full stops, apostrophes. A comma, a slash, a
bracket or a line break stays, because it may part two ids ("GB980780684, 001" is not one id of twelve digits).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.values.placeholder import is_placeholder
from importer.values.text import unfit

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["MAX_WRITTEN", "compacted", "scientific", "unlabelled", "unwritten"]

MAX_WRITTEN = 120  # longer text is no id, with all labels and blanks
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # as Asian keyboards write ASCII
_BETWEEN = re.compile(  # blanks (no line break, no tab), zero-width characters, dashes, full stops, apostrophes
    "[ \u00a0\u00ad\u2000-\u200f\u202a-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff._:'\u2018\u2019\u00b4`\u2010-\u2015\u2212-]"
)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}")


def unwritten(words: Cell) -> str:
    """Say why a cleaned cell that is not blank cannot hold an id, before its characters are looked at; empty if it may."""
    if not isinstance(words, str):
        return "the cell is not text"
    if is_placeholder(words):
        return "it stands for none"
    if len(words) > MAX_WRITTEN:
        return f"it has {len(words)} characters"
    return unfit(words)


def unlabelled(words: str, label: re.Pattern[str]) -> str:
    """Drop labels in front, as often as there are any ("VAT / BTW: ..."); text that is a label alone becomes empty."""
    bare = words.translate(_FULL_WIDTH)
    while found := label.match(bare):
        bare = bare[found.end() :]
    return bare


def compacted(bare: str) -> str | None:
    """Write ASCII letters and digits in capitals without what stands between them; None where anything else is left."""
    compact = _BETWEEN.sub("", bare)
    return compact.upper() if compact.isascii() and compact.isalnum() else None


def scientific(words: str) -> bool:
    """Whether text is a number that a spreadsheet wrote as 1.2345E+11, so that digits are lost."""
    return _SCIENTIFIC.fullmatch(words) is not None
