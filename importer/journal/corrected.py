"""Rows that a retry took corrected: they are taken so for as long as the file has them as they were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from importer.journal.alike import folding
from importer.journal.cells import cells_from_json, cells_to_json
from importer.journal.records import IN_KANBERT
from importer.model import Code

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from importer.journal.store import Journal
    from importer.journal.view import JournalView
    from importer.model import Cell

    Corrections: TypeAlias = dict[tuple[Cell, ...], tuple[Cell, ...]]

__all__ = ["corrections_in", "note_corrected", "standing_corrections"]


_DONE = json.dumps(IN_KANBERT)


def corrections_in(view: JournalView, *, in_kanbert: bool = False) -> Corrections:
    """Read the cells of rows that a retry took corrected: as the file has them, to as they were corrected.

    Of all such rows, or of those alone that are `in_kanbert` so.
    """
    with view.reading() as connection:
        found = connection.execute(
            "SELECT original, cells FROM row WHERE original IS NOT NULL"
            " AND (NOT ? OR outcome IN (SELECT value FROM json_each(?)))",
            (in_kanbert, _DONE),
        )
        return _by_original(found)


def standing_corrections(view: JournalView) -> Corrections:
    """Read what a new run takes as corrected: all but the edits that give a row the external_id of one in Kanbert.

    Such an edit was refused, as the retry has said. Read together with the file, it would refuse the other row as well.
    """
    with view.reading() as connection:
        own, others = folding(connection, "row.external_id"), folding(connection, "other.external_id")
        found = connection.execute(
            f"""SELECT original, cells FROM row WHERE original IS NOT NULL AND NOT (
              EXISTS (SELECT 1 FROM issue WHERE issue.row = row.id AND stage = 'map' AND code IN (?, ?))
              AND EXISTS (SELECT 1 FROM row AS other WHERE other.id <> row.id AND {others} = {own}
                AND other.outcome IN (SELECT value FROM json_each(?))))""",  # noqa: S608 - our own words
            (Code.DUPLICATE_IN_FILE, Code.ALIKE_IN_FILE, _DONE),
        )
        return _by_original(found)


def _by_original(found: Iterable[sqlite3.Row]) -> Corrections:
    return {cells_from_json(row["original"]): cells_from_json(row["cells"]) for row in found}


def note_corrected(journal: Journal, run: int, corrections: Corrections) -> int:
    """Remember of the rows of `run` that came corrected what the file has, by another journal; how many there are."""
    if not corrections:
        return 0
    with journal.transaction() as connection:
        connection.execute("CREATE TEMP TABLE corrected (cells TEXT PRIMARY KEY, original TEXT) WITHOUT ROWID")
        connection.executemany(
            "INSERT OR IGNORE INTO corrected VALUES (?, ?)",
            ((cells_to_json(cells), cells_to_json(original)) for original, cells in corrections.items()),
        )
        noted = connection.execute(
            "UPDATE row SET original = corrected.original FROM corrected WHERE row.cells = corrected.cells AND run = ?",
            (run,),
        )
        connection.execute("DROP TABLE corrected")
    return noted.rowcount
