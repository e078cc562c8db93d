"""Every switch: another plausible Kanbert than the framework's default."""

from __future__ import annotations

import re
from typing import Any

import anyio
import pytest

from importer.sandbox import Behaviour, Fault, SandboxOptions, parse_seed
from tests.sandbox.client import Client, Reply, opened


def playing(**switches: Any) -> SandboxOptions:
    return SandboxOptions(behaviour=Behaviour(**switches), custom_fields=frozenset({"a", "b"}))


@pytest.mark.parametrize(("duplicate", "status"), [(422, 422), (409, 409), (500, 500), ("accept", 201)])
async def test_a_duplicate_can_be_answered_in_four_ways(duplicate: Any, status: int) -> None:
    async with opened(playing(duplicate=duplicate)) as client:
        await client.created(external_id="k1")
        reply = await client.create(external_id="k1", business_field="Bau")
        assert reply.status == status
        stored = await client.sandbox.companies()
        assert len(stored) == (2 if status == 201 else 1)
        assert (await client.sandbox.stats())["duplicates"] == (1 if status == 201 else 0)
        assert client.sandbox.creates("k1") == len(stored)


@pytest.mark.parametrize(
    ("race", "statuses", "duplicates"),
    [("serialised", [201, 422], 0), ("error", [201, 500], 0), ("accept", [201, 201], 1)],
)
async def test_two_creates_at_once(race: Any, statuses: list[int], duplicates: int) -> None:
    replies: list[Reply] = []

    async def create(client: Client) -> None:
        replies.append(await client.create(external_id="k1"))

    async with opened(playing(race=race)) as client:
        client.sandbox.set_faults(Fault(on="POST /companies", do="latency", ms=200, times=2))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(create, client)
            tasks.start_soon(create, client)
        assert sorted(reply.status for reply in replies) == statuses
        assert (await client.sandbox.stats())["duplicates"] == duplicates
        assert (await client.create(external_id="k1")).status == 422
        assert (await client.create()).status == 201


async def test_external_ids_can_ignore_case_accents_and_trailing_spaces() -> None:
    async with opened(playing(folds_external_id=True)) as client:
        await client.created(external_id="Müller")
        assert (await client.create(external_id="MULLER")).status == 422
        found = await client.get("/companies/muller%20?find_by=external_id")
        assert found.body["external_id"] == "Müller"
        await client.created(external_id="K1")
        assert (await client.get("/companies/k1?find_by=external_id")).status == 200


async def test_uniqueness_can_span_the_space() -> None:
    async with opened(playing(unique_in="space")) as client:
        await client.created(external_id="k1")
        assert (await client.create(external_id="k1", external_origin="other")).status == 422


async def test_get_can_show_archived_companies_that_stay_closed_to_writes() -> None:
    async with opened(playing(shows_archived=True)) as client:
        await client.created(external_id="k1")
        await client.call("DELETE", "/companies/1")
        shown = await client.get("/companies/k1?find_by=external_id")
        assert shown.body["deleted_at"] is not None
        assert (await client.patch("/companies/1", phone="1")).status == 404


@pytest.mark.parametrize(("restore", "status"), [("accept", 201), ("refuse", 422)])
async def test_an_archived_company_can_free_its_external_id(restore: Any, status: int) -> None:
    async with opened(playing(archived_frees_id=True, restore_of_taken=restore)) as client:
        await client.created(external_id="k1")
        await client.call("DELETE", "/companies/1")
        assert (await client.create(external_id="k1")).status == 201
        assert (await client.call("POST", "/companies/1/restore")).status == status
        await client.created(external_id="k2")
        await client.call("DELETE", "/companies/3")
        assert (await client.call("POST", "/companies/3/restore")).status == 201


