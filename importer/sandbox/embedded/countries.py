"""A country as it is written -> its number in the store, where countries come to be as they are first named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.countries import country_named

if TYPE_CHECKING:
    import sqlite3

__all__ = ["country_id"]

_MAX_NAME = 255  # code points; no country has a longer name


def country_id(db: sqlite3.Connection, text: str, default: str) -> int:
    """Find the country, made if it is valid but not there; what is no country is the space's own, without a word."""
    country = (country_named(text) if len(text) <= _MAX_NAME else None) or country_named(default)
    if country is None:
        msg = f"default_country must be a country's code: {default!r}"
        raise ValueError(msg)
    found = db.execute("SELECT id FROM countries WHERE code = ?", [country.alpha2]).fetchone()
    if found:
        return int(found[0])
    made = db.execute("INSERT INTO countries (code, name) VALUES (?, ?)", [country.alpha2, country.name])
    return made.lastrowid or 0
