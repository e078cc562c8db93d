"""The API's operations on a real connection: what each one sends, and what its answers mean."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from importer.errors import (
    ConflictError,
    FatalTargetError,
    NoListError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from importer.kanbert import Kanbert, Page
from tests.fakes.client import Client, open_client
from tests.fakes.server import FakeServer, Play, fake_server, hang, html, raw, reply, reset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from importer.company import Remote
    from importer.model import Json, Payload

ORIGIN = "moneybird"
COMPANY: dict[str, Json] = {"id": "7", "external_id": "k1", "external_origin": ORIGIN, "company_name": "Muster"}
PAYLOAD: Payload = {"external_id": "k1", "external_origin": ORIGIN, "company_name": "Muster", "iban": None}
GONE = reply(404, {"message": "No query results for model [App\\Models\\Company]."})


class Bench:
    def __init__(self, server: FakeServer, client: Client) -> None:
        self.server = server
        self.client = client
        self.kanbert = Kanbert(client.transport, ORIGIN)

    def asked(self) -> tuple[str, str, dict[str, list[str]], object]:
        (seen,) = self.server.seen
        body = json.loads(seen.body) if seen.body else None
        return seen.method, seen.path.removeprefix("/api/v1"), parse_qs(seen.query), body

    async def pages(self) -> list[Page]:
        return [page async for page in self.kanbert.pages()]


@asynccontextmanager
async def bench(*script: Play, otherwise: Play | None = None, patience: float = 30.0) -> AsyncIterator[Bench]:
    """A server that plays a script; `patience` with an answer only for scripts that hang: a busy machine is slow."""
    async with (
        fake_server(*script, otherwise=otherwise) as server,
        open_client(server.url, read_timeout=patience) as client,
    ):
        yield Bench(server, client)


def test_an_origin_is_needed() -> None:
    with pytest.raises(ValueError, match="origin"):
        Kanbert(None, "")  # type: ignore[arg-type]  # refused before the transport is looked at


# find and read


async def test_find_names_the_kind_of_id_and_the_origin() -> None:
    async with bench(reply(200, COMPANY)) as b:
        remote = await b.kanbert.find("k1")
        assert b.asked() == ("GET", "/companies/k1", {"find_by": ["external_id"], "origin": [ORIGIN]}, None)
        assert remote is not None
        assert (remote.kanbert_id, remote.external_id) == ("7", "k1")
        assert b.client.attempts[0].key == "k1"
        assert b.kanbert.origin == ORIGIN


async def test_read_names_the_kind_of_id() -> None:
    async with bench(reply(200, COMPANY)) as b:
        await b.kanbert.read("7", key="k1")
        assert b.asked() == ("GET", "/companies/7", {"find_by": ["id"]}, None)
        assert b.client.attempts[0].key == "k1"


async def test_what_is_not_there_is_none() -> None:
    async with bench(GONE, GONE) as b:
        assert await b.kanbert.find("k1") is None
        assert await b.kanbert.read("7") is None


async def test_whatever_company_is_answered_is_returned() -> None:
    async with bench(reply(200, {**COMPANY, "external_id": "K1"})) as b:
        remote = await b.kanbert.find("k1")
        assert remote is not None
        assert remote.external_id == "K1"


@pytest.mark.parametrize("body", [[], {}, {"data": []}, {"message": "x"}, None], ids=repr)
async def test_an_answer_without_a_company_is_not_taken_for_absence(body: object) -> None:
    async with bench(reply(200, body)) as b:
        with pytest.raises(TransientError, match="holds no company"):
            await b.kanbert.find("k1")


async def test_a_page_instead_of_a_404_is_not_taken_for_absence() -> None:
    async with bench(html(404)) as b:
        with pytest.raises(FatalTargetError, match="login page"):
            await b.kanbert.find("k1")


@pytest.mark.parametrize("identity", ["", ".", "..", "a/b", "/"])
async def test_an_id_that_would_address_something_else_never_leaves(identity: str) -> None:
    async with bench() as b:
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: b.kanbert.find(identity),
            lambda: b.kanbert.read(identity),
            lambda: b.kanbert.update(identity, {"iban": "x"}, "k1"),
            lambda: b.kanbert.restore(identity, "k1"),
            lambda: b.kanbert.identify(identity, "k1"),
            lambda: b.kanbert.identify("7", identity),
            lambda: b.kanbert.restore_holder(identity),
        ]
        for call in calls:
            with pytest.raises(RefusedError, match="cannot stand in an address") as raised:
                await call()
            assert "external_id" in raised.value.fields
        assert b.server.seen == []


# create


async def test_create_sends_what_is_set() -> None:
    async with bench(reply(201, COMPANY)) as b:
        remote = await b.kanbert.create({**PAYLOAD, "tags": ["ü"], "taxation": False})
        sent = {
            "external_id": "k1",
            "external_origin": ORIGIN,
            "company_name": "Muster",
            "tags": ["ü"],
            "taxation": False,
        }
        assert b.asked() == ("POST", "/companies", {}, sent)
        assert remote.kanbert_id == "7"
        assert b.client.attempts[0].key == "k1"


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(reset(), id="reset"),
        pytest.param(hang(), id="hang"),
        pytest.param(reply(500, {"message": "Server Error"}), id="500"),
        pytest.param(html(503), id="503"),
        pytest.param(html(200), id="page"),
        pytest.param(reply(200, {"message": "ok"}), id="no company"),
        pytest.param(raw(204, b"", "application/json"), id="empty"),
        pytest.param(reply(201, [COMPANY]), id="a list"),
    ],
)
async def test_a_create_without_a_clear_answer_is_unknown_and_sent_once(trouble: Play) -> None:
    async with bench(trouble, patience=0.5) as b:
        with pytest.raises(OutcomeUnknownError):
            await b.kanbert.create(PAYLOAD)
        assert len([one for one in b.server.seen if one.method == "POST"]) == 1


PARTS = pytest.mark.parametrize(
    "part",
    [
        pytest.param(raw(204, b"", "application/json"), id="nothing"),
        pytest.param(reply(200, {"message": "done"}), id="a message"),
        pytest.param(reply(200, {"id": "7", "updated_at": "2026-01-01T00:00:00Z"}), id="some fields"),
    ],
)


@PARTS
@pytest.mark.parametrize("method", ["create", "update", "identify", "restore", "restore_holder"])
async def test_a_write_whose_answer_shows_no_whole_company_is_read_back_once(method: str, part: Play) -> None:
    async with bench(part, reply(200, COMPANY)) as b:
        writes: dict[str, Callable[[], Awaitable[Remote]]] = {
            "create": lambda: b.kanbert.create(PAYLOAD),
            "update": lambda: b.kanbert.update("7", {"iban": None}, "k1"),
            "identify": lambda: b.kanbert.identify("7", "k1"),
            "restore": lambda: b.kanbert.restore("7", "k1"),
            "restore_holder": lambda: b.kanbert.restore_holder("k1"),
        }
        assert (await writes[method]()).body == COMPANY
        assert [one.method for one in b.server.seen][1:] == ["GET"]


async def test_a_page_for_404_is_believed_where_the_list_is_answered() -> None:
    pages = [html(404)] * 5
    async with bench(reply(200, {"data": []}), *pages, reply(200, {"data": []}), html(404), html(404)) as b:
        await b.kanbert.preflight()
        assert await b.kanbert.find("k1") is None
        asked = len(b.server.seen)
        assert await b.kanbert.find("k2") is None
        assert len(b.server.seen) == asked + 1


@pytest.mark.parametrize("then", [html(404), html(503)], ids=["404", "503"])
async def test_a_page_for_404_is_not_believed_where_the_list_is_gone_as_well(then: Play) -> None:
    async with bench(reply(200, {"data": []}), otherwise=then) as b:
        await b.kanbert.preflight()
        with pytest.raises(TransientError):
            await b.kanbert.find("k1")
        assert not b.client.transport.absent_as_page


async def test_a_page_for_404_that_passes_is_forgotten() -> None:
    listed = reply(200, {"data": []})
    async with bench(listed, *[html(404)] * 5, listed, reply(200, COMPANY)) as b:
        await b.kanbert.preflight()
        assert await b.kanbert.find("k1") is not None
        assert not b.client.transport.absent_as_page


@pytest.mark.parametrize("status", [400, 422])
async def test_a_page_size_that_is_refused_is_not_asked_for_again(status: int) -> None:
    last = reply(200, {"data": [], "meta": {"next_cursor": None}})
    async with bench(reply(status, {}), last, last) as b:
        assert len(await b.pages()) == len(await b.pages()) == 1
        assert ["page%5Bsize%5D" in one.query for one in b.server.seen] == [True, False, False]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_filter_that_is_refused_is_named(status: int) -> None:
    async with bench(otherwise=reply(status, {})) as b:
        with pytest.raises(NoListError, match="does not take the filter"):
            await b.pages()


@pytest.mark.parametrize("second", [401, 403])
async def test_a_list_that_may_not_be_asked_for_is_fatal(second: int) -> None:
    async with bench(reply(400, {}), otherwise=reply(second, {})) as b:
        with pytest.raises(FatalTargetError) as caught:
            await b.pages()
        assert not isinstance(caught.value, NoListError)


@pytest.mark.parametrize(
    "answer",
    [reply(409, {}), reply(422, {"errors": {"external_id": ["The external id has already been taken."]}})],
    ids=["409", "422"],
)
async def test_a_taken_external_id_is_a_conflict(answer: Play) -> None:
    async with bench(answer) as b:
        with pytest.raises(ConflictError):
            await b.kanbert.create(PAYLOAD)


async def test_a_refused_create_names_the_fields() -> None:
    async with bench(reply(422, {"message": "no", "errors": {"iban": ["too long"]}})) as b:
        with pytest.raises(RefusedError) as raised:
            await b.kanbert.create(PAYLOAD)
        assert raised.value.fields == {"iban": ("too long",)}


async def test_create_at_an_address_that_is_not_there_is_fatal() -> None:
    async with bench(reply(404, {"message": "The route api/v1/x could not be found."})) as b:
        with pytest.raises(FatalTargetError, match=r"nothing to make.*route api/v1/x"):
            await b.kanbert.create(PAYLOAD)


@pytest.mark.parametrize(
    "payload",
    [
        {**PAYLOAD, "external_id": ""},
        {**PAYLOAD, "external_id": None},
        {**PAYLOAD, "external_origin": "other"},
        {"company_name": "x"},
    ],
    ids=["empty id", "null id", "other origin", "nothing"],
)
async def test_a_company_that_could_never_be_found_again_is_not_made(payload: Payload) -> None:
    async with bench() as b:
        with pytest.raises(ValueError, match="external_id"):
            await b.kanbert.create(payload)
        assert b.server.seen == []


async def test_a_client_that_was_not_looked_up_is_never_sent() -> None:
    async with bench(reply(200, COMPANY)) as one:
        with pytest.raises(TypeError, match="a client is sent by its id"):
            await one.kanbert.update("7", {"client_id": {"external_id": "C-1"}}, "k1")
        assert one.server.seen == []


@pytest.mark.parametrize("value", ["\ud800", float("nan")], ids=["half a surrogate pair", "nan"])
async def test_what_cannot_be_written_as_json_is_refused_unsent(value: Json) -> None:
    async with bench() as b:
        with pytest.raises(RefusedError, match="nothing was sent"):
            await b.kanbert.create({**PAYLOAD, "phone": value})
        assert b.server.seen == []


async def test_a_text_that_looks_like_no_number_is_sent() -> None:
    async with bench(reply(201, COMPANY)) as b:
        await b.kanbert.create({**PAYLOAD, "company_name": "NaN & Infinity GmbH"})
        assert json.loads(b.server.seen[0].body)["company_name"] == "NaN & Infinity GmbH"


# update and restore


async def test_update_sends_the_changed_fields_alone_and_null_to_clear() -> None:
    async with bench(reply(200, COMPANY)) as b:
        await b.kanbert.update("7", {"iban": None, "phone": "1"}, "k1")
        assert b.asked() == ("PATCH", "/companies/7", {"find_by": ["id"]}, {"iban": None, "phone": "1"})
        assert b.client.attempts[0].key == "k1"


async def test_update_is_repeated_on_trouble() -> None:
    async with bench(reset(), reply(500), hang(), reply(200, COMPANY), patience=1.0) as b:
        assert (await b.kanbert.update("7", {"phone": "1"}, "k1")).kanbert_id == "7"
        assert len(b.server.seen) == 4


async def test_restore_is_repeated_on_trouble_and_sends_nothing() -> None:
    async with bench(reset(), reply(201, COMPANY)) as b:
        await b.kanbert.restore("7", "k1")
        seen = b.server.seen[-1]
        assert (seen.method, seen.path, seen.query) == ("POST", "/api/v1/companies/7/restore", "find_by=id")
        assert seen.body == b""


async def test_the_holder_of_an_external_id_is_restored_under_our_origin() -> None:
    async with bench(reply(200, COMPANY)) as b:
        await b.kanbert.restore_holder("k 1")
        query = {"find_by": ["external_id"], "origin": [ORIGIN]}
        assert b.asked() == ("POST", "/companies/k%201/restore", query, None)
        assert b.client.attempts[0].key == "k 1"


async def test_an_external_id_is_never_given_without_its_origin() -> None:
    async with bench(reset(), reply(200, COMPANY)) as b:
        assert (await b.kanbert.identify("7", "k1")).kanbert_id == "7"
        seen = b.server.seen[-1]
        assert (seen.method, seen.path) == ("PUT", "/api/v1/companies/7/external-identifier")
        assert (seen.query, json.loads(seen.body)) == ("find_by=id", {"external_id": "k1", "external_origin": ORIGIN})
        assert b.client.attempts[0].key == "k1"


async def test_a_company_that_is_gone_is_a_conflict() -> None:
    async with bench(otherwise=GONE) as b:
        for call in (
            b.kanbert.update("7", {"phone": "1"}, "k1"),
            b.kanbert.restore("7", "k1"),
            b.kanbert.restore_holder("k1"),
            b.kanbert.identify("7", "k1"),
        ):
            with pytest.raises(ConflictError, match="no longer there"):
                await call


async def test_an_update_without_a_company_in_its_answer_may_be_tried_again() -> None:
    async with bench(reply(200, {"message": "ok"})) as b:
        with pytest.raises(TransientError, match="holds no company"):
            await b.kanbert.update("7", {"phone": "1"}, "k1")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_403_names_the_scope_and_a_401_does_not(status: int) -> None:
    async with bench(otherwise=reply(status, {"message": "Invalid scope(s) provided."})) as b:
        with pytest.raises(FatalTargetError) as read:
            await b.kanbert.find("k1")
        with pytest.raises(FatalTargetError) as write:
            await b.kanbert.create(PAYLOAD)
        assert ("contact-data:read" in str(read.value)) is (status == 403)
        assert ("contact-data:write" in str(write.value)) is (status == 403)


# preflight


async def test_preflight_asks_for_one_company() -> None:
    async with bench() as b:
        await b.kanbert.preflight()
        assert b.asked() == ("GET", "/companies", {"page[size]": ["1"]}, None)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(html(200), "login page", id="page"),
        pytest.param(html(404), "login page", id="404 page"),
        pytest.param(reply(404, {"message": ""}), "no list of companies at this address", id="404"),
        pytest.param(reply(200, {"status": "ok"}), "not with a list", id="another API"),
        pytest.param(reply(200, []), "not with a list", id="bare list"),
        pytest.param(reply(200, {"data": {}}), "not with a list", id="data is no list"),
        pytest.param(raw(200, b"", "application/json"), "not with a list", id="empty"),
        pytest.param(raw(302, b"", "text/html", headers={"Location": "/login"}), "redirects to /login", id="302"),
        pytest.param(reply(401, {"message": "Unauthenticated."}), "token was not accepted", id="401"),
        pytest.param(reply(403, {"message": "no"}), "scope contact-data:read", id="403"),
        pytest.param(reply(500, {"message": "Server Error"}), "cannot be used now", id="500"),
        pytest.param(reset(), "cannot be used now", id="reset"),
    ],
)
async def test_preflight_says_what_is_wrong(answer: Play, words: str) -> None:
    async with bench(otherwise=answer) as b:
        with pytest.raises(FatalTargetError, match=words):
            await b.kanbert.preflight()


async def test_preflight_says_that_nobody_listens() -> None:
    async with fake_server() as server:
        address = server.url
    async with open_client(address) as client:
        with pytest.raises(FatalTargetError, match=r"cannot be reached.*check its address"):
            await Kanbert(client.transport, ORIGIN).preflight()


# pages


def listed(*ids: int, cursor: str | None) -> Play:
    return reply(200, {"data": [{"id": n} for n in ids], "links": [], "meta": {"next_cursor": cursor, "per_page": 30}})


async def test_pages_ask_for_everything_with_the_same_words_and_no_sort() -> None:
    async with bench(listed(1, 2, cursor="a=="), listed(cursor="b"), listed(3, cursor=None)) as b:
        pages = await b.pages()
        assert [[company.kanbert_id for company in page.companies] for page in pages] == [["1", "2"], [], ["3"]]
        assert [(page.number, page.last) for page in pages] == [(1, False), (2, False), (3, True)]
        queries = [parse_qs(seen.query) for seen in b.server.seen]
        words = {"page[size]": ["100"], "filter": ['[{"field":"archived","op":"eq","value":"with"}]']}
        assert queries == [words, {**words, "page[cursor]": ["a=="]}, {**words, "page[cursor]": ["b"]}]


async def test_companies_are_matched_by_a_filter_of_live_ones_in_its_json_form() -> None:
    async with bench(listed(1, cursor="a"), listed(2, cursor=None)) as b:
        asked = {"company_name": 'A "B" ü', "address_invoice_zip": "1"}
        pages = [page async for page in b.kanbert.matching(asked, "k1")]
        assert [page.last for page in pages] == [False, True]
        queries = [parse_qs(seen.query) for seen in b.server.seen]
        conditions = [{"field": "archived", "op": "eq", "value": "without"}]
        conditions += [{"field": name, "op": "eq", "value": value} for name, value in asked.items()]
        assert [json.loads(query["filter"][0]) for query in queries] == [conditions] * 2
        assert {attempt.key for attempt in b.client.attempts} == {"k1"}


async def test_archived_companies_are_listed_alone() -> None:
    async with bench(listed(1, cursor=None)) as b:
        assert [page.last async for page in b.kanbert.archived_pages()] == [True]
        [seen] = b.server.seen
        assert json.loads(parse_qs(seen.query)["filter"][0]) == [{"field": "archived", "op": "eq", "value": "only"}]


async def test_pages_are_read_one_at_a_time() -> None:
    async with bench(listed(1, cursor="a"), listed(2, cursor=None)) as b:
        pages = b.kanbert.pages()
        await anext(pages)
        assert len(b.server.seen) == 1
        await pages.aclose()


async def test_trouble_on_a_page_is_tried_again() -> None:
    async with bench(listed(1, cursor="a"), reply(500), reset(), listed(2, cursor=None)) as b:
        assert len(await b.pages()) == 2


async def test_a_cursor_that_is_taken_for_none_ends_with_words() -> None:
    async with bench(otherwise=listed(1, 2, cursor="a")) as b:
        with pytest.raises(FatalTargetError, match=r"circles.*nothing was concluded"):
            await b.pages()
        assert len(b.server.seen) == 2


async def test_a_list_that_is_not_there_is_not_an_empty_one() -> None:
    async with bench(GONE) as b:
        with pytest.raises(FatalTargetError, match="no list"):
            await b.pages()


# archive and release


async def test_archive_looks_the_first_time_whether_it_does_what_it_says() -> None:
    done = reply(200, {"message": "Company deleted successfully"})
    async with bench(done, GONE, done) as b:
        await b.kanbert.archive("7", key="k1")
        await b.kanbert.archive("8", key="k2")
        assert [(one.method, one.path, one.query) for one in b.server.seen] == [
            ("DELETE", "/api/v1/companies/7", "find_by=id"),
            ("GET", "/api/v1/companies/7", "find_by=id"),
            ("DELETE", "/api/v1/companies/8", "find_by=id"),
        ]


async def test_archive_takes_a_company_that_is_gone_for_archived_and_believes_no_other_404() -> None:
    async with bench(GONE, GONE) as b:
        await b.kanbert.archive("7", key="k1")
    async with bench(GONE, reply(200, COMPANY)) as b:
        with pytest.raises(RefusedError, match="did not archive"):
            await b.kanbert.archive("7", key="k1")
    async with bench(reply(204, None), reply(200, {**COMPANY, "deleted_at": "2026-01-01"})) as b:
        await b.kanbert.archive("7", key="k1")


@pytest.mark.parametrize(
    ("external_id", "origin", "body"),
    [
        (None, "theirs", {"external_id": None, "external_origin": "theirs"}),
        (None, None, {"external_id": None}),
        ("x", "theirs", {"external_id": "x", "external_origin": "theirs"}),
    ],
)
async def test_release_gives_back_what_was_there(external_id: str | None, origin: str | None, body: Payload) -> None:
    async with bench(reply(200, COMPANY)) as b:
        await b.kanbert.release("7", external_id, origin, key="k1")
        assert b.asked() == ("PUT", "/companies/7/external-identifier", {"find_by": ["id"]}, body)
