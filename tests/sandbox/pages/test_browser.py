"""The pages in a real browser, wide and narrow, light and dark, with the keyboard alone."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.async_api import async_playwright

from importer.sandbox import Behaviour, SandboxOptions
from importer.sandbox.companies.contract import TEXTS
from tests.sandbox.pages.visiting import Visitor, fill, visiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.slow

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--disable-quic"),
    "--host-resolver-rules=MAP rebound.example 127.0.0.1",
]
SIZES = [pytest.param((1440, 900), id="wide"), pytest.param((390, 844), id="narrow")]
PATHS = [
    *("/", "/companies", "/companies?q=nobody", "/companies/1", "/companies/2", "/offers", "/offers/1", "/requests"),
    *("/requests?show=errors", "/faults", "/faults?done=set", "/webhooks"),
]
BROKEN = 'seed: 7\nfaults:\n  - {on: "*", do: latency, ms: 1}\n  - {on: "*", do: hand}\n'

_FOCUSABLE = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), textarea, [tabindex="0"]')].map((one, index) => {
        one.dataset.place = index; return one.outerHTML.slice(0, 120) })"""
_FOCUSED = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect()
    return {place: one.dataset.place, html: one.outerHTML.slice(0, 120),
        outlined: style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2,
        inside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth && box.width > 5}
}"""
_FAINT = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true})
    const rgba = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
        return [...canvas.getImageData(0, 0, 1, 1).data] }
    const light = colour => rgba(colour).slice(0, 3).map(part => part / 255)
        .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0)
    const ratio = (one, other) => {
        const [more, less] = [light(one), light(other)].sort((a, b) => b - a)
        return (more + 0.05) / (less + 0.05) }
    const ground = element => {
        for (let one = element; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor
            if (rgba(colour)[3] === 255) return colour
            if (rgba(colour)[3] > 0) throw new Error('half transparent: ' + one.outerHTML.slice(0, 80)) }
        throw new Error('no ground') }
    const faint = []
    let looked = 0
    for (const one of document.querySelectorAll('body *')) {
        const says = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())
        const style = getComputedStyle(one), field = one.matches('input, textarea')
        if (says || field) {
            looked += 1
            const found = ratio(style.color, ground(one))
            if (found < 4.5) faint.push([one.outerHTML.slice(0, 80), found]) }
        if (field || one.matches('button.quiet')) {
            const found = ratio(style.borderTopColor, ground(one.parentElement))
            if (found < 3) faint.push(['border of ' + one.outerHTML.slice(0, 80), found]) } }
    return {looked, faint}
}"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def chromium() -> Path:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing, and the pages are tested in it: apt-get install chromium")
    return CHROMIUM


@pytest.fixture(scope="module")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def visitor() -> AsyncIterator[Visitor]:
    """A sandbox that holds something for every page, the longest texts among it; tests leave it as it is."""
    async with visiting(SandboxOptions(behaviour=Behaviour(unknown_custom_field="store"))) as visitor:
        usual = {"company_name": "Bäckerei Örtl GmbH", "external_id": "K-1", "tax_uid": "ATU73300018", "tags": ["VIP"]}
        long = dict.fromkeys([name for name in TEXTS if name != "email_general"], "W" * 255)
        offer = {
            "title": "Stand",
            "status": "open",
            "company": "K-1",
            "line_items": [{"title": "W" * 255, "price": 10**9}],
        }
        await fill(
            visitor, [usual, {**long, "external_id": "W" * 255, "custom_fields": {"W" * 255: "W" * 999}}], [offer]
        )
        await visitor.send("/webhooks", {"url": "http://127.0.0.1:9/" + "w" * 200, "company:create": "on"})
        await visitor.send("/faults", {"script": f'faults: [{{on: "GET /{"w" * 99}", do: hang}}]'})
        await visitor.client.patch("/companies/2", **dict.fromkeys(long, "M" * 255))
        for path in ("/companies", "/companies/" + "w" * 255, "/companies?filter=" + "w" * 255):
            await visitor.client.get(path)
        yield visitor


@asynccontextmanager
async def _opened(
    browser: Browser,
    visitor: Visitor,
    size: tuple[int, int] = (1440, 900),
    scheme: Literal["light", "dark"] = "light",
) -> AsyncIterator[Page]:
    context = await browser.new_context(
        base_url=visitor.root, viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    yield await context.new_page()
    await context.close()


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_fits_says_no_error_and_asks_nobody_else(
    browser: Browser, visitor: Visitor, size: tuple[int, int]
) -> None:
    said: list[str] = []
    asked: set[str] = set()
    async with _opened(browser, visitor, size) as page:
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.add(request.url))
        for path in PATHS:
            reply = await page.goto(path)
            assert reply is not None
            assert reply.status == 200
            assert await page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            assert await page.locator("h1").is_visible()
            assert await page.evaluate("getComputedStyle(document.querySelector('footer')).borderTopStyle") == "solid"
    assert said == []
    assert {url for url in asked if not url.startswith((f"{visitor.root}/", "data:"))} == set()


@pytest.mark.parametrize("size", SIZES)
async def test_the_tab_key_reaches_everything_in_order_and_shows_where_it_is(
    browser: Browser, visitor: Visitor, size: tuple[int, int]
) -> None:
    async with _opened(browser, visitor, size) as page:
        for path in PATHS:
            await page.goto(path)
            for place, html in enumerate(await page.evaluate(_FOCUSABLE)):
                await page.keyboard.press("Tab")
                focused = await page.evaluate(_FOCUSED)
                assert focused == {"place": str(place), "html": html, "outlined": True, "inside": True}, path


async def test_the_first_tab_and_enter_skip_to_the_content(browser: Browser, visitor: Visitor) -> None:
    async with _opened(browser, visitor) as page:
        await page.goto("/companies")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "q"


async def test_a_search_is_typed_and_sent_with_enter(browser: Browser, visitor: Visitor) -> None:
    async with _opened(browser, visitor) as page:
        await page.goto("/companies")
        await page.focus("#q")
        await page.keyboard.type("örtl")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/companies?q=*")
        assert await page.locator("tbody th").all_inner_texts() == ["Bäckerei Örtl GmbH"]
        assert await page.input_value("#q") == "örtl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_stands_out_from_its_ground(
    browser: Browser, visitor: Visitor, scheme: Literal["light", "dark"]
) -> None:
    async with _opened(browser, visitor, scheme=scheme) as page:
        for path in PATHS:
            await page.goto(path)
            assert await _faint(page) == [], path
        await page.goto("/faults")
        await page.fill("#script", BROKEN)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=alert]")
        assert await _faint(page) == []
        ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == {"light": "rgb(246, 247, 248)", "dark": "rgb(19, 22, 25)"}[scheme]


async def _faint(page: Page) -> list[Any]:
    found: dict[str, Any] = await page.evaluate(_FAINT)
    assert found["looked"] > 15
    faint: list[Any] = found["faint"]
    return faint


async def test_a_fault_is_set_fires_and_is_seen_among_the_requests(browser: Browser) -> None:
    async with visiting() as visitor, _opened(browser, visitor) as page:
        await page.goto("/faults")
        await page.fill("#script", 'faults: [{on: "GET /companies", nth: 1, do: status, status: 503}]')
        await page.click("text=Set these faults")
        assert "The faults are on" in await page.inner_text("[role=status]")
        assert (await visitor.client.get("/companies")).status == 503
        await page.goto("/requests?show=faults")
        assert "GET /companies" in await page.inner_text("tbody tr")
        assert "503" in await page.inner_text("tbody tr")
        await page.goto("/faults")
        assert await page.locator("tbody .number").all_inner_texts() == ["1", "1"]
        await page.click("text=Clear all faults")
        assert await page.locator("tbody").count() == 0


async def test_a_wrong_script_shows_its_line_and_stays_in_the_form(browser: Browser, visitor: Visitor) -> None:
    async with _opened(browser, visitor, (390, 844)) as page:
        await page.goto("/faults")
        await page.fill("#script", BROKEN)
        await page.click("text=Set these faults")
        assert "Line 4: do must be one of" in await page.inner_text("[role=alert]")
        assert (await page.inner_text("[role=alert] .wrong")).strip() == '4    - {on: "*", do: hand}'
        assert await page.input_value("#script") == BROKEN
        assert await page.evaluate("document.activeElement.id") == "script"
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await page.click("text=Every answer takes 200 ms longer")
        assert (await page.input_value("#script")).startswith(BROKEN)
        assert "ms: 200" in await page.input_value("#script")


async def test_a_subscription_is_added_and_removed(browser: Browser) -> None:
    async with visiting() as visitor, _opened(browser, visitor, (390, 844)) as page:
        await page.goto("/webhooks")
        await page.fill("#url", "http://127.0.0.1:9/hook")
        await page.keyboard.press("Enter")
        assert "is added" in await page.inner_text("[role=status]")
        await page.click("button:has-text('Remove')")
        assert "is removed" in await page.inner_text("[role=status]")


async def test_a_form_of_another_site_is_refused(browser: Browser, visitor: Visitor) -> None:
    async with _opened(browser, visitor) as page:
        await page.set_content(f'<form method="post" action="{visitor.root}/faults/clear"><button>Win</button></form>')
        await page.click("button")
        assert "Another site asked for this" in await page.inner_text("body")
        await page.goto("/faults")
        assert await page.locator("text=Clear all faults").count() == 1


async def test_a_name_that_was_made_to_point_here_is_refused(browser: Browser, visitor: Visitor) -> None:
    async with _opened(browser, visitor) as page:
        reply = await page.goto(visitor.root.replace("127.0.0.1", "rebound.example"))
        assert reply is not None
        assert reply.status == 403
        assert "name of this machine only" in await page.inner_text("body")
