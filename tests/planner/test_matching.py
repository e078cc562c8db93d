"""Rules of a mapping against companies: what counts as the same, who is asked, and what is no hit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from hypothesis import given, strategies as st

from importer.errors import TransientError
from importer.journal import Intent
from importer.kanbert import Page
from importer.model import Action, Code, Location
from importer.planner import (
    ArchivedHolders,
    AskingMatcher,
    ListedMatcher,
    ListingFinder,
    MatchRules,
    Policy,
    RowFinder,
    decide_match,
)
from tests.fakes.nouns import ORIGIN, desired, stored, work
from tests.fakes.target import ScriptedTarget

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from importer.company import Remote
    from importer.model import Json, Payload

PLACE = Location("contacts.csv", None, 2, "id")
RULES = MatchRules((("tax_uid",), ("company_name", "address_invoice_zip"), ("phone",)))
WANTED = desired("k1", phone="1", tax_uid="NL1")


def company(kanbert_id: str, external_id: str | None = None, origin: str = ORIGIN, **fields: Json) -> Remote:
    identity: Payload = {} if external_id is None else {"external_id": external_id, "external_origin": origin}
    return stored({**identity, **fields}, kanbert_id=kanbert_id)


# rules


def test_a_rule_applies_where_all_of_its_fields_are_set() -> None:
    fields: dict[str, Json] = {"company_name": " Acme ", "address_invoice_zip": " ", "phone": "1", "tax_uid": None}
    assert [(key.rule, key.values) for key in RULES.keys(fields)] == [(("phone",), ("1",))]
    fields["address_invoice_zip"] = "1234 AB"
    assert [key.values for key in RULES.keys(fields)] == [("Acme", "1234 AB"), ("1",)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("Acme", " ACME ", True, id="case-and-blanks"),
        pytest.param("Weiß GmbH", "WEISS GmbH", False, id="sharp-s-is-another-name"),
        pytest.param("MÜLLER", "mu\u0308ller", True, id="composed-or-not"),
        pytest.param("\ufb01x", "fix", False, id="ligatures-count"),
        pytest.param('O\'Neill, "Sons" 100%_*', 'o\'neill, "sons" 100%_*', True, id="quotes-and-wildcards"),
        pytest.param("100%", "100 and more", False, id="a-wildcard-is-a-character"),
        pytest.param("Café", "Cafe", False, id="accents-count"),
        pytest.param("Acme", "Acme BV", False, id="a-beginning"),
        pytest.param("", "", False, id="nothing-is-not-the-same-as-nothing"),
    ],
)
def test_values_are_the_same_trimmed_and_without_case(one: str, other: str, same: bool) -> None:
    assert MatchRules((("phone",),)).agree({"phone": one}, {"phone": other}) is same


@given(st.lists(st.text(), min_size=2, max_size=2), st.lists(st.text(), min_size=2, max_size=2))
def test_values_of_two_fields_never_run_together(one: list[str], other: list[str]) -> None:
    rules = MatchRules((("fax", "bic"),))
    first, second = ({"fax": pair[0], "bic": pair[1]} for pair in (one, other))
    if rules.agree(first, second):
        folded = [[normalize("NFC", value.strip()).casefold() for value in pair] for pair in (one, other)]
        assert folded[0] == folded[1]
        assert all(folded[0])


def test_values_of_two_rules_are_never_the_same() -> None:
    assert not MatchRules((("fax",), ("phone",))).agree({"fax": "1"}, {"phone": "1"})


# decisions


def test_a_free_company_is_adopted_with_the_fields_that_differ() -> None:
    operation = decide_match(WANTED, [company("31", phone="1", company_name="Theirs", fax="9")], PLACE)
    assert (operation.action, operation.kanbert_id) == (Action.ADOPT, "31")
    assert operation.body == {"company_name": "Company k1", "tax_uid": "NL1"}
    assert operation.before is not None
    assert operation.before["external_id"] is None


@pytest.mark.parametrize(
    ("matches", "code", "named"),
    [
        pytest.param([company("31"), company("32")], Code.SEVERAL_MATCHES, "31, 32", id="several"),
        pytest.param([company(str(n)) for n in range(9)], Code.SEVERAL_MATCHES, "0, 1, 2, 3, 4 and 4 more", id="many"),
        pytest.param([company("31"), company("32", "k9")], Code.SEVERAL_MATCHES, "31, 32", id="one-of-them-taken"),
        pytest.param([company("31", "k9")], Code.MATCH_IS_TAKEN, f'"k9" of origin "{ORIGIN}"', id="ours"),
        pytest.param([company("31", "k1", "other")], Code.MATCH_IS_TAKEN, '"k1" of origin "other"', id="theirs"),
    ],
)
def test_what_is_not_plain_is_left_to_a_person(matches: list[Remote], code: Code, named: str) -> None:
    operation = decide_match(WANTED, matches, PLACE)
    assert (operation.action, operation.body) == (Action.CONFLICT, {})
    [issue] = operation.issues
    assert issue.code is code
    assert named in issue.message


def test_several_holders_of_one_external_id_are_a_conflict_in_which_all_are_named() -> None:
    operation = Policy().decide_found(WANTED, [company("7", "k1"), company("8", "k1")], (), PLACE)
    assert (operation.action, [issue.code for issue in operation.issues]) == (Action.CONFLICT, [Code.HELD_TWICE])
    assert "7, 8" in operation.issues[0].message


def test_a_holder_counts_more_than_what_matches() -> None:
    operation = Policy().decide_found(WANTED, [company("7", "k1")], [company("31")], PLACE)
    assert (operation.action, operation.kanbert_id) == (Action.UPDATE, "7")


def test_nobody_and_nothing_is_a_create() -> None:
    assert Policy().decide_found(WANTED, (), (), PLACE).action is Action.CREATE


# asking and listing: the same hits, by other means


class Filter:
    """Kanbert's list by filter: gives pages as told, and remembers what it was asked."""

    def __init__(self, *pages: Sequence[Remote], endless: bool = False) -> None:
        self.pages = pages
        self.endless = endless
        self.asked: list[dict[str, str]] = []
        self.read = 0

    async def __call__(self, wanted: Mapping[str, str], key: str) -> AsyncGenerator[Page, None]:
        self.asked.append(dict(wanted))
        for number, companies in enumerate(self.pages, 1):
            self.read += 1
            last = number == len(self.pages) and not self.endless
            yield Page(number, tuple(companies), last=last)


