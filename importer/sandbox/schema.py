"""All tables of the sandbox's file."""

from __future__ import annotations

from importer.sandbox.companies.schema import SCHEMA as COMPANIES
from importer.sandbox.embedded.schema import SCHEMA as EMBEDDED
from importer.sandbox.offers.schema import SCHEMA as OFFERS
from importer.sandbox.webhooks.schema import SCHEMA as WEBHOOKS

__all__ = ["SCHEMA", "SCHEMA_VERSION"]

SCHEMA_VERSION = 2

_SETTINGS = "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);"

SCHEMA = f"{EMBEDDED}{COMPANIES}{OFFERS}{WEBHOOKS}{_SETTINGS}PRAGMA user_version = {SCHEMA_VERSION};"
