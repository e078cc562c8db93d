"""Options -> a sandbox that answers on a loopback port for as long as its context lasts."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import http_exceptions, web
from anyio import CancelScope

from importer.sandbox.control import all_companies, controlled, set_faults, stats
from importer.sandbox.exchange import Exchanges, sent, store_errors_answered
from importer.sandbox.faults import Fault, Faults
from importer.sandbox.filling import prepared
from importer.sandbox.opening import open_store
from importer.sandbox.pages import Pages
from importer.sandbox.routes import PREFIX
from importer.sandbox.webhooks.deliveries import Deliveries
from importer.sandbox.webhooks.records import enrol
from importer.sandbox.wire.answers import Answer, ApiError, error_answer, login_answer
from importer.sandbox.wire.guard import READS, refuse_foreign, refuse_rebound
from importer.sandbox.wire.loopback import is_loopback
from importer.sandbox.wire.requests import path_of
from importer.sandbox.wire.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from importer.sandbox.ledger import RequestRecord
    from importer.sandbox.options import SandboxOptions
    from importer.sandbox.seeding import Settings
    from importer.sandbox.store import Store

__all__ = ["RunningSandbox", "running_sandbox"]

_LINGERING = 1.0  # seconds that a client, refused before it sent its whole body, may go on and still read the answer
_SHUTDOWN = 2.0  # seconds that requests under way get to end


class RunningSandbox:
    """A sandbox while it runs: its address, what it saw, what it holds, and its faults."""

    def __init__(self, exchanges: Exchanges) -> None:
        self._exchanges = exchanges
        self._pages = Pages(exchanges)

    @property
    def url(self) -> str:
        """The API's base url, http://HOST:PORT/api/v1."""
        return self._exchanges.base_url

    @property
    def pages(self) -> str:
        """Where a browser can look at it, http://HOST:PORT/."""
        return self._exchanges.base_url.removesuffix("/".join(PREFIX))

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
        set_faults(self._exchanges, *faults, seed=seed)

    async def stats(self) -> dict[str, Any]:
        """Return the counts of GET /sandbox/stats."""
        return await stats(self._exchanges)

    async def companies(self) -> list[dict[str, Any]]:
        """Return all companies, archived ones too, as the API would answer them, in order of id."""
        return await self._exchanges.store.read(partial(all_companies, space=self._exchanges.space()))

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer an HTTP request."""
        segments, raw_query = path_of(request)
        try:
            if segments[: len(PREFIX)] == PREFIX:
                refuse_rebound(request)
                return await self._exchanges.answered(request, segments[len(PREFIX) :], raw_query)
            with store_errors_answered():
                answer = await self._outside(request, segments, raw_query)
        except ApiError as error:
            answer = error_answer(error, as_json=True)
        return sent(answer)

    async def _outside(self, request: web.BaseRequest, segments: tuple[str, ...], raw_query: str) -> Answer:
        """Answer what is not the API: the sandbox's own controls, and pages for people."""
        match segments:
            case ("sandbox", *rest):
                refuse_foreign(request)
                return await controlled(self._exchanges, request, tuple(rest))
            case ("login",) if request.method in READS:
                return login_answer()
            case _:
                return await self._pages.answered(request, segments, raw_query)


@asynccontextmanager
async def running_sandbox(options: SandboxOptions) -> AsyncIterator[RunningSandbox]:
    """Run a sandbox in this event loop; its SQL runs in a thread of its own.

    On leaving, what hangs or waits is cut off and open connections are closed.

    Raises:
        ValueError: the host is not a loopback address, the data is not a sandbox's, or the seed cannot be stored.
        OSError: the port is taken, or the data cannot be opened.
    """
    _refuse_public(options.host)
    async with open_store(options.data) as store:
        settings = await _set_up(store, options)
        exchanges = _exchanges(options, store, settings)
        await store.run(partial(enrol, wanted=options.webhooks, at=exchanges.space().stamp()))
        deliveries = Deliveries(store, options.data, settings.behaviour, options.delivery, options.now)
        exchanges.wake = deliveries.wake
        sandbox = RunningSandbox(exchanges)
        server = web.Server(
            sandbox.respond,
            access_log=None,
            logger=_Log(logging.getLogger(__name__), {}),
            auto_decompress=False,
            lingering_time=_LINGERING,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN)
        await runner.setup()
        try:
            await web.TCPSite(runner, options.host, options.port).start()
            exchanges.base_url = _url(runner.addresses[0])
            async with deliveries.running():
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


async def _set_up(store: Store, options: SandboxOptions) -> Settings:
    try:
        return await store.run(partial(prepared, options=options))
    except sqlite3.OperationalError as error:  # the disk is full, or it cannot be written
        msg = f"the sandbox's file {options.data} cannot be written: {error}. Nothing was stored."
        raise ValueError(msg) from error
    except sqlite3.DatabaseError as error:
        msg = f"the sandbox's file {options.data} is damaged: {error}. Name another one with --data, or begin anew with --reset."
        raise ValueError(msg) from error


def _exchanges(options: SandboxOptions, store: Store, settings: Settings) -> Exchanges:
    behaviour = settings.behaviour
    throttle = None
    if behaviour.throttle is not None:
        throttle = Throttle(behaviour.throttle, behaviour.throttle_window, lambda: options.now().timestamp())
    return Exchanges(
        store=store,
        behaviour=behaviour,
        custom_fields=settings.custom_fields,
        clock=options.now,
        tokens=settings.tokens,
        throttle=throttle,
        faults=Faults(options.faults),
    )


def _refuse_public(host: str) -> None:
    if not is_loopback(host):
        msg = f"the sandbox listens on loopback only, such as 127.0.0.1 or ::1, and not on {host!r}"
        raise ValueError(msg)


def _url(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{'/'.join(PREFIX)}"
