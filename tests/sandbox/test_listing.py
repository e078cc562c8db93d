"""The list of companies: the walk by cursor with the framework's quirks, its sorts, and its filter in every spelling."""

from __future__ import annotations

import base64
import datetime as dt
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


@pytest.mark.parametrize(("start", "number"), [("1", 1), ("x", 2), (10**30, 0), (-1, 2), (None, 0)])
async def test_a_cursor_may_hold_any_value(client: Client, start: object, number: int) -> None:
    await filled(client, 2)
    reply = await client.get(f"/companies?page[cursor]={encoded({'companies.id': start})}")
    assert (reply.status, len(reply.body["data"])) == (200, number)


async def test_an_unknown_sort_is_a_400_in_the_words_of_the_framework(client: Client) -> None:
    for sort, unknown in (("-title", "title"), ("sort%3D-created_at,title", "sort=-created_at, title")):
        reply = await client.get(f"/companies?sort={sort}")
        allowed = "Allowed sort(s) are `company_name, updated_at, created_at`."
        assert reply.status == 400
        assert reply.body["message"] == f"Requested sort(s) `{unknown}` is not allowed. {allowed}"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        pytest.param("company_name,custom_fields.n", "2431", id="name in any case, then a custom field"),
        pytest.param("-company_name", "1", id="descending"),
        pytest.param("custom_fields.n,-company_name", "1324", id="null first"),
        pytest.param("created_at,updated_at,company_name", "1234", id="dates"),
    ],
)
async def test_a_sort_orders(sort: str, expected: str) -> None:
    seconds = iter(range(1000))
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    options = SandboxOptions(custom_fields=frozenset({"n"}), now=lambda: start + dt.timedelta(seconds=next(seconds)))
    async with opened(options) as client:
        for name, number in (("c", None), ("A", 10), ("b", 2), ("a", 11)):
            await client.created(company_name=name, custom_fields={} if number is None else {"n": number})
        found = await walked(client, f"sort={sort}")
    assert found[: len(expected)] == list(expected)


async def fill_with_equal_names(client: Client) -> None:
    for name in ["same"] * 35 + [f"name {number:02}" for number in range(25)] + ["gone"] * 5:
        await client.created(company_name=name)
    for number in range(61, 66):
        assert (await client.patch(f"/companies/{number}", company_name=None)).status == 200


async def test_a_sorted_walk_loses_25_of_65_without_an_error(client: Client) -> None:
    await fill_with_equal_names(client)
    found = await walked(client, "sort=company_name&page[size]=10")
    assert len(found) == len(set(found)) == 40
    assert len(await walked(client, "page[size]=10")) == 65


async def test_a_stable_sort_loses_nothing() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(stable_sort=True))) as client:
        await fill_with_equal_names(client)
        for sort in ("company_name", "-company_name", "created_at"):
            found = await walked(client, f"sort={sort}&page[size]=10")
            assert len(found) == len(set(found)) == 65


async def test_a_null_in_a_cursor_can_be_the_error_of_the_framework() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(null_in_cursor="error"))) as client:
        await filled(client, 2)
        await client.patch("/companies/1", company_name=None)
        page = (await client.get("/companies?sort=company_name&page[size]=1")).body
        link = page["meta"]["next_page_url"].removeprefix(client.sandbox.url)
        assert (await client.get(link)).status == 500


async def test_a_cursor_of_another_sort_is_a_500(client: Client) -> None:
    await filled(client, 2)
    cursor = (await client.get("/companies?page[size]=1")).body["meta"]["next_cursor"]
    assert (await client.get(f"/companies?sort=company_name&page[cursor]={cursor}")).status == 500


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
        pytest.param([{"field": "created_at", "op": "gt", "value": "yesterday"}], id="no date"),
        pytest.param([{"field": "tags", "op": "eq", "value": "VIP"}], id="a relation without any, none, all, count"),
        pytest.param(
            [{"field": "tags", "op": "any", "value": [{"field": "name", "op": "isnull"}]}], id="no field of tags"
        ),
        pytest.param([{"field": "deleted_at", "op": "isnull"}], id="deleted_at"),
        pytest.param([{"field": "address_invoice_country.code", "op": "eq", "value": "NL"}], id="country code"),
        pytest.param([{"field": "company_size", "op": "eq", "value": "1-5"}], id="company_size"),
        pytest.param(
            [{"field": "computed_fields.x", "op": "eq", "value": 1}], id="computed fields, which companies have not"
        ),
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


@pytest.mark.parametrize("text", ["tax_uid eq", "[" * 5000, "{", "NaN", "5", "'a", "company_name eq today+5d)"])
async def test_a_filter_that_cannot_be_read_is_400(client: Client, text: str) -> None:
    assert (await client.get(f"/companies?filter={quote(text)}")).status == 400


