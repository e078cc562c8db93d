"""The tables of companies and of what belongs to them: tags, sizes and the like, their contacts, and their changes."""

from __future__ import annotations

from importer.sandbox.companies.contract import BOOLEANS, COUNTRIES, NAMED, TEXTS

__all__ = ["SCHEMA"]


def _company_columns() -> str:
    texts = "".join(f"{name} TEXT,\n" for name in TEXTS)
    booleans = "".join(
        f"{name} INTEGER NOT NULL DEFAULT {int(name == 'taxation_enabled')},\n" for name in BOOLEANS.values()
    )
    countries = "".join(f"{name}_id INTEGER REFERENCES countries,\n" for name in COUNTRIES)
    named = "".join(f"{name}_id INTEGER REFERENCES names,\n" for name in NAMED)
    return f"{texts}{booleans}{countries}{named}"


SCHEMA = f"""
    CREATE TABLE names (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name));
    CREATE TABLE companies (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        external_id TEXT,
        external_id_folded TEXT,  -- without case and accents, for the databases that compare so
        external_origin TEXT,
        {_company_columns()}
        client_id INTEGER REFERENCES clients,
        custom_fields TEXT NOT NULL DEFAULT '{{}}',
        created_at TEXT NOT NULL,
        updated_at TEXT,
        deleted_at TEXT
    );
    CREATE INDEX companies_external_id ON companies (external_id);
    CREATE INDEX companies_external_id_folded ON companies (external_id_folded);
    CREATE TABLE company_tags (
        company_id INTEGER NOT NULL REFERENCES companies, tag_id INTEGER NOT NULL REFERENCES names,
        PRIMARY KEY (company_id, tag_id)
    );
    CREATE TABLE company_contacts (
        company_id INTEGER NOT NULL REFERENCES companies, contact_id INTEGER NOT NULL REFERENCES contacts,
        position TEXT NOT NULL, PRIMARY KEY (company_id, contact_id)
    );
    CREATE TABLE company_changes (
        id INTEGER PRIMARY KEY AUTOINCREMENT, company_id INTEGER NOT NULL REFERENCES companies,
        event TEXT NOT NULL,  -- create, update, delete, restore, external-identifier
        at TEXT NOT NULL,
        actor TEXT NOT NULL,  -- the slug of the integration that did it
        user_id INTEGER REFERENCES users,  -- whom it acted as
        fields TEXT NOT NULL  -- read name -> [before, after] as people would read them
    );
    CREATE INDEX company_changes_company ON company_changes (company_id);
"""
