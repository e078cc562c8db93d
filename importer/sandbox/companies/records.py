"""Writes of companies -> rows of the store and lines of their history.

Every function runs inside the transaction of its request, in the store's worker thread.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.sandbox.companies.changes import Event, differences, remember
from importer.sandbox.companies.columns import columns_of, custom_fields_text, identity, tag_ids
from importer.sandbox.companies.contract import COUNTRIES, MAX_ITEMS, NAMED, TEXTS
from importer.sandbox.companies.finding import TAKEN, by_id, holder_of, is_taken
from importer.sandbox.companies.validation import too_many
from importer.sandbox.wire.answers import ApiError, unprocessable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["archive", "create", "identify", "patched", "restore", "update"]


def create(db: sqlite3.Connection, space: Space, values: Input, *, raced: bool = False) -> sqlite3.Row:
    """Store a new company; `raced` says that its uniqueness was checked before another create was stored."""
    external_id, origin = values.get("external_id"), values.get("external_origin", space.actor)
    if isinstance(external_id, str) and is_taken(db, space.behaviour, external_id, str(origin)):
        _allow_second(space.behaviour, raced=raced)
    now = space.stamp()
    columns = {
        **columns_of(db, space, values),
        **identity(space.behaviour, external_id, origin),
        "custom_fields": custom_fields_text(space, values, {}),
        "created_at": now,
        "updated_at": now,
    }
    marks = ", ".join("?" * len(columns))
    cursor = db.execute(f"INSERT INTO companies ({', '.join(columns)}) VALUES ({marks})", list(columns.values()))  # noqa: S608  # names of ours
    company_id = cursor.lastrowid or 0
    _add_tags(db, company_id, tag_ids(db, space, values))
    remember(db, space, company_id, Event.CREATE)
    return by_id(db, company_id)


def patched(behaviour: Behaviour, values: Input) -> Input:
    """Return what a PATCH sets: what it names, and under one behaviour null for all that it does not."""
    if not behaviour.patch_nulls_absent:
        return values
    countries = [f"{name}_id" for name in COUNTRIES if name not in values]  # the text, too, says which
    return {**dict.fromkeys([*TEXTS, *NAMED, *countries, "client_id"]), **values}


def update(db: sqlite3.Connection, space: Space, row: sqlite3.Row, values: Input) -> sqlite3.Row:
    """Change a company; updated_at moves only if something changed."""
    columns = columns_of(db, space, values)
    if "custom_fields" in values:
        kept = json.loads(row["custom_fields"]) if space.behaviour.custom_fields_on_patch == "merge" else {}
        columns["custom_fields"] = custom_fields_text(space, values, kept)
    tags = _retagged(db, space, row["id"], values) if "tags" in values else {}
    return _save(db, space, row, columns, Event.UPDATE, tags)


def identify(db: sqlite3.Connection, space: Space, row: sqlite3.Row, values: Input) -> sqlite3.Row:
    """Set external_id and origin; an origin that is not named becomes the slug, an id that is not named stays."""
    external_id, origin = values.get("external_id", row["external_id"]), values.get("external_origin", space.actor)
    if isinstance(external_id, str):
        holder = holder_of(db, space.behaviour, external_id, str(origin), but_for=row["id"])
        if holder is not None and space.behaviour.identifier_taken == "refuse":
            raise unprocessable({"external_id": [TAKEN]})
        if holder is not None:
            held = by_id(db, holder)  # which may be of another origin, and keeps it
            _save(db, space, held, identity(space.behaviour, None, held["external_origin"]), Event.IDENTIFY)
    return _save(db, space, row, identity(space.behaviour, external_id, origin), Event.IDENTIFY)


def archive(db: sqlite3.Connection, space: Space, row: sqlite3.Row) -> None:
    """Archive a company; it keeps its external_id."""
    _save(db, space, row, {"deleted_at": space.stamp()}, Event.DELETE)


def restore(db: sqlite3.Connection, space: Space, row: sqlite3.Row) -> sqlite3.Row:
    """Bring an archived company back; a live one stays as it is."""
    held = row["external_id"]
    if held is not None and row["deleted_at"] is not None and space.behaviour.restore_of_taken == "refuse":
        among_live = replace(space.behaviour, archived_frees_id=True)  # another archived one is in nobody's way
        if is_taken(db, among_live, held, row["external_origin"]):
            raise unprocessable({"external_id": [TAKEN]})
    return _save(db, space, row, {"deleted_at": None}, Event.RESTORE)


def _allow_second(behaviour: Behaviour, *, raced: bool) -> None:
    how = behaviour.race if raced else behaviour.duplicate
    if how == "accept":
        return
    if how == 409:
        raise ApiError(409, TAKEN)
    raise ApiError(500)  # the database's unique index speaks, which the framework does not translate


def _add_tags(db: sqlite3.Connection, company_id: int, tags: list[int | None]) -> None:
    if tags:
        db.executemany("INSERT INTO company_tags VALUES (?, ?)", [(company_id, tag) for tag in tags])


def _retagged(db: sqlite3.Connection, space: Space, company_id: int, values: Input) -> dict[str, Json]:
    """Set a company's tags; return how they changed, as its history says it."""
    before = _titles(db, company_id)
    present = [tag for (tag,) in db.execute("SELECT tag_id FROM company_tags WHERE company_id = ?", [company_id])]
    wanted = tag_ids(db, space, values)
    had, kept = set(present), set(wanted)
    if space.behaviour.tags_on_patch == "replace":
        gone = [(company_id, tag) for tag in present if tag not in kept]
        db.executemany("DELETE FROM company_tags WHERE company_id = ? AND tag_id = ?", gone)
    elif len(had | kept) > MAX_ITEMS:
        raise unprocessable({"tags": [too_many("tags")]})
    _add_tags(db, company_id, [tag for tag in wanted if tag not in had])
    after = _titles(db, company_id)
    return {} if before == after else {"tags": [before, after]}


def _titles(db: sqlite3.Connection, company_id: int) -> list[Json]:
    return [
        title
        for (title,) in db.execute(
            "SELECT n.name FROM company_tags t JOIN names n ON n.id = t.tag_id WHERE t.company_id = ? ORDER BY t.rowid",
            [company_id],
        )
    ]


def _save(
    db: sqlite3.Connection,
    space: Space,
    row: sqlite3.Row,
    columns: Mapping[str, Json],
    event: Event,
    also: Mapping[str, Json] | None = None,
) -> sqlite3.Row:
    changed = {name: value for name, value in columns.items() if row[name] != value}
    if not changed and not also:
        return by_id(db, row["id"])
    changed["updated_at"] = space.stamp()
    assigned = ", ".join(f"{name} = ?" for name in changed)
    db.execute(f"UPDATE companies SET {assigned} WHERE id = ?", [*changed.values(), row["id"]])  # noqa: S608  # names of ours
    saved = by_id(db, row["id"])
    remember(db, space, row["id"], event, {**differences(row, saved, changed), **(also or {})})
    return saved
