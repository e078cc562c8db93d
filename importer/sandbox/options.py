"""What a sandbox is told before it starts: where it lies, who may call it, and how it is to behave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from importer.sandbox.behaviour import Behaviour, Token
from importer.sandbox.faults import FaultScript
from importer.sandbox.webhooks.options import DeliveryOptions, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from importer.sandbox.seeding import Seed

__all__ = ["SandboxOptions", "utc_now"]


def utc_now() -> dt.datetime:
    """Say what time it is; the default clock of a sandbox."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the clock that is handed on as a parameter


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How to run a sandbox; `data` None keeps everything in memory, port 0 takes a free one."""

    data: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    token: str = "sandbox"  # noqa: S105  # opens nothing but this sandbox
    slug: str = "sandbox"
    tokens: Mapping[str, Token] = field(default_factory=lambda: MappingProxyType({}))
    """Further tokens beside `token`, which always has `slug` and every scope."""
    behaviour: Behaviour = field(default_factory=Behaviour)
    faults: FaultScript = field(default_factory=FaultScript)
    custom_fields: frozenset[str] = frozenset()
    """The slugs of the space's custom fields."""
    clients: tuple[str, ...] = ()
    """Names of the clients that the space has; their ids are "1", "2", ... in this order."""
    seed: Seed | None = None
    """What an empty space is filled with; its settings have the last word, and hold after a restart without it."""
    webhooks: tuple[Subscription, ...] = ()
    """Who hears of changes from the start; one to a url that the store has already replaces it."""
    delivery: DeliveryOptions = field(default_factory=DeliveryOptions)
    now: Callable[[], dt.datetime] = utc_now

    def every_token(self) -> dict[str, Token]:
        """Return all tokens by their text."""
        return {**self.tokens, self.token: Token(self.slug)}