async def nothing_written(external_ids: Sequence[str]) -> dict[str, dict[str, Json] | None]:
    return {}


async def made_k9(external_ids: Sequence[str]) -> dict[str, dict[str, Json] | None]:
    return {"k9": None} if "k9" in external_ids else {}


def asking(answer: Filter) -> AskingMatcher:
    return AskingMatcher(RULES, answer, made_k9)


def listing(*companies: Remote) -> ListedMatcher:
    async def listed(texts: list[str]) -> dict[str, list[Remote]]:
        found: dict[str, list[Remote]] = {}
        for one in companies:
            for text in RULES.texts(one.body):
                if text in texts:
                    found.setdefault(text, []).append(one)
        return found

    return ListedMatcher(RULES, listed, made_k9)


HITS = [
    pytest.param([], [], id="nothing"),
    pytest.param([company("31", tax_uid="nl1 ")], ["31"], id="one"),
    pytest.param([company("31", phone="1")], ["31"], id="by-the-last-rule"),
    pytest.param([company("31", phone="1"), company("32", tax_uid="NL1")], ["32"], id="the-first-rule-with-hits"),
    pytest.param([company("31", tax_uid="NL1"), company("32", tax_uid="NL1")], ["31", "32"], id="several"),
    pytest.param([company("31", "k8", tax_uid="NL1")], ["31"], id="one-that-is-taken"),
    pytest.param([company("31", "k9", tax_uid="NL1")], [], id="one-that-this-run-made"),
    pytest.param([company("31", "k9", "other", tax_uid="NL1")], ["31"], id="the-same-number-of-another-origin"),
    pytest.param([company("31", "k9", tax_uid="NL1"), company("32", phone="1")], ["32"], id="the-next-rule-then"),
]


@pytest.mark.parametrize(("companies", "hits"), HITS)
async def test_a_listing_and_a_filter_give_the_same_hits(companies: list[Remote], hits: list[str]) -> None:
    row = work("k1", row_id=5, phone="1", tax_uid="NL1")
    by_filter = await asking(Filter(companies))([row])
    by_listing = await listing(*companies)([row])
    assert [one.kanbert_id for one in by_filter.get(5, ())] == hits
    assert by_filter == by_listing


