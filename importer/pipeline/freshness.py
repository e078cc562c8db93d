"""How old what was read of a company may be when something is written because of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Freshness"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """Says whether a company was read recently enough; `now` is the monotonic clock.

    Kanbert knows no condition on a write (no If-Match), so what somebody does in between cannot be excluded: reading
    once more what is older makes the gap small, for one request more.
    """

    now: Callable[[], float]
    max_age: float  # seconds

    def __call__(self, read_at: float | None) -> bool:
        """Whether what was read at this time may be written from; None, a time not known, may not."""
        return read_at is not None and self.now() - read_at <= self.max_age
