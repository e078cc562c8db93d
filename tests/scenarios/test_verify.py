"""`verify` from outside: what is the same, what is not, what it costs, and that it writes nothing."""

from __future__ import annotations

import json
import random
import shlex
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from importer.journal import open_journal
from importer.sandbox import Behaviour, Fault
from tests.fakes import commands
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.other_kanbert import Choices, other_kanbert
from tests.scenarios.test_other_kanbert import MAPPING as WHOLE, cases

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


def test_a_row_is_not_said_to_have_been_the_company_of_another_that_it_matched(desk: Desk) -> None:
    """Two journals, one origin: of the second the first row may not take over what the first file's row became."""
    matching = MAPPING + "match: [phone]\n"
    desk.has(contact(1), mapping=matching)
    desk.run("--journal", desk.folder / "first.journal")
    free = desk.kanbert.add(company_name="Free", phone="020 00003")
    desk.has(contact(2, phone="020 00001"), contact(3), mapping=matching)
    desk.kanbert.set_faults(Fault(on="PUT /companies*", do="status", status=422))
    refused = desk.run()
    assert [one["code"] for one in refused.document["issues"]] == ["match-is-taken", "refused-by-kanbert"]
    desk.kanbert.set_faults()
    ended = verify(desk)
    rows = rows_of(ended)
    assert found(ended) == {"missing": 2}
    assert [(row["kanbert_id"], row["messages"]) for row in rows.values()] == [
        (None, [f'no company holds external_id "{external_id}" under our origin']) for external_id in ("K-2", "K-3")
    ]
    desk.kanbert.set_faults(Fault(on="PATCH /companies*", do="status", status=422))
    assert (
        desk.call("retry", desk.journal, "--json", "-q").counts["refused"] == 2
    )  # adopted, and not brought up to date
    desk.kanbert.set_faults()
    desk.kanbert.ask("PUT", f"/companies/{free}/external-identifier?find_by=id", {"external_id": "moved"})
    assert [row["kanbert_id"] for row in rows_of(verify(desk)).values()] == [None, free]


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


# ── another Kanbert ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("choices", "lookup"), [*cases()])
def test_what_was_written_reads_back_whatever_kanbert_decides(desk: Desk, choices: Choices, lookup: str) -> None:
    with other_kanbert(choices) as kanbert:
        desk.has(contact(1, labels="a,b"), contact(2), contact(3, country="BE"), mapping=WHOLE)
        assert desk.run("--lookup", "rows", to=kanbert.url).counts == {"read": 3, "created": 3}
        before = len(kanbert.writes)
        lookup = "auto" if choices.filters == "refused" else lookup
        ended = desk.call("verify", desk.journal, "--json", "-q", "--lookup", lookup)
        assert (ended.code, found(ended)) == (0, {"same": 3}), ended.out
        hidden = {"tags": 1} if choices.tags == "hidden" else {}
        assert ended.document["verified"]["not_shown"] == hidden
        assert len(kanbert.writes) == before


@pytest.mark.parametrize(("tags", "costs"), [("objects", 2), ("not listed", 2 + 3), ("hidden", 2 + 1)])
def test_what_a_listing_does_not_show_is_asked_for_by_itself_unless_in_vain(desk: Desk, tags: Any, costs: int) -> None:
    """Of four rows three have tags; where the first answer shows none either, no other is asked."""
    with other_kanbert(Choices(tags=tags, most=2)) as kanbert:
        desk.has(contact(1, labels="a"), contact(2), contact(3, labels="a"), contact(4, labels="a"))
        desk.run(to=kanbert.url)
        kanbert.companies[4]["tags"] = []
        ended = desk.call("verify", desk.journal, "--json", "-q", "--lookup", "list")
        assert found(ended) == ({"same": 4} if tags == "hidden" else {"same": 3, "differs": 1})
        assert ended.document["requests"]["total"] == costs
        if tags == "hidden":
            again = desk.call("verify", desk.journal, "-q").out
            assert "Not compared, since Kanbert's answers do not show it:" in again
            assert "  3 x tags" in again


