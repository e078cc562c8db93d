"""The delay between attempts stays inside its formula."""

from __future__ import annotations

from hypothesis import given, strategies as st

from importer.transport.backoff import BASE_DELAY, MAX_DELAY, next_delay
from tests.fakes.randomness import seeded


@given(failed=st.integers(1, 10_000), seed=st.integers())
def test_a_delay_lies_between_zero_and_its_bound(failed: int, seed: int) -> None:
    bound = min(MAX_DELAY, BASE_DELAY * 2.0 ** min(failed - 1, 16))
    assert 0 <= next_delay(failed, seeded(seed)) <= bound


def test_delays_use_the_whole_range() -> None:
    rng = seeded(1)
    delays = [next_delay(3, rng) for _ in range(1000)]
    assert min(delays) < 0.1 * BASE_DELAY * 4
    assert max(delays) > 0.9 * BASE_DELAY * 4
