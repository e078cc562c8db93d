"""One request to a receiver -> what came of it: loopback only, no redirects, no cookies, no proxies, a bounded answer."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import aiohttp
import anyio
from aiohttp.abc import AbstractResolver, ResolveResult

from importer.sandbox.webhooks.records import Attempt

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from importer.sandbox.webhooks.options import DeliveryOptions
    from importer.sandbox.webhooks.outbox import Parcel

__all__ = ["LoopbackResolver", "receiver_session", "sent"]

_MAX_ANSWER = 64 * 1024  # bytes that are read; what follows is not waited for
_MAX_ERROR = 200  # characters


class LoopbackResolver(AbstractResolver):
    """Knows `localhost` and nothing else, and asks nobody."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return both loopback addresses.

        Raises:
            OSError: the name is another.
        """
        if host != "localhost":
            msg = f"{host!r} is not this machine"
            raise OSError(msg)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=of, proto=0, flags=socket.AI_NUMERICHOST)
            for address, of in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))
            if family in (socket.AF_UNSPEC, of)
        ]

    async def close(self) -> None:
        """Hold nothing."""


def receiver_session(options: DeliveryOptions) -> aiohttp.ClientSession:
    """Make the client that deliveries go out by; a connection serves one delivery."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True, use_dns_cache=False, resolver=LoopbackResolver())
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=options.timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        auto_decompress=False,
        trust_env=False,
    )


async def sent(
    session: aiohttp.ClientSession, parcel: Parcel, options: DeliveryOptions, clock: Callable[[], dt.datetime]
) -> Attempt:
    """Send a parcel once; any 2xx within the time limit is success."""
    at, began = clock().isoformat(), anyio.current_time()
    status, error = None, None
    headers = {options.signature_header: parcel.signature}
    try:
        async with session.post(parcel.url, data=parcel.body, headers=headers, allow_redirects=False) as response:
            await _drain(response)
            status = response.status
    except TimeoutError:
        error = f"no whole answer within {options.timeout:g} s"
    except (aiohttp.ClientError, OSError) as problem:
        error = f"{type(problem).__name__}: {problem}"[:_MAX_ERROR]
    return Attempt(status=status, error=error, seconds=round(anyio.current_time() - began, 4), at=at)


async def _drain(response: aiohttp.ClientResponse) -> None:
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > _MAX_ANSWER:
            response.close()
            return
