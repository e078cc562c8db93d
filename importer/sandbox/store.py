"""Work on the sandbox's SQLite file -> transactions in one worker thread: all of a request's effects, or none.

What `Store.run` returned from is committed: it survives the end of the process (write-ahead log, no power loss assumed).
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from anyio import CancelScope, CapacityLimiter, current_time, sleep, to_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Store"]

_POLL = 0.05  # seconds between two tries while another process writes
_STEPS = 100  # of SQLite's virtual machine between two looks at the clock

T = TypeVar("T")


class Store:
    """One connection, used by one worker at a time; made by `open_store`.

    While another process writes to the file, work that cannot begin is tried again for `patience` seconds, and the
    thread is free for others meanwhile; the connection itself must not wait. `clock` gives seconds.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, clock: Callable[[], float] = monotonic, patience: float = 10.0
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._patience = patience
        self._limiter = CapacityLimiter(1)
        self._lock = Lock()  # a caller whose task is cancelled outright leaves its work running

    async def run(self, work: Callable[[sqlite3.Connection], T], *, budget: float | None = None) -> T:
        """Do work in a transaction in the worker thread; its return is the commit, its exception the rollback.

        A cancelled caller still waits for the work that has begun.

        Args:
            work: what writes, or may; it is done again from its beginning if another process came in between.
            budget: seconds of SQL before it is broken off; without one it takes as long as it takes.

        Raises:
            sqlite3.OperationalError: the file cannot be used just now, or the budget is spent; nothing is changed.
        """
        return await self._patiently(work, "BEGIN IMMEDIATE", budget)

    async def read(self, work: Callable[[sqlite3.Connection], T], *, budget: float | None = None) -> T:
        """Do work that only reads, all of it in one moment of the file; like `run`, but no other process stops it."""
        return await self._patiently(work, "BEGIN", budget)

    async def close(self) -> None:
        """Close the file when the work that has begun is done."""
        with CancelScope(shield=True):
            await to_thread.run_sync(self._close)

    async def _patiently(self, work: Callable[[sqlite3.Connection], T], begin: str, budget: float | None) -> T:
        end = current_time() + self._patience
        while True:
            try:
                return await to_thread.run_sync(self._transact, work, begin, budget, limiter=self._limiter)
            except sqlite3.OperationalError as error:
                if not _is_held_by_another(error) or current_time() >= end:
                    raise
            await sleep(_POLL)

    def _transact(self, work: Callable[[sqlite3.Connection], T], begin: str, budget: float | None) -> T:
        with self._lock, self._bounded(budget):
            connection = self._connection
            try:
                connection.execute(begin)
                done = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # some errors, that of a full disk among them, have ended it already
                    connection.execute("ROLLBACK")
                raise
            return done

    @contextmanager
    def _bounded(self, budget: float | None) -> Iterator[None]:
        """Let SQLite break off what takes longer than the budget; each look at the clock costs next to nothing."""
        if budget is None:
            yield
            return
        end = self._clock() + budget
        self._connection.set_progress_handler(lambda: self._clock() > end, _STEPS)
        try:
            yield
        finally:
            self._connection.set_progress_handler(None, 0)

    def _close(self) -> None:
        with self._lock:
            self._connection.close()


def _is_held_by_another(error: sqlite3.OperationalError) -> bool:
    """Tell whether another process writes just now; the lower byte of an error's code says what it is about."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF == sqlite3.SQLITE_BUSY
