"""What every benchmark is given: a folder to work in, how much to do, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tests.benchmarks.figures import Figure

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.environments import Environment

__all__ = ["Benchmark", "Setting"]

Benchmark: TypeAlias = Callable[["Setting"], Iterator[Figure]]


@dataclass(frozen=True, slots=True)
class Setting:
    """How the benchmarks are run."""

    folder: Path  # empty at first, gone afterwards; each benchmark has one of its own
    divisor: int = 1  # of the numbers of rows: for a quick look, whose figures mean little
    repeats: int = 3
    peers: Mapping[str, Environment] = field(default_factory=dict)  # installed, by name
    most_rows: int = 1_000_000  # of `memory`

    def rows(self, number: int) -> int:
        """Scale a number of rows."""
        return max(10, number // self.divisor)
