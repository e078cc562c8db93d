"""The machine's clock, and the fake that stands for it: both keep the protocol's word."""

from __future__ import annotations

import datetime as dt

import anyio
import pytest

from importer.transport import Clock, SystemClock
from tests.fakes.clock import FakeClock


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()], ids=["system", "fake"])
async def test_a_clock_keeps_its_word(clock: Clock) -> None:
    before, at = clock.monotonic(), clock.now()
    await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.0099
    assert at.utcoffset() == dt.timedelta(0)
    assert clock.now() >= at


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()], ids=["system", "fake"])
async def test_a_sleep_of_nothing_lets_others_run_and_can_be_cancelled(clock: Clock) -> None:
    ran: list[str] = []

    async def other() -> None:
        ran.append("other")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(other)
        await clock.sleep(0)
        ran.append("sleeper")
    with anyio.CancelScope() as scope:
        scope.cancel()
        await clock.sleep(0)
    assert ran == ["other", "sleeper"]
    assert scope.cancelled_caught
