"""Chooses the column that names each company for good: by its name, and by having a value of its own in each row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.guessing.evidence import FEWEST, converting, looking_like, tested
from importer.guessing.lines import Line, column_value
from importer.guessing.yaml_text import can_be_written
from importer.model import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.guessing.table import Column, Keys, Table

__all__ = ["identity"]

_NEARLY = 0.9  # of the rows must have a value of their own in a column that is named like a key
_PERFECT = 0.98
_CODE = re.compile(r"(?=.*\d)[^\s@+][^\s@]{0,63}")
_SECOND_BEST = ("tax_uid", "email_general", "iban", "company_name", "name")


def identity(table: Table) -> Line | None:
    """Propose the external_id; None where no column can be named at all."""
    named = _named(table)
    if named is not None:
        keys = named.keys
        reason = f"by its name{'' if keys is None else f'; {_facts(keys)}'}"
        return Line("external_id", column_value(named), reason, (named,))
    unnamed = next(_codes(table), None)
    if unnamed is not None and unnamed.keys is not None:
        reason = f"TODO: make sure that it never changes; no column is named like a customer number, and this one is {_facts(unnamed.keys)}"
        return Line("external_id", column_value(unnamed), reason, (unnamed,), todo=True)
    return _second_best(table)


def _named(table: Table) -> Column | None:
    """Take the most usual name for a key that is one; a perfect key goes before one with gaps."""
    found = [one for one in table.of("external_id") if one.keys is not None and one.keys.good >= _NEARLY]
    ranked = sorted(found, key=lambda one: (_goodness(one) < _PERFECT, one.meaning.number, one.meaning.rank, one.index))
    return ranked[0] if ranked else None


def _codes(table: Table) -> Iterator[Column]:
    """Give the columns without a name that is known that have another code in each row."""
    for column in table.columns:
        unknown = not (column.meaning.role or column.meaning.apart or column.meaning.slug)
        if unknown and _goodness(column) == 1.0 and column.filled >= FEWEST and _coded(column) == 1.0:
            yield column


def _coded(column: Column) -> float:
    """The share of values that may be a code; none of a column that is known to hold something else."""
    if looking_like(column) or column.date_order or converting(column, "date").sure:
        return 0.0
    return tested(column, lambda text: _CODE.fullmatch(text) is not None).share if column.filled else 0.0


def _second_best(table: Table) -> Line | None:
    """Take what comes nearest to a key, and say that it is none; a mapping cannot be without."""
    possible = [column for column in table.columns if can_be_written(column.name)]
    if not possible:
        return None
    best = max(possible, key=lambda column: (round(_suitability(column), 3), -column.index))
    facts = "no rows to look at" if best.keys is None or not best.keys.rows else _facts(best.keys)
    reason = f"TODO: no column is sure to name each company for good; this comes nearest, and {_why(facts)}; choose, or add a column of numbers to the file"
    return Line("external_id", column_value(best), reason, (best,), todo=True)


def _why(facts: str) -> str:
    return f"it is {facts}"


def _suitability(column: Column) -> float:
    role = column.meaning.role
    rank = _SECOND_BEST.index(role) if role in _SECOND_BEST else 9
    bonus = 0.5 if role == "external_id" else 0.3 - 0.01 * rank if rank < 9 else 0.0
    code = 0.0 if role else 0.3 * _coded(column)
    dated = 1.0 if column.date_order or converting(column, "date").sure else 0.0
    return _goodness(column) + bonus + code - dated - (2.0 if column.meaning.apart else 0.0)


def _goodness(column: Column) -> float:
    return 0.0 if column.keys is None else column.keys.good


def _facts(keys: Keys) -> str:
    """Say how good a key a column is."""
    if not keys.rows:
        return "there are no rows to look at"
    if keys.good == 1.0:
        return f"different in each of {plural(keys.rows, 'row')}"
    counts = ((keys.blank, "empty"), (keys.repeated, "used before"), (keys.unfit, "not usable as a number"))
    return f"of {plural(keys.rows, 'row')}, " + ", ".join(f"{count} {word}" for count, word in counts if count)
