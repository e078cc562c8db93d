"""Calls -> requests: one polite HTTP client with bounded bodies, counted attempts and a pacer shared by all.

What is guarded: a call that may not be repeated leaves this machine at most once, unless the target said that it did
nothing (429) or was never reached.
"""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import aiohttp
import yarl

from importer.errors import FatalTargetError, OutcomeUnknownError, TargetError, ThrottledError, TransientError
from importer.model import shortened
from importer.transport.backoff import next_delay
from importer.transport.body import parsed, read_body
from importer.transport.failure import Translated, sent_once
from importer.transport.pace import MAX_PAUSE, retry_after
from importer.transport.pacer import Pacer
from importer.transport.quota import told
from importer.transport.silence import Silence
from importer.transport.verdict import Answer, Call, classify, server_message

if TYPE_CHECKING:
    import datetime as dt
    import random
    from collections.abc import AsyncIterator, Callable, Mapping

    from importer.clock import Clock
    from importer.transport.options import TransportOptions

__all__ = ["Attempt", "RequestCounts", "Transport", "open_transport"]

TOLD_EVERY = 30.0  # seconds between two messages on one thing that is waited for
LONG_PAUSE = 5.0  # seconds of a pause that are worth a message
_NOBODY = frozenset({None, 502, 503, 504})  # no answer, or a gateway's that gets none
THROTTLED_LIMIT = 3600.0  # seconds for which one call puts up with 429 after 429
_NO_QUERY: Mapping[str, str] = MappingProxyType({})


class Attempt(NamedTuple):
    """One request that was sent, or for which the connection failed."""

    key: str | None  # the row's external_id, where there is one
    method: str
    path: str
    status: int | None  # None where no answer came
    duration: float  # seconds
    request_id: str | None  # of the target, to ask its people about
    message: str  # the server's words, or why there was no answer; empty for a success
    at: dt.datetime  # when it left


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """How many requests left: `total = read + write`; the others count some of them once more."""

    total: int = 0
    read: int = 0
    write: int = 0
    retried: int = 0  # repeated after a failure
    throttled: int = 0  # answered 429
    waited: float = (
        0.0  # seconds for which nothing could start because the target said so or was gone; each counts once
    )


def _unheard(_: str) -> None:
    """Tell nobody."""


class _Hidden(str):
    """A header's value that no repr shows: aiohttp's exceptions carry the request's headers."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'**********'"


@asynccontextmanager
async def open_transport(
    options: TransportOptions, clock: Clock, rng: random.Random, on_attempt: Callable[[Attempt], None]
) -> AsyncIterator[Transport]:
    """Open a client for one target; on leaving, its connections are closed.

    `on_attempt` is called once for each request, when it has ended and before the caller knows; for a cancelled one
    too. It must not block.
    """
    timeout = aiohttp.ClientTimeout(
        total=options.read_timeout,  # one timer a request; aiohttp's sock_read would be two more
        connect=options.connect_timeout,
        sock_connect=options.connect_timeout,
    )
    headers = {
        "Accept": "application/json",
        "Authorization": _Hidden(f"Bearer {options.token.reveal()}"),
        "User-Agent": options.user_agent,
    }
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),  # the pacer limits
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        timeout=timeout,
        middlewares=(sent_once,),
    ) as session:
        yield Transport(session, options, clock=clock, rng=rng, on_attempt=on_attempt)


@dataclass(slots=True, eq=False)
class _Sending:
    """One call on its way; it is the pacer's slot as well."""

    call: Call
    url: yarl.URL
    body: bytes | None
    key: str | None
    failed: int = 0
    spent: float = 0.0  # seconds of attempts and of the delays between them; waiting for the pacer does not count
    throttled_at: float | None = None  # monotonic, of the first 429
    wait: float = 0.0  # seconds that the latest 429 asks of this call; often all others are paused as well


