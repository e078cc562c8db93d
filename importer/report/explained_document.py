"""One row's life turned into JSON, whole, however long its cells are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.report.cells import cell_json
from importer.report.issue import issue_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importer.model import Change, Json
    from importer.report.explained import CellFact, Explanation, FieldFact, OperationFact, SentFact

__all__ = ["explanation_document"]


def explanation_document(one: Explanation) -> dict[str, Json]:
    """Lay it out for `--json`, whole; keys as stable as those of the other commands."""
    return {
        "meant": one.meant,
        "row": one.number,
        "external_id": one.external_id,
        "former_external_ids": list(one.former),
        "kanbert_id": one.kanbert_id,
        "outcome": one.outcome,
        "cells": [_cell_document(cell) for cell in one.cells],
        "fields": [_field_document(field) for field in one.fields],
        "mapping_unread": one.unread,
        "payload": one.payload,
        "issues": [
            {"stage": stage, **issue_document(issue, one.source.address(issue.location.column, one.number))}
            for stage, issue in one.issues
        ],
        "planned": None
        if one.foreseen is None
        else {"action": one.foreseen[0], "changes": _changes_document(one.foreseen[1])},
        "operations": [_operation_document(operation) for operation in one.operations],
        "attempts": [_sent_document(sent) for sent in one.requests],
        "runs": [{"run": run.id, "command": run.command, "state": run.state, "at": run.started_at} for run in one.runs],
        "stored": None
        if one.stored_by is None
        else {
            "known_by": one.stored_by,
            "fields": [
                {"field": each.field, "sent": each.sent, "stored": each.stored, "same": each.same}
                for each in one.stored
            ],
        },
    }


def _cell_document(cell: CellFact) -> dict[str, Json]:
    facts: dict[str, Json] = {"column": cell.column, "cell": cell.place, "value": cell_json(cell.value)}
    return {**facts, "read": cell_json(cell.read)} if cell.corrected else facts


def _field_document(field: FieldFact) -> dict[str, Json]:
    return {
        "field": field.field,
        "value": field.value,
        "state": field.state,
        "columns": list(field.columns),
        "column": field.column,
        "line": field.line,
        "rule": field.rule,
    }


def _changes_document(changes: Iterable[Change]) -> list[Json]:
    return [{"field": one.field, "before": one.before, "after": one.after} for one in changes]


def _operation_document(one: OperationFact) -> dict[str, Json]:
    return {
        "operation": one.id,
        "run": one.run,
        "action": one.action,
        "external_id": one.external_id,
        "kanbert_id": one.kanbert_id,
        "body": one.body,
        "changes": _changes_document(one.changes),
        "intended_at": one.intended_at,
        "settled_at": one.settled_at,
        "outcome": one.outcome,
        "stored_otherwise": [
            {"field": each.field, "sent": each.before, "stored": each.after} for each in one.otherwise
        ],
        "undoes": one.undoes,
        "undone_by": list(one.undone_by),
        "traceback": one.traceback,
    }


def _sent_document(sent: SentFact) -> dict[str, Json]:
    return {
        "run": sent.run,
        "at": sent.at,
        "method": sent.method,
        "path": sent.path,
        "status": sent.status,
        "duration_s": round(sent.duration_s, 3),
        "waited_s": None if sent.waited_s is None else round(sent.waited_s, 3),
        "request_id": sent.request_id,
        "message": sent.message,
    }
