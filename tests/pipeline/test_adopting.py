"""Companies that belong to others: adopted in three requests or not at all; and what people change meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
from anyio.lowlevel import checkpoint

from importer.commands.settings import MAX_AGE
from importer.journal import Intent, Planned, Settlement, Work
from importer.model import Action, Code, Json, OutcomeKind
from importer.planner import decide, decide_match
from tests.fakes.appliers import WANTED, Intents, applier, codes
from tests.fakes.nouns import desired, place, stored, work
from tests.fakes.target import ScriptedTarget, conflict, gone, refused

if TYPE_CHECKING:
    from importer.company import Remote


def free(**fields: Json) -> Remote:
    """A company that somebody made without an external_id, with the phone of k1."""
    identity: dict[str, Json] = {"external_id": None, "external_origin": None}
    return stored({"company_name": "Theirs", "phone": "1"}, kanbert_id="31", **(identity | fields))


async def adopting(
    target: ScriptedTarget, *, intents: Intents | None = None, intent: Intent | None = None
) -> Settlement:
    """Adopt company 31 for k1, as it was found when the space was listed."""
    wanted = work("k1", intent=intent, phone="1")
    operation = decide_match(WANTED, [free()], place(wanted, None))
    assert operation.action is Action.ADOPT
    return await applier(target, intents).apply(Planned(wanted, operation, 1))


async def test_an_adoption_reads_identifies_and_updates() -> None:
    target, intents = ScriptedTarget(free()), Intents()
    settlement = await adopting(target, intents=intents)
    assert (settlement.outcome.kind, settlement.outcome.kanbert_id) == (OutcomeKind.ADOPTED, "31")
    assert target.calls == ["find k1", "read k1", "identify k1", "update k1"]
    assert intents.actions == []
    assert target.companies["k1"].body["company_name"] == "Company k1"


async def test_an_adoption_of_a_company_that_differs_in_nothing_sends_no_update() -> None:
    target = ScriptedTarget(free(company_name="Company k1"))
    settlement = await adopting(target)
    assert settlement.outcome.kind is OutcomeKind.ADOPTED
    assert target.calls == ["find k1", "read k1", "identify k1"]


async def test_what_changed_since_the_plan_is_part_of_a_new_intent() -> None:
    target, intents = ScriptedTarget(free(company_name="Renamed")), Intents()
    settlement = await adopting(target, intents=intents)
    assert (settlement.outcome.kind, settlement.operation_id) == (OutcomeKind.ADOPTED, 101)
    assert intents.actions == [Action.ADOPT]


@pytest.mark.parametrize(
    ("now_there", "kind", "code"),
    [
        pytest.param(free(external_id="k9"), OutcomeKind.REFUSED, Code.MATCH_IS_TAKEN, id="taken"),
        pytest.param(free(phone="2"), OutcomeKind.FAILED, Code.GAVE_UP, id="matches-no-more"),
        pytest.param(replace(free(), archived=True), OutcomeKind.FAILED, Code.GAVE_UP, id="archived"),
        pytest.param(None, OutcomeKind.FAILED, Code.GAVE_UP, id="gone"),
    ],
)
async def test_a_company_that_is_not_free_any_more_is_left_alone(
    now_there: Remote | None, kind: OutcomeKind, code: Code
) -> None:
    target = ScriptedTarget(*([now_there] if now_there else []))
    settlement = await adopting(target)
    assert (settlement.outcome.kind, codes(settlement)) == (kind, [code])
    assert target.calls == ["find k1", "read k1"]


async def test_a_number_that_has_a_holder_by_now_is_not_put_on_what_matched() -> None:
    target = ScriptedTarget(free(), stored(WANTED.payload, phone="theirs"))
    assert (await adopting(target)).outcome.kind is OutcomeKind.UPDATED
    assert target.calls == ["find k1", "update k1"]


async def test_a_number_that_kanbert_takes_for_another_is_not_put_on_what_matched() -> None:
    target = ScriptedTarget(free())
    target.companies["k1"] = stored(WANTED.payload, external_id="K1")
    assert codes(await adopting(target)) == [Code.OTHER_COMPANY_ANSWERED]
    assert target.calls == ["find k1"]


async def test_two_rows_never_adopt_one_company_at_the_same_time() -> None:
    target = ScriptedTarget(free())
    one, settlements = applier(target), list[Settlement]()

    async def adopt(key: str) -> None:
        wanted = Work(1, 2, desired(key, phone="1"))
        operation = decide_match(wanted.desired, [free()], place(wanted, None))
        settlements.append(await one.apply(Planned(wanted, operation, 1)))

    async def others_go_on(call: str) -> None:
        for _ in range(5):
            await checkpoint()

    target.before = others_go_on
    async with anyio.create_task_group() as group:
        for key in ("k1", "k2", "k3"):
            group.start_soon(adopt, key)
    kinds = [settlement.outcome.kind for settlement in settlements]
    assert sorted(kinds) == [OutcomeKind.ADOPTED, OutcomeKind.REFUSED, OutcomeKind.REFUSED]
    assert [call.split()[0] for call in target.calls].count("identify") == 1


@pytest.mark.parametrize("step", ["identify", "update"])
@pytest.mark.parametrize("effect", [False, True])
async def test_an_adoption_without_an_answer_is_unknown_and_the_next_run_ends_it(step: str, effect: bool) -> None:
    target = ScriptedTarget(free())
    silence = gone("PUT")
    silence.effect = effect  # type: ignore[attr-defined]  # read by ScriptedTarget alone
    target.script[step] = [silence]
    settlement = await adopting(target)
    assert (settlement.outcome.kind, codes(settlement)) == (OutcomeKind.UNKNOWN, [Code.OUTCOME_UNKNOWN])
    intent = Intent(1, Action.ADOPT, {})
    if "k1" not in target.companies:
        assert (await adopting(target, intent=intent)).outcome.kind is OutcomeKind.ADOPTED
        return
    wanted = work("k1", intent=intent, phone="1")
    operation = decide(WANTED, target.companies["k1"], place(wanted, None), archived="report")
    again = applier(target)
    if operation.action is Action.UNCHANGED:
        settled = again.settle_unsent(Planned(wanted, operation, 1), Action.ADOPT)
    else:
        settled = await again.apply(Planned(wanted, operation, 2))
    assert settled.outcome.kind is OutcomeKind.ADOPTED
    assert target.companies["k1"].body["company_name"] == "Company k1"


async def test_a_number_that_somebody_else_holds_is_not_given_to_what_matched() -> None:
    target = ScriptedTarget(free())
    target.hidden["k1"] = stored(WANTED.payload)
    settlement = await adopting(target)
    assert (settlement.outcome.kind, codes(settlement)) == (OutcomeKind.REFUSED, [Code.HELD_ELSEWHERE])
    assert target.calls == ["find k1", "read k1", "identify k1", "find k1"]


async def test_a_number_that_somebody_took_meanwhile_leads_to_their_company() -> None:
    target = ScriptedTarget(free())

    async def race(call: str) -> None:
        if call == "identify":
            target.companies["k1"] = stored(WANTED.payload, phone="theirs")

    target.before = race
    settlement = await adopting(target)
    assert settlement.outcome.kind is OutcomeKind.UPDATED
    assert target.calls == ["find k1", "read k1", "identify k1", "find k1", "update k1"]


async def test_a_company_that_goes_while_it_is_adopted_is_no_reason_to_create_one() -> None:
    target = ScriptedTarget(free())
    target.script["identify"] = [conflict("PUT", 404)]
    settlement = await adopting(target)
    assert (settlement.outcome.kind, codes(settlement)) == (OutcomeKind.FAILED, [Code.GAVE_UP])
    assert target.calls == ["find k1", "read k1", "identify k1", "find k1"]


async def test_an_adoption_that_is_answered_with_another_identity_changes_no_fields() -> None:
    target = ScriptedTarget(free())
    target.edit = lambda company: replace(company, external_origin="other")
    settlement = await adopting(target)
    assert (settlement.outcome.kind, codes(settlement)) == (OutcomeKind.REFUSED, [Code.REFUSED_BY_KANBERT])
    assert 'of origin "other"' in settlement.outcome.issues[0].message
    assert target.calls == ["find k1", "read k1", "identify k1"]


async def test_an_adoption_that_arrived_late_is_not_sent_again() -> None:
    target = ScriptedTarget(stored(WANTED.payload, kanbert_id="31"))
    settlement = await adopting(target, intent=Intent(1, Action.ADOPT, {}))
    assert settlement.outcome.kind is OutcomeKind.ADOPTED
    assert target.calls == ["find k1"]


async def test_an_adoption_that_arrives_between_two_looks_is_not_sent_again() -> None:
    target = ScriptedTarget(free())

    async def late(call: str) -> None:
        if call == "read":
            target.companies = {"k1": stored(WANTED.payload, kanbert_id="31")}

    target.before = late
    settlement = await adopting(target, intent=Intent(1, Action.ADOPT, {}))
    assert settlement.outcome.kind is OutcomeKind.ADOPTED
    assert target.calls == ["find k1", "read k1"]


async def test_a_refusal_after_an_adoption_says_so_and_keeps_what_is_stored() -> None:
    target = ScriptedTarget(free())
    target.script["update"] = [refused(company_name="no")]
    settlement = await adopting(target)
    assert settlement.outcome.kind is OutcomeKind.REFUSED
    assert "was adopted" in settlement.outcome.issues[1].message
    assert settlement.outcome.stored is not None
    assert json.loads(settlement.outcome.stored)["external_id"] == "k1"


# ── what others change meanwhile ─────────────────────────────────────────────────────────────────────────────────────


async def aged(target: ScriptedTarget, age: float, intents: Intents | None = None) -> Settlement:
    """Update the phone of k1 by what was read of it `age` seconds ago: "old"."""
    wanted = work("k1", phone="1")
    operation = decide(WANTED, stored(WANTED.payload, phone="old"), place(wanted, None), archived="report")
    return await applier(target, intents, now=age).apply(Planned(wanted, operation, 1))


async def test_what_was_read_just_now_is_written_from() -> None:
    target = ScriptedTarget(stored(WANTED.payload, phone="old"))
    assert (await aged(target, MAX_AGE)).outcome.kind is OutcomeKind.UPDATED
    assert target.calls == ["update k1"]


async def test_what_was_read_long_ago_is_read_again() -> None:
    target, intents = ScriptedTarget(stored(WANTED.payload, phone="old")), Intents()
    assert (await aged(target, MAX_AGE + 1, intents)).outcome.kind is OutcomeKind.UPDATED
    assert target.calls == ["find k1", "update k1"]
    assert intents.actions == []


async def test_an_edit_of_the_same_field_since_is_kept_in_the_journal_as_the_state_before() -> None:
    target, intents = ScriptedTarget(stored(WANTED.payload, phone="theirs")), Intents()
    assert (await aged(target, MAX_AGE + 1, intents)).operation_id == 101
    assert intents.actions == [Action.UPDATE]


async def test_an_edit_that_made_the_field_right_leaves_nothing_to_write() -> None:
    target = ScriptedTarget(stored(WANTED.payload))
    assert (await aged(target, MAX_AGE + 1)).outcome.kind is OutcomeKind.UNCHANGED
    assert target.calls == ["find k1"]


async def test_an_edit_of_another_field_is_left_alone_and_told() -> None:
    target = ScriptedTarget(stored(WANTED.payload, phone="old", fax="theirs"))
    settlement = await aged(target, 0.0)
    assert (settlement.outcome.kind, codes(settlement)) == (OutcomeKind.UPDATED, [Code.CHANGED_MEANWHILE])
    assert "fax" in settlement.outcome.issues[0].message
    assert target.companies["k1"].body["fax"] == "theirs"
