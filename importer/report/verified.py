"""What a look at Kanbert found, as values, and turned into lines for a terminal and into JSON.

Both stay readable at 50,000 rows: counts and fields first, then some of the rows, or all of them where that is asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.model import Severity, plural, shortened
from importer.report.fitting import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.model import Change, Issue, Json

__all__ = ["MOST_KEPT", "VerifiedFact", "VerifiedRow", "verified_document", "verified_sections"]

SAMPLES = 10  # rows of each kind that a terminal shows
MOST_KEPT = 1000  # rows of each kind that are kept where not all are asked for
_MOST_FIELDS = 6  # of a sample; of a row of --full all are shown
_LONGEST_VALUE = 60

_KINDS = {
    "same": ("=", "as the mapping wants it"),
    "differs": ("*", "with differences"),
    "missing": ("+", "missing: nobody holds the external_id"),
    "error": ("!", "not to be told"),
}
_TITLES = {"differs": "Differences, wanted -> in Kanbert", "missing": "Missing", "error": "Not to be told"}


@dataclass(frozen=True, slots=True)
class VerifiedRow:
    """A row that is not the same; of a difference `before` is what is there and `after` what the mapping wants."""

    kind: str  # differs, missing or error
    number: int
    external_id: str
    kanbert_id: str | None
    differences: tuple[Change, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedFact:
    """What a look at Kanbert found."""

    counts: Mapping[str, int]  # rows by same, differs, missing and error
    wanted: int  # rows there were to look at
    refused: int = 0  # by the mapping: there is nothing that they could be compared with
    skipped: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)  # in how many rows each differs
    hidden: Mapping[str, int] = field(default_factory=dict)  # in how many rows Kanbert does not show it
    rows: Sequence[
        VerifiedRow
    ] = ()  # those that are not the same, in the order of the file; at most `MOST_KEPT` a kind
    full: bool = False  # all of them are kept, and to be shown

    @property
    def looked_at(self) -> int:
        """How many rows were compared."""
        return sum(self.counts.values())

    @property
    def unlike(self) -> int:
        """How many of them are not the same."""
        return self.looked_at - self.counts.get("same", 0)

    @property
    def not_looked_at(self) -> int:
        """How many rows a stop left out."""
        return self.wanted - self.looked_at


def verified_document(fact: VerifiedFact) -> dict[str, Json]:
    """Lay it out for `--json`; `rows` has those that are not the same, and `rows_cut` says where that is not all."""
    found: dict[str, Json] = {
        **{kind: fact.counts.get(kind, 0) for kind in _KINDS},
        "not_looked_at": fact.not_looked_at,
        "not_compared": {"refused": fact.refused, "skipped": fact.skipped},
        "fields": dict(fact.fields),
        "not_shown": dict(fact.hidden),
        "rows": [_row_document(row) for row in fact.rows],
    }
    if len(fact.rows) < fact.unlike:
        found["rows_cut"] = True
    return found


def _row_document(row: VerifiedRow) -> dict[str, Json]:
    columns = {issue.field: issue.location.column for issue in row.issues}
    return {
        "symbol": _KINDS[row.kind][0],
        "row": row.number,
        "external_id": row.external_id,
        "kanbert_id": row.kanbert_id,
        "differences": [
            {"field": one.field, "column": columns.get(one.field), "wanted": one.after, "there": one.before}
            for one in row.differences
        ],
        "codes": list(dict.fromkeys(issue.code.value for issue in row.issues)),
        "messages": [issue.message for issue in row.issues],
    }


def verified_sections(fact: VerifiedFact, width: int) -> Iterator[Iterator[str]]:
    """Lay it out in sections; the first line of each is its title."""
    yield _counts(fact, width)
    if fact.fields:
        yield _fields("Fields that differ:", fact.fields, width)
    if fact.hidden:
        yield _fields("Not compared, since Kanbert's answers do not show it:", fact.hidden, width)
    for kind, title in _TITLES.items():
        if fact.counts.get(kind):
            yield _rows(fact, kind, title, width)


def _counts(fact: VerifiedFact, width: int) -> Iterator[str]:
    numbers = {kind: f"{fact.counts[kind]:,}" for kind in _KINDS if fact.counts.get(kind)}
    total = f"{fact.looked_at:,}"
    column = max(map(len, (total, *numbers.values())))
    yield f"{'verified':<13}{total:>{column}}"
    for kind, number in numbers.items():
        symbol, words = _KINDS[kind]
        yield from wrapped(words, width, first=f"  {symbol} {kind:<9}{number:>{column}}  ", rest=" " * (15 + column))
    if fact.not_looked_at:
        yield f"  ? {'open':<9}{fact.not_looked_at:>{column},}"
    if fact.refused or fact.skipped:
        parts = ((fact.refused, "refused by the mapping"), (fact.skipped, "skipped"))
        said = ", ".join(f"{number:,} {words}" for number, words in parts if number)
        yield from wrapped(f"not compared: {said}", width, rest="  ")


def _fields(title: str, fields: Mapping[str, int], width: int) -> Iterator[str]:
    yield from wrapped(title, width)
    longest = max(len(f"{count:,}") for count in fields.values())
    for name, count in sorted(fields.items(), key=lambda item: (-item[1], item[0])):
        yield from wrapped(name, width, first=f"  {count:>{longest},} x ", rest=" " * (longest + 5))


def _rows(fact: VerifiedFact, kind: str, title: str, width: int) -> Iterator[str]:
    count = fact.counts[kind]
    yield from wrapped(f"{title}: {plural(count, 'row')}", width, rest="  ")
    rows = [row for row in fact.rows if row.kind == kind]
    shown = rows if fact.full else rows[:SAMPLES]
    for row in shown:
        yield from _row(row, width, full=fact.full)
    if len(shown) < count:
        yield from wrapped(
            f"and {count - len(shown):,} more: --full shows them, the report has them", width, first="  "
        )


def _row(row: VerifiedRow, width: int, *, full: bool) -> Iterator[str]:
    company = "" if row.kanbert_id is None else f", company {row.kanbert_id}"
    symbol = _KINDS[row.kind][0]
    yield from wrapped(f"row {row.number}, {row.external_id}{company}", width, first=f"{symbol} ", rest="    ")
    shown = row.differences if full else row.differences[:_MOST_FIELDS]
    for one in shown:
        text = f"{one.field}: {_value(one.after)} -> {_value(one.before)}"
        yield from wrapped(text, width, first="    ", rest="      ")
    if len(shown) < len(row.differences):
        yield from wrapped(
            f"and {plural(len(row.differences) - len(shown), 'more field')}", width, first="    ", rest="    "
        )
    if not row.differences:
        for issue in row.issues:
            if issue.severity is Severity.ERROR:
                yield from wrapped(issue.message, width, first="    ", rest="      ")


def _value(value: Json) -> str:
    text = "nothing" if value in (None, []) else json.dumps(value, ensure_ascii=False)
    return shortened(text, _LONGEST_VALUE)
