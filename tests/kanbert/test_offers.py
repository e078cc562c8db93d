"""Which offers refer to companies: the filter, the pages, and what is believed of the answers."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from importer.errors import FatalTargetError
from importer.kanbert import Offer, Offers
from tests.fakes.client import open_client
from tests.fakes.server import FakeServer, Play, fake_server, reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def asked(*script: Play) -> AsyncIterator[tuple[Offers, FakeServer]]:
    async with fake_server(*script) as server, open_client(server.url) as client:
        yield Offers(client.transport), server


def offer(number: str, company: object, status: str = "open", **more: Any) -> dict[str, Any]:
    return {"id": number, "title": f"T {number}", "status": status, "company": company, **more}


def page(*offers: dict[str, Any], cursor: str | None = None) -> Play:
    return reply(200, {"data": list(offers), "links": [], "meta": {"next_cursor": cursor}})


def filters(server: FakeServer) -> list[Any]:
    return [json.loads(parse_qs(one.query)["filter"][0]) for one in server.seen]


async def test_many_companies_are_asked_for_at_once_over_as_many_pages_as_there_are() -> None:
    first = page(offer("1", {"id": 7}, offer_number="AN-1"), offer("2", {"id": "9"}), cursor="c")
    async with asked(first, page(offer("3", {"id": "8"}, "cancelled"), offer("4", {"id": "7"}))) as (offers, server):
        found = await offers.of(["7", "8"])
        assert found == {
            "7": [Offer("7", "AN-1", "open"), Offer("7", "T 4", "open")],
            "8": [Offer("8", "T 3", "cancelled")],
        }
        assert filters(server) == [[{"field": "company.id", "op": "in", "value": ["7", "8"]}]] * 2
        assert parse_qs(server.seen[1].query)["page[cursor]"] == ["c"]
        assert [str(found["7"][0]), found["7"][0].protects, found["8"][0].protects] == ["AN-1 (open)", True, False]


@pytest.mark.parametrize("status", [400, 422])
async def test_where_that_is_not_understood_each_is_asked_for(status: int) -> None:
    no = reply(status, {"message": "no"})
    async with asked(no, page(offer("1", {"id": "7"})), page(), page(), page()) as (offers, server):
        assert list(await offers.of(["7", "8"])) == ["7"]
        await offers.of(["9"])
        assert [one[0]["op"] for one in filters(server)] == ["in", "eq", "eq", "eq"]


async def test_offers_that_refer_to_nobody_or_are_archived_say_nothing() -> None:
    async with asked(page(offer("1", None), offer("2", {"id": "7"}, deleted_at="2026-01-01"))) as (offers, _):
        assert await offers.of(["7"]) == {}


async def test_a_status_that_nobody_has_told_us_of_protects() -> None:
    async with asked(page(offer("1", {"id": "7"}, "new"), offer("2", {"id": "7"}, ""))) as (offers, _):
        found = (await offers.of(["7"]))["7"]
        assert [one.protects for one in found] == [True, True]
        assert str(found[1]) == "T 2 (no status)"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([reply(403, {"message": "Invalid scope(s) provided."})], "offer:read"),
        ([reply(404, {"message": "no such route"})], "no list of offers"),
        ([page(offer("1", {"id": "7"}), cursor="c")] * 2, "circles"),
    ],
)
async def test_what_cannot_be_relied_upon_stops_everything(script: list[Play], words: str) -> None:
    async with asked(*script) as (offers, _):
        with pytest.raises(FatalTargetError, match=words):
            await offers.of(["7"])


async def test_whether_offers_may_be_read_is_one_question() -> None:
    async with asked(page()) as (offers, server):
        await offers.check()
        assert parse_qs(server.seen[0].query) == {"page[size]": ["1"]}
