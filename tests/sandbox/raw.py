"""Bytes on a connection of their own -> the bytes that come back, for requests that no HTTP client would send."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

if TYPE_CHECKING:
    from anyio.abc import SocketStream

    from importer.sandbox import RunningSandbox

AUTH = b"Host: localhost\r\nAccept: application/json\r\nAuthorization: Bearer sandbox\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
UNSIGNED = b"GET /api/v1/companies HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n" + CLOSE
GET = b"GET /api/v1/companies HTTP/1.1\r\n" + AUTH
POST = b"POST /api/v1/companies HTTP/1.1\r\n" + AUTH
BODY = b'{"company_name": "ACME"}'


def get(target: bytes) -> bytes:
    """A whole request for a target."""
    return b"GET " + target + b" HTTP/1.1\r\n" + AUTH + CLOSE + b"\r\n"


def post(body: bytes, *headers: bytes) -> bytes:
    """A whole create; its length is right."""
    return _headed(POST + CLOSE, f"Content-Length: {len(body)}".encode(), *headers) + body


def chunked(body: bytes, *headers: bytes) -> bytes:
    """A create whose body is already in its transfer encoding."""
    return _headed(POST + CLOSE, b"Transfer-Encoding: chunked", *headers) + body


def with_headers(*headers: bytes, body: bytes = b"") -> bytes:
    """A create with these headers, and no length but theirs."""
    return _headed(POST + CLOSE, *headers) + body


def _headed(head: bytes, *headers: bytes) -> bytes:
    return head + b"".join(header + b"\r\n" for header in headers) + b"\r\n"


async def connected(sandbox: RunningSandbox) -> SocketStream:
    address = urlsplit(sandbox.url)
    return await anyio.connect_tcp(str(address.hostname), int(address.port or 0))


async def said(sandbox: RunningSandbox, data: bytes, *, ends: bool = False) -> bytes:
    """Send bytes, and no more if `ends`; return all that comes until the server closes, which it has to do."""
    async with await connected(sandbox) as stream:
        try:
            await stream.send(data)
            if ends:
                await stream.send_eof()
        except (anyio.BrokenResourceError, OSError):
            pass  # refused before it was all sent; the answer may still be there
        return await rest(stream)


async def rest(stream: SocketStream) -> bytes:
    """Read until the server closes."""
    answer = b""
    with anyio.fail_after(60):
        try:
            while True:
                answer += await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return answer


def statuses(answer: bytes) -> list[int]:
    """The statuses of all answers in a stream, in order; the interim ones too."""
    return [int(status) for status in re.findall(rb"HTTP/\d\.\d (\d{3}) ", answer)]
