"""The journal as a queue: work out, intents before effects, outcomes after them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from importer.journal import (
    AttemptRecord,
    Journal,
    Planned,
    Settlement,
    temporary_journal,
)
from importer.model import (
    Action,
    Code,
    Counts,
    Issue,
    Location,
    Operation,
    Outcome,
    OutcomeKind,
    Refusal,
    Severity,
)
from tests.fakes.nouns import AT, desired, row, stored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from importer.model import Json
from tests.fakes.journals import PLACE, read, refusal, settle, three


def test_rows_come_out_as_work_in_the_order_of_the_file(journal: Journal) -> None:
    intake = read(journal, *three(phone="1"))
    assert (intake.rows, intake.blank_rows, intake.resumed) == (3, 1, False)
    works = journal.works(intake.run, after=0, limit=2)
    assert [work.number for work in works] == [2, 3]
    assert works[0].desired == desired("2", phone="1")
    assert works[0].intent is None
    assert [work.number for work in journal.works(intake.run, after=works[-1].row, limit=2)] == [4]


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


@pytest.mark.parametrize("first", [Action.CREATE, Action.ADOPT, Action.RESTORE])
def test_how_a_row_came_into_kanbert_is_not_forgotten_over_an_update_that_was_begun_as_well(
    journal: Journal, first: Action
) -> None:
    """Killed after the first write, and again in the update that the next run found necessary."""
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    for action in (Action.UPDATE, first, Action.UPDATE):
        journal.intend(intake.run, [Planned(work, Operation(action, work.desired))], at=AT)
    intent = journal.works(intake.run, after=0, limit=1)[0].intent
    assert intent is not None
    assert (intent.operation, intent.action) == (2, first)


@pytest.mark.parametrize(("action", "stays_open"), [(Action.UPDATE, True), (Action.CREATE, False)])
def test_an_update_that_was_given_up_may_have_arrived_and_keeps_its_intent(
    journal: Journal, action: Action, stays_open: bool
) -> None:
    """A create is looked up before it is given up, an update is not: the next look-up says whether it arrived."""
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    [planned] = journal.intend(intake.run, [Planned(work, Operation(action, work.desired))], at=AT)
    given_up = Settlement(work.row, Outcome(OutcomeKind.FAILED), planned.operation_id)
    journal.settle([given_up], [], run=intake.run, at=AT)
    journal.finish(intake.run, state="ended", at=AT)
    assert journal.view.counts(intake.run) == Counts(read=3, failed=1, pending=2)
    again = read(journal, *three(), run="r2")
    assert (journal.works(again.run, after=0, limit=1)[0].intent is not None) == stays_open


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


def unread(detail: str) -> Refusal:
    issue = Issue.of(Code.NOT_A_PHONE, PLACE, field="phone", value="020 7946 0000", detail=detail)
    return Refusal(None, (issue,))


def test_rows_of_which_a_message_is_not_true_are_no_part_of_its_group(journal: Journal) -> None:
    details = ["no such number in US", "no such number in IT", "no such number in IT"]
    intake = read(journal, *((row(n), unread(detail)) for n, detail in enumerate(details, 2)))
    groups, cut = journal.view.groups(intake.run)
    assert [(group.message[-5:], group.count, group.first_rows) for group in groups] == [
        ("in IT", 2, (3, 4)),
        ("in US", 1, (2,)),
    ]
    assert not cut
    assert journal.view.groups(intake.run, limit=1) == (groups[:1], True)


def test_cells_of_different_columns_are_no_one_group(journal: Journal) -> None:
    """The first cells of a group are named by one column and the rows."""
    columns = ["name", "zip", "zip"]
    issues = [Issue.of(Code.NO_STORED_RESULT, replace(PLACE, column=column)) for column in columns]
    intake = read(journal, *((row(n), Refusal(None, (issue,))) for n, issue in enumerate(issues, 2)))
    groups, _ = journal.view.groups(intake.run)
    assert [(group.column, group.count, group.first_rows) for group in groups] == [
        ("zip", 2, (3, 4)),
        ("name", 1, (2,)),
    ]


def test_messages_as_many_as_rows_are_one_group_that_says_so(journal: Journal) -> None:
    intake = read(journal, *((row(n), unread(f"as row {n} says")) for n in range(2, 12)))
    [group], cut = journal.view.groups(intake.run)
    assert (group.count, group.first_rows, cut) == (10, (2, 3, 4, 5, 6), False)
    assert group.message.endswith("others say something else)")


@pytest.mark.parametrize(
    ("code", "field"),
    [
        pytest.param(Code.ARCHIVED_IN_KANBERT, "external_id", id="an-external-id"),
        pytest.param(Code.STORED_DIFFERS, "custom_fields.limit", id="a-custom-field"),
    ],
)
def test_what_is_of_each_row_its_own_is_one_group(journal: Journal, code: Code, field: str) -> None:
    """After an undo each of 1,500 rows was a kind of its own: `1 x archived-in-kanbert`, and at least 990 more kinds."""
    said = {n: Issue.of(code, PLACE, field=field, value=f"k{n}", detail="nothing") for n in range(2, 12)}
    intake = read(journal, *((row(n), Refusal(None, (issue,))) for n, issue in said.items()))
    [group], cut = journal.view.groups(intake.run)
    assert (group.value, group.count, group.first_rows, cut) == (None, 10, (2, 3, 4, 5, 6), False)
    assert group.message.endswith("(in one of these rows; each of the others names its own value)")


def test_few_values_of_each_row_its_own_are_told_apart(journal: Journal) -> None:
    said = {n: Issue.of(Code.ARCHIVED_IN_KANBERT, PLACE, field="external_id", value=f"k{n}") for n in (2, 3)}
    intake = read(journal, *((row(n), Refusal(None, (issue,))) for n, issue in said.items()))
    groups, _ = journal.view.groups(intake.run)
    assert [(group.value, group.count, group.first_rows) for group in groups] == [("k2", 1, (2,)), ("k3", 1, (3,))]


def test_attempts_are_kept(journal: Journal, path: Path) -> None:
    intake = read(journal, *three())
    attempt = AttemptRecord("2", "POST", "/companies", None, 0.5, "req-1", "reset", AT)
    journal.settle([], [attempt], run=intake.run, at=AT)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT external_id, status, message FROM attempt").fetchall() == [
            ("2", None, "reset")
        ]


def test_the_listing_holds_whole_companies(journal: Journal) -> None:
    company = stored(desired("2").payload)
    journal.add_listed([company, stored({}, kanbert_id="8")])
    assert journal.listed(["2", "3"]) == {"2": (company,)}
    journal.clear_listing()
    assert journal.listed(["2"]) == {}


def test_mapped_rows_come_with_payload_and_issues() -> None:
    with temporary_journal() as journal:
        read(journal, (row(2), refusal()), (row(3), desired("3")))
        first, second = journal.view.mapped_rows()
        assert (first.payload, [issue.code for issue in first.issues]) == (None, [Code.NOT_A_COUNTRY])
        assert (second.payload, second.issues) == (desired("3").payload, ())
        assert journal.knows_rows()


def test_rows_that_a_kill_cut_off_are_reported_with_a_reason(journal: Journal) -> None:
    intake = read(journal, *three())
    work = journal.works(intake.run, after=0, limit=1)[0]
    journal.intend(intake.run, [Planned(work, Operation(Action.CREATE, work.desired))], at=AT)
    [group] = journal.view.groups()[0]
    assert (group.code, group.count, group.first_rows) == (Code.OUTCOME_UNKNOWN, 1, (2,))
    [problem] = journal.view.problem_rows()
    assert [issue.code for issue in problem.issues] == [Code.OUTCOME_UNKNOWN]


def test_a_live_company_is_listed_before_an_archived_one(journal: Journal) -> None:
    live = stored(desired("2").payload, kanbert_id="1")
    archived = stored(desired("2").payload, kanbert_id="2", deleted_at=AT)
    journal.add_listed([live, archived])
    assert [one.kanbert_id for one in journal.listed(["2"])["2"]] == ["1"]
    journal.clear_listing()
    journal.add_listed([archived])
    journal.add_listed([live])
    assert [one.kanbert_id for one in journal.listed(["2"])["2"]] == ["1"]


# ── the listing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def listed(journal: Journal, external_id: str) -> list[str]:
    return [one.kanbert_id for one in journal.listed([external_id]).get(external_id, ())]


def test_all_live_holders_are_listed_else_all_archived_ones(journal: Journal) -> None:
    one, two = (stored(desired("2").payload, kanbert_id=str(n)) for n in (1, 2))
    old, older = (stored(desired("2").payload, kanbert_id=str(n), deleted_at=AT) for n in (3, 4))
    journal.add_listed([old, one, older, two])
    assert listed(journal, "2") == ["1", "2"]
    journal.clear_listing()
    journal.add_listed([older, old])
    assert listed(journal, "2") == ["3", "4"]


def test_archived_companies_are_remembered_until_the_whole_space_is_listed(journal: Journal) -> None:
    live, archived, other = (
        stored(desired(key).payload, kanbert_id=key, deleted_at=at) for key, at in (("2", None), ("3", AT), ("4", AT))
    )
    journal.add_listed([replace(one, read_at=1.0) for one in (live, archived, other)])
    journal.clear_listing()
    assert [listed(journal, key) for key in ("2", "3", "4")] == [[], ["3"], ["4"]]
    journal.add_listed([replace(archived, read_at=2.0)])
    journal.clear_older_listing()
    assert [listed(journal, key) for key in ("2", "3", "4")] == [[], ["3"], []]


def test_the_same_number_of_another_origin_is_not_ours(journal: Journal) -> None:
    journal.add_listed([stored(desired("2").payload, external_origin="other")], lambda body: ["key"])
    assert listed(journal, "2") == []
    assert [one.external_origin for one in journal.matching(["key"])["key"]] == ["other"]


def test_live_companies_are_matched_by_their_keys(journal: Journal) -> None:
    def keys(body: Mapping[str, Json]) -> list[str]:
        return [str(body["phone"]), "all"]

    free = stored({"phone": "1"}, kanbert_id="5")
    archived = stored({"phone": "1"}, kanbert_id="6", deleted_at=AT)
    journal.add_listed([free, archived, stored(desired("2", phone="2").payload)], keys)
    assert journal.matching(["1", "none"]) == {"1": [free]}
    assert [one.kanbert_id for one in journal.matching(["all"])["all"]] == ["5", "7"]
    journal.add_listed([stored({"phone": "3"}, kanbert_id="5")], keys)  # listed again, changed meanwhile
    assert journal.matching(["1"]) == {}
    journal.clear_listing()
    assert journal.matching(["all"]) == {}


def test_of_a_key_that_many_have_the_free_ones_are_among_the_first(journal: Journal) -> None:
    many = [stored(desired(str(n)).payload, kanbert_id=str(n)) for n in range(100, 150)]
    journal.add_listed([*many, stored({}, kanbert_id="999")], lambda body: ["shared"])
    found = journal.matching(["shared", "shared"])["shared"]
    assert len(found) == 20
    assert "999" in {one.kanbert_id for one in found}


def test_what_a_run_and_those_it_resumes_have_created_is_known(journal: Journal) -> None:
    assert journal.written(1, []) == {}
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED)
    again = read(journal, (row(5), desired("5")), run="r2")
    settle(journal, again.run, OutcomeKind.UNKNOWN, state="stopped")
    resumed = read(journal, (row(5), desired("5")), (row(6), desired("6")), run="r3")
    assert journal.written(resumed.run, ["2", "5", "6"]) == {"5": None}
