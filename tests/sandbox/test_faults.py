"""Scripted misbehaviour: which request is hit, what happens to the connection and to the store, and fault files."""

from __future__ import annotations

import datetime as dt
from threading import Event
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
import pytest
from hypothesis import given, strategies as st

from importer.sandbox import (
    Behaviour,
    Fault,
    FaultScript,
    SandboxOptions,
    load_faults,
    parse_faults,
    running_sandbox,
    server,
)
from importer.sandbox.faults import Faults
from tests.sandbox.client import Client, opened

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def fired(script: FaultScript, *requests: tuple[str, str, str]) -> list[str | None]:
    """Say for each (method, path, external_id) what fires; a latency is said with its seconds."""
    faults = Faults(script)
    hits = [faults.choose(method, path, frozenset({key})) for method, path, key in requests]
    return [hit.fault.do if hit.fault else (f"{hit.latency}" if hit.latency else None) for hit in hits]


POST, GET = ("POST", "/companies", "a"), ("GET", "/companies/1", "a")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(Fault(on="*", do="hang"), "hang hang hang hang", id="any"),
        pytest.param(Fault(on="POST /companies", do="hang"), "hang - hang -", id="method and path"),
        pytest.param(Fault(on="GET /companies/*", do="hang"), "- hang - hang", id="path below"),
        pytest.param(Fault(on="* /companies", do="hang"), "hang - hang -", id="any method"),
        pytest.param(Fault(on="POST /comp", do="hang"), "- - - -", id="the whole path"),
        pytest.param(Fault(on="POST /c.mpanies", do="hang"), "- - - -", id="only the star is special"),
        pytest.param(Fault(on="POST /*panies", do="hang"), "hang - hang -", id="star inside"),
        pytest.param(Fault(on="* /*mp*es*", do="hang"), "hang hang hang hang", id="many stars"),
        pytest.param(Fault(on="* /c*s*s", do="hang"), "- - - -", id="no sign is taken twice"),
        pytest.param(Fault(on="POST /*x*", do="hang"), "- - - -", id="what is between the stars must be there"),
        pytest.param(Fault(on="*", do="hang", nth=2), "- hang - -", id="nth"),
        pytest.param(Fault(on="*", do="hang", every=2), "- hang - hang", id="every"),
        pytest.param(Fault(on="*", do="hang", times=3), "hang hang hang -", id="times"),
        pytest.param(Fault(on="*", do="hang", every=2, times=1), "- hang - -", id="every and times"),
        pytest.param(Fault(on="*", do="hang", chance=0), "- - - -", id="never"),
        pytest.param(Fault(on="*", do="hang", chance=1), "hang hang hang hang", id="always"),
        pytest.param(Fault(on="*", do="hang", external_id="b"), "- - - -", id="another company"),
        pytest.param(Fault(on="*", do="hang", external_id="a", nth=1), "hang - - -", id="a company"),
    ],
)
def test_a_fault_chooses_its_requests(fault: Fault, expected: str) -> None:
    found = fired(FaultScript((fault,)), POST, GET, POST, GET)
    assert [do or "-" for do in found] == expected.split()


def test_the_first_that_matches_fires_and_latencies_add_up() -> None:
    script = FaultScript(
        (
            Fault(on="*", do="latency", ms=20),
            Fault(on="*", do="hang", nth=1),
            Fault(on="*", do="status", status=500, nth=2),
            Fault(on="*", do="reset_before", nth=2),
            Fault(on="*", do="latency", ms=30, every=2),
        )
    )
    faults = Faults(script)
    hits = [faults.choose("GET", "/companies") for _ in range(3)]
    assert [(hit.fault.do if hit.fault else None, hit.latency) for hit in hits] == [
        ("hang", 0.02),
        ("status", 0.05),
        (None, 0.02),
    ]
    assert faults.fired == 6


def test_a_pattern_of_many_stars_costs_no_time() -> None:
    script = FaultScript((Fault(on="* /" + "*a" * 5000 + "b", do="hang"),))
    assert fired(script, ("GET", "/" + "a" * 5000, "")) == [None]


