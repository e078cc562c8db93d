"""Users, clients, contacts and projects: what a seed file may say of them, and how answers carry them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from importer.sandbox import Behaviour
from importer.sandbox.companies.finding import SELECT
from importer.sandbox.companies.rendering import companies, rendered
from importer.sandbox.companies.seeding import insert_company
from importer.sandbox.embedded.rendering import clients, projects, users
from importer.sandbox.embedded.seeding import insert_client, insert_contact, insert_project, insert_user
from importer.sandbox.embedded.values import date_time, key_list, number
from importer.sandbox.seed_error import SeedError
from tests.sandbox import shapes
from tests.sandbox.spaces import SPACE, in_store, opened_with

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Input, Json

MAIA: Input = {"first_name": "Maia", "last_name": "Ebner", "email": "maia@agency.example"}
INSERT: dict[str, Callable[[sqlite3.Connection, Space, Input], None]] = {
    "user": insert_user,
    "client": insert_client,
    "project": insert_project,
    "contact": insert_contact,
    "company": insert_company,
}


def fill(db: sqlite3.Connection) -> None:
    """Put in a user, a client that another space shares, two companies of it, a contact of both, and a project."""
    insert_user(db, SPACE, {**MAIA, "id": 7, "external_id": "u-7", "space": "Graz"})
    insert_client(
        db,
        SPACE,
        {
            "name": "Tannhof",
            "external_id": "K1",
            "shortcode": "TH",
            "primary_contact": "maia@agency.example",
            "origin_space": "Graz",
        },
    )
    insert_company(db, SPACE, {"company_name": "Tannhof 1", "external_id": "C-1", "client_id": "1"})
    insert_company(
        db,
        SPACE,
        {
            "company_name": "Tannhof 2",
            "external_id": "C-2",
            "external_origin": "erp",
            "archived": True,
            "business_field": "Bau",
            "company_size": "50",
            "tags": ["VIP"],
        },
    )
    insert_contact(
        db,
        SPACE,
        {
            "first_name": "Ilse",
            "last_name": "Ott",
            "position": "Buyer",
            "birthday": "1980-02-29",
            "email": "ilse@tannhof.example",
            "address_country": "Austria",
            "owner": 7,
            "client": {"external_id": "K1"},
            "companies": [
                {"external_id": "C-1", "position": "Head"},
                {"external_id": "C-2", "origin": "erp"},
            ],
        },
    )
    insert_project(
        db,
        SPACE,
        {
            "title": "New web site",
            "client": "Tannhof",
            "start_date": "2026-05-01",
            "custom_fields": {"budget": 1200, "note": None},
            "origin_space": "Graz",
        },
    )


async def test_a_company_carries_its_whole_client() -> None:
    def work(db: sqlite3.Connection) -> Any:
        fill(db)
        return companies(db, [1, None, 2], SPACE.behaviour)

    found = await in_store(work)
    graz = {"id": "2", "name": "Graz"}
    assert found[1]["client"] == {
        "id": "1",
        "external_id": "K1",
        "external_origin": "sandbox",
        "name": "Tannhof",
        "shortcode": "TH",
        "primary_contact": {"id": "7", "type": "user", "space": graz, **MAIA},
        "origin_space": graz,
    }
    assert found[2]["client"] is None
    assert (found[2]["business_field"]["name"], found[2]["company_size"]["title"]) == ("Bau", "50")
    assert (found[1]["tags"], [tag["title"] for tag in found[2]["tags"]]) == ([], ["VIP"])
    assert found[2]["deleted_at"] == "2026-05-04T09:30:00+00:00"
    assert [shapes.faults(company, shapes.Company) for company in found.values()] == [[], []]


async def test_contacts_come_with_their_position_in_the_company_and_only_when_they_are_included() -> None:
    def work(db: sqlite3.Connection) -> list[Any]:
        fill(db)
        rows = db.execute(f"{SELECT} ORDER BY c.id").fetchall()
        return [rendered(db, rows, SPACE.behaviour, contacts=included) for included in (True, False)]

    included, plain = await in_store(work)
    assert shapes.faults(included, [shapes.Company]) == []
    assert [company["contacts"][0]["contact_company"] for company in included] == [
        {"position": "Head"},
        {"position": "Buyer"},
    ]
    ilse = included[0]["contacts"][0]
    assert (ilse["last_name"], ilse["birthday"], ilse["address_country"]["code"]) == ("Ott", "1980-02-29", "AT")
    assert (ilse["owner"]["email"], ilse["client"]["name"]) == ("maia@agency.example", "Tannhof")
    assert all("contacts" not in company for company in plain)


async def test_the_api_answers_client_and_contacts(tmp_path: Path) -> None:
    async with opened_with(tmp_path / "space.db", fill) as client:
        shown = (await client.get("/companies/1?include=contacts")).body
        listed = (await client.get("/companies?include=contacts")).body["data"]
    assert shown["client"]["primary_contact"]["first_name"] == "Maia"
    assert [contact["first_name"] for contact in shown["contacts"]] == ["Ilse"]
    assert listed == [shown]


async def test_a_company_without_contacts_has_an_empty_list_of_them(tmp_path: Path) -> None:
    def only_company(db: sqlite3.Connection) -> None:
        insert_company(db, SPACE, {"company_name": "Lone"})

    async with opened_with(tmp_path / "space.db", only_company) as client:
        assert (await client.get("/companies/1?include=contacts")).body["contacts"] == []


async def test_a_project_carries_type_client_and_space() -> None:
    def work(db: sqlite3.Connection) -> Any:
        fill(db)
        insert_project(db, SPACE, {"title": "!", "client": {"id": 1}, "project_type": "Retainer", "status": "done"})
        insert_project(
            db, SPACE, {"title": "Care", "client": 1, "project_type": {"title": "Support", "order": 9, "color": "#fff"}}
        )
        insert_project(db, SPACE, {"title": "Care", "client": 1, "project_type": {"title": "Extra", "shortcode": "X"}})
        return projects(db, [1, 2, 3, 4], SPACE.behaviour)

    found = await in_store(work)
    assert [shapes.faults(project, shapes.Project) for project in found.values()] == [[], [], [], []]
    assert (found[1]["shortcode"], found[1]["status"], found[2]["shortcode"]) == ("NWS", "active", "P")
    assert found[1]["custom_fields"] == {"budget": 1200, "note": None}
    assert found[1]["origin_space"]["name"] == "Graz"
    types = [found[key]["project_type"] for key in (1, 2, 3, 4)]
    assert [(kind["title"], kind["shortcode"], kind["order"]) for kind in types] == [
        ("Project", "PRJ", 1),
        ("Retainer", "PRJ", 2),
        ("Support", "S", 9),
        ("Extra", "X", 10),
    ]
    assert [kind["is_default"] for kind in types] == [True, False, False, False]


async def test_tags_may_be_left_out_of_answers() -> None:
    def work(db: sqlite3.Connection) -> Any:
        fill(db)
        return companies(db, [2], Behaviour(answers_tags=False))

    assert "tags" not in (await in_store(work))[2]


async def test_ids_and_empty_custom_fields_follow_the_behaviour() -> None:
    def work(db: sqlite3.Connection) -> Any:
        fill(db)
        insert_project(db, SPACE, {"title": "Bare", "client": "Tannhof"})
        return projects(db, [2], Behaviour(ids="numbers", empty_custom_fields="object"))[2]

    project = await in_store(work)
    assert (project["id"], project["client"]["primary_contact"]["space"]["id"]) == (2, 2)
    assert project["custom_fields"] == {}


async def test_a_user_takes_the_place_of_the_one_that_a_token_acts_as() -> None:
    def work(db: sqlite3.Connection) -> Any:
        db.execute(
            "INSERT INTO users (id, first_name, last_name, email, type) VALUES (1, 's', 'I', ?, 'integration')",
            ["sandbox@integration.example"],
        )
        insert_user(db, SPACE, {**MAIA, "id": "1", "type": "guest"})
        return users(db, [1], SPACE.behaviour)

    assert await in_store(work) == {1: {"id": "1", "type": "guest", "space": {"id": "1", "name": "Sandbox"}, **MAIA}}


async def test_batches_take_as_many_statements_for_one_as_for_hundreds() -> None:
    def statements(db: sqlite3.Connection, count: int) -> int:
        asked: list[str] = []
        rows = db.execute(f"{SELECT} ORDER BY c.id LIMIT ?", [count]).fetchall()
        assert len(rows) == count
        db.set_trace_callback(asked.append)
        rendered(db, rows, SPACE.behaviour, contacts=True)
        db.set_trace_callback(None)
        return len(asked)

    def work(db: sqlite3.Connection) -> tuple[int, int]:
        for at in range(300):
            insert_client(db, SPACE, {"name": f"Client {at}"})
            insert_company(db, SPACE, {"company_name": "A", "external_id": f"{at}", "client_id": str(at + 1)})
            insert_contact(db, SPACE, {"client": at + 1, "companies": [{"external_id": f"{at}"}]})
        return statements(db, 1), statements(db, 300)

    one, many = await in_store(work)
    assert one == many <= 4


async def test_nothing_is_asked_for_no_ids() -> None:
    def work(db: sqlite3.Connection) -> list[str]:
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        assert clients(db, [None], SPACE.behaviour) == users(db, [], SPACE.behaviour) == {}
        assert companies(db, [None], SPACE.behaviour) == {}
        return [sql for sql in asked if "json_each" in sql and "company_tags" not in sql]

    assert await in_store(work) == []


@pytest.mark.parametrize(
    ("kind", "entry", "key", "reason"),
    [
        pytest.param("client", {"nam": "A"}, "nam", "`nam` is no field of a client; did you mean `name`?", id="name"),
        pytest.param("client", {}, "", "a client needs `name`", id="missing"),
        pytest.param("client", {"name": ""}, "name", "a client needs `name`", id="empty"),
        pytest.param("client", {"name": "Tannhof"}, "name", "there is a client Tannhof already", id="second-client"),
        pytest.param("client", {"name": 12}, "name", 'Put it in quotes: "12".', id="number-for-text"),
        pytest.param("client", {"name": ["A"]}, "name", "name must be text", id="list-for-text"),
        pytest.param("client", {"name": "\ud800"}, "name", "holds half of a character", id="half-a-character"),
        pytest.param("client", {"name": "B", "id": 1}, "id", "the id 1 is taken already", id="taken-id"),
        pytest.param("client", {"name": "B", "id": 0}, "id", "id must be a whole number from 1", id="id-zero"),
        pytest.param("client", {"name": "B", "id": True}, "id", "id must be a whole number", id="id-true"),
        pytest.param("client", {"name": "B", "id": "x"}, "id", "id must be a whole number", id="id-text"),
        pytest.param(
            "client",
            {"name": "B", "external_id": "K1"},
            "external_id",
            "the external_id K1 of origin sandbox is taken",
            id="taken-external-id",
        ),
        pytest.param(
            "client",
            {"name": "B", "primary_contact": "nobody@agency.example"},
            "primary_contact",
            "there is no user with the email nobody@agency.example",
            id="no-user",
        ),
        pytest.param(
            "client",
            {"name": "B", "primary_contact": {"id": None}},
            "primary_contact",
            "a user is referred to by its email or by its id",
            id="user-without-id",
        ),
        pytest.param(
            "client",
            {"name": "B", "primary_contact": {"mail": "x"}},
            "primary_contact",
            "primary_contact: `mail` is no field of a user",
            id="user-by-mail",
        ),
        pytest.param("user", {**MAIA, "email": "x"}, "email", "must be an e-mail address", id="email"),
        pytest.param("user", {**MAIA, "email": None}, "email", "a user needs `email`", id="no-email"),
        pytest.param("user", MAIA, "email", "there is a user maia@agency.example already", id="second-user"),
        pytest.param("user", {**MAIA, "id": 7}, "id", "the id 7 is taken", id="taken-user"),
        pytest.param("user", {**MAIA, "email": "b@x.example", "type": "boss"}, "type", "one of user, guest", id="type"),
        pytest.param("project", {"title": "P"}, "", "a project needs `client`", id="no-client"),
        pytest.param(
            "project", {"title": "P", "client": "X"}, "client", "no client with the name X", id="which-client"
        ),
        pytest.param("project", {"title": "P", "client": 99}, "client", "no client with the id 99", id="client-id"),
        pytest.param(
            "project", {"title": "P", "client": True}, "client", "client must be a whole number", id="client-true"
        ),
        pytest.param(
            "project",
            {"title": "P", "client": {"external_id": "K1", "origin": "erp"}},
            "client",
            "external_id K1 and external_origin erp",
            id="client-origin",
        ),
        pytest.param(
            "project", {"title": "P", "client": 1, "start_date": "1 May"}, "start_date", "a date such as", id="date"
        ),
        pytest.param(
            "project", {"title": "P", "client": 1, "is_private": "no"}, "is_private", "true or false", id="flag"
        ),
        pytest.param(
            "project",
            {"title": "P", "client": 1, "project_type": {"title": "T", "order": -1}},
            "project_type",
            "project_type: order must be a whole number from 0",
            id="order",
        ),
        pytest.param(
            "project",
            {"title": "P", "client": 1, "project_type": {"color": "#fff"}},
            "project_type",
            "project_type: a project_type needs `title`",
            id="type-without-title",
        ),
        pytest.param(
            "project",
            {"title": "P", "client": 1, "custom_fields": ["a"]},
            "custom_fields",
            "a map",
            id="list-of-fields",
        ),
        pytest.param(
            "project",
            {"title": "P", "client": 1, "custom_fields": {"a": {}}},
            "custom_fields",
            "a map",
            id="deep-field",
        ),
        pytest.param("contact", {"address_country": "Narnia"}, "address_country", "not 'Narnia'", id="country"),
        pytest.param("contact", {"companies": "C-1"}, "companies", "companies must be a list", id="no-list"),
        pytest.param("contact", {"companies": ["C-1"]}, "companies", "item 1: must be a map", id="no-map"),
        pytest.param(
            "contact",
            {"companies": [{"external_id": "C-1"}, {"external_id": "C-9"}]},
            "companies",
            "companies, item 2: companies: there is no company with the external_id C-9",
            id="no-company",
        ),
        pytest.param(
            "contact",
            {"companies": [{"id": 1}, {"external_id": "C-1"}]},
            "companies",
            "item 2: this company is in the list already",
            id="company-twice",
        ),
        pytest.param(
            "contact", {"companies": [{"position": "x"}]}, "companies", "needs `external_id`", id="nameless-company"
        ),
    ],
)
async def test_a_wrong_entry_is_refused_with_its_key_and_the_reason(
    kind: str, entry: dict[str, Json], key: str, reason: str
) -> None:
    def work(db: sqlite3.Connection) -> None:
        fill(db)
        INSERT[kind](db, SPACE, entry)

    with pytest.raises(SeedError) as caught:
        await in_store(work)
    assert (caught.value.key, reason in caught.value.reason) == (key, True), caught.value.reason


async def test_an_address_that_two_users_have_names_neither() -> None:
    def work(db: sqlite3.Connection) -> None:
        fill(db)
        insert_user(db, SPACE, {**MAIA, "email": "two@agency.example"})
        db.execute("UPDATE users SET email = 'same@agency.example'")
        insert_client(db, SPACE, {"name": "X", "primary_contact": "same@agency.example"})

    with pytest.raises(SeedError, match=r"there are several users with the email same@agency\.example; name one by"):
        await in_store(work)


@given(st.decimals(-(10**10), 10**10, places=4))
def test_a_number_is_answered_with_the_digits_that_it_was_given(value: Any) -> None:
    answered = json.dumps(number(float(value) + 1e-9))
    assert float(answered) == float(value)
    assert len(answered.partition(".")[2]) <= 4
    assert not answered.endswith(".0")


def test_values_are_written_as_the_api_does() -> None:
    assert number(None) is None
    assert date_time(None, Behaviour(dates="zulu")) is None
    stored = "2026-05-04T09:30:00+00:00"
    assert [date_time(stored, Behaviour(dates=how)) for how in ("atom", "zulu", "micro")] == [
        stored,
        "2026-05-04T09:30:00Z",
        "2026-05-04T09:30:00.000000Z",
    ]
    assert key_list([3, None, 1, 3]) == "[1,3]"
