"""The listing of a space in the journal: who holds which external_id, and by which keys companies can be matched.

It belongs to the run that listed the space. The next one begins with the archived companies alone, which look-ups of
single rows do not show; a listing of the whole space takes their place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.company import Remote
from importer.journal.files import as_stored

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from importer.journal.view import JournalView
    from importer.model import Json

__all__ = ["add", "clear", "clear_older", "holders", "listed_so_far", "matching", "written"]

_MOST_OF_A_KEY = 20  # two are ambiguous already; a value that thousands share would be read for each of its rows


def clear(connection: sqlite3.Connection) -> None:
    """Forget the companies of an earlier listing, but for the archived ones."""
    connection.execute("DELETE FROM listing WHERE NOT archived")
    connection.execute("UPDATE listing SET read_at = NULL")
    connection.execute("DELETE FROM listing_key")


def clear_older(connection: sqlite3.Connection) -> None:
    """Forget what an earlier listing showed and the present one does not."""
    connection.execute("DELETE FROM listing WHERE read_at IS NULL")


def listed_so_far(view: JournalView, run: int) -> int | None:
    """Count the companies kept of the listing that a run makes before it sends anything; None where it has sent something."""
    with view.reading() as connection:
        newest = connection.execute("SELECT run FROM operation ORDER BY id DESC LIMIT 1").fetchone()
        if newest is not None and newest["run"] == run:
            return None
        return int(connection.execute("SELECT count(*) FROM listing WHERE read_at IS NOT NULL").fetchone()[0])


def add(
    connection: sqlite3.Connection,
    companies: Sequence[Remote],
    origin: str,
    keys: Callable[[Mapping[str, Json]], Iterable[str]],
) -> None:
    """Keep those of a page that hold an external_id of our origin, or that are live and can be matched by a key."""
    for company in companies:
        ours = company.external_id is not None and company.external_origin == origin
        found = () if company.archived else tuple(keys(company.body))
        if not ours and not found:
            continue
        connection.execute(
            "INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                company.kanbert_id,
                company.external_id,
                company.external_origin,
                company.archived,
                company.updated_at,
                company.read_at,
                json.dumps(company.body),
            ),
        )
        connection.execute("DELETE FROM listing_key WHERE kanbert_id = ?", (company.kanbert_id,))
        connection.executemany(
            "INSERT OR IGNORE INTO listing_key VALUES (?, ?, ?)",
            [(key, company.external_id is not None, company.kanbert_id) for key in found],
        )


def holders(connection: sqlite3.Connection, external_ids: Sequence[str], origin: str) -> dict[str, tuple[Remote, ...]]:
    """Look up who holds external_ids of our origin: the live companies, else the archived ones."""
    rows = connection.execute(
        "SELECT * FROM listing WHERE external_id IN (SELECT value FROM json_each(?)) AND external_origin = ?"
        " ORDER BY archived, kanbert_id",
        (json.dumps(external_ids), origin),
    )
    found: dict[str, tuple[Remote, ...]] = {}
    for row in rows:
        known = found.get(row["external_id"], ())
        if not known or known[0].archived == bool(row["archived"]):
            found[row["external_id"]] = (*known, _remote(row))
    return found


def matching(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, list[Remote]]:
    """Look up the live companies that have keys, at most 20 of each, first those without an external_id.

    Keys that no company has are absent.
    """
    rows = connection.execute(
        "SELECT wanted.value AS key, listing.* FROM (SELECT DISTINCT value FROM json_each(?)) AS wanted"
        " JOIN listing ON listing.kanbert_id IN"
        " (SELECT kanbert_id FROM listing_key WHERE key = wanted.value ORDER BY held, kanbert_id LIMIT ?)"
        " ORDER BY listing.kanbert_id",
        (json.dumps(keys), _MOST_OF_A_KEY),
    )
    found: dict[str, list[Remote]] = {}
    for row in rows:
        found.setdefault(row["key"], []).append(_remote(row))
    return found


def written(connection: sqlite3.Connection, run: int, external_ids: Sequence[str]) -> dict[str, dict[str, Json] | None]:
    """Look up what a run, or one that it resumes, has written or may have: each company as it was before, if it was."""
    rows = connection.execute(
        """SELECT external_id, action, before FROM operation WHERE external_id IN (SELECT value FROM json_each(:ids))
        AND (run > (SELECT coalesce(max(id), 0) FROM run WHERE state = 'ended' AND id < :run)
          OR run IN (SELECT other.id FROM run AS own JOIN run AS other
                     ON json_extract(other.predicted, '$.plan') = json_extract(own.predicted, '$.plan')
                     WHERE own.id = :run))
        ORDER BY id DESC""",
        {"ids": json.dumps(list(external_ids)), "run": run},
    )
    return {
        row["external_id"]: json.loads(row["before"]) if row["before"] and row["action"] in _THERE else None
        for row in rows
    }


_THERE = frozenset({"update", "adopt"})  # actions on a company that was live before


def _remote(row: sqlite3.Row) -> Remote:
    with as_stored():
        return Remote(
            kanbert_id=row["kanbert_id"],
            external_id=row["external_id"],
            external_origin=row["external_origin"],
            updated_at=row["updated_at"],
            archived=bool(row["archived"]),
            body=json.loads(row["body"]),
            read_at=row["read_at"],
        )
