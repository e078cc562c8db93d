"""Puts a mapping together for a file that nobody has described yet, and says how sure each line is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from importer.errors import UsageError
from importer.guessing.addresses import addresses, chosen_blocks, countries_of
from importer.guessing.exports import named_system, recognised
from importer.guessing.fields import by_values, delivery_method, named_fields
from importer.guessing.identity import identity
from importer.guessing.leftovers import leftovers, words_of_few
from importer.guessing.lines import Draft, Line, column_value
from importer.guessing.people import people
from importer.guessing.rendering import rendered
from importer.guessing.table import table_of
from importer.guessing.yaml_text import can_be_written, comment, flow
from importer.mapping import parse_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importer.guessing.exports import Export
    from importer.guessing.table import Table
    from importer.guessing.yaml_text import Value
    from importer.mapping import SourceSettings
    from importer.model import Row, SourceInfo

__all__ = ["Guess", "guess", "guess_of", "source_lines"]

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_SAYS_NOTHING = frozenset(
    word.strip()
    for word in """
    export, exports, all, contacts, contact, companies, company, customers, customer, clients, accounts, list, data, crm
    klanten, relaties, bedrijven, contacten, lijst, nieuw, kopie
    kontakte, kunden, firmen, adressen, adressliste, liste, neu, final, new, copy, sheet, book, mappe
    """.replace("\n", ",").split(",")
)
_LONGEST_NAME = 40
_NO_COUNTRY = (
    "no column says the country; if all are in one, write its two letters: phones, VAT ids and streets are read by it"
)
_EXAMPLE = ("1001", "Example Company")


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping file's text, and what to tell the user of it."""

    text: str
    looks_like: str | None  # a known export, in words
    origin: str
    lines: tuple[Line, ...]  # of `company` and `tags`, in no order
    used: int  # columns that a line which counts is about
    columns: int
    rows: int
    ready: str | None = None  # the ready mapping that it was fitted from
    without: tuple[str, ...] = ()  # rules of that one for which the file has no column

    @property
    def todo(self) -> tuple[Line, ...]:
        """The lines that somebody has to look at before a run."""
        return tuple(line for line in self.lines if line.todo)


def guess(info: SourceInfo, rows: Iterable[Row], said: SourceSettings, *, schema: str = "") -> Guess:
    """Guess a mapping from a file's headers and values; `said` is what the user said of how it is read.

    Raises:
        UsageError: no column can be named in a mapping.
    """
    export = recognised(info.columns)
    return guess_of(table_of(info.columns, rows, export), export, info, said, schema=schema)


def guess_of(table: Table, export: Export | None, info: SourceInfo, said: SourceSettings, *, schema: str) -> Guess:
    """Guess a mapping from a table that was read already."""
    draft = _drafted(table, info)
    origin = _origin(info, export)
    text = rendered(
        draft,
        list(_head(info, export, draft, schema)),
        list(source_lines(info, said)),
        list(_target(origin, export)),
        _example(draft, origin),
    )
    counting = [line for line in (*draft.company, *draft.tags) if line.active]
    used = {column.index for line in counting for column in line.columns}
    title = export.title if export else None
    return Guess(text, title, origin, (*draft.company, *draft.tags), len(used), len(table.columns), table.rows)


def _drafted(table: Table, info: SourceInfo) -> Draft:
    draft = Draft()
    key = identity(table)
    if key is None:
        message = f"{info.path}: no column has a name that a mapping could use. Correct the header row, and try again."
        raise UsageError(message)
    blocks = chosen_blocks(table)
    draft.company.append(key)
    people(table, blocks, draft)
    addresses(table, blocks, draft)
    named_fields(table, countries_of(table, blocks.invoice), draft)
    delivery_method(table, draft)
    words_of_few(table, draft)
    by_values(table, draft)
    if not any(line.field == "address_invoice_country" for line in draft.company):
        draft.company.append(Line("address_invoice_country", {"value": "NL"}, _NO_COUNTRY, active=False))
    if not draft.sets("company_name"):
        draft.company.append(_any_name(table, key))
    draft.company = list(_each_once(draft.company))
    leftovers(table, draft)
    return draft


