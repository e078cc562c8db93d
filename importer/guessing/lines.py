"""The pieces of a guessed mapping: lines that count, lines that are only shown, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.guessing.table import Column
    from importer.guessing.yaml_text import Value

__all__ = ["Draft", "Line", "column_value", "template"]


@dataclass(frozen=True, slots=True)
class Line:
    """One field and where its value comes from."""

    field: str
    value: Value
    reason: str
    columns: tuple[Column, ...] = ()
    active: bool = True  # else it stands in the file as a comment
    todo: bool = False  # somebody has to look at it before a run


@dataclass(slots=True)
class Draft:
    """What has been decided so far."""

    company: list[Line] = field(default_factory=list)
    tags: list[Line] = field(default_factory=list)
    skip: list[Line] = field(default_factory=list)
    custom: list[Line] = field(default_factory=list)
    apart: list[tuple[Column, str]] = field(default_factory=list)
    empty: list[Column] = field(default_factory=list)
    rows: str = "always"  # where the empty columns are empty

    def sets(self, name: str) -> bool:
        """Whether a field has a line that counts."""
        return any(line.field == name and line.active for line in self.company)

    def used(self) -> set[int]:
        """Give the columns that a line is about."""
        lines = [*self.company, *self.tags, *self.skip, *self.custom]
        return {column.index for line in lines for column in line.columns} | {column.index for column, _ in self.apart}


def column_value(column: Column, steps: Mapping[str, Value] | None = None) -> Value:
    """Write a column as an expression; a name with braces would be taken for a template."""
    if not steps and not {"{", "}"} & set(column.name):
        return column.name
    return {"from": column.name, **(steps or {})}


def template(columns: Sequence[Column]) -> str:
    """Write a template of columns with blanks between them; empty where a name cannot stand in one."""
    if any({"{", "}"} & set(column.name) for column in columns):
        return ""
    return " ".join(f"{{{column.name}}}" for column in columns)
