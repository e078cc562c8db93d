"""A call for offers -> its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from importer.sandbox.routes import Endpoint
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.calls import Call
    from importer.sandbox.space import Space
    from importer.sandbox.wire.answers import Answer

OfferEndpoint: TypeAlias = Literal[Endpoint.OFFERS, Endpoint.OFFER, Endpoint.LINE_ITEMS, Endpoint.PDF]

__all__ = ["answered"]


def answered(db: sqlite3.Connection, space: Space, endpoint: OfferEndpoint, call: Call) -> Answer:
    """Answer a call; an `ApiError` is its answer when it cannot be."""
    del db, space, endpoint, call
    raise ApiError(404, "No query results for model [App\\Models\\Offer].")
