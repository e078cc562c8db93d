"""How much memory `validate` and `run` hold at most, as files grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.children import importing, running_stub
from tests.benchmarks.exports import write_csv, write_mapping
from tests.benchmarks.figures import Figure
from tests.benchmarks.writing import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.setting import Setting

__all__ = ["memory"]

_MOST_MB = 150
_MOST_GROWTH = 1.10  # "flat": caches and buffers of a fixed size fill up first
_CONCURRENCY = 32


def memory(setting: Setting) -> Iterator[Figure]:
    """Peak of resident memory at three sizes, and its growth over the last tenfold."""
    mapping = write_mapping(setting.folder)
    peaks: dict[str, list[float]] = {"validate": [], "run": []}
    with running_stub() as url:
        for rows in (setting.rows(1_000), setting.rows(10_000), setting.rows(100_000)):
            export = write_csv(setting.folder / "contacts.csv", rows)
            found = {
                "validate": importing("validate", export, "-m", mapping, "--json").peak_mb,
                "run": written(export, mapping, url, _CONCURRENCY).peak_mb,
            }
            for command, peak in found.items():
                peaks[command].append(peak)
                yield Figure("memory", f"{command}, {rows:,} rows", peak, "MB", at_most=_MOST_MB)
    for command, (_, before, last) in peaks.items():
        yield Figure("memory", f"{command}, growth over the last tenfold", last / before, at_most=_MOST_GROWTH)
