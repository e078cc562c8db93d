"""`kanbert-import run` in a process of its own, as a user starts it; several may go side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fakes.contacts import MAPPING, write_mapping

__all__ = ["importing"]

_ROOT = Path(__file__).parents[2]


def importing(folder: Path, number: int, url: str) -> dict[str, Any]:
    """Run `contacts{number}.csv` of a folder into the API at `url`, under an origin of its own; the JSON document."""
    mapping = folder / f"mapping{number}.yaml"
    write_mapping(mapping, MAPPING.replace("external_origin: ", f"external_origin: run{number}-", 1))
    words = [sys.executable, "-m", "importer", "run", folder / f"contacts{number}.csv", "-m", mapping, "--to", url]
    ended = subprocess.run(
        [*map(str, words), "--json", "-q"],
        env={**os.environ, "PYTHONPATH": str(_ROOT), "KANBERT_TOKEN": "sandbox"},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return dict(json.loads(ended.stdout))
