"""What a plan said must be done for a row, held against what must be done now: it is done as shown, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.company import FIELDS, changed_unasked, cleared_unasked
from importer.model import Action, Change, Code, Issue, Operation, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.journal.records import Work
    from importer.model import Json, Location, Payload

__all__ = ["Forecast", "held_to_plan"]

_MOST_NAMED = 5  # fields that a reason names
_WORDS = {
    Action.CREATE: "create a company",
    Action.UPDATE: "update {company}",
    Action.ADOPT: "adopt {company}",
    Action.RESTORE: "restore {company}",
    Action.UNCHANGED: "leave {company} as it is",
    Action.CONFLICT: "do nothing, for a reason that is gone",
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What must be done for a row as a plan has it; `before` is the company as it was then."""

    action: Action
    kanbert_id: str | None
    body: Payload
    changes: tuple[Change, ...]
    before: dict[str, Json] | None


def held_to_plan(work: Work, operation: Operation, place: Location, *, lost: Action | None) -> Operation:
    """Return the operation where the plan said so, or where there is no plan; else a conflict that says what has moved.

    Unchanged is always as good as planned. `lost` is a write for this row that may have happened: then what is left of
    it is as planned too, and a create may be brought up to date.
    """
    forecast = work.forecast
    if forecast is None or operation.action is Action.UNCHANGED:
        return operation
    moved = _moved(forecast, operation) if lost is None else _moved_since(forecast, operation)
    if moved is None:
        return operation
    issue = Issue.of(
        Code.STALE_PLAN, place, field="external_id", value=work.desired.external_id, detail=shortened(moved, 300)
    )
    return Operation(Action.CONFLICT, operation.desired, operation.kanbert_id, issues=(issue,))


def _moved(forecast: Forecast, operation: Operation) -> str | None:
    """Say in which way a company has moved that nothing was sent for; None where it has not."""
    if operation.action is not forecast.action:
        return _otherwise(forecast, operation)
    if operation.action is Action.CONFLICT:
        return None
    if operation.kanbert_id != forecast.kanbert_id:
        return f"it was about company {forecast.kanbert_id}, and is about company {operation.kanbert_id} now"
    names = _moved_fields(forecast, operation, {})
    if names:
        return f"company {operation.kanbert_id} was changed in Kanbert: {_named(forecast, operation, names)}"
    if (operation.body, operation.changes) != (forecast.body, forecast.changes):
        return "something else would be written now"
    return None


def _moved_since(forecast: Forecast, operation: Operation) -> str | None:
    """Say in which way a company has moved that a write of ours may have reached, wholly or in part."""
    if forecast.action is Action.CREATE and operation.action in {Action.CREATE, Action.UPDATE}:
        return None
    if operation.action not in {forecast.action, Action.UPDATE}:
        return _otherwise(forecast, operation)
    if operation.action is Action.CONFLICT:
        return None
    if operation.kanbert_id != forecast.kanbert_id:
        return _moved(forecast, operation)
    names = _moved_fields(forecast, operation, forecast.body)
    names += [change.field for change in operation.changes if change not in forecast.changes]
    if names:
        return f"company {operation.kanbert_id} was changed in Kanbert: {_named(forecast, operation, names)}"
    return None


def _otherwise(forecast: Forecast, operation: Operation) -> str:
    now = next((issue.message for issue in operation.issues), _words(operation))
    return f"the plan was to {_words(forecast)}; now: {now}"


def _words(one: Forecast | Operation) -> str:
    company = "the company" if one.kanbert_id is None else f"company {one.kanbert_id}"
    return _WORDS.get(one.action, one.action).format(company=company)


def _moved_fields(forecast: Forecast, operation: Operation, sent: Payload) -> list[str]:
    before, now = forecast.before, operation.before
    if before is None or now is None:
        return []
    emptied, others = cleared_unasked(sent, before, now), changed_unasked(sent, before, now)
    return sorted({*emptied, *others})


def _named(forecast: Forecast, operation: Operation, names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return "; ".join(_differences(forecast, operation, names[:_MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def _differences(forecast: Forecast, operation: Operation, names: list[str]) -> Iterator[str]:
    for name in names:
        before, now = (forecast.before or {}).get(name), (operation.before or {}).get(name)
        simple = name in FIELDS and not isinstance(before, (dict, list)) and not isinstance(now, (dict, list))
        yield f"{name} was {_shown(before)}, is {_shown(now)}" if simple else name


def _shown(value: Json) -> str:
    return "empty" if value in {None, ""} else f'"{shortened(str(value), 40)}"'
