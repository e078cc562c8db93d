"""A row is done as its plan showed it, or not at all; what a write of ours may have done is no move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from importer.journal import Forecast, held_to_plan
from importer.model import Action, Change, Code, Issue, Location, Operation
from tests.fakes.nouns import desired, stored, work

PLACE = Location("contacts.csv", None, 2)
WANTED = desired("k1", phone="new", fax="5")
BEFORE = stored({**WANTED.payload, "phone": "old"}).body
CHANGE = Change("phone", "old", "new")
C, U, A, R, N, X = Action.CREATE, Action.UPDATE, Action.ADOPT, Action.RESTORE, Action.UNCHANGED, Action.CONFLICT


def operation(
    action: Action, changes: tuple[Change, ...] = (CHANGE,), kanbert_id: str | None = "7", **moved: Any
) -> Operation:
    """What must be done now, the company having moved or not."""
    body = {change.field: change.after for change in changes}
    if action is C:
        return Operation(C, WANTED, body=dict(WANTED.payload))
    issue = (Issue.of(Code.ARCHIVED_IN_KANBERT, PLACE, value="k1"),) if action is X else ()
    return Operation(action, WANTED, kanbert_id, body, changes, {**BEFORE, **moved}, issue)


def forecast(action: Action) -> Forecast:
    one = operation(action)
    return Forecast(action, one.kanbert_id, one.body, one.changes, one.before)


def held(planned: Action, now: Operation, lost: Action | None = None) -> Operation:
    return held_to_plan(replace(work("k1"), forecast=forecast(planned)), now, PLACE, lost=lost)


FAX = Change("fax", "other", "5")

AS_PLANNED = [
    *(pytest.param(action, operation(action), None, id=action) for action in (C, U, A, R, X)),
    *(pytest.param(action, operation(N, ()), None, id=f"{action}-done-by-somebody") for action in (C, U, A, R, X)),
    pytest.param(U, operation(U, updated_at="later"), None, id="touched-and-left-as-it-was"),
    pytest.param(C, operation(U), C, id="created-and-stored-otherwise"),
    pytest.param(C, operation(C), C, id="create-lost"),
    pytest.param(A, operation(U, external_id="k1"), A, id="adopted-and-not-updated"),
    pytest.param(R, operation(U), R, id="restored-and-not-updated"),
    pytest.param(U, operation(U), U, id="update-lost"),
    pytest.param(X, operation(X), U, id="conflict-after-an-earlier-run"),
]

MOVED = [
    pytest.param(C, operation(U), None, "now: update company 7", id="it-is-there-by-now"),
    pytest.param(U, operation(C), None, "the plan was to update company 7; now: create a company", id="it-is-gone"),
    pytest.param(U, operation(X), None, "is archived in Kanbert", id="it-is-archived"),
    pytest.param(X, operation(U), None, "for a reason that is gone", id="no-conflict-any-more"),
    pytest.param(N, operation(U), None, "the plan was to leave company 7 as it is", id="it-differs-by-now"),
    pytest.param(
        U, operation(U, kanbert_id="8"), None, "about company 7, and is about company 8", id="another-company"
    ),
    pytest.param(U, operation(U, phone="x"), None, 'phone was "old", is "x"', id="a-field-of-the-plan"),
    pytest.param(
        U, operation(U, (CHANGE, FAX), fax="other"), None, 'fax was "5", is "other"', id="another-field-of-the-row"
    ),
    pytest.param(U, operation(U, homepage="x"), None, 'homepage was empty, is "x"', id="a-field-that-the-row-has-not"),
    pytest.param(U, operation(U, tags=[{"id": "1", "title": "t"}]), None, "changed in Kanbert: tags", id="tags"),
    pytest.param(U, operation(U, (CHANGE, FAX)), None, "something else would be written", id="other-changes"),
    pytest.param(U, operation(U, homepage="x"), U, "homepage", id="another-field-after-a-lost-update"),
    pytest.param(
        U, operation(U, (Change("phone", "x", "new"),), phone="x"), U, "phone", id="the-field-after-a-lost-update"
    ),
    pytest.param(
        A, operation(U, kanbert_id="8"), A, "now: update company 8", id="another-company-after-a-lost-adoption"
    ),
    pytest.param(C, operation(X), C, "is archived in Kanbert", id="created-and-archived"),
]


@pytest.mark.parametrize(("planned", "now", "lost"), AS_PLANNED)
def test_what_is_as_planned_is_done(planned: Action, now: Operation, lost: Action | None) -> None:
    assert held(planned, now, lost) is now


@pytest.mark.parametrize(("planned", "now", "lost", "said"), MOVED)
def test_what_has_moved_is_a_conflict_that_says_how(
    planned: Action, now: Operation, lost: Action | None, said: str
) -> None:
    found = held(planned, now, lost)
    assert (found.action, found.body, [issue.code for issue in found.issues]) == (X, {}, [Code.STALE_PLAN])
    assert said in found.issues[0].message


def test_without_a_plan_nothing_is_held() -> None:
    now = Operation(C, WANTED)
    assert held_to_plan(work("k1"), now, PLACE, lost=None) is now


def test_of_many_fields_some_are_named() -> None:
    moved: dict[str, Any] = dict.fromkeys(
        ("homepage", "iban", "bic", "vendor_identifier", "locale", "tax_uid", "email"), "x"
    )
    assert "and 2 more" in held(U, operation(U, **moved)).issues[0].message
