"""Turns a header row into the export of a known system that it looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from importer.guessing.vocabulary import Meaning, key, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet

__all__ = ["Export", "meta_row", "named_system", "recognised"]

_NOT_THE_COMPANYS = "in this export it is not a value of the company"
_BLOCKED = frozenset(
    ["attention", "street", "street2", "house", "house_addition", "zip", "town", "state", "country"]
)  # roles that belong to a block
_DASH = re.compile(r"[\s_]-[\s_]")  # of Pipedrive, whose "Organization - Name" is not anybody's "Organization Name"


@dataclass(frozen=True, slots=True)
class Export:
    """A known system, and what its columns are."""

    name: str  # of its ready mapping, if it has one
    origin: str
    title: str
    marks: tuple[frozenset[str], ...]
    against: frozenset[str]
    columns: Mapping[str, Meaning]
    meta: frozenset[str]


@lru_cache(maxsize=1)
def _exports() -> tuple[Export, ...]:
    return tuple(
        Export(
            name=name,
            origin=one.get("origin", name),
            title=one["is"],
            marks=tuple(frozenset(map(_sign, mark)) for mark in one["marks"]),
            against=frozenset(map(key, one.get("against", ()))),
            columns={key(header): _meaning(words) for header, words in one.get("columns", {}).items()},
            meta=frozenset(one.get("meta", ())),
        )
        for name, one in tables("exports.toml").items()
    )


def _meaning(words: str) -> Meaning:
    if not words:
        return Meaning(apart=_NOT_THE_COMPANYS)
    *block, role = words.split()
    return Meaning(role, block[0] if block else "plain" if role in _BLOCKED else "")


def recognised(columns: Iterable[str]) -> Export | None:
    """Find the export that has all the headers of one of its marks, and none that speaks against it.

    Of several the one with the longest mark, then the one that knows most of the headers; None where that is two.
    """
    headers = tuple(columns)
    known, signs = set(map(key, headers)), set(map(_sign, headers))
    scored = [(score, export) for export in _exports() if (score := _score(export, known, signs)) > (0, 0)]
    best = max((score for score, _ in scored), default=None)
    found = [export for score, export in scored if score == best]
    return found[0] if len(found) == 1 else None


def _sign(header: str) -> str:
    return " - ".join(map(key, _DASH.split(header)))


def _score(export: Export, known: AbstractSet[str], signs: AbstractSet[str]) -> tuple[int, int]:
    if export.against & known:
        return 0, 0
    longest = max((len(mark) for mark in export.marks if mark <= signs), default=0)
    return (longest, len(known & export.columns.keys())) if longest else (0, 0)


def meta_row(columns: Sequence[str]) -> bool:
    """Whether what was taken for the header is a line about the file, with the header below it."""
    return bool(columns) and any(columns[0] in export.meta for export in _exports())


def named_system(name: str) -> str:
    """Find the origin of a known system in the name of a file; empty where there is none."""
    wanted = key(name)
    return next((export.origin for export in _exports() if key(export.origin) in wanted), "")