def test_what_others_do_happens_beside_other_faults_and_is_logged_with_them() -> None:
    script = FaultScript(
        (
            Fault(on="*", do="created_meanwhile"),
            Fault(on="*", do="latency", ms=10),
            Fault(on="*", do="reset_after"),
            Fault(on="*", do="hang"),
            Fault(on="*", do="changed_meanwhile", nth=2),
        )
    )
    faults = Faults(script)
    hits = [faults.choose("POST", "/companies") for _ in range(2)]
    assert [hit.words for hit in hits] == [
        "created_meanwhile+reset_after",
        "created_meanwhile+changed_meanwhile+reset_after",
    ]
    assert hits[0].latency == 0.01
    assert [described["fired"] for described in faults.described()] == [2, 2, 2, 0, 1]
    assert Faults(FaultScript()).choose("GET", "/").words is None


def test_the_chance_of_a_fault_does_not_depend_on_other_faults() -> None:
    rare = Fault(on="POST /companies", do="hang", chance=0.5)
    alone = fired(FaultScript((Fault(on="PUT /*", do="hang"), rare), seed=3), *[POST] * 50)
    between = FaultScript((Fault(on="GET /*", do="reset_before", chance=0.5), rare), seed=3)
    assert fired(between, *[POST, GET] * 50)[::2] == alone
    assert 10 < alone.count("hang") < 40


@given(st.integers(), st.floats(0, 1))
def test_chances_repeat_with_their_seed(seed: int, chance: float) -> None:
    script = FaultScript((Fault(on="*", do="hang", chance=chance),), seed=seed)
    assert fired(script, *[POST] * 20) == fired(script, *[POST] * 20)


@pytest.mark.parametrize(
    ("fault", "status", "headers"),
    [
        pytest.param(Fault(on="*", do="status", status=429), 429, {}, id="429"),
        pytest.param(
            Fault(on="*", do="status", status=429, retry_after=2), 429, {"Retry-After": "2"}, id="retry after"
        ),
        pytest.param(
            Fault(on="*", do="status", status=503, body="html", retry_after=0),
            503,
            {"Retry-After": "0", "Content-Type": "text/html; charset=utf-8"},
            id="a page",
        ),
        pytest.param(Fault(on="*", do="status", status=500), 500, {"Content-Type": "application/json"}, id="500"),
        pytest.param(Fault(on="*", do="status", status=599), 599, {}, id="a status without a name"),
        pytest.param(
            Fault(on="*", do="status", status=302),
            302,
            {"Location": "/login", "Content-Type": "text/html; charset=utf-8"},
            id="a redirect",
        ),
        pytest.param(
            Fault(on="*", do="status", status=307, retry_after=1), 307, {"Location": "/login"}, id="another redirect"
        ),
        pytest.param(
            Fault(on="*", do="login_page"), 200, {"Content-Type": "text/html; charset=utf-8"}, id="a login page"
        ),
    ],
)
async def test_a_status_is_answered_before_anything_is_done(
    client: Client, fault: Fault, status: int, headers: dict[str, str]
) -> None:
    client.sandbox.set_faults(fault)
    reply = await client.create(external_id="k1")
    assert reply.status == status
    assert headers.items() <= dict(reply.headers).items()
    assert ("Retry-After" in reply.headers) == (fault.retry_after is not None)
    assert client.sandbox.creates("k1") == 0
    assert await client.sandbox.companies() == []


async def test_a_422_by_fault_has_its_two_keys(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="*", do="status", status=422))
    assert (await client.create()).body == {"message": "Unprocessable Entity", "errors": {}}


async def test_a_status_can_come_after_the_write_is_stored(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="POST /companies", do="status", status=500, commit=True))
    assert (await client.create(external_id="k1")).status == 500
    assert client.sandbox.creates("k1") == 1


@pytest.mark.parametrize(("do", "stored"), [("reset_before", 0), ("reset_during", 1), ("reset_after", 1)])
async def test_a_connection_closes_before_during_or_after_the_write(client: Client, do: Any, stored: int) -> None:
    client.sandbox.set_faults(Fault(on="POST /companies", do=do, times=1))
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientPayloadError)) as caught:
        await client.create(external_id="k1")
    assert isinstance(caught.value, aiohttp.ClientPayloadError) == (do == "reset_during")
    assert client.sandbox.creates("k1") == stored
    assert len(await client.sandbox.companies()) == stored
    (record,) = client.sandbox.requests
    assert (record.status, record.fault) == (None, do)
    assert (await client.create(external_id="k1")).status == (422 if stored else 201)


