"""A plan turned into its part of the document that `--json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from importer.model import Action

if TYPE_CHECKING:
    from importer.model import Json, PlannedRow
    from importer.report.facts import PlanFact

__all__ = ["ACTIONS", "SAMPLES", "plan_document"]

ACTIONS = (Action.CREATE, Action.UPDATE, Action.ADOPT, Action.RESTORE, Action.UNCHANGED, Action.CONFLICT)
"""What a plan may say of a row."""

SAMPLES = 3
"""Rows of each action that are shown, where not all of them are asked for."""


def plan_document(plan: PlanFact) -> dict[str, Json]:
    """Lay a plan out; `operations` are samples of each action, all rows of the plan where they are asked for."""
    shown = plan.rows() if plan.full else (row for action in ACTIONS for row in plan.rows(action, limit=SAMPLES))
    return {
        "path": plan.path,
        "actions": {action.value: plan.actions.get(action, 0) for action in ACTIONS},
        "fields": {action: dict(fields) for action, fields in plan.fields.items()},
        "cleared": dict(plan.cleared),
        "master_data": [asdict(master) for master in plan.masters],
        "requests_to_come": {"read": plan.effort.reads, "write": plan.effort.writes},
        "seconds": None if plan.effort.seconds is None else round(plan.effort.seconds, 1),
        "seconds_by": plan.effort.basis,
        "operations_cut": not plan.full,
        "operations": [_operation(row) for row in shown],
    }


def _operation(row: PlannedRow) -> dict[str, Json]:
    return {
        "row": row.number,
        "external_id": row.external_id,
        "company_name": row.name,
        "action": row.action.value,
        "kanbert_id": row.kanbert_id,
        "changes": [{"field": one.field, "before": one.before, "after": one.after} for one in row.changes],
        "issues": [
            {"code": issue.code.value, "severity": issue.severity.value, "message": issue.message, "hint": issue.hint}
            for issue in row.issues
        ],
    }
