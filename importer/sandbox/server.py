"""Options -> a sandbox that answers on a loopback port for as long as its context lasts."""

from __future__ import annotations

import ipaddress
import logging
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import http_exceptions, web
from anyio import CancelScope, to_thread

from importer.sandbox.answers import Answer, ApiError, error_answer, json_answer
from importer.sandbox.companies import SELECT, Space, seed
from importer.sandbox.exchange import Exchanges, sent
from importer.sandbox.faults import Fault, Faults, FaultScript, parse_faults
from importer.sandbox.rendering import rendered
from importer.sandbox.requests import body_of, path_of
from importer.sandbox.routes import PREFIX
from importer.sandbox.store import Store, open_store
from importer.sandbox.throttle import Throttle

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator

    from importer.sandbox.contract import Json
    from importer.sandbox.ledger import RequestRecord
    from importer.sandbox.options import SandboxOptions

__all__ = ["RunningSandbox", "running_sandbox"]

_SHUTDOWN = 2.0  # seconds that requests under way get to end
_MAX_SCRIPT = 64 * 1024  # bytes of a fault script that comes by HTTP
_CHUNK = 500

_COUNTS = """
    SELECT count(*) FILTER (WHERE deleted_at IS NULL), count(*) FILTER (WHERE deleted_at IS NOT NULL) FROM companies
"""
_DUPLICATES = """
    SELECT count(*) FROM (
        SELECT 1 FROM companies WHERE external_id IS NOT NULL GROUP BY external_origin, external_id HAVING count(*) > 1
    )
"""


class RunningSandbox:
    """A sandbox while it runs: its address, what it saw, what it holds, and its faults."""

    def __init__(self, exchanges: Exchanges) -> None:
        self._exchanges = exchanges

    @property
    def url(self) -> str:
        """The API's base url, http://HOST:PORT/api/v1."""
        return self._exchanges.base_url

    @property
    def requests(self) -> list[RequestRecord]:
        """The last 10,000 requests that are over, oldest first; those for /sandbox are not among them."""
        return self._exchanges.ledger.recent

    def creates(self, external_id: str) -> int:
        """Tell how many creates with this external_id were stored since the sandbox started, answered or not.

        Raises:
            LookupError: far more companies were created than are counted one by one.
        """
        return self._exchanges.ledger.creates(external_id)

    def set_faults(self, *faults: Fault, seed: int = 0) -> None:
        """Replace the faults; counting begins anew, and tokens that a fault let expire are good again."""
        self._exchanges.faults = Faults(FaultScript(faults, seed))
        self._exchanges.expired.clear()

    async def stats(self) -> dict[str, Any]:
        """Return the counts of GET /sandbox/stats."""
        exchanges = self._exchanges
        stored = await exchanges.store.run(_stored)
        return {**exchanges.ledger.totals(), **stored, "faults_fired": exchanges.faults.fired}

    async def companies(self) -> list[dict[str, Any]]:
        """Return all companies, archived ones too, as the API would answer them, in order of id."""
        return await self._exchanges.store.run(partial(_all_companies, space=self._exchanges.space))

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer an HTTP request."""
        segments, raw_query = path_of(request)
        if segments[: len(PREFIX)] == PREFIX:
            return await self._exchanges.answered(request, segments[len(PREFIX) :], raw_query)
        try:
            answer = await self._control(request, segments)
        except ApiError as error:
            answer = error_answer(error, as_json=True)
        return sent(answer)

    async def _control(self, request: web.BaseRequest, segments: tuple[str, ...]) -> Answer:
        match request.method, segments:
            case "GET", ("sandbox", "stats"):
                return json_answer(await self.stats())
            case "GET", ("sandbox", "faults"):
                return self._described()
            case "POST", ("sandbox", "faults"):
                text = (await body_of(request, _MAX_SCRIPT)).decode("utf-8", "replace")
                try:
                    script = await to_thread.run_sync(parse_faults, text)  # YAML is slow, and text may be hostile
                except ValueError as error:
                    raise ApiError(422, str(error)) from None
                self.set_faults(*script.faults, seed=script.seed)
                return self._described()
            case _, ("sandbox", "stats" | "faults" as last):
                allowed = "GET, POST" if last == "faults" else "GET"
                raise ApiError(405, f"/sandbox/{last} takes {allowed}.", headers={"Allow": allowed})
            case _:
                raise ApiError(404, "Nothing is here: the API is at /api/v1.")

    def _described(self) -> Answer:
        faults: list[Json] = [*self._exchanges.faults.described()]
        return json_answer({"faults": faults})


@asynccontextmanager
async def running_sandbox(options: SandboxOptions) -> AsyncIterator[RunningSandbox]:
    """Run a sandbox in this event loop; its SQL runs in a thread of its own.

    On leaving, what hangs or waits is cut off and open connections are closed.

    Raises:
        ValueError: the host is not a loopback address, or the data is not a sandbox's.
        OSError: the port is taken, or the data cannot be opened.
    """
    _refuse_public(options.host)
    async with open_store(options.data) as store:
        await store.run(partial(seed, clients=options.clients, default_country=options.behaviour.default_country))
        exchanges = _exchanges(options, store)
        sandbox = RunningSandbox(exchanges)
        server = web.Server(sandbox.respond, access_log=None, logger=_Log(logging.getLogger(__name__), {}))
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN)
        await runner.setup()
        try:
            await web.TCPSite(runner, options.host, options.port).start()
            exchanges.base_url = _url(runner.addresses[0])
            yield sandbox
        finally:
            exchanges.closing.set()
            with CancelScope(shield=True):
                await runner.cleanup()


class _Log(logging.LoggerAdapter[logging.Logger]):
    """Says what is not HTTP quietly and without a traceback: it is the client's mistake, and answered with a 400."""

    def log(self, level: int, msg: object, *args: object, **options: Any) -> None:  # noqa: ANN401  # as the logging module has it
        if isinstance(options.get("exc_info"), (http_exceptions.HttpProcessingError, web.RequestPayloadError)):
            level, options = logging.DEBUG, {}
        super().log(level, msg, *args, **options)


def _exchanges(options: SandboxOptions, store: Store) -> Exchanges:
    behaviour = options.behaviour
    throttle = None
    if behaviour.throttle is not None:
        throttle = Throttle(behaviour.throttle, behaviour.throttle_window, lambda: options.now().timestamp())
    return Exchanges(
        store=store,
        space=Space(behaviour, options.custom_fields, options.now),
        tokens=options.every_token(),
        throttle=throttle,
        faults=Faults(options.faults),
    )


def _refuse_public(host: str) -> None:
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        msg = f"the sandbox listens on loopback only, such as 127.0.0.1 or ::1, and not on {host!r}"
        raise ValueError(msg)


def _url(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{'/'.join(PREFIX)}"


def _stored(db: sqlite3.Connection) -> dict[str, Any]:
    live, archived = db.execute(_COUNTS).fetchone()
    (duplicates,) = db.execute(_DUPLICATES).fetchone()
    return {"companies": {"live": live, "archived": archived}, "duplicates": duplicates}


def _all_companies(db: sqlite3.Connection, space: Space) -> list[dict[str, Any]]:
    found = db.execute(f"{SELECT} ORDER BY c.id")
    companies: list[Any] = []
    while rows := found.fetchmany(_CHUNK):
        companies += rendered(db, rows, space.behaviour)
    return companies
