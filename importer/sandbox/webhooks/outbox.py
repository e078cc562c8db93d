"""The companies' history -> what waits for each subscription, what is due, and what came of it.

The outbox is derived: a subscription's `position` moves on in the transaction that stores what waits, and what waits is
deleted in the one that logs its delivery. So the end of the process at any point loses nothing, and a delivery that
was under way is made again: at least once, in the order of each company's events. One sandbox at a time may call what is
here, but for `heard`: nothing tells what one has under way from what another has.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.sandbox.webhooks.debounce import CREATE, DELETE, Notice, Waiting, event_of, waiting_after
from importer.sandbox.webhooks.payload import payload, signature
from importer.sandbox.webhooks.records import LoggedDelivery, State, write_log

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.webhooks.records import Attempt

__all__ = ["Due", "Heard", "Parcel", "finish", "heard", "is_wanted", "resume", "take_due", "take_in"]

_PAGE = 200  # changes that one transaction takes in for a subscription


@dataclass(frozen=True, slots=True)
class Heard:
    """Who is to be told, and the last of the history; where neither changed, nobody has anything new to be told."""

    subscriptions: tuple[int, ...]
    latest: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery, ready to be sent."""

    subscription_id: int
    url: str
    company_id: int
    event: str
    body: bytes = field(repr=False)
    signature: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due, and when something else is; None where nothing else waits."""

    parcels: tuple[Parcel, ...]
    next_at: float | None


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What is taken in for one subscription."""

    subscription_id: int
    url: str
    wanted: frozenset[str]
    due_at: float
    at: str


def heard(db: sqlite3.Connection) -> Heard:
    """Look whether there is anything new."""
    ids = db.execute("SELECT id FROM webhook_subscriptions ORDER BY id").fetchall()
    (latest,) = db.execute("SELECT coalesce(max(id), 0) FROM company_changes").fetchone()
    return Heard(tuple(row["id"] for row in ids), latest)


def resume(db: sqlite3.Connection, due_at: float) -> None:
    """Let all that waits since an earlier run of the sandbox be due at a time of this one's clock."""
    db.execute("UPDATE webhook_waiting SET due_at = ?, taken = 0", [due_at])


def take_in(db: sqlite3.Connection, subscription_id: int, due_at: float, at: str) -> bool:
    """Read on in the history for a subscription, one page; what it tells of a company is due at `due_at`.

    Returns: whether there may be more to read.
    """
    subscription = db.execute("SELECT * FROM webhook_subscriptions WHERE id = ?", [subscription_id]).fetchone()
    return subscription is not None and _read_on(db, subscription, due_at, at)


def take_due(db: sqlite3.Connection, behaviour: Behaviour, subscription_id: int, now: float, limit: int) -> Due | None:
    """Begin the deliveries that are due, one of a company at a time, with the companies as they are now.

    Returns: None when there is no such subscription any more.
    """
    subscription = db.execute("SELECT * FROM webhook_subscriptions WHERE id = ?", [subscription_id]).fetchone()
    if subscription is None:
        return None
    rows = db.execute(
        """
        SELECT * FROM webhook_waiting WHERE subscription_id = ? AND taken = 0 AND due_at <= ?
        ORDER BY due_at, company_id LIMIT ?
        """,
        [subscription_id, now, limit],
    ).fetchall()
    parcels = tuple(_begun(db, behaviour, subscription, row) for row in rows)
    (next_at,) = db.execute(
        "SELECT min(due_at) FROM webhook_waiting WHERE subscription_id = ? AND taken = 0", [subscription_id]
    ).fetchone()
    return Due(parcels, next_at)


def is_wanted(db: sqlite3.Connection, parcel: Parcel) -> bool:
    """Tell whether the parcel's subscription is still there."""
    found = db.execute("SELECT 1 FROM webhook_subscriptions WHERE id = ?", [parcel.subscription_id]).fetchone()
    return found is not None


def finish(db: sqlite3.Connection, parcel: Parcel, state: State, attempts: Sequence[Attempt], at: str) -> None:
    """Log a delivery, and let what waits behind it take its place."""
    key = [parcel.subscription_id, parcel.company_id]
    of_company = "WHERE subscription_id = ? AND company_id = ?"
    db.execute(f"UPDATE webhook_waiting SET under_way = NULL, taken = 0 {of_company}", key)  # noqa: S608  # text of ours
    db.execute(f"DELETE FROM webhook_waiting {of_company} AND notices = '[]'", key)  # noqa: S608  # text of ours
    entry = LoggedDelivery(
        id=0,
        subscription_id=parcel.subscription_id,
        url=parcel.url,
        event=parcel.event,
        company_id=parcel.company_id,
        state=state,
        attempts=tuple(attempts),
        at=at,
    )
    write_log(db, [entry])


