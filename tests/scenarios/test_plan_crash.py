"""A plan that is cut off while it is made, or while it is carried out: nothing twice, and nothing of ours taken for a move."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Fault
from tests.fakes import commands
from tests.scenarios.test_crash import EXPECTED, has_a_past, is_as_the_file_says, killed

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended

STEPS = [
    ("list", "after:read_source", 1),
    ("list", "after:intend", 1),
    ("list", "after:create", 3),
    ("list", "after:update", 7),
    ("list", "after:update", 40),
    ("list", "after:identify", 7),
    ("list", "before:restore", 7),
    ("list", "after:restore", 7),
    ("list", "after:settle", 1),
    ("list", "before:finish", 1),
    ("rows", "before:identify", 7),
    ("rows", "after:identify", 7),
    ("rows", "after:create", 20),
    ("rows", "after:update", 25),
]


def planned(desk: Desk, lookup: str = "auto") -> Ended:
    target = ["--to", desk.kanbert.url, "--lookup", lookup, "--archived", "restore", "--json", "-q"]
    return desk.call("plan", desk.export, "-m", desk.mapping, *target)


def carried_out(desk: Desk, *options: object) -> Ended:
    return desk.call("run", "--plan", desk.folder / "contacts.plan", "--json", "-q", *options)


def is_as_predicted(ended: Ended) -> None:
    assert ended.counts == EXPECTED
    predicted: dict[str, Any] = ended.document["predicted"]
    assert all(one["predicted"] == one["actual"] and not one["otherwise"] for one in predicted.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lookup", "step", "nth"), [pytest.param(*case, id=f"{case[1]}-{case[2]}-{case[0]}") for case in STEPS]
)
def test_a_plan_killed_in_any_operation_is_carried_out_to_the_end(desk: Desk, lookup: str, step: str, nth: int) -> None:
    has_a_past(desk)
    assert planned(desk, lookup).counts == EXPECTED
    assert killed(desk, step, nth, ["run", "--plan", desk.folder / "contacts.plan", "--lookup", lookup, "--json", "-q"])
    ended = carried_out(desk, "--lookup", lookup)
    is_as_the_file_says(desk)
    is_as_predicted(ended)


@pytest.mark.slow
@pytest.mark.parametrize(("lookup", "seed"), [("list", 0), ("rows", 1), ("list", 2), ("rows", 2)])
def test_answers_that_are_lost_make_no_row_stale(desk: Desk, lookup: str, seed: int) -> None:
    has_a_past(desk)
    planned(desk, lookup)
    faults = [
        Fault(on=f"{method} /*", chance=0.2, do=do) for method in ("POST", "PATCH", "PUT") for do in ("reset_after", "reset_before")
    ]  # fmt: skip
    desk.kanbert.set_faults(*faults, seed=seed)
    ended = carried_out(desk, "--lookup", lookup, "--max-age", 0)
    desk.kanbert.set_faults()
    assert "stale-plan" not in json.dumps(ended.document["issues"])
    is_as_predicted(carried_out(desk, "--lookup", lookup))
    is_as_the_file_says(desk)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "nth"), [("after:read_source", 1), ("after:add_listed", 1), ("before:foresee", 1)])
def test_a_plan_that_was_cut_off_is_not_carried_out_and_can_be_made_anew(desk: Desk, step: str, nth: int) -> None:
    has_a_past(desk)
    stored = desk.kanbert.all_companies()
    options = ["--to", desk.kanbert.url, "--archived", "restore", "--lookup", "list"]
    assert killed(desk, step, nth, ["plan", desk.export, "-m", desk.mapping, *options, "--json", "-q"])
    ended = carried_out(desk)
    assert (ended.code, "Plan again" in ended.document["error"]) == (4, True)
    assert desk.kanbert.all_companies() == stored
    shown = desk.call("status", desk.folder / "contacts.plan", "--json")
    assert "plan again" in str(desk.call("status", desk.folder / "contacts.plan").out)
    assert shown.document["next"].startswith("kanbert-import plan ")
    assert planned(desk).counts == EXPECTED
    is_as_predicted(carried_out(desk))


@pytest.mark.slow
def test_an_interrupted_plan_says_how_to_make_it_and_writes_nothing(desk: Desk) -> None:
    desk.has_contacts(400)
    desk.kanbert.set_faults(Fault(on="*", do="latency", ms=20))
    words = ["plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--lookup", "rows", "--json"]
    process = commands.started(desk.folder, words)
    while len(desk.kanbert.requests) < 30:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    document = json.loads(out)
    assert (process.returncode, document["pending"]) == (130, 400), err
    assert document["next"].startswith("kanbert-import plan ")
    assert not desk.kanbert.writes
    assert carried_out(desk).code == 4
