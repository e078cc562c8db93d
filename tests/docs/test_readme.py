"""The README says what the program does: its sessions are run, its tables compared."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from importer.cli import app
from importer.errors import Exit
from importer.mapping import load_mapping
from importer.model import TEMPLATES, Code
from importer.readers import Limits
from importer.sandbox import parse_faults

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMPT = "$ kanbert-import "


@dataclass(frozen=True)
class Step:
    """One command of a session, and what it shows on standard output."""

    words: str
    interrupted: bool
    shown: list[str]


def steps() -> list[Step]:
    found: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE):
        for part in block.split(PROMPT)[1:]:
            words, *lines = part.splitlines()
            interrupted = lines[:1] == ["^C"]
            found.append(Step(words, interrupted, lines[1:] if interrupted else lines))
    return found


def created(folder: Path) -> int:
    """Ask as a user would, while the run is going on; takes the time of a process."""
    words = [sys.executable, "-m", "importer", "status", "moneybird-contacts.journal", "--json"]
    asked = subprocess.run(
        words, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    counts = json.loads(asked.stdout).get("counts") or {}
    return int(counts.get("created", 0))


def performed(step: Step, folder: Path) -> list[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", *shlex.split(step.words)],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT), "KANBERT_TOKEN": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if step.interrupted:
        while process.poll() is None and not created(folder):
            pass
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    return out.splitlines()


def alike(shown: list[str], printed: list[str], *, numbers: bool) -> bool:
    """Compare line by line; `...` stands for any lines, and where a run was interrupted the numbers may differ."""
    pattern = ""
    for line in shown:
        escaped = re.escape(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", re.sub(r"in [\d.]+ s", "in T s", line)))
        escaped = escaped if numbers else re.sub(r"\\ *\d+|(\\ )+\d+", r" *\\d+", escaped)
        pattern += r"(?:.*\n)*?" if line == "..." else escaped + r"\n"
    text = "".join(f"{line}\n" for line in printed)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", re.sub(r"in [\d.]+ s", "in T s", text))
    return re.fullmatch(pattern, text) is not None


@pytest.mark.slow
def test_the_session_goes_as_it_is_shown(tmp_path: Path) -> None:
    shutil.copy(ROOT / "samples" / "moneybird-contacts.xlsx", tmp_path)
    shutil.copy(ROOT / "mappings" / "moneybird.yaml", tmp_path)
    assert len(steps()) == 6
    for step in steps():
        printed = performed(step, tmp_path)
        assert alike(step.shown, printed, numbers=not step.interrupted), "\n".join([step.words, *printed])


@pytest.mark.slow
def test_the_lines_of_a_guess_are_what_init_writes(tmp_path: Path) -> None:
    shown = README.split("lines that are only shown begin with `#`:")[1].split("```")[1].splitlines()[1:]
    sample = (ROOT / "samples" / "moneybird-contacts.csv").read_bytes()
    unknown = tmp_path / "klanten.csv"
    unknown.write_bytes(sample.replace(b"Klantnummer", b"Debiteurnummer", 1))  # so that it is no export that is known
    printed = performed(Step(shlex.join(["init", str(unknown), "-q"]), interrupted=False, shown=[]), tmp_path)
    assert len(shown) == 3
    assert set(shown) <= set(printed)


def test_every_ready_mapping_has_its_line() -> None:
    table = README.split("| system | mapping | external_id |")[1].split("\n\n")[0]
    listed = re.findall(r"\(mappings/([\w-]+\.yaml)\)", table)
    assert {*listed} == {path.name for path in (ROOT / "mappings").glob("*.yaml")} - {"moneybird-api.yaml"}


def test_every_issue_code_has_its_line() -> None:
    for code in Code:
        assert f"| `{code}` | {TEMPLATES[code].hint.format()} |" in README
    table = README.split("## Issues")[1].split("\n## ")[0]
    assert table.count("\n| `") == len(Code)


def test_every_exit_code_has_its_line() -> None:
    table = README.split("| exit code |")[1].split("\n\n")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(Exit)


def test_every_command_has_its_line() -> None:
    table = README.split("| command | does |")[1].split("\n\n")[0]
    named = re.findall(r"^\| `(\w+)", table, re.MULTILINE)
    assert sorted(named) == sorted(info.callback.__name__ for info in app.registered_commands if info.callback)


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    command = "coverage run -m pytest -n 6 --dist worksteal"
    assert f".venv/bin/{command}\n" in README
    assert f"\n{command}\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_small_mapping_loads(tmp_path: Path) -> None:
    [text, _] = re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_mapping(path).origin == "moneybird"


def test_the_small_fault_script_loads() -> None:
    [_, text] = re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert len(parse_faults(text, "README").faults) == 2


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", README))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/.]+)`", README))))
def test_every_guard_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_limits_are_listed_as_they_are() -> None:
    shown = re.findall(r"^\| `(\w+)` \| ([\d,]+(?: [MG]iB)?) \| (.*) \|$", README, re.MULTILINE)
    units = {"": 1, "MiB": 1 << 20, "GiB": 1 << 30}
    listed = [
        (name, int(size.partition(" ")[0].replace(",", "")) * units[size.partition(" ")[2]], told)
        for name, size, told in shown
    ]
    assert listed == [(limit.name, limit.default, limit.metadata["is"]) for limit in fields(Limits)]
