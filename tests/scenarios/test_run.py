"""`run` from outside: what lands, what is sent again, and what is not."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Behaviour, Fault, begun_anew
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk


def test_a_fresh_space_costs_one_page_and_one_request_a_row(desk: Desk) -> None:
    desk.has_contacts(200)
    ended = desk.run()
    assert ended.code == 0
    assert ended.counts == {"read": 200, "created": 200}
    assert ended.document["requests"] == {
        "total": 201,
        "read": 1,
        "write": 200,
        "retried": 0,
        "throttled": 0,
        "waited_s": 0.0,
    }
    assert ended.document["next"] is None
    companies = desk.kanbert.companies()
    assert len(companies) == 200
    assert companies["K-7"]["company_name"] == "Bedrijf 7"
    assert companies["K-7"]["external_origin"] == "test"
    assert companies["K-7"]["address_invoice_country"]["code"] == "NL"


def test_the_same_command_again_sends_nothing(desk: Desk) -> None:
    desk.has_contacts(50)
    desk.run()
    before = len(desk.kanbert.requests)
    ended = desk.run()
    assert ended.code == 0
    assert ended.counts == {"read": 50, "unchanged": 50}
    assert len(desk.kanbert.requests) == before


def test_another_journal_finds_everything_unchanged_by_listing_alone(desk: Desk) -> None:
    desk.has_contacts(70)
    desk.run()
    before = len(desk.kanbert.requests)
    ended = desk.run("--journal", desk.folder / "second.journal")
    assert ended.counts == {"read": 70, "unchanged": 70}
    assert [(one.method, one.path) for one in desk.kanbert.requests[before:]] == [("GET", "/companies")] * 3


def test_three_edited_cells_are_three_patches_of_the_changed_fields(desk: Desk) -> None:
    contacts = [contact(n) for n in range(1, 41)]
    desk.has(*contacts)
    desk.run()
    contacts[3]["phone"] = "changed"
    contacts[17]["name"] = "Changed BV"
    contacts[30]["country"] = "Duitsland"
    desk.has(*contacts)
    before = len(desk.kanbert.requests)
    ended = desk.run()
    assert ended.counts == {"read": 40, "updated": 3, "unchanged": 37}
    patches = [one for one in desk.kanbert.requests[before:] if one.method != "GET"]
    assert [one.method for one in patches] == ["PATCH"] * 3
    assert sorted(tuple(one.body_keys) for one in patches) == [
        ("address_invoice_country",),
        ("company_name",),
        ("phone",),
    ]
    assert desk.kanbert.companies()["K-31"]["address_invoice_country"]["code"] == "DE"


def test_what_is_read_again_before_an_update_costs_one_request_a_changed_row(desk: Desk) -> None:
    desk.has_contacts(40)
    desk.run()
    desk.has(*(contact(n, phone="new") if n <= 5 else contact(n) for n in range(1, 41)))
    requests = {}
    for max_age in (60, 0):
        before = len(desk.kanbert.requests)
        journal = desk.folder / f"{max_age}.journal"
        ended = desk.run("--max-age", max_age, "--lookup", "list", "--journal", journal)
        assert ended.counts == {"read": 40, "updated": 5, "unchanged": 35}
        requests[max_age] = len(desk.kanbert.requests) - before
        desk.has(*(contact(n, phone="newer") if n <= 5 else contact(n) for n in range(1, 41)))
    assert requests == {60: 2 + 5, 0: 2 + 2 * 5}


@pytest.mark.parametrize("lookup", ["rows", "list", "auto"])
def test_every_way_of_finding_companies_comes_to_the_same(desk: Desk, lookup: str) -> None:
    desk.has_contacts(40)
    desk.run()
    desk.has(*(contact(n, phone="new") if n < 6 else contact(n) for n in range(1, 51)))
    ended = desk.run("--lookup", lookup, "--journal", desk.folder / f"{lookup}.journal")
    assert ended.counts == {"read": 50, "created": 10, "updated": 5, "unchanged": 35}
    assert desk.kanbert.stats()["duplicates"] == 0


@pytest.mark.slow
def test_a_small_file_does_not_list_a_large_space(desk: Desk) -> None:
    desk.has_contacts(300)
    desk.run()
    desk.has(contact(5, phone="new"), contact(9))
    before = len(desk.kanbert.requests)
    ended = desk.run("--journal", desk.folder / "small.journal")
    assert ended.counts == {"read": 2, "updated": 1, "unchanged": 1}
    reads = [one for one in desk.kanbert.requests[before:] if one.method == "GET"]
    assert len(reads) <= 4


def test_refused_rows_do_not_hold_up_the_others(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"), contact(3, name=""), contact(4), contact(4))
    ended = desk.run()
    assert ended.code == 1
    assert ended.counts == {"read": 5, "created": 1, "refused": 4}
    document = ended.document
    assert {issue["code"] for issue in document["issues"]} == {"not-a-country", "missing-required", "duplicate-in-file"}
    assert all(issue["first_rows"] and issue["hint"] for issue in document["issues"])
    assert document["next"] == shlex.join(
        ["kanbert-import", "report", str(desk.journal), "-o", str(desk.folder / "contacts-errors.xlsx")]
    )


def test_tags_are_added_to_those_that_are_there(desk: Desk) -> None:
    desk.has(contact(1, labels="VIP"))
    desk.run()
    desk.has(contact(1, labels="Oud"))
    desk.run()
    assert {tag["title"] for tag in desk.kanbert.companies()["K-1"]["tags"]} == {"VIP", "Oud"}


def test_an_empty_cell_keeps_what_kanbert_has_unless_the_mapping_clears_it(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    desk.has(contact(1, phone=""))
    assert desk.run().counts == {"read": 1, "unchanged": 1}
    assert desk.kanbert.companies()["K-1"]["phone"] == "020 00001"
    desk.has(contact(1, phone=""), mapping=MAPPING.replace("company:", "blank: clear\ncompany:"))
    assert desk.run().counts == {"read": 1, "updated": 1}
    assert desk.kanbert.companies()["K-1"]["phone"] is None


def test_a_limit_takes_the_first_rows_and_the_rest_comes_later(desk: Desk) -> None:
    desk.has_contacts(30)
    assert desk.run("--limit", 5).counts == {"read": 5, "created": 5}
    assert desk.run().counts == {"read": 30, "created": 25, "unchanged": 5}


def test_a_limit_after_a_full_run_forgets_nothing(desk: Desk) -> None:
    desk.has(*(contact(n) for n in range(1, 10)), contact(10, country="Holand"))
    desk.run()
    assert desk.run("--limit", 3).counts == {"read": 3, "unchanged": 3}
    assert desk.call("status", desk.journal, "--json").counts == {"read": 10, "unchanged": 9, "refused": 1}


def test_too_high_a_share_of_refused_rows_stops_the_run_before_it_begins(desk: Desk) -> None:
    desk.has(*(contact(n) for n in range(1, 10)), contact(10, country="Holand"))
    stopped = desk.run("--max-error-rate", 0.05)
    assert (stopped.code, stopped.document["pending"], desk.kanbert.writes) == (1, 9, [])
    assert stopped.document["next"].startswith("kanbert-import report ")  # the same again would stop at once
    assert desk.run("--max-error-rate", 0.2).counts == {"read": 10, "created": 9, "refused": 1}


def test_an_archived_holder_is_reported_then_restored_when_asked(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    desk.kanbert.archive("K-1")
    reported = desk.run("--journal", desk.folder / "2.journal")
    assert (reported.code, reported.counts) == (1, {"read": 1, "refused": 1})
    assert reported.document["issues"][0]["code"] == "archived-in-kanbert"
    restored = desk.run("--journal", desk.folder / "2.journal", "--archived", "restore")
    assert (restored.code, restored.counts) == (0, {"read": 1, "restored": 1})
    assert desk.kanbert.companies()["K-1"]["deleted_at"] is None


def test_an_archived_holder_found_row_by_row_is_restored_too(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    desk.kanbert.archive("K-1")
    desk.has(contact(1, phone="new"))
    options = ("--journal", desk.folder / "2.journal", "--lookup", "rows")
    reported = desk.run(*options)
    assert reported.document["issues"][0]["code"] == "held-elsewhere"
    assert desk.run(*options, "--archived", "restore").code == 0
    company = desk.kanbert.companies()["K-1"]
    assert (company["deleted_at"], company["phone"]) == (None, "new")


def test_the_embedded_sandbox_keeps_its_companies_between_runs(desk: Desk) -> None:
    desk.has_contacts(20)
    assert desk.run(to="sandbox").counts == {"read": 20, "created": 20}
    assert (desk.folder / "kanbert-sandbox.db").exists()
    assert desk.run("--journal", desk.folder / "2.journal", to="sandbox").counts == {"read": 20, "unchanged": 20}


def test_a_deleted_sandbox_is_not_taken_for_done(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run(to="sandbox")
    for file in desk.folder.glob("kanbert-sandbox.db*"):
        file.unlink()
    ended = desk.run(to="sandbox")
    assert ended.code == 4
    assert "is gone" in ended.err


def test_a_sandbox_that_was_begun_anew_is_not_taken_for_done(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run(to="sandbox")
    with begun_anew(desk.folder / "kanbert-sandbox.db") as forget:
        forget()
    desk.run("--journal", desk.folder / "2.journal", to="sandbox")
    for ended in (desk.run(to="sandbox"), desk.retry()):
        assert ended.code == 4
        assert "was begun anew since" in ended.err
        assert "Delete the journal" in ended.err


FAULTS = [
    pytest.param({"do": "reset_after"}, id="committed-and-answer-lost"),
    pytest.param({"do": "reset_before"}, id="connection-lost-before"),
    pytest.param({"do": "reset_during"}, id="half-an-answer"),
    pytest.param({"do": "status", "status": 500}, id="500-before"),
    pytest.param({"do": "status", "status": 500, "commit": True}, id="500-after"),
    pytest.param({"do": "status", "status": 503, "body": "html"}, id="503-html"),
    pytest.param({"do": "content_type"}, id="wrong-content-type"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_on_create_makes_a_second_company_or_loses_one(desk: Desk, fault: dict[str, Any]) -> None:
    """Every fourth row is hit, each of them twice."""
    desk.has_contacts(40)
    hit = [f"K-{n}" for n in range(4, 41, 4)]
    desk.kanbert.set_faults(*(Fault(on="POST /companies", external_id=key, times=2, **fault) for key in hit))
    ended = desk.run()
    assert ended.counts == {"read": 40, "created": 40}
    assert [desk.kanbert.creates(f"K-{n}") for n in range(1, 41)] == [1] * 40
    assert desk.kanbert.stats()["duplicates"] == 0


def test_a_throttled_run_waits_as_told_and_fails_no_row(desk: Desk) -> None:
    desk.has_contacts(30)
    desk.kanbert.set_faults(Fault(on="POST /companies", nth=5, do="status", status=429, retry_after=1))
    ended = desk.run()
    assert ended.counts == {"read": 30, "created": 30}
    assert ended.document["requests"]["throttled"] >= 1
    assert ended.document["duration_s"] >= 1


def test_a_token_that_expires_stops_the_run_and_the_same_command_resumes(desk: Desk) -> None:
    desk.has_contacts(60)
    desk.kanbert.set_faults(Fault(on="POST /companies", nth=20, do="expire_token"))
    ended = desk.run()
    assert ended.code == 3
    document = ended.document
    assert "token" in document["error"]
    assert sum(document["counts"][name] for name in document["counts"] if name != "read") + document["pending"] == 60
    assert document["next"].startswith("kanbert-import run ")
    desk.kanbert.set_faults()
    again = desk.run()
    assert again.code == 0
    assert "error" not in again.document
    assert again.counts == {"read": 60, "created": 60}
    assert desk.kanbert.stats()["duplicates"] == 0


def test_too_many_errors_stop_the_run(desk: Desk) -> None:
    desk.has(*(contact(n, country="??") for n in range(1, 6)), contact(9))
    ended = desk.run("--max-errors", 2)
    assert ended.code == 1
    assert ended.counts == {"read": 6, "refused": 5}
    assert ended.document["pending"] == 1
    assert desk.kanbert.writes == []


def test_an_archived_company_that_a_listing_showed_is_not_made_again_row_by_row(desk: Desk) -> None:
    """The second run has one row left: it is cheaper to ask for that one, which shows no archived company."""
    desk.has_contacts(40)
    with local_kanbert(behaviour=Behaviour(archived_frees_id=True)) as desk.kanbert:
        desk.run("--journal", desk.folder / "first.journal")
        desk.kanbert.archive("K-7")
        for options in ((), (), ("--lookup", "rows")):
            ended = desk.run(*options)
            assert [one["code"] for one in ended.document["issues"]] == ["archived-in-kanbert"]
        assert desk.kanbert.stats()["companies"] == {"live": 39, "archived": 1}
        restored = desk.run("--archived", "restore")
        assert restored.counts == {"read": 40, "restored": 1, "unchanged": 39}
        assert desk.kanbert.stats()["duplicates"] == 0
