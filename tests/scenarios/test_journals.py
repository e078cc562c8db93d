"""Journals that a command is given: older ones, damaged ones, and ones that can only be read."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Fault
from tests.fakes.commands import ENVIRONMENT
from tests.fakes.contacts import contact
from tests.scenarios.test_crash import holds_each_once, started

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended

STORED = Path(__file__).parents[1] / "journal" / "versions"


def test_a_run_says_where_the_older_journal_is(desk: Desk) -> None:
    desk.has_contacts(1)
    with closing(sqlite3.connect(desk.journal)) as connection:
        connection.executescript((STORED / "2-with-held-keys.sql").read_text(encoding="utf-8"))
        connection.execute("UPDATE target SET url = ?", (desk.kanbert.url,))
        connection.commit()
    ended = desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url)
    assert ended.code == 0
    assert f"kept as {desk.journal}.version-2".replace(" ", "") in "".join(ended.out.split())  # however it is folded


def test_a_journal_of_another_target_names_both(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    first, before = desk.kanbert.url, desk.journal.read_bytes()
    ended = desk.run("--yes", to="https://elsewhere.example/api/v1")
    assert ended.code == 4
    for word in (first, "https://elsewhere.example/api/v1", "--journal"):
        assert word in ended.err
    assert desk.run("--yes", to="https://elsewhere.example/api/v1").code == 4
    assert len(desk.journal.read_bytes()) == len(before)


def test_a_fresh_journal_in_place_of_a_damaged_one_makes_nothing_twice(desk: Desk) -> None:
    """As the message says."""
    desk.has_contacts(20)
    desk.run()
    desk.journal.write_bytes(desk.journal.read_bytes()[:50_000])
    for words in (["status", desk.journal], ["report", desk.journal, "-o", "x.csv"], ["retry", desk.journal]):
        assert (desk.call(*words, "--json").code, "--journal" in desk.call(*words).err) == (4, True)
    assert desk.run().code == 4
    ended = desk.run("--journal", desk.folder / "fresh.journal")
    assert (ended.code, ended.counts) == (0, {"read": 20, "unchanged": 20})
    assert not [write for write in desk.kanbert.writes if write.startswith("PATCH")]


@pytest.mark.slow
def test_flipped_bits_are_said_or_harmless_and_never_a_bug_or_a_wrong_company(desk: Desk) -> None:
    """A run stopped half way, its journal with one bit flipped, each time another; the same command, then a fresh one."""
    rows, rng = 30, random.Random(1)
    desk.has(*(contact(n, country="Holand" if n % 10 == 0 else "NL") for n in range(1, rows + 1)))
    desk.kanbert.set_faults(Fault(on="POST /companies", nth=15, do="status", status=403))
    assert desk.run("--concurrency", 1).code == 3
    desk.kanbert.set_faults()
    sound, codes = desk.journal.read_bytes(), set()
    for _ in range(60):
        content = bytearray(sound)
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        desk.journal.write_bytes(content)
        for words in (["status"], ["report", "-o", desk.folder / "x.csv"], ["retry", "--yes"]):
            codes.add(coded(desk.call(words[0], desk.journal, *words[1:], "--json")))
        codes.add(coded(desk.run()))
    assert codes <= {0, 1, 2, 3, 4}  # 2: a mapping that cannot be read, 3: a host that is none
    assert 4 in codes
    desk.run("--journal", desk.folder / "fresh.journal")
    companies = desk.kanbert.companies()
    assert len(companies) == len(desk.kanbert.all_companies()) == rows - rows // 10
    assert {one["company_name"] for one in companies.values()} == {f"Bedrijf {n}" for n in range(1, 31) if n % 10}


def coded(ended: Ended) -> int:
    assert ended.code != 70, ended.err
    return ended.code


READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"
"""


def status_of_a_sealed_folder(folder: Path, journal: Path) -> subprocess.CompletedProcess[str]:
    """`status` where nothing in the folder can be written: a read-only mount, or its rights for who may not mount."""
    words = [sys.executable, "-m", "importer", "status", str(journal), "--json"]
    if os.geteuid() == 0:
        words = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(folder), *words]
    else:
        folder.chmod(0o555)
    try:
        return subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60)
    finally:
        folder.chmod(0o755)


@pytest.mark.slow
def test_a_run_can_be_looked_at_while_it_goes_on_and_is_not_disturbed(desk: Desk) -> None:
    """Also from where nothing can be written: there the -wal and -shm of the run are read as they are."""
    rows = 120
    desk.has_contacts(rows)
    desk.kanbert.set_faults(Fault(on="POST /companies", do="latency", ms=50))
    process = started(desk)
    try:
        while desk.kanbert.stats()["companies"]["live"] < 40:
            assert process.poll() is None
        process.send_signal(signal.SIGSTOP)  # however long the looks take, it has not ended by then
        beside = sorted(one.name for one in desk.folder.glob("contacts.journal*"))
        sealed = status_of_a_sealed_folder(desk.folder, desk.journal)
        plain = desk.call("status", desk.journal, "--json")
        report = desk.call("report", desk.journal, "-o", desk.folder / "x.csv")
        assert report.code == 0
        assert sorted(one.name for one in desk.folder.glob("contacts.journal*")) == beside
        assert 0 < json_of(sealed)["counts"]["created"] < rows
        assert plain.counts.get("created", 0) < rows  # of a commit that it was stopped in, SQLite says nothing yet
        assert "is going on" in desk.call("status", desk.journal).out
    finally:
        process.send_signal(signal.SIGCONT)
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert json_of(status_of_a_sealed_folder(desk.folder, desk.journal))["counts"]["created"] == rows
    holds_each_once(desk, rows, json_of(out))


@pytest.mark.slow
def test_a_killed_run_can_be_looked_at_from_where_nothing_can_be_written(desk: Desk) -> None:
    rows = 300
    desk.has_contacts(rows)
    process = started(desk)
    while desk.kanbert.stats()["companies"]["live"] < 100:
        assert process.poll() is None
    process.kill()
    before = {one.name: one.read_bytes() for one in desk.folder.glob("contacts.journal*")}
    document = json_of(status_of_a_sealed_folder(desk.folder, desk.journal))
    assert document["counts"]["created"] + document["counts"]["unknown"] > 0
    assert desk.call("status", desk.journal, "--json").document["counts"] == document["counts"]
    left = {one.name: one.read_bytes() for one in desk.folder.glob("contacts.journal*") if one.suffix == ".journal"}
    assert left == {name: content for name, content in before.items() if name in left}
    assert desk.journal.with_name("contacts.journal-wal").read_bytes() == before["contacts.journal-wal"]


def json_of(ended: subprocess.CompletedProcess[str] | str) -> dict[str, dict[str, int]]:
    if isinstance(ended, str):
        return dict(json.loads(ended))
    assert ended.stdout, ended.stderr
    return dict(json.loads(ended.stdout))
