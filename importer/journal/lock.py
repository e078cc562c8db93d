"""One writer for each journal: a lock that the operating system drops however the process ends."""

from __future__ import annotations

import os
import platform
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal.files import owned_file
from importer.model import pasted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Lock", "Writer", "lock_of", "locked", "this_process", "writer_of"]

_PATIENCE = 1.0  # seconds; `writer_of` has the lock for a moment, in whatever process
_TRIES = 20
_GLANCE = 0.25  # seconds; two of those at once must not take each other for a run


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that writes to a journal."""

    process: int
    host: str = ""
    command: str = ""
    since: str = ""  # ISO 8601

    def __str__(self) -> str:
        """Name it in words that let it be found."""
        host = f" on {self.host}" if self.host else ""
        since = f", since {self.since}" if self.since else ""
        return f"process {self.process}{host}{since}"

    @property
    def going_on(self) -> str:
        """Say in words that it is at work."""
        command = self.command or "run"
        return f"{'An' if command[0] in 'aeiou' else 'A'} {command} is going on ({self})"

    @property
    def settles(self) -> bool:
        """Whether rows whose outcome is not known yet are its own, or are looked up by it."""
        return self.command not in {"plan", "verify"}


def this_process(command: str, since: str) -> Writer:
    """Name the process that this is."""
    return Writer(os.getpid(), platform.node(), command, since)


def lock_of(path: Path) -> Path:
    """Name the file that is locked while somebody writes to a journal: one for one file, by whatever name it is reached."""
    real = path.resolve()
    return real.with_name(f"{real.name}.lock")


@dataclass(slots=True)
class Lock:
    """A lock that is held; `needless` has its file removed in the end."""

    needless: bool = False


@contextmanager
def locked(path: Path, writer: Writer) -> Iterator[Lock]:
    """Hold the journal `path` for writing; JournalError names the process that holds it already.

    The lock is an open transaction on `path`.lock, a SQLite file of its own: SQLite's file locks work on every
    platform and die with the process, and readers of the journal are not kept out. What the file says of its holder
    is for people alone; nothing is concluded from it. It stays, unless there is no journal in the end: then it is
    removed while it is held, and a process that has waited on it sees that and begins anew.
    """
    if path.is_dir():
        message = f"journal {path} cannot be written: it is a folder. Name a file with --journal."
        raise JournalError(message)
    lock, lock_path = Lock(), lock_of(path)
    with closing(_taken(lock_path, path, writer)):
        try:
            yield lock
        finally:
            if lock.needless:
                with suppress(OSError):  # not every system removes a file that is open
                    lock_path.unlink()


def _taken(lock_path: Path, path: Path, writer: Writer) -> sqlite3.Connection:
    """Take the lock of the file that has this name, not of one that was removed while it was waited for."""
    for _ in range(_TRIES):
        owned_file(lock_path, path)
        found = _identity(lock_path)
        held = None
        try:
            held = _opened(lock_path, _PATIENCE)
            _take(held, writer)
        except sqlite3.Error as error:  # SQLite sees of itself that a file was removed, mostly
            refusal = _refusal(held, path, error)
            _close(held)
            if found == _identity(lock_path):
                raise JournalError(refusal) from error
            continue
        if found is not None and found == _identity(lock_path):
            return held
        _close(held)
    message = f"journal {path} cannot be locked: {lock_path} was removed again and again. Run the same command again."
    raise JournalError(message)


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def writer_of(path: Path) -> Writer | None:
    """Name who is writing to the journal at this moment; None where there is nobody, or nobody can tell."""
    lock_path = lock_of(path)
    if not lock_path.is_file():
        return None
    with suppress(sqlite3.Error), closing(_opened(lock_path, _GLANCE)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return _named(connection) if _is_busy(error) else None
    return None


def _opened(lock_path: Path, patience: float) -> sqlite3.Connection:
    """Open a lock's file, where there is one."""
    address = f"{lock_path.as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=patience)


def _take(connection: sqlite3.Connection, writer: Writer) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DROP TABLE IF EXISTS holder")  # of earlier versions
    connection.execute("CREATE TABLE IF NOT EXISTS writer (process INTEGER, host TEXT, command TEXT, since TEXT)")
    connection.execute("DELETE FROM writer")
    values = (writer.process, writer.host, writer.command, writer.since)
    connection.execute("INSERT INTO writer VALUES (?, ?, ?, ?)", values)
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")  # reserved: others may read who it is, none can write


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _refusal(connection: sqlite3.Connection | None, path: Path, error: sqlite3.Error) -> str:
    if _is_busy(error):
        found = None if connection is None else _named(connection)
        command = f"`kanbert-import {found.command}`" if found and found.command else "another run"
        who = f" ({found})" if found else ""
        return (
            f"journal {path} is in use by {command}{who}. Wait for it, or stop it with Ctrl-C where it runs, and run the same "
            f"command again. `{pasted('kanbert-import', 'status', path)}` says how far it is."
        )
    return (
        f"journal {path} cannot be locked by {lock_of(path)}: {error}. Make room for that file if the disk is full; "
        "else delete it if no run is going on with this journal: nothing is kept in it."
    )


def _named(connection: sqlite3.Connection) -> Writer | None:
    """Read who holds the lock; None where that was not written yet, or by an earlier version."""
    try:
        found = connection.execute("SELECT process, host, command, since FROM writer").fetchone()
    except sqlite3.Error:
        return None
    return Writer(*found) if found else None
