"""A clock that moves only when somebody sleeps, and remembers how long they asked for."""

from __future__ import annotations

import datetime as dt

import anyio.lowlevel

START = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)


class FakeClock:
    """`sleep` returns at once, with the time moved to its end; sleepers side by side share the time."""

    def __init__(self, start: dt.datetime = START) -> None:
        self.start = start
        self.elapsed = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed

    def now(self) -> dt.datetime:
        return self.start + dt.timedelta(seconds=self.elapsed)

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.elapsed + seconds
        await anyio.lowlevel.checkpoint()
        self.elapsed = max(self.elapsed, until)
