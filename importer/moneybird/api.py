"""What is asked of Moneybird, about contacts alone, and nothing that changes anything there.

One method an operation of the API; what it answers otherwise than with contacts is an error in words that name
Moneybird, and what to do there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.errors import FatalTargetError, RefusedError, TargetError, TransientError
from importer.model import canonical_json
from importer.moneybird.contacts import id_of, version_of
from importer.transport import Allowance, TransportOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.model import Json
    from importer.moneybird.address import ContactsAddress
    from importer.moneybird.contacts import Contact
    from importer.transport import Answer, Token, Transport

__all__ = ["ALLOWANCE", "PAGE_SIZE", "PRODUCTION", "Moneybird", "Page", "transport_options"]

PRODUCTION = "https://moneybird.com/api/v2"
PAGE_SIZE = 100  # the most contacts in one answer, of the list and of the synchronization alike
ALLOWANCE = Allowance(150, 300.0)
"""150 requests in 5 minutes (help centre, article 208028). They are counted here: of the headers with what remains, the
live service means seconds by one and requests by another."""

_NO_SYNCHRONIZATION = frozenset({400, 403, 404, 405, 406, 410, 501})
_SCOPES = "sales_invoices, documents, estimates, bank, settings"
_WORDS = {
    401: (
        "Moneybird did not accept the token: it is wrong, expired or revoked; set MONEYBIRD_TOKEN, or --source-token-file, "
        "to a valid one (moneybird.com/user/applications/new)"
    ),
    402: "Moneybird wants a payment first: look at the administration's subscription",
    403: f"the token may not read contacts: it needs one of Moneybird's scopes {_SCOPES}",
    429: "Moneybird has answered nothing but 429 for an hour; run again later, and what was fetched is kept",
}
_ODD = (
    "Moneybird does not answer as its API does: a proxy is in between, MONEYBIRD_URL is wrong, or the API has changed"
)


def transport_options(url: str, token: Token) -> TransportOptions:
    """Ask one request after the other: the limit is what takes time, and nothing is gained side by side."""
    return TransportOptions(url, token, concurrency=1, allowance=ALLOWANCE, read_timeout=60.0, patience=60.0)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list."""

    contacts: tuple[Contact, ...]
    last: bool
    total: int | None  # of all pages, where the answer says it


class Moneybird:
    """The contacts that an address names. Every method raises `FatalTargetError` for what stops the fetch."""

    def __init__(self, transport: Transport, address: ContactsAddress) -> None:
        self._transport = transport
        self._address = address

    @property
    def requests(self) -> int:
        """How many requests left until now."""
        return self._transport.counts.total

    async def page(self, number: int) -> Page:
        """Ask for a page of the list, the first is 1; it can move between two requests."""
        query = {**self._query(), "page": str(number), "per_page": str(PAGE_SIZE)}
        name = "contacts.json" if self._address.question is None else "filter.json"
        segments = (name,) if self._address.question is None else ("contacts", name)
        answer = await self._asked("GET", segments, query)
        if not answer.found:
            text = (
                f"Moneybird knows no administration {self._address.administration} for this token: "
                "look at the digits behind moneybird.com/ in the browser's address bar, and whose token it is"
            )
            raise FatalTargetError(text, exchange=answer.exchange)
        contacts = _contacts(answer)
        total = _total(answer.headers)
        return Page(contacts, _is_last(answer.headers, number, len(contacts), total), total)

    async def versions(self) -> dict[str, int] | None:
        """Ask for the ids of all contacts with their versions, in one answer; None where that cannot be asked here."""
        answer = await self._if_possible("GET", {}, self._query())
        if answer is None:
            return None
        found = {one_id: version_of(one) for one in _entries(answer) if (one_id := id_of(one)) is not None}
        if len(found) != len(_entries(answer)):
            raise _odd("(ids that are none, or twice)", answer)
        return found

    async def contacts(self, ids: Sequence[str]) -> tuple[Contact, ...] | None:
        """Ask for up to 100 contacts by their ids; None where that cannot be asked here.

        Contacts that are not there any more are missing from the answer, without a word.
        """
        if len(ids) > PAGE_SIZE:
            raise ValueError("of more than 100 ids Moneybird drops the rest without a word")
        answer = await self._if_possible("POST", {"ids": [*ids]}, {})
        return None if answer is None else _contacts(answer)

    async def contact(self, contact_id: str) -> Contact | None:
        """Ask for one contact, archived or not; None where it is not there."""
        segments = ("contacts", f"{contact_id}.json")
        answer = await self._asked("GET", segments, {"include_archived": "true"})
        if not answer.found:
            return None
        if not isinstance(answer.data, dict) or id_of(answer.data) != contact_id:
            raise _odd("(not the contact that was asked for)", answer)
        return answer.data

    def _query(self) -> dict[str, str]:
        archived = {"include_archived": "true"} if self._address.include_archived else {}
        question = self._address.question
        return archived if question is None else {**archived, "filter": question}

    async def _if_possible(self, method: str, body: Mapping[str, Json], query: Mapping[str, str]) -> Answer | None:
        try:
            answer = await self._asked(method, ("contacts", "synchronization.json"), query, body)
        except FatalTargetError as error:
            if error.exchange.status in _NO_SYNCHRONIZATION:
                return None
            raise
        return answer if answer.found else None

    async def _asked(
        self, method: str, segments: tuple[str, ...], query: Mapping[str, str], body: Mapping[str, Json] | None = None
    ) -> Answer:
        content = canonical_json(dict(body)).encode() if body else None
        path = (self._address.administration, *segments)
        try:
            return await self._transport.request(method, path, query=query, body=content, repeatable=True)
        except TargetError as error:
            raise FatalTargetError(_said(error), exchange=error.exchange) from error


def _odd(what: str, answer: Answer) -> FatalTargetError:
    return FatalTargetError(f"{_ODD} {what}", exchange=answer.exchange)


def _said(error: TargetError) -> str:
    status = error.exchange.status
    if status in _WORDS:
        return _WORDS[status]
    if isinstance(error, TransientError) or status is None:
        return f"Moneybird cannot be asked: {error.text}; run the same again, and what was fetched is kept"
    if isinstance(error, RefusedError) or status == 400:
        return "Moneybird does not understand the question; look at the filters behind the ? of the address"
    return _ODD


def _entries(answer: Answer) -> list[dict[str, Json]]:
    entries = answer.data
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else None
    if found is None or not isinstance(entries, list) or len(found) != len(entries):
        raise _odd("(not a list of contacts)", answer)
    return found


def _contacts(answer: Answer) -> tuple[Contact, ...]:
    found = _entries(answer)
    if not all(map(id_of, found)):
        raise _odd("(a contact without an id of digits)", answer)
    return tuple(found)


def _total(headers: Mapping[str, str]) -> int | None:
    text = headers.get("X-Total-Count", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _is_last(headers: Mapping[str, str], number: int, count: int, total: int | None) -> bool:
    """Follow `Link` where there is one; else a page that is not full is the last one, and so is the one with the total."""
    if not count:
        return True
    link = headers.get("Link")
    if link is not None:
        return re.search(r"""rel\s*=\s*["']?next\b""", link) is None
    return count < PAGE_SIZE or (total is not None and number * PAGE_SIZE >= total)
