"""The names of the companies API, written and read, with the rule for each: the sandbox's own copy, on purpose.

Repeated here and not imported, so that a wrong name in the importer is caught by the sandbox and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "BOOLEANS",
    "COUNTRIES",
    "CREATE_RULES",
    "IDENTIFIER_RULES",
    "MAX_ITEMS",
    "MAX_TEXT",
    "MAX_UNBOUNDED",
    "NAMED",
    "TEXTS",
    "TITLED",
    "UPDATE_RULES",
    "Kind",
    "Rule",
]

MAX_TEXT = 255
"""Code points that a plain string may have, after trimming."""

MAX_ITEMS = 1_000
"""Tags, and custom fields, that a request may name and a company may have: a bound of the sandbox, far beyond use."""

MAX_UNBOUNDED = 65_535
"""Code points of a text for which the documentation has no maximum: a bound of the sandbox, the size of MySQL's TEXT."""


class Kind(StrEnum):
    """What a field of a request must be."""

    TEXT = "text"
    EMAIL = "email"  # one address
    WORD = "word"  # a string without a maximum
    REFERENCE = "reference"  # the id of something that exists
    BOOLEAN = "boolean"
    TAGS = "tags"
    CUSTOM = "custom_fields"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one field of a request must be; `unique` and `exists` are asked of the store."""

    name: str
    kind: Kind = Kind.TEXT
    nullable: bool = True
    required: bool = False
    unique: bool = False


def _address(kind: str) -> tuple[str, ...]:
    parts = ("title", "street", "street2", "house", "zip", "state", "town")
    return tuple(f"address_{kind}_{part}" for part in parts)


TEXTS = (
    "vendor_identifier",
    "company_name",
    "locale",
    "tax_uid",
    "iban",
    "bic",
    "fax",
    "phone",
    "homepage",
    "email",
    "email_general",
    "person_attention_to",
    *_address("invoice"),
    "delivery_person_attention_to",
    *_address("delivery"),
)
"""Fields that are written, stored and read as plain text under one name."""

BOOLEANS = {
    "taxation": "taxation_enabled",
    "invoice_by_post": "invoices_by_post",
    "invoices_by_email": "invoices_by_email",
    "address_invoice_is_delivery": "address_invoice_is_delivery",
}
"""Written name -> read name, which is also the column."""

COUNTRIES = ("address_invoice_country", "address_delivery_country")
"""Written as text; the id is written under the same name with `_id`, and read inside the country object."""

NAMED = {"business_field": "name", "company_size": "title", "company_revenue": "title"}
"""Written as text, read as an object with an id and this member."""


TITLED = frozenset(name for name, member in NAMED.items() if member == "title") | {"tags"}
"""Written as titles, of which a space may have a fixed choice."""


def _company_rules(*, on_create: bool) -> tuple[Rule, ...]:
    special = {
        "company_name": Rule("company_name", nullable=not on_create, required=on_create),
        "email_general": Rule("email_general", Kind.EMAIL),
    }
    return (
        *(special.get(name, Rule(name)) for name in TEXTS),
        *(Rule(name, Kind.BOOLEAN, nullable=False) for name in BOOLEANS),
        *(Rule(name, Kind.WORD, nullable=False) for name in COUNTRIES),
        *(Rule(f"{name}_id", Kind.REFERENCE) for name in COUNTRIES),
        Rule("client_id", Kind.REFERENCE),
        *(Rule(name, Kind.WORD) for name in NAMED),
        Rule("tags", Kind.TAGS, nullable=False),
        Rule("custom_fields", Kind.CUSTOM, nullable=False),
    )


IDENTIFIER_RULES = (Rule("external_id", unique=True), Rule("external_origin", nullable=False))
"""Of PUT external-identifier."""

CREATE_RULES = (*IDENTIFIER_RULES, *_company_rules(on_create=True))
UPDATE_RULES = _company_rules(on_create=False)
"""PATCH has no rule for external_id and external_origin: it ignores them without a word."""
