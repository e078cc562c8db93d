"""A Kanbert that decides otherwise wherever its documents are silent: imported once, and found again by every run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from tests.fakes.contacts import contact
from tests.fakes.other_kanbert import Choices, other_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.other_kanbert import OtherKanbert
    from tests.scenarios.conftest import Desk, Ended

MAPPING = """\
version: 1
target:
  external_origin: test
company:
  external_id: nr
  company_name: name
  phone: phone
  address_invoice_country: country
  taxation: {value: "yes", as: boolean}
  business_field: {value: Bau}
  company_size: {value: 1-10}
tags:
  - {from: labels, split: ","}
custom_fields:
  rank: nr
"""
MATCHING = f"{MAPPING}match: [phone]\n"


EVERYTHING = Choices(
    ids="numbers",
    flags="numbers",
    nulls="left out",
    tags="texts",
    names="texts",
    custom_fields="objects",
    paging="links",
    too_many="refused",
    posted="nothing",
    patched="nothing",
    status=200,
    duplicate="400",
    absent="html",
    wire="closed",
)
LISTS = {"ids", "paging", "most", "too_many", "filters"}
"""What shows in a listing otherwise than in look-ups."""
WRITES = {"nulls", "tags", "custom_fields", "filters", "patched", "duplicate", "shows_archived", "absent"}
"""What matters for companies that are there already."""
LOST = {"posted", "patched", "absent", "wire"}


def cases(among: set[str] | None = None, *, lookups: bool = True) -> Iterator[Any]:
    """Every other value of each choice alone, and all at once; with listing where a listing is of interest."""
    hints = get_type_hints(Choices)
    numbers = {"most": (1, 200), "status": (200,)}
    for item in fields(Choices):
        if among is not None and item.name not in among:
            continue
        for value in numbers.get(item.name) or get_args(hints[item.name]) or (True,):
            if value == item.default:
                continue
            settings: dict[str, Any] = {item.name: value}
            for lookup in ("rows", "list") if lookups and item.name in LISTS else ("rows",):
                yield case(f"{item.name}={value}", Choices(**settings), lookup)
    yield case("as-documented", Choices(), "list")
    yield case("everything", EVERYTHING, "rows")
    yield case("everything", EVERYTHING, "list")


def case(name: str, choices: Choices, lookup: str) -> Any:
    """What the documents' own examples take is measured; of the others all differ but in one thing, and some wait."""
    marks = [] if name == "as-documented" else [pytest.mark.slow]
    return pytest.param(choices, lookup, id=f"{name}-{lookup}", marks=marks)


def ran(desk: Desk, kanbert: OtherKanbert, *options: str, lookup: str = "rows") -> Ended:
    """Run with nothing but Kanbert to remember earlier runs by."""
    desk.journal.unlink(missing_ok=True)
    if kanbert.choices.filters == "refused" and lookup == "list":
        lookup = "auto"  # the other one cannot be had
    return desk.run("--lookup", lookup, *options, to=kanbert.url)


@pytest.mark.parametrize(("choices", "lookup"), [*cases()])
def test_a_year(desk: Desk, choices: Choices, lookup: str) -> None:
    rows = [contact(1, labels="a,b"), contact(2), contact(3), contact(4, country="BE")]
    with other_kanbert(choices) as kanbert:
        desk.has(*rows, mapping=MAPPING)
        assert ran(desk, kanbert, lookup=lookup).counts == {"read": 4, "created": 4}
        again = ran(desk, kanbert, lookup=lookup)
        assert again.counts == {"read": 4, "unchanged": 4}
        assert kanbert.writes[4:] == []
        desk.has(rows[0] | {"phone": "1"}, *rows[1:3], rows[3] | {"labels": "c"}, mapping=MAPPING)
        changed = ran(desk, kanbert, lookup=lookup)
        patches = [{"phone": "1"}, *([] if choices.tags == "hidden" else [{"tags": ["c"]}])]
        assert kanbert.writes[4:] == [("PATCH", body) for body in patches]
        assert changed.counts == {"read": 4, "updated": len(patches), "unchanged": 4 - len(patches)}


