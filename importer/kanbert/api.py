"""What can be asked of Kanbert, and done there, about companies; one method an operation of the API."""

from __future__ import annotations

from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import pydantic_core

from importer.errors import (
    ConflictError,
    Exchange,
    FatalTargetError,
    NoListError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from importer.kanbert.listing import Listing, NotAListError, filter_of, first_query, next_query
from importer.kanbert.preflight import COMPANIES, READ_SCOPE, lacks, looked_up, preflight
from importer.kanbert.remote import remote_of
from importer.model import canonical_json

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from importer.company import Remote
    from importer.kanbert.listing import Page
    from importer.model import Json, Payload
    from importer.transport import Answer, Transport

__all__ = ["Kanbert"]

WRITE_SCOPE = "contact-data:write"
_BY_ID: Mapping[str, str] = {"find_by": "id"}  # always said: without it an external_id would be taken for an id
_NO_QUERY: Mapping[str, str] = {}
_NO_SEGMENT = frozenset({"", ".", ".."})
_NOT_UNDERSTOOD = frozenset({400, 422})
_WITHOUT_LIST = "A mapping without `match`, run with --lookup rows, needs no list"


class Kanbert:
    """One space of Kanbert, seen under one origin.

    Every method raises the errors of `Transport.request`; what it adds stands with it. Reads return whatever
    company was answered: whether it is the one that was meant, the caller checks before writing.
    """

    def __init__(self, transport: Transport, origin: str) -> None:
        """Speak for one origin; it goes into every look-up, never left to the token's default."""
        if not origin:
            raise ValueError("an origin is needed: the token's default changes with the token")
        self._transport = transport
        self._origin = origin
        self._sized = True  # until Kanbert refuses the size of a page
        self._archives = False  # until a company was seen to be archived

    @property
    def origin(self) -> str:
        """The external_origin under which companies are found and made."""
        return self._origin

    async def preflight(self) -> Answer:
        """Ask for one company, to see that address, token and scope are right before anything else; return the answer.

        Raises:
            FatalTargetError: they are not, or nobody answers; with what to do.
        """
        return await preflight(self._transport)

    async def pages(self) -> AsyncGenerator[Page, None]:
        """List the whole space, archived companies too, in no order that means anything; each page is one request.

        Raises:
            NoListError: the list goes in circles or does not say whether it goes on, so that nothing may be concluded
                from it; or Kanbert does not take the filter.
        """
        async with aclosing(self._pages(filter_of({}, archived="with"))) as pages:
            async for page in pages:
                yield page

    async def archived_pages(self) -> AsyncGenerator[Page, None]:
        """List the archived companies of the space; otherwise like `pages`."""
        async with aclosing(self._pages(filter_of({}, archived="only"))) as pages:
            async for page in pages:
                yield page

    async def matching(self, wanted: Mapping[str, str], key: str) -> AsyncGenerator[Page, None]:
        """List the live companies that Kanbert takes to have these values, by filterable fields; like `pages`.

        Kanbert compares by rules of its own: each company has to be looked at. `key` is for the record.
        """
        async with aclosing(self._pages(filter_of(wanted, archived="without"), key)) as pages:
            async for page in pages:
                yield page

    async def of_client(self, external_id: str) -> AsyncGenerator[Page, None]:
        """List the companies, archived ones too, of what Kanbert takes to be clients with an external_id; like `pages`.

        Kanbert compares by rules of its own: each company's client has to be looked at.
        """
        async with aclosing(self._pages(filter_of({"client.external_id": external_id}, archived="with"))) as pages:
            async for page in pages:
                yield page

    async def _pages(self, question: str, key: str | None = None) -> AsyncGenerator[Page, None]:
        listing = Listing()
        answer = await self._first_page(question, key)
        while True:
            try:
                page, cursor = listing.read(answer.data if answer.found else None)
            except NotAListError as error:
                text = f"{error}; nothing was concluded from it. {_WITHOUT_LIST}"
                raise NoListError(text, exchange=answer.exchange) from error
            yield page
            if cursor is None:
                return
            answer = await self._get((COMPANIES,), next_query(question, cursor, sized=self._sized), key=key)

    async def _first_page(self, question: str, key: str | None) -> Answer:
        """Ask for a list; a size that Kanbert refuses, where it was thought to be cut in silence, is not named again."""
        try:
            return await self._get((COMPANIES,), first_query(question, sized=self._sized), key=key)
        except (FatalTargetError, RefusedError) as error:
            if error.exchange.status not in _NOT_UNDERSTOOD:
                raise
        try:
            answer = await self._get((COMPANIES,), first_query(question, sized=False), key=key)
        except (FatalTargetError, RefusedError) as error:
            if error.exchange.status not in _NOT_UNDERSTOOD:
                raise
            text = f"Kanbert does not take the filter that its list is asked with, {question}. {_WITHOUT_LIST}"
            raise NoListError(text, exchange=error.exchange) from error
        self._sized = False
        return answer

    async def find(self, external_id: str) -> Remote | None:
        """Ask which company holds an external_id under our origin; None where Kanbert shows none.

        An archived holder is probably not shown. Raises RefusedError for an external_id that cannot stand in an
        address.
        """
        segments = (COMPANIES, _addressable(external_id))
        answer = await self._get(segments, self._by_external_id(), key=external_id)
        return _company(answer) if answer.found else None

    async def read(self, kanbert_id: str, *, key: str | None = None) -> Remote | None:
        """Read a company by Kanbert's own id; None where there is none, or it is archived."""
        answer = await self._get((COMPANIES, _addressable(kanbert_id)), _BY_ID, key=key)
        return _company(answer) if answer.found else None

    async def create(self, payload: Payload) -> Remote:
        """Make a company; fields that are None are left out. Sent once.

        Raises:
            OutcomeUnknownError: it may exist: find it before anything else.
            ConflictError: somebody holds the external_id already, perhaps an archived company.
            ValueError: the payload lacks an external_id, or has another origin: it could never be found again.
        """
        external_id = payload.get("external_id")
        if not isinstance(external_id, str) or not external_id or payload.get("external_origin") != self._origin:
            raise ValueError("a payload needs an external_id, and the origin that is looked up")
        if None in payload.values():
            payload = {name: value for name, value in payload.items() if value is not None}
        answer = await self._write("POST", (COMPANIES,), body=_body(payload, "POST"), key=external_id, repeatable=False)
        if not answer.found:
            text = "there is nothing to make companies with at this address: give the API's own"
            raise FatalTargetError(text, exchange=answer.exchange)
        remote = remote_of(answer.data, answer.content)
        if remote is not None and _is_whole(remote):
            return remote
        found = None
        with suppress(TransientError):
            found = await self.find(external_id)
        if found is None:
            text = "the answer holds no company; whether one was made is not known"
            raise OutcomeUnknownError(text, exchange=answer.exchange)
        return found

    async def update(self, kanbert_id: str, body: Payload, key: str) -> Remote:
        """Change the fields of `body` alone; None clears a field. Repeated on trouble, since the values are absolute.

        Raises:
            ConflictError: the company is no longer there, or archived: find it, then decide again.
        """
        segments = (COMPANIES, _addressable(kanbert_id))
        answer = await self._write("PATCH", segments, query=_BY_ID, body=_body(body, "PATCH"), key=key)
        return await self._stored(answer, kanbert_id, key)

    async def identify(self, kanbert_id: str, external_id: str) -> Remote:
        """Give a company an external_id and our origin, whatever it had before. Repeated on trouble.

        Whether the company was free, and whether the answer carries what was sent, the caller checks.

        Raises:
            ConflictError: the company is no longer there, or somebody else holds the external_id.
        """
        segments = (COMPANIES, _addressable(kanbert_id), "external-identifier")
        _addressable(external_id)
        body: Payload = {"external_id": external_id, "external_origin": self._origin}  # without it, the token's own
        answer = await self._write("PUT", segments, query=_BY_ID, body=_body(body, "PUT"), key=external_id)
        return await self._stored(answer, kanbert_id, external_id)

    async def restore(self, kanbert_id: str, key: str) -> Remote:
        """Bring an archived company back, by Kanbert's own id.

        A POST, but repeated on trouble: restoring a live company changes nothing.

        Raises:
            ConflictError: there is no such company: find it, then decide again.
        """
        answer = await self._restore(kanbert_id, _BY_ID, key)
        return await self._stored(answer, kanbert_id, key)

    async def restore_holder(self, external_id: str) -> Remote:
        """Bring back the archived company that holds an external_id under our origin; otherwise like `restore`.

        Raises:
            ConflictError: no company that this token can see holds it.
        """
        answer = await self._restore(external_id, self._by_external_id(), external_id)
        return await self._stored(answer, None, external_id)

    async def archive(self, kanbert_id: str, key: str) -> None:
        """Archive a company; one that is archived, or not there at all, stays so. Repeated on trouble.

        Whether it is archived is looked at the first time, and whenever the answer says that there is no such company.

        Raises:
            RefusedError: it is as live as before.
        """
        answer = await self._write("DELETE", (COMPANIES, _addressable(kanbert_id)), query=_BY_ID, key=key)
        if answer.found and self._archives:
            return
        left = await self.read(kanbert_id, key=key)
        if left is not None and not left.archived:
            text = "Kanbert did not archive the company, and does not say why"
            raise RefusedError(text, exchange=answer.exchange, fields={})
        self._archives = self._archives or answer.found

    async def release(self, kanbert_id: str, external_id: str | None, origin: str | None, key: str) -> Remote:
        """Give a company back the external_id that it had, or none, and its origin. Repeated on trouble.

        An origin of None cannot be sent: Kanbert then says the token's own. Raises as `identify`.
        """
        segments = (COMPANIES, _addressable(kanbert_id), "external-identifier")
        body: Payload = {"external_id": external_id}
        if origin is not None:
            body["external_origin"] = origin
        answer = await self._write("PUT", segments, query=_BY_ID, body=_body(body, "PUT"), key=key)
        return await self._stored(answer, kanbert_id, key)

    async def _restore(self, identity: str, query: Mapping[str, str], key: str) -> Answer:
        segments = (COMPANIES, _addressable(identity), "restore")
        return await self._write("POST", segments, query=query, key=key)

    async def _stored(self, answer: Answer, kanbert_id: str | None, key: str) -> Remote:
        """Return what is stored after a write; where the answer does not show a whole company, it is read.

        The documents promise one. An answer of 204, of a message, or of what changed alone costs a request more.
        """
        if answer.found and (remote := remote_of(answer.data, answer.content)) is not None and _is_whole(remote):
            return remote
        read = None
        if answer.found:
            read = await (self.find(key) if kanbert_id is None else self.read(kanbert_id, key=key))
        if read is None:
            text = "the company is no longer there, or is archived"
            raise ConflictError(text, exchange=answer.exchange)
        return read

    async def _get(self, segments: tuple[str, ...], query: Mapping[str, str], *, key: str | None = None) -> Answer:
        try:
            return await looked_up(self._transport, segments, query, key=key)
        except FatalTargetError as error:
            if error.exchange.status != 403:
                raise
            raise lacks(READ_SCOPE, error) from error

    async def _write(
        self,
        method: str,
        segments: tuple[str, ...],
        *,
        query: Mapping[str, str] = _NO_QUERY,
        body: bytes | None = None,
        key: str,
        repeatable: bool = True,
    ) -> Answer:
        """Send a write. Its query holds nothing but find_by and origin: the API takes query keys for input."""
        try:
            return await self._transport.request(
                method, segments, query=query, body=body, key=key, repeatable=repeatable
            )
        except FatalTargetError as error:
            if error.exchange.status != 403:
                raise
            raise lacks(WRITE_SCOPE, error) from error

    def _by_external_id(self) -> dict[str, str]:
        return {"find_by": "external_id", "origin": self._origin}


def _is_whole(remote: Remote) -> bool:
    """Whether an answer to a write shows the company, and not a few of its fields; both are never null after ours."""
    return {"external_id", "company_name"} <= remote.body.keys()


def _company(answer: Answer) -> Remote:
    remote = remote_of(answer.data)
    if remote is None:
        raise TransientError("the answer holds no company", exchange=answer.exchange)
    return remote


def _addressable(identity: str) -> str:
    """Let pass what can stand in an address: with others, another company or the list would answer.

    Raises:
        RefusedError: empty, "." or "..", or with a slash, which Kanbert takes for a border even when it is encoded.
    """
    if identity in _NO_SEGMENT or "/" in identity:
        reason = f"{identity!r} cannot stand in an address of Kanbert, so the company could not be found again"
        raise RefusedError(reason, exchange=Exchange("GET", f"/{COMPANIES}"), fields={"external_id": (reason,)})
    return identity


def _body(payload: Mapping[str, Json], method: str) -> bytes:
    """Write the wire body.

    Raises:
        RefusedError: it holds half a surrogate pair, or a number that JSON has not: nothing was sent.
        TypeError: it names a client by something else than its id, which is ours to look up.
    """
    if isinstance(payload.get("client_id"), dict):
        raise TypeError("a client is sent by its id")
    try:
        body: bytes = pydantic_core.to_json(payload)
        if b"NaN" in body or b"Infinity" in body:  # a text perhaps, or a number that the server would choke on
            body = canonical_json(dict(payload)).encode()
    except ValueError as error:
        text = "the row holds characters or numbers that cannot be sent; nothing was sent"
        raise RefusedError(text, exchange=Exchange(method, f"/{COMPANIES}"), fields={}) from error
    return body
