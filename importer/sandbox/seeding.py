"""What a space has from the start -> rows of the store; nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.companies.columns import country_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from importer.sandbox.options import Token

__all__ = ["seed"]


def seed(db: sqlite3.Connection, tokens: Iterable[Token], clients: tuple[str, ...], default_country: str) -> None:
    """Put in the users that tokens stand for, the clients, and the space's country."""
    for token in tokens:
        db.execute(
            "INSERT OR IGNORE INTO users (id, first_name, last_name, email, type) VALUES (?, ?, ?, ?, ?)",
            [int(token.user_id), token.slug, "Integration", f"{token.slug}@integration.example", "integration"],
        )
    for name in clients:
        db.execute("INSERT OR IGNORE INTO clients (name) VALUES (?)", [name])
    country_id(db, default_country, default_country)
