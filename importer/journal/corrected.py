"""Rows that a retry took corrected: they are taken so for as long as the file has them as they were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from importer.journal.cells import cells_from_json, cells_to_json
from importer.journal.records import IN_KANBERT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.journal.store import Journal
    from importer.journal.view import JournalView
    from importer.model import Cell

    Corrections: TypeAlias = Mapping[tuple[Cell, ...], tuple[Cell, ...]]

__all__ = ["corrections_in", "note_corrected"]


def corrections_in(view: JournalView, *, in_kanbert: bool = False) -> dict[tuple[Cell, ...], tuple[Cell, ...]]:
    """Read the cells of rows that a retry took corrected: as the file has them, to as they were corrected.

    Of all such rows, or of those alone that are `in_kanbert` so.
    """
    with view.reading() as connection:
        found = connection.execute(
            "SELECT original, cells FROM row WHERE original IS NOT NULL"
            " AND (NOT ? OR outcome IN (SELECT value FROM json_each(?)))",
            (in_kanbert, json.dumps(IN_KANBERT)),
        ).fetchall()
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
