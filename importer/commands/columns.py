"""The rows of a source -> what its columns show as a whole: how their cells are read, and what is wrong with them.

What a column proves comes from the whole file as it is, never from a part of it, nor from rows that were corrected. So
`validate`, `preview`, `run` and `retry` decide alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.mapping import Reading
from importer.model import Code, Issue, IssueGroup, Location
from importer.values.columns import ColumnWatch, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from importer.mapping import Asked, Mapper
    from importer.model import Row, SourceInfo
    from importer.values.columns import ColumnFacts, Finding, Settled

__all__ = ["Columns"]

_CODES: Mapping[Problem, Code] = {
    Problem.AMBIGUOUS_DATES: Code.AMBIGUOUS_DATES,
    Problem.CONTRADICTING_DATES: Code.CONTRADICTING_DATES,
    Problem.SHORT_YEARS: Code.SHORT_YEARS,
    Problem.DATES_AND_TEXT: Code.DATES_AND_TEXT,
    Problem.AMBIGUOUS_NUMBERS: Code.AMBIGUOUS_NUMBERS,
    Problem.LOST_ZEROS: Code.LOST_ZEROS,
    Problem.SCIENTIFIC: Code.SCIENTIFIC_NOTATION,
    Problem.MOJIBAKE: Code.MOJIBAKE,
    Problem.NUMBERS_AND_TEXT: Code.NUMBERS_AND_TEXT,
    Problem.CONSTANT: Code.CONSTANT_COLUMN,
}

_OF_DATES = {Problem.SHORT_YEARS, Problem.DATES_AND_TEXT}
_UNLESS_DECLARED = {
    Problem.AMBIGUOUS_DATES: "order",
    Problem.CONTRADICTING_DATES: "order",
    Problem.AMBIGUOUS_NUMBERS: "decimal_comma",
}


@dataclass(slots=True)
class Columns:
    """Watches columns of one source go by, all that the mapping looks at or some of them; feed it every row."""

    source: SourceInfo
    watches: Mapping[int, ColumnWatch]  # by position

    @classmethod
    def used(cls, source: SourceInfo, mapper: Mapper) -> Columns:
        """Watch the columns that a mapping looks at."""
        used = set(mapper.used_columns)
        return cls.at(source, [place for place, column in enumerate(source.columns) if column in used])

    @classmethod
    def at(cls, source: SourceInfo, places: Iterable[int]) -> Columns:
        """Watch the columns at these positions."""
        return cls(source, {place: ColumnWatch() for place in places})

    def feed_all(self, rows: Sequence[Row]) -> None:
        """Look at some rows of the source, as the file has them; a few hundred together are quickest."""
        if not rows:
            return
        numbers = [row.number for row in rows]
        by_column = list(zip(*(row.cells for row in rows), strict=True))
        for place, watch in self.watches.items():
            watch.feed_all(by_column[place], numbers)

    def absorb(self, other: Columns) -> None:
        """Add what was seen of other rows of the source."""
        for place, watch in self.watches.items():
            watch.absorb(other.watches[place])

    def readings(self, places: Iterable[int]) -> dict[int, Reading]:
        """Say what these columns prove of how their cells are read."""
        facts = self._facts()
        return {place: _reading(facts[place]) for place in places}

    def groups(self, mapper: Mapper) -> tuple[IssueGroup, ...]:
        """Tell what was found, as far as it matters for what a mapping makes of each column."""
        return tuple(
            group
            for place, facts in self._facts().items()
            for group in self._groups(self.source.columns[place], facts, mapper.asked.get(place, frozenset()))
        )

    def _facts(self) -> dict[int, ColumnFacts]:
        return {place: watch.facts() for place, watch in self.watches.items()}

    def _groups(self, column: str, facts: ColumnFacts, asked: frozenset[Asked]) -> Iterator[IssueGroup]:
        undeclared = {one.option for one in asked if not one.declared}
        for finding in facts.findings:
            if _matters(finding, {one.option for one in asked}, undeclared):
                detail = f"; it may have been {finding.suggestion}" if finding.suggestion else ""
                yield self._group(_CODES[finding.problem], column, finding, detail)
        if facts.settled_dates is not None and "order" in undeclared:
            way = "day first" if facts.date_order == "dmy" else "month first"
            yield self._group(Code.READ_BY_COLUMN, column, facts.settled_dates, _why(way, facts.settled_dates))
        if facts.settled_numbers is not None and "decimal_comma" in undeclared:
            way = "with a decimal comma" if facts.decimal_comma else "with a decimal point"
            yield self._group(Code.READ_BY_COLUMN, column, facts.settled_numbers, _why(way, facts.settled_numbers))

    def _group(self, code: Code, column: str, found: Finding | Settled, detail: str) -> IssueGroup:
        issue = Issue.of(code, Location(self.source.path, column=column), value=found.example, detail=detail)
        return IssueGroup(
            code=code,
            severity=issue.severity,
            field=None,
            column=column,
            value=issue.value,
            count=found.count,
            first_rows=found.first_rows,
            message=issue.message,
            hint=issue.hint,
        )


def _reading(facts: ColumnFacts) -> Reading:
    """Take the proof of a column; that years stand first settles nothing that needs to be settled."""
    order = None if facts.date_order == "ymd" else facts.date_order
    return Reading(order, facts.decimal_comma)


def _matters(finding: Finding, asked: set[str], undeclared: set[str]) -> bool:
    problem = finding.problem
    if problem in _OF_DATES:
        return "order" in asked
    if problem in _UNLESS_DECLARED:
        return _UNLESS_DECLARED[problem] in undeclared
    return problem is not Problem.LOST_ZEROS or not asked  # numbers and dates lose nothing by a zero in front


def _why(way: str, settled: Settled) -> str:
    return f'{way}, since "{settled.proof}" in row {settled.proof_row} can be nothing else'
