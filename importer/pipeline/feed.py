"""Planned rows between the one task that plans and the workers that write them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from importer.journal import Planned

__all__ = ["Feed"]

MOST = 1024  # rows that are planned at once, where the workers are quick
LONG = 0.5  # seconds; a batch that lasts longer is made smaller


class Feed:
    """Keeps the workers in work, and plans no further ahead: what a kill leaves planned has to be looked up.

    The next batch is planned when half of the latest one is left. Batches grow while the workers have to wait, and
    shrink again where one lasts long. A row that is there is handed out without a turn of the event loop.
    """

    def __init__(self, least: int, now: Callable[[], float] = anyio.current_time) -> None:
        """Begin with batches of `least` rows; they never get smaller. `now` is monotonic, in seconds."""
        self.batch = least
        """How many rows to plan next."""
        self._least = least
        self._waiting: deque[Planned] = deque()
        self._filled = anyio.Event()
        self._taken = anyio.Event()
        self._ended = False
        self._now = now
        self._put_at = now()

    async def put(self, plans: Iterable[Planned]) -> None:
        """Hand a batch over, and wait until it is time to plan the next one."""
        ran_dry = not self._waiting
        self._waiting.extend(plans)
        self._filled.set()
        self._sized(ran_dry=ran_dry)
        while len(self._waiting) > self.batch // 2:
            self._taken = anyio.Event()
            await self._taken.wait()

    def _sized(self, *, ran_dry: bool) -> None:
        """Fit the next batch to how long the workers had for the latest one."""
        now = self._now()
        lasted, self._put_at = now - self._put_at, now
        if lasted > LONG:
            self.batch = max(self._least, self.batch // 2)
        elif ran_dry:
            self.batch = min(max(self._least, MOST), 2 * self.batch)

    def end(self) -> None:
        """Say that no more will come: what is there is still handed out."""
        self._ended = True
        self._filled.set()

    async def take(self) -> Planned | None:
        """Wait for the next row; None once there is none left."""
        while not self._waiting:
            if self._ended:
                return None
            if self._filled.is_set():
                self._filled = anyio.Event()
            await self._filled.wait()
        planned = self._waiting.popleft()
        if len(self._waiting) <= self.batch // 2:
            self._taken.set()
        return planned
