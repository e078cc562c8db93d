"""One row's issue turned into the document that `--json` and JSON Lines reports have of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.model import Issue, Json

__all__ = ["issue_document"]


def issue_document(issue: Issue, cell: str | None) -> dict[str, Json]:
    """Lay one row's issue out, as `preview --json` and JSON Lines reports print it; `cell` is its address."""
    return {
        "code": issue.code.value,
        "severity": issue.severity.value,
        "field": issue.field,
        "column": issue.location.column,
        "cell": cell,
        "value": issue.value,
        "message": issue.message,
        "hint": issue.hint,
    }
