"""Opening a sandbox's file: made once however many begin at once, and readable by its owner alone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from anyio import to_thread

from importer.sandbox import SandboxOptions, running_sandbox
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
    told = {process.communicate(timeout=60)[0].strip() for process in started}
    assert told == {identity_of(path)}


def test_a_file_that_others_could_read_is_the_owners_alone_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    identity_of(path)
    path.chmod(0o644)
    identity_of(path)
    assert path.stat().st_mode & 0o777 == 0o600


def _damage(path: Path) -> bytes:
    """Overwrite the table that is read first."""
    identity_of(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'countries'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xde\xad" * (size // 2))
    return path.read_bytes()


async def test_a_file_whose_tables_are_damaged_is_refused_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    damaged = await to_thread.run_sync(_damage, path)
    with pytest.raises(ValueError, match=r"kanbert\.db is damaged: database disk image is malformed.*--data.*--reset"):
        async with running_sandbox(SandboxOptions(data=path)):
            raise AssertionError
    assert await to_thread.run_sync(path.read_bytes) == damaged
