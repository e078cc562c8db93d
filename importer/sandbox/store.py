"""Work on the sandbox's SQLite file -> transactions in one worker thread: all of a request's effects, or none.

What `Store.run` returned from is committed: it survives the end of the process (write-ahead log, no power loss assumed).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import asynccontextmanager
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread

from importer.sandbox.contract import BOOLEANS, COUNTRIES, NAMED, TEXTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

__all__ = ["SCHEMA_VERSION", "Store", "open_store"]

SCHEMA_VERSION = 1

T = TypeVar("T")


def _schema() -> str:
    texts = "".join(f"{name} TEXT,\n" for name in TEXTS)
    booleans = "".join(
        f"{name} INTEGER NOT NULL DEFAULT {int(name == 'taxation_enabled')},\n" for name in BOOLEANS.values()
    )
    countries = "".join(f"{name}_id INTEGER REFERENCES countries,\n" for name in COUNTRIES)
    named = "".join(f"{name}_id INTEGER REFERENCES names,\n" for name in NAMED)
    return f"""
        CREATE TABLE countries (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
        CREATE TABLE names (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name));
        CREATE TABLE clients (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE companies (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            external_id TEXT,
            external_id_folded TEXT,  -- without case and accents, for the databases that compare so
            external_origin TEXT,
            {texts}{booleans}{countries}{named}
            client_id INTEGER REFERENCES clients,
            custom_fields TEXT NOT NULL DEFAULT '{{}}',
            created_at TEXT NOT NULL,
            updated_at TEXT,
            deleted_at TEXT
        );
        CREATE INDEX companies_external_id ON companies (external_id);
        CREATE INDEX companies_external_id_folded ON companies (external_id_folded);
        CREATE TABLE company_tags (
            company_id INTEGER NOT NULL REFERENCES companies, tag_id INTEGER NOT NULL REFERENCES names,
            PRIMARY KEY (company_id, tag_id)
        );
        PRAGMA user_version = {SCHEMA_VERSION};
    """


class Store:
    """One connection, used by one worker at a time; made by `open_store`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._limiter = CapacityLimiter(1)
        self._lock = Lock()  # a caller whose task is cancelled outright leaves its work running

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do work in a transaction in the worker thread; its return is the commit, its exception the rollback.

        A cancelled caller still waits for the work that has begun.
        """
        return await to_thread.run_sync(self._transact, work, limiter=self._limiter)

    async def close(self) -> None:
        """Close the file when the work that has begun is done."""
        with CancelScope(shield=True):
            await to_thread.run_sync(self._close)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                done = work(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            return done

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
    store = Store(await to_thread.run_sync(_connect, path))
    try:
        yield store
    finally:
        await store.close()


def _connect(path: Path | None) -> sqlite3.Connection:
    if path is not None:  # it holds people's data; what is wrong with the path is said as an OSError that names it
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=10)
    try:
        _prepare(connection, path)
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
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and not tables:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(f"BEGIN IMMEDIATE; {_schema()} COMMIT;")
    elif version != SCHEMA_VERSION:
        msg = f"{path} is not a sandbox file of version {SCHEMA_VERSION}. Name another file, or delete this one."
        raise ValueError(msg)
    connection.execute("PRAGMA synchronous = NORMAL")


def _folded_text(value: str | None) -> str | None:
    """Fold case as the filter's comparisons do; SQLite's own lower() knows ASCII alone."""
    return None if value is None else value.casefold()
