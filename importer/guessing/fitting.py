"""Fits a ready mapping to one file: its rules for the columns that are there, as they are written, with their comments.

What the file does not have is left out (`pruning` says what that means), and what it has beyond the mapping stands below
as comments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, cast

from importer.guessing.guess import Guess, source_lines
from importer.guessing.identity import identity
from importer.guessing.leftovers import leftovers
from importer.guessing.lines import Draft, Line
from importer.guessing.pruning import columns_of, pruned, pruned_condition
from importer.guessing.rendering import custom_lines, rest_lines
from importer.guessing.sections import entries, paragraphs, sections
from importer.guessing.yaml_text import comment, flow
from importer.mapping import parse_mapping
from importer.mapping.names import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importer.guessing.ready import Ready
    from importer.guessing.sections import Entry, Section
    from importer.guessing.table import Column, Table
    from importer.guessing.yaml_text import Value
    from importer.mapping import SourceSettings
    from importer.model import SourceInfo

__all__ = ["fitted"]

_SHARED = re.compile(r"(?:when|:) [&*]\w+")  # a condition that is written once and used again
_OF_THE_WHOLE = re.compile(r"\$schema|kanbert-import|`init`")  # what is said of the ready mapping, and not of the file
_GAP = re.compile(r"\n{3,}")
_OBJECTS, _LISTS = ("company", "custom_fields"), ("tags", "skip")
_HALF = (
    "TODO: what is left of the ready rule for the columns that are there; make sure that it names each company for good"
)
_EXAMPLE = ("1001", "Example Company")


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of the ready mapping, and what is left of it."""

    section: str
    name: str  # the field, the slug, or a list's number
    before: Value
    left: Value
    reason: str = "by the ready mapping"
    todo: bool = False


@dataclass(frozen=True, slots=True)
class _Fit:
    """A ready mapping, the file, and what is left of each rule."""

    ready: Ready
    table: Table
    rules: Mapping[tuple[str, str], _Rule]

    @property
    def gone(self) -> tuple[str, ...]:
        """What is left out: fields by their names, and `tags` or `skip` where a rule of theirs is."""
        named = ((rule, rule.name if rule.section in _OBJECTS else rule.section) for rule in self.rules.values())
        return tuple(dict.fromkeys(name for rule, name in named if rule.left is None))

    @property
    def todo(self) -> bool:
        """Whether a rule has to be looked at before a run."""
        return any(rule.todo for rule in self.rules.values())

    def columns(self, rule: _Rule) -> tuple[Column, ...]:
        """Give the file's columns that a rule is about."""
        inner = rule.left["when"] if rule.section == "skip" and isinstance(rule.left, Mapping) else rule.left
        headers = {self.ready.header.get(name, name) for name in columns_of(inner)}
        return tuple(column for column in self.table.columns if column.name in headers)

    def lines(self) -> Iterator[Line]:
        """Say of each rule that counts where its value comes from."""
        for rule in self.rules.values():
            if rule.left is not None and rule.section in {"company", "tags"}:
                name = rule.name if rule.section == "company" else ""
                yield Line(name, rule.left, rule.reason, self.columns(rule), todo=rule.todo)

    def used(self) -> tuple[Column, ...]:
        """Give all columns that a rule is about."""
        of_rules = (column for rule in self.rules.values() if rule.left is not None for column in self.columns(rule))
        return tuple({column.index: column for column in of_rules}.values())


def fitted(ready: Ready, table: Table, info: SourceInfo, said: SourceSettings, schema: str) -> Guess | None:
    """Fit a ready mapping to a file; None where the file has no column for the company's name, or for what names it."""
    fit = _fit(ready, table)
    if any(fit.rules["company", name].left is None for name in ("external_id", "company_name")):
        return None
    used = fit.used()
    draft = Draft(company=[Line("", None, "", used)])
    leftovers(table, draft)
    lines = [*_head(fit, info, schema), *_sections(fit, list(source_lines(info, said)))]
    text = _with_tests(fit, [*lines, "", *custom_lines(draft.custom), "", *rest_lines(draft)])
    facts = (len(used), len(table.columns), table.rows, ready.export.name, fit.gone)
    return Guess(text, ready.export.title, ready.origin, tuple(fit.lines()), *facts)


def _fit(ready: Ready, table: Table) -> _Fit:
    rules: dict[tuple[str, str], _Rule] = {}
    for section in _OBJECTS:
        for name, before in ready.part(section).items():
            rules[section, name] = _Rule(section, name, before, pruned(before, ready.has))
    for number, before in enumerate(cast("Sequence[Value]", ready.data.get("tags") or ())):
        rules["tags", str(number)] = _Rule("tags", str(number), before, pruned(before, ready.has))
    for number, before in enumerate(cast("Sequence[Mapping[str, Value]]", ready.data.get("skip") or ())):
        condition = pruned_condition(before["when"], ready.has)
        left = None if isinstance(condition, bool) else {**before, "when": condition}
        rules["skip", str(number)] = _Rule("skip", str(number), before, left)
    rules["company", "external_id"] = _key(rules["company", "external_id"], ready, table)
    return _Fit(ready, table, rules)


def _key(rule: _Rule, ready: Ready, table: Table) -> _Rule:
    """Take the nearest column where those of the external_id are missing; if only the first is, somebody has to look at it."""
    if rule.left is not None:
        return rule if ready.has(_first_column(rule.before)) else replace(rule, reason=_HALF, todo=True)
    key = identity(table)
    return rule if key is None else replace(rule, before=None, left=key.value, reason=key.reason, todo=key.todo)


