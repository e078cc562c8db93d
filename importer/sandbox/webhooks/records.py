"""Subscriptions and deliveries -> rows of the store, and rows -> what people may see of them: never a secret.

Every function runs inside a transaction of the store. Where nobody is told of a subscription that came or went, it is
seen at the next write, before which there is nothing to deliver to it, or at its next delivery.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from importer.sandbox.webhooks.options import EVENTS, Subscription, SubscriptionError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

__all__ = [
    "MAX_LOG",
    "MAX_SUBSCRIPTIONS",
    "Attempt",
    "LoggedDelivery",
    "State",
    "StoredSubscription",
    "add",
    "enrol",
    "log",
    "remove",
    "subscriptions",
    "write_log",
]

MAX_LOG = 10_000
"""Deliveries that the log keeps: the newest."""
MAX_SUBSCRIPTIONS = 100

_SHOWN_OF_SECRET = 4
_LONG_SECRET = 16


class State(StrEnum):
    """How a delivery ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class StoredSubscription:
    """A subscription as it may be shown."""

    id: int
    url: str
    events: tuple[str, ...]
    masked_secret: str
    active: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to a receiver: its status, or what kept it from one."""

    status: int | None
    error: str | None
    seconds: float
    at: str
    """When it began."""

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """A delivery that is over."""

    id: int
    subscription_id: int
    url: str
    event: str
    company_id: int
    state: State
    attempts: tuple[Attempt, ...]
    at: str


def subscriptions(db: sqlite3.Connection) -> list[StoredSubscription]:
    """Return all subscriptions in order of id."""
    return [
        StoredSubscription(
            id=row["id"],
            url=row["url"],
            events=tuple(json.loads(row["events"])),
            masked_secret=_masked(row["secret"]),
            active=bool(row["active"]),
            created_at=row["created_at"],
        )
        for row in db.execute("SELECT * FROM webhook_subscriptions ORDER BY id")
    ]


def add(db: sqlite3.Connection, wanted: Subscription, at: str) -> tuple[int, str]:
    """Store a subscription; it hears of what happens from now on.

    Returns: its id, and its secret, which is not shown again.

    Raises:
        SubscriptionError: there are too many.
    """
    (count,) = db.execute("SELECT count(*) FROM webhook_subscriptions").fetchone()
    if count >= MAX_SUBSCRIPTIONS:
        raise SubscriptionError({"url": [f"There are {MAX_SUBSCRIPTIONS} subscriptions already: delete one first."]})
    secret = wanted.secret or secrets.token_hex(32)
    (position,) = db.execute("SELECT coalesce(max(id), 0) FROM company_changes").fetchone()
    cursor = db.execute(
        "INSERT INTO webhook_subscriptions (url, events, secret, active, created_at, position) VALUES (?, ?, ?, ?, ?, ?)",
        [wanted.url, _events_text(wanted), secret, wanted.active, at, position],
    )
    return cursor.lastrowid or 0, secret


def remove(db: sqlite3.Connection, subscription_id: int) -> bool:
    """Delete a subscription with all that waits for it; tell whether it was there.

    A delivery under way is not called back, but not tried again either.
    """
    db.execute("DELETE FROM webhook_waiting WHERE subscription_id = ?", [subscription_id])
    return bool(db.execute("DELETE FROM webhook_subscriptions WHERE id = ?", [subscription_id]).rowcount)


def enrol(db: sqlite3.Connection, wanted: Iterable[Subscription], at: str) -> None:
    """Store subscriptions, each once: one to an address that has one already replaces it, and what waits stays."""
    for subscription in wanted:
        found = db.execute("SELECT id FROM webhook_subscriptions WHERE url = ?", [subscription.url]).fetchone()
        if found is None:
            add(db, subscription, at)
            continue
        db.execute(
            "UPDATE webhook_subscriptions SET events = ?, secret = coalesce(nullif(?, ''), secret), active = ? WHERE id = ?",
            [_events_text(subscription), subscription.secret, subscription.active, found["id"]],
        )


def log(db: sqlite3.Connection, limit: int, before: int | None = None) -> list[LoggedDelivery]:
    """Return deliveries that are over, newest first; `before` is the id of the last one of the page before."""
    rows = db.execute(
        "SELECT * FROM webhook_deliveries WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?", [before, before, limit]
    )
    return [
        LoggedDelivery(
            id=row["id"],
            subscription_id=row["subscription_id"],
            url=row["url"],
            event=row["event"],
            company_id=row["company_id"],
            state=State(row["state"]),
            attempts=tuple(Attempt(**attempt) for attempt in json.loads(row["attempts"])),
            at=row["at"],
        )
        for row in rows
    ]


def write_log(db: sqlite3.Connection, entries: Iterable[LoggedDelivery]) -> None:
    """Add deliveries to the log, which gives them their ids; only the newest are kept."""
    db.executemany(
        """
        INSERT INTO webhook_deliveries (subscription_id, url, event, company_id, state, attempts, at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
            [
                entry.subscription_id,
                entry.url,
                entry.event,
                entry.company_id,
                entry.state.value,
                json.dumps([asdict(attempt) for attempt in entry.attempts]),
                entry.at,
            ]
            for entry in entries
        ],
    )
    db.execute("DELETE FROM webhook_deliveries WHERE id <= (SELECT max(id) FROM webhook_deliveries) - ?", [MAX_LOG])


def _events_text(wanted: Subscription) -> str:
    return json.dumps([event for event in EVENTS if event in wanted.events])


def _masked(secret: str) -> str:
    return f"********{secret[-_SHOWN_OF_SECRET:] if len(secret) >= _LONG_SECRET else ''}"