@pytest.mark.parametrize(("choices", "lookup"), [*cases(WRITES)])
def test_companies_with_a_past(desk: Desk, choices: Choices, lookup: str) -> None:
    """One that nobody has a number for, an archived one, one of somebody else, and one with values of others."""
    with other_kanbert(choices) as kanbert:
        free = kanbert.add(company_name="Free", phone="020 00001", fax="kept")
        gone = kanbert.add(external_id="K-2", external_origin="test", company_name="Gone")
        gone["deleted_at"] = kanbert.now()
        other = kanbert.add(external_id="K-3", external_origin="others", company_name="Other", tags=["o"])
        ours = kanbert.add(
            external_id="K-4", external_origin="test", company_name="4", tags=["t"], custom_fields={"theirs": 1}
        )
        untouched = dict(other)
        matches = choices.filters != "refused"
        desk.has(*(contact(n, labels="x") for n in range(1, 5)), mapping=MATCHING if matches else MAPPING)
        ended = ran(desk, kanbert, lookup=lookup)
        taken = {"adopted": 1, "created": 1} if matches else {"created": 2}
        assert ended.counts == {"read": 4, **taken, "updated": 1, "refused": 1}
        assert (other, gone["company_name"]) == (untouched, "Gone")
        assert ours["custom_fields"] == {"theirs": 1, "rank": "K-4"}
        assert ours["tags"] == (["t"] if choices.tags == "hidden" else ["t", "x"])
        assert (free["external_id"], free["fax"]) == ("K-1" if matches else None, "kept")
        restored = ran(desk, kanbert, "--archived", "restore", lookup=lookup)
        silent = choices.duplicate == "400" and not seen_archived(choices, lookup)
        assert restored.counts == {"read": 4, "unchanged": 3, "refused" if silent else "restored": 1}
        assert (
            (gone["company_name"], gone["deleted_at"]) == ("Gone", gone["deleted_at"])
            if silent
            else ("Bedrijf 2", None)
        )


def seen_archived(choices: Choices, lookup: str) -> bool:
    return choices.shows_archived or (lookup == "list" and choices.filters == "known")


@pytest.mark.parametrize(("choices", "lookup"), [*cases(LOST)])
def test_answers_that_are_lost(desk: Desk, choices: Choices, lookup: str) -> None:
    with other_kanbert(choices) as kanbert:
        desk.has(*(contact(n) for n in range(1, 5)), mapping=MAPPING)
        kanbert.lose.update(POST=2)
        assert ran(desk, kanbert, lookup=lookup).counts == {"read": 4, "created": 4}
        assert len(kanbert.writes) == len(kanbert.companies) == 4
        desk.has(*(contact(n, phone=str(n)) for n in range(1, 5)), mapping=MAPPING)
        kanbert.lose.update(PATCH=2)
        assert ran(desk, kanbert, lookup=lookup).counts == {"read": 4, "updated": 4}
        assert sorted(one["phone"] for one in kanbert.companies.values()) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(("choices", "lookup"), [*cases({"duplicate"})])
def test_a_refused_row_is_told_and_retried(desk: Desk, choices: Choices, lookup: str) -> None:
    with other_kanbert(choices) as kanbert:
        desk.has(contact(1, phone="bad"), contact(2), mapping=MAPPING)
        ended = ran(desk, kanbert, lookup=lookup)
        assert ended.counts == {"read": 2, "created": 1, "refused": 1}
        assert "phone is no phone" in str(ended.document["issues"])
        kanbert.strict = False
        assert desk.retry().counts == {"read": 1, "created": 1}
        assert len(kanbert.companies) == 2


