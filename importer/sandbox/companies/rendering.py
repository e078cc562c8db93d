"""Rows of the store -> CompanyData as the API answers it: the read names, in the documentation's order."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import COUNTRIES, NAMED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from importer.sandbox.options import Behaviour
    from importer.sandbox.wire.inputs import Json

__all__ = ["rendered"]

_PLAIN_HEAD = ("external_id", "external_origin", "vendor_identifier", "company_name", "locale", "tax_uid")
_PLAIN_MIDDLE = ("iban", "bic", "email", "email_general", "phone", "fax", "homepage")
_PARTS = ("title", "street", "house", "street2", "zip", "state", "town")
_DATES = ("created_at", "updated_at", "deleted_at")


def rendered(
    db: sqlite3.Connection, rows: Sequence[sqlite3.Row], behaviour: Behaviour, *, contacts: bool = False
) -> list[Json]:
    """Render companies in the given order; `contacts` adds the property that include=contacts asks for."""
    tags = _tags(db, rows, behaviour) if behaviour.answers_tags else {}
    return [_company(row, tags, behaviour, contacts=contacts) for row in rows]


def _company(row: sqlite3.Row, tags: dict[int, list[Json]], behaviour: Behaviour, *, contacts: bool) -> dict[str, Json]:
    body: dict[str, Json] = {"id": _id(row["id"], behaviour)}
    body |= {name: row[name] for name in _PLAIN_HEAD}
    body["taxation_enabled"] = bool(row["taxation_enabled"])
    body |= {name: row[name] for name in _PLAIN_MIDDLE}
    body |= {name: bool(row[name]) for name in ("invoices_by_post", "invoices_by_email")}
    body |= {name: _named(row, name, member, behaviour) for name, member in NAMED.items()}
    for kind, attention, country in (
        ("invoice", "person_attention_to", COUNTRIES[0]),
        ("delivery", "delivery_person_attention_to", COUNTRIES[1]),
    ):
        body[attention] = row[attention]
        body |= {name: row[name] for name in (f"address_{kind}_{part}" for part in _PARTS)}
        body[country] = _country(row, country, behaviour)
    body["address_invoice_is_delivery"] = bool(row["address_invoice_is_delivery"])
    body["client"] = _client(row, behaviour)
    if behaviour.answers_tags:
        body["tags"] = tags.get(row["id"], [])
    if contacts:
        body["contacts"] = []  # the sandbox's companies have none
    body["custom_fields"] = json.loads(row["custom_fields"]) or ([] if behaviour.empty_custom_fields == "list" else {})
    return body | {name: _date(row[name], behaviour) for name in _DATES}


def _id(number: int, behaviour: Behaviour) -> Json:
    return number if behaviour.numeric_ids else str(number)


def _named(row: sqlite3.Row, name: str, member: str, behaviour: Behaviour) -> Json:
    if (number := row[f"{name}_id"]) is None:
        return None
    return {"id": _id(number, behaviour), member: row[f"{name}_name"]}


def _country(row: sqlite3.Row, name: str, behaviour: Behaviour) -> Json:
    if (number := row[f"{name}_id"]) is None:
        return None
    return {"id": _id(number, behaviour), "name": row[f"{name}_name"], "code": row[f"{name}_code"]}


def _client(row: sqlite3.Row, behaviour: Behaviour) -> Json:
    if (number := row["client_id"]) is None:
        return None
    absent = ("external_id", "external_origin", "shortcode", "primary_contact", "origin_space")
    return {"id": _id(number, behaviour), "name": row["client_name"], **dict.fromkeys(absent)}


def _date(stored: str | None, behaviour: Behaviour) -> str | None:
    if stored is None or behaviour.dates == "atom":
        return stored
    return stored.replace("+00:00", "Z" if behaviour.dates == "zulu" else ".000000Z")


def _tags(db: sqlite3.Connection, rows: Sequence[sqlite3.Row], behaviour: Behaviour) -> dict[int, list[Json]]:
    found: defaultdict[int, list[Json]] = defaultdict(list)
    marks = ", ".join("?" * len(rows))
    query = f"""
        SELECT t.company_id, n.id, n.name FROM company_tags t JOIN names n ON n.id = t.tag_id
        WHERE t.company_id IN ({marks}) ORDER BY t.rowid
    """  # noqa: S608  # question marks
    for company_id, tag_id, title in db.execute(query, [row["id"] for row in rows]):
        found[company_id].append({"id": _id(tag_id, behaviour), "title": title})
    return found
