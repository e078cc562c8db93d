"""The sandboxes on one file -> the one of them that delivers; the operating system drops its lock however it ends."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["sole_deliverer"]


@asynccontextmanager
async def sole_deliverer(data: Path | None, glance: float) -> AsyncIterator[None]:
    """Wait until no other sandbox on the file delivers, and be the one that does for as long as the context lasts.

    The lock is an open transaction on `data`.webhooks.lock, a SQLite file of its own that stays empty: SQLite's file
    locks work on every platform and die with the process. The file is not removed, since that could free its name while
    another process waits on it. A sandbox in memory is alone.

    Args:
        data: the sandbox's file.
        glance: seconds between looks whether the other one is gone.

    Raises:
        sqlite3.Error: the lock cannot be used.
    """
    if data is None:
        yield
        return
    connection = await to_thread.run_sync(_opened, data)
    try:
        while not await to_thread.run_sync(_is_taken, connection):  # noqa: ASYNC110  # nobody tells of another process
            await anyio.sleep(glance)
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(connection.close)


def _opened(data: Path) -> sqlite3.Connection:
    real = data.resolve()  # one lock for one file, by whatever name it is reached
    path = real.with_name(f"{real.name}.webhooks.lock")
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")  # no further file beside it
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_taken(connection: sqlite3.Connection) -> bool:
    """Try to take the lock; tell whether it is ours now."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("PRAGMA user_version = 1")  # never stored; BEGIN alone locks nothing that is read-only
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
