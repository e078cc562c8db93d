"""What takes back what runs did to a company, decided from what they wrote and what the company is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from importer.journal import Intent, Wrote
from importer.model import Action, Change, Code, Operation, Outcome, OutcomeKind, Undone
from importer.planner import inverse_of, invert
from tests.fakes.nouns import ORIGIN, place, stored, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.company import Remote
    from importer.model import Payload

OURS: Payload = {"external_id": "k1", "external_origin": ORIGIN, "company_name": "A"}
_OURS: dict[str, Any] = dict(OURS)
UNSEEN = (None, OutcomeKind.UNKNOWN, OutcomeKind.FAILED, "superseded")


def company(*, archived: bool = False, **fields: Any) -> Remote:
    fields = {name: value for name, value in fields.items() if not (name.endswith("country") and value is None)}
    return stored({**OURS, **fields}, **({"deleted_at": "2026-01-02"} if archived else {}))


def wrote(
    action: Action, before: Remote | None, after: Remote | None, *, outcome: str | None = "", **body: Any
) -> Wrote:
    """An operation; by default its effect was seen. `body` is what it sent, and what its changes say."""
    kinds = {Action.CREATE: "created", Action.UPDATE: "updated", Action.ADOPT: "adopted", Action.RESTORE: "restored"}
    changes = tuple(
        Change(name, None if before is None else before.body.get(name), value) for name, value in body.items()
    )
    return Wrote(
        operation=1,
        action=action,
        outcome=kinds[action] if outcome == "" else outcome,
        kanbert_id="7",
        body=body,
        changes=changes if before is not None else (),
        before=None if before is None else before.body,
        after=None if after is None else after.body,
    )


def inverted(now: Remote | None, *chain: Wrote, begun: bool = False) -> Operation | Outcome:
    intent = Intent(9, Action.ARCHIVE_AGAIN, {}) if begun else None
    job = work("k1", intent=intent)
    return invert(job, chain, now, place(job, None))


def sent(now: Remote | None, *chain: Wrote) -> tuple[Action, Payload]:
    operation = inverted(now, *chain)
    assert isinstance(operation, Operation)
    return operation.action, operation.body


def ended(now: Remote | None, *chain: Wrote, begun: bool = False) -> Undone | OutcomeKind:
    outcome = inverted(now, *chain, begun=begun)
    assert isinstance(outcome, Outcome)
    return outcome.kind


OLD, NEW = company(phone="old", fax="f"), company(phone="new", fax="f")
CREATED = wrote(Action.CREATE, None, NEW, **_OURS, phone="new")
UPDATED = wrote(Action.UPDATE, OLD, NEW, phone="new")
RESTORED = wrote(Action.RESTORE, company(archived=True, phone="old", fax="f"), NEW, phone="new")
ADOPTED = wrote(
    Action.ADOPT,
    stored({"company_name": "A", "phone": "old", "fax": "f", "external_origin": "theirs"}),
    NEW,
    phone="new",
)


# a company as it was left


def test_the_way_it_came_to_us_decides_what_is_done() -> None:
    assert sent(NEW, CREATED) == (Action.ARCHIVE, {})
    assert sent(NEW, CREATED, UPDATED) == (Action.ARCHIVE, {})
    assert sent(NEW, UPDATED) == (Action.PUT_BACK, {"phone": "old"})
    assert sent(NEW, RESTORED) == (Action.ARCHIVE_AGAIN, {"phone": "old"})
    assert sent(NEW, ADOPTED) == (Action.HAND_BACK, {"phone": "old"})


def test_what_was_adopted_gets_its_external_id_and_its_origin_back() -> None:
    operation = inverted(NEW, ADOPTED)
    assert isinstance(operation, Operation)
    identity = [(change.field, change.after) for change in operation.changes if change.field.startswith("external")]
    assert identity == [("external_id", None), ("external_origin", "theirs")]


@pytest.mark.parametrize(
    ("field", "before", "after", "body"),
    [
        pytest.param("phone", None, "1", {"phone": None}, id="to-null"),
        pytest.param("company_name", None, "B", {"company_name": None}, id="the-name-to-null"),
        pytest.param("taxation", True, False, {"taxation": True}, id="boolean"),
        pytest.param("taxation", None, False, {}, id="a-boolean-that-was-not-shown"),
        pytest.param("address_invoice_country", "BE", "NL", {"address_invoice_country": "BE"}, id="country"),
        pytest.param("address_invoice_country", None, "NL", {"address_invoice_country_id": None}, id="no-country"),
        pytest.param("address_invoice_country", "BEL", "NL", {"address_invoice_country_id": "1"}, id="odd-country"),
        pytest.param("business_field", "Bau", "ICT", {"business_field": "Bau"}, id="named"),
        pytest.param("company_size", None, "1-10", {"company_size": None}, id="titled-to-null"),
        pytest.param("client_id", "3", "4", {"client_id": "3"}, id="client"),
        pytest.param("tags", ["t"], ["t", "a"], {"tags": ["t"]}, id="tags"),
        pytest.param("tags", [], ["a"], {"tags": []}, id="no-tags"),
        pytest.param(
            "custom_fields", {"a": 1, "b": 2}, {"a": 9, "b": 2}, {"custom_fields": {"a": 1, "b": 2}}, id="custom"
        ),
        pytest.param(
            "custom_fields", {"b": 2}, {"a": 9, "b": 2}, {"custom_fields": {"a": None, "b": 2}}, id="new-custom"
        ),
    ],
)
def test_each_kind_of_field_is_put_back_as_it_can_be(field: str, before: Any, after: Any, body: Payload) -> None:
    old, new = company(**{field: before}), company(**{field: after})
    decided = inverted(new, wrote(Action.UPDATE, old, new, **{field: after}))
    assert (decided.body if isinstance(decided, Operation) else {}) == body


def test_what_an_update_emptied_unasked_is_put_back_as_well() -> None:
    emptied = company(phone="new")
    assert sent(emptied, wrote(Action.UPDATE, OLD, emptied, phone="new"))[1] == {"phone": "old", "fax": "f"}


def test_fields_go_back_as_far_as_nobody_else_changed_them_in_between() -> None:
    first = wrote(Action.UPDATE, company(phone="0", fax="f"), OLD, phone="old")
    assert sent(NEW, first, UPDATED)[1] == {"phone": "0"}
    theirs = company(phone="theirs", fax="g")
    after = company(phone="new", fax="g")
    assert sent(after, UPDATED, wrote(Action.UPDATE, theirs, after, phone="new"))[1] == {"phone": "theirs"}


def test_what_a_person_set_is_not_taken_for_what_an_earlier_run_wrote() -> None:
    """Both came to the same value, with a change of theirs in between that ends the way back."""
    kinds: dict[str, Callable[[str], Any]] = {"phone": str, "custom_fields": lambda value: {"a": value}}
    for field, make in kinds.items():
        steps = [(make(one), make(other)) for one, other in (("x", "c"), ("a", "b"), ("c", "d"))]
        chain = [
            wrote(Action.UPDATE, company(**{field: one}), company(**{field: other}), **{field: other})
            for one, other in steps
        ]
        assert sent(company(**{field: make("d")}), *chain)[1] == {field: make("c")}


def test_custom_fields_go_back_each_by_itself() -> None:
    states = [company(custom_fields=one) for one in ({"a": 1}, {"a": 2}, {"a": 2, "b": 1}, {"a": 3, "b": 1})]
    first = wrote(Action.UPDATE, states[0], states[1], custom_fields={"a": 2})
    second = wrote(Action.UPDATE, states[2], states[3], custom_fields={"a": 3, "b": 1})
    assert sent(states[3], first, second)[1] == {"custom_fields": {"a": 1, "b": 1}}


def test_a_create_that_was_refused_says_nothing_of_fields() -> None:
    """An archived holder, known only by the refusal: it was restored, and one custom field was as the row has it."""
    old, new = company(custom_fields={"a": "x"}), company(custom_fields={"a": "x", "b": "y"})
    custom: dict[str, Any] = {"a": "x", "b": "y"}
    chain = (
        wrote(Action.CREATE, None, None, outcome="superseded", custom_fields=custom),
        wrote(Action.RESTORE, None, None, outcome="superseded"),
        wrote(Action.UPDATE, old, new, outcome="restored", custom_fields=custom),
    )
    assert sent(new, *chain) == (Action.ARCHIVE_AGAIN, {"custom_fields": {"a": "x", "b": None}})


# a company that is not


def test_what_somebody_changed_is_kept_and_named() -> None:
    for chain in ([CREATED], [UPDATED], [RESTORED], [ADOPTED]):
        outcome = inverted(company(phone="new", fax="theirs"), *chain)
        assert isinstance(outcome, Outcome)
        assert (outcome.kind, outcome.issues[0].code) == (Undone.KEPT, Code.CHANGED_SINCE)
        assert "somebody changed fax" in outcome.issues[0].message


def test_a_custom_field_of_others_counts_also_where_ours_is_back() -> None:
    old, new = company(custom_fields={"a": 1}), company(custom_fields={"a": 2})
    chain = wrote(Action.UPDATE, old, new, custom_fields={"a": 2})
    assert ended(company(custom_fields={"a": 1, "x": 1}), chain) is Undone.KEPT
    assert ended(company(custom_fields={"a": 3}), chain) is Undone.KEPT
    assert ended(company(custom_fields={"a": 1}), chain) is Undone.AS_BEFORE


def test_what_is_back_already_needs_nothing() -> None:
    assert ended(OLD, UPDATED) is Undone.AS_BEFORE
    half = inverted(OLD, ADOPTED)
    assert isinstance(half, Operation)
    assert (half.action, half.body, len(half.changes)) == (Action.HAND_BACK, {}, 2)


@pytest.mark.parametrize(
    ("action", "now", "chain", "kind"),
    [
        pytest.param(Action.ARCHIVE, None, CREATED, Undone.ARCHIVED, id="archived"),
        pytest.param(Action.PUT_BACK, OLD, UPDATED, Undone.PUT_BACK, id="put-back"),
        pytest.param(Action.ARCHIVE_AGAIN, None, RESTORED, Undone.ARCHIVED_AGAIN, id="archived-again"),
    ],
)
def test_what_an_undo_that_was_cut_off_had_taken_back_is_no_company_that_needed_nothing(
    action: Action, now: Remote | None, chain: Wrote, kind: Undone
) -> None:
    begun, older = (work("k1", row_id=row, intent=Intent(9, action, {})) for row in (8, 10))
    outcome = invert(begun, [chain], now, place(begun, None))
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.kanbert_id) == (kind, "7")
    outcome = invert(older, [chain], now, place(older, None))  # the runs have written once more since
    assert isinstance(outcome, Outcome)
    assert outcome.kind is Undone.AS_BEFORE


def test_another_external_id_is_a_change() -> None:
    for other in (
        stored({**OURS, "external_id": "x", "phone": "new", "fax": "f"}),
        stored({**OURS, "external_origin": "x", "phone": "new", "fax": "f"}),
    ):
        assert ended(other, UPDATED) is Undone.KEPT


@pytest.mark.parametrize("now", [None, company(archived=True, phone="new", fax="f")])
def test_an_archived_company_is_as_before_only_where_that_is_what_it_was(now: Remote | None) -> None:
    assert ended(now, CREATED) is Undone.AS_BEFORE
    assert ended(now, UPDATED) is Undone.KEPT
    assert ended(now, ADOPTED) is Undone.KEPT
    assert ended(now, RESTORED) is Undone.KEPT  # its fields are not what they were
    assert ended(now, RESTORED, begun=True) is Undone.ARCHIVED_AGAIN
    assert ended(now, wrote(Action.RESTORE, company(archived=True), company())) is Undone.AS_BEFORE
    custom = wrote(Action.RESTORE, company(archived=True), company(custom_fields={"a": 1}), custom_fields={"a": 1})
    assert ended(now, custom) is Undone.KEPT


# writes whose effect nobody saw


@pytest.mark.parametrize("outcome", UNSEEN)
def test_a_write_that_nobody_saw_is_taken_back_as_far_as_it_happened(outcome: str | None) -> None:
    update = wrote(Action.UPDATE, OLD, None, outcome=outcome, phone="new")
    assert ended(OLD, update) is Undone.AS_BEFORE
    assert sent(NEW, update) == (Action.PUT_BACK, {"phone": "old"})
    assert ended(company(phone="theirs", fax="f"), update) is Undone.KEPT
    assert ended(company(phone="new", fax="theirs"), update) is Undone.KEPT
    create = wrote(Action.CREATE, None, None, outcome=outcome, **_OURS, phone="new")
    assert ended(None, create) is Undone.AS_BEFORE
    assert sent(NEW, create) == (Action.ARCHIVE, {})
    assert ended(OLD, create) is Undone.KEPT
    restore = wrote(Action.RESTORE, company(archived=True, phone="old", fax="f"), None, outcome=outcome, phone="new")
    assert ended(None, restore) is Undone.AS_BEFORE
    assert sent(OLD, restore) == (Action.ARCHIVE_AGAIN, {})
    assert sent(NEW, restore) == (Action.ARCHIVE_AGAIN, {"phone": "old"})


def test_an_update_that_nobody_saw_does_not_hide_an_earlier_one() -> None:
    """The second would have made the field what it was before the first, and may not have happened."""
    back = wrote(Action.UPDATE, NEW, None, outcome=None, phone="old")
    assert sent(NEW, UPDATED, back) == (Action.PUT_BACK, {"phone": "old"})
    assert ended(OLD, UPDATED, back) is Undone.AS_BEFORE


def test_a_later_look_says_what_an_earlier_write_was() -> None:
    """A create that was refused because somebody else had made the company is no create of ours."""
    refused = wrote(Action.CREATE, None, None, outcome="superseded", **_OURS)
    assert inverse_of([refused, UPDATED]) is Action.PUT_BACK
    assert inverse_of([refused, wrote(Action.UPDATE, OLD, NEW, outcome="created")]) is Action.ARCHIVE
    assert inverse_of([refused]) is Action.ARCHIVE
    half = wrote(Action.ADOPT, OLD, NEW, outcome="refused")
    assert inverse_of([half]) is Action.HAND_BACK


def test_what_was_restored_unseen_and_not_changed_is_archived_again() -> None:
    assert sent(OLD, wrote(Action.RESTORE, None, None, outcome=None)) == (Action.ARCHIVE_AGAIN, {})
