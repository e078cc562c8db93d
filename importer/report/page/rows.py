"""Report rows turned into markup, and counted on the way for what stands above them.

No block begins with text from outside: a spreadsheet that opens the page, or takes a piece of it from the clipboard,
would run `=...` at the beginning of a cell as a formula.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.model import Severity, cell_address, shortened
from importer.report.cells import cell_text
from importer.report.layout import own_cells
from importer.report.page.text import cut, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importer.model import Cell, Issue
    from importer.report.facts import ReportRow

__all__ = ["NO_OUTCOME", "Tally", "chunks"]

NO_OUTCOME = "pending"  # of a row that nothing has happened to yet
_CHUNK = 50  # rows that a browser lays out at once, when they come into view
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
_BETWEEN = "   "  # after each cell; at the end of a line, blanks hang over it
_LONGEST = 1000  # characters of a message or a hint, as in the other formats


@dataclass(slots=True)
class Tally:
    """What the rows were, by outcome and by what is wrong with them; a kind is a code and a column."""

    rows: int = 0
    cut: int = 0  # cells that are not shown in full
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)  # rows that have the code
    columns: Counter[str | None] = field(default_factory=Counter)  # rows that have an issue there
    severities: dict[str, Severity] = field(default_factory=dict)  # the worst of each code
    kinds: dict[tuple[str, str | None], int] = field(default_factory=dict)  # to their numbers, in the order of finding

    def add(self, row: ReportRow) -> None:
        """Count one more row."""
        self.rows += 1
        self.outcomes[row.outcome or NO_OUTCOME] += 1
        self.reasons.update({issue.code.value for issue in row.issues})
        self.columns.update({issue.location.column for issue in row.issues})
        for issue in row.issues:
            self.kinds.setdefault((issue.code.value, issue.location.column), len(self.kinds))
            if issue.severity is Severity.ERROR or issue.code.value not in self.severities:
                self.severities[issue.code.value] = issue.severity


def chunks(rows: Iterable[ReportRow], columns: tuple[str, ...], tally: Tally) -> Iterator[str]:
    """Lay the rows out, and count them in `tally`; each text is a part of a block of rows."""
    writer = _Writer(columns, tally)
    for row in rows:
        if tally.rows % _CHUNK == 0:
            yield '</div>\n<div class="rows">\n' if tally.rows else '<div class="rows">\n'
        tally.add(row)
        yield writer.row(row)
    if tally.rows:
        yield "</div>\n"


class _Writer:
    """Rows of one table; the columns' names are escaped once.

    Cells have as little markup as can be: a browser takes its time and memory by the element.
    """

    def __init__(self, columns: tuple[str, ...], tally: Tally) -> None:
        self._columns = columns
        self._tally = tally
        self._names = [f"<b>{visible(shortened(name))}</b> " for name in columns]

    def row(self, row: ReportRow) -> str:
        outcome = row.outcome or NO_OUTCOME
        kinds = self._tally.kinds
        numbers = sorted({kinds[issue.code.value, issue.location.column] for issue in row.issues})
        held = (
            "" if row.external_id is None else f'<p>external_id <code class="id">{visible(row.external_id)}</code></p>'
        )
        return (
            f'<article id="r{row.number}" data-o="{outcome}" data-k="{" ".join(map(str, numbers))}">'
            f'<h3>Row {row.number} <span class="o {outcome}">{outcome}</span></h3>{held}'
            f"<ul>{''.join(self._issue(issue, row) for issue in row.issues)}</ul>"
            f'<p class="cells">Cells: {"".join(self._cells(row))}</p></article>\n'
        )

    def _issue(self, issue: Issue, row: ReportRow) -> str:
        column = issue.location.column
        address = cell_address(column, row.number, self._columns, row.sheet)
        place = "" if address is None else f' <span class="a">{visible(address)}</span>'
        named = "" if column is None else f' <span class="n">{visible(shortened(column))}</span>'
        return (
            f'<li class="{issue.severity.value}"><b>{issue.severity.value}</b> <code>{issue.code.value}</code>'
            f'{place}{named}: <span class="m">{visible(shortened(issue.message, _LONGEST))}</span>'
            f'<div>→ <span class="h">{visible(shortened(issue.hint, _LONGEST))}</span></div></li>'
        )

    def _cells(self, row: ReportRow) -> Iterator[str]:
        marks = _marks(row.issues)
        for name, column, cell in zip(self._names, self._columns, own_cells(row, self._columns), strict=True):
            mark = marks.get(column)
            shown = self._cell(cell)
            if mark is not None:
                yield f'<mark class="{mark}">{name}{shown if shown.strip() else f"{shown}<em>empty</em>"}</mark>{_BETWEEN}'
            elif shown:
                yield f"{name}{shown}{_BETWEEN}"

    def _cell(self, cell: Cell) -> str:
        if cell is None:
            return ""
        text, more = cut(cell_text(cell))
        shown = visible(text)
        if _RIGHT_TO_LEFT.search(text):  # kept to itself, or it would reorder the cells beside it
            shown = f'<span dir="auto">{shown}</span>'
        if not more:
            return shown
        self._tally.cut += 1
        return f"{shown}<small>… and {more:,} characters more</small>"


def _marks(issues: Iterable[Issue]) -> dict[str | None, str]:
    marks: dict[str | None, str] = {}
    for issue in issues:
        if issue.severity is Severity.ERROR or (
            issue.severity is Severity.WARNING and issue.location.column not in marks
        ):
            marks[issue.location.column] = issue.severity.value
    return marks
