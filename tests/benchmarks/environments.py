"""The name of a peer -> a Python in an environment of its own that has it, made with pip and kept for the next time.

The environments lie in the user's cache (`XDG_CACHE_HOME`), never in the repository; pip takes its registry from its own
configuration. What is installed stays: remove the folder to have newer versions.
"""

from __future__ import annotations

import json
import os
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.children import measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.children import Ended

__all__ = ["PEERS", "Environment", "installed"]

PEERS: Mapping[str, tuple[str, ...]] = {
    "requests": ("requests",),
    "dlt": ("dlt",),
    "singer-sdk": ("singer-sdk", "requests"),
    "frictionless": ("frictionless",),
    "pandas": ("pandas", "pydantic", "email-validator"),
}

_VERSIONS = (
    "import json,sys; from importlib.metadata import version; print(json.dumps({n: version(n) for n in sys.argv[1:]}))"
)


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python that has one peer, and nothing of ours but what is in this repository."""

    python: Path
    versions: Mapping[str, str]  # of what pip was asked for

    @property
    def shown(self) -> str:
        """The versions in words."""
        return ", ".join(f"{package} {version}" for package, version in self.versions.items())

    def peer(self, name: str, *words: str | Path) -> Ended:
        """Run `tests.benchmarks.{name}_peer` to its end."""
        return measured(self.python, "-m", f"tests.benchmarks.{name}_peer", *words)


def installed(name: str) -> Environment:
    """Find the environment of a peer, or make it; RuntimeError where pip fails, with what it said."""
    folder = _cache() / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    python, complete = folder / ("Scripts" if os.name == "nt" else "bin") / "python", folder / "complete"
    if not complete.exists():  # or pip was cut off
        sys.stderr.write(f"installing {' '.join(PEERS[name])} in {folder} ...\n")
        venv.create(folder, clear=True, with_pip=True)
        measured(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS[name])
        complete.touch()
    return Environment(python, json.loads(measured(python, "-c", _VERSIONS, *PEERS[name]).out))


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kanbert-import" / "benchmarks"
