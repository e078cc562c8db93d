"""What stands around an event loop in a command."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["signals_kept"]


@contextmanager
def signals_kept() -> Iterator[None]:
    """Put the handlers of Ctrl-C and SIGTERM back: asyncio leaves the system's, which would cut off the summary."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