@pytest.mark.parametrize(
    ("switches", "other"),
    [
        pytest.param({"folds_external_id": True}, {"external_id": "K1 "}, id="folded"),
        pytest.param({"unique_in": "space"}, {"external_origin": "other"}, id="another origin"),
        pytest.param({"unique_in": "space"}, {"external_origin": None}, id="the own origin"),
    ],
)
async def test_a_restore_is_refused_by_the_rule_that_refuses_a_create(
    switches: dict[str, Any], other: dict[str, Any]
) -> None:
    other = {name: value for name, value in {"external_id": "k1", **other}.items() if value is not None}
    async with opened(playing(archived_frees_id=True, restore_of_taken="refuse", **switches)) as client:
        for _ in range(2):  # the one that stays archived bars nobody
            await client.created(external_id="k1")
            assert (await client.call("DELETE", f"/companies/{client.sandbox.creates('k1')}")).status == 200
        await client.created(**other)
        assert (await client.create(external_id="k1")).status == 422
        refused = await client.call("POST", "/companies/1/restore")
        assert (refused.status, list(refused.errors)) == (422, ["external_id"])
        assert (await client.call("DELETE", "/companies/3")).status == 200
        assert (await client.call("POST", "/companies/1/restore")).status == 201


async def test_a_restore_of_what_another_origin_holds_is_accepted() -> None:
    async with opened(playing(archived_frees_id=True, restore_of_taken="refuse")) as client:
        await client.created(external_id="k1")
        assert (await client.call("DELETE", "/companies/1")).status == 200
        await client.created(external_id="k1", external_origin="other")
        await client.created(external_id="K1")
        assert (await client.call("POST", "/companies/1/restore")).status == 201


async def test_restore_can_answer_200() -> None:
    async with opened(playing(restore_status=200)) as client:
        await client.created()
        assert (await client.call("POST", "/companies/1/restore")).status == 200


async def test_an_external_id_can_be_taken_from_its_holder() -> None:
    async with opened(playing(identifier_taken="take")) as client:
        await client.created(external_id="k1")
        await client.created()
        reply = await client.call("PUT", "/companies/2/external-identifier", {"external_id": "k1"})
        assert reply.body["external_id"] == "k1"
        assert (await client.get("/companies/1")).body["external_id"] is None


@pytest.mark.parametrize(("without_id", "origin"), [("slug", "theirs"), ("none", None)])
async def test_the_holder_whose_external_id_is_taken_keeps_its_own_origin(without_id: Any, origin: str | None) -> None:
    switches = {"identifier_taken": "take", "unique_in": "space", "origin_without_id": without_id}
    async with opened(playing(**switches)) as client:
        await client.created(external_id="k1", external_origin="theirs")
        await client.created()
        body = {"external_id": "k1", "external_origin": "mine"}
        taker = (await client.call("PUT", "/companies/2/external-identifier", body)).body
        assert (taker["external_id"], taker["external_origin"]) == ("k1", "mine")
        holder = (await client.get("/companies/1")).body
        assert (holder["external_id"], holder["external_origin"]) == (None, origin)


async def test_patch_can_clear_what_it_does_not_name() -> None:
    async with opened(playing(patch_nulls_absent=True)) as client:
        countries = {"address_invoice_country": "NL", "address_delivery_country": "DE"}
        await client.created(phone="1", business_field="Bau", taxation=False, tags=["a"], **countries)
        body = (await client.patch("/companies/1", fax="2", address_delivery_country="FR")).body
    assert [body[name] for name in ("company_name", "phone", "business_field")] == [None] * 3
    assert (body["fax"], body["taxation_enabled"], len(body["tags"])) == ("2", False, 1)
    assert (body["address_invoice_country"], body["address_delivery_country"]["code"]) == (None, "FR")


@pytest.mark.parametrize(("how", "titles"), [("replace", ["b", "c"]), ("add", ["a", "b", "c"])])
async def test_tags_replace_or_add_on_patch(how: Any, titles: list[str]) -> None:
    async with opened(playing(tags_on_patch=how)) as client:
        await client.created(tags=["a", "b"])
        body = (await client.patch("/companies/1", tags=["b", "c"])).body
    assert [tag["title"] for tag in body["tags"]] == titles


@pytest.mark.parametrize(("how", "fields"), [("merge", {"a": 1, "b": 3}), ("replace", {"b": 3})])
async def test_custom_fields_merge_or_replace_on_patch(how: Any, fields: dict[str, int]) -> None:
    async with opened(playing(custom_fields_on_patch=how)) as client:
        await client.created(custom_fields={"a": 1, "b": 2})
        body = (await client.patch("/companies/1", custom_fields={"b": 3})).body
    assert body["custom_fields"] == fields


