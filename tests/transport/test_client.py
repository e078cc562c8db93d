"""One call on a real connection: what is sent, what comes back, and what is never sent twice."""

from __future__ import annotations

import gzip
import socket
import traceback

import anyio
import pytest

from importer.errors import (
    FatalTargetError,
    OutcomeUnknownError,
    RefusedError,
    TargetError,
    ThrottledError,
    TransientError,
)
from importer.transport import Answer, RequestCounts, Transport
from tests.fakes.client import SECRET, open_client
from tests.fakes.server import (
    Play,
    after,
    fake_server,
    garbage,
    hang,
    html,
    late,
    raw,
    reply,
    reset,
    then_close,
    torn,
)

COMPANY = {"id": "7", "company_name": "Muster GmbH"}
BODY = b'{"company_name":"Muster GmbH"}'


async def get(transport: Transport, *segments: str) -> Answer:
    return await transport.request("GET", segments or ("companies",), repeatable=True)


async def post(transport: Transport) -> Answer:
    return await transport.request("POST", ("companies",), body=BODY, key="k1", repeatable=False)


async def patch(transport: Transport) -> Answer:
    return await transport.request("PATCH", ("companies", "7"), query={"find_by": "id"}, body=BODY, repeatable=True)


@pytest.mark.parametrize(
    ("segment", "path"),
    [
        pytest.param("1042", "1042", id="digits"),
        pytest.param("a+b?c#d%e f", "a%2Bb%3Fc%23d%25e%20f", id="reserved"),
        pytest.param("%2F", "%252F", id="looks encoded"),
        pytest.param("a/b", "a%2Fb", id="slash"),
        pytest.param(".", "%2E", id="dot"),
        pytest.param("..", "%2E%2E", id="two dots"),
        pytest.param("Müller & Söhne", "M%C3%BCller%20%26%20S%C3%B6hne", id="unicode"),
        pytest.param("x:y;z=@", "x%3Ay%3Bz%3D%40", id="sub-delimiters"),
        pytest.param("a\\b", "a%5Cb", id="backslash"),
    ],
)
async def test_a_segment_arrives_as_one_segment(segment: str, path: str) -> None:
    async with fake_server() as server, open_client(server.url) as client:
        await get(client.transport, "companies", segment)
        assert server.seen[0].path == f"/api/v1/companies/{path}"


async def test_an_empty_segment_is_a_bug_of_the_caller() -> None:
    async with fake_server() as server, open_client(server.url) as client:
        with pytest.raises(ValueError, match="empty path segment"):
            await get(client.transport, "companies", "")
        assert server.seen == []


async def test_a_query_is_encoded_fully() -> None:
    async with fake_server() as server, open_client(server.url) as client:
        query = {"page[size]": "100", "filter": '[{"value":"a&b+c=d é"}]'}
        await client.transport.request("GET", ("companies",), query=query, repeatable=True)
        assert server.seen[0].query == (
            "page%5Bsize%5D=100&filter=%5B%7B%22value%22%3A%22a%26b%2Bc%3Dd%20%C3%A9%22%7D%5D"
        )


async def test_every_request_asks_for_json_and_says_when_it_sends_some() -> None:
    async with fake_server() as server, open_client(server.url) as client:
        await get(client.transport)
        await post(client.transport)
        read, write = (request.headers for request in server.seen)
        assert read["Accept"] == write["Accept"] == "application/json"
        assert read["Authorization"] == f"Bearer {SECRET}"
        assert "Content-Type" not in read
        assert write["Content-Type"] == "application/json"
        assert server.seen[1].body == BODY


