"""Rows of one file that stand for one company, or may: which of them goes, and what is said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from importer.journal.alike import alike_rows
from importer.journal.issues import insert_issues
from importer.model import Code, Issue, Location, OutcomeKind, Severity

if TYPE_CHECKING:
    import sqlite3

    from importer.model import SourceInfo

__all__ = ["Duplicates", "resolve_duplicates"]

Duplicates: TypeAlias = Literal["refuse", "first", "last"]
"""The mapping's rule: which row counts, or that none does."""


def resolve_duplicates(
    connection: sqlite3.Connection, generation: int, run: int, source: SourceInfo, rule: Duplicates
) -> None:
    """Refuse or skip the rows of `run` whose external_id stands in other rows of the file too, by the mapping's rule.

    Where external_ids are only alike, which row is meant cannot be said by a rule: all of them are refused.
    """
    for row_id, issue in list(alike_rows(connection, generation, run, source)):
        _set_aside(connection, row_id, issue)
    groups = connection.execute(
        "SELECT external_id FROM row WHERE generation = ? AND external_id IS NOT NULL"
        " AND outcome IS NOT 'skipped' GROUP BY external_id HAVING count(*) > 1",
        (generation,),
    ).fetchall()
    for group in groups:
        _resolve_group(connection, generation, run, source, group["external_id"], rule)


def _resolve_group(
    connection: sqlite3.Connection, generation: int, run: int, source: SourceInfo, external_id: str, rule: Duplicates
) -> None:
    members = connection.execute(
        "SELECT id, run, number, outcome FROM row WHERE generation = ? AND external_id = ?"
        " AND outcome IS NOT 'skipped' ORDER BY id",
        (generation, external_id),
    ).fetchall()
    kept = members[0 if rule == "first" else -1]
    if kept["outcome"] == OutcomeKind.REFUSED:
        rule = "refuse"  # the row that counts is wrong: the others may not take its place, nor be left out for it
    winner = None if rule == "refuse" else kept["id"]
    for member in members:
        if member["run"] != run or member["outcome"] is not None or member["id"] == winner:
            continue
        others = [other["number"] for other in members if other["id"] != member["id"]]
        place = Location(source.path, source.sheet, member["number"])
        _set_aside(connection, member["id"], _duplicate(external_id, place, others, rule))


def _duplicate(external_id: str, place: Location, others: list[int], rule: Duplicates) -> Issue:
    shown = ", ".join(map(str, others[:5])) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    also = f"also row {shown}" if len(others) == 1 else f"also rows {shown}"
    kept = "" if rule == "refuse" else f"; the {rule} one is kept"
    severity = Severity.ERROR if rule == "refuse" else Severity.INFO
    return Issue.of(
        Code.DUPLICATE_IN_FILE, place, field="external_id", value=external_id, detail=also + kept, severity=severity
    )


def _set_aside(connection: sqlite3.Connection, row_id: int, issue: Issue) -> None:
    outcome = OutcomeKind.REFUSED if issue.severity is Severity.ERROR else OutcomeKind.SKIPPED
    connection.execute("UPDATE row SET outcome = ?, digest = NULL, payload = NULL WHERE id = ?", (outcome, row_id))
    insert_issues(connection, row_id, "map", [issue])
