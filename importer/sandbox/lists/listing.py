"""The query of a list -> one page of companies by cursor, in order of id, with the urls and quirks of the framework."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from importer.sandbox.companies.finding import SELECT
from importer.sandbox.companies.rendering import rendered
from importer.sandbox.lists.filters import condition
from importer.sandbox.wire.answers import ApiError
from importer.sandbox.wire.inputs import Input, integer

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Json

__all__ = ["included_contacts", "listed"]

_DEFAULT_SIZE = 30
_COLUMN = "companies.id"
_FORWARD = "_pointsToNextItems"
_BIGGEST = 2**63 - 1
_SORTS = ("company_name", "updated_at", "created_at")


@dataclass(frozen=True, slots=True)
class _Cursor:
    company_id: int
    forward: bool = True

    def text(self) -> str:
        body = json.dumps({_COLUMN: self.company_id, _FORWARD: self.forward}, separators=(",", ":"))
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def listed(db: sqlite3.Connection, space: Space, query: Input, path: str) -> dict[str, Json]:
    """List one page; `path` is the list's own url, which the urls in meta are made of."""
    contacts = included_contacts(query)
    _refuse_sort(query.get("sort"))
    page = query.get("page")
    page = page if isinstance(page, dict) else {}
    cursor = _cursor(page.get("cursor"))
    size = _size(page.get("size"), space)
    rows, more = _page(db, space, query, cursor, size)
    following = _Cursor(rows[-1]["id"]) if rows and (more or (cursor and not cursor.forward)) else None
    preceding = _Cursor(rows[0]["id"], forward=False) if rows and cursor and (cursor.forward or more) else None
    return {
        "data": rendered(db, rows, space.behaviour, contacts=contacts),
        "links": [],
        "meta": _meta(space, query, path, size, {"next": following, "prev": preceding}),
    }


def included_contacts(query: Input) -> bool:
    """Tell whether `include` asks for contacts, the only relation there is; 400 for others."""
    asked = query.get("include")
    names = asked.split(",") if isinstance(asked, str) else []
    unknown = [name for name in names if name != "contacts"]
    if unknown:
        raise ApiError(
            400, f"Given include(s) `{', '.join(unknown)}` are not allowed. Allowed includes are `contacts`."
        )
    return bool(names)


def _refuse_sort(asked: Json) -> None:
    if asked is None:
        return
    names = [name.removeprefix("-") for name in str(asked).split(",")]
    unknown = [name for name in names if name not in _SORTS and not name.startswith("custom_fields.")]
    if unknown:
        allowed = ", ".join(_SORTS)
        raise ApiError(
            400, f"Requested sort(s) `{', '.join(unknown)}` is not allowed. Allowed sort(s) are `{allowed}`."
        )
    raise ApiError(400, "This sandbox lists in the order of ids only: leave `sort` out.")


def _size(asked: Json, space: Space) -> int:
    size = integer(asked)
    return min(size if size > 0 else _DEFAULT_SIZE, space.behaviour.page_size_max)


def _cursor(text: Json) -> _Cursor | None:
    """Decode a cursor as the framework does: what cannot be decoded is no cursor, what is of another list is a 500."""
    if not isinstance(text, str):
        return None
    try:
        value = json.loads(base64.urlsafe_b64decode(text.encode() + b"=="))
    except (ValueError, RecursionError, binascii.Error):
        return None
    if not isinstance(value, dict) or _FORWARD not in value or _COLUMN not in value:
        raise ApiError(500)
    company_id = value[_COLUMN] if isinstance(value[_COLUMN], int) else integer(value[_COLUMN])
    return _Cursor(max(0, min(company_id, _BIGGEST)), forward=bool(value[_FORWARD]))


def _page(
    db: sqlite3.Connection, space: Space, query: Input, cursor: _Cursor | None, size: int
) -> tuple[list[sqlite3.Row], bool]:
    behaviour = space.behaviour
    wanted = condition(query.get("filter"), None if behaviour.unknown_custom_field == "store" else space.custom_fields)
    forward = cursor is None or cursor.forward
    beyond, order = (">", "ASC") if forward else ("<", "DESC")
    start = cursor.company_id if cursor else 0
    rows = db.execute(
        f"{SELECT} WHERE {wanted.sql} AND c.id {beyond} ? ORDER BY c.id {order} LIMIT ?",  # names of ours
        [*wanted.parameters, start, size + 1],
    ).fetchall()
    page = rows[:size]
    return (page if forward else page[::-1]), len(rows) > size


def _meta(space: Space, query: Input, path: str, size: int, cursors: dict[str, _Cursor | None]) -> dict[str, Json]:
    keys = space.behaviour.meta_keys
    meta: dict[str, Json] = {"path": path, "per_page": size}
    for name, cursor in cursors.items():
        url = _url(path, query, cursor) if cursor else None
        if keys != "no_next_cursor":
            meta[f"{name}_cursor"] = cursor.text() if cursor else None
        if keys != "cursor_url":
            meta[f"{name}_page_url"] = url
        if keys in ("cursor_url", "both"):
            meta[f"{name}_cursor_url"] = url
    return meta


def _url(path: str, query: Input, cursor: _Cursor) -> str:
    """Repeat the query as it was asked, an asked page size too, with the cursor in place of the old one."""
    page = query.get("page")
    asked = {**query, "page": {**(page if isinstance(page, dict) else {}), "cursor": cursor.text()}}
    return f"{path}?{urlencode(_flat(asked))}"


def _flat(values: Input, prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, value in values.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, dict):
            flat += _flat(value, name)
        elif value is not None:
            flat.append((name, str(value)))
    return flat
