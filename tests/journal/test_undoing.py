"""The journal as an undo works on it: which operations belong together, and which are taken back already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.journal import Journal, Planned, Settlement, UndoJournal, kept_by_undo, undone
from importer.model import Action, Operation, Outcome, OutcomeKind, UndoCounts, Undone
from tests.fakes.journals import read, settle, three
from tests.fakes.nouns import AT, ORIGIN, run_facts, stored

if TYPE_CHECKING:
    from importer.journal import Work


def looked(journal: Journal) -> UndoJournal:
    book = UndoJournal(journal, ORIGIN)
    book.look()
    return book


def chains(book: UndoJournal) -> list[list[int]]:
    """The operations of each company that are to be taken back, by number."""
    return [[wrote.operation for wrote in chain] for _, chain in book.chains()]


def wrote(journal: Journal, action: Action, kind: OutcomeKind, kanbert_id: str | None) -> None:
    """Let a run of its own write to the company of every row."""
    intake = read(journal, *three(phone=f"{action}{kanbert_id}"), run=f"{action}{kind}{kanbert_id}")
    works = journal.works(intake.run, after=0, limit=10)
    plans = journal.intend(intake.run, [Planned(work, Operation(action, work.desired)) for work in works], at=AT)
    settlements = [
        Settlement(
            plan.work.row,
            Outcome(kind, kanbert_id and f"{kanbert_id}-{plan.work.desired.external_id}"),
            plan.operation_id,
        )
        for plan in plans
    ]
    journal.settle(settlements, [], run=intake.run, at=AT)
    journal.finish(intake.run, state="ended", at=AT)


def begun(book: UndoJournal, name: str = "u1") -> tuple[int, list[Work]]:
    run = book.begin(run_facts(name, "undo"))
    return run, book.works(run, after=0, limit=100)


def test_all_that_was_written_to_a_company_is_one_piece_of_work(journal: Journal) -> None:
    wrote(journal, Action.CREATE, OutcomeKind.CREATED, "7")
    wrote(journal, Action.UPDATE, OutcomeKind.UPDATED, "7")
    book = looked(journal)
    assert chains(book) == [[1, 4], [2, 5], [3, 6]]
    assert (book.left, book.operations) == (3, 6)
    _, works = begun(book)
    assert [(work.row, work.number, work.desired.external_id) for work in works] == [
        (4, 2, "2"),
        (5, 3, "3"),
        (6, 4, "4"),
    ]


def test_a_create_that_was_intended_again_after_a_kill_is_one_write(journal: Journal) -> None:
    intake = read(journal, *three())
    works = journal.works(intake.run, after=0, limit=10)
    plans = [Planned(work, Operation(Action.CREATE, work.desired)) for work in works]
    journal.intend(intake.run, plans, at=AT)
    assert (looked(journal).left, looked(journal).operations) == (3, 3)
    settle(journal, intake.run, OutcomeKind.CREATED)
    book = looked(journal)
    assert ([len(chain) for chain in chains(book)], book.left, book.operations) == ([2, 2, 2], 3, 3)


def test_two_companies_that_had_one_external_id_are_two_pieces_of_work(journal: Journal) -> None:
    """What has no id belongs to the next write of its external_id that has one."""
    wrote(journal, Action.CREATE, OutcomeKind.CREATED, "7")
    wrote(journal, Action.CREATE, OutcomeKind.UNKNOWN, None)
    wrote(journal, Action.UPDATE, OutcomeKind.CREATED, "8")
    wrote(journal, Action.UPDATE, OutcomeKind.UNKNOWN, None)
    assert chains(looked(journal)) == [[1], [2], [3], [4, 7, 10], [5, 8, 11], [6, 9, 12]]


def test_what_changed_nothing_is_not_taken_back(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.REFUSED)
    with journal.transaction() as connection:
        connection.execute("UPDATE operation SET after = NULL")
    assert chains(looked(journal)) == []


def test_only_what_is_taken_back_is_not_to_be_taken_back_again(journal: Journal) -> None:
    wrote(journal, Action.CREATE, OutcomeKind.CREATED, "7")
    book = looked(journal)
    run, works = begun(book)
    kinds = (Undone.ARCHIVED, Undone.KEPT, Undone.FAILED)
    book.settle(
        [
            Settlement(work.row, Outcome(kind, f"7-{work.desired.external_id}"))
            for work, kind in zip(works, kinds, strict=True)
        ],
        [],
        run=run,
        at=AT,
    )
    book.finish(run, state="ended", at=AT)
    assert book.left == 0
    assert undone(journal.view, run) == UndoCounts(companies=3, operations=3, archived=1, kept=1, failed=1)
    assert journal.view.counts().pending == 1
    assert chains(looked(journal)) == [[2], [3]]


def test_an_intent_without_an_outcome_is_unknown_and_what_was_not_begun_is_pending(journal: Journal) -> None:
    wrote(journal, Action.CREATE, OutcomeKind.CREATED, "7")
    book = looked(journal)
    run, works = begun(book)
    operation = Operation(Action.ARCHIVE, works[0].desired, "7", before=stored({}).body)
    [planned] = book.intend(run, [Planned(works[0], operation)], at=AT)
    assert undone(journal.view, run) == UndoCounts(companies=3, operations=3, unknown=1, pending=2)
    [kept] = kept_by_undo(journal.view, run, limit=10)
    assert (kept.external_id, kept.kind, "cut off" in kept.message) == ("2", Undone.UNKNOWN, True)
    again = looked(journal)
    _, works = begun(again, "u2")
    assert [work.intent is not None for work in works] == [True, False, False]
    assert planned.operation_id is not None
    again.withdraw([planned.operation_id])
    assert undone(journal.view, run).unknown == 0


def test_an_intent_is_of_the_company_that_it_was_made_for(journal: Journal) -> None:
    wrote(journal, Action.CREATE, OutcomeKind.CREATED, "7")
    wrote(journal, Action.CREATE, OutcomeKind.CREATED, "8")
    book = looked(journal)
    run, works = begun(book)
    book.intend(run, [Planned(works[0], Operation(Action.ARCHIVE, works[0].desired, "7-2"))], at=AT)
    _, works = begun(looked(journal), "u2")
    assert [work.row for work in works if work.intent is not None] == [1]


def test_a_run_looks_again_at_rows_whose_undo_was_begun(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED)
    book = looked(journal)
    run, works = begun(book)
    book.intend(run, [Planned(works[0], Operation(Action.ARCHIVE, works[0].desired, "7"))], at=AT)
    intake = read(journal, *three(), run="r2")
    assert (intake.done, [work.number for work in journal.works(intake.run, after=0, limit=9)]) == (2, [2])
    assert journal.works(intake.run, after=0, limit=9)[0].intent is None
