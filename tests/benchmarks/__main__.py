"""`python -m tests.benchmarks [NAME ...]`: measures the budgets, each as a ratio within one run; never part of pytest."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.comparing import run_peers
from tests.benchmarks.environments import PEERS, installed
from tests.benchmarks.figures import document, table
from tests.benchmarks.journal import group_commit, journal_check
from tests.benchmarks.limiter import limiter
from tests.benchmarks.machine import machine
from tests.benchmarks.memory import memory
from tests.benchmarks.reading import read_delimited, read_xlsx
from tests.benchmarks.request_counts import requests
from tests.benchmarks.sandbox import sandbox_creates, sandbox_pages
from tests.benchmarks.setting import Setting
from tests.benchmarks.startup import help_start
from tests.benchmarks.validating import validate
from tests.benchmarks.writing import run_latency, run_stub

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.environments import Environment
    from tests.benchmarks.figures import Figure
    from tests.benchmarks.setting import Benchmark

__all__ = ["main"]

_BENCHMARKS: Mapping[str, Benchmark] = {
    "help": help_start,
    "requests": requests,
    "limiter": limiter,
    "group_commit": group_commit,
    "journal_check": journal_check,
    "run_stub": run_stub,
    "run_latency": run_latency,
    "run_peers": run_peers,
    "validate": validate,
    "read_csv": read_delimited,
    "read_xlsx": read_xlsx,
    "memory": memory,
    "sandbox_creates": sandbox_creates,
    "sandbox_pages": sandbox_pages,
}


def main() -> None:
    """Run the benchmarks named, or all; the exit code is 1 where a budget is missed."""
    asked = _parser().parse_args()
    peers = {name: installed(name) for name in asked.peers}
    facts = machine() | {f"peer {name}": peer.shown for name, peer in peers.items()}
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in facts.items()) + "\n")
    figures: list[Figure] = []
    for name in asked.names or _BENCHMARKS:
        found = _measured(name, asked, peers)
        sys.stdout.write(table(found) + "\n")  # at once: a later benchmark may fail
        sys.stdout.flush()
        figures += found
    if asked.json is not None:
        asked.json.write_text(json.dumps(document(facts, figures), indent=2) + "\n", encoding="utf-8")
    raise SystemExit(any(figure.kept is False for figure in figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_BENCHMARKS), choices=[[], *_BENCHMARKS])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as a JSON document as well")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="how often what is compared is measured")
    parser.add_argument("--divisor", type=int, default=1, metavar="N", help="divide the numbers of rows, for a look")
    parser.add_argument(
        "--most-rows", type=int, default=1_000_000, metavar="N", help="rows of the largest file of `memory`"
    )
    parser.add_argument(
        "--peers",
        action="store_const",
        const=tuple(PEERS),
        default=(),
        help=f"install {', '.join(PEERS)}, each in an environment of its own in the user's cache, and compare with them",
    )
    parser.add_argument(
        "--frictionless", dest="peers", action="store_const", const=("frictionless",), help="that alone"
    )
    return parser


def _measured(name: str, asked: argparse.Namespace, peers: Mapping[str, Environment]) -> list[Figure]:
    sys.stderr.write(f"{name} ...\n")
    with tempfile.TemporaryDirectory(prefix="kanbert-benchmark-") as folder:
        setting = Setting(Path(folder), asked.divisor, asked.repeats, peers, asked.most_rows)
        return list(_BENCHMARKS[name](setting))


if __name__ == "__main__":
    main()
