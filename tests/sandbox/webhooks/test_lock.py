"""Deliveries over restarts and kills, and of several sandboxes on one file: none lost, and one process delivers."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import anyio
import pytest

from importer.sandbox.webhooks import lock
from tests.sandbox.client import opened
from tests.sandbox.webhooks.receiver import LIMIT, receiving
from tests.sandbox.webhooks.subscribers import AT_ONCE, LATER, SHARED, logged, subscribed, until_logged

if TYPE_CHECKING:
    from pathlib import Path

    from anyio.abc import TaskStatus


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
