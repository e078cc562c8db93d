"""Life cycle, tokens, throttle, statistics, storage, and requests that mean harm."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import logging
import sqlite3
from typing import TYPE_CHECKING

import aiohttp
import anyio
import pytest

from importer.sandbox import Behaviour, Fault, RequestRecord, SandboxOptions, Token, running_sandbox, server
from importer.sandbox.ledger import Ledger
from importer.sandbox.routes import Endpoint
from tests.sandbox.client import Client, opened

if TYPE_CHECKING:
    from pathlib import Path

    from anyio.abc import SocketStream


async def test_the_url_names_the_port_that_was_free(client: Client) -> None:
    assert client.sandbox.url.startswith("http://127.0.0.1:")
    assert client.sandbox.url.endswith("/api/v1")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])  # noqa: S104  # refused
async def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        async with running_sandbox(SandboxOptions(host=host)):
            raise AssertionError


async def test_a_taken_port_is_an_os_error(client: Client) -> None:
    port = int(client.sandbox.url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="in use"):
        async with running_sandbox(SandboxOptions(port=port)):
            raise AssertionError


async def test_two_sandboxes_live_in_one_loop() -> None:
    async with opened() as one, opened(SandboxOptions(host="localhost")) as two:
        await one.created()
        assert await two.sandbox.companies() == []


async def test_stopping_closes_connections_that_are_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_SHUTDOWN", 90.0)
    with anyio.fail_after(60):
        async with aiohttp.ClientSession(headers={"Accept": "application/json"}) as session:
            async with (
                running_sandbox(SandboxOptions()) as sandbox,
                session.get(f"{sandbox.url}/companies") as response,
            ):
                assert response.status == 401
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(f"{sandbox.url}/companies")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong", "Basic sandbox", "sandbox", "bearer sandbox", "BEARER sandbox", "Bearersandbox"],
)
async def test_a_token_that_is_not_known_is_401(client: Client, header: str) -> None:
    reply = await client.call("GET", "/companies", headers={"Authorization": header})
    assert (reply.status, reply.body) == (401, {"message": "Unauthenticated."})


async def test_a_scope_that_is_missing_is_403() -> None:
    tokens = {
        "reads": Token("a", frozenset({"contact-data:read"})),
        "writes": Token("b", frozenset({"contact-data:write"})),
    }
    async with opened(SandboxOptions(tokens=tokens)) as client:
        reads, writes = {"Authorization": "Bearer reads"}, {"Authorization": "Bearer writes"}
        created = await client.call("POST", "/companies", {"company_name": "x"}, headers=writes)
        assert created.status == 201
        assert (await client.call("GET", "/companies/1", headers=reads)).status == 200
        for method, path in (("POST", "/companies"), ("PATCH", "/companies/1"), ("DELETE", "/companies/1")):
            reply = await client.call(method, path, {}, headers=reads)
            assert (reply.status, reply.body) == (403, {"message": "Invalid scope(s) provided."})
        assert (await client.call("GET", "/companies", headers=writes)).status == 403


async def test_the_throttle_counts_a_token_in_windows_as_the_framework_does() -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    options = SandboxOptions(
        behaviour=Behaviour(throttle=2),
        tokens={"other": Token("o")},
        now=lambda: now,
        slug="s",
        token="t",  # noqa: S106  # of this sandbox
    )
    async with opened(options) as client:
        mine = {"Authorization": "Bearer t"}

        async def asked(path: str = "/companies") -> tuple[int, dict[str, str]]:
            reply = await client.call("GET", path, headers=mine)
            names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "Retry-After", "X-RateLimit-Reset")
            return reply.status, {name: reply.headers[name] for name in names if name in reply.headers}

        assert await asked() == (200, {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "1"})
        now += dt.timedelta(seconds=20)
        assert await asked("/companies/9") == (404, {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "0"})
        refused = await client.call("GET", "/companies", headers=mine)
        assert (refused.status, refused.body) == (429, {"message": "Too Many Attempts."})
        reset = str(int(dt.datetime(2026, 1, 1, 0, 1, tzinfo=dt.UTC).timestamp()))
        limited = {
            "X-RateLimit-Limit": "2",
            "X-RateLimit-Remaining": "0",
            "Retry-After": "40",
            "X-RateLimit-Reset": reset,
        }
        assert await asked() == (429, limited)
        assert (await asked("/nothing"))[1] == {}
        other = await client.call("GET", "/companies", headers={"Authorization": "Bearer other"})
        assert other.headers["X-RateLimit-Remaining"] == "1"
        assert "X-RateLimit-Limit" not in (await client.get("/companies")).headers
        now += dt.timedelta(seconds=40)
        assert (await asked())[0] == 200
        assert (await client.sandbox.stats())["throttled"] == 2


async def test_there_are_no_throttle_headers_by_default(client: Client) -> None:
    assert not any(name.startswith("X-RateLimit") for name in (await client.get("/companies")).headers)


async def test_statistics_count_requests_writes_and_companies(client: Client) -> None:
    await client.created(external_id="k1")
    await client.created()
    await client.create(external_id="k1")
    await client.get("/companies")
    await client.patch("/companies/1", phone="1")
    await client.call("PUT", "/companies/1/external-identifier", {"external_id": "k2"})
    await client.call("DELETE", "/companies/2")
    await client.call("DELETE", "/companies/1")
    await client.call("POST", "/companies/2/restore")
    await client.get("/nothing")
    root = client.sandbox.url.removesuffix("/api/v1")
    async with client.session.get(f"{root}/sandbox/stats") as response:
        stats = await response.json()
    assert stats == await client.sandbox.stats()
    assert stats == {
        "requests": {
            "POST /companies": 3,
            "GET /companies": 1,
            "PATCH /companies/{id}": 1,
            "PUT /companies/{id}/external-identifier": 1,
            "DELETE /companies/{id}": 2,
            "POST /companies/{id}/restore": 1,
            "GET other": 1,
        },
        "writes": {"create": 2, "update": 1, "external-identifier": 1, "delete": 2, "restore": 1},
        "companies": {"live": 1, "archived": 1},
        "duplicates": 0,
        "most_in_flight": 1,
        "throttled": 0,
        "faults_fired": 0,
    }
    assert (client.sandbox.creates("k1"), client.sandbox.creates("k2")) == (1, 0)


async def test_requests_are_remembered_with_what_was_asked() -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    async with opened(SandboxOptions(now=lambda: now)) as client:
        client.sandbox.set_faults(
            Fault(on="*", do="latency", ms=20), Fault(on="PATCH /companies/*", do="status", status=500)
        )
        await client.call("PATCH", "/companies/a%20b?find_by=external_id", {"phone": "1", "fax": "2"})
        (record,) = client.sandbox.requests
        assert record.seconds >= 0.02
        assert record == RequestRecord(
            method="PATCH",
            path="/companies/a b",
            query={"find_by": "external_id"},
            status=500,
            body_keys=("phone", "fax"),
            fault="status",
            latency=0.02,
            at=now,
            seconds=record.seconds,
        )


async def test_the_most_requests_in_flight_are_counted(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="*", do="latency", ms=100))
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(client.get, "/companies")
    assert (await client.sandbox.stats())["most_in_flight"] == 5


def test_creates_beyond_the_bound_are_not_guessed() -> None:
    ledger = Ledger(max_companies=2)
    for external_id in ("a", "b", "b", None):
        ledger.wrote(Endpoint.CREATE, external_id)
    assert [ledger.creates(external_id) for external_id in "abc"] == [1, 2, 0]
    ledger.wrote(Endpoint.CREATE, "c")
    assert ledger.creates("b") == 2
    with pytest.raises(LookupError, match="only the first 2 companies"):
        ledger.creates("c")


async def test_what_was_answered_is_there_after_a_restart(tmp_path: Path) -> None:
    options = SandboxOptions(data=tmp_path / "kanbert.db", clients=("Agency",))
    async with opened(options) as client:
        company = await client.created(external_id="k1", tags=["a"], client_id="1", address_invoice_country="NL")
        await client.created()
        await client.call("DELETE", "/companies/2")
    async with opened(options) as client:
        assert (await client.get("/companies/k1?find_by=external_id")).body == company
        assert [bool(stored["deleted_at"]) for stored in await client.sandbox.companies()] == [False, True]
        assert (await client.created())["id"] == "3"


async def test_an_answered_write_is_in_the_file_before_the_sandbox_stops(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    async with opened(SandboxOptions(data=path)) as client:
        await client.created(external_id="k1")
        copy = sqlite3.connect(path)
        assert copy.execute("SELECT external_id FROM companies").fetchall() == [("k1",)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert copy.execute("PRAGMA user_version").fetchone() == (2,)
        copy.close()


async def test_a_file_that_is_not_a_sandbox_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, and long enough to be read as the head of one " * 20, encoding="utf-8")
    foreign = tmp_path / "foreign.db"
    later = tmp_path / "later.db"
    for path, statement in ((foreign, "CREATE TABLE t (x)"), (later, "PRAGMA user_version = 99")):
        other = sqlite3.connect(path)
        other.execute(statement)
        other.commit()
        other.close()
    for path in (text, foreign, later):
        with pytest.raises(ValueError, match=path.name):
            async with running_sandbox(SandboxOptions(data=path)):
                raise AssertionError
    with pytest.raises(OSError, match="missing"):
        async with running_sandbox(SandboxOptions(data=tmp_path / "missing" / "x.db")):
            raise AssertionError


async def test_outside_the_api_a_404_names_it(client: Client) -> None:
    root = client.sandbox.url.removesuffix("/api/v1")
    for path in ("/log-in", "/company", "/sandbox", "/api/v2/companies"):
        async with client.session.get(root + path) as response:
            assert response.status == 404
            assert await response.json() == {"message": "Nothing is here: the API is at /api/v1."}
    assert client.sandbox.requests == []


async def test_a_large_body_is_413_whether_or_not_it_says_its_length(client: Client) -> None:
    large = b'{"company_name": "' + b"x" * 10_000_000 + b'"}'
    reply = await client.call("POST", "/companies", raw=large)
    assert (reply.status, reply.body) == (413, {"message": "The POST data is too large."})

    async def chunks() -> object:
        for start in range(0, len(large), 1_000_000):
            yield large[start : start + 1_000_000]

    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    async with client.session.post(f"{client.sandbox.url}/companies", data=chunks(), headers=headers) as response:
        assert response.status == 413
    bomb = gzip.compress(large)  # stays as small as it is: nothing is inflated
    packed = await client.call("POST", "/companies", raw=bomb, headers={"Content-Encoding": "gzip"})
    assert packed.status == 422
    assert (await client.create()).status == 201


async def raw(client: Client, data: bytes, *, cut: bool = False) -> bytes:
    port = int(client.sandbox.url.split(":")[2].split("/")[0])
    stream: SocketStream = await anyio.connect_tcp("127.0.0.1", port)
    answer = b""
    async with stream:
        await stream.send(data)
        if cut:
            await stream.send_eof()
        with anyio.move_on_after(60):
            try:
                while True:
                    answer += await stream.receive()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return answer
    raise AssertionError(answer)


AUTH = b"Host: x\r\nAccept: application/json\r\nAuthorization: Bearer sandbox\r\nContent-Type: application/json\r\n"
AUTH += b"Connection: close\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        pytest.param(b"GET /api/v1/companies/../companies HTTP/1.1\r\n" + AUTH + b"\r\n", (404,), id="dots"),
        pytest.param(b"GET /api/v1/companies/.. HTTP/1.1\r\n" + AUTH + b"\r\n", (404,), id="dots at the end"),
        pytest.param(b"GET /api/v1/companies/%2e%2e%2fx HTTP/1.1\r\n" + AUTH + b"\r\n", (404,), id="encoded dots"),
        pytest.param(b"GET /api/v1/companies/%00 HTTP/1.1\r\n" + AUTH + b"\r\n", (404,), id="encoded NUL"),
        pytest.param(b"GET /api/v1/companies/%ff%fe HTTP/1.1\r\n" + AUTH + b"\r\n", (404,), id="not UTF-8"),
        pytest.param(b"GET /api/v1/companies/\x00 HTTP/1.1\r\n" + AUTH + b"\r\n", (400,), id="NUL"),
        pytest.param(b"GET /api/v1/companies/\xff HTTP/1.1\r\n" + AUTH + b"\r\n", (400,), id="raw bytes"),
        pytest.param(b"GET http://x/api/v1/companies HTTP/1.1\r\n" + AUTH + b"\r\n", (200,), id="absolute form"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\n" + AUTH + b"\r\n", (400, 403), id="asterisk form"),
        pytest.param(b"CONNECT x:80 HTTP/1.1\r\n" + AUTH + b"\r\n", (400, 403), id="authority form"),
        pytest.param(b"BREW /api/v1/companies HTTP/1.1\r\n" + AUTH + b"\r\n", (400, 405), id="unknown method"),
        pytest.param(b"\x16\x03\x01\x02\x00", (400,), id="TLS"),
        pytest.param(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", (400,), id="long line"),
        pytest.param(
            b"POST /api/v1/companies HTTP/1.1\r\n" + AUTH + b"Content-Length: x\r\n\r\n", (400,), id="bad length"
        ),
        pytest.param(
            b"POST /api/v1/companies HTTP/1.1\r\n" + AUTH + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            (400,),
            id="bad chunk",
        ),
        pytest.param(
            b"POST /api/v1/companies HTTP/1.1\r\n" + AUTH + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
            (400, 422),
            id="bad gzip",
        ),
        pytest.param(
            b"POST /api/v1/companies HTTP/1.1\r\n" + AUTH + b"Content-Length: 14\r\n\r\n" + b'{"a":"\x00\xff\xfe\\u0"}',
            (422,),
            id="bytes in JSON",
        ),
        pytest.param(b"POST /api/v1/companies HTTP/1.1\r\n" + AUTH + b"Content-Length: 99\r\n\r\n{", (), id="cut body"),
    ],
)
async def test_a_hostile_request_is_answered_without_a_traceback(
    client: Client, caplog: pytest.LogCaptureFixture, request_bytes: bytes, statuses: tuple[int, ...]
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await raw(client, request_bytes, cut=not statuses)
    if statuses:
        assert int(answer.split(b" ")[1]) in statuses, answer
    assert caplog.records == []
    assert (await client.get("/companies")).status == 200


async def test_text_with_nul_bytes_is_kept_as_it_is(client: Client) -> None:
    company = await client.created(external_id="a\x00b", company_name="x\x00y\u2028\U0010ffff")
    assert (company["external_id"], company["company_name"]) == ("a\x00b", "x\x00y\u2028\U0010ffff")
    assert (await client.get("/companies/a%00b?find_by=external_id")).body == company
    assert (await client.create(external_id="a\x00b")).status == 422


async def test_sql_in_values_stays_text(client: Client) -> None:
    text = "'; DROP TABLE companies; --"
    company = await client.created(external_id=text, company_name=text, custom_fields={text: 1}, tags=[text])
    assert company["company_name"] == text
    body = json.dumps([{"field": f"custom_fields.{text}", "op": "eq", "value": text}])
    assert (await client.get(f"/companies?filter={body}".replace(" ", "%20").replace('"', "%22"))).status == 400
    assert len(await client.sandbox.companies()) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Host": "evil.example", "Accept-Language": "en"}, 403, id="a browser under another name"),
        pytest.param(
            {"Host": "localhost:1", "Accept-Language": "en"}, 200, id="a browser under a name of this machine"
        ),
        pytest.param({"Host": "evil.example", "Sec-Fetch-Mode": "cors"}, 403, id="a browser that tells no language"),
        pytest.param({"Host": "evil.example", "sec-fetch-site": "none"}, 403, id="as HTTP/2 spells it"),
        pytest.param({"Host": "[::1]:8090", "Sec-Fetch-Dest": "empty"}, 200, id="a browser under an address of it"),
        pytest.param({"Host": "kanbert"}, 200, id="a program behind a proxy"),
    ],
)
async def test_no_other_site_reads_the_api_through_a_browser(
    client: Client, headers: dict[str, str], status: int
) -> None:
    assert (await client.call("GET", "/companies", headers=headers)).status == status
