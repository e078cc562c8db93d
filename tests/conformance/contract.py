"""kanbert.openapi.yaml -> its operations, as tests ask them: scopes, statuses, sorts, includes, filters, and schemas."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACT = Path(__file__).with_name("kanbert.openapi.yaml")

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Filterable:
    """One field that a list may be filtered by; `members` are those of a relation, with their types."""

    field: str
    kind: str
    operators: tuple[str, ...]
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    scopes: frozenset[str]
    statuses: frozenset[int]
    sorts: tuple[str, ...]
    includes: tuple[str, ...]
    filterable: tuple[Filterable, ...]
    not_filterable: tuple[str, ...]

    @property
    def label(self) -> str:
        """How schemathesis calls it."""
        return f"{self.method} {self.path}"


class Contract:
    """The document; what is changed in it is its own."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = deepcopy(_document())
        found = (_operation(path, method, item[method]) for path, item, method in _walk(self.document["paths"]))
        self.operations: dict[str, Operation] = {operation.name: operation for operation in found}

    def schema(self, name: str) -> dict[str, Any]:
        schema: dict[str, Any] = self.document["components"]["schemas"][name]
        return schema

    def labelled(self, label: str) -> Operation:
        return next(operation for operation in self.operations.values() if operation.label == label)


@cache
def _document() -> dict[str, Any]:
    """Read it once: it takes a second, in each process that collects the tests."""
    return dict(YAML(typ="safe", pure=True).load(CONTRACT))


def _walk(paths: dict[str, Any]) -> list[tuple[str, dict[str, Any], str]]:
    return [(path, item, method) for path, item in paths.items() for method in _METHODS if method in item]


def _operation(path: str, method: str, node: dict[str, Any]) -> Operation:
    return Operation(
        name=node["operationId"],
        method=method.upper(),
        path=path,
        scopes=frozenset(node["x-required-scopes"]),
        statuses=frozenset(map(int, node["responses"])),
        sorts=tuple(node.get("x-sorts", ())),
        includes=tuple(node.get("x-includes", ())),
        filterable=tuple(map(_filterable, node.get("x-filterable-fields", ()))),
        not_filterable=tuple(node.get("x-not-filterable", ())),
    )


def _filterable(node: dict[str, Any]) -> Filterable:
    kind = str(node["type"]).partition("<")[0]
    return Filterable(
        field=node["field"],
        kind="boolean" if kind == "bool" else kind,
        operators=tuple(node["operators"]),
        members=node.get("fields", {}),
    )
