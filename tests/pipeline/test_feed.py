"""What the planning task hands to the workers: all of it, in its order, and never far ahead of them."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, strategies as st

from importer.journal import Planned
from importer.pipeline.feed import LONG, MOST, Feed
from importer.planner import decide
from tests.fakes.nouns import place, work

LEAST = 4
WANTED = work("k1", phone="1")
OPERATION = decide(WANTED.desired, None, place(WANTED, None), archived="report")


class Time:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def plans(first: int, count: int) -> list[Planned]:
    return [Planned(WANTED, OPERATION, number) for number in range(first, first + count)]


async def given_out(rows: int, workers: int, seconds: list[float]) -> tuple[list[int], list[int]]:
    """Plan so many rows while workers take each after some turns of the loop: what they took, and what was ahead."""
    time = Time()
    feed, taken, ahead = Feed(LEAST, time), list[int](), list[int]()

    async def plan() -> None:
        planned = 0
        while planned < rows:
            batch = plans(planned, min(feed.batch, rows - planned))
            planned += len(batch)
            ahead.append(planned - len(taken) - feed.batch - feed.batch // 2)
            await feed.put(batch)
            time.seconds += seconds[len(ahead) % len(seconds)]
        feed.end()

    async def work() -> None:
        while (one := await feed.take()) is not None:
            assert one.operation_id is not None
            taken.append(one.operation_id)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(plan)
        for _ in range(workers):
            group.start_soon(work)
    return taken, ahead


@given(
    st.integers(0, 3000),
    st.integers(1, 9),
    st.lists(st.sampled_from([0.0, LONG, 2 * LONG]), min_size=1, max_size=5),
)
def test_every_row_is_handed_out_once_in_order_and_not_planned_far_ahead(
    rows: int, workers: int, seconds: list[float]
) -> None:
    taken, ahead = anyio.run(given_out, rows, workers, seconds)
    assert taken == list(range(rows))
    assert max(ahead, default=0) <= 0


async def test_batches_grow_while_workers_wait_and_shrink_where_one_lasts_long() -> None:
    time = Time()
    feed = Feed(LEAST, time)
    sizes = list[int]()
    for seconds in (*[0.0] * 9, *[2 * LONG] * 10):
        async with anyio.create_task_group() as group:
            group.start_soon(feed.put, plans(0, 1))
            await feed.take()
        time.seconds += seconds
        sizes.append(feed.batch)
    assert sizes[:9] == [8, 16, 32, 64, 128, 256, 512, MOST, MOST]
    assert (sizes[9], sizes[10], sizes[-1]) == (MOST, MOST // 2, LEAST)


async def test_a_batch_that_is_large_from_the_start_does_not_shrink() -> None:
    time = Time()
    feed = Feed(2 * MOST, time)
    await feed.put(plans(0, 1))
    assert feed.batch == 2 * MOST
    time.seconds += 2 * LONG
    await feed.put(plans(1, 1))
    assert feed.batch == 2 * MOST


@pytest.mark.parametrize("put", [0, 1])
async def test_the_end_wakes_who_waits(put: int) -> None:
    feed = Feed(LEAST)
    found: list[Planned | None] = []

    async def work() -> None:
        found.append(await feed.take())

    async with anyio.create_task_group() as group:
        group.start_soon(work)
        group.start_soon(work)
        await anyio.wait_all_tasks_blocked()
        await feed.put(plans(1, put))
        feed.end()
    assert [one and one.operation_id for one in found] == [None] * 2 if not put else [1, None]
    assert await feed.take() is None
