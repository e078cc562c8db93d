"""What a command costs before it does anything."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.children import importing, measured
from tests.benchmarks.exports import write_csv, write_mapping
from tests.benchmarks.figures import middle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.children import Ended
    from tests.benchmarks.figures import Figure
    from tests.benchmarks.setting import Setting

__all__ = ["help_start"]

_TIMES = 5  # how many measurements for one of the setting's repeats: these are the shortest


def help_start(setting: Setting) -> Iterator[Figure]:
    """Wall of `--help`, over an empty Python; wall of `validate` of ten rows as it is."""
    export, mapping = write_csv(setting.folder / "contacts.csv", 10), write_mapping(setting.folder)
    empty: list[Ended] = []
    helped: list[Ended] = []
    validated: list[Ended] = []
    for _ in range(_TIMES * setting.repeats):
        empty.append(measured(sys.executable, "-c", "pass"))
        helped.append(importing("--help"))
        validated.append(importing("validate", export, "-m", mapping, "--quiet"))
    yield _over("--help over python -c pass", empty, helped, at_most=200)
    yield middle("help", "python -c pass", (1000 * one.wall for one in empty), "ms")
    yield middle("help", "validate of 10 rows", (1000 * one.wall for one in validated), "ms", at_most=700)
    for name, ended in (("--help", helped), ("validate of 10 rows", validated)):  # steady on a busy machine
        yield middle("help", f"{name}, processor time", (1000 * one.processor for one in ended), "ms")


def _over(name: str, empty: list[Ended], ended: list[Ended], **bounds: float) -> Figure:
    start = median(one.wall for one in empty)
    return middle("help", name, (1000 * (one.wall - start) for one in ended), "ms", **bounds)
