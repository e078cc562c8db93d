"""What is said of external_ids that are held under another origin."""

from __future__ import annotations

from importer.commands.finding import _twice


def test_counts_are_written_with_their_thousands_apart() -> None:
    assert _twice(5000, 1500) == "1,500 of them exist twice now and the others would"
    assert _twice(2, 1) == "1 of them exists twice now and the other would"
