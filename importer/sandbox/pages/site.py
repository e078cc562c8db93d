"""A request that is neither for the API nor for /sandbox -> a page, the way to one, or the reason why there is none."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from anyio import Lock, to_thread

from importer.sandbox.ids import Thing, public_id
from importer.sandbox.pages import companies, faults, offers, overview, requests, webhooks
from importer.sandbox.pages.visits import Page, Redirect, View, Visit, form_of, words_of
from importer.sandbox.wire.answers import HTML, Answer, ApiError
from importer.sandbox.wire.guard import READS, refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from importer.sandbox.exchange import Exchanges
    from importer.sandbox.ids import Ids
    from importer.sandbox.pages.rendering import Templates
    from importer.sandbox.wire.inputs import Json

__all__ = ["Pages"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self' data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PLAIN = "text/plain; charset=utf-8"
_STYLE = ("static", "style.css")

_SITE: Mapping[tuple[str, ...], Mapping[str, View]] = {
    ("",): {"GET": overview.shown},
    ("companies",): {"GET": companies.listed},
    ("companies", "*"): {"GET": companies.shown},
    ("offers",): {"GET": offers.listed},
    ("offers", "*"): {"GET": offers.shown},
    ("requests",): {"GET": requests.listed},
    ("faults",): {"GET": faults.shown, "POST": faults.written},
    ("faults", "clear"): {"POST": faults.cleared},
    ("webhooks",): {"GET": webhooks.shown, "POST": webhooks.added},
    ("webhooks", "*", "remove"): {"POST": webhooks.removed},
}
"""Path -> method -> view; `*` is any one part, and the view gets it."""


class Pages:
    """The pages of one sandbox; templates are loaded when the first page is asked for."""

    def __init__(self, exchanges: Exchanges) -> None:
        self._exchanges = exchanges
        self._templates: Templates | None = None
        self._loading = Lock()

    async def answered(self, request: web.BaseRequest, segments: tuple[str, ...], raw_query: str) -> Answer:
        """Answer a request.

        Raises:
            ApiError: there is no such page, or it takes no such request, and no browser asks.
        """
        try:
            refuse_foreign(request)
            return await self._answered(request, segments, raw_query)
        except ApiError as error:
            if "text/html" not in request.headers.get("Accept", ""):
                raise
            if error.status == 403:  # to a page of another site not even the sandbox's looks
                return _answer(403, error.message.encode(), _PLAIN)
            return await self._problem(error, segments)

    async def _answered(self, request: web.BaseRequest, segments: tuple[str, ...], raw_query: str) -> Answer:
        if segments == _STYLE and request.method in READS:
            return _answer(200, (await self._loaded()).style, "text/css; charset=utf-8")
        view, names = _view(request.method, segments)
        form = {} if request.method in READS else await form_of(request)
        page = await view(Visit(self._exchanges, names, words_of(raw_query), form))
        if isinstance(page, Redirect):
            return _answer(303, b"", _PLAIN, {"Location": page.location})
        return await self._rendered(page, segments)

    async def _problem(self, error: ApiError, segments: tuple[str, ...]) -> Answer:
        values = {
            "heading": HTTPStatus(error.status).phrase,
            "message": error.message,
            "path": "/" + "/".join(segments),
        }
        answer = await self._rendered(Page("problem.html", values, error.status), ())
        return _answer(answer.status, answer.body, answer.content_type, error.headers)

    async def _rendered(self, page: Page, segments: tuple[str, ...]) -> Answer:
        """Make HTML in a worker thread: values may be long, and the event loop serves the API meanwhile."""
        values = {
            **page.values,
            "section": segments[0] if segments else None,
            "api_url": self._exchanges.base_url,
            "public_id": partial(_public_id, ids=self._exchanges.behaviour.ids),
        }
        templates = await self._loaded()
        return _answer(page.status, await to_thread.run_sync(templates.rendered, page.template, values), HTML)

    async def _loaded(self) -> Templates:
        async with self._loading:
            if self._templates is None:
                self._templates = await to_thread.run_sync(_load)
            return self._templates


def _load() -> Templates:
    from importer.sandbox.pages.rendering import Templates  # noqa: PLC0415  # jinja2, which a run to the sandbox never needs

    return Templates()


def _public_id(number: int, of: str, ids: Ids) -> Json:
    """Write an id in a template, which names the kind of thing by its word."""
    return public_id(number, Thing(of), ids)


def _view(method: str, segments: tuple[str, ...]) -> tuple[View, tuple[str, ...]]:
    for pattern, views in _SITE.items():
        parts = list(zip(pattern, segments, strict=False))
        if len(pattern) == len(segments) and all(wanted in ("*", part) for wanted, part in parts):
            view = views.get("GET" if method == "HEAD" else method)
            if view is None:
                allowed = ", ".join(views)
                raise ApiError(405, f"This page takes {allowed} only.", headers={"Allow": allowed})
            return view, tuple(part for wanted, part in parts if wanted == "*")
    raise ApiError(404, "Nothing is here: the API is at /api/v1.")


def _answer(status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, body, content_type, {**_HEADERS, **(headers or {})})
