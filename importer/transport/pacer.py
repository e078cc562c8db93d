"""One pacer for all workers: how many requests are in flight, how many start a second, and who waits after a 429."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from importer.transport.pace import (
    Cycle,
    Pace,
    Window,
    grown,
    opened,
    quickened,
    shrunk,
    slowed,
    throttle_pause,
)

if TYPE_CHECKING:
    import random

    from importer.transport.clock import Clock

__all__ = ["Pacer"]

LATENESS = 0.02  # seconds that a start may lag behind its time and still be caught up; a tenth of a long interval


class Pacer:
    """Lets requests start; the decisions are in `importer.transport.pace`.

    Use: `await enter(slot)`, send, `accepted(...)` or `throttled(...)`, and `leave(slot)` in any case. Between
    `enter` and `leave` at most `concurrency` slots are held. A pause holds back every start, of all workers, until
    it is over. Not thread-safe; to be made inside the running event loop.
    """

    def __init__(self, *, concurrency: int, rate: float | None, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._most_rate = rate
        self._window: Window = opened(concurrency)
        self._limiter = anyio.CapacityLimiter(int(self._window.limit))
        self._pace = Pace()
        self._remaining: int | None = None
        self._rate = rate
        self._next_start = 0.0
        self._resumes_at = 0.0
        self._paused_at: float | None = None
        self._cycle_began_at = clock.monotonic()
        self._cycle_accepted = 0
        self._streak = 0
        self.paused_seconds = 0.0
        """Seconds for which nothing could start because the target said so; each second counts once."""

    @property
    def limit(self) -> int:
        """How many requests may be in flight at present."""
        return int(self._limiter.total_tokens)

    @property
    def rate(self) -> float | None:
        """How many requests may start in a second at present; None: no limit known."""
        return self._rate

    async def enter(self, slot: object) -> None:
        """Wait until a request may start. Cancelled, it holds nothing.

        Args:
            slot: any object, another one for each request; give it back with `leave`.
        """
        try:
            self._limiter.acquire_on_behalf_of_nowait(slot)
        except anyio.WouldBlock:
            await self._limiter.acquire_on_behalf_of(slot)
        try:
            await self._wait()
        except BaseException:
            self.leave(slot)
            raise

    def leave(self, slot: object) -> None:
        """Give the slot back, whatever became of the request."""
        self._limiter.release_on_behalf_of(slot)

    def accepted(self, started_at: float, *, remaining: int | None) -> None:
        """Note an answer other than 429.

        Args:
            started_at: when its request left, monotonic.
            remaining: how many more the target said it would take; None where it did not say.
        """
        self._cycle_accepted += 1
        if started_at >= self._resumes_at:
            self._streak = 0
        if self._pace.rate is not None:
            self._set_pace(quickened(self._pace, self._clock.monotonic()))
        window = grown(self._window)
        if window is not self._window or remaining != self._remaining:
            self._window, self._remaining = window, remaining
            self._set_limit()

    def throttled(self, started_at: float, *, retry_after: float | None) -> float:
        """Note a 429 and pause all workers; return the seconds until they go on.

        Answers to requests that left before the pause was known belong to the same throttle: they can lengthen the
        pause, and do nothing else.
        """
        now = self._clock.monotonic()
        known = self._paused_at is not None and started_at <= self._paused_at
        if known:
            self._pause_until(now, now + (retry_after or 0.0))
            return self._resumes_at - now
        pause = throttle_pause(self._streak, self._rng) if retry_after is None else retry_after
        self._streak += 1
        self._paused_at = now
        self._pause_until(now, now + pause)
        cycle = Cycle(accepted=self._cycle_accepted, active=max(0.0, now - self._cycle_began_at), pause=pause)
        self._set_pace(slowed(self._pace, cycle, self._resumes_at))
        self._cycle_began_at, self._cycle_accepted = self._resumes_at, 0
        self._window, self._remaining = shrunk(self._window), None
        self._set_limit()
        return pause

    def hold(self, seconds: float) -> None:
        """Pause all workers without a throttle, such as for the Retry-After of a maintenance."""
        now = self._clock.monotonic()
        self._pause_until(now, now + seconds)

    def _pause_until(self, now: float, instant: float) -> None:
        if instant > self._resumes_at:
            self.paused_seconds += instant - max(self._resumes_at, now)
            self._resumes_at = instant

    async def _wait(self) -> None:
        while True:
            now = self._clock.monotonic()
            if now < self._resumes_at:
                await self._clock.sleep(self._resumes_at - now)
                continue
            delay = self._reserve(now)
            if delay <= 0:
                return
            await self._clock.sleep(delay)
            if self._clock.monotonic() >= self._resumes_at:
                return
            # a pause came in between: starts that were reserved before it would now leave all at once

    def _reserve(self, now: float) -> float:
        """Take the next start that the rate allows; return the seconds until then."""
        if self._rate is None:
            return 0.0
        interval = 1.0 / self._rate
        lateness = LATENESS if interval < LATENESS else interval / 10
        start = max(self._next_start, now - lateness)
        self._next_start = start + interval
        return start - now

    def _set_pace(self, pace: Pace) -> None:
        self._pace = pace
        rates = [rate for rate in (pace.rate, self._most_rate) if rate is not None]
        self._rate = min(rates) if rates else None

    def _set_limit(self) -> None:
        limit = int(self._window.limit)
        if self._remaining is not None:
            limit = min(limit, max(1, self._remaining))
        if limit != self._limiter.total_tokens:
            self._limiter.total_tokens = limit
