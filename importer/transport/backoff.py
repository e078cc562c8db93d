"""The wait before a call is tried again: exponential, with full jitter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

__all__ = ["BASE_DELAY", "MAX_DELAY", "next_delay"]

BASE_DELAY = 0.5  # seconds
MAX_DELAY = 30.0  # seconds


def next_delay(failed: int, rng: random.Random) -> float:
    """Draw the seconds to wait after `failed` attempts (1 is the first) before the next one.

    delay = uniform(0, min(MAX_DELAY, BASE_DELAY * 2 ** (failed - 1)))

    "Full jitter": calls that failed together do not come back together.
    """
    return rng.uniform(0.0, min(MAX_DELAY, BASE_DELAY * 2.0 ** min(failed - 1, 16)))
