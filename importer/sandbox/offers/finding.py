"""What a path names -> the offer that is meant, by the rules of the Kanbert that is being played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.companies.finding import Address, address_of, folded
from importer.sandbox.ids import Thing, id_of, leading_id_of
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.calls import Call
    from importer.sandbox.space import Space

__all__ = ["SELECT", "find"]

SELECT = """
    SELECT o.* FROM offers o
        LEFT JOIN users e ON e.id = o.editor_id
        LEFT JOIN clients cl ON cl.id = o.client_id
        LEFT JOIN projects p ON p.id = o.project_id
        LEFT JOIN companies c ON c.id = o.company_id
"""
"""An offer; the joined rows are there to be filtered by."""


def find(db: sqlite3.Connection, space: Space, call: Call) -> sqlite3.Row:
    """Find the offer that a call's path names; 404 where there is none, or an archived one that is not shown."""
    address = address_of(space, call.query, call.route.identity)
    column, value = _key(space.behaviour, address)
    origin = " AND o.external_origin = ?" if address.by_external_id else ""
    live = "" if space.behaviour.shows_archived else " AND o.deleted_at IS NULL"
    row: sqlite3.Row | None = db.execute(
        f"{SELECT} WHERE o.{column} = ?{origin}{live} ORDER BY o.id LIMIT 1",
        [value, *([address.origin] if origin else [])],
    ).fetchone()
    if row is None:
        end = "." if address.by_external_id else f" {address.text}"
        raise ApiError(404, f"No query results for model [App\\Models\\Offer]{end}")
    return row


def _key(behaviour: Behaviour, address: Address) -> tuple[str, str | int | None]:
    if address.by_external_id:
        if behaviour.folds_external_id:
            return "external_id_folded", folded(address.text)
        return "external_id", address.text
    if behaviour.finds_id_prefix and behaviour.ids != "uuid":
        return "id", leading_id_of(address.text)
    return "id", id_of(address.text, Thing.OFFER, behaviour.ids)
