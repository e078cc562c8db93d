"""The journal's one writer, seen from the event loop: intents are awaited, outcomes are committed in groups.

A transaction is a wait for the disk, and costs as much as many rows: so what was settled goes along with the next
intents, which somebody waits for, and is committed by itself only where there are none for a while. A kill in between
costs a look-up of these rows by the next run, as for every row whose intent has no outcome.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import anyio
from anyio import to_thread

from importer.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from importer.journal.records import AttemptRecord, Planned, Settlement, Work

__all__ = ["Ledger", "Scribe", "open_scribe"]

T = TypeVar("T")


class Ledger(Protocol):
    """What a scribe writes to: a journal as a run uses it, or as an undo does. Each method is one transaction."""

    def works(self, run: int, *, after: int, limit: int) -> list[Work]:
        """Read what is to be done next."""
        ...

    def intend(
        self,
        run: int,
        plans: Sequence[Planned],
        *,
        at: str,
        settlements: Sequence[Settlement] = (),
        attempts: Sequence[AttemptRecord] = (),
    ) -> list[Planned]:
        """Record what is about to be sent, and what was settled before; durable on return."""
        ...

    def withdraw(self, operations: Sequence[int]) -> None:
        """Forget intents that were never sent."""
        ...

    def settle(
        self, settlements: Sequence[Settlement], attempts: Sequence[AttemptRecord], *, run: int, at: str
    ) -> None:
        """Record outcomes, and the requests sent meanwhile."""
        ...


_ENOUGH = 256  # outcomes that wait for no further ones to be committed with
_MOST = 1000  # that wait for a commit; beyond, who hands one over waits as well
_PATIENCE = 0.25  # seconds that an outcome waits for further ones at most


@asynccontextmanager
async def open_scribe(
    journal: Ledger, run: int, *, now: Callable[[], str], patience: float = _PATIENCE
) -> AsyncIterator[Scribe]:
    """Run the writer for one run; on leaving, also by cancellation, everything handed over is durable.

    Until then an outcome is durable `patience` seconds after it was handed over, and the time of a commit.

    Where the journal cannot be written, as on a full disk, `Scribe.failed` is set and no further intent is made; the
    body should end what is in flight and leave. What could not be written is tried again until then; JournalError is
    raised on leaving, inside an exception group.
    """
    scribe = Scribe(journal, run, now, patience)
    async with anyio.create_task_group() as group:
        group.start_soon(scribe.keep_up)
        try:
            yield scribe
        finally:
            scribe.leave()


class Scribe:
    """Hands work to the journal, one call at a time, in a thread."""

    def __init__(self, journal: Ledger, run: int, now: Callable[[], str], patience: float) -> None:
        self._journal = journal
        self._run = run
        self._now = now
        self._patience = patience
        self._settlements: list[Settlement] = []  # not durable yet, in the order in which they came
        self._attempts: list[AttemptRecord] = []  # likewise
        self._handed_over: set[int] = set()  # the rows of the settlements
        self._unsent: dict[int | None, Planned] = {}  # by the number of the intent
        self._failure: JournalError | None = None
        self._turn = anyio.Lock()
        self._thread = anyio.CapacityLimiter(1)
        self._some = anyio.Event()  # there is something to commit
        self._enough = anyio.Event()  # it waits no longer for more
        self._left = False
        self.failed = anyio.Event()
        """Set when something could not be written."""

    async def call(self, function: Callable[..., T], *args: object) -> T:
        """Run one of the journal's methods in the writer's turn; not cut off by cancellation."""
        async with self._turn:
            return await to_thread.run_sync(function, *args, limiter=self._thread)

    async def works(self, *, after: int, limit: int) -> list[Work]:
        """Read the next rows to do, without those whose outcome was handed over already; see `Journal.works`."""
        settled = set(self._handed_over)
        while found := await self.call(partial(self._journal.works, self._run, after=after, limit=limit)):
            if to_do := [work for work in found if work.row not in settled]:
                return to_do
            after = found[-1].row
        return []

    async def intend(self, plans: Sequence[Planned]) -> list[Planned]:
        """Record intents; durable on return. Those that nobody sends are forgotten when the scribe is left.

        JournalError where they could not be, or where something else could not be written before: nothing may be sent.
        """
        if self._failure is not None:
            raise self._failure
        if not plans:
            return []
        intended = await self._recorded(plans)
        self._unsent.update({planned.operation_id: planned for planned in intended})
        return intended

    def sending(self, planned: Planned) -> None:
        """Say that the request of an intent leaves now."""
        self._unsent.pop(planned.operation_id, None)

    def unsent(self, planned: Planned) -> None:
        """Say that nothing was done for an intent after all."""
        self._unsent[planned.operation_id] = planned

    async def settle(self, settlement: Settlement) -> None:
        """Hand over an outcome; durable soon, and at the latest when the scribe is left."""
        self._handed_over.add(settlement.row)
        self._settlements.append(settlement)
        self._some.set()
        if len(self._settlements) >= _ENOUGH:
            self._enough.set()
        if len(self._settlements) >= _MOST:
            await self._commit()  # the disk is slower than the target

    def note_attempt(self, attempt: AttemptRecord) -> None:
        """Keep a request that was sent, to be committed with the next outcomes."""
        self._attempts.append(attempt)

    def leave(self) -> None:
        """Say that nothing will be handed over any more."""
        self._left = True
        self._some.set()
        self._enough.set()

    async def keep_up(self) -> None:
        """Commit what is handed over and no intent has taken along, until the scribe is left."""
        with anyio.CancelScope(shield=True):
            left = False
            while not left:
                await self._some.wait()
                await self._wait_for_more()
                left, self._some = self._left, anyio.Event()  # what comes from here on may be too late for this commit
                await self._commit()
            await self._withdraw()
        if self._failure is not None:
            raise self._failure

    async def _wait_for_more(self) -> None:
        self._enough = anyio.Event()
        if self._left or len(self._settlements) >= _ENOUGH:
            return
        with anyio.move_on_after(self._patience):
            await self._enough.wait()

    async def _withdraw(self) -> None:
        operations = [number for number in self._unsent if number is not None]
        if operations:
            with suppress(JournalError), self._noting_failure():
                await self.call(self._journal.withdraw, operations)

    async def _commit(self) -> None:
        """Make durable what has gathered; what cannot be written stays."""
        if self._settlements or self._attempts:
            with suppress(JournalError):
                await self._recorded([])

    async def _recorded(self, plans: Sequence[Planned]) -> list[Planned]:
        """Write intents, and in the same transaction what has gathered by the time that the writer's turn has come."""
        async with self._turn:
            settlements, attempts = tuple(self._settlements), tuple(self._attempts)
            write = partial(self._write, plans, settlements, attempts, self._now())
            with self._noting_failure():
                intended = await to_thread.run_sync(write, limiter=self._thread)
            del self._settlements[: len(settlements)], self._attempts[: len(attempts)]
            self._handed_over.difference_update(settlement.row for settlement in settlements)
            return intended

    def _write(
        self, plans: Sequence[Planned], settlements: Sequence[Settlement], attempts: Sequence[AttemptRecord], at: str
    ) -> list[Planned]:
        if not plans:
            self._journal.settle(settlements, attempts, run=self._run, at=at)
            return []
        return self._journal.intend(self._run, plans, at=at, settlements=settlements, attempts=attempts)

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        """Let it be known where something cannot be written, and leave what is in flight its time."""
        try:
            yield
        except JournalError as error:
            self._failure = self._failure or error
            self.failed.set()
            raise
