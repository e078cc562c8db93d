"""Values that companies do not have yet are found once for each row that needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.commands.master_data import MasterData
from importer.model import Action, Change, Operation
from importer.report import MasterFact
from tests.fakes.nouns import desired, stored

if TYPE_CHECKING:
    from importer.model import Json


def create(**fields: Json) -> Operation:
    one = desired("k1", **fields)
    return Operation(Action.CREATE, one, body=one.payload)


def update(*changes: Change, before: dict[str, Json] | None = None) -> Operation:
    return Operation(Action.UPDATE, desired("k1"), "7", {}, changes, before)


def test_what_a_company_has_is_not_new() -> None:
    masters = MasterData()
    masters.see([stored({"business_field": "Bau", "company_size": "1-10", "tags": ["a"]}).body])
    masters.need(create(business_field="Bau", company_size="1-10", company_revenue=None, tags=["a", "b", "b"]))
    masters.need(create(business_field="BAU", tags=["b"]))
    assert masters.facts(whole=True) == (
        MasterFact("tags", "b", 2, used=False, creates=None),
        MasterFact("business_field", "BAU", 1, used=False, creates=True, alike="Bau"),
    )


def test_of_an_update_what_comes_to_it_counts() -> None:
    masters = MasterData()
    before = stored({"tags": ["theirs"]}).body
    masters.need(update(Change("tags", ["theirs"], ["theirs", "x"]), Change("phone", "1", "2"), before=before))
    masters.need(update(Change("company_revenue", "5", None)))
    assert masters.facts(whole=False) == (MasterFact("tags", "x", 1, used=None, creates=None),)
