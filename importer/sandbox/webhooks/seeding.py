"""A webhook of a seed file -> a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.seed_error import SeedError
from importer.sandbox.webhooks.controls import subscription_of
from importer.sandbox.webhooks.options import SubscriptionError
from importer.sandbox.webhooks.records import add

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input

__all__ = ["insert_webhook"]


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
