"""The sandbox's file -> its store, made where it is not there, or why it cannot be used."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

from anyio import to_thread

from importer.sandbox.schema import SCHEMA, SCHEMA_VERSION
from importer.sandbox.setting_names import IDENTITY
from importer.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["identity_of", "open_store"]


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
        msg = f"{path} cannot be used as the sandbox's data: {error}. Name another one with --data, or begin anew with --reset if it is a sandbox's."
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
