"""A call of the API -> its answer: finds, validates and executes, inside one transaction of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from importer.sandbox import offers
from importer.sandbox.companies import records
from importer.sandbox.companies.contract import CREATE_RULES, IDENTIFIER_RULES, UPDATE_RULES
from importer.sandbox.companies.finding import address_of, find, is_taken, probe_of
from importer.sandbox.companies.listing import included_contacts, listed
from importer.sandbox.companies.rendering import rendered
from importer.sandbox.companies.validation import Checked, Probe, check
from importer.sandbox.routes import Endpoint
from importer.sandbox.wire.answers import Answer, json_answer, unprocessable

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.calls import Call
    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input

_Change: TypeAlias = Literal[Endpoint.UPDATE, Endpoint.DELETE, Endpoint.IDENTIFY, Endpoint.RESTORE]

__all__ = ["passes_unique_check", "performed"]


def performed(db: sqlite3.Connection, space: Space, call: Call) -> Answer:
    """Perform a call; an `ApiError` is its answer when it cannot be."""
    match call.route.endpoint:
        case Endpoint.LIST:
            return json_answer(listed(db, space, call.query, f"{call.base_url}/companies"))
        case Endpoint.SHOW:
            return _show(db, space, call)
        case Endpoint.CREATE:
            return _create(db, space, call)
        case Endpoint.OFFERS | Endpoint.OFFER | Endpoint.LINE_ITEMS | Endpoint.PDF as endpoint:
            return offers.answered(db, space, endpoint, call)
        case endpoint:
            return _changed(db, space, call, endpoint)


def _changed(db: sqlite3.Connection, space: Space, call: Call, endpoint: _Change) -> Answer:
    row = _found(db, space, call, archived=endpoint is Endpoint.RESTORE)
    match endpoint:
        case Endpoint.UPDATE:
            values = records.patched(space.behaviour, _checked(check(UPDATE_RULES, call.given, _probe(db, space))))
            return _company(db, space, records.update(db, space, row, values))
        case Endpoint.DELETE:
            records.archive(db, space, row)
            return json_answer({"message": "Company deleted successfully"})
        case Endpoint.IDENTIFY:
            values = _checked(check(IDENTIFIER_RULES, call.given, _probe(db, space)))
            return _company(db, space, records.identify(db, space, row, values))
        case Endpoint.RESTORE:
            return _company(db, space, records.restore(db, space, row), status=space.behaviour.restore_status)
        case _:
            assert_never(endpoint)


def _probe(db: sqlite3.Connection, space: Space) -> Probe:
    """Ask for what must exist; uniqueness is left to the change itself."""
    return probe_of(db, space, lambda _: True)


def passes_unique_check(db: sqlite3.Connection, space: Space, call: Call) -> bool:
    """Tell whether a create's external_id is free at this moment."""
    external_id = call.given.get("external_id")
    return not isinstance(external_id, str) or not is_taken(db, space.behaviour, external_id, _origin(space, call))


def _show(db: sqlite3.Connection, space: Space, call: Call) -> Answer:
    contacts = included_contacts(call.query)
    row = _found(db, space, call, archived=space.behaviour.shows_archived)
    return json_answer(rendered(db, [row], space.behaviour, contacts=contacts)[0])


def _create(db: sqlite3.Connection, space: Space, call: Call) -> Answer:
    refuses = space.behaviour.duplicate == 422 and not call.raced

    def is_free(external_id: str) -> bool:
        return not (refuses and is_taken(db, space.behaviour, external_id, _origin(space, call)))

    values = _checked(check(CREATE_RULES, call.given, probe_of(db, space, is_free)))
    return _company(db, space, records.create(db, space, values, raced=call.raced), status=201)


def _company(db: sqlite3.Connection, space: Space, row: sqlite3.Row, status: int = 200) -> Answer:
    return json_answer(rendered(db, [row], space.behaviour)[0], status)


def _found(db: sqlite3.Connection, space: Space, call: Call, *, archived: bool = False) -> sqlite3.Row:
    return find(db, space, address_of(space, call.query, call.route.identity), archived=archived)


def _checked(checked: Checked) -> Input:
    if checked.errors:
        raise unprocessable(checked.errors)
    return checked.values


def _origin(space: Space, call: Call) -> str:
    origin = call.given.get("external_origin")
    return origin if isinstance(origin, str) else space.actor
