"""Fixtures of the whole suite: the asyncio backend, hypothesis profiles, and the guard against blocking calls."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings

from tests.unmeasured import unmeasured

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile(
    "ci",
    max_examples=15,  # `HYPOTHESIS_PROFILE=deep` looks further
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run slow tests without coverage, their fixtures included: with it they take more than half of the suite's time."""
    if item.get_closest_marker("slow") is None:
        return (yield)
    with unmeasured():
        return (yield)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _nothing_of_ours_blocks_the_event_loop() -> Iterator[None]:
    """A file, SQLite or sleep on the event loop, called from this package, fails the test."""
    with blockbuster_ctx("importer") as guard:
        guard.functions["threading.Lock.acquire"].can_block_in(
            "coverage/collector.py", "lock_data"
        )  # its own, not ours
        yield
