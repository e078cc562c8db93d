"""What Kanbert has for a row -> what must be done: the only place that knows.

A company that somebody else holds is never written to, and where it is not plain which company is meant, nothing is
done at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from importer.company import changes, not_shown
from importer.model import Action, Code, Issue, Operation
from importer.planner.matching import MatchRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.company import Remote
    from importer.model import Change, Desired, Location, Payload

__all__ = ["ArchivedPolicy", "Policy", "decide", "decide_match"]

ArchivedPolicy = Literal["report", "restore"]

_MOST_NAMED = 5  # companies that an issue names; of more it says how many


def decide(desired: Desired, remote: Remote | None, place: Location, *, archived: ArchivedPolicy) -> Operation:
    """Say what must be done so that `desired` exists, given what Kanbert has under its external_id.

    | Kanbert has                                   | operation                                   |
    |-----------------------------------------------|---------------------------------------------|
    | nothing                                       | create, with the whole payload              |
    | a company of another external_id or origin    | conflict: never written to                  |
    | an archived company                           | conflict, or restore by policy              |
    | the company, some fields differ               | update, with those fields alone             |
    | the company, no field differs                 | unchanged                                   |
    """
    if remote is None:
        return Operation(Action.CREATE, desired, body=_given(desired.payload))
    differing = changes(desired.payload, remote.body)
    issue = _obstacle(desired, remote, place, archived)
    if issue is not None:
        return _found(Action.CONFLICT, desired, remote, differing, (issue,))
    unseen = _not_shown(desired, remote, place)
    if remote.archived:
        return _found(Action.RESTORE, desired, remote, differing, unseen)
    return _found(Action.UPDATE if differing else Action.UNCHANGED, desired, remote, differing, unseen)


def _given(payload: Payload) -> Payload:
    """Leave out what is null, which only an update can send; the payload itself where nothing is, as of most rows."""
    if None not in payload.values():
        return payload
    return {name: value for name, value in payload.items() if value is not None}


def decide_match(desired: Desired, matches: Sequence[Remote], place: Location) -> Operation:
    """Say what must be done where nobody holds the external_id, but live companies match the row; at least one.

    | what matches                                  | operation                                   |
    |-----------------------------------------------|---------------------------------------------|
    | one company without an external_id            | adopt: identity, then the fields that differ |
    | one company that has an external_id           | conflict: it is another row's, or another system's |
    | several companies                             | conflict: a person has to say which         |
    """
    first, *others = matches
    if others:
        detail = _listed([company.kanbert_id for company in matches])
        return _conflict(desired, None, Code.SEVERAL_MATCHES, place, detail)
    if first.external_id:
        detail = f'company {first.kanbert_id}, which has external_id "{first.external_id}" of origin "{first.external_origin}"'
        return _conflict(desired, first, Code.MATCH_IS_TAKEN, place, detail)
    differing = changes(desired.payload, first.body)
    return _found(Action.ADOPT, desired, first, differing, _not_shown(desired, first, place))


@dataclass(frozen=True, slots=True)
class Policy:
    """The decisions of one run, by what its user said of archived companies and of matching."""

    archived: ArchivedPolicy = "report"
    match: MatchRules = field(default_factory=MatchRules)

    @property
    def restores(self) -> bool:
        """Whether archived companies are restored."""
        return self.archived == "restore"

    def decide(self, desired: Desired, remote: Remote | None, place: Location) -> Operation:
        """Decide by what is there under the external_id; see `decide`."""
        return decide(desired, remote, place, archived=self.archived)

    def decide_found(
        self, desired: Desired, held: Sequence[Remote], matches: Sequence[Remote], place: Location
    ) -> Operation:
        """Decide by all that was found: who holds the external_id, and where nobody does, what matches."""
        if len(held) > 1:
            detail = _listed([company.kanbert_id for company in held])
            return _conflict(desired, None, Code.HELD_TWICE, place, detail)
        if held or not matches:
            return self.decide(desired, next(iter(held), None), place)
        return decide_match(desired, matches, place)

    def adopt(self, desired: Desired, remote: Remote, place: Location) -> Operation | None:
        """Decide again, right before it is adopted, on a company that matched; None where it does not any more."""
        if (remote.external_id, remote.external_origin) == (desired.external_id, desired.payload["external_origin"]):
            return self.decide(desired, remote, place)
        if remote.archived or not self.match.agree(desired.payload, remote.body):
            return None
        return decide_match(desired, [remote], place)


def _obstacle(desired: Desired, remote: Remote, place: Location, archived: ArchivedPolicy) -> Issue | None:
    origin = desired.payload["external_origin"]
    if (remote.external_id, remote.external_origin) != (desired.external_id, origin):
        answered = f'external_id "{remote.external_id}" of origin "{remote.external_origin}"'
        return Issue.of(
            Code.OTHER_COMPANY_ANSWERED, place, field="external_id", value=desired.external_id, detail=answered
        )
    if remote.archived and archived == "report":
        return Issue.of(Code.ARCHIVED_IN_KANBERT, place, field="external_id", value=desired.external_id)
    return None


def _not_shown(desired: Desired, remote: Remote, place: Location) -> tuple[Issue, ...]:
    return tuple(Issue.of(Code.NOT_SHOWN, place, field=name) for name in not_shown(desired.payload, remote.body))


def _conflict(desired: Desired, remote: Remote | None, code: Code, place: Location, detail: str) -> Operation:
    issue = Issue.of(code, place, field="external_id", value=desired.external_id, detail=detail)
    return Operation(Action.CONFLICT, desired, remote.kanbert_id if remote else None, issues=(issue,))


def _listed(kanbert_ids: Sequence[str]) -> str:
    more = len(kanbert_ids) - _MOST_NAMED
    return ", ".join(kanbert_ids[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _found(
    action: Action, desired: Desired, remote: Remote, differing: tuple[Change, ...], issues: tuple[Issue, ...] = ()
) -> Operation:
    body: Payload = {change.field: change.after for change in differing}
    return Operation(action, desired, remote.kanbert_id, body, differing, remote.body, issues, remote.read_at)
