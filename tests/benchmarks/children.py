"""Words of a command -> what happened in a process of its own; also the stub, the peers and the importer itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Ended", "importing", "measured", "peer", "peer_process", "running_stub"]

_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(_ROOT), "KANBERT_TOKEN": "sandbox"}
_LAUNCHER = str(Path(__file__).with_name("launcher.py"))


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended; times are seconds from its start."""

    code: int
    wall: float
    processor: float  # seconds of processor time, all threads
    peak: int  # bytes of resident memory at most
    out: str
    lines: tuple[tuple[float, str], ...]  # of standard error, with the time at which each came

    @property
    def peak_mb(self) -> float:
        """The peak in megabytes of a million bytes."""
        return self.peak / 1e6

    @property
    def work(self) -> float:
        """The seconds that a peer prints of its work, its start not included."""
        return float(self.out.splitlines()[-1])

    def phase(self, label: str) -> tuple[float, float]:
        """Find when a stage of the progress began and ended."""
        times = [at for at, line in self.lines if line.startswith(f"{label}: ")]
        if len(times) < 2:
            message = f"no stage {label!r} in {self.lines}"
            raise RuntimeError(message)
        return times[0], times[-1]

    def seconds(self, label: str) -> float:
        """Say how long a stage of the progress took."""
        began, ended = self.phase(label)
        return ended - began


def measured(*command: str | Path, codes: tuple[int, ...] = (0,)) -> Ended:
    """Run a command to its end; RuntimeError where it ends with another code than expected."""
    words = [sys.executable, "-S", "-E", _LAUNCHER, *map(str, command)]
    launched = subprocess.run(words, env=_ENVIRONMENT, stdout=subprocess.PIPE, check=True)
    facts = json.loads(launched.stdout)
    ended = Ended(**{**facts, "lines": tuple((at, line) for at, line in facts["lines"])})
    if ended.code not in codes:
        told = "\n".join(line for _, line in ended.lines)
        message = f"{' '.join(map(str, command))} ended with {ended.code}:\n{told}\n{ended.out}"
        raise RuntimeError(message)
    return ended


def importing(*words: str | Path, codes: tuple[int, ...] = (0,)) -> Ended:
    """Run `kanbert-import` to its end; its progress goes to a pipe, hence in lines."""
    return measured(sys.executable, "-m", "importer", *words, codes=codes)


def peer_process(name: str, *words: str | Path) -> Ended:
    """Run a peer of `tests.benchmarks.peers` to its end."""
    return measured(sys.executable, "-m", "tests.benchmarks.peers", name, *words)


def peer(name: str, *words: str | Path) -> float:
    """Run a peer of `tests.benchmarks.peers` and give the seconds of its work, its start not included."""
    return peer_process(name, *words).work


@contextmanager
def running_stub(latency: float = 0.0) -> Iterator[str]:
    """Run the stub in a process of its own, answering after so many seconds; its URL."""
    words = [sys.executable, "-m", "tests.benchmarks.stub", str(latency)]
    with subprocess.Popen(words, env=_ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()
