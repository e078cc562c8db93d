"""Finds the ready mapping of the system that a file looks like, and the file's columns in it.

The ready mappings are the files of `mappings/`. A wheel has them in this package; where there is no copy here, the source
tree's own are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, cast

from importer.guessing.yaml_text import can_be_written
from importer.mapping import parse_mapping
from importer.mapping.names import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from importer.guessing.exports import Export
    from importer.guessing.yaml_text import Value
    from importer.mapping import Mapping as MappingFile

__all__ = ["Ready", "ready_for", "ready_names", "ready_text"]

_OF_A_FIELD = re.compile(r"(\w+ - .+?) of .+", re.DOTALL)  # Pipedrive: the address field may be called anything


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready mapping, and which of a file's columns its names stand for."""

    export: Export
    text: str
    data: Mapping[str, Value]
    origin: str
    header: Mapping[str, str]  # name in the mapping -> header in the file

    def has(self, name: str) -> bool:
        """Whether the file has the column that the mapping calls so."""
        return name in self.header

    def part(self, name: str) -> Mapping[str, Value]:
        """Give a section that is an object; empty where there is none."""
        return cast("Mapping[str, Value]", self.data.get(name) or {})


def _folder() -> Traversable:
    packed = files(__package__).joinpath("ready")
    return packed if packed.is_dir() else Path(__file__).parents[2] / "mappings"


def ready_text(name: str) -> str | None:
    """Read the ready mapping of a system; None where there is none."""
    file = _folder().joinpath(f"{name}.yaml")
    return file.read_text(encoding="utf-8") if file.is_file() else None


def ready_names() -> tuple[str, ...]:
    """Name the systems that have a ready mapping, as their files are called."""
    return tuple(sorted(one.name.removesuffix(".yaml") for one in _folder().iterdir() if one.name.endswith(".yaml")))


def ready_for(columns: Sequence[str], export: Export | None) -> Ready | None:
    """Find the ready mapping of an export, and the columns of a header in it; None where there is none."""
    mapping = _mapping(export.name) if export is not None else None
    if export is None or mapping is None:
        return None
    found = _found(columns, mapping.document.source.columns)
    return Ready(export, mapping.text, cast("Mapping[str, Value]", mapping.tree.data), mapping.origin, found)


@lru_cache(maxsize=1)
def _mapping(name: str) -> MappingFile | None:
    text = ready_text(name)
    return None if text is None else parse_mapping(text, path=Path(f"{name}.yaml"))


def _found(columns: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find the header of each name: of its spellings the first one that is one column, and no more."""
    written = [column for column in columns if can_be_written(column)]
    looks = (_by(written, str), _by(written, folded), _by(written, _general))
    found: dict[str, str] = {}
    for name, spellings in names.items():
        for spelling in (*spellings, name):
            keys = (spelling, folded(spelling), _general(spelling))
            hits = next((hit for look, key in zip(looks, keys, strict=True) if (hit := look.get(key))), ())
            if len(hits) == 1:
                found[name] = hits[0]
                break
    return found


def _by(columns: Sequence[str], key: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column in columns:
        name = key(column) if callable(key) else column
        if name:
            found.setdefault(name, []).append(column)
    return found


def _general(header: str) -> str:
    """Leave out of a header of Pipedrive which address it is of; empty for any other header."""
    of = _OF_A_FIELD.fullmatch(header)
    return folded(of[1]) if of else ""
