"""A host -> how long the TLS certificate that it shows can still be trusted, or why it cannot be."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass

import anyio
from anyio.streams.tls import TLSAttribute

__all__ = ["Certificate", "certificate_of"]

PATIENCE = 10.0  # seconds for the connection and its handshake


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a host showed; neither is set where it could not be asked, which its next request will say better."""

    expires_at: dt.datetime | None = None  # set where it is trusted now
    distrust: str = ""  # why it is not trusted, in the words of the TLS library


async def certificate_of(host: str, port: int) -> Certificate:
    """Open a TLS connection, verified like every other, and look at the certificate; nothing else is sent."""
    try:
        with anyio.fail_after(PATIENCE):
            async with await anyio.connect_tcp(
                host, port, ssl_context=ssl.create_default_context(), tls_standard_compatible=False
            ) as stream:
                shown = stream.extra(TLSAttribute.peer_certificate)  # noqa: S610  # anyio's, not Django's
    except ssl.SSLCertVerificationError as error:
        return Certificate(distrust=error.verify_message)
    except (OSError, anyio.BrokenResourceError, anyio.EndOfStream):
        return Certificate()
    ends = str((shown or {}).get("notAfter", ""))  # a connection that was verified has one
    return Certificate(dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), dt.UTC))
