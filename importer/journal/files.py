"""A journal's file: how it becomes a connection, and how what SQLite says of it becomes a clear error."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from importer.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["AFRESH", "as_stored", "connect", "forget", "intact", "owned_file", "translated", "wal_of"]

AFRESH = (
    "Keep the file, and `run` again with another one (`run --journal`): "
    "companies that are in Kanbert already are found there and not created twice."
)
"""What to do about a journal that cannot be used any more."""


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turn what SQLite says into a `JournalError` with the next step."""
    try:
        yield
    except sqlite3.OperationalError as error:
        msg = f"{_named(path)}: {error}. {_advice(error, path)}"
        raise JournalError(msg) from error
    except sqlite3.DatabaseError as error:
        raise JournalError(_damaged(path, error)) from error


@contextmanager
def intact(path: Path | None) -> Iterator[None]:
    """Turn stored text that cannot be read into a `JournalError`: a file can be damaged where SQLite does not see it."""
    with translated(path), as_stored():
        yield


@contextmanager
def as_stored() -> Iterator[None]:
    """Say of stored text that cannot be read what SQLite says of a page; for use inside of `translated`."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        raise sqlite3.DatabaseError(str(error)) from error


def connect(database: str, *, uri: bool = False) -> sqlite3.Connection:
    """Open a connection in autocommit mode; any thread may use it, but only one at a time."""
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False, uri=uri, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def wal_of(path: Path) -> Path:
    """Name the file with what was written to a journal and is not in the journal's own file yet."""
    real = path.resolve()
    return real.with_name(f"{real.name}-wal")


def forget(path: Path) -> None:
    """Remove a journal that nobody has open, and what SQLite has put beside it; what cannot be removed stays."""
    real = path.resolve()
    for name in (real.name, f"{real.name}-wal", f"{real.name}-shm"):
        with suppress(OSError):
            real.with_name(name).unlink()


def owned_file(path: Path) -> None:
    """Make sure that there is a file, readable by its owner only (0600) where it is new."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        message = f"journal {path} cannot be written: {error.strerror or error}. Make that possible, or name another file (`run --journal`, `plan -o`)."
        raise JournalError(message) from error


def _named(path: Path | None) -> str:
    return "the temporary journal" if path is None else f"journal {path}"


def _damaged(path: Path | None, error: Exception) -> str:
    return f"{_named(path)} is damaged or no journal ({error}). {AFRESH}"


def _advice(error: sqlite3.OperationalError, path: Path | None) -> str:
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            place = "the folder for temporary files" if path is None else str(path.resolve().parent)
            return (
                f"The disk is full or cannot be written: make room for {place} and run the same command again: it resumes, "
                "and what was sent meanwhile is looked up and not sent twice."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "Another program has it open; close that and run the same command again."
        case sqlite3.SQLITE_ERROR:  # the SQL and the tables do not go together
            return AFRESH
        case _:
            return "Make that possible, or run with another one (`run --journal`)."
