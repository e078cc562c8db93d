"""Turns a mapping file into a checked `Mapping`, or into one error that lists every problem with line and column."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import ValidationError

from importer.errors import MappingError, MappingProblem, UsageError
from importer.mapping.checks import flaws
from importer.mapping.compiling import compile_mapper
from importer.mapping.coverage import Never, never
from importer.mapping.decisions import INDENTED, decisions_text, with_decisions
from importer.mapping.evaluation import Scope, Usage
from importer.mapping.examples import TestFailure, run_examples
from importer.mapping.header import Header
from importer.mapping.mapper import Mapper, Place
from importer.mapping.schema import Document
from importer.mapping.tree import Flaw, Plain, Tree, parse, written
from importer.mapping.validation import completed, explain, repaired

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf, Sequence
    from pathlib import Path

    from importer.mapping.evaluation import Reading

    Readings: TypeAlias = "MappingOf[int, Reading]"

__all__ = ["Mapping", "SourceSettings", "load_mapping", "parse_mapping"]

MAX_BYTES = 10_000_000  # a mapping has some kilobytes; anything of this size is another file


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """How the mapping says that the source is read; None is detected."""

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None

    def overridden(self, by: SourceSettings) -> SourceSettings:
        """Take what `by` says, and the rest from here."""
        said = {field.name: value for field in fields(by) if (value := getattr(by, field.name)) is not None}
        return replace(self, **said)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, read and checked as far as can be without the source."""

    path: Path
    sha256: str  # of the file's bytes
    text: str  # what the file held, as a journal keeps it
    document: Document
    tree: Tree
    decisions: Path | None = None  # the file whose text stands at the end of this one's
    decisions_after: int = 0  # lines

    @property
    def name(self) -> str:
        """What the mapping is called: its `name`, else the name of its file."""
        return self.document.name or self.path.stem

    @property
    def origin(self) -> str:
        """The external_origin that is sent with every company."""
        return self.document.target.external_origin

    @property
    def source(self) -> SourceSettings:
        """How the source is to be read."""
        words = self.document.source
        return SourceSettings(words.sheet, words.header_row, words.encoding, words.delimiter)

    @property
    def duplicates(self) -> Literal["refuse", "first", "last"]:
        """What to do where several rows have the same external_id."""
        return self.document.duplicates

    @property
    def blank(self) -> Literal["keep", "clear"]:
        """What an empty cell does on update, where a field does not say otherwise."""
        return self.document.blank

    @property
    def match(self) -> tuple[tuple[str, ...], ...]:
        """The fields to find companies by that have no external_id yet, best first."""
        return self.document.match

    def compile(
        self,
        columns: Sequence[str],
        *,
        file: str,
        sheet: str | None = None,
        usage: Usage | None = None,
        readings: Readings = MappingProxyType({}),
    ) -> Mapper:
        """Look up the mapping's columns in a header; a MappingError lists all that are not there.

        `file` and `sheet` are what issues name as the place of a row. With a `usage`, it is noted there which parts of
        the mapping the rows make use of. `readings` say by a column's position what the whole column proves.
        """
        scope = Scope(Header(columns, self.document.source.columns), usage=usage, readings=readings)
        mapper = compile_mapper(self.document, scope, Place(file, sheet))
        if scope.flaws:
            raise MappingError(file=str(self.path), problems=_problems(scope.flaws, self.tree))
        return mapper

    def rule(self, path: tuple[str, ...]) -> tuple[int, str]:
        """Find where a rule begins in `text`, by line, and how it is written there."""
        return written(self.text, self.tree, path)

    def never(self, usage: Usage) -> tuple[Never, ...]:
        """Say which entries of `map`, conditions and `skip` rules no row has made use of."""
        return tuple(map(self._placed, never(usage, self.document, self.tree)))

    def _placed(self, found: Never) -> Never:
        if self.decisions is None or found.line <= self.decisions_after:
            return replace(found, file=str(self.path))
        line, column = found.line - self.decisions_after, found.column - INDENTED
        return replace(found, file=str(self.decisions), line=line, column=column)

    def undecided(self, usage: Usage, *, source: str) -> str:
        """Write a decisions file of what no rule settles; what has been decided stays in it."""
        return decisions_text(usage, self.document.decisions, mapping=str(self.path), source=source)

    @property
    def test_count(self) -> int:
        """How many `tests:` the mapping has."""
        return len(self.document.tests)

    def run_tests(self) -> tuple[TestFailure, ...]:
        """Run the mapping's own `tests:`; what is returned are those that fail, in the order of the file."""
        return run_examples(self.document, self.tree)


def load_mapping(path: Path, decisions: Path | None = None) -> Mapping:
    """Read and check a mapping file; a MappingError lists every problem, a UsageError says why there is no file.

    With a decisions file, that becomes part of the mapping.
    """
    content = _content(path, "mapping")
    text = _decoded(content, path)
    if decisions is not None:
        return parse_mapping(text, path=path, decisions=decisions)
    return _parsed(text, path, hashlib.sha256(content).hexdigest())


