"""Every switch: another plausible Kanbert than the framework's default."""

from __future__ import annotations

import re
from typing import Any

import anyio
import pytest

from importer.sandbox import Behaviour, Fault, SandboxOptions
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


async def test_patch_can_clear_what_it_does_not_name() -> None:
    async with opened(playing(patch_nulls_absent=True)) as client:
        await client.created(phone="1", business_field="Bau", taxation=False, tags=["a"], address_invoice_country="NL")
        body = (await client.patch("/companies/1", fax="2")).body
    assert [body[name] for name in ("company_name", "phone", "business_field")] == [None] * 3
    assert (body["fax"], body["taxation_enabled"], len(body["tags"])) == ("2", False, 1)
    assert body["address_invoice_country"]["code"] == "NL"


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
        assert (reply.status, list(reply.errors)) == (422, [field])
        assert (await client.created(business_field="Other"))["business_field"]["id"] == "1"


async def test_answers_can_lack_tags() -> None:
    async with opened(playing(answers_tags=False)) as client:
        assert "tags" not in await client.created(tags=["a"])


async def test_ids_can_be_numbers() -> None:
    async with opened(playing(numeric_ids=True)) as client:
        company = await client.created(business_field="Bau", tags=["a"], address_invoice_country="AT")
    assert company["id"] == 1
    assert company["business_field"]["id"] == 1
    assert company["address_invoice_country"]["id"] == 1
    assert company["tags"] == [{"id": 2, "title": "a"}]


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


async def test_a_space_of_no_country_is_refused() -> None:
    with pytest.raises(ValueError, match="default_country must be a country's code: 'Holland'"):
        async with opened(playing(default_country="Holland")):
            raise AssertionError
