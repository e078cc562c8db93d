"""A journal that was made in vain goes again, with all that lies beside it; any other stays."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.errors import JournalError, UsageError
from importer.journal import Planned, lock_of, open_journal
from importer.model import Action, Operation
from tests.fakes.journals import URL, read, three
from tests.fakes.nouns import AT

if TYPE_CHECKING:
    from importer.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.journal"


def filled(journal: Journal) -> int:
    journal.bind(url=URL, origin="test")
    return read(journal, *three()).run


def test_what_an_error_leaves_of_a_new_journal_is_nothing(path: Path) -> None:
    with suppress(UsageError), open_journal(path) as journal:
        filled(journal)
        raise UsageError("nobody can be asked")
    assert list(path.parent.iterdir()) == []


def test_a_journal_that_is_in_vain_by_its_own_word_goes(path: Path) -> None:
    with open_journal(path) as journal:
        filled(journal)
        journal.in_vain = True
    assert list(path.parent.iterdir()) == []


def test_a_journal_with_an_intent_stays_whatever_ends_it(path: Path) -> None:
    with suppress(UsageError), open_journal(path) as journal:
        run = filled(journal)
        work = journal.works(run, after=0, limit=1)[0]
        journal.intend(run, [Planned(work, Operation(Action.CREATE, work.desired, body=work.desired.payload))], at=AT)
        journal.in_vain = True
        raise UsageError("too late")
    assert path.is_file()
    assert lock_of(path).is_file()


def test_a_journal_that_was_there_stays_whatever_ends_it(path: Path) -> None:
    with open_journal(path) as journal:
        filled(journal)
    with suppress(UsageError), open_journal(path) as journal:
        journal.in_vain = True
        raise UsageError("again")
    assert path.is_file()


def test_a_journal_that_cannot_even_be_opened_is_not_left_behind(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"somebody's")
    with pytest.raises(JournalError), open_journal(path):
        pass
    assert not path.exists()
    assert not lock_of(path).exists()


def opened_files(path: Path) -> int:
    """How often this process has a file open."""
    links = (os.path.realpath(link) for link in Path("/proc/self/fd").iterdir())
    return sum(link == str(path) for link in links)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process can see what it has open")
def test_who_has_waited_on_a_lock_that_is_removed_takes_the_one_that_there_is_now(path: Path) -> None:
    held, refused, lock = threading.Event(), threading.Event(), lock_of(path)

    def wait_for_it() -> None:
        with open_journal(path):
            held.set()
            refused.wait(10)

    waiting = threading.Thread(target=wait_for_it)
    with open_journal(path) as journal:
        journal.in_vain = True
        before = opened_files(lock)
        waiting.start()
        while opened_files(lock) == before:
            threading.Event().wait(0.005)
    assert held.wait(10)
    assert lock.is_file()
    with pytest.raises(JournalError, match="is in use"), open_journal(path):
        pass
    refused.set()
    waiting.join()
