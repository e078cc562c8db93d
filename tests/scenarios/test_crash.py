"""A run killed anywhere and started again: each company once, every row final, the balance kept."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Fault
from tests.fakes import commands
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.crashing import dies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.scenarios.conftest import Desk


def words(desk: Desk) -> list[str]:
    target = ["--to", desk.kanbert.url, "--json", "--no-progress"]
    return ["run", str(desk.export), "-m", str(desk.mapping), *target]


def started(desk: Desk, *options: str) -> commands.Command:
    return commands.started(desk.folder, [*words(desk), *options])


def killed(desk: Desk, step: str, nth: int, words: Sequence[object]) -> bool:
    """Run a command that kills itself at a step; False where it did not get there as often."""
    ended = commands.ended(desk.folder, words, partial(dies, step, nth))
    assert ended.returncode in {-signal.SIGKILL, 0, 1}, ended.err
    return ended.returncode == -signal.SIGKILL


def finished(desk: Desk, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run to the end; its document."""
    ended = desk.call(*words(desk), *options)
    assert ended.code == 0, ended.err
    return dict(json.loads(ended.out))


def holds_each_once(desk: Desk, rows: int, document: dict[str, Any]) -> None:
    companies = desk.kanbert.companies()
    assert sorted(companies) == sorted(f"K-{n}" for n in range(1, rows + 1))
    assert desk.kanbert.stats()["duplicates"] == 0
    assert all(desk.kanbert.creates(key) <= 1 for key in companies)
    counts = document["counts"]
    assert counts["read"] == rows
    assert counts["created"] + counts["updated"] + counts["unchanged"] == rows
    assert document["pending"] == 0


STEPS = [
    ("before:read_source", 1),
    ("after:read_source", 1),
    ("before:add_listed", 1),
    ("after:add_listed", 1),
    ("after:works", 1),
    ("before:intend", 1),
    ("after:intend", 1),
    ("before:intend", 3),  # with outcomes of the batch before in memory alone
    ("after:intend", 3),
    ("before:create", 1),
    ("after:create", 1),
    ("before:create", 60),
    ("after:create", 60),
    ("before:update", 2),
    ("after:update", 2),
    ("before:settle", 1),
    ("after:settle", 1),
    ("before:finish", 1),
    ("after:finish", 1),
]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "nth"), [pytest.param(*step, id=f"{step[0]}-{step[1]}") for step in STEPS])
def test_killed_at_a_step_and_run_again(desk: Desk, step: str, nth: int) -> None:
    """Ten companies are there and differ, so that there are updates among the creates."""
    rows = 150
    desk.has(*(contact(n, phone="old") for n in range(1, 11)))
    assert desk.run("--journal", desk.folder / "before.journal").code == 0
    desk.has_contacts(rows)
    assert killed(desk, step, nth, words(desk))
    holds_each_once(desk, rows, finished(desk))
    assert all(one["phone"] != "old" for one in desk.kanbert.companies().values())


# ── every kind of operation in one run ───────────────────────────────────────────────────────────────────────────────

MIXED = MAPPING + "match: [phone]\n"
EXPECTED = {"read": 90, "created": 30, "updated": 20, "adopted": 20, "restored": 10, "unchanged": 10}

MIXED_STEPS = [
    ("list", "before:read", 7),
    ("list", "after:read", 7),
    ("list", "before:identify", 1),
    ("list", "after:identify", 1),
    ("list", "before:identify", 7),
    ("list", "after:identify", 7),
    ("list", "before:update", 7),
    ("list", "after:update", 25),
    ("list", "after:update", 40),
    ("list", "before:restore", 7),
    ("list", "after:restore", 1),
    ("list", "after:restore", 7),
    ("list", "after:create", 3),
    ("list", "after:intend", 1),
    ("list", "before:intend", 2),
    ("list", "after:intend", 2),
    ("list", "before:settle", 1),
    ("list", "after:settle", 1),
    ("list", "before:finish", 1),
    ("rows", "before:read", 7),
    ("rows", "before:identify", 7),
    ("rows", "after:identify", 7),
    ("rows", "after:update", 25),
]


