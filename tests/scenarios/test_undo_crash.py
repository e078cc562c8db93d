"""An undo killed anywhere, or one of a run that was: what is left is taken back by the next, and nothing else is."""

from __future__ import annotations

import json
import random
import signal
import tempfile
from pathlib import Path
from typing import Any

import pytest

from importer.sandbox import Behaviour, Fault
from tests.fakes import commands
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.pasts import MAPPING, as_it_is, past_of, written
from tests.scenarios.conftest import Desk
from tests.scenarios.test_crash import killed
from tests.scenarios.test_undo import ALL_BACK, has_a_past, is_back, live, undo, undone
from tests.scenarios.test_undo_properties import is_back as everything_is_back


def run_words(desk: Desk, *options: object) -> list[object]:
    target = ["--to", desk.kanbert.url, "--json", "-q"]
    return ["run", desk.export, "-m", desk.mapping, *target, *options]


def undo_words(desk: Desk) -> list[object]:
    return ["undo", desk.journal, "--json", "-q", "--concurrency", 2]


UNDO_STEPS = [
    ("before:undo.begin", 1),
    ("after:undo.begin", 1),
    ("before:read", 3),
    ("after:undo.intend", 1),
    ("before:update", 1),
    ("after:update", 1),
    ("after:update", 5),
    ("before:release", 2),
    ("after:release", 1),
    ("after:release", 2),
    ("before:archive", 1),
    ("after:archive", 1),
    ("after:archive", 4),
    ("before:undo.settle", 1),
    ("after:undo.settle", 1),
    ("before:undo.finish", 1),
    ("after:undo.finish", 1),
]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "nth"), [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in UNDO_STEPS])
def test_an_undo_killed_at_a_step_is_ended_by_the_next(desk: Desk, step: str, nth: int) -> None:
    before = has_a_past(desk)
    assert desk.run("--archived", "restore").code == 0
    assert killed(desk, step, nth, undo_words(desk))
    ended = undo(desk)
    assert ended.code == 0, ended.document["kept"]
    is_back(desk, before)
    assert undone(undo(desk)) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("step", "nth"), [("after:archive", 1), ("before:archive", 1), ("after:update", 3)])
def test_a_run_after_an_undo_that_was_killed_looks_again_at_what_that_had_begun(
    desk: Desk, step: str, nth: int
) -> None:
    has_a_past(desk)
    assert desk.run("--archived", "restore").code == 0
    wanted = live(desk)
    assert killed(desk, step, nth, undo_words(desk))
    assert desk.call("status", desk.journal, "--json").document["undone"]["unknown"] >= 1
    assert desk.run("--archived", "restore").code == 0
    assert live(desk) == wanted
    assert undo(desk).code == 0


RUN_STEPS = [
    ("after:read_source", 1),
    ("after:intend", 1),
    ("before:create", 1),
    ("after:create", 1),
    ("after:create", 2),
    ("before:update", 1),
    ("after:update", 1),
    ("after:update", 6),
    ("before:identify", 1),
    ("after:identify", 1),
    ("before:restore", 1),
    ("after:restore", 1),
    ("after:restore", 2),
    ("before:settle", 1),
    ("before:finish", 1),
]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "nth"), [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in RUN_STEPS])
def test_a_run_killed_at_a_step_can_be_undone(desk: Desk, step: str, nth: int) -> None:
    before = has_a_past(desk)
    assert killed(desk, step, nth, run_words(desk, "--archived", "restore", "--concurrency", 2))
    ended = undo(desk)
    assert ended.code == 0, ended.document["kept"]
    is_back(desk, before)
    assert undone(undo(desk)) == {}
    assert desk.run("--archived", "restore").code == 0
    assert undo(desk).code == 0
    is_back(desk, before)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["before:restore_holder", "after:restore_holder"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_run_killed_while_it_restores_what_it_cannot_see_can_be_undone(desk: Desk, step: str, nth: int) -> None:
    before = has_a_past(desk)
    desk.mapping.write_text(desk.mapping.read_text().replace("match: [phone]\n", ""), encoding="utf-8")
    options = ("--archived", "restore", "--lookup", "rows", "--concurrency", 1)
    assert killed(desk, step, nth, run_words(desk, *options))
    assert undo(desk).code == 0
    is_back(desk, before)


@pytest.mark.slow
def test_an_undo_that_nothing_disturbs_has_the_balance_that_is_expected(desk: Desk) -> None:
    before = has_a_past(desk)
    assert desk.run("--archived", "restore").code == 0
    assert undone(undo(desk)) == ALL_BACK
    is_back(desk, before)


KILLS = ["create", "update", "identify", "restore", "restore_holder", "intend", "settle", "works"]
UNDO_KILLS = ["archive", "update", "release", "undo.intend", "undo.settle", "read"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_random_space_is_as_it_was_although_run_and_undo_were_killed(seed: int) -> None:
    rng = random.Random(seed)
    past = past_of(rng, rows=12)
    behaviour: dict[str, Any] = {"unknown_custom_field": "store", "shows_archived": seed % 4 == 3}
    mapping = MAPPING if seed % 2 else MAPPING.replace("match: [phone]\n", "")
    with tempfile.TemporaryDirectory() as folder, local_kanbert(behaviour=Behaviour(**behaviour)) as kanbert:
        desk = Desk(Path(folder), kanbert)
        desk.mapping.write_text(mapping, encoding="utf-8")
        past.happens_in(kanbert)
        before = as_it_is(kanbert)
        options = ("--lookup", rng.choice(["rows", "list"]), "--archived", "restore", "--concurrency", 2)
        for rows in past.files:
            written(desk.export, rows)
            step = f"{rng.choice(['before', 'after'])}:{rng.choice(KILLS)}"
            killed(desk, step, rng.randint(1, 4), run_words(desk, *options))
        for _ in range(2):
            step = f"{rng.choice(['before', 'after'])}:{rng.choice(UNDO_KILLS)}"
            killed(desk, step, rng.randint(1, 4), undo_words(desk))
        ended = undo(desk)
        assert ended.code == 0, ended.document["kept"]
        everything_is_back(before, as_it_is(kanbert))
        assert undone(undo(desk)) == {}


@pytest.mark.slow
def test_an_interrupted_undo_ends_in_order_and_resumes(desk: Desk) -> None:
    desk.has_contacts(200)
    assert desk.run().code == 0
    desk.kanbert.set_faults(Fault(on="*", do="latency", ms=20))
    process = commands.started(desk.folder, undo_words(desk))
    while len(live(desk)) > 190:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate()
    document = json.loads(out)
    archived = document["undone"]["archived"]
    assert (process.returncode, document["undone"]["unknown"]) == (130, 0)
    assert 200 - len(live(desk)) == archived < 200
    assert document["undone"]["pending"] == 200 - archived
    assert document["next"].startswith("kanbert-import undo ")
    desk.kanbert.set_faults()
    assert undone(undo(desk)) == {"companies": 200, "archived": 200}
