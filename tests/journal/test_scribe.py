"""The journal's writer where it cannot write, or is slow."""

from __future__ import annotations

import threading

import anyio
import pytest

from importer.errors import JournalError
from importer.journal import AttemptRecord, Journal, Planned, Scribe, Settlement, open_scribe
from importer.model import Action, Operation, Outcome, OutcomeKind
from tests.fakes.journals import read, three
from tests.fakes.nouns import AT


def test_no_intent_is_made_once_an_outcome_could_not_be_written_and_what_can_be_later_is(journal: Journal) -> None:
    run = read(journal, *three()).run
    first, second, _ = journal.works(run, after=0, limit=3)

    async def write() -> None:
        async with open_scribe(journal, run, now=lambda: AT) as scribe:
            [planned] = await scribe.intend([Planned(first, Operation(Action.CREATE, first.desired))])
            scribe.sending(planned)
            await scribe.call(lambda: journal._connection.execute("ALTER TABLE attempt RENAME TO away"))
            scribe.note_attempt(AttemptRecord("2", "POST", "/companies", 201, 0.1, None, "", AT))
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
