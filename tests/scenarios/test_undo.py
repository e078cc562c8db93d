"""`undo`: what runs did is taken back, what somebody changed since is kept and named, and a second undo does nothing."""

from __future__ import annotations

import io
import shlex
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from importer.commands.settings import Desk as Place, Writing
from importer.commands.undoing import undo as undo_it
from importer.journal import open_journal
from importer.model import UndoCounts
from importer.progress import progress_for
from importer.sandbox import Behaviour, Fault, Token, parse_seed
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.conftest import Desk, Ended

MATCHING = MAPPING + "match: [phone]\n"
CLEARING = MAPPING + "blank: clear\n"
STAMPS = {"created_at", "updated_at", "deleted_at"}


def undo(desk: Desk, *options: object) -> Ended:
    return desk.call("undo", desk.journal, "--json", "-q", *options)


def undone(ended: Ended) -> dict[str, int]:
    """The balance of an undo, without what did not happen."""
    counts = ended.document["undone"]
    assert counts["companies"] == sum(counts.values()) - counts["companies"] - counts["operations"]
    return {name: count for name, count in counts.items() if count and name != "operations"}


def space(desk: Desk) -> list[dict[str, Any]]:
    """All companies, timestamps left out."""
    return [
        {name: value for name, value in one.items() if name not in STAMPS} | {"archived": one["deleted_at"] is not None}
        for one in desk.kanbert.all_companies()
    ]


def live(desk: Desk) -> list[dict[str, Any]]:
    return [one for one in space(desk) if not one["archived"]]


def change(desk: Desk, kanbert_id: str, **fields: Any) -> None:
    """Change a company as a person would."""
    desk.kanbert.ask("PATCH", f"/companies/{kanbert_id}", fields)


def ours(desk: Desk, number: int, **fields: Any) -> str:
    """A company that is there already under the file's number."""
    identity = {"external_id": f"K-{number}", "external_origin": "test"}
    return desk.kanbert.add(**{"company_name": f"Old {number}", **identity, **fields})


# ── what is taken back ───────────────────────────────────────────────────────────────────────────────────────────────


def test_created_companies_are_archived(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.kanbert.add(company_name="Theirs", phone="1")
    before = live(desk)
    assert desk.run().counts == {"read": 3, "created": 3}
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {"companies": 3, "archived": 3}), ended.err
    assert live(desk) == before
    assert len(desk.kanbert.all_companies()) == 4
    assert sorted(desk.kanbert.writes[-3:]) == [f"DELETE /companies/{n}" for n in (2, 3, 4)]


def test_a_second_undo_does_nothing(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    undo(desk)
    before = len(desk.kanbert.requests)
    ended = undo(desk)
    assert (ended.code, undone(ended), ended.document["requests"]["total"]) == (0, {}, 0)
    assert len(desk.kanbert.requests) == before


def test_fields_are_put_back_also_to_nothing(desk: Desk) -> None:
    full = {"phone": "1", "address_invoice_country": "BE", "tags": ["theirs", "a"]}
    ours(desk, 1, **full)
    ours(desk, 2)
    ours(desk, 3, **full)
    before = space(desk)
    desk.has(
        contact(1, labels="a,b"), contact(2, labels="b"), contact(3, phone="", labels="", country=""), mapping=CLEARING
    )
    assert desk.run().counts == {"read": 3, "updated": 3}
    assert space(desk) != before
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {"companies": 3, "put_back": 3})
    assert space(desk) == before


def test_an_adopted_company_gets_its_fields_and_its_external_id_back(desk: Desk) -> None:
    desk.kanbert.add(company_name="Theirs", phone="020 00001")
    desk.kanbert.add(company_name="Bedrijf 2", phone="020 00002", address_invoice_country="NL")
    before = space(desk)
    desk.has(contact(1), contact(2), mapping=MATCHING)
    assert desk.run().counts == {"read": 2, "adopted": 2}
    desk.has(contact(1, name="Later"), contact(2), mapping=MATCHING)
    assert desk.run().counts == {"read": 2, "updated": 1, "unchanged": 1}
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {"companies": 2, "handed_back": 2})
    assert ended.document["undone"]["operations"] == 3
    assert space(desk) == before


