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

__all__ = [
    "AFRESH",
    "FullError",
    "as_stored",
    "beginning_anew",
    "connect",
    "elsewhere",
    "forget",
    "intact",
    "owned_file",
    "translated",
    "wal_of",
]

AFRESH = (
    "Keep the file, and `run` again with another one (`run --journal`): "
    "companies that are in Kanbert already are found there and not created twice."
)
"""What to do about a journal that cannot be used any more."""


class FullError(JournalError):
    """There is no room for the journal; `said` is what to make room for, without what the same command does then."""

    def __init__(self, said: str, then: str) -> None:
        self.said = said
        super().__init__(f"{said} and run the same command again{then}.")


@contextmanager
def beginning_anew() -> Iterator[None]:
    """Say of a full disk, for a command that sends nothing, what the same one does then."""
    try:
        yield
    except FullError as error:
        raise FullError(error.said, ": it begins anew, and has written nothing to Kanbert") from error


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turn what SQLite says into a `JournalError` with the next step."""
    try:
        yield
    except sqlite3.OperationalError as error:
        msg = f"{_named(path)}: {error}. "
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            raise _full(msg, path) from error
        raise JournalError(msg + _advice(error, path)) from error
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


def elsewhere(journal: Path | None) -> str:
    """Say what to do where a journal cannot be written: what is in one goes along to where that is possible."""
    if journal is None or not journal.exists():
        return "name another file (`run --journal`, `plan -o`)."
    along = f", with {wal_of(journal).name}," if wal_of(journal).exists() else ""
    return f"copy {journal.name}{along} to a folder that can be written and name the copy there (for a run with `--journal`; a plan goes elsewhere with `-o`)."


def owned_file(path: Path, journal: Path | None = None) -> None:
    """Make sure that there is a file, readable by its owner only (0600) where it is new; `journal` is the one it is for."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        message = f"journal {journal or path} cannot be written: {error.strerror or error}. Make that possible, or {elsewhere(journal or path)}"
        raise JournalError(message) from error


def _named(path: Path | None) -> str:
    return "the temporary journal" if path is None else f"journal {path}"


def _damaged(path: Path | None, error: Exception) -> str:
    return f"{_named(path)} is damaged or no journal ({error}). {AFRESH}"


def _full(what: str, path: Path | None) -> FullError:
    place = "the folder for temporary files" if path is None else str(path.resolve().parent)
    then = "" if path is None else ": it resumes, and what was sent meanwhile is looked up and not sent twice"
    return FullError(f"{what}The disk is full or cannot be written: make room for {place}", then)


def _advice(error: sqlite3.OperationalError, path: Path | None) -> str:
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "Another program has it open; close that and run the same command again."
        case sqlite3.SQLITE_ERROR:  # the SQL and the tables do not go together
            return AFRESH
        case _:
            return f"Make that possible, or {elsewhere(path)}"
