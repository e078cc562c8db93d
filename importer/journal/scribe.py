"""The journal's one writer, seen from the event loop: intents are awaited, outcomes are committed in groups."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import anyio
from anyio import to_thread

from importer.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from importer.journal.records import AttemptRecord, Planned, Settlement, Work

__all__ = ["Ledger", "Scribe", "open_scribe"]

T = TypeVar("T")


class Ledger(Protocol):
    """What a scribe writes to: a journal as a run uses it, or as an undo does. Each method is one transaction."""

    def works(self, run: int, *, after: int, limit: int) -> list[Work]:
        """Read what is to be done next."""
        ...

    def intend(self, run: int, plans: Sequence[Planned], *, at: str) -> list[Planned]:
        """Record what is about to be sent; durable on return."""
        ...

    def withdraw(self, operations: Sequence[int]) -> None:
        """Forget intents that were never sent."""
        ...

    def settle(
        self, settlements: Sequence[Settlement], attempts: Sequence[AttemptRecord], *, run: int, at: str
    ) -> None:
        """Record outcomes, and the requests sent meanwhile."""
        ...


_WAITING = 1000  # settlements that may wait for a commit before the workers have to


@asynccontextmanager
async def open_scribe(journal: Ledger, run: int, *, now: Callable[[], str]) -> AsyncIterator[Scribe]:
    """Run the writer for one run; on leaving, also by cancellation, everything handed over is durable.

    Where the journal cannot be written, as on a full disk, `Scribe.failed` is set and no further intent is made; the
    body should end what is in flight and leave. What could not be written is tried again until then; JournalError is
    raised on leaving, inside an exception group.
    """
    send, receive = anyio.create_memory_object_stream["Settlement"](_WAITING)
    scribe = Scribe(journal, run, send, now)
    async with anyio.create_task_group() as group:
        group.start_soon(scribe.drain, receive)
        try:
            yield scribe
        finally:
            send.close()


class Scribe:
    """Hands work to the journal, one call at a time, in a thread."""

    def __init__(
        self, journal: Ledger, run: int, send: MemoryObjectSendStream[Settlement], now: Callable[[], str]
    ) -> None:
        self._journal = journal
        self._run = run
        self._send = send
        self._now = now
        self._attempts: list[AttemptRecord] = []
        self._unsent: dict[int | None, Planned] = {}  # by the number of the intent
        self._handed_over: set[int] = set()  # rows whose outcome is not durable yet
        self._unsettled: list[Settlement] = []  # that could not be written
        self._failure: JournalError | None = None
        self._one = anyio.CapacityLimiter(1)
        self.failed = anyio.Event()
        """Set when something could not be written."""

    async def call(self, function: Callable[..., T], *args: object) -> T:
        """Run one of the journal's methods in the writer's turn; not cut off by cancellation."""
        return await to_thread.run_sync(function, *args, limiter=self._one)

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
        at = self._now()
        try:
            intended = await self.call(lambda: self._journal.intend(self._run, plans, at=at))
        except JournalError as error:
            self._fail(error)
            raise
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
        await self._send.send(settlement)

    def note_attempt(self, attempt: AttemptRecord) -> None:
        """Keep a request that was sent, to be committed with the next outcomes."""
        self._attempts.append(attempt)

    async def drain(self, receive: MemoryObjectReceiveStream[Settlement]) -> None:
        """Commit what is handed over, in groups as large as have gathered, until the stream is closed."""
        with anyio.CancelScope(shield=True):
            async with receive:
                async for first in receive:
                    await self._commit([first, *_gathered(receive)])
            await self._commit([])
            await self._withdraw()
        if self._failure is not None:
            raise self._failure

    async def _withdraw(self) -> None:
        operations = [number for number in self._unsent if number is not None]
        if operations:
            await self._written(lambda: self._journal.withdraw(operations))

    async def _commit(self, settlements: list[Settlement]) -> None:
        settlements, attempts, self._attempts = [*self._unsettled, *settlements], self._attempts, []
        at = self._now()
        if await self._written(lambda: self._journal.settle(settlements, attempts, run=self._run, at=at)):
            self._unsettled = []
            self._handed_over.difference_update(settlement.row for settlement in settlements)
        else:
            self._unsettled, self._attempts = settlements, [*attempts, *self._attempts]

    async def _written(self, write: Callable[[], None]) -> bool:
        """Write; where that fails, let it be known, and leave what is in flight its time."""
        try:
            await self.call(write)
        except JournalError as error:
            self._fail(error)
            return False
        return True

    def _fail(self, error: JournalError) -> None:
        self._failure = self._failure or error
        self.failed.set()


def _gathered(receive: MemoryObjectReceiveStream[Settlement]) -> list[Settlement]:
    gathered = []
    while receive.statistics().current_buffer_used:
        gathered.append(receive.receive_nowait())
    return gathered