# ── the same comparison as a run's ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(4))
def test_what_is_named_is_exactly_what_a_run_would_write(desk: Desk, seed: int) -> None:
    """Random edits by others; a run with a journal that knows nothing of the first one writes the named fields alone."""
    rng = random.Random(seed)
    desk.has(*(contact(n, labels=rng.choice(["", "a", "a,b"])) for n in range(1, 31)))
    desk.run()
    values: dict[str, list[Any]] = {
        "phone": ["020 1", None, "020 00003"],
        "company_name": ["Bedrijf 4", "X "],
        "address_invoice_country": ["NL", "DE"],
        "tags": [["a"], ["c"], []],
        "fax": ["9"],
    }
    for n in rng.sample(range(1, 31), 20):
        field = rng.choice(sorted(values))
        change(desk, f"K-{n}", **{field: rng.choice(values[field])})
    named = {row["kanbert_id"]: {one["field"] for one in row["differences"]} for row in rows_of(verify(desk)).values()}
    before = len(desk.kanbert.requests)
    desk.run("--journal", desk.folder / "second.journal")
    written = {
        one.path.rpartition("/")[2]: set(one.body_keys)
        for one in desk.kanbert.requests[before:]
        if one.method == "PATCH"
    }
    assert named == written
    assert found(verify(desk)) == {"same": 30}


# ── trouble ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_that_cannot_be_asked_is_told_and_the_others_are_compared(desk: Desk) -> None:
    desk.has_contacts(12)
    desk.run()
    desk.kanbert.set_faults(Fault(on="GET /companies/*", external_id="K-4", do="status", status=500))
    ended = verify(desk, "--lookup", "rows")
    assert (ended.code, found(ended)) == (1, {"same": 11, "error": 1})
    assert rows_of(ended)[5]["codes"] == ["gave-up"]
    desk.kanbert.set_faults()
    assert found(verify(desk, "--lookup", "rows")) == {"same": 12}


@pytest.mark.slow
def test_a_kanbert_that_answers_nobody_ends_the_look_with_3(desk: Desk) -> None:
    desk.has_contacts(20)
    desk.run()
    desk.kanbert.set_faults(Fault(on="GET /companies/*", do="status", status=500))
    ended = verify(desk, "--lookup", "rows")
    assert (ended.code, found(ended)) == (3, {"error": 20})
    assert "20 rows in a row could not be asked" in ended.document["error"]


def test_a_token_that_is_refused_is_told_at_once_or_in_the_middle(desk: Desk) -> None:
    desk.has_contacts(5)
    desk.run()
    desk.token = "wrong"
    refused = verify(desk)
    assert (refused.code, found(refused)) == (3, {})
    assert refused.document["verified"]["not_looked_at"] == 5
    desk.token = "sandbox"
    desk.kanbert.set_faults(Fault(on="GET /companies/*", nth=3, do="status", status=401))
    stopped = verify(desk, "--lookup", "rows", "--concurrency", 1)
    assert stopped.code == 3
    assert stopped.document["next"] == shlex.join(
        ["kanbert-import", "verify", str(desk.journal), "--lookup", "rows", "--concurrency", "1"]
    )
    desk.kanbert.set_faults()
    assert desk.call("verify", desk.journal, "-q", env={"KANBERT_TOKEN": ""}).code == 3


def test_a_throttled_look_waits_as_told(desk: Desk) -> None:
    desk.has_contacts(5)
    desk.run()
    desk.kanbert.set_faults(Fault(on="GET /companies/*", nth=2, do="status", status=429, retry_after=1))
    ended = verify(desk, "--lookup", "rows")
    assert (ended.code, found(ended)) == (0, {"same": 5})
    assert ended.document["requests"]["throttled"] == 1
    assert ended.document["requests"]["waited_s"] > 0


def test_a_list_that_cannot_be_had_is_told_where_it_was_asked_for(desk: Desk) -> None:
    with other_kanbert(Choices(filters="refused")) as kanbert:
        desk.has(contact(1))
        desk.run(to=kanbert.url)
        ended = desk.call("verify", desk.journal, "--json", "-q", "--lookup", "list")
    assert (ended.code, found(ended)) == (3, {})


