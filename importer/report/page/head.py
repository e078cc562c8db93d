"""Counts, reasons and facts of a report as the values that the page's template takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from importer.model import TEMPLATES, Code, OutcomeKind, column_letter, shortened
from importer.report.summed import summary_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from importer.model import Counts
    from importer.report.facts import ReportSource
    from importer.report.page.rows import Tally

__all__ = ["head_values"]

_BAR = 1000  # units that the bar of all counts is wide
_LEAST = 5  # of them that a count other than 0 takes, so that it is seen


@dataclass(frozen=True, slots=True)
class Share:
    """One count in the balance, and its piece of the bar."""

    name: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One code: how many rows have it, and what to do about it."""

    code: str
    severity: str
    rows: int
    percent: float  # of the most frequent one
    hint: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a filter: the numbers of the kinds that it lets through, or an outcome."""

    value: str
    text: str


def head_values(report: ReportSource, tally: Tally) -> Mapping[str, object]:
    """Give the template all but the rows."""
    summary = report.summary
    source = summary.source
    return {
        "title": Path(source.path).name if source else summary.command,
        "counts": summary.counts,
        "shares": list(_shares(summary.counts)),
        "reasons": list(_reasons(tally)),
        "summary": summary,
        "groups": [
            (group, source.address(group.column, group.first_rows[0]) if source and group.first_rows else None)
            for group in (*summary.columns, *summary.groups)
        ],
        "facts": list(summary_facts(summary)),
        "by_reason": list(_by_reason(tally)),
        "by_column": list(_by_column(tally, report.columns)),
        "by_outcome": [Choice(name, f"{name} ({rows:,})") for name, rows in sorted(tally.outcomes.items())],
    }


def _shares(counts: Counts) -> Iterator[Share]:
    found = [(name, getattr(counts, name)) for name in (*OutcomeKind, "pending")]
    whole = sum(max(count * _BAR / (counts.read or 1), _LEAST) for _, count in found if count) or 1
    start = 0.0
    for name, count in found:
        width = max(count * _BAR / (counts.read or 1), _LEAST) * _BAR / whole if count else 0
        yield Share(str(name), count, round(start, 1), round(width, 1))
        start += width


def _reasons(tally: Tally) -> Iterator[Reason]:
    most = max(tally.reasons.values(), default=1)
    for code, rows in tally.reasons.most_common():
        yield Reason(code, tally.severities[code].value, rows, round(rows * 100 / most, 1), TEMPLATES[Code(code)].hint)


def _by_reason(tally: Tally) -> Iterator[Choice]:
    for code, rows in tally.reasons.most_common():
        yield Choice(_numbers(tally, {kind for kind in tally.kinds if kind[0] == code}), f"{code} ({rows:,})")


def _by_column(tally: Tally, columns: tuple[str, ...]) -> Iterator[Choice]:
    """List the columns in the order of the file, each after its letter; what concerns no one column comes last."""
    places = {name: place for place, name in enumerate(columns)}
    for column in sorted(tally.columns, key=lambda name: places.get(name or "", len(places))):
        letter = f"{column_letter(places[column])}: " if column in places else ""
        name = "no one column" if column is None else f"{letter}{shortened(column, 60)}"
        kinds = {kind for kind in tally.kinds if kind[1] == column}
        yield Choice(_numbers(tally, kinds), f"{name} ({tally.columns[column]:,})")


def _numbers(tally: Tally, kinds: set[tuple[str, str | None]]) -> str:
    return " ".join(map(str, sorted(tally.kinds[kind] for kind in kinds)))
