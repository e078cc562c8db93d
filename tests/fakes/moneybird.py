"""A Moneybird for tests, written from the facts of its API: contacts, synchronization, limits and errors, on loopback.

It answers what the service does where that is known: at most 100 contacts an answer, without a word of the rest; a list
that moves between its pages; 429 with the instant (not the delay) from which on it answers again.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from aiohttp import web
from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

__all__ = ["ADMINISTRATION", "FakeMoneybird", "moneybird", "moneybird_in_a_thread", "person"]

ADMINISTRATION = "123456789012345678"
WINDOW, MOST = 300, 150
LONG_AGO = 1_700_000_000
_FIRST = 496_081_406_351_370_000

Contact = dict[str, Any]


def person(firstname: str, lastname: str, **more: Any) -> Contact:
    """Make one of `contact_people`, with what Moneybird adds."""
    return {"id": "1", "contact_id": "2", "administration_id": 123, "version": 1, "department": None} | {
        "firstname": firstname,
        "lastname": lastname,
        **more,
    }


@dataclass
class FakeMoneybird:
    """One administration and what was asked of it."""

    url: str = ""
    token: str = "secret-moneybird-token"
    now: Callable[[], float] = lambda: 1_790_000_000.0
    contacts: dict[str, Contact] = field(default_factory=dict)
    made: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)  # method and path with query
    windows: dict[int, int] = field(default_factory=dict)  # requests by window
    throttled: int = 0
    links: bool = True  # whether the list has `Link`
    totals: bool = True  # whether it has `X-Total-Count`
    said: int | None = None  # as that, instead of how many there are
    most: int = 100  # contacts on a page, whatever is asked for
    synchronizes: bool = True
    scopes: bool = True
    limited: bool = False  # whether 150 requests in 5 minutes are the limit
    before: Callable[[int], None] = lambda _: (
        None
    )  # called with the number of each request, from 1, before it is answered
    break_at: int | None = None  # the number of the request whose connection is cut
    answers: dict[int, tuple[int, str]] = field(default_factory=dict)  # status and body instead of its own, by number
    unfetchable: set[str] = field(default_factory=set)  # ids that come only when asked for alone

    def add(self, count: int = 1, **cells: Any) -> list[str]:
        """Make contacts as a person would."""
        ids = []
        for _ in range(count):
            number = self.made = self.made + 1
            one_id = str(_FIRST + number * 7)
            ids.append(one_id)
            self.contacts[one_id] = {
                "id": one_id,
                "administration_id": 123,
                "company_name": f"Bedrijf {number}",
                "firstname": None,
                "lastname": "",
                "customer_id": f"{number:04}",
                "country": "NL",
                "phone": "+31 20 555 01 23",
                "version": LONG_AGO + number,
                "created_at": "2023-11-14T22:13:20.008Z",
                "custom_fields": [],
                "contact_people": [],
                "notes": [],
                "archived": False,
                "events": [{"action": "contact_created", "data": None}],
                **cells,
            }
        return ids

    def add_bare(self, count: int) -> list[str]:
        """Make many contacts with next to nothing in them, quickly."""
        ids = [str(_FIRST + self.made + number) for number in range(1, count + 1)]
        self.made += count
        self.contacts |= {one: {"id": one, "version": LONG_AGO, "archived": False} for one in ids}
        return ids

    def change(self, contact_id: str, **cells: Any) -> None:
        contact = self.contacts[contact_id]
        contact |= {"version": contact["version"] + 1, **cells}

    def paths(self) -> list[str]:
        """What was asked, without the query."""
        return [f"{method} {path.partition('?')[0].partition(ADMINISTRATION)[2]}" for method, path in self.asked]

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        number = len(self.asked) + 1
        self.asked.append((request.method, str(request.rel_url)))
        self.before(number)
        if number == self.break_at:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        scripted = self.answers.get(number)
        answer = _scripted(*scripted) if scripted else self._limited() or await self._answer(request)
        answer.headers["Date"] = formatdate(self.now(), usegmt=True)
        return answer

    def _limited(self) -> web.Response | None:
        window = int(self.now() // WINDOW)
        self.windows[window] = self.windows.get(window, 0) + 1
        if not self.limited or self.windows[window] <= MOST:
            return None
        self.throttled += 1
        ends = str((window + 1) * WINDOW)
        remaining = str(int((window + 1) * WINDOW - self.now()))
        headers = {
            "Retry-After": ends,
            "RateLimit-Reset": ends,
            "RateLimit-Limit": "150",
            "RateLimit-Remaining": remaining,
        }
        return _json("Retry later", 429, headers)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _json({"error": "not authorized", "symbolic": {"token": "invalid"}}, 401)
        if not self.scopes:
            return _json({"error": "insufficient scope", "symbolic": {"scope": ["missing"]}}, 403)
        path = request.path.removeprefix(f"/api/v2/{ADMINISTRATION}/")
        if path == request.path:
            return _not_found()
        if path == "contacts/synchronization.json":
            return await self._synchronization(request)
        if path in {"contacts.json", "contacts/filter.json"}:
            return self._list(request)
        found = self.contacts.get(path.removeprefix("contacts/").removesuffix(".json"))
        return _not_found() if found is None else _json(found)

    async def _synchronization(self, request: web.BaseRequest) -> web.Response:
        if not self.synchronizes:
            return _not_found()
        if request.method == "GET":
            return _json([{"id": one["id"], "version": one["version"]} for one in self._among(request)])
        ids = (await request.json()).get("ids")
        if ids is None:
            return _json({"error": "ids is missing", "symbolic": {"ids": "required"}}, 400)
        wanted = [one for one in map(str, ids[:100]) if one not in self.unfetchable]
        return _json([self.contacts[one] for one in wanted if one in self.contacts])

    def _list(self, request: web.BaseRequest) -> web.Response:
        size, page = int(request.query.get("per_page", 50)), int(request.query.get("page", 1))
        if size > 100:
            return _json({"error": "per_page does not have a valid value"}, 400)
        size, found = min(size, self.most), self._among(request)
        headers = {"X-Total-Count": str(self.said or len(found))} if self.totals else {}
        if self.links:
            more = page * size < len(found)
            headers["Link"] = (
                '<https://moneybird.example/next>; rel="next"' if more else '<https://x.example>; rel="prev"'
            )
        return _json(found[(page - 1) * size : page * size], headers=headers)

    def _among(self, request: web.BaseRequest) -> list[Contact]:
        archived = request.query.get("include_archived") == "true"
        found = [one for one in self.contacts.values() if archived or not one["archived"]]
        for key, _, value in (part.partition(":") for part in request.query.get("filter", "").split(",") if part):
            if key == "created_after":
                found = [one for one in found if one["created_at"] > value.replace(" UTC", "Z").replace(" ", "T")]
            elif key in {"first_name", "last_name"}:
                found = [one for one in found if str(one[key.replace("_", "")]).lower() == value.lower()]
        return found


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, body=json.dumps(data).encode(), content_type="application/json", headers=headers or {}
    )


def _scripted(status: int, body: str) -> web.Response:
    kind = "text/html" if body.startswith("<") else "application/json"
    headers = {"Location": "https://x.example/"} if status == 302 else {}
    return web.Response(status=status, body=body.encode(), content_type=kind, headers=headers)


def _not_found() -> web.Response:
    return _json({"error": "record not found", "symbolic": {"id": "not_found"}}, 404)


@asynccontextmanager
async def moneybird(fake: FakeMoneybird | None = None) -> AsyncIterator[FakeMoneybird]:
    """Serve it in this event loop."""
    fake = fake or FakeMoneybird()
    runner = web.ServerRunner(web.Server(fake.handle))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v2"
        yield fake
    finally:
        await runner.cleanup()


@contextmanager
def moneybird_in_a_thread(fake: FakeMoneybird | None = None) -> Iterator[FakeMoneybird]:
    """Serve it beside a test that runs commands, which have event loops of their own."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(moneybird(fake)) as running:
        yield running
