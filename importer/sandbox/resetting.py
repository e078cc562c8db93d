"""A sandbox's file -> put aside, so that another space can begin in its place."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["begun_anew"]

_TABLES = {"companies", "countries", "names", "clients"}  # of every version of the sandbox's file


@contextmanager
def begun_anew(path: Path) -> Iterator[Callable[[], None]]:
    """Put a sandbox's file aside, so that the next one begins empty.

    It is deleted when the function that is handed out is called; without that it is back in its place at the end, so
    that what cannot begin has cost nothing.

    Raises:
        ValueError: the file is not a sandbox's, or one is running on it.
        OSError: it cannot be moved.
    """
    aside = path.with_name(f"{path.name}.before-reset")
    if path.exists():
        _claim(path)
        path.replace(aside)

    def forget() -> None:
        aside.unlink(missing_ok=True)

    try:
        yield forget
    finally:
        if aside.exists():
            for suffix in ("-wal", "-shm"):
                path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
            aside.replace(path)


def _claim(path: Path) -> None:
    """Make sure that the file is a sandbox's, and that nobody has it open."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if tables and not tables >= _TABLES:
                raise _not_ours(path)
            db.execute("PRAGMA journal_mode = DELETE")  # needs the file for itself
    except sqlite3.OperationalError as error:
        msg = f"{path} cannot be reset: {error}. If a sandbox is running on it, stop that one first; else see whether it can be written."
        raise ValueError(msg) from error
    except sqlite3.DatabaseError as error:
        raise _not_ours(path) from error


def _not_ours(path: Path) -> ValueError:
    return ValueError(f"{path} is not a sandbox's file, and is left as it is. Name another one with --data.")
