"""One trial: a run into a space with a past, ended again and again by SIGKILL, then let run to its end, and judged.

Its instants are drawn from the real life of a run, whose length a run without disturbance shows first.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from importer.sandbox import Fault
from tests.ordeal.judging import broken_promises, kept_by, stage_of
from tests.ordeal.processes import Server, free_port, importing
from tests.ordeal.workload import MAPPING, SLUGS, Row, rows, write_export

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["BEHAVIOURS", "Plan", "Trial", "Verdict", "drawn", "every_fault", "is_final"]

_PATIENCE = 100.0  # seconds that one run may take
_MOST_RUNS = 3  # undisturbed, until every row is final
_MOST_LIFE = 4.0  # seconds; with faults a run may wait long for an answer, and instants would fall into that alone

BEHAVIOURS: tuple[dict[str, Any], ...] = (
    {"ids": "uuid"},
    {"ids": "numbers", "meta_keys": "no_next_cursor"},
    {"race": "error"},
    {"folds_external_id": True},
    {"shows_archived": True},
    {"answers_tags": False},
    {"meta_keys": "cursor_url", "page_size_max": 7},
    {"archived_frees_id": True},
    {"duplicate": 409},
    {"duplicate": 500},
    {"unique_in": "space"},
    {"identifier_taken": "take"},
    {"tags_on_patch": "add", "custom_fields_on_patch": "replace"},
    {"restore_status": 200, "dates": "micro", "empty_custom_fields": "object"},
    {"origin_without_id": "none", "restore_of_taken": "refuse"},
    {"case_sensitive_filter": True, "finds_id_prefix": True},
    {"throttle": 60, "throttle_window": 0.5},
)
"""Other plausible Kanberts, one a trial. Not among them: those that accept a second company (nothing can prevent it
when two creates race), and one that empties absent fields (a run stops at the first of its updates)."""


_REFUSING: dict[str, Any] = {"unknown_custom_field": "refuse"}  # so that there are rows that Kanbert refuses


def every_fault(chance: float) -> tuple[Fault, ...]:
    """Return every fault that a run can live with, each with the same chance."""
    return (
        Fault(on="*", chance=chance, do="latency", ms=20),
        Fault(on="*", chance=chance, do="reset_before"),
        Fault(on="*", chance=chance, do="reset_during"),
        Fault(on="*", chance=chance, do="reset_after"),
        Fault(on="*", chance=chance, do="status", status=500),
        Fault(on="*", chance=chance, do="status", status=500, commit=True),
        Fault(on="*", chance=chance, do="status", status=503, body="html"),
        Fault(on="*", chance=chance, do="status", status=429, retry_after=0),
        Fault(on="*", chance=chance, do="content_type"),
        Fault(on="*", chance=chance / 4, do="login_page"),
        Fault(on="*", chance=chance / 4, do="hang"),
        Fault(on="*", chance=chance, do="created_meanwhile"),
        Fault(on="*", chance=chance, do="changed_meanwhile"),
        Fault(on="GET /companies", chance=chance, do="repeat_cursor"),
        Fault(on="*", chance=chance / 50, do="expire_token", times=1),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens in a trial, all of it drawn from one seed. Instants are shares of the life of a run."""

    seed: int
    behaviour: Mapping[str, Any]
    faults: tuple[Fault, ...]
    options: tuple[str, ...]
    each: int  # rows of a kind
    kills: tuple[float, ...]  # of the run, one a life
    server_kills: tuple[float, ...]  # in the life of the same number, if that is killed

    def __str__(self) -> str:
        """Say it in a line."""
        faults = f"{len(self.faults)} faults" if self.faults else "no faults"
        return f"{dict(self.behaviour)} {faults} {' '.join(self.options)} kills {self.kills} {self.server_kills}"


def drawn(seed: int, *, each: int = 6) -> Plan:
    """Draw a plan: half have faults, two thirds another Kanbert, a third have the server killed."""
    rng = random.Random(seed)
    slow = (Fault(on="*", do="latency", ms=rng.choice([2, 5, 15])),) if rng.random() < 0.5 else ()
    faults = every_fault(rng.choice([0.01, 0.03, 0.05])) if rng.random() < 0.5 else ()
    kills = tuple(rng.uniform(rng.choice([0.0, 0.5]), 1.0) for _ in range(rng.randint(2, 4)))  # most of them in writing
    return Plan(
        seed,
        behaviour=_REFUSING | (rng.choice(BEHAVIOURS) if rng.random() < 2 / 3 else {}),
        faults=(*slow, *faults),
        options=("--lookup", rng.choice(["rows", "list", "auto"]), "--concurrency", str(rng.choice([1, 4, 8, 16]))),
        each=each,
        kills=kills,
        server_kills=tuple(rng.random() for _ in kills) if rng.random() < 1 / 3 else (),
    )


