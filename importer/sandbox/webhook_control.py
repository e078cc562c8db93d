"""Requests below /sandbox/webhooks -> subscriptions made, listed and deleted, and the log of deliveries."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from importer.sandbox.webhooks import records
from importer.sandbox.webhooks.options import SubscriptionError
from importer.sandbox.webhooks.seeding import subscription_of
from importer.sandbox.wire.answers import Answer, ApiError, json_answer, unprocessable
from importer.sandbox.wire.inputs import body_input, integer, query_input
from importer.sandbox.wire.requests import body_of, path_of

if TYPE_CHECKING:
    import sqlite3

    from aiohttp import web

    from importer.sandbox.exchange import Exchanges
    from importer.sandbox.webhooks.options import Subscription
    from importer.sandbox.webhooks.records import LoggedDelivery, StoredSubscription
    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["controlled"]

_MAX_BODY = 16 * 1024  # bytes
_PAGE = 50
_MAX_PAGE = 200


async def controlled(exchanges: Exchanges, request: web.BaseRequest, segments: tuple[str, ...]) -> Answer:
    """Answer a request; `segments` is what follows /sandbox/webhooks.

    Raises:
        ApiError: its answer, where it asks for what is not there or sends what cannot be.
    """
    match request.method, segments:
        case "GET", ():
            found = await exchanges.store.run(records.subscriptions)
            return json_answer({"webhooks": [_subscription(each) for each in found]})
        case "POST", ():
            return await _added(exchanges, request)
        case "GET", ("deliveries",):
            limit, before = _page(query_input(path_of(request)[1]))
            logged = await exchanges.store.run(partial(records.log, limit=limit, before=before))
            return json_answer({"deliveries": [_delivery(each) for each in logged]})
        case "DELETE", (identity,) if identity != "deliveries":
            return await _removed(exchanges, identity)
        case _, _:
            raise _misplaced(segments)


async def _added(exchanges: Exchanges, request: web.BaseRequest) -> Answer:
    raw = await body_of(request, _MAX_BODY)
    try:
        wanted = subscription_of(body_input(request.headers.get("Content-Type", ""), raw))
        body = await exchanges.store.run(partial(_add, wanted=wanted, at=exchanges.space().stamp()))
    except SubscriptionError as error:
        raise unprocessable(error.messages) from None
    exchanges.wake()
    return json_answer(body, 201)


def _add(db: sqlite3.Connection, wanted: Subscription, at: str) -> Json:
    """Store a subscription and show it, this once with its secret."""
    subscription_id, secret = records.add(db, wanted, at)
    (stored,) = (each for each in records.subscriptions(db) if each.id == subscription_id)
    return {**_subscription(stored), "secret": secret}


async def _removed(exchanges: Exchanges, identity: str) -> Answer:
    number = integer(identity) if identity.isascii() and identity.isdigit() and len(identity) <= 18 else 0
    if not await exchanges.store.run(partial(records.remove, subscription_id=number)):
        raise ApiError(404, f"There is no webhook {identity[:20]}.")
    exchanges.wake()
    return json_answer({"message": "Webhook deleted successfully"})


def _misplaced(segments: tuple[str, ...]) -> ApiError:
    match segments:
        case ():
            allowed = "GET, POST"
        case ("deliveries",):
            allowed = "GET"
        case (_,):
            allowed = "DELETE"
        case _:
            return ApiError(404, "Nothing is here: the API is at /api/v1.")
    return ApiError(405, f"{'/'.join(('/sandbox/webhooks', *segments))} takes {allowed}.", headers={"Allow": allowed})


def _page(query: Input) -> tuple[int, int | None]:
    limit, before = integer(query.get("limit")), integer(query.get("before"))
    return min(limit, _MAX_PAGE) if limit > 0 else _PAGE, before if before > 0 else None


def _subscription(stored: StoredSubscription) -> dict[str, Json]:
    return {
        "id": str(stored.id),
        "url": stored.url,
        "events": [*stored.events],
        "secret": stored.masked_secret,
        "active": stored.active,
        "created_at": stored.created_at,
    }


def _delivery(logged: LoggedDelivery) -> dict[str, Json]:
    return {
        "id": str(logged.id),
        "webhook_id": str(logged.subscription_id),
        "url": logged.url,
        "event": logged.event,
        "company_id": str(logged.company_id),
        "state": logged.state.value,
        "attempts": [asdict(attempt) for attempt in logged.attempts],
        "at": logged.at,
    }
