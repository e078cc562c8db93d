"""How long the target has answered nobody, and how many seconds of waiting that cost."""

from __future__ import annotations

import math

__all__ = ["Silence"]

SEVERAL = 3  # calls without an answer, before it is the target that is gone and not a row that it chokes on


class Silence:
    """Told of every request whether it was answered. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._since: float | None = None  # when the first of the requests left that got no answer
        self._asked = set[str]()  # what was asked since
        self._answered_at = -math.inf  # the latest answer
        self._paused = 0.0  # the pacer's pauses until then, which it counts itself
        self._waited_for = False  # whether somebody waits for it to end
        self._ended = 0.0  # seconds of those that ended

    def unanswered(self, asked: str, started_at: float) -> None:
        """Note a request that got no answer, or a gateway's that gets none."""
        self._since = started_at if self._since is None else self._since
        self._asked.add(asked)

    def answered(self, now: float, paused: float) -> None:
        """Note an answer; `paused` is how many seconds the pacer has held everything back until now."""
        self._ended = self.waited(now, paused)
        self._answered_at, self._paused, self._waited_for = now, paused, False
        self._since = None
        self._asked.clear()

    def length(self, now: float) -> float | None:
        """Say how long the target has been gone; None where it is not. From then on it counts as waited for."""
        if self._since is None or len(self._asked) < SEVERAL:
            return None
        self._waited_for = True
        return now - self._since

    def waited(self, now: float, paused: float) -> float:
        """Count the seconds for which the target was waited for, those left out that the pacer counts."""
        if self._since is None or not self._waited_for:
            return self._ended
        lasted = now - max(self._since, self._answered_at)
        return self._ended + max(0.0, lasted - (paused - self._paused))
