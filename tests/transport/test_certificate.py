"""A TLS server on a loopback port, with a certificate that is trusted only where the environment says so."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from importer.transport import Certificate, certificate_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

LOCALHOST = Path(__file__).with_name("localhost.pem")
"""A certificate for localhost and its key, self-signed: `openssl req -x509 -newkey ec ... -days 36500`."""


@contextmanager
def server(*, tls: bool = True) -> Iterator[int]:
    """Take one connection on a thread of its own; a client that does not trust us breaks off."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(LOCALHOST)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection, context.wrap_socket(connection, server_side=True) if tls else connection:
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


async def test_the_end_of_a_trusted_certificate_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(LOCALHOST))
    with server() as port:
        shown = await certificate_of("localhost", port)
        assert shown.expires_at is not None
        assert shown.expires_at.year > 2100
        assert shown.expires_at.tzinfo is dt.UTC
        assert not shown.distrust


async def test_a_certificate_of_nobody_is_not_trusted_and_says_why() -> None:
    with server() as port:
        shown = await certificate_of("localhost", port)
        assert shown.expires_at is None
        assert "self-signed" in shown.distrust


async def test_a_server_that_speaks_no_tls_shows_none() -> None:
    with server(tls=False) as port:
        assert await certificate_of("localhost", port) == Certificate()


async def test_where_nobody_listens_there_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert await certificate_of("localhost", port) == Certificate()


async def test_what_is_not_looked_up_by_name_is_not_waited_for() -> None:
    assert await certificate_of("nobody.invalid", 443) == Certificate()
