"""One row's cells -> a company, as somebody writes it in an hour for this one export: no rule but the needed ones.

The standard library alone, so that peers can use it in their environments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HEADERS", "company"]

HEADERS = {"Accept": "application/json", "Authorization": "Bearer sandbox"}

_COPIED = {
    "company_name": "company_name",
    "person_attention_to": "attention",
    "address_invoice_street": "street",
    "address_invoice_street2": "street2",
    "address_invoice_house": "house",
    "address_invoice_zip": "zipcode",
    "address_invoice_town": "city",
    "address_invoice_state": "state",
    "address_delivery_title": "delivery_name",
    "address_delivery_street": "delivery_street",
    "address_delivery_house": "delivery_house",
    "address_delivery_zip": "delivery_zip",
    "address_delivery_town": "delivery_city",
    "phone": "phone",
    "fax": "fax",
    "email": "invoice_email",
    "email_general": "email",
    "tax_uid": "tax_number",
    "iban": "iban",
    "bic": "bic",
    "locale": "language",
}
_BOOLEANS = {"taxation": "vat_liable", "invoices_by_email": "by_email", "invoice_by_post": "by_post"}
_NAMES = ("Nederland", "NL", "Belgien", "DEU", "Germany", "Frankreich", "Österreich", "ES", "Italië", "Portugal")
_COUNTRIES = dict(zip(_NAMES, ("NL", "NL", "BE", "DE", "DE", "FR", "AT", "ES", "IT", "PT"), strict=True))
_BRANCHES = {"ICT": "Software", "Bouw": "Construction", "Zorg": "Healthcare"}


def company(cells: Mapping[str, str]) -> dict[str, object]:
    """Map a row; KeyError where a country or a branch is not known."""
    mapped: dict[str, object] = {"external_id": cells["customer_id"], "external_origin": "benchmark"}
    mapped |= {field: text for field, column in _COPIED.items() if (text := cells[column].strip())}
    mapped |= {field: cells[column] == "Ja" for field, column in _BOOLEANS.items()}
    mapped["address_invoice_country"] = _COUNTRIES[cells["country"]]
    mapped["address_delivery_country"] = _COUNTRIES[cells["delivery_country"]]
    mapped["homepage"] = f"https://{cells['homepage']}"
    if cells["branch"]:
        mapped["business_field"] = _BRANCHES[cells["branch"]]
    mapped["tags"] = _tags(cells)
    day, month, year = cells["created_at"].split("-")
    mapped["custom_fields"] = {
        "register_number": cells["register_number"],
        "customer_since": f"{year}-{month}-{day}",
        "credit_limit": cells["credit_limit"],
    }
    return mapped


def _tags(cells: Mapping[str, str]) -> list[str]:
    labels = (label.strip() for label in cells["labels"].split(";"))
    tags = ["Imported", *("VIP" if label == "vip" else label for label in labels if label)]
    return [*tags, "SEPA"] if cells["sepa_active"] == "Ja" else tags
