"""The journal's tables.

The file is SQLite in WAL mode. `application_id` marks it as ours, `user_version` is the schema's version; what brings
an older one up to date stands in `importer.journal.migrations`.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = ["APPLICATION_ID", "VERSION", "create", "indexes_made_at_the_end"]

APPLICATION_ID = 0x4B42494A  # "KBIJ"
VERSION = 4

_LISTING = """
CREATE TABLE listing (
  kanbert_id TEXT PRIMARY KEY,      -- of the last run that listed the space; the archived ones of earlier runs, too
  external_id TEXT,
  external_origin TEXT,
  archived INTEGER NOT NULL,
  updated_at TEXT,
  read_at REAL,                     -- by that run's monotonic clock; NULL: of an earlier run
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
CREATE TABLE seal (                 -- one row; by it a file without the -wal that belongs to it is known, see soundness.py
  identity TEXT NOT NULL,           -- random, of this journal
  commits INTEGER NOT NULL,         -- transactions so far
  whole INTEGER NOT NULL            -- 0: the -wal has more
);

CREATE TABLE target (url TEXT NOT NULL, origin TEXT NOT NULL);

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  command TEXT NOT NULL,
  version TEXT NOT NULL,            -- of kanbert-import
  state TEXT NOT NULL,              -- planned, writing, ended (by itself), stopped (resumable); writing without a
                                    -- process: killed
  started_at TEXT NOT NULL,         -- ISO 8601 with zone, as all instants here
  ended_at TEXT,
  source TEXT NOT NULL,             -- JSON of SourceInfo
  blank_rows INTEGER NOT NULL DEFAULT 0,
  mapping_path TEXT NOT NULL,
  mapping_sha256 TEXT NOT NULL,
  mapping_text TEXT NOT NULL,
  undoes INTEGER,                   -- the last run whose writes this one takes back; NULL: it is no undo
  predicted TEXT,                   -- JSON: which plan it executes, and action to rows as that said; of an undo, what
                                    -- there was to take back; NULL: it executes none
  planned TEXT                      -- JSON, of a plan: by which options it was made, and what it found; of a run: the command again
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
  stage TEXT NOT NULL,              -- read, map, write or verify, see issues.py
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
  traceback TEXT,                   -- of an error of our own
  undoes INTEGER,                   -- the newest of the operations of its company that it takes back, by an undo
  reason TEXT                       -- JSON, why an undo did not: [code, message, hint]
);
CREATE INDEX operation_open ON operation (external_id) WHERE outcome IS NULL OR outcome = 'unknown';

CREATE TABLE forecast (             -- of a plan: what must be done for a row
  row INTEGER PRIMARY KEY REFERENCES row (id),
  action TEXT NOT NULL,
  kanbert_id TEXT,
  body TEXT NOT NULL,               -- what would be sent
  changes TEXT NOT NULL,
  before TEXT                       -- the company as it was; other when the plan is executed: the row is stale
);

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


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database; all or nothing."""
    seal = f"INSERT INTO seal VALUES ('{uuid.uuid4().hex}', 0, 1);"  # noqa: S608 - our own words
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    connection.executescript(f"BEGIN; {_TABLES} {_LISTING} {seal} {marks} COMMIT;")


@contextmanager
def indexes_made_at_the_end(connection: sqlite3.Connection, table: str) -> Iterator[None]:
    """Have a table without its indexes while much is added: to make them of all rows together takes a tenth of the time.

    Inside the caller's transaction, which takes them back as well where it fails.
    """
    found = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)
    ).fetchall()
    for index in found:
        connection.execute(f'DROP INDEX "{index["name"]}"')
    yield
    for index in found:
        connection.execute(index["sql"])
