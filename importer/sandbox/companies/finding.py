"""What a path or an external_id names -> the company that is meant, by the rules of the Kanbert that is being played."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import TITLED, Kind, Rule
from importer.sandbox.companies.validation import Probe, invalid_selection
from importer.sandbox.ids import Thing, id_of, leading_id_of
from importer.sandbox.wire.answers import ApiError, unprocessable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.space import Space
    from importer.sandbox.wire.answers import Errors
    from importer.sandbox.wire.inputs import Input

__all__ = [
    "SELECT",
    "TAKEN",
    "Address",
    "address_of",
    "by_id",
    "external_id_of",
    "find",
    "folded",
    "holder_of",
    "is_taken",
    "probe_of",
]

TAKEN = "The external id has already been taken."

SELECT = """
    SELECT c.*, bf.name AS business_field_name, cs.name AS company_size_name, cr.name AS company_revenue_name,
        ic.code AS address_invoice_country_code, ic.name AS address_invoice_country_name,
        dc.code AS address_delivery_country_code, dc.name AS address_delivery_country_name, cl.name AS client_name
    FROM companies c
        LEFT JOIN names bf ON bf.id = c.business_field_id
        LEFT JOIN names cs ON cs.id = c.company_size_id
        LEFT JOIN names cr ON cr.id = c.company_revenue_id
        LEFT JOIN countries ic ON ic.id = c.address_invoice_country_id
        LEFT JOIN countries dc ON dc.id = c.address_delivery_country_id
        LEFT JOIN clients cl ON cl.id = c.client_id
"""
"""A company with the names of what it refers to; tags, contacts and the client's particulars are read beside it."""


@dataclass(frozen=True, slots=True)
class Address:
    """How a path names a company; `origin` counts only where it is found by external_id."""

    text: str
    by_external_id: bool
    origin: str


def address_of(space: Space, query: Input, identity: str) -> Address:
    """Read how a path and its query name a company; a 422 where `find_by` is no way to find, or `origin` no text."""
    find_by, origin = query.get("find_by") or "id", query.get("origin")
    errors: Errors = {}
    if find_by not in ("id", "external_id"):
        errors["find_by"] = [invalid_selection("find_by")]
    if origin is not None and not isinstance(origin, str):
        errors["origin"] = ["The origin field must be a string."]
    if errors:
        raise unprocessable(errors)
    return Address(
        text=identity,
        by_external_id=find_by == "external_id",
        origin=origin if isinstance(origin, str) else space.actor,
    )


def find(db: sqlite3.Connection, space: Space, address: Address, *, archived: bool = False) -> sqlite3.Row:
    """Find the company that a path names, live ones only unless `archived`; 404 where there is none."""
    live = "" if archived else " AND c.deleted_at IS NULL"
    if address.by_external_id:
        column, value = _external_key(space.behaviour, address.text)
        row: sqlite3.Row | None = db.execute(
            f"{SELECT} WHERE c.{column} = ? AND c.external_origin = ?{live} ORDER BY c.id LIMIT 1",  # names of ours
            [value, address.origin],
        ).fetchone()
        missing = ""
    else:
        row = db.execute(f"{SELECT} WHERE c.id = ?{live}", [_number(space.behaviour, address.text)]).fetchone()
        missing = address.text
    if row is None:
        end = f" {missing}" if missing else "."
        raise ApiError(404, f"No query results for model [App\\Models\\Company]{end}")
    return row


def by_id(db: sqlite3.Connection, company_id: int) -> sqlite3.Row:
    """Read a company that is there."""
    row: sqlite3.Row = db.execute(f"{SELECT} WHERE c.id = ?", [company_id]).fetchone()
    return row


def external_id_of(db: sqlite3.Connection, behaviour: Behaviour, kanbert_id: str) -> str | None:
    """Tell the external_id of the company with this id, archived or not."""
    number = _number(behaviour, kanbert_id)
    found = db.execute("SELECT external_id FROM companies WHERE id = ?", [number]).fetchone()
    return found[0] if found else None


def is_taken(db: sqlite3.Connection, behaviour: Behaviour, external_id: str, origin: str) -> bool:
    """Tell whether a company, by default an archived one too, holds the external_id."""
    return holder_of(db, behaviour, external_id, origin) is not None


def holder_of(
    db: sqlite3.Connection, behaviour: Behaviour, external_id: str, origin: str, *, but_for: int | None = None
) -> int | None:
    """Find a company that holds the external_id, other than `but_for`."""
    column, value = _external_key(behaviour, external_id)
    live = " AND deleted_at IS NULL" if behaviour.archived_frees_id else ""
    found = db.execute(
        f"SELECT id FROM companies WHERE {column} = ? AND (? OR external_origin = ?) AND id IS NOT ?{live} LIMIT 1",  # noqa: S608  # names of ours
        [value, behaviour.unique_in == "space", origin, but_for],
    ).fetchone()
    return found[0] if found else None


def probe_of(db: sqlite3.Connection, space: Space, is_free: Callable[[str], bool]) -> Probe:
    """Make the questions that validation asks: does what is named exist, is this external_id free."""

    def probe(rule: Rule, name: str, value: str) -> str | None:
        if rule.unique:
            return None if is_free(value) else TAKEN
        return None if _exists(db, space, rule, value) else invalid_selection(name)

    return probe


def _exists(db: sqlite3.Connection, space: Space, rule: Rule, value: str) -> bool:
    """Tell whether what a value names is there, or need not be."""
    if rule.kind is Kind.REFERENCE:
        table, thing = ("clients", Thing.CLIENT) if rule.name == "client_id" else ("countries", Thing.COUNTRY)
        number = id_of(value, thing, space.behaviour.ids)
        return db.execute(f"SELECT 1 FROM {table} WHERE id = ?", [number]).fetchone() is not None  # noqa: S608  # names of ours
    if rule.kind is Kind.CUSTOM:
        return space.behaviour.unknown_custom_field != "refuse" or value in space.custom_fields
    if rule.name in TITLED and space.behaviour.unknown_title == "refuse":
        found = db.execute("SELECT 1 FROM names WHERE kind = ? AND name = ?", [rule.name, value])
        return found.fetchone() is not None
    return True


def _number(behaviour: Behaviour, text: str) -> int | None:
    if behaviour.finds_id_prefix and behaviour.ids != "uuid":
        return leading_id_of(text)
    return id_of(text, Thing.COMPANY, behaviour.ids)


def folded(text: str) -> str:
    """Fold as MySQL's default collations compare: without case, accents and trailing spaces."""
    if text.isascii():
        return text.lower().rstrip(" ")
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold().rstrip(" ")


def _external_key(behaviour: Behaviour, external_id: str) -> tuple[str, str]:
    if behaviour.folds_external_id:
        return "external_id_folded", folded(external_id)
    return "external_id", external_id
