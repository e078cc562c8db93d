"""One run of every kind of operation, cancelled at each await between intent and outcome, and run again: nothing is lost.

The event loop is looked at in each of its turns: who waits, and in which line. The run is cancelled when a certain await
waits for the first time, or for a later one; and every await of the modules has to have been met.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from importer.journal import Journal, open_journal, open_scribe, scribe
from importer.pipeline import Applier, Execution, Freshness, Limits, Stop, applier, execution, feed, sending, unpacked
from importer.planner import ListedMatcher, Planner, Policy, RowFinder
from tests.fakes.nouns import AT, ORIGIN, place, row, run_facts, stored
from tests.fakes.target import ScriptedTarget, gone, lost, refused
from tests.pipeline.test_cancelled import EXPECTED, RULES, WANTED, Interrupted, past

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import FrameType, ModuleType

    from importer.company import Remote
    from importer.model import Counts, Json, Outcome

MODULES: tuple[ModuleType, ...] = (applier, execution, feed, scribe, sending)
UNDISTURBED = replace(EXPECTED, created=2, restored=3)
SETTLES = ("settle(", "_settle_or_keep(", "_to_send(", "# the disk is slower")  # waits for a disk that is behind
PLANS_AHEAD = ("feed.put(", "self._taken.wait()")  # waits for the workers, where they are behind with many
Site = tuple[str, int]  # the module's name, and the line where the await begins


def lines_of(module: ModuleType) -> dict[Site, range]:
    """Find the awaits of a module, with the lines in which a frame may stand while it waits there."""
    found: dict[Site, range] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Await):
            found[module.__name__, node.lineno] = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        elif isinstance(node, (ast.AsyncWith, ast.AsyncFor)):
            found.setdefault((module.__name__, node.lineno), range(node.lineno, node.body[0].lineno))
    return found


def text_of(site: Site) -> str:
    module = next(one for one in MODULES if one.__name__ == site[0])
    return inspect.getsource(module).splitlines()[site[1] - 1]


SITES = {site: lines for module in MODULES for site, lines in lines_of(module).items()}


def waiting_frames(task: asyncio.Task[Any]) -> Iterator[FrameType]:
    """Walk from a task's coroutine to what it waits for in the end."""
    waits: Any = task.get_coro()
    while waits is not None:
        frame = getattr(waits, "cr_frame", None)
        if frame is not None:
            yield frame
            generator = getattr(frame.f_locals.get("self"), "gen", None)  # of an asynccontextmanager
            if inspect.isasyncgen(generator) and generator.ag_frame is not None:
                yield generator.ag_frame
        waits = getattr(waits, "cr_await", None)


def site_of(frame: FrameType) -> Site | None:
    """Find the await in which a frame waits; the innermost where one stands in another."""
    name = frame.f_globals.get("__name__")
    among = [site for site, lines in SITES.items() if site[0] == name and frame.f_lineno in lines]
    return max(among, key=lambda site: site[1], default=None)


@dataclass
class Watch:
    """Cancels a scope when something waits in `wanted` for the nth time, or never; remembers all that was met."""

    wanted: Site | None
    nth: int
    scope: anyio.CancelScope = field(init=False)
    met: set[Site] = field(default_factory=set)
    times: int = 0
    _before: set[tuple[int, Site]] = field(default_factory=set)
    _over: bool = False

    def turn(self) -> None:
        now = set[tuple[int, Site]]()
        for task in asyncio.all_tasks():
            sites = [site for frame in waiting_frames(task) if (site := site_of(frame)) is not None]
            now |= {(id(task), site) for site in sites}
        self.met |= {site for _, site in now}
        self.times += sum(site == self.wanted for _, site in now - self._before)
        self._before = now
        if self.wanted is not None and self.times >= self.nth:
            self.scope.cancel()
        if not self._over:
            asyncio.get_running_loop().call_soon(self.turn)

    def end(self) -> None:
        self._over = True


