"""One operation until its outcome is known: every way in which an answer can be lost, and what is sent then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from importer.errors import Exchange, FatalTargetError, OutcomeUnknownError, RefusedError
from importer.journal import Intent, Planned, Settlement, Work
from importer.kanbert.remote import remote_of
from importer.model import Action, Code, Json, OutcomeKind, Severity
from importer.planner import decide
from tests.fakes.appliers import PAUSES, WANTED, Intents, applier, codes
from tests.fakes.nouns import desired, place, stored, work
from tests.fakes.target import ScriptedTarget, conflict, fatal, gone, lost, refused

if TYPE_CHECKING:
    from importer.company import Remote


async def applied(
    target: ScriptedTarget, *, restore: bool = False, intent: Intent | None = None, intents: Intents | None = None
) -> Settlement:
    """Plan k1 from what the target has, then apply it."""
    wanted = work("k1", intent=intent, phone="1")
    operation = decide(WANTED, target.companies.get("k1"), place(wanted, None), archived="restore")
    return await applier(target, intents, restore=restore).apply(Planned(wanted, operation, 1))


async def test_a_company_is_created_with_one_request() -> None:
    target = ScriptedTarget()
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.CREATED
    assert settlement.outcome.kanbert_id == "k1"
    assert settlement.operation_id == 1
    assert target.calls == ["create k1"]


async def test_an_update_sends_one_request() -> None:
    target = ScriptedTarget(stored(WANTED.payload, phone="old"))
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.UPDATED
    assert target.calls == ["update k1"]
    assert target.companies["k1"].body["phone"] == "1"


async def test_a_create_whose_answer_was_lost_after_the_effect_is_not_sent_again() -> None:
    target = ScriptedTarget()
    target.script["create"] = [lost(effect=True)]
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.CREATED
    assert target.calls == ["create k1", "find k1"]


async def test_a_create_whose_answer_was_lost_before_the_effect_is_sent_again_with_a_new_intent() -> None:
    target, intents = ScriptedTarget(), Intents()
    target.script["create"] = [lost(effect=False)]
    PAUSES.asked.clear()
    settlement = await applied(target, intents=intents)
    assert PAUSES.asked == [1]
    assert settlement.outcome.kind is OutcomeKind.CREATED
    assert target.calls == ["create k1", "find k1", "create k1"]
    assert (intents.actions, settlement.operation_id) == ([Action.CREATE], 101)


async def test_a_lost_create_that_cannot_be_settled_is_unknown() -> None:
    target = ScriptedTarget()
    target.script["create"] = [lost(effect=True)]
    target.script["find"] = [gone()]
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.UNKNOWN
    assert codes(settlement) == [Code.OUTCOME_UNKNOWN]
    assert settlement.operation_id == 1


async def test_a_create_that_is_lost_again_and_again_ends() -> None:
    target = ScriptedTarget()
    target.script["create"] = [lost(effect=False) for _ in range(10)]
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.FAILED
    assert codes(settlement) == [Code.GAVE_UP]
    assert len(target.calls) <= 12


async def test_a_company_made_by_somebody_else_meanwhile_is_updated() -> None:
    target, intents = ScriptedTarget(), Intents()
    target.script["create"] = [conflict("POST")]

    async def race(call: str) -> None:
        if call == "create":
            target.companies["k1"] = stored(WANTED.payload, phone="theirs")

    target.before = race
    settlement = await applied(target, intents=intents)
    assert settlement.outcome.kind is OutcomeKind.UPDATED
    assert target.calls == ["create k1", "find k1", "update k1"]
    assert intents.actions == [Action.UPDATE]


async def test_an_equal_company_made_by_somebody_else_meanwhile_is_unchanged() -> None:
    target = ScriptedTarget()
    target.script["create"] = [conflict("POST")]

    async def race(call: str) -> None:
        target.companies["k1"] = stored(WANTED.payload)

    target.before = race
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.UNCHANGED
    assert target.calls == ["create k1", "find k1"]


async def test_a_holder_that_cannot_be_seen_is_a_refusal_with_a_hint() -> None:
    target = ScriptedTarget()
    target.hidden["k1"] = stored(WANTED.payload)
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.REFUSED
    assert codes(settlement) == [Code.HELD_ELSEWHERE]
    assert target.calls == ["create k1", "find k1"]


async def test_an_archived_holder_is_restored_and_updated_by_policy() -> None:
    target, intents = ScriptedTarget(), Intents()
    target.hidden["k1"] = stored(WANTED.payload, phone="old")
    settlement = await applied(target, restore=True, intents=intents)
    assert settlement.outcome.kind is OutcomeKind.RESTORED
    assert target.calls == ["create k1", "find k1", "restore_holder k1", "update k1"]
    assert intents.actions == [Action.RESTORE, Action.UPDATE]  # what it was before is known only then


async def test_an_archived_company_that_turns_out_to_be_another_is_named() -> None:
    target = ScriptedTarget()
    target.hidden["k1"] = stored(WANTED.payload, external_id="K1")
    settlement = await applied(target, restore=True)
    assert settlement.outcome.kind is OutcomeKind.REFUSED
    assert 'external_id "K1"' in settlement.outcome.issues[0].message
    assert "archive it again" in settlement.outcome.issues[0].message


async def test_a_refusal_after_a_restore_says_that_it_was_restored() -> None:
    target = ScriptedTarget(replace(stored(WANTED.payload, phone="old"), archived=True))
    target.script["update"] = [refused(phone="no")]
    settlement = await applied(target, restore=True)
    assert settlement.outcome.kind is OutcomeKind.REFUSED
    assert [issue.field for issue in settlement.outcome.issues] == ["phone", None]
    assert "was restored" in settlement.outcome.issues[1].message


async def test_fields_emptied_by_the_update_after_a_restore_are_an_error() -> None:
    target = ScriptedTarget(replace(stored(WANTED.payload, phone="old", fax="9"), archived=True))

    async def empty(call: str) -> None:
        if call == "update":
            target.edit = lambda company: replace(company, body=company.body | {"fax": None})

    target.before = empty
    assert codes(await applied(target, restore=True)) == [Code.CLEARED_UNASKED]


@pytest.mark.parametrize(
    ("method", "status", "taken_back"),
    [
        pytest.param("POST", 401, True, id="the-create-itself"),
        pytest.param("POST", 200, False, id="an-answer-that-was-not-understood"),
        pytest.param("GET", 401, False, id="a-look-up"),
    ],
)
async def test_an_intent_is_taken_back_where_the_write_itself_was_refused(
    method: str, status: int, taken_back: bool
) -> None:
    target, intents = ScriptedTarget(), Intents()
    target.script["create"] = [fatal(method, status)]
    with pytest.raises(FatalTargetError):
        await applied(target, intents=intents)
    assert len(intents.taken_back) == taken_back


@pytest.mark.parametrize("repeated", [False, True])
async def test_an_update_that_may_have_arrived_at_an_earlier_attempt_is_not_taken_back(repeated: bool) -> None:
    target, intents = ScriptedTarget(stored(WANTED.payload, phone="old")), Intents()
    error = fatal("PATCH", 401)
    error.exchange = replace(error.exchange, repeated=repeated)
    target.script["update"] = [error]
    with pytest.raises(FatalTargetError):
        await applied(target, intents=intents)
    assert len(intents.taken_back) == (not repeated)


async def test_what_an_answer_does_not_show_is_said_and_not_sent() -> None:
    wanted = Work(1, 2, desired("k1", phone="1", tags=["a"]))
    company = stored(WANTED.payload, phone="old")
    del company.body["tags"]
    operation = decide(wanted.desired, company, place(wanted, None), archived="report")
    assert operation.body == {"phone": "1"}
    settlement = await applier(ScriptedTarget(company)).apply(Planned(wanted, operation, 1))
    assert codes(settlement) == [Code.NOT_SHOWN]


async def test_a_holder_that_cannot_be_restored_is_a_refusal() -> None:
    target = ScriptedTarget()
    target.script["create"] = [conflict("POST")]
    settlement = await applied(target, restore=True)
    assert codes(settlement) == [Code.HELD_ELSEWHERE]


@pytest.mark.parametrize(
    ("phone", "calls"),
    [pytest.param("1", ["restore k1"], id="equal"), pytest.param("old", ["restore k1", "update k1"], id="differs")],
)
async def test_an_archived_company_is_restored_then_brought_up_to_date(phone: str, calls: list[str]) -> None:
    target = ScriptedTarget(replace(stored(WANTED.payload, phone=phone), archived=True))
    settlement = await applied(target, restore=True)
    assert settlement.outcome.kind is OutcomeKind.RESTORED
    assert target.calls == calls
    assert target.companies["k1"].body["phone"] == "1"


async def test_a_company_that_vanished_before_its_update_is_created() -> None:
    target = ScriptedTarget(stored(WANTED.payload, phone="old"))

    async def vanish(call: str) -> None:
        if call == "update":
            target.companies.clear()

    target.before = vanish
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.CREATED
    assert target.calls == ["update k1", "find k1", "create k1"]


async def test_an_update_without_answer_has_failed_and_says_so() -> None:
    target = ScriptedTarget(stored(WANTED.payload, phone="old"))
    target.script["update"] = [gone("PATCH")]
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.FAILED
    assert codes(settlement) == [Code.GAVE_UP]


async def test_a_refusal_names_every_field_with_its_value_and_the_servers_words() -> None:
    target = ScriptedTarget()
    target.script["create"] = [refused(phone="too odd", tags__0="no tag")]
    settlement = await applied(target)
    assert settlement.outcome.kind is OutcomeKind.REFUSED
    assert [(issue.field, issue.value, issue.location.column) for issue in settlement.outcome.issues] == [
        ("phone", "1", "phone"),
        ("tags.0", None, "tags"),
    ]
    assert "too odd" in settlement.outcome.issues[0].message


async def test_a_refusal_without_fields_keeps_the_servers_words() -> None:
    target = ScriptedTarget()
    target.script["create"] = [refused()]
    [issue] = (await applied(target)).outcome.issues
    assert "Kanbert says no" in issue.message


async def test_a_fatal_refusal_goes_up() -> None:
    target = ScriptedTarget()
    target.script["create"] = [fatal()]
    with pytest.raises(FatalTargetError):
        await applied(target)


def read_again(company: Remote, overrides: dict[str, Json]) -> Remote:
    remote = remote_of(company.body | overrides)
    assert remote is not None
    return remote


@pytest.mark.parametrize(
    "overrides",
    [{"external_id": 1042}, {"external_id": 1042, "phone": 20}, {"taxation_enabled": 1}, {"taxation_enabled": "1"}],
    ids=repr,
)
async def test_numbers_in_an_answer_are_the_texts_and_booleans_that_were_sent(overrides: dict[str, Json]) -> None:
    target, wanted = ScriptedTarget(), Work(1, 2, desired("1042", phone="20", taxation=True))
    target.edit = lambda company: read_again(company, overrides)
    operation = decide(wanted.desired, None, place(wanted, None), archived="report")
    assert codes(await applier(target).apply(Planned(wanted, operation, 1))) == []


@pytest.mark.parametrize(
    ("left_out", "said"),
    [("phone", [Code.NOT_SHOWN]), ("custom_fields", [Code.NOT_SHOWN]), ("tags", []), ("fax", [])],
)
async def test_what_was_sent_and_is_not_shown_is_said(left_out: str, said: list[Code]) -> None:
    target, wanted = ScriptedTarget(), Work(1, 2, desired("k1", phone="1", custom_fields={"a": "1"}, fax=None))
    target.edit = lambda company: replace(
        company, body={name: value for name, value in company.body.items() if name != left_out}
    )
    operation = decide(wanted.desired, None, place(wanted, None), archived="report")
    assert codes(await applier(target).apply(Planned(wanted, operation, 1))) == said


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("held", [True, False])
async def test_a_create_refused_without_a_word_on_any_field_may_have_met_its_holder(status: int, held: bool) -> None:
    """Kanbert's documents do not say how a taken external_id is refused."""
    holder = [stored(WANTED.payload, phone="old")] if held else []
    target, wanted = ScriptedTarget(*holder), work("k1", phone="1")
    error = RefusedError("no", exchange=Exchange("POST", "/companies", status), fields={})
    target.script["create"] = [error]
    operation = decide(wanted.desired, None, place(wanted, None), archived="report")
    settlement = await applier(target).apply(Planned(wanted, operation, 1))
    assert settlement.outcome.kind is (OutcomeKind.UPDATED if held else OutcomeKind.REFUSED)


