"""What a command costs before it does anything."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.children import importing, measured
from tests.benchmarks.exports import write_csv, write_mapping
from tests.benchmarks.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.setting import Setting

__all__ = ["help_start"]

_TIMES = 5  # times the setting's repeats: the shortest of all measurements


def help_start(setting: Setting) -> Iterator[Figure]:
    """Wall of `--help`, and of `validate` of ten rows, over an empty Python."""
    export, mapping = write_csv(setting.folder / "contacts.csv", 10), write_mapping(setting.folder)
    empty, helped, validated = list[float](), list[float](), list[float]()
    for _ in range(_TIMES * setting.repeats):
        empty.append(measured(sys.executable, "-c", "pass").wall)
        helped.append(importing("--help").wall)
        validated.append(importing("validate", export, "-m", mapping, "--quiet").wall)
    start = median(empty)
    yield Figure("help", "--help over python -c pass", 1000 * (median(helped) - start), "ms", at_most=200)
    yield Figure("help", "python -c pass", 1000 * start, "ms")
    yield Figure("help", "validate of 10 rows over python -c pass", 1000 * (median(validated) - start), "ms")
