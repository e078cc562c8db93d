"""Limiters made of arithmetic, and runs against them on a clock of events: seconds pass in microseconds."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from importer.transport.rate import Belief, Round, Trace, begun, grown_by_one, rate_at, slowed

if TYPE_CHECKING:
    import random

__all__ = ["Answered", "LeakyBucket", "Sender", "sent"]


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
    """A run with as much to send as it may: the pacer's bookkeeping around the belief, without tasks and places."""

    number: int
    rng: random.Random
    retry_after: float | None = None
    begins_at: float = 0.0
    belief: Belief = field(default_factory=begun)
    taken: deque[float] = field(default_factory=lambda: deque(maxlen=1500))
    refused: deque[float] = field(default_factory=lambda: deque(maxlen=1500))
    waiting: list[float] = field(default_factory=list)
    next_start: float = 0.0
    resumes_at: float = 0.0
    paused_at: float = -1.0
    round_began_at: float = 0.0
    round_taken: int = 0
    streak: int = 0

    def start(self, now: float) -> float:
        """Note a start; when the next one may be."""
        self.waiting.append(now)
        rate = min(rate_at(self.belief, now) or 1000.0, 1000.0)
        self.next_start = max(self.next_start, now - 0.02) + 1.0 / rate
        stall = self.rng.uniform(0.0, 0.03) if self.rng.random() < 0.01 else 0.0
        return max(self.next_start, now + 1e-5) + stall

    def accepted(self, started_at: float) -> None:
        self.waiting.remove(started_at)
        self.taken.append(started_at)
        self.round_taken += 1
        self.belief = grown_by_one(self.belief)
        if started_at >= self.resumes_at:
            self.streak = 0

    def throttled(self, started_at: float, now: float) -> None:
        self.waiting.remove(started_at)
        self.refused.append(started_at)
        if started_at <= self.paused_at:
            return
        pause = self.rng.uniform(0, 0.25 * 2**self.streak) if self.retry_after is None else self.retry_after
        self.streak, self.paused_at, self.resumes_at = min(self.streak + 1, 8), now, now + pause
        latest = Round(self.round_taken + len(self.waiting), max(0.0, now - self.round_began_at), pause)
        trace = Trace([*self.taken, *self.waiting], self.refused)
        self.belief = slowed(self.belief, latest, trace, self.resumes_at)
        self.round_began_at, self.round_taken = self.resumes_at, 0


def sent(limiter: LeakyBucket, senders: list[Sender], seconds: float, rng: random.Random) -> list[Answered]:
    """Send for so many seconds; a way of about 1 ms, an answer after about 8 ms, a 429 at once."""
    order = count()
    due = [(one.begins_at, next(order), "start", one, 0.0) for one in senders]
    heapq.heapify(due)
    seen: list[Answered] = []
    while due:
        now, _, what, one, started_at = heapq.heappop(due)
        if now > seconds:
            break
        if what == "start":
            if now < one.resumes_at:
                heapq.heappush(due, (one.resumes_at + 1e-6, next(order), "start", one, 0.0))
                continue
            heapq.heappush(due, (now + abs(rng.gauss(0.001, 0.002)), next(order), "arrive", one, now))
            heapq.heappush(due, (one.start(now), next(order), "start", one, 0.0))
        elif what == "arrive":
            taken = limiter.take(now)
            seen.append(Answered(now, one.number, taken))
            back = abs(rng.gauss(0.008, 0.002)) if taken else 0.001
            heapq.heappush(due, (now + back, next(order), "taken" if taken else "refused", one, started_at))
        elif what == "taken":
            one.accepted(started_at)
        else:
            one.throttled(started_at, now)
    return seen