@pytest.mark.parametrize(
    ("fields", "overrides", "severity"),
    [
        pytest.param({"phone": "1"}, {"phone": "01"}, Severity.WARNING, id="a-value-changed"),
        pytest.param(
            {"address_invoice_country": "NL"},
            {"address_invoice_country": {"code": "AT"}},
            Severity.ERROR,
            id="a-default-country",
        ),
        pytest.param({}, {"external_id": None}, Severity.ERROR, id="stored-without-our-id"),
    ],
)
async def test_what_was_stored_otherwise_is_an_issue_with_both_values(
    fields: dict[str, Json], overrides: dict[str, Json], severity: Severity
) -> None:
    target, wanted = ScriptedTarget(), Work(1, 2, desired("k1", **fields))
    target.edit = lambda company: read_again(company, overrides)
    operation = decide(wanted.desired, None, place(wanted, None), archived="report")
    settlement = await applier(target).apply(Planned(wanted, operation, 1))
    assert settlement.outcome.kind is OutcomeKind.CREATED
    [issue] = settlement.outcome.issues
    assert (issue.code, issue.severity) == (Code.STORED_DIFFERS, severity)


async def test_fields_emptied_by_an_update_that_did_not_send_them_are_an_error() -> None:
    target = ScriptedTarget(stored(WANTED.payload, phone="old", fax="9"))
    target.edit = lambda company: replace(company, body=company.body | {"fax": None})
    settlement = await applied(target)
    assert codes(settlement) == [Code.CLEARED_UNASKED]
    assert "fax" in settlement.outcome.issues[0].message


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Action.CREATE, OutcomeKind.CREATED),
        (Action.UPDATE, OutcomeKind.UPDATED),
        (Action.RESTORE, OutcomeKind.RESTORED),
        (None, OutcomeKind.UNCHANGED),
    ],
)
async def test_an_equal_company_after_a_lost_write_means_that_the_write_arrived(
    action: Action | None, kind: OutcomeKind
) -> None:
    wanted = work("k1", phone="1")
    operation = decide(WANTED, stored(WANTED.payload), place(wanted, None), archived="report")
    settlement = applier(ScriptedTarget()).settle_unsent(Planned(wanted, operation, 4), action)
    assert (settlement.outcome.kind, settlement.operation_id) == (kind, 4)
    assert settlement.outcome.stored == stored(WANTED.payload).text


