"""Another Kanbert, written from its documents alone: it shares no code with the sandbox, and decides otherwise.

Where the documents are silent, `Choices` has one plausible answer each; all of them together would be a Kanbert too.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Choices", "OtherKanbert", "other_kanbert"]

Company = dict[str, Any]

_ADDRESS = ("title", "street", "street2", "house", "zip", "state", "town")
_TEXTS = (
    *("vendor_identifier", "company_name", "locale", "tax_uid", "iban", "bic", "fax", "phone", "homepage", "email"),
    *("email_general", "person_attention_to", "delivery_person_attention_to"),
    *(f"address_{kind}_{part}" for kind in ("invoice", "delivery") for part in _ADDRESS),
)
_FLAGS = {
    "taxation": "taxation_enabled",
    "invoice_by_post": "invoices_by_post",
    "invoices_by_email": "invoices_by_email",
    "address_invoice_is_delivery": "address_invoice_is_delivery",
}
_COUNTRIES = {"NL": "Niederlande", "DE": "Deutschland", "BE": "Belgien", "AT": "Österreich"}
_NO_OFFERS: dict[str, Any] = {"data": [], "meta": {"next_cursor": None}}
_MASTER = {"business_field": "name", "company_size": "title", "company_revenue": "title"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the documents leave open; the defaults are the shapes of their examples."""

    ids: Literal["texts", "numbers"] = "texts"
    flags: Literal["booleans", "numbers"] = "booleans"
    nulls: Literal["shown", "left out"] = "shown"
    tags: Literal["objects", "texts", "hidden", "not listed"] = "objects"  # the last: in answers of one company alone
    names: Literal["objects", "texts"] = "objects"  # countries, business fields, sizes
    custom_fields: Literal["map", "list when empty", "objects"] = "map"
    paging: Literal["meta", "links", "plain"] = "meta"
    most: int = 2  # companies on a page
    too_many: Literal["clamped", "refused"] = "clamped"  # page[size]
    filters: Literal["known", "refused", "ignored", "live only"] = "known"
    posted: Literal["company", "id", "nothing"] = "company"  # the answer of POST
    patched: Literal["company", "changed", "message", "nothing"] = "company"  # of PATCH, PUT and restore
    status: int = 201
    duplicate: Literal["409", "422", "422 list", "400"] = "422"
    absent: Literal["json", "html"] = "json"
    shows_archived: bool = False
    wire: Literal["plain", "gzip", "chunked", "closed"] = "plain"