@pytest.mark.parametrize(
    ("how", "status", "fields"), [("ignore", 201, {"a": 1}), ("store", 201, {"a": 1, "x": 2}), ("refuse", 422, None)]
)
async def test_an_unknown_custom_field(how: Any, status: int, fields: object) -> None:
    async with opened(playing(unknown_custom_field=how)) as client:
        reply = await client.create(custom_fields={"a": 1, "x": 2})
    assert reply.status == status
    if fields is None:
        assert reply.errors == {"custom_fields.x": ["The selected custom fields.x is invalid."]}
    else:
        assert reply.body["custom_fields"] == fields


@pytest.mark.parametrize("field", ["company_size", "company_revenue", "tags"])
async def test_unknown_titles_can_be_refused_and_leave_nothing_behind(field: str) -> None:
    async with opened(playing(unknown_title="refuse")) as client:
        reply = await client.create(business_field="Bau", **{field: ["x"] if field == "tags" else "x"})
        assert (reply.status, list(reply.errors)) == (422, ["tags.0" if field == "tags" else field])
        assert (await client.created(business_field="Other"))["business_field"]["id"] == "1"


async def test_what_is_unknown_is_refused_together_with_all_else_that_is_wrong() -> None:
    async with opened(playing(unknown_title="refuse", unknown_custom_field="refuse")) as client:
        reply = await client.create(
            custom_fields={"y": 1, "a": 1, "x": 2}, tags=["t", 5, "u"], company_size="s", company_revenue="r", iban=5
        )
        assert (await client.sandbox.stats())["companies"]["live"] == 0
    fields = ["iban", "company_size", "company_revenue", "tags.0", "tags.1", "tags.2"]
    assert list(reply.errors) == [*fields, "custom_fields.y", "custom_fields.x"]
    assert reply.errors["tags.2"] == ["The selected tags.2 is invalid."]
    assert reply.errors["company_size"] == ["The selected company size is invalid."]


TITLED = parse_seed("""
behaviour: {unknown_title: refuse}
companies: [{company_name: A, company_size: big, tags: [VIP]}]
""")


async def test_titles_that_a_seed_brings_are_known_where_others_are_refused() -> None:
    async with opened(SandboxOptions(seed=TITLED)) as client:
        known = await client.patch("/companies/1", company_size="big", tags=["VIP"], company_revenue=None)
        assert known.status == 200
        assert list((await client.patch("/companies/1", company_revenue="big", tags=["vip"])).errors) == [
            "company_revenue",
            "tags.0",
        ]


async def test_answers_can_lack_tags() -> None:
    async with opened(playing(answers_tags=False)) as client:
        assert "tags" not in await client.created(tags=["a"])


@pytest.mark.parametrize(("how", "origin"), [("slug", "sandbox"), ("none", None)])
async def test_a_company_without_an_external_id_can_have_no_origin(how: Any, origin: str | None) -> None:
    async with opened(playing(origin_without_id=how)) as client:
        assert (await client.created())["external_origin"] == origin
        named = await client.call("PUT", "/companies/1/external-identifier", {"external_id": "k1"})
        assert named.body["external_origin"] == "sandbox"
        cleared = await client.call("PUT", "/companies/1/external-identifier", {"external_id": None})
        assert cleared.body["external_origin"] == origin


@pytest.mark.parametrize(("how", "alone", "with_text"), [("clears", None, None), ("keeps", "NL", "DE")])
async def test_a_country_id_of_null_clears_or_has_no_effect(how: Any, alone: object, with_text: object) -> None:
    async with opened(playing(null_country_id=how)) as client:
        await client.created(address_invoice_country="NL")
        cleared = await client.patch("/companies/1", address_invoice_country_id=None)
        assert (cleared.body["address_invoice_country"] or {}).get("code") == alone
        both = await client.patch("/companies/1", address_invoice_country_id=None, address_invoice_country="DE")
        assert (both.body["address_invoice_country"] or {}).get("code") == with_text


