"""Runs the tests that a mapping file carries: each maps one row and compares what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from importer.mapping.compiling import compile_mapper
from importer.mapping.evaluation import Scope
from importer.mapping.header import Header
from importer.mapping.mapper import Place
from importer.mapping.names import listed, nearest, quoted
from importer.model import Desired, Refusal, Row, Severity, Skip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.mapping.schema import Document, ExampleTest
    from importer.mapping.tree import Path, Tree
    from importer.model import Issue, Json, Mapped

__all__ = ["Difference", "TestFailure", "run_examples"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise than a test says, and where the test says it."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A test that did not come out as written: where it stands, and every difference, in words."""

    number: int  # 1 is the first test of the file
    line: int
    column: int
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        return f"line {self.line}: test {self.number}: " + "; ".join(map(str, self.differences))


def run_examples(document: Document, tree: Tree) -> tuple[TestFailure, ...]:
    """Run all tests; a test whose row names only some columns sees the others empty."""
    failures = []
    for index, test in enumerate(document.tests):
        here: Path = ("tests", index)
        if found := list(_differences(document, test)):
            differences = tuple(Difference(*tree.place((*here, *path)), message) for path, message in found)
            failures.append(TestFailure(index + 1, *tree.place(here), differences))
    return tuple(failures)


_Found: TypeAlias = "tuple[Path, str]"
"""The part of a test that a difference is about, and the difference in words."""


def _differences(document: Document, test: ExampleTest) -> Iterator[_Found]:
    header = Header(tuple(test.row), document.source.columns, lenient=True)
    scope = Scope(header)
    mapper = compile_mapper(document, scope, Place("test"))
    yield from (((), flaw.message) for flaw in scope.flaws)
    if unused := [column for column in test.row if column in mapper.unused_columns]:
        yield ("row", unused[0]), _unused(unused, mapper.used_columns)
    if not scope.flaws:
        yield from _compared(test, mapper.map(Row(1, tuple(test.row.values()))))


def _unused(columns: Sequence[str], known: Sequence[str]) -> str:
    near = [name for column in columns for name in nearest(column, [name for name in known if name not in columns])]
    hint = f"; did you mean {listed(quoted(near[:3]), 'or')}?" if near else ""
    verb = "is no column" if len(columns) == 1 else "are no columns"
    return f"{listed(quoted(columns), 'and')} {verb} that the mapping uses{hint}"


def _compared(test: ExampleTest, mapped: Mapped) -> Iterator[_Found]:
    match mapped:
        case Desired() if test.refused or test.skipped:
            word = "refused" if test.refused else "skipped"
            yield (word,), f"the row was to be {word}, and it maps to a company"
        case Desired(payload=payload):
            yield from _values(test, payload)
        case Refusal(issues=issues) if test.refused:
            yield from _codes(test.refused, issues)
        case Refusal(issues=issues):
            yield (), f"the row is refused: {listed(_messages(issues), 'and')}"
        case Skip(issues=issues) if not test.skipped:
            yield (), f"the row is {issues[-1].message}"
        case _:
            return


def _codes(wanted: Sequence[str], issues: Sequence[Issue]) -> Iterator[_Found]:
    found = {issue.code.value for issue in issues if issue.severity is Severity.ERROR}
    if found != set(wanted):
        for_what = f"{listed(wanted, 'and')}, and is for: {listed(_messages(issues), 'and')}"
        yield ("refused",), f"the row was to be refused for {for_what}"


def _messages(issues: Sequence[Issue]) -> list[str]:
    return [f"{issue.message} ({issue.code.value})" for issue in issues if issue.severity is Severity.ERROR]


def _values(test: ExampleTest, payload: Mapping[str, Json]) -> Iterator[_Found]:
    client = payload.get("client_id")
    by_name = {"client_id": client.get("external_id")} if isinstance(client, dict) else {}
    yield from _subset("company", test.company or {}, {**payload, **by_name})
    slugs = payload.get("custom_fields")
    yield from _subset("custom_fields", test.custom_fields or {}, slugs if isinstance(slugs, dict) else {})
    if test.tags is not None:
        tags = payload.get("tags") or []
        if tags != list(test.tags):
            yield ("tags",), f"tags are {_shown(tags)}, not {_shown(list(test.tags))}"


def _subset(part: str, wanted: Mapping[str, Json], found: Mapping[str, Json]) -> Iterator[_Found]:
    prefix = "" if part == "company" else f"{part}."
    for name, value in wanted.items():
        got = found.get(name)
        if got != value or isinstance(got, bool) is not isinstance(value, bool):
            what = _shown(got) if name in found else "not sent"
            yield (part, name), f"{prefix}{name} is {what}, not {_shown(value)}"


def _shown(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(map(_shown, value))}]"
        case str():
            return f'"{_visible(value)}"'
        case _:
            return str(value)


def _visible(text: str) -> str:
    """Write blanks and signs that cannot be seen by their number: a no-break space would look like a space."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
