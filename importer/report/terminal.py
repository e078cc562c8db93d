"""A summary turned into lines for a terminal: what was read, the balance, the reasons, and what to do next."""

from __future__ import annotations

from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING

from importer.model import Action, OutcomeKind, Severity, Undone, harmless
from importer.report.canary import canary_lines
from importer.report.explained_lines import explanation_sections
from importer.report.fitting import wrapped
from importer.report.plan_document import ACTIONS
from importer.report.plan_lines import effort_text, plan_sections
from importer.report.verified import verified_sections
from importer.report.wording import duration_text, number_text, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from importer.model import Counts, IssueGroup, SourceInfo, UndoCounts
    from importer.report.facts import RequestFact, Summary

MOST_GROUPS = 10
"""How many reasons are shown; the report has the others."""

_IMBALANCE = "These counts do not add up to the {}. That is a bug of kanbert-import; please report it."
_FIRST_ROWS = 8
_NARROWEST = 24


class _Ink(StrEnum):
    """ANSI codes; `PLAIN` ends every other."""

    PLAIN = "\x1b[0m"
    BOLD = "\x1b[1m"
    RED = "\x1b[31m"
    YELLOW = "\x1b[33m"


_SEVERITY_INK = {Severity.ERROR: _Ink.RED, Severity.WARNING: _Ink.YELLOW, Severity.INFO: _Ink.BOLD}
_COUNT_INK = {"conflict": _Ink.RED, "refused": _Ink.RED, "failed": _Ink.RED, "unknown": _Ink.RED}


def summary_lines(summary: Summary, *, width: int, colour: bool) -> Iterator[str]:
    """Lay a summary out in lines of at most `width` cells, without line ends; sections have a blank line between.

    The last line is the next command, whole however long it is, so that it can be pasted.
    """
    page = _Page(max(width, _NARROWEST), inked=colour)
    sections = (
        page.origins(summary),
        *page.subject(summary),
        page.columns(summary),
        chain.from_iterable(_note(note, page.width) for note in summary.notes),
        _next(summary),
    )
    started = False
    for lines in map(list, sections):
        if lines and started:
            yield ""
        yield from lines
        started = started or bool(lines)


_WEIGHTS = {severity: weight for weight, severity in enumerate(Severity)}  # errors first, then by frequency


