"""Says which parts of a mapping a file makes no use of: entries of `map` never met, conditions that never hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.mapping.names import listed, quoted
from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.mapping.evaluation import Usage
    from importer.mapping.schema import Document
    from importer.mapping.tree import Path, Tree

__all__ = ["Never", "never"]

_SHOWN = 8  # entries of one `map`


@dataclass(frozen=True, slots=True)
class Never:
    """A part of a mapping that no row made use of, and where it stands."""

    line: int
    column: int
    message: str
    decision: bool = False  # rather than a rule
    file: str = ""


def never(usage: Usage, document: Document, tree: Tree) -> tuple[Never, ...]:
    """List what no row made use of, in the order of the file; the entries of one `map` together."""
    found = [
        Never(*tree.place(path, on_key=on_key), message, decision=path[0] == "decisions")
        for path, message, on_key in _unmet(usage, document)
    ]
    return tuple(sorted(found, key=lambda one: (one.line, one.column)))


def _unmet(usage: Usage, document: Document) -> Iterator[tuple[Path, str, bool]]:
    entries: dict[Path, list[str]] = {}
    for path in usage.never:
        if path[-2:-1] == ("map",):
            entries.setdefault(path[:-1], []).append(str(path[-1]))
        elif path[0] == "decisions":
            yield path, f'{path[1]}: no row has "{shortened(str(path[2]), 60)}", so this decision does nothing', True
        elif path[0] == "skip":
            reason = document.skip[int(path[1])].reason
            yield path, f'no row is skipped as "{reason}"', False
        else:
            yield path, f"{_named(path)}: this condition holds for no row", False
    for path, value in usage.settled.items():
        shown = shortened("nothing" if value is None else str(value), 60)
        yield (
            path,
            f'{path[1]}: the rules settle "{shortened(str(path[2]), 60)}" as {shown}; the decision is not used',
            True,
        )
    for path, keys in entries.items():
        some = quoted(keys[:_SHOWN]) + ([f"{len(keys) - _SHOWN} more"] if len(keys) > _SHOWN else [])
        yield path, f"{_named(path)}: no row has what `map` translates for {listed(some, 'and')}", True


def _named(path: Path) -> str:
    section, name = path[0], path[1]
    return f"{section}" if isinstance(name, int) else f"{name}" if section == "company" else f"{section}.{name}"
