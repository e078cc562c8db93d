"""Questions about a token -> what it may do and what it stands for, asked so that nothing can be changed by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.errors import ConflictError, FatalTargetError, RefusedError
from importer.kanbert.preflight import COMPANIES, looked_up
from importer.kanbert.remote import remote_of

if TYPE_CHECKING:
    from importer.company import Remote
    from importer.transport import Transport

__all__ = ["Inspection"]

_NOBODY = (COMPANIES, "0")  # ids begin with 1, or are UUIDs
_BY_ID = {"find_by": "id"}


class Inspection:
    """What a run never asks. Every method raises the errors of `Transport.request`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def may_write(self) -> bool | None:
        """Tell whether the token has the scope to write; None where that cannot be asked without a risk.

        It is asked by a PATCH of nothing, about a company that a GET has just shown not to be there. Kanbert's
        framework refuses a missing scope (403) before it looks for the company (404); that Kanbert does is inferred.
        """
        if (await looked_up(self._transport, _NOBODY, _BY_ID)).found:
            return None
        try:
            await self._transport.request("PATCH", _NOBODY, query=_BY_ID, body=b"{}", repeatable=True)
        except FatalTargetError as error:
            if error.exchange.status != 403:
                raise
            return False
        except (ConflictError, RefusedError):
            return True  # it was judged by its body, so it was let in
        return True

    async def may_read_offers(self) -> bool | None:
        """Tell whether the token may read offers; None where this address has none."""
        try:
            answer = await self._transport.request("GET", ("offers",), query={"page[size]": "1"}, repeatable=True)
        except FatalTargetError as error:
            if error.exchange.status != 403:
                raise
            return False
        return True if answer.found else None

    async def holder(self, external_id: str) -> Remote | None:
        """Find who holds an external_id under the token's own origin, which is meant where none is said."""
        segments = (COMPANIES, external_id)
        answer = await looked_up(self._transport, segments, {"find_by": "external_id"})
        return remote_of(answer.data) if answer.found else None
