"""Line items and external costs of a seed file's offer -> columns of the store, with the totals that follow from them.

    total_net_base   = price * amount
    total_net        = total_net_base * (1 - discount_factor) - discount_absolute
    total_gross_base = total_net_base * (1 + tax_factor)
    total_gross      = total_net * (1 + tax_factor)
    purchase_total   = purchase_price * purchase_amount
    total            = price * amount                      of an external cost

Each is rounded to two decimals, halves away from zero, and gives way to a total that the file names.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from importer.sandbox.embedded.fields import rounded
from importer.sandbox.embedded.references import CLIENT, PROJECT, named, reference

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.embedded.fields import SeedFields
    from importer.sandbox.space import Space

__all__ = ["EXTERNAL_COST", "ITEM_TYPES", "LINE_ITEM", "Columns", "external_cost", "line_item", "money"]

Columns: TypeAlias = "dict[str, str | int | Decimal | None]"

ITEM_TYPES = ("unit", "category", "page_break")
_INTERVALS = ("once", "monthly", "yearly")
_MONTHS = (1, 3, 6)
_MOST = 10**12
_ZERO, _ONE = Decimal(0), Decimal(1)

_SHARED = (
    *("title", "type", "indent", "order", "is_optional", "price", "amount", "project"),
    *("payment_partial_type", "payment_partial_interval"),
)
LINE_ITEM = (
    *_SHARED,
    *("tax_factor", "metric", "description", "exclude_from_discount"),
    *("discount_factor", "discount_absolute", "discount_bound"),
    *("purchase_price", "purchase_amount", "purchase_total", "purchase_price_bound"),
    *("total_net_base", "total_net", "total_gross_base", "total_gross"),
)
"""The names that a line item may have."""
EXTERNAL_COST = (*_SHARED, "is_credit", "total", "supplier", "client", "status")
"""The names that an external cost may have."""


def line_item(db: sqlite3.Connection, space: Space, fields: SeedFields, index: int, tax_factor: Decimal) -> Columns:
    """Read a line item; `index` is its place in the list and `tax_factor` what holds if it names none."""
    kind = fields.choice("type", ITEM_TYPES) or ITEM_TYPES[0]
    title = fields.text("title") or "" if kind == "page_break" else fields.required("title")
    tax = _factor(fields, "tax_factor")
    purchase_price = fields.decimal("purchase_price") or _ZERO
    purchase_amount = _or(fields.decimal("purchase_amount"), _ONE)
    return {
        "title": title,
        "type": kind,
        **_shared(db, space, fields, index),
        **_totals(fields, _or(tax, tax_factor)),
        "metric_id": _metric(db, fields),
        "description": fields.text("description") or "",
        "exclude_from_discount": fields.flag("exclude_from_discount"),
        "discount_bound": fields.flag("discount_bound"),
        "purchase_price": purchase_price,
        "purchase_amount": purchase_amount,
        "purchase_total": money(fields, "purchase_total", purchase_price * purchase_amount),
        "purchase_price_bound": fields.flag("purchase_price_bound"),
    }


def external_cost(db: sqlite3.Connection, space: Space, fields: SeedFields, index: int) -> Columns:
    """Read an external cost; `index` is its place in the list."""
    shared = _shared(db, space, fields, index)
    supplier = fields.text("supplier")
    return {
        "title": fields.required("title"),
        "type": fields.text("type") or ITEM_TYPES[0],
        **shared,
        "is_credit": fields.flag("is_credit"),
        "total": money(fields, "total", _price(fields) * _amount(fields)),
        "supplier_id": named(db, "suppliers", "name", supplier) if supplier else None,
        "client_id": reference(db, space, fields, "client", CLIENT),
        "status": fields.text("status"),
    }


def money(fields: SeedFields, name: str, otherwise: Decimal) -> Decimal:
    """Read a sum that the file may name, else take what was computed, in cents."""
    given = fields.decimal(name)
    value = rounded(otherwise, 2) if given is None else given
    if abs(value) >= _MOST:
        raise fields.error(name, f"{name} would be {value:.3e}, which is more than can be kept to the cent")
    return value


def _shared(db: sqlite3.Connection, space: Space, fields: SeedFields, index: int) -> Columns:
    order = fields.whole("order")
    return {
        "indent": fields.whole("indent") or 0,
        "position": index if order is None else order,
        "is_optional": fields.flag("is_optional"),
        "price": _price(fields),
        "amount": _amount(fields),
        "project_id": reference(db, space, fields, "project", PROJECT),
        **_interval(fields),
    }


def _totals(fields: SeedFields, tax: Decimal) -> Columns:
    discount, absolute = _factor(fields, "discount_factor"), fields.decimal("discount_absolute")
    base = money(fields, "total_net_base", _price(fields) * _amount(fields))
    net = money(fields, "total_net", base * (1 - (discount or _ZERO)) - (absolute or _ZERO))
    return {
        "tax_factor": tax,
        "discount_factor": discount,
        "discount_absolute": absolute,
        "total_net_base": base,
        "total_net": net,
        "total_gross_base": money(fields, "total_gross_base", base * (1 + tax)),
        "total_gross": money(fields, "total_gross", net * (1 + tax)),
    }


def _price(fields: SeedFields) -> Decimal:
    return fields.decimal("price") or _ZERO


def _amount(fields: SeedFields) -> Decimal:
    return _or(fields.decimal("amount"), _ONE)


def _or(value: Decimal | None, default: Decimal) -> Decimal:
    return default if value is None else value


def _factor(fields: SeedFields, name: str) -> Decimal | None:
    value = fields.decimal(name)
    if value is not None and not 0 <= value <= 1:
        raise fields.error(name, f"{name} must be from 0 to 1, not {value}: 20 % is 0.2")
    return value


def _interval(fields: SeedFields) -> Columns:
    kind, months = fields.choice("payment_partial_type", _INTERVALS) or "once", fields.whole("payment_partial_interval")
    if kind != "once" and months not in (None, *_MONTHS):
        raise fields.error("payment_partial_interval", f"payment_partial_interval must be 1, 3 or 6, not {months}")
    default = None if kind == "once" else 1
    return {"payment_partial_type": kind, "payment_partial_interval": default if months is None else months}


def _metric(db: sqlite3.Connection, fields: SeedFields) -> int:
    inner = fields.map("metric", ("title", "title_plural"), "a metric")
    if inner is not None:
        title = inner.required("title")
        return named(db, "metrics", "title", title, {"title_plural": inner.text("title_plural") or title})
    if word := fields.text("metric"):
        return named(db, "metrics", "title", word, {"title_plural": word})
    return named(db, "metrics", "title", "Piece", {"title_plural": "Pieces"})