@dataclass
class OtherKanbert:
    """One space and what was asked of it. `lose` says of how many writes of a method the answers are lost."""

    choices: Choices
    url: str = ""
    companies: dict[int, Company] = field(default_factory=dict)  # as they are kept: read names, null for unset
    asked: list[tuple[str, str, Any]] = field(default_factory=list)  # method, path, body
    lose: Counter[str] = field(default_factory=Counter)
    clock: int = 0
    strict: bool = True  # refuses the phone "bad"

    @property
    def writes(self) -> list[tuple[str, Any]]:
        """Method and body of the writes."""
        return [(method, body) for method, _, body in self.asked if method != "GET"]

    def add(self, **written: Any) -> Company:
        """Make a company as a person would."""
        number = len(self.companies) + 1
        company: Company = {"number": number, "external_id": None, "external_origin": None, "deleted_at": None}
        company |= dict.fromkeys((*_TEXTS, *_MASTER, "client"))
        company |= dict.fromkeys(_FLAGS.values(), False)
        for kind in ("invoice", "delivery"):
            company[f"address_{kind}_country"] = None
        company |= {"tags": [], "custom_fields": {}, "created_at": self.now()}
        self.companies[number] = company
        company |= {name: written[name] for name in ("external_id", "external_origin") if name in written}
        self.change(company, written)
        return company

    def change(self, company: Company, written: Company) -> None:
        """Keep what has a rule; the rest is dropped without a word."""
        for name, value in written.items():
            if name in _TEXTS or name in _MASTER:
                company[name] = (value.strip() or None) if isinstance(value, str) else None
            elif name in _FLAGS:
                company[_FLAGS[name]] = bool(value)
            elif name.endswith("_country"):
                company[name] = value if value in _COUNTRIES else "AT"
            elif name == "tags":
                company[name] = list(value)
            elif name == "custom_fields":
                company[name] = dict(value)
        company["updated_at"] = self.now()

    def now(self) -> str:
        self.clock += 1
        return f"2026-03-01T10:{self.clock // 60 % 60:02}:{self.clock % 60:02}.123456Z"

    # ── as it is shown ───────────────────────────────────────────────────────────────────────────────────────────

    def shown(self, company: Company, *, listed: bool = False) -> Company:
        choices, body = self.choices, dict(company)
        number = body.pop("number")
        body |= {"id": number if choices.ids == "numbers" else f"c{number:04}", "kind": {"of": "unknown to you"}}
        if choices.flags == "numbers":
            body |= {read: int(body[read]) for read in _FLAGS.values()}
        for name in (*_MASTER, "address_invoice_country", "address_delivery_country"):
            body[name] = self._named(name, body[name])
        if choices.tags == "hidden" or (choices.tags == "not listed" and listed):
            del body["tags"]
        elif choices.tags != "texts":
            body["tags"] = [{"id": f"t-{title}", "title": title, "color": None} for title in body["tags"]]
        fields = body["custom_fields"]
        if choices.custom_fields == "objects":
            body["custom_fields"] = [{"slug": slug, "value": value} for slug, value in fields.items()]
        elif choices.custom_fields == "list when empty":
            body["custom_fields"] = fields or []
        if choices.nulls == "left out":
            body = {name: value for name, value in body.items() if value is not None}
        return body

    def _named(self, name: str, value: str | None) -> Any:
        if value is None or self.choices.names == "texts":
            return value
        if name in _MASTER:
            return {"id": 7, _MASTER[name]: value}
        return {"id": "44", "name": _COUNTRIES[value], "code": value}

    # ── what can be asked ────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        parts = [unquote(part) for part in path.removeprefix("/api/v1/").split("/")]
        match method, parts:
            case "GET", ["companies" | "offers" as what]:
                return self.listed(query) if what == "companies" else (200, _NO_OFFERS)
            case "POST", ["companies"]:
                return self.created(body)
            case "GET", ["companies", one] if (company := self.found(one, query)) is not None:
                return 200, self.shown(company)
            case "DELETE", ["companies", one] if (company := self.found(one, query)) is not None:
                company |= {"deleted_at": self.now(), "updated_at": self.now()}
                return (204, None) if self.choices.patched == "nothing" else (200, {"message": "done"})
            case (("PATCH" | "PUT" | "POST"), ["companies", one, *rest]):
                company = self.found(one, query, archived=rest == ["restore"])
                return self.absent() if company is None else self.written(company, rest, body)
            case _:
                return self.absent()

    def absent(self) -> tuple[int, Any]:
        return 404, "<!doctype html><h1>404</h1>" if self.choices.absent == "html" else {"error": "Not found"}

    def found(self, one: str, query: dict[str, str], *, archived: bool = False) -> Company | None:
        for company in self.companies.values():
            if company["deleted_at"] and not (archived or self.choices.shows_archived):
                continue
            by_key = query.get("find_by", "id") == "external_id"
            identity = (company["external_id"], company["external_origin"])
            wanted = (one, query.get("origin", "this-token")) if by_key else one
            if wanted == (identity if by_key else str(self.shown(company)["id"])):
                return company
        return None

    def listed(self, query: dict[str, str]) -> tuple[int, Any]:
        conditions = json.loads(query.get("filter", "[]"))
        size = int(query.get("page[size]", "2"))
        if (conditions and self.choices.filters == "refused") or (size > 50 and self.choices.too_many == "refused"):
            return 400, {"error": "bad request"}
        rest = sorted(number for number, one in self.companies.items() if self.fits(one, conditions))
        start = int(query.get("page[cursor]", "0"))
        page = [number for number in rest if number > start]
        cut = min(size, self.choices.most)
        following = str(page[cut - 1]) if len(page) > cut else None
        link = None if following is None else f"{self.url}/companies?{urlencode({'page[cursor]': following})}"
        data = [self.shown(self.companies[number], listed=True) for number in page[:cut]]
        match self.choices.paging:
            case "meta":
                return 200, {"data": data, "meta": {"next_cursor": following}}
            case "links":
                return 200, {"data": data, "links": {"next": link, "prev": None}, "meta": {"per_page": cut}}
            case "plain":
                return 200, {"data": data, "per_page": cut, "next_cursor": following, "next_page_url": link}

    def fits(self, company: Company, conditions: list[dict[str, Any]]) -> bool:
        known = self.choices.filters == "known"
        if self.choices.filters == "ignored":
            conditions = []
        asked = next((one["value"] for one in conditions if one["field"] == "archived"), "without") if known else ""
        if company["deleted_at"] and asked not in {"with", "only"}:
            return False
        if not company["deleted_at"] and asked == "only":
            return False
        others = (one for one in conditions if one["field"] != "archived")
        return all(str(company.get(one["field"]) or "").lower() == one["value"].lower() for one in others)

    def held(self, external_id: str, origin: str, by: Company | None = None) -> bool:
        identity = (external_id, origin)
        return any(
            (one["external_id"], one["external_origin"]) == identity for one in self.companies.values() if one is not by
        )

    def refused(self, name: str, words: str) -> tuple[int, Any]:
        match self.choices.duplicate:
            case "422 list":
                return 422, {"errors": [{"field": name, "message": words}]}
            case "400":
                return 400, {"error": words}
            case "409" if name == "external_id":
                return 409, {"error": words}
        return 422, {"message": words, "errors": {name: [words]}}

    def created(self, body: Company) -> tuple[int, Any]:
        if not body.get("company_name"):
            return self.refused("company_name", "company_name is missing")
        if body.get("phone") == "bad" and self.strict:
            return self.refused("phone", "phone is no phone")
        if self.held(body["external_id"], body["external_origin"]):
            return self.refused("external_id", "external_id is not free")
        company = self.shown(self.add(**body))
        shapes = {"company": company, "id": {"id": company["id"]}, "nothing": None}
        return self.choices.status, shapes[self.choices.posted]

    def written(self, company: Company, rest: list[str], body: Any) -> tuple[int, Any]:
        before = self.shown(company)
        match rest:
            case []:
                self.change(company, body)
            case ["restore"]:
                company |= {"deleted_at": None, "updated_at": self.now()}
            case ["external-identifier"]:
                number, origin = body["external_id"], body.get("external_origin", "this-token")
                if number and self.held(number, origin, company):
                    return self.refused("external_id", "external_id is not free")
                company |= {"external_id": number, "external_origin": origin}
            case _:
                return self.absent()
        after = self.shown(company)
        changed = {name: value for name, value in after.items() if name == "id" or before.get(name) != value}
        shapes = {"company": after, "changed": changed, "message": {"message": "done"}, "nothing": None}
        shape = shapes[self.choices.patched]
        return (204 if shape is None else 200), shape


