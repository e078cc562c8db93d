"""A plan turned into lines for a terminal: by action, how many rows and which fields, then some of the rows, or all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.model import Action, Severity, shortened
from importer.report.fitting import wrapped
from importer.report.plan_document import SAMPLES
from importer.report.wording import duration_text, number_text, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from importer.model import Change, Counts, Json, PlannedRow
    from importer.report.facts import MasterFact, PlanFact

__all__ = ["effort_text", "plan_sections"]

_TITLES = {
    Action.CREATE: "To be created",
    Action.UPDATE: "To be updated",
    Action.ADOPT: "To be adopted: companies without an external_id that match by `match`",
    Action.RESTORE: "To be restored from the archive",
    Action.CONFLICT: "Conflicts: nothing would be written",
    Action.UNCHANGED: "Unchanged",
}
_MOST_CHANGES = 8  # of a sample; of a row of --full all are shown
_MOST_MASTERS = 10
_LONGEST_VALUE = 60


def plan_sections(plan: PlanFact, width: int) -> Iterator[Iterator[str]]:
    """Lay a plan out in sections; the first line of each is its title."""
    for action, title in _TITLES.items():
        if plan.actions.get(action) and (plan.full or action is not Action.UNCHANGED):
            yield _rows(plan, action, title, width)
    if plan.cleared:
        yield _cleared(plan.cleared, width)
    if plan.masters:
        yield _masters(plan, width)


def effort_text(plan: PlanFact, counts: Counts) -> str:
    """Say what carrying the plan out takes, as far as all that is open could be looked up."""
    effort, left = plan.effort, counts.pending + counts.failed
    unseen = plural(left, "row was not looked up", "rows were not looked up")
    if not effort.writes:
        return f"what there is to write is not known: {unseen}" if left else "nothing to write"
    known = f", as far as is known ({unseen})" if left else ""
    asked = f"to come{known}: {plural(effort.writes, 'write')}, and {plural(effort.reads, 'read')} to look again"
    if effort.seconds is None:
        return f"{asked}; how long that takes is not known"
    return f"{asked}: {'at least' if effort.least else 'about'} {duration_text(effort.seconds)} by {effort.basis}"


def _rows(plan: PlanFact, action: Action, title: str, width: int) -> Iterator[str]:
    count, fields = plan.actions[action], plan.fields.get(action, {})
    yield from wrapped(f"{title}: {plural(count, 'row')}", width, rest="  ")
    if fields:
        yield from wrapped(_listed(fields), width, first="  fields: ", rest="    ")
    limit = None if plan.full else SAMPLES
    for row in plan.rows(action, limit=limit):
        yield from _row(row, width, full=plan.full)
    if limit is not None and count > limit:
        yield from wrapped(f"and {plural(count - limit, 'row')} more (--full)", width, first="  ", rest="  ")


def _row(row: PlannedRow, width: int, *, full: bool) -> Iterator[str]:
    company = "" if row.kanbert_id is None else f", company {row.kanbert_id}"
    name = "" if row.name is None else f" {_value(row.name)}"
    yield from wrapped(f"row {row.number}, {row.external_id}{name}{company}", width, first="  ", rest="      ")
    if row.action is Action.CREATE:
        written = ", ".join(f"{one.field} {_value(one.after)}" for one in row.changes if one.field not in _SAID)
        yield from wrapped(written, width, first="      ", rest="      ")
    elif row.action is not Action.CONFLICT:
        yield from _changes(row.changes, width, most=len(row.changes) if full else _MOST_CHANGES)
    for issue in row.issues:
        if issue.severity is not Severity.INFO:
            yield from wrapped(issue.message, width, first="      ! ", rest="        ")


_SAID = frozenset({"external_id", "external_origin", "company_name"})


def _changes(changes: tuple[Change, ...], width: int, *, most: int) -> Iterator[str]:
    for change in changes[:most]:
        before, after = _sides(change)
        yield from wrapped(f"{change.field}: {before} -> {after}", width, first="      ", rest="        ")
    if len(changes) > most:
        yield from wrapped(f"and {plural(len(changes) - most, 'field')} more", width, first="      ", rest="      ")


def _sides(change: Change) -> tuple[str, str]:
    """Show both values; of custom fields those that change alone."""
    before, after = change.before, change.after
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name, value in after.items() if before.get(name) != value]
        return _value({name: before.get(name) for name in names}), _value({name: after[name] for name in names})
    return _value(before), _value(after)


def _value(value: Json) -> str:
    if value in (None, "", [], {}):
        return "empty"
    if isinstance(value, str):
        return f'"{shortened(value, _LONGEST_VALUE)}"'
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return json.dumps(value)


def _listed(fields: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number_text(rows)}" for name, rows in sorted(fields.items(), key=lambda one: -one[1]))


def _cleared(cleared: Mapping[str, int], width: int) -> Iterator[str]:
    yield from wrapped(f"Values that would be cleared: {_listed(cleared)}", width, rest="  ")


def _masters(plan: PlanFact, width: int) -> Iterator[str]:
    missing = [master for master in plan.masters if master.used is not None]
    title = "Values that no company in Kanbert has" if missing else "Values that may be new to Kanbert"
    yield from wrapped(f"{title}: {number_text(len(plan.masters))}", width, rest="  ")
    shown = plan.masters if plan.full else plan.masters[:_MOST_MASTERS]
    for master in shown:
        yield from wrapped(_master(master), width, first="  ", rest="      ")
    if len(plan.masters) > len(shown):
        more = f"and {number_text(len(plan.masters) - len(shown))} more (--full)"
        yield from wrapped(more, width, first="  ", rest="  ")
    yield from wrapped(_KNOWN if missing else _NOT_KNOWN, width, first="  ", rest="  ")


_KNOWN = (
    "A business field that is not there is created by Kanbert; of tags, sizes and revenues its documents do not say so. "
    "One that no company has may be there all the same."
)
_NOT_KNOWN = (
    "The companies were looked up row by row: which values other companies have is not known (--lookup list shows it). "
    "A business field that is not there is created by Kanbert; of tags, sizes and revenues its documents do not say so."
)


def _master(master: MasterFact) -> str:
    alike = "" if master.alike is None else f'; companies have "{shortened(master.alike, _LONGEST_VALUE)}"'
    return f"{master.field} {_value(master.value)}, {plural(master.rows, 'row')}{alike}"
