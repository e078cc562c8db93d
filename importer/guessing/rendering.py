"""Writes a guessed mapping down: what counts, with its reason behind each line, and what does not as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.company import FIELDS
from importer.guessing.yaml_text import comment, flow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from importer.guessing.lines import Draft, Line
    from importer.guessing.table import Column
    from importer.guessing.yaml_text import Value

__all__ = ["custom_lines", "rendered", "rest_lines"]

_ORDER = list(FIELDS)
_MATCHES = ("tax_uid", "email_general")


def rendered(draft: Draft, head: Sequence[str], source: Sequence[str], target: Sequence[str], test: Value) -> str:
    """Put the file together; each of its parts comes with its own lines."""
    parts: list[Iterable[str]] = [
        head,
        source,
        target,
        _general(draft),
        _skip(draft.skip),
        _company(draft.company),
        _tags(draft.tags),
        custom_lines(draft.custom),
        rest_lines(draft),
        _test(test),
    ]
    blocks = ["\n".join(lines) for part in parts if (lines := list(part))]
    return "\n\n".join(blocks) + "\n"


def _line(words: str, line: Line) -> str:
    mark = "" if line.active else "# "
    return f"  {mark}{words}  # {comment(line.reason)}"


def _general(draft: Draft) -> Iterator[str]:
    yield "duplicates: refuse  # the same external_id twice: refuse | first | last"
    yield "blank: keep  # an empty cell on update leaves alone what Kanbert has: keep | clear"
    rules = [name for name in _MATCHES if draft.sets(name)]
    rules += ["[company_name, address_invoice_zip]"] if draft.sets("address_invoice_zip") else []
    yield f"# match: [{', '.join(rules or ['company_name'])}]  # to take over companies that are in Kanbert already, without an external_id"


def _skip(lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        yield "# skip:"
        for line in lines:
            yield f"#   - {flow(line.value)}  # {comment(line.reason)}"


def _company(lines: Sequence[Line]) -> Iterator[str]:
    yield "company:"
    for line in sorted(lines, key=lambda line: _ORDER.index(line.field)):
        yield _line(f"{line.field}: {flow(line.value)}", line)


def _tags(lines: Sequence[Line]) -> Iterator[str]:
    if not lines:
        return
    yield "tags:" if any(line.active for line in lines) else "# tags:"
    for line in lines:
        yield _line(f"- {flow(line.value)}", line)


def custom_lines(lines: Sequence[Line]) -> Iterator[str]:
    """Show the columns that could go to custom fields."""
    if not lines:
        return
    yield "# Columns without a field in Kanbert. To send one, make the custom field there, and take away the # in front of"
    yield "# `custom_fields` and of its line; left of the colon stands the slug."
    yield "# custom_fields:"
    for line in lines:
        yield _line(f"{flow(line.field)}: {flow(line.value)}", line)


def rest_lines(draft: Draft) -> Iterator[str]:
    """Name the columns that are left alone, and those that are empty."""
    if draft.apart:
        yield "# Columns that are left alone, and why:"
        for because, columns in _by_reason(draft.apart).items():
            yield f"# - {comment(because)}:"
            yield from (f"#     {name}" for name in _names(columns))
    if draft.empty:
        yield f"# Columns that are {draft.rows} empty:"
        yield from (f"#     {name}" for name in _names(draft.empty))


def _by_reason(apart: Iterable[tuple[Column, str]]) -> Mapping[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    for column, because in apart:
        found.setdefault(because, []).append(column)
    return found


def _names(columns: Sequence[Column]) -> Iterator[str]:
    """Write names a few to a line."""
    line = ""
    for column in columns:
        name = flow(comment(column.name, 60))
        if line and len(line) + len(name) > 100:
            yield f"{line},"
            line = ""
        line = f"{line}, {name}" if line else name
    yield line


def _test(test: Value) -> Iterator[str]:
    if test is not None:
        yield "# `check` runs these. Write one for each rule that you change."
        yield "tests:"
        yield f"  - {flow(test)}"
