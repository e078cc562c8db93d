"""One pacer for all workers: how many requests are in flight, how many start a second, and who waits after a 429."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import anyio

from importer.transport.allowance import Spent
from importer.transport.finder import RateFinder
from importer.transport.pace import Window, grown, opened, shrunk, throttle_pause
from importer.transport.quota import Quota, exhausted, observed, quota_rate, refused

if TYPE_CHECKING:
    import random

    from importer.clock import Clock
    from importer.transport.allowance import Allowance

__all__ = ["Pacer"]

LATENESS = 0.02  # seconds that a start may lag behind its time and still be caught up


class Pacer:
    """Lets requests start; the decisions are in `importer.transport.{pace,rate,quota}`.

    Use: `started_at = await enter(slot)`, send, `accepted(...)` or `throttled(...)`, and `leave(slot)` in any case.
    Between `enter` and `leave` at most `concurrency` slots are held. A pause holds back every start, of all workers,
    until it is over; then they go one after the other at the rate. Not thread-safe; to be made inside the running
    event loop.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        rate: float | None,
        clock: Clock,
        rng: random.Random,
        allowance: Allowance | None = None,
    ) -> None:
        self._clock = clock
        self._spent = None if allowance is None else Spent(allowance)
        self._rng = rng
        self._most_rate = rate
        self._window: Window = opened(concurrency)
        self._limiter = anyio.CapacityLimiter(int(self._window.limit))
        self._finder = RateFinder(clock.monotonic(), concurrency)
        self._quota: Quota | None = None
        self._sent_in_window = 0
        self._in_flight: dict[int, float] = {}  # slots that have started, with the time
        self._next_start = 0.0  # when the next request is due
        self._latest_start = -math.inf  # when the latest one started or will start
        self._resumes_at = 0.0
        self._paused_at: float | None = None
        self._strained_at = -math.inf
        self._streak = 0
        self.paused_seconds = 0.0
        """Seconds for which nothing could start because the target said so; each second counts once."""

    @property
    def limit(self) -> int:
        """How many requests may be in flight at present."""
        return int(self._limiter.total_tokens)

    @property
    def in_flight(self) -> int:
        """How many requests are on their way at present."""
        return len(self._in_flight)

    @property
    def pause(self) -> float:
        """For how many seconds from now on nothing may start; 0 where something may."""
        return max(self._held_for(self._clock.monotonic()), 0.0)

    @property
    def rate(self) -> float | None:
        """How many requests may start in a second at present; None: no limit known."""
        now = self._clock.monotonic()
        found = self._finder.rate(now)
        spread = None if self._quota is None else quota_rate(self._quota, len(self._in_flight), now)
        rates = [rate for rate in (found, spread, self._most_rate) if rate is not None]
        return min(rates) if rates else None

    @property
    def told(self) -> tuple[int, float | None] | None:
        """How many requests the target says it takes in a window, and its seconds where they are known."""
        return None if self._quota is None else (self._quota.limit, self._quota.length)

    @property
    def found(self) -> float | None:
        """How many requests a second the target has been found to take, without its saying so."""
        return self._finder.rate(self._clock.monotonic())

    async def enter(self, slot: object) -> float:
        """Wait until a request may start; when that is, monotonic. Cancelled, it holds nothing.

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
            self._limiter.release_on_behalf_of(slot)
            raise
        started_at = self._in_flight[id(slot)] = self._clock.monotonic()
        self._sent_in_window += 1
        if self._spent is not None:
            self._spent.start(started_at)
        return started_at

    def leave(self, slot: object) -> None:
        """Give the slot back, whatever became of the request."""
        self._limiter.release_on_behalf_of(slot)
        self._in_flight.pop(id(slot), None)

    def accepted(self, started_at: float, *, told: tuple[int, int] | None = None) -> None:
        """Note an answer other than 429.

        Args:
            started_at: when its request left, as `enter` said.
            told: the limit and how many more the target said it would take; None where it did not say.
        """
        self._finder.accepted(started_at)
        if started_at >= self._resumes_at:
            self._streak = 0
        if told is not None:
            self._observe(told, started_at)
        window = grown(self._window)
        if window is not self._window:
            self._window = window
            self._set_limit()

    def _observe(self, told: tuple[int, int], started_at: float) -> None:
        quota = observed(self._quota, told, started_at, self._clock.monotonic(), self._sent_in_window)
        if self._quota is None or quota.began_at != self._quota.began_at:
            self._sent_in_window = max(1, len(self._in_flight))
        self._quota = quota

    def throttled(self, started_at: float, *, retry_after: float | None, told: tuple[int, int] | None = None) -> float:
        """Note a 429 and pause all workers; return the seconds until they go on.

        Answers to requests that left before the pause was known belong to the same throttle: they can lengthen the
        pause, and do nothing else.
        """
        now = self._clock.monotonic()
        if self._paused_at is not None and started_at <= self._paused_at:
            self._finder.refused(started_at, now)
            self._pause_until(now, now + (retry_after or 0.0))
            return self._resumes_at - now
        wait = throttle_pause(self._streak, self._rng) if retry_after is None else retry_after
        pause = 0.0 if retry_after is None and self._finder.independent else wait
        if pause > 0.0:
            self._streak += 1
            self._paused_at = now
            self._pause_until(now, now + pause)
        if self._quota is not None and told is not None and retry_after is not None:
            self._quota = refused(self._quota, retry_after, now)
        elif (
            self._spent is None
        ):  # else the limit is known, and others have drawn on it: the pause is all there is to it
            self._finder.slow_down(started_at, now, pause, self._in_flight.values())
        return wait

    def strained(self, started_at: float) -> None:
        """Note a 5xx or a lost answer: half as many in flight, once for all that were under way together."""
        if started_at < self._strained_at:
            return
        self._strained_at = self._clock.monotonic()
        self._window = shrunk(self._window)
        self._set_limit()

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
            if (wait := self._held_for(now)) > 0.0:
                await self._clock.sleep(wait)
                continue
            delay = self._reserve(now)
            if delay <= 0:
                return
            await self._clock.sleep(delay)
            if self._held_for(self._clock.monotonic()) <= 0.0:
                return
            # a pause came in between: starts that were reserved before it would now leave all at once

    def _held_for(self, now: float) -> float:
        """Say for how long nothing may start at all."""
        wait = self._resumes_at - now
        if self._spent is not None:
            wait = max(wait, self._spent.wait(now))
        return wait if self._quota is None else max(wait, exhausted(self._quota, len(self._in_flight), now))

    def _reserve(self, now: float) -> float:
        """Take the next start that the rate allows; return the seconds until then."""
        rate = self.rate
        if rate is None:
            return 0.0
        interval = 1.0 / rate
        lateness = LATENESS if interval < 2 * LATENESS else interval / 10
        start = max(self._next_start, now - lateness, self._resumes_at)
        self._next_start = start + interval
        # what is late is caught up at twice the rate: a bucket of a small burst would refuse it at once
        self._latest_start = max(start, now, self._latest_start + interval / 2)
        return self._latest_start - now

    def _set_limit(self) -> None:
        limit = int(self._window.limit)
        if limit != self._limiter.total_tokens:
            self._limiter.total_tokens = limit
