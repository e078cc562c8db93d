"""`explain` from outside: one row's life, whatever became of it, without a request and without a change."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from importer.journal import open_journal
from importer.sandbox import Behaviour, Fault
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.other_kanbert import Choices, other_kanbert

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended

STORED = sorted((Path(__file__).parents[1] / "journal" / "versions").glob("*.sql"))


def explain(desk: Desk, word: object, *options: object, columns: int = 100) -> Ended:
    """Explain, and see that nothing was asked and nothing changed."""
    requests, journal = len(desk.kanbert.requests), desk.journal.read_bytes()
    ended = desk.call("explain", desk.journal, word, *options, env={"COLUMNS": str(columns)})
    assert (len(desk.kanbert.requests), desk.journal.read_bytes()) == (requests, journal)
    return ended


def life(desk: Desk, word: object, *options: object) -> dict[str, Any]:
    ended = explain(desk, word, "--json", *options)
    assert ended.code == 0, ended.err
    return dict(ended.document["explanation"])


def sql(desk: Desk, *statements: str) -> None:
    with closing(sqlite3.connect(desk.journal)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_created_row_is_told_from_its_cells_to_what_is_stored(desk: Desk) -> None:
    desk.has(contact(1), contact(2, labels="VIP, Nieuw", phone=""))
    desk.run()
    told = life(desk, 3)
    assert (told["meant"], told["row"], told["external_id"], told["outcome"]) == ("row", 3, "K-2", "created")
    assert told["cells"][1] == {"column": "name", "cell": "B3", "value": "Bedrijf 2"}
    made = {one["field"]: one for one in told["fields"]}
    assert made["company_name"] == {
        "field": "company_name",
        "value": "Bedrijf 2",
        "state": "value",
        "columns": ["name"],
        "column": "name",
        "line": 6,
        "rule": "company_name: name",
    }
    assert (made["phone"]["state"], made["phone"]["value"]) == ("blank", None)
    assert (made["tags"]["value"], made["tags"]["columns"]) == (["VIP", "Nieuw"], ["labels"])
    assert told["payload"] == {
        "address_invoice_country": "NL",
        "company_name": "Bedrijf 2",
        "external_id": "K-2",
        "external_origin": "test",
        "tags": ["VIP", "Nieuw"],
    }
    [operation] = told["operations"]
    assert (operation["action"], operation["outcome"], operation["body"]) == ("create", "created", told["payload"])
    assert operation["intended_at"] <= operation["settled_at"]
    [attempt] = told["attempts"]
    assert (attempt["method"], attempt["path"], attempt["status"]) == ("POST", "/companies", 201)
    assert told["runs"][0]["command"] == "run"
    assert told["stored"]["known_by"].startswith("as it answered to operation")
    assert all(one["same"] for one in told["stored"]["fields"])
    lines = explain(desk, "K-2").out.splitlines()
    assert "row 3 of" in explain(desk, "K-2", columns=300).out
    assert "  outcome: created" in lines
    assert '  company_name: "Bedrijf 2", from name (line 6)' in lines
    assert '      - {from: labels, split: ","}' in "\n".join(lines).replace("tags: ", "")
    assert "    phone (line 7)" in lines
    assert "  = as the mapping wants it:" in lines


def test_a_word_that_means_two_rows_is_told_and_how_to_say_which(desk: Desk) -> None:
    desk.has(contact(1, nr="3"), contact(2, nr="17"))
    desk.run()
    both = explain(desk, "3")
    assert both.code == 2
    assert "3 is the number of a row (external_id 17), and the external_id of row 2" in both.err
    words = both.err.split("`")[1]
    assert desk.call(*shlex.split(words)[1:]).out.count("external_id 17") == 1
    assert life(desk, "3", "--by", "row")["external_id"] == "17"
    assert life(desk, "3", "--by", "external_id")["row"] == 2
    assert life(desk, "17")["meant"] == "external_id"
    assert life(desk, "2")["meant"] == "row"


def test_a_row_whose_external_id_is_its_own_number_is_no_question(desk: Desk) -> None:
    desk.has(contact(1, nr="2"))
    desk.run()
    assert life(desk, "2")["meant"] == "row"


def test_what_the_journal_does_not_know_is_said(desk: Desk) -> None:
    desk.has(contact(1), contact(4), contact(4))
    desk.run()
    for word, options in (("99", ()), ("K-9", ()), ("K-1", ("--by", "row")), ("2", ("--by", "external_id"))):
        ended = explain(desk, word, *options)
        assert (ended.code, "does not know" in ended.err) == (2, True)
    several = explain(desk, "K-4", "--json")
    assert (several.code, several.document["error"].count("rows 3, 4")) == (2, 1)
    assert desk.call("explain", desk.folder / "none.journal", "1").code == 4


def test_a_refused_row_is_told_with_the_issue_its_hint_and_the_fields_that_were_right(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    desk.run()
    told = life(desk, 2)
    assert (told["outcome"], told["payload"], told["operations"], told["stored"]) == ("refused", None, [], None)
    assert [(one["stage"], one["code"], one["column"]) for one in told["issues"]] == [
        ("map", "not-a-country", "country")
    ]
    made = {one["field"]: one["state"] for one in told["fields"]}
    assert (made["company_name"], made["address_invoice_country"]) == ("value", "failed")
    out = explain(desk, 2).out
    assert "error not-a-country in country (by the mapping)" in out
    assert "-> Use the country's name" in out
    assert out.splitlines()[-1].startswith("kanbert-import report ")


def test_a_corrected_row_shows_both_cells_and_both_numbers(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"))
    desk.run()
    path = desk.folder / "errors.xlsx"
    desk.call("report", desk.journal, "-o", path)
    book = openpyxl.load_workbook(path)
    book["Rows"]["A2"], book["Rows"]["D2"] = "K-22", "NL"
    book.save(path)
    assert desk.retry("--rows", path).code == 0
    told = life(desk, "K-22")
    corrected = {one["column"]: (one["read"], one["value"]) for one in told["cells"] if "read" in one}
    assert corrected == {"nr": ("K-2", "K-22"), "country": ("Holand", "NL")}
    assert [one["command"] for one in told["runs"]] == ["retry"]
    assert 'country: "NL"; corrected by a retry, the file has "Holand"' in explain(desk, 3).out


def test_every_request_is_told_with_its_status_its_words_and_the_wait_before_it(desk: Desk) -> None:
    desk.has(contact(1))
    desk.kanbert.set_faults(Fault(on="POST /companies", times=1, do="status", status=500))
    assert desk.run().code == 0
    told = life(desk, "K-1")
    statuses = [(one["method"], one["status"]) for one in told["attempts"]]
    assert (statuses[0], statuses[-1]) == (("POST", 500), ("POST", 201))
    assert told["attempts"][0]["waited_s"] is None
    assert told["attempts"][-1]["waited_s"] > 0
    assert told["attempts"][0]["message"]
    assert "POST /companies: 500" in explain(desk, "K-1").out
    assert [one["action"] for one in told["operations"]] == ["create", "create"]
    for text in (explain(desk, "K-1").out, explain(desk, "K-1", "--json").out):
        assert "Bearer" not in text


def test_an_update_tells_before_and_after_and_what_kanbert_made_of_it(desk: Desk) -> None:
    mapping = MAPPING + "custom_fields:\n  since: labels\n"
    with local_kanbert(behaviour=Behaviour(unknown_custom_field="ignore")) as desk.kanbert:
        desk.has(contact(1), mapping=mapping)
        desk.run()
        desk.has(contact(1, phone="020 2", labels="2019"), mapping=mapping)
        assert desk.run().counts == {"read": 1, "updated": 1}
        told = life(desk, 2)
    created, updated = told["operations"]
    assert (created["changes"], updated["action"]) == ([], "update")
    assert {"field": "phone", "before": "020 00001", "after": "020 2"} in updated["changes"]
    [otherwise] = updated["stored_otherwise"]
    assert (otherwise["field"], otherwise["sent"]) == ("custom_fields", {"since": "2019"})
    stored = {one["field"]: one["same"] for one in told["stored"]["fields"]}
    assert (stored["phone"], stored["custom_fields"]) == (True, False)
    out = explain(desk, 2).out
    assert 'phone: "020 00001" -> "020 2"' in out
    assert "  * custom_fields: {}; the mapping wants" in out


def test_a_row_that_was_only_found_is_told_by_the_listing_that_showed_it(desk: Desk) -> None:
    desk.has(contact(1), contact(2))
    desk.run("--journal", desk.folder / "first.journal")
    desk.run()
    told = life(desk, 2)
    assert (told["outcome"], told["operations"], told["attempts"]) == ("unchanged", [], [])
    assert told["stored"]["known_by"] == "as the last listing of the space showed it"
    assert "Operations: none" in explain(desk, 2).out


def test_a_row_that_is_gone_from_the_file_still_has_its_past(desk: Desk) -> None:
    desk.has(contact(1), contact(2))
    desk.run()
    desk.has(contact(1))
    desk.run()
    told = life(desk, "K-2")
    assert (told["row"], told["outcome"], told["cells"]) == (None, "gone", [])
    assert [one["outcome"] for one in told["operations"]] == ["created"]
    assert "not in the file any more" in explain(desk, "K-2").out


def test_a_row_that_waits_and_one_of_which_nobody_knows(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run("--limit", 1)
    assert life(desk, 3)["outcome"] == "pending"
    assert explain(desk, 3, "--json").document["next"] == shlex.join(["kanbert-import", "retry", str(desk.journal)])
    sql(desk, "UPDATE row SET outcome = NULL", "UPDATE operation SET outcome = NULL, settled_at = NULL, after = NULL")
    told = life(desk, 2)
    assert (told["outcome"], told["operations"][0]["outcome"]) == ("unknown", None)
    assert "effect not known" in explain(desk, 2).out


def test_what_verify_found_is_told_with_what_the_look_saw(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    number = desk.kanbert.companies()["K-1"]["id"]
    desk.kanbert.ask("PATCH", f"/companies/{number}?find_by=id", {"phone": "elsewhere", "tags": ["Later"]})
    sql(desk, "UPDATE operation SET after = json_set(after, '$.updated_at', '2001-01-01T00:00:00+00:00')")
    assert desk.call("verify", desk.journal, "-q").code == 1
    told = life(desk, 2)
    assert [(one["stage"], one["code"]) for one in told["issues"]] == [("verify", "differs-in-kanbert")]
    stored = {one["field"]: (one["stored"], one["same"]) for one in told["stored"]["fields"]}
    assert stored["phone"] == ("elsewhere", False)
    assert '  * phone: "elsewhere"; the mapping wants "020 00001"' in explain(desk, 2).out


def test_what_is_planned_is_told_and_how_it_is_carried_out(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    desk.has(contact(1, phone="2"))
    plan = desk.folder / "contacts.plan"
    words = ["plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-o", plan, "-q"]
    assert desk.call(*words).code in {0, 1}
    ended = desk.call("explain", plan, 2, "--json")
    assert ended.document["explanation"]["planned"] == {
        "action": "update",
        "changes": [{"field": "phone", "before": "020 00001", "after": "2"}],
    }
    assert ended.document["next"] == shlex.join(["kanbert-import", "run", "--plan", str(plan)])
    assert "Planned: update" in desk.call("explain", plan, 2).out


def test_what_was_undone_is_told_with_what_took_it_back(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    undone = desk.call("undo", desk.journal, "--yes", "--json", "-q")
    assert undone.code == 0, undone.err
    created, archived = life(desk, 2)["operations"]
    assert (created["undone_by"], archived["undoes"]) == ([archived["operation"]], created["operation"])
    ended = explain(desk, 2, columns=200)
    for line in (
        f"undone by operation {archived['operation']}",
        f"takes back operation {created['operation']}",
        f", before operation {archived['operation']} (",
    ):
        assert line in ended.out
    assert "Next:" not in ended.out  # a retry would do it once more
    desk.call("verify", desk.journal, "-q")
    assert life(desk, 2)["stored"]["known_by"] == "as the last listing of the space showed it, archived"


def test_an_error_of_our_own_is_told_by_its_last_line_and_whole_in_json(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    sql(desk, "UPDATE operation SET traceback = 'Trace' || char(10) || 'ValueError: x'")
    assert life(desk, 2)["operations"][0]["traceback"] == "Trace\nValueError: x"
    assert "ValueError: x (--json has all of it)" in explain(desk, 2).out


def test_a_mapping_that_this_version_does_not_understand_is_no_hindrance(desk: Desk) -> None:
    desk.has(contact(1))
    desk.run()
    sql(desk, "UPDATE run SET mapping_text = 'version: 9'")
    told = life(desk, 2)
    assert (told["fields"], told["payload"]["external_id"]) == ([], "K-1")
    assert "version" in told["mapping_unread"]
    assert "cannot be read by this version" in explain(desk, 2, columns=300).out


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
def test_journals_of_older_versions_are_read_as_they_are(desk: Desk, stored: Path) -> None:
    with closing(sqlite3.connect(desk.journal)) as connection:
        connection.executescript(stored.read_text(encoding="utf-8"))
    assert explain(desk, 2).code == 0
    assert life(desk, "K-1")["row"] == 2


@pytest.mark.slow
def test_long_and_hostile_cells_are_harmless_on_a_terminal_and_whole_in_json(desk: Desk) -> None:
    hostile = "\x1b[2J\x1b]0;x\x07 \u202eevil\u200b " + "a" * 400_000
    desk.has(contact(1, name=hostile, labels="\x9b31m\u2066x"))
    desk.run()
    for columns in (30, 80, 200):
        out = explain(desk, 2, columns=columns).out
        body = out[: out.rindex("Next:")]
        assert all(character == "\n" or character.isprintable() for character in out)
        assert max(map(len, body.splitlines())) <= columns
        assert len(body) < 60_000
    assert life(desk, 2)["cells"][1]["value"] == hostile


def test_a_cell_is_read_as_its_whole_column_proves(desk: Desk) -> None:
    mapping = MAPPING + "custom_fields:\n  since: {from: labels, as: date}\n"
    desk.has(contact(1, labels="03-04-2020"), contact(2, labels="25-12-2020"), mapping=mapping)
    assert desk.run().code == 0
    [made] = [one for one in life(desk, 2)["fields"] if one["field"] == "custom_fields.since"]
    assert (made["value"], made["state"]) == ("2020-04-03", "value")


def test_what_kanbert_does_not_show_is_not_taken_for_missing(desk: Desk) -> None:
    with other_kanbert(Choices(tags="hidden")) as kanbert:
        desk.has(contact(1, labels="a"))
        desk.run(to=kanbert.url)
    told = life(desk, 2)
    assert [one["field"] for one in told["stored"]["fields"] if one["same"] is None] == ["tags"]
    assert "  ? not shown:\n    tags" in explain(desk, 2).out


def test_a_run_that_goes_on_is_said(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    desk.run()
    with open_journal(desk.journal, command="run", since="2026-11-21T10:00:00+00:00"):
        ended = explain(desk, 2)
    assert ended.code == 0
    assert "A run is going on (process" in ended.out
    assert "Next:" not in ended.out


def test_typed_cells_are_written_as_a_spreadsheet_shows_them(desk: Desk) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["nr", "name", "phone", "country", "labels"], [7, "Bedrijf", 3.5, "NL", True]):
        sheet.append(row)
    desk.has()
    desk.export.unlink()
    book.save(desk.export)
    desk.run()
    told = life(desk, 7)
    assert [one["value"] for one in told["cells"]] == [7, "Bedrijf", 3.5, "NL", True]
    assert told["cells"][1]["cell"] == "Sheet!B2"
    assert '  name (B2): "Bedrijf"' in explain(desk, 7).out.splitlines()
