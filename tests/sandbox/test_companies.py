"""Every endpoint of the companies API, as it is meant to be used."""

from __future__ import annotations

import datetime as dt

import pytest

from importer.sandbox import SandboxOptions
from tests.sandbox.client import Client, opened

PROPERTIES = [
    "id",
    "external_id",
    "external_origin",
    "vendor_identifier",
    "company_name",
    "locale",
    "tax_uid",
    "taxation_enabled",
    "iban",
    "bic",
    "email",
    "email_general",
    "phone",
    "fax",
    "homepage",
    "invoices_by_post",
    "invoices_by_email",
    "business_field",
    "company_size",
    "company_revenue",
    "person_attention_to",
    "address_invoice_title",
    "address_invoice_street",
    "address_invoice_house",
    "address_invoice_street2",
    "address_invoice_zip",
    "address_invoice_state",
    "address_invoice_town",
    "address_invoice_country",
    "address_invoice_is_delivery",
    "delivery_person_attention_to",
    "address_delivery_title",
    "address_delivery_street",
    "address_delivery_house",
    "address_delivery_street2",
    "address_delivery_zip",
    "address_delivery_state",
    "address_delivery_town",
    "address_delivery_country",
    "client",
    "custom_fields",
    "created_at",
    "updated_at",
    "deleted_at",
    "tags",
]


async def test_create_answers_201_with_every_property_and_the_defaults(client: Client) -> None:
    company = await client.created(external_id="k1")
    assert sorted(company) == sorted(PROPERTIES)
    assert company["id"] == "1"
    assert company["taxation_enabled"] is True
    assert [company[name] for name in ("invoices_by_post", "invoices_by_email", "address_invoice_is_delivery")] == [
        False
    ] * 3
    assert company["tags"] == []
    assert company["custom_fields"] == []
    assert company["deleted_at"] is None
    assert company["updated_at"] == company["created_at"]


async def test_every_written_field_is_read_back_under_its_read_name() -> None:
    texts = {
        name: f"value of {name}"
        for name in PROPERTIES
        if name.startswith(("address_invoice_", "address_delivery_")) and not name.endswith(("country", "is_delivery"))
    }
    texts |= dict.fromkeys(("vendor_identifier", "locale", "tax_uid", "iban", "bic", "phone", "fax", "homepage"), "x")
    texts |= {"email": "a@b.example,c@d.example", "email_general": "a@b.example", "person_attention_to": "Ann"}
    texts |= {"delivery_person_attention_to": "Bo", "external_id": "k1", "external_origin": "moneybird"}
    options = SandboxOptions(custom_fields=frozenset({"since", "score", "vip"}), clients=("Agency",))
    async with opened(options) as client:
        company = await client.created(
            **texts,
            taxation=False,
            invoice_by_post=True,
            invoices_by_email="1",
            address_invoice_is_delivery=1,
            address_invoice_country="NL",
            address_delivery_country="DEU",
            client_id="1",
            business_field="Software",
            company_size="1-10",
            company_revenue="1 Mio",
            tags=["VIP", "Moneybird", "VIP"],
            custom_fields={"since": "2020-01-01", "score": 5, "vip": True},
        )
    assert {name: company[name] for name in texts} == texts
    assert (company["taxation_enabled"], company["invoices_by_post"]) == (False, True)
    assert (company["invoices_by_email"], company["address_invoice_is_delivery"]) == (True, True)
    assert company["address_invoice_country"]["code"] == "NL"
    assert company["address_delivery_country"] == {"id": "3", "name": "Germany", "code": "DE"}
    assert company["client"] == {
        "id": "1",
        "name": "Agency",
        "external_id": None,
        "external_origin": None,
        "shortcode": None,
        "primary_contact": None,
        "origin_space": None,
    }
    assert company["business_field"]["name"] == "Software"
    assert company["company_size"]["title"] == "1-10"
    assert company["company_revenue"]["title"] == "1 Mio"
    assert [tag["title"] for tag in company["tags"]] == ["VIP", "Moneybird"]
    assert company["custom_fields"] == {"since": "2020-01-01", "score": 5, "vip": True}


async def test_get_finds_by_id_and_by_external_id_within_the_origin(client: Client) -> None:
    company = await client.created(external_id="k 1+2", external_origin="moneybird")
    assert (await client.get("/companies/1")).body == company
    assert (await client.get("/companies/k%201%2B2?find_by=external_id&origin=moneybird")).body == company
    assert (await client.get("/companies/k%201%2B2?find_by=external_id&origin=other")).status == 404


async def test_include_contacts_adds_the_property(client: Client) -> None:
    await client.created()
    assert (await client.get("/companies/1?include=contacts")).body["contacts"] == []
    assert (await client.get("/companies?include=contacts")).body["data"][0]["contacts"] == []
    for path in ("/companies/1?include=contacts,x", "/companies?include=contacts,x"):
        reply = await client.get(path)
        assert reply.status == 400
        assert reply.body["message"] == "Given include(s) `x` are not allowed. Allowed includes are `contacts`."


async def test_patch_changes_what_it_names_and_nothing_else(client: Client) -> None:
    before = await client.created(external_id="k1", phone="1", address_invoice_country="NL", tags=["a"])
    reply = await client.patch("/companies/k1?find_by=external_id", phone=None, fax="2", taxation=False)
    assert reply.status == 200
    named = {"phone": None, "fax": "2", "taxation_enabled": False, "updated_at": reply.body["updated_at"]}
    assert reply.body == {**before, **named}


