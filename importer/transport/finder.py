"""Answers, one after the other -> the rate at which a limit that nobody tells is used and kept."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from importer.transport.rate import Phase, Round, begun, grown_by_one, rate_at, slowed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RateFinder"]

REMEMBERED = 2000  # answers from which the rate is found: some bursts and more; looking through them takes 20 to 40 ms


class RateFinder:
    """Keeps what `importer.transport.rate` decides from. All times are monotonic."""

    def __init__(self, now: float, concurrency: int) -> None:
        self._belief = begun(concurrency)
        self._seen: deque[tuple[float, bool]] = deque(maxlen=REMEMBERED)  # when a request left, whether it was taken
        self._round_began_at = now
        self._round_taken = 0

    @property
    def independent(self) -> bool:
        """Whether the 429s do not follow the pace, so that it helps nobody to hold the other requests back."""
        return self._belief.phase is Phase.INDEPENDENT

    def rate(self, now: float) -> float | None:
        """Say how many requests may start in a second; None: as many as go."""
        return rate_at(self._belief, now)

    def accepted(self, started_at: float) -> None:
        """Note a request that was not refused."""
        self._seen.append((started_at, True))
        self._round_taken += self.independent or started_at >= self._round_began_at  # else it was of the round before
        self._belief = grown_by_one(self._belief)

    def refused(self, started_at: float, now: float) -> None:
        """Note a 429 of a throttle that is known already: where they do not follow the pace each ends a round."""
        if self.independent:
            self._end_round(started_at, now, 0.0, [])
        else:
            self._seen.append((started_at, False))

    def slow_down(self, started_at: float, now: float, pause: float, waiting: Iterable[float]) -> None:
        """Note the 429 that begins a throttle.

        Args:
            started_at: when its request left.
            now: when the answer came.
            pause: seconds for which nothing starts now.
            waiting: when the requests left that have no answer yet. Those before this one count as taken; what becomes
                of those after it is not known before they are answered.
        """
        others = [] if self.independent else [(at, True) for at in waiting if at < started_at]
        self._end_round(started_at, now, pause, others)

    def _end_round(self, started_at: float, now: float, pause: float, others: list[tuple[float, bool]]) -> None:
        self._seen.append((started_at, False))
        latest = Round(taken=self._round_taken + len(others), active=max(0.0, now - self._round_began_at), pause=pause)
        self._belief = slowed(self._belief, latest, [*self._seen, *others], now + pause)
        self._round_began_at, self._round_taken = now + pause, 0
