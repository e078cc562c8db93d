"""What a write did to a company -> one line of its history, in the write's own transaction; webhooks are made of it."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import COUNTRIES, NAMED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Json

__all__ = ["Event", "differences", "remember"]


class Event(StrEnum):
    """What can happen to a company."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RESTORE = "restore"
    IDENTIFY = "external-identifier"


_SHOWN = {
    **{f"{name}_id": (name, f"{name}_code") for name in COUNTRIES},
    **{f"{name}_id": (name, f"{name}_name") for name in NAMED},
    "client_id": ("client", "client_name"),
}
"""Column -> the read name, and the column of the joined row that people understand."""
_UNSEEN = {"external_id_folded", "updated_at"}


def differences(before: sqlite3.Row, after: sqlite3.Row, columns: Iterable[str]) -> dict[str, Json]:
    """Describe how columns changed: read name -> [before, after]."""
    found: dict[str, Json] = {}
    for column in columns:
        if column not in _UNSEEN:
            name, shown = _SHOWN.get(column, (column, column))
            found[name] = [before[shown], after[shown]]
    return found


def remember(
    db: sqlite3.Connection, space: Space, company_id: int, event: Event, fields: Mapping[str, Json] | None = None
) -> None:
    """Write a line of the company's history."""
    db.execute(
        "INSERT INTO company_changes (company_id, event, at, actor, user_id, fields) VALUES (?, ?, ?, ?, ?, ?)",
        [company_id, event.value, space.stamp(), space.actor, space.user_id or None, json.dumps(fields or {})],
    )
