"""Is this file a journal, whole, and of a version that we know? Asked before a byte of it is changed.

What SQLite finds by itself (no database, a file cut off, a broken tree) is what `PRAGMA quick_check` says: 0.2 s for
100,000 rows. It does not see a -wal that is missing, or that belongs to another journal or an older state of this one:
it would take the one for nothing and the other for the truth. So every transaction counts up the *seal*, and what a
checkpoint writes into the file itself says `whole = 0` for as long as the -wal has more.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from importer.errors import JournalError
from importer.journal.files import AFRESH, connect, translated, wal_of
from importer.journal.schema import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check", "check_file", "checkpoint", "count_up", "reading_address"]

_SEALED_SINCE = 3  # version of the schema
_WAL_HEAD = b"\x37\x7f\x06"  # the last byte of the magic number says how checksums are taken


class _Seal(NamedTuple):
    identity: str
    commits: int
    whole: int


def reading_address(path: Path) -> str:
    """Say how to open a journal so that nothing about it changes.

    Where there is a -wal it is opened for reading alone, and left in place: closing it must not be the end of it.
    Without one there is no writer, nothing to coordinate, and SQLite would leave an empty -wal behind.
    """
    return f"{path.resolve().as_uri()}?mode=ro{'' if wal_of(path).exists() else '&immutable=1'}"


def check_file(path: Path) -> None:
    """Check a journal that nobody has open; JournalError where it cannot be used. An empty file is a new journal."""
    if path.stat().st_size == 0:
        _check_emptiness(path)
        return
    with translated(path):
        connection = connect(reading_address(path), uri=True)
    with closing(connection), translated(path):
        check(connection, path)


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Check what is opened, and its -wal; see `check_file`."""
    had_wal = wal_of(path).exists()  # reading may make an empty one
    in_file = _seal_in_file(path) if had_wal else None
    _check_kind(connection, path)
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(str(found).splitlines()[-1])
    if connection.execute("PRAGMA user_version").fetchone()[0] >= _SEALED_SINCE:
        seal = _seal(connection)
        if not seal.whole and not _may_be_empty(wal_of(path), had_wal=had_wal):
            raise JournalError(_not_whole(path))
        if in_file is not None and (in_file.identity != seal.identity or seal.commits < in_file.commits):
            raise JournalError(_mixed_up(path))


def count_up(connection: sqlite3.Connection, *, whole: bool = True) -> None:
    """Count a transaction, inside of it."""
    connection.execute("UPDATE seal SET commits = commits + 1, whole = ?", (whole,))


def checkpoint(connection: sqlite3.Connection) -> None:
    """Bring what is in the -wal into the file; while somebody reads, as much of it as can be, without waiting."""
    _sealed(connection, whole=False)
    connection.execute("PRAGMA busy_timeout = 0")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA busy_timeout = 10000")
    _sealed(connection, whole=True)


def _sealed(connection: sqlite3.Connection, *, whole: bool) -> None:
    connection.execute("BEGIN IMMEDIATE")
    count_up(connection, whole=whole)
    connection.execute("COMMIT")


def _check_emptiness(path: Path) -> None:
    wal = wal_of(path)
    if wal.exists() and wal.stat().st_size:
        msg = f"journal {path} is empty, but {wal} is not: the journal itself is gone. Put it back, or: {AFRESH}"
        raise JournalError(msg)


def _check_kind(connection: sqlite3.Connection, path: Path) -> None:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    marked: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if marked != APPLICATION_ID and (marked or version or tables):
        msg = f"{path} is a database of another program, no journal. Name the journal itself, or run with another one (`run --journal`)."
        raise JournalError(msg)
    if version > VERSION:
        msg = (
            f"journal {path} was written by a newer kanbert-import (schema {version}, this one knows {VERSION}). "
            "Upgrade kanbert-import; the journal was not touched."
        )
        raise JournalError(msg)


def _may_be_empty(wal: Path, *, had_wal: bool) -> bool:
    """Whether a -wal without a transaction is one all the same: a kill came between a checkpoint and what follows."""
    try:
        with wal.open("rb") as file:
            head = file.read(len(_WAL_HEAD))
    except OSError:
        return False
    return head == _WAL_HEAD or (had_wal and not head)


def _not_whole(path: Path) -> str:
    return (
        f"journal {path} is not whole: what was written last is in {wal_of(path)}, and that file is missing or damaged. "
        f"Where the journal was copied or moved, bring that file along. Where it is lost: {AFRESH}"
    )


def _mixed_up(path: Path) -> str:
    return (
        f"{wal_of(path)} does not belong to the journal {path}: it is of another journal, or of an older copy of this one. "
        f"Move it away, put the right one there where there was one, and run the same command again. Else: {AFRESH}"
    )


def _seal(connection: sqlite3.Connection) -> _Seal:
    return _Seal(*connection.execute("SELECT identity, commits, whole FROM seal").fetchone())


def _seal_in_file(path: Path) -> _Seal | None:
    """Read the seal past the -wal; None where it cannot be read so, as in the middle of a checkpoint."""
    try:
        with closing(connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return _seal(connection)
    except sqlite3.Error:
        return None
