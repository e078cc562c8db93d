"""Spaces that hold something from the start, put in by the functions that seed files are read with."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from importer.sandbox import Behaviour, SandboxOptions
from importer.sandbox.opening import open_store
from importer.sandbox.space import Space
from tests.sandbox.client import Client, opened

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

T = TypeVar("T")

NOW = dt.datetime(2026, 5, 4, 9, 30, tzinfo=dt.UTC)
SPACE = Space(Behaviour(), frozenset(), NOW, actor="sandbox", user_id="1")


async def in_store(work: Callable[[sqlite3.Connection], T]) -> T:
    """Do work in a store in memory."""
    async with open_store(None) as store:
        return await store.run(work)


@asynccontextmanager
async def opened_with(
    path: Path, fill: Callable[[sqlite3.Connection], None], behaviour: Behaviour | None = None
) -> AsyncIterator[Client]:
    """Fill a sandbox's file, then run a sandbox on it."""
    async with open_store(path) as store:
        await store.run(fill)
    async with opened(SandboxOptions(data=path, behaviour=behaviour or Behaviour())) as client:
        yield client


def query(**parameters: object) -> str:
    """Write a query; what is not text goes as JSON, and `page__size` is page[size]."""
    pairs: list[tuple[str, Any]] = []
    for name, value in parameters.items():
        first, *rest = name.split("__")
        pairs.append((first + "".join(f"[{key}]" for key in rest), value))
    written = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in pairs]
    return "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in written)
