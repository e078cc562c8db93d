"""What a request wants of the companies -> rows of the store, by the rules of the Kanbert that is being played.

Every function runs inside the transaction of its request, in the store's worker thread.
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.answers import ApiError, unprocessable
from importer.sandbox.contract import BOOLEANS, COUNTRIES, NAMED, TEXTS, Json, Kind, Rule
from importer.sandbox.countries import country_named
from importer.sandbox.validation import Probe, invalid_selection

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from importer.sandbox.inputs import Input
    from importer.sandbox.options import Behaviour

__all__ = [
    "SELECT",
    "Address",
    "Space",
    "archive",
    "create",
    "external_id_of",
    "find",
    "identify",
    "is_taken",
    "patched",
    "probe_of",
    "restore",
    "seed",
    "update",
]

_TAKEN = "The external id has already been taken."

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
"""All that an answer about a company needs but its tags."""


@dataclass(frozen=True, slots=True)
class Space:
    """The space that the companies live in: how it behaves, its custom fields, its clock."""

    behaviour: Behaviour
    custom_fields: frozenset[str]
    now: Callable[[], dt.datetime]

    def stamp(self) -> str:
        """Return the time as it is stored: UTC, to the second, as the framework's databases keep it."""
        return self.now().astimezone(dt.UTC).replace(microsecond=0).isoformat()


@dataclass(frozen=True, slots=True)
class Address:
    """How a path names a company; `origin` counts only where it is found by external_id."""

    text: str
    by_external_id: bool
    origin: str


def seed(db: sqlite3.Connection, clients: tuple[str, ...], default_country: str) -> None:
    """Put in what a space has from the start; nothing twice."""
    for name in clients:
        db.execute("INSERT OR IGNORE INTO clients (name) VALUES (?)", [name])
    _country_id(db, default_country, default_country)


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
        row = db.execute(f"{SELECT} WHERE c.id = ?{live}", [_id(address.text)]).fetchone()
        missing = address.text
    if row is None:
        end = f" {missing}" if missing else "."
        raise ApiError(404, f"No query results for model [App\\Models\\Company]{end}")
    return row


def external_id_of(db: sqlite3.Connection, kanbert_id: str) -> str | None:
    """Tell the external_id of the company with this id, archived or not."""
    found = db.execute("SELECT external_id FROM companies WHERE id = ?", [_id(kanbert_id)]).fetchone()
    return found[0] if found else None


def is_taken(
    db: sqlite3.Connection, behaviour: Behaviour, external_id: str, origin: str, *, but_for: int | None = None
) -> bool:
    """Tell whether a company, by default an archived one too, holds the external_id."""
    return _holder(db, behaviour, external_id, origin, but_for) is not None


def probe_of(db: sqlite3.Connection, is_free: Callable[[str], bool]) -> Probe:
    """Make the questions that validation asks: does this client or country exist, is this external_id free."""

    def probe(rule: Rule, value: str) -> str | None:
        if rule.kind is Kind.REFERENCE:
            table = "clients" if rule.name == "client_id" else "countries"
            known = db.execute(f"SELECT 1 FROM {table} WHERE id = ?", [_id(value)]).fetchone()  # noqa: S608  # names of ours
            return None if known else invalid_selection(rule.name)
        return _TAKEN if rule.unique and not is_free(value) else None

    return probe


def create(db: sqlite3.Connection, space: Space, values: Input, slug: str, *, raced: bool) -> sqlite3.Row:
    """Store a new company; `raced` says that its uniqueness was checked before another create was stored."""
    external_id, origin = values.get("external_id"), values.get("external_origin", slug)
    if isinstance(external_id, str) and is_taken(db, space.behaviour, external_id, str(origin)):
        _allow_second(space.behaviour, raced=raced)
    now = space.stamp()
    columns = {
        **_columns(db, space, values),
        **_identity(external_id, origin),
        "custom_fields": _custom_fields(space, values, {}),
        "created_at": now,
        "updated_at": now,
    }
    marks = ", ".join("?" * len(columns))
    cursor = db.execute(f"INSERT INTO companies ({', '.join(columns)}) VALUES ({marks})", list(columns.values()))  # noqa: S608  # names of ours
    company_id = cursor.lastrowid or 0
    _add_tags(db, company_id, _tag_ids(db, space, values))
    return _by_id(db, company_id)


