"""What Kanbert has for a row -> how that compares with what the mapping wanted: same, differs, missing, or not to be told.

The comparison is the one that a run decides by: a row that is `=` is one that a run would leave alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from importer.company import FIELDS, FieldType, changes
from importer.errors import RefusedError
from importer.model import Action, Change, Code, Issue, Severity
from importer.planner.decision import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from importer.company import Remote
    from importer.model import Desired, Json, Location
    from importer.planner.finding import Found

__all__ = ["Verdict", "VerdictKind", "judge"]

_POLICY = Policy()
_ORDER = {name: place for place, name in enumerate(FIELDS)}


class VerdictKind(StrEnum):
    """How a row compares; the value is its name, `symbol` what people read."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"
    ERROR = "error"  # could not be asked, or another company than ours holds the external_id, or an archived one

    @property
    def symbol(self) -> str:
        """One character."""
        return {"same": "=", "differs": "*", "missing": "+", "error": "!"}[self.value]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one row compares. Of a difference `before` is what is there and `after` what the mapping wanted."""

    kind: VerdictKind
    kanbert_id: str | None = None
    differences: tuple[Change, ...] = ()
    issues: tuple[Issue, ...] = ()


def judge(found: Found, kanbert_id: str | None, place: Callable[[str], Location]) -> Verdict:
    """Compare a row with what was found; `kanbert_id` is the company that the journal knows it as, None for none.

    | there is                                                  | verdict |
    |-----------------------------------------------------------|---------|
    | the company, no field differs that is shown               | same    |
    | the company, some fields differ                           | differs |
    | nobody with the external_id                               | missing |
    | no answer, an archived company, another one, several      | error   |
    """
    desired = found.work.desired
    if found.error is not None:
        code = Code.REFUSED_BY_KANBERT if isinstance(found.error, RefusedError) else Code.GAVE_UP
        return _error(kanbert_id, Issue.of(code, place("external_id"), field="external_id", detail=str(found.error)))
    operation = _POLICY.decide_found(desired, found.held, (), place("external_id"))
    if operation.action is Action.CREATE:
        known = "" if kanbert_id is None else f"; it was company {kanbert_id}"
        issue = Issue.of(
            Code.MISSING_IN_KANBERT,
            place("external_id"),
            field="external_id",
            value=desired.external_id,
            detail=known,
        )
        return Verdict(VerdictKind.MISSING, kanbert_id, issues=(issue,))
    if operation.action is Action.CONFLICT:
        return _error(operation.kanbert_id, *operation.issues)
    [remote] = found.held
    if kanbert_id is not None and remote.kanbert_id != kanbert_id:
        return _error(remote.kanbert_id, _held_by_another(desired, remote, kanbert_id, place("external_id")))
    differences = tuple(_differences(desired, remote))
    issues = (*(_difference(one, place) for one in differences), *operation.issues)
    kind = VerdictKind.DIFFERS if differences else VerdictKind.SAME
    return Verdict(kind, remote.kanbert_id, differences, issues)


def _error(kanbert_id: str | None, *issues: Issue) -> Verdict:
    return Verdict(VerdictKind.ERROR, kanbert_id, issues=issues)


def _held_by_another(desired: Desired, remote: Remote, kanbert_id: str, place: Location) -> Issue:
    detail = f"company {remote.kanbert_id}; the row is company {kanbert_id}"
    return Issue.of(Code.HELD_BY_ANOTHER, place, field="external_id", value=desired.external_id, detail=detail)


def _differences(desired: Desired, remote: Remote) -> Iterator[Change]:
    """Name what differs, in the order of the API reference, as a person would: each custom field by itself."""
    for change in sorted(changes(desired.payload, remote.body), key=lambda one: _ORDER[one.field]):
        wanted = desired.payload[change.field]
        if isinstance(wanted, dict) and isinstance(change.before, dict):
            for slug, value in wanted.items():
                if changes({change.field: {slug: value}}, remote.body):
                    yield Change(f"{change.field}.{slug}", change.before.get(slug), value)
        else:
            yield Change(change.field, change.before, wanted)


def _difference(change: Change, place: Callable[[str], Location]) -> Issue:
    """Say both values; the issue's own stays empty, so that all rows with this field make one group."""
    there, wanted = _words(change.before), _words(change.after)
    if _is_tags(change.field) and isinstance(change.before, list) and isinstance(change.after, list):
        detail = f"{_words([tag for tag in change.after if tag not in change.before])} is not among its tags in Kanbert"
    else:
        detail = f"{wanted} in the file, {there} in Kanbert"
    return Issue.of(
        Code.DIFFERS_IN_KANBERT,
        place(change.field),
        field=change.field,
        detail=detail,
        severity=Severity.ERROR,
    )


def _is_tags(field: str) -> bool:
    return field in FIELDS and FIELDS[field].type is FieldType.TAGS


def _words(value: Json) -> str:
    if value is None or value == []:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
