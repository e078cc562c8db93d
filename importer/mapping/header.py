"""Turns the names that a mapping uses into positions in a file's header: exact first, then folded, then by spellings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.mapping.names import folded, listed, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Header"]

_PLUS = re.compile(r"[+&]")
_LETTER = re.compile(r"[A-Z]")


class Header:
    """The columns of one file; it remembers which of them were asked for.

    With `lenient`, a name that is not there becomes a further column, which is always empty: so a mapping is checked
    without a file, and a test row names only the columns it is about.
    """

    __slots__ = ("_aliases", "_by_fold", "_columns", "_exact", "_lenient", "used")

    def __init__(
        self, columns: Sequence[str], aliases: Mapping[str, tuple[str, ...]], *, lenient: bool = False
    ) -> None:
        self._columns = list(columns)
        self._aliases = aliases
        self._lenient = lenient
        self._exact: dict[str, list[int]] = {}
        self._by_fold: dict[str, list[int]] = {}
        self.used: set[int] = set()
        for index, column in enumerate(columns):
            self._note(index, column)

    @property
    def columns(self) -> tuple[str, ...]:
        """The header's texts, in order; those that a lenient header added stand at the end."""
        return tuple(self._columns)

    def position(self, name: str) -> int | str:
        """Find the column of a name, or say why there is none."""
        spellings = self._aliases.get(name, ())
        matches = sorted({index for spelling in spellings for index in self._matches(spelling)} or self._matches(name))
        if len(matches) == 1:
            self.used.add(matches[0])
            return matches[0]
        if matches:
            both = listed(quoted(self._columns[index] for index in matches), "and")
            return f'"{name}" may be any of the columns {both}; {self._way_out(name)}'
        if self._lenient:
            self._columns.append(name)
            self._note(len(self._columns) - 1, name)
            self.used.add(len(self._columns) - 1)
            return len(self._columns) - 1
        return self._missing(name, spellings)

    def _note(self, index: int, column: str) -> None:
        self._exact.setdefault(column, []).append(index)
        if fold := folded(column):  # a header of punctuation alone is found only as it is written
            self._by_fold.setdefault(fold, []).append(index)

    def _matches(self, name: str) -> set[int]:
        return set(self._exact.get(name) or self._by_fold.get(folded(name)) or [])

    def _way_out(self, name: str) -> str:
        if name in self._aliases:
            return "leave in `source.columns` only the spelling that is meant"
        return "write it exactly as in the header"

    def _missing(self, name: str, spellings: Sequence[str]) -> str:
        tried = [*spellings, name] if spellings else [name]
        near = list(dict.fromkeys(found for spelling in tried for found in nearest(spelling, self._columns)))
        hint = f"; did you mean {listed(quoted(near[:3]), 'or')}?" if near else self._all()
        if spellings:
            return f'the file has no column for "{name}"; looked for {listed(quoted(tried), "and")}{hint}'
        template = "; text with {braces} belongs under `template`" if "{" in name else ""
        return f'the file has no column "{name}"{self._otherwise(name) or hint}{template}'

    def _otherwise(self, name: str) -> str:
        """Recognise a sum of columns, and a column by the letter that a spreadsheet gives it."""
        parts = [part.strip() for part in _PLUS.split(name)]
        if len(parts) > 1 and all(self._matches(part) for part in parts):
            joined = " ".join(f"{{{part}}}" for part in parts)
            return f'; a template puts columns together: "{joined}"'
        if _LETTER.fullmatch(name) and (place := ord(name) - ord("A")) < len(self._columns):
            column = quoted([self._columns[place]])[0]
            return f"; columns are named by their header: column {name} is {column}"
        return ""

    def _all(self) -> str:
        if not self._columns:
            return "; it has no columns at all"
        shown = quoted(self._columns[:12])
        more = " ..." if len(self._columns) > len(shown) else ""
        return (
            f"; its columns are {listed(shown, 'and')}{more}. If these are not the column names, say where they stand "
            "with `header_row` or `sheet` under `source`"
        )
