"""The store: all of a piece of work or nothing, whatever breaks it off, and whoever else uses the file."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from itertools import count
from typing import TYPE_CHECKING

import anyio
import pytest

from importer.sandbox.opening import open_store
from importer.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

_LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n"


@asynccontextmanager
async def _store(
    path: Path | str = ":memory:", *, clock: Callable[[], float] = lambda: 0.0, patience: float = 10.0
) -> AsyncIterator[Store]:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    store = Store(connection, clock=clock, patience=patience)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _shared(path: Path, *, patience: float = 10.0) -> AsyncIterator[tuple[Store, sqlite3.Connection]]:
    """A store on a file in which another process is just writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)")
        other.execute("BEGIN IMMEDIATE")
        async with _store(path, patience=patience) as store:
            yield store, other


def _numbers(db: sqlite3.Connection) -> list[int]:
    return [number for (number,) in db.execute("SELECT x FROM t ORDER BY x")]


def _added(number: int) -> Callable[[sqlite3.Connection], list[int]]:
    def work(db: sqlite3.Connection) -> list[int]:
        db.execute("INSERT INTO t VALUES (?)", [number])
        return _numbers(db)

    return work


def _broken(db: sqlite3.Connection) -> None:
    _added(8)(db)
    db.execute(_LONG).fetchall()


async def test_work_beyond_its_budget_is_broken_off_and_changes_nothing() -> None:
    ticks = count()
    async with _store(clock=lambda: float(next(ticks))) as store:
        await store.run(lambda db: db.execute("CREATE TABLE t (x)"))
        for do in (store.run, store.read):
            with pytest.raises(sqlite3.OperationalError, match="interrupted"):
                await do(_broken, budget=3.0)
        assert await store.run(_added(9), budget=3.0) == [9]
        assert next(ticks) < 20


async def test_work_without_a_budget_takes_as_long_as_it_takes() -> None:
    ticks = count()
    async with _store(clock=lambda: float(next(ticks))) as store:
        with pytest.raises(sqlite3.OperationalError):
            await store.read(lambda db: db.execute(_LONG).fetchone(), budget=3.0)
        (found,) = await store.read(lambda db: db.execute(_LONG).fetchone())
        assert found == 100_000


async def test_reads_do_not_wait_for_another_process_that_writes(tmp_path: Path) -> None:
    async with _shared(tmp_path / "x.db", patience=0.0) as (store, _):
        assert await store.read(_numbers) == [1]


async def test_a_write_waits_for_another_process_and_holds_up_no_read(tmp_path: Path) -> None:
    async with _shared(tmp_path / "x.db") as (store, other), anyio.create_task_group() as tasks:
        done: list[list[int]] = []

        async def write() -> None:
            done.append(await store.run(_added(2)))

        tasks.start_soon(write)
        await anyio.wait_all_tasks_blocked()
        assert await store.read(_numbers) == [1]
        assert done == []
        other.execute("INSERT INTO t VALUES (3)")
        other.execute("COMMIT")
        while not done:
            await anyio.lowlevel.checkpoint()
        assert done == [[1, 2, 3]]


async def test_a_write_gives_up_when_another_process_does_not_end(tmp_path: Path) -> None:
    async with _shared(tmp_path / "x.db", patience=0.0) as (store, other):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await store.run(_added(2))
        other.execute("ROLLBACK")
        assert await store.run(_added(2)) == [1, 2]


async def test_what_cannot_be_committed_is_rolled_back() -> None:
    def deferred(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO child VALUES (1)")

    async with _store() as store:
        store._connection.execute("PRAGMA foreign_keys = ON")
        await store.run(
            lambda db: (
                db.execute("CREATE TABLE t (x PRIMARY KEY)"),
                db.execute("CREATE TABLE child (x REFERENCES t DEFERRABLE INITIALLY DEFERRED)"),
            )
        )
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            await store.run(deferred)
        assert await store.run(_added(1)) == [1]
        assert await store.read(lambda db: db.execute("SELECT * FROM child").fetchall()) == []


async def test_an_error_that_ended_the_transaction_itself_is_told() -> None:
    """As SQLite does where the disk is full or it is broken off."""

    def ended(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")
        raise LookupError

    async with _store() as store:
        with pytest.raises(LookupError):
            await store.run(ended)
        assert await store.run(lambda db: db.in_transaction) is True


async def test_a_store_that_was_opened_waits_in_no_thread(tmp_path: Path) -> None:
    async with open_store(tmp_path / "x.db") as store:
        assert await store.read(lambda db: db.execute("PRAGMA busy_timeout").fetchone()[0]) == 0
