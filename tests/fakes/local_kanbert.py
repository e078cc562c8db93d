"""The sandbox on a thread of its own, for tests that are not async: a command in the same process, or another one."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from anyio.from_thread import start_blocking_portal

from importer.sandbox import Behaviour, Fault, SandboxOptions, running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyio.from_thread import BlockingPortal

    from importer.sandbox import RequestRecord, RunningSandbox

__all__ = ["LocalKanbert", "local_kanbert"]


class LocalKanbert:
    """What a test asks the sandbox."""

    def __init__(self, portal: BlockingPortal, sandbox: RunningSandbox) -> None:
        self._portal = portal
        self._sandbox = sandbox
        self.url = sandbox.url

    @property
    def requests(self) -> list[RequestRecord]:
        return self._sandbox.requests

    @property
    def writes(self) -> list[str]:
        """Method and path of every write, in order."""
        return [f"{one.method} {one.path}" for one in self.requests if one.method != "GET"]

    def creates(self, external_id: str) -> int:
        return self._sandbox.creates(external_id)

    def companies(self) -> dict[str, dict[str, Any]]:
        """Live and archived companies by external_id."""
        return {str(one["external_id"]): one for one in self.all_companies()}

    def all_companies(self) -> list[dict[str, Any]]:
        """Live and archived companies, in order of id."""
        return self._portal.call(self._sandbox.companies)

    def stats(self) -> dict[str, Any]:
        return dict(self._portal.call(self._sandbox.stats))

    def archive(self, external_id: str) -> None:
        """Archive a company as a person would, through the API."""
        self.ask("DELETE", f"/companies/{self.companies()[external_id]['id']}")

    def add(self, **fields: Any) -> str:
        """Create a company as a person would; without an external_id unless one is given."""
        return str(self.ask("POST", "/companies", fields)["id"])

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Send a request of somebody else's."""
        host = urlsplit(self.url)
        with closing(HTTPConnection(str(host.hostname), host.port)) as connection:
            headers = {
                "Authorization": "Bearer sandbox",
                "Accept": "application/json",
                "Content-Type": "application/json",
            }
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, f"{host.path}{path}", content, headers)
            response = connection.getresponse()
            answer = response.read()
        assert response.status in {200, 201}, answer
        return dict(json.loads(answer))

    def set_faults(self, *faults: Fault, seed: int = 0) -> None:
        self._portal.call(lambda: self._sandbox.set_faults(*faults, seed=seed))


@contextmanager
def local_kanbert(**options: Any) -> Iterator[LocalKanbert]:
    behaviour = Behaviour(unknown_custom_field="store")
    with start_blocking_portal() as portal:
        sandbox = running_sandbox(SandboxOptions(**{"behaviour": behaviour, **options}))
        with portal.wrap_async_context_manager(sandbox) as running:
            yield LocalKanbert(portal, running)
