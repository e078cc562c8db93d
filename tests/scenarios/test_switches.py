"""Every plausible Kanbert, one switch at a time: nothing twice, nothing lost, nothing said to be there that is not."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import pytest

from importer.sandbox import Behaviour
from tests.fakes.contacts import contact
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.spaces import changed_rows, opened_space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.fakes.spaces import Space
    from tests.scenarios.conftest import Desk

Issues: TypeAlias = "Mapping[str, str | None]"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value of a switch, and what the first run then says of which row; None: nothing."""

    value: Any
    issues: Issues = field(default_factory=dict)
    by_rows: Issues = field(default_factory=dict)  # only where each row is looked up, which shows no archived company
    beside: Mapping[str, Any] = field(default_factory=dict)  # what the switch needs to be seen
    works: bool = True  # anything can be done at all


A = Alternative

PLAIN: Mapping[str, str | None] = {
    "K-5": "stored-differs",
    "K-6": "not-a-country",
    "K-9": "archived-in-kanbert",
    "K 11/5": "bad-external-id",
}
"""What a run says under the defaults."""
PLAIN_BY_ROWS: Mapping[str, str | None] = {**PLAIN, "K-9": "held-elsewhere"}

REFUSED = "refused-by-kanbert"

ALTERNATIVES: Mapping[str, tuple[Alternative, ...]] = {
    "duplicate": (A(409), A(500, by_rows={"K-9": "gave-up"}), A("accept", by_rows={"K-9": None})),
    "race": (A("error"), A("accept")),
    "folds_external_id": (A(True, {"K-7": "other-company-answered"}),),
    "unique_in": (A("space", {"K-2": "held-elsewhere"}),),
    "origin_without_id": (A("none"),),
    "shows_archived": (A(True, by_rows={"K-9": "archived-in-kanbert"}),),
    "archived_frees_id": (A(True, by_rows={"K-9": None}),),
    "restore_of_taken": (A("refuse"), A("refuse", by_rows={"K-9": None}, beside={"archived_frees_id": True})),
    "restore_status": (A(200),),
    "identifier_taken": (A("take"),),
    "patch_nulls_absent": (A(True, {"K-3": "cleared-unasked"}),),
    "tags_on_patch": (A("add"),),
    "custom_fields_on_patch": (A("replace"),),
    "unknown_custom_field": (A("store", {"K-5": None}), A("refuse", {"K-5": REFUSED})),
    "unknown_title": (A("refuse", {"K-1": REFUSED, "K-3": REFUSED, "K-10": REFUSED, "K-12": REFUSED}),),
    "null_country_id": (A("keeps"),),
    "folds_business_field": (A(True, {"K-8": "stored-differs"}),),
    "answers_tags": (A(False, {"K-1": "not-shown", "K-3": "not-shown", "K-10": "not-shown"}),),
    "ids": (A("numbers"), A("uuid")),
    "finds_id_prefix": (A(True),),
    "empty_custom_fields": (A("object"),),
    "dates": (A("zulu"), A("micro")),
    "meta_keys": (A("cursor_url"), A("both"), A("no_next_cursor")),
    "page_size_max": (A(1), A(100)),
    "stable_sort": (A(True),),
    "null_in_cursor": (A("error"),),
    "case_sensitive_filter": (A(True),),
    "throttle": (A(20, beside={"throttle_window": 0.5}),),
    "throttle_window": (A(0.2, beside={"throttle": 10}),),
    "trims": (A("ascii"),),
    "invalid_message": (A("fixed"),),
    "anonymous": (A("error"), A("empty")),
    "maintenance": (A(True, works=False),),
    "maintenance_retry_after": (A(0, beside={"maintenance": True}, works=False),),
    "max_body": (A(200, {"K-1": REFUSED}),),
    "default_country": (A("NL"),),
}


LISTED = {"unique_in", "shows_archived", "answers_tags", "meta_keys", "page_size_max", "null_in_cursor"}
"""What a listing shows otherwise than look-ups do: tried with both, as is whatever only look-ups come upon."""


