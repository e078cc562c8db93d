"""A transport against a test's own server: a fake clock, seeded randomness, and the attempts in a list."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from importer.transport import Attempt, Clock, Token, Transport, TransportOptions, open_transport
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import seeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECRET = "s3cr3t-t0k3n"  # opens nothing


@dataclass(slots=True)
class Client:
    transport: Transport
    clock: FakeClock
    attempts: list[Attempt] = field(default_factory=list)


@asynccontextmanager
async def open_client(url: str, *, clock: Clock | None = None, **changes: float) -> AsyncIterator[Client]:
    """Open a transport to `url`; `changes` are fields of TransportOptions."""
    fake = FakeClock()
    attempts: list[Attempt] = []
    options = replace(TransportOptions(base_url=url, token=Token(SECRET)), **changes)  # type: ignore[arg-type]  # mypy cannot match ** with the fields
    async with open_transport(options, clock or fake, seeded(7), attempts.append) as transport:
        yield Client(transport, fake, attempts)