@dataclass(slots=True)
class Verdict:
    """What a trial came to; `broken` names every broken promise."""

    plan: Plan
    broken: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)  # of the run, by the stage that it had got to
    with_intents: int = 0  # of them, those that left intents open
    server_kills: int = 0
    late: int = 0  # instants for which the run was already over
    runs: int = 0  # undisturbed ones until every row was final


class Trial:
    """A plan's folder, server and runs."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._export: list[Row] = rows(plan.each)
        self._data = folder / "space.db"
        self._journal = folder / "contacts.journal"
        self._verdict = Verdict(plan)
        self._server: Server | None = None
        self._told = 0
        self._last_run = 0

    def judged(self, template: Path) -> Verdict:
        """Carry it out; `template` is the file of the space before."""
        write_export(self._folder / "contacts.csv", self._export)
        (self._folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
        try:
            self._begin(template, ())
            life = self._undisturbed("measured")
            self._end()
            self._begin(template, self._plan.faults)
            for place, instant in enumerate(self._plan.kills):
                self._killed(min(life, _MOST_LIFE) * instant, self._server_instant(place, life))
            self._calm_down()
            self._undisturbed("after the kills")
        finally:
            self._end()
        return self._verdict

    def _server_instant(self, place: int, life: float) -> float | None:
        return life * self._plan.server_kills[place] if place < len(self._plan.server_kills) else None

    def _begin(self, template: Path, faults: tuple[Fault, ...]) -> None:
        self._last_run = 0
        for found in self._folder.glob("*.journal*"):
            found.unlink()
        for found in self._folder.glob("space.*"):
            found.unlink()
        shutil.copyfile(template, self._data)
        plan = self._plan
        self._server = Server(self._data, plan.behaviour, SLUGS, free_port(), faults, plan.seed)
        self._server.start()

    def _end(self) -> None:
        if self._server is not None:
            self._server.kill()

    @property
    def _running(self) -> Server:
        if self._server is None:
            raise RuntimeError("the trial has not begun")
        return self._server

    def _words(self) -> list[str]:
        target = ["--to", self._running.url, "--json", "-q", "--archived", "restore"]
        return ["run", "contacts.csv", "-m", "mapping.yaml", *target, *self._plan.options]

    def _said(self) -> Path:
        self._told += 1
        return self._folder / f"run{self._told}.json"

    def _killed(self, instant: float, server_instant: float | None) -> None:
        """Run until an instant, the server being killed and started again where its own instant is before that."""
        began = time.monotonic()
        child = importing(self._folder, self._words(), self._said())
        if server_instant is not None and server_instant < instant:
            child.wait(began + server_instant)
            self._running.kill()
            self._running.start()
            self._verdict.server_kills += 1
        if child.wait(began + instant):
            self._verdict.late += 1
            return
        child.kill()
        stage, intents, self._last_run = stage_of(self._journal, self._last_run)
        self._verdict.kills[stage] += 1
        self._verdict.with_intents += intents > 0

    def _undisturbed(self, when: str) -> float:
        """Run until every row is final, and judge; how long the first run took, in seconds."""
        life, document = 0.0, dict[str, Any]()
        for number in range(1, _MOST_RUNS + 1):
            began, said = time.monotonic(), self._said()
            child = importing(self._folder, self._words(), said)
            if not child.wait(began + _PATIENCE):
                child.kill()
                self._note(when, f"no end after {_PATIENCE} s")
                return life
            life = life or time.monotonic() - began
            document = self._document(said, when, child.code)
            self._verdict.runs = number
            if not document or is_final(document):
                break
        if document:
            found = broken_promises(self._export, self._plan.behaviour, kept_by(self._data), self._journal, document)
            self._note(when, *found)
        return life

    def _document(self, said: Path, when: str, code: int | None) -> dict[str, Any]:
        try:
            return dict(json.loads(said.read_text()))
        except ValueError:
            self._note(when, f"ended with {code}: {said.with_suffix('.err').read_text()[-2000:]}")
            return {}

    def _note(self, when: str, *broken: str) -> None:
        self._verdict.broken += [f"{when}: {one}" for one in broken]

    def _calm_down(self) -> None:
        """Take the faults back, all but what killed runs have sent and the server has not carried out yet."""
        self._running.set_faults(())


def is_final(document: Mapping[str, Any]) -> bool:
    """Whether a run has left no row to be tried again."""
    counts = document["counts"]
    return not (document["pending"] or counts["failed"] or counts["unknown"])
