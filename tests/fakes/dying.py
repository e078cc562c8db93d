"""A journal opened for writing in a process that kills itself: SIGKILL, nothing is closed or flushed."""

from __future__ import annotations

import os
import signal
import sqlite3
from typing import TYPE_CHECKING, Any

from importer.journal import open_journal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["opened"]

_CHANGES = ("BEGIN", "ALTER", "DROP", "CREATE", "INSERT", "DELETE", "UPDATE", "COMMIT", "PRAGMA user_version =")


class Countdown:
    def __init__(self, left: int) -> None:
        self.left = left

    def tick(self, statement: str) -> None:
        if statement.startswith(_CHANGES):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def opened(path: Path, nth: int) -> None:
    """Open it, and die right before the nth statement that changes it."""
    countdown = Countdown(nth)
    connect = sqlite3.connect

    def connected(database: Any, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(database, *args, **kwargs)
        if str(database) == str(path):
            connection.set_trace_callback(countdown.tick)
        return connection

    sqlite3.connect = connected  # type: ignore[assignment]  # only its first parameter is looked at
    with open_journal(path):
        pass
