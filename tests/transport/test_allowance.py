"""A limit that is documented is counted here: all of it is used at once, and nothing beyond it."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.transport import Allowance
from importer.transport.allowance import Spent
from importer.transport.pacer import Pacer
from tests.fakes.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(st.integers(1, 9), st.lists(st.floats(0, 20), max_size=60))
def test_no_window_of_its_length_has_more_starts(most: int, gaps: Sequence[float]) -> None:
    spent, now, starts = Spent(Allowance(most, 10.0)), 0.0, list[float]()
    for gap in gaps:
        now += gap
        now += spent.wait(now)
        spent.start(now)
        starts.append(now)
    for first, beyond in zip(starts, starts[most:], strict=False):
        assert beyond - first >= 10.0 - 1e-6


@pytest.mark.parametrize("throttled_at", [None, 2, 7])
async def test_the_pacer_uses_all_of_it_and_then_waits(throttled_at: int | None) -> None:
    clock = FakeClock()
    pacer = Pacer(concurrency=1, rate=None, clock=clock, rng=random.Random(1), allowance=Allowance(5, 100.0))
    starts = list[float]()
    for number in range(16):
        slot = object()
        starts.append(at := await pacer.enter(slot))
        if number == throttled_at:
            pacer.throttled(at, retry_after=50.0)
        else:
            pacer.accepted(at)
        pacer.leave(slot)
    waits = [round(after - before) for before, after in pairwise(starts)]
    if throttled_at is None:
        assert [index for index, wait in enumerate(waits, 1) if wait] == [5, 10, 15]
        assert sum(waits) == 300
    else:
        assert waits[throttled_at] == 50  # and no slower behind it
        assert sum(waits) <= 350


async def test_without_one_nothing_is_counted() -> None:
    clock = FakeClock()
    pacer = Pacer(concurrency=1, rate=None, clock=clock, rng=random.Random(1))
    for _ in range(400):
        slot = object()
        pacer.accepted(await pacer.enter(slot))
        pacer.leave(slot)
    assert clock.elapsed < 3
