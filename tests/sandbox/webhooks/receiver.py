"""A receiver of webhooks on a loopback port, for the tests: it keeps the bytes, and answers as it is told."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

SECRET = "a secret of the tests"
LIMIT = 10.0  # seconds after which a test that waits has failed


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.raw)
        return body

    @property
    def event(self) -> str:
        return str(self.body["event"]).removeprefix("company:")

    def is_signed(self, secret: str = SECRET, header: str = "X-Kanbert-Signature") -> bool:
        expected = hmac.new(secret.encode(), self.raw, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers[header], expected)


@dataclass(slots=True)
class Receiver:
    """`statuses` are answered in turn, then 200; `hold` keeps every answer back until it is opened."""

    url: str
    statuses: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    hold: anyio.Event | None = None
    arrived: anyio.Condition = field(default_factory=anyio.Condition)

    @property
    def events(self) -> list[str]:
        return [received.event for received in self.received]

    async def respond(self, request: web.BaseRequest) -> web.Response:
        raw = await request.read()
        async with self.arrived:
            self.received.append(Received(request.path, request.headers.copy(), raw))
            self.arrived.notify_all()
        if self.hold:
            await self.hold.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status // 100 == 3 else {})

    async def until(self, count: int) -> list[Received]:
        """Wait for so many requests."""
        with anyio.fail_after(LIMIT):
            async with self.arrived:
                while len(self.received) < count:
                    await self.arrived.wait()
        return self.received


@asynccontextmanager
async def serving(respond: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Serve at http://127.0.0.1:PORT/hook."""
    runner = web.ServerRunner(web.Server(respond, access_log=None), shutdown_timeout=0.01)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver("")
    async with serving(receiver.respond) as receiver.url:
        yield receiver
