"""A full disk, a slow question, a large body, a log that grows: each costs the one who causes it, and nobody else."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given, strategies as st

from importer.sandbox import Behaviour, Fault, SandboxOptions
from importer.sandbox.ledger import few, flat
from importer.sandbox.wire.inputs import query_input
from tests.sandbox.client import Client, Reply, opened
from tests.sandbox.raw import AUTH, POST, connected, rest, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.sandbox.exchange import Exchanges

_SERVER_ERROR = {"message": "Server Error"}
_LARGE = json.dumps({"company_name": "large", "unknown": "x" * 100_000}).encode()


def _exchanges(client: Client) -> Exchanges:
    return client.sandbox._exchanges


async def _fill_disk(client: Client, *, full: bool = True) -> None:
    """Let the file grow no further, or again."""

    def bound(db: sqlite3.Connection) -> None:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages if full else 2**30}")

    await _exchanges(client).store.run(bound)


def _large_company(number: int) -> dict[str, object]:
    """One that finds no room in pages that are there already."""
    return {"company_name": f"c{number}", "custom_fields": {"note": "x" * 20_000}}


@pytest.fixture
async def full(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.WARNING)
    behaviour = Behaviour(unknown_custom_field="store")
    async with opened(SandboxOptions(data=tmp_path / "kanbert.db", behaviour=behaviour)) as client:
        await client.created(**_large_company(0))
        await _fill_disk(client)
        yield client


async def _page(client: Client, method: str, path: str, data: Any = None) -> Reply:
    headers = {"Accept": "text/html"}
    async with client.session.request(method, client.sandbox.pages + path, headers=headers, data=data) as response:
        return Reply(response.status, response.headers, await response.text())


async def test_on_a_full_disk_writes_are_500_and_reads_go_on(full: Client, caplog: pytest.LogCaptureFixture) -> None:
    refused = await full.create(**_large_company(1))
    assert (refused.status, refused.body) == (500, _SERVER_ERROR)
    assert (await full.get("/companies")).status == 200
    assert [(record.method, record.status) for record in full.sandbox.requests] == [
        ("POST", 201),
        ("POST", 500),
        ("GET", 200),
    ]
    assert (await full.sandbox.stats())["writes"] == {"create": 1}
    (told,) = caplog.records
    assert told.exc_info is None
    assert "cannot be used: database or disk is full" in told.getMessage()
    await _fill_disk(full, full=False)
    assert (await full.create(**_large_company(2))).status == 201
    assert [company["company_name"] for company in await full.sandbox.companies()] == ["c0", "c2"]


async def test_on_a_full_disk_who_asks_for_no_json_gets_a_page(full: Client) -> None:
    body = json.dumps(_large_company(1)).encode()
    reply = await full.call("POST", "/companies", raw=body, headers={"Accept": "text/html"})
    assert (reply.status, reply.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "Server Error" in reply.text


async def test_on_a_full_disk_pages_and_controls_say_so(full: Client) -> None:
    hook = {"url": "http://127.0.0.1:9/" + "x" * 1900, "secret": "s"}
    replies: list[tuple[int, Any]] = []
    for _ in range(10):  # the first ones find room in pages that the file has already
        async with full.session.post(f"{full.sandbox.pages}sandbox/webhooks", json=hook) as response:
            replies.append((response.status, await response.json()))
    assert replies[-1] == (500, _SERVER_ERROR)
    pressed = await _page(full, "POST", "webhooks", {**hook, "company:create": "on"})
    assert (pressed.status, "Server Error" in pressed.text) == (500, True)
    assert (await _page(full, "GET", "webhooks")).status == 200


async def test_whatever_faults_there_are_a_store_that_cannot_be_read_is_a_500(tmp_path: Path) -> None:
    data = tmp_path / "kanbert.db"
    async with opened(SandboxOptions(data=data, behaviour=Behaviour(race="accept"))) as client:
        other = sqlite3.connect(data)
        other.execute("ALTER TABLE companies RENAME TO gone")
        other.commit()
        client.sandbox.set_faults(Fault("*", "created_meanwhile", external_id="k1"), Fault("*", "latency", ms=1))
        assert (await client.create(external_id="k1")).body == _SERVER_ERROR
        assert (await client.get("/companies/1")).body == _SERVER_ERROR
        page = await _page(client, "GET", "companies")
        assert (page.status, "Server Error" in page.text) == (500, True)
        async with client.session.get(f"{client.sandbox.pages}sandbox/stats") as response:
            assert (response.status, await response.json()) == (500, _SERVER_ERROR)
        assert [(record.status, record.fault) for record in client.sandbox.requests] == [
            (500, "created_meanwhile"),
            (500, None),
        ]
        other.execute("ALTER TABLE gone RENAME TO companies")
        other.commit()
        other.close()
        assert await client.sandbox.companies() == []


async def test_a_question_that_takes_too_long_is_broken_off(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(50):
        await client.created(external_id=str(number), tags=["a"])
    _exchanges(client).budget = -1.0
    slow = await client.get("/companies?sort=-company_name")
    assert (slow.status, slow.body) == (500, _SERVER_ERROR)
    assert (await _page(client, "GET", "companies?q=x")).status == 500
    assert all("broken off" in record.getMessage() and record.exc_info is None for record in caplog.records)
    assert len(await client.sandbox.companies()) == 50
    assert (await client.sandbox.stats())["companies"]["live"] == 50
    _exchanges(client).budget = 10.0
    assert (await client.get("/companies?sort=-company_name")).status == 200


async def _patched(client: Client, **fields: object) -> Reply:
    return await client.patch("/companies/1", **fields)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        pytest.param({"tags": [str(n) for n in range(1000)]}, {}, id="1000-tags"),
        pytest.param(
            {"tags": [1] * 1001}, {"tags": ["The tags field must not have more than 1000 items."]}, id="1001-tags"
        ),
        pytest.param(
            {"tags": {str(n): "a" for n in range(1001)}},
            {"tags": ["The tags field must not have more than 1000 items."]},
            id="1001-tags-by-name",
        ),
        pytest.param(
            {"custom_fields": {str(n): [] for n in range(1001)}},
            {"custom_fields": ["The custom fields field must not have more than 1000 items."]},
            id="1001-custom-fields",
        ),
        pytest.param({"custom_fields": {"a": "x" * 65_535}}, {}, id="a-long-text"),
        pytest.param(
            {"custom_fields": {"a": "x" * 65_536, "b": 1}},
            {"custom_fields.a": ["The custom fields.a field must not be greater than 65535 characters."]},
            id="too-long-a-text",
        ),
    ],
)
async def test_a_request_names_a_thousand_tags_or_custom_fields_at_most(
    client: Client, fields: dict[str, object], errors: dict[str, list[str]]
) -> None:
    await client.created()
    for reply in (await _patched(client, **fields), await client.create(**fields)):
        assert (reply.status, reply.body.get("errors", {})) == (422 if errors else reply.status, errors)
        assert errors or reply.status in (200, 201)


async def test_a_company_has_a_thousand_tags_or_custom_fields_at_most() -> None:
    behaviour = Behaviour(tags_on_patch="add", unknown_custom_field="store")
    async with opened(SandboxOptions(behaviour=behaviour)) as client:
        await client.created(tags=[f"a{n}" for n in range(600)], custom_fields={f"a{n}": n for n in range(600)})
        assert (await _patched(client, tags=[f"a{n}" for n in range(1000)])).status == 200
        assert (await _patched(client, custom_fields={f"a{n}": n for n in range(1000)})).status == 200
        before = (await client.get("/companies/1")).body
        assert (len(before["tags"]), len(before["custom_fields"])) == (1000, 1000)
        tags, fields = await _patched(client, tags=["b"]), await _patched(client, custom_fields={"b": 1})
        assert (tags.status, list(tags.errors)) == (422, ["tags"])
        assert (fields.status, list(fields.errors)) == (422, ["custom_fields"])
        assert (await client.get("/companies/1")).body == before


async def test_many_tags_are_replaced_by_as_many_others(client: Client) -> None:
    await client.created(tags=[str(n) for n in range(1000)])
    reply = await _patched(client, tags=[str(n) for n in range(500, 1500)])
    assert [tag["title"] for tag in reply.body["tags"]] == [str(n) for n in range(500, 1500)]


async def test_the_name_of_a_custom_field_that_is_stored_is_bounded() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(unknown_custom_field="store"))) as client:
        company = await client.created(custom_fields={"a" * 100: 1, "b" * 101: 1})
    assert company["custom_fields"] == {"a" * 100: 1}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("business_field", "business_field"),
        ("company_size", "company_size"),
        ("company_revenue", "company_revenue"),
        ("tags", "tags.1"),
    ],
)
async def test_a_name_for_which_no_maximum_is_documented_is_bounded_far_beyond_use(
    client: Client, name: str, key: str
) -> None:
    def given(text: str) -> dict[str, Any]:
        return {name: ["a", text] if name == "tags" else text}

    await client.created()
    for reply in (await client.create(**given("ü" * 65_536)), await _patched(client, **given("ü" * 65_536))):
        message = f"The {key.replace('_', ' ')} field must not be greater than 65535 characters."
        assert (reply.status, reply.errors) == (422, {key: [message]})
    company = (await _patched(client, **given("ü" * 65_535))).body
    stored = company[name][-1] if name == "tags" else company[name]
    assert stored["name" if name == "business_field" else "title"] == "ü" * 65_535


async def test_a_long_word_is_no_country(client: Client) -> None:
    company = await client.created(address_invoice_country="Netherlands" * 5_000)
    assert company["address_invoice_country"]["code"] == "AT"


async def _until(client: Client, waiting: int) -> None:
    """Go on when so many requests wait for their turn to choose a fault, or for a thread to be read in."""
    exchanges = _exchanges(client)
    with anyio.fail_after(60):
        while exchanges.order.statistics().tasks_waiting + exchanges.readers.statistics().tasks_waiting < waiting:
            await anyio.lowlevel.checkpoint()


async def test_a_fault_is_for_who_came_first_however_large_its_body(client: Client) -> None:
    client.sandbox.set_faults(Fault("POST /companies", "status", status=503, nth=1))
    replies: dict[str, int] = {}

    async def create(name: str, body: bytes) -> None:
        replies[name] = (await client.call("POST", "/companies", raw=body)).status

    async with anyio.create_task_group() as tasks, _exchanges(client).readers:
        tasks.start_soon(create, "large", _LARGE)
        await _until(client, 1)
        tasks.start_soon(create, "small", b'{"company_name": "small"}')
        await _until(client, 2)
        assert replies == {}
    assert replies == {"large": 503, "small": 201}


async def test_nobody_waits_for_anothers_large_body(client: Client) -> None:
    async with anyio.create_task_group() as tasks, _exchanges(client).readers:
        tasks.start_soon(lambda: client.call("POST", "/companies", raw=_LARGE))
        await _until(client, 1)
        assert (await client.create()).status == 201
    assert [company["company_name"] for company in await client.sandbox.companies()] == ["ACME", "large"]


async def test_who_is_refused_in_the_middle_of_a_body_is_let_go_soon(client: Client) -> None:
    started = anyio.current_time()
    async with await connected(client.sandbox) as stream:
        await stream.send(POST + b"Content-Length: 9000000000\r\n\r\n{")
        assert statuses(await rest(stream)) == [413]
    assert anyio.current_time() - started < 5


async def test_who_sends_a_whole_body_that_is_too_large_can_go_on_afterwards(client: Client) -> None:
    body = b" " * 9_000_000
    async with await connected(client.sandbox) as stream:
        await stream.send(POST + b"Content-Length: 9000000\r\n\r\n" + body)
        assert statuses(await stream.receive()) == [413]
        await stream.send(b"GET /api/v1/companies HTTP/1.1\r\n" + AUTH + b"Connection: close\r\n\r\n")
        assert statuses(await rest(stream)) == [200]


async def test_a_token_that_nobody_has_is_not_kept_when_it_expires(client: Client) -> None:
    client.sandbox.set_faults(Fault("*", "expire_token"))
    assert (await client.call("GET", "/companies", headers={"Authorization": "Bearer other"})).status == 401
    assert _exchanges(client).expired == set()
    assert (await client.get("/companies")).status == 401
    assert _exchanges(client).expired == {"sandbox"}


async def test_the_request_log_keeps_little_of_what_is_long(client: Client) -> None:
    names = {f"k{number:05}": 1 for number in range(20_000)}
    deep = "&".join(f"{number:02}" + "[]" * 63 + "=1" for number in range(50))
    await client.call("PATCH", "/companies/" + "9" * 5000, names)
    await client.get(f"/companies?{deep}")
    await client.get("/companies?page[size]=2&filter[0][field]=&filter[0][op]=x&a=1")
    wide, nested, plain = client.sandbox.requests
    assert (len(wide.path), len(wide.body_keys), wide.body_keys[:2]) == (500, 100, ("k00000", "k00001"))
    assert 0 < sum(map(len, [*nested.query, *nested.query.values()])) <= 2_200
    assert plain.query == {"page[size]": "2", "filter[0][field]": "", "filter[0][op]": "x", "a": "1"}


_NAMES = st.text(max_size=150)


@given(st.lists(_NAMES, max_size=150))
def test_few_names_are_the_first_and_bounded(names: list[str]) -> None:
    kept = few(names)
    assert len(kept) <= 100
    assert sum(map(len, kept)) < 2_000 + 100
    assert all(name.startswith(one) and len(one) <= 100 for name, one in zip(names, kept, strict=False))
    if sum(map(len, names)) < 2_000 and len(names) <= 100:
        assert kept == tuple(name[:100] for name in names)


def _every(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, dict):
            yield from _every(value, name)
        else:
            yield name, value or ""


@given(st.dictionaries(st.text("ab[]", max_size=20), st.text("xy", max_size=900), max_size=10))
def test_a_flat_query_has_the_first_values_of_the_query_and_is_bounded(given: dict[str, str]) -> None:
    query = query_input("&".join(f"{name}={value}" for name, value in given.items()))
    kept = flat(query)
    assert sum(map(len, [*kept, *kept.values()])) < 2_000 + 100
    every = list(_every(query))
    assert [name for name, _ in every[: len(kept)]] == list(kept)
    assert all(value.startswith(kept[name]) for name, value in every[: len(kept)])
    if sum(len(name) + len(value) for name, value in every) < 2_000:
        assert dict(every) == kept
