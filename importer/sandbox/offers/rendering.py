"""Rows of the store -> OfferData, OfferLineItemData and ExternalCostData as the API answers them.

A page takes a fixed number of statements, however many offers, items and companies are on it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.companies.rendering import companies
from importer.sandbox.embedded.rendering import clients, projects, users
from importer.sandbox.embedded.values import date_time, key_list, number
from importer.sandbox.ids import Thing, public_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.wire.inputs import Json

__all__ = ["line_items", "rendered"]

_SUMS = ("sum_net", "sum_tax", "sum_gross", "sum_external_costs")
_TIMES = ("date_of_offer", "date_of_expiry", "performance_range_start", "performance_range_end")

_ITEMS = """
    SELECT l.* FROM offer_line_items l WHERE l.offer_id IN (SELECT value FROM json_each(?)) ORDER BY l.position, l.id
"""
_COSTS = """
    SELECT x.*, s.name AS supplier_name FROM offer_external_costs x LEFT JOIN suppliers s ON s.id = x.supplier_id
    WHERE x.offer_id IN (SELECT value FROM json_each(?)) ORDER BY x.position, x.id
"""
_METRICS = "SELECT id, title, title_plural FROM metrics WHERE id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read beside the offers' own rows: objects by their numbers, items and costs by the offers'."""

    companies: Mapping[int, Json]
    users: Mapping[int, Json]
    clients: Mapping[int, Json]
    projects: Mapping[int, Json]
    metrics: Mapping[int, Json]
    items: Mapping[int, list[sqlite3.Row]]
    costs: Mapping[int, list[sqlite3.Row]]


def rendered(db: sqlite3.Connection, rows: Sequence[sqlite3.Row], behaviour: Behaviour) -> list[dict[str, Json]]:
    """Render offers in the given order, each with its whole company, its items and its costs."""
    keys = key_list(row["id"] for row in rows)
    items, costs = db.execute(_ITEMS, [keys]).fetchall(), db.execute(_COSTS, [keys]).fetchall()
    beside = _Beside(
        companies=companies(db, (row["company_id"] for row in rows), behaviour),
        users=users(db, (row["editor_id"] for row in rows), behaviour),
        clients=clients(db, (row["client_id"] for row in [*rows, *costs]), behaviour),
        projects=projects(db, (row["project_id"] for row in [*rows, *items, *costs]), behaviour),
        metrics=_metrics(db, items, behaviour),
        items=_by_offer(items),
        costs=_by_offer(costs),
    )
    return [_offer(row, beside, behaviour) for row in rows]


def line_items(db: sqlite3.Connection, rows: Sequence[sqlite3.Row], behaviour: Behaviour) -> list[Json]:
    """Render line items in the given order."""
    metrics = _metrics(db, rows, behaviour)
    of_projects = projects(db, (row["project_id"] for row in rows), behaviour)
    return [_line_item(row, metrics, of_projects, behaviour) for row in rows]


def _offer(row: sqlite3.Row, beside: _Beside, behaviour: Behaviour) -> dict[str, Json]:
    direct = row["is_direct_approved"]
    items, costs = beside.items.get(row["id"], []), beside.costs.get(row["id"], [])
    return {
        "id": public_id(row["id"], Thing.OFFER, behaviour.ids),
        **{name: row[name] for name in ("offer_number", "title", "status", "approvals_needed")},
        "is_direct_approved": None if direct is None else bool(direct),
        **{name: date_time(row[name], behaviour) for name in _TIMES},
        **{name: row[name] for name in ("locale", "currency", "address")},
        "address_changed": bool(row["address_changed"]),
        "company": beside.companies.get(row["company_id"]),
        "editor": beside.users.get(row["editor_id"]),
        "client": beside.clients[row["client_id"]],
        "project": beside.projects.get(row["project_id"]),
        "taxation_enabled": bool(row["taxation_enabled"]),
        **{name: number(row[name]) for name in _SUMS},
        "line_items": [_line_item(item, beside.metrics, beside.projects, behaviour) for item in items],
        "external_costs": [_external_cost(cost, beside, behaviour) for cost in costs],
        **{name: date_time(row[name], behaviour) for name in ("created_at", "updated_at", "deleted_at")},
    }


def _line_item(
    row: sqlite3.Row, metrics: Mapping[int, Json], of_projects: Mapping[int, Json], behaviour: Behaviour
) -> dict[str, Json]:
    return {
        "id": public_id(row["id"], Thing.LINE_ITEM, behaviour.ids),
        **{name: row[name] for name in ("title", "type", "indent")},
        "order": row["position"],
        "is_optional": bool(row["is_optional"]),
        **{name: number(row[name]) for name in ("price", "amount", "total_net_base", "total_net")},
        **{name: number(row[name]) for name in ("total_gross_base", "tax_factor", "total_gross")},
        "metric": metrics[row["metric_id"]],
        "project": of_projects.get(row["project_id"]),
        "exclude_from_discount": bool(row["exclude_from_discount"]),
        **{name: number(row[name]) for name in ("discount_factor", "discount_absolute")},
        "discount_bound": bool(row["discount_bound"]),
        **{name: number(row[name]) for name in ("purchase_price", "purchase_amount", "purchase_total")},
        "purchase_price_bound": bool(row["purchase_price_bound"]),
        **{name: row[name] for name in ("description", "payment_partial_type", "payment_partial_interval")},
    }


def _external_cost(row: sqlite3.Row, beside: _Beside, behaviour: Behaviour) -> dict[str, Json]:
    supplier = row["supplier_id"]
    return {
        "id": public_id(row["id"], Thing.EXTERNAL_COST, behaviour.ids),
        **{name: row[name] for name in ("title", "type", "indent")},
        "order": row["position"],
        **{name: bool(row[name]) for name in ("is_credit", "is_optional")},
        **{name: number(row[name]) for name in ("price", "amount", "total")},
        "supplier": {"id": public_id(supplier, Thing.SUPPLIER, behaviour.ids), "name": row["supplier_name"]}
        if supplier
        else None,
        "client": beside.clients.get(row["client_id"]),
        "project": beside.projects.get(row["project_id"]),
        **{name: row[name] for name in ("status", "payment_partial_type", "payment_partial_interval")},
        **{name: date_time(row[name], behaviour) for name in ("created_at", "updated_at")},
    }


def _metrics(db: sqlite3.Connection, items: Sequence[sqlite3.Row], behaviour: Behaviour) -> dict[int, Json]:
    found = db.execute(_METRICS, [key_list(item["metric_id"] for item in items)])
    return {
        row["id"]: {
            "id": public_id(row["id"], Thing.METRIC, behaviour.ids),
            "title": row["title"],
            "title_plural": row["title_plural"],
        }
        for row in found
    }


def _by_offer(rows: Sequence[sqlite3.Row]) -> dict[int, list[sqlite3.Row]]:
    found: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        found[row["offer_id"]].append(row)
    return found
