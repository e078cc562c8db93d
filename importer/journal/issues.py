"""Issues in the journal: written beside their row, read back with their place, and grouped for people.

`stage` says who found an issue: `map` (the mapping, which passes on what the reader found), `write` (Kanbert's answer)
or `verify` (the last look at what is there). What the reader itself said is kept as `read`, to map the row once more;
it is not counted again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from importer.model import Code, Issue, IssueGroup, Location, Severity

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from importer.model import SourceInfo

__all__ = ["Stage", "insert_issues", "issue_groups", "issues_of", "staged_issues"]

Stage = Literal["read", "map", "write", "verify"]
_Reason: TypeAlias = tuple[str | int | None, ...]  # code, severity, field, kind, header, and the run twice

_FIRST_ROWS = 5
_FEW_MESSAGES = 5  # of one value that are told apart
_OF_OTHER_ROWS = (Code.DUPLICATE_IN_FILE, Code.ALIKE_IN_FILE)  # each message names the rows that the group lists
_OF_EACH_ROW = (Code.ARCHIVED_IN_KANBERT, Code.HELD_ELSEWHERE, Code.MISSING_IN_KANBERT)  # the value is its external_id
_KIND = (  # what a group has in common beside code, severity, field and column: the value, where it says anything
    f"CASE WHEN code IN {tuple(code.value for code in _OF_EACH_ROW)}"
    f" OR code = '{Code.STORED_DIFFERS.value}' AND field LIKE 'custom!_fields.%' ESCAPE '!' THEN NULL ELSE value END"
)
_ONE_VALUE = "CASE WHEN min(value) = max(value) THEN min(value) END AS value"
_REASON = (
    "FROM issue JOIN row ON row.id = issue.row WHERE stage <> 'read' AND code = ? AND severity = ? AND field IS ?"
    " AND {kind} IS ? AND header IS ? AND (? IS NULL OR row.run = ?)"
)
_OF_NO_VALUE, _OF_A_VALUE = _REASON.format(kind=_KIND), _REASON.format(kind="value")  # the second by an index


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
    return tuple(_issue(issue, source, number) for issue in found)


def staged_issues(
    connection: sqlite3.Connection, source: SourceInfo, row_id: int, number: int
) -> tuple[tuple[str, Issue], ...]:
    """Read a row's issues in the order in which they were found, each with the stage that found it."""
    found = connection.execute("SELECT * FROM issue WHERE row = ? AND stage <> 'read' ORDER BY rowid", (row_id,))
    return tuple((issue["stage"], _issue(issue, source, number)) for issue in found)


def _issue(issue: sqlite3.Row, source: SourceInfo, number: int) -> Issue:
    return Issue(
        code=Code(issue["code"]),
        severity=Severity(issue["severity"]),
        location=Location(source.path, source.sheet, number, issue["header"]),
        field=issue["field"],
        value=issue["value"],
        message=issue["message"],
        hint=issue["hint"],
    )


def issue_groups(connection: sqlite3.Connection, run: int | None, limit: int) -> tuple[tuple[IssueGroup, ...], bool]:
    """Group issues by (code, field, value, column), most frequent first; the second value says whether the list was cut.

    Of each code the most frequent group is never cut: a hundred ids that are double would go under in a thousand kinds of
    date.

    Where a few messages stand for the same value, as with countries that read a number differently, each has a group.
    A value that is another one in each row, as an external_id is, groups nothing: a thousand archived companies are one
    thing to do, and a thousand groups of one row would hide all others.
    """
    found = connection.execute(
        f"""SELECT code, severity, field, {_KIND} AS kind, header, count(*) AS count, min(message) AS message,
                  min(hint) AS hint, min(message) <> max(message) AS differ, min(value) <> max(value) AS many, {_ONE_VALUE}
        FROM issue JOIN row ON row.id = issue.row WHERE stage <> 'read' AND (? IS NULL OR row.run = ?)
        GROUP BY code, severity, field, kind, header
        ORDER BY row_number() OVER (PARTITION BY code ORDER BY count(*) DESC, min(row.number)) > 1, count DESC, min(row.number)
        LIMIT ?""",  # noqa: S608 - our own words
        (run, run, limit + 1),
    ).fetchall()
    groups = [group for one in found[:limit] for group in _groups(connection, run, one)]
    shown = sorted(groups[:limit], key=lambda group: (-group.count, group.first_rows[:1]))
    return tuple(shown), max(len(found), len(groups)) > limit


def _groups(connection: sqlite3.Connection, run: int | None, found: sqlite3.Row) -> list[IssueGroup]:
    """Divide what has one value by its messages, if they are few; else say that the message is not that of all rows."""
    reason = (found["code"], found["severity"], found["field"], found["kind"], found["header"], run, run)
    if not found["differ"] or found["code"] in _OF_OTHER_ROWS:
        return [_group(found, found, _first_rows(connection, reason, None))]
    parts = connection.execute(
        f"SELECT message, min(hint) AS hint, header, count(*) AS count, {_ONE_VALUE} {_of(reason)}"
        " GROUP BY message ORDER BY count DESC, min(row.number) LIMIT ?",
        (*reason, _FEW_MESSAGES + 1),
    ).fetchall()
    if len(parts) > _FEW_MESSAGES:
        whole = _group(found, found, _first_rows(connection, reason, None))
        others = "each of the others names its own value" if found["many"] else "others say something else"
        return [replace(whole, message=f"{whole.message} (in one of these rows; {others})")]
    return [_group(found, part, _first_rows(connection, reason, part["message"])) for part in parts]


def _first_rows(connection: sqlite3.Connection, reason: _Reason, message: str | None) -> tuple[int, ...]:
    found = connection.execute(
        f"SELECT DISTINCT row.number AS number {_of(reason)} AND (? IS NULL OR message = ?)"
        " ORDER BY row.number LIMIT ?",
        (*reason, message, message, _FIRST_ROWS),
    )
    return tuple(row["number"] for row in found)


def _of(reason: _Reason) -> str:
    """Choose the words for a reason: where it has a value, that is what its kind is."""
    return _OF_NO_VALUE if reason[3] is None else _OF_A_VALUE


def _group(reason: sqlite3.Row, part: sqlite3.Row, first_rows: tuple[int, ...]) -> IssueGroup:
    return IssueGroup(
        code=Code(reason["code"]),
        severity=Severity(reason["severity"]),
        field=reason["field"],
        column=part["header"],
        value=part["value"],
        count=part["count"],
        first_rows=first_rows,
        message=part["message"],
        hint=part["hint"],
    )