async def test_an_answer_holds_status_headers_and_data() -> None:
    async with (
        fake_server(reply(201, COMPANY, headers={"X-Request-Id": "r-1"})) as server,
        open_client(server.url) as client,
    ):
        answer = await post(client.transport)
        assert (answer.status, answer.data, answer.found) == (201, COMPANY, True)
        assert answer.headers["x-request-id"] == "r-1"
        (attempt,) = client.attempts
        assert (attempt.key, attempt.method, attempt.path) == ("k1", "POST", "/companies")
        assert (attempt.status, attempt.request_id, attempt.message) == (201, "r-1", "")
        assert attempt.at == client.clock.start


async def test_an_empty_answer_is_null() -> None:
    async with fake_server(raw(204, b"", "text/plain")) as server, open_client(server.url) as client:
        assert (await patch(client.transport)).data is None


async def test_a_cookie_is_not_sent_back() -> None:
    async with fake_server(otherwise=reply(200, {}, headers={"Set-Cookie": "session=1"})) as server:
        named = server.url.replace("127.0.0.1", "localhost")  # aiohttp keeps no cookies of bare addresses anyway
        async with open_client(named) as client:
            await get(client.transport)
            await get(client.transport)
            assert "Cookie" not in server.seen[1].headers


async def test_a_404_is_returned() -> None:
    async with fake_server(reply(404, {"message": "No query results"})) as server, open_client(server.url) as client:
        answer = await get(client.transport)
        assert (answer.status, answer.found) == (404, False)
        assert client.attempts[0].message == "No query results"


# what is repeated, and what is not


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(reset(), id="reset"),
        pytest.param(torn(), id="torn"),
        pytest.param(garbage(), id="no HTTP"),
        pytest.param(reply(500, {"message": "Server Error"}), id="500"),
        pytest.param(html(503), id="503 page"),
        pytest.param(raw(200, b'{"id": ', "application/json"), id="damaged JSON"),
        pytest.param(raw(200, b'{"id": NaN}', "application/json"), id="NaN"),
    ],
)
@pytest.mark.parametrize("call", [pytest.param(get, id="GET"), pytest.param(patch, id="PATCH")])
async def test_trouble_is_tried_again_for_a_call_that_may_be_repeated(call: object, trouble: Play) -> None:
    assert callable(call)
    async with fake_server(trouble, trouble, reply(200, COMPANY)) as server, open_client(server.url) as client:
        answer = await call(client.transport)
        assert answer.data == COMPANY
        assert len(server.seen) == len(client.attempts) == 3
        assert client.transport.counts.retried == 2
        assert len(client.clock.slept) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(reset(), id="reset"),
        pytest.param(torn(), id="torn"),
        pytest.param(garbage(), id="no HTTP"),
        pytest.param(reply(500, {"message": "Server Error"}), id="500"),
        pytest.param(html(503), id="503 page"),
        pytest.param(html(200), id="200 page"),
        pytest.param(reply(408), id="408"),
        pytest.param(raw(201, b'{"id": ', "application/json"), id="damaged JSON"),
        pytest.param(raw(201, b'"' + b"x" * 2000 + b'"', "application/json"), id="too large"),
    ],
)
async def test_a_post_is_sent_once_and_its_outcome_is_unknown(trouble: Play) -> None:
    async with fake_server(trouble) as server, open_client(server.url, max_body_bytes=1000) as client:
        with pytest.raises(OutcomeUnknownError):
            await post(client.transport)
        assert len(server.seen) == len(client.attempts) == 1


@pytest.mark.parametrize(
    ("call", "error"),
    [
        pytest.param(get, TransientError, id="GET"),
        pytest.param(patch, TransientError, id="PATCH"),
        pytest.param(post, OutcomeUnknownError, id="POST"),
    ],
)
async def test_aiohttp_resends_nothing_on_a_kept_connection_that_was_dropped(
    call: object, error: type[TargetError]
) -> None:
    assert callable(call)
    async with fake_server(reply(200, {}), reset()) as server, open_client(server.url, attempts=1) as client:
        await get(client.transport)  # leaves a connection to be used again
        with pytest.raises(error):
            await call(client.transport)
        assert len(server.seen) == 2