def parse_mapping(text: str, *, path: Path, decisions: Path | None = None) -> Mapping:
    """Check a mapping's text as a journal kept it; `path` is what messages name.

    With a decisions file, that takes the place of the one that the text may have at its end.
    """
    if decisions is None:
        return _parsed(text, path, _sha256(text))
    own = _decoded(_content(decisions, "decisions"), decisions)
    if all(line.lstrip()[:1] in {"", "#"} for line in own.splitlines()):
        return _parsed(text, path, _sha256(text))
    tree, problems = parse(own)
    if tree is not None and not isinstance(tree.data, dict | None):
        what = "a decisions file is an object of fields, each with its cells and what is sent for them; this is not"
        problems = [tree.problem(Flaw((), what))]
    if problems or tree is None:
        raise MappingError(file=str(decisions), problems=problems)
    whole, before = with_decisions(text, own)
    try:
        mapping = _parsed(whole, path, _sha256(whole))
    except MappingError as error:
        in_decisions = [problem for problem in error.problems if (problem.line or 0) > before]
        if len(in_decisions) < len(error.problems):
            found = [_twice(one, text, decisions) if one.line == before else one for one in error.problems]
            raise MappingError(file=str(path), problems=found) from None
        raise MappingError(file=str(decisions), problems=[_moved(one, before) for one in in_decisions]) from None
    return replace(mapping, decisions=decisions, decisions_after=before)


def _twice(problem: MappingProblem, text: str, decisions: Path) -> MappingProblem:
    """Say of a mapping that has decisions of its own that a file was given as well; the second ones begin in that file."""
    tree, _ = parse(text)
    if tree is None or ("decisions",) not in tree.keys:
        return problem
    message = f"the mapping has decisions of its own, and {decisions} was given as well; keep one of them"
    return tree.problem(Flaw(("decisions",), message, on_key=True))


def _moved(problem: MappingProblem, lines: int) -> MappingProblem:
    """Say where a problem stands in the decisions file itself."""
    return MappingProblem(
        problem.message, line=(problem.line or 0) - lines, column=max((problem.column or 0) - INDENTED, 1)
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(text: str, path: Path, sha256: str) -> Mapping:
    tree, problems = parse(text)
    document = None
    if tree is not None:
        document, found = _checked(tree)
        problems += _problems(found, tree)
    if problems or tree is None or document is None:
        raise MappingError(file=str(path), problems=problems)
    return Mapping(path, sha256, text, document, tree)


def _content(path: Path, kind: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        way = "let `kanbert-import init` write a first one" if kind == "mapping" else "let `validate` write one"
        message = f"{path}: there is no such {kind} file; look at the path, or {way}"
        raise UsageError(message) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{path}: the {kind} file cannot be read: {reason}"
        raise UsageError(message) from error
    if len(content) > MAX_BYTES:
        message = f"{path}: this file has more than {MAX_BYTES // 10**6} MB, so it is no {kind} file"
        raise UsageError(message)
    return content


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        problem = MappingProblem(
            f"the file is not UTF-8 (byte 0x{content[error.start]:02X}); save it as UTF-8 in the editor",
            line=before.count(b"\n") + 1,
            column=len(before) - before.rfind(b"\n"),
        )
        raise MappingError(file=str(path), problems=[problem]) from error


def _checked(tree: Tree) -> tuple[Document | None, list[Flaw]]:
    """Check the words first, then everything else over what is left when the wrong words are taken out."""
    found: list[Flaw] = []
    data = tree.data
    if not isinstance(data, dict):
        what = "a mapping file is an object with `version`, `target`, `company`, ...; this is something else"
        return None, [Flaw((), what)]
    sections: dict[str, Plain] = {
        name: part for name, part in data.items() if part is not None
    }  # `tags:` with nothing below it
    try:
        document = Document.model_validate(sections)
    except ValidationError as error:
        found += explain(error)
        document = Document.model_validate(repaired(sections, error))
    found += flaws(document)
    scope = Scope(Header((), document.source.columns, lenient=True), found)
    compile_mapper(completed(document), scope, Place(""))
    return document, found


def _problems(found: Sequence[Flaw], tree: Tree) -> list[MappingProblem]:
    """Give each flaw its place; what stands below a name that is wrong itself is not looked at."""
    wrong = {flaw.path for flaw in found if flaw.on_key and len(flaw.path) > 1}
    kept = [flaw for flaw in found if not any(_is_below(flaw, path) for path in wrong)]
    return list(dict.fromkeys(tree.problem(flaw) for flaw in kept))


def _is_below(flaw: Flaw, path: tuple[str | int, ...]) -> bool:
    return flaw.path[: len(path)] == path and not (flaw.on_key and flaw.path == path)