def cases() -> Iterator[Any]:
    """Every value once, with listing and with look-ups in turn; with both where they may come to different ends."""
    turns = cycle([("rows",), ("list",)])
    for switch, alternatives in ALTERNATIVES.items():
        for one in alternatives:
            beside = "".join(f" {name}={value}" for name, value in one.beside.items())
            both = switch in LISTED or one.by_rows
            for lookup in ("list",) if not one.works else ("rows", "list") if both else next(turns):
                yield pytest.param(switch, one, lookup, id=f"{switch}={one.value}{beside}-{lookup}")


def test_every_other_value_of_every_switch_is_tried() -> None:
    """A switch that is new, or a value of one, needs a row in the table."""
    types = get_type_hints(Behaviour)
    for item in fields(Behaviour):
        tried = [one.value for one in ALTERNATIVES.get(item.name, ())]
        assert tried, f"{item.name} has no row"
        assert item.default not in tried
        kind = types[item.name]
        values = (True, False) if kind is bool else get_args(kind) if get_origin(kind) is Literal else ()
        assert {*values} - {item.default} <= {*tried}, item.name
    assert ALTERNATIVES.keys() == {item.name for item in fields(Behaviour)}


@pytest.mark.slow
@pytest.mark.parametrize(("switch", "alternative", "lookup"), [*cases()])
def test_a_year_with_every_plausible_kanbert(desk: Desk, switch: str, alternative: Alternative, lookup: str) -> None:
    """Import, the same again, cells changed, and a journal lost; `Space.run` holds each run to its promises."""
    settings: dict[str, Any] = {**alternative.beside, switch: alternative.value}
    with opened_space(desk, Behaviour(**settings), lookup) as space:
        if not alternative.works:
            refused(space)
            return
        by_rows = alternative.by_rows if lookup == "rows" else {}
        expected = {**(PLAIN_BY_ROWS if lookup == "rows" else PLAIN), **alternative.issues, **by_rows}
        space.run()
        assert space.issues() == {key: {code} for key, code in expected.items() if code}
        stored = space.kanbert.all_companies()
        writes = len(space.kanbert.writes)
        again = space.run()
        assert space.kanbert.all_companies() == stored
        open_rows = {"refused", "failed", "unknown"} & again.counts.keys()
        assert len(space.kanbert.writes) == writes or open_rows
        space.has(changed_rows())
        space.run()
        space.journal = "fresh.journal"
        space.run("--archived", "restore")
        kept_what_others_have(space, cleared=switch == "patch_nulls_absent")


def refused(space: Space) -> None:
    stored = space.kanbert.all_companies()
    ended = space.run()
    assert ended.code == 3
    assert ended.document["counts"]["refused"] == 2  # by the mapping, before anything was asked
    assert ended.document["pending"] == 10
    assert space.kanbert.writes == []
    assert space.kanbert.all_companies() == stored


def kept_what_others_have(space: Space, *, cleared: bool) -> None:
    company = space.companies()["K-3"]
    assert company["fax"] == (None if cleared else "kept")
    assert company["custom_fields"]["note"] == "theirs"
    assert "tags" not in company or "theirs" in {tag["title"] for tag in company["tags"]}
    others = {one["company_name"] for one in space.kanbert.all_companies()}
    assert {"Others 2", "Small 7", "Nobody's"} <= others


CLEARING = """\
version: 1
target: {external_origin: test}
company:
  external_id: nr
  company_name: name
  address_invoice_country_id: {from: labels, blank: clear}
"""


@pytest.mark.parametrize(("null_country_id", "code", "said"), [("clears", 0, []), ("keeps", 1, ["stored-differs"])])
def test_a_country_that_cannot_be_cleared_is_reported(
    desk: Desk, null_country_id: Any, code: int, said: list[str]
) -> None:
    with local_kanbert(behaviour=Behaviour(null_country_id=null_country_id)) as kanbert:
        desk.kanbert = kanbert
        desk.has(contact(1, labels="1"), mapping=CLEARING)
        assert desk.run().counts == {"read": 1, "created": 1}
        assert kanbert.companies()["K-1"]["address_invoice_country"]["code"] == "AT"
        desk.has(contact(1, labels=""), mapping=CLEARING)
        ended = desk.run()
        assert ended.code == code
        assert [issue["code"] for issue in ended.document["issues"]] == said
        assert (kanbert.companies()["K-1"]["address_invoice_country"] is None) == (code == 0)
