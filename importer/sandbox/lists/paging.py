"""The query of a list -> one page of rows by cursor, with the meta, the urls and the quirks of the framework.

How a resource is listed: declare a `Resource` once, then

    page = page_of(db, RESOURCE, call.query, list_settings(space, f"{call.base_url}/offers"))
    return json_answer(page.envelope([render(row) for row in page.rows]))

`where` narrows a list to what its path names, before any filter: `Fragment("l.offer_id = ?", (offer_id,))`. Rows have
the columns of the resource's SELECT, `computed` has one map for each of them. A page costs the same wherever in an
unsorted list it is: the key is sought, nothing is skipped or counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from importer.sandbox.lists.computed import PREFIX, Computed, computed_fields
from importer.sandbox.lists.conditions import condition, live, scope_of
from importer.sandbox.lists.cursors import Cursor, beyond, cursor_of
from importer.sandbox.lists.fragments import Fragment, joined
from importer.sandbox.lists.sorting import AS_IT_IS, Order, orders
from importer.sandbox.lists.spelling import tree_of
from importer.sandbox.wire.inputs import Input, integer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from importer.sandbox.lists.resource import Resource
    from importer.sandbox.lists.settings import ListSettings
    from importer.sandbox.wire.inputs import Json

__all__ = ["Page", "page_of"]

_DEFAULT_SIZE = 30


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `computed` has for each row its computed fields, alias -> number."""

    rows: list[sqlite3.Row]
    meta: dict[str, Json]
    computed: list[dict[str, Json]]

    def envelope(self, data: Sequence[Json]) -> dict[str, Json]:
        """Wrap the rendered rows as the API does."""
        return {"data": list(data), "links": [], "meta": self.meta}


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of the store, once the query is understood."""

    where: Fragment
    orders: tuple[Order, ...]
    computed: tuple[Computed, ...]
    cursor: Cursor | None
    size: int

    @property
    def forward(self) -> bool:
        return self.cursor is None or self.cursor.forward


def page_of(
    db: sqlite3.Connection, resource: Resource, query: Input, settings: ListSettings, where: Fragment | None = None
) -> Page:
    """Read one page.

    Raises:
        ApiError: 400 for a filter, sort or computed field that the resource does not have, 500 for a cursor that was
            made under another sort.
    """
    computed = computed_fields(query, resource, settings)
    question = _Question(
        where=joined([*([where] if where else []), *_wanted(query, resource, settings, computed)], "AND"),
        orders=orders(query.get("sort"), resource, computed, settings),
        computed=computed,
        cursor=cursor_of(_page_query(query).get("cursor")),
        size=_size(_page_query(query).get("size"), settings),
    )
    rows, more = _rows(db, resource, question, settings)
    return Page(
        rows=rows,
        meta=_meta(query, question, _neighbours(question, rows, more=more), settings),
        computed=[{one.alias: _number(row[one.column]) for one in computed} for row in rows],
    )


def _wanted(
    query: Input, resource: Resource, settings: ListSettings, computed: Sequence[Computed]
) -> tuple[Fragment, ...]:
    names = {one.alias: one.field for one in computed} | {PREFIX + one.alias: one.field for one in computed}
    scope = scope_of(resource, settings, names)
    given = query.get("filter")
    wanted = () if given is None else (condition(tree_of(given), scope),)
    return (*wanted, live(scope))


def _page_query(query: Input) -> Input:
    page = query.get("page")
    return page if isinstance(page, dict) else {}


def _size(asked: Json, settings: ListSettings) -> int:
    size = integer(asked)
    return min(size if size > 0 else _DEFAULT_SIZE, settings.page_size_max)


def _rows(
    db: sqlite3.Connection, resource: Resource, question: _Question, settings: ListSettings
) -> tuple[list[sqlite3.Row], bool]:
    """Read the rows of a page in their order, and tell whether there are more in the direction of the cursor."""
    compared = [f"list_order_{number}" for number in range(len(question.orders))]
    columns = [one.expression.within(f"{{}} AS {one.column}") for one in question.computed]
    for number, order in enumerate(question.orders):
        columns.append(_compared(order).within(f"{{}} AS {compared[number]}"))
        if order.compared != AS_IT_IS:
            columns.append(order.value.within(f"{{}} AS list_value_{number}"))
    where = question.where
    if question.cursor:
        where = joined([where, beyond(question.cursor, question.orders, compared, settings)], "AND")
    directions = ["DESC" if order.descending is question.forward else "ASC" for order in question.orders]
    order_by = ", ".join(f"{name} {direction}" for name, direction in zip(compared, directions, strict=True))
    selected = _selected(columns, resource)
    sql = f"{selected.sql} WHERE {where.sql} ORDER BY {order_by} LIMIT ?"
    rows = db.execute(sql, [*selected.parameters, *where.parameters, question.size + 1]).fetchall()
    page = rows[: question.size]
    return (page if question.forward else page[::-1]), len(rows) > question.size


def _selected(columns: Sequence[Fragment], resource: Resource) -> Fragment:
    """Put columns of the list's own in front of those of a resource's SELECT."""
    own = ", ".join(column.sql for column in columns)
    rest = resource.select.strip().removeprefix("SELECT")
    return Fragment(f"SELECT {own}, {rest}", tuple(value for column in columns for value in column.parameters))


def _compared(order: Order) -> Fragment:
    """Say what the database orders by; an expression that stands in it several times brings its values as often."""
    times = order.compared.count("{0}") or 1
    return Fragment(order.compared.format(order.value.sql), order.value.parameters * times)


def _neighbours(question: _Question, rows: Sequence[sqlite3.Row], *, more: bool) -> dict[str, Cursor | None]:
    cursor = question.cursor
    follows = bool(rows) and (more or (cursor is not None and not cursor.forward))
    precedes = bool(rows) and cursor is not None and (cursor.forward or more)
    return {
        "next": Cursor(_values(question, rows[-1])) if follows else None,
        "prev": Cursor(_values(question, rows[0]), forward=False) if precedes else None,
    }


def _values(question: _Question, row: sqlite3.Row) -> dict[str, Json]:
    """Return what a cursor at a row holds: the values as they are stored, not as they are folded."""
    columns = ["order" if order.compared == AS_IT_IS else "value" for order in question.orders]
    names = [order.name for order in question.orders]
    return {name: row[f"list_{columns[number]}_{number}"] for number, name in enumerate(names)}


def _number(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _meta(
    query: Input, question: _Question, neighbours: dict[str, Cursor | None], settings: ListSettings
) -> dict[str, Json]:
    meta: dict[str, Json] = {"path": settings.path, "per_page": question.size}
    for name, cursor in neighbours.items():
        url = _url(settings.path, query, cursor) if cursor else None
        if settings.meta_keys != "no_next_cursor":
            meta[f"{name}_cursor"] = cursor.text() if cursor else None
        if settings.meta_keys != "cursor_url":
            meta[f"{name}_page_url"] = url
        if settings.meta_keys in ("cursor_url", "both"):
            meta[f"{name}_cursor_url"] = url
    return meta


def _url(path: str, query: Input, cursor: Cursor) -> str:
    """Repeat the query as it was asked, an asked page size too, with the cursor in place of the old one."""
    asked = {**query, "page": {**_page_query(query), "cursor": cursor.text()}}
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
