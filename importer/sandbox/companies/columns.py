"""The values of a write -> columns of a company: references found, made, or replaced by the space's default."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import BOOLEANS, COUNTRIES, MAX_ITEMS, NAMED, TEXTS
from importer.sandbox.companies.finding import folded
from importer.sandbox.companies.validation import too_many
from importer.sandbox.embedded.countries import country_id
from importer.sandbox.ids import Thing, id_of
from importer.sandbox.wire.answers import unprocessable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["columns_of", "custom_fields_text", "identity", "tag_ids"]

_MAX_SLUG = 100  # code points; the filter knows no longer one either


def columns_of(db: sqlite3.Connection, space: Space, values: Input) -> dict[str, Json]:
    """Return the columns that validated values set; tags and custom fields apart."""
    behaviour = space.behaviour
    columns: dict[str, Json] = {name: values[name] for name in TEXTS if name in values}
    columns.update(
        (column, int(str(values[name]) in ("True", "1"))) for name, column in BOOLEANS.items() if name in values
    )
    for name in COUNTRIES:
        by_id = f"{name}_id"
        if by_id in values and (values[by_id] is not None or behaviour.null_country_id == "clears"):
            columns[by_id] = _reference(values[by_id], Thing.COUNTRY, behaviour)
        elif name in values:
            columns[by_id] = country_id(db, str(values[name]), behaviour.default_country)
    if "client_id" in values:
        columns["client_id"] = _reference(values["client_id"], Thing.CLIENT, behaviour)
    columns.update((f"{name}_id", _named(db, space, name, values[name])) for name in NAMED if name in values)
    return columns


def identity(behaviour: Behaviour, external_id: Json, origin: Json) -> dict[str, Json]:
    """Return the columns that hold an external_id."""
    text = folded(external_id) if isinstance(external_id, str) else None
    if text is None and behaviour.origin_without_id == "none":
        origin = None
    return {"external_id": external_id, "external_id_folded": text, "external_origin": origin}


def custom_fields_text(space: Space, values: Input, kept: Mapping[str, Json]) -> str:
    """Return the stored form of the custom fields that are kept and those that are set."""
    stores_any = space.behaviour.unknown_custom_field == "store"
    given = _entries(values.get("custom_fields"))
    known = {
        slug: value for slug, value in given if slug in space.custom_fields or (stores_any and len(slug) <= _MAX_SLUG)
    }
    fields = {**kept, **known}
    if len(fields) > MAX_ITEMS:
        raise unprocessable({"custom_fields": [too_many("custom_fields")]})
    return json.dumps(fields)


def tag_ids(db: sqlite3.Connection, space: Space, values: Input) -> list[int | None]:
    """Return the tags that are asked for, made where they are not there, each once."""
    return list(dict.fromkeys(_named(db, space, "tags", tag) for _, tag in _entries(values.get("tags"))))


def _named(db: sqlite3.Connection, space: Space, kind: str, value: Json) -> int | None:
    if not isinstance(value, str):
        return None
    folds = kind == "business_field" and space.behaviour.folds_business_field
    same = "folded_text(name) = folded_text(?)" if folds else "name = ?"
    found = db.execute(f"SELECT id FROM names WHERE kind = ? AND {same}", [kind, value]).fetchone()  # noqa: S608  # names of ours
    if found:
        return int(found[0])
    return db.execute("INSERT INTO names (kind, name) VALUES (?, ?)", [kind, value]).lastrowid


def _entries(array: Json) -> list[tuple[str, Json]]:
    if isinstance(array, list):
        return [(str(index), value) for index, value in enumerate(array)]
    return list(array.items()) if isinstance(array, dict) else []


def _reference(value: Json, of: Thing, behaviour: Behaviour) -> int | None:
    return id_of(value, of, behaviour.ids) if isinstance(value, str) else None
