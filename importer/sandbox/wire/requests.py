"""An HTTP request -> what it asks: path, query, body and token, read within bounds and without raising on any bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import ClientError, HttpVersion11, http_exceptions, web
from anyio import to_thread

from importer.sandbox.wire.answers import ApiError, expects_json
from importer.sandbox.wire.inputs import Input, body_input, query_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyio import CapacityLimiter

__all__ = ["Asked", "asked", "body_of", "path_of", "received", "segments_of"]

_LARGE = 64 * 1024  # bytes of a body that the event loop does not read itself

_BEARER = re.compile(r"\s*Bearer\s", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `segments` is the path below /api/v1."""

    method: str
    segments: tuple[str, ...]
    query: Input
    body: Input = field(default_factory=dict)
    token: str = ""
    as_json: bool = True
    problem: ApiError | None = None  # why its body was not read

    @property
    def path(self) -> str:
        """The path below /api/v1, decoded, as fault scripts and statistics write it."""
        return "/" + "/".join(self.segments)


def path_of(request: web.BaseRequest) -> tuple[tuple[str, ...], str]:
    """Split a request's target into decoded segments and the raw query."""
    target = request.raw_path if request.raw_path.startswith("/") else request.rel_url.raw_path_qs  # absolute form
    target = target.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    path, _, query = target.partition("#")[0].partition("?")
    return segments_of(path), query


def segments_of(raw_path: str) -> tuple[str, ...]:
    """Decode a path once and split it.

    Slashes that end it as it was sent are ignored; an encoded one separates like any other, also at the end, where it
    leaves an empty segment that no route has.
    """
    return tuple(unquote(raw_path.rstrip("/"), errors="replace").removeprefix("/").split("/"))


async def received(request: web.BaseRequest, limit: int) -> bytes | ApiError:
    """Read a request to its end: its body, or why there is none, which is larger than `limit` bytes or breaks off."""
    try:
        return await body_of(request, limit) if request.body_exists else b""
    except ApiError as problem:
        return problem


async def asked(
    request: web.BaseRequest,
    body: bytes | ApiError,
    target: tuple[tuple[str, ...], str],
    *,
    blanks: str,
    readers: CapacityLimiter,
) -> Asked:
    """Understand a request that was received; `target` is what `path_of` says, below /api/v1.

    A large body is read in a thread, of which there are as many as `readers` lets: each takes many times its size.
    """
    raw = b"" if isinstance(body, ApiError) else body
    content_type = request.headers.get("Content-Type", "")
    if len(raw) > _LARGE:
        found = await to_thread.run_sync(body_input, content_type, raw, blanks, limiter=readers)
    else:
        found = body_input(content_type, raw, blanks)
    segments, raw_query = target
    return Asked(
        method=request.method,
        segments=segments,
        query=query_input(raw_query, blanks),
        body=found,
        token=_token(request.headers),
        as_json=expects_json(request.headers),
        problem=body if isinstance(body, ApiError) else None,
    )


async def body_of(request: web.BaseRequest, limit: int) -> bytes:
    """Read a whole body of at most `limit` bytes.

    Raises:
        ApiError: 413 when it is larger, 400 when it breaks off or its encoding is broken.
    """
    if (request.content_length or 0) > limit:
        raise ApiError(413)
    _invite(request)
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > limit:
                raise ApiError(413)
    except (ClientError, ConnectionError, web.RequestPayloadError, http_exceptions.HttpProcessingError):
        raise ApiError(400) from None
    return bytes(body)


def _invite(request: web.BaseRequest) -> None:
    """Ask for the body that a client holds back until it is asked (RFC 9110, section 10.1.1)."""
    waits = request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11
    if waits and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def _token(headers: Mapping[str, str]) -> str:
    """Read the token of a scheme that is spelled as the framework's OAuth server spells it, whatever RFC 9110 says."""
    scheme = _BEARER.match(headers.get("Authorization", ""))
    return headers["Authorization"][scheme.end() :].strip() if scheme else ""
