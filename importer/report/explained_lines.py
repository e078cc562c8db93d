"""One row's life turned into lines for a terminal.

Cells and what a server said may be of any length and hold anything: each is bounded and harmless here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from importer.model import Severity, shortened
from importer.report.cells import cell_text
from importer.report.fitting import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from importer.model import Cell, Change, Json, Payload
    from importer.report.explained import (
        CellFact,
        Explanation,
        FieldFact,
        OperationFact,
        RunFact,
        SentFact,
        StoredFact,
    )

__all__ = ["explanation_sections"]

_LONGEST_VALUE = 200
_LONGEST_NAME = 60
_MOST_REQUESTS = 50
_LONGEST_PART = 400  # characters of a list that are laid out together


def explanation_sections(one: Explanation, width: int) -> Iterator[Iterator[str]]:
    """Lay it out in sections, in the order in which it happened; the first line of each is its title."""
    page = _Page(width)
    yield page.head(one)
    if one.cells:
        yield page.cells(one.cells, addressed=one.source.sheet is not None)
    if one.fields or one.unread:
        yield page.fields(one)
    if one.issues:
        yield page.issues(one)
    if one.payload is not None:
        yield page.payload(one, one.payload)
    if one.foreseen is not None:
        yield page.foreseen(*one.foreseen)
    yield page.operations(one)
    yield page.requests(one)
    if one.stored_by is not None:
        yield page.stored(one.stored, one.stored_by)


class _Page:
    """The width of one output."""

    def __init__(self, width: int) -> None:
        self._width = width

    def _lines(self, text: str, indent: int = 2) -> Iterator[str]:
        return wrapped(text, self._width, first=" " * indent, rest=" " * (indent + 2))

    def head(self, one: Explanation) -> Iterator[str]:
        by = {"row": "its number", "external_id": "its external_id"}[one.meant]
        where = "not in the file any more" if one.number is None else f"row {one.number} of {one.source.path}"
        yield from wrapped(f"{where} (found by {by})", self._width, rest="  ")
        named = one.external_id if one.external_id is not None else "none"
        former = f", before a correction {', '.join(one.former)}" if one.former else ""
        yield from self._lines(f"external_id {named}{former}")
        if one.kanbert_id is not None:
            yield from self._lines(f"company {one.kanbert_id} in Kanbert")
        yield from self._lines(f"outcome: {one.outcome}")

    def cells(self, cells: Sequence[CellFact], *, addressed: bool) -> Iterator[str]:
        yield "Cells:"
        empty = [cell.column for cell in cells if _is_empty(cell.value) and not cell.corrected]
        for cell in cells:
            if not _is_empty(cell.value) or cell.corrected:
                place = f" ({cell.place.rpartition('!')[2]})" if addressed and cell.place else ""
                read = f"; corrected by a retry, the file has {_cell(cell.read)}" if cell.corrected else ""
                yield from self._lines(f"{_name(cell.column)}{place}: {_cell(cell.value)}{read}")
        yield from self._listed("empty:", empty)

    def fields(self, one: Explanation) -> Iterator[str]:
        yield from wrapped(f"What the mapping makes of them ({one.mapping}):", self._width, rest="  ")
        if one.unread is not None:
            yield from self._lines(one.unread)
        for field in one.fields:
            if field.state != "blank":
                yield from self._lines(f"{field.field}: {_made(field)}{_origin(field)} (line {field.line})")
                if field.rule != f"{field.field.rpartition('.')[2]}: {field.rule.rpartition(': ')[2]}":
                    yield from self._lines(shortened(field.rule, _LONGEST_VALUE), 6)
        blank = [f"{field.field} (line {field.line})" for field in one.fields if field.state == "blank"]
        yield from self._listed("nothing, so not sent:", blank)

    def _listed(self, title: str, names: Sequence[str]) -> Iterator[str]:
        """List names; each is bounded, not the list."""
        if names:
            yield from self._lines(title)
        for part in _parts(names):
            yield from wrapped(part, self._width, first="    ", rest="    ")

    def issues(self, one: Explanation) -> Iterator[str]:
        yield "What was found:"
        for stage, issue in one.issues:
            place = f" in {issue.location.column or issue.field}" if issue.location.column or issue.field else ""
            yield from self._lines(f"{issue.severity} {issue.code}{place} ({_STAGES.get(stage, stage)})")
            yield from self._lines(issue.message, 6)
            if issue.severity is not Severity.INFO:
                yield from self._lines(f"-> {issue.hint}", 6)

    def payload(self, one: Explanation, payload: Payload) -> Iterator[str]:
        """Show what should exist; in a line where the mapping's fields, shown before, say it."""
        made = {field.field: field.value for field in one.fields if field.state in {"value", "cleared"}}
        if made and _flat(payload) == {**made, "external_origin": payload.get("external_origin")}:
            yield from wrapped("Payload, what the company should be: these values", self._width, rest="  ")
            yield from self._lines(f"external_origin: {_value(payload.get('external_origin'))}")
            return
        yield from wrapped("Payload, what the company should be:", self._width, rest="  ")
        for name, value in payload.items():
            yield from self._lines(f"{name}: {_value(value)}")

    def foreseen(self, action: str, changes: Sequence[Change]) -> Iterator[str]:
        yield f"Planned: {action}"
        yield from self._changes(changes, 2)

    def operations(self, one: Explanation) -> Iterator[str]:
        if not one.operations:
            yield from wrapped("Operations: none; nothing had to be written, or not yet", self._width, rest="  ")
            return
        yield "Operations:"
        runs = {run.id: run for run in one.runs}
        for operation in one.operations:
            yield from self._operation(operation, runs.get(operation.run))

    def _operation(self, one: OperationFact, run: RunFact | None) -> Iterator[str]:
        company = "" if one.kanbert_id is None else f", company {one.kanbert_id}"
        within = "" if run is None else f", {run.command} of {_moment(run.started_at)}"
        yield from self._lines(f"{one.id}. {one.action} {one.external_id}{company}{within}")
        outcome = "effect not known" if one.outcome is None else one.outcome
        settled = "" if one.settled_at is None else f" at {_moment(one.settled_at)}"
        yield from self._lines(f"intended at {_moment(one.intended_at)}; {outcome}{settled}", 6)
        yield from self._changes(one.changes, 6)
        for change in one.otherwise:
            yield from self._lines(f"{change.field}: sent {_value(change.before)}, stored {_value(change.after)}", 6)
        if one.undoes is not None:
            yield from self._lines(f"takes back operation {one.undoes}", 6)
        if one.undone_by:
            yield from self._lines(f"undone by operation {', '.join(map(str, one.undone_by))}", 6)
        if one.traceback is not None:
            last = one.traceback.strip().rpartition("\n")[2]
            yield from self._lines(f"an error of kanbert-import itself: {last} (--json has all of it)", 6)

    def _changes(self, changes: Iterable[Change], indent: int) -> Iterator[str]:
        for change in changes:
            yield from self._lines(f"{change.field}: {_value(change.before)} -> {_value(change.after)}", indent)

    def requests(self, one: Explanation) -> Iterator[str]:
        if not one.requests:
            none = "Requests: none for this row; a listing of the space asks for all companies at once"
            yield from wrapped(none, self._width, rest="  ")
            return
        yield f"Requests: {len(one.requests)}"
        run = None
        for sent in one.requests[:_MOST_REQUESTS]:
            if sent.run != run:
                run = sent.run
                command = next((each.command for each in one.runs if each.id == run), "run")
                yield from self._lines(f"{command} ({run}), on {sent.at[:10]}")
            yield from self._request(sent)
        if len(one.requests) > _MOST_REQUESTS:
            yield from self._lines(f"and {len(one.requests) - _MOST_REQUESTS} more: see --json")

    def _request(self, sent: SentFact) -> Iterator[str]:
        status = "no answer" if sent.status is None else str(sent.status)
        waited = f", {_span(sent.waited_s)} after the one before" if sent.waited_s and sent.waited_s >= 0.1 else ""
        named = "" if sent.request_id is None else f", request id {sent.request_id}"
        took = f"{_span(sent.duration_s)}{waited}{named}"
        yield from self._lines(f"{sent.at[11:19]} {sent.method} {sent.path}: {status}, {took}", 4)
        if sent.message:
            yield from self._lines(sent.message, 8)

    def stored(self, stored: Sequence[StoredFact], known_by: str) -> Iterator[str]:
        yield from wrapped(f"In Kanbert, {known_by}:", self._width, rest="  ")
        for one in stored:
            if one.same is False:
                text = f"{one.field}: {_value(one.stored)}; the mapping wants {_value(one.sent)}"
                yield from wrapped(text, self._width, first="  * ", rest="      ")
        yield from self._listed("? not shown:", [one.field for one in stored if one.same is None])
        yield from self._listed("= as the mapping wants it:", [one.field for one in stored if one.same])


