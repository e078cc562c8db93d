"""What runs wrote to a company + the company now -> what takes it back: the pure decisions of an undo.

Nothing that somebody changed since is overwritten, and a company in which somebody did so is left alone altogether,
one that a run created as well: a change says what an offer says, that somebody works with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from importer.company import (
    FIELDS,
    IDENTITY,
    FieldType,
    changes,
    cleared_unasked,
    differing,
    read_value,
    same_value,
)
from importer.model import Action, Change, Code, Issue, Operation, Outcome, Undone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.company import Field, Remote
    from importer.journal import Work, Wrote
    from importer.model import Json, Location, Payload

__all__ = ["inverse_of", "invert", "settled_as", "will_archive"]

Identity: TypeAlias = "tuple[str | None, str | None]"

_KINDS = {
    Action.ARCHIVE: Undone.ARCHIVED,
    Action.ARCHIVE_AGAIN: Undone.ARCHIVED_AGAIN,
    Action.HAND_BACK: Undone.HANDED_BACK,
    Action.PUT_BACK: Undone.PUT_BACK,
}
_CUSTOM = FIELDS["custom_fields"]
_GONE = "somebody archived it, or it is gone"


def settled_as(action: Action) -> Undone:
    """Say what an inverse comes to when it is done."""
    return _KINDS[action]


def will_archive(action: Action) -> bool:
    """Whether an inverse archives the company, so that offers may protect it."""
    return action in {Action.ARCHIVE, Action.ARCHIVE_AGAIN}


def invert(work: Work, chain: Sequence[Wrote], now: Remote | None, place: Location) -> Operation | Outcome:
    """Say what takes back all that `chain`, oldest first, did to one company, given what it is now.

    | the runs did          | the company now                      | what takes it back                              |
    |-----------------------|--------------------------------------|-------------------------------------------------|
    | create, then updates  | as they left it                      | archive                                         |
    | restore               | as they left it                      | the fields, then archive again                  |
    | adopt                 | as they left it                      | the fields, then the external_id it had          |
    | update                | as they left it                      | the fields                                      |
    | create, restore       | archived, gone                       | nothing: it is as before                        |
    | adopt, update         | archived, gone                       | nothing: kept, and named                        |
    | anything              | as it was before                     | nothing: it is as before                        |
    | anything              | as before, by an undo cut off        | nothing: that undo's outcome                    |
    | anything              | something else is changed            | nothing: kept, and named                        |

    Of a write whose effect nobody saw, each field may be as before or as it was sent.
    """
    action = inverse_of(chain)
    if now is None or now.archived:
        return _not_live(work, action, chain, place)
    targets = {} if action is Action.ARCHIVE else _targets(chain)
    before = _identity_before(work, chain)
    named = [*_relinked(now, work, before), *_changed(chain, now, targets)]
    if named:
        return _kept(now.kanbert_id, place, f"somebody changed {', '.join(named)}")
    body = _body(targets, now)
    handed = () if action is Action.ARCHIVE else _handed_back(now, before)
    if not (body or handed or will_archive(action)):
        return _as_before(work, now.kanbert_id)
    fields = [
        Change(name, read_value(FIELDS[name], now.body), target.value)
        for name, target in targets.items()
        if not same_value(FIELDS[name], read_value(FIELDS[name], now.body), target.value)
    ]
    return Operation(action, work.desired, now.kanbert_id, body, (*fields, *handed), now.body, read_at=now.read_at)


# ── what has to be taken back ────────────────────────────────────────────────────────────────────────────────────


_INVERSES = (
    (Action.CREATE, Action.ARCHIVE),
    (Action.RESTORE, Action.ARCHIVE_AGAIN),
    (Action.ADOPT, Action.HAND_BACK),
)


def inverse_of(chain: Sequence[Wrote]) -> Action:
    """Say what takes a chain back if the company is as it was left, by how it came to us.

    A write that a later look-up settled says nothing of that any more: the later one does.
    """
    last_seen = max((place for place, wrote in enumerate(chain) if wrote.seen), default=-1)
    did = {wrote.did for place, wrote in enumerate(chain) if wrote.seen or place > last_seen}
    return next((inverse for action, inverse in _INVERSES if action in did), Action.PUT_BACK)


def _not_live(work: Work, action: Action, chain: Sequence[Wrote], place: Location) -> Outcome:
    """Judge an archived company.

    One whose undo was begun had its fields put back before it was archived; a restore that nobody saw never happened.
    """
    kanbert_id = chain[-1].kanbert_id
    if action is Action.ARCHIVE:
        return _as_before(work, kanbert_id)
    restored = any(wrote.seen and wrote.did is Action.RESTORE for wrote in chain)
    if action is Action.ARCHIVE_AGAIN and (work.intent is not None or not restored or not _changed_fields(chain)):
        return _as_before(work, kanbert_id)
    return _kept(kanbert_id, place, _GONE)


def _as_before(work: Work, kanbert_id: str | None) -> Outcome:
    """Settle what needs nothing: by what an undo that was cut off was about to do, which has arrived then.

    An intent older than the newest write of the runs took back less than that.
    """
    begun = work.intent
    if begun is None or begun.operation < work.row:
        return Outcome(Undone.AS_BEFORE, kanbert_id)
    return Outcome(settled_as(begun.action), kanbert_id)


def _changed_fields(chain: Sequence[Wrote]) -> bool:
    """Whether any field is not what it was, if every write of the chain has happened."""
    return any(
        not same_value(FIELDS[name], target.value, _after(FIELDS[name], chain[-1]))
        for name, target in _targets(chain).items()
        if name != _CUSTOM.name
    ) or any(
        not _same_slug(value, _slugs(_after(_CUSTOM, chain[-1])).get(slug))
        for slug, value in _custom_targets(chain).items()
    )


def _kept(kanbert_id: str | None, place: Location, detail: str) -> Outcome:
    return Outcome(Undone.KEPT, kanbert_id, issues=(Issue.of(Code.CHANGED_SINCE, place, detail=detail),))


@dataclass(frozen=True, slots=True)
class _Target:
    """What a field goes back to: in the shape of `read_value`, and as the answer had it."""

    value: Json
    raw: Json = None


def _targets(chain: Sequence[Wrote]) -> dict[str, _Target]:
    """Find what each field that the chain wrote was before, as far back as nobody else changed it in between.

    Also of fields that came to be what they were: a write that nobody saw may not have happened.
    """
    names = dict.fromkeys(name for wrote in chain for name in wrote_fields(wrote))
    found = {name: _target(FIELDS[name], chain) for name in names if FIELDS[name].type is not FieldType.CUSTOM}
    custom = _custom_targets(chain)
    return found | ({"custom_fields": _Target(custom)} if custom else {})


def wrote_fields(wrote: Wrote) -> Iterator[str]:
    """Name the fields that a write changed: those that it sent, and those that Kanbert emptied because of it."""
    yield from (change.field for change in wrote.changes if change.field not in IDENTITY)
    yield from (name for name in wrote.body if name not in IDENTITY)
    if wrote.before is not None and wrote.after is not None:
        emptied = set(cleared_unasked(wrote.body, wrote.before, wrote.after))
        yield from (field.name for field in FIELDS.values() if field.reads_as in emptied and _is_plain(field))


def _is_plain(field: Field) -> bool:
    return field.type is not FieldType.COUNTRY_ID  # the country itself stands for it


def _target(field: Field, chain: Sequence[Wrote]) -> _Target:
    """Go back through the writes of one field."""
    target = _Target(_after(field, chain[-1]))
    for wrote in reversed(chain):
        if field.name not in set(wrote_fields(wrote)) or wrote.before is None:
            continue
        before = read_value(field, wrote.before)
        if same_value(field, _after(field, wrote), target.value):
            target = _Target(before, wrote.before.get(field.reads_as))
        elif not same_value(field, before, target.value):
            break
    return target


def _custom_targets(chain: Sequence[Wrote]) -> dict[str, Json]:
    """Do as `_target` for each custom field that the chain wrote: to other ones of the company nothing is done."""
    found: dict[str, Json] = {}
    steps = [
        (_custom(wrote.before), _slugs(_after(_CUSTOM, wrote)))
        for wrote in chain
        if wrote.before is not None and _CUSTOM.name in wrote_fields(wrote)
    ]
    for slug in dict.fromkeys(slug for before, after in steps for slug in (*before, *after)):
        moves = [(before.get(slug), after.get(slug)) for before, after in steps]
        moves = [(before, after) for before, after in moves if not _same_slug(before, after)]
        if moves:
            found[slug] = _slug_target(moves)
    return found


def _slug_target(moves: Sequence[tuple[Json, Json]]) -> Json:
    target = moves[-1][1]
    for before, after in reversed(moves):
        if _same_slug(after, target):
            target = before
        elif not _same_slug(before, target):
            break
    return target


def _same_slug(one: Json, other: Json) -> bool:
    return same_value(_CUSTOM, {"": one}, {"": other})


def _custom(body: Mapping[str, Json] | None) -> dict[str, Json]:
    return {} if body is None else _slugs(read_value(_CUSTOM, body))


def _slugs(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _after(field: Field, wrote: Wrote) -> Json:
    """Read a field as a write left it; where no answer says so, as it was to be."""
    if wrote.after is not None:
        return read_value(field, wrote.after)
    for change in wrote.changes:
        if change.field == field.name:
            return change.after
    if wrote.before is not None:
        return read_value(field, wrote.before)
    return wrote.body.get(field.name)


# ── whether it is as it was left ─────────────────────────────────────────────────────────────────────────────────


def _changed(chain: Sequence[Wrote], now: Remote, targets: Mapping[str, _Target]) -> list[str]:
    """Name the fields that are neither as the last write left them nor as they were before the first."""
    last = chain[-1]
    if last.after is not None:
        names = list(differing(last.after, now.body))
    elif last.before is not None:
        names = [name for name in differing(last.before, now.body) if not _as_sent(name, last, now.body)]
    elif last.action is Action.RESTORE:
        names = []  # by a run that was cut off right after it had brought back what it could not see: it is as it was
    else:
        names = [FIELDS[change.field].reads_as for change in changes(last.body, now.body)]
    return [name for name in dict.fromkeys(names) if not _is_back(name, last, now.body, targets)]


def _as_sent(name: str, wrote: Wrote, now: Mapping[str, Json]) -> bool:
    fields = [(FIELDS[change.field], change.after) for change in wrote.changes if change.field not in IDENTITY]
    return any(field.reads_as == name and same_value(field, read_value(field, now), value) for field, value in fields)


def _is_back(name: str, last: Wrote, now: Mapping[str, Json], targets: Mapping[str, _Target]) -> bool:
    """Whether a field is what it is to be put back to: an undo that was cut off, or somebody else, has done it."""
    if name == _CUSTOM.name:
        return _custom_is_known(last, _custom(now), targets)
    fields = [(FIELDS[written], target.value) for written, target in targets.items()]
    return any(field.reads_as == name and same_value(field, read_value(field, now), value) for field, value in fields)


def _custom_is_known(last: Wrote, present: Mapping[str, Json], targets: Mapping[str, _Target]) -> bool:
    """Do as `_is_back` for each custom field: those of others have to be as they were left."""
    back = _slugs(targets[_CUSTOM.name].value) if _CUSTOM.name in targets else {}
    known = [_custom(last.after or last.before), _slugs(_after(_CUSTOM, last)), back]
    return all(
        any(_same_slug(present.get(slug), one.get(slug)) for one in (known if slug in back else known[:1]))
        for slug in {*present, *known[0], *back}
    )


def _identity_before(work: Work, chain: Sequence[Wrote]) -> Identity:
    """Read the external_id and origin that the company had before the first adoption; ours where there was none."""
    for wrote in chain:
        if wrote.action is Action.ADOPT and wrote.before is not None:
            return _text(wrote.before.get("external_id")), _text(wrote.before.get("external_origin"))
    return _identity(work)


def _identity(work: Work) -> Identity:
    return work.desired.external_id, _text(work.desired.payload["external_origin"])


def _text(value: Json) -> str | None:
    return None if value in (None, "") else str(value)


def _relinked(now: Remote, work: Work, before: Identity) -> Iterator[str]:
    """Name the external_id where it is neither ours nor the one before."""
    if (now.external_id, now.external_origin) == _identity(work):
        return
    if now.external_id != before[0] or (before[0] is not None and now.external_origin != before[1]):
        yield "external_id"


def _handed_back(now: Remote, before: Identity) -> tuple[Change, ...]:
    """Say which external_id and origin the company gets back; nothing where it has them."""
    if now.external_id == before[0] and (before[1] is None or now.external_origin == before[1]):
        return ()
    return (
        Change("external_id", now.external_id, before[0]),
        Change("external_origin", now.external_origin, before[1]),
    )


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────────────────────


def _body(targets: Mapping[str, _Target], now: Remote) -> Payload:
    """Write what puts the fields back that are not what they were; see the traps of each kind."""
    body: Payload = {}
    for name, target in targets.items():
        field = FIELDS[name]
        present = read_value(field, now.body)
        if field.type is FieldType.CUSTOM:
            body |= _custom_body(present, target)
        elif not same_value(field, present, target.value):
            body |= _field_body(field, target)
    return body


def _custom_body(present: Json, target: _Target) -> Payload:
    """Send all custom fields, since PATCH may replace them; null empties one that there was not."""
    slugs, wanted = _slugs(present), _slugs(target.value)
    if all(_same_slug(slugs.get(slug), value) for slug, value in wanted.items()):
        return {}
    return {"custom_fields": {**slugs, **wanted}}


def _field_body(field: Field, target: _Target) -> Payload:
    """Write one field; a country that there was none of has its id emptied, which alone can be null."""
    if field.type is FieldType.COUNTRY and not _is_code(target.value):
        country_id = target.raw.get("id") if isinstance(target.raw, dict) else None
        return {f"{field.name}_id": None if country_id is None else str(country_id)}
    if target.value is None and not field.nullable:
        return {}  # no answer has shown what it was
    return {field.name: target.value}


def _is_code(value: Json) -> bool:
    return isinstance(value, str) and len(value) == 2
