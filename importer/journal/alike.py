"""external_ids of one file that are not the same, but that a database may take for the same."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from importer.model import Code, Issue, Location

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from importer.model import SourceInfo

__all__ = ["alike_rows", "folded", "folding"]

_MOST_NAMED = 5


def folded(external_id: str) -> str:
    """Fold an external_id as databases do that ignore case, accents and blanks around (MySQL by default)."""
    if external_id.isascii():
        return external_id.strip().lower()
    parts = unicodedata.normalize("NFKD", external_id)
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()
    return unicodedata.normalize("NFKD", plain).strip()


def folding(connection: sqlite3.Connection, column: str) -> str:
    """Say in SQL what `folded` makes of a column; what is ASCII without a blank needs no call."""
    connection.create_function("folded", 1, folded, deterministic=True)
    return f"iif({column} GLOB '*[^!-~]*', folded({column}), lower({column}))"


def alike_rows(
    connection: sqlite3.Connection, generation: int, run: int, source: SourceInfo
) -> Iterator[tuple[int, Issue]]:
    """Find the open rows of `run` whose external_id is alike to that of another row of the file, each with its issue.

    Whether Kanbert tells them apart is not documented; where it does not, the second would be written over the first.
    """
    groups = connection.execute(
        f"SELECT {folding(connection, 'external_id')} AS key, json_group_array(id) AS ids FROM row"  # noqa: S608 - our own words
        " WHERE generation = ? AND external_id IS NOT NULL AND outcome IS NOT 'skipped'"
        " GROUP BY key HAVING min(external_id) <> max(external_id)",
        (generation,),
    ).fetchall()
    for group in groups:
        members = connection.execute(
            "SELECT id, run, number, external_id, outcome FROM row WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (group["ids"],),
        ).fetchall()
        for member in members:
            if member["run"] == run and member["outcome"] is None:
                others = [other for other in members if other["external_id"] != member["external_id"]]
                yield member["id"], _issue(member, others, source)


def _issue(row: sqlite3.Row, others: list[sqlite3.Row], source: SourceInfo) -> Issue:
    named = ", ".join(f'row {other["number"]} has "{other["external_id"]}"' for other in others[:_MOST_NAMED])
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    place = Location(source.path, source.sheet, row["number"])
    return Issue.of(Code.ALIKE_IN_FILE, place, field="external_id", value=row["external_id"], detail=f"{named}{more}")
