"""The journal as a file: who may open it, when, and what is said when it is no journal."""

from __future__ import annotations

import os
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from importer.errors import JournalError
from importer.journal import (
    Journal,
    open_journal,
    temporary_journal,
    this_process,
    view_journal,
)
from importer.journal.files import beginning_anew, owned_file, translated
from importer.model import (
    Counts,
    OutcomeKind,
)
from tests.fakes.journals import URL, read, settle, three
from tests.fakes.nouns import AT, ORIGIN

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_journal_is_readable_by_its_owner_only(journal: Journal, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_journal_of_another_target_is_refused_once_something_was_sent(journal: Journal) -> None:
    journal.bind(url="https://typing-error.example", origin=ORIGIN)
    journal.bind(url=URL, origin=ORIGIN)
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED)
    journal.bind(url=URL, origin=ORIGIN)
    with pytest.raises(JournalError, match="second time"):
        journal.bind(url=URL, origin="other")
    with pytest.raises(JournalError, match="belongs to"):
        journal.bind(url="https://elsewhere.example", origin=ORIGIN)


def test_a_journal_in_use_names_the_process(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalError, match=rf"in use by another run \(process {os.getpid()} on "), open_journal(path):
        pass


def test_a_journal_can_be_opened_again_when_closed(path: Path) -> None:
    for _ in range(2):
        with open_journal(path):
            pass


def test_a_reader_sees_a_journal_that_is_being_written(journal: Journal, path: Path) -> None:
    intake = read(journal, *three())
    with view_journal(path) as view:
        assert view.counts() == Counts(read=3, pending=3)
        assert view.target().url == URL
        assert view.last_run("run").id == intake.run


def test_a_reader_leaves_nothing_behind(tmp_path: Path) -> None:
    with open_journal(tmp_path / "x.journal") as journal:
        read(journal, *three())
    with view_journal(tmp_path / "x.journal") as view:
        assert view.counts().read == 3
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            view._connection.execute("DELETE FROM row")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.journal", "x.journal.lock"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"id;name\n1;x\n" * 100, "damaged or no journal", id="text"),
        pytest.param(b"", "is empty", id="empty"),
    ],
)
def test_what_is_no_journal_cannot_be_viewed(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError, match=message), view_journal(path):
        pass


def test_a_missing_journal_is_said_to_be_missing(path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"), view_journal(path):
        pass


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(JournalError, match="another program"), open_journal(path):
        pass


def test_a_journal_of_a_newer_version_is_refused(path: Path) -> None:
    with open_journal(path):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="newer kanbert-import"), open_journal(path):
        pass


def test_a_journal_in_a_place_that_does_not_exist_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="or name another file"), open_journal(tmp_path / "no" / "j"):
        pass


def test_a_torn_journal_is_an_error_and_not_an_empty_one(journal: Journal, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE row")
    connection.close()
    with pytest.raises(JournalError, match="no such table"):
        journal.view.counts()


def test_a_journal_without_run_or_target_says_so() -> None:
    with temporary_journal() as empty:
        with pytest.raises(JournalError, match="holds no run yet"):
            empty.view.last_run()
        with pytest.raises(JournalError, match="about no target yet"):
            empty.view.target()
        assert not empty.knows_rows()


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (sqlite3.SQLITE_FULL, "The disk is full or cannot be written: make room for"),
        (sqlite3.SQLITE_IOERR_WRITE, "The disk is full or cannot be written: make room for"),
        (sqlite3.SQLITE_BUSY, "Another program has it open"),
        (sqlite3.SQLITE_ERROR, "not created twice"),
        (sqlite3.SQLITE_CANTOPEN, "or name another file"),
    ],
)
def test_what_sqlite_says_comes_with_what_to_do(path: Path, code: int, advice: str) -> None:
    error = sqlite3.OperationalError("it says so")
    error.sqlite_errorcode = code
    for named in (path, None):
        with pytest.raises(JournalError, match=f"journal.*it says so.*{advice}"), translated(named):
            raise error


def test_a_command_that_sends_nothing_begins_anew_after_a_full_disk(path: Path) -> None:
    error = sqlite3.OperationalError("full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    with pytest.raises(JournalError, match="same command again: it resumes"), translated(path):
        raise error
    with pytest.raises(JournalError) as anew, beginning_anew(), translated(path):
        raise error
    assert str(anew.value).endswith("same command again: it begins anew, and has written nothing to Kanbert.")
    with pytest.raises(JournalError, match=r"temporary files and run the same command again\.$"), translated(None):
        raise error


def test_a_journal_that_cannot_be_written_is_copied_to_where_it_can(journal: Journal, path: Path) -> None:
    assert not journal.knows_rows()
    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode = sqlite3.SQLITE_READONLY
    with pytest.raises(JournalError, match=f"copy {path.name}, with {path.name}-wal, to a folder"), translated(path):
        raise error
    with pytest.raises(JournalError, match=f"journal {path} cannot be written: .* copy {path.name}"):
        owned_file(path.with_name("gone") / "x.lock", path)
    with pytest.raises(JournalError, match=r"cannot be written: .* name another file"):
        owned_file(path.with_name("gone") / "x.journal")


def test_one_lock_holds_whatever_name_the_journal_has(journal: Journal, path: Path) -> None:
    other = path.with_name("other.journal")
    other.symlink_to(path)
    with pytest.raises(JournalError, match="in use"), open_journal(other):
        pass


def test_what_is_read_beside_a_writer_is_of_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    with open_journal(path) as journal:
        run = read(journal, *three()).run
        with view_journal(path, writer=this_process("run", AT)) as view:
            before = view.counts()
            settle(journal, run, OutcomeKind.CREATED)
            assert view.counts() == before
        with view_journal(path, writer=this_process("run", AT)) as view:
            assert view.counts() != before
