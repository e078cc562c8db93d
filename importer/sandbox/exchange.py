"""A request -> its answer in the framework's order of work, with the fault that is scripted for it in between."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
from aiohttp import web

from importer.sandbox.calls import Call
from importer.sandbox.companies.finding import external_id_of
from importer.sandbox.endpoints import passes_unique_check, performed
from importer.sandbox.ledger import Ledger, RequestRecord
from importer.sandbox.routes import Endpoint, Route, kind_of, route
from importer.sandbox.space import Space
from importer.sandbox.wire.answers import HTML, Answer, ApiError, error_answer
from importer.sandbox.wire.requests import Asked, asked

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from importer.sandbox.faults import Fault, Faults
    from importer.sandbox.options import Behaviour, Token
    from importer.sandbox.store import Store
    from importer.sandbox.wire.throttle import Throttle

__all__ = ["Exchanges", "sent"]

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

    async def answered(self, request: web.BaseRequest, segments: tuple[str, ...], raw_query: str) -> web.StreamResponse:
        """Answer one request below /api/v1, or misbehave as the script says."""
        started_at, started = self.clock(), anyio.current_time()
        with self.ledger.in_flight():
            question = await asked(request, segments, raw_query)
            hit = self.faults.choose(question.method, question.path, await self._companies(question))
            raced = await self._passes_early(question)
            await self._pause(hit.latency)
            if hit.fault and hit.fault.do == "expire_token":
                self.expired.add(question.token)
            answer = await self._answer(question, raced=raced) if _executes(hit.fault) else None
            response, status = await self._response(request, answer, hit.fault)
        record = RequestRecord(
            method=question.method,
            path=question.path,
            query=question.query,
            status=status,
            body_keys=tuple(question.body),
            fault=hit.fault.do if hit.fault else None,
            latency=hit.latency,
            at=started_at,
            seconds=anyio.current_time() - started,
        )
        self.ledger.record(kind_of(question.segments) or "other", record)
        return response

    async def _answer(self, question: Asked, *, raced: bool) -> Answer:
        limits: dict[str, str] = {}
        try:
            if question.problem:
                raise question.problem
            found = route(question.method, question.segments)
            token = self._authenticated(question)
            if self.throttle:
                limits = self.throttle.admit(question.token)
            _authorise(token, found.endpoint)
            answer = await self._performed(token, replace(self._call(question), route=found, raced=raced))
        except ApiError as error:
            answer = error_answer(error, as_json=question.as_json)
        return replace(answer, headers={**limits, **answer.headers}) if limits else answer

    def _authenticated(self, question: Asked) -> Token:
        token = self.tokens.get(question.token)
        if token is None or question.token in self.expired:
            raise ApiError(401)
        return token

    async def _performed(self, token: Token, call: Call) -> Answer:
        answer = await self.store.run(partial(performed, space=self.space(token), call=call))
        endpoint = call.route.endpoint
        if endpoint.writes:
            self.ledger.wrote(endpoint, call.given.get("external_id") if endpoint is Endpoint.CREATE else None)
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
        return await self.store.run(partial(passes_unique_check, space=self.space(token), call=call))

    async def _companies(self, question: Asked) -> frozenset[str]:
        """Tell the external_id of the company that a request is about, if a fault asks for it."""
        if not self.faults.asks_external_id:
            return frozenset()
        named = {question.body.get("external_id")}
        if len(question.segments) > 1:
            identity = question.segments[1]
            by_external_id = question.query.get("find_by") == "external_id"
            named.add(
                identity if by_external_id else await self.store.run(partial(external_id_of, kanbert_id=identity))
            )
        return frozenset(name for name in named if isinstance(name, str))

    async def _response(
        self, request: web.BaseRequest, answer: Answer | None, fault: Fault | None
    ) -> tuple[web.StreamResponse, int | None]:
        do = fault.do if fault else None
        if fault and do == "status":
            answer = _fault_answer(fault)
        if do == "hang":
            await self._hang(request)
        if answer is None or do == "reset_after":
            _cut(request)
            return web.Response(), None
        if do == "reset_during":
            return await _sent_half(request, answer), None
        if do == "content_type":
            answer = replace(answer, content_type=HTML)
        return sent(answer), answer.status

    async def _pause(self, seconds: float) -> None:
        if seconds:
            with anyio.move_on_after(seconds):
                await self.closing.wait()

    async def _hang(self, request: web.BaseRequest) -> None:
        while request.transport is not None and not self.closing.is_set():
            await self._pause(_POLL)


def sent(answer: Answer) -> web.Response:
    """Make the HTTP response of an answer."""
    return web.Response(
        body=answer.body, status=answer.status, headers={"Content-Type": answer.content_type, **answer.headers}
    )


def _authorise(token: Token, endpoint: Endpoint) -> None:
    if endpoint.scope not in token.scopes:
        raise ApiError(403, "Invalid scope(s) provided.")


def _executes(fault: Fault | None) -> bool:
    return fault is None or fault.commit or fault.do in ("reset_during", "reset_after", "content_type", "expire_token")


def _fault_answer(fault: Fault) -> Answer:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    status = fault.status or 500
    error = ApiError(status, errors={} if status == 422 else None, headers=headers)
    if fault.body == "json":
        return error_answer(error, as_json=True)
    page = f"<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{error.message}</h1></body></html>\n"
    return Answer(status, page.encode(), HTML, headers)


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
