"""The space that the contract is tried in: everything that an answer can hold is there once at least."""

from __future__ import annotations

import datetime as dt
from typing import Any

from importer.sandbox import parse_seed

SLUG = "note"

SEED = parse_seed(
    """
    users:
      - {first_name: Ada, last_name: Example, email: ada@example.example, external_id: U-1}
    clients:
      - {name: Example Client, external_id: C-1, shortcode: EXC}
    projects:
      - {title: Example Project, client: Example Client}
    companies:
      - {company_name: Northwind, external_id: K-1, client_id: "1", tags: [one], custom_fields: {note: "yes"}}
      - {company_name: Contoso, external_id: K-2, business_field: Trade, company_size: 1-9, address_invoice_country: NL}
      - {company_name: Gone, external_id: K-3, archived: true}
    contacts:
      - {first_name: Bo, last_name: Example, email: bo@example.example, companies: [{external_id: K-1}]}
    offers:
      - title: Website
        status: open
        external_id: O-1
        company: K-1
        project: Example Project
        line_items:
          - {title: Design, price: 100, amount: 2, metric: hour}
          - {title: Hosting, price: 9.9, amount: 12, purchase_price: 5, project: Example Project}
        external_costs:
          - {title: Licence, price: 50, amount: 1, supplier: Example Supplier}
      - {title: Shop, status: cancelled, company: K-2, archived: true}
    """
)

NOW = dt.datetime(2026, 5, 4, 9, 30, tzinfo=dt.UTC)
OPTIONS: dict[str, Any] = {"custom_fields": frozenset({SLUG, "0"}), "seed": SEED, "now": lambda: NOW}
