"""The outbox on the store's tables, without a network: positions, debouncing, what is due, and the log."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, strategies as st

from importer.sandbox import Behaviour, Subscription, SubscriptionError
from importer.sandbox.companies import records as companies
from importer.sandbox.companies.finding import by_id
from importer.sandbox.schema import SCHEMA
from importer.sandbox.space import Space
from importer.sandbox.webhooks import outbox, records
from importer.sandbox.webhooks.records import Attempt, LoggedDelivery, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.sandbox.webhooks.outbox import Parcel

AT = "2026-01-01T00:00:00+00:00"
SPACE = Space(Behaviour(), frozenset(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "sandbox", "1")
URL = "http://127.0.0.1:9/hook"
TOOK_IT = [Attempt(200, None, 0.1, AT)]


def opened_store() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    db.executescript(SCHEMA)
    for user in (1, 2):
        db.execute(
            "INSERT INTO users (id, first_name, last_name, email, type) VALUES (?, 'Ada', 'I', 'a@b.example', ?)",
            [user, "integration"],
        )
    return db


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(opened_store()) as db:
        yield db


def write(db: sqlite3.Connection, *whats: str, company_id: int = 1, space: Space = SPACE) -> None:
    for what in whats:
        if what == "create":
            companies.create(db, space, {"company_name": "first"})
            continue
        row = by_id(db, company_id)
        if what == "update":
            companies.update(db, space, row, {"company_name": f"{row['company_name']}!"})
        elif what == "identify":
            companies.identify(db, space, row, {"external_id": "e"})
        elif what == "delete":
            companies.archive(db, space, row)
        else:
            companies.restore(db, space, row)


def add(db: sqlite3.Connection, *events: str, url: str = URL, active: bool = True) -> int:
    names = tuple(f"company:{event}" for event in events or ("create", "update", "delete"))
    return records.add(db, Subscription(url, names, active=active), AT)[0]


def take(db: sqlite3.Connection, subscription_id: int = 1, *, now: float = 0.0, limit: int = 10) -> list[Parcel]:
    due = outbox.take_due(db, Behaviour(), subscription_id, now, limit)
    assert due is not None
    return list(due.parcels)


def take_in(db: sqlite3.Connection, due_at: float = 0.0) -> None:
    """Let every subscription read its next page of the history."""
    for subscription_id in outbox.heard(db).subscriptions:
        outbox.take_in(db, subscription_id, due_at, AT)


def delivered(db: sqlite3.Connection, subscription_id: int = 1) -> list[str]:
    """Deliver all that is due and tell the events."""
    events = []
    while parcels := take(db, subscription_id):
        for parcel in parcels:
            events.append(parcel.event.removeprefix("company:"))
            outbox.finish(db, parcel, State.DELIVERED, TOOK_IT, AT)
    return events


def body(parcel: Parcel) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(parcel.body)
    return read


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        pytest.param(["create"], ["create"], id="create"),
        pytest.param(["create", "update", "update"], ["create"], id="a create absorbs updates"),
        pytest.param(["create", "identify"], ["create"], id="and an external identifier"),
        pytest.param(["create", "update", "delete"], [], id="a delete cancels a create"),
        pytest.param(["create", "delete", "restore", "update"], ["update"], id="and what follows is told"),
    ],
)
def test_a_new_companys_events_are_debounced(db: sqlite3.Connection, happens: list[str], told: list[str]) -> None:
    add(db)
    write(db, *happens)
    take_in(db)
    assert delivered(db) == told


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        pytest.param(["update", "update"], ["update"], id="several updates are one"),
        pytest.param(["update", "delete"], ["update", "delete"], id="update and delete are two"),
        pytest.param(["delete", "restore"], ["delete"], id="a restore is not told"),
        pytest.param(["delete", "restore", "update"], ["delete", "update"], id="update of a restored one"),
        pytest.param(["identify"], ["update"], id="external identifier"),
        pytest.param(["restore"], [], id="nothing changed"),
    ],
)
def test_an_old_companys_events_are_debounced(db: sqlite3.Connection, happens: list[str], told: list[str]) -> None:
    write(db, "create")
    add(db)
    write(db, *happens)
    take_in(db)
    assert delivered(db) == told


def test_what_is_told_is_the_company_as_it_is_now_and_who_changed_it(db: sqlite3.Connection) -> None:
    write(db, "create")
    add(db)
    write(db, "update")
    write(db, "delete", space=Space(Behaviour(), frozenset(), SPACE.now, "other", "2"))
    take_in(db)
    (update,) = take(db)
    outbox.finish(db, update, State.DELIVERED, TOOK_IT, AT)
    (delete,) = take(db)
    for parcel, event, user in ((update, "company:update", "1"), (delete, "company:delete", "2")):
        told = body(parcel)
        assert list(told) == ["event", "resource", "triggered_by", "data"]
        assert told["event"] == event
        assert told["resource"] == {"type": "company", "id": "1"}
        assert told["triggered_by"] == {
            "id": user,
            "first_name": "Ada",
            "last_name": "I",
            "email": "a@b.example",
            "type": "integration",
            "space": {"id": "1", "name": "Sandbox"},
        }
        assert told["data"]["company_name"] == "first!"
        assert told["data"]["deleted_at"] == AT


def test_who_changed_it_is_somebody_where_nobody_is_known(db: sqlite3.Connection) -> None:
    add(db)
    write(db, "create", space=Space(Behaviour(), frozenset(), SPACE.now))
    take_in(db)
    (parcel,) = take(db)
    assert body(parcel)["triggered_by"]["id"] == "1"


def test_slashes_and_signs_beyond_ascii_are_escaped_as_php_does(db: sqlite3.Connection) -> None:
    add(db)
    companies.create(db, SPACE, {"company_name": "Käse a/b", "homepage": "https://kaese.example/"})
    take_in(db)
    (parcel,) = take(db)
    assert b'"company_name":"K\\u00e4se a\\/b"' in parcel.body
    assert body(parcel)["data"]["homepage"] == "https://kaese.example/"


def test_a_subscription_hears_of_its_events_alone(db: sqlite3.Connection) -> None:
    of_updates, of_deletes = add(db, "update"), add(db, "delete")
    write(db, "create", "update", "delete")
    take_in(db)
    assert delivered(db, of_updates) == ["update"]
    assert delivered(db, of_deletes) == ["delete"]


@pytest.mark.parametrize(
    ("wanted", "happens", "told"),
    [
        pytest.param("create", ["create", "delete"], [], id="a delete cancels a create for who hears of creates alone"),
        pytest.param("create", ["create", "update"], ["create"], id="a create"),
        pytest.param("update", ["create", "update"], ["update"], id="who hears of updates alone gets them"),
        pytest.param("delete", ["create", "delete"], ["delete"], id="who hears of deletes alone gets them"),
    ],
)
def test_what_it_does_not_hear_of_changes_only_what_a_delete_cancels(
    db: sqlite3.Connection, wanted: str, happens: list[str], told: list[str]
) -> None:
    add(db, wanted)
    write(db, *happens)
    take_in(db)
    assert delivered(db) == told


def test_a_subscription_hears_of_what_happens_from_then_on(db: sqlite3.Connection) -> None:
    write(db, "create", "update")
    add(db)
    take_in(db)
    assert delivered(db) == []


def test_what_happens_while_it_is_not_active_is_never_told(db: sqlite3.Connection) -> None:
    add(db, active=False)
    write(db, "create")
    take_in(db)
    records.enrol(db, [Subscription(URL)], AT)
    write(db, "update")
    take_in(db)
    assert delivered(db) == ["update"]


def test_every_event_begins_the_quiet_time_anew(db: sqlite3.Connection) -> None:
    add(db)
    write(db, "create")
    take_in(db, 10.0)
    write(db, "update")
    take_in(db, 12.0)
    due = outbox.take_due(db, Behaviour(), 1, 11.9, 10)
    assert due is not None
    assert (due.parcels, due.next_at) == ((), 12.0)
    assert [parcel.event for parcel in take(db, now=12.0)] == ["company:create"]


def test_after_a_restart_it_is_another_clock(db: sqlite3.Connection) -> None:
    add(db)
    write(db, "create")
    take_in(db, 1e9)
    assert take(db, now=5.0) == []
    outbox.resume(db, 5.0)
    assert len(take(db, now=5.0)) == 1


def test_one_page_is_read_at_a_time(db: sqlite3.Connection) -> None:
    add(db)
    for _ in range(250):
        write(db, "create")
    assert [outbox.take_in(db, 1, 0.0, AT) for _ in range(3)] == [True, False, False]
    first = [parcel.company_id for parcel in take(db, limit=200)]
    assert first == list(range(1, 201))


def test_what_is_heard_changes_with_the_history_and_the_subscriptions(db: sqlite3.Connection) -> None:
    assert outbox.heard(db) == outbox.Heard((), 0)
    write(db, "create")
    add(db)
    assert outbox.heard(db) == outbox.Heard((1,), 1)
    take_in(db)
    delivered(db)
    assert outbox.heard(db) == outbox.Heard((1,), 1)
    write(db, "update")
    assert outbox.heard(db) == outbox.Heard((1,), 2)


def test_an_update_during_a_delivery_is_told_after_it(db: sqlite3.Connection) -> None:
    add(db)
    write(db, "create")
    take_in(db)
    (parcel,) = take(db)
    write(db, "update", "delete", "restore")
    take_in(db)
    outbox.finish(db, parcel, State.DELIVERED, TOOK_IT, AT)
    assert delivered(db) == ["update", "delete"]


def test_a_cancelled_create_leaves_no_trace_but_in_the_log(db: sqlite3.Connection) -> None:
    add(db)
    write(db, "create")
    take_in(db)
    write(db, "delete")
    take_in(db)
    assert db.execute("SELECT count(*) FROM webhook_waiting").fetchone()[0] == 0
    (logged,) = records.log(db, 10)
    assert (logged.event, logged.company_id, logged.state) == ("company:create", 1, State.CANCELLED)
    assert (logged.attempts, logged.url, logged.at) == ((), URL, AT)


def test_a_delivery_under_way_when_the_process_ended_is_made_again(db: sqlite3.Connection) -> None:
    add(db)
    write(db, "create")
    take_in(db)
    (before,) = take(db)
    write(db, "update")
    take_in(db)
    outbox.resume(db, 0.0)
    assert delivered(db) == ["create", "update"]
    assert before.event == "company:create"


def test_removing_a_subscription_drops_what_waits_for_it(db: sqlite3.Connection) -> None:
    gone, stays = add(db), add(db)
    write(db, "create")
    take_in(db)
    (parcel,) = take(db, gone)
    assert outbox.is_wanted(db, parcel)
    assert records.remove(db, gone)
    assert not records.remove(db, gone)
    assert not outbox.is_wanted(db, parcel)
    assert outbox.take_due(db, Behaviour(), gone, 0.0, 10) is None
    assert not outbox.take_in(db, gone, 0.0, AT)
    outbox.finish(db, parcel, State.CANCELLED, [], AT)
    assert delivered(db, stays) == ["create"]
    assert db.execute("SELECT count(*) FROM webhook_waiting").fetchone()[0] == 0
    assert [logged.state for logged in records.log(db, 10)] == [State.DELIVERED, State.CANCELLED]


def test_the_log_keeps_the_newest(db: sqlite3.Connection) -> None:
    def entry(number: int) -> LoggedDelivery:
        return LoggedDelivery(0, 1, URL, "company:update", number, State.FAILED, tuple(TOOK_IT), AT)

    records.write_log(db, (entry(number) for number in range(1, records.MAX_LOG + 6)))
    assert db.execute("SELECT count(*) FROM webhook_deliveries").fetchone()[0] == records.MAX_LOG
    newest = records.log(db, 2)
    assert [logged.company_id for logged in newest] == [records.MAX_LOG + 5, records.MAX_LOG + 4]
    assert newest[0].attempts == tuple(TOOK_IT)
    assert [logged.company_id for logged in records.log(db, 1, before=newest[1].id)] == [records.MAX_LOG + 3]


def test_subscriptions_of_the_options_are_stored_once(db: sqlite3.Connection) -> None:
    other = "http://localhost:1/"
    records.enrol(db, [Subscription(URL, secret="s" * 20), Subscription(other)], AT)
    write(db, "create")
    take_in(db)
    records.enrol(db, [Subscription(URL, ("company:delete",))], "later")
    first, second = records.subscriptions(db)
    assert (first.events, first.created_at, first.masked_secret) == (("company:delete",), AT, "********ssss")
    assert (second.url, second.active) == (other, True)
    assert delivered(db) == ["create"]


@pytest.mark.parametrize(("secret", "masked"), [("x" * 15, "********"), ("0123456789abcdef", "********cdef")])
def test_of_a_secret_the_end_is_shown_if_it_is_long(db: sqlite3.Connection, secret: str, masked: str) -> None:
    assert records.add(db, Subscription(URL, secret=secret), AT) == (1, secret)
    assert records.subscriptions(db)[0].masked_secret == masked


def test_a_secret_that_is_not_given_is_made(db: sqlite3.Connection) -> None:
    (_, one), (_, other) = (records.add(db, Subscription(URL), AT) for _ in range(2))
    assert len(bytes.fromhex(one)) == len(bytes.fromhex(other)) == 32
    assert one != other


def test_there_is_a_limit_to_subscriptions(db: sqlite3.Connection) -> None:
    for _ in range(records.MAX_SUBSCRIPTIONS):
        add(db)
    with pytest.raises(SubscriptionError, match="delete one first"):
        add(db)


@given(st.lists(st.sampled_from(["update", "delete", "restore", "read", "begin", "end", "crash"]), max_size=30))
@example(["read", "begin", "delete", "read", "crash"])
def test_whatever_happens_and_whenever_it_is_told_in_order_and_to_the_end(steps: list[str]) -> None:
    """One company's life, with its deliveries and ends of the process between the writes."""
    with closing(opened_store()) as db:
        add(db)
        write(db, "create")
        life = Life(db)
        for step in steps:
            life.go_on(step)
        life.end()
        assert db.execute("SELECT count(*) FROM webhook_waiting").fetchone()[0] == 0
        check_told(db, life.told)


