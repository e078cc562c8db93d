"""The list of offers, one offer, and the offers of a company."""

from __future__ import annotations

import pytest

from tests.sandbox.pages.visiting import Visitor, fill, markup

COMPANY = {"company_name": "ACME", "external_id": "k1"}
OFFER = {
    "title": "Stand",
    "status": "transformed",
    "company": "k1",
    "line_items": [
        {"title": "Work", "amount": 1.5, "price": 1000, "metric": "Day"},
        {"title": "Spare", "is_optional": True},
    ],
    "external_costs": [{"title": "Lamps", "amount": 3, "price": 20, "supplier": "Rental"}],
}


async def _text(visitor: Visitor, path: str) -> str:
    return " ".join(markup(await visitor.see(path)).text.split())


async def test_offers_are_listed_newest_first_with_their_company(visitor: Visitor) -> None:
    await fill(visitor, [COMPANY], [OFFER, {"title": "Later", "status": "open"}])
    html = await visitor.see("/offers")
    assert html.index("Later") < html.index("Stand")
    assert '<a href="/companies/1">ACME</a>' in html
    assert "1,500.00 EUR 1,800.00 EUR accepted" in await _text(visitor, "/offers")


async def test_an_offer_shows_its_items_and_its_costs(visitor: Visitor) -> None:
    await fill(visitor, [COMPANY], [OFFER])
    text = await _text(visitor, "/offers/1")
    assert "accepted transformed" in text
    assert "Work unit 1.5 Day 1,000.00 1,500.00 1,800.00" in text
    assert "Spare optional" in text
    assert "Lamps Rental 3 20.00 60.00" in text


async def test_an_offer_of_nothing_and_nobody_is_shown(visitor: Visitor) -> None:
    await fill(visitor, [], [{"title": "Bare", "status": "open", "offer_number": None, "taxation_enabled": False}])
    text = await _text(visitor, "/offers/1")
    assert "This offer has no line items." in text
    assert "Company empty" in text
    assert "taxation is off" in text
    assert "External costs in" not in text


async def test_a_company_shows_its_own_offers_only(visitor: Visitor) -> None:
    other = {"company_name": "Other", "external_id": "k2"}
    await fill(visitor, [COMPANY, other], [OFFER, {**OFFER, "title": "Theirs", "company": "k2"}])
    text = await _text(visitor, "/companies/1")
    assert "Offers to this company" in text
    assert "Stand" in text
    assert "Theirs" not in text
    assert "This company has no offers" not in text


async def test_many_offers_come_in_pages(visitor: Visitor) -> None:
    bare = {"status": "open", "company": "k1"}
    await fill(visitor, [COMPANY], [{"title": f"Offer {number}", **bare} for number in range(1, 61)])
    first = await visitor.see("/offers")
    (older,) = [link["href"] for link in markup(first).all("a") if link.get("rel") == "next"]
    second = await visitor.see(older)
    assert "Offer 60" in first
    assert "Offer 10<" not in first
    assert "Offer 10<" in second
    assert 'href="/offers" rel="prev"' in second
    assert 'rel="next"' not in second
    assert "and older ones" in await visitor.see("/companies/1")


async def test_an_empty_list_says_where_offers_come_from(visitor: Visitor) -> None:
    assert "--seed-file" in await visitor.see("/offers")


@pytest.mark.parametrize("identity", ["1", "x", "0"])
async def test_an_offer_that_is_not_there_is_a_404(visitor: Visitor, identity: str) -> None:
    reply = await visitor.ask("GET", f"/offers/{identity}")
    assert reply.status == 404
    assert "There is no offer" in reply.text
