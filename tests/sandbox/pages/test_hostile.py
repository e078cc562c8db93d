"""Whatever is stored or asked for is text on a page, and never markup."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from importer.sandbox import Behaviour, SandboxOptions
from importer.sandbox.companies.contract import COUNTRIES, TEXTS
from tests.sandbox.pages.visiting import Visitor, fill, markup, visiting

EVIL = "</textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7777*7777 }}"
ESCAPED = "&lt;/textarea&gt;&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;"


def _harmless(html: str) -> str:
    page = markup(html)
    assert page.problems == []
    assert page.tags["script"] == page.tags["img"] == 0
    assert "60481729" not in page.text
    return html


async def test_a_company_is_text_in_every_field() -> None:
    options = SandboxOptions(slug=EVIL, behaviour=Behaviour(unknown_custom_field="store"))
    plain = [name for name in TEXTS if name != "email_general"]
    async with visiting(options) as visitor:
        await visitor.client.created(
            **dict.fromkeys([*plain, "external_id", "business_field", "company_size", "company_revenue"], EVIL),
            email_general='"<script>"@acme.example',
            tags=[EVIL],
            custom_fields={EVIL: EVIL},
        )
        await visitor.client.patch(
            "/companies/1", **dict.fromkeys(plain, f"{EVIL}2"), custom_fields={EVIL: "y"}, tags=[]
        )
        html = _harmless(await visitor.see("/companies/1"))
        assert html.count(ESCAPED) >= 3 * len(TEXTS)  # as it is, before and after
        assert COUNTRIES[0] in html
        listed = _harmless(await visitor.see("/companies"))
        assert listed.count(ESCAPED) == 4
        assert ESCAPED in _harmless(await visitor.see("/"))


@pytest.mark.parametrize("path", ["/companies?q=", "/requests?show=", "/faults?done=", "/companies/", "/offers/", "/"])
async def test_what_is_asked_for_is_text(visitor: Visitor, path: str) -> None:
    reply = await visitor.ask("GET", path + quote(EVIL, safe=""))
    _harmless(reply.text)


async def test_requests_of_the_api_are_text(visitor: Visitor) -> None:
    await visitor.client.get(f"/{quote(EVIL)}?{quote(EVIL, safe='')}[{quote(EVIL, safe='')}]={quote(EVIL, safe='')}")
    await visitor.client.call("<SCRIPT>".strip("<>"), "/companies")
    for path in ("/requests", "/"):
        assert _harmless(await visitor.see(path)).count(ESCAPED) >= 2


async def test_a_fault_script_is_text_whether_it_is_right_or_wrong(visitor: Visitor) -> None:
    wrong = await visitor.send("/faults", {"script": f"faults:\n  - {EVIL}"})
    assert wrong.status == 422
    assert _harmless(wrong.text).count(ESCAPED) >= 2  # in the excerpt and in the form
    right = await visitor.send(
        "/faults", {"script": f"faults: [{{on: '*', do: hang, external_id: {json.dumps(EVIL)}}}]"}
    )
    assert right.status == 303
    for path in ("/faults", "/"):
        assert ESCAPED in _harmless(await visitor.see(path))


async def test_a_subscription_is_text(visitor: Visitor) -> None:
    reply = await visitor.send("/webhooks", {"url": EVIL, "secret": EVIL})
    assert reply.status == 422
    assert _harmless(reply.text).count(ESCAPED) == 2
    await visitor.send("/webhooks", {"url": f"http://127.0.0.1:9/{EVIL}", "company:create": "on"})
    assert "127.0.0.1:9" in _harmless(await visitor.see("/webhooks"))


async def test_an_offer_is_text(visitor: Visitor) -> None:
    item = {"title": EVIL, "price": 1, "metric": EVIL}
    cost = {"title": EVIL, "supplier": EVIL}
    offer = {"offer_number": EVIL, "address": EVIL, "currency": "E<b>", "company": "k1"}
    await fill(
        visitor,
        [{"company_name": EVIL, "external_id": "k1"}],
        [{"title": EVIL, "status": "open", **offer, "line_items": [item], "external_costs": [cost]}],
    )
    for path in ("/offers", "/offers/1", "/companies/1"):
        assert ESCAPED in _harmless(await visitor.see(path))
