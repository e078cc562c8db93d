"""A sandbox and somebody who looks at its pages as a browser does, but reads the HTML itself."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from yarl import URL

from importer.sandbox.companies.seeding import insert_company
from importer.sandbox.offers.seeding import insert_offer
from tests.sandbox.client import Client, Reply, opened

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Iterable, Mapping

    from importer.sandbox import SandboxOptions
    from importer.sandbox.space import Space

_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_VOID = {"meta", "link", "input", "br"}


@dataclass(slots=True)
class Visitor:
    """Looks at pages; `client` calls the API beside it."""

    client: Client

    @property
    def root(self) -> str:
        return self.client.sandbox.pages.rstrip("/")

    async def ask(self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] = {}) -> Reply:
        url = URL(self.root + path, encoded=True)
        sent = {**_BROWSER, **headers}
        async with self.client.session.request(
            method,
            url,
            data=data,
            headers={name: value for name, value in sent.items() if value},
            allow_redirects=False,
        ) as response:
            return Reply(response.status, response.headers, await response.text())

    async def see(self, path: str) -> str:
        """Return the HTML of a page that is there."""
        reply = await self.ask("GET", path)
        assert reply.status == 200, reply.text
        return reply.text

    async def send(self, path: str, form: Mapping[str, str] = {}, *, headers: Mapping[str, str] = {}) -> Reply:
        """Send a form."""
        return await self.ask("POST", path, data=urlencode(form).encode(), headers={**_FORM, **headers})


@asynccontextmanager
async def visiting(options: SandboxOptions | None = None) -> AsyncIterator[Visitor]:
    async with opened(options) as client:
        yield Visitor(client)


async def fill(
    visitor: Visitor, companies: Iterable[Mapping[str, Any]] = (), offers: Iterable[Mapping[str, Any]] = ()
) -> None:
    """Store companies and offers as a seed file would."""
    exchanges = visitor.client.sandbox._exchanges
    space = exchanges.space(exchanges.tokens["sandbox"])

    def insert(db: sqlite3.Connection, space: Space) -> None:
        for company in companies:
            insert_company(db, space, {**company})
        for offer in offers:
            insert_offer(db, space, {**offer})

    await exchanges.store.run(partial(insert, space=space))


@dataclass(slots=True)
class Markup(HTMLParser):
    """What a page is made of, and what is wrong with it."""

    tags: Counter[str] = field(default_factory=Counter)
    found: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    text: str = ""
    title: str = ""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID and "svg" not in self._open:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.text += " "
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} closes nothing")

    def handle_data(self, data: str) -> None:
        self.text += data
        if "title" in self._open:
            self.title += data

    def close(self) -> None:
        HTMLParser.close(self)
        self.problems += [f"<{tag}> is never closed" for tag in self._open]

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


def markup(html: str) -> Markup:
    parsed = Markup()
    parsed.feed(html)
    parsed.close()
    return parsed
