"""The query of a list -> a page of offers or of one offer's line items: what they can be filtered and sorted by."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from importer.sandbox.ids import Thing
from importer.sandbox.lists.fragments import Fragment
from importer.sandbox.lists.includes import included
from importer.sandbox.lists.paging import page_of
from importer.sandbox.lists.resource import Field, FieldKind, Relation, Resource
from importer.sandbox.lists.settings import list_settings
from importer.sandbox.offers.finding import SELECT
from importer.sandbox.offers.items import ITEM_TYPES
from importer.sandbox.offers.rendering import line_items, rendered

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["LINE_ITEMS", "OFFERS", "listed", "listed_items"]

_INCLUDES = ("external_costs", "line_items", "discounts")
"""What may be included, which changes nothing: line items and external costs are required parts of an offer, and
discounts have no place in its schema."""


def _fields(kind: FieldKind, alias: str, *names: str) -> dict[str, Field]:
    return {name: Field(kind, f"{alias}.{name}") for name in names}


def _project(alias: str, key: str) -> dict[str, Field]:
    texts = _fields(FieldKind.STRING, alias, "title", "external_id", "shortcode")
    number = Field(FieldKind.ID, key, of=Thing.PROJECT)
    return {"project.id": number, **{f"project.{name}": field for name, field in texts.items()}}


def _enum(alias: str) -> dict[str, Field]:
    return {"type": Field(FieldKind.ENUM, f"{alias}.type", frozenset(ITEM_TYPES))}


_ITEM_RELATION = Relation(
    source="offer_line_items li LEFT JOIN projects lp ON lp.id = li.project_id WHERE li.offer_id = o.id",
    fields=MappingProxyType(
        {
            **_fields(FieldKind.STRING, "li", "title"),
            **_fields(FieldKind.CURRENCY, "li", "price"),
            **_fields(FieldKind.NUMBER, "li", "amount"),
            **_project("lp", "li.project_id"),
            **_fields(FieldKind.CURRENCY, "li", "total_net", "total_net_base", "total_gross", "total_gross_base"),
            **_fields(FieldKind.CURRENCY, "li", "purchase_total"),
            **_enum("li"),
        }
    ),
)
_COST_RELATION = Relation(
    source=(
        "offer_external_costs x LEFT JOIN projects xp ON xp.id = x.project_id "
        "LEFT JOIN suppliers s ON s.id = x.supplier_id WHERE x.offer_id = o.id"
    ),
    fields=MappingProxyType(
        {
            **_fields(FieldKind.STRING, "x", "title"),
            **_fields(FieldKind.NUMBER, "x", "amount"),
            **_project("xp", "x.project_id"),
            "supplier.id": Field(FieldKind.ID, "x.supplier_id", of=Thing.SUPPLIER),
            "supplier.name": Field(FieldKind.STRING, "s.name"),
            **_fields(FieldKind.CURRENCY, "x", "price", "total"),
        }
    ),
)

_RELATIONS: Mapping[str, Relation] = MappingProxyType({"line_items": _ITEM_RELATION, "external_costs": _COST_RELATION})

OFFERS = Resource(
    select=SELECT,
    table="offers",
    key="o.id",
    archived="o.deleted_at",
    fields=MappingProxyType(
        {
            **_fields(FieldKind.STRING, "o", "title", "offer_number"),
            **_fields(FieldKind.DATE, "o", "date_of_offer", "date_of_expiry"),
            **_fields(FieldKind.CURRENCY, "o", "sum_net", "sum_tax", "sum_gross"),
            "editor.id": Field(FieldKind.ID, "o.editor_id", of=Thing.USER),
            "editor.external_id": Field(FieldKind.STRING, "e.external_id"),
            "editor.email": Field(FieldKind.STRING, "e.email"),
            "client.id": Field(FieldKind.ID, "o.client_id", of=Thing.CLIENT),
            **{
                f"client.{name}": Field(FieldKind.STRING, f"cl.{name}") for name in ("name", "external_id", "shortcode")
            },
            **_project("p", "o.project_id"),
            "company.id": Field(FieldKind.ID, "o.company_id", of=Thing.COMPANY),
            "company.company_name:string": Field(FieldKind.STRING, "c.company_name"),  # as it is documented
        }
    ),
    sorts=MappingProxyType(
        {
            **_fields(FieldKind.STRING, "o", "offer_number", "title"),
            **_fields(FieldKind.DATE, "o", "date_of_offer"),
            **_fields(FieldKind.CURRENCY, "o", "sum_net", "sum_tax", "sum_external_costs", "sum_gross"),
            **_fields(FieldKind.DATE, "o", "created_at", "updated_at"),
        }
    ),
    relations=_RELATIONS,
    aggregates=frozenset(_RELATIONS),
)
"""Offers; neither their status nor the company's external_id can be asked for."""

LINE_ITEMS = Resource(
    select="""
        SELECT l.* FROM offer_line_items l
            LEFT JOIN projects p ON p.id = l.project_id
            LEFT JOIN metrics m ON m.id = l.metric_id
    """,
    table="offer_line_items",
    key="l.id",
    fields=MappingProxyType(
        {
            **_fields(FieldKind.STRING, "l", "title"),
            **_fields(FieldKind.NUMBER, "l", "price", "amount"),
            **_project("p", "l.project_id"),
            "total": Field(FieldKind.CURRENCY, "l.total_net"),
            **_fields(FieldKind.CURRENCY, "l", "purchase_price", "purchase_total"),
            **_enum("l"),
            "metric.id": Field(FieldKind.ID, "l.metric_id", of=Thing.METRIC),
            "metric.title": Field(FieldKind.STRING, "m.title"),
        }
    ),
    sorts=MappingProxyType(
        {
            **_fields(FieldKind.STRING, "l", "title"),
            **_fields(FieldKind.CURRENCY, "l", "price", "purchase_price", "purchase_total"),
            "total": Field(FieldKind.CURRENCY, "l.total_net"),
            **_fields(FieldKind.DATE, "l", "created_at", "updated_at"),
        }
    ),
)
"""Line items; their `total`, which no answer has under this name, is taken to be total_net."""


def listed(db: sqlite3.Connection, space: Space, query: Input, path: str) -> dict[str, Json]:
    """List one page of offers; `path` is the list's own url."""
    included(query.get("include"), _INCLUDES)  # refuses what there is not
    page = page_of(db, OFFERS, query, list_settings(space, path))
    offers = rendered(db, page.rows, space.behaviour)
    for offer, computed in zip(offers, page.computed, strict=True):
        if computed:
            offer["computed_fields"] = computed
    return page.envelope(offers)


def listed_items(db: sqlite3.Connection, space: Space, query: Input, offer_id: int, path: str) -> dict[str, Json]:
    """List one page of an offer's line items; `path` is the list's own url."""
    page = page_of(db, LINE_ITEMS, query, list_settings(space, path), Fragment("l.offer_id = ?", (offer_id,)))
    return page.envelope(line_items(db, page.rows, space.behaviour))