async def test_a_connection_closed_between_calls_does_no_harm() -> None:
    async with (
        fake_server(*(then_close(reply(200, COMPANY)) for _ in range(3))) as server,
        open_client(server.url) as client,
    ):
        for _ in range(3):
            assert (await get(client.transport)).data == COMPANY


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("call", [pytest.param(get, id="GET"), pytest.param(post, id="POST")])
async def test_where_no_connection_came_about_even_a_post_is_tried_again(call: object) -> None:
    assert callable(call)
    async with open_client(f"http://127.0.0.1:{unused_port()}/api/v1") as client:
        with pytest.raises(TransientError, match="nothing was sent"):
            await call(client.transport)
        assert len(client.attempts) == 5
        assert {attempt.status for attempt in client.attempts} == {None}


async def test_attempts_end_when_their_time_is_used_up() -> None:
    async with (
        fake_server(otherwise=reply(500)) as server,
        open_client(server.url, attempts=1000, attempts_budget=60) as client,
    ):
        with pytest.raises(TransientError):
            await get(client.transport)
        assert 30 < sum(client.clock.slept) <= 60


async def test_the_last_failure_is_what_is_told() -> None:
    async with (
        fake_server(reset(), otherwise=reply(500, {"message": "Server Error"})) as server,
        open_client(server.url) as client,
    ):
        with pytest.raises(TransientError, match="Server Error") as raised:
            await get(client.transport)
        assert raised.value.exchange.status == 500
        assert len(server.seen) == 5


@pytest.mark.parametrize(
    ("call", "error"),
    [pytest.param(get, TransientError, id="GET"), pytest.param(post, OutcomeUnknownError, id="POST")],
)
async def test_a_hang_ends_with_the_read_timeout(call: object, error: type[TargetError]) -> None:
    assert callable(call)
    async with (
        fake_server(otherwise=hang()) as server,
        open_client(server.url, read_timeout=0.05, attempts=2) as client,
    ):
        with pytest.raises(error, match="did not answer in time"):
            await call(client.transport)
        assert len(server.seen) == (2 if call is get else 1)


async def test_a_cancelled_request_gives_its_place_back_and_is_told_as_an_attempt() -> None:
    async with fake_server(hang()) as server, open_client(server.url, concurrency=1) as client:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(post, client.transport)
                while not server.seen:  # noqa: ASYNC110  # the server is real: there is no event for its side
                    await anyio.sleep(0.001)
                scope.cancel()
        assert [attempt.message for attempt in client.attempts] == ["cancelled before the answer came"]
        assert (await get(client.transport)).status == 200


# what ends a run


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        pytest.param(html(200), "login page", id="page"),
        pytest.param(html(404), "login page", id="404 page"),
        pytest.param(
            raw(302, b"", "text/html", headers={"Location": "https://x.example/login?t=1"}), "x.example", id="302"
        ),
        pytest.param(reply(401, {"message": "Unauthenticated."}), "token was not accepted", id="401"),
        pytest.param(reply(419, {"message": "CSRF token mismatch."}), "browser's session", id="419"),
        pytest.param(raw(200, b'"' + b"x" * 2000 + b'"', "application/json"), "larger than 1000 bytes", id="too large"),
    ],
)
@pytest.mark.parametrize("call", [pytest.param(get, id="GET"), pytest.param(patch, id="PATCH")])
async def test_a_wrong_address_or_token_is_fatal_at_once(call: object, trouble: Play, words: str) -> None:
    assert callable(call)
    async with fake_server(trouble) as server, open_client(server.url, max_body_bytes=1000) as client:
        with pytest.raises(FatalTargetError, match=words):
            await call(client.transport)
        assert len(server.seen) == 1


