"""One writer for each journal: a lock that the operating system drops however the process ends."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal.schema import owned_file, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["locked", "writing_process"]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the journal `path` for writing; JournalError names the process that holds it already.

    The lock is an open transaction on `path`.lock, a SQLite file of its own: SQLite's file locks work on every
    platform and die with the process, and readers of the journal are not kept out. The file stays, since removing
    it could free its name while another process waits on it.
    """
    real = path.resolve()  # one lock for one file, by whatever name it is reached
    lock_path = real.with_name(real.name + ".lock")
    with translated(path):
        connection = _connect(lock_path)
    with closing(connection):
        with translated(path):
            _take(connection, path)
        yield


def writing_process(path: Path) -> int | None:
    """Name the process that is writing to the journal at this moment; None where there is none, or nobody can tell."""
    real = path.resolve()
    lock_path = real.with_name(real.name + ".lock")
    if not lock_path.is_file():
        return None
    try:
        with closing(sqlite3.connect(lock_path, isolation_level=None, timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                found = connection.execute("SELECT process FROM holder").fetchone()
                return int(found[0]) if found else None
    except sqlite3.Error:
        pass
    return None


def _take(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS holder (process INTEGER NOT NULL)")
        connection.execute("DELETE FROM holder")
        connection.execute("INSERT INTO holder VALUES (?)", (os.getpid(),))
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")  # reserved: others may read the holder, none can write
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        msg = (
            f"journal {path} is in use by another run{_holder(connection)}. "
            "Wait for it, or stop it, and run the same command again."
        )
        raise JournalError(msg) from error


def _connect(lock_path: Path) -> sqlite3.Connection:
    owned_file(lock_path)
    return sqlite3.connect(lock_path, isolation_level=None, check_same_thread=False, timeout=0)


def _holder(connection: sqlite3.Connection) -> str:
    try:
        found = connection.execute("SELECT process FROM holder").fetchone()
    except sqlite3.OperationalError:  # taken a moment ago, not written yet
        return ""
    return f" (process {found[0]})" if found else ""
