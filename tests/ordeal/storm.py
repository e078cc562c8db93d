"""`python -m tests.ordeal.storm [--rows 5000] [--chance 0.05]`: a run under every fault at once, until all rows are final.

Each fault of the sandbox has the chance, at every request. What ends a run by itself happens once each, in the first run:
the token expires, and the list goes in circles.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from importer.sandbox import Fault
from tests.ordeal.judging import broken_promises, kept_by
from tests.ordeal.processes import Server, filled, free_port, importing
from tests.ordeal.trials import is_final
from tests.ordeal.workload import MAPPING, SLUGS, rows, seed, write_export

_REFUSING = {"unknown_custom_field": "refuse"}
_PATIENCE = 0.5  # seconds that a run may take, for each row; where a third of the answers are faults, few are in flight
_PER_KIND = 17  # rows of an export with one row of each kind


def riding(chance: float) -> tuple[Fault, ...]:
    """Return the faults that a run has to ride out."""
    return (
        Fault(on="*", chance=chance, do="latency", ms=20),
        Fault(on="*", chance=chance, do="created_meanwhile"),
        Fault(on="*", chance=chance, do="changed_meanwhile"),
        Fault(on="*", chance=chance, do="hang"),
        Fault(on="*", chance=chance, do="reset_before"),
        Fault(on="*", chance=chance, do="reset_during"),
        Fault(on="*", chance=chance, do="reset_after"),
        Fault(on="*", chance=chance, do="status", status=500),
        Fault(on="*", chance=chance, do="status", status=500, commit=True),
        Fault(on="*", chance=chance, do="status", status=503, body="html"),
        Fault(on="*", chance=chance / 10, do="status", status=429, retry_after=0),  # more of them, and a run slows down
        Fault(on="*", chance=chance, do="content_type"),
        Fault(on="*", chance=chance, do="login_page"),
    )


def ending(requests: int) -> tuple[Fault, ...]:
    """Return the faults that end a run: its list goes in circles, or its token expires after so many requests."""
    circle = Fault(on="GET /companies", do="repeat_cursor", nth=3, times=1)
    return circle, Fault(on="*", do="expire_token", nth=requests)


class Storm:
    """A space, an export, and runs until every row is final."""

    def __init__(self, folder: Path, each: int, chance: float, *, seed: int, options: tuple[str, ...]) -> None:
        self._folder = folder
        self._export = rows(each)
        self._chance = chance
        self._seed = seed
        self._options = options
        self._server = Server(folder / "space.db", _REFUSING, SLUGS, free_port())
        self.documents: list[dict[str, Any]] = []
        self.stats: dict[str, Any] = {}

    def weathered(self, most: int) -> list[str]:
        """Run into the storm, at most so often after what ended the first runs; the broken promises."""
        filled(self._folder / "template.db", seed(self._export), SLUGS)
        shutil.copyfile(self._folder / "template.db", self._folder / "space.db")
        write_export(self._folder / "contacts.csv", self._export)
        (self._folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
        self._server.start()
        try:
            for fault in ending(len(self._export)):
                self._server.set_faults((fault, *riding(self._chance)), self._seed)
                self._run()
            self._server.set_faults(riding(self._chance), self._seed + 1)
            for _ in range(most):
                self._run()
                if is_final(self.documents[-1]):
                    break
            self.stats = self._server.stats()
            kept = kept_by(self._folder / "space.db")
        finally:
            self._server.kill()
        journal = self._folder / "contacts.journal"
        return broken_promises(self._export, _REFUSING, kept, journal, self.documents[-1])

    def _run(self) -> None:
        target = ["--to", self._server.url, "--json", "-q", "--archived", "restore", "--concurrency", "32"]
        said = self._folder / f"run{len(self.documents)}.json"
        words = ["run", "contacts.csv", "-m", "mapping.yaml", *target, *self._options]
        child = importing(self._folder, words, said)
        patience = 60.0 + _PATIENCE * len(self._export)
        if not child.wait(time.monotonic() + patience):
            child.kill()
            message = f"no end after {patience} s"
            raise RuntimeError(message)
        self.documents.append(json.loads(said.read_text()))


def main() -> int:
    """Weather a storm, and say how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.ordeal.storm", description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--chance", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=2, help="at most, after those that a fault ended")
    parser.add_argument("--lookup", default="auto")
    parser.add_argument("--keep", type=Path, default=None, help="an empty folder that keeps what is left")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        options = ("--lookup", words.lookup)
        storm = Storm(words.keep or Path(name), words.rows // _PER_KIND, words.chance, seed=words.seed, options=options)
        broken = storm.weathered(words.runs)
    for document in storm.documents:
        facts = {
            name: document.get(name) for name in ("exit_code", "duration_s", "counts", "pending", "requests", "error")
        }
        sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.write(json.dumps(storm.stats) + "\n")
    sys.stdout.write(f"broken promises: {len(broken)}\n" + "".join(f"  {one}\n" for one in broken[:50]))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
