"""Contacts as the API answers them -> columns and cells.

Columns are called as the API calls its keys. What lies within has the path to it: `custom_fields.NAME`,
`contact_people[0].email`, `notes[0].note`. Keys that nobody knew when this was written become columns as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from importer.model import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from importer.model import Cell, Json

__all__ = ["Columns", "Contact", "cells_of", "id_of", "version_of", "without_log"]

Contact: TypeAlias = "dict[str, Json]"

_KEYS = (
    *("id", "customer_id", "company_name", "firstname", "lastname", "attention", "address1", "address2", "zipcode"),
    *("city", "country", "phone", "email", "send_invoices_to_attention", "send_invoices_to_email"),
    *("send_estimates_to_attention", "send_estimates_to_email", "delivery_method", "email_ubl", "tax_number"),
    *("tax_number_valid", "tax_number_validated_at", "chamber_of_commerce", "bank_account", "direct_debit"),
    *("sepa_active", "sepa_iban", "sepa_iban_account_name", "sepa_bic", "sepa_mandate_id", "sepa_mandate_date"),
    *("sepa_sequence_type", "si_identifier", "si_identifier_type", "is_trusted", "max_transfer_amount"),
    *("credit_card_number", "credit_card_reference", "credit_card_type", "invoice_workflow_id"),
    *("estimate_workflow_id", "moneybird_payments_mandate", "sales_invoices_url", "administration_id"),
    *("archived", "created_at", "updated_at", "version"),
)
"""Of every contact, in this order: there is a column for each, also where no contact has it."""

_PERSON = ("firstname", "lastname", "email", "phone", "department")
_ALWAYS = (*_KEYS, *(f"contact_people[0].{key}" for key in _PERSON), "notes[0].note")

_LOG = "events"  # who did what when, and no part of the contact; it may be longer than all the rest
_LISTS = ("custom_fields", "contact_people", "notes")
_LEFT_OUT: Mapping[str, frozenset[str]] = {
    "contact_people": frozenset({"id", "contact_id", "administration_id", "created_at", "updated_at", "version"}),
    "notes": frozenset(
        {"id", "administration_id", "entity_id", "entity_type", "user_id", "assignee_id", "completed_by_id", "data"}
        | {"updated_at"}
    ),
}
"""Keys within lists that say nothing of the contact: they point to Moneybird's own things."""

_EXACT = 10**15  # whole numbers from here on lose digits in a spreadsheet
_DEEPEST = 4


def id_of(contact: Mapping[str, Json]) -> str | None:
    """Read an id as text: it has 18 digits, more than a float holds; None where it is none, or was damaged so."""
    found = contact.get("id")
    text = str(found) if isinstance(found, (int, str)) and not isinstance(found, bool) else ""
    return text if text.isascii() and text.isdigit() else None


def version_of(contact: Mapping[str, Json]) -> int:
    """Read the version, Unix seconds of the latest change; 0 where an older answer has none."""
    found = contact.get("version")
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def without_log(contact: Contact) -> Contact:
    """Leave out what happened to a contact, which no column shows."""
    return {key: value for key, value in contact.items() if key != _LOG}


def cells_of(contact: Mapping[str, Json]) -> dict[str, Cell]:
    """Lay a contact out in cells by the names of their columns."""
    cells: dict[str, Cell] = {}
    for key, value in contact.items():
        if key == "custom_fields":
            for name, content in _custom_fields(value):
                cells[_free(cells, f"{key}.{name}")] = content
        elif key in _LISTS and isinstance(value, list):
            for index, one in enumerate(value):
                cells |= _flat(f"{key}[{index}]", _kept(key, one), 2)
        elif key != _LOG:
            cells |= _flat(key, value, 1)
    return cells


def _custom_fields(value: Json) -> Iterator[tuple[str, Cell]]:
    """Read `[{id, name, value}, ...]`; also an object from name to value, in case."""
    if isinstance(value, dict):
        yield from ((name, _cell(name, content)) for name, content in value.items())
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            name = str(one.get("name") or "").strip() or str(one.get("id") or "").strip()
            yield name, _cell("value", one.get("value"))


def _free(taken: Mapping[str, Cell], name: str) -> str:
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name} [{number}]"
    return unique


def _kept(key: str, value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {name: content for name, content in value.items() if name not in _LEFT_OUT[key]}


def _flat(path: str, value: Json, depth: int) -> dict[str, Cell]:
    if depth < _DEEPEST and isinstance(value, (dict, list)):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        inner = [(f"{path}.{key}" if isinstance(key, str) else f"{path}[{key}]", one) for key, one in named]
        return {name: cell for place, one in inner for name, cell in _flat(place, one, depth + 1).items()}
    return {path: _cell(path.rpartition(".")[2], value)}


def _cell(key: str, value: Json) -> Cell:
    """Keep text, truth and numbers as they are; ids and long numbers as text, since a spreadsheet rounds them."""
    if isinstance(value, (dict, list)):
        return canonical_json(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if key == "id" or key.endswith("_id") or abs(value) >= _EXACT else value
    return value


class Columns:
    """Collects the columns that contacts need; memory: their names."""

    def __init__(self) -> None:
        self._names: dict[str, None] = dict.fromkeys(_ALWAYS)

    def add(self, names: Iterable[str]) -> None:
        """Take note of the cells of one contact."""
        for name in names:
            self._names.setdefault(name)

    @property
    def names(self) -> tuple[str, ...]:
        """All columns: keys of the contact first, then custom fields, people and notes, each by its number."""
        return tuple(sorted(self._names, key=_rank))


def _rank(name: str) -> tuple[int, int]:
    """Say which group of columns one is in; within, the order is that in which they came (sorting is stable)."""
    head, _, rest = name.partition("[")
    if name in _ALWAYS[: len(_KEYS)]:
        return 0, 0
    if name.startswith("custom_fields."):
        return 2, 0
    number = int(digits) if (digits := rest.partition("]")[0]).isdigit() else 0
    return (_LISTS.index(head) + 2, number) if head in _LISTS else (1, 0)


def row_cells(contact: Mapping[str, Json], columns: Sequence[str]) -> tuple[Cell, ...]:
    """Lay a contact out as a row."""
    cells = cells_of(contact)
    return tuple(cells.get(name) for name in columns)