# ── the parts of the file ────────────────────────────────────────────────────────────────────────────────────────


def _head(fit: _Fit, info: SourceInfo, schema: str) -> Iterator[str]:
    if schema:
        yield f"# yaml-language-server: $schema={schema}"
    for paragraph in paragraphs(sections(fit.ready.text)[0].above):
        if not _OF_THE_WHOLE.search(" ".join(paragraph)):
            yield from paragraph
            yield "#"
    yield f"# Fitted to {comment(PurePath(info.path).name, 100)} by its headers: read it line by line before a run."
    if fit.gone:
        yield f"# Left out, since the file has no column for them: {', '.join(fit.gone)}."
    if fit.todo:
        yield "# Lines that say TODO are no more than the least bad choice."
    yield "# What stands behind a # does not count. Next: kanbert-import check THIS_FILE YOUR_FILE"


def _sections(fit: _Fit, source: Sequence[str]) -> Iterator[str]:
    for section in sections(fit.ready.text):
        yield from section.above if section.name != "version" else [""]
        if section.name == "source":
            yield from _source(fit, source)
        elif section.name in {*_OBJECTS, *_LISTS}:
            yield from _rules(fit, section)
        elif section.name != "tests":
            yield from section.lines


def _source(fit: _Fit, source: Sequence[str]) -> Iterator[str]:
    """Write how the file is read, and of each name used below the one header that this file has."""
    said = fit.ready.part("source")
    yield "source:"
    for line in source[1:]:
        name = line.strip(" #").partition(":")[0]
        yield line.replace("# ", "", 1) if name in said and line.startswith("  # ") else line
    yield "  columns:  # a name used below, and the header that it stands for"
    for name, header in fit.ready.header.items():
        yield f"    {name}: {flow([header])}"


def _rules(fit: _Fit, section: Section) -> Iterator[str]:
    found, behind = entries(section.lines[1:])
    named = [(entry.name or str(number), entry) for number, entry in enumerate(found)]
    rules = [(fit.rules[section.name, name], entry) for name, entry in named]
    whole = all(rule.left == rule.before for rule, entry in rules if _SHARED.search("\n".join(entry.lines)))
    body = [line for rule, entry in rules for line in _entry(rule, entry, whole=whole)]
    if any(rule.left is not None for rule, _ in rules):
        yield section.lines[0]
    yield from [*body, *behind]


def _entry(rule: _Rule, entry: Entry, *, whole: bool) -> Iterator[str]:
    """Write a rule as it stands if nothing of it is gone, on one line if something is, and not at all if all is."""
    yield from entry.free
    if rule.left is None:
        return
    if rule.todo or rule.before is None:
        yield f"  {rule.name}: {flow(rule.left)}  # {comment(rule.reason)}"
        return
    yield from entry.above
    if rule.left == rule.before and (whole or not _SHARED.search("\n".join(entry.lines))):
        yield from entry.lines
        return
    before = "- " if rule.section in _LISTS else f"{rule.name}: "
    yield f"  {before}{flow(rule.left)}"


# ── the tests ────────────────────────────────────────────────────────────────────────────────────────────────────


def _with_tests(fit: _Fit, lines: Iterable[str]) -> str:
    """Put the file together, with the mapping's own tests of the columns that are there; where that is none, with one of two."""
    text = _GAP.sub("\n\n", "\n".join(lines)).rstrip("\n") + "\n"
    below = next((section for section in sections(fit.ready.text) if section.name == "tests"), None)
    found = entries(below.lines[1:])[0] if below else []
    written = cast("Sequence[Mapping[str, Value]]", fit.ready.data.get("tests") or ())
    kept = [entry.lines for entry, test in zip(found, written, strict=True) if _holds(fit, test)]
    tests = [line for lines in kept for line in lines] or [f"  - {flow(_example(fit))}"]
    whole = "\n".join([text, "# `check` runs these. Write one for each rule that you change.", "tests:", *tests]) + "\n"
    return text if parse_mapping(whole, path=Path("fitted")).run_tests() else whole


def _holds(fit: _Fit, test: Mapping[str, Value]) -> bool:
    """Whether a test is about columns that are there, and that it calls as the fitted mapping does.

    What is left of the rules says of such a row what all of them said of it, but where the external_id is another one.
    """
    if any(rule.before is None for rule in fit.rules.values()):
        return False
    known = {*map(folded, fit.ready.header), *map(folded, fit.ready.header.values())}
    return all(folded(name) in known for name in cast("Mapping[str, Value]", test["row"]))


def _example(fit: _Fit) -> Value:
    """Make a test of the two required fields, with made-up cells."""
    row: dict[str, Value] = {}
    for name, cell in zip(("external_id", "company_name"), _EXAMPLE, strict=True):
        row[_first_column(fit.rules["company", name].left)] = cell
    return {"row": row, "company": dict(zip(("external_id", "company_name"), _EXAMPLE, strict=True))}


def _first_column(value: Value) -> str:
    """Take the column that a value comes from where it is there."""
    if not isinstance(value, Mapping):
        return str(value)
    several = value.get("first_of")
    return _first_column(several[0]) if isinstance(several, Sequence) else str(value.get("from", ""))
