"""The Python API: what the command line does, awaited; it tells nothing but its results, and is cancelled in order."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import anyio
import pytest

import importer
from importer.api.conducting import conducted
from importer.api.options import BOUNDS
from importer.cli import app, options as words
from importer.progress import Silent
from importer.sandbox import Fault
from tests.fakes.contacts import contact, write_contacts, write_mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.conftest import Desk

ELSEWHERE = "https://kanbert.example/api/v1"
TOKEN = "a-token-nobody-may-see"
OTHERWISE = {"report": "write_report"}  # by command; `importer.report` is a package


# ── what there is ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_public_names_are_these() -> None:
    functions = {"run_plan", "write_report", "document"}
    functions |= {
        "check",
        "doctor",
        "explain",
        "export",
        "init",
        "plan",
        "preview",
        "retry",
        "run",
        "status",
        "undo",
        "validate",
    }
    functions |= {"verify"}
    errors = {"BrokenOffError", "ImporterError", "JournalError", "MappingError", "NoTokenError", "SourceError"}
    errors |= {"TargetError", "UsageError"}
    said = {
        "Asking",
        "Fetching",
        "Guess",
        "Plan",
        "Preview",
        "Reading",
        "Request",
        "Retry",
        "Run",
        "RunPlan",
        "Source",
        "Undo",
        "Writing",
    }
    types = {"Checked", "Confirm", "Diagnosis", "Exit", "FilePath", "MappedRow", "Progress", "Proposal", "Summary"}
    names = functions | errors | types | {f"{name}Options" for name in said} | {"sync", "__version__"}
    assert importer.__all__ == sorted(names)
    assert all(getattr(importer, name) is not None for name in importer.__all__)
    assert names <= set(dir(importer))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        importer.nothing  # type: ignore[attr-defined]  # noqa: B018 - it is what is asked


def test_every_command_but_the_sandbox_is_a_function_and_a_blocking_one() -> None:
    commands = {info.callback.__name__ for info in app.registered_commands if info.callback} - {"sandbox"}
    functions = {OTHERWISE.get(command, command) for command in commands} | {"run_plan"}
    assert set(importer.sync.__all__) == functions
    for name in functions:
        awaited, blocking = getattr(importer, name), getattr(importer.sync, name)
        assert inspect.iscoroutinefunction(awaited)
        assert not inspect.iscoroutinefunction(blocking)
        assert inspect.signature(awaited) == inspect.signature(blocking)
        assert awaited.__doc__
        assert awaited.__module__.startswith("importer.api")


def test_numbers_may_be_what_they_may_be_on_the_command_line() -> None:
    for name, (least, most) in BOUNDS.items():
        alias = getattr(words, "".join(part.title() for part in name.split("_")))
        [option] = alias.__metadata__
        assert option.min == least, name
        assert option.max in {most, None}, name
        assert (option.max is None) == (most == float("inf")), name


def test_importing_it_loads_next_to_nothing() -> None:
    heavy = {"pydantic", "aiohttp", "anyio", "typer", "asyncio", "importer.api", "importer.commands"}
    asked = f"import sys, importer; print(sorted({heavy!r} & set(sys.modules)))"
    root = str(Path(__file__).parents[2])
    told = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


# ── what it does ─────────────────────────────────────────────────────────────────────────────────────────────────────


def sent_to(desk: Desk) -> dict[str, Any]:
    return {"to": desk.kanbert.url, "token": "sandbox"}


def corrected(report: Path) -> None:
    text = report.read_text(encoding="utf-8-sig")
    report.write_text(text.replace("Bedrijf 5", "K-5;Bedrijf 5").replace(";K-5;", "K-5;"), encoding="utf-8")


async def test_the_way_from_a_file_to_kanbert_and_back(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    desk.has(*(contact(n) for n in range(1, 5)), contact(5, nr=""))
    token, journal = "sandbox", desk.journal

    proposed = await importer.init(desk.export, "guessed.yaml", delimiter=";")
    assert proposed.guess.columns == 5
    assert (await importer.check(desk.mapping, desk.export)).coverage is not None
    assert [row.number for row in await importer.preview(desk.export, desk.mapping, first=2)] == [2, 3]
    [row] = await importer.preview(desk.export, desk.mapping, row=6)
    assert (row.payload, row.issues[0].code) == (None, "missing-required")
    assert (await importer.validate(desk.export, str(desk.mapping), limit=2)).counts.read == 2
    assert (await importer.doctor(desk.kanbert.url, mapping=desk.mapping, token=token)).exit_code == 0

    planned = await importer.plan(desk.export, desk.mapping, **sent_to(desk), output="the.plan")
    assert planned.plan is not None
    assert (planned.counts.created, planned.plan.path) == (4, "the.plan")
    assert desk.kanbert.companies() == {}
    ran = await importer.run_plan("the.plan", token=token, concurrency=2)
    assert (ran.exit_code, ran.counts.created, ran.counts.refused) == (importer.Exit.ROWS, 4, 1)
    assert (await importer.status(journal)).counts == ran.counts

    await importer.write_report(journal, "errors.csv")
    await anyio.to_thread.run_sync(corrected, Path("errors.csv"))
    retried = await importer.retry(journal, rows="errors.csv", token=token)
    assert (retried.counts.created, retried.counts.refused) == (1, 0)
    explained = (await importer.explain(journal, "K-1")).explained
    assert explained is not None
    assert explained.outcome == "created"
    verified = (await importer.verify(journal, full=True, token=token)).verified
    assert verified is not None
    assert verified.unlike == 0
    undone = (await importer.undo(journal, token=token)).undone
    assert undone is not None
    assert all(company["deleted_at"] for company in desk.kanbert.all_companies())
    assert capfd.readouterr() == ("", "")


async def test_the_facts_are_those_of_the_command_line(desk: Desk) -> None:
    desk.has(contact(1), contact(2, nr=""))
    run = await importer.run(desk.export, desk.mapping, **sent_to(desk))
    same = await anyio.to_thread.run_sync(lambda: desk.call("status", desk.journal, "--json").document)
    assert importer.document(await importer.status(desk.journal)) == same
    assert importer.document(run)["counts"] == same["counts"]
    assert desk.kanbert.creates("K-1") == 1
    again = await importer.run(desk.export, desk.mapping, **sent_to(desk))
    assert (again.counts.unchanged, again.requests.write) == (1, 0)


async def test_a_canary_goes_first_and_somebody_is_asked(desk: Desk) -> None:
    desk.has_contacts(6)
    asked: list[str] = []

    def declined(question: str) -> bool:
        asked.append(question)
        return False

    held = await importer.run(desk.export, desk.mapping, **sent_to(desk), canary=True, confirm=declined)
    assert 0 < held.counts.created < 6
    assert len(asked) == 1
    whole = await importer.run(desk.export, desk.mapping, **sent_to(desk), canary=True, confirm=True)
    assert whole.counts.created == 6


async def test_only_some_rows_are_taken(desk: Desk) -> None:
    desk.has_contacts(9)
    assert len(await importer.preview(desk.export, desk.mapping, rows="2-8")) == 7
    assert len(await importer.preview(desk.export, desk.mapping)) == 5
    assert (await importer.run(desk.export, desk.mapping, **sent_to(desk), rows="3,5-6")).counts.created == 3
    with pytest.raises(importer.UsageError, match="has no row in 50-60 with data"):
        await importer.preview(desk.export, desk.mapping, rows="50-60")
    with pytest.raises(importer.UsageError, match="name it"):
        await importer.retry(desk.journal, token=desk.token, sheet="One")


def test_without_await_it_returns_when_it_is_done(desk: Desk) -> None:
    desk.has_contacts(3)
    assert importer.sync.run(desk.export, desk.mapping, **sent_to(desk)).counts.created == 3
    assert importer.sync.status(desk.journal).exit_code == 0


async def test_without_await_it_says_so_where_a_loop_is_running(desk: Desk) -> None:
    with pytest.raises(RuntimeError, match=r"write `await importer.status\(...\)` instead"):
        importer.sync.status(desk.journal)


async def test_several_go_side_by_side(desk: Desk) -> None:
    summaries: list[importer.Summary] = []
    mapping = write_mapping(desk.mapping)

    async def job(number: int) -> None:
        file = write_contacts(desk.folder / f"part{number}.csv", [contact(number * 10 + n) for n in range(5)])
        summaries.append(await importer.run(file, mapping, **sent_to(desk)))

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(job, number)
    assert [summary.counts.created for summary in summaries] == [5, 5, 5]


# ── what it refuses ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        pytest.param(
            {"concurency": 2}, TypeError, "has no option concurency; it has archived, canary, concurrency", id="name"
        ),
        pytest.param({"concurrency": 0}, importer.UsageError, "give a whole number from 1 to 256", id="number"),
        pytest.param(
            {"concurrency": 1.5}, importer.UsageError, "give a whole number from 1 to 256", id="half-a-request"
        ),
        pytest.param({"limit": True}, importer.UsageError, "give a whole number from 1", id="no-number"),
        pytest.param({"rows": [2, 3]}, importer.UsageError, r"rows=\[2, 3\]: give it as text", id="list"),
        pytest.param({"rows": Path("2-3")}, importer.UsageError, "give it as text", id="a-path-for-rows"),
        pytest.param({"rate": "5"}, importer.UsageError, "from 0.001 on", id="text"),
        pytest.param({"max_age": float("nan")}, importer.UsageError, "from 0 on", id="nan"),
        pytest.param({"lookup": "list "}, importer.UsageError, "say one of auto, rows, list", id="word"),
        pytest.param({"token_file": "token"}, importer.UsageError, "token or token_file, not both", id="two-tokens"),
        pytest.param({"rows": "9-2"}, importer.UsageError, "9-2", id="rows"),
        pytest.param({"token": " "}, importer.NoTokenError, "there is no token", id="no-token"),
    ],
)
async def test_an_option_that_cannot_be_is_said(
    desk: Desk, said: dict[str, Any], error: type[Exception], message: str
) -> None:
    desk.has_contacts(1)
    with pytest.raises(error, match=message):
        await importer.run(desk.export, desk.mapping, **(sent_to(desk) | said))
    assert desk.kanbert.requests == []


async def test_errors_are_raised_as_they_are(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.mapping.write_text("version: 2\n", encoding="utf-8")
    with pytest.raises(importer.MappingError) as mistaken:
        await importer.validate(desk.export, desk.mapping)
    assert mistaken.value.problems[0].line == 1
    with pytest.raises(importer.UsageError, match="has no row 9"):
        await importer.preview(desk.export, write_mapping(desk.mapping), row=9)
    with pytest.raises(importer.JournalError):
        await importer.status("nowhere.journal")
    with pytest.raises(importer.UsageError, match="is a file already"):
        await importer.export("contacts.csv", "out.xlsx")


async def test_a_target_that_refuses_everything_is_in_the_summary(desk: Desk) -> None:
    desk.has_contacts(1)
    refused = await importer.run(desk.export, desk.mapping, to=desk.kanbert.url, token=TOKEN)
    assert (refused.exit_code, refused.counts.pending) == (importer.Exit.TARGET, 1)
    assert "401" in str(refused.stopped)


async def test_nothing_is_written_elsewhere_that_nobody_confirmed(desk: Desk) -> None:
    desk.has_contacts(2)
    with pytest.raises(importer.UsageError, match=r"2 companies will be created .* say confirm=True") as unasked:
        await importer.run(desk.export, desk.mapping, to=ELSEWHERE, token=TOKEN)
    asked: list[str] = []

    def declined(question: str) -> bool:
        asked.append(question)
        return False

    summary = await importer.run(desk.export, desk.mapping, to=ELSEWHERE, token=TOKEN, confirm=declined)
    assert (summary.exit_code, summary.requests.total) == (importer.Exit.INTERRUPTED, 0)
    assert len(asked) == 1
    seen = [repr(unasked.value), repr(summary), *asked, *(path.read_bytes().decode("latin-1") for path in files(desk))]
    assert not any(TOKEN in text for text in seen)


def files(desk: Desk) -> list[Path]:
    return [path for path in desk.folder.iterdir() if path.is_file()]


@pytest.mark.parametrize("said", ["no", "n", 1, None])
async def test_only_true_is_a_yes(said: Any) -> None:
    """Such as `confirm=input`, whose "n" is true to Python."""
    for confirm in (said, lambda _: said):
        with pytest.raises(importer.UsageError, match=r"Go on\? .*confirm="):
            await conducted(lambda desk: desk.confirm("Go on?"), confirm=confirm)


async def test_who_confirms_is_not_asked() -> None:
    assert await conducted(lambda desk: desk.confirm("Go on?"), confirm=True)


async def test_the_token_given_counts_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANBERT_TOKEN", "another")
    shown, held = await conducted(lambda desk: (repr(desk), desk.environment["KANBERT_TOKEN"]), token=TOKEN)
    assert held == TOKEN
    assert not {TOKEN, "another"} & set(shown.replace("'", " ").split())
    assert await conducted(lambda desk: desk.environment["KANBERT_TOKEN"]) == "another"


# ── how it ends early ────────────────────────────────────────────────────────────────────────────────────────────────


class Watching(Silent):
    """Does something when a stage begins, or when something in it is done; in the thread of the command."""

    def __init__(self, stage: str, do: Callable[[], object], *, begun: bool = False) -> None:
        self.stage = stage
        self.do = do
        self.begun = begun
        self.now = ""

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        self.now = label
        if self.begun and label == self.stage:
            self.do()

    def advance(self, n: int = 1) -> None:
        if not self.begun and self.now == self.stage:
            self.do()


async def resumed(desk: Desk, rows: int) -> None:
    """The journal is closed and goes on: what was created stays, nothing is created twice."""
    summary = await importer.run(desk.export, desk.mapping, **sent_to(desk))
    assert (summary.exit_code, summary.counts.created) == (0, rows)
    assert all(desk.kanbert.creates(f"K-{n}") == 1 for n in range(1, rows + 1))


async def test_a_cancelled_scope_ends_a_run_in_order(desk: Desk) -> None:
    desk.has_contacts(60)
    loop, scope = asyncio.get_running_loop(), anyio.CancelScope()
    watching = Watching("writing", lambda: loop.call_soon_threadsafe(scope.cancel))
    with scope:
        await importer.run(desk.export, desk.mapping, **sent_to(desk), progress=watching, concurrency=1, lookup="rows")
    assert scope.cancelled_caught
    stopped = await importer.status(desk.journal)
    assert 0 < stopped.counts.created < 60
    await resumed(desk, 60)


async def test_a_cancelled_task_ends_a_run_in_order(desk: Desk) -> None:
    desk.has_contacts(60)
    desk.kanbert.set_faults(Fault(on="POST /companies", nth=3, do="reset_after"))
    loop = asyncio.get_running_loop()

    async def job() -> None:
        task = asyncio.current_task()
        assert task is not None
        watching = Watching("writing", lambda: loop.call_soon_threadsafe(task.cancel))
        await importer.run(desk.export, desk.mapping, **sent_to(desk), progress=watching, concurrency=1)

    with pytest.raises(asyncio.CancelledError):
        await loop.create_task(job())
    await resumed(desk, 60)


async def test_a_cancellation_while_the_file_is_read_leaves_nothing(desk: Desk) -> None:
    desk.has_contacts(10)
    loop, scope = asyncio.get_running_loop(), anyio.CancelScope()

    async def cancelled() -> None:
        scope.cancel()
        for _ in range(5):  # until whoever awaits the run has heard of it
            await anyio.lowlevel.checkpoint()

    watching = Watching("reading", lambda: asyncio.run_coroutine_threadsafe(cancelled(), loop).result(), begun=True)
    with scope:
        await importer.run(desk.export, desk.mapping, **sent_to(desk), progress=watching)
    assert scope.cancelled_caught
    assert desk.kanbert.requests == []
    await resumed(desk, 10)


async def test_a_cancelled_verify_is_cut_off(desk: Desk) -> None:
    desk.has_contacts(5)
    await importer.run(desk.export, desk.mapping, **sent_to(desk))
    desk.kanbert.set_faults(Fault(on="GET /companies", do="hang"))
    loop, scope = asyncio.get_running_loop(), anyio.CancelScope()
    watching = Watching("listing Kanbert", lambda: loop.call_soon_threadsafe(scope.cancel), begun=True)
    with scope:
        await importer.verify(desk.journal, progress=watching, token=desk.token, lookup="list")
    assert scope.cancelled_caught


@pytest.mark.parametrize("stage", ["reading", "writing"])
async def test_an_observer_that_raises_ends_a_run_in_order(desk: Desk, stage: str) -> None:
    desk.has_contacts(20)

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await importer.run(desk.export, desk.mapping, **sent_to(desk), progress=Watching(stage, fail, begun=True))
    await resumed(desk, 20)


def test_ctrl_c_ends_a_blocking_run_in_order(desk: Desk) -> None:
    desk.has_contacts(60)
    pressed = iter([signal.SIGINT])

    def press() -> None:
        for number in pressed:
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt):
        importer.sync.run(
            desk.export, desk.mapping, **sent_to(desk), progress=Watching("writing", press), concurrency=1
        )
    stopped = importer.sync.status(desk.journal)
    assert 0 < stopped.counts.created <= 60
    anyio.run(resumed, desk, 60)


def test_hints_of_options_can_be_read() -> None:
    assert get_type_hints(importer.RequestOptions)["concurrency"] is int