@pytest.mark.parametrize("lookup", ["list", "rows"])
def test_a_restored_company_gets_its_fields_back_and_is_archived_again(desk: Desk, lookup: str) -> None:
    for number in (1, 2):
        ours(desk, number, **({} if number == 1 else {"phone": "020 00002", "address_invoice_country": "NL"}))
        desk.kanbert.archive(f"K-{number}")
    before = space(desk)
    desk.has(contact(1), contact(2, name="Old 2"))
    assert desk.run("--archived", "restore", "--lookup", lookup).counts == {"read": 2, "restored": 2}
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {"companies": 2, "archived_again": 2})
    assert space(desk) == before


def test_all_runs_of_a_journal_are_taken_back_as_one(desk: Desk) -> None:
    ours(desk, 1, phone="first")
    before = space(desk)
    for name in ("A", "B", "C"):
        desk.has(contact(1, name=name), contact(2, name=name))
        assert desk.run().code == 0
    ended = undo(desk)
    assert undone(ended) == {"companies": 2, "put_back": 1, "archived": 1}
    assert ended.document["undone"]["operations"] == 6
    assert [one for one in space(desk) if one["external_id"] == "K-1"] == before
    assert len([write for write in desk.kanbert.writes if write.startswith("PATCH")]) == 5 + 1


def test_what_a_person_changed_between_two_runs_is_not_lost(desk: Desk) -> None:
    kanbert_id = ours(desk, 1, phone="first", fax="1")
    desk.has(contact(1, phone="second"))
    desk.run()
    change(desk, kanbert_id, phone="theirs", fax="2")
    desk.has(contact(1, phone="third"))
    desk.run()
    assert undone(undo(desk)) == {"companies": 1, "put_back": 1}
    [company] = live(desk)
    assert (company["phone"], company["fax"], company["company_name"]) == ("theirs", "2", "Old 1")


def test_what_was_undone_is_not_undone_again_and_what_came_since_is(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run()
    undo(desk)
    assert desk.run("--archived", "restore").counts == {"read": 2, "restored": 2}
    ended = undo(desk)
    assert (undone(ended), ended.document["undone"]["operations"]) == ({"companies": 2, "archived_again": 2}, 2)
    assert live(desk) == []
    assert undone(undo(desk)) == {}


# ── what somebody changed since ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"phone": "theirs"}, "phone", id="a-field-of-the-run"),
        pytest.param({"fax": "theirs"}, "fax", id="another-field"),
        pytest.param({"tags": ["theirs"]}, "tags", id="tags"),
        pytest.param({"custom_fields": {"x": "1"}}, "custom_fields", id="custom-fields"),
        pytest.param({"address_invoice_country": "DE"}, "address_invoice_country", id="country"),
        pytest.param({"company_name": None}, "company_name", id="emptied"),
        pytest.param({"taxation": False}, "taxation_enabled", id="boolean"),
    ],
)
def test_a_company_that_somebody_changed_is_kept_and_named(desk: Desk, fields: dict[str, Any], named: str) -> None:
    ours(desk, 1)
    desk.has(contact(1), contact(2))
    desk.run()
    for one in live(desk):
        change(desk, one["id"], **fields)
    before, writes = space(desk), len(desk.kanbert.writes)
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (1, {"companies": 2, "kept": 2})
    assert (space(desk), len(desk.kanbert.writes)) == (before, writes)
    assert [(one["external_id"], one["row"], one["code"]) for one in ended.document["kept"]] == [
        ("K-1", 2, "changed-since"),
        ("K-2", 3, "changed-since"),
    ]
    assert all(f"somebody changed {named};" in one["message"] for one in ended.document["kept"])
    again = undo(desk)
    assert (again.code, undone(again), len(desk.kanbert.writes)) == (1, {"companies": 2, "kept": 2}, writes)


def test_a_company_that_got_another_external_id_is_kept(desk: Desk) -> None:
    kanbert_id = ours(desk, 1)
    desk.has(contact(1))
    desk.run()
    body = {"external_id": "X", "external_origin": "test"}
    desk.kanbert.ask("PUT", f"/companies/{kanbert_id}/external-identifier", body)
    ended = undo(desk)
    assert undone(ended) == {"companies": 1, "kept": 1}
    assert "external_id" in ended.document["kept"][0]["message"]