class _Server(ThreadingHTTPServer):
    def __init__(self, kanbert: OtherKanbert) -> None:
        self.kanbert = kanbert
        self.turn = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def respond(self) -> None:
        kanbert, url = self.server.kanbert, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = json.loads(content) if content else None
        with self.server.turn:
            kanbert.asked.append((self.command, url.path, body))
            status, data = kanbert.answer(self.command, url.path, query, body)
            lost = kanbert.lose[self.command] > 0
            kanbert.lose[self.command] -= lost
        if not lost:
            self.wfile.write(_written(status, data, kanbert.choices.wire))
        self.close_connection = lost or kanbert.choices.wire == "closed"

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = respond  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _written(status: int, data: Any, wire: str) -> bytes:
    """Write a whole answer: header names in lower case, and some that nobody asked for."""
    page = isinstance(data, str)
    body = b"" if data is None else data.encode() if page else json.dumps(data).encode()
    head = [f"HTTP/1.1 {status} whatever", 'etag: W/"1"', "vary: accept"]
    if body:
        head.append(f"content-type: {'text/html' if page else 'application/json;charset=utf-8'}")
    if body and wire == "gzip":
        head, body = [*head, "content-encoding: gzip"], gzip.compress(body)
    if body and wire == "chunked":
        head.append("transfer-encoding: chunked")
        middle = len(body) // 2
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:middle], body[middle:], b""))
    elif status != 204:
        head.append(f"content-length: {len(body)}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@contextmanager
def other_kanbert(choices: Choices) -> Iterator[OtherKanbert]:
    """Serve it on a loopback port."""
    kanbert = OtherKanbert(choices)
    server = _Server(kanbert)
    kanbert.url = f"http://127.0.0.1:{server.server_address[1]}/api/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield kanbert
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
