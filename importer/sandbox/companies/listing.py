"""The query of the companies' list -> a page of CompanyData: what companies can be filtered, sorted and joined by."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import TEXTS
from importer.sandbox.companies.finding import SELECT
from importer.sandbox.companies.rendering import rendered
from importer.sandbox.ids import Thing
from importer.sandbox.lists.includes import included
from importer.sandbox.lists.paging import page_of
from importer.sandbox.lists.resource import Field, FieldKind, Relation, Resource
from importer.sandbox.lists.settings import list_settings

if TYPE_CHECKING:
    import sqlite3

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["COMPANIES", "included_contacts", "listed"]

_CONTACT_TEXTS = (
    "external_id",
    "external_origin",
    "first_name",
    "last_name",
    "email",
    "email_private",
    "mobile",
    "mobile_private",
    "telephone",
    "telephone_private",
)
_FLAGS = ("invoices_by_post", "invoices_by_email", "address_invoice_is_delivery")
_DATES = {name: Field(FieldKind.DATE, f"c.{name}") for name in ("created_at", "updated_at")}

COMPANIES = Resource(
    select=SELECT,
    table="companies",
    key="c.id",
    archived="c.deleted_at",
    fields=MappingProxyType(
        {
            **{
                name: Field(FieldKind.STRING, f"c.{name}")
                for name in TEXTS
                if name not in ("vendor_identifier", "locale")
            },
            **{name: Field(FieldKind.BOOLEAN, f"c.{name}") for name in _FLAGS},
            "business_field.id": Field(FieldKind.ID, "c.business_field_id", of=Thing.BUSINESS_FIELD),
            "business_field.name": Field(FieldKind.STRING, "bf.name"),
            "address_invoice_country.name": Field(FieldKind.STRING, "ic.name"),
            "address_delivery_country.name": Field(FieldKind.STRING, "dc.name"),
            "client.id": Field(FieldKind.ID, "c.client_id", of=Thing.CLIENT),
            **{
                f"client.{name}": Field(FieldKind.STRING, f"cl.{name}")
                for name in ("name", "shortcode", "external_id", "external_origin")
            },
            **_DATES,
        }
    ),
    sorts=MappingProxyType(
        {
            "company_name": Field(FieldKind.STRING, "c.company_name"),
            "updated_at": _DATES["updated_at"],
            "created_at": _DATES["created_at"],
        }
    ),
    relations=MappingProxyType(
        {
            "contacts": Relation(
                source="company_contacts cc JOIN contacts k ON k.id = cc.contact_id WHERE cc.company_id = c.id",
                fields=MappingProxyType(
                    {
                        "id": Field(FieldKind.ID, "k.id", of=Thing.CONTACT),
                        **{name: Field(FieldKind.STRING, f"k.{name}") for name in _CONTACT_TEXTS},
                        "birthday": Field(FieldKind.DATE, "k.birthday"),
                    }
                ),
            ),
            "tags": Relation(
                source="company_tags t JOIN names n ON n.id = t.tag_id WHERE t.company_id = c.id",
                fields=MappingProxyType(
                    {
                        "id": Field(FieldKind.ID, "n.id", of=Thing.TAG),
                        "title": Field(FieldKind.STRING, "n.name"),
                    }
                ),
            ),
        }
    ),
    custom_fields="c.custom_fields",
)


def listed(db: sqlite3.Connection, space: Space, query: Input, path: str) -> dict[str, Json]:
    """List one page; `path` is the list's own url, which the urls in meta are made of."""
    contacts = included_contacts(query)
    page = page_of(db, COMPANIES, query, list_settings(space, path))
    return page.envelope(rendered(db, page.rows, space.behaviour, contacts=contacts))


def included_contacts(query: Input) -> bool:
    """Tell whether `include` asks for contacts, the only relation there is; 400 for others."""
    return bool(included(query.get("include"), ("contacts",)))
