"""The command `sandbox`, in a process of its own: it begins as it was told, keeps what it holds, and ends when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SEED = """
companies:
  - {external_id: "1", company_name: Alpha}
  - {external_id: "2", company_name: Beta, archived: true}
"""


@contextmanager
def served(folder: Path, *options: str, ended_by: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """Run `kanbert-import sandbox` until the block ends; its API's address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", "sandbox", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        ready, _, url = process.stdout.readline().strip().partition(" ")
        assert ready == "ready", process.communicate(timeout=60)
        yield url
        process.send_signal(ended_by)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert f"Look at it: {url.removesuffix('api/v1')} (its token: sandbox; kept in" in err
    finally:
        process.kill()
        process.communicate()


def asked(url: str, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer sandbox", "Accept": "application/json", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}{path}", data, headers)  # noqa: S310  # of a server on this machine
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # of a server on this machine
        return json.load(answer)


def names(url: str, archived: str = "with") -> list[str]:
    query = f"filter[0][field]=archived&filter[0][op]=eq&filter[0][value]={archived}"
    return [company["company_name"] for company in asked(url, f"/companies?{query}")["data"]]


def failed(folder: Path, *options: str) -> str:
    """Run `kanbert-import sandbox` with something wrong; what it says."""
    ended = commands.ended(folder, ["sandbox", *options])
    assert ended.returncode == 2, ended.err
    assert "Traceback" not in ended.err
    assert not ended.out
    return ended.err


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_it_begins_with_its_seed_and_keeps_what_came_after(tmp_path: Path, ended_by: signal.Signals) -> None:
    (tmp_path / "space.yaml").write_text(SEED, encoding="utf-8")
    with served(tmp_path, "--seed-file", "space.yaml", ended_by=ended_by) as url:
        assert names(url) == ["Alpha", "Beta"]
        assert names(url, "only") == ["Beta"]
        asked(url, "/companies", {"company_name": "Gamma"})
    with served(tmp_path, ended_by=ended_by) as url:
        assert names(url) == ["Alpha", "Beta", "Gamma"]


def test_reset_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(SEED, encoding="utf-8")
    with served(tmp_path, "--data", "kept.db") as url:
        asked(url, "/companies", {"company_name": "Gamma"})
    assert "holds 1 company already" in failed(tmp_path, "--data", "kept.db", "--seed-file", "space.yaml")
    with served(tmp_path, "--data", "kept.db", "--seed-file", "space.yaml", "--reset") as url:
        assert names(url) == ["Alpha", "Beta"]
    with served(tmp_path, "--data", "kept.db", "--reset") as url:
        assert names(url) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.db", "space.yaml"]


def test_a_reset_that_cannot_begin_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text("companies:\n  - {company_nme: x}\n", encoding="utf-8")
    with served(tmp_path, "--data", "kept.db") as url:
        asked(url, "/companies", {"company_name": "Gamma"})
    assert "did you mean" in failed(tmp_path, "--data", "kept.db", "--reset", "--seed-file", "space.yaml")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "cannot listen" in failed(tmp_path, "--data", "kept.db", "--reset", "--port", port)
    with served(tmp_path, "--data", "kept.db") as url:
        assert names(url) == ["Gamma"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.db", "space.yaml"]


def test_a_running_sandbox_is_not_reset(tmp_path: Path) -> None:
    with served(tmp_path) as url:
        asked(url, "/companies", {"company_name": "Gamma"})
        assert "stop that one first" in failed(tmp_path, "--reset")
        assert names(url) == ["Gamma"]


def test_what_is_no_sandbox_is_not_reset(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("mine", encoding="utf-8")
    assert "is left as it is" in failed(tmp_path, "--data", "notes.db", "--reset")
    assert (tmp_path / "notes.db").read_text(encoding="utf-8") == "mine"


def test_a_seed_file_that_is_wrong_is_said_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text("companies:\n  - {external_id: 7}\n", encoding="utf-8")
    assert 'space.yaml:2: external_id: The external id field must be a string. Put it in quotes: "7".' in failed(
        tmp_path, "--seed-file", "space.yaml"
    )
    (tmp_path / "space.yaml").write_text("companies:\n  - company_nme: x\n", encoding="utf-8")
    assert "did you mean `company_name`?" in failed(tmp_path, "--seed-file", "space.yaml")
    assert "none.yaml cannot be read" in failed(tmp_path, "--seed-file", "none.yaml")
    (tmp_path / "space.yaml").write_text(SEED, encoding="utf-8")
    with served(tmp_path, "--seed-file", "space.yaml") as url:
        assert names(url) == ["Alpha", "Beta"]