def test_a_company_that_somebody_archived_is_as_before_only_if_it_was_not_there(desk: Desk) -> None:
    ours(desk, 1)
    desk.has(contact(1), contact(2))
    desk.run()
    for number in (1, 2):
        desk.kanbert.archive(f"K-{number}")
    ended = undo(desk)
    assert undone(ended) == {"companies": 2, "kept": 1, "as_before": 1}
    assert "archived" in ended.document["kept"][0]["message"]


def test_a_company_that_somebody_put_back_needs_nothing(desk: Desk) -> None:
    kanbert_id = ours(desk, 1, phone="old")
    before = space(desk)
    desk.has(contact(1))
    desk.run()
    change(desk, kanbert_id, company_name="Old 1", phone="old", address_invoice_country_id=None)
    writes = len(desk.kanbert.writes)
    assert undone(undo(desk)) == {"companies": 1, "as_before": 1}
    assert (space(desk), len(desk.kanbert.writes)) == (before, writes)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_who_changes_a_company_just_before_it_is_written_is_not_overwritten(desk: Desk, method: str) -> None:
    """`--max-age 0`: every company is read once more right before it is written."""
    ours(desk, 1)
    desk.has(contact(1) if method == "PATCH" else contact(2))
    desk.run()
    desk.kanbert.set_faults(Fault(on="GET /companies/*", nth=2, do="changed_meanwhile"))
    ended = undo(desk, "--max-age", 0)
    assert undone(ended) == {"companies": 1, "kept": 1}
    assert "fax" in ended.document["kept"][0]["message"]


def test_a_company_that_is_archived_just_before_its_fields_are_put_back_is_named(desk: Desk) -> None:
    ours(desk, 1)
    desk.has(contact(1))
    desk.run()
    desk.kanbert.set_faults(Fault(on="PATCH /companies/*", times=1, do="status", status=404))
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {"companies": 1, "put_back": 1})


def test_fields_that_kanbert_does_not_take_back_are_named(desk: Desk) -> None:
    """Where PATCH adds tags, none can be taken away; the others are put back, and the row is open for a later run."""
    with local_kanbert(behaviour=Behaviour(tags_on_patch="add", null_country_id="keeps")) as kanbert:
        desk.kanbert = kanbert
        ours(desk, 1)
        desk.has(contact(1, labels="a"))
        desk.run()
        ended = undo(desk)
        assert (ended.code, undone(ended)) == (1, {"companies": 1, "kept": 1})
        [kept] = ended.document["kept"]
        assert kept["code"] == "not-put-back"
        assert "tags could not be put back" in kept["message"]
        assert "address_invoice_country_id could not be put back" in kept["message"]
        [company] = live(desk)
        assert (company["company_name"], company["phone"]) == ("Old 1", None)
        assert undone(undo(desk)) == {"companies": 1, "kept": 1}
        assert desk.call("status", desk.journal, "--json").document["pending"] == 1


def test_a_kanbert_whose_patch_empties_other_fields_stops_the_undo(desk: Desk) -> None:
    ours(desk, 1, fax="1")
    ours(desk, 2, fax="1")
    desk.has(contact(1), contact(2))
    path = desk.folder / "kanbert.db"
    with local_kanbert(data=path) as kanbert:
        desk.kanbert = kanbert
        for number in (1, 2):
            ours(desk, number, fax="1")
        desk.run()
        url = kanbert.url
    port = int(url.split(":")[2].split("/")[0])
    with local_kanbert(data=path, port=port, behaviour=Behaviour(patch_nulls_absent=True)) as kanbert:
        desk.kanbert = kanbert
        ended = undo(desk)
        assert (ended.code, undone(ended)) == (1, {"companies": 2, "kept": 1, "pending": 1})
        assert (ended.document["next"], ended.document["kept"][0]["code"]) == (None, "cleared-unasked")


# ── offers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

STATUSES = ("open", "approval_pending", "approval_approved", "transformed", "cancelled")
OFFERS = "offers:\n" + "".join(f"  - {{title: T {status}, status: {status}}}\n" for status in STATUSES)


