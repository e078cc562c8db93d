"""`run --canary`: a few rows first, read back, and the others once somebody agrees."""

from __future__ import annotations

import os
import shlex
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from importer.commands.settings import Desk as UserDesk, Job, Writing
from importer.commands.writing import run
from importer.progress import Silent
from importer.sandbox import Fault
from tests.fakes.contacts import MAPPING, contact

if TYPE_CHECKING:
    from importer.report import Summary
    from tests.scenarios.conftest import Desk, Ended

LABELS = MAPPING.replace('{from: labels, split: ","}', '{from: labels, split: ",", map: {a: A, b: B, c: C}}')


def canary(ended: Ended) -> dict[str, Any]:
    return dict(ended.document["canary"])


def twenty(desk: Desk) -> None:
    """Rows 2 to 21; only 5 and 9 have labels, and only 13 has no phone."""
    some = {4: {"labels": "a"}, 8: {"labels": "b,a"}, 12: {"phone": ""}}
    desk.has(*(contact(n, **some.get(n, {})) for n in range(1, 21)), mapping=LABELS)


def asked(desk: Desk, *, answer: bool | None, questions: list[str]) -> Summary:
    """Run it with a user who answers so, or presses Ctrl-C."""

    def confirm(question: str) -> bool:
        questions.append(question)
        if answer is None:
            raise KeyboardInterrupt
        return answer

    user = UserDesk(Silent(), confirm, {**os.environ, "KANBERT_TOKEN": "sandbox"}, desk.folder, width=70)
    return run(Job(desk.export, desk.mapping), Writing(to=desk.kanbert.url, canary=True), user)


def test_the_fewest_rows_go_first_and_the_others_wait_where_nobody_can_be_asked(desk: Desk) -> None:
    twenty(desk)
    ended = desk.run("--canary")
    assert (ended.code, ended.counts) == (0, {"read": 1, "created": 1})
    found = canary(ended)
    assert (found["rows"], found["waiting"], found["went_on"]) == ([9], 19, False)
    assert found["verified"]["same"] == 1
    assert found["not_covered"] == ['tags 1: map "c"']
    assert {"fields phone", 'tags 1: map "a"', 'tags 1: map "b"'} <= set(found["covered"])
    assert set(desk.kanbert.companies()) == {"K-8"}
    status = desk.call("status", desk.journal, "--json").document
    assert (status["counts"]["read"], status["pending"]) == (20, 19)


def test_the_next_command_goes_on_with_the_others(desk: Desk) -> None:
    twenty(desk)
    first = desk.run("--canary")
    assert first.document["next"].endswith("--canary --yes")
    ended = desk.call(*shlex.split(first.document["next"])[1:], "--json", "-q")
    assert (ended.code, ended.counts) == (0, {"read": 20, "created": 20})
    assert (canary(ended)["rows"], canary(ended)["went_on"], canary(ended)["waiting"]) == ([9], True, 0)
    assert desk.kanbert.stats()["duplicates"] == 0
    again = desk.run("--canary")
    assert again.counts == {"read": 20, "unchanged": 20}
    assert "canary" not in again.document


def test_all_requests_of_a_canary_are_counted(desk: Desk) -> None:
    twenty(desk)
    ended = desk.run("--canary", "--yes")
    sent = ended.document["requests"]
    assert (sent["total"], sent["write"]) == (len(desk.kanbert.requests), 20)


def test_somebody_at_a_terminal_sees_what_was_covered_and_is_asked(desk: Desk) -> None:
    twenty(desk)
    questions: list[str] = []
    summary = asked(desk, answer=True, questions=questions)
    assert (summary.exit_code, summary.counts.created) == (0, 20)
    [question] = questions
    assert question.startswith("Canary: 1 row, 9\n  make use of ")
    assert '\n  No row that can be sent makes use of:\n    tags 1: map "c"\n' in question
    assert question.endswith("\n  19 other rows wait.\nGo on with 19 other rows?")


def test_a_no_leaves_it_at_the_canary(desk: Desk) -> None:
    twenty(desk)
    summary = asked(desk, answer=False, questions=[])
    assert (summary.exit_code, summary.counts.read, summary.counts.created) == (0, 1, 1)
    assert summary.next is not None
    assert summary.next.endswith("--canary")
    assert any("kanbert-import undo" in note for note in summary.notes)
    assert len(desk.kanbert.companies()) == 1


def test_a_canary_that_is_found_otherwise_holds_the_others_back_until_somebody_says_so(desk: Desk) -> None:
    mapping = LABELS.replace("  phone: phone", "  phone: phone\n  fax: phone")
    desk.has(contact(8, labels="b,a"), *(contact(n) for n in range(11, 30)), mapping=mapping)
    desk.kanbert.set_faults(Fault(on="GET /companies/*", nth=2, do="changed_meanwhile"))  # the look at it
    ended = desk.run("--canary", "--yes", "--lookup", "rows")
    assert (ended.code, ended.counts) == (1, {"read": 1, "created": 1})
    assert (canary(ended)["verified"]["differs"], canary(ended)["waiting"]) == (1, 19)
    explained = desk.call(*shlex.split(ended.document["next"])[1:])
    assert (explained.code, "K-8" in explained.out) == (0, True)
    desk.kanbert.set_faults(Fault(on="POST /companies", do="status", status=422))
    desk.has(*(contact(n) for n in range(31, 51)), mapping=LABELS)
    questions: list[str] = []
    asked(desk, answer=False, questions=questions)
    assert questions[0].endswith("\nNot all of it is in Kanbert as the mapping wants it. Go on with 19 other rows?")


