"""A webhook as a file or a request describes it -> a subscription, or what it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.seed_error import SeedError
from importer.sandbox.webhooks.options import EVENTS, Subscription, SubscriptionError
from importer.sandbox.webhooks.records import add

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input

__all__ = ["insert_webhook", "subscription_of"]

_NAMES = ("url", "events", "secret")


def insert_webhook(db: sqlite3.Connection, space: Space, given: Input) -> None:
    """Store a webhook: `url`, and where they are wanted `events` and `secret`, as POST /sandbox/webhooks takes them.

    Raises:
        SeedError: what the webhook cannot be, by its name in the file.
    """
    try:
        add(db, subscription_of(given), space.stamp())
    except SubscriptionError as error:
        name, (message, *_) = next(iter(error.messages.items()))
        raise SeedError(name, message) from None


def subscription_of(given: Input) -> Subscription:
    """Read a subscription from a request or a file.

    Raises:
        SubscriptionError: what is wrong, by field.
    """
    url, events, secret = given.get("url"), given.get("events"), given.get("secret")
    if events is None:
        events = [*EVENTS]
    messages = {name: [f"The {name} field is not known."] for name in given if name not in _NAMES}
    if not isinstance(url, str):
        messages["url"] = ["The url field is required, as text in a JSON body."]
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        messages["events"] = ["The events field must be an array of strings."]
    if secret is not None and not isinstance(secret, str):
        messages["secret"] = ["The secret field must be a string."]
    if messages or not isinstance(url, str) or not isinstance(events, list):
        raise SubscriptionError(messages)
    return Subscription(url, tuple(map(str, events)), str(secret or ""))