def patched(behaviour: Behaviour, values: Input) -> Input:
    """Return what a PATCH sets: what it names, and under one behaviour null for all that it does not."""
    if not behaviour.patch_nulls_absent:
        return values
    return {**dict.fromkeys([*TEXTS, *NAMED, "client_id"]), **values}


def update(db: sqlite3.Connection, space: Space, row: sqlite3.Row, values: Input) -> sqlite3.Row:
    """Change a company; updated_at moves only if something changed."""
    columns = _columns(db, space, values)
    if "custom_fields" in values:
        kept = json.loads(row["custom_fields"]) if space.behaviour.custom_fields_on_patch == "merge" else {}
        columns["custom_fields"] = _custom_fields(space, values, kept)
    changed = "tags" in values and _retag(db, space, row["id"], values)
    return _save(db, space, row, columns, touched=changed)


def identify(db: sqlite3.Connection, space: Space, row: sqlite3.Row, values: Input, slug: str) -> sqlite3.Row:
    """Set external_id and origin; an origin that is not named becomes the slug, an id that is not named stays."""
    external_id, origin = values.get("external_id", row["external_id"]), values.get("external_origin", slug)
    if isinstance(external_id, str):
        holder = _holder(db, space.behaviour, external_id, str(origin), row["id"])
        if holder is not None and space.behaviour.identifier_taken == "refuse":
            raise unprocessable({"external_id": [_TAKEN]})
        if holder is not None:
            _save(db, space, _by_id(db, holder), _identity(None, origin))
    return _save(db, space, row, _identity(external_id, origin))


def archive(db: sqlite3.Connection, space: Space, row: sqlite3.Row) -> None:
    """Archive a company; it keeps its external_id."""
    _save(db, space, row, {"deleted_at": space.stamp()})


def restore(db: sqlite3.Connection, space: Space, row: sqlite3.Row) -> sqlite3.Row:
    """Bring an archived company back; a live one stays as it is."""
    held = row["external_id"]
    if held is not None and row["deleted_at"] is not None and space.behaviour.restore_of_taken == "refuse":
        live = db.execute(
            "SELECT 1 FROM companies WHERE external_id = ? AND external_origin = ? AND deleted_at IS NULL",
            [held, row["external_origin"]],
        ).fetchone()
        if live:
            raise unprocessable({"external_id": [_TAKEN]})
    return _save(db, space, row, {"deleted_at": None})


def _allow_second(behaviour: Behaviour, *, raced: bool) -> None:
    how = behaviour.race if raced else behaviour.duplicate
    if how == "accept":
        return
    if how == 409:
        raise ApiError(409, _TAKEN)
    raise ApiError(500)  # the database's unique index speaks, which the framework does not translate


def _columns(db: sqlite3.Connection, space: Space, values: Input) -> dict[str, Json]:
    columns: dict[str, Json] = {name: values[name] for name in TEXTS if name in values}
    columns.update(
        (column, int(str(values[name]) in ("True", "1"))) for name, column in BOOLEANS.items() if name in values
    )
    for name in COUNTRIES:
        if (by_id := f"{name}_id") in values:
            columns[by_id] = _reference(values[by_id])
        elif name in values:
            columns[by_id] = _country_id(db, str(values[name]), space.behaviour.default_country)
    if "client_id" in values:
        columns["client_id"] = _reference(values["client_id"])
    columns.update((f"{name}_id", _named(db, space, name, values[name])) for name in NAMED if name in values)
    return columns


def _named(db: sqlite3.Connection, space: Space, kind: str, value: Json) -> int | None:
    if not isinstance(value, str):
        return None
    found = db.execute("SELECT id FROM names WHERE kind = ? AND name = ?", [kind, value]).fetchone()
    if found:
        return int(found[0])
    if kind != "business_field" and space.behaviour.unknown_title == "refuse":
        raise unprocessable({kind: [invalid_selection(kind)]})
    return db.execute("INSERT INTO names (kind, name) VALUES (?, ?)", [kind, value]).lastrowid


def _country_id(db: sqlite3.Connection, text: str, default: str) -> int:
    """Find the country, made if it is valid but not there; what is no country is the space's own, without a word."""
    country = country_named(text) or country_named(default)
    if country is None:
        msg = f"default_country must be a country's code: {default!r}"
        raise ValueError(msg)
    found = db.execute("SELECT id FROM countries WHERE code = ?", [country.alpha2]).fetchone()
    if found:
        return int(found[0])
    made = db.execute("INSERT INTO countries (code, name) VALUES (?, ?)", [country.alpha2, country.name])
    return made.lastrowid or 0


