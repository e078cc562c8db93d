"""The journal's writer where it cannot write."""

from __future__ import annotations

import anyio
import pytest

from importer.errors import JournalError
from importer.journal import Journal, Planned, Settlement, open_scribe
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
