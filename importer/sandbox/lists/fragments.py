"""Pieces of SQL -> a larger piece: names and words of ours, with every value of the client as a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FALSE", "TRUE", "Fragment", "Value", "joined"]

Value: TypeAlias = "str | int | float | None"

_WIDEST = 100  # a chain of 1,000 terms is as deep as SQLite's expressions may be


@dataclass(frozen=True, slots=True)
class Fragment:
    """An SQL condition or expression over the aliases of a resource, with the values of its question marks in order."""

    sql: str
    parameters: tuple[Value, ...] = ()

    def within(self, template: str) -> Fragment:
        """Put this once into a template of ours, where it says `{}`."""
        return Fragment(template.format(self.sql), self.parameters)


TRUE = Fragment("1")
FALSE = Fragment("0")


def joined(parts: Sequence[Fragment], word: str) -> Fragment:
    """Join conditions by AND or OR, in brackets; of none, what the word starts from."""
    if not parts:
        return TRUE if word == "AND" else FALSE
    if len(parts) == 1:
        return parts[0]
    if len(parts) > _WIDEST:
        return joined([joined(parts[at : at + _WIDEST], word) for at in range(0, len(parts), _WIDEST)], word)
    sql = f" {word} ".join(part.sql for part in parts)
    return Fragment(f"({sql})", tuple(value for part in parts for value in part.parameters))