async def test_a_create_of_an_earlier_run_that_needs_a_correction_counts_as_created() -> None:
    target = ScriptedTarget(stored(WANTED.payload, phone="old"))
    settlement = await applied(target, intent=Intent(1, Action.CREATE, {}))
    assert settlement.outcome.kind is OutcomeKind.CREATED
    assert target.calls == ["update k1"]


TAGGED = Work(1, 2, desired("k1", tags=["ours"]))


async def applied_tags(target: ScriptedTarget, intents: Intents) -> Settlement:
    """Update the tags of k1, planned from a time when it had none."""
    operation = decide(TAGGED.desired, stored(desired("k1").payload), place(TAGGED, None), archived="report")
    return await applier(target, intents).apply(Planned(TAGGED, operation, 1))


async def test_tags_that_others_added_since_the_plan_are_kept() -> None:
    target, intents = ScriptedTarget(stored(desired("k1", tags=["theirs"]).payload)), Intents()
    settlement = await applied_tags(target, intents)
    assert settlement.outcome.kind is OutcomeKind.UPDATED
    assert target.calls == ["find k1", "update k1"]
    assert intents.actions == [Action.UPDATE]
    assert target.companies["k1"].body["tags"] == stored(desired("k1", tags=["theirs", "ours"]).payload).body["tags"]


