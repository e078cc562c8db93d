"""The journal as a queue: rows in, work out, intents before effects, outcomes after them."""

from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from importer.errors import JournalError
from importer.journal import (
    AttemptRecord,
    Intake,
    Journal,
    Planned,
    Settlement,
    open_journal,
    temporary_journal,
    view_journal,
)
from importer.model import (
    Action,
    Code,
    Counts,
    Issue,
    Location,
    Mapped,
    Operation,
    Outcome,
    OutcomeKind,
    Refusal,
    Row,
    Severity,
    Skip,
)
from tests.fakes.nouns import AT, ORIGIN, desired, row, run_facts, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "https://kanbert.example/api/v1"
PLACE = Location("contacts.csv", None, 2, "id")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with open_journal(path) as opened:
        opened.bind(url=URL, origin=ORIGIN)
        yield opened


def read(journal: Journal, *rows: tuple[Row, Mapped], run: str = "r1", duplicates: str = "refuse") -> Intake:
    return journal.read_source(run_facts(run), rows, duplicates=duplicates, blank_rows=lambda: 1)  # type: ignore[arg-type]  # the tests give the words


def three(**fields: str) -> list[tuple[Row, Mapped]]:
    return [(row(n), desired(str(n), **fields)) for n in (2, 3, 4)]


def refusal(external_id: str | None = None) -> Refusal:
    return Refusal(external_id, (Issue.of(Code.NOT_A_COUNTRY, PLACE, field="address_invoice_country", value="Holand"),))


def settle(journal: Journal, run: int, kind: OutcomeKind, *, limit: int = 100, state: str = "ended") -> None:
    """Take every open row through its intent to an outcome, and end the run."""
    works = journal.works(run, after=0, limit=limit)
    plans = [Planned(work, Operation(Action.CREATE, work.desired, body=work.desired.payload)) for work in works]
    intended = journal.intend(run, plans, at=AT)
    settlements = [
        Settlement(
            plan.work.row, Outcome(kind, f"k{plan.work.row}", stored(plan.operation.body).body), plan.operation_id
        )
        for plan in intended
    ]
    journal.settle(settlements, [], run=run, at=AT)
    journal.finish(run, state=state, at=AT)  # type: ignore[arg-type]  # the tests give the words


