"""The tables of offers and of what they are made of: line items, external costs, and what these refer to."""

from __future__ import annotations

__all__ = ["SCHEMA"]

SCHEMA = """
    CREATE TABLE metrics (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, title_plural TEXT NOT NULL);
    CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE offers (
        id INTEGER PRIMARY KEY,
        external_id TEXT,
        external_id_folded TEXT,  -- without case and accents, for the databases that compare so
        external_origin TEXT,
        offer_number TEXT,
        title TEXT NOT NULL,
        status TEXT NOT NULL,
        approvals_needed INTEGER,
        is_direct_approved INTEGER,
        date_of_offer TEXT NOT NULL,
        date_of_expiry TEXT NOT NULL,
        performance_range_start TEXT NOT NULL,
        performance_range_end TEXT NOT NULL,
        locale TEXT NOT NULL,
        currency TEXT NOT NULL,
        address TEXT NOT NULL,
        address_changed INTEGER NOT NULL,
        company_id INTEGER REFERENCES companies,
        editor_id INTEGER REFERENCES users,
        client_id INTEGER NOT NULL REFERENCES clients,
        project_id INTEGER REFERENCES projects,
        taxation_enabled INTEGER NOT NULL,
        sum_net NUMERIC NOT NULL,
        sum_tax NUMERIC NOT NULL,
        sum_gross NUMERIC NOT NULL,
        sum_external_costs NUMERIC NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT,
        deleted_at TEXT
    );
    CREATE INDEX offers_company ON offers (company_id);
    CREATE INDEX offers_external_id ON offers (external_id);
    CREATE TABLE offer_line_items (
        id INTEGER PRIMARY KEY,
        offer_id INTEGER NOT NULL REFERENCES offers,
        title TEXT NOT NULL,
        type TEXT NOT NULL,
        indent INTEGER NOT NULL,
        position INTEGER NOT NULL,
        is_optional INTEGER NOT NULL,
        price NUMERIC NOT NULL,
        amount NUMERIC NOT NULL,
        total_net_base NUMERIC NOT NULL,
        total_net NUMERIC NOT NULL,
        total_gross_base NUMERIC NOT NULL,
        tax_factor NUMERIC NOT NULL,
        total_gross NUMERIC NOT NULL,
        metric_id INTEGER NOT NULL REFERENCES metrics,
        project_id INTEGER REFERENCES projects,
        exclude_from_discount INTEGER NOT NULL,
        discount_factor NUMERIC,
        discount_absolute NUMERIC,
        discount_bound INTEGER NOT NULL,
        purchase_price NUMERIC NOT NULL,
        purchase_amount NUMERIC NOT NULL,
        purchase_total NUMERIC NOT NULL,
        purchase_price_bound INTEGER NOT NULL,
        description TEXT NOT NULL,
        payment_partial_type TEXT NOT NULL,
        payment_partial_interval INTEGER,
        created_at TEXT NOT NULL,
        updated_at TEXT
    );
    CREATE INDEX offer_line_items_offer ON offer_line_items (offer_id);
    CREATE TABLE offer_external_costs (
        id INTEGER PRIMARY KEY,
        offer_id INTEGER NOT NULL REFERENCES offers,
        title TEXT NOT NULL,
        type TEXT NOT NULL,
        indent INTEGER NOT NULL,
        position INTEGER NOT NULL,
        is_credit INTEGER NOT NULL,
        is_optional INTEGER NOT NULL,
        price NUMERIC NOT NULL,
        amount NUMERIC NOT NULL,
        total NUMERIC NOT NULL,
        supplier_id INTEGER REFERENCES suppliers,
        client_id INTEGER REFERENCES clients,
        project_id INTEGER REFERENCES projects,
        status TEXT,
        payment_partial_type TEXT NOT NULL,
        payment_partial_interval INTEGER,
        created_at TEXT NOT NULL,
        updated_at TEXT
    );
    CREATE INDEX offer_external_costs_offer ON offer_external_costs (offer_id);
"""