async def test_tags_that_nobody_touched_need_no_second_intent() -> None:
    target, intents = ScriptedTarget(stored(desired("k1").payload)), Intents()
    assert (await applied_tags(target, intents)).outcome.kind is OutcomeKind.UPDATED
    assert intents.actions == []


async def test_tags_that_somebody_set_already_need_no_write() -> None:
    target = ScriptedTarget(stored(TAGGED.desired.payload))
    assert (await applied_tags(target, Intents())).outcome.kind is OutcomeKind.UNCHANGED
    assert target.calls == ["find k1"]


async def test_tags_are_not_sent_where_the_company_cannot_be_read() -> None:
    target = ScriptedTarget(stored(desired("k1").payload))
    target.script["find"] = [gone()]
    assert codes(await applied_tags(target, Intents())) == [Code.GAVE_UP]
    assert target.calls == ["find k1"]


def server_error() -> OutcomeUnknownError:
    return OutcomeUnknownError("an error of its own", exchange=Exchange("POST", "/companies", 500))


async def test_a_create_that_is_answered_500_again_and_again_is_given_up() -> None:
    target = ScriptedTarget()
    target.script["create"] = [server_error() for _ in range(10)]
    settlement = await applied(target)
    assert (settlement.outcome.kind, codes(settlement)) == (OutcomeKind.FAILED, [Code.GAVE_UP])
    assert target.calls == ["create k1", "find k1"] * 4


