"""Measurements -> figures held against their budgets, as a table for people and a document for programs."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Figure", "document", "middle", "quickest", "table"]

_HEADER = ("benchmark", "figure", "value", "from .. to", "budget", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; with a bound it is a budget, without one it explains another."""

    benchmark: str
    name: str
    value: float
    unit: str = ""  # empty for a ratio
    at_least: float | None = None
    at_most: float | None = None
    samples: tuple[float, ...] = ()  # the measurements that the value is chosen from, in their order

    @property
    def kept(self) -> bool | None:
        """Whether the budget is kept; None where there is none."""
        if self.at_least is None and self.at_most is None:
            return None
        low = float("-inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return low <= self.value <= high

    @property
    def budget(self) -> str:
        """The bound in words; empty where there is none."""
        if self.at_least is not None:
            return f">= {self.at_least:g} {self.unit}".rstrip()
        return "" if self.at_most is None else f"<= {self.at_most:g} {self.unit}".rstrip()


def middle(benchmark: str, name: str, samples: Iterable[float], unit: str = "", **bounds: float) -> Figure:
    """Make a figure of several measurements: their median, with all of them kept, so that a stray one shows."""
    kept = tuple(samples)
    return Figure(benchmark, name, median(kept), unit, samples=kept, **bounds)


def quickest(benchmark: str, name: str, rates: Iterable[float], unit: str = "rows/s") -> Figure:
    """Make a figure of several rates: the highest, since whatever else the machine does only takes away from it."""
    kept = tuple(rates)
    return Figure(benchmark, name, max(kept), unit, samples=kept)


def table(figures: Sequence[Figure]) -> str:
    """Write figures as a table, those with a budget marked `kept` or `MISSED`."""
    rows = [_HEADER, *map(_cells, figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADER))]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)


def document(machine: dict[str, str | float], figures: Sequence[Figure]) -> dict[str, object]:
    """Write figures as one JSON document, with where they were measured."""
    return {
        "machine": machine,
        "figures": [
            {
                "benchmark": figure.benchmark,
                "name": figure.name,
                "value": figure.value,
                "unit": figure.unit,
                "at_least": figure.at_least,
                "at_most": figure.at_most,
                "kept": figure.kept,
                "samples": figure.samples,
            }
            for figure in figures
        ],
    }


def _cells(figure: Figure) -> tuple[str, ...]:
    kept = {True: "kept", False: "MISSED", None: ""}[figure.kept]
    spread = f"{_shown(min(figure.samples))} .. {_shown(max(figure.samples))}" if len(figure.samples) > 1 else ""
    value = f"{_shown(figure.value)} {figure.unit}".rstrip()
    return (figure.benchmark, figure.name, value, spread, figure.budget, kept)


def _shown(value: float) -> str:
    if value.is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3f}"
