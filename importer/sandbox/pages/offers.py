"""The store's offers -> the page that lists them, and the page of one with what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from importer.sandbox.ids import Thing, id_of
from importer.sandbox.pages.visits import Page, Visit, number
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["STATUSES", "OfCompany", "listed", "of_company", "shown"]

_PAGE = 50
_LAST = 2**63 - 1
_MAX_ITEMS = 500
_SELECT = """
    SELECT o.*, c.company_name, cl.name AS client_name, p.title AS project_title,
        u.first_name || ' ' || u.last_name AS editor_name
    FROM offers o
        LEFT JOIN companies c ON c.id = o.company_id
        LEFT JOIN clients cl ON cl.id = o.client_id
        LEFT JOIN projects p ON p.id = o.project_id
        LEFT JOIN users u ON u.id = o.editor_id
"""
_LINE_ITEMS = """
    SELECT i.*, m.title AS metric FROM offer_line_items i LEFT JOIN metrics m ON m.id = i.metric_id
    WHERE i.offer_id = ? ORDER BY i.position, i.id LIMIT ?
"""
_COSTS = """
    SELECT e.*, s.name AS supplier FROM offer_external_costs e LEFT JOIN suppliers s ON s.id = e.supplier_id
    WHERE e.offer_id = ? ORDER BY e.position, e.id LIMIT ?
"""
STATUSES = {
    "open": "draft",
    "approval_pending": "waits for approval",
    "approval_approved": "approved inside",
    "transformed": "accepted",
    "cancelled": "declined",
}
"""What the words of the API mean."""


@dataclass(frozen=True, slots=True)
class OfCompany:
    """A company's newest offers, and whether there are more."""

    rows: Sequence[sqlite3.Row]
    more: bool


async def listed(visit: Visit) -> Page:
    """Show offers, newest first."""
    before = number(visit.query.get("before"), _LAST)
    rows = await visit.exchanges.read(partial(_newest, before=before))
    return Page(
        "offers.html",
        {
            "offers": rows[:_PAGE],
            "statuses": STATUSES,
            "newer": None if before == _LAST else "/offers",
            "older": f"/offers?before={rows[_PAGE - 1]['id']}" if len(rows) > _PAGE else None,
        },
    )


async def shown(visit: Visit) -> Page:
    """Show one offer with its line items and external costs."""
    offer_id = id_of(visit.names[0], Thing.OFFER, visit.exchanges.behaviour.ids)
    values = await visit.exchanges.read(partial(_particulars, offer_id=offer_id)) if offer_id else None
    if values is None:
        raise ApiError(404, f"There is no offer {visit.names[0][:100]}. It may be in another sandbox file.")
    return Page("offer.html", values)


def of_company(db: sqlite3.Connection, company_id: int) -> OfCompany:
    """Find a company's offers, newest first."""
    query = f"{_SELECT} WHERE o.company_id = ? ORDER BY o.id DESC LIMIT ?"
    rows = db.execute(query, [company_id, _PAGE + 1]).fetchall()
    return OfCompany(rows[:_PAGE], more=len(rows) > _PAGE)


def _newest(db: sqlite3.Connection, before: int) -> list[sqlite3.Row]:
    return db.execute(f"{_SELECT} WHERE o.id < ? ORDER BY o.id DESC LIMIT ?", [before, _PAGE + 1]).fetchall()


def _particulars(db: sqlite3.Connection, offer_id: int) -> dict[str, object] | None:
    offer = db.execute(f"{_SELECT} WHERE o.id = ?", [offer_id]).fetchone()
    if offer is None:
        return None
    return {
        "offer": offer,
        "statuses": STATUSES,
        "line_items": db.execute(_LINE_ITEMS, [offer_id, _MAX_ITEMS]).fetchall(),
        "costs": db.execute(_COSTS, [offer_id, _MAX_ITEMS]).fetchall(),
        "most": _MAX_ITEMS,
    }
