"""A journal opened for writing in a process that kills itself: `python -m tests.fakes.dying JOURNAL NTH`.

It dies (SIGKILL, nothing is closed or flushed) right before its NTH statement that changes the journal, and prints
`opened` where it got to the end.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from importer.journal import open_journal

_CHANGES = ("BEGIN", "ALTER", "DROP", "CREATE", "INSERT", "DELETE", "UPDATE", "COMMIT", "PRAGMA user_version =")


class Countdown:
    def __init__(self, left: int) -> None:
        self.left = left

    def tick(self, statement: str) -> None:
        if statement.startswith(_CHANGES):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    path, countdown = Path(sys.argv[1]), Countdown(int(sys.argv[2]))
    connect = sqlite3.connect

    def connected(database: Any, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(database, *args, **kwargs)
        if str(database) == str(path):
            connection.set_trace_callback(countdown.tick)
        return connection

    sqlite3.connect = connected  # type: ignore[assignment]  # only its first parameter is looked at
    with open_journal(path):
        print("opened")  # noqa: T201 - what the parent waits for
