"""The first question of everything -> an answer that shows address, token and scope to be right, or why they are not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from importer.errors import FatalTargetError, TargetError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.transport import Answer, Transport

__all__ = ["COMPANIES", "READ_SCOPE", "lacks", "looked_up", "preflight"]

COMPANIES = "companies"
READ_SCOPE = "contact-data:read"
_ABSENT = frozenset({404, 410})


async def preflight(transport: Transport) -> Answer:
    """Ask for one company; the answer is a list.

    Raises:
        FatalTargetError: address, token or scope are not right, or nobody answers; with what to do.
    """
    try:
        answer = await transport.request("GET", (COMPANIES,), query={"page[size]": "1"}, repeatable=True)
    except TransientError as error:
        text = f"the target cannot be used now: {error.text}; check its address and the network, or wait"
        raise FatalTargetError(text, exchange=error.exchange) from error
    except FatalTargetError as error:
        if error.exchange.status != 403:
            raise
        raise lacks(READ_SCOPE, error) from error
    if not answer.found:
        text = "there is no list of companies at this address: give the API's own, like https://host/api/v1"
        raise FatalTargetError(text, exchange=answer.exchange)
    if not isinstance(answer.data, dict) or not isinstance(answer.data.get("data"), list):
        text = "the target answers, but not with a list of companies: another API, or a proxy, is at this address"
        raise FatalTargetError(text, exchange=answer.exchange)
    return answer


async def looked_up(
    transport: Transport, segments: tuple[str, ...], query: Mapping[str, str], *, key: str | None = None
) -> Answer:
    """Ask for one thing that may not be there.

    A 404 with a page instead of JSON may be the target's way of saying so, or a proxy's while the target is gone. It
    is believed, from then on, where the same question gets it although the list of companies is answered.
    """
    try:
        return await transport.request("GET", segments, query=query, key=key, repeatable=True)
    except TransientError as error:
        if error.exchange.status not in _ABSENT:
            raise
        with suppress(TargetError):
            await preflight(transport)
            transport.absent_as_page = True
        if not transport.absent_as_page:
            raise
    answer = await transport.request("GET", segments, query=query, key=key, repeatable=True)
    transport.absent_as_page = not answer.is_json
    return answer


def lacks(scope: str, error: FatalTargetError) -> FatalTargetError:
    """Say of a 403 which scope is missing."""
    text = f"the token may not do this: it needs the scope {scope}, or a firewall stands in the way"
    return FatalTargetError(text, exchange=error.exchange)
