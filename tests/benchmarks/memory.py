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
    """Peak of resident memory from 1,000 rows on, and its growth over the last tenfold.

    The largest file has `--most-rows`; a run of a million rows takes several minutes and 6 GB of disk.
    """
    mapping = write_mapping(setting.folder)
    peaks: dict[str, list[float]] = {"validate": [], "run": []}
    with running_stub() as url:
        for rows in _sizes(setting):
            export = write_csv(setting.folder / "contacts.csv", rows)
            for command, ended in (
                ("validate", importing("validate", export, "-m", mapping, "--json")),
                ("run", written(export, mapping, url, _CONCURRENCY)),
            ):
                peaks[command].append(ended.peak_mb)
                yield Figure("memory", f"{command}, {rows:,} rows", ended.peak_mb, "MB", at_most=_MOST_MB)
                yield Figure("memory", f"{command}, {rows:,} rows: wall", ended.wall, "s")
    for command, (*_, before, last) in peaks.items():
        yield Figure("memory", f"{command}, growth over the last tenfold", last / before, at_most=_MOST_GROWTH)
        yield Figure("memory", f"{command}, growth over all", last / peaks[command][0])


def _sizes(setting: Setting) -> list[int]:
    """Tenfold each, the largest last."""
    sizes = [setting.rows(setting.most_rows)]
    while sizes[0] > setting.rows(1_000):
        sizes.insert(0, max(setting.rows(1_000), sizes[0] // 10))
    return sizes
