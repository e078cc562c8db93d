"""The facts of a summary as lines of a label and a value: what the workbook and the page both list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.model import OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.model import Cell
    from importer.report.facts import Summary

__all__ = ["summary_facts"]


def summary_facts(summary: Summary) -> Iterator[tuple[str, Cell]]:
    """List what is known, and every count whether zero or not: the sum can be checked."""
    yield "command", summary.command
    yield from (fact for fact in _origins(summary) if fact[1] is not None)
    yield "read", summary.counts.read
    yield from ((kind.value, getattr(summary.counts, kind.value)) for kind in OutcomeKind)
    yield "pending", summary.counts.pending
    yield "requests", summary.requests.total
    yield "duration in s", round(summary.duration, 1)
    yield from (("note", note) for note in summary.notes)
    if summary.next is not None:
        yield "next", summary.next


def _origins(summary: Summary) -> Iterator[tuple[str, str | None]]:
    if (source := summary.source) is not None:
        yield "source", source.path
        yield "source sha256", source.sha256
        yield "format", source.format
        yield "encoding", source.encoding
        yield "delimiter", source.delimiter
        yield "sheet", source.sheet
        yield "header row", str(source.header_row)
    if (mapping := summary.mapping) is not None:
        yield "mapping", mapping.path
        yield "mapping sha256", mapping.sha256
    if (target := summary.target) is not None:
        yield "target", target.url
        yield "origin", target.origin
    yield "journal", summary.journal
