"""Lists: the walk by cursor with the framework's quirks, and the filter in its JSON and form spellings."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from importer.sandbox import Behaviour, SandboxOptions
from tests.sandbox.client import Client, opened


async def filled(client: Client, number: int) -> None:
    for index in range(number):
        await client.created(external_id=f"k{index}", company_name=f"Company {index}")


async def walked(client: Client, query: str = "") -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        body = (await client.get(f"/companies?{query}{cursor}")).body
        found += [company["id"] for company in body["data"]]
        if body["meta"]["next_cursor"] is None:
            return found
        cursor = f"&page[cursor]={body['meta']['next_cursor']}"


async def asked(client: Client, conditions: object) -> list[str]:
    reply = await client.get(f"/companies?filter={quote(json.dumps(conditions))}")
    assert reply.status == 200, reply.text
    return [company["id"] for company in reply.body["data"]]


@pytest.mark.parametrize("number", [0, 1, 29, 30, 31, 60, 65])
async def test_a_walk_meets_each_company_once_in_order(client: Client, number: int) -> None:
    await filled(client, number)
    assert await walked(client) == [str(index + 1) for index in range(number)]


@pytest.mark.parametrize(
    ("size", "real"),
    [("10", 10), ("30", 30), ("100", 30), ("0", 30), ("-5", 30), ("x", 30), ("7x", 7), ("", 30), ("9" * 40, 30)],
)
async def test_the_page_size_is_clamped_without_a_word(client: Client, size: str, real: int) -> None:
    await filled(client, 31)
    body = (await client.get(f"/companies?page[size]={size}")).body
    assert (body["meta"]["per_page"], len(body["data"])) == (real, real)


async def test_a_page_size_that_is_no_map_is_ignored(client: Client) -> None:
    assert (await client.get("/companies?page=5")).body["meta"]["per_page"] == 30


async def test_the_maximum_can_be_raised() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(page_size_max=100))) as client:
        await filled(client, 31)
        assert len((await client.get("/companies?page[size]=100")).body["data"]) == 31
        assert len((await client.get("/companies")).body["data"]) == 30


async def test_meta_has_the_keys_of_the_framework_and_urls_that_repeat_the_asked_size(client: Client) -> None:
    await filled(client, 3)
    body = (await client.get("/companies?page[size]=2&filter=[]&x=")).body
    assert body["links"] == []
    meta = body["meta"]
    assert sorted(meta) == ["next_cursor", "next_page_url", "path", "per_page", "prev_cursor", "prev_page_url"]
    assert meta["path"] == f"{client.sandbox.url}/companies"
    assert (meta["prev_cursor"], meta["prev_page_url"]) == (None, None)
    query = parse_qs(urlsplit(meta["next_page_url"]).query)
    assert query == {"page[size]": ["2"], "filter": ["[]"], "page[cursor]": [meta["next_cursor"]]}
    decoded = json.loads(base64.urlsafe_b64decode(meta["next_cursor"] + "=="))
    assert decoded == {"companies.id": 2, "_pointsToNextItems": True}


async def test_the_walk_goes_back_too(client: Client) -> None:
    await filled(client, 5)
    second = (await client.get(f"/companies?page[size]=2&page[cursor]={encoded({'companies.id': 2})}")).body
    assert [company["id"] for company in second["data"]] == ["3", "4"]
    first = (await client.get(f"/companies?page[size]=2&page[cursor]={second['meta']['prev_cursor']}")).body
    assert [company["id"] for company in first["data"]] == ["1", "2"]
    assert first["meta"]["prev_cursor"] is None
    assert first["meta"]["next_cursor"] is not None
    fourth = encoded({"companies.id": 5, "_pointsToNextItems": False})
    middle = (await client.get(f"/companies?page[size]=2&page[cursor]={fourth}")).body
    assert [company["id"] for company in middle["data"]] == ["3", "4"]
    assert middle["meta"]["prev_cursor"] is not None


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param("cursor_url", ["next_cursor", "next_cursor_url"], id="documented"),
        pytest.param("both", ["next_cursor", "next_cursor_url", "next_page_url"], id="both"),
        pytest.param("no_next_cursor", ["next_page_url"], id="version 8"),
    ],
)
async def test_meta_can_be_spelled_otherwise(keys: Any, expected: list[str]) -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(meta_keys=keys))) as client:
        await filled(client, 2)
        meta = (await client.get("/companies?page[size]=1")).body["meta"]
    assert sorted(key for key in meta if key.startswith("next")) == expected
    assert all(meta[key] for key in expected)


def encoded(value: object) -> str:
    if isinstance(value, dict):
        value = {"_pointsToNextItems": True, **value}
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("cursor", ["x", "%%%", "bm90IGpzb24", "", "a", encoded("")[:-2], "W1tb"])
async def test_an_undecodable_cursor_is_page_one(client: Client, cursor: str) -> None:
    await filled(client, 2)
    reply = await client.get(f"/companies?page[cursor]={quote(cursor)}")
    assert (reply.status, len(reply.body["data"])) == (200, 2)


@pytest.mark.parametrize("value", [{"company_name": "x"}, 5, [1], None])
async def test_a_cursor_of_another_list_is_a_500(client: Client, value: object) -> None:
    reply = await client.get(f"/companies?page[cursor]={encoded(value)}")
    assert (reply.status, reply.body) == (500, {"message": "Server Error"})


@pytest.mark.parametrize(("start", "number"), [("1", 1), ("x", 2), (10**30, 0), (-1, 2), (None, 2)])
async def test_a_cursor_may_hold_any_value(client: Client, start: object, number: int) -> None:
    await filled(client, 2)
    reply = await client.get(f"/companies?page[cursor]={encoded({'companies.id': start})}")
    assert (reply.status, len(reply.body["data"])) == (200, number)


async def test_unknown_sorts_are_400_and_the_known_ones_are_not_offered(client: Client) -> None:
    reply = await client.get("/companies?sort=-title")
    assert reply.status == 400
    assert reply.body["message"].startswith("Requested sort(s) `title` is not allowed.")
    assert (await client.get("/companies?sort=company_name")).status == 400


@pytest.mark.parametrize(
    ("value", "expected"),
    [("with", ["1", "2"]), ("only", ["1"]), ("without", ["2"])],
)
async def test_archived_companies_are_listed_only_when_asked_for(
    client: Client, value: str, expected: list[str]
) -> None:
    await filled(client, 2)
    await client.call("DELETE", "/companies/1")
    assert await walked(client) == ["2"]
    assert await asked(client, [{"field": "archived", "op": "eq", "value": value}]) == expected
    form = f"filter[0][field]=archived&filter[0][op]=EQ&filter[0][value]={value}"
    assert await walked(client, form) == expected


COMPANIES: list[dict[str, object]] = [
    {"company_name": "ACME Müller", "tax_uid": "ATU1", "invoices_by_email": True, "custom_fields": {"key": "a"}},
    {"company_name": "Beta", "tax_uid": "ATU2", "address_invoice_country": "NL", "business_field": "Bau"},
    {"company_name": "beta", "email": "100%@x.example", "client_id": "1"},
]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        pytest.param([{"field": "company_name", "op": "eq", "value": "acme MÜLLER"}], "1", id="eq, any case"),
        pytest.param([{"field": "company_name", "op": "eq", "value": "acme"}], "", id="eq is the whole"),
        pytest.param([{"field": "company_name", "op": "in", "value": ["BETA", "x"]}], "23", id="in"),
        pytest.param([{"field": "company_name", "op": "nin", "value": ["beta"]}], "1", id="nin"),
        pytest.param([{"field": "company_name", "op": "in", "value": []}], "", id="in nothing"),
        pytest.param([{"field": "tax_uid", "op": "ne", "value": "atu1"}], "2", id="ne does not match null"),
        pytest.param([{"field": "tax_uid", "op": "isnull"}], "3", id="isnull"),
        pytest.param([{"field": "tax_uid", "op": "notnull"}], "12", id="notnull"),
        pytest.param([{"field": "company_name", "op": "contains", "value": "ET"}], "23", id="contains"),
        pytest.param(
            [{"field": "email", "op": "contains", "value": "0%@"}], "3", id="contains takes signs as they are"
        ),
        pytest.param([{"field": "company_name", "op": "startswith", "value": "acm"}], "1", id="startswith"),
        pytest.param([{"field": "company_name", "op": "endswith", "value": "TA"}], "23", id="endswith"),
        pytest.param([{"field": "company_name", "op": "like", "value": "%m_ll%"}], "1", id="like"),
        pytest.param(
            [{"field": "address_invoice_country.name", "op": "eq", "value": "Netherlands"}], "2", id="country"
        ),
        pytest.param([{"field": "business_field.name", "op": "eq", "value": "Bau"}], "2", id="business field"),
        pytest.param([{"field": "client.name", "op": "eq", "value": "Agency"}], "3", id="client's name"),
        pytest.param([{"field": "client.id", "op": "eq", "value": "1"}], "3", id="client's id"),
        pytest.param([{"field": "client.id", "op": "in", "value": [1, 2]}], "3", id="ids as numbers"),
        pytest.param([{"field": "client.external_id", "op": "eq", "value": "x"}], "", id="client's external id"),
        pytest.param([{"field": "invoices_by_email", "op": "eq", "value": True}], "1", id="boolean"),
        pytest.param([{"field": "invoices_by_email", "op": "ne", "value": "true"}], "23", id="boolean as text"),
        pytest.param([{"field": "custom_fields.key", "op": "eq", "value": "A"}], "1", id="custom field"),
        pytest.param([{"field": "tax_uid", "op": "eq", "value": True}], "", id="a boolean for a text"),
        pytest.param([], "123", id="nothing"),
        pytest.param(
            [{"field": "company_name", "op": "eq", "value": "beta"}, {"field": "tax_uid", "op": "notnull"}],
            "2",
            id="and",
        ),
        pytest.param(
            {
                "or": [
                    {"field": "tax_uid", "op": "eq", "value": "ATU1"},
                    {
                        "and": [
                            {"field": "company_name", "op": "eq", "value": "beta"},
                            {"field": "email", "op": "notnull"},
                        ]
                    },
                ]
            },
            "13",
            id="or, nested",
        ),
        pytest.param({"field": "tax_uid", "op": "EQ", "value": "ATU1"}, "1", id="a bare condition"),
    ],
)
async def test_a_filter_chooses(conditions: object, expected: str) -> None:
    options = SandboxOptions(custom_fields=frozenset({"key"}), clients=("Agency",))
    async with opened(options) as client:
        for fields in COMPANIES:
            await client.created(**fields)
        assert await asked(client, conditions) == list(expected)


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param([{"field": "external_id", "op": "eq", "value": "k1"}], id="external_id"),
        pytest.param([{"field": "id", "op": "eq", "value": "1"}], id="id"),
        pytest.param([{"field": "locale", "op": "eq", "value": "de"}], id="locale"),
        pytest.param([{"field": "invoice_by_post", "op": "eq", "value": True}], id="a written name"),
        pytest.param([{"field": "custom_fields.bogus", "op": "eq", "value": "x"}], id="unknown custom field"),
        pytest.param([{"field": "created_at", "op": "gt", "value": "2020-01-01"}], id="dates"),
        pytest.param([{"field": "tags", "op": "any", "value": []}], id="relations"),
        pytest.param([{"field": "archived", "op": "eq", "value": "yes"}], id="unknown archived"),
        pytest.param([{"field": "archived", "op": "in", "value": ["with"]}], id="archived in"),
        pytest.param([{"field": "company_name", "op": "gt", "value": "a"}], id="operator of another type"),
        pytest.param([{"field": "company_name", "op": "in", "value": "a"}], id="in without a list"),
        pytest.param([{"field": "company_name", "op": "eq", "value": None}], id="eq null"),
        pytest.param([{"field": "company_name", "op": "contains", "value": ["a"]}], id="contains a list"),
        pytest.param([{"field": "invoices_by_email", "op": "in", "value": [True]}], id="boolean in"),
        pytest.param([{"field": "invoices_by_email", "op": "contains", "value": "1"}], id="boolean contains"),
        pytest.param([{"field": "company_name"}], id="no operator"),
        pytest.param([{"op": "eq"}], id="no field"),
        pytest.param(["company_name"], id="no condition"),
        pytest.param("company_name", id="a text"),
        pytest.param([[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]], id="deep"),
    ],
)
async def test_what_cannot_be_filtered_by_is_400(client: Client, conditions: object) -> None:
    reply = await client.get(f"/companies?filter={quote(json.dumps(conditions))}")
    assert (reply.status, list(reply.body)) == (400, ["message"])


@pytest.mark.parametrize("text", ['tax_uid eq "ATU1"', "[" * 5000, "{", "NaN"])
async def test_a_filter_that_is_not_json_is_400(client: Client, text: str) -> None:
    assert (await client.get(f"/companies?filter={quote(text)}")).status == 400


async def test_an_unknown_filter_is_named(client: Client) -> None:
    reply = await client.get(f"/companies?filter={quote(json.dumps([{'field': 'external_id', 'op': 'eq'}]))}")
    assert reply.body["message"] == "Requested filter(s) `external_id` are not allowed."


async def test_every_custom_field_can_be_asked_where_every_one_is_stored() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(unknown_custom_field="store"))) as client:
        await client.created(custom_fields={"any": 5})
        assert await asked(client, [{"field": "custom_fields.any", "op": "eq", "value": 5}]) == ["1"]