class Transport:
    """Makes calls; made by `open_transport`. Calls may run side by side in any number of tasks of one event loop."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        options: TransportOptions,
        *,
        clock: Clock,
        rng: random.Random,
        on_attempt: Callable[[Attempt], None],
    ) -> None:
        self._session = session
        self._options = options
        self._clock = clock
        self._rng = rng
        self._on_attempt = on_attempt
        self._pacer = Pacer(
            concurrency=options.concurrency, rate=options.rate, clock=clock, rng=rng, allowance=options.allowance
        )
        self.on_wait: Callable[[str], None] = _unheard
        """Told in words what is waited for, when it takes long; to be set by who has ears. Must not block."""
        self.absent_as_page = False
        """To be set by who has seen that the target says with a page, not in JSON, that something is not there."""
        self._base = str(yarl.URL(options.base_url))
        self._known = False  # whether the target has answered as an API yet
        self._silence = Silence()
        self._told_at = -math.inf  # monotonic, of the latest message
        self._read = self._write = self._retried = self._throttled = 0

    @property
    def counts(self) -> RequestCounts:
        """What was sent until now."""
        paused = self._pacer.paused_seconds
        return RequestCounts(
            total=self._read + self._write,
            read=self._read,
            write=self._write,
            retried=self._retried,
            throttled=self._throttled,
            waited=paused + self._silence.waited(self._clock.monotonic(), paused),
        )

    @property
    def pacer(self) -> Pacer:
        """The pacer: how long it held back, and how fast it lets go at present."""
        return self._pacer

    async def request(
        self,
        method: str,
        segments: tuple[str, ...],
        *,
        query: Mapping[str, str] = _NO_QUERY,
        body: bytes | None = None,
        key: str | None = None,
        repeatable: bool,
    ) -> Answer:
        """Make a call: send, wait as the target asks, and send again where that can do no harm.

        A 404 or 410 is returned, not raised. Cancelled, the effect of a write is not known. `segments` are the path
        below the base address; each may hold any character, and is one segment in the end. `body` is JSON; `key` goes
        to the attempts. A call that is not `repeatable` (sent twice, it has the effect of once) is sent again only
        after a 429, or where no connection came about.

        Raises:
            ThrottledError: 429 after 429 for an hour.
            TransientError: all attempts, or their time, are used up.
            OutcomeUnknownError: not repeatable, and the answer was lost or a 5xx: look first.
            ConflictError: 409, or 422 on external_id.
            RefusedError: any other no to this body.
            FatalTargetError: token, scope or address, or nobody has answered for long: no other call will work.
        """
        path = "".join(map(_segment, segments))
        sending = _Sending(Call(method, path, repeatable), self._url(path, query), body, key)
        while True:
            try:
                return await self._attempt(sending)
            except ThrottledError as error:
                self._note_throttle(sending, error)
                await self._clock.sleep(sending.wait)
            except FatalTargetError as error:
                error.exchange = replace(error.exchange, repeated=sending.failed > 0)
                raise
            except TransientError as error:
                delay = self._delay(sending)
                if delay is None:
                    delay = self._patience(error)
                self._retried += 1
                await self._clock.sleep(delay)

    def _url(self, path: str, query: Mapping[str, str]) -> yarl.URL:
        pairs = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
        return yarl.URL(f"{self._base}{path}?{pairs}" if pairs else self._base + path, encoded=True)

    def _tell_pause(self, seconds: float, answer: Answer) -> None:
        """Say that nothing is sent for a while, where somebody at the screen would wonder."""
        now = self._clock.monotonic()
        if seconds >= LONG_PAUSE and now - self._told_at >= min(seconds, TOLD_EVERY):
            self._told_at = now
            self.on_wait(_pause_in_words(seconds, answer))

    def _note_throttle(self, sending: _Sending, error: ThrottledError) -> None:
        now = self._clock.monotonic()
        if sending.throttled_at is None:
            sending.throttled_at = now
        if now - sending.throttled_at > THROTTLED_LIMIT:
            text = f"the target has answered nothing but 429 for {THROTTLED_LIMIT / 60:.0f} minutes; run again later"
            raise ThrottledError(text, exchange=error.exchange, retry_after=error.retry_after) from error

    def _delay(self, sending: _Sending) -> float | None:
        """Decide how long to wait before the next attempt; None where there is none."""
        sending.failed += 1
        delay = next_delay(sending.failed, self._rng)
        sending.spent += delay
        exhausted = sending.failed >= self._options.attempts or sending.spent > self._options.attempts_budget
        return None if exhausted else delay

    def _patience(self, error: TransientError) -> float:
        """Decide how long to wait for a target that answers nobody; the error where that is not so.

        A target that has answered before and is gone now (restarted, cut off) would cost every row its attempts.

        Raises:
            FatalTargetError: it has been gone for `TransportOptions.patience`.
        """
        now, patience = self._clock.monotonic(), self._options.patience
        silent = self._silence.length(now) if error.exchange.status in _NOBODY else None
        if silent is None:
            raise error
        if silent > patience:
            text = f"the target has not answered for {silent:.0f} s ({error.text}); run again once it does"
            raise FatalTargetError(text, exchange=error.exchange) from error
        if now - self._told_at >= TOLD_EVERY:
            self._told_at = now
            self.on_wait(f"the target has not answered for {silent:.0f} s; waiting up to {patience:.0f} s for it")
        return self._rng.uniform(1.0, 10.0)

    async def _attempt(self, sending: _Sending) -> Answer:
        started_at = await self._pacer.enter(sending)
        try:
            return await self._exchange(sending, started_at)
        finally:
            self._pacer.leave(sending)

    async def _exchange(self, sending: _Sending, started_at: float) -> Answer:
        call, at = sending.call, self._clock.now()
        if call.writes:
            self._write += 1
        else:
            self._read += 1
        answer, message = None, "cancelled before the answer came"
        try:
            with Translated(call):
                answer = await self._send(sending)
            message = server_message(answer)
            error = self._judge(sending, answer, started_at)
            if error is not None:
                raise error
        except TargetError as error:
            message = message if answer is not None else error.text
            self._note_trouble(error, started_at, sending.key)
            raise
        else:
            return answer
        finally:
            duration = self._clock.monotonic() - started_at
            sending.spent += duration
            self._on_attempt(
                Attempt(
                    key=sending.key,
                    method=call.method,
                    path=call.path,
                    status=answer.status if answer is not None else None,
                    duration=duration,
                    request_id=_request_id(answer),
                    message=message,
                    at=at,
                )
            )

    async def _send(self, sending: _Sending) -> Answer:
        body = None if sending.body is None else aiohttp.BytesPayload(sending.body, content_type="application/json")
        response = await self._session.request(sending.call.method, sending.url, data=body, allow_redirects=False)
        try:
            content = await read_body(response, self._options.max_body_bytes)
        except BaseException:
            response.close()
            raise
        if response.status >= 300:
            content = self._options.token.removed_from(content)  # a server may quote what it was sent
        is_json, data = parsed(response.headers, content)
        return Answer(
            sending.call, status=response.status, headers=response.headers, data=data, is_json=is_json, content=content
        )

    def _note_trouble(self, error: TargetError, started_at: float, key: str | None) -> None:
        """Let fewer in flight where the target or the way to it has trouble; remember since when nobody answers."""
        if isinstance(error, ThrottledError) or not isinstance(error, (TransientError, OutcomeUnknownError)):
            return
        self._pacer.strained(started_at)
        if error.exchange.status in _NOBODY and self._known:
            self._silence.unanswered(key or error.exchange.path, started_at)

    def _judge(self, sending: _Sending, answer: Answer, started_at: float) -> TargetError | None:
        """Tell the pacer, then classify."""
        wait = retry_after(answer.headers, self._clock.now()) if answer.status in {429, 503} else None
        said = told(answer.headers)
        if answer.status == 429:
            self._throttled += 1
            sending.wait = self._pacer.throttled(started_at, retry_after=wait, told=said)
            self._tell_pause(sending.wait, answer)
        else:
            self._pacer.accepted(started_at, told=said)
            if wait is not None:
                self._pacer.hold(wait)
                self._tell_pause(wait, answer)
        if answer.status not in _NOBODY:
            self._silence.answered(self._clock.monotonic(), self._pacer.paused_seconds)
        error = classify(answer, wait, known=self._known, absent_as_page=self.absent_as_page)
        self._known = self._known or (error is None and answer.found)
        return error


def _pause_in_words(seconds: float, answer: Answer) -> str:
    said = shortened(answer.headers.get("Retry-After") or "", 40)
    longest = f" (it said Retry-After: {said}; it is asked again sooner)" if seconds >= MAX_PAUSE else ""
    return f"the target wants a pause: nothing is sent for {seconds:.0f} s{longest}"


def _segment(text: str) -> str:
    """Write one path segment so that nothing on the way takes it for another; "." and ".." are eaten otherwise."""
    if not text:
        raise ValueError("an empty path segment would address something else")
    return "/" + (text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe=""))


def _request_id(answer: Answer | None) -> str | None:
    if answer is None:
        return None
    request_id = answer.headers.get("X-Request-Id")
    return None if request_id is None else shortened(request_id, 100)
