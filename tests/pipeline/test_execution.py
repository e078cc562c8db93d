"""A journal's open rows against a scripted Kanbert: limits, stops, refusals, and what the journal says after each."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
from anyio import to_thread

from importer.errors import FatalTargetError, JournalError
from importer.journal import Journal, open_journal, open_scribe
from importer.model import Code, Counts, Outcome
from importer.pipeline import Applier, Execution, Freshness, Limits, Stop, unpacked
from importer.planner import Planner, Policy, RowFinder
from tests.fakes.nouns import AT, ORIGIN, desired, place, row, run_facts, stored
from tests.fakes.target import ScriptedTarget, fatal, gone, lost, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS = 40


class Bench:
    """A journal with rows, a scripted target, and what an execution over them needs."""

    def __init__(self, journal: Journal, rows: int) -> None:
        self.journal = journal
        self.target = ScriptedTarget()
        self.stop: Stop
        self.scope: anyio.CancelScope
        self.told: Counter[str] = Counter()
        self.slept: list[float] = []
        self.on_outcome: Callable[[Outcome], None] = lambda outcome: None
        journal.bind(url="https://kanbert.example", origin=ORIGIN)
        source = ((row(n), desired(f"k{n}", phone=str(n))) for n in range(2, rows + 2))
        self.run_id = journal.read_source(run_facts(), source, duplicates="refuse", blank_rows=lambda: 0).run

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def settled(self, outcome: Outcome) -> None:
        self.told[outcome.kind] += 1
        self.on_outcome(outcome)

    def run(self, *, errors_before: int = 0, **limits: object) -> Counts:
        """Execute in an event loop of its own: the journal's calls of the test stay outside of it."""
        anyio.run(self._run, errors_before, {"concurrency": 4, **limits})
        counts = self.journal.view.counts(self.run_id)
        assert counts.balanced
        return counts

    async def _run(self, errors_before: int, limits: dict[str, object]) -> None:
        self.stop, self.scope = Stop(), anyio.CancelScope()
        with unpacked(), self.scope:
            async with open_scribe(self.journal, self.run_id, now=lambda: AT) as scribe:
                planner = Planner(RowFinder(self.target.find, now=lambda: 0.0), place=place, policy=Policy())
                applier = Applier(
                    self.target,
                    policy=Policy(),
                    intents=scribe,
                    place=place,
                    pause=self.sleep,
                    fresh=Freshness(lambda: 0.0, 60.0),
                )
                execution = Execution(
                    scribe=scribe,
                    plan=planner,
                    applier=applier,
                    stop=self.stop,
                    limits=Limits(**limits),  # type: ignore[arg-type]  # the tests give the names
                    settled=self.settled,
                    sleep=self.sleep,
                )
                await execution.run(errors_before=errors_before)


@contextmanager
def bench(folder: Path, rows: int = ROWS) -> Iterator[Bench]:
    with open_journal(folder / "contacts.journal") as journal:
        yield Bench(journal, rows)


def test_every_row_is_created_once(tmp_path: Path) -> None:
    with bench(tmp_path, 200) as it:
        assert it.run() == Counts(read=200, created=200)
        assert Counter(call.split()[0] for call in it.target.calls) == {"find": 200, "create": 200}
        assert it.told == {"created": 200}


