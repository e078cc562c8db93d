"""A tiny server on a loopback port that plays a script, one entry a request, and remembers what it was asked."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import anyio
from aiohttp import web

Play: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived; `path` and `query` still percent-encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class FakeServer:
    """What the server was asked; `script` is what is left to play, `otherwise` plays when it is empty."""

    script: deque[Play]
    otherwise: Play
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            path, _, query = request.raw_path.partition("?")
            self.seen.append(Seen(request.method, path, query, dict(request.headers), await request.read()))
            play = self.script.popleft() if self.script else self.otherwise
            return await play(request)
        finally:
            self.in_flight -= 1


def reply(status: int = 200, data: object = None, *, headers: Mapping[str, str] | None = None) -> Play:
    """Answer with JSON."""

    async def play(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(
            status=status, body=json.dumps(data).encode(), content_type="application/json", headers=headers
        )

    return play


def raw(status: int, body: bytes, content_type: str, *, headers: Mapping[str, str] | None = None) -> Play:
    """Answer with any body."""

    async def play(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers={"Content-Type": content_type, **(headers or {})})

    return play


def html(status: int = 200) -> Play:
    """Answer with a page."""
    return raw(status, b"<!doctype html><title>Log in</title>", "text/html; charset=utf-8")


def reset() -> Play:
    """Take the request and drop the connection."""

    async def play(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return play


def torn(body: bytes = b'{"id": "1"}') -> Play:
    """Promise a body, send half of it, drop the connection."""

    async def play(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        request.transport.write(head.encode() + body[: len(body) // 2])
        request.transport.close()
        return web.Response()

    return play


def garbage() -> Play:
    """Answer with what is not HTTP."""

    async def play(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"\x00\x01 this is not HTTP\r\n\r\n")
        request.transport.close()
        return web.Response()

    return play


def then_close(play: Play) -> Play:
    """Answer, and drop the connection afterwards without having said so."""

    async def closing(request: web.BaseRequest) -> web.StreamResponse:
        response = await play(request)
        await response.prepare(request)
        await response.write_eof()
        assert request.transport is not None
        request.transport.close()
        return response

    return closing


def hang() -> Play:
    """Never answer."""

    async def play(_: web.BaseRequest) -> web.StreamResponse:
        await anyio.sleep_forever()
        raise AssertionError

    return play


def late(seconds: float, play: Play) -> Play:
    """Answer after a while, for tests of how many are under way."""

    async def waiting(request: web.BaseRequest) -> web.StreamResponse:
        await anyio.sleep(seconds)
        return await play(request)

    return waiting


def after(event: anyio.Event, play: Play) -> Play:
    """Answer once the event is set."""

    async def waiting(request: web.BaseRequest) -> web.StreamResponse:
        await event.wait()
        return await play(request)

    return waiting


@asynccontextmanager
async def fake_server(*script: Play, otherwise: Play | None = None) -> AsyncIterator[FakeServer]:
    """Serve the script; afterwards an empty list of companies, unless `otherwise` says what else."""
    server = FakeServer(
        deque(script), otherwise or reply(200, {"data": [], "links": [], "meta": {"next_cursor": None}})
    )
    runner = web.ServerRunner(
        web.Server(server.handle, access_log=None, handler_cancellation=True), shutdown_timeout=0.01
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1"
        yield server
    finally:
        await runner.cleanup()
