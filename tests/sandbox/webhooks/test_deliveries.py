"""Deliveries to real receivers: signed, in order, tried again, apart from each other, and after a restart."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from contextlib import asynccontextmanager, closing
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from aiohttp import web

from importer.sandbox import Behaviour, DeliveryOptions, SandboxOptions, Subscription, Token
from importer.sandbox.companies import records as companies
from importer.sandbox.webhooks import lock
from importer.sandbox.webhooks.sending import LoopbackResolver
from tests.sandbox.client import Client, opened
from tests.sandbox.webhooks.receiver import LIMIT, SECRET, receiving, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from anyio.abc import TaskStatus

AT_ONCE = DeliveryOptions(quiet=0, backoff=0.001, timeout=LIMIT)
LATER = DeliveryOptions(quiet=3600)  # not while the test lasts
SHARED = DeliveryOptions(quiet=0, backoff=0.001, timeout=LIMIT, glance=0.01)


@asynccontextmanager
async def subscribed(
    *urls: str, delivery: DeliveryOptions = AT_ONCE, data: Path | None = None, **options: Any
) -> AsyncIterator[Client]:
    webhooks = tuple(Subscription(url, secret=SECRET) for url in urls)
    async with opened(SandboxOptions(data=data, webhooks=webhooks, delivery=delivery, **options)) as client:
        yield client


async def control(client: Client, method: str, path: str) -> Any:
    url = client.sandbox.url.replace("/api/v1", "/sandbox/webhooks") + path
    async with client.session.request(method, url) as response:
        return await response.json()


async def logged(client: Client, count: int) -> list[dict[str, Any]]:
    """Wait for so many deliveries that are over, newest first."""
    with anyio.fail_after(LIMIT):
        while True:
            deliveries: list[dict[str, Any]] = (await control(client, "GET", "/deliveries"))["deliveries"]
            if len(deliveries) >= count:
                return deliveries


async def delete(client: Client, kanbert_id: str = "1") -> None:
    assert (await client.call("DELETE", f"/companies/{kanbert_id}")).status == 200


def statuses(delivery: dict[str, Any]) -> list[int | None]:
    return [attempt["status"] for attempt in delivery["attempts"]]


async def test_a_create_arrives_signed_over_its_very_bytes() -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        company = await client.created(company_name="Käse/Brot", external_id="k1")
        (received,) = await receiver.until(1)
        assert received.is_signed()
        assert not received.is_signed("another secret")
        assert received.path == "/hook"
        assert received.headers["Content-Type"] == "application/json"
        assert received.body == {
            "event": "company:create",
            "resource": {"type": "company", "id": "1"},
            "triggered_by": {
                "id": "1",
                "first_name": "sandbox",
                "last_name": "Integration",
                "email": "sandbox@integration.example",
                "type": "integration",
                "space": {"id": "1", "name": "Sandbox"},
            },
            "data": company,
        }
        (delivery,) = await logged(client, 1)
        (attempt,) = delivery["attempts"]
        assert (delivery["state"], delivery["event"], delivery["company_id"]) == ("delivered", "company:create", "1")
        assert (attempt["status"], attempt["error"]) == (200, None)
        assert 0 <= attempt["seconds"] < LIMIT


async def test_the_header_of_the_signature_can_be_named() -> None:
    options = DeliveryOptions(quiet=0, signature_header="X-Signature")
    async with receiving() as receiver, subscribed(receiver.url, delivery=options) as client:
        await client.created()
        (received,) = await receiver.until(1)
        assert received.is_signed(header="X-Signature")
        assert "X-Kanbert-Signature" not in received.headers


async def test_who_triggered_it_is_the_user_of_the_token() -> None:
    tokens = {"theirs": Token("other", user_id="7")}
    async with receiving() as receiver, subscribed(receiver.url, tokens=tokens) as client:
        headers = {"Authorization": "Bearer theirs"}
        await client.call("POST", "/companies", {"company_name": "x"}, headers=headers)
        (received,) = await receiver.until(1)
        user = received.body["triggered_by"]
        assert (user["id"], user["first_name"], user["type"]) == ("7", "other", "integration")


async def test_it_is_spelled_as_the_api_spells() -> None:
    behaviour = Behaviour(dates="zulu", ids="numbers")
    async with receiving() as receiver, subscribed(receiver.url, behaviour=behaviour) as client:
        company = await client.created()
        (received,) = await receiver.until(1)
        assert received.body["data"] == company
        assert received.body["resource"]["id"] == received.body["data"]["id"] == 1


async def test_what_happens_during_a_delivery_follows_it_in_order_with_the_latest_state() -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        receiver.hold = anyio.Event()
        await client.created(company_name="a")
        await receiver.until(1)
        await client.patch("/companies/1", company_name="b")
        await client.patch("/companies/1", company_name="c")
        await delete(client)
        assert len(receiver.received) == 1
        receiver.hold.set()
        received = await receiver.until(3)
        assert receiver.events == ["create", "update", "delete"]
        assert [each.body["data"]["company_name"] for each in received] == ["a", "c", "c"]
        assert received[2].body["data"]["deleted_at"] is not None


async def test_a_delete_before_its_delivery_cancels_a_create() -> None:
    async with receiving() as receiver, subscribed(receiver.url, delivery=LATER) as client:
        await client.created()
        await delete(client)
        (delivery,) = await logged(client, 1)
        assert (delivery["event"], delivery["state"]) == ("company:create", "cancelled")
        assert delivery["attempts"] == []
        assert receiver.received == []


async def test_a_delivery_waits_for_the_quiet_time() -> None:
    options = DeliveryOptions(quiet=0.1)
    async with receiving() as receiver, subscribed(receiver.url, delivery=options) as client:
        began = anyio.current_time()
        await client.created()
        await receiver.until(1)
        assert anyio.current_time() - began >= 0.1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_2xx_is_success(status: int) -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        receiver.statuses = [status]
        await client.created()
        (delivery,) = await logged(client, 1)
        assert (delivery["state"], statuses(delivery)) == ("delivered", [status])


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410, 429, 500, 503])
async def test_anything_else_is_tried_again_and_a_redirect_is_not_followed(status: int) -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        receiver.statuses = [status, status]
        await client.created()
        (delivery,) = await logged(client, 1)
        assert (delivery["state"], statuses(delivery)) == ("delivered", [status, status, 200])
        assert [each.path for each in receiver.received] == ["/hook"] * 3
        assert len({each.raw for each in receiver.received}) == 1


async def test_after_three_tries_it_is_given_up_and_the_next_event_is_told() -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        receiver.statuses = [500] * 3
        await client.created()
        (delivery,) = await logged(client, 1)
        assert (delivery["state"], statuses(delivery)) == ("failed", [500] * 3)
        await client.patch("/companies/1", company_name="b")
        newest, _ = await logged(client, 2)
        assert (newest["event"], newest["state"]) == ("company:update", "delivered")
        assert len(receiver.received) == 4


async def test_tries_are_further_and_further_apart() -> None:
    times = []

    async def respond(request: web.BaseRequest) -> web.Response:
        times.append(anyio.current_time())
        return web.Response(status=500)

    options = DeliveryOptions(quiet=0, backoff=0.05)
    async with serving(respond) as url, subscribed(url, delivery=options) as client:
        await client.created()
        await logged(client, 1)
        assert times[1] - times[0] >= 0.05
        assert times[2] - times[1] >= 0.1


async def test_a_receiver_that_is_too_slow_is_tried_again() -> None:
    options = DeliveryOptions(quiet=0, backoff=0.001, timeout=0.05)
    async with receiving() as receiver, subscribed(receiver.url, delivery=options) as client:
        receiver.hold = anyio.Event()
        await client.created()
        (delivery,) = await logged(client, 1)
        assert delivery["state"] == "failed"
        assert {attempt["error"] for attempt in delivery["attempts"]} == {"no whole answer within 0.05 s"}
        assert len(receiver.received) == 3


async def test_an_answer_that_does_not_end_is_no_success() -> None:
    async def respond(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "10"})
        await response.prepare(request)
        await response.write(b"12345")
        await anyio.sleep_forever()
        raise AssertionError

    options = DeliveryOptions(quiet=0, timeout=0.05, tries=1)
    async with serving(respond) as url, subscribed(url, delivery=options) as client:
        await client.created()
        (delivery,) = await logged(client, 1)
        assert (delivery["state"], statuses(delivery)) == ("failed", [None])


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    cut_off = anyio.Event()

    async def respond(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        finally:
            cut_off.set()

    async with serving(respond) as url, subscribed(url) as client:
        await client.created()
        (delivery,) = await logged(client, 1)
        assert (delivery["state"], statuses(delivery)) == ("delivered", [200])
        with anyio.fail_after(LIMIT):
            await cut_off.wait()


async def test_a_refused_connection_is_tried_again() -> None:
    async with receiving() as receiver:
        pass
    async with subscribed(receiver.url) as client:
        await client.created()
        (delivery,) = await logged(client, 1)
        assert (delivery["state"], statuses(delivery)) == ("failed", [None] * 3)
        assert "ClientConnectorError" in delivery["attempts"][0]["error"]
        assert len(delivery["attempts"][0]["error"]) <= 200


async def test_an_answer_that_is_not_http_is_tried_again() -> None:
    async def respond(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.write(b"nonsense\r\n\r\n")
        request.transport.close()
        return web.Response()

    async with serving(respond) as url, subscribed(url) as client:
        await client.created()
        (delivery,) = await logged(client, 1)
        assert (delivery["state"], statuses(delivery)) == ("failed", [None] * 3)


async def test_localhost_is_this_machine() -> None:
    async with receiving() as receiver, subscribed(receiver.url.replace("127.0.0.1", "localhost")) as client:
        await client.created()
        (received,) = await receiver.until(1)
        assert received.headers["Host"].startswith("localhost:")


async def test_no_other_name_is_looked_up() -> None:
    resolver = LoopbackResolver()
    assert [found["host"] for found in await resolver.resolve("localhost", 1)] == ["127.0.0.1"]
    with pytest.raises(OSError, match="not this machine"):
        await resolver.resolve("hooks.example", 1)
    await resolver.close()


async def test_a_receiver_that_hangs_holds_up_no_other() -> None:
    async with receiving() as hanging, receiving() as other, subscribed(hanging.url, other.url) as client:
        hanging.hold = anyio.Event()
        for _ in range(20):
            await client.created()
        await other.until(20)
        await client.patch("/companies/1", company_name="b")
        await other.until(21)
        assert other.events.count("update") == 1
        assert len(hanging.received) <= AT_ONCE.parallel


async def test_a_delivery_that_hangs_holds_up_no_other_company() -> None:
    held = anyio.Event()
    told = []

    async def respond(request: web.BaseRequest) -> web.Response:
        company = (await request.json())["resource"]["id"]
        if company == "1":
            await held.wait()
        told.append(company)
        return web.Response()

    async with serving(respond) as url, subscribed(url) as client:
        for _ in range(20):
            await client.created()
        await logged(client, 19)
        assert "1" not in told
        held.set()
        await logged(client, 20)
        assert told[-1] == "1"


async def test_no_more_deliveries_are_under_way_than_the_options_say() -> None:
    options = DeliveryOptions(quiet=0, parallel=3, timeout=LIMIT)
    async with receiving() as receiver, subscribed(receiver.url, delivery=options) as client:
        receiver.hold = anyio.Event()
        for _ in range(10):
            await client.created()
        await receiver.until(3)
        await anyio.wait_all_tasks_blocked()
        assert len(receiver.received) == 3
        receiver.hold.set()
        await receiver.until(10)
        assert len(await logged(client, 10)) == 10


async def test_many_companies_all_arrive_each_once() -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        async with anyio.create_task_group() as tasks:
            for number in range(60):
                tasks.start_soon(partial(client.create, company_name=str(number)))
        await receiver.until(60)
        ids = [int(each.body["resource"]["id"]) for each in receiver.received]
        assert sorted(ids) == list(range(1, 61))


async def test_a_history_of_many_pages_is_read_to_its_end() -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        exchanges = client.sandbox._exchanges

        def write(db: sqlite3.Connection) -> None:
            for _ in range(210):
                companies.create(db, exchanges.space(), {"company_name": "x"})

        await exchanges.store.run(write)
        await client.created()
        await receiver.until(211)
        assert receiver.events == ["create"] * 211


async def test_after_a_restart_what_waits_is_delivered(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    async with receiving() as receiver:
        async with subscribed(receiver.url, data=data, delivery=LATER) as client:
            await client.created(company_name="a")
            await client.created(company_name="b")
            await client.patch("/companies/1", company_name="c")
        assert receiver.received == []
        async with subscribed(data=data) as client:
            received = await receiver.until(2)
            names = {each.body["resource"]["id"]: each.body["data"]["company_name"] for each in received}
            assert names == {"1": "c", "2": "b"}
            assert receiver.events == ["create", "create"]
            await logged(client, 2)
        async with subscribed(data=data) as client:
            await client.patch("/companies/2", company_name="d")
            await receiver.until(3)
            assert receiver.events[2] == "update"


async def test_a_delivery_that_a_stop_cut_off_is_made_again(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    async with receiving() as receiver:
        receiver.hold = anyio.Event()
        async with subscribed(receiver.url, data=data) as client:
            await client.created()
            await receiver.until(1)
        receiver.hold = None
        async with subscribed(data=data) as client:
            first, second = await receiver.until(2)
            assert first.raw == second.raw
            (delivery,) = await logged(client, 1)
            assert statuses(delivery) == [200]


@pytest.mark.parametrize("hangs", [pytest.param(True, id="hangs"), pytest.param(False, id="fails")])
async def test_a_stop_does_not_wait_for_receivers(hangs: bool) -> None:
    slow = DeliveryOptions(quiet=0, timeout=3600, backoff=3600)
    async with receiving() as receiver:
        receiver.hold, receiver.statuses = (anyio.Event() if hangs else None), [500]
        with anyio.fail_after(LIMIT) as scope:
            async with subscribed(receiver.url, delivery=slow) as client:
                await client.created()
                await receiver.until(1)
                scope.deadline = anyio.current_time() + 2


KILLED = """
import anyio, pathlib, sys
from importer.sandbox import DeliveryOptions, SandboxOptions, Subscription, running_sandbox

