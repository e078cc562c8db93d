"""What stands around an event loop in a command."""

from __future__ import annotations

import math
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.progress import Progress
    from importer.transport import Transport

__all__ = ["gauged", "signals_kept"]

_TICK = 0.5  # seconds between two drawings while nothing is done
_WORTH_TELLING = 0.5  # seconds of a pause


async def gauged(progress: Progress, transport: Transport) -> None:
    """Show what is in flight and what is waited for, until cancelled; also while no row gets done."""
    progress.watch(lambda: _gauge(transport))
    try:
        while True:
            await anyio.sleep(_TICK)
            progress.tick()
    finally:
        progress.watch(None)


def _gauge(transport: Transport) -> dict[str, int | str]:
    pause = transport.pacer.pause
    waiting = f"{math.ceil(pause)} s" if pause >= _WORTH_TELLING else ""
    return {"waiting": waiting, "in_flight": transport.pacer.in_flight, "throttled": transport.counts.throttled}


@contextmanager
def signals_kept() -> Iterator[None]:
    """Put the handlers of Ctrl-C and SIGTERM back: asyncio leaves the system's, which would cut off the summary.

    Where a command runs in a thread there are none to put back: Python hears signals in the main one alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