def test_without_a_filter_a_list_cannot_be_had_and_matching_cannot_be_asked(desk: Desk) -> None:
    with other_kanbert(Choices(filters="refused")) as kanbert:
        desk.has(contact(1), mapping=MAPPING)
        listed = desk.run("--lookup", "list", to=kanbert.url)
        desk.has(contact(1), mapping=MATCHING)
        matched = desk.run("--lookup", "rows", to=kanbert.url)
        for ended in (listed, matched):
            assert (ended.code, ended.document["pending"]) == (3, 1)
            assert "does not take the filter" in ended.out
            assert "A mapping without `match`, run with --lookup rows, needs no list" in ended.out
        assert kanbert.writes == []


@pytest.mark.slow  # a page for 404 is believed after a while
def test_a_doctor_finds_its_way_in_another_kanbert(desk: Desk) -> None:
    with other_kanbert(EVERYTHING) as kanbert:
        kanbert.add(company_name="A", external_id="1", external_origin="x", phone="1")
        before = {**kanbert.companies[1], "updated_at": None}
        ended = desk.call("doctor", "--to", kanbert.url, "--probe-patch", "--json")
        states = {check["name"]: check["state"] for check in ended.document["checks"]}
        assert ended.code == 0, ended.out
        assert {states[name] for name in ("address", "token", "read-scope", "write-scope", "origin", "patch")} == {"ok"}
        assert {**kanbert.companies[1], "updated_at": None} == before


def test_a_doctor_without_a_list_says_which_checks_need_one(desk: Desk) -> None:
    with other_kanbert(Choices(filters="refused")) as kanbert:
        ended = desk.call("doctor", "--to", kanbert.url, "--probe-patch", "--json")
        found = {check["name"]: check["found"] for check in ended.document["checks"]}
        assert ended.code == 0
        assert found["patch"] == "the list was not answered, so no company is known to try it on"
        assert "does not take the filter" in found["page-size"]


@pytest.mark.parametrize(("choices", "lookup"), [*cases(WRITES | {"ids", "flags", "names"})])
def test_a_run_and_its_undo(desk: Desk, choices: Choices, lookup: str) -> None:
    """The companies that were there are as they were, but for tags that no answer shows: they were not sent either."""
    with other_kanbert(choices) as kanbert:
        kanbert.add(company_name="Free", phone="020 00001", fax="kept", address_invoice_country="BE")
        past = {"address_invoice_country": "DE", "tags": ["t"], "custom_fields": {"theirs": 1, "rank": 7}}
        kanbert.add(external_id="K-2", external_origin="test", company_name="2", business_field="Old", **past)
        changed = kanbert.add(external_id="K-3", external_origin="test", company_name="3", **past)
        before = {number: as_kept(one) for number, one in kanbert.companies.items()}
        matches = choices.filters != "refused"
        desk.has(*(contact(n, labels="x") for n in range(1, 5)), mapping=MATCHING if matches else MAPPING)
        assert ran(desk, kanbert, lookup=lookup).code == 0
        changed["fax"] = "theirs"
        ended = desk.call("undo", desk.journal, "--json", "-q")
        assert [one["external_id"] for one in ended.document["kept"]] == ["K-3"], ended.document["kept"]
        assert "fax" in ended.document["kept"][0]["message"]
        counts = {name: count for name, count in ended.document["undone"].items() if count}
        taken = {"handed_back": 1, "archived": 1} if matches else {"archived": 2}
        intents = intended(desk)  # 4, and one more for each connection that a busy machine broke before the answer
        assert counts == {"companies": 4, "operations": intents, "put_back": 1, "kept": 1, **taken}
        for number in (1, 2):
            assert as_kept(kanbert.companies[number]) == before[number]
        assert all(one["deleted_at"] for number, one in kanbert.companies.items() if number > 3)


def intended(desk: Desk) -> int:
    with closing(sqlite3.connect(desk.journal)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM operation WHERE undoes IS NULL").fetchone()
    return int(count)


def as_kept(company: dict[str, Any]) -> dict[str, Any]:
    custom = {slug: value for slug, value in company["custom_fields"].items() if value is not None}
    hidden = {"updated_at", "custom_fields", *([] if company["external_id"] else ["external_origin"])}
    return {name: value for name, value in company.items() if name not in hidden} | {"custom": custom}