async def main(data, url):
    webhooks = (Subscription(url),)
    options = SandboxOptions(data=pathlib.Path(data), webhooks=webhooks, delivery=DeliveryOptions(quiet=3600))
    async with running_sandbox(options) as sandbox:
        print(sandbox.url, flush=True)
        await anyio.sleep_forever()

anyio.run(main, *sys.argv[1:])
"""


async def test_kill_9_loses_no_event(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    async with receiving() as receiver, opened() as client:
        command = [sys.executable, "-c", KILLED, str(data), receiver.url]
        async with await anyio.open_process(command, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            url = (await process.stdout.receive()).decode().strip()
            for _ in range(3):
                async with client.session.post(
                    f"{url}/companies",
                    json={"company_name": "x"},
                    headers={"Accept": "application/json", "Authorization": "Bearer sandbox"},
                ) as response:
                    assert response.status == 201
            process.kill()
        async with subscribed(data=data):
            await receiver.until(3)
            assert receiver.events == ["create"] * 3


async def test_of_two_sandboxes_on_one_file_one_delivers_what_either_stores(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    async with receiving() as receiver, subscribed(receiver.url, data=data, delivery=SHARED) as first:
        receiver.hold = anyio.Event()
        await first.created()
        await receiver.until(1)
        async with subscribed(data=data, delivery=AT_ONCE) as second:
            await second.created()
            await receiver.until(2)
            await second.patch("/companies/1", company_name="b")
            await anyio.wait_all_tasks_blocked()
            assert receiver.events == ["create", "create"]
            receiver.hold.set()
            await receiver.until(3)
            await logged(second, 3)
        told = [(received.event, received.body["resource"]["id"]) for received in receiver.received]
        assert told == [("create", "1"), ("create", "2"), ("update", "1")]


async def test_a_subscription_that_one_sandbox_gets_hears_of_what_another_stores(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    async with (
        receiving() as receiver,
        subscribed(data=data, delivery=SHARED) as first,
        subscribed(data=data) as second,
    ):
        url = first.sandbox.url.replace("/api/v1", "/sandbox/webhooks")
        async with first.session.post(url, json={"url": receiver.url}) as response:
            assert response.status == 201
        await until_locked(data)
        await second.created()
        await receiver.until(1)


async def test_when_the_sandbox_that_delivers_ends_another_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"

    async def other(*, task_status: TaskStatus[None]) -> None:
        async with subscribed(data=data, delivery=SHARED):
            task_status.started()
            await anyio.sleep_forever()

    async with receiving() as receiver, anyio.create_task_group() as tasks:
        receiver.hold = anyio.Event()
        async with subscribed(receiver.url, data=data) as first:
            await first.created()
            await receiver.until(1)
            await tasks.start(other)
            await anyio.wait_all_tasks_blocked()
            assert len(receiver.received) == 1
        await receiver.until(2)
        assert receiver.received[0].raw == receiver.received[1].raw
        tasks.cancel_scope.cancel()


async def test_when_the_process_that_delivers_is_killed_another_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    async with receiving() as receiver, receiving() as other:
        command = [sys.executable, "-c", KILLED, str(data), receiver.url]
        async with await anyio.open_process(command, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            await process.stdout.receive()
            await until_locked(data)
            async with subscribed(other.url, data=data, delivery=SHARED) as client:
                await client.created()
                await anyio.wait_all_tasks_blocked()
                assert other.received == receiver.received == []
                process.kill()
                await other.until(1)
                await receiver.until(1)


async def until_locked(data: Path) -> None:
    with anyio.fail_after(LIMIT):
        while not is_locked(data):
            await anyio.lowlevel.checkpoint()


def is_locked(data: Path) -> bool:
    path = data.with_name("sandbox.db.webhooks.lock")
    if not path.exists():
        return False
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


async def test_without_a_subscription_no_file_is_made_beside_the_data(tmp_path: Path) -> None:
    async with subscribed(data=tmp_path / "sandbox.db") as client:
        await client.created()
    assert names(tmp_path) == ["sandbox.db"]
    async with receiving() as receiver, subscribed(receiver.url, data=tmp_path / "sandbox.db") as client:
        await client.created()
        await receiver.until(1)
    assert names(tmp_path) == ["sandbox.db", "sandbox.db.webhooks.lock"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("UPDATE webhook_subscriptions SET events = 'not json' WHERE id = 1", id="before a delivery"),
        pytest.param(
            "CREATE TRIGGER t BEFORE INSERT ON webhook_deliveries WHEN new.subscription_id = 1 "
            "BEGIN SELECT raise(ABORT, 'no log'); END",
            id="after a delivery",
        ),
    ],
)
async def test_what_breaks_stops_one_subscription_alone(what: str, caplog: pytest.LogCaptureFixture) -> None:
    async with receiving() as broken, receiving() as other, subscribed(broken.url, other.url) as client:
        await client.sandbox._exchanges.store.run(lambda db: db.execute(what))
        for count in (1, 2):
            await client.created()
            await other.until(count)
        await until_logged(caplog, "webhook 1 stops until the sandbox starts again")
        await client.created()
        await other.until(3)
        assert len(broken.received) <= 1
        assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.parametrize("content", [b"something else entirely", None], ids=["a file", "a folder"])
async def test_a_lock_that_cannot_be_used_stops_webhooks_alone(
    tmp_path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "sandbox.db.webhooks.lock"
    path.mkdir() if content is None else path.write_bytes(content * 100)
    async with receiving() as receiver, subscribed(receiver.url, data=tmp_path / "sandbox.db") as client:
        await until_logged(caplog, "all webhooks stop until the sandbox starts again")
        await client.created()
        assert (await client.get("/companies/1")).status == 200
        assert receiver.received == []


def test_a_lock_that_nobody_may_write_is_an_error_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        lock._is_taken(connection)


async def until_logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    with anyio.fail_after(LIMIT):
        while text not in caplog.text:
            await anyio.lowlevel.checkpoint()


async def test_a_subscription_that_is_removed_is_not_tried_again() -> None:
    async with receiving() as receiver, subscribed(receiver.url) as client:
        receiver.hold, receiver.statuses = anyio.Event(), [500] * 3
        await client.created()
        await client.created()
        await receiver.until(2)
        await control(client, "DELETE", "/1")
        receiver.hold.set()
        deliveries = await logged(client, 2)
        assert [(delivery["state"], statuses(delivery)) for delivery in deliveries] == [("cancelled", [500])] * 2
        await client.created()
        assert len(receiver.received) == 2


async def test_what_waits_for_a_subscription_that_is_removed_is_dropped() -> None:
    async with receiving() as gone, receiving() as stays, subscribed(gone.url, stays.url) as client:
        gone.hold = anyio.Event()
        await client.created()
        await gone.until(1)
        await client.patch("/companies/1", company_name="b")
        await stays.until(2)
        await control(client, "DELETE", "/1")
        gone.hold.set()
        await logged(client, 3)
        await client.patch("/companies/1", company_name="c")
        await stays.until(3)
        assert gone.events == ["create"]


async def test_a_failing_store_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """As where somebody looks into the file for a long while with another program."""
    async with receiving() as receiver, subscribed(receiver.url) as client:
        store = client.sandbox._exchanges.store

        def rename(db: sqlite3.Connection, old: str, new: str) -> None:
            db.execute(f"ALTER TABLE {old} RENAME TO {new}")

        await store.run(lambda db: rename(db, "webhook_waiting", "hidden"))
        with caplog.at_level(logging.WARNING):
            await client.created()
            await until_logged(caplog, "webhooks wait for the sandbox's data")
        await store.run(lambda db: rename(db, "hidden", "webhook_waiting"))
        await receiver.until(1)


async def test_an_error_of_who_uses_the_sandbox_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with receiving() as receiver, subscribed(receiver.url):
            raise LookupError("mine")


async def test_cancelling_who_uses_the_sandbox_ends_it() -> None:
    async with receiving() as receiver:
        with anyio.CancelScope() as scope:
            async with subscribed(receiver.url) as client:
                await client.created()
                await receiver.until(1)
                scope.cancel()
                await anyio.lowlevel.checkpoint()
        assert scope.cancelled_caught
