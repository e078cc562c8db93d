"""A mapping document -> the mapper for one table's header."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from importer.company import FIELDS
from importer.mapping.conditions import compile_condition
from importer.mapping.expressions import compile_expression, compile_tags
from importer.mapping.kinds import ClientWords
from importer.mapping.mapper import Mapper
from importer.mapping.plan import Field, Plan, Rule
from importer.mapping.slots import NOT_IN_COMPANY, REQUIRED, TAG, Slot, custom_slot, field_slot

if TYPE_CHECKING:
    from importer.mapping.evaluation import Compiled, Decisions, Scope
    from importer.mapping.mapper import Place
    from importer.mapping.schema import Document, Expression
    from importer.model import Json

__all__ = ["compile_mapper"]


def compile_mapper(document: Document, scope: Scope, place: Place) -> Mapper:
    """Compile a mapping for the header of `scope`; where that has flaws afterwards, the mapper is of no use."""
    plan, origin = _plan(document, scope), document.target.external_origin
    return Mapper(plan, origin=origin, place=place, scope=scope)


class _Company:
    """Compiles the fields of a company, each once, and before another one that depends on it."""

    __slots__ = ("_begun", "_document", "_made", "scope")

    def __init__(self, document: Document, scope: Scope) -> None:
        self._document = document
        self._made: dict[str, Field] = {}
        self._begun: list[str] = []
        self.scope = replace(scope, field=self._asked, decisions=_decisions(document))

    def field(self, name: str) -> Field:
        """Compile a field."""
        if name not in self._made:
            self._begun.append(name)
            expression = self._document.company[name]
            self._made[name] = _field(
                name, field_slot(name), expression, self.scope.at("company", name), self._document
            )
            self._begun.remove(name)
        return self._made[name]

    def _asked(self, name: str) -> Compiled | str | None:
        if name not in self._document.company:
            return None
        if name not in self._begun:
            return self.field(name).compiled
        circle = [*self._begun[self._begun.index(name) :], name]
        return f"this goes in a circle: {' needs '.join(circle)}"


def _decisions(document: Document) -> Decisions:
    """Take the decisions that have been made."""
    return {
        field: {cell: value for cell, value in cells.items() if value is not None}
        for field, cells in document.decisions.items()
        if cells is not None
    }


def _plan(document: Document, scope: Scope) -> Plan:
    company = _Company(document, scope)
    scope = company.scope
    of_skip, of_tags = scope.noting_reads(), scope.noting_reads()
    fields = {name: company.field(name) for name in FIELDS if name in document.company and name not in NOT_IN_COMPANY}
    return Plan(
        skip=tuple(
            Rule(below.watch(compile_condition(rule.when, below, None)), rule.reason)
            for rule, below in ((rule, of_skip.at("skip", index, "when")) for index, rule in enumerate(document.skip))
        ),
        skip_reads=frozenset(of_skip.reads),
        external_id=fields.pop("external_id"),
        fields=tuple(fields.values()),
        tags=tuple(
            compile_tags(expression, TAG, of_tags.at("tags", index)) for index, expression in enumerate(document.tags)
        ),
        tag_reads=frozenset(of_tags.reads),
        custom_fields=tuple(
            _field(slug, custom_slot(slug), expression, scope.at("custom_fields", slug), document)
            for slug, expression in document.custom_fields.items()
        ),
        client=_client(document),
    )


def _client(document: Document) -> dict[str, Json] | None:
    """Say what is known of every client that is named by its external_id; None where they are named by Kanbert's id."""
    expression = document.company.get("client_id")
    if expression is None or expression.as_ is None or not isinstance(words := expression.as_.options, ClientWords):
        return None
    return {} if words.origin is None else {"external_origin": words.origin}


def _field(key: str, slot: Slot, expression: Expression, scope: Scope, document: Document) -> Field:
    return Field(
        key=key,
        compiled=compile_expression(expression, slot, scope),
        clears=slot.nullable and (expression.blank or document.blank) == "clear",
        required=slot.name in REQUIRED,
    )