async def test_a_hanging_request_is_not_answered_and_not_carried_out(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="*", external_id="k1", do="hang"))
    with anyio.move_on_after(0.05) as scope:
        await client.create(external_id="k1")
    assert scope.cancelled_caught
    assert (await client.create(external_id="k2")).status == 201
    assert [company["external_id"] for company in await client.sandbox.companies()] == ["k2"]


async def hung(client: Client) -> None:
    with pytest.raises(aiohttp.ClientError):
        await client.create()


async def test_stopping_does_not_wait_for_what_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that do not end by themselves are cancelled after a while: a long one here."""
    monkeypatch.setattr(server, "_SHUTDOWN", 90.0)
    async with (
        aiohttp.ClientSession() as session,
        anyio.create_task_group() as tasks,
        running_sandbox(SandboxOptions()) as sandbox,
    ):
        sandbox.set_faults(Fault(on="POST /*", do="hang"))
        tasks.start_soon(hung, Client(sandbox, session))
        while (await sandbox.stats())["most_in_flight"] == 0:
            await anyio.lowlevel.checkpoint()
        stopping_at = anyio.current_time()
    assert anyio.current_time() - stopping_at < 60


async def test_what_hangs_ends_when_its_client_leaves(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="POST /*", do="hang"))
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.create)
            while (await client.sandbox.stats())["most_in_flight"] == 0:
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        while not client.sandbox.requests:
            await anyio.lowlevel.checkpoint()
    assert [(record.status, record.fault) for record in client.sandbox.requests] == [(None, "hang")]


async def test_the_script_follows_a_company_through_every_way_to_name_it(client: Client) -> None:
    await client.created(external_id="k1")
    await client.created(external_id="k2")
    client.sandbox.set_faults(Fault(on="*", external_id="k1", do="status", status=500))
    hit = [
        await client.create(external_id="k1"),
        await client.get("/companies/k1?find_by=external_id"),
        await client.get("/companies/1"),
        await client.patch("/companies/1?find_by=id", phone="1"),
    ]
    assert [reply.status for reply in hit] == [500] * 4
    spared = [await client.get("/companies/2"), await client.get("/companies/99"), await client.get("/companies")]
    assert [reply.status for reply in spared] == [200, 404, 200]


async def test_a_wrong_content_type_hides_a_right_answer(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="*", do="content_type"))
    reply = await client.create()
    assert (reply.status, reply.headers["Content-Type"]) == (201, "text/html; charset=utf-8")
    assert reply.body["company_name"] == "ACME"


async def test_a_token_expires_until_the_faults_are_replaced(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="*", do="expire_token", nth=2))
    assert [(await client.get("/companies")).status for _ in range(3)] == [200, 401, 401]
    client.sandbox.set_faults()
    assert (await client.get("/companies")).status == 200


async def test_latency_delays_and_still_answers(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="*", do="latency", ms=30))
    before = anyio.current_time()
    assert (await client.get("/companies")).status == 200
    assert anyio.current_time() - before >= 0.03


SCRIPT = """
seed: 7
faults:                       # the first that matches fires; `latency` adds to whatever else happens
  - {on: "*", do: latency, ms: 20}
  - {on: "POST /companies", every: 20, do: reset_after}            # committed, answer lost
  - {on: "GET /companies/*", chance: 0.05, do: status, status: 500}
  - {on: "PATCH /companies/*", nth: 3, do: status, status: 429, retry_after: 2}
  - {on: "*", external_id: "1042", times: 2, do: hang}
