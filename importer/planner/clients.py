"""A client that a row names by its external_id -> Kanbert's own id of it, by which a company is given to a client.

There is no way to ask for a client by its external_id, but for the companies of one; each shows its client. So a client
without any company, a live one or an archived one, is not found, and is not told from one that is not there.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import anyio

from importer.company import is_client, referred
from importer.errors import Exchange, RefusedError, TransientError
from importer.model import Code

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence

    from importer.company import Remote
    from importer.kanbert import Page
    from importer.model import Json
    from importer.planner.finding import Found

__all__ = ["Clients", "NoClient"]

_MOST_PAGES = 10  # in a row without a company of the client: the filter does not filter

Reference: TypeAlias = "tuple[tuple[str, str], ...]"
Pages: TypeAlias = "Callable[[str], AsyncGenerator[Page, None]]"


@dataclass(frozen=True, slots=True)
class NoClient:
    """Why a reference leads to no one client."""

    found: Found
    code: Code
    value: str  # the external_id that the row has
    detail: str = ""


class Clients:
    """Puts ids in the place of references, in batches of rows; asks for each client once, whatever comes of it."""

    def __init__(self, pages: Pages) -> None:
        """Fill the slot: `pages` lists the companies that Kanbert takes to have a client with an external_id."""
        self._pages = pages
        self._known: dict[Reference, tuple[str, ...] | TransientError | RefusedError] = {}

    async def __call__(self, found: Sequence[Found]) -> list[Found | NoClient]:
        """Settle a batch; a row whose company has the client already costs no request."""
        wanted = [_wanted(one) for one in found]
        asked = {
            reference
            for one, reference in zip(found, wanted, strict=True)
            if reference and reference not in self._known and not _ids(reference, one.held)
        }
        async with anyio.create_task_group() as group:
            for reference in asked:
                group.start_soon(self._ask, reference)
        return [self._settled(one, reference) for one, reference in zip(found, wanted, strict=True)]

    def _settled(self, found: Found, reference: Reference | None) -> Found | NoClient:
        if reference is None:
            return found
        known = _ids(reference, found.held) or self._known[reference]
        if isinstance(known, TransientError | RefusedError):
            return replace(found, error=known)
        if len(known) != 1:
            code, detail = (Code.SEVERAL_CLIENTS, ", ".join(known)) if known else (Code.UNKNOWN_CLIENT, "")
            return NoClient(found, code, dict(reference)["external_id"], detail)
        desired = found.work.desired
        payload = {**desired.payload, "client_id": known[0]}
        return replace(found, work=replace(found.work, desired=replace(desired, payload=payload)))

    async def _ask(self, reference: Reference) -> None:
        try:
            self._known[reference] = tuple(await self._asked(reference))
        except (TransientError, RefusedError) as error:
            self._known[reference] = error

    async def _asked(self, reference: Reference) -> dict[str, None]:
        """Read pages until a second client shows that the reference is ambiguous."""
        ids: dict[str, None] = {}
        idle = 0
        async with aclosing(self._pages(dict(reference)["external_id"])) as pages:
            async for page in pages:
                here = _ids(reference, page.companies)
                ids |= dict.fromkeys(here)
                idle = 0 if here else idle + 1
                if len(ids) > 1:
                    break
                if idle >= _MOST_PAGES:
                    text = "asked for the companies of a client, Kanbert gives too many others"
                    raise TransientError(text, exchange=Exchange("GET", "/companies", 200))
        return ids


def _wanted(found: Found) -> Reference | None:
    value = referred(found.work.desired.payload.get("client_id"))
    return None if value is None or found.error is not None else tuple(sorted(value.items()))


def _ids(reference: Reference, companies: Iterable[Remote]) -> tuple[str, ...]:
    """Kanbert compares by rules of its own: each company's client is looked at."""
    return tuple(dict.fromkeys(_each(dict(reference), (one.body.get("client") for one in companies))))


def _each(reference: dict[str, str], clients: Iterable[Json]) -> Iterator[str]:
    for client in clients:
        if isinstance(client, dict) and is_client(reference, client):
            yield str(client["id"])
