"""Work on the sandbox's SQLite file -> transactions in one worker thread: all of a request's effects, or none.

What `Store.run` returned from is committed: it survives the end of the process (write-ahead log, no power loss assumed).
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from contextlib import asynccontextmanager, closing, contextmanager
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from anyio import CancelScope, CapacityLimiter, current_time, sleep, to_thread

from importer.sandbox.schema import SCHEMA, SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

__all__ = ["IDENTITY", "Store", "identity_of", "open_store"]

IDENTITY = "identity"
"""The setting that tells this space from one that was begun anew in the same file."""

_POLL = 0.05  # seconds between two tries while another process writes
_STEPS = 100  # of SQLite's virtual machine between two looks at the clock

T = TypeVar("T")


class Store:
    """One connection, used by one worker at a time; made by `open_store`.

    While another process writes to the file, work that cannot begin is tried again for `patience` seconds, and the
    thread is free for others meanwhile; the connection itself must not wait. `clock` gives seconds.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, clock: Callable[[], float] = monotonic, patience: float = 10.0
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._patience = patience
        self._limiter = CapacityLimiter(1)
        self._lock = Lock()  # a caller whose task is cancelled outright leaves its work running

    async def run(self, work: Callable[[sqlite3.Connection], T], *, budget: float | None = None) -> T:
        """Do work in a transaction in the worker thread; its return is the commit, its exception the rollback.

        A cancelled caller still waits for the work that has begun.

        Args:
            work: what writes, or may; it is done again from its beginning if another process came in between.
            budget: seconds of SQL before it is broken off; without one it takes as long as it takes.

        Raises:
            sqlite3.OperationalError: the file cannot be used just now, or the budget is spent; nothing is changed.
        """
        return await self._patiently(work, "BEGIN IMMEDIATE", budget)

    async def read(self, work: Callable[[sqlite3.Connection], T], *, budget: float | None = None) -> T:
        """Do work that only reads, all of it in one moment of the file; like `run`, but no other process stops it."""
        return await self._patiently(work, "BEGIN", budget)

    async def close(self) -> None:
        """Close the file when the work that has begun is done."""
        with CancelScope(shield=True):
            await to_thread.run_sync(self._close)

    async def _patiently(self, work: Callable[[sqlite3.Connection], T], begin: str, budget: float | None) -> T:
        end = current_time() + self._patience
        while True:
            try:
                return await to_thread.run_sync(self._transact, work, begin, budget, limiter=self._limiter)
            except sqlite3.OperationalError as error:
                if not _is_held_by_another(error) or current_time() >= end:
                    raise
            await sleep(_POLL)

    def _transact(self, work: Callable[[sqlite3.Connection], T], begin: str, budget: float | None) -> T:
        with self._lock, self._bounded(budget):
            connection = self._connection
            try:
                connection.execute(begin)
                done = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # some errors, that of a full disk among them, have ended it already
                    connection.execute("ROLLBACK")
                raise
            return done

    @contextmanager
    def _bounded(self, budget: float | None) -> Iterator[None]:
        """Let SQLite break off what takes longer than the budget; each look at the clock costs next to nothing."""
        if budget is None:
            yield
            return
        end = self._clock() + budget
        self._connection.set_progress_handler(lambda: self._clock() > end, _STEPS)
        try:
            yield
        finally:
            self._connection.set_progress_handler(None, 0)

    def _close(self) -> None:
        with self._lock:
            self._connection.close()


@asynccontextmanager
async def open_store(path: Path | None) -> AsyncIterator[Store]:
    """Open the sandbox's file, made if it is not there; None is a store in memory.

    Raises:
        ValueError: the file is something else, or of another version.
        OSError: the file cannot be opened or made.
    """
    store = await to_thread.run_sync(_opened, path)
    try:
        yield store
    finally:
        await store.close()


def _opened(path: Path | None) -> Store:
    connection = _connect(path)
    connection.execute("PRAGMA busy_timeout = 0")  # the store waits by itself, and not in its only thread
    return Store(connection)


def identity_of(path: Path) -> str:
    """Tell which space a file keeps, made if it is not there: another one after the file was begun anew.

    Raises:
        ValueError: the file is something else, or of another version.
        OSError: the file cannot be opened or made.
    """
    with closing(_connect(path)) as connection:
        (text,) = connection.execute("SELECT value FROM settings WHERE name = ?", [IDENTITY]).fetchone()
        return str(json.loads(text))


def _connect(path: Path | None) -> sqlite3.Connection:
    if path is not None:  # it holds people's data; what is wrong with the path is said as an OSError that names it
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=10)
    try:
        _prepare(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        msg = f"{path} cannot be used as the sandbox's data now: {error}. Is another program busy with it?"
        raise ValueError(msg) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        msg = f"{path} cannot be used as the sandbox's data: {error}. Name another file, or delete this one."
        raise ValueError(msg) from error
    except ValueError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    connection.row_factory = sqlite3.Row
    connection.create_function("folded_text", 1, _folded_text, deterministic=True)
    if _version(connection) == (0, 0):
        _create(connection)
    version, _ = _version(connection)
    if version != SCHEMA_VERSION:
        found = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'company_tags'").fetchone()
        what = f"of version {version}, not {SCHEMA_VERSION}: begin anew with --reset, or" if found else "no sandbox's:"
        msg = f"the file {path} is {what} name another one with --data."
        raise ValueError(msg)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if path is not None:
        path.chmod(0o600)  # also where somebody made it readable; SQLite gives -wal and -shm the same mode


def _version(connection: sqlite3.Connection) -> tuple[int, int]:
    """Tell the version of the tables, and their number."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return version, tables


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process has done it meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    if _version(connection) == (0, 0):
        for statement in filter(str.strip, SCHEMA.split(";")):
            connection.execute(statement)
        connection.execute("INSERT INTO settings VALUES (?, ?)", [IDENTITY, json.dumps(secrets.token_hex(8))])
    connection.execute("COMMIT")


def _folded_text(value: str | None) -> str | None:
    """Fold case as the filter's comparisons do; SQLite's own lower() knows ASCII alone."""
    return None if value is None else value.casefold()


def _is_held_by_another(error: sqlite3.OperationalError) -> bool:
    """Tell whether another process writes just now; the lower byte of an error's code says what it is about."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF == sqlite3.SQLITE_BUSY