def test_a_new_journal_is_readable_by_its_owner_only(journal: Journal, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rows_come_out_as_work_in_the_order_of_the_file(journal: Journal) -> None:
    intake = read(journal, *three(phone="1"))
    assert (intake.rows, intake.blank_rows, intake.resumed, intake.known) == (3, 1, False, False)
    works = journal.works(intake.run, after=0, limit=2)
    assert [work.number for work in works] == [2, 3]
    assert works[0].desired == desired("2", phone="1")
    assert works[0].intent is None
    assert [work.number for work in journal.works(intake.run, after=works[-1].row, limit=2)] == [4]


def test_refused_and_skipped_rows_are_final_without_work(journal: Journal) -> None:
    skip = Skip("9", (Issue.of(Code.SKIPPED_BY_RULE, PLACE, detail="archived"),))
    intake = read(journal, (row(2), refusal()), (row(3), skip), (row(4), desired("4")))
    assert journal.view.counts(intake.run) == Counts(read=3, refused=1, skipped=1, pending=1)
    assert [work.number for work in journal.works(intake.run, after=0, limit=9)] == [4]
    assert journal.view.first_error(intake.run) == 2


def test_rows_with_one_external_id_are_all_refused(journal: Journal) -> None:
    intake = read(journal, (row(2), desired("7")), (row(3), desired("8")), (row(5), desired("7", phone="1")))
    counts = journal.view.counts(intake.run)
    assert (counts.refused, counts.pending) == (2, 1)
    [group] = journal.view.groups(intake.run)[0]
    assert (group.code, group.value, group.count, group.first_rows) == (Code.DUPLICATE_IN_FILE, "7", 2, (2, 5))


@pytest.mark.parametrize(("rule", "kept"), [("first", 2), ("last", 6)])
def test_first_or_last_of_the_duplicates_is_kept_and_the_others_are_skipped(
    journal: Journal, rule: str, kept: int
) -> None:
    intake = read(journal, *((row(n), desired("7", phone=str(n))) for n in (2, 4, 6)), duplicates=rule)
    assert [work.number for work in journal.works(intake.run, after=0, limit=9)] == [kept]
    assert journal.view.counts(intake.run) == Counts(read=3, skipped=2, pending=1)
    assert not journal.view.has_errors(intake.run)


def test_a_refused_row_holds_its_external_id_against_its_duplicate(journal: Journal) -> None:
    intake = read(journal, (row(2), refusal("7")), (row(3), desired("7")))
    assert journal.view.counts(intake.run).refused == 2


def test_a_skipped_row_is_no_duplicate(journal: Journal) -> None:
    intake = read(journal, (row(2), Skip("7", ())), (row(3), desired("7")))
    assert journal.view.counts(intake.run) == Counts(read=2, skipped=1, pending=1)


def test_an_intake_that_fails_leaves_the_journal_as_it_was(journal: Journal) -> None:
    first = read(journal, *three())

    def broken() -> Iterator[tuple[Row, Mapped]]:
        yield row(9), desired("9")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.read_source(run_facts("r2"), broken(), duplicates="refuse", blank_rows=lambda: 0)
    assert journal.view.last_run().run_id == "r1"
    assert journal.view.counts(first.run) == Counts(read=3, pending=3)


def test_a_finished_run_read_again_is_done_without_work(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED)
    again = read(journal, *three(), run="r2")
    assert (again.done, again.changed, again.gone, again.resumed) == (3, 0, 0, False)
    assert journal.view.counts(again.run) == Counts(read=3, unchanged=3)
    assert journal.works(again.run, after=0, limit=9) == []


def test_only_rows_with_another_digest_are_work_again(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED)
    edited: list[tuple[Row, Mapped]] = [*three()[:1], (row(3), desired("3", phone="9")), (row(8), desired("8"))]
    again = read(journal, *edited, run="r2")
    assert (again.done, again.changed, again.gone) == (1, 1, 1)
    assert [work.number for work in journal.works(again.run, after=0, limit=9)] == [3, 8]


def test_a_resumed_run_keeps_outcomes_as_they_were(journal: Journal) -> None:
    first = read(journal, *three())
    settle(journal, first.run, OutcomeKind.CREATED, limit=2, state="stopped")
    again = read(journal, *three(), run="r2")
    assert again.resumed
    assert journal.view.counts(again.run) == Counts(read=3, created=2, pending=1)


def test_a_killed_run_is_resumed_too(journal: Journal) -> None:
    read(journal, *three())
    assert read(journal, *three(), run="r2").resumed


@pytest.mark.parametrize("state", ["stopped", "ended"])
def test_what_kanbert_refused_is_asked_again(journal: Journal, state: str) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.REFUSED, state=state)
    again = read(journal, *three(), run="r2")
    assert len(journal.works(again.run, after=0, limit=9)) == 3


def test_failed_rows_are_tried_again_by_a_resumed_run(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.FAILED, state="stopped")
    assert len(journal.works(read(journal, *three(), run="r2").run, after=0, limit=9)) == 3


def test_an_intent_without_outcome_comes_with_the_work_and_counts_as_unknown(journal: Journal) -> None:
    intake = read(journal, *three())
    [work, *_] = journal.works(intake.run, after=0, limit=9)
    [planned] = journal.intend(
        intake.run, [Planned(work, Operation(Action.CREATE, work.desired, body=work.desired.payload))], at=AT
    )
    assert journal.view.counts(intake.run) == Counts(read=3, unknown=1, pending=2)
    found = journal.works(intake.run, after=0, limit=1)[0]
    assert found.intent is not None
    assert (found.intent.operation, found.intent.action) == (planned.operation_id, Action.CREATE)
    assert found.intent.body == work.desired.payload


