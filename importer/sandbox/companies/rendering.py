"""Rows of the store -> CompanyData as the API answers it: the read names, in the documentation's order."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import COUNTRIES, NAMED
from importer.sandbox.companies.finding import SELECT
from importer.sandbox.embedded.rendering import clients, contacts_of, country
from importer.sandbox.embedded.values import date_time, key_list
from importer.sandbox.ids import Thing, public_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.wire.inputs import Json

__all__ = ["companies", "rendered"]

_PLAIN_HEAD = ("external_id", "external_origin", "vendor_identifier", "company_name", "locale", "tax_uid")
_PLAIN_MIDDLE = ("iban", "bic", "email", "email_general", "phone", "fax", "homepage")
_PARTS = ("title", "street", "house", "street2", "zip", "state", "town")
_DATES = ("created_at", "updated_at", "deleted_at")

_BY_ID = f"{SELECT} WHERE c.id IN (SELECT value FROM json_each(?))"  # noqa: S608  # SQL of ours
_TAGS = """
    SELECT t.company_id, n.id, n.name FROM company_tags t JOIN names n ON n.id = t.tag_id
    WHERE t.company_id IN (SELECT value FROM json_each(?)) ORDER BY t.rowid
"""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read beside the companies' own rows: clients by their numbers, the rest by the companies'."""

    clients: Mapping[int, Json]
    tags: Mapping[int, list[Json]] | None
    contacts: Mapping[int, list[Json]] | None


def rendered(
    db: sqlite3.Connection, rows: Sequence[sqlite3.Row], behaviour: Behaviour, *, contacts: bool = False
) -> list[Json]:
    """Render companies in the given order; `contacts` adds the property that include=contacts asks for."""
    keys = [row["id"] for row in rows]
    beside = _Beside(
        clients=clients(db, (row["client_id"] for row in rows), behaviour),
        tags=_tags(db, keys, behaviour) if behaviour.answers_tags else None,
        contacts=contacts_of(db, keys, behaviour) if contacts else None,
    )
    return [_company(row, beside, behaviour) for row in rows]


def companies(db: sqlite3.Connection, ids: Iterable[int | None], behaviour: Behaviour) -> dict[int, Json]:
    """Render companies by their numbers, archived ones too."""
    keys = key_list(ids)
    rows = [] if keys == "[]" else db.execute(_BY_ID, [keys]).fetchall()
    return dict(zip((row["id"] for row in rows), rendered(db, rows, behaviour), strict=True))


def _company(row: sqlite3.Row, beside: _Beside, behaviour: Behaviour) -> dict[str, Json]:
    body: dict[str, Json] = {"id": public_id(row["id"], Thing.COMPANY, behaviour.ids)}
    body |= {name: row[name] for name in _PLAIN_HEAD}
    body["taxation_enabled"] = bool(row["taxation_enabled"])
    body |= {name: row[name] for name in _PLAIN_MIDDLE}
    body |= {name: bool(row[name]) for name in ("invoices_by_post", "invoices_by_email")}
    body |= {name: _named(row, name, member, behaviour) for name, member in NAMED.items()}
    for kind, attention, name in (
        ("invoice", "person_attention_to", COUNTRIES[0]),
        ("delivery", "delivery_person_attention_to", COUNTRIES[1]),
    ):
        body[attention] = row[attention]
        body |= {part: row[part] for part in (f"address_{kind}_{part}" for part in _PARTS)}
        body[name] = country(row, name, behaviour)
    body["address_invoice_is_delivery"] = bool(row["address_invoice_is_delivery"])
    body["client"] = beside.clients.get(row["client_id"])
    if beside.tags is not None:
        body["tags"] = beside.tags.get(row["id"], [])
    if beside.contacts is not None:
        body["contacts"] = beside.contacts.get(row["id"], [])
    body["custom_fields"] = json.loads(row["custom_fields"]) or ([] if behaviour.empty_custom_fields == "list" else {})
    return body | {name: date_time(row[name], behaviour) for name in _DATES}


def _named(row: sqlite3.Row, name: str, member: str, behaviour: Behaviour) -> Json:
    if (number := row[f"{name}_id"]) is None:
        return None
    return {"id": public_id(number, Thing(name), behaviour.ids), member: row[f"{name}_name"]}


def _tags(db: sqlite3.Connection, keys: Iterable[int], behaviour: Behaviour) -> dict[int, list[Json]]:
    found: defaultdict[int, list[Json]] = defaultdict(list)
    for company_id, tag_id, title in db.execute(_TAGS, [key_list(keys)]):
        found[company_id].append({"id": public_id(tag_id, Thing.TAG, behaviour.ids), "title": title})
    return found