"""


def test_a_fault_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    script = load_faults(path)
    assert script.seed == 7
    assert script.faults[0] == Fault(on="*", do="latency", ms=20)
    assert script.faults[2] == Fault(on="GET /companies/*", chance=0.05, do="status", status=500)
    assert script.faults[4] == Fault(on="*", external_id="1042", times=2, do="hang")
    assert parse_faults("") == FaultScript()
    assert parse_faults("seed: 3\nfaults:\n") == FaultScript(seed=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("- a", "1: the top of the file must be a map: names, each", id="a list"),
        pytest.param("a: [", "1: this is not YAML: ", id="broken"),
        pytest.param("seed: 1\nseed: 2", "2: this is not YAML: found duplicate key", id="a name twice"),
        pytest.param("\x00", "1: a character that YAML does not allow: '\\x00'", id="a control sign"),
        pytest.param("- " * 5000, "1: the lists and maps are nested too deeply", id="deep"),
        pytest.param(
            'faults: [{on: "POST /api/v1/companies", do: hang}]',
            '1: on must be "*" or a method and a path below /api/v1',
            id="a path from the top",
        ),
        pytest.param("faluts: []", "1: `faluts` is unknown here; did you mean `faults`?", id="a wrong name"),
        pytest.param("zzz: 1", "1: `zzz` is unknown here; known are seed, faults", id="a strange name"),
        pytest.param("seed: x", "1: seed must be a whole number of at most 63 bits", id="seed"),
        pytest.param("\nseed: -9223372036854775808", "2: seed must be a whole number of at most 63", id="a long seed"),
        pytest.param("\nfaults: 5", "2: faults must be a list", id="no list"),
        pytest.param("faults:\n  - hang", "2: each fault is a map, such as ", id="no map"),
        pytest.param("faults:\n  - do: hang", "2: the fault has no `on`", id="no on"),
        pytest.param("faults:\n  - on: '*'", "2: the fault has no `do`", id="no do"),
        pytest.param("faults:\n - on: '*'\n   do: hnag", "3: do must be one of status, latency, ", id="do"),
        pytest.param("faults:\n - on: '*'\n   do: [a]", "3: do must be one of status, latency, ", id="do, a list"),
        pytest.param(
            "faults:\n - on: '*'\n   do: hang\n   nht: 1", "4: `nht` is unknown here; did you mean `nth`?", id="key"
        ),
        pytest.param("faults:\n - {on: companies, do: hang}", '2: on must be "*" or a method and a path', id="on"),
        pytest.param("faults:\n - {on: 5, do: hang}", '2: on must be "*" or a method and a path', id="on, a number"),
        pytest.param(
            "faults:\n - {on: '*', do: hang, nth: 0}",
            "2: nth must be a whole number from 1 to 1000000000, not 0",
            id="nth",
        ),
        pytest.param("faults:\n - {on: '*', do: hang, every: true}", "2: every must be a whole number", id="every"),
        pytest.param(
            "faults:\n - {on: '*', do: latency, ms: 3600001}",
            "2: ms must be whole milliseconds, at most 3600000",
            id="hour",
        ),
        pytest.param(
            "faults:\n - {on: '*', do: hang, chance: 2}", "2: chance must be a number from 0 to 1", id="chance"
        ),
        pytest.param(
            "faults:\n - {on: '*', do: hang, external_id: 42}", "2: external_id must be text in quotes", id="id"
        ),
        pytest.param("faults:\n - {on: '*', do: hang, ms: 5}", "2: ms goes with `do: latency` only", id="ms"),
        pytest.param("faults:\n - {on: '*', do: hang, body: html}", "2: body goes with `do: status` only", id="body"),
        pytest.param("faults:\n - {on: '*', do: latency}", "2: ms is missing, and `do: latency` needs it", id="no ms"),
        pytest.param(
            "faults:\n - {on: '*', do: status}", "2: status is missing, and `do: status` needs it", id="status"
        ),
        pytest.param(
            "faults:\n - {on: '*', do: status, status: 99}", "2: status must be a whole number from 200", id="99"
        ),
    ],
)
def test_a_wrong_fault_file_is_refused_with_line_and_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^x\.yaml:") as caught:
        parse_faults(text, name="x.yaml")
    assert str(caught.value).startswith(f"x.yaml:{message}")


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        pytest.param({"nth": 10**9}, 10**9, id="nth"),
        pytest.param({"every": 10**9}, 10**9, id="every"),
        pytest.param({"times": 10**9}, 10**9, id="times"),
        pytest.param({"do": "status", "status": 503, "retry_after": 10**9}, 10**9, id="retry_after"),
        pytest.param({"do": "latency", "ms": 3_600_000}, 3_600_000, id="ms"),
    ],
)
def test_every_number_of_a_fault_has_a_limit(settings: dict[str, Any], most: int) -> None:
    settings = {"on": "*", "do": "hang", **settings}
    name = next(name for name, value in settings.items() if value == most)
    assert getattr(Fault(**settings), name) == most
    with pytest.raises(ValueError, match=f"^{name} must be .*{most}, not {most + 1}$"):
        Fault(**{**settings, name: most + 1})
    with pytest.raises(ValueError, match=f"^{name} must be .*{most}, not a number of 20001 bits$"):
        Fault(**{**settings, name: 1 << 20_000})


def test_what_is_wrong_is_shown_in_short() -> None:
    with pytest.raises(ValueError, match=r"^on must be .*, not 'x{59}\.\.\.$"):
        Fault(on="x" * 100_000, do="hang")


def test_a_fault_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="the file is not UTF-8 text"):
        load_faults(path)


async def test_faults_are_listed_and_replaced_by_http() -> None:
    script = FaultScript((Fault(on="GET /companies", do="status", status=503, nth=2),))
    async with opened(SandboxOptions(faults=script)) as client:
        root = client.sandbox.url.removesuffix("/api/v1")

        async def control(method: str, text: str | None = None) -> tuple[int, Any]:
            async with client.session.request(method, f"{root}/sandbox/faults", data=text) as response:
                return response.status, await response.json()

        assert [(await client.get("/companies")).status for _ in range(3)] == [200, 503, 200]
        described = {"on": "GET /companies", "do": "status", "status": 503, "nth": 2, "seen": 3, "fired": 1}
        assert await control("GET") == (200, {"faults": [described]})
        assert (await client.sandbox.stats())["faults_fired"] == 1
        status, body = await control("POST", SCRIPT)
        assert (status, len(body["faults"])) == (200, 5)
        assert (await control("POST", '{"faults": [{"on": "*", "do": "hang", "times": 1}]}'))[0] == 200
        assert await control("POST", "faults: 5") == (422, {"message": "faults:1: faults must be a list"})
        assert (await control("POST", "#" * 70_000))[0] == 413
        assert (await control("PUT"))[0] == 405
        assert [fault["do"] for fault in (await control("GET"))[1]["faults"]] == ["hang"]


async def test_somebody_creates_the_company_just_before(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="*", do="created_meanwhile"))
    reply = await client.create(external_id="k1", external_origin="mine")
    assert (reply.status, list(reply.errors)) == (422, ["external_id"])
    (stored,) = await client.sandbox.companies()
    assert (stored["external_id"], stored["external_origin"]) == ("k1", "mine")
    assert stored["company_name"] == "Created meanwhile"
    assert client.sandbox.creates("k1") == 0
    assert (await client.create(external_id="k1", external_origin="mine")).status == 422
    assert len(await client.sandbox.companies()) == 1
    assert [record.fault for record in client.sandbox.requests] == ["created_meanwhile"] * 2


async def test_who_creates_meanwhile_does_so_under_the_origin_that_the_token_stands_for(client: Client) -> None:
    client.sandbox.set_faults(Fault(on="POST /companies", do="created_meanwhile"))
    assert (await client.create(external_id="k1")).status == 422
    (stored,) = await client.sandbox.companies()
    assert stored["external_origin"] == "sandbox"


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        pytest.param("POST", "/companies", {"company_name": "x"}, {}, id="no external_id"),
        pytest.param("POST", "/companies", {"external_id": "k2", "external_origin": 5}, {}, id="no origin"),
        pytest.param("POST", "/companies", {"external_id": "k" * 256}, {}, id="no external_id that can be"),
        pytest.param("POST", "/companies", {"external_id": "k2", "external_origin": "o" * 256}, {}, id="nor origin"),
        pytest.param("POST", "/companies", {"external_id": "k2"}, {"Authorization": "Bearer no"}, id="no token"),
        pytest.param("GET", "/companies", None, {}, id="a list"),
        pytest.param("PATCH", "/companies/9", {"external_id": "k2"}, {}, id="nobody to change"),
        pytest.param("PATCH", "/companies/1?find_by=x", {}, {}, id="no way to find"),
        pytest.param("PATCH", "/nothing", {}, {}, id="no route"),
        pytest.param("GET", "/offers/1", None, {}, id="another resource"),
    ],
)
async def test_others_do_nothing_where_there_is_nothing_to_do(
    client: Client, method: str, path: str, body: object, headers: dict[str, str]
) -> None:
    before = await client.created(external_id="k1")
    client.sandbox.set_faults(Fault(on="*", do="created_meanwhile"), Fault(on="*", do="changed_meanwhile"))
    await client.call(method, path, body, headers=headers)
    assert [one for one in await client.sandbox.companies() if one["external_id"]] == [before]
    assert client.sandbox.requests[-1].fault == "created_meanwhile+changed_meanwhile"


@pytest.mark.parametrize("path", ["/companies/1", "/companies/k1?find_by=external_id"])
async def test_somebody_changes_the_company_just_before(path: str) -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    async with opened(SandboxOptions(now=lambda: now)) as client:
        before = await client.created(external_id="k1")
        client.sandbox.set_faults(Fault(on="PATCH /*", do="changed_meanwhile"))
        body = (await client.patch(path, phone="1")).body
        assert (body["phone"], body["fax"]) == ("1", "Changed meanwhile")
        assert (before["updated_at"], body["updated_at"]) == ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00")
        again = (await client.patch(path)).body
        assert (again["fax"], again["updated_at"]) == ("Changed meanwhile again", "2026-01-01T00:00:01+00:00")
        assert (await client.patch(path, fax="2")).body["vendor_identifier"] == "Changed meanwhile"
        both = (await client.patch(path, fax="3", vendor_identifier="4")).body
        assert (both["fax"], both["vendor_identifier"]) == ("3", "4")


async def test_a_change_meanwhile_survives_a_request_that_is_refused(client: Client) -> None:
    before = await client.created(external_id="k1")
    client.sandbox.set_faults(Fault(on="*", do="changed_meanwhile"), Fault(on="*", do="status", status=500))
    assert (await client.patch("/companies/1", taxation="maybe")).status == 500
    (stored,) = await client.sandbox.companies()
    assert stored["fax"] == "Changed meanwhile"
    assert stored["updated_at"] > before["updated_at"]
    assert client.sandbox.requests[-1].fault == "changed_meanwhile+status"


async def test_two_creates_can_race_with_a_third_party() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(race="error"))) as client:
        client.sandbox.set_faults(Fault(on="POST /companies", do="created_meanwhile"))
        assert (await client.create(external_id="k1")).status == 500
        assert len(await client.sandbox.companies()) == 1


@pytest.mark.parametrize("meta_keys", ["page_url", "cursor_url", "both", "no_next_cursor"])
async def test_a_next_cursor_can_repeat(meta_keys: Any) -> None:
    behaviour = Behaviour(page_size_max=2, meta_keys=meta_keys)
    async with opened(SandboxOptions(behaviour=behaviour)) as client:
        for _ in range(5):
            await client.created()
        plain = (await client.get("/companies")).body
        client.sandbox.set_faults(Fault(on="GET /companies", do="repeat_cursor"))
        first = await client.get("/companies")
        assert first.body == plain
        key = "next_cursor_url" if meta_keys == "cursor_url" else "next_page_url"
        path = str(first.body["meta"][key]).removeprefix(client.sandbox.url)
        second = (await client.get(path)).body
        assert second["meta"][key] == first.body["meta"][key]
        assert second["meta"].get("next_cursor") == first.body["meta"].get("next_cursor")
        assert second["meta"].keys() == first.body["meta"].keys()
        assert [one["id"] for one in second["data"]] == ["3", "4"]


async def test_nothing_but_a_page_repeats_its_cursor(client: Client) -> None:
    company = await client.created()
    client.sandbox.set_faults(Fault(on="*", do="repeat_cursor"))
    assert (await client.get("/companies/1?page[cursor]=x")).body == company
    assert (await client.get("/companies/9?page[cursor]=x")).status == 404
    assert (await client.get("/companies?page=x")).status == 200


async def test_no_request_overtakes_another_on_the_way_to_its_fault(client: Client) -> None:
    """The first has to be looked up, the second names its company; the store is busy while both come."""
    await client.created(external_id="k1")
    client.sandbox.set_faults(Fault(on="*", external_id="k1", do="status", status=500, nth=1))
    exchanges, free = client.sandbox._exchanges, Event()
    paths = ["/companies/1?n=1", "/companies/k1?find_by=external_id&n=2", "/companies/1?n=3"]

    def occupy(_: sqlite3.Connection) -> None:
        free.wait(5)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(exchanges.store.run, occupy)
        await anyio.wait_all_tasks_blocked()
        for number, path in enumerate(paths, 1):
            tasks.start_soon(client.get, path)
            while exchanges.ledger._in_flight < number:
                await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()
        free.set()
    assert {record.query["n"]: record.fault for record in client.sandbox.requests[1:]} == {
        "1": "status",
        "2": None,
        "3": None,
    }


def test_a_zero_is_a_number_like_any_other() -> None:
    script = parse_faults(
        'seed: 0\nfaults:\n- {on: "*", do: latency, ms: 0}\n- {on: "*", do: status, status: 429, retry_after: 0}\n'
    )
    assert (script.seed, script.faults[0].ms, script.faults[1].retry_after) == (0, 0, 0)
    assert [type(value) for value in (script.seed, script.faults[0].ms)] == [int, int]