def test_an_intent_survives_reading_the_file_again(journal: Journal) -> None:
    intake = read(journal, *three())
    works = journal.works(intake.run, after=0, limit=9)
    journal.intend(intake.run, [Planned(works[1], Operation(Action.CREATE, works[1].desired))], at=AT)
    again = read(journal, *three(), run="r2")
    assert [bool(work.intent) for work in journal.works(again.run, after=0, limit=9)] == [False, True, False]


def test_a_withdrawn_intent_is_forgotten(journal: Journal) -> None:
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    [planned] = journal.intend(intake.run, [Planned(work, Operation(Action.CREATE, work.desired))], at=AT)
    assert planned.operation_id is not None
    journal.withdraw([planned.operation_id])
    assert journal.view.counts(intake.run) == Counts(read=3, pending=3)


def test_a_settled_row_closes_its_older_intents(journal: Journal) -> None:
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    operation = Operation(Action.CREATE, work.desired)
    journal.intend(intake.run, [Planned(work, operation)], at=AT)
    [newer] = journal.intend(intake.run, [Planned(work, operation)], at=AT)
    outcome = Outcome(OutcomeKind.CREATED, "k1")
    journal.settle([Settlement(work.row, outcome, newer.operation_id)], [], run=intake.run, at=AT)
    journal.finish(intake.run, state="ended", at=AT)
    again = read(journal, (row(2), desired("2", phone="new")), run="r2")
    assert journal.works(again.run, after=0, limit=9)[0].intent is None


def test_an_unknown_outcome_keeps_its_intent_open(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.UNKNOWN)
    again = read(journal, *three(), run="r2")
    assert all(work.intent for work in journal.works(again.run, after=0, limit=9))


def test_a_stop_gives_rows_cut_off_in_flight_a_reason(journal: Journal) -> None:
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    journal.intend(intake.run, [Planned(work, Operation(Action.CREATE, work.desired))], at=AT)
    journal.finish(intake.run, state="stopped", at=AT)
    assert journal.view.counts(intake.run) == Counts(read=3, unknown=1, pending=2)
    [problem] = journal.view.problem_rows()
    assert (problem.number, problem.outcome) == (2, OutcomeKind.UNKNOWN)
    assert [issue.code for issue in problem.issues] == [Code.OUTCOME_UNKNOWN]


def test_issues_come_back_with_their_place_and_words(journal: Journal) -> None:
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    place = Location("contacts.csv", None, 2, "name")
    issue = Issue.of(
        Code.STORED_DIFFERS, place, field="company_name", value="sent", detail="kept", severity=Severity.ERROR
    )
    journal.settle(
        [Settlement(work.row, Outcome(OutcomeKind.CREATED, "k", issues=(issue,)))], [], run=intake.run, at=AT
    )
    [problem] = journal.view.problem_rows()
    assert problem.issues == (issue,)
    assert problem.cells == ("2", "Company 2")
    assert journal.view.has_errors(intake.run)


def test_groups_are_most_frequent_first_and_say_when_cut(journal: Journal) -> None:
    others = Refusal(None, (Issue.of(Code.MISSING_REQUIRED, PLACE, field="external_id"),))
    intake = read(journal, (row(2), others), *((row(n), refusal()) for n in range(3, 12)))
    groups, cut = journal.view.groups(intake.run)
    assert [(group.value, group.count) for group in groups] == [("Holand", 9), (None, 1)]
    assert groups[0].first_rows == (3, 4, 5, 6, 7)
    assert not cut
    assert journal.view.groups(intake.run, limit=1) == (groups[:1], True)


def test_attempts_are_kept(journal: Journal, path: Path) -> None:
    intake = read(journal, *three())
    attempt = AttemptRecord("2", "POST", "/companies", None, 0.5, "req-1", "reset", AT)
    journal.settle([], [attempt], run=intake.run, at=AT)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT external_id, status, message FROM attempt").fetchall() == [
            ("2", None, "reset")
        ]


