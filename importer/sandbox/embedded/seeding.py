"""Users, clients, projects and contacts of a seed file -> rows of the store.

Every function takes one entry as a plain map and raises a `SeedError` for a name that means nothing, a value of another
type, one that is missing, or a reference to what is not there. Where a text refers to a client it is the client's
name, to a project its title, to a user the e-mail address; a whole number is an id; and clients and projects may be
named by `{external_id: ..., origin: ...}` too, the origin being that of the sandbox's own integration if left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.sandbox.countries import country_named
from importer.sandbox.embedded.countries import country_id
from importer.sandbox.embedded.fields import SeedFields
from importer.sandbox.embedded.references import (
    CLIENT,
    COMPANY,
    USER,
    identity,
    insert,
    named,
    reference,
    referred,
)

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input

__all__ = ["insert_client", "insert_contact", "insert_project", "insert_user"]

_USER_TYPES = ("user", "guest", "tax_advisor", "integration")
_USER = ("id", "external_id", "first_name", "last_name", "email", "type", "space")
_CLIENT = ("id", "external_id", "external_origin", "name", "shortcode", "primary_contact", "origin_space")
_PROJECT = (
    *("id", "external_id", "external_origin", "title", "shortcode", "po_number", "project_type", "status"),
    *("is_acquisition", "is_private", "start_date", "end_date", "client", "custom_fields", "origin_space"),
)
_PROJECT_TYPE = ("title", "shortcode", "color", "order", "is_default")
_CONTACT_TEXTS = (
    *("gender", "first_name", "last_name", "title", "title_suffix", "position", "locale", "fax", "telephone"),
    *("telephone_private", "mobile", "mobile_private", "address_street", "address_house", "address_street2"),
    *("address_zip", "address_state", "address_town"),
)
_CONTACT = (
    *("id", "external_id", "external_origin", *_CONTACT_TEXTS, "birthday", "email", "email_private"),
    *("address_country", "owner", "client", "companies"),
)
_CONTACT_COMPANY = ("id", "external_id", "origin", "position")
_FIRST_TYPE = {"shortcode": "PRJ", "color": "#4a6fa5", "position": 1, "is_default": True}


def insert_user(db: sqlite3.Connection, space: Space, given: Input) -> None:  # noqa: ARG001  # called like the others
    """Store a user.

    Needed: first_name, last_name, email (each address once). Else: id, external_id, type (user, guest, tax_advisor or
    integration; default user), space (the name of another space; default this one). With the id of a token's user, it
    takes that one's place: the token then acts as this person.
    """
    fields = SeedFields(given, _USER, "a user")
    key, email = fields.key(), fields.email("email") or fields.required("email")
    if key is not None:
        db.execute(
            "DELETE FROM users WHERE id = ? AND email LIKE '%@integration.example'", [key]
        )  # a token's, until now
        if db.execute("SELECT 1 FROM users WHERE id = ?", [key]).fetchone():
            raise fields.error("id", f"the id {key} is taken already")
    if db.execute("SELECT 1 FROM users WHERE email = ?", [email]).fetchone():
        raise fields.error("email", f"there is a user {email} already")
    columns = {
        "id": key,
        "external_id": fields.text("external_id"),
        "first_name": fields.required("first_name"),
        "last_name": fields.required("last_name"),
        "email": email,
        "type": fields.choice("type", _USER_TYPES) or _USER_TYPES[0],
    }
    other = _space_id(db, fields, "space")
    insert(db, "users", columns if other is None else {**columns, "space_id": other})


def insert_client(db: sqlite3.Connection, space: Space, given: Input) -> None:
    """Store a client.

    Needed: name (each once). Else: id, external_id, external_origin (default: the sandbox's own slug where there is an
    external_id), shortcode, primary_contact (a user), origin_space (the name of the space that shares it).
    """
    fields = SeedFields(given, _CLIENT, "a client")
    name = fields.required("name")
    if db.execute("SELECT 1 FROM clients WHERE name = ?", [name]).fetchone():
        raise fields.error("name", f"there is a client {name} already")
    columns = {
        **identity(db, space, fields, "clients"),
        "name": name,
        "shortcode": fields.text("shortcode"),
        "primary_contact_id": reference(db, space, fields, "primary_contact", USER),
        "origin_space_id": _space_id(db, fields, "origin_space"),
    }
    insert(db, "clients", columns)


def insert_project(db: sqlite3.Connection, space: Space, given: Input) -> None:
    """Store a project.

    Needed: title, client. Else: id, external_id, external_origin (as for a client), shortcode (default: the title's
    initials), po_number, project_type (a title, or a map of title, shortcode, color, order, is_default; default
    Project), status (default active), is_acquisition, is_private (default false), start_date, end_date, custom_fields
    (slug -> value), origin_space (the name of the space that shares it).
    """
    fields = SeedFields(given, _PROJECT, "a project")
    title, client = fields.required("title"), reference(db, space, fields, "client", CLIENT)
    if client is None:
        raise fields.error("", "a project needs `client`")
    columns = {
        **identity(db, space, fields, "projects"),
        "title": title,
        "shortcode": fields.text("shortcode") or _initials(title),
        "po_number": fields.text("po_number"),
        "project_type_id": _project_type(db, fields),
        "status": fields.text("status") or "active",
        "is_acquisition": fields.flag("is_acquisition"),
        "is_private": fields.flag("is_private"),
        "start_date": fields.date("start_date"),
        "end_date": fields.date("end_date"),
        "client_id": client,
        "custom_fields": _custom_fields(fields),
        "origin_space_id": _space_id(db, fields, "origin_space"),
    }
    insert(db, "projects", columns)


def insert_contact(db: sqlite3.Connection, space: Space, given: Input) -> None:
    """Store a contact, and where it works.

    Nothing is needed. Texts: external_id, external_origin (as for a client), gender, first_name, last_name, title,
    title_suffix, position, locale, email, email_private, telephone, telephone_private, mobile, mobile_private, fax,
    address_street, address_house, address_street2, address_zip, address_state, address_town. Else: id, birthday (a
    date), address_country (a code or an English name), owner (a user), client, and companies: a list of maps with
    external_id (and origin) or id, and with position (default: the contact's own).
    """
    fields = SeedFields(given, _CONTACT, "a contact")
    columns = {
        **identity(db, space, fields, "contacts"),
        **{name: fields.text(name) for name in _CONTACT_TEXTS},
        "birthday": fields.date("birthday"),
        "email": fields.email("email"),
        "email_private": fields.email("email_private"),
        "address_country_id": _country_id(db, fields),
        "owner_id": reference(db, space, fields, "owner", USER),
        "client_id": reference(db, space, fields, "client", CLIENT),
    }
    contact = insert(db, "contacts", columns)
    for place in fields.maps("companies", _CONTACT_COMPANY, "a contact's company"):
        company = referred(db, space, place, "companies", COMPANY)
        if db.execute(
            "SELECT 1 FROM company_contacts WHERE company_id = ? AND contact_id = ?", [company, contact]
        ).fetchone():
            raise place.error("companies", "this company is in the list already")
        position = place.text("position") or fields.text("position") or ""
        insert(db, "company_contacts", {"company_id": company, "contact_id": contact, "position": position})


def _space_id(db: sqlite3.Connection, fields: SeedFields, name: str) -> int | None:
    text = fields.text(name)
    return named(db, "spaces", "name", text) if text else None


def _country_id(db: sqlite3.Connection, fields: SeedFields) -> int | None:
    text = fields.text("address_country")
    if text is None:
        return None
    if country_named(text) is None:
        raise fields.error("address_country", f"address_country must be a country's code or English name, not {text!r}")
    return country_id(db, text, text)


def _initials(title: str) -> str:
    return "".join(word[0] for word in title.split() if word[0].isalnum())[:5].upper() or "P"


def _project_type(db: sqlite3.Connection, fields: SeedFields) -> int:
    inner = fields.map("project_type", _PROJECT_TYPE, "a project_type")
    if inner is None:
        title = fields.text("project_type")
        if title:
            return named(db, "project_types", "title", title, {**_FIRST_TYPE, **_next_type(db), "is_default": False})
        return named(db, "project_types", "title", "Project", _FIRST_TYPE)
    order = inner.whole("order")
    columns = {
        "shortcode": inner.text("shortcode") or _initials(inner.required("title")),
        "color": inner.text("color") or _FIRST_TYPE["color"],
        **(_next_type(db) if order is None else {"position": order}),
        "is_default": inner.flag("is_default"),
    }
    return named(db, "project_types", "title", inner.required("title"), columns)


def _next_type(db: sqlite3.Connection) -> dict[str, int]:
    (last,) = db.execute("SELECT coalesce(max(position), 0) FROM project_types").fetchone()
    return {"position": last + 1}


def _custom_fields(fields: SeedFields) -> str:
    given = fields.values.get("custom_fields")
    values = {} if given is None else given
    if not isinstance(values, dict) or any(isinstance(value, list | dict) for value in values.values()):
        raise fields.error("custom_fields", "custom_fields must be a map of slugs and single values")
    return json.dumps(values)
