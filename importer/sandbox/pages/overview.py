"""A running sandbox -> its first page: where it is, what it holds, what it was asked last, and how it misbehaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.pages.faults import described
from importer.sandbox.pages.requests import seen
from importer.sandbox.pages.visits import Page, Visit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from importer.sandbox.behaviour import Token

__all__ = ["shown"]

_LAST = 10
_PLAIN_TOKEN = 12  # characters; a longer one may be somebody's real one, and is not shown whole

_DUPLICATES = """
    SELECT count(*) FROM (
        SELECT 1 FROM companies WHERE external_id IN (
            SELECT external_id FROM companies WHERE external_id IS NOT NULL GROUP BY external_id HAVING count(*) > 1
        ) GROUP BY external_origin, external_id HAVING count(*) > 1
    )
"""
"""Answered from the index of external ids alone where there are none."""


async def shown(visit: Visit) -> Page:
    """Show the first page."""
    exchanges = visit.exchanges
    totals = exchanges.ledger.totals()
    live, archived, duplicates = await exchanges.read(_counts)
    counts = {
        "Live companies": live,
        "Archived": archived,
        "Duplicates": duplicates,
        "Requests": sum(totals["requests"].values()),
        "Writes": sum(totals["writes"].values()),
        "Throttled": totals["throttled"],
        "Most at once": totals["most_in_flight"],
        "Faults fired": exchanges.faults.fired,
    }
    return Page(
        "overview.html",
        {
            "counts": counts,
            "tokens": _tokens(exchanges.tokens),
            "requests": seen(exchanges.ledger.recent[-_LAST:]),
            "faults": described(exchanges.faults),
        },
    )


def _counts(db: sqlite3.Connection) -> tuple[int, int, int]:
    everything, archived = db.execute("SELECT count(*), count(deleted_at) FROM companies").fetchone()
    (duplicates,) = db.execute(_DUPLICATES).fetchone()
    return everything - archived, archived, duplicates


def _tokens(tokens: Mapping[str, Token]) -> list[tuple[str, str, list[str]]]:
    return [
        (text if len(text) <= _PLAIN_TOKEN else f"{text[:4]}…", token.slug, sorted(token.scopes))
        for text, token in tokens.items()
    ]
