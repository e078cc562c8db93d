"""What a place in the payload takes: which kinds of value, which constants, and how long they may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.company import FIELDS, FieldType
from importer.model import Cell, Invalid, Issue, Location
from importer.values.boolean import boolean
from importer.values.country import country
from importer.values.email import email
from importer.values.text import external_id, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.mapping.kinds import Convert, Gives

__all__ = [
    "NOT_IN_COMPANY",
    "REQUIRED",
    "TAG",
    "Slot",
    "country_field",
    "custom_slot",
    "explained",
    "field_slot",
    "objection",
]

REQUIRED = ("external_id", "company_name")
"""The fields without which there is no company to create, or none to find again."""

NOT_IN_COMPANY = frozenset({"external_origin", "tags", "custom_fields"})
"""Fields of the create request that the mapping writes elsewhere than under `company`."""

_WORDS: Mapping[FieldType, str] = {
    FieldType.BOOLEAN: "takes true or false",
    FieldType.COUNTRY: "takes a country",
    FieldType.EMAIL: "takes one e-mail address",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One field, custom field or tag: the end of an expression."""

    name: str  # as issues show it
    type: FieldType
    limit: int | None = None  # code points
    nullable: bool = False  # whether a blank may clear it on update

    @property
    def takes(self) -> str:
        """Say in words what the slot takes, as the end of a sentence."""
        return f"{self.name} {_WORDS.get(self.type, 'takes text')}"

    def accepts(self, gives: Gives) -> bool:
        """Whether a kind of value can go here, perhaps after `finish`."""
        if gives == "client":
            return self.type is FieldType.CLIENT_ID
        match self.type:
            case FieldType.CUSTOM:
                return True
            case FieldType.BOOLEAN:
                return gives == "boolean"
            case FieldType.COUNTRY:
                return gives == "country"
            case FieldType.EMAIL:
                return gives in {"email", "text"}
            case _:
                return gives != "boolean"

    def accepts_constant(self, constant: str | bool | int) -> bool:  # noqa: FBT001 - a value of the mapping, not a switch
        """Whether a constant of the mapping can stand here as YAML read it."""
        if isinstance(constant, bool):
            return self.type in {FieldType.BOOLEAN, FieldType.CUSTOM}
        return isinstance(constant, str) or self.type is FieldType.CUSTOM

    def finish(self, gives: Gives | None) -> Convert | None:
        """Choose what is done to a value at the end, after `as` or without one; None where nothing is left to do."""
        if self.name == "external_id":
            return external_id
        match self.type:
            case FieldType.BOOLEAN:
                return None if gives == "boolean" else boolean
            case FieldType.COUNTRY:
                return None if gives == "country" else country
            case FieldType.EMAIL:
                return None if gives == "email" else email
            case FieldType.CUSTOM:
                return None if gives else _plain
            case _:
                return None if gives and gives != "integer" else text


def _plain(cell: Cell) -> Cell | Invalid:
    """Custom fields know booleans; all else goes as text."""
    return cell if isinstance(cell, bool) else text(cell)


TAG = Slot("tags", FieldType.TAGS)


def field_slot(name: str) -> Slot:
    """Make the slot of a field of the create request; the two that every company has are never cleared."""
    field = FIELDS[name]
    nullable = field.nullable and name not in REQUIRED
    return Slot(name, field.type, field.max_length, nullable)


def custom_slot(slug: str) -> Slot:
    """Make the slot of a custom field; the API documents no limit, and null for every slug."""
    return Slot(f"custom_fields.{slug}", FieldType.CUSTOM, nullable=True)


def country_field(name: str) -> str:
    """Name the field that says in which country a field's value is at home."""
    delivery = name.startswith(("address_delivery_", "delivery_"))
    return "address_delivery_country" if delivery else "address_invoice_country"


def objection(invalid: Invalid, value: Cell, field: str | None) -> str:
    """Say in one sentence what a converter has against a value."""
    issue = Issue.of(invalid.code, Location(""), field=field, value=value, detail=explained(invalid))
    return issue.message


def explained(invalid: Invalid) -> str:
    """Add to a converter's reason what may be meant."""
    if not invalid.suggestions:
        return invalid.detail
    meant = " or ".join(invalid.suggestions[:3])
    return f"{invalid.detail}; did you mean {meant}?" if invalid.detail else f"did you mean {meant}?"
