"""Randomness that repeats."""

from __future__ import annotations

import random


def seeded(seed: int) -> random.Random:
    """Make a generator whose draws are the same in every run."""
    return random.Random(seed)  # no secret depends on it
