"""Time as a parameter: one protocol for clock and sleep, and the machine's own."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol

import anyio

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What waits and measures knows of time.

    `monotonic` never goes back and measures durations; `now` is an aware instant and may jump. `sleep` returns no
    earlier than asked by `monotonic`, lets other tasks run even for 0 seconds, and can be cancelled.
    """

    def monotonic(self) -> float:
        """Read seconds from an arbitrary start."""
        ...

    def now(self) -> dt.datetime:
        """Read the present instant, aware."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Read the monotonic clock."""
        return time.monotonic()

    def now(self) -> dt.datetime:
        """Read the wall clock, in UTC."""
        return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the one place that reads the wall clock

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)
