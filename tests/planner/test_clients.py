"""A client named by its external_id: when Kanbert is asked, what counts as an answer, and what is concluded from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.company import changes
from importer.errors import Exchange, TransientError
from importer.kanbert import Page
from importer.model import Code
from importer.planner import Clients, Found, NoClient
from tests.fakes.nouns import stored, work

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from importer.company import Remote
    from importer.model import Json

NAMED: Json = {"external_id": "C-1"}


def company(kanbert_id: str, **client: Json) -> Remote:
    shown: Json = {"id": f"client-of-{kanbert_id}", "external_id": "C-1", "external_origin": "crm", **client}
    return stored({"external_id": kanbert_id, "external_origin": "other"}, kanbert_id=kanbert_id, client=shown)


class Listing:
    """Answers every question with the same companies, one a page; the last page over and over where it is endless."""

    def __init__(self, *companies: Remote, endless: bool = False) -> None:
        self.companies = companies
        self.endless = endless
        self.asked: list[str] = []
        self.pages = 0

    async def __call__(self, external_id: str) -> AsyncGenerator[Page, None]:
        self.asked.append(external_id)
        number = 0
        while number < len(self.companies) or self.endless:
            self.pages += 1
            one = self.companies[min(number, len(self.companies) - 1)]
            number += 1
            yield Page(number, (one,), last=not self.endless and number == len(self.companies))


def row(number: int = 1, client: Json = NAMED, *, held: Sequence[Remote] = ()) -> Found:
    return Found(work(f"K-{number}", row_id=number, client_id=client), tuple(held))


def sent(settled: Found | NoClient) -> Json:
    assert isinstance(settled, Found)
    return settled.work.desired.payload["client_id"]


async def test_it_is_asked_once_for_all_rows() -> None:
    listing = Listing(company("1", id=12))
    clients = Clients(listing)
    for _ in range(2):
        assert [sent(one) for one in await clients([row(1), row(2), row(3, "7"), row(4, None)])] == [
            *("12", "12"),
            *("7", None),
        ]
    assert listing.asked == ["C-1"]


async def test_a_company_that_has_the_client_is_asked_for_nothing() -> None:
    listing = Listing()
    assert sent((await Clients(listing)([row(held=[company("1", id="5")])]))[0]) == "5"
    assert listing.asked == []


@pytest.mark.parametrize(
    ("client", "other", "code", "detail"),
    [
        pytest.param(NAMED, {"external_id": "c-1"}, Code.UNKNOWN_CLIENT, "", id="case"),
        pytest.param(NAMED, {"external_id": None}, Code.UNKNOWN_CLIENT, "", id="none"),
        pytest.param(NAMED, {"id": None}, Code.UNKNOWN_CLIENT, "", id="no-id"),
        pytest.param(
            {"external_id": "C-1", "external_origin": "books"}, {}, Code.UNKNOWN_CLIENT, "", id="another-origin"
        ),
    ],
)
async def test_who_is_not_exactly_named_is_not_the_client(
    client: Json, other: dict[str, Json], code: Code, detail: str
) -> None:
    [lost] = await Clients(Listing(company("1", **other)))([row(client=client)])
    assert isinstance(lost, NoClient)
    assert (lost.code, lost.value, lost.detail) == (code, "C-1", detail)


async def test_two_are_refused_and_no_further_page_is_read() -> None:
    listing = Listing(company("1", id="1"), company("2", id="2"), company("3", id="3"))
    [lost] = await Clients(listing)([row()])
    assert isinstance(lost, NoClient)
    assert (lost.code, lost.detail, listing.pages) == (Code.SEVERAL_CLIENTS, "1, 2", 2)


async def test_an_origin_tells_them_apart() -> None:
    listing = Listing(company("1", id="1", external_origin="books"), company("2", id="2"))
    [settled] = await Clients(listing)([row(client={"external_id": "C-1", "external_origin": "crm"})])
    assert sent(settled) == "2"


async def test_a_filter_that_does_not_filter_is_no_answer() -> None:
    listing = Listing(company("1", external_id="another"), endless=True)
    clients = Clients(listing)
    [settled, again] = [(await clients([row()]))[0] for _ in range(2)]
    for one in (settled, again):
        assert isinstance(one, Found)
        assert isinstance(one.error, TransientError)
    assert listing.pages == 10


async def test_a_row_whose_company_could_not_be_asked_for_asks_for_no_client() -> None:
    error = TransientError("no answer", exchange=Exchange("GET", "/companies/K-1"))
    listing = Listing()
    found = Found(work("K-1", client_id=NAMED), error=error)
    assert await Clients(listing)([found]) == [found]
    assert listing.asked == []


def test_a_named_client_is_compared_with_the_one_that_is_shown() -> None:
    body = company("1", id="5").body
    assert changes({"client_id": NAMED}, body) == ()
    assert [one.before for one in changes({"client_id": {"external_id": "C-2"}}, body)] == ["5"]
    assert changes({"client_id": NAMED}, {**body, "client": None})[0].before is None
