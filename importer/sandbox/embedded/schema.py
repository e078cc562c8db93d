"""The tables of what answers carry inside of them: spaces, countries, users, clients, contacts, projects."""

from __future__ import annotations

__all__ = ["OWN_SPACE", "SCHEMA"]

OWN_SPACE = 1
"""The id of the space that the sandbox is; others are those that share something with it."""

SCHEMA = f"""
    CREATE TABLE spaces (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    INSERT INTO spaces VALUES ({OWN_SPACE}, 'Sandbox');
    CREATE TABLE countries (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
    CREATE TABLE users (
        id INTEGER PRIMARY KEY, external_id TEXT, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
        email TEXT NOT NULL, type TEXT NOT NULL, space_id INTEGER NOT NULL DEFAULT {OWN_SPACE} REFERENCES spaces
    );
    CREATE TABLE clients (
        id INTEGER PRIMARY KEY, external_id TEXT, external_origin TEXT, name TEXT NOT NULL UNIQUE, shortcode TEXT,
        primary_contact_id INTEGER REFERENCES users, origin_space_id INTEGER REFERENCES spaces
    );
    CREATE TABLE contacts (
        id INTEGER PRIMARY KEY, external_id TEXT, external_origin TEXT, gender TEXT, first_name TEXT, last_name TEXT,
        title TEXT, title_suffix TEXT, position TEXT, locale TEXT, birthday TEXT, fax TEXT, telephone TEXT,
        telephone_private TEXT, mobile TEXT, mobile_private TEXT, email TEXT, email_private TEXT,
        address_street TEXT, address_house TEXT, address_street2 TEXT, address_zip TEXT, address_state TEXT,
        address_town TEXT, address_country_id INTEGER REFERENCES countries, owner_id INTEGER REFERENCES users,
        client_id INTEGER REFERENCES clients
    );
    CREATE TABLE project_types (
        id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, shortcode TEXT NOT NULL, color TEXT NOT NULL,
        position INTEGER NOT NULL, is_default INTEGER NOT NULL
    );
    CREATE TABLE projects (
        id INTEGER PRIMARY KEY, external_id TEXT, external_origin TEXT, title TEXT NOT NULL, shortcode TEXT NOT NULL,
        po_number TEXT, project_type_id INTEGER NOT NULL REFERENCES project_types, status TEXT NOT NULL,
        is_acquisition INTEGER NOT NULL, is_private INTEGER NOT NULL, start_date TEXT, end_date TEXT,
        client_id INTEGER NOT NULL REFERENCES clients, custom_fields TEXT NOT NULL,
        origin_space_id INTEGER REFERENCES spaces
    );
"""  # noqa: S608  # a number of ours