@pytest.mark.parametrize("trouble", [pytest.param(reset(), id="reset"), pytest.param(reply(500), id="500")])
async def test_a_refusal_says_whether_an_earlier_attempt_may_have_been_carried_out(trouble: Play) -> None:
    refusal = reply(401, {"message": "Unauthenticated."})
    async with fake_server(trouble, refusal, refusal) as server, open_client(server.url) as client:
        repeated = []
        for _ in range(2):
            with pytest.raises(FatalTargetError) as caught:
                await patch(client.transport)
            repeated.append(caught.value.exchange.repeated)
        assert repeated == [True, False]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    async with (
        fake_server(raw(status, b"", "text/html", headers={"Location": "/elsewhere"})) as server,
        open_client(server.url) as client,
    ):
        with pytest.raises(FatalTargetError, match="redirects to /elsewhere"):
            await post(client.transport)
        assert len(server.seen) == 1


async def test_a_compressed_bomb_is_not_unpacked_whole() -> None:
    bomb = gzip.compress(b'"' + b"0" * 30_000_000 + b'"')
    async with (
        fake_server(raw(200, bomb, "application/json", headers={"Content-Encoding": "gzip"})) as server,
        open_client(server.url, max_body_bytes=1_000_000) as client,
    ):
        with pytest.raises(FatalTargetError, match="larger"):
            await get(client.transport)


async def test_a_large_answer_in_many_pieces_arrives_whole() -> None:
    text = "x" * 3_000_000
    async with fake_server(reply(200, text)) as server, open_client(server.url) as client:
        assert (await get(client.transport)).data == text


async def test_a_server_that_speaks_no_tls_is_named() -> None:
    async with fake_server() as server, open_client(server.url.replace("http:", "https:"), attempts=1) as client:
        with pytest.raises(TransientError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
            await get(client.transport)
        assert server.seen == []


# throttling


async def test_a_429_waits_and_is_no_attempt() -> None:
    too_many = reply(429, {"message": "Too Many Attempts."}, headers={"Retry-After": "7"})
    async with fake_server(*[too_many] * 9, reply(201, COMPANY)) as server, open_client(server.url) as client:
        assert (await post(client.transport)).status == 201
        assert client.clock.slept.count(7.0) == 9
        assert client.transport.counts == RequestCounts(total=10, write=10, throttled=9, waited=63.0)
        assert client.transport.pacer.paused_seconds == 63.0


async def test_endless_429_ends_with_words() -> None:
    async with (
        fake_server(otherwise=reply(429, headers={"Retry-After": "600"})) as server,
        open_client(server.url) as client,
    ):
        with pytest.raises(ThrottledError, match="nothing but 429 for 60 minutes") as raised:
            await get(client.transport)
        assert raised.value.retry_after == 600.0
        assert 3600 <= sum(client.clock.slept) <= 4300


async def test_a_maintenance_that_names_its_time_holds_all_back() -> None:
    async with fake_server(reply(503, headers={"Retry-After": "30"})) as server, open_client(server.url) as client:
        assert (await get(client.transport)).status == 200
        assert client.transport.pacer.paused_seconds == 30.0
        assert client.transport.counts.retried == 1


async def test_a_throttle_pauses_every_worker() -> None:
    go = anyio.Event()
    script = [after(go, reply(200, {})), after(go, reply(429, headers={"Retry-After": "30"}))]
    async with fake_server(*script) as server, open_client(server.url, concurrency=2) as client:
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(get, client.transport)
            go.set()
        await get(client.transport)
        assert client.clock.elapsed >= 30.0


@pytest.mark.parametrize("concurrency", [1, 3, 8])
async def test_in_flight_never_exceeds_the_limit(concurrency: int) -> None:
    async with (
        fake_server(otherwise=late(0.002, reply(200, {}))) as server,
        open_client(server.url, concurrency=concurrency) as client,
    ):
        async with anyio.create_task_group() as tasks:
            for _ in range(80):
                tasks.start_soon(get, client.transport)
        assert len(server.seen) == 80
        assert server.most_in_flight == concurrency


async def test_the_rate_is_kept() -> None:
    async with fake_server() as server, open_client(server.url, rate=4.0) as client:
        for _ in range(21):
            await get(client.transport)
        assert client.clock.elapsed == pytest.approx(5.0, abs=0.1)


# secrets


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(reply(401, {"message": f"Bearer {SECRET} is wrong"}), id="quoted in a message"),
        pytest.param(reply(422, {"errors": {"x": [f"no {SECRET}"]}}), id="quoted in errors"),
        pytest.param(garbage(), id="malformed answer"),
        pytest.param(reset(), id="reset"),
        pytest.param(html(), id="page"),
    ],
)
async def test_the_token_is_in_no_error(trouble: Play) -> None:
    async with fake_server(trouble) as server, open_client(server.url) as client:
        with pytest.raises(TargetError) as raised:
            await post(client.transport)
        assert SECRET not in "".join(traceback.format_exception(raised.value))
        error: BaseException | None = raised.value
        while error is not None:
            fields = error.fields if isinstance(error, RefusedError) else ""
            assert SECRET not in f"{error!r} {error} {error.args!r} {fields}"
            assert SECRET not in repr(getattr(error, "request_info", ""))
            error = error.__cause__
        assert SECRET not in repr(client.attempts)
        assert SECRET not in repr(client.transport)


