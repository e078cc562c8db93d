"""Subscriptions are listed, added and removed on their page, beside the log of what was delivered."""

from __future__ import annotations

import anyio
import pytest
from aiohttp import web

from importer.sandbox import SandboxOptions
from importer.sandbox.webhooks.options import DeliveryOptions
from importer.sandbox.webhooks.records import Attempt, LoggedDelivery, State, write_log
from tests.sandbox.pages.visiting import Visitor, markup, visiting

ADDRESS = "http://127.0.0.1:9/hook"


async def _text(visitor: Visitor, path: str = "/webhooks") -> str:
    return " ".join(markup(await visitor.see(path)).text.split())


async def test_a_subscription_is_added_and_its_secret_not_shown_again(visitor: Visitor) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    reply = await visitor.send("/webhooks", {"url": f" {ADDRESS} ", "company:update": "on", "secret": secret})
    assert (reply.status, reply.headers["Location"]) == (303, "/webhooks?done=added")
    html = await visitor.see("/webhooks?done=added")
    assert "The subscription is added" in html
    assert ADDRESS in html
    assert secret not in html
    assert "********cdef" in html


async def test_the_form_offers_a_secret_and_every_event(visitor: Visitor) -> None:
    first, second = markup(await visitor.see("/webhooks")), markup(await visitor.see("/webhooks"))
    secrets = {one["value"] for page in (first, second) for one in page.all("input") if one["name"] == "secret"}
    assert len(secrets) == 2
    assert all(len(secret) == 32 for secret in secrets)
    assert sum("checked" in one for one in first.all("input")) == 3


@pytest.mark.parametrize(
    ("form", "name", "problem"),
    [
        pytest.param(
            {"url": "http://example.com/", "company:create": "on"}, "url", "must be on this machine", id="afar"
        ),
        pytest.param({"company:create": "on"}, "url", "must be an http or https address", id="no-address"),
        pytest.param({"url": ADDRESS}, "events", "must be some of", id="no-event"),
        pytest.param({"url": ADDRESS, "company:create": "on", "secret": "x" * 256}, "secret", "255", id="long-secret"),
    ],
)
async def test_what_cannot_be_subscribed_says_why_and_keeps_what_was_typed(
    visitor: Visitor, form: dict[str, str], name: str, problem: str
) -> None:
    reply = await visitor.send("/webhooks", form)
    assert reply.status == 422
    page = markup(reply.text)
    assert page.problems == []
    assert problem in page.text
    assert f'aria-describedby="{name}-problem"' in reply.text
    values = {one["name"]: one.get("value") for one in page.all("input") if one["type"] != "checkbox"}
    assert values == {"url": form.get("url", ""), "secret": form.get("secret", "")}
    assert sum("checked" in one for one in page.all("input")) == ("company:create" in form)


async def test_too_many_subscriptions_are_refused(visitor: Visitor) -> None:
    for _ in range(100):
        assert (await visitor.send("/webhooks", {"url": ADDRESS, "company:delete": "on"})).status == 303
    reply = await visitor.send("/webhooks", {"url": ADDRESS, "company:delete": "on"})
    assert reply.status == 422
    assert "100 subscriptions already" in reply.text


async def test_a_subscription_is_removed_once(visitor: Visitor) -> None:
    await visitor.send("/webhooks", {"url": ADDRESS, "company:update": "on"})
    for done in ("removed", "gone"):
        reply = await visitor.send("/webhooks/1/remove")
        assert reply.headers["Location"] == f"/webhooks?done={done}"
    assert (await visitor.send("/webhooks/x/remove")).headers["Location"] == "/webhooks?done=gone"
    assert "There is no such subscription any more" in await _text(visitor, "/webhooks?done=gone")
    assert "Nobody is told of changes" in await _text(visitor)


async def test_a_subscription_that_is_added_hears_of_the_next_change() -> None:
    heard = anyio.Event()

    async def hear(_: web.BaseRequest) -> web.Response:
        heard.set()
        return web.Response()

    runner = web.ServerRunner(web.Server(hear))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with visiting(SandboxOptions(delivery=DeliveryOptions(quiet=0))) as visitor:
        await visitor.send("/webhooks", {"url": f"http://{host}:{port}/", "company:create": "on"})
        await visitor.client.created()
        with anyio.fail_after(60):
            await heard.wait()
    await runner.cleanup()


async def test_deliveries_are_logged_newest_first_with_every_try(visitor: Visitor) -> None:
    await _log(visitor, 2, (Attempt(None, "refused", 0.5, "2026-01-01T00:00:00+00:00"), Attempt(200, None, 20, "")))
    await _log(visitor, 1, ())
    text = await _text(visitor)
    assert "company:update 1 http://127.0.0.1:9/hook delivered refused 500 ms 200 20.0 s" in text
    assert text.index("cancelled") < text.index("delivered refused")
    assert "Deliveries begin with" not in text


async def test_many_deliveries_come_in_pages(visitor: Visitor) -> None:
    await _log(visitor, 55, ())
    first = markup(await visitor.see("/webhooks"))
    (older,) = [link["href"] for link in first.all("a") if link.get("rel") == "next"]
    assert older == "/webhooks?before=6#deliveries"
    second = await visitor.see(older.partition("#")[0])
    assert second.count("company:update</td>") == 5
    assert 'href="/webhooks#deliveries" rel="prev"' in second


async def _log(visitor: Visitor, count: int, attempts: tuple[Attempt, ...]) -> None:
    delivery = LoggedDelivery(
        id=0,
        subscription_id=1,
        url=ADDRESS,
        event="company:update",
        company_id=1,
        state=State.DELIVERED if attempts else State.CANCELLED,
        attempts=attempts,
        at="2026-01-01T00:00:00+00:00",
    )
    await visitor.client.sandbox._exchanges.store.run(lambda db: write_log(db, [delivery] * count))
