"""Chooses which columns are the invoice address and which the delivery address; never fields of two in one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.guessing.evidence import FEWEST, Evidence, converting, plausible, tested
from importer.guessing.lines import Line, column_value, template
from importer.model import Invalid, plural
from importer.values.country import country, of_vehicles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from importer.guessing.lines import Draft
    from importer.guessing.table import Column, Table
    from importer.guessing.yaml_text import Value

__all__ = ["Addresses", "addresses", "chosen_blocks", "countries_of"]

_FOR_INVOICES = ("invoice", "postal", "plain", "business", "visit")  # the likeliest first
_TEXTS = ("street2", "zip", "town", "state")
_PLACE = ("street", "zip", "town")
_SPLIT = 0.6  # of the street lines must have a number that can be told, before they are split
_WHOLE = re.compile(r"\n|,.*\d{4}|\d{4,5}.*,", re.DOTALL)
_KINDS = {"plain": "main", "invoice": "invoice", "postal": "postal", "business": "business", "visit": "visiting"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Which blocks of columns go where; empty where there is none."""

    invoice: tuple[str, ...]
    delivery: tuple[str, ...]


def chosen_blocks(table: Table) -> Addresses:
    """Choose the invoice address: the likeliest by its name, unless another is twice as full.

    "Billing street, zip, town" are one address, though the last two do not say so: nothing else is a street here.
    """
    present = [block for block in _FOR_INVOICES if _roles(table, block)]
    best = present[0] if present else ""
    for block in present:
        if _weight(table, block) > 2 * _weight(table, best):
            best = block
    chosen = [best] if best else []
    if best not in {"", "plain"} and "plain" in present and not _roles(table, best) & _roles(table, "plain"):
        chosen.append("plain")
    return Addresses(tuple(chosen), ("delivery",) if _roles(table, "delivery") else ())


def _roles(table: Table, block: str) -> set[str]:
    return {role for role in (*_PLACE, "street2", "house", "country", "state") if table.of(role, block)}


def _weight(table: Table, block: str) -> int:
    return max((column.filled for role in _PLACE for column in table.of(role, block)), default=0)


def countries_of(table: Table, blocks: Sequence[str]) -> tuple[str | None, ...]:
    """Read the country of each sampled row; None where it has none that is known."""
    columns = table.of("country", *blocks) if blocks else ()
    if not columns:
        return (None,) * table.rows
    read = (of_vehicles(cell) or country(cell) for cell in columns[0].cells)
    return tuple(None if isinstance(code, Invalid) else code for code in read)


def addresses(table: Table, blocks: Addresses, draft: Draft) -> None:
    """Add the lines of both addresses, and set the columns of all others apart."""
    for kind, chosen in (("invoice", blocks.invoice), ("delivery", blocks.delivery)):
        if chosen:
            draft.company += _lines(table, f"address_{kind}", chosen)
    taken = _KINDS[blocks.invoice[0]] if blocks.invoice else ""
    for block in _FOR_INVOICES:
        if block not in blocks.invoice:
            why = f"it is of the {_KINDS[block]} address; the address for invoices is the {taken} one here, and is never put together from two"
            draft.apart += [(column, why) for column in table.columns if column.filled and _is_part(column, block)]


def _is_part(column: Column, block: str) -> bool:
    return column.meaning.block == block and column.meaning.role != "attention"


def _lines(table: Table, prefix: str, blocks: tuple[str, ...]) -> Iterator[Line]:
    countries = countries_of(table, blocks)
    yield from _street(table, prefix, blocks, countries)
    for role in _TEXTS:
        yield from _text(table, prefix, blocks, role)
    for column in table.of("country", *blocks)[:1]:
        yield _country(table, prefix, column)


