"""An undo that was stopped or killed and is given again: its balance is that of all it took back, not of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Fault
from tests.scenarios.test_crash import killed
from tests.scenarios.test_undo import change, live, ours, undo, undone

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk


def stopped_after(desk: Desk, archived: int) -> dict[str, int]:
    """Undo until the target refuses the token, after so many companies; the balance."""
    desk.kanbert.set_faults(Fault(on="DELETE /companies*", nth=archived + 1, do="status", status=401))
    ended = undo(desk, "--concurrency", 1)
    desk.kanbert.set_faults()
    assert ended.code == 3, ended.err
    return undone(ended)


def test_an_undo_given_again_accounts_for_all_that_it_took_back(desk: Desk) -> None:
    desk.has_contacts(6)
    desk.run()
    assert stopped_after(desk, 1)["archived"] == 1
    second = stopped_after(desk, 2)
    assert (second["companies"], second["archived"]) == (6, 3)
    ended = undo(desk)
    assert undone(ended) == {"companies": 6, "archived": 6}
    assert ended.document["undone"]["operations"] == 6
    assert undone(desk.call("status", desk.journal, "--json")) == {"companies": 6, "archived": 6}
    assert undone(undo(desk)) == {}
    assert live(desk) == []


def test_it_says_how_much_of_it_was_done_before(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    stopped_after(desk, 1)
    shown = desk.call("undo", desk.journal, "-q").out
    assert "companies         3   written to 3 times" in shown
    assert "Resumed: 1 company was taken back before and counted here as well." in shown


def test_a_company_that_was_kept_before_the_stop_is_counted_once_as_it_is_now(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    change(desk, "1", fax="theirs")
    assert stopped_after(desk, 1)["kept"] == 1
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (1, {"companies": 3, "archived": 2, "kept": 1})
    assert [one["external_id"] for one in ended.document["kept"]] == ["K-1"]
    change(desk, "1", fax=None)
    assert undone(undo(desk)) == {"companies": 1, "archived": 1}  # what had ended is an undo of its own


def test_a_run_in_between_begins_the_balance_anew(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    stopped_after(desk, 1)
    desk.run("--archived", "restore")
    ended = undo(desk)
    assert (ended.code, undone(ended)["companies"]) == (0, 3)
    assert "Resumed" not in ended.out


def cut_off(desk: Desk, request: str, *, arrives: bool) -> None:
    """Undo until the token is refused: for a first such request, or when it is sent again as its answer was lost."""
    lost = [Fault(on=request, nth=1, do="reset_after")] if arrives else []
    desk.kanbert.set_faults(*lost, Fault(on=request, nth=len(lost) + 1, do="status", status=401))
    assert undo(desk, "--concurrency", 1).code == 3
    desk.kanbert.set_faults()


def test_what_was_taken_back_without_an_answer_is_no_company_that_needed_nothing(desk: Desk) -> None:
    ours(desk, 1, phone="old")
    desk.has_contacts(3)
    desk.run()
    cut_off(desk, "PATCH /companies*", arrives=True)
    cut_off(desk, "DELETE /companies*", arrives=True)
    assert len(live(desk)) == 2
    ended = undo(desk)
    assert (ended.code, undone(ended)) == (0, {"companies": 3, "archived": 2, "put_back": 1})


def test_what_somebody_archived_after_a_request_that_was_refused_needs_nothing(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run()
    cut_off(desk, "DELETE /companies*", arrives=False)
    desk.kanbert.archive("K-1")
    assert undone(undo(desk)) == {"companies": 2, "archived": 1, "as_before": 1}


@pytest.mark.slow
@pytest.mark.parametrize(("step", "nth"), [("after:undo.begin", 1), ("after:archive", 2), ("after:undo.settle", 1)])
def test_an_undo_after_a_kill_accounts_for_the_whole_as_well(desk: Desk, step: str, nth: int) -> None:
    desk.has_contacts(5)
    desk.run()
    assert killed(desk, step, nth, ["undo", desk.journal, "--json", "-q", "--concurrency", 1])
    assert undone(undo(desk)) == {"companies": 5, "archived": 5}


@pytest.mark.slow
def test_an_undo_killed_behind_its_last_company_is_ended_by_the_next_without_a_request(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.run()
    assert killed(desk, "before:undo.finish", 1, ["undo", desk.journal, "--json", "-q"])
    ended = undo(desk)
    assert (ended.code, undone(ended), ended.document["requests"]["total"]) == (0, {"companies": 2, "archived": 2}, 0)
    assert "--archived restore" in ended.document["next"]
    status = desk.call("status", desk.journal)
    assert "did not take up" not in status.out
    assert undone(undo(desk)) == {}