def _any_name(table: Table, key: Line) -> Line:
    """Take the column with the most different words for the name, since a mapping cannot be without."""
    possible = [one for one in table.columns if can_be_written(one.name) and not one.meaning.apart]
    free = [one for one in possible if one not in key.columns and not one.meaning.role] or possible or key.columns
    best = max(free, key=lambda one: (sum(any(map(str.isalpha, word)) for word in one.distinct), -one.index))
    reason = "TODO: no column is named like a company's name; this one has the most different words; choose"
    return Line("company_name", column_value(best), reason, (best,), todo=True)


def _each_once(lines: Iterable[Line]) -> Iterator[Line]:
    """Let the first line of a field count, and show the others."""
    seen: set[str] = set()
    for line in lines:
        yield replace(line, active=False) if line.active and line.field in seen else line
        seen |= {line.field} if line.active else set()


# ── the top of the file ──────────────────────────────────────────────────────────────────────────────────────────


def _head(info: SourceInfo, export: Export | None, draft: Draft, schema: str) -> Iterator[str]:
    if schema:
        yield f"# yaml-language-server: $schema={schema}"
    name = comment(info.path if info.format == "moneybird" else PurePath(info.path).name, 100)
    yield f"# A first guess for {name}, from its headers and values: read it line by line before a run."
    if export is not None:
        yield f"# By its headers this looks like an export of {export.title}."
    if any(line.todo for line in draft.company):
        yield "# Lines that say TODO are no more than the least bad choice."
    yield "# What stands behind a # does not count. Next: kanbert-import check THIS_FILE YOUR_FILE"
    yield "version: 1"
    stem = "Moneybird" if info.format == "moneybird" else PurePath(info.path).stem
    yield f"name: {flow(comment(stem, 100).strip() or 'guess')}"


def source_lines(info: SourceInfo, said: SourceSettings) -> Iterator[str]:
    """Write how the file is read: what was said of it, and as comments what was detected."""
    given = [("sheet", said.sheet), ("header_row", said.header_row)]
    given += [("encoding", said.encoding), ("delimiter", "\t" if said.delimiter == "tab" else said.delimiter)]
    found = {"sheet": info.sheet, "encoding": info.encoding, "delimiter": info.delimiter, "header_row": info.header_row}
    active = [(name, value) for name, value in given if value is not None]
    yield "source:" if active else "# source:"
    for name, value in active:
        yield f"  {name}: {flow(value)}"
    for name, detected in found.items():
        if detected is not None and name not in dict(active) and (name != "header_row" or detected != 1):
            yield f"  # {name}: {flow(detected)}  # as detected"


def _target(origin: str, export: Export | None) -> Iterator[str]:
    why = "by the headers" if export else "by the file's name"
    yield "target:"
    yield f"  external_origin: {flow(origin)}  # {why}; set it to the system the numbers come from, and never change it after a run"


def _origin(info: SourceInfo, export: Export | None) -> str:
    if export is not None:
        return export.origin
    stem = Path(info.path).stem
    if system := named_system(stem):
        return system
    plain = unicodedata.normalize("NFKD", stem.casefold()).encode("ascii", "ignore").decode()
    words = [word for word in _NOT_A_NAME.split(plain) if word and not word.isdigit() and word not in _SAYS_NOTHING]
    return "-".join(words)[:_LONGEST_NAME].strip("-") or "old-system"


# ── an example that check runs ───────────────────────────────────────────────────────────────────────────────────


def _example(draft: Draft, origin: str) -> Value:
    """Write a test of the two required fields, with made-up cells; None where it would not pass."""
    found = {line.field: line.value for line in draft.company if line.active}
    key, name = found["external_id"], _first_choice(found["company_name"])
    if not isinstance(key, str) or not isinstance(name, str) or key == name or "{" in name or len(key + name) > 200:
        return None
    row: dict[str, Value] = {key: _EXAMPLE[0], name: _EXAMPLE[1]}
    expected: dict[str, Value] = {"external_id": _EXAMPLE[0], "company_name": _EXAMPLE[1]}
    test: Value = {"row": row, "company": expected}
    mapping = parse_mapping(rendered(draft, ["version: 1"], [], list(_target(origin, None)), test), path=Path("guess"))
    return None if mapping.run_tests() else test


def _first_choice(value: Value) -> object:
    """Take the column that a value comes from where it is there."""
    several = value.get("first_of") if isinstance(value, Mapping) else None
    return several[0] if isinstance(several, list) else value
