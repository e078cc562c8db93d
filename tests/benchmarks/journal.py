"""The journal alone: what group commit saves, and what it costs to look a journal over before it is used."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import anyio

from importer.journal import Planned, Settlement, open_journal, open_scribe
from importer.journal.soundness import check_file
from importer.model import Action, Operation, Outcome, OutcomeKind
from tests.benchmarks.figures import Figure, middle, quickest
from tests.fakes.journals import URL, read
from tests.fakes.nouns import AT, ORIGIN, desired, row, stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    from importer.journal import Journal, Scribe, Work
    from tests.benchmarks.setting import Setting

__all__ = ["group_commit", "journal_check"]

_BATCH = 32  # rows planned ahead, as in a run
_FIELDS = ("phone", "fax", "homepage", "email", "iban", "tax_uid", "address_invoice_street", "address_invoice_town")


def group_commit(setting: Setting) -> Iterator[Figure]:
    """Intent and outcome of each row, durable, in groups as a run does it, and each in a transaction of its own."""
    rows = setting.rows(4_000)
    rates: dict[str, list[float]] = {"grouped": [], "single": []}
    commits: dict[str, float] = {}
    for turn in range(setting.repeats):  # in turns, so that a busy moment meets both
        for name, way in (("grouped", _grouped), ("single", _single)):
            seconds, transactions = _written(setting.folder / f"{name}-{turn}.journal", rows, way)
            rates[name].append(rows / seconds)
            commits[name] = transactions / rows
    yield Figure("group_commit", "rows/s in groups / one by one", max(rates["grouped"]) / max(rates["single"]))
    for name, count in commits.items():
        yield Figure("group_commit", f"transactions a row, {name}", count)
        yield quickest("group_commit", f"journal alone, {name}", rates[name])


def journal_check(setting: Setting) -> Iterator[Figure]:
    """The check of a journal of 100,000 rows, all written, over the reading of those rows into it."""
    path = setting.folder / "large.journal"
    rows, began = setting.rows(100_000), time.perf_counter()
    with open_journal(path) as journal:
        run = _filled(journal, rows)
        reading = time.perf_counter() - began
        anyio.run(_grouped, journal, run)
    checks = []
    for _ in range(setting.repeats):
        began = time.perf_counter()
        check_file(path)
        checks.append(time.perf_counter() - began)
    check = middle("journal_check", f"{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB", checks, "s")
    yield Figure("journal_check", "check / reading the rows in", check.value / reading)
    yield check


def _filled(journal: Journal, rows: int) -> int:
    journal.bind(url=URL, origin=ORIGIN)
    fields = dict.fromkeys(_FIELDS, "a value of usual length")
    return read(journal, *((row(n, *["a cell"] * 20), desired(f"K-{n}", **fields)) for n in range(2, rows + 2))).run


def _written(path: Path, rows: int, way: Callable[[Journal, int], Awaitable[None]]) -> tuple[float, int]:
    """Write all rows one way; the seconds, and the number of transactions."""
    statements: list[str] = []
    with open_journal(path) as journal:
        run = _filled(journal, rows)
        journal._connection.set_trace_callback(statements.append)
        began = time.perf_counter()
        anyio.run(way, journal, run)
        return time.perf_counter() - began, statements.count("COMMIT")


async def _grouped(journal: Journal, run: int) -> None:
    async with open_scribe(journal, run, now=lambda: AT) as scribe:
        async for works in _batches(scribe):
            for planned in await scribe.intend([_plan(work) for work in works]):
                scribe.sending(planned)
                await scribe.settle(_settlement(planned))


async def _single(journal: Journal, run: int) -> None:
    async with open_scribe(journal, run, now=lambda: AT) as scribe:
        async for works in _batches(scribe):
            for work in works:
                [planned] = await scribe.intend([_plan(work)])
                scribe.sending(planned)
                await scribe.call(partial(journal.settle, [_settlement(planned)], [], run=run, at=AT))


async def _batches(scribe: Scribe) -> AsyncIterator[list[Work]]:
    after = 0
    while works := await scribe.works(after=after, limit=_BATCH):
        yield works
        after = works[-1].row


def _plan(work: Work) -> Planned:
    return Planned(work, Operation(Action.CREATE, work.desired, body=work.desired.payload))


def _settlement(planned: Planned) -> Settlement:
    return Settlement(
        planned.work.row, Outcome(OutcomeKind.CREATED, "k", stored(planned.operation.body).text), planned.operation_id
    )
