"""Every page: its headers, its structure, and what is there instead of a page that is not."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.sandbox.pages.visiting import Markup, Visitor, fill, markup

if TYPE_CHECKING:
    from tests.sandbox.client import Reply

EMPTY = ["/", "/companies", "/companies?q=nobody&show=archived", "/offers", "/requests", "/requests?show=errors"]
EMPTY += ["/requests?show=faults", "/faults", "/faults?done=cleared", "/webhooks", "/offers?before=1"]
_FORM = "application/x-www-form-urlencoded"
FULL = [*EMPTY, "/companies/1", "/companies?q=ACME", "/offers/1"]


async def test_every_page_forbids_scripts_frames_and_foreign_forms(visitor: Visitor) -> None:
    reply = await visitor.ask("GET", "/")
    assert reply.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self' data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "same-origin"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/nowhere", "/companies/99", "/faults/clear", "/static/style.css", "/companies"])
async def test_all_that_is_answered_has_the_same_headers(visitor: Visitor, path: str) -> None:
    first, other = await visitor.ask("GET", "/"), await visitor.ask("GET", path)
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
        assert other.headers[name] == first.headers[name]


async def test_empty_pages_are_well_made(visitor: Visitor) -> None:
    for path in EMPTY:
        _check(path, markup(await visitor.see(path)))


async def test_full_pages_are_well_made(visitor: Visitor) -> None:
    await _fill(visitor)
    titles = [_check(path, markup(await visitor.see(path))) for path in FULL]
    assert len({*titles}) == len({path.partition("?")[0] for path in FULL}) + 2  # two searches are in titles


async def _fill(visitor: Visitor) -> None:
    costs = [{"title": "Printing", "supplier": "Press", "is_credit": True}]
    items = [{"title": "Work", "price": 10, "is_optional": True}]
    offer = {"title": "Stand", "status": "open", "company": "k1", "line_items": items, "external_costs": costs}
    await fill(visitor, [{"company_name": "ACME", "external_id": "k1", "tags": ["a"]}], [{**offer, "archived": True}])
    script = 'faults: [{on: "*", do: latency, ms: 1}, {on: "*", nth: 1, do: status, status: 500}]'
    await visitor.send("/faults", {"script": script})
    await visitor.send("/webhooks", {"url": "http://127.0.0.1:9/", "company:create": "on", "secret": "s"})
    await visitor.client.patch("/companies/1", company_name="Stored not")
    await visitor.client.patch("/companies/1", phone="1")
    await visitor.client.get("/companies/2?find_by=external_id")


def _check(path: str, page: Markup) -> str:
    assert page.problems == [], path
    assert page.tags["h1"] == page.tags["main"] == page.tags["header"] == page.tags["footer"] == 1, path
    assert page.all("html") == [{"lang": "en"}]
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(ids) == len({*ids}), path
    assert page.tags["caption"] == page.tags["table"], path
    assert all("scope" in cell for cell in page.all("th")), path
    references = [target for _, attributes in page.found for target in attributes.get("aria-labelledby", "").split()]
    assert {*references} <= {*ids}, path
    labels = {label.get("for") for label in page.all("label")}
    named = [*page.all("textarea"), *(one for one in page.all("input") if one["type"] not in ("hidden", "checkbox"))]
    assert all(one["id"] in labels for one in named), path
    assert all(form["action"].startswith("/") for form in page.all("form")), path
    assert page.tags["script"] == page.tags["style"] == 0
    assert not [name for _, attributes in page.found for name in attributes if name == "style" or name.startswith("on")]
    addresses = [one.get("href", one.get("action", "")) for _, one in page.found if "href" in one or "action" in one]
    assert all(address.startswith(("/", "#", "data:image/svg+xml,")) for address in addresses), path
    return page.title


async def test_what_is_not_there_is_a_page_for_a_browser(visitor: Visitor) -> None:
    reply = await visitor.ask("GET", "/nowhere/at/all")
    assert reply.status == 404
    assert "/nowhere/at/all" in _check("", markup(reply.text)) + reply.text


async def test_what_is_not_there_is_json_for_a_program(visitor: Visitor) -> None:
    reply = await visitor.ask("GET", "/nowhere", headers={"Accept": "*/*"})
    assert (reply.status, reply.body) == (404, {"message": "Nothing is here: the API is at /api/v1."})


async def test_a_page_takes_only_what_it_is_made_for(visitor: Visitor) -> None:
    assert await _refused(visitor, "DELETE", "/companies") == (405, "GET")
    assert await _refused(visitor, "GET", "/faults/clear") == (405, "POST")
    assert await _refused(visitor, "PATCH", "/faults") == (405, "GET, POST")


async def _refused(visitor: Visitor, method: str, path: str) -> tuple[int, str]:
    reply = await visitor.ask(method, path)
    return reply.status, reply.headers["Allow"]


async def test_head_answers_like_get_without_a_body(visitor: Visitor) -> None:
    reply = await visitor.ask("HEAD", "/companies")
    assert (reply.status, reply.text) == (200, "")


async def test_the_stylesheet_asks_nobody_else_for_anything(visitor: Visitor) -> None:
    reply = await visitor.ask("GET", "/static/style.css")
    assert reply.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "url(" not in reply.text
    assert "@import" not in reply.text


@pytest.mark.parametrize(
    "path", ["/static/other.css", "/static/..%2frendering.py", "/static/", "/templates/_base.html"]
)
async def test_no_other_file_is_served(visitor: Visitor, path: str) -> None:
    assert (await visitor.ask("GET", path)).status == 404


@pytest.mark.parametrize(
    ("content_type", "data", "status"),
    [
        pytest.param("application/json", b"{}", 415, id="not-a-form"),
        pytest.param(_FORM, b"script=" + b"a" * 300_000, 413, id="too-large"),
        pytest.param(_FORM, b"&".join([b"a=1"] * 60), 400, id="too-many-fields"),
    ],
)
async def test_a_form_that_no_page_has_is_refused(
    visitor: Visitor, content_type: str, data: bytes, status: int
) -> None:
    reply = await visitor.ask("POST", "/faults", data=data, headers={"Content-Type": content_type})
    assert reply.status == status


async def test_a_query_with_more_than_any_page_takes_is_refused(visitor: Visitor) -> None:
    assert (await visitor.ask("GET", "/companies?" + "&".join(["a=1"] * 60))).status == 400


async def test_pages_asked_for_at_once_are_all_answered(visitor: Visitor) -> None:
    replies: list[Reply] = []

    async def look(path: str) -> None:
        replies.append(await visitor.ask("GET", path))

    async with anyio.create_task_group() as tasks:
        for path in EMPTY:
            tasks.start_soon(look, path)
    assert [reply.status for reply in replies] == [200] * len(EMPTY)


@pytest.mark.slow
def test_a_run_to_the_sandbox_does_not_pay_for_the_pages() -> None:
    code = "import importer.sandbox, sys; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