async def test_updated_at_moves_only_when_something_changes() -> None:
    times = [dt.datetime(2026, 1, 1, 12, 0, 7, 999999, tzinfo=dt.UTC)]
    async with opened(SandboxOptions(now=lambda: times[-1], custom_fields=frozenset({"a"}))) as client:
        before = await client.created(tags=["a"], custom_fields={"a": 1})
        assert before["updated_at"] == "2026-01-01T12:00:07+00:00"
        times.append(times[-1] + dt.timedelta(minutes=1))
        same = await client.patch("/companies/1", company_name="ACME", tags=["a"], custom_fields={"a": 1})
        assert same.body["updated_at"] == before["updated_at"]
        tagged = await client.patch("/companies/1", tags=["b"])
        assert [tag["title"] for tag in tagged.body["tags"]] == ["b"]
        assert tagged.body["updated_at"] == "2026-01-01T12:01:07+00:00"


async def test_delete_archives_and_restore_brings_back(client: Client) -> None:
    await client.created(external_id="k1")
    gone = await client.call("DELETE", "/companies/1")
    assert (gone.status, gone.body) == (200, {"message": "Company deleted successfully"})
    for method in ("GET", "PATCH", "DELETE"):
        assert (await client.call(method, "/companies/1")).status == 404
    (stored,) = await client.sandbox.companies()
    assert stored["deleted_at"] == stored["updated_at"]
    back = await client.call("POST", "/companies/k1/restore?find_by=external_id")
    assert back.status == 201
    assert back.body["deleted_at"] is None
    assert (await client.get("/companies/1")).body == back.body


async def test_archiving_and_restoring_move_updated_at_and_a_second_restore_does_not() -> None:
    times = [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]
    async with opened(SandboxOptions(now=lambda: times[-1])) as client:
        await client.created()
        moments = []
        for method, path in (("DELETE", ""), ("POST", "/restore"), ("POST", "/restore")):
            times.append(times[-1] + dt.timedelta(minutes=1))
            await client.call(method, f"/companies/1{path}")
            (stored,) = await client.sandbox.companies()
            moments.append((stored["updated_at"][14:16], stored["deleted_at"] is not None))
    assert moments == [("01", True), ("02", False), ("02", False)]


async def test_restoring_a_live_company_changes_nothing(client: Client) -> None:
    company = await client.created()
    reply = await client.call("POST", "/companies/1/restore")
    assert (reply.status, reply.body) == (201, company)


async def test_external_identifier_sets_both_names(client: Client) -> None:
    await client.created()
    reply = await client.call(
        "PUT", "/companies/1/external-identifier?find_by=id", {"external_id": "k2", "external_origin": "moneybird"}
    )
    assert (reply.status, reply.body["external_id"], reply.body["external_origin"]) == (200, "k2", "moneybird")
    assert (await client.get("/companies/k2?find_by=external_id&origin=moneybird")).status == 200


async def test_external_identifier_of_another_company_is_422(client: Client) -> None:
    await client.created(external_id="k1")
    await client.created(external_id="k2")
    reply = await client.call("PUT", "/companies/2/external-identifier", {"external_id": "k1"})
    assert reply.status == 422
    assert reply.errors == {"external_id": ["The external id has already been taken."]}
    same = await client.call("PUT", "/companies/2/external-identifier", {"external_id": "k2"})
    assert same.status == 200
    cleared = await client.call("PUT", "/companies/2/external-identifier", {"external_id": None})
    assert cleared.body["external_id"] is None


async def test_head_is_a_get_without_a_body(client: Client) -> None:
    await client.created()
    for path in ("/companies", "/companies/1"):
        reply = await client.call("HEAD", path)
        assert (reply.status, reply.text) == (200, "")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "", id="show"),
        pytest.param("PATCH", "", id="update"),
        pytest.param("DELETE", "", id="delete"),
        pytest.param("PUT", "/external-identifier", id="external-identifier"),
        pytest.param("POST", "/restore", id="restore"),
    ],
)
async def test_a_company_that_is_not_there_is_404_in_the_framework_words(
    client: Client, method: str, path: str
) -> None:
    by_id = await client.call(method, f"/companies/42{path}")
    assert (by_id.status, by_id.body) == (404, {"message": "No query results for model [App\\Models\\Company] 42"})
    by_external_id = await client.call(method, f"/companies/42{path}?find_by=external_id")
    assert by_external_id.status == 404
    assert by_external_id.body == {"message": "No query results for model [App\\Models\\Company]."}
    unknown = await client.call(method, f"/companies/42{path}?find_by=name")
    assert (unknown.status, unknown.errors) == (422, {"find_by": ["The selected find by is invalid."]})
    array = await client.call(method, f"/companies/42{path}?find_by=external_id&origin[]=x")
    assert (array.status, array.errors) == (422, {"origin": ["The origin field must be a string."]})
    both = await client.call(method, f"/companies/42{path}?find_by[]=id&origin[a]=x")
    assert (both.status, list(both.errors)) == (422, ["find_by", "origin"])


async def test_finding_comes_before_validation(client: Client) -> None:
    assert (await client.patch("/companies/42", taxation="maybe")).status == 404


async def test_a_client_or_country_id_must_exist(client: Client) -> None:
    reply = await client.create(client_id="1", address_invoice_country_id="99", address_delivery_country_id="x")
    assert reply.errors == {
        "address_invoice_country_id": ["The selected address invoice country id is invalid."],
        "address_delivery_country_id": ["The selected address delivery country id is invalid."],
        "client_id": ["The selected client id is invalid."],
    }
