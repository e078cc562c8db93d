"""Deliveries to real receivers: signed, in order, tried again, and apart from each other."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import anyio
import pytest
from aiohttp import web

from importer.sandbox import Behaviour, DeliveryOptions, Token
from importer.sandbox.companies import records as companies
from importer.sandbox.webhooks.sending import LoopbackResolver
from tests.sandbox.webhooks.receiver import LIMIT, receiving, serving
from tests.sandbox.webhooks.subscribers import (
    AT_ONCE,
    LATER,
    control,
    delete,
    logged,
    statuses,
    subscribed,
    until_logged,
)

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


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
