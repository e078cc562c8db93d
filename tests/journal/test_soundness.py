"""Files that are no journal, not whole, or mixed up with another one: known as such, and left as they are."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from importer.errors import JournalError
from importer.journal import Journal, open_journal, view_journal
from importer.journal.files import intact
from importer.journal.soundness import checkpoint
from importer.model import Counts, OutcomeKind
from tests.fakes.journals import URL, read, refusal, settle, three
from tests.fakes.nouns import ORIGIN, desired, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS = 300
WAL_HEADER = 32  # bytes


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def filled(path: Path, *, name: str = "") -> None:
    with open_journal(path) as journal:
        fill(journal, name)


def fill(journal: Journal, name: str = "") -> None:
    journal.bind(url=URL, origin=ORIGIN)
    rows = [(row(n), desired(f"{name}{n}", phone=str(n) * 9)) for n in range(2, ROWS + 2)]
    settle(journal, read(journal, *rows).run, OutcomeKind.CREATED, limit=ROWS)


@contextmanager
def being_written(path: Path, *, name: str = "") -> Iterator[Journal]:
    """A journal with a -wal that holds what was written last, as a kill leaves it: copy it to see it so."""
    with open_journal(path) as journal:
        fill(journal, name)
        assert beside(path, "-wal").stat().st_size > WAL_HEADER
        yield journal


def snapshot(path: Path, to: Path, *suffixes: str) -> None:
    for suffix in ("", *suffixes):
        shutil.copyfile(beside(path, suffix), beside(to, suffix))


def stays(folder: Path) -> dict[str, bytes]:
    """What must not change; a -shm is SQLite's scratch, a lock holds nothing."""
    files = (one for one in folder.iterdir() if one.is_file() and not one.name.endswith(("-shm", ".lock")))
    return {one.name: one.read_bytes() for one in files}


def is_refused(path: Path, *words: str) -> None:
    """Neither writing nor reading is begun, the message says what and what next, and no byte has changed."""
    before = stays(path.parent)
    for opening in (open_journal, view_journal):
        with pytest.raises(JournalError) as refused, opening(path):
            pass
        for word in (str(path), *words):
            assert word in str(refused.value)
    assert stays(path.parent) == before


# ── what is no journal ───────────────────────────────────────────────────────────────────────────────────────────────


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")