@pytest.fixture
def offering(desk: Desk) -> Iterator[Desk]:
    """A space with an offer of every status, which no company has yet."""
    data = desk.folder / "kanbert.db"
    with local_kanbert(data=data, seed=parse_seed(OFFERS), tokens={"blind": BLIND}) as kanbert:
        desk.kanbert = kanbert
        yield desk


BLIND = Token("test", frozenset({"contact-data:read", "contact-data:write"}))


def refer(desk: Desk, **statuses: int) -> None:
    """Let the offer of a status refer to the company of a row."""
    with closing(sqlite3.connect(desk.folder / "kanbert.db")) as db, db:
        for status, number in statuses.items():
            company = desk.kanbert.companies()[f"K-{number}"]["id"]
            db.execute("UPDATE offers SET company_id = ? WHERE status = ?", (company, status))


def test_an_offer_protects_its_company_unless_it_is_declined(offering: Desk) -> None:
    offering.has_contacts(40)
    offering.run()
    refer(offering, open=1, approval_pending=2, approval_approved=3, transformed=4, cancelled=5)
    before = len(offering.kanbert.requests)
    ended = undo(offering)
    assert (ended.code, undone(ended)) == (1, {"companies": 40, "kept": 4, "archived": 36})
    assert sorted(one["external_id"] for one in live(offering)) == ["K-1", "K-2", "K-3", "K-4"]
    assert {one["code"] for one in ended.document["kept"]} == {"offer-refers"}
    assert "(open)" in ended.document["kept"][0]["message"]
    asked = [one for one in offering.kanbert.requests[before:] if one.path.startswith("/offers")]
    assert len(asked) == 1 + 2  # whether they may be asked for; then a question for each batch of companies
    with closing(sqlite3.connect(offering.folder / "kanbert.db")) as db, db:
        db.execute("UPDATE offers SET deleted_at = updated_at WHERE status = 'open'")
        db.execute("UPDATE offers SET status = 'cancelled' WHERE status = 'transformed'")
    assert undone(undo(offering)) == {"companies": 4, "kept": 2, "archived": 2}


def test_without_the_scope_nothing_is_sent_until_the_user_says_so(offering: Desk) -> None:
    offering.token = "blind"
    offering.has_contacts(2)
    offering.run()
    refer(offering, open=1)
    writes = len(offering.kanbert.writes)
    ended = undo(offering)
    assert (ended.code, undone(ended)) == (3, {"companies": 2, "pending": 2})
    for words in ("offer:read", "--without-offer-check"):
        assert words in ended.document["error"]
    assert (len(offering.kanbert.writes), ended.document["next"]) == (writes, None)
    before = len(offering.kanbert.requests)
    told = offering.call("undo", offering.journal, "--without-offer-check")
    assert (told.code, "Offers were not asked for" in told.out) == (0, True)
    assert live(offering) == []
    assert not [one for one in offering.kanbert.requests[before:] if one.path.startswith("/offers")]


def test_without_the_scope_what_archives_nothing_goes_ahead(offering: Desk) -> None:
    offering.token = "blind"
    ours(offering, 1)
    offering.has_contacts(1)
    offering.run()
    assert undone(undo(offering)) == {"companies": 1, "put_back": 1}


