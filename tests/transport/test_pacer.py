"""The pacer against limiters made of arithmetic, on a clock that moves only by sleeping."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from importer.transport.pacer import Pacer
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import seeded


def new_pacer(clock: FakeClock, *, concurrency: int = 8, rate: float | None = None) -> Pacer:
    return Pacer(concurrency=concurrency, rate=rate, clock=clock, rng=seeded(3))


async def start(pacer: Pacer, clock: FakeClock) -> float:
    """Start a request and end it at once; return when it left."""
    slot = object()
    await pacer.enter(slot)
    pacer.leave(slot)
    return clock.monotonic()


async def test_starts_are_spaced_evenly_at_the_rate() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, rate=10.0)
    times = [await start(pacer, clock) for _ in range(20)]
    gaps = [after - before for before, after in pairwise(times[1:])]
    assert gaps == pytest.approx([0.1] * 18)


async def test_an_idle_time_is_not_made_up_by_a_burst() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, rate=10.0)
    await start(pacer, clock)
    clock.advance(60.0)
    times = [await start(pacer, clock) for _ in range(11)]
    assert times[-1] - times[0] >= 0.95


async def test_a_pause_holds_every_start_back_and_counts_once() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock)
    left = clock.monotonic()
    assert pacer.throttled(left, retry_after=10.0) == 10.0
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(start, pacer, clock)
    assert 10.0 <= clock.elapsed <= 10.1
    assert pacer.paused_seconds == 10.0


async def test_answers_of_the_same_throttle_only_lengthen_it() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, concurrency=8)
    left = clock.monotonic()
    for _ in range(20):
        pacer.accepted(left, told=None)
    assert pacer.limit == 8
    pacer.throttled(left, retry_after=10.0)
    assert pacer.throttled(left, retry_after=4.0) == 10.0
    assert pacer.throttled(left, retry_after=12.0) == 12.0
    assert pacer.throttled(left, retry_after=None) == 12.0
    assert pacer.limit == 8  # it is the rate that is wrong, not how many are in flight
    assert pacer.paused_seconds == 12.0


async def test_throttles_without_a_time_wait_longer_each_time_until_one_is_accepted() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock)
    pauses = []
    for _ in range(14):
        left = await start(pacer, clock)
        clock.advance(0.05)
        pauses.append(pacer.throttled(left, retry_after=None))
    assert all(pause <= 0.25 * 2**streak for streak, pause in enumerate(pauses))
    assert sum(pauses[-5:]) > 100.0
    assert max(pauses) <= 120.0
    left = await start(pacer, clock)
    pacer.accepted(left, told=None)
    clock.advance(0.05)
    assert pacer.throttled(await start(pacer, clock), retry_after=None) <= 0.25


async def test_after_a_pause_the_workers_go_one_after_the_other_at_the_rate() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, concurrency=8, rate=10.0)
    for _ in range(20):
        pacer.accepted(await start(pacer, clock), told=None)
    pacer.throttled(await start(pacer, clock), retry_after=30.0)
    times: list[float] = []

    async def enter() -> None:
        times.append(await pacer.enter(object()))

    resumes = clock.monotonic() + 30.0
    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(enter)
    assert min(times) >= resumes
    assert max(times) - min(times) >= 0.65


async def test_trouble_halves_what_is_in_flight_once_for_all_that_were_under_way() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, concurrency=8)
    left = clock.monotonic()
    for _ in range(20):
        pacer.accepted(left, told=None)
    clock.advance(1.0)
    for _ in range(3):
        pacer.strained(left)
    assert pacer.limit == 4
    pacer.strained(clock.monotonic())
    assert pacer.limit == 2


async def test_nothing_starts_in_a_window_that_is_used_up() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock)
    first = await start(pacer, clock)
    pacer.accepted(first, told=(10, 9))
    pacer.throttled(await start(pacer, clock), retry_after=60.0, told=(10, 0))
    assert pacer.rate is not None
    resumed = await start(pacer, clock)
    assert 1059.0 <= resumed <= 1061.0
    pacer.accepted(resumed, told=(10, 9))
    times = [await start(pacer, clock) for _ in range(3)]
    gaps = [after - before for before, after in pairwise(times)]
    assert all(gap >= 5.0 for gap in gaps)


async def test_a_start_waits_for_a_place() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, concurrency=1)
    first, second = object(), object()
    await pacer.enter(first)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pacer.enter, second)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(RuntimeError):
            pacer.leave(second)
        pacer.leave(first)
    pacer.leave(second)


async def test_who_is_cancelled_while_waiting_holds_nothing() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, concurrency=1)
    pacer.hold(1000.0)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await pacer.enter(object())
    assert scope.cancelled_caught
    clock.advance(1000.0)
    with anyio.fail_after(60):
        await start(pacer, clock)


async def test_a_reserved_start_is_given_up_when_a_pause_comes_in_between() -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, rate=0.1)
    await start(pacer, clock)
    times: list[float] = []

    async def enter() -> None:
        times.append(await start(pacer, clock))

    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(enter)
        await checkpoint()
        pacer.hold(300.0)
    assert times[0] >= 1300.0
    assert times[1] - times[0] >= 8.9


# limiters


class Limiter(Protocol):
    def take(self, now: float, /) -> float | None:
        """Take one: None, or the seconds of a Retry-After."""
        ...


@dataclass
class Bucket:
    """A token bucket that rounds its Retry-After up to whole seconds, at least one."""

    rate: float
    burst: float
    tokens: float = field(init=False)
    at: float = 1000.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def take(self, now: float) -> float | None:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        return max(1.0, float(-(-(1 - self.tokens) // self.rate)))


@dataclass
class FixedWindow:
    """Laravel's limiter: so many in a window that begins with its first request."""

    most: int
    seconds: float
    taken: int = 0
    ends: float = 0.0

    def take(self, now: float) -> float | None:
        if now >= self.ends:
            self.ends, self.taken = now + self.seconds, 0
        if self.taken < self.most:
            self.taken += 1
            return None
        return max(1.0, self.ends - now)


