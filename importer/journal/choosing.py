"""Which of the rows that were read a run takes up; the others stay in the journal, and wait for the next run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.errors import UsageError
from importer.journal.cells import cells_from_json
from importer.model import Row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from importer.journal.store import Journal
    from importer.model import RowRange, Selection, SourceInfo

__all__ = ["Beyond", "choose", "held_back", "left_out", "numbers_of", "sendable_rows", "take_up_held_back"]

_NO_RUN = 0  # of rows that were not chosen
_HELD_BACK = -1  # of rows that a run takes up once a few others went well
_CHUNK = 500
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
        chosen = connection.execute(
            "UPDATE row SET run = ? WHERE generation = ? AND number BETWEEN ? AND ?", (run, run, part.first, end)
        )
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


def left_out(journal: Journal) -> int:
    """Count the rows that are open, and that the last run was told to leave out."""
    with journal.reading() as connection:
        found = connection.execute("SELECT count(*) FROM row WHERE run = ? AND outcome IS NULL", (_NO_RUN,))
        return int(found.fetchone()[0])


def sendable_rows(journal: Journal, run: int) -> Iterator[tuple[int, Row]]:
    """Walk over the rows of `run` of which the mapping made a company, whatever became of it; each with its id."""
    last = 0
    while True:
        with journal.reading() as connection:
            found = connection.execute(
                "SELECT id, number, cells FROM row WHERE run = ? AND payload IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
                (run, last, _CHUNK),
            ).fetchall()
            rows = [(row["id"], Row(row["number"], cells_from_json(row["cells"]))) for row in found]
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def held_back(journal: Journal, run: int, taken: Sequence[int]) -> int:
    """Have all rows of `run` wait but those with the ids `taken`; how many of those that wait are open."""
    with journal.transaction() as connection:
        connection.execute(
            "UPDATE row SET run = ? WHERE run = ? AND id NOT IN (SELECT value FROM json_each(?))",
            (_HELD_BACK, run, json.dumps(list(taken))),
        )
        found = connection.execute("SELECT count(*) FROM row WHERE run = ? AND outcome IS NULL", (_HELD_BACK,))
        return int(found.fetchone()[0])


def take_up_held_back(journal: Journal, run: int) -> None:
    """Make the rows that waited the work of `run`."""
    with journal.transaction() as connection:
        connection.execute("UPDATE row SET run = ? WHERE run = ?", (run, _HELD_BACK))


def numbers_of(journal: Journal, rows: Sequence[int]) -> tuple[int, ...]:
    """Say which numbers the rows with these ids have in the file."""
    with journal.reading() as connection:
        found = connection.execute(
            "SELECT number FROM row WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(list(rows)),)
        )
        return tuple(row["number"] for row in found.fetchall())
