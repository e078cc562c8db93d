"""The routes below /sandbox/webhooks, and webhooks of a seed file."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from importer.sandbox import Behaviour, DeliveryOptions, SandboxOptions
from importer.sandbox.schema import SCHEMA
from importer.sandbox.seed_error import SeedError
from importer.sandbox.space import Space
from importer.sandbox.webhooks.records import subscriptions
from importer.sandbox.webhooks.seeding import insert_webhook
from tests.sandbox.client import Client, Reply, opened
from tests.sandbox.webhooks.receiver import LIMIT, receiving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

URL = "http://127.0.0.1:9/hook"
JSON = "application/json"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    options = SandboxOptions(delivery=DeliveryOptions(quiet=0, backoff=0.001), now=lambda: now)
    async with opened(options) as client:
        yield client


async def ask(
    client: Client, method: str, path: str = "", body: object = None, *, raw: bytes | None = None, kind: str = JSON
) -> Reply:
    url = client.sandbox.url.replace("/api/v1", "/sandbox/webhooks") + path
    data = json.dumps(body).encode() if body is not None else raw
    headers = {"Content-Type": kind} if data is not None else {}
    async with client.session.request(method, url, data=data, headers=headers) as response:
        return Reply(response.status, response.headers, await response.text())


async def test_a_subscription_is_made_listed_and_deleted(client: Client) -> None:
    made = await ask(client, "POST", body={"url": URL, "events": ["company:delete", "company:create"]})
    assert made.status == 201
    secret = made.body["secret"]
    shown = {
        "id": "1",
        "url": URL,
        "events": ["company:create", "company:delete"],
        "active": True,
        "created_at": "2026-01-01T00:00:00+00:00",
    }
    assert made.body == {**shown, "secret": secret}
    listed = await ask(client, "GET")
    assert (listed.status, listed.body) == (200, {"webhooks": [{**shown, "secret": f"********{secret[-4:]}"}]})
    gone = await ask(client, "DELETE", "/1")
    assert (gone.status, gone.body) == (200, {"message": "Webhook deleted successfully"})
    assert (await ask(client, "GET")).body == {"webhooks": []}
    assert (await ask(client, "DELETE", "/1")).status == 404


async def test_what_is_not_said_is_made(client: Client) -> None:
    made = (await ask(client, "POST", body={"url": URL})).body
    assert made["events"] == ["company:create", "company:update", "company:delete"]
    assert len(made["secret"]) == 64


async def test_a_subscription_that_is_made_while_it_runs_is_delivered_to(client: Client) -> None:
    async with receiving() as receiver:
        made = await ask(client, "POST", body={"url": receiver.url, "secret": "mine"})
        assert made.body["secret"] == "mine"
        await client.created()
        (received,) = await receiver.until(1)
        assert received.is_signed("mine")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({}, ["url"], id="nothing"),
        pytest.param({"url": 5}, ["url"], id="number"),
        pytest.param({"url": None}, ["url"], id="null"),
        pytest.param({"url": "http://hooks.example/"}, ["url"], id="elsewhere"),
        pytest.param({"url": URL, "events": "company:create"}, ["events"], id="one event as text"),
        pytest.param({"url": URL, "events": []}, ["events"], id="no event"),
        pytest.param({"url": URL, "events": [1]}, ["events"], id="event that is a number"),
        pytest.param({"url": URL, "events": [["company:create"]]}, ["events"], id="list in a list"),
        pytest.param({"url": URL, "events": ["company:restore"]}, ["events"], id="no such event"),
        pytest.param({"url": URL, "secret": 5}, ["secret"], id="secret that is a number"),
        pytest.param({"url": URL, "secret": "x" * 256}, ["secret"], id="long secret"),
        pytest.param({"url": URL, "event": ["company:create"]}, ["event"], id="wrong name"),
        pytest.param([], ["url"], id="list"),
    ],
)
async def test_what_cannot_be_is_a_422_that_names_the_field(client: Client, body: object, fields: list[str]) -> None:
    reply = await ask(client, "POST", body=body)
    assert (reply.status, list(reply.errors)) == (422, fields)
    assert (await ask(client, "GET")).body == {"webhooks": []}


async def test_elsewhere_is_refused_in_plain_words(client: Client) -> None:
    reply = await ask(client, "POST", body={"url": "http://192.168.1.5/"})
    assert "must be on this machine" in reply.body["message"]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param(b'{"url": "http://127.0.0.1:9/hook"}', "text/plain", id="what a foreign web page could send"),
        pytest.param(b"{", JSON, id="broken"),
        pytest.param(b"\xff", JSON, id="not UTF-8"),
        pytest.param(b"[" * 10_000, JSON, id="deep"),
        pytest.param(b'{"url": "\\ud800"}', JSON, id="half a character"),
    ],
)
async def test_a_body_that_is_no_json_is_a_422(client: Client, raw: bytes, kind: str) -> None:
    reply = await ask(client, "POST", raw=raw, kind=kind)
    assert (reply.status, list(reply.errors)) == (422, ["url"])


async def test_a_large_body_is_a_413(client: Client) -> None:
    assert (await ask(client, "POST", raw=b" " * 20_000)).status == 413


@pytest.mark.slow
async def test_there_is_a_limit_to_subscriptions(client: Client) -> None:
    for _ in range(100):
        assert (await ask(client, "POST", body={"url": URL})).status == 201
    reply = await ask(client, "POST", body={"url": URL})
    assert (reply.status, list(reply.errors)) == (422, ["url"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "", "GET, POST"),
        ("DELETE", "", "GET, POST"),
        ("POST", "/deliveries", "GET"),
        ("DELETE", "/deliveries", "GET"),
        ("GET", "/1", "DELETE"),
    ],
)
async def test_another_method_is_a_405(client: Client, method: str, path: str, allowed: str) -> None:
    reply = await ask(client, method, path)
    assert (reply.status, reply.headers["Allow"]) == (405, allowed)
    assert reply.body["message"] == f"/sandbox/webhooks{path} takes {allowed}."


@pytest.mark.parametrize("path", ["/0", "/-1", "/1x", "/%201", "/²", "/" + "9" * 30, "/x" * 200])
async def test_what_is_not_there_is_a_404(client: Client, path: str) -> None:
    assert (await ask(client, "DELETE", path)).status == 404


async def test_deliveries_are_paged_newest_first(client: Client) -> None:
    async with receiving() as receiver:
        await ask(client, "POST", body={"url": receiver.url})
        for _ in range(5):
            await client.created()
        seen: list[dict[str, Any]] = []
        with anyio.fail_after(LIMIT):
            while len(seen) < 5:
                seen = (await ask(client, "GET", "/deliveries")).body["deliveries"]
        assert [each["id"] for each in seen] == ["5", "4", "3", "2", "1"]
        assert list(seen[0]) == ["id", "webhook_id", "url", "event", "company_id", "state", "attempts", "at"]
        assert list(seen[0]["attempts"][0]) == ["status", "error", "seconds", "at"]
        for query, ids in (
            ("?limit=2", ["5", "4"]),
            ("?limit=2&before=4", ["3", "2"]),
            ("?before=2", ["1"]),
            ("?limit=-1&before=x", ["5", "4", "3", "2", "1"]),
            ("?limit[]=1&limit=99999999999999999999", ["5", "4", "3", "2", "1"]),
        ):
            page = (await ask(client, "GET", f"/deliveries{query}")).body["deliveries"]
            assert [each["id"] for each in page] == ids, query


async def test_a_secret_is_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving() as receiver:
        secret = (await ask(client, "POST", body={"url": receiver.url})).body["secret"]
        receiver.statuses = [500] * 3
        await client.created()
        await receiver.until(3)
        logged = await ask(client, "GET", "/deliveries")
        assert secret not in caplog.text + logged.text


def test_a_seed_file_has_webhooks() -> None:
    space = Space(Behaviour(), frozenset(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        db.executescript(SCHEMA)
        insert_webhook(db, space, {"url": URL, "events": ["company:update"], "secret": "x"})
        (stored,) = subscriptions(db)
        assert (stored.url, stored.events) == (URL, ("company:update",))
        with pytest.raises(SeedError, match="must be on this machine") as caught:
            insert_webhook(db, space, {"url": "http://hooks.example"})
        assert caught.value.key == "url"
