"""From the first failing run to all rows in Kanbert by nothing but what the command prints, pasted into a shell."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from importer.journal import view_journal
from tests.fakes.contacts import MAPPING, contact, write_contacts, write_mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.worksheet.worksheet import Worksheet

    from tests.scenarios.conftest import Desk

_ROOT = Path(__file__).parents[2]
RULES = MAPPING.replace("  phone: phone\n", "  phone: phone\n  email_general: {from: labels, as: email}\n").replace(
    'tags:\n  - {from: labels, split: ","}\n', ""
)


class Shell:
    """A shell in a folder, with the command on its path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        binaries = folder / "bin"
        binaries.mkdir()
        command = binaries / "kanbert-import"
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m importer "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        self._environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", "PYTHONPATH": str(_ROOT)}

    def __call__(self, line: str) -> tuple[int, str]:
        """Run a line as it stands; the exit code, and what it printed."""
        words = ["/bin/sh", "-c", line]
        ended = subprocess.run(
            words, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        )
        return ended.returncode, ended.stdout or ended.stderr


def followed(line: str, paste: Callable[[str], tuple[int, str]], folder: Path) -> list[str]:
    """Paste line after line until there is none, and correct each report before it is given back; what was pasted."""
    pasted: list[str] = []
    for _ in range(8):
        pasted.append(line)
        code, printed = paste(line)
        assert code in {0, 1}, printed
        following = printed.rstrip().splitlines()[-1]
        if not following.startswith("kanbert-import "):
            assert code == 0, printed
            return pasted
        if " report " in line:
            path = folder / shlex.split(line)[-1]
            book = openpyxl.load_workbook(path)
            corrected(book["Rows"])
            book.save(path)
        line = following
    pytest.fail(f"no end of it: {pasted}")


def corrected(sheet: Worksheet) -> None:
    """Do what the hints say, in the columns that they name; of several issues of a row only the first."""
    header = [cell.value for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=2):
        cell = dict(zip(header, cells, strict=True))
        code, column = (str(cell[name].value or "").split("\n")[0] for name in ("code", "column"))
        assert cell["hint"].value
        meant = re.search(r"did you mean ([A-Z]{2})", str(cell["message"].value))
        match code:
            case "not-a-country":
                cell[column].value = meant[1] if meant else "NL"
            case "missing-required" | "duplicate-in-file":
                cell[column or "nr"].value = f"NEW-{cell['row'].value}"
            case "not-an-email":
                cell[column].value = "info@bedrijf.example"
            case _:
                pytest.fail(f"no way on from {code}")


def has_rows(folder: Path) -> None:
    (folder / "her data").mkdir()
    (folder / "kept here").mkdir()
    good = {"labels": "info@bedrijf.example"}
    rows = [
        contact(1, **good),
        contact(2, country="Holand", **good),
        contact(3, nr="", **good),
        contact(4, country="Belgi", labels="info(at)bedrijf.example"),
        contact(5, **good),
        contact(5, name="Zwilling", **good),
    ]
    write_contacts(folder / "her data/it's all.csv", rows)
    write_mapping(folder / "her data/my rules.yaml", RULES)


def first(target: str, *options: str) -> str:
    words = ["her data/it's all.csv", "-m", "her data/my rules.yaml", "--to", target, *options]
    return shlex.join(["kanbert-import", "run", *words])


def commands(pasted: list[str]) -> list[str]:
    return [shlex.split(line)[1] for line in pasted]


def test_whoever_pastes_the_last_line_arrives_in_the_sandbox(tmp_path: Path) -> None:
    has_rows(tmp_path)
    pasted = followed(first("sandbox", "--journal", "kept here/the 'one'.journal"), Shell(tmp_path), tmp_path)
    assert commands(pasted) == ["run", *["report", "retry"] * 2]
    with view_journal(tmp_path / "kept here/the 'one'.journal") as view:
        assert (view.counts().created, view.counts().not_in_kanbert) == (6, 0)


def test_whoever_pastes_the_last_line_makes_no_company_twice(desk: Desk) -> None:
    has_rows(desk.folder)

    def paste(line: str) -> tuple[int, str]:
        name, *words = shlex.split(line)
        assert name == "kanbert-import"
        ended = desk.call(*words)
        return ended.code, ended.out or ended.err

    pasted = followed(first(desk.kanbert.url, "--rate", "900", "--concurrency", "2"), paste, desk.folder)
    assert commands(pasted) == ["run", *["report", "retry"] * 2]
    found = desk.kanbert.all_companies()
    assert sorted(one["external_id"] for one in found) == ["K-1", "K-2", "K-4", "NEW-4", "NEW-6", "NEW-7"]
    assert len(desk.kanbert.writes) == len(found)