_STAGES = {"map": "by the mapping", "write": "by Kanbert's answer", "verify": "by `verify`"}
_STATES = {
    "cleared": "nothing, so it is cleared",
    "left-out": "left out",
    "failed": "refused",
}


def _made(field: FieldFact) -> str:
    return _value(field.value) if field.state == "value" else _STATES[field.state]


def _origin(field: FieldFact) -> str:
    if not field.columns:
        return ", from no cell"
    said, first = ", ".join(map(_name, field.columns)), field.column
    return f", from {said}" if first is None or len(field.columns) == 1 else f", from {_name(first)} of {said}"


def _flat(payload: Payload) -> dict[str, Json]:
    """Name custom fields as the mapping's fields are."""
    named = {name: value for name, value in payload.items() if name != "custom_fields"}
    slugs = payload.get("custom_fields")
    return named | {
        f"custom_fields.{slug}": value for slug, value in (slugs if isinstance(slugs, dict) else {}).items()
    }


def _name(text: str) -> str:
    return shortened(text, _LONGEST_NAME)


def _parts(names: Sequence[str]) -> Iterator[str]:
    """Join names to texts of which none is so long that it would be cut."""
    part = ""
    for name in map(_name, names):
        if part and len(part) + len(name) > _LONGEST_PART:
            yield f"{part},"
            part = ""
        part = f"{part}, {name}" if part else name
    if part:
        yield part


def _is_empty(cell: Cell) -> bool:
    return cell is None or cell == ""


def _cell(cell: Cell) -> str:
    if _is_empty(cell):
        return "empty"
    text = json.dumps(cell, ensure_ascii=False) if isinstance(cell, str) else cell_text(cell)
    return shortened(text, _LONGEST_VALUE)


def _value(value: Json) -> str:
    if value is None or value == []:
        return "nothing"
    return shortened(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)


def _span(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _moment(at: str) -> str:
    """Write an instant to the second, in the zone it was kept in."""
    return at[:19].replace("T", " ")
