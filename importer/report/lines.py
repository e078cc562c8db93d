"""A JSON document as text in which no character ends a line that is not the end of one, for tools that go by lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.model import Json

__all__ = ["json_text"]

_BREAKS = str.maketrans({character: f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"})
"""What JSON takes as it is, and Unicode (so Python, editors and others) for the end of a line."""


def json_text(document: Json, *, ascii_only: bool = False, indent: int | None = None) -> str:
    """Write a document in one line, or indented; other letters than those of ASCII stay readable unless that is asked."""
    return json.dumps(document, ensure_ascii=ascii_only, allow_nan=False, indent=indent).translate(_BREAKS)
