"""Ids: as text, as JSON numbers and as UUIDs, found exactly or as MySQL compares."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from importer.sandbox import Behaviour, Fault, SandboxOptions
from importer.sandbox.ids import Thing, id_of, leading_id_of, number_of, public_id
from importer.sandbox.webhooks.options import DeliveryOptions, Subscription
from tests.sandbox.client import opened
from tests.sandbox.webhooks.receiver import receiving


async def test_ids_can_be_numbers() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(ids="numbers"))) as client:
        company = await client.created(business_field="Bau", tags=["a"], address_invoice_country="AT")
        assert (await client.get("/companies/1")).body == company
    assert company["id"] == 1
    assert company["business_field"]["id"] == 1
    assert company["address_invoice_country"]["id"] == 1
    assert company["tags"] == [{"id": 2, "title": "a"}]


async def test_ids_can_be_uuids_which_paths_and_references_take() -> None:
    options = SandboxOptions(behaviour=Behaviour(ids="uuid"), clients=("Agency",))
    async with opened(options) as client:
        company = await client.created(external_id="k1", tags=["a"], business_field="Bau", address_invoice_country="NL")
        path = f"/companies/{company['id']}"
        assert UUID(company["id"]).version == 7
        assert (await client.get(path)).body == company
        assert (await client.get("/companies/k1?find_by=external_id")).body == company
        country = company["address_invoice_country"]["id"]
        changed = await client.patch(
            path, address_delivery_country_id=country, client_id=public_id(1, Thing.CLIENT, "uuid")
        )
        assert changed.body["address_delivery_country"] == company["address_invoice_country"]
        assert changed.body["client"]["name"] == "Agency"
        of_another = str(public_id(1, Thing.OFFER, "uuid"))
        for wrong in ("1", str(UUID(int=7)), company["id"].upper(), company["id"][:-1], of_another):
            assert (await client.get(f"/companies/{wrong}")).status == 404
            reply = await client.patch(path, client_id=wrong)
            assert reply.errors == {"client_id": ["The selected client id is invalid."]}
        client.sandbox.set_faults(Fault(on="*", external_id="k1", do="status", status=500))
        assert (await client.get(path)).status == 500


async def test_no_two_things_have_the_same_uuid() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(ids="uuid"), clients=("Agency",))) as client:
        client_id = public_id(1, Thing.CLIENT, "uuid")
        names = {"business_field": "a", "company_size": "b", "company_revenue": "c", "tags": ["d"]}
        company = await client.created(address_invoice_country="AT", client_id=client_id, **names)
        ids = [
            company["id"],
            company["tags"][0]["id"],
            *(one["id"] for one in company.values() if isinstance(one, dict) and "id" in one),
        ]
        assert len(set(ids)) == len(ids) == 7
        for field in ("client_id", "address_invoice_country_id"):
            taken = {
                one for one in ids if (await client.patch(f"/companies/{company['id']}", **{field: one})).status == 200
            }
            assert len(taken) == 1
        assert [one for one in ids if (await client.get(f"/companies/{one}")).status == 200] == [company["id"]]


async def test_a_webhook_names_a_company_by_its_uuid() -> None:
    async with receiving() as receiver:
        options = SandboxOptions(
            behaviour=Behaviour(ids="uuid"),
            webhooks=(Subscription(receiver.url),),
            delivery=DeliveryOptions(quiet=0.01),
        )
        async with opened(options) as client:
            company = await client.created()
            await receiver.until(1)
    told = receiver.received[0].body
    assert told["resource"]["id"] == told["data"]["id"] == company["id"]
    assert told["triggered_by"]["id"] == public_id(1, Thing.USER, "uuid")


@given(st.integers(1, 2**40), st.integers(1, 2**40), st.sampled_from(Thing), st.sampled_from(Thing))
def test_uuids_are_in_the_order_of_their_numbers_and_lead_back_to_them(
    one: int, other: int, thing: Thing, another: Thing
) -> None:
    first, second = str(public_id(one, thing, "uuid")), str(public_id(other, thing, "uuid"))
    assert (first < second) == (one < other)
    assert id_of(first, thing, "uuid") == one
    assert id_of(first, another, "uuid") == (one if thing is another else None)


@given(st.text(max_size=40) | st.uuids().map(str))
def test_any_text_can_be_asked_for_as_an_id(text: str) -> None:
    assert id_of(text, Thing.COMPANY, "uuid") is None
    assert number_of(text) is None or str(number_of(text)) == text
    assert id_of(text, Thing.COMPANY, "text") == number_of(text)
    found = leading_id_of(text)
    assert found is None or 0 < found < 2**63


@given(st.integers(1, 10**15), st.sampled_from(["", "abc", ".0", "e0", " 5", "-7", ".000x"]))
def test_a_leading_id_may_be_followed_by_anything_that_leaves_its_value(number: int, rest: str) -> None:
    assert leading_id_of(f"{number}{rest}") == number
    assert leading_id_of(f"{number}.5{rest.lstrip('.')}") is None


@pytest.mark.parametrize(
    ("path", "exact", "prefix"),
    [
        ("12", 200, 200),
        ("12abc", 404, 200),
        ("12.9", 404, 404),
        ("12.0", 404, 200),
        ("1.2e1", 404, 200),
        ("1e400", 404, 404),
        ("%20012", 404, 200),
        ("+12", 404, 200),
        ("abc12", 404, 404),
        ("123", 404, 404),
        ("-12", 404, 404),
        ("9" * 30, 404, 404),
    ],
)
async def test_an_id_can_be_found_by_its_prefix_as_mysql_does(path: str, exact: int, prefix: int) -> None:
    for behaviour, status in ((Behaviour(), exact), (Behaviour(finds_id_prefix=True), prefix)):
        async with opened(SandboxOptions(behaviour=behaviour)) as client:
            for number in range(1, 13):
                await client.created(external_id=f"k{number}")
            reply = await client.get(f"/companies/{path}?find_by=id")
            assert reply.status == status
            assert status == 404 or reply.body["id"] == "12"


async def test_a_prefix_of_a_uuid_finds_nothing() -> None:
    async with opened(SandboxOptions(behaviour=Behaviour(finds_id_prefix=True, ids="uuid"))) as client:
        await client.created()
        assert (await client.get("/companies/1abc")).status == 404
        assert (await client.get(f"/companies/{public_id(1, Thing.COMPANY, 'uuid')}")).status == 200
