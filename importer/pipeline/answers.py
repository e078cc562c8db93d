"""What Kanbert made of a write -> the issues of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from importer.company import (
    FIELDS,
    IDENTITY,
    FieldType,
    arrived_otherwise,
    changed_unasked,
    cleared_unasked,
    not_shown_after,
    plainly,
)
from importer.model import Change, Code, Issue, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from importer.company import Remote
    from importer.errors import RefusedError
    from importer.journal import Work
    from importer.model import Json, Location, Payload

    Place: TypeAlias = Callable[[Work, str | None], Location]

__all__ = ["Sent", "differences", "refusals"]


class Sent(NamedTuple):
    """A write that was answered: what is stored, what of it was sent, and what was there before, None on create.

    `refused` says that only the first of two requests was done.
    """

    stored: Remote
    body: Payload
    before: dict[str, Json] | None = None
    refused: RefusedError | None = None


def differences(sent: Sent, place: Place, work: Work) -> Iterator[Issue]:
    """Name what is stored otherwise than it was sent, and what changed without being sent."""
    stored = sent.stored.body
    as_sent = _shown_as_sent(sent.body, stored)
    arrived = () if as_sent else _arrived_otherwise(sent.body, stored)
    for change in (*_identity_lost(sent.body, sent.stored), *arrived):
        serious = change.field in IDENTITY or _type(change.field) in {FieldType.COUNTRY, FieldType.COUNTRY_ID}
        yield Issue.of(
            Code.STORED_DIFFERS,
            place(work, change.field),
            field=change.field,
            value=change.before,
            detail="nothing" if change.after is None else f'"{change.after}"',
            severity=Severity.ERROR if serious else Severity.WARNING,
        )
    for name in () if as_sent else not_shown_after(sent.body, stored):
        yield Issue.of(Code.NOT_SHOWN, place(work, name), field=name)
    cleared = cleared_unasked(sent.body, sent.before or {}, stored)
    if cleared:
        yield Issue.of(Code.CLEARED_UNASKED, place(work, None), detail=", ".join(cleared))
    changed = changed_unasked(sent.body, sent.before or {}, stored)
    if changed:
        yield Issue.of(Code.CHANGED_MEANWHILE, place(work, None), detail=", ".join(changed))


def refusals(refused: RefusedError, place: Place, work: Work) -> Iterator[Issue]:
    """Name what Kanbert said of each field, or of the row, and what is to be known besides."""
    for name, messages in refused.fields.items():
        written = name.split(".", 1)[0]  # tags.0, custom_fields.slug
        yield Issue.of(
            Code.REFUSED_BY_KANBERT,
            place(work, written),
            field=name,
            value=work.desired.payload.get(written),
            detail=" ".join(messages),
        )
    for words in [*([] if refused.fields else [str(refused)]), *getattr(refused, "__notes__", ())]:
        yield Issue.of(Code.REFUSED_BY_KANBERT, place(work, None), detail=words)


def _shown_as_sent(body: Payload, stored: Mapping[str, Json]) -> bool:
    """Whether the answer plainly shows all that was sent, as most do: then nothing arrived otherwise, or is not shown.

    A quick answer where it is true; where it is false, those who name what is otherwise decide.
    """
    for name, wanted in body.items():
        read_name = FIELDS[name].reads_as
        if read_name not in stored:
            return False
        shown = stored[read_name]
        same = shown == wanted and type(shown) is type(wanted) and type(shown) is not list
        if not same and not plainly(name, wanted, shown):
            return False
    return True


def _arrived_otherwise(body: Payload, stored: Mapping[str, Json]) -> Iterator[Change]:
    """Name each custom field by itself: of all together nobody sees which one was dropped, nor its column."""
    for change in arrived_otherwise(body, stored):
        sent, kept = change.before, change.after
        if not isinstance(sent, dict) or not (kept is None or isinstance(kept, dict)):
            yield change
            continue
        there = kept or {}
        for slug, value in sent.items():
            if arrived_otherwise({change.field: {slug: value}}, stored):
                yield Change(f"{change.field}.{slug}", value, there.get(slug))


def _type(field: str) -> FieldType:
    return FIELDS[field.split(".", 1)[0]].type


def _identity_lost(body: Payload, stored: Remote) -> Iterator[Change]:
    """A company stored without our external_id would be created again by the next run."""
    for name, found in (("external_id", stored.external_id), ("external_origin", stored.external_origin)):
        if name in body and found != body[name]:
            yield Change(name, body[name], found)
