"""No other site may look in or press a button, and no program notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.pages.visiting import Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PLACES = [
    pytest.param("GET", "/", id="a-page"),
    pytest.param("GET", "/static/style.css", id="the-stylesheet"),
    pytest.param("POST", "/faults/clear", id="a-form"),
    pytest.param("GET", "/sandbox/stats", id="counts"),
    pytest.param("POST", "/sandbox/faults", id="the-fault-script"),
]
CHANGES = [
    pytest.param("/faults/clear", 303, id="a-form"),
    pytest.param("/sandbox/faults", 200, id="the-fault-script"),
]
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def visitor() -> AsyncIterator[Visitor]:
    """One for all: nothing here depends on what is stored."""
    async with visiting() as visitor:
        yield visitor


@pytest.mark.parametrize(("method", "path"), PLACES)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "evil.example:8080",
        "127.0.0.1@evil.example",
        "evil.example@127.0.0.1",
        "localhost:80x",
        "0.0.0.0",  # noqa: S104  # refused
        "192.168.1.5",
        "[::2]",
    ],
)
async def test_a_name_that_is_not_this_machines_is_a_403(visitor: Visitor, method: str, path: str, host: str) -> None:
    reply = await visitor.ask(method, path, data=b"", headers={"Host": host, **_FORM})
    assert reply.status == 403
    assert "name of this machine only" in reply.text
    assert "<html" not in reply.text


@pytest.mark.parametrize(("method", "path"), PLACES)
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.8.9.10:8090", "[::1]", "[::1]:8090"])
async def test_every_name_of_this_machine_is_answered(visitor: Visitor, method: str, path: str, host: str) -> None:
    reply = await visitor.ask(method, path, data=b"", headers={"Host": host, **_FORM})
    assert reply.status in (200, 303)


@pytest.mark.parametrize(("path", "status"), CHANGES)
@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        pytest.param({}, True, id="a-program"),
        pytest.param({"Sec-Fetch-Site": "none"}, True, id="typed-by-a-person"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, True, id="own-page-without-origin"),
        pytest.param({"Origin": "http://127.0.0.1:8090"}, True, id="own-page"),
        pytest.param({"Origin": "HTTP://127.0.0.1:8090"}, True, id="own-page-in-capitals"),
        pytest.param({"Referer": "http://127.0.0.1:8090/faults"}, True, id="own-page-by-referer"),
        pytest.param({"Origin": "http://127.0.0.1:8090", "Referer": "http://evil.example/"}, True, id="origin-decides"),
        pytest.param({"Origin": "http://evil.example"}, False, id="another-site"),
        pytest.param(
            {"Origin": "http://evil.example", "Referer": "http://127.0.0.1:8090/"}, False, id="forged-referer"
        ),
        pytest.param({"Origin": "http://127.0.0.1:9999"}, False, id="another-server-of-this-machine"),
        pytest.param({"Origin": "http://localhost:8090"}, False, id="the-other-name-of-this-machine"),
        pytest.param({"Origin": "null"}, False, id="a-sandboxed-frame"),
        pytest.param({"Origin": "http://[::1"}, False, id="not-an-origin"),
        pytest.param({"Origin": "ftp://127.0.0.1:8090"}, False, id="another-scheme"),
        pytest.param({"Referer": "http://evil.example/127.0.0.1:8090"}, False, id="another-site-by-referer"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, False, id="another-site-without-origin"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, False, id="another-port-without-origin"),
    ],
)
async def test_a_change_comes_from_the_own_pages_or_from_a_program(
    visitor: Visitor, path: str, status: int, headers: dict[str, str], is_ours: bool
) -> None:
    reply = await visitor.ask("POST", path, data=b"", headers={"Host": "127.0.0.1:8090", **_FORM, **headers})
    assert reply.status == (status if is_ours else 403)
    assert ("Another site asked for this" in reply.text) is not is_ours


async def test_a_refused_form_changes_nothing(visitor: Visitor) -> None:
    script = 'faults: [{on: "*", do: hang}]'
    reply = await visitor.send("/faults", {"script": script}, headers={"Origin": "http://evil.example"})
    assert reply.status == 403
    assert (await visitor.client.get("/companies")).status == 200


async def test_the_api_is_the_same_under_any_name_and_from_any_origin(visitor: Visitor) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert (await visitor.client.call("POST", "/companies", {"company_name": "ACME"}, headers=headers)).status == 201


async def test_a_refusal_is_json_for_a_program(visitor: Visitor) -> None:
    reply = await visitor.ask("GET", "/companies", headers={"Host": "evil.example", "Accept": "*/*"})
    assert reply.status == 403
    assert "name of this machine only" in reply.body["message"]
