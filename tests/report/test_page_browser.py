"""The page in a real browser: wide and narrow, light and dark, on paper, with the keyboard, and without scripts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.async_api import async_playwright, expect

from importer.model import Code, Counts, Issue, Location, OutcomeKind
from importer.report import ReportRow, write_report
from tests.report.samples import Report, country, full_summary, group, kept, row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--disable-quic"),
]
WIDE, NARROW = (1280, 900), (390, 844)
SIZES = [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")]
HOSTILE = "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 1'>=1+1\u2028\x00"
VISIBLE = "() => [...document.querySelectorAll('article')].filter(one => one.checkVisibility()).map(one => one.id)"
FAINT = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true})
    const rgba = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
        return [...canvas.getImageData(0, 0, 1, 1).data] }
    const light = colour => rgba(colour).slice(0, 3).map(part => part / 255)
        .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0)
    const ground = element => {
        for (let one = element; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor
            if (rgba(colour)[3] === 255) return colour }
        throw new Error('no ground') }
    const faint = []
    for (const one of document.querySelectorAll('body *')) {
        const says = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())
        if (!says || !one.checkVisibility() || one.closest('svg, script, noscript')) continue
        const [more, less] = [light(getComputedStyle(one).color), light(ground(one))].sort((a, b) => b - a)
        const ratio = (more + 0.05) / (less + 0.05)
        if (ratio < 4.5) faint.push([one.outerHTML.slice(0, 80), ratio]) }
    return faint
}"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def chromium() -> Path:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing, and the page is tested in it: apt-get install chromium")
    return CHROMIUM


@pytest.fixture(scope="module")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()


def _rows() -> Iterator[ReportRow]:
    """Row 2 is hostile and long, 3 to 120 are of two kinds and two outcomes."""
    place = Location("klanten.csv", None, 2, "Land")
    yield row((HOSTILE, "W" * 1500, HOSTILE), Issue.of(Code.NOT_A_COUNTRY, place, value=HOSTILE, detail="x"))
    for number in range(3, 121):
        issues = (country(number),) if number % 3 else (kept(number), country(number, "Nummer"))
        outcome = OutcomeKind.REFUSED if number % 2 else OutcomeKind.CREATED
        yield ReportRow(number, "Contacten", (str(number), f"Acme {number}", "Holand"), f"id{number}", outcome, issues)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    groups = (group(), group(1, message="W" * 900, hint=HOSTILE))
    write_report(path, Report(listed=tuple(_rows()), summary=full_summary(groups=groups, notes=(HOSTILE, "W" * 900))))
    return path


@asynccontextmanager
async def opened(
    browser: Browser,
    path: Path,
    size: tuple[int, int] = WIDE,
    *,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
) -> AsyncIterator[Page]:
    """Open the page; whatever it says to the console or asks of anybody fails the test."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, java_script_enabled=scripts
    )
    context.set_default_timeout(60_000)
    said: list[str] = []
    asked: list[str] = []
    page = await context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(path.as_uri())
    yield page
    assert said == []
    assert {url.partition("#")[0] for url in asked} <= {path.as_uri(), "data:,"}
    await context.close()


async def shown(page: Page) -> list[int]:
    ids: list[str] = await page.evaluate(VISIBLE)
    return [int(one.removeprefix("r")) for one in ids]


@pytest.mark.parametrize("size", SIZES)
async def test_page_fits_and_nothing_in_it_is_live(browser: Browser, path: Path, size: tuple[int, int]) -> None:
    async with opened(browser, path, size) as page:
        for details in await page.locator("details > summary").all():
            await details.click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert await page.evaluate("window.hit") is None
        assert await page.locator("script").count() == 1
        assert await page.locator("img").count() == 0
        assert len(await shown(page)) == 119
        assert "alert" not in await page.title()
        for one in (*await page.locator("svg[role=img]").all(), *await page.locator("form select").all()):
            box = await one.bounding_box()
            assert box is not None
            assert (box["width"] > 30, box["height"] > 8) == (True, True)


