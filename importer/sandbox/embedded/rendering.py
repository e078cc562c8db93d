"""Ids -> the objects of the API that stand for them, read from the store in batches: no statement for a single row."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from importer.sandbox.embedded.values import key_list
from importer.sandbox.ids import Thing, public_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.wire.inputs import Json

__all__ = ["clients", "contacts_of", "country", "projects", "users"]


def _user_columns(user: str, space: str, prefix: str) -> str:
    names = ("id", "first_name", "last_name", "email", "type", "space_id")
    columns = [f"{user}.{name} AS {prefix}_{name}" for name in names]
    return ", ".join([*columns, f"{space}.name AS {prefix}_space_name"])


_USERS = f"""
    SELECT {_user_columns("u", "s", "user")} FROM users u JOIN spaces s ON s.id = u.space_id
    WHERE u.id IN (SELECT value FROM json_each(?))
"""  # noqa: S608  # names of ours
_CLIENTS = f"""
    SELECT cl.*, o.name AS origin_space_name, {_user_columns("u", "s", "contact")}
    FROM clients cl
        LEFT JOIN spaces o ON o.id = cl.origin_space_id
        LEFT JOIN users u ON u.id = cl.primary_contact_id
        LEFT JOIN spaces s ON s.id = u.space_id
    WHERE cl.id IN (SELECT value FROM json_each(?))
"""  # noqa: S608  # names of ours
_PROJECTS = """
    SELECT p.*, o.name AS origin_space_name, t.title AS type_title, t.shortcode AS type_shortcode,
        t.color AS type_color, t.position AS type_position, t.is_default AS type_is_default
    FROM projects p
        JOIN project_types t ON t.id = p.project_type_id
        LEFT JOIN spaces o ON o.id = p.origin_space_id
    WHERE p.id IN (SELECT value FROM json_each(?))
"""
_CONTACTS = f"""
    SELECT k.*, cc.company_id, cc.position AS company_position, co.name AS address_country_name,
        co.code AS address_country_code, {_user_columns("u", "s", "owner")}
    FROM company_contacts cc
        JOIN contacts k ON k.id = cc.contact_id
        LEFT JOIN countries co ON co.id = k.address_country_id
        LEFT JOIN users u ON u.id = k.owner_id
        LEFT JOIN spaces s ON s.id = u.space_id
    WHERE cc.company_id IN (SELECT value FROM json_each(?))
    ORDER BY k.id
"""  # noqa: S608  # names of ours

_CONTACT_TEXTS = (
    *("external_id", "external_origin", "gender", "first_name", "last_name", "title", "title_suffix", "position"),
    *("locale", "birthday", "fax", "telephone", "telephone_private", "mobile", "mobile_private"),
    *("email", "email_private", "address_street", "address_house", "address_street2", "address_zip"),
    *("address_state", "address_town"),
)


def users(db: sqlite3.Connection, ids: Iterable[int | None], behaviour: Behaviour) -> dict[int, Json]:
    """Render users by their numbers."""
    rows = _rows(db, _USERS, ids)
    return {row["user_id"]: _user(row, "user", behaviour) for row in rows}


def clients(db: sqlite3.Connection, ids: Iterable[int | None], behaviour: Behaviour) -> dict[int, Json]:
    """Render clients by their numbers, each with its primary contact and the space that shares it."""
    return {row["id"]: _client(row, behaviour) for row in _rows(db, _CLIENTS, ids)}


def projects(db: sqlite3.Connection, ids: Iterable[int | None], behaviour: Behaviour) -> dict[int, Json]:
    """Render projects by their numbers, each with its client."""
    rows = _rows(db, _PROJECTS, ids)
    of_clients = clients(db, (row["client_id"] for row in rows), behaviour)
    return {row["id"]: _project(row, of_clients, behaviour) for row in rows}


def contacts_of(db: sqlite3.Connection, company_ids: Iterable[int], behaviour: Behaviour) -> dict[int, list[Json]]:
    """Render the contacts of companies by the companies' numbers, each with its position there."""
    rows = _rows(db, _CONTACTS, company_ids)
    of_clients = clients(db, (row["client_id"] for row in rows), behaviour)
    found: defaultdict[int, list[Json]] = defaultdict(list)
    for row in rows:
        found[row["company_id"]].append(_contact(row, of_clients, behaviour))
    return found


def country(row: sqlite3.Row, name: str, behaviour: Behaviour) -> Json:
    """Render the country that a row holds under `{name}_id`, `{name}_name` and `{name}_code`."""
    if (key := row[f"{name}_id"]) is None:
        return None
    return {
        "id": public_id(key, Thing.COUNTRY, behaviour.ids),
        "name": row[f"{name}_name"],
        "code": row[f"{name}_code"],
    }


def _rows(db: sqlite3.Connection, query: str, ids: Iterable[int | None]) -> list[sqlite3.Row]:
    keys = key_list(ids)
    return [] if keys == "[]" else db.execute(query, [keys]).fetchall()


def _user(row: sqlite3.Row, prefix: str, behaviour: Behaviour) -> Json:
    if row[f"{prefix}_id"] is None:
        return None
    return {
        "id": public_id(row[f"{prefix}_id"], Thing.USER, behaviour.ids),
        **{name: row[f"{prefix}_{name}"] for name in ("first_name", "last_name", "email", "type")},
        "space": _space(row, f"{prefix}_space", behaviour),
    }


def _space(row: sqlite3.Row, name: str, behaviour: Behaviour) -> Json:
    if (key := row[f"{name}_id"]) is None:
        return None
    return {"id": public_id(key, Thing.SPACE, behaviour.ids), "name": row[f"{name}_name"]}


def _client(row: sqlite3.Row, behaviour: Behaviour) -> Json:
    return {
        "id": public_id(row["id"], Thing.CLIENT, behaviour.ids),
        **{name: row[name] for name in ("external_id", "external_origin", "name", "shortcode")},
        "primary_contact": _user(row, "contact", behaviour),
        "origin_space": _space(row, "origin_space", behaviour),
    }


def _project(row: sqlite3.Row, of_clients: dict[int, Json], behaviour: Behaviour) -> Json:
    custom_fields = json.loads(row["custom_fields"])
    return {
        "id": public_id(row["id"], Thing.PROJECT, behaviour.ids),
        **{name: row[name] for name in ("external_id", "external_origin", "title", "shortcode", "po_number")},
        "project_type": {
            "id": public_id(row["project_type_id"], Thing.PROJECT_TYPE, behaviour.ids),
            **{name: row[f"type_{name}"] for name in ("title", "shortcode", "color")},
            "order": row["type_position"],
            "is_default": bool(row["type_is_default"]),
        },
        "status": row["status"],
        "is_acquisition": bool(row["is_acquisition"]),
        "is_private": bool(row["is_private"]),
        "start_date": row["start_date"],
        "end_date": row["end_date"],
        "client": of_clients[row["client_id"]],
        "custom_fields": custom_fields or ([] if behaviour.empty_custom_fields == "list" else {}),
        "origin_space": _space(row, "origin_space", behaviour),
    }


def _contact(row: sqlite3.Row, of_clients: dict[int, Json], behaviour: Behaviour) -> Json:
    return {
        "id": public_id(row["id"], Thing.CONTACT, behaviour.ids),
        **{name: row[name] for name in _CONTACT_TEXTS},
        "address_country": country(row, "address_country", behaviour),
        "owner": _user(row, "owner", behaviour),
        "client": of_clients.get(row["client_id"]),
        "contact_company": {"position": row["company_position"]},
    }
