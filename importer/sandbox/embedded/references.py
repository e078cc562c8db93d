"""What a seed file calls something by -> its number in the store; and rows that are put in under names of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from importer.sandbox.embedded.fields import SeedFields
    from importer.sandbox.space import Space

__all__ = ["CLIENT", "COMPANY", "PROJECT", "USER", "Kind", "identity", "insert", "named", "reference", "referred"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be referred to: plain text means the column `word`."""

    table: str
    noun: str
    word: str
    has_origin: bool = True


USER = Kind("users", "user", "email", has_origin=False)
CLIENT = Kind("clients", "client", "name")
PROJECT = Kind("projects", "project", "title")
COMPANY = Kind("companies", "company", "external_id")


def reference(db: sqlite3.Connection, space: Space, fields: SeedFields, name: str, kind: Kind) -> int | None:
    """Find what a field refers to: by its word, by its id, or by `{external_id: ..., origin: ...}`, archived or not.

    Without an origin it is that of the space's own integration; a company's word is its external_id.

    Raises:
        SeedError: there is no such thing, or several.
    """
    inner = fields.map(name, ("id", "external_id", "origin") if kind.has_origin else ("id",), f"a {kind.noun}")
    if inner is not None:
        return referred(db, space, inner, name, kind)
    value = fields.values.get(name)
    if value is None:
        return None
    if isinstance(value, int) and kind is COMPANY:
        raise fields.error(name, f'{name}: say {{id: {value}}}, or put an external_id in quotes: "{value}"')
    if isinstance(value, int):
        return _only(db, fields, name, kind, {"id": fields.key(name)})
    text = fields.required(name)
    origin = {"external_origin": space.actor} if kind is COMPANY else {}
    return _only(db, fields, name, kind, {kind.word: text, **origin})


def referred(db: sqlite3.Connection, space: Space, fields: SeedFields, name: str, kind: Kind) -> int:
    """Find what a map names by `id`, or by `external_id` and `origin`."""
    if fields.values.get("id") is not None:
        return _only(db, fields, name, kind, {"id": fields.key()})
    if not kind.has_origin:
        raise fields.error(name, f"a {kind.noun} is referred to by its {kind.word} or by its id")
    external_id, origin = fields.required("external_id"), fields.text("origin") or space.actor
    return _only(db, fields, name, kind, {"external_id": external_id, "external_origin": origin})


def identity(db: sqlite3.Connection, space: Space, fields: SeedFields, table: str) -> dict[str, str | int | None]:
    """Read id, external_id and external_origin; of the last two, a pair that is there already is refused."""
    key = fields.key()
    if key is not None and db.execute(f"SELECT 1 FROM {table} WHERE id = ?", [key]).fetchone():  # noqa: S608  # names of ours
        raise fields.error("id", f"the id {key} is taken already")
    external_id, origin = fields.text("external_id") or None, fields.text("external_origin") or None
    if external_id is not None:
        origin = origin or space.actor
        query = f"SELECT 1 FROM {table} WHERE external_id = ? AND external_origin = ?"  # noqa: S608  # names of ours
        if db.execute(query, [external_id, origin]).fetchone():
            raise fields.error("external_id", f"the external_id {external_id} of origin {origin} is taken already")
    return {"id": key, "external_id": external_id, "external_origin": origin}


def named(
    db: sqlite3.Connection, table: str, column: str, text: str, columns: Mapping[str, object] | None = None
) -> int:
    """Find a row by its name, or put it in, with further columns."""
    found = db.execute(f"SELECT id FROM {table} WHERE {column} = ?", [text]).fetchone()  # noqa: S608  # names of ours
    return found[0] if found else insert(db, table, {column: text, **(columns or {})})


def insert(db: sqlite3.Connection, table: str, columns: Mapping[str, object]) -> int:
    """Put a row in; the names of table and columns are ours."""
    marks = ", ".join("?" * len(columns))
    cursor = db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(columns.values()))  # noqa: S608  # names of ours
    return cursor.lastrowid or 0


def _only(db: sqlite3.Connection, fields: SeedFields, name: str, kind: Kind, wanted: Mapping[str, object]) -> int:
    where = " AND ".join(f"{column} = ?" for column in wanted)
    archived_last = "deleted_at IS NOT NULL, " if kind is COMPANY else ""
    rows = db.execute(
        f"SELECT id FROM {kind.table} WHERE {where} ORDER BY {archived_last}id LIMIT 2",  # noqa: S608  # names of ours
        list(wanted.values()),
    ).fetchall()
    said = " and ".join(f"{column} {value}" for column, value in wanted.items())[:300]
    if not rows:
        raise fields.error(name, f"{name}: there is no {kind.noun} with the {said}")
    if len(rows) > 1 and kind is not COMPANY:
        raise fields.error(name, f"{name}: there are several {kind.table} with the {said}; name one by its id")
    return int(rows[0][0])
