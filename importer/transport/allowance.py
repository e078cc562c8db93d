"""A limit that a target documents, so many requests in so many seconds -> when the next request may start.

Requests are counted here, and the target's own count is not needed: some tell it in headers that mean something else.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

__all__ = ["Allowance", "Spent"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many requests in any so many seconds."""

    requests: int
    seconds: float


@dataclass(slots=True)
class Spent:
    """The starts of the latest requests; memory: one number for each request of the allowance.

    In any window of the allowance's length, wherever it begins, at most so many requests start. That keeps a limit whose
    windows slide as well as one whose windows begin at full minutes.
    """

    allowance: Allowance
    starts: deque[float] = field(default_factory=deque)

    def start(self, now: float) -> None:
        """Note a request that starts."""
        self.starts.append(now)
        while len(self.starts) > self.allowance.requests:
            self.starts.popleft()

    def wait(self, now: float) -> float:
        """Say for how many seconds no request may start; 0 where one may."""
        if len(self.starts) < self.allowance.requests:
            return 0.0
        return max(0.0, self.starts[0] + self.allowance.seconds - now)