def _custom_fields(space: Space, values: Input, kept: Mapping[str, Json]) -> str:
    fields = dict(kept)
    for slug, value in _entries(values.get("custom_fields")):
        if slug in space.custom_fields or space.behaviour.unknown_custom_field == "store":
            fields[slug] = value
        elif space.behaviour.unknown_custom_field == "refuse":
            name = f"custom_fields.{slug}"
            raise unprocessable({name: [invalid_selection(name)]})
    return json.dumps(fields)


def _entries(array: Json) -> list[tuple[str, Json]]:
    if isinstance(array, list):
        return [(str(index), value) for index, value in enumerate(array)]
    return list(array.items()) if isinstance(array, dict) else []


def _tag_ids(db: sqlite3.Connection, space: Space, values: Input) -> list[int | None]:
    return list(dict.fromkeys(_named(db, space, "tags", tag) for _, tag in _entries(values.get("tags"))))


def _add_tags(db: sqlite3.Connection, company_id: int, tags: list[int | None]) -> None:
    if tags:
        db.executemany("INSERT INTO company_tags VALUES (?, ?)", [(company_id, tag) for tag in tags])


def _retag(db: sqlite3.Connection, space: Space, company_id: int, values: Input) -> bool:
    present = [tag for (tag,) in db.execute("SELECT tag_id FROM company_tags WHERE company_id = ?", [company_id])]
    wanted = _tag_ids(db, space, values)
    if space.behaviour.tags_on_patch == "replace":
        gone = [(company_id, tag) for tag in present if tag not in wanted]
        db.executemany("DELETE FROM company_tags WHERE company_id = ? AND tag_id = ?", gone)
    else:
        gone = []
    new = [tag for tag in wanted if tag not in present]
    _add_tags(db, company_id, new)
    return bool(gone or new)


def _identity(external_id: Json, origin: Json) -> dict[str, Json]:
    folded = _folded(external_id) if isinstance(external_id, str) else None
    return {"external_id": external_id, "external_id_folded": folded, "external_origin": origin}


def _save(
    db: sqlite3.Connection, space: Space, row: sqlite3.Row, columns: Mapping[str, Json], *, touched: bool = False
) -> sqlite3.Row:
    changed = {name: value for name, value in columns.items() if row[name] != value}
    if changed or touched:
        changed["updated_at"] = space.stamp()
        assigned = ", ".join(f"{name} = ?" for name in changed)
        db.execute(f"UPDATE companies SET {assigned} WHERE id = ?", [*changed.values(), row["id"]])  # noqa: S608  # names of ours
    return _by_id(db, row["id"])


def _holder(
    db: sqlite3.Connection, behaviour: Behaviour, external_id: str, origin: str, but_for: int | None
) -> int | None:
    column, value = _external_key(behaviour, external_id)
    live = " AND deleted_at IS NULL" if behaviour.archived_frees_id else ""
    found = db.execute(
        f"SELECT id FROM companies WHERE {column} = ? AND (? OR external_origin = ?) AND id IS NOT ?{live} LIMIT 1",  # noqa: S608  # names of ours
        [value, behaviour.unique_in == "space", origin, but_for],
    ).fetchone()
    return found[0] if found else None


def _external_key(behaviour: Behaviour, external_id: str) -> tuple[str, str]:
    if behaviour.folds_external_id:
        return "external_id_folded", _folded(external_id)
    return "external_id", external_id


def _folded(text: str) -> str:
    """Fold as MySQL's default collations compare: without case, accents and trailing spaces."""
    if text.isascii():
        return text.lower().rstrip(" ")
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold().rstrip(" ")


def _id(text: str) -> int | None:
    """Read an id as it is written, exactly: no sign, no leading zero, no prefix of something longer."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 18 and (text == "0" or text[0] != "0")
    return int(text) if is_number else None


def _reference(value: Json) -> int | None:
    return _id(value) if isinstance(value, str) else None


def _by_id(db: sqlite3.Connection, company_id: int) -> sqlite3.Row:
    row: sqlite3.Row = db.execute(f"{SELECT} WHERE c.id = ?", [company_id]).fetchone()
    return row
