"""`run` against the stub over other ways to post a file's rows there: `requests`, dlt and singer-sdk.

They do less: none of them keeps what it is about to send, looks for what is there, or holds the answer against what was
sent. Their time is that of their work alone; ours is the whole command, its start and its end included.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeAlias

import pydantic_core

from tests.benchmarks.children import running_stub
from tests.benchmarks.exports import write_csv, write_mapping
from tests.benchmarks.figures import Figure, quickest
from tests.benchmarks.writing import bodies_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.benchmarks.children import Ended
    from tests.benchmarks.environments import Environment
    from tests.benchmarks.setting import Setting

__all__ = ["run_peers"]

_CONCURRENCY = 8  # of `run` where nobody says; singer-sdk's record sink and a plain loop have one
_AT_LEAST = {"dlt": 3.0, "singer-sdk": 4.0}

Words: TypeAlias = "tuple[Environment, str, tuple[str | Path, ...]]"


def run_peers(setting: Setting) -> Iterator[Figure]:
    """Rows a second of the whole command over those of each peer that is installed, in turns."""
    rows = setting.rows(10_000)
    export, mapping = write_csv(setting.folder / "contacts.csv", rows), write_mapping(setting.folder)
    with running_stub() as url:
        peers = _peers(setting.peers, url, export, bodies_of(export, mapping, rows))
        if not peers:
            sys.stderr.write("run_peers compares with what --peers installs; there is none\n")
            return
        ours: list[Ended] = []
        theirs: dict[str, list[Ended]] = {}
        for _ in range(setting.repeats):  # in turns, so that a busy moment meets all
            for name, (environment, module, words) in peers.items():
                ours.append(written(export, mapping, url, _CONCURRENCY))
                theirs.setdefault(name, []).append(environment.peer(module, url, *words))
    yield from _against(ours, theirs, rows)


def _against(ours: list[Ended], theirs: Mapping[str, list[Ended]], rows: int) -> Iterator[Figure]:
    wall, processor = min(run.wall for run in ours), min(run.processor for run in ours)
    yield quickest("run_peers", "whole command", (rows / run.wall for run in ours))
    for name, ended in theirs.items():
        yield quickest("run_peers", name, (rows / one.work for one in ended))
        bound = _AT_LEAST.get(name)
        yield Figure("run_peers", f"whole command / {name}", min(one.work for one in ended) / wall, at_least=bound)
        ratio = min(one.processor for one in ended) / processor  # on a busy machine the more steady one
        yield Figure("run_peers", f"rows a processor second, start included / {name}", ratio)


def _peers(installed: Mapping[str, Environment], url: str, export: Path, bodies: Path) -> dict[str, Words]:
    """Say what each peer is asked for."""
    rows, width = str(bodies.read_bytes().count(b"\n")), str(_CONCURRENCY)
    peers: dict[str, Words] = {}
    if (requests := installed.get("requests")) is not None:
        peers["requests, a loop"] = (requests, "requests", (export, rows, "1"))
        peers["requests, threads"] = (requests, "requests", (export, rows, width))
    if (dlt := installed.get("dlt")) is not None:
        peers["dlt"] = (dlt, "dlt", (bodies, rows, width))
    if (singer := installed.get("singer-sdk")) is not None:
        peers["singer-sdk"] = (singer, "singer", (_messages(bodies), rows))
    return peers


def _messages(bodies: Path) -> Path:
    """Write companies as a tap gives them, below a schema that has every field of theirs."""
    companies = [pydantic_core.from_json(line) for line in bodies.read_bytes().splitlines()]
    properties: dict[str, dict[str, str]] = {field: {} for company in companies for field in company}
    schema = {
        "type": "SCHEMA",
        "stream": "companies",
        "schema": {"properties": properties},
        "key_properties": ["external_id"],
    }
    path = bodies.with_suffix(".singer")
    with path.open("wb") as file:
        file.write(pydantic_core.to_json(schema) + b"\n")
        for company in companies:
            file.write(pydantic_core.to_json({"type": "RECORD", "stream": "companies", "record": company}) + b"\n")
    return path
