"""All tables of the sandbox's file."""

from __future__ import annotations

from importer.sandbox.companies.schema import SCHEMA as COMPANIES

__all__ = ["SCHEMA", "SCHEMA_VERSION"]

SCHEMA_VERSION = 2

_SETTINGS = "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);"

SCHEMA = f"{COMPANIES}{_SETTINGS}PRAGMA user_version = {SCHEMA_VERSION};"
