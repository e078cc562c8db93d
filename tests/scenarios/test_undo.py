"""`undo`: what runs did is taken back, what somebody changed since is kept and named, and a second undo does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


from tests.fakes.contacts import MAPPING

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended

MATCHING = MAPPING + "match: [phone]\n"
STAMPS = {"created_at", "updated_at", "deleted_at"}


def undo(desk: Desk, *options: object) -> Ended:
    return desk.call("undo", desk.journal, "--json", "-q", *options)


def undone(ended: Ended) -> dict[str, int]:
    """The balance of an undo, without what did not happen."""
    return {name: count for name, count in ended.document["undone"].items() if count and name != "operations"}


def live(desk: Desk) -> list[dict[str, Any]]:
    """The live companies, timestamps left out."""
    return [
        {name: value for name, value in one.items() if name not in STAMPS}
        for one in desk.kanbert.all_companies()
        if one["deleted_at"] is None
    ]


def test_created_companies_are_archived(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.kanbert.add(company_name="Theirs", phone="1")
    before = live(desk)
    assert desk.run().counts == {"read": 3, "created": 3}
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {"companies": 3, "archived": 3}), ended.err
    assert live(desk) == before
    assert len(desk.kanbert.all_companies()) == 4
    assert desk.kanbert.writes[-3:] == [f"DELETE /companies/{n}" for n in (2, 3, 4)]


def test_a_second_undo_does_nothing(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    undo(desk)
    before = len(desk.kanbert.requests)
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {})
    assert len(desk.kanbert.requests) == before
