"""The store's subscriptions and deliveries -> the page that lists them, adds and removes."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from importer.sandbox.ids import number_of
from importer.sandbox.pages.visits import Page, Redirect, Visit, number
from importer.sandbox.webhooks import records
from importer.sandbox.webhooks.options import EVENTS, Subscription, SubscriptionError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

__all__ = ["added", "removed", "shown"]

_PAGE = 50
_LAST = 10**18
_DONE = {
    "added": "The subscription is added: it hears of what happens from now on.",
    "removed": "The subscription is removed.",
    "gone": "There is no such subscription any more.",
}


async def shown(visit: Visit) -> Page:
    """Show subscriptions and deliveries, with an empty form."""
    form = {"url": "", "secret": secrets.token_hex(16), **dict.fromkeys(EVENTS, "on")}
    return await _page(visit, form, done=_DONE.get(visit.query.get("done", ""), ""))


async def added(visit: Visit) -> Page | Redirect:
    """Store a subscription; where it cannot be, say why, and keep what was typed."""
    form = visit.form
    try:
        wanted = Subscription(
            url=form.get("url", "").strip(),
            events=tuple(event for event in EVENTS if event in form),
            secret=form.get("secret", ""),
        )
        await visit.exchanges.write(partial(records.add, wanted=wanted, at=visit.exchanges.space().stamp()))
    except SubscriptionError as error:
        return await _page(visit, form, problems=error.messages)
    visit.exchanges.wake()
    return Redirect("/webhooks?done=added")


async def removed(visit: Visit) -> Page | Redirect:
    """Delete a subscription."""
    subscription_id = number_of(visit.names[0])
    if subscription_id and await visit.exchanges.write(partial(records.remove, subscription_id=subscription_id)):
        visit.exchanges.wake()
        return Redirect("/webhooks?done=removed")
    return Redirect("/webhooks?done=gone")


async def _page(
    visit: Visit, form: Mapping[str, str], *, problems: Mapping[str, Sequence[str]] | None = None, done: str = ""
) -> Page:
    before = number(visit.query.get("before"), _LAST)

    def read(db: sqlite3.Connection) -> tuple[list[records.StoredSubscription], list[records.LoggedDelivery]]:
        return records.subscriptions(db), records.log(db, _PAGE + 1, before)

    subscriptions, deliveries = await visit.exchanges.read(read)
    values = {
        "subscriptions": subscriptions,
        "deliveries": deliveries[:_PAGE],
        "older": f"/webhooks?before={deliveries[_PAGE - 1].id}#deliveries" if len(deliveries) > _PAGE else None,
        "is_first": before == _LAST,
        "events": EVENTS,
        "form": form,
        "problems": problems or {},
        "done": done,
    }
    return Page("webhooks.html", values, 422 if problems else 200)
