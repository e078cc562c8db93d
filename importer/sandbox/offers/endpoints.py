"""A call for offers -> its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from importer.sandbox.offers.finding import find
from importer.sandbox.offers.listing import listed, listed_items
from importer.sandbox.offers.pdf import document, file_name
from importer.sandbox.offers.rendering import rendered
from importer.sandbox.routes import Endpoint
from importer.sandbox.wire.answers import Answer, json_answer

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.calls import Call
    from importer.sandbox.space import Space

OfferEndpoint: TypeAlias = Literal[Endpoint.OFFERS, Endpoint.OFFER, Endpoint.LINE_ITEMS, Endpoint.PDF]

__all__ = ["answered"]

_SUMS = (("Net", "sum_net"), ("Tax", "sum_tax"), ("Total", "sum_gross"))


def answered(db: sqlite3.Connection, space: Space, endpoint: OfferEndpoint, call: Call) -> Answer:
    """Answer a call; an `ApiError` is its answer when it cannot be."""
    match endpoint:
        case Endpoint.OFFERS:
            return json_answer(listed(db, space, call.query, f"{call.base_url}/offers"))
        case Endpoint.OFFER:
            return json_answer(rendered(db, [find(db, space, call)], space.behaviour)[0])
        case Endpoint.LINE_ITEMS:
            return _items(db, space, call)
        case Endpoint.PDF:
            return _pdf(db, find(db, space, call))
        case _:
            assert_never(endpoint)


def _items(db: sqlite3.Connection, space: Space, call: Call) -> Answer:
    offer = find(db, space, call)
    path = f"{call.base_url}/offers/{call.route.identity}/line-items"
    return json_answer(listed_items(db, space, call.query, offer["id"], path))


def _pdf(db: sqlite3.Connection, offer: sqlite3.Row) -> Answer:
    company = db.execute("SELECT company_name FROM companies WHERE id = ?", [offer["company_id"]]).fetchone()
    number = offer["offer_number"] or str(offer["id"])
    paragraphs = [
        offer["title"],
        "",
        (company and company["company_name"]) or "",
        offer["address"],
        "",
        f"Date: {offer['date_of_offer'][:10]}, valid until {offer['date_of_expiry'][:10]}",
        *(f"{name}: {offer[column]:.2f} {offer['currency']}" for name, column in _SUMS),
    ]
    headers = {"Content-Disposition": f"attachment; filename={file_name(number)}"}
    return Answer(200, document(f"Offer {number}", paragraphs), "application/octet-stream", headers)
