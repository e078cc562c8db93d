"""Many connections, many creates, many companies: nothing is lost, nobody waits for the idle, no page costs more."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from importer.sandbox import Behaviour, SandboxOptions
from importer.sandbox.opening import open_store
from tests.sandbox.client import Client, opened
from tests.sandbox.raw import AUTH, connected, statuses
from tests.sandbox.spaces import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from anyio.abc import SocketStream

COMPANIES = 100_000
_LATE = COMPANIES - 40


async def test_two_hundred_requests_at_once_are_all_answered() -> None:
    async with opened() as client, AsyncExitStack() as held:
        streams = [await held.enter_async_context(await connected(client.sandbox)) for _ in range(200)]
        answers: list[int] = []

        async def create(stream: SocketStream, number: int) -> None:
            await stream.send(_create(number))
            answers.append(await _answered(stream))

        async with anyio.create_task_group() as tasks:
            for number, stream in enumerate(streams):
                tasks.start_soon(create, stream, number)
        assert answers == [201] * 200
        stored = await client.sandbox.companies()
        assert sorted(int(company["external_id"]) for company in stored) == list(range(200))


async def test_two_hundred_idle_connections_stop_nobody() -> None:
    async with opened() as client, AsyncExitStack() as held:
        for _ in range(200):
            idle = await held.enter_async_context(await connected(client.sandbox))
            await idle.send(b"GET /api/v1/companies/1 HTTP/1.1\r\n" + AUTH + b"\r\n")
            assert await _answered(idle) == 404
        with anyio.fail_after(60):
            for _ in range(20):
                assert (await client.create()).status == 201


@pytest.mark.slow
@pytest.mark.timeout(240)  # seconds; five where nothing else runs
async def test_ten_thousand_creates_through_32_connections_lose_and_double_none(tmp_path: Path) -> None:
    numbers = iter(range(10_000))
    async with opened(SandboxOptions(data=tmp_path / "kanbert.db")) as client:

        async def keep_creating() -> None:
            async with await connected(client.sandbox) as stream:
                for number in numbers:
                    await stream.send(_create(number))
                    assert await _answered(stream) == 201

        async with anyio.create_task_group() as tasks:
            for _ in range(32):
                tasks.start_soon(keep_creating)
        stats = await client.sandbox.stats()
    assert stats["writes"] == {"create": 10_000}
    assert stats["companies"] == {"live": 10_000, "archived": 0}
    db = sqlite3.connect(tmp_path / "kanbert.db")
    keys = [int(key) for (key,) in db.execute("SELECT external_id FROM companies ORDER BY id")]
    ids = [company_id for (company_id,) in db.execute("SELECT id FROM companies ORDER BY id")]
    history = db.execute("SELECT count(*), count(DISTINCT company_id) FROM company_changes").fetchone()
    db.close()
    assert sorted(keys) == list(range(10_000))
    assert ids == list(range(1, 10_001))
    assert history == (10_000, 10_000)


def _create(number: int) -> bytes:
    body = json.dumps({"company_name": "ACME", "external_id": str(number)}).encode()
    head = b"POST /api/v1/companies HTTP/1.1\r\n" + AUTH + f"Content-Length: {len(body)}\r\n\r\n".encode()
    return head + body


async def _answered(stream: SocketStream) -> int:
    """Read one answer; its status."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += await stream.receive()
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += await stream.receive()
    (status,) = statuses(head + b"\r\n")
    return status


class Steps:
    """Counts what SQLite does, in units of 100 instructions of its virtual machine."""

    def __init__(self) -> None:
        self.taken = 0

    def watch(self, db: sqlite3.Connection) -> None:
        db.set_progress_handler(self._count, 100)

    def _count(self) -> int:
        self.taken += 1
        return 0


def _filled(db: sqlite3.Connection) -> None:
    """Companies with names in another order than their ids, and a tag on every tenth."""
    db.execute(
        f"""
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {COMPANIES})
        INSERT INTO companies (external_id, external_origin, company_name, created_at, updated_at)
        SELECT n, 'sandbox', printf('Company %06d', (n * 7919) % {COMPANIES}),
            '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00' FROM numbers
        """  # noqa: S608  # a number of ours
    )
    db.execute("INSERT INTO names (id, kind, name) VALUES (1, 'tags', 'tenth')")
    db.execute("INSERT INTO company_tags SELECT id, 1 FROM companies WHERE id % 10 = 0")


class Large:
    """A sandbox with many companies, and what a page of it costs."""

    def __init__(self, client: Client, steps: Steps) -> None:
        self.client = client
        self._steps = steps

    async def page(self, **parameters: object) -> tuple[dict[str, Any], int]:
        """A page, and the steps that it took."""
        before = self._steps.taken
        reply = await self.client.get(f"/companies?{query(**parameters)}")
        assert reply.status == 200, reply.text
        return reply.body, self._steps.taken - before


@pytest.fixture
async def large(tmp_path: Path) -> AsyncIterator[Large]:
    path = tmp_path / "kanbert.db"
    async with open_store(path) as store:
        await store.run(_filled)
    steps = Steps()
    async with opened(SandboxOptions(data=path, behaviour=Behaviour(stable_sort=True))) as client:
        client.sandbox._exchanges.budget = None  # which is kept by watching the steps, too
        await client.sandbox._exchanges.store.run(steps.watch)
        yield Large(client, steps)


def _moved(cursor: str, **values: object) -> str:
    """A cursor of a first page, moved to where these values are; its names are the server's."""
    read = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    assert values.keys() <= {name.rpartition(".")[2] for name in read}
    moved = {name: values.get(name.rpartition(".")[2], value) for name, value in read.items()}
    return base64.urlsafe_b64encode(json.dumps(moved).encode()).decode()


@pytest.mark.slow
async def test_a_late_page_costs_what_an_early_one_does(large: Large) -> None:
    for filtered in ({}, {"filter": [{"field": "archived", "op": "eq", "value": "with"}]}):
        first, early = await large.page(**filtered)
        cursor = _moved(first["meta"]["next_cursor"], id=_LATE)
        last, late = await large.page(**filtered, page__cursor=cursor)
        assert [company["id"] for company in last["data"]] == [str(_LATE + number) for number in range(1, 31)]
        assert 0 < late <= early * 1.2
        assert early < 100, "a page looks at its own rows only"
        back, before = await large.page(**filtered, page__cursor=last["meta"]["prev_cursor"])
        assert back["data"][-1]["id"] == str(_LATE)
        assert before <= early * 1.2


@pytest.mark.slow
async def test_a_late_page_of_a_sorted_list_costs_what_an_early_one_does(large: Large) -> None:
    first, early = await large.page(sort="company_name")
    values = {"company_name": f"Company {_LATE:06d}", "id": 1}
    last, late = await large.page(sort="company_name", page__cursor=_moved(first["meta"]["next_cursor"], **values))
    assert last["data"][-1]["company_name"] > first["data"][-1]["company_name"]
    assert 0 < late <= early * 1.5


@pytest.mark.slow
async def test_one_company_costs_the_same_among_many(large: Large) -> None:
    for path in (f"/companies/{_LATE}", f"/companies/{_LATE}?find_by=external_id"):
        before = large._steps.taken
        assert (await large.client.get(path)).status == 200
        assert large._steps.taken - before < 10
    before = large._steps.taken
    assert (await large.client.create(external_id="new", tags=["tenth"])).status == 201
    assert (await large.client.patch(f"/companies/{_LATE}", phone="1", tags=["other"])).status == 200
    assert large._steps.taken - before < 20
