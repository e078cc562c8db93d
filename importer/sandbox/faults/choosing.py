"""A script and the requests as they come -> what each gets: by its number, its company or a seeded chance.

The same requests in the same order get the same, whatever is in flight beside them: a request counts as come when it
is read whole. The chance of a fault depends on the seed, on its place in the script, and on how many requests matched
it before; not on the other faults.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from importer.sandbox.faults.fault import BESIDE, Do, Fault, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importer.sandbox.faults.script import FaultScript

__all__ = ["Faults", "Hit"]


@dataclass(frozen=True, slots=True)
class Hit:
    """What a request gets: seconds to wait first, the fault that fires, if any, and what others do before it."""

    latency: float = 0.0
    fault: Fault | None = None
    meanwhile: tuple[Do, ...] = ()

    @property
    def words(self) -> str | None:
        """What fired, for the log, but for latencies."""
        done = [*self.meanwhile, *([self.fault.do] if self.fault else [])]
        return "+".join(done) or None


@dataclass(slots=True)
class _Armed:
    fault: Fault
    chance: random.Random
    parts: list[str] = field(init=False)
    seen: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        self.parts = self.fault.on.split("*")

    def matches(self, request: str, external_ids: frozenset[str]) -> bool:
        wanted = self.fault.external_id
        return _is_like(request, self.parts) and (wanted is None or wanted in external_ids)

    def is_hit(self) -> bool:
        """Count a request that matches, and tell whether the fault is for it."""
        self.seen += 1
        fault, lucky = self.fault, True
        if fault.chance is not None:
            lucky = self.chance.random() < fault.chance  # drawn each time, so that the n-th draw is for the n-th match
        return (
            lucky
            and (fault.nth is None or self.seen == fault.nth)
            and (fault.every is None or self.seen % fault.every == 0)
            and (fault.times is None or self.fired < fault.times)
        )


class Faults:
    """A script under way: it counts, and every request asks it once."""

    def __init__(self, script: FaultScript) -> None:
        self.script = script
        self._armed = [
            _Armed(fault, random.Random(f"{script.seed} {place}"))  # noqa: S311  # must repeat, not be unguessable
            for place, fault in enumerate(script.faults)
        ]

    @property
    def asks_external_id(self) -> bool:
        """Whether a request's company has to be known."""
        return any(armed.fault.external_id is not None for armed in self._armed)

    @property
    def fired(self) -> int:
        """How often any of them fired."""
        return sum(armed.fired for armed in self._armed)

    def choose(self, method: str, path: str, external_ids: frozenset[str] = frozenset()) -> Hit:
        """Tell what a request gets: of those that match, the first fires, and all that happen beside it."""
        request = f"{method} {path}"
        beside, chosen = [], None
        for armed in self._armed:
            if not armed.matches(request, external_ids) or not armed.is_hit():
                continue
            if armed.fault.do in BESIDE:
                beside.append(armed.fault)
            elif chosen is None:
                chosen = armed.fault
            else:
                continue
            armed.fired += 1
        meanwhile = tuple(fault.do for fault in beside if fault.do != "latency")
        return Hit(sum(fault.ms or 0 for fault in beside) / 1000, chosen, meanwhile)

    def described(self) -> list[dict[str, Any]]:
        """Describe each fault as its file does, with how many requests it saw and how often it fired."""
        return [{**settings_of(armed.fault), "seen": armed.seen, "fired": armed.fired} for armed in self._armed]


def _is_like(text: str, parts: Iterable[str]) -> bool:
    """Tell whether a text is these parts with anything in between; without the backtracking of a pattern."""
    first, *rest = parts
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - place >= len(last) and text.endswith(last)
