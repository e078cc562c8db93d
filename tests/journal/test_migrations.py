"""Journals of every version that there has been: brought up to date with nothing lost, however often it is cut off."""

from __future__ import annotations

import signal
import sqlite3
import stat
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from importer.errors import JournalError
from importer.journal import open_journal, view_journal
from importer.journal.migrations import MIGRATIONS
from importer.journal.schema import VERSION
from importer.model import Counts
from tests.fakes import commands, dying

SHAPES = sorted(Path(__file__).with_name("versions").glob("*.sql"))
"""Made by the code of their time; each has an update, a row that is refused, and a create that a kill cut off."""

COUNTS = Counts(read=4, updated=1, unchanged=1, refused=1, unknown=1)
KEPT = ("run", "row", "issue", "operation", "attempt", "target")

every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.stem)


def stored(shape: Path, path: Path, *, mode: str = "WAL") -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(shape.read_text(encoding="utf-8"))
        connection.execute(f"PRAGMA journal_mode = {mode}")


def tables(path: Path) -> dict[str, list[dict[str, object]]]:
    """All that a journal remembers; columns that are empty are left out, since a version may not have them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            table: [
                {name: row[name] for name in row.keys() if row[name] is not None}  # noqa: SIM118 - a Row is no mapping
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 - our own words
            ]
            for table in KEPT
        }


def structure(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Tables with their columns, and indexes with theirs, whatever their order."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        found = {}
        for kind, name in names:
            columns = connection.execute(f"PRAGMA {kind}_xinfo({name})").fetchall()
            found[f"{kind} {name}"] = {column[2:] if kind == "index" else (column[1], column[2]) for column in columns}
        return found


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_every_version_has_a_migration_and_a_stored_journal() -> None:
    assert list(MIGRATIONS) == list(range(1, VERSION))
    assert {int(shape.stem.split("-")[0]) for shape in SHAPES} == set(MIGRATIONS)


@every_shape
def test_an_older_journal_is_brought_up_to_date_with_nothing_lost(path: Path, shape: Path) -> None:
    stored(shape, path)
    before = tables(path)
    for _ in range(2):
        with open_journal(path) as journal:
            assert journal.view.counts() == COUNTS
            assert len(list(journal.view.problem_rows())) == 2
            assert journal.listed(["K-1"]) == {}
            assert journal.matching(["k"]) == {}
            [cut_off] = journal.works(1, after=0, limit=9)
            assert cut_off.intent is not None
    assert tables(path) == before
    assert version(path) == VERSION
    with open_journal(path.with_name("new.journal")):
        pass
    assert structure(path) == structure(path.with_name("new.journal"))


@every_shape
def test_an_older_journal_can_be_read_and_stays_as_it_is(path: Path, shape: Path) -> None:
    stored(shape, path)
    content = path.read_bytes()
    with view_journal(path) as view:
        assert view.counts() == COUNTS
        assert len(list(view.problem_rows())) == 2
    assert path.read_bytes() == content
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@every_shape
def test_the_older_journal_is_kept_beside_the_new_one(path: Path, shape: Path) -> None:
    stored(shape, path)
    before = version(path)
    with open_journal(path) as journal:
        copy = path.with_name(f"{path.name}.version-{before}")
        assert journal.older == copy
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert (tables(copy), version(copy)) == (tables(path), before)
    with open_journal(path) as journal:
        assert journal.older is None
    path.unlink()
    copy.rename(path)
    with open_journal(path) as journal:  # the copy is a journal as good as the first one
        assert journal.view.counts() == COUNTS


def test_what_is_still_in_the_wal_is_in_the_copy_too(path: Path) -> None:
    stored(SHAPES[0], path)
    writing = sqlite3.connect(path)
    writing.execute("UPDATE run SET state = 'stopped'")
    writing.commit()
    assert path.with_name(path.name + "-wal").stat().st_size
    with open_journal(path) as journal:
        assert journal.older is not None
        assert tables(journal.older)["run"][0]["state"] == "stopped"
    writing.close()


def test_without_a_copy_nothing_is_changed(path: Path) -> None:
    stored(SHAPES[-1], path)
    content = path.read_bytes()
    path.with_name(f"{path.name}.version-3").mkdir()
    with pytest.raises(JournalError, match=r"its copy .*version-3 cannot be written"), open_journal(path):
        pass
    assert (path.read_bytes(), version(path)) == (content, 3)
    assert not list(path.parent.glob("*.part"))


def opened_in_a_process_that_dies(path: Path, nth: int) -> int:
    process = commands.forked(partial(dying.opened, path, nth))
    process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, process.err
    return process.returncode


@pytest.mark.slow
@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[-1]], ids=lambda shape: shape.stem)
def test_killed_at_any_statement_of_a_migration_nothing_is_lost(path: Path, shape: Path) -> None:
    stored(shape, path)
    before, statements = tables(path), 0
    while True:
        for name in path.parent.iterdir():
            name.unlink()
        stored(shape, path)
        statements += 1
        code = opened_in_a_process_that_dies(path, statements)
        with view_journal(path) as view:
            assert view.counts() == COUNTS
        with open_journal(path) as journal:
            assert journal.view.counts() == COUNTS
        assert (tables(path), version(path)) == (before, VERSION)
        assert not list(path.parent.glob("*.part"))
        if code == 0:
            break
    assert statements > 8
