"""A sandbox that is killed while it writes: what it answered is there, what it did not answer is there whole or not."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
import pytest

from tests.sandbox.client import HEADERS
from tests.sandbox.processes import served

if TYPE_CHECKING:
    from pathlib import Path

_WORKERS = 8
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class State:
    """What a test knows of a company: its phone, its tags, and whether it is archived."""

    phone: str | None = None
    tags: frozenset[str] = frozenset()
    archived: bool = False


@dataclass(slots=True)
class Believed:
    """A company as its writer knows it: its id, once it was answered, and the states that it may be in."""

    possible: set[State | None]  # None is absent
    kanbert_id: str | None = None


@dataclass(slots=True)
class Writer:
    """Writes companies of its own, one request at a time; at most its last request is without an answer."""

    name: str
    chance: random.Random
    believed: dict[str, Believed] = field(default_factory=dict)
    answered: int = 0

    async def write(self, session: aiohttp.ClientSession, url: str) -> None:
        """Send one request; what it does is possible from the moment it leaves, and certain when it is answered."""
        key, method, path, body, after = self._next()
        company = self.believed.setdefault(key, Believed({None}))
        company.possible.add(after)
        async with session.request(method, url + path, json=body) as response:
            answer = await response.json()
            assert response.status in {200, 201}, answer
        self.answered += 1
        company.possible = {after}
        company.kanbert_id = answer.get("id", company.kanbert_id)

    def _next(self) -> tuple[str, str, str, dict[str, Any] | None, State]:
        known = [key for key, company in self.believed.items() if company.possible != {None}]
        value = f"{self.chance.randrange(10**9)}"
        if not known or self.chance.random() < 0.4:
            key = f"{self.name}-{len(self.believed)}"
            body = {"external_id": key, "company_name": key, "phone": value, "tags": [value, "all"]}
            return key, "POST", "/companies", body, State(value, frozenset({value, "all"}))
        key = self.chance.choice(known)
        (state,) = self.believed[key].possible
        assert state is not None
        path = f"/companies/{self.believed[key].kanbert_id}"
        if state.archived:
            return key, "POST", f"{path}/restore", None, State(state.phone, state.tags)
        if self.chance.random() < 0.3:
            return key, "DELETE", path, None, State(state.phone, state.tags, archived=True)
        return key, "PATCH", path, {"phone": value, "tags": [value, "all"]}, State(value, frozenset({value, "all"}))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_kill_at_any_moment_loses_no_answered_write_and_halves_none(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = tmp_path / "kanbert.db"
    writers = [Writer(f"w{number}", random.Random(chance.random())) for number in range(_WORKERS)]
    for _ in range(_ROUNDS):
        async with served(data) as sandbox:
            await _agrees(sandbox.url, writers)
            await _written_until_killed(sandbox.url, writers, chance.randrange(1, 250), sandbox.process.kill)
        _is_sound(data)
    async with served(data) as sandbox:
        await _agrees(sandbox.url, writers)
        assert await sandbox.ended_by(signal.SIGTERM) == 0
    _is_sound(data)


async def _written_until_killed(url: str, writers: list[Writer], count: int, kill: Any) -> None:
    """Let all write at once; kill when so many requests were answered, while the others are under way."""
    start = sum(writer.answered for writer in writers)

    async def keep_writing(writer: Writer) -> None:
        try:
            while True:
                await writer.write(session, url)
                if sum(one.answered for one in writers) - start == count:
                    kill()
        except aiohttp.ClientError:
            return

    async with aiohttp.ClientSession(headers=HEADERS) as session, anyio.create_task_group() as tasks:
        for writer in writers:
            tasks.start_soon(keep_writing, writer)
    assert sum(writer.answered for writer in writers) - start >= count


async def _agrees(url: str, writers: list[Writer]) -> None:
    """Compare all companies with what is believed; afterwards each is believed to be as it was found."""
    found = await _listed(url)
    ids = [company["id"] for company in found]
    assert len(set(ids)) == len(ids)
    stored = {company["external_id"]: company for company in found}
    assert len(stored) == len(found)
    believed = {key: company for writer in writers for key, company in writer.believed.items()}
    assert stored.keys() <= believed.keys()
    for key, company in believed.items():
        state = _state(stored[key]) if key in stored else None
        assert state in company.possible, key
        assert state is None or company.kanbert_id in {None, stored[key]["id"]}
        company.possible = {state}
        company.kanbert_id = stored[key]["id"] if key in stored else company.kanbert_id
    taken = [company.kanbert_id for company in believed.values() if company.kanbert_id]
    assert len(set(taken)) == len(taken), "an id was given twice"


def _state(company: dict[str, Any]) -> State:
    tags = frozenset(tag["title"] for tag in company["tags"])
    return State(company["phone"], tags, archived=company["deleted_at"] is not None)


async def _listed(url: str) -> list[dict[str, Any]]:
    """All companies, archived ones too, page by page."""
    companies: list[dict[str, Any]] = []
    query = {"filter": '[{"field":"archived","op":"eq","value":"with"}]'}
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        while True:
            async with session.get(f"{url}/companies", params=query) as response:
                page = await response.json()
            companies += page["data"]
            if page["meta"]["next_cursor"] is None:
                return companies
            query["page[cursor]"] = page["meta"]["next_cursor"]


def _is_sound(data: Path) -> None:
    """The file is whole, and each company's history ends where the company is."""
    with closing(sqlite3.connect(data)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        for company_id, phone, deleted_at in db.execute("SELECT id, phone, deleted_at FROM companies").fetchall():
            history = db.execute(
                "SELECT event, fields FROM company_changes WHERE company_id = ? ORDER BY id", [company_id]
            ).fetchall()
            changes = [(event, json.loads(fields)) for event, fields in history]
            assert [event for event, _ in changes].count("create") == 1
            assert changes[0][0] == "create"
            archived = [event for event, _ in changes if event in {"delete", "restore"}]
            assert (archived[-1:] == ["delete"]) is (deleted_at is not None)
            phones = [fields["phone"] for event, fields in changes if event == "update"]
            assert all(one[1] == other[0] for one, other in pairwise(phones))
            assert not phones or phones[-1][1] == phone
        orphans = "SELECT count(*) FROM company_changes WHERE company_id NOT IN (SELECT id FROM companies)"
        assert db.execute(orphans).fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_well_and_what_it_held_is_there_again(tmp_path: Path, number: signal.Signals) -> None:
    data = tmp_path / "kanbert.db"
    async with served(data) as sandbox, aiohttp.ClientSession(headers=HEADERS) as session:
        for key in ("a", "b"):
            body = {"external_id": key, "company_name": key, "tags": ["x", key], "address_invoice_country": "NL"}
            async with session.post(f"{sandbox.url}/companies", json=body) as response:
                assert response.status == 201
        async with session.delete(f"{sandbox.url}/companies/2") as response:
            assert response.status == 200
        before = await _listed(sandbox.url)
        assert await sandbox.ended_by(number) == 0
    async with served(data) as sandbox, aiohttp.ClientSession(headers=HEADERS) as session:
        assert await _listed(sandbox.url) == before
        async with session.post(f"{sandbox.url}/companies", json={"company_name": "c"}) as response:
            assert (await response.json())["id"] == "3"
