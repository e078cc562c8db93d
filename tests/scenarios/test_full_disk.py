"""Disks that are full: the run stops before a further intent, says so, and the same command resumes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Fault
from tests.fakes import commands
from tests.fakes.commands import ENVIRONMENT
from tests.fakes.contacts import contact
from tests.scenarios.test_crash import holds_each_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.scenarios.conftest import Desk

ROWS = 400


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of so many kilobytes; needs the right to mount."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", folder], check=True)  # noqa: S607 - wherever the system has it
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607


def enlarged(folder: Path, kilobytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", folder], check=True)  # noqa: S607


def at_most(file_bytes: int) -> Callable[[], None]:
    """No file of the process may grow beyond this: what a quota does, for users who cannot mount."""
    return partial(resource.setrlimit, resource.RLIMIT_FSIZE, (file_bytes, file_bytes))


def run(desk: Desk, journal: Path, before: Callable[[], None] | None = None) -> commands.Command:
    words = ["run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--journal", journal]
    return commands.ended(desk.folder, [*words, "--json", "--no-progress"], before)


def said_to_be_full(ended: commands.Command, journal: Path) -> None:
    assert ended.returncode == 4, ended.err
    assert "Traceback" not in ended.err
    for word in (str(journal), "disk is full", str(journal.parent), "run the same command again: it resumes"):
        assert word in ended.err
    assert json.loads(ended.out)["exit_code"] == 4


def told_what_was_done(desk: Desk, document: dict[str, Any]) -> None:
    """The figures until the disk was full: created, or unknown where the outcome found no room; never zeros."""
    counts = document["counts"]
    assert counts["read"] == ROWS
    assert counts["created"] <= len(desk.kanbert.companies()) <= counts["created"] + counts["unknown"]
    assert counts["created"] + counts["unknown"] + document["pending"] == ROWS
    assert document["requests"]["total"] >= len(desk.kanbert.companies())
    assert (document["command"], document["source"]["rows"], document["target"]["origin"]) == ("run", ROWS, "test")


def each_once_after(desk: Desk, journal: Path) -> None:
    ended = run(desk, journal)
    assert ended.returncode == 0, ended.err
    holds_each_once(desk, ROWS, json.loads(ended.out))


def nothing_is_in_flight_any_more(desk: Desk) -> None:
    """Every create that arrived was answered: none was cut off by the stop."""
    creates = [one for one in desk.kanbert.requests if one.method == "POST"]
    assert len(creates) == len(desk.kanbert.companies())


@pytest.mark.slow
def test_a_journal_that_may_not_grow_stops_the_run_and_the_same_command_resumes(desk: Desk) -> None:
    desk.has_contacts(ROWS)
    desk.kanbert.set_faults(Fault(on="*", do="latency", ms=5))
    ended = run(desk, desk.journal, at_most(600_000))
    said_to_be_full(ended, desk.journal)
    assert 0 < len(desk.kanbert.companies()) < ROWS
    nothing_is_in_flight_any_more(desk)
    told_what_was_done(desk, json.loads(ended.out))
    each_once_after(desk, desk.journal)


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [60, 300, 420, 700, 1100])
def test_a_full_disk_stops_the_run_and_the_same_command_resumes(desk: Desk, kilobytes: int) -> None:
    """From a disk that has no room for the rows to one that is full in the midst of writing."""
    desk.has_contacts(ROWS)
    desk.kanbert.set_faults(Fault(on="*", do="latency", ms=5))
    if os.geteuid() != 0:
        ended = run(desk, desk.journal, at_most(kilobytes * 1024))
        said_to_be_full(ended, desk.journal)
        each_once_after(desk, desk.journal)
        return
    with small_disk(desk.folder / "disk", kilobytes) as disk:
        ended = run(desk, disk / "c.journal")
        said_to_be_full(ended, disk / "c.journal")
        nothing_is_in_flight_any_more(desk)
        assert len(desk.kanbert.companies()) < ROWS
        if desk.kanbert.companies():
            told_what_was_done(desk, json.loads(ended.out))
        status = desk.call("status", disk / "c.journal", "--json")
        assert status.code in {1, 4}
        enlarged(disk, 16_000)
        each_once_after(desk, disk / "c.journal")


def test_a_report_that_has_no_room_leaves_the_earlier_one(desk: Desk) -> None:
    desk.has(*(contact(n, country="Holand") for n in range(1, 2000)))
    desk.run()
    for suffix in (".xlsx", ".csv", ".jsonl", ".html"):
        output = desk.folder / f"errors{suffix}"
        output.write_bytes(b"corrected by hand")
        ended = commands.ended(desk.folder, ["report", desk.journal, "-o", output], at_most(33_000))
        assert (ended.returncode, "free some space" in ended.err) == (2, True), ended.err
        assert output.read_bytes() == b"corrected by hand"
        assert sorted(one.name for one in desk.folder.glob("*errors*")) == [output.name]
        output.unlink()


def nowhere(stream: int) -> None:
    """Let the process print on a device that is full."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), stream)


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["run", "--help"],
        ["run", "--json"],
        ["check", "mapping.yaml"],
        ["check", "mapping.yaml", "--json"],
        ["check", "nowhere.yaml", "--json"],
        ["preview", "contacts.csv", "-m", "mapping.yaml"],
        ["preview", "contacts.csv", "-m", "mapping.yaml", "--json", "-n", "0"],
        ["validate", "contacts.csv", "-m", "mapping.yaml", "-q"],
        ["status", "contacts.journal"],
        ["report", "contacts.journal", "-o", "z.csv"],
        ["report", "contacts.journal", "-o", "z.csv", "--json"],
    ],
    ids=" ".join,
)
def test_every_command_says_that_it_cannot_print(desk: Desk, words: list[str]) -> None:
    desk.has_contacts(2)
    desk.run()
    ended = commands.ended(desk.folder, words, partial(nowhere, 1))
    assert (ended.returncode, "Traceback" in ended.err) == (2, False), ended.err
    assert ended.err.count("the result could not be printed: No space left on device") == 1
    assert ended.err.count("kanbert-import status") == (words[0] == "status")


