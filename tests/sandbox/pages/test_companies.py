"""The list of companies, its search and its paging; a company's fields and its history."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Behaviour, SandboxOptions, parse_seed
from importer.sandbox.pages.companies import Wanted, found
from tests.sandbox.pages.visiting import Visitor, fill, markup, visiting

if TYPE_CHECKING:
    import sqlite3

STORED: list[dict[str, Any]] = [
    {"company_name": "Bäckerei Örtl", "external_id": "K-1", "tax_uid": "ATU73300018", "email": "post@oertl.example"},
    {"company_name": "100 % Handwerk", "external_id": "K_2", "email_general": "info@handwerk.example"},
    {"company_name": "ACME", "external_id": "k1", "archived": True, "address_invoice_town": "Graz"},
    {"company_name": None, "external_id": None},
]


async def _names(visitor: Visitor, path: str) -> list[str]:
    html = await visitor.see(path)
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in re.findall("<th scope=.row.*?</th>", html)]


async def test_companies_are_listed_newest_first(visitor: Visitor) -> None:
    await fill(visitor, STORED)
    assert await _names(visitor, "/companies") == ["no name", "ACME archived", "100 % Handwerk", "Bäckerei Örtl"]


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("live", ["no name", "100 % Handwerk", "Bäckerei Örtl"]),
        ("archived", ["ACME archived"]),
        ("all", ["no name", "ACME archived", "100 % Handwerk", "Bäckerei Örtl"]),
        ("other", ["no name", "ACME archived", "100 % Handwerk", "Bäckerei Örtl"]),
    ],
)
async def test_archived_and_live_companies_can_be_told_apart(visitor: Visitor, show: str, names: list[str]) -> None:
    await fill(visitor, STORED)
    assert await _names(visitor, f"/companies?show={show}") == names


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param("acm", ["ACME archived"], id="part-of-a-name"),
        pytest.param("b%C3%84CKEREI", ["Bäckerei Örtl"], id="letters-beyond-ascii-in-another-case"),
        pytest.param("k-1", ["Bäckerei Örtl"], id="external-id"),
        pytest.param("atu733", ["Bäckerei Örtl"], id="tax-id"),
        pytest.param("post%40oertl", ["Bäckerei Örtl"], id="e-mail"),
        pytest.param("info%40hand", ["100 % Handwerk"], id="general-e-mail"),
        pytest.param("%25", ["100 % Handwerk"], id="a-percent-sign-is-itself"),
        pytest.param("_", ["100 % Handwerk"], id="an-underscore-is-itself"),
        pytest.param("%5C", [], id="a-backslash-is-itself"),
        pytest.param("+acme+", ["ACME archived"], id="spaces-around-it-do-not-count"),
        pytest.param("graz", [], id="the-town-is-not-searched"),
        pytest.param("x" * 5000, [], id="far-too-long"),
        pytest.param("%00%ff", [], id="not-text"),
    ],
)
async def test_search_finds_names_external_ids_tax_ids_and_addresses(
    visitor: Visitor, words: str, names: list[str]
) -> None:
    await fill(visitor, STORED)
    assert await _names(visitor, f"/companies?q={words}") == names


async def test_a_search_stays_in_its_field_and_in_the_links(visitor: Visitor) -> None:
    await fill(visitor, STORED)
    html = await visitor.see("/companies?q=K%26%221&show=live")
    assert 'value="K&amp;&#34;1"' in html
    assert 'href="/companies?q=K%26%221&amp;show=archived"' in html
    assert 'name="show" value="live"' in html


async def test_next_and_previous_links_lead_through_all_companies_and_back(visitor: Visitor) -> None:
    await fill(visitor, ({"company_name": f"Company {number}"} for number in range(1, 121)))
    wanted = [f"Company {number}" for number in range(120, 0, -1)]
    there, path = await _walk(visitor, "next", "/companies?q=Company&show=live")
    assert [name for page in there for name in page] == wanted
    assert [len(page) for page in there] == [50, 50, 20]
    back, _ = await _walk(visitor, "prev", path)
    assert back[-1] == there[0]
    assert back[1] == there[1]


async def _walk(visitor: Visitor, rel: str, path: str) -> tuple[list[list[str]], str]:
    pages = []
    while True:
        pages.append(await _names(visitor, path))
        links = [link["href"] for link in markup(await visitor.see(path)).all("a") if link.get("rel") == rel]
        if not links:
            return pages, path
        (path,) = links


@pytest.mark.parametrize("query", ["before=x", "before=" + "9" * 30, "after=-1", "before=&after=", "after=" + "9" * 18])
async def test_a_place_that_is_none_does_no_harm(visitor: Visitor, query: str) -> None:
    await fill(visitor, STORED)
    assert "<h1>Companies</h1>" in await visitor.see(f"/companies?{query}")


async def test_without_a_search_the_list_reads_one_page_of_the_table_only(visitor: Visitor) -> None:
    await fill(visitor, STORED)

    def plan(db: sqlite3.Connection, wanted: Wanted) -> list[str]:
        statements: list[str] = []
        db.set_trace_callback(statements.append)
        found(db, wanted)
        db.set_trace_callback(None)
        (statement,) = statements
        return [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]

    country = "SEARCH ic USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"
    run = visitor.client.sandbox._exchanges.store.run
    assert await run(partial(plan, wanted=Wanted(show="live"))) == [
        "SEARCH c USING INTEGER PRIMARY KEY (rowid<?)",
        country,
    ]
    assert await run(partial(plan, wanted=Wanted(after=1))) == ["SEARCH c USING INTEGER PRIMARY KEY (rowid>?)", country]


async def test_an_empty_list_says_how_to_fill_it(visitor: Visitor) -> None:
    html = await visitor.see("/companies")
    assert "No companies yet" in html
    assert f"kanbert-import run FILE -m MAPPING --to {visitor.client.sandbox.url}" in html
    assert "No companies yet" not in await visitor.see("/companies?q=x")


async def test_a_company_shows_every_field_under_the_name_of_the_api(visitor: Visitor) -> None:
    company = await visitor.client.created(
        external_id="k1",
        tags=["VIP", "Fair"],
        business_field="Bau",
        address_invoice_country="DE",
        taxation=False,
        address_delivery_town="Linz",
    )
    page = markup(await visitor.see(f"/companies/{company['id']}"))
    text = " ".join(page.text.split())
    unnamed = {"id", "company_name", "custom_fields", "created_at", "updated_at", "deleted_at"}
    for name in company.keys() - unnamed:
        assert f" {name} " in text, name
    for shown in ("External id k1 ", "Origin sandbox", "Taxation no", "Business field Bau", "Country Germany (DE)"):
        assert shown in text
    for shown in ("Town Linz address_delivery_town", "VIP Fair tags", "Custom fields This company has none"):
        assert shown in text
    assert "IBAN empty iban" in text


async def test_custom_fields_show_values_of_every_kind() -> None:
    async with visiting(SandboxOptions(custom_fields=frozenset("abcd"))) as visitor:
        await visitor.client.created(custom_fields={"a": "x", "b": True, "c": 3, "d": None})
        text = " ".join(markup(await visitor.see("/companies/1")).text.split())
    assert "a x b yes c 3 d empty" in text


async def test_long_values_and_many_are_cut_and_said_to_be() -> None:
    async with visiting(SandboxOptions(behaviour=Behaviour(unknown_custom_field="store"))) as visitor:
        many = {f"slug{number}": "y" for number in range(300)}
        await visitor.client.created(custom_fields={"long": "x" * 5000, **many}, tags=[f"t{n}" for n in range(130)])
        html = await visitor.see("/companies/1")
    assert "x" * 2000 + "… (3,000 more characters)" in html
    assert "and 101 more" in html
    assert "and 30 more" in html
    assert "slug250" not in html


async def test_contact_persons_are_shown_where_there_are_any(visitor: Visitor) -> None:
    await fill(visitor, STORED[:1])

    def insert(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO contacts (id, first_name, email) VALUES (1, 'Mira', 'mira@oertl.example')")
        db.execute("INSERT INTO contacts (id) VALUES (2)")
        db.executemany("INSERT INTO company_contacts VALUES (1, ?, ?)", [(1, "Owner"), (2, "")])

    await visitor.client.sandbox._exchanges.store.run(insert)
    text = " ".join(markup(await visitor.see("/companies/1")).text.split())
    assert "Contact persons Mira Owner, mira@oertl.example no name empty" in text


async def test_the_history_tells_what_became_of_what_and_by_whom() -> None:
    async with visiting(SandboxOptions(slug="shop", custom_fields=frozenset("ab"))) as visitor:
        await visitor.client.created(external_id="k1", phone="1", tags=["old"], custom_fields={"a": 1, "b": 2})
        await visitor.client.patch("/companies/1", phone="2", taxation=False, tags=[], custom_fields={"a": 5})
        await visitor.client.call("PUT", "/companies/1/external-identifier", {"external_id": "k2"})
        await visitor.client.call("DELETE", "/companies/1")
        await visitor.client.call("POST", "/companies/1/restore")
        html = await visitor.see("/companies/1")
    page = markup(html[html.index('id="history"') - 10 :].join(["<div>", ""]).partition("</main>")[0])
    text = " ".join(page.text.split()).replace(" :", ":")
    events = ["restored", "archived", "external id set", "changed", "created"]
    assert [text.index(event) for event in events] == sorted(text.index(event) for event in events)
    for change in ("phone: 1 → becomes 2", "taxation_enabled: yes → becomes no", "tags: old → becomes empty"):
        assert change in text
    assert "custom_fields.a: 1 → becomes 5" in text
    assert "custom_fields.b" not in text
    assert "external_id: k1 → becomes k2" in text
    assert "deleted_at: empty → becomes 20" in text
    assert text.count("shop") == 5


async def test_a_long_history_is_cut_and_said_to_be(visitor: Visitor) -> None:
    await visitor.client.created()
    for number in range(104):
        await visitor.client.patch("/companies/1", phone=str(number))
    html = await visitor.see("/companies/1")
    assert "and 5 earlier changes" in html
    assert html.count("<del>") == 100


async def test_a_company_without_history_says_so(visitor: Visitor) -> None:
    await visitor.client.created()
    await visitor.client.sandbox._exchanges.store.run(lambda db: db.execute("DELETE FROM company_changes"))
    assert "Nothing is remembered" in await visitor.see("/companies/1")


async def test_an_archived_company_is_shown_and_says_since_when(visitor: Visitor) -> None:
    await visitor.client.created()
    await visitor.client.call("DELETE", "/companies/1")
    assert "<li>archived <time datetime=" in await visitor.see("/companies/1")


@pytest.mark.parametrize("identity", ["2", "0", "x", "01", "-1", "9" * 40, "%00"])
async def test_a_company_that_is_not_there_is_a_404(visitor: Visitor, identity: str) -> None:
    await visitor.client.created()
    reply = await visitor.ask("GET", f"/companies/{identity}")
    assert reply.status == 404
    assert "There is no company" in reply.text


async def test_companies_are_linked_by_the_ids_that_the_api_gives_them() -> None:
    async with visiting(SandboxOptions(behaviour=Behaviour(ids="uuid"))) as visitor:
        company = await visitor.client.created(company_name="ACME")
        assert f'href="/companies/{company["id"]}"' in await visitor.see("/companies")
        assert "<h1>ACME</h1>" in await visitor.see(f"/companies/{company['id']}")
        assert (await visitor.ask("GET", "/companies/1")).status == 404


SEED = parse_seed("""
clients: [{name: Agency}]
companies: [{company_name: ACME, external_id: k1}]
offers: [{title: Web site, company: k1, client: Agency, status: open}]
""")


async def test_offers_and_their_companies_are_linked_by_uuids() -> None:
    async with visiting(SandboxOptions(seed=SEED, behaviour=Behaviour(ids="uuid"))) as visitor:
        offer = (await visitor.client.get("/offers")).body["data"][0]
        company = f'href="/companies/{offer["company"]["id"]}"'
        assert f'href="/offers/{offer["id"]}"' in await visitor.see("/offers")
        assert company in await visitor.see("/offers")
        assert company in await visitor.see(f"/offers/{offer['id']}")
        assert f'href="/offers/{offer["id"]}"' in await visitor.see(f"/companies/{offer['company']['id']}")
        assert (await visitor.ask("GET", f"/offers/{offer['company']['id']}")).status == 404