# a target that is gone


async def test_a_target_that_is_gone_is_waited_for_and_then_the_run_ends_resumably() -> None:
    async with fake_server(reply(200, {}), otherwise=reset()) as server, open_client(server.url, attempts=2) as client:
        told: list[str] = []
        client.transport.on_wait = told.append
        await get(client.transport)
        for number in range(2):  # one row or two may be what it chokes on
            with pytest.raises(TransientError):
                await get(client.transport, "companies", str(number))
        with pytest.raises(FatalTargetError, match="has not answered for"):
            await get(client.transport, "companies", "3")
        assert 180.0 <= client.clock.elapsed <= 250.0
        assert told
        assert "waiting up to 180 s" in told[0]
        assert 180.0 <= client.transport.counts.waited <= client.clock.elapsed


async def test_a_target_that_comes_back_is_gone_no_more() -> None:
    script = [reply(200, {}), *[reset()] * 9, reply(200, COMPANY), reply(200, {})]
    async with fake_server(*script) as server, open_client(server.url, attempts=2) as client:
        await get(client.transport)
        for number in range(2):
            with pytest.raises(TransientError):
                await get(client.transport, "companies", str(number))
        assert client.transport.counts.waited == 0.0
        assert (await get(client.transport, "companies", "3")).found
        assert client.transport.counts.waited == pytest.approx(client.clock.elapsed, abs=1.0)
        await get(client.transport)
        client.clock.advance(100.0)
        assert client.transport.counts.waited < 100.0


async def test_seconds_for_which_a_target_is_gone_and_wants_a_pause_count_once() -> None:
    closed = reply(503, {}, headers={"Retry-After": "30"})
    script = [reply(200, {}), *[closed] * 7, reply(200, COMPANY)]
    async with fake_server(*script, otherwise=reply(200, {})) as server, open_client(server.url, attempts=2) as client:
        await get(client.transport)
        for number in range(2):
            with pytest.raises(TransientError):
                await get(client.transport, "companies", str(number))
        assert (await get(client.transport, "companies", "3")).found
        assert client.clock.elapsed > 200.0
        assert client.transport.counts.waited == pytest.approx(client.clock.elapsed, abs=1.0)


async def test_a_huge_retry_after_is_capped_and_told() -> None:
    too_many = reply(429, {}, headers={"Retry-After": "999999"})
    async with fake_server(too_many, reply(200, {})) as server, open_client(server.url) as client:
        told: list[str] = []
        client.transport.on_wait = told.append
        await get(client.transport)
        assert client.clock.elapsed >= 3600.0
        assert "it said Retry-After: 999999" in told[0]
        assert client.transport.counts.waited == 3600.0
