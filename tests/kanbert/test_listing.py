"""Pages of the list, in both spellings of their keys, and the circles that must not be walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.kanbert.listing import Listing, NotAListError

if TYPE_CHECKING:
    from importer.model import Json

URL = "https://api.kanbert.com/api/v1/companies?page%5Bsize%5D=100&page%5Bcursor%5D=abc%3D"


def page(*ids: int, **meta: Json) -> Json:
    return {"data": [{"id": number} for number in ids], "links": [], "meta": meta}


@pytest.mark.parametrize(
    ("meta", "cursor"),
    [
        pytest.param({"next_cursor": "abc"}, "abc", id="said outright"),
        pytest.param({"next_cursor": None, "next_page_url": None}, None, id="the end"),
        pytest.param({"next_cursor": None}, None, id="the end, without urls"),
        pytest.param({"next_page_url": None}, None, id="the end, said by the url"),
        pytest.param({"next_page_url": URL}, "abc=", id="inside next_page_url"),
        pytest.param({"next_cursor_url": URL}, "abc=", id="inside next_cursor_url"),
        pytest.param({"next_cursor": None, "next_cursor_url": URL}, "abc=", id="null beside a url"),
        pytest.param({"next_cursor": "abc", "next_page_url": URL}, "abc", id="both"),
        pytest.param({"next_cursor": "", "next_page_url": ""}, None, id="empty texts"),
        pytest.param({"next_cursor": 21}, "21", id="a number"),
    ],
)
def test_the_next_cursor_is_found(meta: dict[str, Json], cursor: str | None) -> None:
    read, found = Listing().read(page(1, 2, **meta))
    assert found == cursor
    assert read.last is (cursor is None)


@pytest.mark.parametrize(
    ("beside", "cursor"),
    [
        pytest.param({"links": {"next": URL}}, "abc=", id="links"),
        pytest.param({"links": {"next": URL}, "meta": {"per_page": 30}}, "abc=", id="links and a poor meta"),
        pytest.param({"links": {"next": None}}, None, id="links at the end"),
        pytest.param({"links": [], "next_cursor": "abc"}, "abc", id="beside the list"),
        pytest.param({"next_cursor": "x", "meta": {"next_cursor": None}}, None, id="meta before others"),
    ],
)
def test_the_next_cursor_is_found_outside_of_meta(beside: dict[str, Json], cursor: str | None) -> None:
    assert Listing().read({"data": [], **beside})[1] == cursor


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(None, "no list", id="null"),
        pytest.param([], "no list", id="array"),
        pytest.param({"data": {}}, "no list", id="data is an object"),
        pytest.param({"message": "x"}, "no list", id="no data"),
        pytest.param({"data": [{"id": 1}, {}], "meta": {"next_cursor": None}}, "no companies", id="entry without id"),
        pytest.param({"data": []}, "whether it goes on", id="no meta"),
        pytest.param({"data": [], "meta": []}, "whether it goes on", id="empty meta"),
        pytest.param(page(1, next_page_url="https://x.example/?page=2"), "names no cursor", id="url without cursor"),
        pytest.param(page(1, next_page_url="https://[x"), "names no cursor", id="url that is none"),
    ],
)
def test_what_is_no_list_is_not_taken_for_its_end(data: Json, words: str) -> None:
    with pytest.raises(NotAListError, match=words):
        Listing().read(data)


def test_an_empty_page_in_the_middle_is_not_the_end() -> None:
    listing = Listing()
    assert listing.read(page(next_cursor="a"))[0].last is False
    assert listing.read(page(next_cursor="b"))[0].last is False
    last, _ = listing.read(page(1, next_cursor=None))
    assert (last.number, last.last) == (3, True)


def test_a_cursor_that_comes_twice_ends_the_listing() -> None:
    listing = Listing()
    listing.read(page(1, next_cursor="a"))
    listing.read(page(2, next_cursor="b"))
    with pytest.raises(NotAListError, match="a cursor came twice"):
        listing.read(page(3, next_cursor="a"))


@pytest.mark.parametrize("repeated", [(1, 2), (2, 1), (3, 4), (1,)], ids=str)
def test_a_page_that_comes_twice_ends_the_listing(repeated: tuple[int, ...]) -> None:
    listing = Listing()
    listing.read(page(1, 2, next_cursor="a"))
    listing.read(page(3, 4, next_cursor="b"))
    with pytest.raises(NotAListError, match="a page came twice"):
        listing.read(page(*repeated, next_cursor="c"))


def test_one_company_seen_again_is_no_circle() -> None:
    listing = Listing()
    listing.read(page(1, 2, next_cursor="a"))
    assert len(listing.read(page(2, 3, next_cursor=None))[0].companies) == 2
