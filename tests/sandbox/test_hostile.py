"""Clients that mean harm, or do not speak HTTP: each is refused or cut off, and the next one is served."""

from __future__ import annotations

import gzip
import logging
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import given, strategies as st

from importer.sandbox import SandboxOptions
from tests.sandbox.client import opened
from tests.sandbox.raw import (
    AUTH,
    BODY,
    CLOSE,
    GET,
    POST,
    UNSIGNED,
    chunked,
    connected,
    get,
    post,
    rest,
    said,
    statuses,
    with_headers,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.sandbox.client import Client

MEGABYTE = 1_000_000
_CHUNK = b"%x\r\n%b\r\n" % (len(BODY), BODY)
_ENCODED = b"Transfer-Encoding: chunked\r\n"
_HIGH = bytes(range(0x80, 0x100))


@pytest.fixture(autouse=True)
async def _afterwards_all_is_well(client: Client, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Whatever was sent: the next client is answered, nobody is told of a fault, and what is stored is whole."""
    caplog.set_level(logging.WARNING)
    yield
    listed = await client.get("/companies")
    assert listed.status == 200
    assert {company["company_name"] for company in listed.body["data"]} <= {"ACME"}
    told = [record.getMessage() for phase in ("setup", "call") for record in caplog.get_records(phase)]
    assert told + [record.getMessage() for record in caplog.records] == []  # which by now are those of the teardown


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="http-2-preface"),
        pytest.param(b"GET /api/v1/companies HTTP/9.9\r\n" + AUTH + CLOSE + b"\r\n", id="http-9.9"),
        pytest.param(b"GET /api/v1/companies HTTP/1.1 HTTP/1.1\r\n" + AUTH + b"\r\n", id="version-twice"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="tls"),
        pytest.param(b"\x00" * 100, id="nul-bytes"),
        pytest.param(bytes(range(0x80, 0x100)) * 40, id="garbage"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="ssh"),
        pytest.param(b"EHLO x\r\n", id="smtp"),
        pytest.param(b" GET /api/v1/companies HTTP/1.1\r\n" + AUTH + b"\r\n", id="leading-space"),
        pytest.param(b"G\x00T /api/v1/companies HTTP/1.1\r\n" + AUTH + b"\r\n", id="nul-in-method"),
        pytest.param(b"get /api/v1/companies HTTP/1.1\r\n" + AUTH + CLOSE + b"\r\n", id="small-letters"),
        pytest.param(b"A" * 100_000 + b" /api/v1/companies HTTP/1.1\r\n\r\n", id="long-method"),
        pytest.param(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", id="long-path"),
        pytest.param(get(b"/api/v1/companies?filter=" + b"x" * MEGABYTE), id="long-query"),
        pytest.param(GET + b"X: " + b"x" * 100_000 + b"\r\n\r\n", id="long-header"),
        pytest.param(GET + b"x" * 100_000 + b": 1\r\n\r\n", id="long-header-name"),
        pytest.param(GET + b"".join(b"X-%d: 1\r\n" % n for n in range(10_000)) + b"\r\n", id="many-headers"),
        pytest.param(GET + b"X: 1\r\n" * 10_000 + b"\r\n", id="one-header-often"),
        pytest.param(GET + b"No colon\r\n\r\n", id="header-without-colon"),
        pytest.param(GET + b": no name\r\n\r\n", id="header-without-name"),
        pytest.param(GET + b"X : space\r\n\r\n", id="space-before-colon"),
        pytest.param(GET + b"X: a\x00b\r\n\r\n", id="nul-in-header"),
        pytest.param(GET + b"X: a\rb\r\n\r\n", id="return-in-header"),
        pytest.param(GET + b"X: a\r\n folded\r\n\r\n", id="folded-header"),
        pytest.param(GET + b"Host: y\r\n\r\n", id="two-hosts"),
    ],
)
async def test_what_is_not_http_is_a_400(client: Client, request_bytes: bytes) -> None:
    assert statuses(await said(client.sandbox, request_bytes)) == [400]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"GET /\r\n\r\n", 403, id="http-0.9-has-no-host"),
        pytest.param(b"GET  /api/v1/companies  HTTP/1.1\r\n" + AUTH + CLOSE + b"\r\n", 200, id="two-spaces"),
        pytest.param(b"GET /api/v1/companies HTTP/1.0\r\n" + AUTH + b"\r\n", 200, id="http-1.0"),
        pytest.param(GET + CLOSE + b"X: " + _HIGH + b"\r\n\r\n", 200, id="not-utf-8-in-a-header"),
        pytest.param(GET + CLOSE + b"Authorization: Bearer " + _HIGH + b"\r\n\r\n", 200, id="a-second-token"),
        pytest.param(UNSIGNED + b"Authorization: Bearer " + _HIGH + b"\r\n\r\n", 401, id="not-utf-8-in-the-token"),
        pytest.param(UNSIGNED + b"Authorization: Bearer\r\n\r\n", 401, id="no-token"),
        pytest.param(UNSIGNED + b"Authorization: " + b"Bearer " * 500 + b"\r\n\r\n", 401, id="a-long-token"),
        pytest.param(b"get" + GET[3:] + CLOSE + b"\r\n", 400, id="a-method-in-small-letters"),
        pytest.param(b"BREW" + GET[3:] + CLOSE + b"\r\n", 400, id="a-method-that-http-does-not-know"),
        pytest.param(b"TRACE" + GET[3:] + CLOSE + b"\r\n", 405, id="trace"),
        pytest.param(b"CONNECT x:80 HTTP/1.1\r\n" + AUTH + CLOSE + b"\r\n", 405, id="connect"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\n" + AUTH + CLOSE + b"\r\n", 404, id="options"),
    ],
)
async def test_what_is_odd_http_is_answered(client: Client, request_bytes: bytes, status: int) -> None:
    assert statuses(await said(client.sandbox, request_bytes)) == [status]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        pytest.param(b"/api/v1/companies/../companies", 404, id="dots"),
        pytest.param(b"/api/v1/../../etc/passwd", 404, id="dots-to-the-top"),
        pytest.param(b"/api/v1/companies/%2e%2e", 404, id="encoded-dots"),
        pytest.param(b"/api/v1/companies/%2e%2e%2fcompanies", 404, id="encoded-dots-and-slash"),
        pytest.param(b"/api/v1/companies/%252e%252e", 404, id="dots-encoded-twice"),
        pytest.param(b"/api/v1/companies/..%5c..", 404, id="backslash"),
        pytest.param(b"//api/v1/companies", 404, id="two-slashes-in-front"),
        pytest.param(b"/api/v1/companies//", 200, id="two-slashes-behind"),
        pytest.param(b"/api//v1/companies", 404, id="two-slashes-between"),
        pytest.param(b"/api/v1/companies//1", 404, id="an-empty-id"),
        pytest.param(b"/api/v1/companies/%00", 404, id="encoded-nul"),
        pytest.param(b"/api/v1/companies/1%00", 404, id="nul-behind-an-id"),
        pytest.param(b"/api/v1/companies/%2F", 404, id="an-encoded-slash-is-a-slash"),
        pytest.param(b"/api/v1/companies/a%2Fb", 404, id="encoded-slash-in-an-id"),
        pytest.param(b"/api/v1/companies/%ff%fe", 404, id="not-utf-8"),
        pytest.param(b"/api/v1/companies/%", 404, id="a-lone-percent"),
        pytest.param(b"/api/v1/companies/%zz", 404, id="percent-without-hex"),
        pytest.param(b"/api/v1/companies/" + b"9" * 400, 404, id="a-very-large-id"),
        pytest.param(b"/api/v1/companies/-1", 404, id="a-negative-id"),
        pytest.param(b"/api/v1/companies/%D9%A1", 404, id="an-arabic-digit"),
        pytest.param(b"/api/v1/companies/1;x=1", 404, id="a-path-parameter"),
        pytest.param(b"/api/v1/companies?%00=%00&%ff[%fe]=%fd", 200, id="nul-and-bytes-in-the-query"),
        pytest.param(b"/api/v1/companies?" + b"a[b]" + b"[c]" * 500 + b"=1", 200, id="a-deep-query"),
        pytest.param(b"/api/v1/companies?" + b"&".join(b"%d=" % n for n in range(1200)), 200, id="many-parameters"),
        pytest.param(b"/api/v1/companies?filter=" + b"[" * 6000, 400, id="a-deep-filter"),
        pytest.param(b"/api/v1/companies?filter=" + b"(" * 6000, 400, id="a-deep-filter-in-words"),
        pytest.param(b"/api/v1/companies?page[size]=" + b"9" * 6000, 200, id="a-very-large-page"),
        pytest.param(b"/api/v1/companies?page[cursor]=" + b"A" * 6000, 200, id="a-cursor-of-nothing"),
        pytest.param(b"/api/v1/companies?page=1&page[]=2&page[size][x]=3", 200, id="a-page-of-other-shapes"),
        pytest.param(b"/api/v1/companies?sort[]=a", 400, id="a-list-for-a-sort"),
        pytest.param(b"/api/v1/companies?include[]=contacts&find_by[]=c&origin[]=d", 200, id="lists-for-words"),
        pytest.param(b"/api/v1/companies?include[][][]=contacts", 400, id="lists-in-lists-for-words"),
        pytest.param(b"http://", 400, id="absolute-form-of-nothing"),
        pytest.param(b"http://x/api/v1/companies", 200, id="absolute-form"),
        pytest.param(b"http://other.example:1/api/v1/companies", 200, id="absolute-form-of-another-host"),
        pytest.param(b"http://[::1/api/v1/companies", 400, id="absolute-form-that-is-broken"),
        pytest.param(b"x:80", 400, id="authority-form"),
        pytest.param(b"*", 400, id="asterisk"),
        pytest.param(b"?", 400, id="a-query-alone"),
        pytest.param(b"/api/v1/companies#fragment", 200, id="a-fragment"),
    ],
)
async def test_a_target_that_means_harm_finds_nothing(client: Client, target: bytes, status: int) -> None:
    assert statuses(await said(client.sandbox, get(target))) == [status]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(with_headers(b"Content-Length: -1"), 400, id="negative-length"),
        pytest.param(with_headers(b"Content-Length: +24", body=BODY), 400, id="signed-length"),
        pytest.param(with_headers(b"Content-Length: 0x18", body=BODY), 400, id="length-in-hex"),
        pytest.param(with_headers(b"Content-Length: 2 4", body=BODY), 400, id="two-lengths-in-one"),
        pytest.param(with_headers(b"Content-Length: " + b"9" * 40), 400, id="a-length-of-40-digits"),
        pytest.param(with_headers(b"Content-Length: 24", b"Content-Length: 24", body=BODY), 400, id="length-twice"),
        pytest.param(with_headers(b"Content-Length: 2", b"Content-Length: 24", body=BODY), 400, id="two-lengths"),
        pytest.param(chunked(_CHUNK + b"0\r\n\r\n", b"Content-Length: 24"), 400, id="chunked-and-a-length"),
        pytest.param(with_headers(b"Transfer-Encoding: chunked, identity", body=_CHUNK), 400, id="chunked-not-last"),
        pytest.param(with_headers(b"Transfer-Encoding: xchunked", body=_CHUNK), 400, id="another-encoding"),
        pytest.param(chunked(b"zz\r\n{}\r\n0\r\n\r\n"), 400, id="a-chunk-size-that-is-not-hex"),
        pytest.param(chunked(b"-2\r\n{}\r\n0\r\n\r\n"), 400, id="a-negative-chunk"),
        pytest.param(chunked(b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n"), 400, id="a-chunk-of-40-digits"),
        pytest.param(chunked(b"1\r\n{}\r\n0\r\n\r\n"), 400, id="a-chunk-longer-than-it-says"),
        pytest.param(chunked(b"2\r\n{}0\r\n\r\n"), 400, id="a-chunk-without-an-end"),
        pytest.param(chunked(_CHUNK + b"0\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n"), 400, id="a-long-trailer"),
        pytest.param(chunked(b"2;" + b"x" * 100_000 + b"\r\n{}\r\n0\r\n\r\n"), 422, id="a-long-chunk-extension"),
        pytest.param(post(b'{"company_name": "' + b"x" * 10 * MEGABYTE + b'"}'), 413, id="10-megabytes"),
        pytest.param(post(gzip.compress(b" " * 10 * MEGABYTE), b"Content-Encoding: gzip"), 422, id="a-gzip-bomb"),
        pytest.param(post(b"abcd", b"Content-Encoding: gzip"), 422, id="not-gzip"),
        pytest.param(post(b"abcd", b"Content-Encoding: deflate"), 422, id="not-deflate"),
        pytest.param(post(BODY, b"Content-Encoding: x-unknown"), 201, id="an-unknown-coding-is-not-looked-at"),
        pytest.param(post(b"[" * 100_000), 422, id="deep-list"),
        pytest.param(post(b"[" * 100_000 + b"]" * 100_000), 422, id="deep-list-that-ends"),
        pytest.param(post(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), 422, id="deep-object"),
        pytest.param(post(b'{"company_name":' + b"9" * 100_000 + b"}"), 422, id="a-number-of-100000-digits"),
        pytest.param(post(b'{"company_name": 1e400}'), 422, id="an-infinite-number"),
        pytest.param(post(b'{"company_name": NaN}'), 422, id="not-a-number"),
        pytest.param(post(b'{"company_name": "\xff"}'), 422, id="not-utf-8"),
        pytest.param(post(b'{"company_name": "\\ud800"}'), 422, id="a-lone-surrogate"),
        pytest.param(post(b"\xef\xbb\xbf" + BODY), 422, id="a-byte-order-mark"),
        pytest.param(post(BODY.decode().encode("utf-16")), 422, id="utf-16"),
        pytest.param(post(b"\x00" + BODY), 422, id="nul-before"),
        pytest.param(post(b'{"company_name": ["a"], "tags": {"x": {"y": []}}, "taxation": {}}'), 422, id="shapes"),
        pytest.param(post(b'{"' + b"k" * MEGABYTE + b'": 1}'), 422, id="a-long-key"),
        pytest.param(post(b"{" + b",".join(b'"k%d":1' % n for n in range(100_000)) + b"}"), 422, id="many-keys"),
        pytest.param(post(b'{"tags": [' + b"1," * 100_000 + b"1]}"), 422, id="many-errors"),
    ],
)
async def test_a_body_that_means_harm_is_refused(client: Client, request_bytes: bytes, status: int) -> None:
    assert statuses(await said(client.sandbox, request_bytes)) == [status]
    assert len(await client.sandbox.companies()) == (status == 201)


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET", id="half-a-line"),
        pytest.param(b"GET /\r\n", id="a-line-of-http-0.9"),
        pytest.param(GET, id="half-a-head"),
        pytest.param(POST + b"Content-Length: 24\r\n\r\n", id="no-body"),
        pytest.param(POST + b"Content-Length: 24\r\n\r\n" + BODY[:-1], id="all-but-the-last-byte"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n" + _CHUNK, id="no-last-chunk"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n" + _CHUNK[:9], id="half-a-chunk"),
    ],
)
async def test_a_request_that_breaks_off_changes_nothing(client: Client, request_bytes: bytes) -> None:
    assert set(statuses(await said(client.sandbox, request_bytes, ends=True))) <= {400}
    assert await client.sandbox.companies() == []


async def test_clients_that_leave_before_the_answer_have_created_all_or_nothing(tmp_path: Path) -> None:
    data = tmp_path / "kanbert.db"
    async with opened(SandboxOptions(data=data)) as client:
        for _ in range(50):
            async with await connected(client.sandbox) as stream:
                await stream.send(POST + b"Content-Length: 24\r\n\r\n" + BODY)
    stored = sqlite3.connect(data)
    names = stored.execute("SELECT id, company_name FROM companies ORDER BY id").fetchall()
    created = stored.execute("SELECT company_id, 'ACME' FROM company_changes ORDER BY id").fetchall()
    stored.close()
    assert names == created
    assert names


async def test_requests_in_one_packet_are_answered_in_their_order(client: Client) -> None:
    create = POST + b"Content-Length: 24\r\n\r\n" + BODY
    show = [b"GET /api/v1/companies/%d HTTP/1.1\r\n" % n + AUTH for n in (1, 2)]
    answer = await said(client.sandbox, create + show[0] + b"\r\n" + show[1] + CLOSE + b"\r\n")
    assert statuses(answer) == [201, 200, 404]


async def test_what_follows_a_broken_request_in_one_packet_is_not_read(client: Client) -> None:
    create = POST + CLOSE + b"Content-Length: 24\r\n\r\n" + BODY
    assert statuses(await said(client.sandbox, with_headers(b"Content-Length: -1") + create)) == [400]
    assert await client.sandbox.companies() == []


async def test_a_thousand_requests_in_one_packet_are_answered(client: Client) -> None:
    many = (b"GET /api/v1/companies/1 HTTP/1.1\r\n" + AUTH + b"\r\n") * 1000
    assert statuses(await said(client.sandbox, many + get(b"/api/v1/companies"))) == [404] * 1000 + [200]


async def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(client: Client) -> None:
    async with await connected(client.sandbox) as stream:
        await stream.send(POST + CLOSE + b"Expect: 100-continue\r\nContent-Length: 24\r\n\r\n")
        with anyio.fail_after(60):
            assert statuses(await stream.receive()) == [100]
        await stream.send(BODY)
        assert statuses(await rest(stream)) == [201]


@pytest.mark.parametrize("expects", [b"", b"Expect: 100-continue\r\n"])
async def test_a_client_that_announces_too_much_is_refused_at_once(client: Client, expects: bytes) -> None:
    async with await connected(client.sandbox) as stream:
        await stream.send(POST + CLOSE + expects + b"Content-Length: 9000000000\r\n\r\n")
        with anyio.fail_after(60):
            assert statuses(await stream.receive()) == [413]


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c", b"TLS/1.3"])
async def test_an_upgrade_is_not_taken(client: Client, protocol: bytes) -> None:
    upgrade = b"Upgrade: " + protocol + b"\r\nHTTP2-Settings: AAMAAABk\r\n"
    answer = await said(client.sandbox, GET + upgrade + b"Connection: Upgrade, close\r\n\r\n")
    assert statuses(answer) == [200]


async def test_clients_that_stop_in_the_middle_hold_nobody_up() -> None:
    """A hundred, half of which drip a byte at a time; others are answered, and the sandbox ends."""
    async with opened() as client:
        streams = [await connected(client.sandbox) for _ in range(100)]
        for stream, start in zip(streams, [GET, POST + b"Content-Length: 24\r\n\r\n{"] * 50, strict=True):
            await stream.send(start)
        for byte in BODY[1:11]:
            for stream in streams[1::2]:
                await stream.send(bytes([byte]))
            assert (await client.create()).status == 201
        assert len(await client.sandbox.companies()) == 10
        told_to_end = anyio.current_time()
    assert anyio.current_time() - told_to_end < 5
    for stream in streams:
        assert set(statuses(await rest(stream))) <= {400}
        await stream.aclose()


_PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([GET, POST, POST + b"Content-Length: 24\r\n\r\n" + BODY, POST + _ENCODED + b"\r\n" + _CHUNK]),
    st.sampled_from(
        [AUTH, CLOSE, b"Content-Length: 24\r\n", _ENCODED, b"\r\n", b"\r\n\r\n", BODY, _CHUNK, b"0\r\n\r\n"]
    ),
)


@given(st.lists(_PIECES, max_size=12).map(b"".join))
async def test_any_bytes_get_an_answer_below_500_or_none(request_bytes: bytes) -> None:
    """A whole request comes after them, so that most of what can be answered is; what still waits is broken off."""
    async with opened() as client, await connected(client.sandbox) as stream:
        answer = b""
        with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
            await stream.send(request_bytes + get(b"/api/v1/companies"))
            with anyio.move_on_after(0.1):
                while True:
                    answer += await stream.receive()
            await stream.send_eof()
            answer += await rest(stream)
        assert all(status < 500 for status in statuses(answer)), answer
        assert all(company["company_name"] == "ACME" for company in await client.sandbox.companies())
        assert (await client.get("/companies")).status == 200
