"""The space that everything in the sandbox lives in: how it behaves, what time it is, and who is at work."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.sandbox.behaviour import Behaviour

__all__ = ["Space"]


@dataclass(frozen=True, slots=True)
class Space:
    """What a request needs to know of its surroundings; `actor` is the slug of the integration that asks."""

    behaviour: Behaviour
    custom_fields: frozenset[str]
    now: dt.datetime
    """When the request came: all that it writes has the same time."""
    actor: str = ""
    user_id: str = ""
    """Who `me.id` is."""

    def stamp(self) -> str:
        """Return the time as it is stored: UTC, to the second, as the framework's databases keep it."""
        return self.now.astimezone(dt.UTC).replace(microsecond=0).isoformat()
