"""The decisions file: what no rule settles, with how many rows it is about and what may be meant; filled in by a person.

It is the `decisions` of a mapping in a file of its own. Read with a mapping it becomes part of its text, so that a
journal keeps both, and a retry needs neither file.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from importer.mapping.evaluation import comparable
from importer.model import harmless, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from importer.mapping.evaluation import Open, Usage

__all__ = ["INDENTED", "decisions_text", "with_decisions"]


_HEAD = """\
# What no rule of {mapping} settles in {source}. Write behind each colon what is to be sent; "" sends nothing.
# What is left empty stays as it is reported. Then go on with `--decisions` and this file.
"""


def decisions_text(
    usage: Usage, decided: Mapping[str, Mapping[str, str | bool | int | None] | None], *, mapping: str, source: str
) -> str:
    """Write the file anew: what has been decided stays, what is open comes behind it, most rows first."""
    lines = [_HEAD.format(mapping=harmless(mapping), source=harmless(source))]
    fields = dict.fromkeys([*decided, *(field for field, _ in usage.open)])
    for field in fields:
        lines += _of_field(field, usage, decided.get(field) or {})
    return "".join(lines)


def _of_field(field: str, usage: Usage, decided: Mapping[str, str | bool | int | None]) -> Iterator[str]:
    made = {comparable(cell) for cell, value in decided.items() if value is not None}
    cells = ((cell, about) for (name, cell), about in usage.open.items() if name == field)
    found = {cell: about for cell, about in cells if comparable(cell) not in made}
    waiting = set(map(comparable, found))
    yield f"{_quoted(field)}:\n"
    for cell, value in decided.items():
        if comparable(cell) not in waiting:
            yield f"  {_quoted(cell)}: {'' if value is None else _quoted(value)}".rstrip() + "\n"
    for cell, about in sorted(found.items(), key=lambda one: (-one[1].rows, one[0])):
        yield f"  {_quoted(cell)}:  # {_remark(about)}\n"


def _remark(about: Open) -> str:
    rows = f"{about.rows} row{'s' * (about.rows != 1)}"
    why = "; ".join(f"{suggestion}?" for suggestion in about.suggestions) or about.detail
    return shortened(f"{rows}; {why}" if why else rows, 200)


def _quoted(value: str | bool | int) -> str:  # noqa: FBT001 - a value of the mapping, not a switch
    """Write a value so that YAML reads it back as it is."""
    if not isinstance(value, str):
        return str(value).lower()
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    number = ord(letter)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def with_decisions(mapping: str, decisions: str) -> tuple[str, int]:
    """Put the text of a decisions file behind a mapping's, in the place of earlier ones; and say in which line it begins."""
    whole = f"{mapping.partition(_MARK)[0].rstrip()}\n{_MARK}decisions:\n"
    return whole + textwrap.indent(decisions, _INDENT), whole.count("\n")


_MARK = "\n# What follows is the decisions file that was given with the mapping.\n"
_INDENT = "  "
INDENTED = len(_INDENT)
"""How far a decisions file is moved to the right to stand in a mapping."""
