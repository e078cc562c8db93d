"""`--rows`: the rows that a command takes up, and those that wait."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.fakes.contacts import contact

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended


def test_only_the_rows_named_are_sent_and_the_same_run_without_it_does_the_rest(desk: Desk) -> None:
    desk.has_contacts(10)
    some = desk.run("--rows", "3-4,9-")
    assert (some.code, some.counts) == (0, {"read": 5, "created": 5})
    assert set(desk.kanbert.companies()) == {"K-2", "K-3", "K-8", "K-9", "K-10"}
    rest = desk.run()
    assert (rest.code, rest.counts) == (0, {"read": 10, "created": 5, "unchanged": 5})
    assert desk.kanbert.stats()["duplicates"] == 0


def test_a_limit_counts_within_the_rows_named(desk: Desk) -> None:
    desk.has_contacts(10)
    ended = desk.run("--rows", "5-", "--limit", 2)
    assert ended.counts == {"read": 2, "created": 2}
    assert set(desk.kanbert.companies()) == {"K-4", "K-5"}


def test_what_was_done_and_is_not_named_stays_done(desk: Desk) -> None:
    desk.has_contacts(6)
    desk.run()
    desk.run("--rows", "2-3")
    status = desk.call("status", desk.journal, "--json")
    assert (status.code, status.counts) == (0, {"read": 6, "unchanged": 6})


def test_the_same_external_id_in_a_row_that_is_not_named_counts(desk: Desk) -> None:
    desk.has(contact(1), contact(2), contact(1))
    ended = desk.run("--rows", "2")
    assert (ended.code, ended.counts) == (1, {"read": 1, "refused": 1})


@pytest.mark.parametrize("rows", ["12", "1", "20-30", "2-3,40-"])
def test_a_part_that_no_row_is_in_is_refused_and_named(desk: Desk, rows: str) -> None:
    desk.has_contacts(10)
    for words in (["run", "--to", desk.kanbert.url], ["validate"], ["plan", "--to", desk.kanbert.url]):
        command, *options = words
        ended = desk.call(command, desk.export, "-m", desk.mapping, "--rows", rows, *options, "-q")
        assert ended.code == 2
        assert f"--rows {rows.rpartition(',')[2]}: " in ended.err
        assert "rows with data from 2 to 11" in ended.err
    assert desk.kanbert.requests == []


def test_a_part_that_ends_behind_the_last_row_is_told(desk: Desk) -> None:
    desk.has_contacts(10)
    ended = desk.call("validate", desk.export, "-m", desk.mapping, "--rows", "9-400")
    assert ended.code == 0
    assert "--rows 9-400 (the last row is 11): there are no more." in ended.out


def test_of_a_file_without_rows_none_can_be_named(desk: Desk) -> None:
    desk.has()
    ended = desk.run("--rows", "2")
    assert ended.code == 2
    assert "has no row 2; it has no row below its header." in ended.document["error"]


def test_validate_and_preview_are_about_the_rows_named(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"), contact(2), contact(3))
    validated = desk.call("validate", desk.export, "-m", desk.mapping, "--rows", "3-", "--json")
    assert (validated.code, validated.counts) == (0, {"read": 2})
    for options, shown in ([], [2, 4]), (["-n", "1"], [2]), (["-n", "0"], [2, 4]):
        words = ("--rows", "2,4", "--json", *options)
        ended = desk.call("preview", desk.export, "-m", desk.mapping, *words)
        assert [json.loads(line)["row"] for line in ended.out.splitlines()] == shown
    nobody = desk.call("preview", desk.export, "-m", desk.mapping, "--rows", "9-12")
    assert (nobody.code, nobody.err.partition(" with")[0]) == (
        2,
        f"kanbert-import: {desk.export} has no row in 9-12",
    )


def test_preview_shows_the_first_five_where_nothing_is_said(desk: Desk) -> None:
    desk.has_contacts(8)
    ended = desk.call("preview", desk.export, "-m", desk.mapping, "--json")
    assert len(ended.out.splitlines()) == 5


def test_a_plan_of_some_rows_is_carried_out_for_these(desk: Desk) -> None:
    desk.has_contacts(8)
    target = ("--to", desk.kanbert.url)
    planned = desk.call("plan", desk.export, "-m", desk.mapping, *target, "--rows", "4-5", "--json", "-q")
    assert planned.counts == {"read": 2, "created": 2}
    done = desk.call(*shlex.split(planned.document["next"])[1:], "--json", "-q")
    assert (done.code, done.counts) == (0, {"read": 2, "created": 2})
    refused = desk.call("run", "--plan", desk.folder / "contacts.plan", "--rows", "4")
    assert refused.code == 2
    assert "--rows cannot be given with --plan" in refused.err


def test_the_next_command_says_the_rows_again(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"))
    decisions = desk.folder / "decisions.yaml"
    words = ("validate", desk.export, "-m", desk.mapping, "--decisions", decisions, "--rows", "3-", "--json")
    ended = desk.call(*words)
    assert ended.code == 1
    assert ended.document["next"].endswith("--rows 3-")


def said(ended: Ended) -> str:
    """The text of a summary, in one line."""
    return " ".join(ended.out.split())


def test_the_rows_left_out_wait_and_the_next_command_does_them(desk: Desk) -> None:
    desk.has_contacts(10)
    journal = desk.folder / "a journal"
    options = ("--journal", journal, "--rows", "3-8", "--limit", 2, "--concurrency", 3)
    words = ("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, *options)
    some = desk.call(*words)
    assert "8 other rows wait; the same command without `--rows` and `--limit` does them." in said(some)
    whole = [str(word) for word in words[:6]] + ["--journal", str(journal), "--concurrency", "3"]
    assert shlex.split(some.out.splitlines()[-1]) == ["kanbert-import", *whole]
    again = desk.call(*words, "--json", "-q")
    assert shlex.split(again.document["next"]) == ["kanbert-import", *whole]
    rest = desk.call(*shlex.split(again.document["next"])[1:], "--json", "-q")
    assert (rest.counts, rest.document["next"]) == ({"read": 10, "created": 8, "unchanged": 2}, None)
    none_wait = desk.call(*words)
    assert (" wait" in said(none_wait), "Next:" in said(none_wait)) == (False, False)


def test_rows_that_are_refused_come_before_those_that_wait(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"), contact(2))
    ended = desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--limit", 1)
    assert ended.out.splitlines()[-1].startswith("kanbert-import report ")
    assert "1 other row waits; the same command without `--limit` does it." in said(ended)


def test_a_plan_of_some_rows_says_that_the_others_wait(desk: Desk) -> None:
    desk.has_contacts(5)
    words = ("plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url)
    planned = desk.call(*words, "--rows", "2-3")
    assert "3 other rows wait; the same command without `--rows` plans them." in said(planned)
    done = desk.call(*shlex.split(planned.out.splitlines()[-1])[1:])
    assert "3 other rows wait: the plan was made without them." in said(done)
    nothing = desk.call(*words, "--rows", "2-3", "--json", "-q").document
    assert nothing["next"] == shlex.join(["kanbert-import", *map(str, words), "-o", str(desk.folder / "contacts.plan")])
    whole = desk.call(*shlex.split(nothing["next"])[1:], "--json", "-q")
    assert whole.counts == {"read": 5, "created": 3, "unchanged": 2}


def test_what_is_compared_with_the_last_run_are_the_rows_named(desk: Desk) -> None:
    desk.has_contacts(8)
    desk.run()
    desk.has(*(contact(n, phone=f"030 {n:05}" if n in {2, 8} else f"020 {n:05}") for n in range(1, 9)))
    ended = desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--rows", "2-4")
    assert "Compared with the last run: 2 rows as they were (not sent again), 1 changed." in said(ended)
