"""What the journal says should be in Kanbert, read for a look at what is there, and what such a look found.

The findings of a row are issues of the stage `verify`; each look takes the place of the one before, row by row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.journal.issues import insert_issues
from importer.journal.records import IN_KANBERT, Work
from importer.journal.store import undamaged

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from importer.journal.store import Journal
    from importer.model import Issue

__all__ = ["Wanted", "WantedRows", "count_wanted", "note_verified", "only_matched", "wanted_rows"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that the mapping made a company of; `kanbert_id` is the one that it was written to, or found as, or None."""

    work: Work
    known: bool  # whether the journal knows the company to be in Kanbert
    kanbert_id: str | None


@dataclass(frozen=True, slots=True)
class WantedRows:
    """How many rows there are to look at, and how many there are not: the mapping made no company of them."""

    wanted: int
    refused: int
    skipped: int


def count_wanted(journal: Journal, run: int | None = None) -> WantedRows:
    """Count the rows by whether there is anything to look at; all of them, or those that `run` takes up."""
    with journal.reading() as connection:
        found = connection.execute(
            "SELECT coalesce(sum(payload IS NOT NULL), 0) AS wanted,"
            " coalesce(sum(payload IS NULL AND outcome = 'refused'), 0) AS refused,"
            " coalesce(sum(payload IS NULL AND outcome = 'skipped'), 0) AS skipped FROM row WHERE ?1 IS NULL OR run = ?1",
            (run,),
        ).fetchone()
        return WantedRows(**dict(found))


def only_matched(journal: Journal, run: int | None = None) -> frozenset[int]:
    """Find the rows that name a company which they never were: it was refused to them, as one of another row is.

    Theirs is one that they are known to be in Kanbert as, that was written to for them or may have been, or that an
    update was meant for: it held their external_id. An adoption that was refused has changed nothing.
    """
    with journal.reading() as connection:
        found = connection.execute(
            "SELECT id FROM row WHERE payload IS NOT NULL AND kanbert_id IS NOT NULL AND (?1 IS NULL OR run = ?1)"
            " AND coalesce(outcome, '') NOT IN (SELECT value FROM json_each(?2)) AND (external_id, kanbert_id) NOT IN"
            " (SELECT external_id, kanbert_id FROM operation WHERE kanbert_id IS NOT NULL AND undoes IS NULL"
            " AND (action <> 'adopt' OR outcome IS NOT 'refused' OR after IS NOT NULL))",
            (run, json.dumps(IN_KANBERT)),
        )
        return frozenset(row["id"] for row in found)


def wanted_rows(
    journal: Journal, *, after: int, limit: int, run: int | None = None, strangers: Collection[int] = ()
) -> list[Wanted]:
    """Read the next rows with a company, in the order of the file, behind the row `after`; whatever became of them.

    `strangers` are those whose company is not theirs, see `only_matched`.
    """
    with journal.reading() as connection:
        found = connection.execute(
            "SELECT id, number, external_id, digest, payload, outcome, kanbert_id FROM row"
            " WHERE payload IS NOT NULL AND id > ?1 AND (?2 IS NULL OR run = ?2) ORDER BY id LIMIT ?3",
            (after, run, limit),
        ).fetchall()
        return [
            Wanted(
                Work(row["id"], row["number"], undamaged(row)),
                row["outcome"] in IN_KANBERT,
                None if row["id"] in strangers else row["kanbert_id"],
            )
            for row in found
        ]


def note_verified(journal: Journal, rows: Sequence[int], issues: Mapping[int, Sequence[Issue]]) -> None:
    """Keep what a look at `rows` found, in place of what an earlier one did; nothing is written where neither did."""
    looked_at = json.dumps(list(rows))
    with journal.reading() as connection:
        stale = connection.execute(
            "SELECT 1 FROM issue WHERE row IN (SELECT value FROM json_each(?)) AND stage = 'verify' LIMIT 1",
            (looked_at,),
        ).fetchone()
    if stale is None and not issues:
        return
    with journal.transaction() as connection:
        connection.execute(
            "DELETE FROM issue WHERE row IN (SELECT value FROM json_each(?)) AND stage = 'verify'", (looked_at,)
        )
        for row, found in issues.items():
            insert_issues(connection, row, "verify", found)
