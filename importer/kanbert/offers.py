"""Which offers refer to companies: what an undo has to know before it archives them. Nothing else of offers is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from importer.errors import FatalTargetError, RefusedError
from importer.kanbert.listing import Listing, NotAListError, first_query, next_query
from importer.kanbert.preflight import lacks
from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from importer.model import Json
    from importer.transport import Answer, Transport

__all__ = ["OFFER_SCOPE", "Offer", "Offers"]

OFFER_SCOPE = "offer:read"
_OFFERS = "offers"
_DECLINED = "cancelled"
_NOT_UNDERSTOOD = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that refers to a company."""

    company: str  # Kanbert's id
    name: str  # its number, else its title
    status: str

    @property
    def protects(self) -> bool:
        """Whether its company must not be archived: whatever is not declined, a status that nobody has told us of too."""
        return self.status != _DECLINED

    def __str__(self) -> str:
        """Name it so that it can be found."""
        return f"{self.name} ({self.status or 'no status'})"


class Offers:
    """The live offers of a space, as far as they refer to companies."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._many = True  # companies in one question, until Kanbert does not take it

    async def check(self) -> None:
        """Ask for one offer.

        Raises:
            FatalTargetError: the token may not read offers (403), or there is no such list at this address.
        """
        await self._get({"page[size]": "1"})

    async def of(self, kanbert_ids: Sequence[str]) -> dict[str, list[Offer]]:
        """Find the offers of companies, by Kanbert's id of the company; those that have none are absent.

        One question for all of them, with as many pages as there are.

        Raises:
            FatalTargetError: as `check`, or nothing may be concluded from the list.
        """
        if self._many:
            try:
                return await self._found("in", list(kanbert_ids), kanbert_ids)
            except (FatalTargetError, RefusedError) as error:
                if error.exchange.status not in _NOT_UNDERSTOOD:
                    raise
                self._many = False
        found: dict[str, list[Offer]] = {}
        for kanbert_id in kanbert_ids:
            found |= await self._found("eq", kanbert_id, [kanbert_id])
        return found

    async def _found(self, operator: Literal["in", "eq"], value: Json, wanted: Sequence[str]) -> dict[str, list[Offer]]:
        """Ask by a filter, and believe no entry that it is about the companies asked for."""
        question = json.dumps([{"field": "company.id", "op": operator, "value": value}], separators=(",", ":"))
        found: dict[str, list[Offer]] = {}
        async for body in self._listed(question):
            offer = _offer(body)
            if offer is not None and offer.company in wanted:
                found.setdefault(offer.company, []).append(offer)
        return found

    async def _listed(self, question: str) -> AsyncGenerator[Mapping[str, Json], None]:
        listing, query = Listing(), first_query(question, sized=False)
        while True:
            answer = await self._get(query)
            try:
                page, cursor = listing.read(answer.data)  # which asks of an entry only that it has an id
            except NotAListError as error:
                text = f"the list of offers cannot be relied upon: {error}"
                raise FatalTargetError(text, exchange=answer.exchange) from error
            for entry in page.companies:
                yield entry.body
            if cursor is None:
                return
            query = next_query(question, cursor, sized=False)

    async def _get(self, query: Mapping[str, str]) -> Answer:
        try:
            answer = await self._transport.request("GET", (_OFFERS,), query=query, repeatable=True)
        except FatalTargetError as error:
            if error.exchange.status != 403:
                raise
            raise lacks(OFFER_SCOPE, error) from error
        if not answer.found:
            raise FatalTargetError("there is no list of offers at this address", exchange=answer.exchange)
        return answer


def _offer(body: Mapping[str, Json]) -> Offer | None:
    """Read an offer; None where it refers to no company, or is archived itself."""
    company = body.get("company")
    if not isinstance(company, dict) or body.get("deleted_at"):
        return None
    name = body.get("offer_number") or body.get("title") or body["id"]
    return Offer(str(company.get("id")), shortened(str(name), 60), str(body.get("status") or ""))
