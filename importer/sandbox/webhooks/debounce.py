"""What happens to a company -> what a subscription is told of it: the notices that wait, as further events change them.

| waiting | create | update | delete |
|---|---|---|---|
| nothing | create | update | delete |
| create | - | create | nothing: cancelled |
| update | - | update | update, delete |
| delete | - | delete, update | delete |
| update, delete | - | delete, update | update, delete |
| delete, update | - | delete, update | update, delete |

So a kind waits once at most, in the place of its last event. Nothing is documented of a restore: it is told to nobody,
and a delete that waits is still delivered after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CREATE", "DELETE", "UPDATE", "Notice", "Waiting", "event_of", "waiting_after"]

CREATE = "company:create"
UPDATE = "company:update"
DELETE = "company:delete"

_EVENTS = {"create": CREATE, "update": UPDATE, "external-identifier": UPDATE, "delete": DELETE}


@dataclass(frozen=True, slots=True)
class Notice:
    """One event to be told, and the user who made it happen last."""

    event: str
    user_id: int | None = None


Waiting: TypeAlias = tuple[Notice, ...]
"""What is yet to be delivered, first to be delivered first; none of it has been sent."""


def event_of(change: str) -> str | None:
    """Tell the event of a line of a company's history; None where nobody is told."""
    return _EVENTS.get(change)


def waiting_after(waiting: Waiting, happened: Iterable[Notice]) -> Waiting:
    """Return what waits after further events, in their order, by the table above.

    A create keeps the user who made it.
    """
    for notice in happened:
        waiting = _after(waiting, notice)
    return waiting


def _after(waiting: Waiting, notice: Notice) -> Waiting:
    if any(earlier.event == CREATE for earlier in waiting):
        return () if notice.event == DELETE else waiting
    return (*(earlier for earlier in waiting if earlier.event != notice.event), notice)