@pytest.mark.parametrize("size", SIZES)
async def test_filters_by_reason_column_outcome_and_words(browser: Browser, path: Path, size: tuple[int, int]) -> None:
    async with opened(browser, path, size) as page:
        every = range(3, 121)
        await page.select_option("#reason", index=2)
        assert await shown(page) == [n for n in every if n % 3 == 0]
        assert await page.text_content("#shown") == "40 of 119 rows"
        await page.select_option("#column", label="C: Land (79)")
        assert await shown(page) == []  # the reason and the column have to be those of one issue
        await page.select_option("#reason", index=1)
        await page.select_option("#outcome", label="created (59)")
        assert await shown(page) == [n for n in every if n % 3 and n % 2 == 0]
        await page.click("button[type=reset]")
        await expect(page.locator("#shown")).to_have_text("119 rows", timeout=60_000)
        await page.fill("#text", "ACME 12  holand")
        await expect(page.locator("#shown")).to_have_text("3 of 119 rows", timeout=60_000)
        assert await shown(page) == [12, 112, 120]


async def test_keyboard_alone_filters(browser: Browser, path: Path) -> None:
    async with opened(browser, path) as page:
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "reason"
        await page.keyboard.press("ArrowDown")
        for name in ("column", "outcome", "text"):
            await page.keyboard.press("Tab")
            assert await page.evaluate("document.activeElement.id") == name
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await page.keyboard.type("acme 119")
        await page.keyboard.press("Enter")
        assert await shown(page) == [119]
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#shown")).to_have_text("119 rows", timeout=60_000)


async def test_reason_in_the_chart_filters_and_a_hidden_row_is_shown_again(browser: Browser, path: Path) -> None:
    async with opened(browser, path) as page:
        await page.click("a[data-reason='2']")
        await expect(page.locator("#shown")).to_have_text("40 of 119 rows", timeout=60_000)
        await page.click("summary >> nth=0")
        await page.click(".groups li >> nth=0 >> a[href='#r17']")
        await expect(page.locator("#shown")).to_have_text("119 rows", timeout=60_000)
        assert await page.evaluate("document.querySelector('#r17').getBoundingClientRect().top < innerHeight")


@pytest.mark.parametrize("size", SIZES)
async def test_without_scripts_all_rows_are_there_and_no_filter(
    browser: Browser, path: Path, size: tuple[int, int]
) -> None:
    async with opened(browser, path, size, scripts=False) as page:
        assert await page.locator("form").is_hidden()
        assert await page.locator("article").count() == 119
        assert await page.locator("#r120").is_visible()
        assert await page.locator("noscript").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_stands_out_from_its_ground(
    browser: Browser, path: Path, scheme: Literal["light", "dark"]
) -> None:
    async with opened(browser, path, scheme=scheme) as page:
        for details in await page.locator("details > summary").all():
            await details.click()
        assert await page.evaluate(FAINT) == []


async def test_print_shows_the_rows_that_are_chosen_and_no_controls(browser: Browser, path: Path) -> None:
    async with opened(browser, path, scheme="dark") as page:
        everything = await page.pdf()
        await page.select_option("#reason", index=2)
        await page.emulate_media(media="print")
        assert await page.locator("form").is_hidden()
        assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert await page.evaluate("getComputedStyle(document.querySelector('.rows')).contentVisibility") == "visible"
        assert len(await shown(page)) == 40
        assert everything.count(b"/Type /Page\n") > (await page.pdf()).count(b"/Type /Page\n") > 1


class Many(Report):
    """Fifty thousand rows of sixteen columns, each made when it is asked for."""

    __slots__ = ()
    count = 50_000

    def rows(self) -> Iterator[ReportRow]:
        for number in range(2, 2 + self.count):
            issues = (kept(number),) if number % 10 == 0 else (country(number),)
            cells = (str(number), f"Acme {number}", "Holand", *(f"value {number % 97}" for _ in self.columns[3:]))
            yield row(cells, *issues, number=number, external_id=str(number))


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    summary = full_summary(counts=Counts(read=Many.count, refused=Many.count))
    names = ("Nummer", "Naam", "Land", *(f"Column {n}" for n in range(13)))
    assert write_report(path, Many(columns=names, summary=summary)) == Many.count
    return path


async def test_fifty_thousand_rows_stay_usable(browser: Browser, many: Path) -> None:
    """Each step within the minute that `opened` waits at most; beside other work one takes up to 16 seconds."""
    async with opened(browser, many) as page:
        assert await page.text_content("#shown") == "50,000 rows"
        await page.select_option("#reason", index=2)
        assert await page.text_content("#shown") == "5,000 of 50,000 rows"
        await page.fill("#text", "acme 49990")
        await expect(page.locator("#shown")).to_have_text("1 of 50,000 rows", timeout=60_000)
        assert await shown(page) == [49990]
