"""A request -> its answer in the framework's order of work, with the fault that is scripted for it in between."""

from __future__ import annotations

import logging
import socket
import sqlite3
import struct
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
from aiohttp import web

from importer.sandbox.calls import Call
from importer.sandbox.companies.finding import external_id_of
from importer.sandbox.endpoints import passes_unique_check, performed
from importer.sandbox.faults.answers import executes, instead, spoilt
from importer.sandbox.ledger import Ledger, RequestRecord, few, flat
from importer.sandbox.meddling import meddle
from importer.sandbox.routes import Endpoint, Route, kind_of, route
from importer.sandbox.space import Space
from importer.sandbox.wire.answers import Answer, ApiError, Manners, error_answer
from importer.sandbox.wire.inputs import BLANKS, INVISIBLE
from importer.sandbox.wire.requests import Asked, asked, received

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from importer.sandbox.behaviour import Behaviour, Token
    from importer.sandbox.faults import Do, Fault, Faults
    from importer.sandbox.faults.choosing import Hit
    from importer.sandbox.store import Store
    from importer.sandbox.wire.inputs import Json
    from importer.sandbox.wire.throttle import Throttle

__all__ = ["Exchanges", "sent", "store_errors_answered"]

T = TypeVar("T")

_MAX_PATH = 500  # characters that are remembered
_LOG = logging.getLogger(__name__)
_POLL = 0.2  # seconds between looks whether the client of a hanging request is still there


