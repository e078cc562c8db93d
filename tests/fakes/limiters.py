"""Limiters made of arithmetic, and runs against them on a clock of events: seconds pass in microseconds."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Protocol

from importer.transport.finder import RateFinder

if TYPE_CHECKING:
    import random

__all__ = ["Answered", "EveryNth", "Flaky", "LeakyBucket", "Limiter", "Sender", "sent"]

PLACES = 32  # most in flight of one run


class Limiter(Protocol):
    """Takes a request or refuses it."""

    def take(self, now: float, /) -> bool: ...


@dataclass
class Flaky:
    """No limit: one in so many is refused by chance."""

    chance: float
    rng: random.Random

    def take(self, _: float) -> bool:
        return self.rng.random() >= self.chance


@dataclass
class EveryNth:
    """No limit either: each so-manieth is refused."""

    nth: int
    seen: int = 0

    def take(self, _: float) -> bool:
        self.seen += 1
        return self.seen % self.nth != 0


@dataclass
class LeakyBucket:
    """nginx's limit_req with nodelay."""

    rate: float
    burst: float
    level: float = 0.0
    at: float | None = None

    def take(self, now: float) -> bool:
        level = 0.0 if self.at is None else max(0.0, self.level - (now - self.at) * self.rate + 1.0)
        if level > self.burst:
            return False
        self.level, self.at = level, now
        return True


@dataclass(frozen=True)
class Answered:
    """One request as the limiter saw it."""

    at: float
    sender: int
    taken: bool


@dataclass
class Sender:
    """A run with as much to send as it may: the pacer's pauses and starts, without tasks and places."""

    number: int
    rng: random.Random
    retry_after: float | None = None
    begins_at: float = 0.0
    finder: RateFinder = field(init=False)
    waiting: list[float] = field(default_factory=list)
    next_start: float = 0.0
    resumes_at: float = 0.0
    paused_at: float = -1.0
    streak: int = 0
    held: int = 0  # places of requests that were refused and wait to be tried again

    def __post_init__(self) -> None:
        self.finder = RateFinder(self.begins_at, PLACES)

    def start(self, now: float) -> float:
        """Note a start; when the next one may be. One in a hundred is late, by up to 30 ms."""
        self.waiting.append(now)
        interval = 1.0 / min(self.finder.rate(now) or 1000.0, 1000.0)
        lateness = 0.02 if interval < 0.04 else interval / 10
        self.next_start = max(self.next_start, now - lateness, self.resumes_at) + interval
        stall = self.rng.uniform(0.0, 0.03) if self.rng.random() < 0.01 else 0.0
        return max(self.next_start, now + interval / 2) + stall

    def blocked_until(self, now: float) -> float | None:
        """Say when to look again, where no request may start now."""
        if now < self.resumes_at:
            return self.resumes_at + 1e-6
        return now + 0.001 if len(self.waiting) + self.held >= PLACES else None

    def accepted(self, started_at: float) -> None:
        self.waiting.remove(started_at)
        self.finder.accepted(started_at)
        if started_at >= self.resumes_at:
            self.streak = 0

    def throttled(self, started_at: float, now: float) -> float:
        """Note a 429; when its request may be tried again."""
        self.waiting.remove(started_at)
        if started_at <= self.paused_at:
            self.finder.refused(started_at, now)
            return self.resumes_at
        wait = self.rng.uniform(0, 0.25 * 2**self.streak) if self.retry_after is None else self.retry_after
        if self.retry_after is None and self.finder.independent:
            self.finder.slow_down(started_at, now, 0.0, self.waiting)
            return now + wait
        self.streak, self.paused_at, self.resumes_at = min(self.streak + 1, 8), now, now + wait
        self.finder.slow_down(started_at, now, wait, self.waiting)
        return self.resumes_at


def sent(
    limiter: Limiter, senders: list[Sender], seconds: float, rng: random.Random, *, latency: float = 0.008
) -> list[Answered]:
    """Send for so many seconds; a way of about 1 ms, an answer after the latency, a 429 sooner."""
    order = count()
    due = [(one.begins_at, next(order), "start", one, 0.0) for one in senders]
    heapq.heapify(due)
    seen: list[Answered] = []
    while due:
        now, _, what, one, started_at = heapq.heappop(due)
        if now > seconds:
            break
        if what == "start":
            if (later := one.blocked_until(now)) is not None:
                heapq.heappush(due, (later, next(order), "start", one, 0.0))
                continue
            heapq.heappush(due, (now + abs(rng.gauss(0.001, 0.002)), next(order), "arrive", one, now))
            heapq.heappush(due, (one.start(now), next(order), "start", one, 0.0))
        elif what == "arrive":
            taken = limiter.take(now)
            seen.append(Answered(now, one.number, taken))
            back = abs(rng.gauss(latency, 0.002)) if taken else max(0.001, latency - 0.007)
            heapq.heappush(due, (now + back, next(order), "taken" if taken else "refused", one, started_at))
        elif what == "taken":
            one.accepted(started_at)
        elif what == "again":
            one.held -= 1
        else:
            one.held += 1
            heapq.heappush(due, (one.throttled(started_at, now), next(order), "again", one, 0.0))
    return seen
