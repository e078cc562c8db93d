"""Turns a template, text with {columns}, into its parts, and its parts with cells into text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Part", "join", "parse_template"]

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a template: the name of a column, or text that stands for itself."""

    text: str
    is_column: bool


def parse_template(template: str) -> tuple[Part, ...] | str:
    """Cut a template into its parts, or say what is wrong with it."""
    parts: list[Part] = []
    for token in _TOKEN.finditer(template):
        piece = token.group()
        if token.group(1) is not None:
            if not token.group(1).strip():
                return "the template has a {} without a column name in it"
            parts.append(Part(token.group(1), is_column=True))
        elif piece in {"{", "}"}:
            return f'the template has a lone "{piece}"; a column is {{name}}, and a brace itself is written {piece * 2}'
        else:
            parts.append(Part({"{{": "{", "}}": "}"}.get(piece, piece), is_column=False))
    if not any(part.is_column for part in parts):
        return "the template names no column; use `value` for text that is the same in every row"
    return tuple(parts)


def join(pieces: Sequence[str | None]) -> str:
    """Put pieces together; where one is blank (None), the blanks on both its sides become the one that is left of it.

    The text of the other pieces is not touched, double spaces inside a cell included.
    """
    joined, gap = "", False
    for piece in pieces:
        if piece is None:
            gap = True
            continue
        closes = gap and (not joined or joined[-1].isspace())
        added = piece.lstrip() if closes else piece
        joined += added
        gap = gap and not added
    return joined.strip()
