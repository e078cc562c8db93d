"""The journal's writer: what it commits together, how soon, and where it cannot write, or is slow."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from importer.errors import JournalError
from importer.journal import (
    AttemptRecord,
    Journal,
    Planned,
    Scribe,
    Settlement,
    Work,
    open_scribe,
    temporary_journal,
    view_journal,
)
from importer.model import Action, Operation, Outcome, OutcomeKind
from tests.fakes.journals import read, three
from tests.fakes.nouns import AT, desired, row

if TYPE_CHECKING:
    from pathlib import Path

NEVER = 3600.0  # seconds that no test waits
SOON = 10.0  # that one waits at most, on a busy machine
ATTEMPT = AttemptRecord("2", "POST", "/companies", 201, 0.1, None, "", AT)


def create(work: Work) -> Planned:
    return Planned(work, Operation(Action.CREATE, work.desired, body=work.desired.payload))


def created(planned: Planned) -> Settlement:
    return Settlement(planned.work.row, Outcome(OutcomeKind.CREATED, "k"), planned.operation_id)


def skipped(work: Work) -> Settlement:
    return Settlement(work.row, Outcome(OutcomeKind.SKIPPED))


def many(journal: Journal, rows: int) -> tuple[int, list[Work]]:
    run = read(journal, *((row(n + 2), desired(f"k{n}")) for n in range(rows))).run
    return run, journal.works(run, after=0, limit=rows)


def commits_of(journal: Journal) -> list[str]:
    """The commits from here on, as they come."""
    commits: list[str] = []
    journal._connection.set_trace_callback(lambda said: commits.append(said) if said == "COMMIT" else None)
    return commits


def pending_beside(path: Path, run: int) -> int:
    """What another process sees."""
    with view_journal(path) as view:
        return view.counts(run).pending


async def until_pending(path: Path, run: int, rows: int) -> None:
    with anyio.fail_after(SOON):
        while await anyio.to_thread.run_sync(pending_beside, path, run) != rows:
            pass


def test_outcomes_are_committed_with_the_next_intents_in_one_transaction(journal: Journal) -> None:
    run, works = many(journal, 4)
    commits = commits_of(journal)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT, patience=NEVER) as scribe:
            for planned in await scribe.intend(list(map(create, works[:3]))):
                scribe.sending(planned)
                scribe.note_attempt(ATTEMPT)
                await scribe.settle(created(planned))
            scribe.sending(*await scribe.intend([create(works[3])]))
            assert len(commits) == 2
            counts = await scribe.call(journal.view.counts, run)
            assert (counts.created, counts.unknown) == (3, 1)

    anyio.run(write)
    assert len(commits) == 2
    with journal.reading() as connection:
        assert connection.execute("SELECT count(*) FROM attempt").fetchone()[0] == 3


def test_an_outcome_that_no_further_one_follows_is_soon_seen_by_another_process(journal: Journal, path: Path) -> None:
    run, works = many(journal, 2)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT) as scribe:
            for left, work in ((1, works[0]), (0, works[1])):
                await scribe.settle(skipped(work))
                await until_pending(path, run, left)

    anyio.run(write)


def test_many_outcomes_wait_for_no_further_ones(journal: Journal, path: Path) -> None:
    run, works = many(journal, 256)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT, patience=NEVER) as scribe:
            for work in works[:255]:
                await scribe.settle(skipped(work))
            await anyio.wait_all_tasks_blocked()
            assert await anyio.to_thread.run_sync(pending_beside, path, run) == 256
            await scribe.settle(skipped(works[255]))
            await until_pending(path, run, 0)

    anyio.run(write)


def test_where_too_many_outcomes_wait_whoever_hands_over_the_next_waits_as_well(journal: Journal) -> None:
    run, works = many(journal, 1000)
    commits = commits_of(journal)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT, patience=NEVER) as scribe:
            for work in works:  # nobody else has a turn
                assert not commits
                await scribe.settle(skipped(work))
            assert commits

    anyio.run(write)


def test_an_outcome_that_is_handed_over_while_the_disk_writes_others_is_not_lost(journal: Journal) -> None:
    run, works = many(journal, 3)
    writes, disk = threading.Event(), threading.Event()

    def slowly(statement: str) -> None:
        if statement.startswith("BEGIN"):
            writes.set()
            disk.wait(SOON)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT, patience=0.0) as scribe:
            journal._connection.set_trace_callback(slowly)
            await scribe.settle(skipped(works[0]))
            await anyio.to_thread.run_sync(writes.wait, SOON)
            await scribe.settle(skipped(works[1]))
            await scribe.settle(skipped(works[2]))
            disk.set()

    anyio.run(write)
    assert journal.view.counts(run).pending == 0


def test_what_had_gathered_when_intents_could_not_be_written_is_written_later(journal: Journal) -> None:
    run, works = many(journal, 2)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT, patience=NEVER) as scribe:
            [planned] = await scribe.intend([create(works[0])])
            scribe.sending(planned)
            scribe.note_attempt(ATTEMPT)
            await scribe.settle(created(planned))
            await scribe.call(lambda: journal._connection.execute("ALTER TABLE attempt RENAME TO away"))
            with pytest.raises(JournalError, match="no such table"):
                await scribe.intend([create(works[1])])
            assert scribe.failed.is_set()
            await scribe.call(lambda: journal._connection.execute("ALTER TABLE away RENAME TO attempt"))

    with pytest.raises(BaseExceptionGroup) as group:
        anyio.run(write)
    assert group.group_contains(JournalError, match="no such table")
    counts = journal.view.counts(run)
    assert (counts.created, counts.unknown, counts.pending) == (1, 0, 1)


STEPS = st.lists(
    st.tuples(st.sampled_from(["intend", "settle", "skip", "yield", "look"]), st.integers(0, 3)), max_size=12
)


@dataclass
class Story:
    """What was handed to a scribe, step by step."""

    journal: Journal
    run: int
    works: list[Work]
    to_do: list[Work] = field(default_factory=list)
    sent: list[Planned] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)

    async def step(self, scribe: Scribe, what: str, size: int) -> None:
        match what:
            case "intend":
                for planned in await scribe.intend([create(self.to_do.pop()) for _ in range(size)]):
                    scribe.sending(planned)
                    self.sent.append(planned)
            case "settle" if self.sent:
                await self._settle(scribe, created(self.sent.pop()))
            case "skip":
                await self._settle(scribe, skipped(self.to_do.pop()))
            case "look":
                found = {work.row for work in await scribe.works(after=0, limit=len(self.works))}
                assert found == {work.row for work in self.works} - {one.row for one in self.settled}
            case _:
                for _ in range(size):
                    await checkpoint()

    async def _settle(self, scribe: Scribe, settlement: Settlement) -> None:
        scribe.note_attempt(ATTEMPT)
        await scribe.settle(settlement)
        self.settled.append(settlement)

    def is_all_there(self) -> None:
        with self.journal.reading() as connection:
            outcomes = connection.execute("SELECT id, outcome FROM row WHERE outcome IS NOT NULL").fetchall()
            open_ones = connection.execute("SELECT row FROM operation WHERE outcome IS NULL").fetchall()
            assert connection.execute("SELECT count(*) FROM attempt").fetchone()[0] == len(self.settled)
        assert dict(outcomes) == {one.row: one.outcome.kind for one in self.settled}
        assert {one["row"] for one in open_ones} == {planned.work.row for planned in self.sent}


@given(STEPS, st.sampled_from([0.0, NEVER]), st.booleans())
def test_all_that_was_handed_over_is_there_once_whatever_came_in_between(
    steps: list[tuple[str, int]], patience: float, cancelled: bool
) -> None:
    async def write(story: Story) -> None:
        with anyio.CancelScope() as scope:
            async with open_scribe(story.journal, story.run, now=lambda: AT, patience=patience) as scribe:
                for what, size in steps:
                    await story.step(scribe, what, size)
                if cancelled:
                    scope.cancel()
                    await checkpoint()

    with temporary_journal() as journal:
        run, works = many(journal, 40)
        story = Story(journal, run, works, list(works))
        anyio.run(write, story)
        story.is_all_there()


def test_no_intent_is_made_once_an_outcome_could_not_be_written_and_what_can_be_later_is(journal: Journal) -> None:
    run = read(journal, *three()).run
    first, second, _ = journal.works(run, after=0, limit=3)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT) as scribe:
            [planned] = await scribe.intend([Planned(first, Operation(Action.CREATE, first.desired))])
            scribe.sending(planned)
            await scribe.call(lambda: journal._connection.execute("ALTER TABLE attempt RENAME TO away"))
            scribe.note_attempt(ATTEMPT)
            await scribe.settle(Settlement(first.row, Outcome(OutcomeKind.CREATED, "k"), planned.operation_id))
            await scribe.failed.wait()
            with pytest.raises(JournalError, match="no such table"):
                await scribe.intend([Planned(second, Operation(Action.CREATE, second.desired))])
            await scribe.call(lambda: journal._connection.execute("ALTER TABLE away RENAME TO attempt"))

    with pytest.raises(BaseExceptionGroup) as group:
        anyio.run(write)
    assert group.group_contains(JournalError, match="no such table")
    counts = journal.view.counts(run)
    assert (counts.created, counts.pending) == (1, 2)


def test_a_row_whose_outcome_waits_for_a_slow_disk_is_not_taken_up_again(journal: Journal) -> None:
    """Else a further pass would look it up and count it twice."""
    run = read(journal, *three()).run
    first, second, third = journal.works(run, after=0, limit=3)
    done = Outcome(OutcomeKind.SKIPPED, None)
    found: list[int] = []

    async def look(scribe: Scribe) -> None:
        found.extend(work.row for work in await scribe.works(after=0, limit=1))

    async def write() -> None:
        disk = threading.Event()
        async with open_scribe(journal, run, now=lambda: AT) as scribe, anyio.create_task_group() as group:
            group.start_soon(scribe.call, disk.wait)
            await anyio.wait_all_tasks_blocked()
            await scribe.settle(Settlement(first.row, done))  # its commit waits for the writer
            await anyio.wait_all_tasks_blocked()
            await scribe.settle(Settlement(second.row, done))  # this one for that commit
            group.start_soon(look, scribe)
            await anyio.wait_all_tasks_blocked()
            disk.set()

    anyio.run(write)
    assert found == [third.row]