def test_a_journal_that_a_run_writes_to_is_not_verified(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run()
    before = len(desk.kanbert.requests)
    with open_journal(desk.journal, command="run", since="2026-11-21T10:00:00+00:00"):
        ended = desk.call("verify", desk.journal, "--json", "-q")
    assert (ended.code, len(desk.kanbert.requests)) == (4, before)
    assert "is in use by `kanbert-import run`" in ended.document["error"]
    assert desk.call("verify", desk.folder / "none.journal").code == 4
    assert not (desk.folder / "none.journal").exists()


def test_an_older_journal_is_verified_and_kept_as_it_was(desk: Desk) -> None:
    stored = Path(__file__).parents[1] / "journal" / "versions" / "3-first.sql"
    with closing(sqlite3.connect(desk.journal)) as connection:
        connection.executescript(stored.read_text(encoding="utf-8"))
        connection.execute("UPDATE target SET url = ?", (desk.kanbert.url,))
        connection.commit()
    ended = desk.call("verify", desk.journal, "-q", env={"COLUMNS": "300"})
    assert ended.code == 1
    assert f"it is kept as {desk.journal}.version-3" in ended.out


def test_a_sandbox_of_ones_own_is_verified_and_one_that_is_gone_is_said(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run(to="sandbox")
    ended = desk.call("verify", desk.journal, "--json", "-q")
    assert (ended.code, found(ended)) == (0, {"same": 3})
    for file in desk.folder.glob("kanbert-sandbox.db*"):
        file.unlink()
    assert desk.call("verify", desk.journal, "-q").code == 4


def test_custom_fields_differ_each_by_itself_and_tags_by_those_that_are_gone(desk: Desk) -> None:
    mapping = MAPPING + "custom_fields:\n  since: labels\n  rank: nr\n"
    desk.has(contact(1, labels="2019"), mapping=mapping)
    desk.run()
    change(desk, "K-1", custom_fields={"since": "2020"}, tags=["Other"])
    [row] = verify(desk).document["verified"]["rows"]
    assert row["differences"] == [
        {"field": "tags", "column": None, "wanted": ["2019"], "there": ["Other"]},
        {"field": "custom_fields.since", "column": "labels", "wanted": "2019", "there": "2020"},
    ]
    assert row["messages"][0] == 'tags differs: "2019" is not among its tags in Kanbert'


def test_what_kanbert_ignored_when_it_was_written_is_found(desk: Desk) -> None:
    with local_kanbert(behaviour=Behaviour(unknown_custom_field="ignore")) as desk.kanbert:
        desk.has(contact(1), mapping=MAPPING + "custom_fields:\n  rank: nr\n")
        desk.run()
        ended = verify(desk)
    assert (ended.code, ended.document["verified"]["fields"]) == (1, {"custom_fields.rank": 1})


def test_a_row_whose_write_nobody_saw_end_is_told_as_it_is(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    with closing(sqlite3.connect(desk.journal)) as connection:
        connection.execute("UPDATE row SET outcome = 'unknown' WHERE number = 3")
        connection.execute("UPDATE operation SET outcome = NULL WHERE external_id = 'K-2'")
        connection.commit()
    ended = verify(desk)
    assert (ended.code, found(ended)) == (0, {"same": 3})
    assert ended.document["next"] == shlex.join(["kanbert-import", "retry", str(desk.journal)])
    assert "does not know 1 to be in Kanbert" in desk.call("verify", desk.journal, env={"COLUMNS": "300"}).out


def test_a_mapping_that_this_version_does_not_understand_costs_the_names_of_columns_alone(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    change(desk, "K-1", phone="9")
    with closing(sqlite3.connect(desk.journal)) as connection:
        connection.execute("UPDATE run SET mapping_text = 'version: 9'")
        connection.commit()
    [row] = verify(desk).document["verified"]["rows"]
    assert [(one["field"], one["column"]) for one in row["differences"]] == [("phone", None)]


def test_after_an_undo_it_is_said_that_differences_are_to_be_expected(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    desk.call("undo", desk.journal)
    assert "The last command was an undo" in desk.call("verify", desk.journal).out


@pytest.mark.slow
@pytest.mark.parametrize(("lookup", "sent"), [("rows", signal.SIGINT), ("list", signal.SIGTERM)])
def test_a_signal_ends_the_look_at_once_with_what_it_found(desk: Desk, sent: signal.Signals, lookup: str) -> None:
    desk.has_contacts(1000)
    desk.run("--concurrency", 32)
    before, path = len(desk.kanbert.requests), "/companies/*" if lookup == "rows" else "/companies"
    desk.kanbert.set_faults(Fault(on=f"GET {path}", nth=700 if lookup == "rows" else 3, do="hang", times=1))
    words = ["verify", desk.journal, "--json", "--lookup", lookup, "--concurrency", "1"]
    process = commands.started(desk.folder, words)
    while len(desk.kanbert.requests) - before < (700 if lookup == "rows" else 2) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(sent)
    out, err = process.communicate()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    document = json.loads(out)
    assert document["error"] == "interrupted"
    assert document["verified"]["same"] == (500 if lookup == "rows" else 0)
    assert document["verified"]["not_looked_at"] == (500 if lookup == "rows" else 1000)
    assert shlex.split(document["next"])[1] == "verify"
    desk.kanbert.set_faults()
    assert verify(desk).code == 0
