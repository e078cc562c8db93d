"""Pages: sorts, cursors in both directions, what a sorted walk loses, and what a page costs."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from importer.sandbox.lists.fragments import TRUE
from importer.sandbox.lists.paging import page_of
from importer.sandbox.wire.answers import ApiError
from tests.sandbox.lists.library import BOOKS, SETTINGS, Book, Library, library

SHELF = (
    Book("b", rating=2, bought_at="2026-01-02", custom={"n": 1, "s": "x"}),
    Book("A", rating=1, bought_at="2026-01-01", custom={"n": 10, "s": "B"}),
    Book("C", rating=2, custom={"n": "1", "s": "a"}),
    Book(None, rating=None, bought_at="2026-01-03", custom={"n": None}),
    Book("a", rating=3, custom={"n": True}),
)


def cursor(value: object) -> str:
    if isinstance(value, dict):
        value = {"_pointsToNextItems": True, **value}
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def opened(text: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=="))
    return decoded


def ids(books: Library, query: dict[str, Any], **settings: Any) -> list[int]:
    return [row["id"] for row in books.page(query, **settings).rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        pytest.param(None, "12345", id="none"),
        pytest.param("-bought_at,title", "412", id="two, descending first"),
        pytest.param("rating,-bought_at", "421", id="null first"),
        pytest.param("-rating", "5", id="descending"),
        pytest.param("title,rating", "425", id="text in any case"),
        pytest.param("custom_fields.s", "45", id="custom, absent first"),
        pytest.param("custom_fields.s,rating", "4532", id="custom text in any case"),
        pytest.param("-custom_fields.n,rating", "32", id="numbers before texts"),
        pytest.param(",rating,,title", "42", id="empty names"),
        pytest.param({"0": "rating", "1": "title"}, "42", id="a list"),
        pytest.param(5, "12345", id="no text"),
    ],
)
def test_a_sort_orders(sort: Any, expected: str) -> None:
    with library(*SHELF) as books:
        found = ids(books, {"sort": sort})
    assert found[: len(expected)] == [int(sign) for sign in expected]
    assert sorted(found) == [1, 2, 3, 4, 5]


def test_a_sort_can_mind_the_case() -> None:
    with library(*SHELF) as books:
        assert ids(books, {"sort": "title"}, case_sensitive=True) == [4, 2, 3, 5, 1]
        assert ids(books, {"sort": "-custom_fields.s"}, case_sensitive=True)[:3] == [1, 3, 2]


@pytest.mark.parametrize(
    ("sort", "message"),
    [
        ("id", "Requested sort(s) `id` is not allowed. Allowed sort(s) are `title, rating, bought_at`."),
        ("-x,title,y", "Requested sort(s) `x, y` is not allowed."),
        ("--title", "Requested sort(s) `-title` is not allowed."),
        ("sort=-title", "Requested sort(s) `sort=-title` is not allowed."),
        ("custom_fields.", "Requested sort(s) `custom_fields.` is not allowed."),
        (",".join(f"custom_fields.a{number}" for number in range(21)), "More than 20 sorts"),
    ],
)
def test_an_unknown_sort_is_a_400_in_the_words_of_the_framework(sort: str, message: str) -> None:
    with library() as books, pytest.raises(ApiError, match=r"^400 ") as caught:
        books.page({"sort": sort})
    assert caught.value.message.startswith(message)


def test_only_the_custom_fields_of_the_space_can_be_sorted_by() -> None:
    with library(*SHELF) as books:
        assert ids(books, {"sort": "-custom_fields.n"}, custom_fields=frozenset({"n"}))[0] == 3
        with pytest.raises(ApiError, match=r"^400 "):
            books.page({"sort": "custom_fields.s"}, custom_fields=frozenset({"n"}))


SAME = [Book("same name")] * 35
DIFFERENT = [Book(f"name {number:02}") for number in range(25)]
NAMELESS = [Book()] * 5


@pytest.mark.parametrize(
    ("sort", "settings", "found"),
    [
        pytest.param("title", {}, 40, id="as it was observed"),
        pytest.param("-title", {}, 35, id="the other way round"),
        pytest.param(None, {}, 65, id="without a sort"),
        pytest.param("title", {"stable_sort": True}, 65, id="stable"),
        pytest.param("-title", {"stable_sort": True}, 65, id="stable, the other way round"),
    ],
)
def test_a_sorted_walk_loses_what_is_equal_at_the_border_of_a_page(
    sort: str | None, settings: dict[str, Any], found: int
) -> None:
    with library(*SAME, *DIFFERENT, *NAMELESS) as books:
        walked = books.walked(10, query={"sort": sort}, **settings)
    assert len(walked) == len(set(walked)) == found


@pytest.mark.parametrize(
    ("size", "sort", "expected"),
    [
        pytest.param(2, "title", [3, 4], id="a null at the border ends the walk"),
        pytest.param(4, "title", [3, 4, 5, 2, 1], id="a name at the border does not"),
        pytest.param(3, "-title", [1, 2, 5], id="nulls come last and are beyond nothing"),
        pytest.param(2, "title,rating", [3, 4], id="null, then anything"),
        pytest.param(2, "rating,title", [3, 4], id="equal null first, null second"),
        pytest.param(1, "rating,-custom_fields.n", [3, 4], id="equal null first, beyond second"),
    ],
)
def test_a_walk_loses_what_is_null_at_the_border_of_a_page(size: int, sort: str, expected: list[int]) -> None:
    nullable = (
        Book("c", rating=1),
        Book("b", rating=1),
        Book(custom={"n": 2}),
        Book(custom={"n": 1}),
        Book("a", rating=2),
    )
    with library(*nullable) as books:
        assert books.walked(size, query={"sort": sort}) == expected
        everything = books.walked(size, query={"sort": sort}, stable_sort=True)
    assert sorted(everything) == [1, 2, 3, 4, 5]


def test_a_null_in_a_cursor_can_be_the_error_of_the_framework() -> None:
    with library(Book(), Book(), Book("a")) as books, pytest.raises(ApiError, match=r"^500 "):
        books.walked(1, query={"sort": "title"}, null_in_cursor="error")


def test_the_next_page_is_equal_first_and_beyond_second() -> None:
    shelf = [Book("x", rating=rating) for rating in (1, 2, 2, 3)] + [Book("Y", rating=0)]
    with library(*shelf) as books:
        assert books.walked(1, query={"sort": "title,rating"}) == [1, 2, 4, 5]
        assert books.walked(1, query={"sort": "title,-rating"}) == [4, 2, 1, 5]
        assert books.walked(1, query={"sort": "-title,-rating"}) == [5, 4, 2, 1]


def test_a_cursor_is_made_of_the_values_of_the_order() -> None:
    with library(*SHELF) as books:
        page = {"size": "2"}
        first = opened(books.page({"sort": "-rating,custom_fields.n", "page": page}).meta["next_cursor"])
        assert first == {"rating": 2.0, "custom_fields.n": 1, "_pointsToNextItems": True}
        assert opened(books.page({"sort": "title", "page": page}).meta["next_cursor"])["title"] == "A"
        assert opened(books.page({"page": page}).meta["next_cursor"]) == {"books.id": 2, "_pointsToNextItems": True}
        assert "books.id" in opened(books.page({"sort": "title", "page": page}, stable_sort=True).meta["next_cursor"])


@pytest.mark.parametrize("value", [{"title": "x"}, {"rating": [1]}, {"rating": {}}, 5, [1], None, "x"])
def test_a_cursor_of_another_sort_is_a_500(value: object) -> None:
    with library(*SHELF) as books, pytest.raises(ApiError, match=r"^500 Server Error"):
        books.page({"sort": "rating", "page": {"cursor": cursor(value)}})


@pytest.mark.parametrize("text", ["x", "%%%", "bm90IGpzb24", "W1tb", "ä", {"a": "b"}, cursor("")[:-2], "eyJhIjpOYU59"])
def test_an_undecodable_cursor_is_page_one(text: Any) -> None:
    with library(*SHELF) as books:
        assert len(ids(books, {"page": {"cursor": text}})) == 5


def test_half_a_surrogate_pair_in_a_cursor_is_page_one() -> None:
    with library(*SHELF) as books:
        assert len(ids(books, {"sort": "title", "page": {"cursor": cursor({"title": "\ud800"})}})) == 5


@pytest.mark.parametrize(
    ("sort", "value", "expected"),
    [
        pytest.param(None, {"books.id": "3x"}, [4, 5], id="leading digits"),
        pytest.param(None, {"books.id": "x"}, [1, 2, 3, 4, 5], id="text is 0"),
        pytest.param(None, {"books.id": True}, [2, 3, 4, 5], id="true is 1"),
        pytest.param(None, {"books.id": 2.5}, [3, 4, 5], id="between"),
        pytest.param(None, {"books.id": 10**30}, [], id="beyond 64 bits"),
        pytest.param(None, {"books.id": 10**400}, [], id="beyond floats"),
        pytest.param(None, {"books.id": -(10**400)}, [1, 2, 3, 4, 5], id="below floats"),
        pytest.param(None, {"books.id": None}, [], id="nothing is more than null"),
        pytest.param("-rating", {"rating": "2x"}, [], id="no number is 0"),
        pytest.param("-rating", {"rating": "2"}, [2], id="a number as text"),
        pytest.param("rating", {"rating": False}, [2, 1, 3, 5], id="false is 0"),
        pytest.param("title", {"title": "B"}, [3], id="folded like the order"),
        pytest.param("title", {"title": 5}, [2, 5, 1, 3], id="a number for a text"),
        pytest.param("bought_at", {"bought_at": "2026-01-02"}, [4], id="date"),
        pytest.param("custom_fields.n", {"custom_fields.n": 1}, [2, 3], id="custom number"),
        pytest.param("custom_fields.s", {"custom_fields.s": "A"}, [2, 1], id="custom text"),
    ],
)
def test_a_cursor_may_hold_any_value(sort: str | None, value: object, expected: list[int]) -> None:
    with library(*SHELF) as books:
        assert ids(books, {"sort": sort, "page": {"cursor": cursor(value)}}) == expected


@pytest.mark.parametrize(("size", "number"), [("2", 2), ("0", 3), ("-1", 3), ("x", 3), ("99", 3), ({"a": "1"}, 3)])
def test_the_size_is_clamped(size: Any, number: int) -> None:
    with library(*SHELF) as books:
        page = books.page({"page": {"size": size}}, page_size_max=3)
    assert (len(page.rows), page.meta["per_page"]) == (number, number)


@given(number=st.integers(0, 12), size=st.integers(1, 14), stable=st.booleans())
def test_a_walk_without_sort_meets_each_row_once_in_both_directions(number: int, size: int, *, stable: bool) -> None:
    with library(*[Book()] * number) as books:
        assert books.walked(size, stable_sort=stable) == list(range(1, number + 1))
        assert books.walked(size, backward=True, stable_sort=stable) == list(range(1, number + 1))


_MAYBE_TITLES = st.none() | st.sampled_from(["a", "A", "b", "ß", "ss"])
_NAMES = st.sampled_from(["title", "-title", "rating", "-rating", "custom_fields.n", "-custom_fields.n"])


@given(
    rows=st.lists(
        st.builds(
            Book,
            title=_MAYBE_TITLES,
            rating=st.none() | st.integers(0, 2),
            custom=st.fixed_dictionaries({"n": st.sampled_from([None, 1, 2.5, "a", "A", True])}),
        ),
        max_size=10,
    ),
    names=st.lists(_NAMES, min_size=1, max_size=3),
    size=st.integers(1, 4),
)
def test_a_stable_walk_meets_each_row_once_in_both_directions(rows: list[Book], names: list[str], size: int) -> None:
    query = {"sort": ",".join(names)}
    with library(*rows) as books:
        whole = ids(books, {**query, "page": {"size": "1000"}}, stable_sort=True)
        assert books.walked(size, query=query, stable_sort=True) == whole
        assert books.walked(size, query=query, backward=True, stable_sort=True) == whole
    assert sorted(whole) == list(range(1, len(rows) + 1))


@given(titles=st.lists(_MAYBE_TITLES, max_size=12), size=st.integers(1, 4), descending=st.booleans())
def test_a_plain_walk_follows_the_rule_of_strictly_beyond(
    titles: list[str | None], size: int, *, descending: bool
) -> None:
    def key(title: str | None) -> tuple[bool, str]:
        return title is not None, (title or "").casefold()

    left = sorted(titles, key=key, reverse=descending)
    expected: list[str | None] = []
    while left:
        page, rest = left[:size], left[size:]
        expected += page
        last = page[-1]
        known = [title for title in rest if title is not None]
        left = [] if last is None else [title for title in known if title.casefold() != last.casefold()]
    with library(*[Book(title) for title in titles]) as books:
        walked = books.walked(size, query={"sort": "-title" if descending else "title"})
    assert [key(titles[number - 1]) for number in walked] == [key(title) for title in expected]


def test_a_page_of_an_unsorted_list_is_sought_by_its_key_and_costs_the_same_anywhere() -> None:
    with library(*[Book()] * 3000) as books:
        steps: list[int] = []
        for start in (0, 2900):
            count = 0

            def tick() -> None:
                nonlocal count
                count += 1

            books.db.set_progress_handler(tick, 1)
            assert len(ids(books, {"page": {"size": "10", "cursor": cursor({"books.id": start})}})) == 10
            books.db.set_progress_handler(None, 0)
            steps.append(count)
    assert steps[0] == steps[1]


def test_links_repeat_the_query_with_another_cursor() -> None:
    with library(*SHELF) as books:
        query: dict[str, Any] = {
            "page": {"size": "1", "cursor": "x"},
            "filter": {"0": {"field": "title", "op": "notnull"}},
            "a": None,
        }
        meta = page_of(books.db, BOOKS, query, SETTINGS).meta
    assert meta["path"] == SETTINGS.path
    assert meta["next_page_url"] == (
        f"{SETTINGS.path}?page%5Bsize%5D=1&page%5Bcursor%5D={meta['next_cursor']}"
        "&filter%5B0%5D%5Bfield%5D=title&filter%5B0%5D%5Bop%5D=notnull"
    )


def test_a_page_is_wrapped_as_the_api_does() -> None:
    with library(Book()) as books:
        page = books.page({}, where=TRUE)
    assert page.envelope(["x"]) == {"data": ["x"], "links": [], "meta": page.meta}
