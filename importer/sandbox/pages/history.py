"""A company's lines of `company_changes` -> what happened to it when, by whom, and from what to what, newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from importer.sandbox.companies.contract import BOOLEANS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

__all__ = ["Change", "Difference", "History", "history_of"]

_MAX_CHANGES = 100
_EVENTS = {
    "create": "created",
    "update": "changed",
    "delete": "archived",
    "restore": "restored",
    "external-identifier": "external id set",
}
_FLAGS = frozenset(BOOLEANS.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after; None is empty."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """One write."""

    event: str
    at: str
    actor: str
    """The slug of the integration that did it."""
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class History:
    """The last changes, newest first, and how many earlier ones there are."""

    changes: Sequence[Change]
    earlier: int


def history_of(db: sqlite3.Connection, company_id: int) -> History:
    """Read a company's history."""
    (count,) = db.execute("SELECT count(*) FROM company_changes WHERE company_id = ?", [company_id]).fetchone()
    rows = db.execute(
        "SELECT event, at, actor, fields FROM company_changes WHERE company_id = ? ORDER BY id DESC LIMIT ?",
        [company_id, _MAX_CHANGES],
    )
    changes = [
        Change(
            event=_EVENTS.get(row["event"], row["event"]),
            at=row["at"],
            actor=row["actor"],
            differences=list(_differences(json.loads(row["fields"]))),
        )
        for row in rows
    ]
    return History(changes, count - len(changes))


def _differences(fields: dict[str, Any]) -> Iterator[Difference]:
    for name, (before, after) in fields.items():
        if name == "custom_fields":
            yield from _slugs(json.loads(before), json.loads(after))
        elif name in _FLAGS:
            yield Difference(name, bool(before), bool(after))
        else:
            yield Difference(name, before if before != [] else None, after if after != [] else None)


def _slugs(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    """Part the stored text of all custom fields into those that changed."""
    for slug in {**before, **after}:
        if before.get(slug) != after.get(slug):
            yield Difference(f"custom_fields.{slug}", before.get(slug), after.get(slug))
