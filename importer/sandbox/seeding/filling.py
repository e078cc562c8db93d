"""A space's options and its seed -> what the store holds from the start, and the settings that are in force."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.sandbox.companies.columns import country_id
from importer.sandbox.companies.seeding import insert_company
from importer.sandbox.embedded.seeding import insert_client, insert_contact, insert_project, insert_user
from importer.sandbox.offers.seeding import insert_offer
from importer.sandbox.seed_error import SeedError
from importer.sandbox.seeding.settings import Settings, overlaid
from importer.sandbox.space import Space
from importer.sandbox.store import IDENTITY
from importer.sandbox.webhooks.seeding import insert_webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from importer.sandbox.options import SandboxOptions, Token
    from importer.sandbox.seeding.file import Seed
    from importer.sandbox.wire.inputs import Input

__all__ = ["begun_anew", "prepared"]

_TABLES = {"companies", "countries", "names", "clients"}  # of every version of the sandbox's file

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


@contextmanager
def begun_anew(path: Path) -> Iterator[Callable[[], None]]:
    """Put a sandbox's file aside, so that the next one begins empty.

    It is deleted when the function that is handed out is called; without that it is back in its place at the end, so
    that what cannot begin has cost nothing.

    Raises:
        ValueError: the file is not a sandbox's, or one is running on it.
        OSError: it cannot be moved.
    """
    aside = path.with_name(f"{path.name}.before-reset")
    if path.exists():
        _claim(path)
        path.replace(aside)

    def forget() -> None:
        aside.unlink(missing_ok=True)

    try:
        yield forget
    finally:
        if aside.exists():
            for suffix in ("-wal", "-shm"):
                path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
            aside.replace(path)


def _claim(path: Path) -> None:
    """Make sure that the file is a sandbox's, and that nobody has it open."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if tables and not tables >= _TABLES:
                raise _not_ours(path)
            db.execute("PRAGMA journal_mode = DELETE")  # needs the file for itself
    except sqlite3.OperationalError as error:
        msg = f"{path} cannot be reset: {error}. If a sandbox is running on it, stop that one first; else see whether it can be written."
        raise ValueError(msg) from error
    except sqlite3.DatabaseError as error:
        raise _not_ours(path) from error


def _not_ours(path: Path) -> ValueError:
    return ValueError(f"{path} is not a sandbox's file, and is left as it is. Name another one with --data.")


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
