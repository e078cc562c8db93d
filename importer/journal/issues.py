"""Issues in the journal: written beside their row, read back with their place, and grouped for people.

`stage` says who found an issue: `map` (the mapping, which passes on what the reader found) or `write` (Kanbert's
answer). What the reader itself said is kept as `read`, to map the row once more; it is not counted again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from importer.model import Code, Issue, IssueGroup, Location, Severity

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from importer.model import SourceInfo

__all__ = ["Stage", "insert_issues", "issue_groups", "issues_of"]

Stage = Literal["read", "map", "write"]

_FIRST_ROWS = 5


def insert_issues(connection: sqlite3.Connection, row_id: int, stage: Stage, issues: Sequence[Issue]) -> None:
    """Add issues of one stage to a row."""
    connection.executemany(
        "INSERT INTO issue (row, stage, code, severity, field, header, value, message, hint)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(row_id, stage, i.code, i.severity, i.field, i.location.column, i.value, i.message, i.hint) for i in issues],
    )


def issues_of(
    connection: sqlite3.Connection, source: SourceInfo, row_id: int, number: int, *, by_reader: bool = False
) -> tuple[Issue, ...]:
    """Read a row's issues in the order in which they were found, or what the reader alone had said."""
    found = connection.execute(
        "SELECT * FROM issue WHERE row = ? AND (stage = 'read') = ? ORDER BY rowid", (row_id, by_reader)
    )
    return tuple(
        Issue(
            code=Code(issue["code"]),
            severity=Severity(issue["severity"]),
            location=Location(source.path, source.sheet, number, issue["header"]),
            field=issue["field"],
            value=issue["value"],
            message=issue["message"],
            hint=issue["hint"],
        )
        for issue in found
    )


def issue_groups(connection: sqlite3.Connection, run: int | None, limit: int) -> tuple[tuple[IssueGroup, ...], bool]:
    """Group issues by (code, field, value), most frequent first; the second value says whether the list was cut."""
    groups = connection.execute(
        """SELECT code, severity, field, value, min(header) AS header, count(*) AS count, min(message) AS message,
                  min(hint) AS hint
        FROM issue JOIN row ON row.id = issue.row WHERE stage <> 'read' AND (? IS NULL OR row.run = ?)
        GROUP BY code, severity, field, value ORDER BY count DESC, min(row.number) LIMIT ?""",
        (run, run, limit + 1),
    ).fetchall()
    return tuple(_group(connection, run, group) for group in groups[:limit]), len(groups) > limit


def _group(connection: sqlite3.Connection, run: int | None, group: sqlite3.Row) -> IssueGroup:
    first = connection.execute(
        """SELECT DISTINCT row.number AS number FROM issue JOIN row ON row.id = issue.row
        WHERE stage <> 'read' AND code = ? AND severity = ? AND field IS ? AND value IS ? AND (? IS NULL OR row.run = ?)
        ORDER BY row.number LIMIT ?""",
        (group["code"], group["severity"], group["field"], group["value"], run, run, _FIRST_ROWS),
    )
    return IssueGroup(
        code=Code(group["code"]),
        severity=Severity(group["severity"]),
        field=group["field"],
        column=group["header"],
        value=group["value"],
        count=group["count"],
        first_rows=tuple(row["number"] for row in first),
        message=group["message"],
        hint=group["hint"],
    )
