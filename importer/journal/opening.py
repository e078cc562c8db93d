"""How a journal is opened: for the one writer, for readers beside it, or as one that nobody sees."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal.files import FullError, connect, owned_file, translated, wal_of
from importer.journal.migrations import migrated
from importer.journal.schema import create
from importer.journal.soundness import check, check_file, checkpoint, reading_address

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Opened", "connected", "connected_readonly", "connected_temporary"]

_PAGE_BYTES = 8192  # an operation with the company before and after has 2 to 3 KB: in SQLite's 4096 it would be alone


@dataclass(frozen=True, slots=True)
class Opened:
    """A journal open for writing, and where its copy is if it was of an older version."""

    connection: sqlite3.Connection
    older: Path | None


@contextmanager
def connected(path: Path) -> Iterator[Opened]:
    """Open or create the journal at `path` for writing; a new file is readable by its owner only (0600).

    A file that is no journal, is not whole or is of a newer version is left as it is.
    """
    owned_file(path)
    check_file(path)
    with translated(path):
        connection = connect(str(path))
    with closing(connection):
        with translated(path):
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")  # of a new file
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an intent must survive a power cut, not only a kill
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # `checkpoint` says it in the file
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                create(connection)
            older = migrated(connection, path)
            checkpoint(connection)
        yield Opened(connection, older)


@contextmanager
def connected_readonly(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an existing journal for reading, also while a run is writing to it, and change nothing about it."""
    if path.is_dir():
        msg = f"{path} is a folder. Name a journal in it: a file that `kanbert-import run` made, such as contacts.journal."
        raise JournalError(msg)
    if not path.is_file():
        msg = f"there is no journal {path}. A journal is made by `kanbert-import run`."
        raise JournalError(msg)
    with translated(path):
        connection = connect(_address(path), uri=True)
    with closing(connection):
        with _room_to_read(path), translated(path):
            connection.execute("PRAGMA query_only = ON")
            check(connection, path)
            empty = connection.execute("PRAGMA user_version").fetchone()[0] == 0
        if empty:
            msg = f"{path} is empty: no run has got as far as writing to it."
            raise JournalError(msg)
        yield connection


@contextmanager
def _room_to_read(path: Path) -> Iterator[None]:
    """Say of a full disk what it is to one who only reads: SQLite keeps a small file beside a journal meanwhile."""
    try:
        yield
    except FullError as error:
        msg = (
            f"{error.said}, where SQLite needs a small file to read the journal; or copy {path.name} to where there is "
            f"room, with {wal_of(path).name} if that is there, and read it there."
        )
        raise JournalError(msg) from error


def _address(path: Path) -> str:
    """Say how to open a journal for reading, where a run may begin meanwhile.

    Then it must be coordinated with, which takes a folder that can be written; in one that cannot, there is a writer
    only where there is a -wal.
    """
    if wal_of(path).exists() or not _writable(path):
        return reading_address(path)
    return f"{path.resolve().as_uri()}?mode=rw"


def _writable(path: Path) -> bool:
    return os.access(path.resolve().parent, os.W_OK) and os.access(path, os.W_OK)


@contextmanager
def connected_temporary() -> Iterator[sqlite3.Connection]:
    """Open a journal that nobody sees: on disk where it grows, gone when closed."""
    with closing(connect("")) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        create(connection)
        yield connection