class _Page:
    """The width and the ink of one output."""

    def __init__(self, width: int, *, inked: bool) -> None:
        self.width = width
        self._inked = inked

    def origins(self, summary: Summary) -> Iterator[str]:
        source, mapping, target = summary.source, summary.mapping, summary.target
        if source is not None:
            yield from self._labelled("source", source.path)
            yield from self._labelled("", ", ".join(_source_facts(source, summary.rows)))
        if mapping is not None:
            yield from self._labelled("mapping", mapping.path)
        if target is not None:
            yield from self._labelled("target", f"{target.url}, origin {target.origin}")
        if summary.journal is not None:
            yield from self._labelled("journal" if summary.plan is None else "plan", summary.journal)

    def counts(self, summary: Summary) -> Iterator[str]:
        counts = summary.counts
        shown = [(name, number) for name, number in _counted(summary) if number]
        column = max(len(number_text(number)) for _, number in [("read", counts.read), *shown])
        yield self._ink(f"{'read':<13}{number_text(counts.read):>{column}}", _Ink.BOLD)
        for name, number in shown:
            yield self._ink(f"  {name:<11}{number_text(number):>{column}}", _COUNT_INK.get(name))
        yield from self._imbalance(counts)
        yield from wrapped(_effort(summary.requests, summary.duration), self.width, rest="  ")
        if summary.plan is not None:
            yield from wrapped(effort_text(summary.plan, summary.counts), self.width, rest="  ")

    def predicted(self, summary: Summary) -> Iterator[str]:
        """Hold what the plan predicted against what was done."""
        shown = [one for one in summary.predicted if one.predicted or one.actual]
        if not shown:
            return
        yield self._ink("The plan against what was done:", _Ink.BOLD)
        for one in shown:
            otherwise = ", ".join(f"{number_text(rows)} {outcome}" for outcome, rows in one.otherwise.items())
            became = "refused" if one.action is Action.CONFLICT else "done"
            text = f"{one.action.value}: {number_text(one.predicted)} planned, {number_text(one.actual)} {became}"
            ink = _Ink.YELLOW if one.predicted != one.actual or otherwise else None
            for line in self._indented_less(text + (f" ({otherwise} instead)" if otherwise else "")):
                yield self._ink(line, ink)

    def _indented_less(self, text: str) -> Iterator[str]:
        return wrapped(text, self.width, first="  ", rest="    ")

    def plan(self, summary: Summary) -> Iterator[Iterator[str]]:
        """Lay the plan out, where it is one, a section after the other."""
        if summary.plan is not None:
            yield from map(self._titled, plan_sections(summary.plan, self.width))

    def subject(self, summary: Summary) -> Iterator[Iterator[str]]:
        """Lay out what the command is about, a section after the other: the balance, unless it is something else."""
        if summary.explained is not None:
            yield from map(self._titled, explanation_sections(summary.explained, self.width))
        elif summary.verified is not None:
            yield from map(self._titled, verified_sections(summary.verified, self.width))
            yield wrapped(_effort(summary.requests, summary.duration), self.width, rest="  ")
        elif summary.undone is not None:
            yield self.undone(summary, summary.undone)
            yield self.kept(summary)
            yield self.groups(summary)
        else:
            yield self.counts(summary)
            yield self.predicted(summary)
            if summary.canary is not None:
                yield self._titled(canary_lines(summary.canary, self.width))
            yield from self.plan(summary)
            yield self.groups(summary)

    def _titled(self, lines: Iterator[str]) -> Iterator[str]:
        yield from (self._ink(title, _Ink.BOLD) for title in islice(lines, 1))
        yield from lines

    def undone(self, summary: Summary, counts: UndoCounts) -> Iterator[str]:
        """Tell the balance of an undo, in companies."""
        kinds = [*(kind.value for kind in Undone), "pending"]
        shown = [(name, number) for name in kinds if (number := getattr(counts, name))]
        column = max(len(number_text(number)) for _, number in [("companies", counts.companies), *shown])
        written = f"   written to {plural(counts.operations, 'time')}" if counts.operations else ""
        yield self._ink(f"{'companies':<18}{number_text(counts.companies):>{column}}{written}", _Ink.BOLD)
        for name, number in shown:
            yield self._ink(f"  {name.replace('_', ' '):<16}{number_text(number):>{column}}", _COUNT_INK.get(name))
        if not counts.balanced:
            yield from (self._ink(line, _Ink.RED) for line in wrapped(_IMBALANCE.format("companies"), self.width))
        yield from wrapped(_effort(summary.requests, summary.duration), self.width, rest="  ")

    def kept(self, summary: Summary) -> Iterator[str]:
        """Name the companies that an undo did not take back, each with its reason."""
        if not summary.kept or summary.undone is None:
            return
        yield self._ink("What was not taken back:", _Ink.BOLD)
        for one in summary.kept[:MOST_GROUPS]:
            places = [f"company {one.kanbert_id}"] if one.kanbert_id else []
            places += [f"row {one.row}"] if one.row else []
            title = f"{one.external_id} ({', '.join([*places, one.outcome])})"
            yield from (self._ink(line, _Ink.YELLOW) for line in wrapped(title, self.width, rest="  "))
            yield from self._indented(one.message)
            yield from self._indented(one.hint, mark="-> ")
        more = summary.undone.kept + summary.undone.failed + summary.undone.unknown - MOST_GROUPS
        if more > 0:
            yield f"and {number_text(more)} more: see --json"

    def groups(self, summary: Summary) -> Iterator[str]:
        groups = sorted(summary.groups, key=lambda group: _WEIGHTS[group.severity])
        if not groups:
            return
        yield self._ink("What was found:", _Ink.BOLD)
        for group in _foremost(groups):
            yield from self._group(group, summary.source)
        yield from wrapped(_rest(groups, summary), self.width)

    def columns(self, summary: Summary) -> Iterator[str]:
        """Tell what is wrong with whole columns; those that only say something for completeness in one line."""
        told = [group for group in summary.columns if group.severity is not Severity.INFO]
        remarks = [group for group in summary.columns if group.severity is Severity.INFO]
        if not summary.columns:
            return
        yield self._ink("What the columns show:", _Ink.BOLD)
        for group in told[:MOST_GROUPS]:
            yield from self._group(group, summary.source)
        for group in remarks[: MOST_GROUPS - len(told[:MOST_GROUPS])]:
            yield from self._indented(f"{group.column}: {group.message}")
        if len(summary.columns) > MOST_GROUPS:
            yield f"and {number_text(len(summary.columns) - MOST_GROUPS)} more: see --json"

    def _group(self, group: IssueGroup, source: SourceInfo | None) -> Iterator[str]:
        place = group.column or group.field
        title = f"{number_text(group.count)} x {group.code.value}" + (f" in {place}" if place else "")
        for line in wrapped(title, self.width, rest="  "):
            yield self._ink(line, _SEVERITY_INK[group.severity])
        yield from self._indented(group.message)
        if group.first_rows:
            yield from self._indented(_places(group, source))
        yield from self._indented(group.hint, mark="-> ")

    def _indented(self, text: str, mark: str = "") -> Iterator[str]:
        return wrapped(text, self.width, first="    " + mark, rest="    " + " " * len(mark))

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        return wrapped(text, self.width, first=f"{label:<9}", rest=" " * 9)

    def _imbalance(self, counts: Counts) -> Iterator[str]:
        if not counts.balanced:
            yield from (self._ink(line, _Ink.RED) for line in wrapped(_IMBALANCE.format("rows read"), self.width))

    def _ink(self, line: str, ink: _Ink | None) -> str:
        return f"{ink}{line}{_Ink.PLAIN}" if self._inked and ink else line