def test_a_refusal_of_the_canary_holds_the_others_back(desk: Desk) -> None:
    twenty(desk)
    desk.kanbert.set_faults(Fault(on="POST /companies", do="status", status=422))
    ended = desk.run("--canary", "--yes")
    assert (ended.code, ended.counts) == (1, {"read": 1, "refused": 1})
    assert canary(ended)["verified"]["missing"] == 1
    assert shlex.split(ended.document["next"])[1:] == ["explain", str(desk.journal), "9", "--by", "row"]
    assert desk.kanbert.companies() == {}


@pytest.mark.parametrize("options", [["--max-errors", "0"], ["--max-error-rate", "0.01"]])
def test_errors_are_judged_over_the_whole_file_before_the_canary_is_sent(desk: Desk, options: list[str]) -> None:
    desk.has(*(contact(n) for n in range(1, 9)), contact(9, country="Holand"))
    ended = desk.run("--canary", "--yes", *options)
    assert ended.code == 1
    assert desk.kanbert.companies() == {}


def test_only_rows_that_are_named_are_in_a_canary(desk: Desk) -> None:
    twenty(desk)
    ended = desk.run("--canary", "--rows", "2-6")
    assert (canary(ended)["rows"], canary(ended)["waiting"]) == ([5], 4)
    assert "--rows 2-6" in ended.document["next"]


def test_a_plan_is_carried_out_canary_first(desk: Desk) -> None:
    twenty(desk)
    desk.call("plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q")
    ended = desk.call("run", "--plan", desk.folder / "contacts.plan", "--canary", "--json", "-q")
    assert (ended.counts, canary(ended)["rows"]) == ({"read": 1, "created": 1}, [9])
    done = desk.call(*shlex.split(ended.document["next"])[1:], "--json", "-q")
    assert (done.code, done.counts["read"], done.document["predicted"]["create"]["actual"]) == (0, 20, 20)


def test_a_file_without_a_row_that_can_be_sent_has_no_canary(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    ended = desk.run("--canary")
    assert (ended.code, ended.counts) == (1, {"read": 1, "refused": 1})
    assert "canary" not in ended.document


def test_a_canary_of_all_rows_asks_nothing(desk: Desk) -> None:
    desk.has(contact(1))
    ended = desk.run("--canary")
    assert (ended.code, canary(ended)["waiting"]) == (0, 0)
    assert desk.call("status", desk.journal, "--json").document["next"] is None


def test_a_target_that_refuses_the_look_ends_it_there(desk: Desk) -> None:
    twenty(desk)
    desk.kanbert.set_faults(Fault(on="GET /companies", nth=2, do="status", status=401))
    ended = desk.run("--canary", "--yes")
    assert ended.code == 3
    assert set(desk.kanbert.companies()) == {"K-8"}
    assert ended.document["next"].endswith("--canary")
    desk.kanbert.set_faults()
    again = desk.call(*shlex.split(ended.document["next"])[1:], "--yes", "--json", "-q")
    assert (again.code, again.counts, desk.kanbert.creates("K-8")) == (0, {"read": 20, "created": 20}, 1)


def test_status_says_the_same_command_as_the_run_that_it_goes_on_with(desk: Desk) -> None:
    desk.has_contacts(8)
    desk.run("--canary", "--rows", "2-8", "--concurrency", 2)
    following = desk.call("status", desk.journal, "--json").document["next"]
    words = ["run", desk.export, "-m", desk.mapping, "--rows", "2-8", "--to", desk.kanbert.url]
    assert shlex.split(following) == ["kanbert-import", *map(str, words), "--canary", "--concurrency", "2"]
    assert desk.call(*shlex.split(following)[1:], "--yes", "--json", "-q").counts["read"] == 7
    rest = desk.call("status", desk.journal, "--json").document
    assert (rest["pending"], "--rows" in rest["next"]) == (1, False)
    assert desk.call(*shlex.split(rest["next"])[1:], "--yes", "--json", "-q").counts == {
        "read": 8,
        "created": 1,
        "unchanged": 7,
    }


def test_status_of_a_journal_that_does_not_remember_the_command_says_retry(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run("--canary")
    with closing(sqlite3.connect(desk.journal)) as connection, connection:
        connection.execute("UPDATE run SET planned = NULL")
    following = desk.call("status", desk.journal, "--json").document["next"]
    assert following == shlex.join(["kanbert-import", "retry", str(desk.journal)])


def test_a_ctrl_c_at_the_question_ends_with_the_command_that_goes_on(desk: Desk) -> None:
    twenty(desk)
    summary = asked(desk, answer=None, questions=[])
    words = ["kanbert-import", "run", str(desk.export), "-m", str(desk.mapping), "--to", desk.kanbert.url, "--canary"]
    assert (summary.exit_code, summary.next) == (130, shlex.join(words))
    assert "Stopped early: interrupted at the question; the other rows were not sent." in summary.notes
    assert desk.call(*words[1:], "--yes", "--json", "-q").counts["read"] == 20
    assert len(desk.kanbert.companies()) == 20
