"""Each foreign exception has a place: a new one in aiohttp breaks this test and not a migration."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from importer.errors import FatalTargetError, OutcomeUnknownError, TargetError, TransientError
from importer.transport.failure import BodyTooLargeError, BrokenError, Failure, Translated, failure_of
from importer.transport.verdict import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = {
    "ClientConnectionError": Failure.LOST,
    "ClientConnectionResetError": Failure.LOST,
    "ClientConnectorCertificateError": Failure.FATAL,
    "ClientConnectorDNSError": Failure.UNSENT,
    "ClientConnectorError": Failure.UNSENT,
    "ClientConnectorSSLError": Failure.UNSENT,
    "ClientHttpProxyError": Failure.FATAL,
    "ClientOSError": Failure.LOST,
    "ClientPayloadError": Failure.LOST,
    "ClientProxyConnectionError": Failure.UNSENT,
    "ClientResponseError": Failure.LOST,
    "ClientSSLError": Failure.UNSENT,
    "ConnectionTimeoutError": Failure.UNSENT,
    "ContentTypeError": Failure.LOST,
    "InvalidURL": Failure.FATAL,
    "InvalidUrlClientError": Failure.FATAL,
    "InvalidUrlRedirectClientError": Failure.FATAL,
    "NonHttpUrlClientError": Failure.FATAL,
    "NonHttpUrlRedirectClientError": Failure.FATAL,
    "RedirectClientError": Failure.FATAL,
    "ServerConnectionError": Failure.LOST,
    "ServerDisconnectedError": Failure.LOST,
    "ServerFingerprintMismatch": Failure.FATAL,
    "ServerTimeoutError": Failure.LOST,
    "SocketTimeoutError": Failure.LOST,
    "TooManyRedirects": Failure.FATAL,
    "UnixClientConnectorError": Failure.UNSENT,
    "UploadAbortedError": Failure.LOST,
    "WSServerHandshakeError": Failure.LOST,
}
READ, WRITE = Call("GET", "/companies", repeatable=True), Call("POST", "/companies", repeatable=False)
KEY = ConnectionKey("host.example", 443, True, True, None, None, None)  # aiohttp's own tuple


def subclasses(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_exception_of_aiohttp_has_a_place() -> None:
    kinds = {kind for kind in subclasses(aiohttp.ClientError) if kind.__module__.startswith("aiohttp")}
    assert {kind.__name__: failure_of(kind) for kind in kinds} == {
        kind.__name__: PLACES[kind.__name__] for kind in kinds
    }


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(kind.__new__(kind), id=kind.__name__)
        for kind in sorted({*subclasses(aiohttp.ClientError)}, key=lambda kind: kind.__name__)
        if kind.__name__ in PLACES and not issubclass(kind, aiohttp.ClientConnectorError)
    ],
)
@pytest.mark.parametrize("call", [READ, WRITE], ids=lambda call: call.method)
def test_every_exception_becomes_an_error_of_the_tree(error: Exception, call: Call) -> None:
    """Made without arguments: their words must not be needed."""
    with pytest.raises(TargetError), Translated(call):
        raise error


@pytest.mark.parametrize(
    ("error", "on_read", "on_write", "words"),
    [
        (TimeoutError(), TransientError, OutcomeUnknownError, "did not answer in time"),
        (aiohttp.SocketTimeoutError(), TransientError, OutcomeUnknownError, "did not answer in time"),
        (aiohttp.ConnectionTimeoutError(), TransientError, TransientError, "did not take the connection"),
        (ConnectionResetError(104, "reset"), TransientError, OutcomeUnknownError, "connection broke"),
        (BrokenError(aiohttp.ServerDisconnectedError()), TransientError, OutcomeUnknownError, "connection broke"),
        (aiohttp.ClientPayloadError(), TransientError, OutcomeUnknownError, "broke off"),
        (BodyTooLargeError(5), FatalTargetError, OutcomeUnknownError, "larger than 5 bytes"),
        (aiohttp.InvalidURL("x"), FatalTargetError, FatalTargetError, "cannot be requested"),
        (
            aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "Name or service not known")),
            TransientError,
            TransientError,
            "host.example:443 cannot be reached .Name or service not known.; nothing was sent",
        ),
        (
            aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("self-signed")),
            FatalTargetError,
            FatalTargetError,
            "certificate of host.example cannot be trusted",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_failure_is_told_in_words(
    error: Exception, on_read: type[TargetError], on_write: type[TargetError], words: str
) -> None:
    for call, kind in ((READ, on_read), (WRITE, on_write)):
        with pytest.raises(kind, match=words) as raised, Translated(call):
            raise error
        assert type(raised.value) is kind
        assert raised.value.exchange.status is None
        assert raised.value.__cause__ is (error.error if isinstance(error, BrokenError) else error)


@pytest.mark.parametrize("error", [ValueError(), KeyError(), TypeError()], ids=repr)
def test_other_exceptions_pass(error: Exception) -> None:
    assert failure_of(type(error)) is None
    with pytest.raises(type(error)), Translated(READ):
        raise error