def test_what_is_there_and_equal_is_not_written(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        it.target.companies = {f"k{n}": stored(desired(f"k{n}", phone=str(n)).payload) for n in range(2, ROWS + 2)}
        it.target.companies["k5"] = stored(desired("k5", phone="other").payload)
        assert it.run() == Counts(read=ROWS, updated=1, unchanged=ROWS - 1)
        assert [call for call in it.target.calls if not call.startswith("find")] == ["update k5"]


def test_every_intent_is_durable_before_its_request_leaves(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        unrecorded: list[str] = []

        async def look(call: str) -> None:
            if call == "create":
                key = it.target.calls[-1].split()[1]
                intents = await to_thread.run_sync(intents_in, tmp_path)
                unrecorded.extend([] if key in intents else [key])

        it.target.before = look
        assert (it.run()).created == ROWS
        assert unrecorded == []


def test_the_journal_is_written_by_one_at_a_time_and_never_on_the_event_loop(tmp_path: Path) -> None:
    """Between BEGIN and COMMIT nobody else says anything to SQLite; rows are many to a transaction."""
    with bench(tmp_path, 200) as it:
        said: list[tuple[int, str]] = []
        loop: set[int] = set()
        it.on_outcome = lambda outcome: loop.add(threading.get_ident())
        it.journal._connection.set_trace_callback(lambda statement: said.append((threading.get_ident(), statement)))
        it.run(concurrency=8)
        it.journal._connection.set_trace_callback(None)
    writing: int | None = None
    for thread, statement in said[:-1]:  # the last is the question of the test itself
        assert thread not in loop
        assert writing in {None, thread}
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            assert writing == thread
        if statement.startswith("BEGIN"):
            writing = thread
        if statement == "COMMIT":
            writing = None
    commits = [statement for _, statement in said].count("COMMIT")
    assert 0 < commits < 200


def intents_in(folder: Path) -> set[str]:
    """The external_ids that have an intent, as another process would read them from the file."""
    with closing(sqlite3.connect(folder / "contacts.journal")) as connection:
        return {key for (key,) in connection.execute("SELECT external_id FROM operation")}


def test_a_stop_lets_what_is_in_flight_end_and_withdraws_the_rest(tmp_path: Path) -> None:
    with bench(tmp_path, 200) as it:
        it.on_outcome = lambda outcome: it.stop.request("enough", interrupted=True)
        counts = it.run()
        assert 1 <= counts.created <= 8
        assert counts == Counts(read=200, created=counts.created, pending=200 - counts.created)
        assert len(it.target.companies) == counts.created


def test_a_stop_cuts_off_what_does_not_end_and_that_is_unknown(tmp_path: Path) -> None:
    with bench(tmp_path, 3) as it:
        never = anyio.Event()

        async def hang(call: str) -> None:
            if call == "create":
                it.stop.request("enough", interrupted=True)
                await never.wait()

        it.target.before = hang
        counts = it.run()
        assert it.slept == [10.0]
        assert counts.unknown >= 1
        assert counts == Counts(read=3, unknown=counts.unknown, pending=3 - counts.unknown)


@pytest.mark.parametrize("call", ["find", "create"])
def test_a_fatal_refusal_stops_the_run_and_leaves_its_row_open(tmp_path: Path, call: str) -> None:
    with bench(tmp_path, 200) as it:
        it.target.script[call] = [None] * 10 + [fatal("GET" if call == "find" else "POST")] * 500
        counts = it.run()
        assert isinstance(it.stop.error, FatalTargetError)
        assert counts == Counts(read=200, created=len(it.target.companies), pending=200 - len(it.target.companies))


def test_a_refusal_while_settling_a_lost_create_keeps_its_intent(tmp_path: Path) -> None:
    with bench(tmp_path, 1) as it:
        it.target.script["create"] = [lost(effect=True)]
        it.target.script["find"] = [None, fatal("GET")]
        assert it.run() == Counts(read=1, unknown=1)


def test_more_errors_than_allowed_stop_the_run(tmp_path: Path) -> None:
    with bench(tmp_path, 200) as it:
        it.target.script["create"] = [refused(phone="no")] * 200
        counts = it.run(max_errors=3)
        assert 4 <= counts.refused <= 12
        assert it.stop.reason is not None
        assert "--max-errors 3" in it.stop.reason


def test_errors_of_the_mapping_count_before_the_first_request(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        assert (it.run(errors_before=4, max_errors=3)).pending == ROWS
        assert it.target.calls == []


def test_an_error_rate_needs_a_sample(tmp_path: Path) -> None:
    with bench(tmp_path, 200) as it:
        it.target.script["create"] = [refused(phone="no"), *[None] * 9] * 20
        assert (it.run(max_error_rate=0.5)).refused == 20
        assert it.stop.reason is None


def test_a_high_error_rate_stops_the_run(tmp_path: Path) -> None:
    with bench(tmp_path, 200) as it:
        it.target.script["create"] = [refused(phone="no")] * 200
        counts = it.run(max_error_rate=0.5)
        assert 50 <= counts.refused < 100
        assert it.stop.reason is not None


def test_a_target_that_is_gone_stops_the_run(tmp_path: Path) -> None:
    with bench(tmp_path, 200) as it:
        it.target.script["find"] = [gone()] * 500
        counts = it.run()
        assert it.stop.reason is not None
        assert "no answer" in it.stop.reason
        assert counts.failed < 100


def test_fields_emptied_unasked_stop_the_run(tmp_path: Path) -> None:
    with bench(tmp_path, 200) as it:
        it.target.companies = {f"k{n}": stored(desired(f"k{n}").payload, phone="old", fax="9") for n in range(2, 202)}
        it.target.edit = lambda company: replace(company, body=company.body | {"fax": None})
        counts = it.run()
        assert counts.updated <= 8
        assert it.stop.reason is not None


def test_a_bug_of_ours_costs_one_row_and_keeps_its_traceback(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        it.target.script["create"] = [ZeroDivisionError("boom")]
        counts = it.run()
        assert (counts.failed, counts.created) == (1, ROWS - 1)
        [problem] = it.journal.view.problem_rows()
        assert [issue.code for issue in problem.issues] == [Code.OUR_BUG]
        traces = it.journal._connection.execute("SELECT traceback FROM operation WHERE traceback NOTNULL").fetchall()
        assert "ZeroDivisionError: boom" in traces[0][0]


def test_a_journal_that_cannot_be_written_ends_the_run_as_such(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        refuse = "SELECT RAISE(FAIL, 'nothing is written any more')"
        it.journal._connection.execute(f"CREATE TRIGGER broken BEFORE UPDATE ON row BEGIN {refuse}; END")
        with pytest.raises(JournalError, match="nothing is written any more"):
            it.run()


@pytest.mark.parametrize("pages", [1, 5, 20])
def test_a_full_disk_lets_what_is_in_flight_end_and_is_resumed_from(tmp_path: Path, pages: int) -> None:
    """SQLite is told that the file may have so many pages more."""
    with bench(tmp_path, 200) as it:
        used = it.journal._connection.execute("PRAGMA page_count").fetchone()[0]
        it.journal._connection.execute(f"PRAGMA max_page_count = {used + pages}")
        with pytest.raises(JournalError, match=r"full.*run the same command again: it resumes"):
            it.run()
        made = set(it.target.companies)
        it.journal._connection.execute("PRAGMA max_page_count = 1000000")
        counts = it.run()
        assert counts.read == 200 == counts.created + counts.unchanged
        assert len(it.target.companies) == 200
        assert len(made) < 200
        creates = Counter(call for call in it.target.calls if call.startswith("create"))
        assert set(creates.values()) == {1}


def test_outcomes_handed_over_before_a_cancellation_are_durable(tmp_path: Path) -> None:
    with bench(tmp_path, 40) as it:

        def count(outcome: Outcome) -> None:
            if it.told["created"] == 10:
                it.scope.cancel()

        it.on_outcome = count
        counts = it.run()
        assert counts.created == it.told["created"]
        assert counts.created + counts.unknown >= len(it.target.companies)


def test_the_worst_error_of_a_group_is_raised() -> None:
    journal, target = JournalError("full"), fatal()
    with pytest.raises(FatalTargetError), unpacked():
        raise BaseExceptionGroup("", [BaseExceptionGroup("", [ValueError()]), journal, target])
    with pytest.raises(JournalError), unpacked():
        raise BaseExceptionGroup("", [ValueError(), journal])


# ── rows that got no answer ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_whose_attempts_are_used_up_is_taken_up_again_once_the_others_are_done(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        it.target.script["find k3"] = [gone()]
        it.target.script["find k7"] = [gone(), gone()]
        it.target.script["create k9"] = [lost(effect=True)]
        it.target.script["find k9"] = [None, gone()]
        assert it.run() == Counts(read=ROWS, created=ROWS)
        assert it.target.calls.count("create k9") == 1
        assert it.told == {"created": ROWS}


def test_rows_are_given_up_when_a_pass_settles_none_of_them(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        for n in range(2, 17):  # more than may be silent in a row
            it.target.script[f"find k{n + 20}"] = [gone()] * 99
        assert it.run(concurrency=8) == Counts(read=ROWS, created=ROWS - 15, failed=15)
        assert it.target.calls.count("find k22") == 2
        assert not it.stop.requested
        assert it.told == {"created": ROWS - 15, "failed": 15}


def test_no_row_is_taken_up_more_than_three_times(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        it.target.script["find k3"] = [gone()]
        it.target.script["find k5"] = [gone(), gone()]
        it.target.script["find k7"] = [gone()] * 99
        assert it.run() == Counts(read=ROWS, created=ROWS - 1, failed=1)
        assert it.target.calls.count("find k7") == 3


def test_a_stop_settles_what_got_no_answer_and_takes_nothing_up_again(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        it.target.script["find k3"] = [gone()] * 99
        it.on_outcome = lambda _: it.stop.request("enough") if it.told["created"] == ROWS - 1 else None
        assert it.run() == Counts(read=ROWS, created=ROWS - 1, failed=1)
        assert it.target.calls.count("find k3") == 1