async def test_an_unknown_filter_is_named(client: Client) -> None:
    reply = await client.get(f"/companies?filter={quote(json.dumps([{'field': 'external_id', 'op': 'eq'}]))}")
    assert reply.body["message"] == "Requested filter(s) `external_id` are not allowed."


async def test_every_custom_field_can_be_asked_where_every_one_is_stored() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(unknown_custom_field="store"))) as client:
        await client.created(custom_fields={"any": 5})
        assert await asked(client, [{"field": "custom_fields.any", "op": "eq", "value": 5}]) == ["1"]


STRINGS = [
    *(
        [
            "company_name",
            "tax_uid",
            "iban",
            "bic",
            "phone",
            "fax",
            "email",
            "email_general",
            "homepage",
            "business_field.name",
        ]
    ),
    *(["person_attention_to", "delivery_person_attention_to", "client.name", "client.shortcode", "client.external_id"]),
    *(["client.external_origin", "address_invoice_country.name", "address_delivery_country.name"]),
    *(
        f"address_{kind}_{part}"
        for kind in ("invoice", "delivery")
        for part in ("title", "street", "street2", "house", "zip", "state", "town")
    ),
]
EQUAL, NULLS, LISTS = ("eq", "ne", "neq"), ("isnull", "isnotnull", "notnull"), ("in", "nin", "notin")
ORDER, TEXT = ("lt", "lte", "le", "gt", "gte", "ge"), ("contains", "like", "startswith", "endswith")
DOCUMENTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(STRINGS, (*EQUAL, *NULLS, *LISTS, *TEXT)),
    **dict.fromkeys(["business_field.id", "client.id"], (*EQUAL, *NULLS, *LISTS)),
    **dict.fromkeys(["created_at", "updated_at"], (*EQUAL, *NULLS, *LISTS, *ORDER)),
    **dict.fromkeys(["invoices_by_post", "invoices_by_email", "address_invoice_is_delivery"], (*EQUAL, *NULLS)),
    "custom_fields.any": (*EQUAL, *NULLS, *LISTS, *ORDER, *TEXT),
    "contacts": ("any", "none", "all", "count"),
    "tags": ("any", "none", "all", "count"),
    "archived": ("eq",),
}
VALUES = {"archived": "with", "created_at": "2026-01-01", "updated_at": "now", "tags": [], "contacts": []}


async def test_exactly_the_documented_fields_and_operators_are_taken() -> None:
    assert len(DOCUMENTED) == 43
    every = {*EQUAL, *NULLS, *LISTS, *ORDER, *TEXT, "any", "none", "all", "count", "between"}
    behaviour = Behaviour(unknown_custom_field="store")
    async with opened(SandboxOptions(behaviour=behaviour)) as client:
        taken: dict[str, set[str]] = {}
        for field in DOCUMENTED:
            for op in every:
                value = [VALUES.get(field, "1")] if op in LISTS else 1 if op == "count" else VALUES.get(field, "1")
                condition = {"field": field, "op": op, "value": value}
                reply = await client.get(f"/companies?filter={quote(json.dumps([condition]))}")
                assert reply.status in (200, 400), reply.text
                if reply.status == 200:
                    taken.setdefault(field, set()).add(op)
    assert taken == {field: set(operators) for field, operators in DOCUMENTED.items()}


CONTACT_FIELDS = [
    *(
        [
            "external_id",
            "external_origin",
            "first_name",
            "last_name",
            "email",
            "email_private",
            "mobile",
            "mobile_private",
        ]
    ),
    *(["telephone", "telephone_private"]),
]


@pytest.mark.parametrize(
    "sentence",
    [
        *(f"contacts any ({field} contains 'a')" for field in CONTACT_FIELDS),
        "contacts all (birthday lt today-6570d and id ne me.id)",
        "tags none (id in [1, 2])",
    ],
)
async def test_the_fields_of_relations_are_known(client: Client, sentence: str) -> None:
    assert (await client.get(f"/companies?filter={quote(sentence)}")).status == 200


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param('tax_uid eq "ATU1"', "1", id="documented"),
        pytest.param("(tax_uid = atu1 or tax_uid = atu2) and created_at >= today", "12", id="documented, too"),
        pytest.param("company_name in ['BETA', x] and email is null", "2", id="in, is null"),
        pytest.param("tags any (title eq vip)", "12", id="any"),
        pytest.param("tags none (title eq vip)", "3", id="none"),
        pytest.param("tags all (title eq vip)", "23", id="all"),
        pytest.param("tags count >= 2", "1", id="count"),
        pytest.param("tags count (title ne vip) = 0", "23", id="count where"),
        pytest.param("contacts none", "123", id="no contacts"),
        pytest.param("created_at eq today", "123", id="today"),
        pytest.param("created_at gt now", "", id="now"),
        pytest.param("created_at lt eow and created_at gte som", "123", id="weeks and months"),
        pytest.param("created_at in [today-1d, 2020-01-01]", "", id="dates"),
        pytest.param("updated_at ne today", "", id="another day"),
        pytest.param("custom_fields.key gte a", "1", id="custom field"),
    ],
)
async def test_a_sentence_chooses(sentence: str, expected: str) -> None:
    now = dt.datetime(2026, 5, 13, 12, tzinfo=dt.UTC)
    options = SandboxOptions(custom_fields=frozenset({"key"}), clients=("Agency",), now=lambda: now)
    async with opened(options) as client:
        for fields, tags in zip(COMPANIES, (["VIP", "Alt"], ["VIP"], []), strict=True):
            await client.created(**fields, tags=tags)
        assert await walked(client, f"filter={quote(sentence)}") == list(expected)