async def test_each_rule_is_asked_for_until_one_has_hits() -> None:
    answer = Filter([company("31", phone="1")])
    await asking(answer)([work("k1", phone="1", tax_uid=" NL1")])
    assert answer.asked == [{"tax_uid": "NL1"}, {"phone": "1"}]


async def test_what_the_filter_gives_beside_hits_is_no_hit() -> None:
    archived = replace(company("33", tax_uid="NL1"), archived=True)
    answer = Filter([company("31", tax_uid="NL12"), archived, company("32")])
    assert await asking(answer)([work("k1", tax_uid="NL1")]) == {}


async def test_no_further_page_is_read_once_a_match_is_ambiguous() -> None:
    answer = Filter(*[[company(str(n), tax_uid="NL1")] for n in range(9)])
    [hits] = (await asking(answer)([work("k1", tax_uid="NL1")])).values()
    assert len(hits) == 2
    assert answer.read == 2


async def test_a_filter_that_does_not_filter_is_not_followed_for_ever() -> None:
    answer = Filter(*[[company(str(n))] for n in range(20)], endless=True)
    with pytest.raises(TransientError, match="too many others"):
        await asking(answer)([work("k1", tax_uid="NL1")])
    assert answer.read == 10


async def test_a_row_that_no_rule_applies_to_is_not_asked_for() -> None:
    answer = Filter([company("31")])
    assert await asking(answer)([work("k1")]) == {}
    assert answer.asked == []


# finders


async def test_only_rows_that_nobody_holds_are_matched() -> None:
    answer, target = Filter([company("31", phone="1")]), ScriptedTarget(company("7", "k1"))
    finder = RowFinder(target.find, now=lambda: 3.0, match=AskingMatcher(RULES, answer, nothing_written))
    held, matched = await finder([work("k1", row_id=1, phone="1"), work("k2", row_id=2, phone="1")])
    assert ([one.kanbert_id for one in held.held], held.matches) == (["7"], ())
    assert held.held[0].read_at == 3.0
    assert (matched.held, [one.kanbert_id for one in matched.matches]) == ((), ["31"])
    assert len(answer.asked) == 1


async def test_archived_companies_are_listed_once_and_only_before_an_adoption() -> None:
    loads: list[str] = []
    holder = replace(company("9", "k2"), archived=True)

    async def load() -> None:
        loads.append("load")

    async def listed(external_ids: list[str]) -> dict[str, tuple[Remote, ...]]:
        return {"k2": (holder,)} if "k2" in external_ids else {}

    def finder(*companies: Remote) -> RowFinder:
        match = AskingMatcher(RULES, Filter(companies), nothing_written)
        archived = ArchivedHolders(load, listed)
        return RowFinder(ScriptedTarget().find, now=lambda: 0.0, match=match, archived=archived)

    works = [work(f"k{n}", row_id=n, phone="1") for n in (1, 2, 3)]
    assert [one.matches for one in await finder()(works)] == [(), (), ()]
    assert loads == []
    first, second, third = await finder(company("31", phone="1"))(works)
    assert (second.held, second.matches) == ((holder,), ())
    assert [len(one.matches) for one in (first, third)] == [1, 1]
    assert loads == ["load"]


async def test_a_listing_matches_what_neither_it_nor_a_look_up_shows_to_be_held() -> None:
    archived = replace(company("9", "k3"), archived=True)

    async def listed(external_ids: list[str]) -> dict[str, tuple[Remote, ...]]:
        known = {"k1": (company("7", "k1"),), "k3": (archived,), "k4": (company("8", "k4"), company("9", "k4"))}
        return {key: known[key] for key in external_ids if key in known}

    target = ScriptedTarget(company("5", "k2"), company("8", "k4"))
    rows = RowFinder(target.find, now=lambda: 0.0)
    intent = Intent(1, Action.ADOPT, {})
    works = [work(f"k{n}", row_id=n, phone="1", intent=intent if n > 1 else None) for n in range(1, 6)]
    found = await ListingFinder(listed, rows, listing(company("31", phone="1")))(works)
    assert [[one.kanbert_id for one in each.held] for each in found] == [["7"], ["5"], ["9"], ["8", "9"], []]
    assert [len(each.matches) for each in found] == [0, 0, 0, 0, 1]
