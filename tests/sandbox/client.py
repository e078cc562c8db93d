"""A sandbox and a small client for it, as the tests of the sandbox use them."""

from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from importer.sandbox import RunningSandbox, SandboxOptions, running_sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

HEADERS = {"Accept": "application/json", "Authorization": "Bearer sandbox"}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def errors(self) -> dict[str, list[str]]:
        errors: dict[str, list[str]] = self.body["errors"]
        return errors


@dataclass(slots=True)
class Client:
    """Calls of the API; `path` is below /api/v1 and goes out as it is written."""

    sandbox: RunningSandbox
    session: aiohttp.ClientSession

    async def call(
        self, method: str, path: str, body: object = None, *, raw: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Reply:
        sent = {**HEADERS, **headers}
        content = raw if body is None else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        data = None if content is None else io.BytesIO(content)
        url = URL(self.sandbox.url + path, encoded=True)
        sent = {name: value for name, value in sent.items() if value}
        async with self.session.request(method, url, data=data, headers=sent, allow_redirects=False) as response:
            return Reply(response.status, response.headers, await response.text())

    async def get(self, path: str) -> Reply:
        return await self.call("GET", path)

    async def create(self, **fields: object) -> Reply:
        return await self.call("POST", "/companies", {"company_name": "ACME", **fields})

    async def patch(self, path: str, **fields: object) -> Reply:
        return await self.call("PATCH", path, fields)

    async def created(self, **fields: object) -> dict[str, Any]:
        reply = await self.create(**fields)
        assert reply.status == 201, reply.text
        body: dict[str, Any] = reply.body
        return body


@asynccontextmanager
async def opened(options: SandboxOptions | None = None) -> AsyncIterator[Client]:
    """Run a sandbox, in memory if not told otherwise, with a client."""
    async with (
        running_sandbox(options or SandboxOptions()) as sandbox,
        aiohttp.ClientSession(skip_auto_headers=["Accept"]) as session,
    ):
        yield Client(sandbox, session)
