"""What every benchmark is given: a folder to work in, how much to do, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tests.benchmarks.figures import Figure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Benchmark", "Setting"]

Benchmark: TypeAlias = Callable[["Setting"], Iterator[Figure]]


@dataclass(frozen=True, slots=True)
class Setting:
    """How the benchmarks are run."""

    folder: Path  # empty at first, gone afterwards; each benchmark has one of its own
    divisor: int = 1  # of the numbers of rows: for a quick look, whose figures mean little
    repeats: int = 3
    frictionless: bool = False  # install the peer of `validate` in an environment of its own

    def rows(self, number: int) -> int:
        """Scale a number of rows."""
        return max(10, number // self.divisor)
