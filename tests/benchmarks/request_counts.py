"""How many requests a company costs: in a fresh space, and when nothing has changed; counted by the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.children import importing
from tests.benchmarks.exports import write_csv, write_mapping
from tests.benchmarks.figures import Figure
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.setting import Setting
    from tests.fakes.local_kanbert import LocalKanbert

__all__ = ["requests"]


def requests(setting: Setting) -> Iterator[Figure]:
    """Requests beyond the pages listed: one a created row, then none."""
    rows = setting.rows(1_000)
    export, mapping = write_csv(setting.folder / "contacts.csv", rows), write_mapping(setting.folder)
    with local_kanbert() as kanbert:
        pages, others = _asked(kanbert, export, mapping, "first.journal")
        yield Figure("requests", "fresh space: per created row, without pages", others / rows, at_most=1.0)
        yield Figure("requests", "fresh space: pages listed", pages)
        pages, others = _asked(kanbert, export, mapping, "first.journal")
        yield Figure("requests", "second run, same journal: without pages", others, at_most=0.0)
        yield Figure("requests", "second run, same journal: pages listed", pages)
        pages, others = _asked(kanbert, export, mapping, "second.journal")
        yield Figure("requests", "second run, new journal: without pages", others, at_most=0.0)
        yield Figure("requests", "second run, new journal: pages listed", pages)


def _asked(kanbert: LocalKanbert, export: Path, mapping: Path, journal: str) -> tuple[float, float]:
    """Run, and count the pages and the other requests that it took."""
    before = len(kanbert.requests)
    importing("run", export, "-m", mapping, "--to", kanbert.url, "--journal", export.with_name(journal), "--json")
    made = kanbert.requests[before:]
    pages = sum(request.method == "GET" and request.path == "/companies" for request in made)
    return float(pages), float(len(made) - pages)