def test_a_retry_takes_up_what_is_not_in_kanbert_and_nothing_else(journal: Journal) -> None:
    intake = read(journal, (row(2), refusal()), *three()[1:])
    settle(journal, intake.run, OutcomeKind.CREATED, limit=1)
    seen: list[int] = []

    def mapped(found: Row) -> Mapped:
        seen.append(found.number)
        return desired(f"again-{found.number}")

    again = journal.take_up(run_facts("r2", "retry"), mapped, duplicates="refuse", corrected=lambda one, _: one)
    assert seen == [2, 4]
    assert (again.rows, again.run) == (2, 2)
    assert [work.desired.external_id for work in journal.works(again.run, after=0, limit=9)] == ["again-2", "again-4"]
    assert not journal.view.has_errors(None)


def test_a_retry_maps_corrected_cells_and_keeps_what_the_reader_found_in_the_others(journal: Journal) -> None:
    found = Issue.of(Code.EXTRA_CELLS, PLACE, detail="2 cells")
    torn = Row(2, ("2", "torn"), (found,))
    read(journal, (torn, Refusal("2", (found,))), (row(3), refusal("3")))
    rows: list[Row] = []

    def mapped(one: Row) -> Mapped:
        rows.append(one)
        return Refusal("2", one.issues) if one.issues else desired(str(one.number))

    corrected = {3: Row(3, ("3", "corrected"))}
    journal.take_up(
        run_facts("r2", "retry"), mapped, duplicates="refuse", corrected=lambda one, _: corrected.get(one.number, one)
    )
    assert rows == [torn, corrected[3]]
    assert [problem.number for problem in journal.view.problem_rows()] == [2]


def test_a_retried_row_is_still_a_duplicate_of_one_that_is_done(journal: Journal) -> None:
    intake = read(journal, (row(2), desired("7")), (row(3), refusal("x")))
    settle(journal, intake.run, OutcomeKind.CREATED)
    journal.take_up(run_facts("r2", "retry"), lambda _: desired("7"), duplicates="refuse", corrected=lambda one, _: one)
    assert journal.view.counts() == Counts(read=2, created=1, refused=1)


def test_the_listing_holds_whole_companies(journal: Journal) -> None:
    company = stored(desired("2").payload)
    journal.add_listed([company, stored({}, kanbert_id="8")])
    assert journal.listed(["2", "3"]) == {"2": company}
    journal.clear_listing()
    assert journal.listed(["2"]) == {}


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
    with pytest.raises(JournalError, match=rf"in use by another run \(process {os.getpid()}\)"), open_journal(path):
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
    with pytest.raises(JournalError, match="Name another place with --journal"), open_journal(tmp_path / "no" / "j"):
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


def test_mapped_rows_come_with_payload_and_issues() -> None:
    with temporary_journal() as journal:
        read(journal, (row(2), refusal()), (row(3), desired("3")))
        first, second = journal.view.mapped_rows()
        assert (first.payload, [issue.code for issue in first.issues]) == (None, [Code.NOT_A_COUNTRY])
        assert (second.payload, second.issues) == (desired("3").payload, ())
        assert journal.knows_rows()


def test_what_the_mapping_makes_of_a_readers_issue_is_what_counts() -> None:
    found = Issue.of(Code.ERROR_CELL, PLACE, value="#N/A")
    unimportant = replace(found, severity=Severity.INFO)
    with temporary_journal() as journal:
        read(journal, (Row(2, ("1", "x"), (found,)), replace(desired("1"), issues=(unimportant,))))
        assert not journal.view.has_errors(None)
        assert list(journal.view.problem_rows()) == []
        assert [(group.severity, group.count) for group in journal.view.groups()[0]] == [(Severity.INFO, 1)]


