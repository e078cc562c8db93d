"""Tells text that was UTF-8 and was read as Windows-1252 ("MÃ¼ller"), and what it was."""

from __future__ import annotations

import re

__all__ = ["may_be_twice", "undone"]

_SHOWN = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0x100)}
_BYTES = {character: code for code, character in _SHOWN.items()}
_TAIL = re.escape("".join(_SHOWN[code] for code in range(0x80, 0xC0)))
_NATURAL = re.escape(
    "\u201c\u201d\u2018\u2019\u2013\u2014\u2122\u2026\u00ae\u00b0\u00bb\u00b4"
)  # may follow a capital: CAFÉ®
_LATIN = "[\u00c2\u00c3]"  # of the letters of Western Europe, which come before nearly nothing else
_OTHER = "[\u00c4-\u00df]"
_EMOJI = "\u00f0\u0178"
_RUN = re.compile(
    f"{_LATIN}[{_TAIL}]|{_OTHER}(?![{_NATURAL}])[{_TAIL}]|\u00e2\u20ac[{_TAIL}]|\u00e2\u201a\u00ac|\u00e2\u201e\u00a2|\u00ef\u00bb\u00bf"
    f"|{_EMOJI}[{_TAIL}]{{2}}"
)


_FIRST_SIGHT = re.compile(
    f"[\u00c2-\u00df\u00e2\u00ef\u00f0][{_TAIL}\u0178\u20ac\u201a\u201e]"
)  # what every run begins with


def may_be_twice(words: str) -> bool:
    """Say quickly whether it is worth to look for text that was decoded twice."""
    return _FIRST_SIGHT.search(words) is not None


def undone(words: str) -> str:
    """Decode what was decoded twice, once; empty where there is no such thing in the text.

    A capital letter with an accent before a sign or a control character is what no language writes inside a word.
    """
    repaired = _RUN.sub(_decoded, words)
    return "" if repaired == words else repaired


def _decoded(found: re.Match[str]) -> str:
    return bytes(map(_BYTES.__getitem__, found.group())).decode("utf-8")  # whatever the pattern finds is well-formed
