"""Text from outside turned into lines that fit a terminal: bounded, harmless, measured as they are seen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from importer.model import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_SHOWN = 500
"""How many characters of one text are shown at most."""


def wrapped(text: str, width: int, *, first: str = "", rest: str = "") -> Iterator[str]:
    """Break `text` between words into lines of at most `width` cells; `first` and `rest` begin the lines.

    A text of more than `MAX_SHOWN` characters is cut and ends in "...". A word longer than a line is broken.
    """
    bounded = harmless(" ".join(text.split()))
    if len(bounded) > MAX_SHOWN:
        bounded = bounded[: MAX_SHOWN - 3] + "..."
    room = max(width - max(_cells(first), _cells(rest)), 2)
    lead = first
    for line in _filled(_pieces(bounded.split(" "), room), room):
        yield lead + line
        lead = rest


def _filled(words: Iterable[str], room: int) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if line and _cells(longer) > room:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def _pieces(words: Iterable[str], room: int) -> Iterator[str]:
    """Break words that no line holds; every other word passes whole."""
    for word in words:
        piece = ""
        for character in word:
            if piece and _cells(piece + character) > room:
                yield piece
                piece = ""
            piece += character
        yield piece


def _cells(text: str) -> int:
    """Measure how many cells a terminal takes for `text`: two for a wide character, none for a combining one."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
