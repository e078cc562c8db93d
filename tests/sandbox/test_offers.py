"""Offers: how they are answered, listed, filtered, sorted and seeded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from importer.sandbox import Behaviour, SandboxOptions, Token
from importer.sandbox.calls import Call
from importer.sandbox.companies.seeding import insert_company
from importer.sandbox.embedded.seeding import insert_client, insert_project, insert_user
from importer.sandbox.offers import answered
from importer.sandbox.offers.finding import SELECT
from importer.sandbox.offers.rendering import rendered
from importer.sandbox.offers.seeding import STATUSES, insert_offer
from importer.sandbox.routes import Endpoint, Route
from importer.sandbox.seed_error import SeedError
from tests.sandbox import shapes
from tests.sandbox.client import opened
from tests.sandbox.spaces import SPACE, in_store, opened_with, query

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator
    from pathlib import Path

    from importer.sandbox.wire.inputs import Input, Json
    from tests.sandbox.client import Client

ITEMS: list[Any] = [
    {"title": "Concept", "price": 0.1, "amount": 3, "purchase_price": 0.7, "purchase_amount": 3, "metric": "Day"},
    {"title": "Build", "price": 19.99, "amount": 1.5, "discount_factor": 0.1, "project": "Relaunch", "order": 9},
    {"title": "Care", "price": 100, "is_optional": True, "payment_partial_type": "monthly", "tax_factor": 0.1},
    {"title": "Part two", "type": "category", "metric": {"title": "Hour", "title_plural": "Hours"}},
]
COSTS: list[Any] = [
    {"title": "Print", "price": 12.5, "amount": 4, "supplier": "Press", "client": "Tannhof", "project": "Relaunch"},
    {"title": "Refund", "price": 0.1, "amount": 3, "is_credit": True},
    {
        "title": "Maybe",
        "price": 99,
        "is_optional": True,
        "payment_partial_type": "yearly",
        "payment_partial_interval": 3,
    },
]


def fill(db: sqlite3.Connection) -> None:
    """Put in an offer in each of the five states; the second is for an archived company, the last is archived."""
    insert_user(db, SPACE, {"first_name": "Maia", "last_name": "Ebner", "email": "maia@agency.example", "id": 1})
    insert_client(db, SPACE, {"name": "Tannhof", "external_id": "K1", "shortcode": "TH"})
    insert_project(db, SPACE, {"title": "Relaunch", "client": "Tannhof", "external_id": "P1"})
    address = {"street": "Hauptplatz", "house": "1", "zip": "0810", "town": "Graz", "country": "AT"}
    company = {f"address_invoice_{name}": value for name, value in address.items()}
    insert_company(db, SPACE, {"company_name": "Tannhof GmbH", "external_id": "C-1", "client_id": "1", **company})
    gone: Input = {"company_name": "Gone (AG)", "external_id": "C-1", "external_origin": "erp", "archived": True}
    insert_company(db, SPACE, {**gone, "taxation": False, "locale": "de"})
    erp: Json = {"external_id": "C-1", "origin": "erp"}
    offers: list[Input] = [
        {"title": "Web site", "company": "C-1", "line_items": ITEMS, "external_costs": COSTS, "editor": 1},
        {"title": "App", "company": erp, "line_items": [{"title": "Day", "price": 800}], "external_id": "O-2"},
        {"title": "Logo", "project": "Relaunch", "sum_net": 50, "offer_number": None, "is_direct_approved": True},
        {"title": "Talk", "sum_net": 0.3, "sum_tax": 0, "approvals_needed": 2, "external_origin": "erp"},
        {
            "title": "Old",
            "archived": True,
            "client": {"external_id": "K1"},
            "external_id": "O-2",
            "external_origin": "erp",
        },
    ]
    for status, offer in zip(STATUSES, offers, strict=True):
        insert_offer(db, SPACE, {**offer, "status": status})


@pytest.fixture
async def space(tmp_path: Path) -> AsyncIterator[Client]:
    async with opened_with(tmp_path / "space.db", fill) as client:
        yield client


async def titles(client: Client, **parameters: object) -> list[str]:
    """List the titles of a page of offers."""
    reply = await client.get(f"/offers?{query(**parameters)}")
    assert reply.status == 200, reply.text
    return [offer["title"] for offer in reply.body["data"]]


async def test_every_answer_has_its_documented_shape(space: Client) -> None:
    page = (
        await space.get(f"/offers?{query(filter='archived eq with', computed_fields__n='line_items.count()')}")
    ).body
    items = (await space.get("/offers/1/line-items")).body
    assert shapes.faults(page["data"], [shapes.Offer]) == []
    assert shapes.faults((await space.get("/offers/1")).body, shapes.Offer) == []
    assert shapes.faults(items["data"], [shapes.LineItem]) == []
    assert [offer["status"] for offer in page["data"]] == list(STATUSES)
    assert [page["links"], page["meta"]["per_page"], items["links"], items["meta"]["next_cursor"]] == [[], 30, [], None]
    assert items["meta"]["path"] == f"{space.sandbox.url}/offers/1/line-items"


async def test_an_offer_says_what_follows_from_its_company_and_items(space: Client) -> None:
    offer = (await space.get("/offers/1")).body
    assert offer["address"] == "Tannhof GmbH\nHauptplatz 1\n0810 Graz\nAustria"
    assert (offer["client"]["name"], offer["editor"]["email"]) == ("Tannhof", "maia@agency.example")
    assert (offer["offer_number"], offer["currency"], offer["locale"]) == ("AN-2026-0001", "EUR", "en")
    assert offer["date_of_offer"] == "2026-05-04T00:00:00+00:00"
    assert offer["date_of_expiry"] == "2026-06-03T00:00:00+00:00"
    assert offer["created_at"] == offer["updated_at"] == "2026-05-04T09:30:00+00:00"
    assert [item["title"] for item in offer["line_items"]] == ["Concept", "Care", "Part two", "Build"]
    assert [item["metric"]["title_plural"] for item in offer["line_items"]] == ["Day", "Pieces", "Hours", "Pieces"]
    assert [item["payment_partial_interval"] for item in offer["line_items"]] == [None, 1, None, None]
    assert [cost["title"] for cost in offer["external_costs"]] == ["Print", "Refund", "Maybe"]
    assert [cost["supplier"] for cost in offer["external_costs"]] == [{"id": "1", "name": "Press"}, None, None]


async def test_money_has_no_noise_of_floats(space: Client) -> None:
    text = (await space.get("/offers/1")).text
    offer = json.loads(text, parse_float=str)
    concept, *_, build = offer["line_items"]
    assert [concept[f"total_{name}"] for name in ("net_base", "net", "gross_base", "gross")] == [
        "0.3",
        "0.3",
        "0.36",
        "0.36",
    ]
    assert [build[f"total_{name}"] for name in ("net_base", "net", "gross_base", "gross")] == [
        "29.99",
        "26.99",
        "35.99",
        "32.39",
    ]
    assert (concept["purchase_total"], concept["amount"], build["amount"]) == ("2.1", 3, "1.5")
    sums = [offer[f"sum_{name}"] for name in ("net", "tax", "gross", "external_costs")]
    assert sums == ["27.29", "5.46", "32.75", "49.7"]


@given(st.lists(st.tuples(st.decimals(0, 10**6, places=4), st.decimals(0, 1000, places=2)), max_size=5))
async def test_sums_balance_to_the_cent(prices: list[tuple[Any, Any]]) -> None:
    items: list[Any] = [{"title": "x", "price": float(price), "amount": float(amount)} for price, amount in prices]

    def work(db: sqlite3.Connection) -> Any:
        insert_offer(db, SPACE, {"title": "Sum", "status": "open", "line_items": items})
        return rendered(db, db.execute(SELECT).fetchall(), SPACE.behaviour)[0]

    offer = await in_store(work)
    cents = {name: round(offer[f"sum_{name}"] * 100) for name in ("net", "tax", "gross")}
    assert cents["net"] + cents["tax"] == cents["gross"]
    assert cents["net"] == sum(round(item["total_net"] * 100) for item in offer["line_items"])


async def test_the_company_inside_is_the_one_that_the_companies_api_answers(space: Client) -> None:
    assert (await space.get("/offers/1")).body["company"] == (await space.get("/companies/1")).body


async def test_the_company_inside_may_be_archived(space: Client) -> None:
    offer = (await space.get("/offers/2")).body
    assert (await space.get("/companies/2")).status == 404
    assert (offer["company"]["external_origin"], offer["company"]["deleted_at"]) == ("erp", "2026-05-04T09:30:00+00:00")
    assert offer["client"]["name"] == "Gone (AG)"
    assert (offer["taxation_enabled"], offer["locale"], offer["sum_tax"], offer["sum_gross"]) == (False, "de", 0, 800)


async def test_an_offer_may_be_for_nobody_in_particular(space: Client) -> None:
    logo, talk = [(await space.get(f"/offers/{key}")).body for key in (3, 4)]
    assert [logo["company"], logo["client"]["name"], logo["project"]["title"]] == [None, "Tannhof", "Relaunch"]
    assert [logo["sum_tax"], logo["sum_gross"], logo["offer_number"], logo["is_direct_approved"]] == [
        10,
        60,
        None,
        True,
    ]
    assert [talk["client"]["name"], talk["sum_gross"], talk["approvals_needed"], talk["address"]] == [
        "Sandbox",
        0.3,
        2,
        "",
    ]


@pytest.mark.parametrize(
    ("path", "status", "found"),
    [
        pytest.param("/offers/7", 404, "No query results for model [App\\Models\\Offer] 7", id="unknown-id"),
        pytest.param("/offers/5", 404, "No query results for model [App\\Models\\Offer] 5", id="archived"),
        pytest.param("/offers/1x/pdf", 404, "No query results for model [App\\Models\\Offer] 1x", id="no-number"),
        pytest.param("/offers/7/line-items", 404, "No query results for model [App\\Models\\Offer] 7", id="items"),
        pytest.param("/offers/O-2?find_by=external_id", 200, "App", id="external-id"),
        pytest.param("/offers/O-2/line-items?find_by=external_id&origin=sandbox", 200, "Day", id="origin"),
        pytest.param(
            "/offers/O-2?find_by=external_id&origin=erp",
            404,
            "No query results for model [App\\Models\\Offer].",
            id="archived-external-id",
        ),
        pytest.param("/offers/o-2?find_by=external_id", 404, "[App\\Models\\Offer].", id="case"),
        pytest.param("/offers/1?find_by=title", 422, "The selected find by is invalid.", id="find-by"),
        pytest.param("/offers/1?include=nonsense", 200, "Web site", id="include-is-not-read"),
    ],
)
async def test_an_offer_is_found_by_id_or_external_id(space: Client, path: str, status: int, found: str) -> None:
    reply = await space.get(path)
    assert reply.status == status
    said = reply.body.get("message") or reply.body.get("title") or reply.body["data"][0]["title"]
    assert said.endswith(found)


async def test_finding_follows_the_behaviour(tmp_path: Path) -> None:
    behaviour = Behaviour(folds_external_id=True, finds_id_prefix=True, shows_archived=True)
    async with opened_with(tmp_path / "space.db", fill, behaviour) as client:
        paths = ("o-2%20?find_by=external_id", "3abc", "5")
        assert [(await client.get(f"/offers/{path}")).body["title"] for path in paths] == ["App", "Logo", "Old"]


async def test_ids_may_be_uuids_all_through(tmp_path: Path) -> None:
    async with opened_with(tmp_path / "space.db", fill, Behaviour(ids="uuid")) as client:
        offer = (await client.get("/offers")).body["data"][0]
        again = (await client.get(f"/offers/{offer['id']}")).body
    assert shapes.faults(again, shapes.Offer) == []
    assert again == offer
    things = (offer, *(offer[name] for name in ("company", "client", "editor")), *offer["line_items"][:1])
    assert len({found["id"] for found in things}) == len(things)
    assert [UUID(found["id"]).version for found in things] == [7] * len(things)


async def test_every_id_of_an_answer_can_be_filtered_by_and_no_other_kind_of_id(tmp_path: Path) -> None:
    async with opened_with(tmp_path / "space.db", fill, Behaviour(ids="uuid")) as client:
        web_site, _, logo = (await client.get("/offers")).body["data"][:3]
        offer = {**web_site, "project": logo["project"]}
        ids = {name: offer[name]["id"] for name in ("company", "client", "project", "editor")}
        for field in ids:
            for name, value in ids.items():
                found = await titles(client, filter=f"{field}.id eq '{value}'")
                assert ({"Web site", "Logo"} & {*found} != set()) is (name == field)
        item = (await client.get(f"/offers/{offer['id']}/line-items")).body["data"][0]
        wanted = query(filter=f"metric.id eq '{item['metric']['id']}'")
        assert item in (await client.get(f"/offers/{offer['id']}/line-items?{wanted}")).body["data"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param("company.id eq 1", ["Web site"], id="company"),
        pytest.param("company.id in ['1', '2']", ["Web site", "App"], id="companies"),
        pytest.param("company.company_name:string contains 'gone'", ["App"], id="company-name-as-documented"),
        pytest.param("archived eq only", ["Old"], id="archived"),
        pytest.param("archived eq with and client.external_id eq K1", ["Web site", "Logo", "Old"], id="client"),
        pytest.param("client.shortcode eq th and client.name startswith Tann", ["Web site", "Logo"], id="shortcode"),
        pytest.param("offer_number isnull", ["Logo"], id="number"),
        pytest.param("editor.id eq me.id", ["Web site"], id="me"),
        pytest.param("editor.email endswith agency.example and editor.external_id isnull", ["Web site"], id="editor"),
        pytest.param("project.external_id eq P1 and project.id eq 1", ["Logo"], id="project"),
        pytest.param("project.title eq relaunch and project.shortcode eq R", ["Logo"], id="project-title"),
        pytest.param("sum_gross gte 50 and sum_gross < 800", ["Logo"], id="gross"),
        pytest.param("sum_net eq 0.3", ["Talk"], id="net"),
        pytest.param("sum_tax eq 0", ["App", "Talk"], id="tax"),
        pytest.param(
            "date_of_offer eq 2026-05-04 and date_of_expiry lt 2026-06-04 and title eq App", ["App"], id="date"
        ),
        pytest.param("line_items any (title eq Build and project.title eq Relaunch)", ["Web site"], id="item"),
        pytest.param(
            "line_items any (total_net eq 26.99 and amount < 2 and price > 19)", ["Web site"], id="item-total"
        ),
        pytest.param("line_items any (type eq category)", ["Web site"], id="item-type"),
        pytest.param("line_items none", ["Logo", "Talk"], id="no-items"),
        pytest.param("line_items count >= 4", ["Web site"], id="item-count"),
        pytest.param("external_costs any (supplier.name eq press and total eq 50)", ["Web site"], id="cost"),
        pytest.param(
            "external_costs any (project.shortcode eq R and supplier.id eq 1)", ["Web site"], id="cost-project"
        ),
    ],
)
async def test_offers_are_filtered(space: Client, wanted: str, found: list[str]) -> None:
    assert await titles(space, filter=wanted) == found


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param({"filter": "status eq open"}, "status", id="status-is-no-filter"),
        pytest.param({"filter": "company.external_id eq C-1"}, "company.external_id", id="nor-is-the-external-id"),
        pytest.param({"filter": "company.company_name eq x"}, "company.company_name", id="nor-the-name-without-cast"),
        pytest.param({"filter": "sum_external_costs gt 1"}, "sum_external_costs", id="nor-the-external-costs"),
        pytest.param({"sort": "status"}, "Requested sort(s) `status`", id="sort"),
        pytest.param(
            {"include": "line_items,contacts"},
            "Given include(s) `contacts` are not allowed. Allowed includes are `external_costs, line_items, discounts`.",
            id="include",
        ),
        pytest.param({"computed_fields__n": "contacts.count()"}, "contacts", id="relation"),
        pytest.param({"computed_fields__n": "line_items.sum(title)"}, "line_items", id="aggregate-of-text"),
    ],
)
async def test_what_offers_cannot_be_asked_is_a_400(space: Client, asked: dict[str, str], message: str) -> None:
    reply = await space.get(f"/offers?{query(**asked)}")
    assert (reply.status, message in reply.body["message"]) == (400, True), reply.text


async def test_documented_includes_change_nothing(space: Client) -> None:
    plain = (await space.get("/offers")).body["data"]
    for asked in ("include=external_costs,line_items,discounts,", "include[]=external_costs&include[]=discounts"):
        assert (await space.get(f"/offers?{asked}")).body["data"] == plain
    reply = await space.get("/offers?include[]=line_items&include[]=contacts")
    assert (reply.status, "include(s) `contacts` are not allowed" in reply.body["message"]) == (400, True)


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        pytest.param("sum_net", ["Talk", "Web site", "Logo", "App"], id="net"),
        pytest.param("-sum_gross", ["App", "Logo", "Web site", "Talk"], id="gross"),
        pytest.param("-sum_external_costs,title", ["Web site", "App", "Logo", "Talk"], id="external-costs"),
        pytest.param("sum_tax,-title", ["Talk", "App", "Web site", "Logo"], id="tax"),
        pytest.param("date_of_offer,title", ["App", "Logo", "Talk", "Web site"], id="date"),
        pytest.param("created_at,updated_at,-offer_number", ["Talk", "App", "Web site", "Logo"], id="number"),
    ],
)
async def test_offers_are_sorted(space: Client, sort: str, found: list[str]) -> None:
    assert await titles(space, sort=sort) == found


async def test_a_walk_by_cursor_sees_every_offer_once(space: Client) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await space.get(f"/offers?sort=-sum_net&page[size]=1&page[cursor]={cursor}")).body
        seen += [offer["title"] for offer in page["data"]]
        cursor = page["meta"]["next_cursor"]
        if cursor is None:
            break
    assert seen == ["App", "Logo", "Web site", "Talk"]


async def test_computed_fields_are_answered_filtered_and_sorted_by(space: Client) -> None:
    fields = {
        "computed_fields__items": "line_items.count()",
        "computed_fields__net": "line_items.sum(total_net, type eq unit)",
        "computed_fields__costs": "external_costs.sum(total)",
        "computed_fields__dear": "line_items.max(price)",
    }
    page = (await space.get(f"/offers?{query(sort='-computed_fields.net', **fields)}")).body["data"]
    assert [(offer["title"], offer["computed_fields"]) for offer in page[:2]] == [
        ("App", {"items": 1, "net": 800, "costs": 0, "dear": 800}),
        ("Web site", {"items": 4, "net": 127.29, "costs": 149.3, "dear": 100}),
    ]
    assert await titles(space, filter="computed_fields.net gt 127.28", **fields) == ["Web site", "App"]
    assert all("computed_fields" not in offer for offer in (await space.get("/offers")).body["data"])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, ["Concept", "Build", "Care", "Part two"], id="in-order-of-ids"),
        pytest.param({"sort": "-total"}, ["Care", "Build", "Concept", "Part two"], id="total"),
        pytest.param({"sort": "price,title"}, ["Part two", "Concept", "Build", "Care"], id="price"),
        pytest.param(
            {"sort": "-purchase_total,purchase_price,-title"}, ["Concept", "Part two", "Care", "Build"], id="bought"
        ),
        pytest.param({"sort": "created_at,updated_at,title", "page__size": "2"}, ["Build", "Care"], id="page"),
        pytest.param({"filter": "total gt 1 and total < 27"}, ["Build"], id="by-total"),
        pytest.param({"filter": "type ne unit"}, ["Part two"], id="by-type"),
        pytest.param({"filter": "metric.title eq day and metric.id eq 1"}, ["Concept"], id="by-metric"),
        pytest.param({"filter": "project.id eq 1"}, ["Build"], id="by-project"),
        pytest.param({"filter": "price lt 1 and amount gte 3 and purchase_price eq 0.7"}, ["Concept"], id="by-price"),
    ],
)
async def test_line_items_are_a_list_of_their_own(space: Client, asked: dict[str, str], found: list[str]) -> None:
    reply = await space.get(f"/offers/1/line-items?{query(**asked)}")
    assert [item["title"] for item in reply.body["data"]] == found


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("filter=archived eq with", id="not-archived"),
        pytest.param("filter=total_net gt 1", id="not-by-the-name-in-answers"),
        pytest.param("filter=price contains 1", id="price-is-no-text-here"),
        pytest.param("filter=type isnull", id="type-is-never-null"),
        pytest.param("filter=type eq nonsense", id="unknown-type"),
        pytest.param("sort=total_net", id="sort"),
    ],
)
async def test_what_line_items_cannot_be_asked_is_a_400(space: Client, asked: str) -> None:
    assert (await space.get(f"/offers/1/line-items?{asked.replace(' ', '%20')}")).status == 400


async def test_a_page_of_offers_takes_a_bounded_number_of_statements() -> None:
    def statements(db: sqlite3.Connection, size: int) -> int:
        asked: list[str] = []
        space = replace(SPACE, behaviour=Behaviour(page_size_max=500))
        call = Call(Route(Endpoint.OFFERS), {"page": {"size": str(size)}}, {}, "http://127.0.0.1/api/v1")
        db.set_trace_callback(asked.append)
        answer = answered(db, space, Endpoint.OFFERS, call)
        db.set_trace_callback(None)
        assert len(json.loads(answer.body)["data"]) == size
        return len(asked)

    def work(db: sqlite3.Connection) -> tuple[int, int]:
        for at in range(200):
            insert_client(db, SPACE, {"name": f"Client {at}"})
            insert_project(db, SPACE, {"title": f"Project {at}", "client": at + 1})
            insert_company(
                db, SPACE, {"company_name": f"Company {at}", "external_id": f"{at}", "client_id": f"{at + 1}"}
            )
            items: list[Any] = [{"title": "x", "project": f"Project {at}", "metric": f"Metric {at}"}] * 2
            costs: list[Any] = [{"title": "y", "client": f"Client {at}", "supplier": f"Supplier {at}"}]
            parts: Input = {"company": f"{at}", "line_items": items, "external_costs": costs}
            insert_offer(db, SPACE, {"title": "T", "status": "open", "project": f"Project {at}", **parts})
        return statements(db, 1), statements(db, 200)

    one, many = await in_store(work)
    assert one == many <= 12


async def test_a_token_without_the_scope_sees_no_offers() -> None:
    tokens = {"reader": Token("reader", frozenset({"contact-data:read"}))}
    async with opened(SandboxOptions(tokens=tokens)) as client:
        for path in ("/offers", "/offers/1", "/offers/1/line-items", "/offers/1/pdf"):
            assert (await client.call("GET", path, headers={"Authorization": "Bearer reader"})).status == 403
        assert (await client.get("/offers")).body["data"] == []


async def test_head_is_answered_like_get_without_a_body(space: Client) -> None:
    for path in ("/offers", "/offers/1", "/offers/1/line-items", "/offers/1/pdf"):
        head = await space.call("HEAD", path)
        assert (head.status, head.text) == (200, "")


@pytest.mark.parametrize(
    ("entry", "key", "reason"),
    [
        pytest.param({"titel": "x"}, "titel", "`titel` is no field of an offer; did you mean `title`?", id="name"),
        pytest.param({"title": None}, "title", "an offer needs `title`", id="title"),
        pytest.param({"status": ""}, "status", "an offer needs `status`", id="no-status"),
        pytest.param({"status": "won"}, "status", "status must be one of open, approval_pending", id="status"),
        pytest.param({"company": "C-9"}, "company", "no company with the external_id C-9", id="company"),
        pytest.param({"company": 1}, "company", "say {id: 1}, or put an external_id in quotes", id="company-number"),
        pytest.param({"company": {"origin": "erp"}}, "company", "a company needs `external_id`", id="company-origin"),
        pytest.param({"company": ["C-1"]}, "company", "company must be text", id="company-list"),
        pytest.param({"client": "X"}, "client", "no client with the name X", id="client"),
        pytest.param({"editor": "x@x.example"}, "editor", "no user with the email", id="editor"),
        pytest.param({"project": "X"}, "project", "no project with the title X", id="project"),
        pytest.param({"sum_net": "12"}, "sum_net", "sum_net must be a number, not '12'", id="sum-text"),
        pytest.param({"sum_net": 1e300}, "sum_net", "sum_net must be a number", id="sum-huge"),
        pytest.param({"sum_net": float("nan")}, "sum_net", "sum_net must be a number", id="sum-nan"),
        pytest.param({"sum_net": 0.12345}, "sum_net", "may have 4 decimal places, not more: 0.12345", id="sum-digits"),
        pytest.param({"date_of_offer": "soon"}, "date_of_offer", "date_of_offer must be a date", id="date"),
        pytest.param(
            {"date_of_offer": "9999-12-31T23:00-09:00"}, "date_of_offer", "must be a date", id="date-too-late"
        ),
        pytest.param({"date_of_offer": 2026}, "date_of_offer", 'Put it in quotes: "2026"', id="date-number"),
        pytest.param({"approvals_needed": 1.5}, "approvals_needed", "must be a whole number", id="approvals"),
        pytest.param({"is_direct_approved": 1}, "is_direct_approved", "must be true or false", id="direct"),
        pytest.param(
            {"external_id": "O-2"}, "external_id", "the external_id O-2 of origin sandbox is taken", id="taken"
        ),
        pytest.param({"line_items": {"title": "x"}}, "line_items", "line_items must be a list", id="items"),
        pytest.param(
            {"line_items": [{"title": "x"}, {}]}, "line_items", "line_items, item 2: a line item needs", id="item"
        ),
        pytest.param(
            {"line_items": [{"title": "x", "prise": 1}]},
            "line_items",
            "line_items, item 1: `prise` is no field of a line item; did you mean `price`?",
            id="item-name",
        ),
        pytest.param(
            {"line_items": [{"title": "x", "tax_factor": 20}]},
            "line_items",
            "from 0 to 1, not 20: 20 % is 0.2",
            id="tax",
        ),
        pytest.param(
            {"line_items": [{"title": "x", "type": "text"}]},
            "line_items",
            "one of unit, category, page_break",
            id="type",
        ),
        pytest.param(
            {"line_items": [{"title": "x", "price": 9e11, "amount": 9e11}]},
            "line_items",
            "total_net_base would be 8.100e+23, which is more than can be kept",
            id="item-huge",
        ),
        pytest.param(
            {"line_items": [{"title": "x", "metric": {"title_plural": "Days"}}]},
            "line_items",
            "line_items, item 1: metric: a metric needs `title`",
            id="metric",
        ),
        pytest.param(
            {"external_costs": [{"title": "x", "payment_partial_type": "monthly", "payment_partial_interval": 2}]},
            "external_costs",
            "payment_partial_interval must be 1, 3 or 6, not 2",
            id="interval",
        ),
        pytest.param({"external_costs": [{}]}, "external_costs", "an external cost needs `title`", id="cost"),
    ],
)
async def test_a_wrong_offer_is_refused_with_its_key_and_the_reason(entry: Input, key: str, reason: str) -> None:
    def work(db: sqlite3.Connection) -> None:
        fill(db)
        insert_offer(db, SPACE, {"title": "T", "status": "open", **entry})

    with pytest.raises(SeedError) as caught:
        await in_store(work)
    assert (caught.value.key, reason in caught.value.reason) == (key, True), caught.value.reason


async def test_what_an_offer_names_itself_is_kept() -> None:
    named: Input = {
        "id": 40,
        "offer_number": "X-1",
        "title": "T",
        "status": "open",
        "locale": "nl",
        "currency": "CHF",
        "address": "Somewhere",
        "address_changed": True,
        "taxation_enabled": False,
        "company": {"id": 1},
        "sum_net": 10,
        "sum_gross": 11.5,
        "sum_external_costs": 3,
        "line_items": [{"type": "page_break"}, {"title": "x", "price": 5, "discount_absolute": 1, "total_gross": 9}],
    }
    dates = {
        "date_of_offer": "9999-12-31",
        "created_at": "2025-01-02",
        "updated_at": "2025-01-02T03:04:05.678+01:00",
    }

    def work(db: sqlite3.Connection) -> Any:
        fill(db)
        insert_offer(db, SPACE, {**named, **dates})
        return rendered(db, db.execute(f"{SELECT} WHERE o.id = 40").fetchall(), SPACE.behaviour)[0]

    offer = await in_store(work)
    for name in ("offer_number", "locale", "currency", "address", "address_changed", "taxation_enabled", "sum_gross"):
        assert offer[name] == named[name]
    assert (offer["sum_tax"], offer["sum_external_costs"]) == (1.5, 3)
    assert offer["date_of_expiry"] == offer["performance_range_end"] == "9999-12-31T23:59:59+00:00"
    assert (offer["created_at"], offer["updated_at"]) == ("2025-01-02T00:00:00+00:00", "2025-01-02T02:04:05+00:00")
    item = offer["line_items"][1]
    assert [item["tax_factor"], item["total_net"], item["total_gross"]] == [0, 4, 9]
