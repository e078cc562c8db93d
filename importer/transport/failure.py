"""Exceptions of aiohttp and of the socket -> errors of the tree, in one place."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import aiohttp

from importer.errors import Exchange, FatalTargetError, TargetError, TransientError
from importer.model import shortened
from importer.transport.verdict import lost

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from importer.transport.verdict import Call

__all__ = ["BodyTooLargeError", "BrokenError", "Failure", "Translated", "failure_of", "sent_once"]


class Failure(Enum):
    """What a foreign exception means for the request."""

    UNSENT = "unsent"  # nothing left this machine: even a POST may be repeated
    LOST = "lost"  # it may have arrived
    FATAL = "fatal"  # no request to this address can work


class BodyTooLargeError(Exception):
    """An answer is larger than it may be; `most` is in bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"the answer is larger than {most} bytes")


FAILURES: Mapping[type[BaseException], Failure] = {
    # before the connection stands
    aiohttp.ClientConnectorError: Failure.UNSENT,  # refused, no such host, TLS handshake
    aiohttp.ConnectionTimeoutError: Failure.UNSENT,
    aiohttp.ClientConnectorCertificateError: Failure.FATAL,
    aiohttp.ServerFingerprintMismatch: Failure.FATAL,
    aiohttp.ClientHttpProxyError: Failure.FATAL,
    aiohttp.InvalidURL: Failure.FATAL,
    aiohttp.RedirectClientError: Failure.FATAL,
    aiohttp.NonHttpUrlClientError: Failure.FATAL,
    aiohttp.TooManyRedirects: Failure.FATAL,
    # afterwards: resets, time-outs, torn and malformed answers
    aiohttp.ClientError: Failure.LOST,
    TimeoutError: Failure.LOST,
    OSError: Failure.LOST,
    BodyTooLargeError: Failure.LOST,
}
"""The nearest class on an exception's way up to `object` decides."""


def failure_of(kind: type[BaseException]) -> Failure | None:
    """Look up what an exception class means; None for a class that is not of the network."""
    return next((FAILURES[base] for base in kind.__mro__ if base in FAILURES), None)


class BrokenError(Exception):
    """Carries a broken connection past aiohttp's own resending; `error` is aiohttp's exception."""

    def __init__(self, error: aiohttp.ClientError) -> None:
        self.error = error
        super().__init__("the connection broke")


async def sent_once(
    request: aiohttp.ClientRequest, handler: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request again by itself: a middleware for its session.

    On a broken connection aiohttp sends GET, HEAD, PUT and DELETE once more (RFC 9112, 9.3.1), uncounted and without
    asking the pacer; POST and PATCH it leaves alone. It acts on its own exceptions only.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent, and aiohttp leaves these alone
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise BrokenError(error) from error


class Translated:
    """Turns what aiohttp and the socket raise into an error of the tree; anything else passes, cancellation too.

    A context manager of one call; a class, since `contextlib` would cost more than the rest of it.
    """

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Raise the error of the tree from the foreign one."""
        if isinstance(error, BrokenError):
            error = error.error
        if isinstance(error, (aiohttp.ClientError, OSError, BodyTooLargeError)):  # TimeoutError is an OSError
            raise _target_error(self._call, error) from error


def _target_error(call: Call, error: Exception) -> TargetError:
    reason = _reason(error)
    exchange = Exchange(call.method, call.path)
    if isinstance(error, BodyTooLargeError) and call.repeatable:
        return FatalTargetError(f"{reason}: this is not the API that was meant", exchange=exchange)
    match failure_of(type(error)):
        case Failure.UNSENT:
            return TransientError(f"no connection: {reason}; nothing was sent", exchange=exchange)
        case Failure.FATAL:
            return FatalTargetError(f"{reason}; check the target's address and the network", exchange=exchange)
        case _:
            return lost(call, reason, exchange)


def _reason(error: Exception) -> str:
    """Say in words what went wrong. Never the exception's own text: some hold the address with its query."""
    if isinstance(error, BodyTooLargeError):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"the TLS certificate of {error.host} cannot be trusted"
    if isinstance(error, aiohttp.ClientConnectorError):
        detail = shortened(error.strerror or "", 100)
        return f"{error.host}:{error.port} cannot be reached" + (f" ({detail})" if detail else "")
    return next(words for kind, words in WORDS if isinstance(error, kind))


WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (aiohttp.ConnectionTimeoutError, "the target did not take the connection in time"),
    (TimeoutError, "the target did not answer in time"),
    (aiohttp.InvalidURL, "the address cannot be requested"),
    (aiohttp.RedirectClientError, "the address cannot be requested"),
    (aiohttp.NonHttpUrlClientError, "the address cannot be requested"),
    (aiohttp.ServerFingerprintMismatch, "the TLS certificate of the target is another one"),
    (aiohttp.ClientHttpProxyError, "a proxy on the way refuses the connection"),
    (aiohttp.ClientResponseError, "the answer was malformed"),
    (aiohttp.ClientPayloadError, "the answer broke off"),
    (Exception, "the connection broke"),
)
"""The first kind that fits says it."""
