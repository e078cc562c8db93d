"""The client against the local Kanbert, which shares no code with it: a name that is wrong in one shows here."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

import pytest

from importer.errors import ConflictError, FatalTargetError, OutcomeUnknownError, RefusedError
from importer.kanbert import Kanbert
from importer.sandbox import (
    Behaviour,
    Fault,
    FaultScript,
    RunningSandbox,
    SandboxOptions,
    Token as Rights,
    running_sandbox,
)
from importer.transport import Token, TransportOptions, open_transport
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import seeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from importer.model import Payload

ORIGIN = "moneybird"


def payload(external_id: str, **more: str) -> Payload:
    return {"external_id": external_id, "external_origin": ORIGIN, "company_name": f"Firma {external_id}", **more}


@asynccontextmanager
async def both(options: SandboxOptions, *, token: str = "sandbox") -> AsyncIterator[tuple[RunningSandbox, Kanbert]]:  # noqa: S107  # the sandbox's own
    async with running_sandbox(options) as sandbox:
        to = TransportOptions(base_url=sandbox.url, token=Token(token))
        async with open_transport(to, FakeClock(), seeded(1), lambda _: None) as transport:
            yield sandbox, Kanbert(transport, ORIGIN)


async def test_a_company_is_made_found_changed_and_read() -> None:
    async with both(SandboxOptions()) as (sandbox, kanbert):
        await kanbert.preflight()
        assert await kanbert.find("k 1+ü%") is None
        made = await kanbert.create(payload("k 1+ü%"))
        found = await kanbert.find("k 1+ü%")
        assert found is not None
        assert (found.kanbert_id, found.external_id, found.external_origin) == (made.kanbert_id, "k 1+ü%", ORIGIN)
        changed = await kanbert.update(made.kanbert_id, {"phone": "+31 1", "iban": None}, "k 1+ü%")
        assert changed.body["phone"] == "+31 1"
        assert await kanbert.read(made.kanbert_id) == changed
        assert sandbox.creates("k 1+ü%") == 1


@pytest.mark.parametrize("meta_keys", ["page_url", "cursor_url", "both", "no_next_cursor"])
async def test_every_company_is_listed_once_however_the_pages_are_spelled(
    meta_keys: Literal["page_url", "cursor_url", "both", "no_next_cursor"],
) -> None:
    options = SandboxOptions(behaviour=Behaviour(meta_keys=meta_keys, page_size_max=3, ids="numbers"))
    async with both(options) as (_, kanbert):
        made = [(await kanbert.create(payload(f"k{number}"))).kanbert_id for number in range(10)]
        pages = [page async for page in kanbert.pages()]
        assert [company.kanbert_id for page in pages for company in page.companies] == made
        assert [page.last for page in pages] == [False, False, False, True]


async def test_a_lost_answer_to_a_create_is_unknown_and_the_company_is_there() -> None:
    faults = FaultScript((Fault(on="POST /companies", do="reset_after", nth=1),))
    async with both(SandboxOptions(faults=faults)) as (sandbox, kanbert):
        with pytest.raises(OutcomeUnknownError):
            await kanbert.create(payload("k1"))
        assert await kanbert.find("k1") is not None
        assert sandbox.creates("k1") == 1


async def test_trouble_on_an_update_is_ridden_out() -> None:
    async with both(SandboxOptions()) as (sandbox, kanbert):
        made = await kanbert.create(payload("k1"))
        sandbox.set_faults(
            Fault(on="PATCH /companies/*", do="reset_before", nth=1),
            Fault(on="PATCH /companies/*", do="status", status=500, nth=2),
            Fault(on="PATCH /companies/*", do="status", status=429, retry_after=3, nth=3),
            Fault(on="PATCH /companies/*", do="reset_during", nth=4),
        )
        assert (await kanbert.update(made.kanbert_id, {"phone": "1"}, "k1")).body["phone"] == "1"


@pytest.mark.parametrize("duplicate", [422, 409])
async def test_a_taken_external_id_is_a_conflict(duplicate: Literal[422, 409]) -> None:
    async with both(SandboxOptions(behaviour=Behaviour(duplicate=duplicate))) as (_, kanbert):
        await kanbert.create(payload("k1"))
        with pytest.raises(ConflictError):
            await kanbert.create(payload("k1"))


async def test_a_refusal_names_its_fields() -> None:
    async with both(SandboxOptions()) as (_, kanbert):
        with pytest.raises(RefusedError) as raised:
            await kanbert.create(payload("k1", iban="x" * 256, email_general="no"))
        assert set(raised.value.fields) == {"iban", "email_general"}


async def test_a_wrong_token_and_a_missing_scope_are_fatal_in_words() -> None:
    rights = {"reader": Rights("crm", frozenset({"contact-data:read"}))}
    async with both(SandboxOptions(), token="nobody") as (_, kanbert):  # noqa: S106  # opens nothing
        with pytest.raises(FatalTargetError, match="token was not accepted"):
            await kanbert.preflight()
    async with both(SandboxOptions(tokens=rights), token="reader") as (_, kanbert):  # noqa: S106  # opens nothing
        await kanbert.preflight()
        with pytest.raises(FatalTargetError, match="scope contact-data:write"):
            await kanbert.create(payload("k1"))
