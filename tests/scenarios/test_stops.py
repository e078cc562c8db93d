"""Stops: by limits, by the target's refusal, and by signals at any time; each run resumes and ends as if undisturbed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from importer.pipeline import Limits
from importer.sandbox import Fault
from tests.fakes import commands
from tests.fakes.contacts import contact
from tests.fakes.local_kanbert import local_kanbert
from tests.scenarios.test_crash import finished, holds_each_once, started, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios.conftest import Desk

SAMPLE = Limits().sample
one_at_a_time = ("--concurrency", 1, "--lookup", "rows")


def refusing(desk: Desk, rows: int) -> None:
    if rows:
        desk.kanbert.set_faults(Fault(on="POST /companies", times=rows, do="status", status=422))


def resumes(desk: Desk, rows: int, *options: object) -> None:
    desk.kanbert.set_faults()
    ended = desk.run(*options)
    assert (ended.code, ended.counts) == (0, {"read": rows, "created": rows})
    assert all(desk.kanbert.creates(f"K-{n}") == 1 for n in range(1, rows + 1))


# ── too many errors ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 1, 5])
def test_one_error_more_than_allowed_stops_and_as_many_as_allowed_do_not(desk: Desk, most: int) -> None:
    desk.has_contacts(20)
    refusing(desk, most)
    assert desk.run(*one_at_a_time, "--max-errors", most).counts.get("created") == 20 - most
    desk.journal.unlink()
    with local_kanbert() as kanbert:
        desk.kanbert = kanbert
        refusing(desk, 20)
        ended = desk.run(*one_at_a_time, "--max-errors", most)
        assert (ended.code, ended.document["counts"]["refused"], ended.document["pending"]) == (1, most + 1, 19 - most)
        assert f"more than --max-errors {most} allows" in ended.out
        assert ended.document["next"].startswith("kanbert-import run ")
        resumes(desk, 20, "--max-errors", most)


@pytest.mark.parametrize(("rows", "bad", "stops"), [(SAMPLE - 1, SAMPLE - 1, False), (SAMPLE + 10, SAMPLE + 10, True)])
def test_the_rate_is_judged_from_the_smallest_sample_on(desk: Desk, rows: int, bad: int, stops: bool) -> None:
    desk.has_contacts(rows)
    refusing(desk, bad)
    ended = desk.run(*one_at_a_time, "--max-error-rate", 0.5)
    assert ended.document["counts"]["refused"] == (SAMPLE if stops else rows)
    assert ended.document["pending"] == (10 if stops else 0)
    assert ended.code == 1
    assert (f"{SAMPLE} of {SAMPLE} rows taken up had errors (100.0%)" in ended.out) == stops
    if stops:
        resumes(desk, rows, "--max-error-rate", 0.5)


@pytest.mark.parametrize(("bad", "stops"), [(SAMPLE // 5, False), (SAMPLE // 5 + 1, True)])
def test_a_rate_that_is_reached_is_allowed_and_one_above_it_is_not(desk: Desk, bad: int, stops: bool) -> None:
    desk.has_contacts(SAMPLE + 10)
    refusing(desk, bad)
    ended = desk.run(*one_at_a_time, "--max-error-rate", 0.2)
    assert ended.document["pending"] == (10 if stops else 0)


def test_rows_that_the_mapping_refuses_are_judged_before_anything_is_sent_and_next_is_their_report(desk: Desk) -> None:
    desk.has(contact(1), contact(2), contact(3, country="Holand"), contact(4, country="Holand"))
    for option, said in (("--max-error-rate", "2 of 4 rows cannot be sent (50.0%)"), ("--max-errors", "2 rows have")):
        ended = desk.run(option, "0.4" if "rate" in option else "1")
        assert (ended.code, ended.document["pending"]) == (1, 2)
        assert said in ended.out
        assert not desk.kanbert.writes
        assert ended.document["next"].startswith("kanbert-import report ")
    assert desk.run("--max-error-rate", "0.5", "--max-errors", "2").counts == {"read": 4, "created": 2, "refused": 2}


def test_the_help_says_from_how_many_rows_on_a_rate_is_judged(desk: Desk) -> None:
    assert f"once they are {SAMPLE}." in " ".join(desk.call("run", "--help").out.split())


# ── the target refuses everything ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("on", ["POST /companies", "GET /companies/*", "PATCH /companies/*"])
def test_a_token_that_is_refused_in_the_middle_of_a_run_stops_it_and_the_same_command_resumes(
    desk: Desk, status: int, on: str
) -> None:
    rows = 60
    desk.has(*(contact(n, phone="old") for n in range(1, 31)))
    desk.run("--journal", desk.folder / "before.journal")
    desk.has_contacts(rows)
    faults = [Fault(on=on, nth=nth, do="status", status=status) for nth in range(12, 40)]
    desk.kanbert.set_faults(*faults)
    ended = desk.run("--lookup", "rows", "--concurrency", 4)
    assert ended.code == 3
    assert ended.document["pending"] > 0
    assert ended.document["counts"]["failed"] == ended.document["counts"]["refused"] == 0
    assert str(status) in ended.out
    assert ended.document["next"].startswith("kanbert-import run ")
    desk.kanbert.set_faults()
    again = desk.run("--lookup", "rows")
    assert again.counts == {"read": rows, "created": 30, "updated": 30}
    assert desk.kanbert.stats()["duplicates"] == 0


# ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────────

both = pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])


@pytest.mark.slow
def test_a_signal_at_any_time_of_the_start_ends_in_order_and_the_same_command_goes_on(desk: Desk) -> None:
    """From the loading of the program over the reading of the file to the first requests; of the two in turn."""
    rows = 600
    desk.has_contacts(rows)
    codes = set()
    command = [sys.executable, "-m", "importer", *words(desk)]
    pipe, turns = subprocess.PIPE, cycle([signal.SIGINT, signal.SIGTERM])
    for delay, sent in zip((0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.1, 1.3), turns, strict=False):
        process = subprocess.Popen(
            command, cwd=desk.folder, env=commands.ENVIRONMENT, stdout=pipe, stderr=pipe, text=True
        )
        time.sleep(delay)
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
        codes.add(process.returncode)
        by_python = process.returncode == -signal.SIGINT  # which had not begun with us, and says so in its own way
        assert by_python or "Traceback" not in err, (delay, err)
    assert codes <= {
        130,
        0,
        -signal.SIGTERM,
        -signal.SIGINT,
    }  # the last two: before Python had begun, or while it ended
    assert 130 in codes
    holds_each_once(desk, rows, finished(desk))


@pytest.mark.slow
@both
def test_a_signal_while_kanbert_is_listed_ends_at_once(desk: Desk, sent: signal.Signals) -> None:
    desk.has_contacts(30)
    desk.kanbert.set_faults(Fault(on="GET /companies", do="hang"))
    process = started(desk)
    while not desk.kanbert.stats()["most_in_flight"] and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(sent)
    out, err = process.communicate()
    assert process.returncode == 130, err
    assert json.loads(out)["pending"] == 30
    assert not desk.kanbert.writes
    desk.kanbert.set_faults()
    holds_each_once(desk, 30, finished(desk))


@contextmanager
def sandbox(folder: Path, port: int) -> Iterator[commands.Command]:
    process = commands.started(folder, ["sandbox", "--port", port, "--data", folder / "space.db"])
    try:
        while not process.out.startswith("ready ") and process.poll() is None:
            time.sleep(0.02)
        yield process
    finally:
        process.kill()


def created(port: int) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", "/sandbox/stats")
        return int(json.loads(connection.getresponse().read())["writes"].get("create", 0))


def run_into(desk: Desk, port: int) -> commands.Command:
    target = ["--to", f"http://127.0.0.1:{port}/api/v1", "--json", "--no-progress", "--rate", 100]
    return commands.started(desk.folder, ["run", desk.export, "-m", desk.mapping, *target])


@pytest.mark.slow
@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]], ids=["once", "twice"])
def test_a_signal_while_waiting_for_a_target_that_is_gone_ends_the_run(
    desk: Desk, signals: list[signal.Signals]
) -> None:
    rows = 200
    desk.has_contacts(rows)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with sandbox(desk.folder, port) as server:
        process = run_into(desk, port)
        while not created(port) and process.poll() is None:
            time.sleep(0.02)
        server.kill()
        time.sleep(1.0)
        for number in signals:
            process.send_signal(number)
        out, err = process.communicate()  # patience with a target that is gone would be three minutes
    assert process.returncode == 130, err
    document = json.loads(out)
    assert document["pending"] > 0
    assert document["counts"]["failed"] == 0
    with sandbox(desk.folder, port):
        out, err = run_into(desk, port).communicate()
    assert json.loads(out)["counts"]["created"] == rows
