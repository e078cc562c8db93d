"""An offer of a seed file -> rows of the store: what it does not say follows from its company, its items, and today."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from importer.sandbox.companies.finding import by_id, folded
from importer.sandbox.embedded.fields import SeedFields
from importer.sandbox.embedded.references import (
    CLIENT,
    COMPANY,
    PROJECT,
    USER,
    identity,
    insert,
    named,
    reference,
)
from importer.sandbox.offers.items import (
    EXTERNAL_COST,
    ITEM_TYPES,
    LINE_ITEM,
    Columns,
    external_cost,
    line_item,
    money,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input

__all__ = ["STATUSES", "insert_offer"]

STATUSES = ("open", "approval_pending", "approval_approved", "transformed", "cancelled")
"""Draft, submitted and approved inside, then approved or declined by the customer."""

_NAMES = (
    *("id", "external_id", "external_origin", "offer_number", "title", "status", "approvals_needed"),
    *("is_direct_approved", "date_of_offer", "date_of_expiry", "performance_range_start", "performance_range_end"),
    *("locale", "currency", "address", "address_changed", "company", "editor", "client", "project"),
    *("taxation_enabled", "sum_net", "sum_tax", "sum_gross", "sum_external_costs"),
    *("created_at", "updated_at", "archived", "line_items", "external_costs"),
)
_TAX = Decimal("0.2")
_EXPIRES_AFTER, _PERFORMED_WITHIN = dt.timedelta(days=30), dt.timedelta(days=90)


class _Parties(NamedTuple):
    """Whom and what an offer is for."""

    company: sqlite3.Row | None
    client: int
    project: int | None
    editor: int | None


def insert_offer(db: sqlite3.Connection, space: Space, given: Input) -> None:
    """Store an offer.

    Needed: title, status (open, approval_pending, approval_approved, transformed or cancelled). Else:

    - company: an external_id of the sandbox's own integration, or `{external_id: ..., origin: ...}`, or `{id: ...}`;
      archived ones too. client (default: the company's, else the project's, else one made under the company's name),
      project, editor: as elsewhere in the file.
    - id, external_id, external_origin, offer_number (default AN-<year>-<id>; null is none), approvals_needed,
      is_direct_approved, locale (default: the company's, else en), currency (default EUR), taxation_enabled (default:
      the company's), address (default: the company's invoice address), address_changed (default false),
      archived (default false).
    - date_of_offer (default: today), date_of_expiry (30 days later), performance_range_start (the date of the offer),
      performance_range_end (90 days after that), created_at, updated_at (default: now).
    - sum_net, sum_tax, sum_gross, sum_external_costs: default: of the items, without optional ones and with credits
      subtracted.
    - line_items: title; type (unit, category, page_break), indent, order, is_optional, price (default 0), amount
      (default 1), tax_factor (0.2 is 20 %, the default, or 0 without taxation), metric (a title, or a map of title and
      title_plural), project, description, discount_factor, discount_absolute, discount_bound, exclude_from_discount,
      purchase_price, purchase_amount, purchase_price_bound, payment_partial_type (once, monthly, yearly),
      payment_partial_interval (1, 3, 6), and the totals total_net_base, total_net, total_gross_base, total_gross,
      purchase_total where they are not to follow from these.
    - external_costs: title; type (default unit), indent, order, is_credit, is_optional, price, amount, total, supplier
      (a name), client, project, status, payment_partial_type, payment_partial_interval.
    """
    fields = SeedFields(given, _NAMES, "an offer")
    columns: Columns = {"title": fields.required("title"), "status": _status(fields)}
    columns |= identity(db, space, fields, "offers")
    external_id = columns["external_id"]
    columns["external_id_folded"] = folded(external_id) if isinstance(external_id, str) else None
    parties = _parties(db, space, fields)
    columns |= _particulars(fields, parties)
    columns |= _dates(space, fields)
    tax = _TAX if columns["taxation_enabled"] else Decimal(0)
    items = [
        line_item(db, space, item, index, tax)
        for index, item in enumerate(fields.maps("line_items", LINE_ITEM, "a line item"), start=1)
    ]
    costs = [
        external_cost(db, space, cost, index)
        for index, cost in enumerate(fields.maps("external_costs", EXTERNAL_COST, "an external cost"), start=1)
    ]
    columns |= _sums(fields, items, costs, tax)
    offer = insert(db, "offers", _stored(columns))
    _number(db, fields, offer, str(columns["date_of_offer"]))
    times: Columns = {"offer_id": offer, "created_at": columns["created_at"], "updated_at": columns["updated_at"]}
    for table, rows in (("offer_line_items", items), ("offer_external_costs", costs)):
        for row in rows:
            insert(db, table, _stored({**row, **times}))


def _status(fields: SeedFields) -> str | None:
    fields.required("status")
    return fields.choice("status", STATUSES)


def _parties(db: sqlite3.Connection, space: Space, fields: SeedFields) -> _Parties:
    company_id = reference(db, space, fields, "company", COMPANY)
    company = None if company_id is None else by_id(db, company_id)
    project = reference(db, space, fields, "project", PROJECT)
    client = reference(db, space, fields, "client", CLIENT)
    if client is None and company is not None:
        client = company["client_id"]
    if client is None and project is not None:
        (client,) = db.execute("SELECT client_id FROM projects WHERE id = ?", [project]).fetchone()
    if client is None:
        name = company["company_name"] if company is not None else None
        client = named(db, "clients", "name", name or "Sandbox")
    return _Parties(company, client, project, reference(db, space, fields, "editor", USER))


def _particulars(fields: SeedFields, parties: _Parties) -> Columns:
    company = parties.company
    approvals, direct = fields.whole("approvals_needed"), fields.values.get("is_direct_approved")
    return {
        "approvals_needed": approvals,
        "is_direct_approved": None if direct is None else fields.flag("is_direct_approved"),
        "locale": fields.text("locale") or (company["locale"] if company else None) or "en",
        "currency": fields.text("currency") or "EUR",
        "address": fields.text("address") or (_address(company) if company else ""),
        "address_changed": fields.flag("address_changed"),
        "company_id": company["id"] if company else None,
        "editor_id": parties.editor,
        "client_id": parties.client,
        "project_id": parties.project,
        "taxation_enabled": fields.flag(
            "taxation_enabled", default=bool(company["taxation_enabled"]) if company else True
        ),
    }


def _address(company: sqlite3.Row) -> str:
    parts = {part: company[f"address_invoice_{part}"] or "" for part in ("title", "street", "house", "zip", "town")}
    lines = (
        parts["title"] or company["company_name"] or "",
        f"{parts['street']} {parts['house']}",
        company["address_invoice_street2"] or "",
        f"{parts['zip']} {parts['town']}",
        company["address_invoice_country_name"] or "",
    )
    return "\n".join(line.strip() for line in lines if line.strip())


def _dates(space: Space, fields: SeedFields) -> Columns:
    today = space.now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    offered = fields.moment("date_of_offer") or today.isoformat()
    begun = fields.moment("performance_range_start") or offered
    created = fields.moment("created_at") or space.stamp()
    return {
        "date_of_offer": offered,
        "date_of_expiry": fields.moment("date_of_expiry") or _later(offered, _EXPIRES_AFTER),
        "performance_range_start": begun,
        "performance_range_end": fields.moment("performance_range_end") or _later(begun, _PERFORMED_WITHIN),
        "created_at": created,
        "updated_at": fields.moment("updated_at") or created,
        "deleted_at": space.stamp() if fields.flag("archived") else None,
    }


def _later(moment: str, delay: dt.timedelta) -> str:
    at = dt.datetime.fromisoformat(moment)
    last = dt.datetime.max.replace(tzinfo=dt.UTC, microsecond=0)
    return (at + delay if last - at > delay else last).isoformat()


def _sums(fields: SeedFields, items: Sequence[Columns], costs: Sequence[Columns], tax: Decimal) -> Columns:
    counted = [item for item in items if not item["is_optional"] and item["type"] == ITEM_TYPES[0]]
    net = money(fields, "sum_net", _total(counted, "total_net"))
    of_items = _total(counted, "total_gross") - _total(counted, "total_net") if counted else net * tax
    gross = fields.decimal("sum_gross")
    taxes = money(fields, "sum_tax", of_items if gross is None else gross - net)
    spent = [cost for cost in costs if not cost["is_optional"]]
    credit = _total([cost for cost in spent if cost["is_credit"]], "total")
    return {
        "sum_net": net,
        "sum_tax": taxes,
        "sum_gross": money(fields, "sum_gross", net + taxes),
        "sum_external_costs": money(fields, "sum_external_costs", _total(spent, "total") - 2 * credit),
    }


def _total(rows: Sequence[Columns], name: str) -> Decimal:
    return sum((value for row in rows if isinstance(value := row[name], Decimal)), Decimal(0))


def _number(db: sqlite3.Connection, fields: SeedFields, offer: int, offered: str) -> None:
    number = fields.text("offer_number") if fields.has("offer_number") else f"AN-{offered[:4]}-{offer:04}"
    db.execute("UPDATE offers SET offer_number = ? WHERE id = ?", [number, offer])


def _stored(columns: Columns) -> dict[str, object]:
    """Make numbers that SQLite takes: the float nearest to each, which has the same shortest spelling."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in columns.items()}
