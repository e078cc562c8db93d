"""One writer for each journal: refused by name while it lives, never in the way once it is dead."""

from __future__ import annotations

import os
import platform
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.errors import JournalError
from importer.journal import Writer, lock_of, open_journal, writer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

HOLDING = """
import sys
from pathlib import Path
from importer.journal import open_journal
with open_journal(Path(sys.argv[1]), command="run", since="2026-01-02T03:04:05+00:00"):
    print("open", flush=True)
    sys.stdin.read()
"""

WITHOUT_PROC = """
import sys
def refuse(event, details):
    if event == "open" and str(details[0]).startswith("/proc"):
        raise FileNotFoundError(details[0])
sys.addaudithook(refuse)
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the journal open for writing."""
    words = [sys.executable, "-c", HOLDING, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_journal_in_use_is_refused_with_who_where_since_when_and_what_to_do(path: Path) -> None:
    with holder(path) as process:
        with pytest.raises(JournalError) as refused, open_journal(path):
            pass
        assert writer_of(path) == Writer(process.pid, platform.node(), "run", "2026-01-02T03:04:05+00:00")
    for word in (
        str(path),
        "`kanbert-import run`",
        f"process {process.pid}",
        f"on {platform.node()}",
        "since 2026-01-02T03:04:05",
        "Ctrl-C",
        "kanbert-import status",
    ):
        assert word in str(refused.value)


def test_a_process_that_was_killed_holds_nothing(path: Path) -> None:
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert writer_of(path) is None
    with open_journal(path):
        assert writer_of(path) is not None


def test_a_number_that_another_program_has_by_now_is_no_holder(path: Path) -> None:
    """What the lock says of its holder is for people: a process of that number may be anything."""
    with open_journal(path):
        pass
    with closing(sqlite3.connect(lock_of(path))) as connection:
        connection.execute("UPDATE writer SET process = ?", (os.getppid(),))
        connection.commit()
    assert writer_of(path) is None
    with open_journal(path):
        pass


def test_no_proc_is_needed(path: Path) -> None:
    with holder(path) as process:
        process.kill()
    words = [sys.executable, "-c", WITHOUT_PROC + HOLDING, str(path)]
    ended = subprocess.run(words, cwd=ROOT, input="", capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "open\n"), ended.stderr


def test_the_lock_of_an_earlier_version_is_taken_over(path: Path) -> None:
    with closing(sqlite3.connect(lock_of(path))) as connection:
        connection.execute("CREATE TABLE holder (process INTEGER NOT NULL)")
        connection.execute("INSERT INTO holder VALUES (1)")
        connection.commit()
    with open_journal(path):
        found = writer_of(path)
        assert found is not None
        assert found.process == os.getpid()


def test_a_holder_that_has_not_said_its_name_is_a_holder_all_the_same(path: Path) -> None:
    with closing(sqlite3.connect(lock_of(path))) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match=r"in use by another run\. Wait for it"), open_journal(path):
            pass


def test_a_damaged_lock_says_that_it_may_be_deleted(path: Path) -> None:
    lock_of(path).write_bytes(b"something else altogether" * 99)
    with (
        pytest.raises(JournalError, match=r"contacts\.journal\.lock.*delete it if no run is going on"),
        open_journal(path),
    ):
        pass
    assert writer_of(path) is None
    lock_of(path).unlink()
    with open_journal(path):
        pass


def test_those_who_look_for_a_holder_stand_in_nobody_s_way(path: Path) -> None:
    """Neither in that of a run that begins meanwhile, nor in each other's."""
    with open_journal(path):
        pass
    stop, seen = threading.Event(), list[Writer | None]()

    def look() -> None:
        while not stop.is_set():
            seen.append(writer_of(path))

    looking = [threading.Thread(target=look) for _ in range(2)]
    for thread in looking:
        thread.start()
    while len(seen) < 50:
        assert set(seen) <= {None}
    for _ in range(5):
        with open_journal(path):
            pass
    stop.set()
    for thread in looking:
        thread.join()


def test_a_lock_that_is_held_for_a_moment_is_waited_for(path: Path) -> None:
    with open_journal(path):
        pass
    looking = sqlite3.connect(lock_of(path), isolation_level=None, check_same_thread=False)
    looking.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.1, looking.close)
    release.start()
    with open_journal(path):
        release.join()
