"""An answer of the list -> a page of companies and the cursor of the next one; the guard against endless lists."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlsplit

from importer.kanbert.remote import remote_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.company import Remote
    from importer.model import Json

__all__ = ["PAGE_SIZE", "Listing", "NotAListError", "Page", "filter_of", "first_query", "next_query"]

PAGE_SIZE = 100  # asked for; the API clamps it in silence, so a short page never means the last one

_URL_KEYS = ("next_page_url", "next_cursor_url", "next")  # what the framework sends; what the documentation says; links
_PAGING = ("next_cursor", "next_page_url", "next_cursor_url", "per_page")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the listing; the first has number 1."""

    number: int
    companies: tuple[Remote, ...]
    last: bool
    per_page: int | None = None  # how many companies a page has at most, where the answer says it


class NotAListError(Exception):
    """The answer does not read as the next page of the list; its text says why."""


def filter_of(wanted: Mapping[str, str], *, archived: Literal["with", "only", "without"]) -> str:
    """Write a filter in the JSON form (the quoting of the others is not documented); all conditions have to hold."""
    fields = {"archived": archived, **wanted}
    conditions = [{"field": name, "op": "eq", "value": value} for name, value in fields.items()]
    return json.dumps(conditions, separators=(",", ":"))


def first_query(question: str, *, sized: bool = True) -> dict[str, str]:
    """Ask for the first page by a filter, without a sort: every documented one loses rows at page borders."""
    return {**({"page[size]": str(PAGE_SIZE)} if sized else {}), "filter": question}


def next_query(question: str, cursor: str, *, sized: bool = True) -> dict[str, str]:
    """Ask for a further page: the same size and filter with each cursor."""
    return {**first_query(question, sized=sized), "page[cursor]": cursor}


@dataclass(slots=True)
class Listing:
    """What has been read of one listing, to notice when it goes in circles.

    Kanbert's framework takes a cursor that it cannot read for none and answers with page one. So neither a cursor nor
    the companies of the first or of the latest page may come again. Memory: the cursors, and two pages of ids.
    """

    number: int = 0
    cursors: set[str] = field(default_factory=set)
    first: frozenset[str] = frozenset()
    latest: frozenset[str] = frozenset()

    def read(self, data: Json) -> tuple[Page, str | None]:
        """Read the next page and the cursor of the one after it, None at the end.

        Raises:
            NotAListError: no list, no word on whether it goes on, or a circle.
        """
        if not isinstance(data, dict) or not isinstance(entries := data.get("data"), list):
            raise NotAListError("the answer is no list of companies")
        companies = tuple(filter(None, map(remote_of, entries)))
        if len(companies) != len(entries):
            raise NotAListError("the list holds entries that are no companies")
        meta = _paging(data)
        cursor = _next_cursor(meta)
        self._note(frozenset(company.kanbert_id for company in companies), cursor)
        return Page(self.number, companies, last=cursor is None, per_page=_per_page(meta)), cursor

    def _note(self, ids: frozenset[str], cursor: str | None) -> None:
        if ids and (ids <= self.first or ids <= self.latest):
            raise NotAListError("the list goes in circles: a page came twice")
        if cursor is not None and cursor in self.cursors:
            raise NotAListError("the list goes in circles: a cursor came twice")
        self.number += 1
        self.latest = ids
        self.first = self.first or ids
        if cursor is not None:
            self.cursors.add(cursor)


def _paging(data: Mapping[str, Json]) -> dict[str, Json]:
    """Collect what is said of the next page: in `meta` as documented, else beside the list, or in `links`."""
    beside = {key: data[key] for key in _PAGING if key in data}
    meta, links = data.get("meta"), data.get("links")
    linked = {"next": links["next"]} if isinstance(links, dict) and "next" in links else {}
    return {**beside, **(meta if isinstance(meta, dict) else {}), **linked}


def _per_page(meta: Mapping[str, Json]) -> int | None:
    size = meta.get("per_page")
    return size if isinstance(size, int) and size > 0 else None


def _next_cursor(known: Mapping[str, Json]) -> str | None:
    """Find the next cursor: said outright, or inside a URL that itself is never followed."""
    cursor = known.get("next_cursor")
    if isinstance(cursor, (str, int)) and not isinstance(cursor, bool) and cursor != "":
        return str(cursor)
    urls = [known[key] for key in _URL_KEYS if key in known]
    for url in urls:
        if isinstance(url, str) and (inside := _cursor_inside(url)):
            return inside
        if isinstance(url, str) and url:
            raise NotAListError("the list goes on, but names no cursor")
    if "next_cursor" not in known and not urls:
        raise NotAListError("the list does not say whether it goes on")
    return None


def _cursor_inside(url: str) -> str | None:
    try:
        values: Mapping[str, list[str]] = parse_qs(urlsplit(url).query)
    except ValueError:
        return None
    return next(iter(values.get("page[cursor]", [])), None)