@pytest.mark.parametrize("words", [["--version"], ["check", "mapping.yaml", "--json"]], ids=" ".join)
def test_a_disk_that_takes_no_word_at_all_ends_a_command_with_its_code(desk: Desk, words: list[str]) -> None:
    """The whole process: what the interpreter itself cannot write in the end would make it another code."""
    desk.has_contacts(2)
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        command = [sys.executable, "-m", "importer", *words]
        told = subprocess.run(
            command, cwd=desk.folder, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, check=False
        )
        ended = subprocess.run(command, cwd=desk.folder, env=ENVIRONMENT, stdout=full, stderr=full, check=False)
    assert (told.returncode, ended.returncode) == (2, 2)
    assert told.stderr.count(b"No space left on device") == 1, told.stderr


def test_a_log_that_has_no_room_stops_nothing(desk: Desk) -> None:
    desk.has_contacts(30)
    words = ["run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--json"]
    command, pipe = [sys.executable, "-m", "importer", *map(str, words)], subprocess.PIPE
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        ended = subprocess.run(command, env=ENVIRONMENT, stdout=pipe, stderr=full, text=True, check=False)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["counts"]["created"] == 30


@pytest.mark.parametrize(("country", "code"), [("NL", 2), ("Holand", 1)])
@pytest.mark.parametrize("json", ["--json", "--no-progress"])
def test_a_result_that_has_no_room_is_said_and_not_lost(desk: Desk, country: str, code: int, json: str) -> None:
    desk.has(contact(1), contact(2, country=country))
    words = ["run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, json]
    ended = commands.ended(desk.folder, words, partial(nowhere, 1))
    assert (ended.returncode, "Traceback" in ended.err) == (code, False), ended.err
    assert "the result could not be printed: No space left on device" in ended.err
    assert desk.call("status", desk.journal, "--json").counts["read"] == 2


@pytest.mark.parametrize("command", ["status", "report"])
def test_a_journal_on_a_full_disk_is_not_said_to_resume_by_who_only_reads_it(desk: Desk, command: str) -> None:
    desk.has(contact(1))
    desk.run()
    words = [command, desk.journal, *(["-o", desk.folder / "x.csv"] if command == "report" else [])]
    ended = commands.ended(desk.folder, words, at_most(1000))
    assert (ended.returncode, "Traceback" in ended.err) == (4, False), ended.err
    assert "make room for" in ended.err
    assert "copy contacts.journal to where there is room" in " ".join(ended.err.split())
    assert "resumes" not in ended.err
