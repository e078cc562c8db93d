"""The query's computed_fields -> numbers made of each row's relations, that filter and sort may name.

`computed_fields[hours]=line_items.sum(amount, type eq "service")`: count takes a condition or nothing, sum, avg, min and
max a number of the relation and after a comma a condition, in the spelling of `sentences`. Of no rows each is 0. Filter
and sort know it as `computed_fields.hours` and, where the resource has no such name itself, as `hours`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.lists.conditions import COSTLY, FilterScope, condition
from importer.sandbox.lists.fragments import TRUE, Fragment
from importer.sandbox.lists.resource import Field, FieldKind
from importer.sandbox.lists.sentences import tree_of_sentence
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from importer.sandbox.lists.resource import Relation, Resource
    from importer.sandbox.lists.settings import ListSettings
    from importer.sandbox.wire.inputs import Input

__all__ = ["PREFIX", "Computed", "computed_fields"]

PREFIX = "computed_fields."

_MAX_FIELDS = 10
_ALIAS = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_CALL = re.compile(r"\s*(\w{1,64})\s*\.\s*(\w{1,10})\s*\((.*)\)\s*", re.DOTALL)
_ROUNDED = {"sum", "avg", "min", "max"}


@dataclass(frozen=True, slots=True)
class Computed:
    """One number for each row; `column` is its name in the SELECT."""

    alias: str
    column: str
    expression: Fragment
    conditions: int  # that it is made of

    @property
    def field(self) -> Field:
        """The number as filter and sort see it, who have it made anew wherever they name it."""
        return Field(FieldKind.NUMBER, self.column, weight=COSTLY + self.conditions)


def computed_fields(query: Input, resource: Resource, settings: ListSettings) -> tuple[Computed, ...]:
    """Read the computed fields that a query declares; none for a resource that has nothing to make them of."""
    asked = query.get("computed_fields")
    if asked is None or not resource.aggregates:
        return ()
    if not isinstance(asked, dict):
        raise ApiError(400, "Computed fields are declared as computed_fields[<alias>]=relation.aggregate(..).")
    if len(asked) > _MAX_FIELDS:
        raise ApiError(400, f"More than {_MAX_FIELDS} computed fields are not allowed.")
    scope = FilterScope(settings, {})
    return tuple(
        _computed(number, alias, text, resource=resource, scope=scope)
        for number, (alias, text) in enumerate(asked.items())
    )


def _computed(number: int, alias: str, text: object, *, resource: Resource, scope: FilterScope) -> Computed:
    before = scope.count.conditions
    expression = _expression(_checked(alias), text, resource, scope)
    return Computed(alias, f"list_computed_{number}", expression, scope.count.conditions - before)


def _checked(alias: str) -> str:
    if not _ALIAS.fullmatch(alias):
        raise ApiError(400, "The alias of a computed field is made of letters, digits and _.")
    return alias


def _expression(alias: str, text: object, resource: Resource, scope: FilterScope) -> Fragment:
    call = _CALL.fullmatch(text) if isinstance(text, str) else None
    if call is None:
        raise ApiError(400, f"The computed field `{alias[:64]}` is not of the form relation.aggregate(..).")
    name, function, given = call.groups()
    if name not in resource.aggregates:
        raise ApiError(400, f"The relation `{name}` is not allowed for computed fields.")
    relation = resource.relations[name]
    if function == "count":
        return _where(given, relation, scope).within(relation.select("count(*)"))
    if function not in _ROUNDED:
        raise ApiError(400, f"The aggregate `{function}` is none of count, sum, avg, min and max.")
    column, _, where = given.partition(",")
    if (number := relation.columns.get(column.strip())) is None:
        raise ApiError(400, f"The aggregate `{function}` needs a number of `{name}` to be taken of.")
    aggregate = f"coalesce(round({function}({number}), 6), 0)"  # the sum of money is not 0.30000000000000004
    return _where(where, relation, scope).within(relation.select(aggregate))


def _where(text: str, relation: Relation, scope: FilterScope) -> Fragment:
    return condition(tree_of_sentence(text.strip()), scope.inside(relation)) if text.strip() else TRUE
