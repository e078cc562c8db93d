"""A company of a seed file -> rows of the store, checked by the rules of the API but for what only old data has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from importer.sandbox.companies import records
from importer.sandbox.companies.contract import CREATE_RULES
from importer.sandbox.companies.finding import is_taken, probe_of
from importer.sandbox.companies.validation import check
from importer.sandbox.documents import nearest
from importer.sandbox.seed_error import SeedError

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input

__all__ = ["insert_company"]

_NAMES = [rule.name for rule in CREATE_RULES]
_KNOWN = [*_NAMES, "archived"]
_RULES = tuple(replace(rule, required=False, nullable=rule.nullable or rule.required) for rule in CREATE_RULES)
"""Companies that are there already may have no name, which a create could not leave out."""


def insert_company(db: sqlite3.Connection, space: Space, given: Input) -> None:
    """Store a company: the fields of the API's create request under their names, and `archived: true`.

    Raises:
        SeedError: a name that a company does not have, or a value that the API would refuse.
    """
    for key in given:
        if key not in _KNOWN:
            raise SeedError(key, f"`{key}` is no field of a company; {nearest(key, _KNOWN)}")
    archived = given.get("archived", False)
    if not isinstance(archived, bool):
        raise SeedError("archived", "archived must be true or false")
    fields = {name: value for name, value in given.items() if name != "archived"}
    checked = check(_RULES, fields, probe_of(db, space, lambda _: True))
    for key, messages in checked.errors.items():
        name = key.partition(".")[0]
        raise SeedError(name, f"{name}: {messages[0]} {_hint(fields.get(name))}".rstrip())
    _refuse_second(db, space, checked.values)
    row = records.create(db, space, checked.values)
    if archived:
        records.archive(db, space, row)


def _hint(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f'Put it in quotes: "{value}".' if is_number else ""


def _refuse_second(db: sqlite3.Connection, space: Space, values: Input) -> None:
    external_id, origin = values.get("external_id"), values.get("external_origin", space.actor)
    if not isinstance(external_id, str) or space.behaviour.duplicate == "accept":
        return
    if is_taken(db, space.behaviour, external_id, str(origin)):
        raise SeedError(
            "external_id",
            f"a company of origin {origin} has the external_id {external_id} already; a space with two of them "
            "needs `behaviour: {duplicate: accept}`",
        )
