"""Companies that are in Kanbert without an external_id: taken over once, by the mapping's `match`, and never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Behaviour, Fault
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.conftest import Desk, Ended

MATCHING = MAPPING + "match: [phone, [company_name, phone], company_name]\n"
LOOKUPS = pytest.mark.parametrize("lookup", ["list", "rows"])


def ran(desk: Desk, lookup: str, *contacts: dict[str, str], journal: str = "contacts.journal") -> Ended:
    if contacts:
        desk.has(*contacts, mapping=MATCHING)
    return desk.run("--lookup", lookup, "--journal", desk.folder / journal)


def codes(ended: Ended) -> list[str]:
    return [issue["code"] for issue in ended.document["issues"]]


def asked(desk: Desk, before: int) -> list[str]:
    """Return method and path of the requests since, ids left out."""
    return sorted(
        "/".join([one.method, *(part for part in one.path.split("/")[1:] if not part.isdigit())])
        for one in desk.kanbert.requests[before:]
    )


@pytest.mark.parametrize(
    ("lookup", "reads"),
    [
        pytest.param("list", ["GET/companies"], id="list"),
        pytest.param("rows", ["GET/companies", "GET/companies", "GET/companies", "GET/companies/K-1"], id="rows"),
    ],
)
def test_a_company_that_matches_is_adopted_and_brought_up_to_date(desk: Desk, lookup: str, reads: list[str]) -> None:
    """By rows: the preflight, the filter, the archived companies once; in either way number and company once more."""
    kanbert_id = desk.kanbert.add(company_name="Old name", phone="020 00001", fax="kept", tags=["theirs"])
    before = len(desk.kanbert.requests)
    ended = ran(desk, lookup, contact(1))
    assert (ended.code, ended.counts) == (0, {"read": 1, "adopted": 1})
    [company] = desk.kanbert.all_companies()
    assert (company["id"], company["external_id"], company["external_origin"]) == (kanbert_id, "K-1", "test")
    assert (company["company_name"], company["fax"], company["phone"]) == ("Bedrijf 1", "kept", "020 00001")
    writes = ["GET/companies", "GET/companies/K-1", "PATCH/companies", "PUT/companies/external-identifier"]
    assert asked(desk, before) == sorted([*reads, *writes])
    [patch] = [one for one in desk.kanbert.requests if one.method == "PATCH"]
    assert set(patch.body_keys) == {"company_name", "address_invoice_country"}


@LOOKUPS
def test_an_adopted_company_is_found_by_its_external_id_from_then_on(desk: Desk, lookup: str) -> None:
    desk.kanbert.add(company_name="Bedrijf 1", phone="020 00001", address_invoice_country="NL")
    assert ran(desk, lookup, contact(1)).counts == {"read": 1, "adopted": 1}
    assert desk.kanbert.writes[1:] == [f"PUT /companies/{desk.kanbert.companies()['K-1']['id']}/external-identifier"]
    writes = len(desk.kanbert.writes)
    assert ran(desk, lookup).counts == {"read": 1, "unchanged": 1}
    assert ran(desk, lookup, journal="fresh.journal").counts == {"read": 1, "unchanged": 1}
    assert len(desk.kanbert.writes) == writes


def test_a_listing_answers_every_question_of_matching(desk: Desk) -> None:
    for n in range(1, 41):
        desk.kanbert.add(company_name=f"Bedrijf {n}", phone=f"020 {n:05}", address_invoice_country="NL")
    before = len(desk.kanbert.requests)
    ended = ran(desk, "list", *(contact(n) for n in range(1, 61)))
    assert ended.counts == {"read": 60, "adopted": 40, "created": 20}
    counted = asked(desk, before)
    assert {what: counted.count(what) for what in set(counted)} == {
        "GET/companies": 2 + 40,  # two pages, and each company right before it is taken over
        **{f"GET/companies/K-{n}": 1 for n in range(1, 41)},  # likewise each number
        "PUT/companies/external-identifier": 40,
        "POST/companies": 20,
    }


@LOOKUPS
def test_no_match_is_a_create(desk: Desk, lookup: str) -> None:
    desk.kanbert.add(company_name="Somebody", phone="1")
    assert ran(desk, lookup, contact(1), contact(2, phone="")).counts == {"read": 2, "created": 2}


@LOOKUPS
@pytest.mark.parametrize(
    ("fields", "row"),
    [
        pytest.param({"company_name": "BEDRIJF 1 "}, {"phone": ""}, id="case-and-blanks"),
        pytest.param({"company_name": "ünÏ"}, {"name": "ÜNï"}, id="case-beyond-ascii"),
        pytest.param({"company_name": "x", "phone": "020 00001"}, {}, id="the-first-rule"),
        pytest.param({"company_name": "Bedrijf 1"}, {}, id="the-last-rule"),
    ],
)
def test_values_are_compared_trimmed_and_without_case(
    desk: Desk, lookup: str, fields: dict[str, str], row: dict[str, str]
) -> None:
    if lookup == "rows" and not fields["company_name"].isascii():
        fields = {"company_name": row["name"]}  # the sandbox's filter folds ASCII alone: it finds what is the same
    desk.kanbert.add(**fields)
    assert ran(desk, lookup, contact(1, **row)).counts == {"read": 1, "adopted": 1}


@LOOKUPS
def test_the_first_rule_with_hits_decides(desk: Desk, lookup: str) -> None:
    by_phone = desk.kanbert.add(company_name="Other name", phone="020 00001")
    desk.kanbert.add(company_name="Bedrijf 1")
    assert ran(desk, lookup, contact(1)).counts == {"read": 1, "adopted": 1}
    assert desk.kanbert.companies()["K-1"]["id"] == by_phone


@LOOKUPS
def test_several_matches_are_left_to_a_person(desk: Desk, lookup: str) -> None:
    first, second = (desk.kanbert.add(company_name=name, phone="020 00001") for name in ("A", "B"))
    writes = len(desk.kanbert.writes)
    ended = ran(desk, lookup, contact(1))
    assert (ended.code, ended.counts, codes(ended)) == (1, {"read": 1, "refused": 1}, ["several-matches"])
    assert f"{first}, {second}" in ended.document["issues"][0]["message"]
    assert len(desk.kanbert.writes) == writes
    desk.kanbert.ask("DELETE", f"/companies/{second}")
    assert desk.retry("--lookup", lookup).counts == {"read": 1, "adopted": 1}
    assert desk.kanbert.companies()["K-1"]["id"] == first


@LOOKUPS
@pytest.mark.parametrize("origin", ["test", "other"])
def test_a_match_that_has_an_external_id_is_neither_taken_nor_copied(desk: Desk, lookup: str, origin: str) -> None:
    holder = {"external_id": "K-99", "external_origin": origin}
    kanbert_id = desk.kanbert.add(company_name="A", phone="020 00001", **holder)
    stored = desk.kanbert.all_companies()
    ended = ran(desk, lookup, contact(1))
    assert (ended.code, ended.counts, codes(ended)) == (1, {"read": 1, "refused": 1}, ["match-is-taken"])
    message = ended.document["issues"][0]["message"]
    assert f'company {kanbert_id}, which has external_id "K-99" of origin "{origin}"' in message
    assert desk.kanbert.all_companies() == stored


@LOOKUPS
def test_an_archived_company_is_not_adopted(desk: Desk, lookup: str) -> None:
    kanbert_id = desk.kanbert.add(company_name="A", phone="020 00001")
    desk.kanbert.ask("DELETE", f"/companies/{kanbert_id}")
    assert ran(desk, lookup, contact(1)).counts == {"read": 1, "created": 1}


@LOOKUPS
@pytest.mark.parametrize("concurrency", [1, 8])
def test_of_two_rows_that_match_one_company_one_adopts_it(desk: Desk, lookup: str, concurrency: int) -> None:
    desk.kanbert.add(company_name="A", phone="1")
    desk.has(*(contact(n, phone="1") for n in range(1, 9)), mapping=MATCHING)
    ended = desk.run("--lookup", lookup, "--concurrency", concurrency)
    assert ended.counts == {"read": 8, "adopted": 1, "refused": 7}
    assert codes(ended) == ["match-is-taken"] * len(codes(ended))
    assert len(desk.kanbert.all_companies()) == 1
    assert len([write for write in desk.kanbert.writes if write.startswith("PUT")]) == 1


@LOOKUPS
def test_what_the_run_itself_makes_is_no_match_for_other_rows(desk: Desk, lookup: str) -> None:
    rows = [contact(n, phone="1", name=f"Branch {n}") for n in range(1, 81)]
    assert ran(desk, lookup, *rows).counts == {"read": 80, "created": 80}


@pytest.fixture
def taking(desk: Desk) -> Iterator[Desk]:
    """A Kanbert where PUT external-identifier takes a number away from its holder."""
    with local_kanbert(behaviour=Behaviour(identifier_taken="take")) as kanbert:
        desk.kanbert = kanbert
        yield desk


@LOOKUPS
def test_a_number_is_never_taken_from_its_archived_holder(taking: Desk, lookup: str) -> None:
    taking.kanbert.add(company_name="Old", external_id="K-1", external_origin="test")
    taking.kanbert.archive("K-1")
    taking.kanbert.add(company_name="A", phone="020 00001")
    stored = taking.kanbert.all_companies()
    ended = ran(taking, lookup, contact(1))
    assert (ended.counts, codes(ended)) == ({"read": 1, "refused": 1}, ["archived-in-kanbert"])
    assert taking.kanbert.all_companies() == stored


@LOOKUPS
def test_a_number_is_never_taken_from_one_that_kanbert_takes_for_the_same(desk: Desk, lookup: str) -> None:
    with local_kanbert(behaviour=Behaviour(identifier_taken="take", folds_external_id=True)) as kanbert:
        desk.kanbert = kanbert
        kanbert.add(company_name="Small", external_id="k-1", external_origin="test")
        kanbert.add(company_name="A", phone="020 00001")
        stored = kanbert.all_companies()
        ended = ran(desk, lookup, contact(1))
        assert (ended.counts, codes(ended)) == ({"read": 1, "refused": 1}, ["other-company-answered"])
        assert kanbert.all_companies() == stored


@LOOKUPS
def test_a_number_that_has_a_live_holder_is_not_moved_to_what_matches(taking: Desk, lookup: str) -> None:
    holder = taking.kanbert.add(company_name="Old", external_id="K-1", external_origin="test")
    taking.kanbert.add(company_name="A", phone="020 00001")
    assert ran(taking, lookup, contact(1)).counts == {"read": 1, "updated": 1}
    assert taking.kanbert.companies()["K-1"]["id"] == holder


@LOOKUPS
def test_an_archived_holder_that_a_lookup_does_not_show_keeps_its_number(desk: Desk, lookup: str) -> None:
    desk.kanbert.add(company_name="Old", external_id="K-1", external_origin="test")
    desk.kanbert.archive("K-1")
    matched = desk.kanbert.add(company_name="A", phone="020 00001")
    desk.has(contact(1), mapping=MATCHING)
    ended = desk.run("--lookup", lookup, "--archived", "restore")
    assert ended.counts == {"read": 1, "restored": 1}
    assert desk.kanbert.all_companies()[1]["id"] == matched
    assert desk.kanbert.all_companies()[1]["external_id"] is None


@LOOKUPS
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("do", ["reset_before", "reset_after"])
def test_an_answer_lost_once_is_asked_for_again(desk: Desk, lookup: str, method: str, do: Any) -> None:
    desk.kanbert.add(company_name="A", phone="020 00001")
    desk.kanbert.set_faults(Fault(on=f"{method} /*", do=do, times=1))
    assert ran(desk, lookup, contact(1)).counts == {"read": 1, "adopted": 1}
    [company] = desk.kanbert.all_companies()
    assert (company["external_id"], company["company_name"]) == ("K-1", "Bedrijf 1")


@LOOKUPS
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_adoption_that_a_stop_cut_in_two_is_finished_by_the_next_run(desk: Desk, lookup: str, method: str) -> None:
    desk.kanbert.add(company_name="A", phone="020 00001")
    desk.kanbert.set_faults(Fault(on=f"{method} /*", do="status", status=401))
    assert ran(desk, lookup, contact(1)).code == 3
    desk.kanbert.set_faults()
    assert ran(desk, lookup).counts == {"read": 1, "adopted": 1}
    [company] = desk.kanbert.all_companies()
    assert (company["external_id"], company["company_name"]) == ("K-1", "Bedrijf 1")


@pytest.mark.slow
@LOOKUPS
@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param({"case_sensitive_filter": True}, id="the-filter-minds-case"),
        pytest.param({"origin_without_id": "null"}, id="no-origin-without-an-id"),
        pytest.param({"ids": "numbers"}, id="ids-are-numbers"),
        pytest.param({"ids": "uuid"}, id="ids-are-uuids"),
        pytest.param({"page_size_max": 1}, id="a-page-of-one"),
        pytest.param({"identifier_taken": "take"}, id="numbers-can-be-taken-away"),
        pytest.param({"meta_keys": "no_next_cursor"}, id="no-next-cursor"),
    ],
)
def test_every_plausible_kanbert_lets_companies_be_adopted(desk: Desk, lookup: str, behaviour: dict[str, Any]) -> None:
    with local_kanbert(behaviour=Behaviour(**behaviour)) as kanbert:
        desk.kanbert = kanbert
        for n in range(1, 4):
            kanbert.add(company_name=f"Bedrijf {n}", phone="1" if n == 3 else "")
        kanbert.add(company_name="Other", phone="1")
        ended = ran(desk, lookup, contact(1), contact(2), contact(3, phone="1"), contact(4))
        assert ended.counts == {"read": 4, "adopted": 2, "created": 1, "refused": 1}
        assert codes(ended) == ["several-matches"]


@LOOKUPS
def test_without_match_nothing_is_adopted(desk: Desk, lookup: str) -> None:
    desk.kanbert.add(company_name="A", phone="020 00001")
    desk.has(contact(1))
    assert desk.run("--lookup", lookup).counts == {"read": 1, "created": 1}