async def test_the_example_of_the_documentation_names_a_field_that_companies_have_not(client: Client) -> None:
    example = 'title contains "Acme" and (created_at >= "2024-01-01" or client.name contains "Corp")'
    reply = await client.get(f"/companies?filter={quote(example)}")
    assert (reply.status, reply.body["message"]) == (400, "Requested filter(s) `title` are not allowed.")


async def test_case_can_count() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(case_sensitive_filter=True))) as client:
        for name in ("ACME", "acme"):
            await client.created(company_name=name)
        assert await asked(client, [{"field": "company_name", "op": "eq", "value": "acme"}]) == ["2"]
        assert await asked(client, [{"field": "company_name", "op": "contains", "value": "CM"}]) == ["1"]


async def test_computed_fields_are_a_query_key_like_any_unknown_one(client: Client) -> None:
    await filled(client, 1)
    assert await walked(client, "computed_fields[x]=tags.count()") == ["1"]


async def test_a_form_may_be_nested(client: Client) -> None:
    await filled(client, 3)
    form = "filter[or][0][field]=company_name&filter[or][0][op]=in&filter[or][0][value][]=company 0"
    other = "filter[or][1][field]=company_name&filter[or][1][op]=endswith&filter[or][1][value]=2"
    assert await walked(client, f"{quote(form, safe='&=[]')}&{other}") == ["1", "3"]


async def test_a_condition_on_a_thousand_values_is_answered() -> None:
    values = ",".join(str(number) for number in range(1000))
    async with opened() as client:
        await client.created(company_name="999")
        assert await walked(client, f"filter={quote(f'company_name in [{values}]', safe=',[]')}") == ["1"]
        too_many = await client.get(f"/companies?filter={quote(f'company_name in [{values},x]', safe=',[]')}")
        assert too_many.status == 400


async def test_contacts_are_all_that_can_be_included(client: Client) -> None:
    await filled(client, 1)
    assert (await client.get("/companies?include=contacts")).body["data"][0]["contacts"] == []
    assert "contacts" not in (await client.get("/companies")).body["data"][0]
    reply = await client.get("/companies?include=contacts,tags,x")
    assert (reply.status, reply.body["message"]) == (
        400,
        "Given include(s) `tags, x` are not allowed. Allowed includes are `contacts`.",
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("include[]=contacts", True, id="an array"),
        pytest.param("include[a]=contacts&include[b]=", True, id="a map with an empty one"),
        pytest.param("include=contacts,", True, id="a comma at the end"),
        pytest.param("include=,contacts,0", True, id="what PHP takes for nothing"),
        pytest.param("include=,", False, id="nothing but a comma"),
        pytest.param("include=", False, id="nothing"),
        pytest.param("include[]=", False, id="an array of nothing"),
        pytest.param("include[]=bogus", "bogus", id="an unknown one in an array"),
        pytest.param("include[]=contacts&include[]=x&include[]=x", "x", id="one of two"),
        pytest.param("include[]=contacts,contacts", "contacts,contacts", id="no commas within an array"),
        pytest.param("include[a][b]=contacts", "Array", id="an array in an array"),
    ],
)
async def test_an_include_is_a_text_or_an_array(client: Client, query: str, expected: object) -> None:
    await filled(client, 1)
    for path in ("/companies/1", "/companies"):
        reply = await client.get(f"{path}?{query}")
        if isinstance(expected, str):
            says = f"Given include(s) `{expected}` are not allowed. Allowed includes are `contacts`."
            assert (reply.status, reply.body["message"]) == (400, says)
        else:
            company = reply.body if path == "/companies/1" else reply.body["data"][0]
            assert ("contacts" in company) is expected
