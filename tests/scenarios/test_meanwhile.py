"""What `status` and `report` say beside a run that still goes on: of rows that are under way nothing is known to be wrong."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from importer.journal import open_journal
from tests.fakes.contacts import contact
from tests.scenarios.test_crash import killed

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk

SINCE = "2026-11-21T10:00:00+00:00"
DIED = "the run ended before an answer was recorded"


def cut_off(desk: Desk) -> None:
    """Leave a journal with rows that were sent without an answer, and one to correct."""
    desk.has(contact(1), contact(2), contact(3), contact(4, country="Holand"))
    words = ["run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q", "--concurrency", 1]
    assert killed(desk, "after:create", 2, words)


def unknown(desk: Desk, command: str) -> list[dict[str, Any]]:
    found = desk.call("status", desk.journal, "--json").document
    assert found["counts"]["unknown"], command
    return [one for one in found["issues"] if one["code"] == "outcome-unknown"]


def reported(desk: Desk) -> tuple[set[str], str]:
    """The codes of a report, and what is said of it."""
    said = desk.call("report", desk.journal, "-o", desk.folder / "errors.csv").out
    with (desk.folder / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["code"] for row in csv.DictReader(file, delimiter=";")}, said


@pytest.mark.parametrize("command", ["run", "retry", "undo"])
def test_beside_a_run_rows_under_way_are_said_to_be_and_are_not_in_the_report(desk: Desk, command: str) -> None:
    cut_off(desk)
    with open_journal(desk.journal, command=command, since=SINCE):
        [group] = unknown(desk, command)
        codes, said = reported(desk)
        status = desk.call("status", desk.journal).out
    assert (group["severity"], DIED in group["message"]) == ("info", False)
    assert "under way" in group["message"]
    assert "Wait for the run to end" in group["hint"]
    assert codes == {"not-a-country"}
    article = "An" if command == "undo" else "A"
    for words in (f"{article} {command} is going on (process", SINCE, "figures of this moment", "may be under way"):
        assert words in " ".join(status.split())
        assert words in said
    assert "Write the report once more when it has ended" in said
    assert said.splitlines()[-1].startswith("kanbert-import retry")
    assert "did not take up" not in status


def test_a_verify_beside_them_does_not_make_a_dead_run_alive(desk: Desk) -> None:
    cut_off(desk)
    with open_journal(desk.journal, command="verify", since=SINCE):
        [group] = unknown(desk, "verify")
        codes, said = reported(desk)
    assert (group["severity"], DIED in group["message"]) == ("error", True)
    assert codes == {"not-a-country", "outcome-unknown"}
    assert "A verify is going on" in said
    assert "under way" not in said


def test_once_nobody_writes_they_are_errors_that_a_retry_settles(desk: Desk) -> None:
    cut_off(desk)
    [group] = unknown(desk, "nobody")
    codes, said = reported(desk)
    assert (group["severity"], DIED in group["message"]) == ("error", True)
    assert codes == {"not-a-country", "outcome-unknown"}
    assert "going on" not in said


def test_a_run_that_is_listing_kanbert_has_sent_nothing_yet_and_says_so(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    desk.has(*(contact(n, name="New") for n in (1, 2, 3)))
    words = ["run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q", "--lookup", "list"]
    assert killed(desk, "after:add_listed", 1, words)
    with open_journal(desk.journal, command="run", since=SINCE):
        status = " ".join(desk.call("status", desk.journal).out.split())
    assert "It has sent nothing yet, and first finds out what is in Kanbert: 3 companies so far" in status
    assert "nothing yet" not in desk.call("status", desk.journal).out  # nobody is at it
    assert killed(desk, "after:update", 1, words)
    with open_journal(desk.journal, command="run", since=SINCE):
        assert "nothing yet" not in desk.call("status", desk.journal).out


def test_a_run_that_is_still_reading_is_said(desk: Desk) -> None:
    with open_journal(desk.journal, command="run", since=SINCE):
        ended = desk.call("status", desk.journal)
    assert (ended.code, "A run is going on (process" in ended.err) == (4, True)
    assert "still reading the file" in ended.err


def test_the_documents_have_the_keys_that_they_always_have(desk: Desk) -> None:
    cut_off(desk)
    before = desk.call("report", desk.journal, "-o", desk.folder / "x.jsonl", "--json").document
    with open_journal(desk.journal, command="run", since=SINCE):
        beside = desk.call("report", desk.journal, "-o", desk.folder / "x.jsonl", "--json").document
    assert list(before) == list(beside)
    assert before["counts"] == beside["counts"]
    lines = (desk.folder / "x.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["row"] for line in lines if "outcome-unknown" in line] == []