def test_what_was_said_about_a_stored_company_goes_along_with_it(journal: Journal) -> None:
    place = Location("contacts.csv", None, 2, "name")
    said = Issue.of(Code.STORED_DIFFERS, place, field="company_name", value="a", detail="b")
    intake = read(journal, *three())
    works = journal.works(intake.run, after=0, limit=9)
    outcomes = [Outcome(OutcomeKind.CREATED, "k", issues=(said,)), Outcome(OutcomeKind.CREATED, "k"), serious()]
    journal.settle([Settlement(w.row, o) for w, o in zip(works, outcomes, strict=True)], [], run=intake.run, at=AT)
    journal.finish(intake.run, state="ended", at=AT)
    again = read(journal, *three(), run="r2")
    assert journal.view.counts(again.run) == Counts(read=3, unchanged=2, pending=1)
    assert [group.count for group in journal.view.groups(again.run)[0]] == [1]


def serious() -> Outcome:
    """A company that Kanbert stored otherwise, in a way that matters: a new run looks at it again."""
    issue = Issue.of(Code.STORED_DIFFERS, PLACE, field="address_invoice_country", severity=Severity.ERROR)
    return Outcome(OutcomeKind.CREATED, "k", issues=(issue,))


def test_rows_that_a_kill_cut_off_are_reported_with_a_reason(journal: Journal) -> None:
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    journal.intend(intake.run, [Planned(work, Operation(Action.CREATE, work.desired))], at=AT)
    [group] = journal.view.groups()[0]
    assert (group.code, group.count, group.first_rows) == (Code.OUTCOME_UNKNOWN, 1, (2,))
    [problem] = journal.view.problem_rows()
    assert [issue.code for issue in problem.issues] == [Code.OUTCOME_UNKNOWN]


def test_an_unknown_row_that_was_not_reached_again_is_still_unknown(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.UNKNOWN, state="stopped")
    again = read(journal, *three(), run="r2")
    assert journal.view.counts(again.run) == Counts(read=3, unknown=3)


def test_rows_that_were_open_and_are_gone_are_named(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED, limit=1, state="stopped")
    again = read(journal, (row(2), desired("2")), run="r2")
    assert (again.gone, again.gone_open) == (0, ("3", "4"))


@pytest.mark.parametrize("rule", ["first", "last"])
def test_a_refused_winner_does_not_make_the_others_vanish(journal: Journal, rule: str) -> None:
    rows: list[tuple[Row, Mapped]] = [(row(2), refusal("7")), (row(3), desired("7"))]
    intake = read(journal, *(rows if rule == "first" else rows[::-1]), duplicates=rule)
    assert journal.view.counts(intake.run) == Counts(read=2, refused=2)


def test_a_live_company_is_listed_before_an_archived_one(journal: Journal) -> None:
    live = stored(desired("2").payload, kanbert_id="1")
    archived = stored(desired("2").payload, kanbert_id="2", deleted_at=AT)
    journal.add_listed([live, archived])
    assert journal.listed(["2"])["2"].kanbert_id == "1"
    journal.clear_listing()
    journal.add_listed([archived])
    journal.add_listed([live])
    assert journal.listed(["2"])["2"].kanbert_id == "1"


def test_one_lock_holds_whatever_name_the_journal_has(journal: Journal, path: Path) -> None:
    other = path.with_name("other.journal")
    other.symlink_to(path)
    with pytest.raises(JournalError, match="in use"), open_journal(other):
        pass


def test_corrected_rows_are_remembered_with_what_the_file_had(journal: Journal) -> None:
    read(journal, (row(2, "2", "wrong"), refusal("2")))
    corrected = Row(2, ("2", "right"))
    journal.take_up(
        run_facts("r2", "retry"), lambda _: desired("2"), duplicates="refuse", corrected=lambda *_: corrected
    )
    assert journal.corrections() == {("2", "wrong"): ("2", "right")}
    again = read(journal, (corrected, desired("2")), run="r3")
    assert again.corrected == 1
    assert journal.corrections() == {("2", "wrong"): ("2", "right")}
    assert journal.view.unknown_numbers([2, 99]) == [99]
    assert journal.view.has_row(again.run, "2")
