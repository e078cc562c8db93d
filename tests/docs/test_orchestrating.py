"""The README's job for an orchestrator does what is said of it, and is the file that is tested."""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import anyio
import pytest

import importer.api  # here, and not first in an event loop, which loading blocks
from importer.sandbox import Fault
from tests.docs import migrating
from tests.fakes.contacts import contact, write_contacts, write_mapping
from tests.fakes.local_kanbert import LocalKanbert, local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
NOTEBOOK, JOB, DAG = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def kanbert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalKanbert]:
    monkeypatch.setenv("KANBERT_TOKEN", "sandbox")
    monkeypatch.chdir(tmp_path)
    write_mapping(tmp_path / "mapping.yaml")
    write_contacts(tmp_path / "contacts.csv", [contact(n) for n in range(1, 21)])
    with local_kanbert() as kanbert:
        yield kanbert


def test_the_job_is_the_one_that_is_tested() -> None:
    assert Path(str(migrating.__file__)).read_text(encoding="utf-8").endswith(JOB)


def test_a_job_that_failed_goes_on_when_it_is_tried_again(tmp_path: Path, kanbert: LocalKanbert) -> None:
    kanbert.set_faults(Fault(on="POST /companies", nth=3, do="expire_token"))
    with pytest.raises(RuntimeError, match="401"):
        migrating.migrate(str(tmp_path), kanbert.url)
    kanbert.set_faults()
    facts = migrating.migrate(str(tmp_path), kanbert.url)
    assert json.loads(json.dumps(facts))["verified"]["same"] == 20
    assert all(kanbert.creates(f"K-{n}") == 1 for n in range(1, 21))
    assert (tmp_path / "errors.xlsx").exists()


def test_the_dag_makes_a_job_of_each_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[dict[str, object]] = []

    class Task:
        """Airflow's task, as far as the README uses it."""

        def __init__(self, **options: object) -> None:
            self.said: dict[str, object] = {}

        def __call__(self, function: object) -> Task:
            assert function is migrating.migrate
            return self

        def partial(self, **said: object) -> Task:
            self.said = said
            return self

        def expand(self, *, folder: list[str]) -> None:
            jobs.extend(inspect.signature(migrating.migrate).bind(folder=one, **self.said).arguments for one in folder)

    airflow = SimpleNamespace(dag=lambda schedule: lambda function: function, task=Task)
    monkeypatch.setitem(sys.modules, "airflow.sdk", airflow)
    monkeypatch.setitem(sys.modules, "migrating", migrating)
    exec(compile(DAG, "README.md", "exec"), {})  # noqa: S102 - our own README
    folders = ["/data/first-customer", "/data/second-customer"]
    assert jobs == [{"folder": folder, "to": "kanbert"} for folder in folders]


def test_the_notebook_goes_as_it_is_shown(tmp_path: Path, kanbert: LocalKanbert) -> None:
    cell = "async def cell():\n" + "".join(f"    {line}\n" for line in NOTEBOOK.splitlines())
    names: dict[str, object] = {}
    exec(compile(cell, "README.md", "exec"), names)  # noqa: S102 - our own README
    assert importer.api.run is importer.run
    anyio.run(names["cell"])  # type: ignore[arg-type]  # a cell that awaits
    assert (tmp_path / "contacts.journal").exists()
