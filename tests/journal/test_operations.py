"""Many rows a statement: the same as a statement for each, and never less than all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.company import as_text
from importer.errors import JournalError
from importer.journal import Journal, Planned, Settlement, Work, open_journal, temporary_journal
from importer.model import Action, Code, Desired, Issue, Operation, Outcome, OutcomeKind
from tests.fakes.journals import PLACE, read, three
from tests.fakes.nouns import AT, desired, row

if TYPE_CHECKING:
    from pathlib import Path

    from importer.model import Json, Payload

ROWS = 5
KINDS = [kind for kind in OutcomeKind if kind is not OutcomeKind.SKIPPED]
ACTIONS = (Action.CREATE, Action.UPDATE, Action.ADOPT, Action.RESTORE)
LATER = "2026-01-01T00:00:09+00:00"
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=9,
)


@dataclass(frozen=True)
class Past:
    """Intents that a row had before, of which nobody knows the end, the one that it has now, and what becomes of it."""

    older: tuple[Action, ...]
    action: Action | None
    kind: OutcomeKind


PASTS = st.builds(
    Past,
    st.lists(st.sampled_from(ACTIONS), max_size=2).map(tuple),
    st.none() | st.sampled_from(ACTIONS),
    st.sampled_from(KINDS),
)


def planned(work: Work, action: Action) -> Planned:
    body: Payload = work.desired.payload if action is Action.CREATE else {"phone": "1"}
    return Planned(work, Operation(action, work.desired, body=body, before={"id": "7"}))


def lived(journal: Journal, pasts: list[Past]) -> tuple[int, list[Settlement]]:
    run = read(journal, *((row(n + 2), desired(f"k{n}")) for n in range(ROWS))).run
    works, settlements = journal.works(run, after=0, limit=ROWS), list[Settlement]()
    for work, past in zip(works, pasts, strict=True):
        for action in past.older:
            journal.intend(run, [planned(work, action)], at=AT)
        number = None
        if past.action is not None:
            [intended] = journal.intend(run, [planned(work, past.action)], at=AT)
            number = intended.operation_id
        issues = (Issue.of(Code.GAVE_UP, PLACE, detail="x"),) if past.kind is OutcomeKind.FAILED else ()
        outcome = Outcome(past.kind, f"c{work.row}" if work.row % 2 else None, f'{{"é":{work.row}}}', issues)
        settlements.append(Settlement(work.row, outcome, number))
    return run, settlements


def kept(journal: Journal) -> list[list[tuple[object, ...]]]:
    with journal.reading() as connection:
        return [
            [tuple(one) for one in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")]  # noqa: S608 - our own words
            for table in ("row", "operation", "issue")
        ]


@given(st.lists(PASTS, min_size=ROWS, max_size=ROWS))
def test_rows_settled_together_end_as_rows_settled_one_by_one(pasts: list[Past]) -> None:
    with temporary_journal() as together, temporary_journal() as apart:
        run, settlements = lived(together, pasts)
        together.settle(settlements, [], run=run, at=LATER)
        run, settlements = lived(apart, pasts)
        for one in settlements:
            apart.settle([one], [], run=run, at=LATER)
        assert kept(together) == kept(apart)
        rows, operations, _ = kept(together)
        for entry, past in zip(rows, pasts, strict=True):
            open_ones = [op for op in operations if op[2] == entry[0] and op[11] in {None, "unknown"}]
            known = past.kind not in {OutcomeKind.FAILED, OutcomeKind.UNKNOWN}
            assert not (known and open_ones), "an older intent of a row whose outcome is known needs no look-up"
            assert known or len(open_ones) >= len(past.older), "nobody has seen how these ended"


@given(st.lists(PASTS, min_size=ROWS, max_size=ROWS))
def test_rows_taken_up_together_have_the_intents_that_they_have_alone(pasts: list[Past]) -> None:
    with temporary_journal() as journal:
        run, _ = lived(journal, pasts)
        together = journal.works(run, after=0, limit=ROWS)
        assert together == [journal.works(run, after=work.row - 1, limit=1)[0] for work in together]
        for work, past in zip(together, pasts, strict=True):
            begun = [*past.older, *([] if past.action is None else [past.action])]
            firsts = [action for action in begun if action is not Action.UPDATE]
            assert (work.intent and work.intent.action) == (firsts or begun or [None])[-1]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4, unique=True))
def test_rows_are_taken_up_as_they_were_read_whatever_they_hold(texts: list[str]) -> None:
    wanted = [desired(text, phone=text) for text in texts]
    with temporary_journal() as journal:
        run = read(journal, *((row(2 + at), one) for at, one in enumerate(wanted))).run
        taken = [work for work in journal.works(run, after=0, limit=9) if work.desired in wanted]
        assert [(work.number, work.desired) for work in taken] == [
            (2 + wanted.index(work.desired), work.desired) for work in taken
        ]
        assert len(taken) == journal.view.counts(run).read - journal.view.counts(run).refused


def test_an_intent_whose_row_is_gone_is_an_error_and_leaves_no_other_one_behind(journal: Journal) -> None:
    """Nothing may be sent that the journal does not have."""
    run = read(journal, *three()).run
    works = journal.works(run, after=0, limit=3)
    with journal.transaction() as connection:
        connection.execute("DELETE FROM row WHERE id = ?", (works[1].row,))
    with pytest.raises(JournalError, match="3 intents have 2 rows"):
        journal.intend(run, [planned(work, Action.CREATE) for work in works], at=AT)
    assert kept(journal)[1] == []


def test_a_client_that_a_row_names_is_kept_as_it_was_sent(journal: Journal) -> None:
    """By its id, where the row has what it is named by."""
    named = desired("k1", client_id={"external_id": "c1"})
    run = read(journal, (row(2), named)).run
    [work] = journal.works(run, after=0, limit=1)
    found = Desired("k1", {**named.payload, "client_id": "9"})
    journal.intend(run, [planned(replace(work, desired=found), Action.CREATE)], at=AT)
    [again] = journal.works(run, after=0, limit=1)
    assert again.desired == named
    assert again.intent is not None
    assert again.intent.body == found.payload


def test_what_was_settled_goes_with_the_next_intents_all_or_nothing(path: Path) -> None:
    with open_journal(path) as journal:
        run = read(journal, *three()).run
        first, second, third = journal.works(run, after=0, limit=3)
        [sent] = journal.intend(run, [planned(first, Action.CREATE)], at=AT)
        settlement = Settlement(first.row, Outcome(OutcomeKind.CREATED, "k"), sent.operation_id)
        gone = Work(99, 99, third.desired)
        with pytest.raises(JournalError):
            journal.intend(run, [planned(gone, Action.CREATE)], at=AT, settlements=[settlement])
        assert (journal.view.counts(run).created, journal.view.counts(run).pending) == (0, 2)
        journal.intend(run, [planned(second, Action.CREATE)], at=AT, settlements=[settlement])
        assert (journal.view.counts(run).created, journal.view.counts(run).unknown) == (1, 1)


@given(JSON)
def test_what_is_written_for_reading_alone_reads_as_it_was(value: Json) -> None:
    assert json.loads(as_text(value)) == value
