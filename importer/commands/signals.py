"""Ctrl-C and SIGTERM for commands that only read: what is asked is cut off at once, and what was found is still told."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from importer.pipeline import Stop

__all__ = ["until_signalled"]


async def until_signalled(stop: Stop, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work until it is done; the first signal asks for a stop and cancels what is in flight."""
    async with anyio.create_task_group() as group:
        group.start_soon(_watch, stop, group.cancel_scope)
        await work()
        group.cancel_scope.cancel()


async def _watch(stop: Stop, scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop.request("interrupted", interrupted=True)
            scope.cancel()
            return