@dataclass
class Life:
    db: sqlite3.Connection
    told: list[tuple[str, str | None]] = field(default_factory=list)
    under_way: list[Parcel] = field(default_factory=list)

    def go_on(self, step: str) -> None:
        match step:
            case "read":
                take_in(self.db)
            case "begin":
                self.under_way += take(self.db)
                assert len(self.under_way) <= 1, "one delivery of a company at a time"
            case "end":
                self.settle()
            case "crash":
                self.settle(remembered=False)
                outbox.resume(self.db, 0.0)
            case "update" if by_id(self.db, 1)["deleted_at"] is not None:
                pass
            case _:
                write(self.db, step)

    def settle(self, *, remembered: bool = True) -> None:
        for parcel in self.under_way:
            self.told.append((parcel.event, body(parcel)["data"]["company_name"]))
            if remembered:
                outbox.finish(self.db, parcel, State.DELIVERED, TOOK_IT, AT)
        self.under_way = []

    def end(self) -> None:
        self.settle()
        take_in(self.db)
        while parcels := take(self.db):
            self.under_way = parcels
            self.settle()


def check_told(db: sqlite3.Connection, told: list[tuple[str, str | None]]) -> None:
    events = [event.removeprefix("company:") for event, _ in told]
    happened = [row["event"] for row in db.execute("SELECT event FROM company_changes ORDER BY id")]
    happened = [event for event in happened if event != "restore"]
    cancelled = [logged for logged in records.log(db, 1000) if logged.state is State.CANCELLED]
    assert len(cancelled) <= 1
    assert "create" not in events[events.count("create") :], "the create comes first, and again after a crash"
    assert ("create" in events) != bool(cancelled)
    if not events or events[-1] == "create":
        assert cancelled or "delete" not in happened
    else:
        assert events[-1] == happened[-1]
    names = [name for _, name in told]
    assert names == sorted(names, key=lambda name: len(name or "")), "no older state after a newer one"
    if told and "delete" not in happened:
        assert names[-1] == by_id(db, 1)["company_name"]