def _counted(summary: Summary) -> Iterator[tuple[str, int]]:
    """Name the counts: of a plan by what would be done."""
    counts, plan = summary.counts, summary.plan
    if plan is None:
        yield from ((kind.value, getattr(counts, kind.value)) for kind in OutcomeKind)
        yield ("pending" if summary.target else "ready"), counts.pending  # offline, nothing was to be written
        return
    yield from ((action.value, plan.actions.get(action, 0)) for action in ACTIONS)
    yield "skipped", counts.skipped
    yield "refused", counts.refused - plan.actions.get(Action.CONFLICT, 0)
    yield "failed", counts.failed
    yield "pending", counts.pending


def _source_facts(source: SourceInfo, rows: int | None) -> Iterator[str]:
    yield source.format
    if source.encoding is not None:
        yield source.encoding
    if source.delimiter is not None:
        yield f"delimiter {_delimiter_name(source.delimiter)}"
    if source.sheet is not None:
        yield f'sheet "{source.sheet}"'
    if source.format != "moneybird":  # there the columns are keys
        yield f"header in row {source.header_row}"
    if rows is not None:
        yield plural(rows, "row")


def _delimiter_name(delimiter: str) -> str:
    return {"\t": "tab", " ": "blank"}.get(delimiter, f'"{delimiter}"')


def _effort(requests: RequestFact, duration: float) -> str:
    if not requests.total:
        return f"in {duration_text(duration)}, no requests"
    facts = [f"{number_text(requests.read)} read", f"{number_text(requests.write)} write"]
    facts += [f"{number_text(requests.retried)} tried again"] if requests.retried else []
    facts += [f"{number_text(requests.throttled)} throttled"] if requests.throttled else []
    facts += [f"waited {duration_text(requests.waited_s)} for the target"] if requests.waited_s >= 1.0 else []
    return f"in {duration_text(duration)}, {plural(requests.total, 'request')} ({', '.join(facts)})"


def _places(group: IssueGroup, source: SourceInfo | None) -> str:
    """Name the first cells of a workbook, or the first rows; a row has at most one issue of most groups."""
    shown = group.first_rows[:_FIRST_ROWS]
    more = group.count - len(shown)
    first = None if source is None or source.sheet is None else source.address(group.column, shown[0])
    if first is None:
        listed = f"{'row' if len(shown) == 1 else 'rows'} {', '.join(map(str, shown))}"
    else:
        letters = first.rpartition("!")[2].rstrip("0123456789")
        listed = ", ".join([first, *(f"{letters}{row}" for row in shown[1:])])
    return listed + (f" and {number_text(more)} more" if more > 0 else "")


def _foremost(groups: Sequence[IssueGroup]) -> Iterator[IssueGroup]:
    """Choose those that are shown, in their order: of each code the first, as far as there is room, and then the next ones."""
    firsts = {group.code: place for place, group in reversed(list(enumerate(groups)))}.values()
    others = sorted(set(range(len(groups))).difference(firsts))
    chosen = sorted([*sorted(firsts), *others][:MOST_GROUPS])
    return (groups[place] for place in chosen)


def _rest(groups: Sequence[IssueGroup], summary: Summary) -> str:
    """Own up to what is not shown, and say where it is: a command without a journal has no report."""
    more, cut = len(groups) - MOST_GROUPS, summary.groups_cut
    where = "see the report" if summary.journal else f"see {'preview -n 0' if cut else '--json'}"
    if more <= 0:
        return f"and more kinds: {where}" if cut else ""
    kinds = "kind" if more == 1 and not cut else "kinds"
    return f"and {'at least ' if cut else ''}{number_text(more)} more {kinds}: {where}"


def _note(note: str, width: int) -> Iterator[str]:
    """Lay a note out; one that is a command stays whole, so that it can be pasted."""
    if note.startswith("kanbert-import "):
        yield harmless(note)
    else:
        yield from wrapped(note, width, rest="  ")


def _next(summary: Summary) -> Iterable[str]:
    return () if summary.next is None else ("Next:", harmless(summary.next))
