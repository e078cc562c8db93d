"""Turns the text of a YAML file into plain data, and says for each part of it where it stands.

The text is read to the node graph of ruamel.yaml (round-trip reader, YAML 1.2), not to Python objects: nodes have the
place of every key and value and the spelling of every scalar, so `0123` is never taken for 123 without a word.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLWarning
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from importer.errors import MappingProblem
from importer.mapping.advice import syntax_advice
from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.error import StreamMark
    from ruamel.yaml.nodes import Node

__all__ = ["Flaw", "Path", "Plain", "Tree", "Unquoted", "parse", "written"]

Path: TypeAlias = "tuple[str | int, ...]"
"""The keys and list positions that lead to a part of the file."""

MAX_NODES = 200_000  # a mapping has hundreds; aliases of aliases can ask for billions

_PREFIX = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_COMMENT = re.compile(r"^\s*#.*|\s#[^\"']*$")  # behind a value, one with quotes stays: the # may be inside of them
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A scalar that YAML reads as a number or a date in a spelling that would be lost: 0123, 1.50, 0x1F."""

    text: str

    def __str__(self) -> str:
        return self.text


Plain: TypeAlias = "str | bool | int | float | dt.date | Unquoted | tuple[Plain, ...] | dict[str, Plain] | None"


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake, and the part of the file it is in; `on_key` where the key is wrong and not its value."""

    path: Path
    message: str
    on_key: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """Plain data with the place (line, column, both from 1) of each part."""

    data: Plain
    values: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]

    def place(self, path: Path, *, on_key: bool = False) -> tuple[int, int]:
        """Find where a part stands; a part that is not there has the place of what should hold it."""
        known: Path = ()
        for part in path:  # what the file does not have is passed over: short forms, and names of pydantic's own
            known = (*known, part) if (*known, part) in self.values else known
        named = on_key and known[-1:] == path[-1:]
        return (self.keys.get(known) if named else None) or self.values.get(known, (1, 1))

    def problem(self, flaw: Flaw) -> MappingProblem:
        """Give a flaw its line and column."""
        line, column = self.place(flaw.path, on_key=flaw.on_key)
        return MappingProblem(flaw.message, line=line, column=column)


def parse(text: str) -> tuple[Tree | None, list[MappingProblem]]:
    """Read YAML text; a tree and the problems of its keys and scalars, or no tree and what is wrong with the syntax."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", YAMLWarning)  # an anchor set again is legal: the later one counts
            node = YAML(typ="rt").compose(text)
        if node is None:
            return None, [MappingProblem("the file is empty; a mapping starts with `version: 1`", line=1, column=1)]
        builder = _Builder()
        data = builder.build(node, ())
    except RecursionError:
        return None, [MappingProblem("the file is nested too deeply", line=1, column=1)]
    except (YAMLError, ValueError) as error:
        return None, [_syntax(error, text)]
    return Tree(data, builder.values, builder.keys), builder.problems


def written(text: str, tree: Tree, path: Path) -> tuple[int, str]:
    """Find the line in which a key stands, and what is written from it up to the next key that is not below it.

    On one line, without comments and without the end of what the key stands in: for people to see.
    """
    start = tree.place(path, on_key=True)
    beyond = [place for other, place in tree.keys.items() if place > start and other[: len(path)] != path]
    end = min(beyond, default=None)
    lines = text.splitlines()[: None if end is None else end[0]]
    if end is not None:
        lines[-1] = lines[-1][: end[1] - 1]
    lines[start[0] - 1] = " " * (start[1] - 1) + lines[start[0] - 1][start[1] - 1 :]
    kept = (_COMMENT.sub("", line).strip() for line in lines[start[0] - 1 :])
    rule = " ".join(filter(None, kept)).rstrip(" ,{")
    while rule.endswith("}") and rule.count("}") > rule.count("{"):
        rule = rule[:-1].rstrip()
    return start[0], rule