@dataclass
class EveryNth:
    """Not a limiter at all: a 429 after a number of requests, whatever their pace."""

    nth: int
    seen: int = 0

    def take(self, _: float) -> float | None:
        self.seen += 1
        return 1.0 if self.seen % self.nth == 0 else None


@dataclass
class Score:
    sent: int = 0
    taken: int = 0
    seconds: float = 0.0

    @property
    def throttled_share(self) -> float:
        return (self.sent - self.taken) / self.sent


async def run(limiter: Limiter, *, seconds: float, rate: float | None = None, latency: float = 0.02) -> Score:
    clock, score = FakeClock(), Score()
    pacer = new_pacer(clock, concurrency=8, rate=rate)

    async def work() -> None:
        while clock.elapsed < seconds:
            slot = object()
            await pacer.enter(slot)
            left = clock.monotonic()
            wait = limiter.take(left)
            score.sent += 1
            await clock.sleep(latency)
            if wait is None:
                score.taken += 1
                pacer.accepted(left, told=None)
            else:
                pacer.throttled(left, retry_after=wait)
            pacer.leave(slot)

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(work)
    score.seconds = clock.elapsed
    return score


@pytest.mark.parametrize(
    ("limiter", "rate", "seconds"),
    [
        pytest.param(Bucket(50, 50), 50, 600, id="bucket of 50 a second"),
        pytest.param(Bucket(10, 10), 10, 600, id="bucket of 10 a second"),
        pytest.param(Bucket(200, 200), 200, 120, id="bucket of 200 a second"),
        pytest.param(FixedWindow(600, 60), 10, 3600, id="600 a minute"),
    ],
)
@pytest.mark.slow
async def test_a_limit_that_nobody_told_is_found_and_used(limiter: Limiter, rate: float, seconds: float) -> None:
    score = await run(limiter, seconds=seconds)
    assert score.taken / (rate * score.seconds) >= 0.97
    assert score.throttled_share < 0.01


@pytest.mark.parametrize(
    ("limiter", "rate", "used", "throttled"),
    [
        pytest.param(FixedWindow(60, 60), 1, 0.94, 0.05, id="a minute's window that is not told"),
        pytest.param(FixedWindow(20, 1), 20, 0.65, 0.01, id="a second's window that is not told"),
        pytest.param(Bucket(20, 1), 20, 0.7, 0.03, id="no burst at all"),
        pytest.param(Bucket(1, 60), 1, 0.97, 0.05, id="a burst that hides the rate"),
    ],
)
@pytest.mark.timeout(240)  # seconds; ten where nothing else runs
@pytest.mark.slow
async def test_a_limit_that_misleads_is_come_near_to(
    limiter: Limiter, rate: float, used: float, throttled: float
) -> None:
    score = await run(limiter, seconds=1800)
    assert score.taken / (rate * score.seconds) >= used
    assert score.throttled_share < throttled


@pytest.mark.parametrize("limiter", [Bucket(50, 5), Bucket(50, 50)], ids=["small burst", "burst of a second"])
async def test_a_limit_that_was_told_is_kept_from_the_start(limiter: Limiter) -> None:
    score = await run(limiter, seconds=60, rate=50.0)
    assert score.taken / (50 * score.seconds) >= 0.97
    assert score.throttled_share == 0


async def test_429s_that_follow_no_rate_cost_their_pause_and_little_more() -> None:
    score = await run(EveryNth(20), seconds=300)
    without_waiting = score.taken * 0.02 / 8
    pauses = score.sent / 20
    assert score.seconds <= 1.5 * (without_waiting + pauses) + 5


@given(
    concurrency=st.integers(1, 9),
    events=st.lists(st.tuples(st.booleans(), st.one_of(st.none(), st.floats(1, 3600))), max_size=60),
)
async def test_the_pacer_holds_its_promises_whatever_is_answered(
    concurrency: int, events: list[tuple[bool, float | None]]
) -> None:
    clock = FakeClock()
    pacer = new_pacer(clock, concurrency=concurrency)
    for good, wait in events:
        left = await start(pacer, clock)
        clock.advance(0.01)
        if good:
            pacer.accepted(left, told=None)
        else:
            pause = pacer.throttled(left, retry_after=wait)
            assert pause == wait if wait is not None else 0.0 <= pause <= 120.0
            resumes = clock.monotonic() + pause
            started_at = await start(pacer, clock)
            assert wait is None or started_at >= resumes  # a 429 that names no time may hold back its own call alone
        assert 1 <= pacer.limit <= concurrency
        assert pacer.rate is None or pacer.rate > 0
