"""A TLS server on a loopback port, with a certificate that is trusted only where the environment says so."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from importer.transport import Certificate, certificate_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

LOCALHOST = Path(__file__).with_name("localhost.pem")
"""A certificate for localhost and its key, self-signed: `openssl req -x509 -newkey ec ... -days 36500`."""


@asynccontextmanager
async def server(*, tls: bool = True) -> AsyncIterator[int]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
    if context:
        context.load_cert_chain(LOCALHOST)
    running = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with running:
        yield running.sockets[0].getsockname()[1]


async def test_the_end_of_a_trusted_certificate_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(LOCALHOST))
    async with server() as port:
        shown = await certificate_of("localhost", port)
        assert shown.expires_at is not None
        assert shown.expires_at.year > 2100
        assert shown.expires_at.tzinfo is dt.UTC
        assert not shown.distrust


async def test_a_certificate_of_nobody_is_not_trusted_and_says_why() -> None:
    async with server() as port:
        shown = await certificate_of("localhost", port)
        assert shown.expires_at is None
        assert "self-signed" in shown.distrust


async def test_a_server_that_speaks_no_tls_shows_none() -> None:
    async with server(tls=False) as port:
        assert await certificate_of("localhost", port) == Certificate()


async def test_where_nobody_listens_there_is_none() -> None:
    async with server() as port:
        pass
    assert await certificate_of("localhost", port) == Certificate()