async def test_a_business_field_can_be_found_without_regard_to_case() -> None:
    async with opened(playing(folds_business_field=True)) as client:
        first = await client.created(business_field="Öl", company_size="Öl")
        second = await client.created(business_field="ÖL", company_size="ÖL")
        assert second["business_field"] == first["business_field"] == {"id": "1", "name": "Öl"}
        assert second["company_size"] != first["company_size"]


async def test_trimming_can_leave_all_but_ascii_blanks() -> None:
    text = " \t\r\n\v\0\u00a0x\u200b "
    async with opened() as client:
        assert (await client.created(company_name=text))["company_name"] == "x"
        assert (await client.create(company_name="\u00a0")).status == 422
    async with opened(playing(trims="ascii")) as client:
        assert (await client.created(company_name=text))["company_name"] == "\u00a0x\u200b"
        assert (await client.created(company_name="\u00a0", fax="\f", phone="\0 "))["fax"] == "\f"
        found = await client.get("/companies?page[size]=%C2%A01")
        assert found.body["meta"]["per_page"] == 30


async def test_the_message_of_a_422_can_be_the_same_for_all() -> None:
    async with opened(playing(invalid_message="fixed")) as client:
        reply = await client.create(iban=5, phone=5)
        assert reply.body["message"] == "The given data was invalid."
        assert list(reply.errors) == ["iban", "phone"]
        assert (await client.get("/companies/9")).body["message"].startswith("No query results")


@pytest.mark.parametrize(
    ("how", "status", "location", "says"),
    [
        ("redirect", 302, "/login", "Redirecting to /login"),
        ("error", 500, None, "Server Error"),
        ("empty", 401, None, ""),
    ],
)
async def test_a_401_for_who_does_not_ask_for_json(how: Any, status: int, location: str | None, says: str) -> None:
    async with opened(playing(anonymous=how)) as client:
        reply = await client.call("GET", "/companies", headers={"Accept": "text/html", "Authorization": ""})
        assert (reply.status, reply.headers.get("Location")) == (status, location)
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert says in reply.text
        assert bool(says) == bool(reply.text)
        assert (await client.call("GET", "/companies", headers={"Authorization": ""})).status == 401


@pytest.mark.parametrize("retry_after", [None, 120])
async def test_maintenance_comes_before_everything(retry_after: int | None) -> None:
    async with opened(playing(maintenance=True, maintenance_retry_after=retry_after, throttle=1)) as client:
        for path in ("/companies", "/companies/1", "/nothing"):
            reply = await client.call("GET", path, headers={"Authorization": ""})
            assert (reply.status, reply.body) == (503, {"message": "Service Unavailable"})
            assert reply.headers.get("Retry-After") == (None if retry_after is None else "120")
            assert "X-RateLimit-Limit" not in reply.headers
        page = await client.call("GET", "/companies", headers={"Accept": "text/html"})
        assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert (await client.create()).status == 503
        assert (await client.sandbox.stats())["companies"] == {"live": 0, "archived": 0}


async def test_a_body_can_be_larger_than_is_allowed() -> None:
    async with opened(playing(max_body=40)) as client:
        assert (await client.create()).status == 201
        reply = await client.create(company_name="x" * 40)
        assert (reply.status, reply.body) == (413, {"message": "The POST data is too large."})
        assert (await client.call("POST", "/nothing", {"a": "x" * 40})).status == 413


async def test_empty_custom_fields_can_be_an_object() -> None:
    async with opened(playing(empty_custom_fields="object")) as client:
        assert (await client.created())["custom_fields"] == {}


@pytest.mark.parametrize(("how", "end"), [("atom", r"\+00:00"), ("zulu", "Z"), ("micro", r"\.000000Z")])
async def test_dates_have_three_spellings(how: Any, end: str) -> None:
    async with opened(playing(dates=how)) as client:
        company = await client.created()
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d{end}", company["created_at"])
    assert company["deleted_at"] is None


async def test_the_space_can_be_of_another_country() -> None:
    async with opened(playing(default_country="NL")) as client:
        assert (await client.created(address_invoice_country="?"))["address_invoice_country"]["code"] == "NL"


def test_a_space_of_no_country_is_refused() -> None:
    with pytest.raises(ValueError, match="default_country must be a country, such as AT, not Holland"):
        playing(default_country="Holland")
