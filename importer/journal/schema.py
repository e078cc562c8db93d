"""The journal's tables, and how a file becomes an open connection to them or a clear error.

The file is SQLite in WAL mode. `application_id` marks it as ours, `user_version` is the schema's version.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from importer.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "APPLICATION_ID",
    "VERSION",
    "connected",
    "connected_readonly",
    "connected_temporary",
    "owned_file",
    "translated",
]

APPLICATION_ID = 0x4B42494A  # "KBIJ"
VERSION = 2

_LISTING = """
CREATE TABLE listing (
  kanbert_id TEXT PRIMARY KEY,      -- of the last run that listed the space; what that run does not need is left out
  external_id TEXT,
  external_origin TEXT,
  archived INTEGER NOT NULL,
  updated_at TEXT,
  read_at REAL,                     -- by that run's monotonic clock
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX listing_external_id ON listing (external_id);

CREATE TABLE listing_key (
  key TEXT NOT NULL,                -- of a live company, by a rule of the mapping's `match`
  held INTEGER NOT NULL,            -- whether it has an external_id
  kanbert_id TEXT NOT NULL,
  PRIMARY KEY (key, held, kanbert_id)
) WITHOUT ROWID;
CREATE INDEX listing_key_company ON listing_key (kanbert_id);
"""

_TABLES = """
CREATE TABLE target (url TEXT NOT NULL, origin TEXT NOT NULL);

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  command TEXT NOT NULL,
  version TEXT NOT NULL,            -- of kanbert-import
  state TEXT NOT NULL,              -- writing, ended (by itself), stopped (resumable); writing without a process: killed
  started_at TEXT NOT NULL,         -- ISO 8601 with zone, as all instants here
  ended_at TEXT,
  source TEXT NOT NULL,             -- JSON of SourceInfo
  blank_rows INTEGER NOT NULL DEFAULT 0,
  mapping_path TEXT NOT NULL,
  mapping_sha256 TEXT NOT NULL,
  mapping_text TEXT NOT NULL
);

CREATE TABLE row (
  id INTEGER PRIMARY KEY,           -- in the order of the file
  generation INTEGER NOT NULL REFERENCES run (id),  -- the run that read it from the file
  run INTEGER NOT NULL REFERENCES run (id),         -- the last run that took it up
  number INTEGER NOT NULL,          -- as the user's program shows it
  cells TEXT NOT NULL,              -- JSON list, see cells.py
  original TEXT,                    -- the cells as the file has them, where a retry took corrected ones
  external_id TEXT,
  digest TEXT,                      -- of the payload; NULL where the mapping refused or skipped the row
  payload TEXT,
  outcome TEXT,                     -- NULL: not final yet
  kanbert_id TEXT
);
CREATE INDEX row_external_id ON row (external_id);
CREATE INDEX row_number ON row (number);
CREATE INDEX row_pending ON row (id) WHERE outcome IS NULL;

CREATE TABLE issue (
  row INTEGER NOT NULL REFERENCES row (id),
  stage TEXT NOT NULL,              -- map or write
  code TEXT NOT NULL,
  severity TEXT NOT NULL,
  field TEXT,
  header TEXT,                      -- the column's header
  value TEXT,
  message TEXT NOT NULL,
  hint TEXT NOT NULL
);
CREATE INDEX issue_row ON issue (row);
CREATE INDEX issue_reason ON issue (code, field, value);