def newer_journal(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def newer_journal_of_strange_tables(path: Path) -> None:
    newer_journal(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE seal")
        connection.execute("DROP TABLE row")


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def noise_behind_a_header(path: Path) -> None:
    filled(path)
    path.write_bytes(path.read_bytes()[:100] + bytes(range(256)) * 64)


def cut_in_half(path: Path) -> None:
    filled(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def cut_to(size: int) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        filled(path)
        path.write_bytes(path.read_bytes()[:size])

    return cut


def zeroed_pages(path: Path) -> None:
    filled(path)
    content = bytearray(path.read_bytes())
    content[8192 : 8192 + 3 * 4096] = bytes(3 * 4096)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(noise, ["no journal", "--journal", "not created twice"], id="noise"),
        pytest.param(noise_behind_a_header, ["damaged", "not created twice"], id="noise-behind-a-header"),
        pytest.param(other_database, ["another program", "--journal"], id="another-database"),
        pytest.param(newer_journal, ["newer kanbert-import", "schema 99", "Upgrade"], id="newer"),
        pytest.param(newer_journal_of_strange_tables, ["newer kanbert-import", "Upgrade"], id="newer-tables"),
        pytest.param(cut_in_half, ["damaged", "not created twice"], id="cut-in-half"),
        pytest.param(cut_to(4096), ["damaged", "not created twice"], id="cut-to-a-page"),
        pytest.param(cut_to(100), ["damaged", "not created twice"], id="cut-to-a-header"),
        pytest.param(cut_to(7), ["damaged", "not created twice"], id="cut-to-a-word"),
        pytest.param(zeroed_pages, ["damaged", "not created twice"], id="zeroed-pages"),
    ],
)
def test_what_is_no_sound_journal_is_refused_and_stays(
    path: Path, make: Callable[[Path], None], words: list[str]
) -> None:
    make(path)
    is_refused(path, *words)


def test_a_folder_is_no_journal(path: Path) -> None:
    path.mkdir()
    with pytest.raises(JournalError, match=r"it is a folder.*--journal"), open_journal(path):
        pass
    with pytest.raises(JournalError, match=r"is a folder\. Name a journal in it"), view_journal(path):
        pass


def test_an_empty_file_is_a_new_journal(path: Path) -> None:
    path.touch()
    filled(path)
    with view_journal(path) as view:
        assert view.counts() == Counts(read=ROWS, created=ROWS)


# ── what was written last stands in the -wal ─────────────────────────────────────────────────────────────────────────


def test_a_killed_journal_comes_back_with_its_wal(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    with being_written(path):
        snapshot(path, copy, "-wal")
    before = stays(copy.parent)
    with view_journal(copy) as view:
        assert view.counts() == Counts(read=ROWS, created=ROWS)
    assert stays(copy.parent) == before  # a reader ends nothing that a run has to go on with
    with open_journal(copy) as journal:
        assert journal.view.counts() == Counts(read=ROWS, created=ROWS)
    assert not beside(copy, "-wal").exists()


def test_a_missing_wal_is_noticed(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    with being_written(path):
        snapshot(path, copy)
    is_refused(copy, "-wal", "missing", "bring that file along", "not created twice")


def test_a_missing_wal_is_noticed_after_checkpoints_too(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    with being_written(path) as journal:
        checkpoint(journal._connection)
        journal.bind(url=URL, origin=ORIGIN)
        snapshot(path, copy)
    is_refused(copy, "missing")


def test_a_wal_that_another_program_brought_in_is_not_missed(path: Path, tmp_path: Path) -> None:
    """A look into a killed journal with another program closes it in order: nothing is gone."""
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    with being_written(path):
        snapshot(path, copy, "-wal")
    with closing(sqlite3.connect(copy)) as looking:
        looking.execute("SELECT count(*) FROM row").fetchone()
    assert not beside(copy, "-wal").exists()
    with open_journal(copy) as journal:
        assert journal.view.counts() == Counts(read=ROWS, created=ROWS)


def test_a_wal_of_another_journal_is_noticed(path: Path, tmp_path: Path) -> None:
    """SQLite by itself would take the other journal's pages for its own."""
    filled(path)
    other = tmp_path / "other" / "other.journal"
    other.parent.mkdir()
    with being_written(other, name="other-"):
        shutil.copyfile(beside(other, "-wal"), beside(path, "-wal"))
    is_refused(path, f"{path}-wal", "does not belong")
    beside(path, "-wal").unlink()
    with open_journal(path) as journal:
        assert journal.view.counts() == Counts(read=ROWS, created=ROWS)


def test_a_wal_of_an_older_copy_is_noticed(path: Path, tmp_path: Path) -> None:
    old = tmp_path / "old" / path.name
    old.parent.mkdir()
    with being_written(path) as journal:
        snapshot(path, old, "-wal")
        settle(journal, read(journal, *three(), run="r2").run, OutcomeKind.CREATED)
    shutil.copyfile(beside(old, "-wal"), beside(path, "-wal"))
    is_refused(path, f"{path}-wal", "does not belong")


def test_a_journal_that_is_gone_from_beside_its_wal_is_noticed(path: Path) -> None:
    with being_written(path):
        wal = beside(path, "-wal").read_bytes()
    path.write_bytes(b"")
    beside(path, "-wal").write_bytes(wal)
    before = stays(path.parent)
    with pytest.raises(JournalError, match="is empty, but"), open_journal(path):
        pass
    assert stays(path.parent) == before


def test_a_noisy_wal_is_passed_over_and_what_it_held_is_missed(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    with being_written(path):
        snapshot(path, copy)
    beside(copy, "-wal").write_bytes(bytes(range(256)) * 99)
    with pytest.raises(JournalError, match="not whole"), open_journal(copy):
        pass


def test_the_wal_stays_small(path: Path) -> None:
    with open_journal(path) as journal:
        for run in range(40):
            fill_and_read_again(journal, run)
            assert beside(path, "-wal").stat().st_size < 10_000_000
        assert path.stat().st_size > 100_000


def fill_and_read_again(journal: Journal, run: int) -> None:
    journal.bind(url=URL, origin=ORIGIN)
    rows = [(row(n, "x" * 900), desired(str(n), phone=f"{run}")) for n in range(2, ROWS + 2)]
    read(journal, *rows, run=f"r{run}")


def test_a_reader_in_the_way_of_a_checkpoint_holds_nothing_up(path: Path) -> None:
    with ExitStack() as stack:
        journal = stack.enter_context(open_journal(path))
        fill_and_read_again(journal, 0)
        reader = stack.enter_context(closing(sqlite3.connect(path)))
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM operation").fetchone()
        for run in range(1, 30):
            fill_and_read_again(journal, run)
        assert reader.execute("SELECT count(*) FROM operation").fetchone() == before
        assert journal.view.counts() == Counts(read=ROWS, pending=ROWS)


# ── what SQLite does not see ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_payload_with_a_flipped_letter_is_not_sent(journal: Journal) -> None:
    run = read(journal, *three(phone="0201234")).run
    journal._connection.execute("UPDATE row SET payload = replace(payload, '0201234', '0201235') WHERE number = 3")
    with pytest.raises(JournalError, match=r"damaged.*row 3.*not created twice"):
        journal.works(run, after=0, limit=9)


@pytest.mark.parametrize(
    ("change", "question"),
    [
        ("UPDATE row SET outcome = 'creatud'", lambda view: view.counts()),
        ("UPDATE run SET source = '{'", lambda view: view.last_run()),
        ("UPDATE row SET cells = '[1'", lambda view: list(view.mapped_rows())),
        ("UPDATE issue SET severity = 'errod'", lambda view: view.groups()),
        ("UPDATE issue SET code = 'no-such-code', severity = 'error'", lambda view: list(view.problem_rows())),
    ],
)
def test_words_that_cannot_be_are_damage(journal: Journal, change: str, question: Callable[[object], object]) -> None:
    read(journal, *three(), (row(9), refusal()))
    journal._connection.execute(change)
    with pytest.raises(JournalError, match=r"is damaged or no journal.*--journal"):
        question(journal.view)


def test_damage_names_the_temporary_journal_too() -> None:
    with pytest.raises(JournalError, match="the temporary journal is damaged"), intact(None):
        raise ValueError