@dataclass(slots=True)
class Exchanges:
    """All that answers share; `faults` may be replaced while it runs."""

    store: Store
    behaviour: Behaviour
    custom_fields: frozenset[str]
    clock: Callable[[], dt.datetime]
    tokens: Mapping[str, Token]
    throttle: Throttle | None
    faults: Faults
    base_url: str = ""  # known when it listens
    ledger: Ledger = field(default_factory=Ledger)
    expired: set[str] = field(default_factory=set)
    """Tokens that a fault has let expire."""
    closing: anyio.Event = field(default_factory=anyio.Event)
    """Set when the sandbox stops: nothing waits any longer."""
    wake: Callable[[], None] = lambda: None
    """Called when something was stored that webhooks may have to tell."""
    readers: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))
    """Of large bodies."""
    budget: float | None = 10.0
    """Seconds of SQL that one request may take, as there is one thread for all; None is as many as it takes."""
    order: anyio.Lock = field(default_factory=lambda: anyio.Lock(fast_acquire=True))
    """Held between reading a request whole and choosing its fault."""

    async def answered(self, request: web.BaseRequest, segments: tuple[str, ...], raw_query: str) -> web.StreamResponse:
        """Answer one request below /api/v1, or misbehave as the script says."""
        started_at, started = self.clock(), anyio.current_time()
        with self.ledger.in_flight():
            question, hit = await self._understood(request, segments, raw_query)
            raced = await self._passes_early(question)
            await self._pause(hit.latency)
            if hit.fault and hit.fault.do == "expire_token" and question.token in self.tokens:
                self.expired.add(question.token)
            for do in hit.meanwhile:
                await self._meddle(question, do)
            answer = await self._answer(question, raced=raced) if executes(hit.fault) else None
            if answer and hit.fault:
                answer = spoilt(answer, hit.fault, self._url_of(question, raw_query), _cursor_of(question))
            response, status = await self._response(request, answer, hit.fault)
        record = RequestRecord(
            method=question.method,
            path=question.path[:_MAX_PATH],
            query=flat(question.query),
            status=status,
            body_keys=few(question.body),
            fault=hit.words,
            latency=hit.latency,
            at=started_at,
            seconds=anyio.current_time() - started,
        )
        self.ledger.record(kind_of(question.segments) or "other", record)
        return response

    async def _answer(self, question: Asked, *, raced: bool) -> Answer:
        limits: dict[str, str] = {}
        try:
            self._refuse_in_maintenance()
            if question.problem:
                raise question.problem
            found = route(question.method, question.segments)
            token = self._authenticated(question)
            if self.throttle:
                limits = self.throttle.admit(question.token)
            _authorise(token, found.endpoint)
            answer = await self._performed(token, replace(self._call(question), route=found, raced=raced))
        except ApiError as error:
            answer = error_answer(error, as_json=question.as_json, manners=self._manners())
        return replace(answer, headers={**limits, **answer.headers}) if limits else answer

    async def _understood(
        self, request: web.BaseRequest, segments: tuple[str, ...], raw_query: str
    ) -> tuple[Asked, Hit]:
        """Understand a request and choose its fault, in the order in which requests are read whole."""
        blanks = INVISIBLE if self.behaviour.trims == "unicode" else BLANKS
        body = await received(request, self.behaviour.max_body)
        async with self._in_order():
            question = await asked(request, body, (segments, raw_query), blanks=blanks, readers=self.readers)
            companies = await self._companies(question)
            return question, self.faults.choose(question.method, question.path, companies)

    @asynccontextmanager
    async def _in_order(self) -> AsyncIterator[None]:
        """Let requests pass one at a time; where no fault is scripted, nobody waits for somebody's large body."""
        if not self.faults.script.faults:
            yield
            return
        async with self.order:
            yield

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do what a request wants read from the store.

        Raises:
            ApiError: 500, the file cannot be used just now, or it takes too long.
        """
        with store_errors_answered():
            return await self.store.read(work, budget=self.budget)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do what a request wants of the store, all of it or nothing.

        Raises:
            ApiError: 500, the file cannot be used just now, or it takes too long.
        """
        with store_errors_answered():
            return await self.store.run(work, budget=self.budget)

    def _manners(self) -> Manners:
        return Manners(invalid_message=self.behaviour.invalid_message, anonymous=self.behaviour.anonymous)

    def _refuse_in_maintenance(self) -> None:
        wait = self.behaviour.maintenance_retry_after
        if self.behaviour.maintenance:
            raise ApiError(503, headers={} if wait is None else {"Retry-After": str(wait)})

    def _authenticated(self, question: Asked) -> Token:
        token = self.tokens.get(question.token)
        if token is None or question.token in self.expired:
            raise ApiError(401)
        return token

    async def _performed(self, token: Token, call: Call) -> Answer:
        endpoint = call.route.endpoint
        do = self.write if endpoint.writes else self.read
        answer = await do(partial(performed, space=self.space(token), call=call))
        if endpoint.writes:
            self.ledger.wrote(endpoint, call.given.get("external_id") if endpoint is Endpoint.CREATE else None)
            self.wake()
        return answer

    def space(self, token: Token | None = None) -> Space:
        """Return what a request of this token, coming now, needs to know."""
        slug, user_id = (token.slug, token.user_id) if token else ("", "")
        return Space(self.behaviour, self.custom_fields, self.clock(), slug, user_id)

    def _call(self, question: Asked) -> Call:
        return Call(
            route=Route(Endpoint.CREATE),
            query=question.query,
            given={**question.query, **question.body},
            base_url=self.base_url,
        )

    async def _passes_early(self, question: Asked) -> bool:
        """Under racing creates, check uniqueness on arrival, as the framework does, apart from the insert."""
        token = self.tokens.get(question.token)
        if self.behaviour.race == "serialised" or token is None or question.segments != ("companies",):
            return False
        call = self._call(question)
        with suppress(ApiError):  # the create itself will meet what is wrong with the store
            return await self.read(partial(passes_unique_check, space=self.space(token), call=call))
        return False

    async def _companies(self, question: Asked) -> frozenset[str]:
        """Tell the external_id of the company that a request is about, if a fault asks for it."""
        if not self.faults.asks_external_id:
            return frozenset()
        named = {question.body.get("external_id")}
        held = None
        identity = question.segments[1] if len(question.segments) > 1 else ""
        with suppress(ApiError):  # the request itself will meet what is wrong with the store
            held = await self.read(partial(external_id_of, behaviour=self.behaviour, kanbert_id=identity))
        named.add(identity if question.query.get("find_by") == "external_id" else held)
        return frozenset(name for name in named if isinstance(name, str) and name)

    async def _meddle(self, question: Asked, do: Do) -> None:
        """Let somebody else do what a fault says; for a request without a token there is no origin to do it in."""
        token = self.tokens.get(question.token)
        if token is not None:
            with suppress(ApiError):  # nobody can do anything while the store cannot be used
                await self.write(partial(meddle, space=self.space(token), question=question, do=do))
            self.wake()

    def _url_of(self, question: Asked, raw_query: str) -> str:
        return f"{self.base_url}{question.path}?{raw_query}"

    async def _response(
        self, request: web.BaseRequest, answer: Answer | None, fault: Fault | None
    ) -> tuple[web.StreamResponse, int | None]:
        do = fault.do if fault else None
        if fault:
            answer = instead(fault) or answer
        if do == "hang":
            await self._hang(request)
        if answer is None or do == "reset_after":
            _cut(request)
            return web.Response(), None
        if do == "reset_during":
            return await _sent_half(request, answer), None
        return sent(answer), answer.status

    async def _pause(self, seconds: float) -> None:
        if seconds:
            with anyio.move_on_after(seconds):
                await self.closing.wait()

    async def _hang(self, request: web.BaseRequest) -> None:
        while request.transport is not None and not self.closing.is_set():
            await self._pause(_POLL)


@contextmanager
def store_errors_answered() -> Iterator[None]:
    """Make what the store cannot do just now an answer, the framework's when its database fails, and a line of the log.

    Raises:
        ApiError: 500 for a file that is locked or on a full disk, or for work that was broken off.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            _LOG.warning("a request was broken off: it takes the sandbox too long to find its answer")
        else:
            _LOG.warning("a request failed, because the sandbox's data cannot be used: %s", error)
        raise ApiError(500) from None


def sent(answer: Answer) -> web.Response:
    """Make the HTTP response of an answer."""
    return web.Response(
        body=answer.body, status=answer.status, headers={"Content-Type": answer.content_type, **answer.headers}
    )


def _authorise(token: Token, endpoint: Endpoint) -> None:
    if endpoint.scope not in token.scopes:
        raise ApiError(403, "Invalid scope(s) provided.")


def _cursor_of(question: Asked) -> Json:
    """Return the cursor of the page that is asked for, None where it is the first."""
    page = question.query.get("page")
    return page.get("cursor") if isinstance(page, dict) else None


def _cut(request: web.BaseRequest) -> None:
    """Reset the connection: the peer sees it at once, whatever was under way is lost."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _sent_half(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Send the head and half of the body, then close."""
    length = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
    response = web.StreamResponse(status=answer.status, headers=length)
    with suppress(ConnectionError):  # the client may have left first
        await response.prepare(request)
        await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
