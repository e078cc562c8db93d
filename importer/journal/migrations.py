"""A journal of an older version -> one of this version, step by step, with a copy of the file kept beside it.

A step is written once and never changed: it says what the tables were at its time, and must not use what they are now.
Each is one transaction together with the new `user_version`, so that a kill leaves the journal in one version or the
other, and the next opening goes on from there.
"""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal.files import owned_file
from importer.journal.schema import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["MIGRATIONS", "migrated"]


def _keep_origins_in_the_listing(connection: sqlite3.Connection) -> None:
    """1 to 2: the listing holds companies by their own id. It lives as long as its run: nothing is lost."""
    connection.execute("DROP TABLE listing")
    connection.execute(
        "CREATE TABLE listing (kanbert_id TEXT PRIMARY KEY, external_id TEXT, external_origin TEXT,"
        " archived INTEGER NOT NULL, updated_at TEXT, read_at REAL, body TEXT NOT NULL) WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX listing_external_id ON listing (external_id)")
    connection.execute(
        "CREATE TABLE listing_key (key TEXT NOT NULL, kanbert_id TEXT NOT NULL, PRIMARY KEY (key, kanbert_id))"
        " WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX listing_key_company ON listing_key (kanbert_id)")


def _seal(connection: sqlite3.Connection) -> None:
    """2 to 3: a seal; and the columns that versions 1 and 2 got without a number of their own."""
    _add_missing(connection, "row", "original")
    _add_missing(connection, "operation", "traceback")
    connection.execute("DROP TABLE listing_key")
    connection.execute(
        "CREATE TABLE listing_key (key TEXT NOT NULL, held INTEGER NOT NULL, kanbert_id TEXT NOT NULL,"
        " PRIMARY KEY (key, held, kanbert_id)) WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX listing_key_company ON listing_key (kanbert_id)")
    connection.execute("DELETE FROM listing")
    connection.execute("CREATE TABLE seal (identity TEXT NOT NULL, commits INTEGER NOT NULL, whole INTEGER NOT NULL)")
    connection.execute("INSERT INTO seal VALUES (?, 0, 1)", (uuid.uuid4().hex,))


def _add_missing(connection: sqlite3.Connection, table: str, column: str) -> None:
    columns = {found["name"] for found in connection.execute(f"PRAGMA table_info({table})")}
    if column not in columns:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")


def _plan_and_undo(connection: sqlite3.Connection) -> None:
    """3 to 4: room for what a plan says, and for which write an undo takes back."""
    connection.execute("ALTER TABLE run ADD COLUMN undoes INTEGER")
    connection.execute("ALTER TABLE run ADD COLUMN predicted TEXT")
    connection.execute("ALTER TABLE run ADD COLUMN planned TEXT")
    connection.execute("ALTER TABLE operation ADD COLUMN undoes INTEGER")
    connection.execute("ALTER TABLE operation ADD COLUMN reason TEXT")
    connection.execute(
        "CREATE TABLE forecast (row INTEGER PRIMARY KEY REFERENCES row (id), action TEXT NOT NULL, kanbert_id TEXT,"
        " body TEXT NOT NULL, changes TEXT NOT NULL, before TEXT)"
    )


MIGRATIONS: Mapping[int, Callable[[sqlite3.Connection], None]] = {
    1: _keep_origins_in_the_listing,
    2: _seal,
    3: _plan_and_undo,
}
"""By the version that a journal has: what brings it to the next one."""


def migrated(connection: sqlite3.Connection, path: Path) -> Path | None:
    """Bring a journal up to date; where the copy of it as it was lies, None where nothing had to be done."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return None
    copy = _copied(connection, path, version)
    for known in range(version, VERSION):
        connection.execute("BEGIN IMMEDIATE")
        MIGRATIONS[known](connection)
        connection.execute(f"PRAGMA user_version = {known + 1}")
        connection.execute("COMMIT")
    return copy


def _copied(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy the journal, what is in its -wal included, to `NAME.version-N` beside it; whole, or not there at all."""
    copy = path.with_name(f"{path.name}.version-{version}")
    scratch = copy.with_name(f"{copy.name}.part")
    scratch.unlink(missing_ok=True)
    owned_file(scratch)
    try:
        with closing(sqlite3.connect(scratch)) as target:
            connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, to be put back as it is
        scratch.replace(copy)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        msg = f"journal {path} is of an older version, and its copy {copy} cannot be written: {error.strerror}. Make way for it."
        raise JournalError(msg) from error
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return copy
