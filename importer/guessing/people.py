"""Chooses the columns of the company's name and of the person to write to; a bare "Name" is told by its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.guessing.addresses import wrong
from importer.guessing.evidence import plausible
from importer.guessing.lines import Line, column_value, template
from importer.model import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.guessing.addresses import Addresses
    from importer.guessing.lines import Draft
    from importer.guessing.table import Column, Table
    from importer.guessing.yaml_text import Value

__all__ = ["people"]

_ENOUGH = 10  # values before their variety says anything
_REPEATED = 0.1  # of the rows may have a company's name that an earlier row has
_LEAST = 0.5  # of the cells must be words, in a column of names


def people(table: Table, blocks: Addresses, draft: Draft) -> None:
    """Add the lines of the company's name and of the persons to write to."""
    company = _first(table, "company_name")
    name = _first(table, "name")
    last = _first(table, "last_name")
    first = _first(table, "first_name")
    if company is None:
        company, name = name, None
    elif name is not None and first is not None and last is None:
        last, name = name, None
    parts = [part for part in (first, _first(table, "middle_name"), last) if part is not None]
    person = template(parts) if first or last else ""
    used = tuple(parts) if person else ()
    if not person and name is not None and company is not None:
        person, used = template([name]), (name,)
    _company_name(table, company, (person, used), draft)
    _attention(table, blocks, (person, used), draft)


def _first(table: Table, role: str) -> Column | None:
    found = [one for one in table.of(role) if one.meaning.number == 1 and _is_name(one)]
    return found[0] if found else None


def _is_name(column: Column) -> bool:
    """Whether a column may hold names: words, and not a few of them again and again, such as yes and no."""
    varied = column.filled < _ENOUGH or len(column.distinct) > 0.1 * column.filled
    return varied and plausible(column, "name").share >= _LEAST


def _company_name(table: Table, company: Column | None, person: tuple[str, tuple[Column, ...]], draft: Draft) -> None:
    words, used = person
    if company is None:
        if words:
            reason = "no column has a company's name, so the person's is taken; look at it"
            draft.company.append(Line("company_name", words, reason, used, todo=True))
        return
    reason = f"by its name; {table.share(company)}{wrong(plausible(company, 'company_name'), 'is no name')}"
    repeated = company.filled - len(company.distinct)
    if company.filled >= _ENOUGH and repeated > _REPEATED * company.filled:
        reason += f"; {plural(repeated, 'row has', 'rows have')} a name that an earlier row has: are rows persons, and not companies?"
    if words and _fills_gaps(company, used):
        value: Value = {"first_of": [column_value(company), words]}
        reason += "; where it is empty, the row is a person"
        draft.company.append(Line("company_name", value, reason, (company, *used)))
        return
    draft.company.append(Line("company_name", column_value(company), reason, (company,)))


def _fills_gaps(column: Column, others: Sequence[Column]) -> bool:
    """Whether some row has nothing in a column and something in the others."""
    rows = zip(column.cells, *(other.cells for other in others), strict=True)
    return any(cell is None and any(one is not None for one in rest) for cell, *rest in rows)


def _attention(table: Table, blocks: Addresses, person: tuple[str, tuple[Column, ...]], draft: Draft) -> None:
    words, used = person
    found = [one for block in (*blocks.invoice, "plain") for one in table.of("attention", block)]
    named = next((one for one in found if one.meaning.number == 1 and _is_name(one)), None)
    if named is not None and words and _fills_gaps(named, used):
        value: Value = {"first_of": [column_value(named), words]}
        reason = f"by its name; {table.share(named)}; where it is empty, the person's name"
        draft.company.append(Line("person_attention_to", value, reason, (named, *used)))
    elif named is not None:
        reason = f"by its name; {table.share(named)}"
        draft.company.append(Line("person_attention_to", column_value(named), reason, (named,)))
    elif words:
        draft.company.append(Line("person_attention_to", words, "the person's name", used))
    for column in table.of("attention", "delivery")[:1]:
        reason = f"by its name; {table.share(column)}"
        draft.company.append(Line("delivery_person_attention_to", column_value(column), reason, (column,)))