def has_a_past(desk: Desk) -> None:
    """Rows 1 to 30 are there, 31 to 40 archived, 41 to 60 without an external_id; of 61 to 90 there is nothing."""
    desk.has(*(contact(n, **({} if n <= 10 else {"name": "old"})) for n in range(1, 41)))
    assert desk.run("--journal", desk.folder / "before.journal").code == 0
    for n in range(31, 41):
        desk.kanbert.archive(f"K-{n}")
    for n in range(41, 61):
        desk.kanbert.add(company_name="Theirs", phone=f"020 {n:05}", fax="kept")
    desk.has(*(contact(n) for n in range(1, 91)), mapping=MIXED)


def is_as_the_file_says(desk: Desk) -> None:
    companies = desk.kanbert.all_companies()
    assert sorted(str(one["external_id"]) for one in companies) == sorted(f"K-{n}" for n in range(1, 91))
    assert all(one["deleted_at"] is None and one["company_name"].startswith("Bedrijf") for one in companies)
    assert sum(one["fax"] == "kept" for one in companies) == 20
    assert desk.kanbert.stats()["duplicates"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("step", ["before:restore_holder", "after:restore_holder"])
def test_killed_while_a_holder_that_cannot_be_seen_is_restored(desk: Desk, step: str) -> None:
    """A look-up by row does not show who is archived, and without `match` nobody lists them: Kanbert says "taken"."""
    has_a_past(desk)
    desk.has(*(contact(n) for n in range(1, 41)))
    options = ("--archived", "restore", "--lookup", "rows")
    assert killed(desk, step, 3, [*words(desk), *options])
    document = finished(desk, options=options)
    assert {name: count for name, count in document["counts"].items() if count} == {
        "read": 40,
        "updated": 20,
        "restored": 10,
        "unchanged": 10,
    }
    ours = [one for one in desk.kanbert.all_companies() if one["external_id"]]
    assert len(ours) == 40
    assert all(one["deleted_at"] is None and one["company_name"].startswith("Bedrijf") for one in ours)
    assert desk.kanbert.stats()["duplicates"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lookup", "step", "nth"), [pytest.param(*case, id=f"{case[1]}-{case[2]}-{case[0]}") for case in MIXED_STEPS]
)
def test_killed_in_any_operation_and_run_again_ends_as_if_undisturbed(
    desk: Desk, lookup: str, step: str, nth: int
) -> None:
    has_a_past(desk)
    options = ("--archived", "restore", "--lookup", lookup)
    assert killed(desk, step, nth, [*words(desk), *options])
    document = finished(desk, options=options)
    is_as_the_file_says(desk)
    assert {name: count for name, count in document["counts"].items() if count} == EXPECTED
    assert document["pending"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_instants_and_run_again(desk: Desk, seed: int) -> None:
    """2,000 rows, killed again and again at random; the second also loses answers after the commit."""
    rows, rng = 2000, random.Random(seed)
    desk.has_contacts(rows)
    if seed % 2:
        desk.kanbert.set_faults(Fault(on="POST /companies", chance=0.05, do="reset_after"), seed=seed)
    for _ in range(6):
        process = started(desk)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=rng.uniform(0.02, 1.5))
        process.kill()
    desk.kanbert.set_faults()
    holds_each_once(desk, rows, finished(desk))


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_in_order_and_resumes(desk: Desk, sent: signal.Signals) -> None:
    rows = 400
    desk.has_contacts(rows)
    desk.kanbert.set_faults(Fault(on="*", do="latency", ms=20))
    process = started(desk)
    while desk.kanbert.stats()["companies"]["live"] < 30:
        assert process.poll() is None
    process.send_signal(sent)
    out, err = process.communicate()
    assert process.returncode == 130, err
    document = json.loads(out)
    created = document["counts"]["created"]
    assert 30 <= created < rows
    assert document["counts"]["unknown"] == 0
    assert document["pending"] == rows - created
    assert len(desk.kanbert.companies()) == created
    assert document["next"].startswith("kanbert-import run ")
    desk.kanbert.set_faults()
    again = finished(desk)
    assert again["counts"]["created"] == rows
    holds_each_once(desk, rows, again)


@pytest.mark.slow
def test_a_second_interruption_ends_at_once_and_is_still_safe(desk: Desk) -> None:
    rows = 60
    desk.has_contacts(rows)
    desk.kanbert.set_faults(Fault(on="POST /companies", external_id="K-20", do="hang"))
    process = started(desk)
    while desk.kanbert.stats()["companies"]["live"] < rows - 1:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130, err
    assert json.loads(out)["counts"]["unknown"] == 1
    desk.kanbert.set_faults()
    holds_each_once(desk, rows, finished(desk))