def test_an_address_without_offers_is_told_like_a_missing_scope(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    desk.kanbert.set_faults(Fault(on="GET /offers", do="status", status=404))
    ended = undo(desk)
    assert (ended.code, "--without-offer-check" in ended.document["error"]) == (3, True)
    assert undone(undo(desk, "--without-offer-check")) == {"companies": 1, "archived": 1}


@pytest.mark.parametrize("status", [400, 422])
def test_a_kanbert_that_takes_no_list_of_companies_is_asked_for_each(offering: Desk, status: int) -> None:
    offering.has_contacts(3)
    offering.run()
    refer(offering, open=2)
    offering.kanbert.set_faults(Fault(on="GET /offers", nth=2, do="status", status=status))
    before = len(offering.kanbert.requests)
    assert undone(undo(offering)) == {"companies": 3, "kept": 1, "archived": 2}
    asked = [one for one in offering.kanbert.requests[before:] if one.path.startswith("/offers")]
    assert len(asked) == 1 + 1 + 3


def test_offers_that_cannot_be_asked_for_in_the_midst_keep_their_companies(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run()
    desk.kanbert.set_faults(*(Fault(on="GET /offers", nth=nth, do="status", status=500) for nth in range(2, 40)))
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (1, {"companies": 2, "failed": 2})
    assert len(live(desk)) == 2
    assert ended.document["next"].startswith("kanbert-import undo")
    desk.kanbert.set_faults()
    assert undone(undo(desk)) == {"companies": 2, "archived": 2}


# ── trouble ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def has_a_past(desk: Desk) -> list[dict[str, Any]]:
    """Rows 1 and 2 are there, 3 and 4 archived, 5 and 6 without an external_id, 7 and 8 new; returns the space before."""
    for number in range(1, 5):
        ours(desk, number, phone="old")
    for number in (3, 4):
        desk.kanbert.archive(f"K-{number}")
    for number in (5, 6):
        desk.kanbert.add(company_name="Theirs", phone=f"020 {number:05}", fax="kept")
    before = space(desk)
    desk.has(*(contact(number) for number in range(1, 9)), mapping=MATCHING)
    return before


ALL_BACK = {"companies": 8, "archived": 2, "put_back": 2, "handed_back": 2, "archived_again": 2}


def is_back(desk: Desk, before: list[dict[str, Any]]) -> None:
    after = space(desk)
    assert after[: len(before)] == before
    assert all(one["archived"] for one in after[len(before) :])


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("do", ["reset_before", "reset_after"])
def test_an_answer_lost_once_costs_nothing(desk: Desk, method: str, do: Any) -> None:
    before = has_a_past(desk)
    assert desk.run("--archived", "restore").code == 0
    desk.kanbert.set_faults(Fault(on=f"{method} /*", do=do, times=1))
    assert undone(undo(desk)) == ALL_BACK
    is_back(desk, before)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_an_undo_that_is_stopped_anywhere_goes_on_where_it_was(desk: Desk, method: str, nth: int) -> None:
    before = has_a_past(desk)
    assert desk.run("--archived", "restore").code == 0
    desk.kanbert.set_faults(Fault(on=f"{method} /companies*", nth=nth, do="status", status=401))
    first = undo(desk, "--concurrency", 1)
    if first.code == 0:
        assert (method, nth) in {("PUT", 3), ("DELETE", 3)} or undone(first) == ALL_BACK
        return
    assert (first.code, first.document["next"].split()[:2]) == (3, ["kanbert-import", "undo"])
    desk.kanbert.set_faults()
    second = undo(desk)
    assert second.code == 0, second.document["kept"]
    is_back(desk, before)
    assert undone(undo(desk)) == {}


def test_a_field_that_kanbert_refuses_to_take_back_fails_the_company_with_its_words(desk: Desk) -> None:
    ours(desk, 1)
    desk.has_contacts(1)
    desk.run()
    desk.kanbert.set_faults(Fault(on="PATCH /*", do="status", status=422))
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (1, {"companies": 1, "failed": 1})
    assert (ended.document["kept"][0]["code"], "422" in ended.document["kept"][0]["message"]) == (
        "refused-by-kanbert",
        True,
    )
    assert ended.document["next"].startswith("kanbert-import undo")


def test_what_a_run_sent_without_an_answer_is_looked_up_first(desk: Desk) -> None:
    """Row 1 was stored and its answer lost, row 2 was never stored."""
    desk.has_contacts(2)
    desk.kanbert.set_faults(
        Fault(on="POST /companies", external_id="K-1", do="reset_after"),
        Fault(on="POST /companies", external_id="K-2", do="reset_before"),
        Fault(on="GET /companies/*", do="status", status=500),
    )
    assert desk.run("--lookup", "list").counts == {"read": 2, "unknown": 2}
    desk.kanbert.set_faults()
    assert undone(undo(desk)) == {"companies": 2, "archived": 1, "as_before": 1}
    assert live(desk) == []
    assert undone(undo(desk)) == {}


def test_a_company_of_unknown_outcome_that_is_another_is_kept(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.kanbert.set_faults(
        Fault(on="POST /companies", do="reset_before"), Fault(on="GET /companies/*", do="status", status=500)
    )
    desk.run("--lookup", "list")
    desk.kanbert.set_faults()
    ours(desk, 1)
    assert undone(undo(desk)) == {"companies": 1, "kept": 1}


def test_what_a_run_sent_is_taken_back_although_a_later_one_met_a_conflict(desk: Desk) -> None:
    """An update was stored and nobody saw it; the next run found the company archived, and somebody restored it."""
    ours(desk, 1)
    desk.has_contacts(1)
    before = space(desk)
    desk.kanbert.set_faults(
        Fault(on="PATCH /*", nth=1, do="reset_after"), Fault(on="PATCH /*", nth=2, do="status", status=401)
    )
    assert desk.run().counts == {"read": 1, "unknown": 1}
    desk.kanbert.set_faults()
    company = desk.kanbert.companies()["K-1"]["id"]
    desk.kanbert.archive("K-1")
    assert desk.run("--lookup", "list").counts == {"read": 1, "refused": 1}
    desk.kanbert.ask("POST", f"/companies/{company}/restore")
    assert undone(undo(desk)) == {"companies": 1, "put_back": 1}
    assert space(desk) == before


# ── before and after ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_undo_is_not_begun_while_a_run_goes_on(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    with open_journal(desk.journal, command="run", since="now"):
        ended = undo(desk)
    assert (ended.code, "in use by `kanbert-import run`" in ended.err) == (4, True)


def test_a_journal_that_cannot_be_kept_stops_the_undo_which_goes_on_later(desk: Desk) -> None:
    """As on a full disk: what was archived is found so by the next undo."""
    desk.has_contacts(3)
    desk.run()
    with closing(sqlite3.connect(desk.journal)) as db, db:
        db.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON operation WHEN new.undoes IS NOT NULL BEGIN SELECT raise(ABORT, 'x'); END"
        )
    ended = undo(desk)
    assert (ended.code, ended.document["journal"]) == (4, str(desk.journal))
    assert ended.document["requests"]["write"] >= 1
    with closing(sqlite3.connect(desk.journal)) as db, db:
        db.execute("DROP TRIGGER full")
    counts = undone(undo(desk))
    assert (counts["companies"], live(desk)) == (3, [])


def test_what_there_is_nothing_of_cannot_be_undone(desk: Desk) -> None:
    assert undo(desk).code == 4
    assert not desk.journal.exists()
    desk.has(contact(1, country="Holand"))
    desk.run()
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {})
    assert "nothing to take back" in desk.call("undo", desk.journal).out


def test_the_same_run_does_the_work_again(desk: Desk) -> None:
    ours(desk, 1)
    desk.has_contacts(3)
    desk.run()
    undo(desk)
    standing = desk.call("status", desk.journal, "--json")
    assert (standing.code, standing.document["pending"]) == (1, 3)
    assert standing.document["undone"]["companies"] == 3
    assert desk.run().counts == {"read": 3, "updated": 1, "refused": 2}
    assert desk.run("--archived", "restore").counts == {"read": 3, "unchanged": 1, "restored": 2}
    assert len(live(desk)) == 3
    assert desk.call("status", desk.journal, "--json").code == 0


def test_a_retry_does_the_work_again(desk: Desk) -> None:
    ours(desk, 1)
    desk.has_contacts(1)
    desk.run()
    undo(desk)
    assert desk.retry().counts == {"read": 1, "updated": 1}


def test_an_undo_elsewhere_asks_and_wants_yes_without_a_terminal(desk: Desk) -> None:
    ours(desk, 1)
    desk.has_contacts(2)
    desk.run()
    with closing(sqlite3.connect(desk.journal)) as db, db:
        db.execute("UPDATE target SET url = 'https://kanbert.example/api/v1'")
    ended = undo(desk)
    assert (ended.code, "1 archived, 1 put back" in ended.err, "--yes" in ended.err) == (2, True, True)
    assert desk.call("status", desk.journal, "--json").document["pending"] == 0


def test_who_says_no_has_sent_nothing_and_begun_nothing(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run()
    with closing(sqlite3.connect(desk.journal)) as db, db:
        db.execute("UPDATE target SET url = 'https://kanbert.example/api/v1'")
    progress = progress_for(io.StringIO(), quiet=True, enabled=False, monotonic=lambda: 0.0)
    at = Place(progress, lambda _: False, {"KANBERT_TOKEN": "x"}, desk.folder)
    summary = undo_it(desk.journal, Writing(), at, ask_offers=True)
    assert (summary.exit_code, summary.undone) == (130, UndoCounts(companies=2, operations=2, pending=2))
    assert desk.call("status", desk.journal, "--json").document["counts"]["created"] == 2


def test_the_summary_names_what_was_kept_and_says_what_to_do(desk: Desk) -> None:
    desk.has_contacts(14)
    desk.run()
    for number in range(1, 13):
        change(desk, str(number), fax="theirs")
    shown = desk.call("undo", desk.journal, "-q")
    assert shown.code == 1
    lines = shown.out.splitlines()
    assert "companies         14   written to 14 times" in lines
    assert "  archived         2" in lines
    assert "K-1 (company 1, row 2, kept)" in lines
    assert "and 2 more: see --json" in lines
    assert "-> Look at the company in Kanbert" in shown.out
    assert desk.token not in shown.out.replace("kanbert-sandbox", "")


def test_the_embedded_sandbox_can_be_undone(desk: Desk) -> None:
    desk.has_contacts(2)
    assert desk.run(to="sandbox").counts == {"read": 2, "created": 2}
    assert undone(undo(desk)) == {"companies": 2, "archived": 2}
    (desk.folder / "kanbert-sandbox.db").unlink()
    ended = undo(desk)
    assert (ended.code, "is gone" in ended.err) == (4, True)


# ── what comes after it ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_run_that_brings_archived_companies_back_is_said_wherever_they_are_met(desk: Desk) -> None:
    desk.has_contacts(3)
    first = desk.run("--concurrency", 2)
    words = ["run", str(desk.export), "-m", str(desk.mapping), "--to", desk.kanbert.url, "--concurrency", "2"]
    wanted = shlex.join(["kanbert-import", *words, "--archived", "restore"])
    assert (first.document["next"], undo(desk).document["next"]) == (None, wanted)
    assert desk.call("status", desk.journal, "--json").document["next"] == wanted
    verified = desk.call("verify", desk.journal)
    assert verified.out.splitlines()[-1] == wanted
    assert "3 companies are archived in Kanbert" in verified.out
    assert "writes such rows again" not in verified.out
    again = desk.call(*words)
    assert again.out.splitlines()[-1] == wanted
    assert "can be corrected in a workbook" not in again.out
    assert desk.call("status", desk.journal, "--json").document["next"] == wanted
    done = desk.call(*shlex.split(wanted)[1:], "--json", "-q")
    assert (done.counts, done.document["next"]) == ({"read": 3, "restored": 3}, None)


def test_rows_to_correct_come_first_and_the_command_for_the_archived_ones_stands_with_them(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run()
    undo(desk)
    desk.has(contact(1), contact(2), contact(3, country="Holand"))
    words = ["run", str(desk.export), "-m", str(desk.mapping), "--to", desk.kanbert.url]
    ended = desk.call(*words)
    lines = ended.out.splitlines()
    assert lines[-1].startswith("kanbert-import report ")
    assert shlex.join(["kanbert-import", *words, "--archived", "restore"]) in lines
    assert "2 of them are archived in Kanbert" in ended.out


def test_what_a_plan_wrote_and_an_undo_archived_a_retry_brings_back(desk: Desk) -> None:
    desk.has_contacts(2)
    target = ("--to", desk.kanbert.url)
    planned = desk.call("plan", desk.export, "-m", desk.mapping, *target, "--json", "-q").document
    desk.call(*shlex.split(planned["next"])[1:])
    following = undo(desk).document["next"]
    assert following == shlex.join(["kanbert-import", "retry", str(desk.journal), "--archived", "restore"])
    assert desk.call(*shlex.split(following)[1:], "--json", "-q").counts == {"read": 2, "restored": 2}


def test_what_was_only_put_back_the_same_run_does_again(desk: Desk) -> None:
    ours(desk, 1)
    desk.has_contacts(1)
    desk.run()
    following = undo(desk).document["next"]
    assert "--archived" not in following
    assert desk.call(*shlex.split(following)[1:], "--json", "-q").counts == {"read": 1, "updated": 1}
