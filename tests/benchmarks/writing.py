"""`run` against a stub: its writing phase over a bare client's loop, and over what latency alone would cost.

The command runs in a process of its own, as a user starts it: a second event loop, the start and the end are then in
the figure of the whole, and a peak of memory or a thread of the benchmark cannot disturb it. Its phases are told apart
by when the lines of its progress come.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pydantic_core

from importer.commands.offline import preview
from importer.commands.settings import Desk, Job
from importer.progress import Silent
from tests.benchmarks.children import Ended, importing, peer, peer_process, running_stub
from tests.benchmarks.constant import constant_answers
from tests.benchmarks.exports import write_csv, write_mapping
from tests.benchmarks.figures import Figure, quickest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.setting import Setting

__all__ = ["bodies_of", "run_latency", "run_stub", "written"]

_LATENCY, _LATENCY_CONCURRENCY = 0.05, 32


def run_stub(setting: Setting) -> Iterator[Figure]:
    """Rows a second of the writing phase over those of a bare aiohttp loop that posts the same bytes."""
    rows = setting.rows(10_000)
    export, mapping = write_csv(setting.folder / "contacts.csv", rows), write_mapping(setting.folder)
    bodies = bodies_of(export, mapping, rows)
    with running_stub() as url:
        for concurrency in (8, 32):
            bare, runs = list[Ended](), list[Ended]()
            for _ in range(setting.repeats):  # in turns, so that a busy moment meets both
                bare.append(peer_process("bare", url, bodies, str(concurrency)))
                runs.append(written(export, mapping, url, concurrency))
            with constant_answers(
                setting.folder / f"nginx-{concurrency}", bodies.read_bytes().splitlines()[0]
            ) as nginx:
                if nginx is not None:
                    floors = [peer("bare", nginx, bodies, str(concurrency)) for _ in range(setting.repeats)]
                    yield quickest(
                        f"run_stub c={concurrency}", "bare loop, nginx answers", (rows / one for one in floors)
                    )
            yield from _against_bare(f"run_stub c={concurrency}", rows, bare, runs)


def _against_bare(name: str, rows: int, bare: list[Ended], runs: list[Ended]) -> Iterator[Figure]:
    """Compare the quickest of each: the bare loop keeps two cores busy, so a busy machine would flatter `run`."""
    quickest_writing = min(run.seconds("writing") for run in runs)
    yield Figure(name, "writing phase / bare loop", min(one.work for one in bare) / quickest_writing, at_least=0.6)
    ratio = min(one.processor for one in bare) / min(run.processor for run in runs)
    yield Figure(name, "rows a processor second, start included / bare loop", ratio)  # steady on a busy machine
    yield quickest(name, "bare loop", (rows / one.work for one in bare))
    yield quickest(name, "writing phase", (rows / run.seconds("writing") for run in runs))
    yield quickest(name, "reading phase", (rows / run.seconds("reading") for run in runs))
    yield quickest(name, "whole command", (rows / run.wall for run in runs))
    yield from _phases(name, min(runs, key=lambda run: run.wall))


def _phases(name: str, run: Ended) -> Iterator[Figure]:
    """Divide one run: what lies between the stages is the journal's work on the rows as a whole."""
    (reads, read), (writes, written_at) = run.phase("reading"), run.phase("writing")
    yield Figure(name, "of it: start", reads, "s")
    yield Figure(name, "of it: reading and mapping", read - reads, "s")
    yield Figure(name, "of it: duplicates, listing", writes - read, "s")
    yield Figure(name, "of it: writing", written_at - writes, "s")
    yield Figure(name, "of it: end", run.wall - written_at, "s")
    yield Figure(name, "processor time", run.processor, "s")


def run_latency(setting: Setting) -> Iterator[Figure]:
    """Wall of the writing phase over rows x latency / concurrency, and the same of the bare loop."""
    rows = setting.rows(6_400)
    export, mapping = write_csv(setting.folder / "contacts.csv", rows), write_mapping(setting.folder)
    bodies = bodies_of(export, mapping, rows)
    least = rows * _LATENCY / _LATENCY_CONCURRENCY
    bare, runs = list[float](), list[Ended]()
    with running_stub(_LATENCY) as url:
        for _ in range(setting.repeats):
            bare.append(peer("bare", url, bodies, str(_LATENCY_CONCURRENCY)))
            runs.append(written(export, mapping, url, _LATENCY_CONCURRENCY))
    writing = min(run.seconds("writing") for run in runs)
    yield Figure("run_latency", "writing phase / (rows x latency / c)", writing / least, at_most=1.10)
    yield Figure("run_latency", "whole command / (rows x latency / c)", min(run.wall for run in runs) / least)
    yield Figure("run_latency", "bare loop / (rows x latency / c)", min(bare) / least)
    yield Figure("run_latency", "rows x 50 ms / 32", least, "s")


def written(export: Path, mapping: Path, url: str, concurrency: int) -> Ended:
    """Run the command against the stub with a journal that does not know it yet."""
    journal = export.with_suffix(".journal")
    journal.unlink(missing_ok=True)
    target = ("--to", url, "--concurrency", str(concurrency))
    return importing("run", export, "-m", mapping, *target, "--journal", journal, "--json")


def bodies_of(export: Path, mapping: Path, rows: int) -> Path:
    """Write what `run` would post, one body a line."""
    desk = Desk(Silent(), lambda _: False, os.environ, export.parent)
    path = export.with_suffix(".bodies")
    with path.open("wb") as file:
        for _, mapped in preview(Job(export, mapping), desk, first=rows, row=None):
            file.write(pydantic_core.to_json(mapped.payload) + b"\n")
    return path