def _syntax(error: YAMLError | ValueError, text: str) -> MappingProblem:
    if isinstance(error, MarkedYAMLError) and (mark := error.problem_mark or error.context_mark) is not None:
        why = ", ".join(part for part in (error.context, error.problem) if part)
        if (advice := syntax_advice(why)) is not None:
            why, at_start = advice
            mark = error.context_mark if at_start and error.context_mark is not None else mark
        return MappingProblem(f"this is no YAML: {shortened(why, 300)}", line=mark.line + 1, column=mark.column + 1)
    position = getattr(error, "position", 0)  # a ReaderError counts characters
    before = text[: position if isinstance(position, int) else 0]
    return MappingProblem(
        f"this is no YAML: {shortened(str(error))}",
        line=before.count("\n") + 1,
        column=len(before) - before.rfind("\n"),
    )


@dataclass(slots=True)
class _Builder:
    """Walks the node graph once; `problems` are what the data cannot show any more, such as a key given twice."""

    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[MappingProblem] = field(default_factory=list)
    _open: set[int] = field(default_factory=set)  # the collections we are in: an alias to one of them is a circle
    _nodes: int = 0

    def build(self, node: Node, path: Path) -> Plain:
        self._nodes += 1
        if self._nodes > MAX_NODES or id(node) in self._open:
            self._report(node, "this alias makes the file endless")
            return None
        if isinstance(node, ScalarNode):
            nothing = not node.value and node.style is None  # the mark of what is not there is somewhere behind
            self.values[path] = (self.keys.get(path) if nothing else None) or _place(node.start_mark)
            return self._scalar(node)
        self.values[path] = self.keys.get(path) or _place(node.start_mark)
        self._open.add(id(node))
        try:
            return self._collection(node, path)
        finally:
            self._open.discard(id(node))

    def _collection(self, node: Node, path: Path) -> Plain:
        self._check_tag(node)
        if isinstance(node, SequenceNode):
            return tuple(self.build(item, (*path, index)) for index, item in enumerate(node.value))
        return {key: self.build(value, (*path, key)) for key, value in self._pairs(node, path)}

    def _pairs(self, node: Node, path: Path) -> Iterator[tuple[str, Node]]:
        seen: dict[str, int] = {}
        for key_node, value in node.value if isinstance(node, MappingNode) else ():
            if (key := self._key(key_node)) is None:
                continue
            line, column = _place(key_node.start_mark)
            if key in seen:
                self._report(key_node, f'"{shortened(key)}" stands here twice, first in line {seen[key]}; keep one')
                continue
            seen[key] = line
            self.keys[*path, key] = (line, column)
            yield key, value

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            self._report(node, "a list or an object cannot be a key; put text that begins with [ or { in quotes")
            return None
        if str(node.tag) == f"{_PREFIX}merge":
            self._report(node, "merging with << is not supported; write the keys out, or use an alias for the value")
            return None
        value = self._scalar(node)
        if value is None or isinstance(value, Unquoted):
            self._report(node, f'YAML does not read this key as text; put it in quotes: "{shortened(node.value)}"')
        return str(node.value)

    def _scalar(self, node: ScalarNode) -> Plain:
        text = str(node.value)
        if _SURROGATE.search(text):
            self._report(node, "this has a broken character (half of a surrogate pair), which cannot be sent")
        match str(node.tag).removeprefix(_PREFIX):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on", "y"}
            case "int" | "float" | "timestamp":
                return _number_or_date(text)
            case _:
                self._check_tag(node)
                return text

    def _check_tag(self, node: Node) -> None:
        tag = str(node.tag)
        if tag not in {f"{_PREFIX}map", f"{_PREFIX}seq"}:
            self._report(node, f"tags such as {shortened(tag.replace(_PREFIX, '!!'), 40)} are not supported")

    def _report(self, node: Node, message: str) -> None:
        line, column = _place(node.start_mark)
        self.problems.append(MappingProblem(message, line=line, column=column))


def _number_or_date(text: str) -> Plain:
    """Take a number or a date only in the one spelling that says it; anything else would come back changed."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return Unquoted(text)
    try:
        number = float(text)
    except ValueError:
        return Unquoted(text)
    return number if repr(number) == text else Unquoted(text)


def _place(mark: StreamMark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1
