"""The tree of a filter -> one SQL condition over a resource's SELECT; 400 for what the resource cannot be asked.

A relation is asked with a condition on its rows, which the documentation names without a syntax (inferred):
`{"field": "tags", "op": "any", "value": [{"field": "title", "op": "eq", "value": "VIP"}]}` is for rows that have such a
tag, `none` for those that have none, `all` for those whose every tag is one, if they have any or not; without a
condition every tag counts. `{"field": "tags", "op": "count", "value": {"op": "gte", "value": 2, "where": [..]}}`
compares their number; a bare number as the value is meant exactly.

Without a word on `archived`, wherever in the tree, only rows that are not archived are meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.sandbox.lists.fragments import TRUE, Fragment, joined
from importer.sandbox.lists.leaves import custom_condition, field_condition, number_condition
from importer.sandbox.lists.sentences import MAX_DEPTH
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.sandbox.lists.resource import Field, Relation, Resource
    from importer.sandbox.lists.settings import ListSettings
    from importer.sandbox.wire.inputs import Json

__all__ = ["COSTLY", "MAX_CONDITIONS", "FilterScope", "condition", "custom_slug", "live", "scope_of"]

MAX_CONDITIONS = 200
"""What a filter may have, and a sort that is made of conditions."""

COSTLY = 10
"""As how many conditions one counts that looks at other rows."""

_MAX_VALUES = 5_000
_ARCHIVED = {"with": "1", "only": "{} IS NOT NULL", "without": "{} IS NULL"}
_CUSTOM = "custom_fields."
_SLUG = re.compile(r"[^\x00-\x1f\ud800-\udfff]{1,100}")


@dataclass(slots=True)
class _Count:
    conditions: int = 0
    values: int = 0
    asks_archived: bool = False


@dataclass(frozen=True, slots=True)
class FilterScope:
    """What a filter may name: the fields of a resource, or of a relation while that is asked."""

    settings: ListSettings
    fields: Mapping[str, Field]
    relations: Mapping[str, Relation] = field(default_factory=dict)
    computed: Mapping[str, Field] = field(default_factory=dict)
    archived: str | None = None
    custom_fields: str | None = None
    count: _Count = field(default_factory=_Count)

    def inside(self, relation: Relation) -> FilterScope:
        """Return the scope of a condition on a relation's rows, which counts with the rest."""
        return FilterScope(self.settings, relation.fields, count=self.count)


def condition(tree: Json, scope: FilterScope) -> Fragment:
    """Compile a filter; one scope may compile several, which are then bounded together."""
    return _compiled(tree, scope, 0)


def live(scope: FilterScope) -> Fragment:
    """Return the condition that is added for a filter that said nothing on `archived`, after it was compiled."""
    if scope.archived is None or scope.count.asks_archived:
        return TRUE
    return Fragment(_ARCHIVED["without"].format(scope.archived))


def custom_slug(name: str, settings: ListSettings) -> str | None:
    """Return the slug that a field's name ends in, if it is one of the space's custom fields."""
    slug = name.removeprefix(_CUSTOM)
    known = _SLUG.fullmatch(slug) if settings.custom_fields is None else slug in settings.custom_fields
    return slug if known and name.startswith(_CUSTOM) else None


def _compiled(tree: Json, scope: FilterScope, depth: int) -> Fragment:
    if depth > MAX_DEPTH:
        raise ApiError(400, "The filter is nested too deeply.")
    match tree:
        case list():
            return joined([_compiled(item, scope, depth + 1) for item in tree], "AND")
        case {"and": list(items), **rest} if not rest:
            return joined([_compiled(item, scope, depth + 1) for item in items], "AND")
        case {"or": list(items), **rest} if not rest:
            return joined([_compiled(item, scope, depth + 1) for item in items], "OR")
        case dict():
            return _counted(tree, scope, depth)
        case _:
            raise ApiError(400, "A filter is a list of conditions with field, op and value.")


def _counted(leaf: dict[str, Json], scope: FilterScope, depth: int) -> Fragment:
    name = _word(leaf, "field")
    scope.count.conditions += _weight(name, scope)
    if scope.count.conditions > MAX_CONDITIONS:
        raise ApiError(
            400,
            f"The filter has more than {MAX_CONDITIONS} conditions; one on a relation counts as {COSTLY}, "
            f"one on a computed field as {COSTLY} and those that it is made of.",
        )
    compiled = _leaf(name, _word(leaf, "op"), leaf.get("value"), scope, depth)
    scope.count.values += len(compiled.parameters)
    if scope.count.values > _MAX_VALUES:
        raise ApiError(400, "The filter has too many values.")
    return compiled


def _weight(name: str, scope: FilterScope) -> int:
    if declared := scope.fields.get(name) or scope.computed.get(name):
        return declared.weight
    return COSTLY if name in scope.relations else 1


def _leaf(name: str, op: str, value: Json, scope: FilterScope, depth: int) -> Fragment:
    if name == "archived" and scope.archived is not None:
        return _archived(scope, scope.archived, op, value)
    if declared := scope.fields.get(name) or scope.computed.get(name):
        return field_condition(name, declared, op, value, scope.settings)
    if name in scope.relations:
        return _related(name, op.lower(), value, scope, depth)
    slug = custom_slug(name, scope.settings)
    if slug is not None and scope.custom_fields is not None:
        return custom_condition(slug, scope.custom_fields, op, value, scope.settings)
    shown = name[:100].encode("utf-8", "replace").decode()
    raise ApiError(400, f"Requested filter(s) `{shown}` are not allowed.")


def _word(leaf: dict[str, Json], name: str) -> str:
    word = leaf.get(name)
    if not isinstance(word, str):
        raise ApiError(400, f"A filter condition needs `{name}`.")
    return word


def _archived(scope: FilterScope, column: str, op: str, value: Json) -> Fragment:
    if op.lower() != "eq":
        raise ApiError(400, "The filter `archived` takes the operator eq only.")
    if not isinstance(value, str) or value not in _ARCHIVED:
        raise ApiError(400, "The filter `archived` takes with, only or without.")
    scope.count.asks_archived = True
    return Fragment(_ARCHIVED[value].format(column))


def _related(name: str, op: str, value: Json, scope: FilterScope, depth: int) -> Fragment:
    relation = scope.relations[name]
    if op == "count":
        return _number_of_related(name, relation, value, scope, depth)
    if op not in ("any", "none", "all"):
        raise ApiError(400, f"The relation `{name}` takes any, none, all and count, not `{op[:20]}`.")
    where = TRUE if value is None else _compiled(value, scope.inside(relation), depth + 1)
    if op == "all":
        where = where.within("NOT coalesce({}, 0)")
    exists = where.within(f"EXISTS {relation.select('1')}")
    return exists if op == "any" else exists.within("NOT {}")


def _number_of_related(name: str, relation: Relation, value: Json, scope: FilterScope, depth: int) -> Fragment:
    asked: dict[str, Json] = value if isinstance(value, dict) else {"op": "eq", "value": value}
    wanted = asked.get("where")
    where = TRUE if wanted is None else _compiled(wanted, scope.inside(relation), depth + 1)
    number = where.within(relation.select("count(*)"))
    return number_condition(name, number, _word(asked, "op"), asked.get("value"))


def scope_of(resource: Resource, settings: ListSettings, computed: Mapping[str, Field]) -> FilterScope:
    """Return what a resource's filter may name; a computed field never hides one of the resource's own."""
    return FilterScope(
        settings=settings,
        fields=resource.fields,
        relations=resource.relations,
        computed=computed,
        archived=resource.archived,
        custom_fields=resource.custom_fields,
    )
