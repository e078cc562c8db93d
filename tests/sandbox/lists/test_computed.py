"""Computed fields: aggregates of relations, usable in filter and sort, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from importer.sandbox.lists.paging import page_of
from importer.sandbox.wire.answers import ApiError
from tests.sandbox.lists.library import BOOKS, SETTINGS, Book, Loan, library

SHELF = (
    Book("none"),
    Book("two", loans=(Loan("Ada", 0.1, 3, "2026-05-10"), Loan("Bo", 0.2, 5))),
    Book("one", loans=(Loan("ada, eve", None, 10),)),
)


def asked(definition: Any, **query: Any) -> list[Any]:
    with library(*SHELF) as books:
        page = books.page({"computed_fields": {"x": definition}, **query})
        return [(row["id"], computed["x"]) for row, computed in zip(page.rows, page.computed, strict=True)]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param("loans.count()", [0, 2, 1], id="count"),
        pytest.param("loans.count(reader contains 'ada')", [0, 1, 1], id="count where"),
        pytest.param(" loans . count ( (days gt 3) or at lt now ) ", [0, 2, 1], id="count where, spaced"),
        pytest.param("loans.sum(days)", [0, 8, 10], id="sum, 0 of nothing"),
        pytest.param("loans.sum(fee)", [0, 0.3, 0], id="sum of money, 0 of null"),
        pytest.param("loans.sum(days, reader eq 'ada, eve')", [0, 0, 10], id="sum where"),
        pytest.param("loans.avg(days)", [0, 4, 10], id="avg"),
        pytest.param("loans.min(days)", [0, 3, 10], id="min"),
        pytest.param("loans.max(days,days lt 5)", [0, 3, 0], id="max where"),
        pytest.param("loans.max(days, )", [0, 5, 10], id="max without where"),
    ],
)
def test_an_aggregate_is_a_number_of_each_row(definition: str, expected: list[float]) -> None:
    assert asked(definition) == list(enumerate(expected, start=1))


@pytest.mark.parametrize("name", ["computed_fields.x", "x"])
def test_filter_and_sort_know_computed_fields(name: str) -> None:
    assert asked("loans.sum(days)", filter=f"{name} gte 8", sort=f"-{name}") == [(3, 10), (2, 8)]
    assert asked("loans.count()", filter=f"{name} in [0, 1] and title ne x") == [(1, 0), (3, 1)]


def test_a_walk_may_be_sorted_by_a_computed_field() -> None:
    with library(*SHELF) as books:
        query = {"computed_fields": {"x": "loans.max(days, reader notnull)"}, "sort": "-computed_fields.x"}
        assert books.walked(1, query=query) == [3, 2, 1]
        assert books.walked(1, query=query, backward=True) == [3, 2, 1]


def test_a_computed_field_does_not_hide_a_field() -> None:
    with library(*SHELF) as books:
        query = {"computed_fields": {"title": "loans.sum(days)"}}
        assert len(books.page({**query, "filter": "title eq two"}).rows) == 1
        assert len(books.page({**query, "filter": "computed_fields.title eq 8"}).rows) == 1
        assert [row["id"] for row in books.page({**query, "sort": "title"}).rows] == [1, 3, 2]


def test_several_are_told_apart() -> None:
    with library(*SHELF) as books:
        fields = {"a": "loans.count(reader eq bo)", "b": "loans.sum(days, reader eq ada)"}
        page = books.page({"computed_fields": fields, "filter": "a eq 1 and b eq 3 and title eq two", "sort": "b,a"})
    assert page.computed == [{"a": 1, "b": 3}]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param("loans.count()", "are declared as", id="no alias"),
        pytest.param({"a b": "loans.count()"}, "alias", id="an alias with a space"),
        pytest.param({"": "loans.count()"}, "alias", id="an empty alias"),
        pytest.param({"a" * 65: "loans.count()"}, "alias", id="a long alias"),
        pytest.param({"x": "loans"}, "is not of the form", id="no aggregate"),
        pytest.param({"x": "loans.count"}, "is not of the form", id="no brackets"),
        pytest.param({"x": {"y": "z"}}, "is not of the form", id="a map"),
        pytest.param({"x": None}, "is not of the form", id="nothing"),
        pytest.param(
            {"x": "computed_fields[x]=loans.count()"}, "is not of the form", id="the example of the documents"
        ),
        pytest.param({"x": "tasks.count()"}, "relation `tasks` is not allowed", id="unknown relation"),
        pytest.param({"x": "loans.median(days)"}, "aggregate `median`", id="unknown aggregate"),
        pytest.param({"x": "loans.sum()"}, "needs a number", id="sum of nothing"),
        pytest.param({"x": "loans.sum(reader)"}, "needs a number", id="sum of text"),
        pytest.param({"x": "loans.sum(l.days)"}, "needs a number", id="sum of SQL"),
        pytest.param({"x": "loans.count(title eq 'x')"}, "`title` are not allowed", id="not the relation's"),
        pytest.param({"x": "loans.count(days eq )"}, "cannot be read", id="half a sentence"),
        pytest.param({"x": "loans.count([])"}, "cannot be read", id="JSON"),
        pytest.param({f"x{number}": "loans.count()" for number in range(11)}, "More than 10", id="many"),
        pytest.param(
            {f"x{number}": "loans.count(" + " or ".join(["days eq 1"] * 30) + ")" for number in range(10)},
            "more than 200 conditions",
            id="many conditions in all",
        ),
    ],
)
def test_what_cannot_be_computed_is_a_400_that_says_what(fields: Any, message: str) -> None:
    with library() as books, pytest.raises(ApiError, match=r"^400 ") as caught:
        books.page({"computed_fields": fields})
    assert message in caught.value.message


def test_conditions_on_computed_fields_are_bounded() -> None:
    with library() as books, pytest.raises(ApiError, match=r"^400 .*more than 200 conditions"):
        books.page({"computed_fields": {"x": "loans.count()"}, "filter": " or ".join(["x eq 1"] * 21)})


def test_a_computed_field_counts_wherever_it_is_named_as_what_it_is_made_of() -> None:
    thirty = " or ".join(["days eq 1"] * 30)
    with library() as books:
        query = {"computed_fields": {"x": f"loans.count({thirty})"}}
        books.page({**query, "filter": " or ".join(["x eq 1"] * 5)})
        with pytest.raises(ApiError, match=r"^400 .*as 10 and those that it is made of"):
            books.page({**query, "filter": " or ".join(["x eq 1"] * 6)})


def test_a_sort_is_made_of_no_more_conditions_than_a_filter() -> None:
    thirty = " or ".join(["days eq 1"] * 30)
    with library(*SHELF) as books:
        query = {"computed_fields": {f"x{number}": f"loans.count({thirty})" for number in range(5)}}
        names = [name for number in range(5) for name in (f"x{number}", f"-computed_fields.x{number}")]
        assert len(books.page({**query, "sort": ",".join(names[:5])}).rows) == 3
        with pytest.raises(ApiError, match=r"^400 The sort is made of more than 200 conditions"):
            books.page({**query, "sort": ",".join(names[:6])})


def test_an_alias_that_is_not_declared_is_unknown() -> None:
    with library() as books:
        with pytest.raises(ApiError, match=r"`computed_fields\.y` are not allowed"):
            books.page({"computed_fields": {"x": "loans.count()"}, "filter": "computed_fields.y gt 1"})
        with pytest.raises(ApiError, match=r"`computed_fields\.y` is not allowed"):
            books.page({"computed_fields": {"x": "loans.count()"}, "sort": "computed_fields.y"})


def test_a_resource_without_aggregates_ignores_them() -> None:
    with library(*SHELF) as books:
        page = page_of(books.db, replace(BOOKS, aggregates=frozenset()), {"computed_fields": {"x": "?"}}, SETTINGS)
    assert page.computed == [{}, {}, {}]
