"""Which of the rows that were read a run takes up; the others stay in the journal, and wait for the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.errors import UsageError

if TYPE_CHECKING:
    import sqlite3

    from importer.model import RowRange, Selection, SourceInfo

__all__ = ["Beyond", "choose"]

_NO_RUN = 0  # of rows that were not chosen
_ENDLESS = 2**62  # no row has a larger number

Beyond = tuple[str, ...]
"""Parts of a selection that end behind the last row, each with the number of that row."""


def choose(connection: sqlite3.Connection, run: int, selection: Selection, source: SourceInfo) -> Beyond:
    """Leave out the rows of `run` that are not selected; UsageError for a part of the selection that no row is in."""
    beyond = _choose_by_number(connection, run, selection.rows, source) if selection.rows else ()
    if selection.limit is not None:
        connection.execute(
            "UPDATE row SET run = ? WHERE run = ? AND id NOT IN (SELECT id FROM row WHERE run = ? ORDER BY id LIMIT ?)",
            (_NO_RUN, run, run, selection.limit),
        )
    return beyond


def _choose_by_number(
    connection: sqlite3.Connection, run: int, parts: tuple[RowRange, ...], source: SourceInfo
) -> Beyond:
    first, last = connection.execute("SELECT min(number), max(number) FROM row WHERE run = ?", (run,)).fetchone()
    connection.execute("UPDATE row SET run = ? WHERE run = ?", (_NO_RUN, run))
    for part in parts:
        end = _ENDLESS if part.last is None else part.last
        chosen = connection.execute("UPDATE row SET run = ? WHERE number BETWEEN ? AND ?", (run, part.first, end))
        if not chosen.rowcount:
            raise UsageError(_nobody(part, first, last, source))
    return tuple(
        f"{part.written} (the last row is {last})" for part in parts if part.last is not None and part.last > last
    )


def _nobody(part: RowRange, first: int | None, last: int | None, source: SourceInfo) -> str:
    what = f"row {part.first}" if part.first == part.last else f"row in {part.written}"
    there = "no row below its header" if first is None else f"rows with data from {first} to {last}"
    blank = "" if first is None or last is None or part.first > last else " Blank rows and the header cannot be taken."
    return (
        f"--rows {part.written}: {source.path} has no {what}; it has {there}.{blank} "
        "Rows are counted as the file's own program shows them."
    )
