"""What somebody else does to the space in the moment before a request is carried out, as a race with them would go."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.sandbox.companies import records
from importer.sandbox.companies.contract import IDENTIFIER_RULES
from importer.sandbox.companies.finding import address_of, find, is_taken
from importer.sandbox.companies.validation import check
from importer.sandbox.routes import Endpoint, route
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.faults.fault import Do
    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input
    from importer.sandbox.wire.requests import Asked

__all__ = ["SOMEBODY", "meddle"]

SOMEBODY = "somebody-else"
"""Who does it, as the companies' history names them."""

_OF_A_COMPANY = (Endpoint.SHOW, Endpoint.UPDATE, Endpoint.DELETE, Endpoint.IDENTIFY, Endpoint.RESTORE)
_CREATED, _CHANGED = "Created meanwhile", "Changed meanwhile"
_FIELDS = ("fax", "vendor_identifier")  # the first that the request leaves alone is changed


def meddle(db: sqlite3.Connection, space: Space, question: Asked, do: Do) -> None:
    """Do what a fault says, as somebody else and in a transaction of its own; nothing where there is nothing to do.

    `space` is that of the token that asks: its slug is the origin that the request means where it names none.
    """
    try:
        found = route(question.method, question.segments)
    except ApiError:
        return
    if do == "created_meanwhile" and found.endpoint is Endpoint.CREATE:
        _create(db, space, question)
    elif do == "changed_meanwhile" and found.endpoint in _OF_A_COMPANY:
        _change(db, space, question, found.identity)


def _create(db: sqlite3.Connection, space: Space, question: Asked) -> None:
    named = check(IDENTIFIER_RULES, {**question.query, **question.body}, lambda _rule, _name, _value: None)
    external_id, origin = named.values.get("external_id"), named.values.get("external_origin", space.actor)
    if named.errors or not isinstance(external_id, str) or not isinstance(origin, str):
        return  # nobody could have stored a company under such a name
    if not is_taken(db, space.behaviour, external_id, origin):
        values: Input = {"external_id": external_id, "external_origin": origin, "company_name": _CREATED}
        records.create(db, replace(space, actor=SOMEBODY, user_id=""), values)


def _change(db: sqlite3.Connection, space: Space, question: Asked, identity: str) -> None:
    try:
        row = find(db, space, address_of(space, question.query, identity))
    except ApiError:
        return
    field = next((name for name in _FIELDS if name not in question.body), _FIELDS[0])
    value = _CHANGED if row[field] != _CHANGED else f"{_CHANGED} again"
    earliest = dt.datetime.fromisoformat(row["updated_at"]) + dt.timedelta(seconds=1)  # so that it moves
    records.update(db, replace(space, actor=SOMEBODY, user_id="", now=max(space.now, earliest)), row, {field: value})
