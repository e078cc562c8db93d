"""How commands end: pipes that close, interruptions, and bugs of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

import pytest
import typer

from importer.cli.endings import Concluded, Output, attempted, concluded, desk_of
from importer.commands.session import Sent
from importer.commands.summaries import broken_off
from importer.errors import (
    ConflictError,
    Exchange,
    FatalTargetError,
    ImporterError,
    JournalError,
    MappingError,
    NoTokenError,
    SourceError,
    UsageError,
)
from importer.journal import open_journal, temporary_journal
from importer.transport import RequestCounts
from tests.fakes.contacts import contact, write_contacts, write_mapping
from tests.fakes.journals import read
from tests.fakes.nouns import desired, row

if TYPE_CHECKING:
    from pathlib import Path

    from importer.commands.settings import Desk
    from importer.journal import Journal, JournalView

EXCHANGE = Exchange("GET", "/companies", 401)
SENT = Sent("", RequestCounts(total=7, read=7, waited=1.52))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(UsageError("x"), 2, id="usage"),
        pytest.param(MappingError(file="m.yaml", problems=[]), 2, id="mapping"),
        pytest.param(SourceError("x"), 2, id="source"),
        pytest.param(NoTokenError("x"), 3, id="no-token"),
        pytest.param(FatalTargetError("x", exchange=EXCHANGE), 3, id="fatal"),
        pytest.param(ConflictError("x", exchange=EXCHANGE), 3, id="target"),
        pytest.param(JournalError("x"), 4, id="journal"),
        pytest.param(ImporterError("x"), 70, id="a-kind-nobody-placed"),
        pytest.param(ZeroDivisionError("x"), 70, id="a-bug"),
        pytest.param(KeyboardInterrupt(), 130, id="interrupted"),
        pytest.param(typer.Abort(), 130, id="interrupted-at-a-question"),
    ],
)
def test_every_error_has_its_exit_code_and_a_document(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> NoReturn:
        raise error

    with pytest.raises(Concluded) as ended:
        attempted("run", Output(json=True), fail)
    assert ended.value.code == code
    out, err = capsys.readouterr()
    assert err.startswith("kanbert-import: ")
    document = json.loads(out)
    assert (document["command"], document["exit_code"], document["counts"]["read"]) == ("run", code, 0)
    assert document["error"] in err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        *((command, "goes on where it stopped") for command in ("run", "retry", "undo")),
        *((command, "begins anew") for command in ("validate", "check", "preview", "init", "plan", "verify")),
    ],
)
def test_only_what_resumes_is_said_to(command: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(Concluded):
        attempted(command, Output(), interrupt)
    assert f"interrupted. Run the same command again: it {words}." in capsys.readouterr().err


def view_of(journal: Journal, *, readable: bool) -> JournalView:
    if readable:
        return journal.view
    with temporary_journal() as closed:
        return closed.view


@pytest.mark.parametrize("readable", [True, False])
def test_a_run_that_breaks_off_tells_its_figures_or_null_and_never_zeros(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, readable: bool
) -> None:
    with open_journal(tmp_path / "c.journal") as journal:
        journal.bind(url="https://k.example", origin="test")
        intake = read(journal, (row(2), desired("1")), (row(3), desired("2")))

        def fail() -> NoReturn:
            raise broken_off(
                view_of(journal, readable=readable), intake, SENT, JournalError("full"), journal=tmp_path / "c.journal"
            )

        with pytest.raises(Concluded) as ended:
            attempted("run", Output(json=True), fail)
    document = json.loads(capsys.readouterr().out)
    assert (ended.value.code, document["command"], document["exit_code"], document["error"]) == (4, "run", 4, "full")
    assert (document["requests"]["total"], document["requests"]["waited_s"]) == (7, 1.5)
    assert document["pending"] == (2 if readable else None)
    assert (document["counts"]["read"] if readable else document["counts"]) == (2 if readable else None)


def test_only_a_bug_shows_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Concluded):
        attempted("run", Output(), lambda: 1 // 0)
    out, err = capsys.readouterr()
    assert (out, "ZeroDivisionError" in err, "send us" in err) == ("", True, True)


def test_a_stage_that_is_cut_off_ends_before_anything_else_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A Ctrl-C in the listing left the bar open: the summary stood on its line, and the bar came again below it."""

    def fail(desk: Desk) -> NoReturn:
        desk.progress.start("listing", None, "pages")
        raise UsageError("x")

    with pytest.raises(Concluded):
        concluded("run", Output(), fail)
    assert capsys.readouterr().err.splitlines()[-2:] == ["listing: 0 pages in 0 s", "kanbert-import: x"]


def test_a_question_that_nobody_can_answer_is_usage() -> None:
    with pytest.raises(UsageError, match=r"Go on\? .*--yes"):
        desk_of(Output()).confirm("Go on?")
    assert desk_of(Output(yes=True)).confirm("Go on?")


@pytest.mark.parametrize("words", [["preview", "-n", "0"], ["validate"], ["validate", "--json"]])
def test_a_pipe_that_closes_early_is_no_error(tmp_path: Path, words: list[str]) -> None:
    rows = [contact(n, name="x" * 200, country="Holand") for n in range(400)]
    export, mapping = write_contacts(tmp_path / "c.csv", rows), write_mapping(tmp_path / "m.yaml")
    command = [sys.executable, "-m", "importer", words[0], str(export), "-m", str(mapping), *words[1:]]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) in {0, 1}
    assert "Error" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "words",
    [
        ["run", "x.csv"],
        ["run", "x.csv", "-m", "m", "--to", "sandbox", "--rate", "0"],
        ["fly"],
        ["report", "x"],
        ["preview", "x"],
    ],
)
def test_words_that_make_no_command_have_a_document_too(words: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "importer", *words, "--json"], check=False, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    document = json.loads(ended.stdout)
    assert (document["command"], document["exit_code"]) == (words[0], 2)
    assert (len(ended.stdout.splitlines()) == 1) is (words[0] == "preview")
    assert ended.stderr.startswith("Usage: ")