def _country(table: Table, prefix: str, column: Column) -> Line:
    """Take a column of countries; codes of vehicles in it are translated, each in sight, for `country` takes none."""
    vehicles = _vehicles(column)
    evidence = tested(column, lambda text: text.upper() in vehicles or not isinstance(country(text), Invalid))
    steps: dict[str, Value] = {"as": "country"}
    reason = f"by its name; {table.share(column)}"
    if vehicles:
        cells = sum(str(cell).strip().upper() in vehicles for cell in column.values)
        steps = {"map": dict(vehicles), "otherwise": "keep", **steps}
        reason += f"; {plural(cells, 'cell has', 'cells have')} the code of its vehicles, which no country is taken from without `map`"
    reason += wrong(evidence, "is no country that is known")
    return Line(f"{prefix}_country", column_value(column, steps), reason, (column,), active=evidence.fits)


def _vehicles(column: Column) -> dict[str, str]:
    """Find the codes of vehicles in a column of countries, and the countries that they mean."""
    found = {word.strip().upper(): of_vehicles(word) for word in column.distinct}
    return {word: code for word, code in sorted(found.items()) if code is not None}


def _text(table: Table, prefix: str, blocks: tuple[str, ...], role: str) -> Iterator[Line]:
    for column in table.of(role, *blocks)[:1]:
        if column.meaning.number > (2 if role == "street2" else 1) or _of_a_second_address(table, column):
            continue
        evidence = plausible(column, role)
        reason = f"by its name; {table.share(column)}{wrong(evidence, 'does not look like one')}"
        yield Line(f"{prefix}_{role}", column_value(column), reason, (column,), active=evidence.fits)


def _of_a_second_address(table: Table, column: Column) -> bool:
    """Whether "Street 2" is the street of a second address, with a town or a zip of its own."""
    others = (*table.of("zip", column.meaning.block), *table.of("town", column.meaning.block))
    return column.meaning.number == 2 and any(other.meaning.number == 2 for other in others)


def _street(table: Table, prefix: str, blocks: tuple[str, ...], countries: Sequence[str | None]) -> Iterator[Line]:
    streets = [column for column in table.of("street", *blocks) if column.meaning.number == 1][:1]
    houses = [column for column in table.of("house", *blocks) if column.meaning.number == 1][:1]
    for column in streets:
        yield from _street_lines(table, prefix, column, countries, has_house=bool(houses))
    for column in houses:
        yield _house(table, prefix, column, table.of("house_addition", *blocks))


def _street_lines(
    table: Table, prefix: str, column: Column, countries: Sequence[str | None], *, has_house: bool
) -> Iterator[Line]:
    words, whole = plausible(column, "street"), tested(column, lambda text: _WHOLE.search(text) is not None)
    if whole.of and whole.share >= 0.5:
        reason = f"not set: its cells hold whole addresses; {table.share(column)}"
        yield Line(f"{prefix}_street", column_value(column), reason, (column,), active=False)
        return
    numbers = converting(column, "house_number", countries)
    if not has_house and numbers.of >= FEWEST and numbers.share >= _SPLIT:
        found = f"{numbers.good} of {numbers.of} lines have a house number that can be told"
        reason = f"by its name; {found}; the others stay whole, with a warning"
        yield Line(f"{prefix}_street", column_value(column, {"as": "street_name"}), reason, (column,))
        yield Line(
            f"{prefix}_house", column_value(column, {"as": "house_number"}), "the number of the same line", (column,)
        )
        return
    reason = f"by its name; {table.share(column)}{wrong(words, 'is no street')}"
    yield Line(f"{prefix}_street", column_value(column), reason, (column,), active=words.fits)


def _house(table: Table, prefix: str, column: Column, additions: Sequence[Column]) -> Line:
    evidence = plausible(column, "house")
    both = template([column, additions[0]]) if additions else ""
    used = (column, additions[0]) if both else (column,)
    reason = f"by {'their names' if both else 'its name'}; {table.share(column)}{wrong(evidence, 'is no house number')}"
    return Line(f"{prefix}_house", both or column_value(column), reason, used, active=evidence.fits)


def wrong(evidence: Evidence, what: str) -> str:
    """Say how many values are not as they should be, with an example; empty where all are."""
    missing = evidence.of - evidence.good
    return (
        f'; {missing} of {evidence.of} {"cells do not fit" if missing != 1 else "cells does not fit"}: "{evidence.wrong}" {what}'
        if missing
        else ""
    )
