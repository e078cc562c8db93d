"""The list of requests, and the overview's counts and hints."""

from __future__ import annotations

import re

import aiohttp
import pytest

from importer.sandbox import Behaviour, Fault, FaultScript, SandboxOptions, Token
from tests.sandbox.pages.visiting import Visitor, fill, markup, visiting

FAULTS = FaultScript(
    (
        Fault("GET /companies/7", "status", status=503),
        Fault("GET /companies/8", "latency", ms=20),
        Fault("*", "reset_before", nth=99),
    )
)


async def _rows(visitor: Visitor, path: str) -> list[str]:
    html = await visitor.see(path)
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        " ".join(markup(f"<div>{row}</div>").text.split()[2:]) for row in re.findall("<tr>(.*?)</tr>", body, re.DOTALL)
    ]


async def _asked(visitor: Visitor) -> None:
    for path in ("/companies?page[size]=2&filter=x", "/companies/7", "/companies/8", "/companies"):
        await visitor.client.get(path)


def _without_times(row: str) -> str:
    return re.sub(r"[\d.,]+ m?s", "T", row)


async def test_requests_are_listed_newest_first_with_status_and_fault() -> None:
    async with visiting(SandboxOptions(faults=FAULTS)) as visitor:
        await _asked(visitor)
        rows = [_without_times(row) for row in await _rows(visitor, "/requests")]
    assert rows == [
        "GET /companies 200 T",
        "GET /companies/8 404 T latency T",
        "GET /companies/7 503 T status",
        "GET /companies?page[size]=2&filter=x 400 T",
    ]


async def test_errors_and_faults_can_be_looked_at_alone() -> None:
    async with visiting(SandboxOptions(faults=FAULTS)) as visitor:
        await _asked(visitor)
        errors, faults = await _rows(visitor, "/requests?show=errors"), await _rows(visitor, "/requests?show=faults")
        assert len(await _rows(visitor, "/requests?show=nonsense")) == 4
    assert [row.split()[1].partition("?")[0] for row in errors] == ["/companies/8", "/companies/7", "/companies"]
    assert [row.split()[1] for row in faults] == ["/companies/8", "/companies/7"]


async def test_a_request_without_an_answer_says_so() -> None:
    async with visiting(SandboxOptions(faults=FaultScript((Fault("*", "reset_before"),)))) as visitor:
        with pytest.raises(aiohttp.ClientError):
            await visitor.client.call("POST", "/companies", {})
        assert [_without_times(row) for row in await _rows(visitor, "/requests?show=errors")] == [
            "POST /companies no answer T reset_before"
        ]


async def test_many_requests_come_in_pages(visitor: Visitor) -> None:
    for number in range(205):
        await visitor.client.get(f"/companies/{number}")
    first, last = await visitor.see("/requests?show=errors"), await visitor.see("/requests?show=errors&page=99")
    assert "205 requests, page 1 of 3" in first
    assert 'href="/requests?show=errors&amp;page=2" rel="next"' in first
    assert 'rel="prev"' not in first
    assert "page 3 of 3" in last
    assert len(await _rows(visitor, "/requests?page=3")) == 5
    assert "page 1 of 3" in await visitor.see("/requests?page=0")


async def test_pages_are_not_among_the_requests(visitor: Visitor) -> None:
    await visitor.see("/companies")
    assert "Nobody has asked anything yet" in await visitor.see("/requests")


async def test_the_overview_counts_what_is_stored_and_what_was_asked() -> None:
    async with visiting(SandboxOptions(behaviour=Behaviour(duplicate="accept"))) as visitor:
        await fill(visitor, [{"company_name": "A"}, {"company_name": "B", "archived": True}])
        for _ in range(3):
            await visitor.client.created(external_id="k1")
        await visitor.client.created(external_id="k1", external_origin="other")
        await visitor.client.get("/companies")
        text = " ".join(markup(await visitor.see("/")).text.split())
    for count in ("Live companies 5", "Archived 1", "Duplicates 1", "Requests 5", "Writes 4", "Most at once 1"):
        assert count in text


async def test_the_overview_says_where_the_api_is_and_how_to_get_in(visitor: Visitor) -> None:
    html = await visitor.see("/")
    assert f"<code>{visitor.client.sandbox.url}</code>" in html
    assert "export KANBERT_TOKEN=sandbox" in html


async def test_a_token_that_may_be_a_real_one_is_not_shown_whole() -> None:
    tokens = {"an-actual-secret-of-somebody": Token("shop", frozenset())}
    async with visiting(SandboxOptions(tokens=tokens)) as visitor:
        html = await visitor.see("/")
    assert "an-a…" in html
    assert "somebody" not in html
    assert "no scope" in html
