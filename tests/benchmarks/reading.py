"""Reading a workbook over calamine alone, and a CSV file over the standard library alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.children import importing, peer
from tests.benchmarks.exports import write_csv, write_mapping, write_xlsx
from tests.benchmarks.figures import Figure, quickest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.setting import Setting

__all__ = ["read_delimited", "read_xlsx"]


def read_xlsx(setting: Setting) -> Iterator[Figure]:
    """Wall of reading 100,000 x 40 by our reader over calamine's."""
    rows = setting.rows(100_000)
    export = write_xlsx(setting.folder / "contacts.xlsx", rows)
    alone, ours = list[float](), list[float]()
    for _ in range(setting.repeats):
        alone.append(peer("calamine", export))
        ours.append(peer("source", export))
    yield Figure("read_xlsx", "our reader / calamine alone", min(ours) / min(alone), at_most=1.5)
    yield quickest("read_xlsx", "calamine alone", (rows / seconds for seconds in alone))
    yield quickest("read_xlsx", "our reader", (rows / seconds for seconds in ours))
    ended = importing("validate", export, "-m", write_mapping(setting.folder), "--json")
    yield Figure("read_xlsx", "validate, whole command", rows / ended.wall, "rows/s")
    yield Figure("read_xlsx", "validate, peak memory", ended.peak_mb, "MB")


def read_delimited(setting: Setting) -> Iterator[Figure]:
    """Wall of all we do to give the rows of a CSV file (fingerprint, encoding, dialect, rows) over csv.reader's."""
    rows = setting.rows(1_000_000)
    export = write_csv(setting.folder / "contacts.csv", rows)
    alone, ours = list[float](), list[float]()
    for _ in range(setting.repeats):
        alone.append(peer("csv", export))
        ours.append(peer("source", export))
    yield Figure("read_csv", "our reader / csv.reader alone", min(ours) / min(alone), at_most=2.0)
    yield quickest("read_csv", "csv.reader alone", (rows / seconds for seconds in alone))
    yield quickest("read_csv", "our reader", (rows / seconds for seconds in ours))