CREATE TABLE operation (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  row INTEGER NOT NULL,             -- its row at that time; rows go when the file is read again, operations stay
  external_id TEXT NOT NULL,
  action TEXT NOT NULL,
  digest TEXT NOT NULL,
  kanbert_id TEXT,
  body TEXT NOT NULL,               -- what is sent
  changes TEXT NOT NULL,
  before TEXT,                      -- the company before the write
  intended_at TEXT NOT NULL,
  outcome TEXT,                     -- NULL: intended, effect not known; superseded: a later look-up settled the row
  settled_at TEXT,
  after TEXT,                       -- the company after it, as Kanbert answered
  traceback TEXT                    -- of an error of our own
);
CREATE INDEX operation_open ON operation (external_id) WHERE outcome IS NULL OR outcome = 'unknown';

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  external_id TEXT,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER,                   -- NULL: no answer
  duration REAL NOT NULL,           -- seconds
  request_id TEXT,
  message TEXT NOT NULL,
  at TEXT NOT NULL
);
CREATE INDEX attempt_external_id ON attempt (external_id);
"""

_UPGRADES = {
    1: f"DROP TABLE listing; {_LISTING}",  # a listing lives as long as its run: nothing is lost
}
"""By the version that a file has: what brings it to the next one."""


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turn what SQLite says into a `JournalError` with the next step."""
    name = "the temporary journal" if path is None else f"journal {path}"
    try:
        yield
    except sqlite3.OperationalError as error:
        msg = f"{name}: {error}. {_advice(str(error))}"
        raise JournalError(msg) from error
    except sqlite3.DatabaseError as error:
        msg = (
            f"{name} is damaged or no journal ({error}). Keep the file, name another one with --journal, and run again: "
            "companies that are in Kanbert already are found there and not created twice."
        )
        raise JournalError(msg) from error


def owned_file(path: Path) -> None:
    """Make sure that there is a file, readable by its owner only (0600) where it is new."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        message = f"journal {path} cannot be written: {error.strerror or error}. Name another place with --journal."
        raise JournalError(message) from error


def _advice(text: str) -> str:
    if "full" in text or "disk I/O" in text:
        return "Make room on the disk and run the same command again: it resumes."
    if "locked" in text:
        return "Another program has it open; close that and run the same command again."
    return "Name another place with --journal."


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Open or create the journal at `path` for writing; a new file is readable by its owner only (0600)."""
    owned_file(path)
    with translated(path):
        connection = _connect(str(path))
    with closing(connection):
        with translated(path):
            _check(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an intent must survive a power cut, not only a kill
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                _create(connection)
            _upgrade(connection)
        yield connection


@contextmanager
def connected_readonly(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an existing journal for reading, also while a run is writing to it."""
    if not path.is_file():
        msg = f"there is no journal {path}. A journal is made by `kanbert-import run`."
        raise JournalError(msg)
    # Opened for reading alone, SQLite would leave its -wal and -shm behind; in a folder that cannot be written it cannot
    # coordinate with a writer, and there is none.
    mode = "mode=rw" if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK) else "mode=ro&immutable=1"
    with translated(path):
        connection = _connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
    with closing(connection):
        with translated(path):
            connection.execute("PRAGMA query_only = ON")
            _check(connection, path)
            empty = connection.execute("PRAGMA user_version").fetchone()[0] == 0
        if empty:
            msg = f"{path} is empty: no run has got as far as writing to it."
            raise JournalError(msg)
        yield connection


@contextmanager
def connected_temporary() -> Iterator[sqlite3.Connection]:
    """Open a journal that nobody sees: on disk where it grows, gone when closed."""
    with closing(_connect("")) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        _create(connection)
        yield connection


def _connect(database: str, *, uri: bool = False) -> sqlite3.Connection:
    # One thread at a time uses it, but not always the same one: anyio's worker threads take turns.
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False, uri=uri, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.executescript(
        f"BEGIN; {_TABLES} {_LISTING} PRAGMA application_id = {APPLICATION_ID};"
        f" PRAGMA user_version = {VERSION}; COMMIT;"
    )


def _upgrade(connection: sqlite3.Connection) -> None:
    """Bring a journal of an older version up to date, each step in a transaction of its own."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    for known in range(version, VERSION):
        connection.executescript(f"BEGIN; {_UPGRADES[known]} PRAGMA user_version = {known + 1}; COMMIT;")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    marked: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if marked != APPLICATION_ID and (marked or version or tables):
        msg = f"{path} is a database of another program, no journal. Name another file with --journal."
        raise JournalError(msg)
    if version > VERSION:
        msg = (
            f"journal {path} was written by a newer kanbert-import (schema {version}, this one knows {VERSION}). "
            "Upgrade kanbert-import."
        )
        raise JournalError(msg)
