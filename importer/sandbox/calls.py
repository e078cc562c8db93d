"""One authorised request of the API, as its endpoint sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.sandbox.routes import Route
    from importer.sandbox.wire.inputs import Input

__all__ = ["Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: `given` is body and query together, `base_url` is http://HOST:PORT/api/v1."""

    route: Route
    query: Input
    given: Input
    base_url: str
    raced: bool = False
    """Its uniqueness was checked, and passed, before other creates that are stored by now."""
