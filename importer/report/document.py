"""A summary turned into the document that `--json` prints: the same keys whatever the command, null where not apt."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from importer.model import OutcomeKind
from importer.report.canary import canary_document
from importer.report.explained_document import explanation_document
from importer.report.plan_document import plan_document
from importer.report.verified import verified_document

if TYPE_CHECKING:
    from importer.model import Counts, IssueGroup, Json, SourceInfo
    from importer.report.facts import PredictionFact, Summary


def document(summary: Summary) -> dict[str, Json]:
    """Lay a summary out for `--json`; the keys are public and stable.

    Beside them stand, only where they apply, `issues_cut`, `predicted`, `plan`, `canary`, `verified`, `explanation`, `error`, the reason
    why a command stopped early, and of an undo `undone`, its balance, and `kept`, the companies that it did not take back.
    """
    found: dict[str, Json] = {
        "command": summary.command,
        "exit_code": summary.exit_code,
        "source": None if summary.source is None else _source(summary.source, summary.rows),
        "mapping": None if summary.mapping is None else asdict(summary.mapping),
        "target": None if summary.target is None else asdict(summary.target),
        "journal": summary.journal,
        "counts": _counts(summary.counts),
        "pending": summary.counts.pending,
        "requests": asdict(summary.requests),
        "duration_s": round(summary.duration, 3),
        "issues": [
            _group(group, summary.source)
            for group in sorted([*summary.groups, *summary.columns], key=lambda one: -one.count)
        ],
        "next": summary.next,
    }
    if summary.undone is not None:
        found["undone"] = asdict(summary.undone)
        found["kept"] = [asdict(one) for one in summary.kept]
    if summary.groups_cut:
        found["issues_cut"] = True
    if summary.verified is not None:
        found["verified"] = verified_document(summary.verified)
    if summary.explained is not None:
        found["explanation"] = explanation_document(summary.explained)
    if summary.canary is not None:
        found["canary"] = canary_document(summary.canary)
    return found | _of_plans(summary)


def _of_plans(summary: Summary) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if summary.predicted:
        found["predicted"] = {one.action.value: _prediction(one) for one in summary.predicted}
    if summary.plan is not None:
        found["plan"] = plan_document(summary.plan)
    if summary.stopped is not None:
        found["error"] = summary.stopped
    return found


def _prediction(one: PredictionFact) -> dict[str, Json]:
    return {"predicted": one.predicted, "actual": one.actual, "otherwise": dict(one.otherwise)}


def _source(source: SourceInfo, rows: int | None) -> dict[str, Json]:
    return {
        "path": source.path,
        "sha256": source.sha256,
        "format": source.format,
        "encoding": source.encoding,
        "delimiter": source.delimiter,
        "sheet": source.sheet,
        "header_row": source.header_row,
        "rows": rows,
    }


def _counts(counts: Counts) -> dict[str, Json]:
    return {"read": counts.read} | {kind.value: getattr(counts, kind.value) for kind in OutcomeKind}


def _group(group: IssueGroup, source: SourceInfo | None) -> dict[str, Json]:
    return {
        "code": group.code.value,
        "severity": group.severity.value,
        "field": group.field,
        "column": group.column,
        "value": group.value,
        "count": group.count,
        "first_rows": list(group.first_rows),
        "first_cells": [cell for row in group.first_rows if (cell := source and source.address(group.column, row))],
        "message": group.message,
        "hint": group.hint,
    }
