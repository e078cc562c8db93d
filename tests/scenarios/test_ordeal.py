"""A small, seeded share of `python -m tests.ordeal`: killed at random instants, nothing is lost and nothing is twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unmeasured import UNMEASURED

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(1, id="faults-and-another-kanbert"),
        pytest.param(3, id="server-killed-under-faults"),
        pytest.param(14, id="adopted-in-two-lives"),
    ],
)
def test_a_share_of_the_ordeal_breaks_no_promise(tmp_path: Path, seed: int) -> None:
    words = [sys.executable, "-m", "tests.ordeal", "--trials", "2", "--seed", str(seed), "--keep", str(tmp_path)]
    ended = subprocess.run(words, cwd=ROOT, env=UNMEASURED, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "broken promises in 0 trials" in ended.stdout


@pytest.mark.slow
def test_every_fault_at_once_leaves_every_row_final_and_right_after_two_runs() -> None:
    words = [sys.executable, "-m", "tests.ordeal.storm", "--rows", "340", "--chance", "0.004", "--seed", "7"]
    ended = subprocess.run(words, cwd=ROOT, env=UNMEASURED, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
