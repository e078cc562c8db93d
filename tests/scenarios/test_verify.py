"""`verify` from outside: what is the same, what is not, what it costs, and that it writes nothing."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Fault
from tests.fakes.contacts import MAPPING, contact

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended


def verify(desk: Desk, *options: object) -> Ended:
    """Verify, and see that nothing was written to Kanbert."""
    before = len(desk.kanbert.writes)
    ended = desk.call("verify", desk.journal, "--json", "-q", *options)
    assert len(desk.kanbert.writes) == before
    return ended


def found(ended: Ended) -> dict[str, int]:
    verified = ended.document["verified"]
    return {kind: verified[kind] for kind in ("same", "differs", "missing", "error") if verified[kind]}


def change(desk: Desk, external_id: str, **fields: Any) -> None:
    """Change a company as a person would."""
    number = desk.kanbert.companies()[external_id]["id"]
    desk.kanbert.ask("PATCH", f"/companies/{number}?find_by=id", fields)


def rows_of(ended: Ended) -> dict[int, dict[str, Any]]:
    return {row["row"]: row for row in ended.document["verified"]["rows"]}


def test_a_run_reads_back_as_the_mapping_wanted_it_for_the_pages_of_one_listing(desk: Desk) -> None:
    desk.has_contacts(70)
    desk.run()
    ended = verify(desk)
    assert (ended.code, found(ended)) == (0, {"same": 70})
    assert ended.document["requests"] | {"waited_s": 0} == {
        "total": 3,
        "read": 3,
        "write": 0,
        "retried": 0,
        "throttled": 0,
        "waited_s": 0,
    }
    assert ended.document["next"] is None
    assert ended.counts == {"read": 70, "created": 70}


@pytest.mark.parametrize("lookup", ["rows", "list", "auto"])
def test_what_somebody_changed_is_named_field_by_field(desk: Desk, lookup: str) -> None:
    desk.has_contacts(10)
    desk.run()
    change(desk, "K-3", phone="020 99999", tags=["VIP"])
    change(desk, "K-5", company_name="Anders BV", address_invoice_country="DE")
    ended = verify(desk, "--lookup", lookup)
    assert (ended.code, found(ended)) == (1, {"same": 8, "differs": 2})
    assert ended.document["verified"]["fields"] == {"phone": 1, "company_name": 1, "address_invoice_country": 1}
    rows = rows_of(ended)
    assert list(rows) == [4, 6]
    assert rows[4]["symbol"] == "*"
    assert rows[4]["external_id"] == "K-3"
    assert rows[4]["differences"] == [
        {"field": "phone", "column": "phone", "wanted": "020 00003", "there": "020 99999"}
    ]
    assert [one["there"] for one in rows[6]["differences"]] == ["Anders BV", "DE"]
    assert ended.document["next"] == shlex.join(
        ["kanbert-import", "report", str(desk.journal), "-o", str(desk.folder / "contacts-errors.xlsx")]
    )


def test_a_small_file_in_a_large_space_costs_at_most_twice_its_rows(desk: Desk) -> None:
    desk.has_contacts(300)
    desk.run("--journal", desk.folder / "large.journal")
    desk.has(contact(5), contact(9))
    desk.run()
    ended = verify(desk)
    assert found(ended) == {"same": 2}
    assert ended.document["requests"]["total"] <= 4
    assert verify(desk, "--lookup", "rows").document["requests"]["total"] == 3  # one to see that the token is right


def test_missing_archived_and_taken_over_are_told_apart(desk: Desk) -> None:
    desk.has_contacts(6)
    desk.run()
    desk.kanbert.archive("K-1")
    companies = desk.kanbert.companies()
    for external_id, now in (("K-2", "moved"), ("K-3", "spare")):
        number = companies[external_id]["id"]
        desk.kanbert.ask(
            "PUT",
            f"/companies/{number}/external-identifier?find_by=id",
            {"external_id": now, "external_origin": "test"},
        )
    other = desk.kanbert.add(company_name="Other", external_id="K-3", external_origin="test")
    ended = verify(desk)
    assert (ended.code, found(ended)) == (1, {"same": 3, "missing": 1, "error": 2})
    rows = rows_of(ended)
    assert [(row["symbol"], row["codes"]) for row in rows.values()] == [
        ("!", ["archived-in-kanbert"]),
        ("+", ["missing-in-kanbert"]),
        ("!", ["held-by-another"]),
    ]
    assert f"it was company {companies['K-2']['id']}" in rows[3]["messages"][0]
    assert f"company {other}" in rows[4]["messages"][0]


def test_refused_and_skipped_rows_are_named_and_are_no_difference(desk: Desk) -> None:
    skip = "skip:\n  - {when: {column: labels, is: old}, reason: old}\n"
    desk.has(contact(1), contact(2, country="Holand"), contact(3, labels="old"), mapping=MAPPING + skip)
    assert desk.run().code == 1
    ended = verify(desk)
    assert (ended.code, found(ended)) == (0, {"same": 1})
    assert ended.document["verified"]["not_compared"] == {"refused": 1, "skipped": 1}
    assert ended.document["next"].startswith("kanbert-import report ")


def test_nothing_to_compare_is_no_proof_and_asks_nothing(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    desk.run()
    before = len(desk.kanbert.requests)
    ended = desk.call("verify", desk.journal)
    assert (ended.code, len(desk.kanbert.requests)) == (1, before)
    assert "nothing to look at" in ended.out


def test_rows_that_never_went_are_missing_and_a_retry_brings_them(desk: Desk) -> None:
    desk.has_contacts(8)
    desk.run("--limit", 5)
    ended = verify(desk)
    assert (ended.code, found(ended)) == (1, {"same": 5, "missing": 3})
    words = shlex.split(ended.document["next"])
    assert words[1] == "retry"
    assert desk.call(*words[1:]).code == 0
    assert found(verify(desk)) == {"same": 8}


def test_what_was_found_is_in_status_and_report_until_the_next_look(desk: Desk) -> None:
    desk.has_contacts(4)
    desk.run()
    change(desk, "K-2", phone="elsewhere")
    verify(desk)
    status = desk.call("status", desk.journal, "--json")
    assert (status.code, [one["code"] for one in status.document["issues"]]) == (1, ["differs-in-kanbert"])
    report = desk.folder / "errors.csv"
    desk.call("report", desk.journal, "-o", report)
    assert '"020 00002" in the file, "elsewhere" in Kanbert'.replace('"', '""') in report.read_text(encoding="utf-8")
    verify(desk)
    assert len(desk.call("status", desk.journal, "--json").document["issues"]) == 1
    change(desk, "K-2", phone="020 00002")
    assert verify(desk).code == 0
    assert desk.call("status", desk.journal, "--json").document["issues"] == []


def test_a_run_writes_again_what_a_look_found_to_differ(desk: Desk) -> None:
    desk.has_contacts(4)
    desk.run()
    change(desk, "K-2", phone="elsewhere")
    assert desk.run().counts == {"read": 4, "unchanged": 4}  # nothing tells it
    verify(desk)
    assert desk.run().counts == {"read": 4, "updated": 1, "unchanged": 3}
    assert verify(desk).code == 0


def test_a_run_that_resumes_writes_again_what_a_look_found_to_differ(desk: Desk) -> None:
    desk.has_contacts(30)
    desk.kanbert.set_faults(Fault(on="POST /companies", nth=20, do="expire_token"))
    assert desk.run("--concurrency", 1).code == 3
    desk.kanbert.set_faults()
    desk.kanbert.ask("PATCH", "/companies/1?find_by=id", {"phone": "elsewhere"})
    looked = verify(desk)
    assert found(looked) == {"same": 18, "differs": 1, "missing": 11}
    assert desk.run().code == 0
    assert found(verify(desk)) == {"same": 30}


def test_fifty_rows_that_differ_are_a_summary_and_samples_on_a_terminal_and_all_when_asked_for(desk: Desk) -> None:
    desk.has_contacts(50)
    desk.run()
    for n in range(1, 41):
        change(desk, f"K-{n}", phone=f"new {n}")
    ended = desk.call("verify", desk.journal)
    lines = ended.out.splitlines()
    assert ended.code == 1
    assert "  * differs  40  with differences" in lines
    assert "  40 x phone" in lines
    assert sum(line.startswith("* row ") for line in lines) == 10
    assert '    phone: "020 00001" -> "new 1"' in lines
    assert "  and 30 more: --full shows them, the report has them" in lines
    assert lines[-1].startswith("kanbert-import report ")
    assert desk.call("verify", desk.journal, "--full").out.count("\n* row ") == 40
    assert len(rows_of(verify(desk))) == 40
