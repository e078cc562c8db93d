"""Text from outside turned into markup that shows it, all of it, and does nothing.

What cannot be seen, or would reorder what is seen, or cannot stand in HTML (NUL, a carriage return, a lone surrogate)
is shown as its number, as in `<i>U+202E</i>`: no other `<i>` is on the page, so that nothing is lost on the way.
"""

from __future__ import annotations

import html
import unicodedata

__all__ = ["MAX_SHOWN", "cut", "visible"]

MAX_SHOWN = 2000
"""Characters of one cell that the page shows."""

_SEEN = frozenset("\n\t\u200c\u200d")  # the last two join letters and emoji


def visible(text: str) -> str:
    """Escape a text, for content and for quoted attributes alike."""
    if text.isprintable():
        return html.escape(text)
    return "".join(map(_shown, text))


def cut(text: str) -> tuple[str, int]:
    """Bound a text; the second value is the number of characters left out."""
    return text[:MAX_SHOWN], max(len(text) - MAX_SHOWN, 0)


def _shown(character: str) -> str:
    if character.isprintable():
        return html.escape(character)
    if character in _SEEN or unicodedata.category(character) == "Zs":
        return character
    return f"<i>U+{ord(character):04X}</i>"