def _read_on(db: sqlite3.Connection, subscription: sqlite3.Row, due_at: float, at: str) -> bool:
    """Take in one page for a subscription; tell whether there may be another."""
    changes = db.execute(
        "SELECT id, company_id, event, user_id FROM company_changes WHERE id > ? ORDER BY id LIMIT ?",
        [subscription["position"], _PAGE],
    ).fetchall()
    if not changes:
        return False
    wanted = json.loads(subscription["events"]) if subscription["active"] else ()
    happened: defaultdict[int, list[Notice]] = defaultdict(list)
    for change in changes:
        event = event_of(change["event"])
        # A delete also cancels a create for a subscription that waits to be told of creates alone.
        if event is not None and (event in wanted or (event == DELETE and CREATE in wanted)):
            happened[change["company_id"]].append(Notice(event, change["user_id"]))
    arrival = _Arrival(subscription["id"], subscription["url"], frozenset(wanted), due_at, at)
    for company_id, notices in happened.items():
        _put(db, arrival, company_id, notices)
    db.execute("UPDATE webhook_subscriptions SET position = ? WHERE id = ?", [changes[-1]["id"], subscription["id"]])
    return len(changes) == _PAGE


def _put(db: sqlite3.Connection, arrival: _Arrival, company_id: int, happened: Sequence[Notice]) -> None:
    """Store what waits for a subscription to be told of a company."""
    key = [arrival.subscription_id, company_id]
    row = db.execute("SELECT * FROM webhook_waiting WHERE subscription_id = ? AND company_id = ?", key).fetchone()
    before = _notices(row["notices"]) if row else ()
    waiting = tuple(notice for notice in waiting_after(before, happened) if notice.event in arrival.wanted)
    if _creates((*before, *happened)) and not _creates(waiting):
        write_log(db, [_cancelled(arrival, company_id)])
    if not waiting:  # a create was cancelled, before which nothing can be under way
        db.execute("DELETE FROM webhook_waiting WHERE subscription_id = ? AND company_id = ?", key)
        return
    db.execute(
        """
        INSERT INTO webhook_waiting (subscription_id, company_id, notices, due_at) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET notices = excluded.notices, due_at = excluded.due_at
        """,
        [*key, _text(waiting), arrival.due_at],
    )


def _begun(db: sqlite3.Connection, behaviour: Behaviour, subscription: sqlite3.Row, row: sqlite3.Row) -> Parcel:
    """Take the first notice that waits, or the one that was under way when an earlier run ended."""
    waiting = _notices(row["notices"])
    if row["under_way"] is not None:
        waiting = (Notice(*json.loads(row["under_way"])), *waiting)
    notice, *rest = waiting
    db.execute(
        "UPDATE webhook_waiting SET taken = 1, under_way = ?, notices = ? WHERE subscription_id = ? AND company_id = ?",
        [json.dumps([notice.event, notice.user_id]), _text(rest), row["subscription_id"], row["company_id"]],
    )
    body = payload(db, behaviour, row["company_id"], notice)
    return Parcel(
        subscription_id=subscription["id"],
        url=subscription["url"],
        company_id=row["company_id"],
        event=notice.event,
        body=body,
        signature=signature(subscription["secret"], body),
    )


def _cancelled(arrival: _Arrival, company_id: int) -> LoggedDelivery:
    return LoggedDelivery(
        id=0,
        subscription_id=arrival.subscription_id,
        url=arrival.url,
        event=CREATE,
        company_id=company_id,
        state=State.CANCELLED,
        attempts=(),
        at=arrival.at,
    )


def _creates(notices: Iterable[Notice]) -> bool:
    return any(notice.event == CREATE for notice in notices)


def _notices(text: str) -> Waiting:
    return tuple(Notice(event, user_id) for event, user_id in json.loads(text))


def _text(notices: Iterable[Notice]) -> str:
    return json.dumps([[notice.event, notice.user_id] for notice in notices])