async def test_a_500_for_a_taken_number_does_not_keep_an_archived_holder_from_being_restored() -> None:
    target = ScriptedTarget()
    target.hidden["k1"] = stored(WANTED.payload)
    target.script["create"] = [server_error() for _ in range(10)]
    settlement = await applied(target, restore=True)
    assert settlement.outcome.kind is OutcomeKind.RESTORED
    assert target.calls == ["create k1", "find k1", "create k1", "find k1", "restore_holder k1"]


async def test_two_errors_of_a_server_are_no_holder_of_the_number() -> None:
    target = ScriptedTarget()
    target.script["create"] = [server_error(), server_error()]
    target.script["restore_holder"] = [conflict("POST", 404)]
    settlement = await applied(target, restore=True)
    assert settlement.outcome.kind is OutcomeKind.CREATED
    assert target.calls == ["create k1", "find k1"] * 2 + ["restore_holder k1", "find k1", "create k1"]


async def test_a_number_that_is_said_to_be_taken_stays_so_where_nobody_can_be_restored() -> None:
    target = ScriptedTarget()
    target.script["create"] = [conflict("POST")]
    target.script["restore_holder"] = [conflict("POST", 404)]
    settlement = await applied(target, restore=True)
    assert (settlement.outcome.kind, codes(settlement)) == (OutcomeKind.REFUSED, [Code.HELD_ELSEWHERE])
    assert target.calls == ["create k1", "find k1", "restore_holder k1", "find k1"]
