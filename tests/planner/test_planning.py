"""What must be done, decided from what Kanbert has; and the look-ups before the decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from importer.errors import FatalTargetError
from importer.journal import Intent, Planned, Settlement
from importer.kanbert import Page
from importer.model import Action, Change, Code, Location, OutcomeKind
from importer.planner import ListingFinder, Planner, Policy, RowFinder, decide, listed_within
from tests.fakes.nouns import desired, place, stored, work
from tests.fakes.target import ScriptedTarget, fatal, gone, refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from importer.company import Remote

PLACE = Location("contacts.csv", None, 2, "id")
WANTED = desired("k1", phone="1", fax=None)
SAME = stored(WANTED.payload)


def test_nothing_there_is_a_create_with_the_whole_payload_and_no_nulls() -> None:
    operation = decide(WANTED, None, PLACE, archived="report")
    assert (operation.action, operation.kanbert_id, operation.before) == (Action.CREATE, None, None)
    assert operation.body == {name: value for name, value in WANTED.payload.items() if name != "fax"}


def test_an_equal_company_is_unchanged() -> None:
    operation = decide(WANTED, SAME, PLACE, archived="report")
    assert (operation.action, operation.body, operation.kanbert_id) == (Action.UNCHANGED, {}, "7")


def test_a_company_that_differs_is_updated_with_the_changed_fields_alone() -> None:
    remote = stored(WANTED.payload, phone="old", fax="9", email="theirs@x.example")
    operation = decide(WANTED, remote, PLACE, archived="report")
    assert operation.action is Action.UPDATE
    assert operation.body == {"phone": "1", "fax": None}
    assert operation.changes == (Change("phone", "old", "1"), Change("fax", "9", None))
    assert operation.before == remote.body


@pytest.mark.parametrize(
    "remote",
    [
        pytest.param(stored(WANTED.payload, external_id="K1"), id="another-case"),
        pytest.param(stored(WANTED.payload, external_id=None), id="no-external-id"),
        pytest.param(stored(WANTED.payload, external_origin="other"), id="another-origin"),
    ],
)
def test_a_company_of_another_identity_is_a_conflict_and_never_written(remote: Remote) -> None:
    operation = decide(WANTED, remote, PLACE, archived="restore")
    assert operation.action is Action.CONFLICT
    assert [issue.code for issue in operation.issues] == [Code.OTHER_COMPANY_ANSWERED]


@pytest.mark.parametrize(
    ("archived", "action"), [pytest.param("report", Action.CONFLICT), pytest.param("restore", Action.RESTORE)]
)
def test_an_archived_company_is_reported_or_restored_by_policy(archived: str, action: Action) -> None:
    remote = replace(stored(WANTED.payload, phone="old"), archived=True)
    operation = decide(WANTED, remote, PLACE, archived=archived)  # type: ignore[arg-type]  # the table gives the words
    assert operation.action is action
    assert bool(operation.issues) == (action is Action.CONFLICT)


async def test_rows_are_found_each_with_its_own_company() -> None:
    target = ScriptedTarget(stored(desired("b").payload))
    works = [work("a", row_id=1), work("b", row_id=2)]
    found = await RowFinder(target.find, now=lambda: 0.0)(works)
    assert [one.work.row for one in found] == [1, 2]
    assert [[held.external_id for held in one.held] for one in found] == [[], ["b"]]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        pytest.param(gone(), OutcomeKind.FAILED, Code.GAVE_UP, id="no-answer"),
        pytest.param(refused(), OutcomeKind.REFUSED, Code.REFUSED_BY_KANBERT, id="refused"),
    ],
)
async def test_a_row_that_cannot_be_asked_for_does_not_hold_up_the_others(
    error: Exception, kind: OutcomeKind, code: Code
) -> None:
    target = ScriptedTarget()
    target.script["find"] = [error]
    planner = Planner(RowFinder(target.find, now=lambda: 0.0), place=place, policy=Policy())
    first, second = await planner([work("a", row_id=1), work("b", row_id=2)])
    assert isinstance(first, Settlement)
    assert (first.outcome.kind, first.outcome.issues[0].code) == (kind, code)
    assert isinstance(second, Planned)
    assert second.operation.action is Action.CREATE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(gone(), Code.OUTCOME_UNKNOWN, id="no-answer"),
        pytest.param(refused(), Code.REFUSED_BY_KANBERT, id="refused"),
    ],
)
async def test_what_may_have_been_sent_for_a_row_that_cannot_be_asked_for_stays_unknown(
    error: Exception, code: Code
) -> None:
    target = ScriptedTarget()
    target.script["find"] = [error]
    planner = Planner(RowFinder(target.find, now=lambda: 0.0), place=place, policy=Policy())
    [settled] = await planner([work("a", intent=Intent(1, Action.CREATE, {}))])
    assert isinstance(settled, Settlement)
    assert (settled.outcome.kind, settled.outcome.issues[0].code) == (OutcomeKind.UNKNOWN, code)


async def test_a_fatal_refusal_is_raised() -> None:
    target = ScriptedTarget()
    target.script["find"] = [fatal("GET")]
    with pytest.RaisesGroup(FatalTargetError):
        await RowFinder(target.find, now=lambda: 0.0)([work("a")])


async def test_rows_with_an_open_intent_are_asked_for_although_the_space_was_listed() -> None:
    target = ScriptedTarget(stored(desired("written").payload))
    asked: list[list[str]] = []

    async def listed(external_ids: list[str]) -> dict[str, tuple[Remote, ...]]:
        asked.append(external_ids)
        return {"known": (stored(desired("known").payload),)}

    intent = Intent(1, Action.CREATE, {})
    works = [work("known", row_id=1), work("new", row_id=2), work("written", row_id=3, intent=intent)]
    found = await ListingFinder(listed, RowFinder(target.find, now=lambda: 0.0))(works)
    assert [len(one.held) for one in found] == [1, 0, 1]
    assert asked == [["known", "new", "written"]]
    assert target.calls == ["find written"]


async def test_a_plan_of_a_row_with_an_open_intent_names_its_operation() -> None:
    target = ScriptedTarget(stored(desired("a").payload))
    planner = Planner(RowFinder(target.find, now=lambda: 0.0), place=place, policy=Policy())
    [planned] = await planner([work("a", intent=Intent(5, Action.CREATE, {}))])
    assert isinstance(planned, Planned)
    assert (planned.operation.action, planned.operation_id) == (Action.UNCHANGED, 5)


async def pages(count: int) -> AsyncIterator[Page]:
    for number in range(1, count + 1):
        yield Page(number, (), last=number == count)


@pytest.mark.parametrize(
    ("count", "budget", "read", "whole"),
    [
        pytest.param(3, 5, 3, True, id="ends-within-the-budget"),
        pytest.param(5, 5, 5, True, id="ends-with-the-budget"),
        pytest.param(9, 5, 5, False, id="given-up-at-the-budget"),
        pytest.param(9, None, 9, True, id="no-budget"),
    ],
)
async def test_the_space_is_listed_as_long_as_that_may_be_cheaper(
    count: int, budget: int | None, read: int, whole: bool
) -> None:
    kept: list[Sequence[Remote]] = []

    async def keep(companies: Sequence[Remote]) -> None:
        kept.append(companies)

    assert await listed_within(pages(count), budget, keep) is whole
    assert len(kept) == read


async def test_an_archived_holder_of_an_earlier_listing_is_not_forgotten_where_rows_are_asked_for() -> None:
    old, live = stored({"external_id": "a"}, kanbert_id="1", deleted_at="x"), stored({"external_id": "b"})
    asked: list[list[str]] = []

    async def known(external_ids: list[str]) -> dict[str, tuple[Remote, ...]]:
        asked.append(external_ids)
        return {"a": (old,), "c": (replace(live, external_id="c"),)}

    target = ScriptedTarget(live)
    found = await RowFinder(target.find, now=lambda: 0.0, known=known)(
        [replace(work(one), row=n) for n, one in enumerate("abc")]
    )
    assert [[one.kanbert_id for one in each.held] for each in found] == [["1"], [live.kanbert_id], []]
    assert asked == [["a", "c"]]
