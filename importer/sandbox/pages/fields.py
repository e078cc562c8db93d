"""A company's row -> its fields in groups, under words for people and under the names that the API reads them by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import BOOLEANS, COUNTRIES, NAMED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["Field", "Group", "groups_of", "tags_of"]

_MAX_FIELDS = 200
"""Custom fields of one company that a page shows."""
_MAX_PEOPLE = 50
_CONTACTS = """
    SELECT k.first_name, k.last_name, k.email, k.telephone, k.mobile, cc.position
    FROM company_contacts cc JOIN contacts k ON k.id = cc.contact_id WHERE cc.company_id = ? ORDER BY k.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One value; None is an empty one."""

    label: str
    name: str
    """The name in the API's answers; empty where the value is not a field of the company."""
    value: object
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: str
    fields: Sequence[Field]
    empty: str = ""
    """What to say where there are none."""
    cut: int = 0
    """Fields that are left out."""


_IDENTITY = {
    "External id": "external_id",
    "Origin": "external_origin",
    "Vendor number": "vendor_identifier",
    "Locale": "locale",
    "Tax id": "tax_uid",
    "Taxation": "taxation_enabled",
    "IBAN": "iban",
    "BIC": "bic",
    "Business field": "business_field",
    "Size": "company_size",
    "Revenue": "company_revenue",
    "Client": "client",
}
_CONTACT = {
    "E-mail": "email",
    "General e-mail": "email_general",
    "Phone": "phone",
    "Fax": "fax",
    "Homepage": "homepage",
    "Invoices by e-mail": "invoices_by_email",
    "Invoices by post": "invoices_by_post",
}
_CODES = {"external_id", "tax_uid", "iban", "bic"}
_PARTS = {
    "Title": "title",
    "Street": "street",
    "House": "house",
    "Street, second line": "street2",
    "Postal code": "zip",
    "Town": "town",
    "State": "state",
}


def groups_of(db: sqlite3.Connection, row: sqlite3.Row) -> list[Group]:
    """Group all fields of a company but its id, its name and its times."""
    invoice, delivery = _address("invoice"), _address("delivery")
    delivery["Deliver to the invoice address"] = "address_invoice_is_delivery"
    custom = json.loads(row["custom_fields"])
    return [
        Group("Identity", _fields(row, _IDENTITY)),
        Group("Contact", _fields(row, _CONTACT)),
        Group("Invoice address", _fields(row, invoice)),
        Group("Delivery address", _fields(row, delivery)),
        *_people(db, row["id"]),
        Group("Tags", [Field("Tags", "tags", tags_of(db, row["id"]) or None)]),
        Group(
            "Custom fields",
            [Field(slug, "", value) for slug, value in list(custom.items())[:_MAX_FIELDS]],
            empty="This company has none.",
            cut=max(0, len(custom) - _MAX_FIELDS),
        ),
    ]


def _people(db: sqlite3.Connection, company_id: int) -> list[Group]:
    rows = db.execute(_CONTACTS, [company_id, _MAX_PEOPLE]).fetchall()
    fields = [
        Field(
            " ".join(part for part in (row["first_name"], row["last_name"]) if part) or "no name",
            "",
            ", ".join(part for part in (row["position"], row["email"], row["telephone"], row["mobile"]) if part)
            or None,
        )
        for row in rows
    ]
    return [Group("Contact persons", fields)] if fields else []


def tags_of(db: sqlite3.Connection, company_id: int) -> list[str]:
    """Return the titles of a company's tags."""
    query = "SELECT n.name FROM company_tags t JOIN names n ON n.id = t.tag_id WHERE t.company_id = ? ORDER BY t.rowid"
    return [title for (title,) in db.execute(query, [company_id])]


def _address(kind: str) -> dict[str, str]:
    attention = "person_attention_to" if kind == "invoice" else "delivery_person_attention_to"
    parts = {label: f"address_{kind}_{part}" for label, part in _PARTS.items()}
    return {"For the attention of": attention, **parts, "Country": f"address_{kind}_country"}


def _fields(row: sqlite3.Row, names: dict[str, str]) -> list[Field]:
    return [Field(label, name, _value(row, name), name in _CODES) for label, name in names.items()]


def _value(row: sqlite3.Row, name: str) -> object:
    if name in BOOLEANS.values():
        return bool(row[name])
    if name in COUNTRIES:
        code = row[f"{name}_code"]
        return None if code is None else f"{row[f'{name}_name']} ({code})"
    return row[f"{name}_name" if name in NAMED or name == "client" else name]
