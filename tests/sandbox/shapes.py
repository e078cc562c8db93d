"""The shapes of answers as the API documents them: which properties there are, of which type, and whether null."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, TypeAlias

Shape: TypeAlias = Any
"""A type; a set of words; a list with the shape of its items; a map of required properties; a tuple of alternatives."""


class Moment:
    """A date-time with a zone, to the second."""


class Day:
    """A date."""


class Optional:
    """A property that may be absent."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape


Number = (int, float)
Text = (str, None)
Country = {"id": str, "name": str, "code": str}
Space = {"id": str, "name": str}
User = {
    **dict.fromkeys(("id", "first_name", "last_name", "email"), str),
    "type": {"user", "guest", "tax_advisor", "integration"},
    "space": Space,
}
Client = {
    "id": str,
    "external_id": Text,
    "external_origin": Text,
    "name": str,
    "shortcode": Text,
    "primary_contact": (User, None),
    "origin_space": (Space, None),
}
CustomFields: Shape = ([], {...: (str, bool, int, float, None)})
Contact = {
    "id": str,
    **dict.fromkeys(("external_id", "external_origin", "gender", "first_name", "last_name", "title"), Text),
    **dict.fromkeys(("title_suffix", "position", "locale", "fax", "telephone", "telephone_private"), Text),
    **dict.fromkeys(("mobile", "mobile_private", "email", "email_private", "address_street"), Text),
    **dict.fromkeys(("address_house", "address_street2", "address_zip", "address_state", "address_town"), Text),
    "birthday": (Day, None),
    "address_country": (Country, None),
    "owner": (User, None),
    "client": (Client, None),
    "contact_company": {"position": str},
}
_PARTS = ("title", "street", "house", "street2", "zip", "state", "town")
Company = {
    "id": str,
    **dict.fromkeys(("external_id", "external_origin", "vendor_identifier", "company_name", "locale"), Text),
    **dict.fromkeys(("tax_uid", "iban", "bic", "email", "email_general", "phone", "fax", "homepage"), Text),
    **dict.fromkeys(("person_attention_to", "delivery_person_attention_to"), Text),
    **{f"address_{kind}_{part}": Text for kind in ("invoice", "delivery") for part in _PARTS},
    **dict.fromkeys(("taxation_enabled", "invoices_by_post", "invoices_by_email", "address_invoice_is_delivery"), bool),
    "business_field": ({"id": str, "name": str}, None),
    "company_size": ({"id": str, "title": str}, None),
    "company_revenue": ({"id": str, "title": str}, None),
    "address_invoice_country": (Country, None),
    "address_delivery_country": (Country, None),
    "client": (Client, None),
    "custom_fields": CustomFields,
    "created_at": Moment,
    "updated_at": (Moment, None),
    "deleted_at": (Moment, None),
    "tags": Optional([{"id": str, "title": str}]),
    "contacts": Optional([Contact]),
}
Project = {
    "id": str,
    "external_id": Text,
    "external_origin": Text,
    "title": str,
    "shortcode": str,
    "po_number": Text,
    "project_type": {
        **dict.fromkeys(("id", "title", "shortcode", "color"), str),
        "order": int,
        "is_default": bool,
    },
    "status": str,
    "is_acquisition": bool,
    "is_private": bool,
    "start_date": (Day, None),
    "end_date": (Day, None),
    "client": Client,
    "custom_fields": CustomFields,
    "origin_space": (Space, None),
}
_Interval = {"payment_partial_type": {"once", "monthly", "yearly"}, "payment_partial_interval": (int, None)}
LineItem = {
    "id": str,
    "title": str,
    "type": {"unit", "category", "page_break"},
    "indent": int,
    "order": int,
    **dict.fromkeys(("is_optional", "exclude_from_discount", "discount_bound", "purchase_price_bound"), bool),
    **dict.fromkeys(("price", "amount", "total_net_base", "total_net", "total_gross_base", "tax_factor"), Number),
    **dict.fromkeys(("total_gross", "purchase_price", "purchase_amount", "purchase_total"), Number),
    **dict.fromkeys(("discount_factor", "discount_absolute"), (int, float, None)),
    "metric": dict.fromkeys(("id", "title", "title_plural"), str),
    "project": (Project, None),
    "description": str,
    **_Interval,
}
ExternalCost = {
    **dict.fromkeys(("id", "title", "type"), str),
    **dict.fromkeys(("indent", "order"), int),
    **dict.fromkeys(("is_credit", "is_optional"), bool),
    **dict.fromkeys(("price", "amount", "total"), Number),
    "supplier": ({"id": str, "name": str}, None),
    "client": (Client, None),
    "project": (Project, None),
    "status": Text,
    **_Interval,
    "created_at": Moment,
    "updated_at": (Moment, None),
}
Offer = {
    **dict.fromkeys(("id", "title", "locale", "currency", "address"), str),
    "offer_number": Text,
    "status": {"open", "approval_pending", "approval_approved", "transformed", "cancelled"},
    "approvals_needed": (int, None),
    "is_direct_approved": (bool, None),
    **dict.fromkeys(("date_of_offer", "date_of_expiry", "performance_range_start", "performance_range_end"), Moment),
    "address_changed": bool,
    "company": (Company, None),
    "editor": (User, None),
    "client": Client,
    "project": (Project, None),
    "taxation_enabled": bool,
    **dict.fromkeys(("sum_net", "sum_tax", "sum_gross", "sum_external_costs"), Number),
    "line_items": [LineItem],
    "external_costs": [ExternalCost],
    "created_at": Moment,
    "updated_at": (Moment, None),
    "deleted_at": (Moment, None),
    "computed_fields": Optional({...: Number}),
}


def faults(value: Any, shape: Shape, path: str = "$") -> list[str]:
    """Tell where a value is not of a shape; properties that the shape does not know are faults too."""
    match shape:
        case tuple():
            found = [faults(value, one, path) for one in shape]
            return [] if [] in found else min(found, key=len)
        case {**members}:
            return _object_faults(value, members, path)
        case list():
            if not isinstance(value, list) or (value and not shape):
                return [f"{path}: {value!r} is not such a list"]
            return [fault for at, item in enumerate(value) for fault in faults(item, shape[0], f"{path}[{at}]")]
        case set():
            return [] if value in shape else [f"{path}: {value!r} is none of {sorted(shape)}"]
        case _:
            return [] if _is(value, shape) else [f"{path}: {value!r} is no {shape}"]


def _object_faults(value: Any, members: dict[Any, Shape], path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    if ... in members:
        return [fault for name, item in value.items() for fault in faults(item, members[...], f"{path}.{name}")]
    found = [f"{path}.{name} is not documented" for name in value if name not in members]
    for name, shape in members.items():
        if isinstance(shape, Optional):
            found += faults(value[name], shape.shape, f"{path}.{name}") if name in value else []
        else:
            found += faults(value[name], shape, f"{path}.{name}") if name in value else [f"{path}.{name} is missing"]
    return found


def _is(value: Any, shape: Shape) -> bool:
    if shape is None:
        return value is None
    if shape is Day:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    if shape is Moment:
        return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", value) is not None
    return type(value) is shape
