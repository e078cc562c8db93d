"""What a person sees in a real terminal, narrow and wide, with colours and without."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Fault
from tests.fakes.contacts import contact, write_contacts
from tests.fakes.terminal import Seen, in_terminal

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk

SLOW = Fault(on="*", do="latency", ms=40)


def run_in(desk: Desk, *options: object, columns: int = 80, answer: str = "", **env: str) -> Seen:
    words = ("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, *options)
    return in_terminal(*words, folder=desk.folder, columns=columns, answer=answer, env=env)


def test_a_run_shows_its_rate_what_is_in_flight_and_what_is_waited_for(desk: Desk) -> None:
    desk.has(*(contact(n) for n in range(1, 30)), contact(30, country="Holand"))
    throttle = Fault(on="POST /companies", nth=10, do="status", status=429, retry_after=2)
    desk.kanbert.set_faults(SLOW, throttle)
    seen = run_in(desk, columns=200)
    assert seen.code == 1
    writing = [drawn for drawn in seen.drawn if drawn.startswith("writing")]
    assert any("rows/s, " in drawn and "in flight " in drawn for drawn in writing)
    waiting = [drawn for drawn in writing if "waiting " in drawn]
    assert any("waiting 2 s, created " in drawn for drawn in waiting)
    assert any("in flight" not in drawn for drawn in waiting)  # while nothing gets done
    assert any("throttled 1" in drawn for drawn in writing)
    assert "listing Kanbert: 1 page [" in seen.text
    done = [line for line in seen.lines if line.startswith("writing")]
    assert [line.startswith("writing: 100%|") for line in done] == [True]
    assert "29/29" in done[0]
    assert "created 29, throttled 1]" in done[0]


def test_nothing_takes_more_than_a_line_but_the_command_to_paste(desk: Desk) -> None:
    columns = 40
    desk.has(*(contact(n) for n in range(1, 20)), contact(20, country="Holand"), contact(21, name=""))
    desk.kanbert.set_faults(SLOW)
    seen = run_in(desk, columns=columns)
    assert seen.code == 1
    assert seen.drawn
    assert max(map(len, seen.drawn)) < columns
    *lines, command = seen.lines
    assert max(map(len, lines)) <= columns
    assert lines[-1] == "Next:"
    assert shlex.split(command)[:3] == ["kanbert-import", "report", str(desk.journal)]


def test_the_last_line_can_be_pasted_whatever_the_file_is_called(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    export = write_contacts(desk.folder / "Anna's list $HOME (new).csv", [contact(1, country="Holand")])
    seen = in_terminal("validate", export, "-m", desk.mapping, folder=desk.folder, columns=60)
    again = in_terminal(*shlex.split(seen.lines[-1])[1:], folder=desk.folder)
    assert again.code == 0
    assert again.lines[0].startswith("row 2  (would not be sent)")


@pytest.mark.parametrize(
    ("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=str
)
def test_colours_are_for_terminals_that_want_them(desk: Desk, env: dict[str, str], coloured: bool) -> None:
    desk.has(contact(1, country="Holand"))
    seen = in_terminal("validate", desk.export, "-m", desk.mapping, folder=desk.folder, env=env)
    assert (seen.code, seen.coloured) == (1, coloured)
    assert bool(seen.drawn) == (env.get("TERM") != "dumb")


@pytest.mark.parametrize("option", ["--quiet", "--no-progress"])
def test_no_bar_is_drawn_where_none_is_wanted(desk: Desk, option: str) -> None:
    desk.has(contact(1))
    seen = in_terminal("validate", desk.export, "-m", desk.mapping, option, folder=desk.folder)
    assert (seen.code, seen.drawn, seen.lines[0].split()[0]) == (0, [], "source")


@pytest.mark.parametrize(("answer", "created"), [("y", 12), ("", 1)])
def test_a_canary_is_shown_and_asked_about(desk: Desk, answer: str, created: int) -> None:
    desk.has(*(contact(n, labels="vip") for n in range(1, 13)))
    seen = run_in(desk, "--canary", columns=40, answer=answer)
    assert (seen.code, len(desk.kanbert.companies())) == (0, created)
    assert "Canary: 1 row, 2" in seen.lines
    assert any("Go on with 11 other rows? [y/N]:" in line for line in seen.lines)
