"""An HTTP request -> what it asks: path, query, body and token, read within bounds and without raising on any bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import ClientError, HttpVersion11, http_exceptions, web

from importer.sandbox.routes import segments_of
from importer.sandbox.wire.answers import ApiError, expects_json
from importer.sandbox.wire.inputs import Input, body_input, query_input

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Asked", "asked", "body_of", "path_of"]


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


async def asked(
    request: web.BaseRequest, segments: tuple[str, ...], raw_query: str, *, blanks: str, max_body: int
) -> Asked:
    """Read a request; a body of more than `max_body` bytes, or one that breaks off, is said in `problem`."""
    body: Input = {}
    problem = None
    try:
        if request.body_exists:
            body = body_input(request.headers.get("Content-Type", ""), await body_of(request, max_body), blanks)
    except ApiError as error:
        problem = error
    return Asked(
        method=request.method,
        segments=segments,
        query=query_input(raw_query, blanks),
        body=body,
        token=_token(request.headers),
        as_json=expects_json(request.headers),
        problem=problem,
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
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
