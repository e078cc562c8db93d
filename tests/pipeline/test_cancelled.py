"""One run of every kind of operation, cancelled at each of its requests, before and after the effect, and run again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from importer.journal import Journal, open_journal, open_scribe
from importer.model import Counts
from importer.pipeline import Applier, Execution, Freshness, Limits, Stop, unpacked
from importer.planner import ListedMatcher, MatchRules, Planner, Policy, RowFinder
from tests.fakes.nouns import AT, ORIGIN, desired, place, row, run_facts, stored
from tests.fakes.target import ScriptedTarget

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from importer.company import Remote
    from importer.model import Json, Payload

RULES = MatchRules((("phone",),))
WANTED = [desired(f"k{n}", phone=str(n)) for n in range(1, 14)]
EXPECTED = Counts(read=13, created=3, updated=3, unchanged=2, adopted=3, restored=2)
CALLS = 13 + 3 + 3 + 3 * 4 + 2 * 2  # find; create; update; find, read, identify, update; restore, update


def past() -> ScriptedTarget:
    """1 to 3 are not there, 4 to 6 differ, 7 and 8 are equal, 9 to 11 have no external_id, 12 and 13 are archived."""
    there = [stored(one.payload, kanbert_id=f"c{n}") for n, one in enumerate(WANTED, 1)]
    differing = [replace(one, body=one.body | {"company_name": "old"}) for one in there]
    anonymous: dict[str, Json] = {"external_id": None, "external_origin": None}
    free = [replace(one, external_id=None, external_origin=None, body=one.body | anonymous) for one in differing[8:11]]
    archived = [replace(one, archived=True) for one in differing[11:13]]
    return ScriptedTarget(*differing[3:6], *there[6:8], *free, *archived)


@dataclass
class Interrupted:
    """A target whose calls may be cut off: at the point `at`, where each call has one before and one behind it."""

    target: ScriptedTarget
    at: int | None
    scope: anyio.CancelScope = field(init=False)
    points: int = 0

    async def _point(self) -> None:
        self.points += 1
        if self.points == self.at:
            self.scope.cancel()
        await checkpoint()

    async def _around(self, call: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        await self._point()
        answer = await call(*args, **kwargs)
        await self._point()
        return answer

    async def find(self, external_id: str) -> Remote | None:
        return await self._around(self.target.find, external_id)  # type: ignore[no-any-return]  # as it is wrapped

    async def read(self, kanbert_id: str, *, key: str) -> Remote | None:
        return await self._around(self.target.read, kanbert_id, key=key)  # type: ignore[no-any-return]  # likewise

    async def create(self, payload: Payload) -> Remote:
        return await self._around(self.target.create, payload)  # type: ignore[no-any-return]  # likewise

    async def identify(self, kanbert_id: str, external_id: str) -> Remote:
        return await self._around(self.target.identify, kanbert_id, external_id)  # type: ignore[no-any-return]  # likewise

    async def update(self, kanbert_id: str, body: Payload, *, key: str) -> Remote:
        return await self._around(self.target.update, kanbert_id, body, key=key)  # type: ignore[no-any-return]  # likewise

    async def restore(self, kanbert_id: str, *, key: str) -> Remote:
        return await self._around(self.target.restore, kanbert_id, key=key)  # type: ignore[no-any-return]  # likewise

    async def restore_holder(self, external_id: str) -> Remote:
        return await self._around(self.target.restore_holder, external_id)  # type: ignore[no-any-return]  # likewise


async def written(journal: Journal, run: int, wrapped: Interrupted) -> None:
    async def sleep(seconds: float) -> None:
        await checkpoint()

    async def listed(texts: list[str]) -> dict[str, list[Remote]]:
        live = [one for one in wrapped.target.companies.values() if not one.archived]
        return {text: [one for one in live if text in RULES.texts(one.body)] for text in texts}

    async def written(external_ids: Sequence[str]) -> dict[str, dict[str, Json] | None]:
        return {}

    policy, wrapped.scope = Policy("restore", RULES), anyio.CancelScope()
    with unpacked(), wrapped.scope:
        async with open_scribe(journal, run, now=lambda: AT) as scribe:
            rows = RowFinder(wrapped.find, now=lambda: 0.0, match=ListedMatcher(RULES, listed, written))
            fresh = Freshness(lambda: 0.0, 60.0)
            applier = Applier(wrapped, policy=policy, intents=scribe, place=place, pause=wrapped_pause, fresh=fresh)
            planner, limits = Planner(rows, place=place, policy=policy), Limits(concurrency=4)
            execution = Execution(scribe, planner, applier, Stop(), limits, lambda _: None, sleep)
            await execution.run(errors_before=0)


async def wrapped_pause(failed: int) -> None:
    await checkpoint()


def one_run(journal: Journal, name: str, target: ScriptedTarget, at: int | None) -> tuple[Counts, int]:
    source = ((row(n), one) for n, one in enumerate(WANTED, 2))
    run = journal.read_source(run_facts(name), source, duplicates="refuse", blank_rows=lambda: 0).run
    wrapped = Interrupted(target, at)
    anyio.run(written, journal, run, wrapped)
    journal.finish(run, state="stopped" if wrapped.scope.cancel_called else "ended", at=AT)
    counts = journal.view.counts(run)
    assert counts.balanced
    return counts, wrapped.points


@pytest.mark.slow
@pytest.mark.parametrize("at", [None, *range(1, 2 * CALLS + 1)])
def test_a_run_that_is_cancelled_at_any_request_ends_as_if_undisturbed(tmp_path: Path, at: int | None) -> None:
    target = past()
    with open_journal(tmp_path / "contacts.journal") as journal:
        journal.bind(url="https://kanbert.example", origin=ORIGIN)
        counts, points = one_run(journal, "first", target, at)
        if at is None:
            assert (counts, points) == (EXPECTED, 2 * CALLS)
        else:
            assert points >= at
            counts, _ = one_run(journal, "second", target, None)
            assert counts == EXPECTED
    names = {key: (one.body["company_name"], one.archived) for key, one in target.companies.items()}
    assert names == {one.external_id: (one.payload["company_name"], False) for one in WANTED}
    assert len([call for call in target.calls if call.startswith("create")]) == 3
