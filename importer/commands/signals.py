"""What breaks a command off from outside: Ctrl-C and SIGTERM, or whatever a desk has in their place."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from importer.pipeline import Stop

__all__ = ["Interruptions", "system_signals", "until_interrupted"]

Interruptions: TypeAlias = Callable[[], AbstractContextManager[AsyncIterator[object]]]
"""Opens a receiver that yields once each time somebody wants the command to end; called in its event loop."""


def system_signals() -> AbstractContextManager[AsyncIterator[object]]:
    """Receive Ctrl-C and SIGTERM; in the main thread alone."""
    return anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM)


async def until_interrupted(stop: Stop, interruptions: Interruptions, work: Callable[[], Awaitable[None]]) -> None:
    """Do work that only reads until it is done; the first interruption asks for a stop and cancels what is in flight."""
    async with anyio.create_task_group() as group:
        group.start_soon(_watch, stop, interruptions, group.cancel_scope)
        await work()
        group.cancel_scope.cancel()


async def _watch(stop: Stop, interruptions: Interruptions, scope: anyio.CancelScope) -> None:
    with interruptions() as received:
        async for _ in received:
            stop.request("interrupted", interrupted=True)
            scope.cancel()
            return