def troubled() -> ScriptedTarget:
    """All that can come between: lost answers, a refusal without a reason, a look-up that fails, an archived holder that nobody sees, an editor."""
    target = past()
    target.script["create k1"] = [lost(effect=True)]
    target.script["create k2"] = [lost(effect=False), refused()]
    target.script["find k6"], target.script["find k5"] = [None, gone()], [refused()]
    target.script["find k8"] = [gone()] * 9
    archived = stored(WANTED[2].payload, kanbert_id="c3")
    target.hidden["k3"] = replace(archived, archived=True, body=archived.body | {"company_name": "old"})

    async def somebody_renames(call: str) -> None:
        free = target.companies.get("free c9")
        if call == "read" and free is not None and free.body["fax"] is None:
            target.companies["free c9"] = replace(free, body=free.body | {"fax": "1", "company_name": "renamed"})

    target.before = somebody_renames
    return target


async def written(journal: Journal, run: int, target: ScriptedTarget, watch: Watch, left: int) -> None:
    """Write a run's rows; a stop is asked for after the outcomes of `left` rows."""
    stop = Stop()

    async def soon(_: float) -> None:
        for _ in range(3):
            await checkpoint()

    def told(_: Outcome) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            stop.request("enough")

    async def listed(texts: list[str]) -> dict[str, list[Remote]]:
        live = [one for one in target.companies.values() if not one.archived]
        return {text: [one for one in live if text in RULES.texts(one.body)] for text in texts}

    async def written(_: Sequence[str]) -> dict[str, dict[str, Json] | None]:
        return {}

    policy, calls = Policy("restore", RULES), Interrupted(target, None)
    watch.scope = anyio.CancelScope()
    asyncio.get_running_loop().call_soon(watch.turn)
    with unpacked(), watch.scope:
        async with open_scribe(journal, run, now=lambda: AT) as opened:
            rows = RowFinder(calls.find, now=lambda: 0.0, match=ListedMatcher(RULES, listed, written))
            old = Freshness(lambda: 90.0, 60.0)  # so that every update looks once more
            one = Applier(calls, policy=policy, intents=opened, place=place, pause=soon, fresh=old)
            planner, limits = Planner(rows, place=place, policy=policy), Limits(concurrency=2)
            run_it = Execution(opened, planner, one, stop, limits, told, soon)
            await run_it.run(errors_before=0)
    watch.end()


def one_run(journal: Journal, name: str, target: ScriptedTarget, watch: Watch, *, until: int) -> Counts:
    source = ((row(n), one) for n, one in enumerate(WANTED, 2))
    run = journal.read_source(run_facts(name), source, duplicates="refuse", blank_rows=lambda: 0).run
    anyio.run(partial(written, journal, run, target, watch, until))
    journal.finish(run, state="stopped", at=AT)
    counts = journal.view.counts(run)
    assert counts.balanced
    return counts


def cases() -> Iterator[Any]:
    """Every await when it waits for the first time, and for a later one: the second and the fifth in turn."""
    for site, later in zip(sorted(SITES), cycle([2, 5]), strict=False):
        for nth in (1, later):
            name = f"{site[0].rpartition('.')[2]}-{site[1]}-{nth}"
            yield pytest.param(site, nth, id=name, marks=[] if nth == 1 else pytest.mark.slow)


@pytest.mark.parametrize(("wanted", "nth"), [*cases()])
def test_a_run_that_is_cancelled_at_any_await_ends_as_if_undisturbed(
    tmp_path: Path, wanted: Site, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if any(words in text_of(wanted) for words in SETTLES):
        monkeypatch.setattr(scribe, "_MOST", 1)
    if any(words in text_of(wanted) for words in PLANS_AHEAD):
        monkeypatch.setattr(Limits, "batch", 4)
        monkeypatch.setattr(feed, "MOST", 1)
    target, watch = troubled(), Watch(wanted, nth)
    with open_journal(tmp_path / "contacts.journal") as journal:
        journal.bind(url="https://kanbert.example", origin=ORIGIN)
        one_run(journal, "first", target, watch, until=12)
        assert wanted in watch.met, text_of(wanted)
        target.script.clear()
        assert one_run(journal, "second", target, Watch(None, 0), until=99) == UNDISTURBED
        assert journal.works(2, after=0, limit=99) == []
    names = {key: (one.body["company_name"], one.archived) for key, one in target.companies.items()}
    assert names == {one.external_id: (one.payload["company_name"], False) for one in WANTED}
