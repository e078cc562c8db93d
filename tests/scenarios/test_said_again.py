"""The commands that are printed to be pasted work as they stand, for who has the token in a file and in no variable."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.commands.again import OF_A_RETRY, remembered, restoring, run_plan_again
from importer.commands.settings import Fetching, Writing
from importer.sandbox import Fault
from tests.fakes.contacts import contact
from tests.scenarios.test_canary import twenty

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended

SECRET = "sandbox"
GENTLE = ("--rate", "50", "--concurrency", "2")


def call(desk: Desk, *words: object) -> Ended:
    """Call without a token in the environment; none is ever printed."""
    ended = desk.call(*words, env={"KANBERT_TOKEN": ""})
    assert ended.code != 2, ended.err
    assert SECRET not in (ended.out + ended.err).replace("kanbert-sandbox", "")
    return ended


def pasted(desk: Desk, command: str) -> Ended:
    """Call a command that was printed, which goes as it stands."""
    words = shlex.split(command)
    assert words[0] == "kanbert-import"
    ended = call(desk, *words[1:])
    assert "no token" not in ended.err
    return ended


def last(ended: Ended) -> str:
    return ended.out.splitlines()[-1]


def token_file(desk: Desk) -> Path:
    path = desk.folder / "my token.txt"
    path.write_text(SECRET, encoding="utf-8")
    return path


def run(desk: Desk, *options: object) -> Ended:
    words = ["run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q"]
    return call(desk, *words, "--token-file", token_file(desk), *GENTLE, *options)


def test_what_is_to_be_corrected_is_given_back_with_the_same_token(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"))
    reported = pasted(desk, last(run(desk)))
    retry = last(reported)
    assert shlex.split(retry)[-6:] == ["--token-file", str(token_file(desk)), "--concurrency", "2", "--rate", "50"]
    again = pasted(desk, retry)
    assert (again.code, "refused" in again.out) == (1, True)
    assert last(pasted(desk, last(again))) == retry


@pytest.mark.parametrize("command", [("status",), ("explain", "K-2")])
def test_a_row_that_failed_is_tried_again_with_the_same_token_and_rate(desk: Desk, command: tuple[str, ...]) -> None:
    desk.has_contacts(3)
    desk.kanbert.set_faults(Fault(on="POST /companies", external_id="K-2", do="status", status=500))
    run(desk)
    desk.kanbert.set_faults()
    retry = last(call(desk, command[0], desk.journal, *command[1:]))
    assert (retry.split()[1], "--rate 50" in retry) == ("retry", True)
    assert pasted(desk, retry).code == 0
    assert len(desk.kanbert.companies()) == 3


def test_an_undo_that_was_stopped_is_said_again_as_it_was(desk: Desk) -> None:
    desk.has_contacts(3)
    run(desk)
    desk.kanbert.set_faults(Fault(on="DELETE /companies*", nth=2, do="status", status=401))
    words = ["undo", desk.journal, "-q", "--token-file", token_file(desk), "--concurrency", 1, "--without-offer-check"]
    stopped = call(desk, *words)
    desk.kanbert.set_faults()
    again = last(call(desk, "status", desk.journal))
    assert again == last(stopped)
    assert "--without-offer-check" in again
    back = last(pasted(desk, again))
    assert ("--archived restore" in back, "--token-file" in back) == (True, True)
    assert pasted(desk, back).code == 0


@pytest.mark.parametrize("command", [("status",), ("explain", "K-1")])
def test_a_plan_is_carried_out_with_the_token_that_it_was_made_with(desk: Desk, command: tuple[str, ...]) -> None:
    desk.has_contacts(2)
    words = ["plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q", *GENTLE]
    planned = call(desk, *words, "--token-file", token_file(desk), "--archived", "restore")
    following = last(call(desk, command[0], desk.folder / "contacts.plan", *command[1:]))
    assert following == last(planned)
    assert "--archived" not in following  # the plan has it
    assert pasted(desk, following).code == 0
    assert len(desk.kanbert.companies()) == 2


def test_a_plan_that_was_broken_off_is_made_again_as_it_was(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.kanbert.set_faults(Fault(on="GET /companies*", do="status", status=401))
    words = ["plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q", *GENTLE]
    call(desk, *words, "--token-file", token_file(desk))
    desk.kanbert.set_faults()
    status = call(desk, "status", desk.folder / "contacts.plan")
    assert "was broken off: plan again" in status.out
    assert pasted(desk, last(status)).code == 0


def test_a_canary_is_taken_back_with_the_same_token(desk: Desk) -> None:
    twenty(desk)
    ended = run(desk, "--canary")
    [undo] = [line for line in ended.out.splitlines() if line.startswith("kanbert-import undo ")]
    assert pasted(desk, undo).code == 0
    assert "--concurrency 2" in undo
    assert "--canary" not in undo


def test_companies_that_a_plan_wrote_come_back_with_the_same_token(desk: Desk) -> None:
    words = ["run", "--plan", "x.plan", "--token-file", "t o", "--archived", "restore", "--max-age", "5"]
    wanted = ["retry", "x.journal", "--token-file", "t o", "--max-age", "5", "--archived", "restore"]
    for command in (words, ["undo", "x.journal", *words[3:]]):
        said = restoring(shlex.join(["kanbert-import", *command]), Path("x.journal"))
        assert shlex.split(said)[1:] == wanted


def test_a_plan_of_contacts_is_carried_out_with_the_file_of_moneybirds_token() -> None:
    again = run_plan_again(Path("x.plan"), Writing(), Fetching(Path("mb"), since_last=True))
    assert again == "kanbert-import run --plan x.plan --source-token-file mb"


def test_a_journal_that_remembers_no_command_has_no_options() -> None:
    assert remembered(None, OF_A_RETRY) == []


def test_a_name_that_begins_with_a_dash_is_printed_as_a_path(desk: Desk) -> None:
    """`kanbert-import report -dash.journal` is refused: "No such option: -d"."""
    desk.has(contact(1), contact(2, country="Holand"))
    desk.export.rename("-dash.csv")
    desk.mapping.rename("-m.yaml")
    Path("-token").write_text(SECRET, encoding="utf-8")
    words = ("--mapping=-m.yaml", "-q")
    online = (*words, "--token-file=-token", "--to", desk.kanbert.url)
    planned = call(desk, "plan", *online, "-o", "-new.plan", "--", "-dash.csv")
    assert last(planned) == "kanbert-import run --plan ./-new.plan --token-file ./-token"
    validated, ran = call(desk, "validate", *words, "--", "-dash.csv"), call(desk, "run", *online, "--", "-dash.csv")
    assert last(validated) == "kanbert-import preview ./-dash.csv -m ./-m.yaml --row 3"
    assert "Bedrijf 2" in pasted(desk, last(validated)).out
    assert last(ran) == "kanbert-import report ./-dash.journal -o ./-dash-errors.xlsx"
    reported = pasted(desk, last(ran))
    assert "retry ./-dash.journal --rows ./-dash-errors.xlsx --token-file ./-token" in last(reported)
    retried = pasted(desk, last(reported))
    assert last(pasted(desk, last(retried))) == last(reported)
    assert "`kanbert-import run --plan ./-new.plan`" in call(desk, "retry", "--", "-new.plan").err
