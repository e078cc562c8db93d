"""A space's options and its seed -> what the store holds from the start, and the settings that are in force."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.sandbox.companies.seeding import insert_company
from importer.sandbox.embedded.countries import country_id
from importer.sandbox.embedded.seeding import insert_client, insert_contact, insert_project, insert_user
from importer.sandbox.offers.seeding import insert_offer
from importer.sandbox.seed_error import SeedError
from importer.sandbox.seeding import Settings, overlaid
from importer.sandbox.setting_names import IDENTITY
from importer.sandbox.space import Space
from importer.sandbox.webhooks.seeding import insert_webhook

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from importer.sandbox.behaviour import Token
    from importer.sandbox.options import SandboxOptions
    from importer.sandbox.seeding import Seed
    from importer.sandbox.wire.inputs import Input

__all__ = ["prepared"]

_INSERT: dict[str, Callable[[sqlite3.Connection, Space, Input], None]] = {
    "users": insert_user,
    "clients": insert_client,
    "projects": insert_project,
    "companies": insert_company,
    "contacts": insert_contact,
    "offers": insert_offer,
    "webhooks": insert_webhook,
}


def prepared(db: sqlite3.Connection, options: SandboxOptions) -> Settings:
    """Put in what the space has from the start, and return its settings: the file's own, or a new seed's.

    Raises:
        ValueError: the seed cannot be stored, or the space holds something already that is not of this seed.
    """
    stored, seed = _stored(db), options.seed
    if seed is None or stored.get("seed") == seed.fingerprint:
        try:
            settings = _settings(options, stored)
        except SeedError as error:
            msg = f"{options.data} was set up by another version: {error.reason}. Begin anew with --reset."
            raise ValueError(msg) from None
        _begin(db, options, settings)
        return settings
    _refuse_full(db, seed)
    stored = {**seed.settings, "seed": seed.fingerprint}
    try:
        settings = _settings(options, stored)
    except SeedError as error:
        raise seed.wrong_setting(error) from None
    db.executemany("INSERT INTO settings VALUES (?, ?)", [(name, json.dumps(value)) for name, value in stored.items()])
    _begin(db, options, settings)
    _fill(db, options, settings, seed)
    return settings


def _settings(options: SandboxOptions, stored: Input) -> Settings:
    tokens = stored.get("tokens")
    if isinstance(tokens, dict) and options.token in tokens:
        raise SeedError("tokens", f"the token {options.token} is the sandbox's own and may do everything; name another")
    return overlaid(Settings(options.behaviour, options.every_token(), options.custom_fields), stored)


def _stored(db: sqlite3.Connection) -> Input:
    return {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM settings")}


def _refuse_full(db: sqlite3.Connection, seed: Seed) -> None:
    (companies,) = db.execute("SELECT count(*) FROM companies").fetchone()
    (settings,) = db.execute("SELECT count(*) FROM settings WHERE name <> ?", [IDENTITY]).fetchone()
    if companies or settings:
        noun = "company" if companies == 1 else "companies"
        holds = f"holds {companies} {noun}" if companies else "was filled from another seed file"
        msg = (
            f"{seed.name} fills an empty sandbox, and this one {holds} already. "
            "Name another file with --data, leave --seed-file out, or begin anew with --reset."
        )
        raise ValueError(msg)


def _begin(db: sqlite3.Connection, options: SandboxOptions, settings: Settings) -> None:
    _add_users(db, settings.tokens.values())
    for name in options.clients:
        db.execute("INSERT OR IGNORE INTO clients (name) VALUES (?)", [name])
    country_id(db, settings.behaviour.default_country, settings.behaviour.default_country)


def _add_users(db: sqlite3.Connection, tokens: Iterable[Token]) -> None:
    """Put in the users that tokens act as."""
    for token in tokens:
        db.execute(
            "INSERT OR IGNORE INTO users (id, first_name, last_name, email, type) VALUES (?, ?, ?, ?, ?)",
            [int(token.user_id), token.slug, "Integration", f"{token.slug}@integration.example", "integration"],
        )


def _fill(db: sqlite3.Connection, options: SandboxOptions, settings: Settings, seed: Seed) -> None:
    behaviour = replace(settings.behaviour, unknown_custom_field="store", unknown_title="create", ids="text")
    space = Space(behaviour, settings.custom_fields, options.now(), options.slug, "1")
    for entry in seed.entries:
        try:
            _INSERT[entry.section](db, space, entry.given)
        except SeedError as error:
            raise seed.wrong(entry, error) from None
