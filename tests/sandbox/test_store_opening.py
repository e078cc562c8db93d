"""Opening a sandbox's file: made once however many begin at once, and readable by its owner alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from importer.sandbox.opening import identity_of

ROOT = Path(__file__).parents[2]
_OPEN = "import sys, pathlib; from importer.sandbox import identity_of; print(identity_of(pathlib.Path(sys.argv[1])))"


def test_processes_that_begin_at_once_open_one_space(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen([sys.executable, "-c", _OPEN, str(path)], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = {process.communicate(timeout=30)[0].strip() for process in started}
    assert told == {identity_of(path)}


def test_a_file_that_others_could_read_is_the_owners_alone_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    identity_of(path)
    path.chmod(0o644)
    identity_of(path)
    assert path.stat().st_mode & 0o777 == 0o600
