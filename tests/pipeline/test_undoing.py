"""One inverse against a scripted Kanbert: what is sent, and what each answer comes to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from importer.journal import Planned, Settlement
from importer.model import Action, Change, Code, Operation, Outcome, Undone
from importer.pipeline import Undoer
from importer.planner import settled_as
from tests.fakes.appliers import Intents, codes
from tests.fakes.nouns import ORIGIN, place, stored, work
from tests.fakes.target import conflict, fatal, gone, lost, refused

if TYPE_CHECKING:
    from importer.company import Remote
    from importer.errors import TargetError
    from importer.journal import Work
    from importer.model import Payload

OURS: Payload = {"external_id": "k1", "external_origin": ORIGIN, "company_name": "A", "phone": "new"}
JOB = work("k1")


@dataclass
class Script:
    """Does as it is told, and shows what the script holds; an error in it is raised."""

    answers: list[Remote | TargetError | None] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def update(self, kanbert_id: str, body: Payload, *, key: str) -> Remote:
        return self._answered(f"update {kanbert_id} {sorted(body)} {key}")

    async def release(self, kanbert_id: str, external_id: str | None, origin: str | None, *, key: str) -> Remote:
        return self._answered(f"release {kanbert_id} {external_id} {origin} {key}")

    async def archive(self, kanbert_id: str, *, key: str) -> None:
        self._answered(f"archive {kanbert_id} {key}")

    def _answered(self, call: str) -> Remote:
        self.calls.append(call)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer or stored({**OURS, "phone": "old"})


def operation(action: Action, *, read_at: float | None = 0.0, **body: str) -> Operation:
    changes = tuple(Change(name, "new", value) for name, value in body.items())
    if action is Action.HAND_BACK:
        changes = (*changes, Change("external_id", "k1", None), Change("external_origin", ORIGIN, "theirs"))
    return Operation(action, JOB.desired, "7", dict(body), changes, stored(OURS).body, read_at=read_at)


async def applied(
    script: Script, what: Operation, *again: Planned | Settlement, intents: Intents | None = None
) -> Settlement:
    """Apply an inverse; `again` is what is decided where it has to be once more."""
    decisions = list(again)

    async def decided(_: Work) -> Planned | Settlement:
        return decisions.pop(0)

    undoer = Undoer(
        script,
        intents or Intents(),
        decided,
        fresh=lambda read_at: read_at is not None,
        place=lambda job: place(job, None),
        done=settled_as,
    )
    return await undoer.apply(Planned(JOB, what, 50))


@pytest.mark.parametrize(
    ("what", "calls", "kind"),
    [
        (operation(Action.ARCHIVE), ["archive 7 k1"], Undone.ARCHIVED),
        (operation(Action.PUT_BACK, phone="old"), ["update 7 ['phone'] k1"], Undone.PUT_BACK),
        (
            operation(Action.HAND_BACK, phone="old"),
            ["update 7 ['phone'] k1", "release 7 None theirs k1"],
            Undone.HANDED_BACK,
        ),
        (operation(Action.HAND_BACK), ["release 7 None theirs k1"], Undone.HANDED_BACK),
        (
            operation(Action.ARCHIVE_AGAIN, phone="old"),
            ["update 7 ['phone'] k1", "archive 7 k1"],
            Undone.ARCHIVED_AGAIN,
        ),
    ],
)
async def test_fields_go_first_then_the_identity_then_the_archive(
    what: Operation, calls: list[str], kind: Undone
) -> None:
    script = Script()
    settlement = await applied(script, what)
    assert (script.calls, settlement.outcome.kind, settlement.operation_id) == (calls, kind, 50)


async def test_a_company_that_was_read_too_long_ago_is_decided_on_once_more() -> None:
    script, intents = Script(), Intents()
    fresh = Planned(JOB, operation(Action.PUT_BACK, fax="old"))
    settlement = await applied(script, operation(Action.PUT_BACK, read_at=None, phone="old"), fresh, intents=intents)
    assert (script.calls, settlement.operation_id) == (["update 7 ['fax'] k1"], 101)
    kept = Settlement(JOB.row, Outcome(Undone.KEPT))
    assert await applied(Script(), operation(Action.ARCHIVE, read_at=None), kept) == kept


async def test_a_company_that_is_gone_meanwhile_is_decided_on_once_more() -> None:
    kept = Settlement(JOB.row, Outcome(Undone.KEPT))
    settlement = await applied(Script([conflict("PATCH", 404)]), operation(Action.PUT_BACK, phone="old"), kept)
    assert settlement == kept._replace(operation_id=50)  # its intent was sent, so it is settled
    again = Planned(JOB, operation(Action.PUT_BACK, phone="old"))
    script = Script([conflict("PATCH", 404)] * 3)
    settlement = await applied(script, operation(Action.PUT_BACK, phone="old"), again, again)
    assert (settlement.outcome.kind, len(script.calls)) == (Undone.FAILED, 3)


@pytest.mark.parametrize("error", [gone("PATCH"), lost(effect=True)])
async def test_a_write_without_an_answer_is_unknown(error: TargetError) -> None:
    settlement = await applied(Script([error]), operation(Action.PUT_BACK, phone="old"))
    assert (settlement.outcome.kind, codes(settlement)) == (Undone.UNKNOWN, [Code.OUTCOME_UNKNOWN])
    assert "same undo again" in settlement.outcome.issues[0].hint


async def test_a_refusal_fails_the_company_also_where_half_of_it_was_done() -> None:
    settlement = await applied(Script([None, refused(external_id="no")]), operation(Action.HAND_BACK, phone="old"))
    assert (settlement.outcome.kind, codes(settlement)) == (Undone.FAILED, [Code.REFUSED_BY_KANBERT])
    assert settlement.outcome.stored is not None
    settlement = await applied(Script([refused(phone="no")]), operation(Action.PUT_BACK, phone="old"))
    assert settlement.outcome.stored is None


async def test_what_refuses_everything_goes_up_and_an_intent_without_an_effect_is_forgotten() -> None:
    for answers, forgotten in (([fatal("PATCH")], 1), ([None, fatal("PUT")], 0)):
        intents = Intents()
        with pytest.raises(type(fatal())):
            await applied(Script(list(answers)), operation(Action.HAND_BACK, phone="old"), intents=intents)
        assert len(intents.taken_back) == forgotten


async def test_what_kanbert_stored_otherwise_is_named() -> None:
    script = Script([stored({**OURS, "phone": "other"})])
    settlement = await applied(script, operation(Action.PUT_BACK, phone="old"))
    assert (settlement.outcome.kind, codes(settlement)) == (Undone.KEPT, [Code.NOT_PUT_BACK])
    before = replace(operation(Action.PUT_BACK, phone="old"), before=stored({**OURS, "fax": "f"}).body)
    settlement = await applied(Script(), before)
    assert codes(settlement) == [Code.CLEARED_UNASKED]


async def test_a_bug_of_ours_costs_one_company() -> None:
    undoer = Undoer(Script(), Intents(), lambda _: None, bool, lambda job: place(job, None), settled_as)  # type: ignore[arg-type, return-value]  # not asked
    planned = Planned(JOB, operation(Action.ARCHIVE), 50)
    settlement = undoer.settle_bug(planned, ValueError("x"))
    assert (settlement.outcome.kind, codes(settlement)) == (Undone.UNKNOWN, [Code.OUR_BUG])
    assert undoer.settle_unsent(planned, None).outcome.kind is Undone.AS_BEFORE
