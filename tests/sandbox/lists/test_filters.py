"""Filters: every kind of field with its operators, relations, custom fields, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox.ids import Thing, public_id
from importer.sandbox.lists.fragments import Fragment
from importer.sandbox.lists.resource import Field, FieldKind
from importer.sandbox.wire.answers import ApiError
from tests.sandbox.lists.library import Book, Library, Loan, library

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOKS = (
    Book(
        "Straße",
        1,
        True,
        "2026-05-13T00:00:00+00:00",
        4.5,
        12.5,
        "novel",
        "A",
        custom={"n": 10, "ok": True, "d": "2026-05-01"},
    ),
    Book(
        "STRASSE",
        2,
        False,
        "2026-05-13T23:59:59+00:00",
        5,
        12.0,
        "essay",
        "b",
        custom={"n": 9, "ok": False, "größe": "L"},
    ),
    Book("100% [a]*?", None, None, "2026-05-14", None, 0.1, "atlas", custom={"n": "10", "ok": None, "list": ["x"]}),
    Book(None, 2, True, None, -1, None, None, loans=(Loan("Ada", 1.5, 3, "2026-05-10"), Loan("Bo", 2, 30))),
    Book("a_b", 1, False, "2026-05-11T00:00:00Z", 0, 1250, loans=(Loan("ADA", None, 1),)),
    Book("gone", 1, deleted_at="2026-01-01T00:00:00+00:00"),
)


@pytest.fixture
def books() -> Iterator[Library]:
    with library(*BOOKS) as books:
        yield books


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("title eq 'strasse'", "12", id="folded as Unicode folds"),
        pytest.param("title = STRASSE", "12", id="a bare word"),
        pytest.param("title ne 'strasse'", "35", id="ne does not match null"),
        pytest.param("title != strasse", "35", id="another spelling of ne"),
        pytest.param("title in ['straße', 'A_B']", "125", id="in"),
        pytest.param("title IN ('straße')", "12", id="round brackets"),
        pytest.param("title in []", "", id="in nothing"),
        pytest.param("title nin []", "12345", id="not in nothing"),
        pytest.param("title notin ['straße']", "35", id="notin does not match null"),
        pytest.param("title contains '% [A]*'", "3", id="contains takes signs as they are"),
        pytest.param("title startswith '100'", "3", id="startswith"),
        pytest.param("title startswith 's'", "12", id="startswith in any case"),
        pytest.param("title endswith '*?'", "3", id="endswith"),
        pytest.param("title like 'a_b'", "5", id="like, any sign"),
        pytest.param("title like '%[a]%'", "3", id="like, brackets are brackets"),
        pytest.param(r"title like 'a\\_b'", "5", id="like, the sign itself"),
        pytest.param(r"title like '100\\%%'", "3", id="like, percent itself"),
        pytest.param("title like 'a'", "", id="like is the whole"),
        pytest.param(r"title like 'gone\\'", "", id="like, a backslash at the end"),
        pytest.param("title is null", "4", id="is null"),
        pytest.param("title IS NOT NULL", "1235", id="is not null"),
        pytest.param("title isnull", "4", id="isnull"),
        pytest.param("title isnotnull", "1235", id="isnotnull"),
        pytest.param("title notnull", "1235", id="notnull"),
        pytest.param("owner.name eq ada", "15", id="of what it refers to"),
        pytest.param("owner.id eq 2", "24", id="id"),
        pytest.param("owner.id = me.id", "24", id="me.id"),
        pytest.param("owner.id ne 2", "15", id="id ne"),
        pytest.param("owner.id ne 2x", "1245", id="what is no id is nobody's"),
        pytest.param("owner.id in [1, me.id]", "1245", id="id in"),
        pytest.param("owner.id isnull", "3", id="id isnull"),
        pytest.param("lent eq true", "14", id="boolean"),
        pytest.param("lent ne 1", "25", id="boolean ne"),
        pytest.param("lent is null", "3", id="boolean isnull"),
        pytest.param("rating gt 0", "12", id="gt"),
        pytest.param("rating >= 4.5", "12", id="gte"),
        pytest.param("rating ge 5", "2", id="ge"),
        pytest.param("rating < 0", "4", id="lt"),
        pytest.param("rating lte 0", "45", id="lte"),
        pytest.param("rating <= -1", "4", id="another spelling of lte"),
        pytest.param("rating eq 5.0", "2", id="numbers, not texts"),
        pytest.param("rating in [5, '-1']", "24", id="number in"),
        pytest.param("rating gt 99999999999999999999999", "", id="a number beyond 64 bits"),
        pytest.param("price eq 12.50", "1", id="currency"),
        pytest.param("price contains '2.5'", "1", id="currency as text has two decimals"),
        pytest.param("price startswith 12", "125", id="currency startswith"),
        pytest.param("price endswith '.00'", "25", id="currency endswith"),
        pytest.param("price like '%.10'", "3", id="currency like"),
        pytest.param("kind eq novel", "1", id="enum"),
        pytest.param("kind nin [novel, essay]", "3", id="enum nin"),
        pytest.param("shelf eq a", "", id="enum, exactly"),
        pytest.param("bought_at eq today", "12", id="today is the whole day"),
        pytest.param("bought_at eq 2026-05-13", "12", id="a date is the whole day"),
        pytest.param("bought_at ne today", "35", id="another day"),
        pytest.param("bought_at in [today, '2026-05-14']", "123", id="days"),
        pytest.param("bought_at in ['2026-05-13T23:59:59Z', 2026-05-14]", "23", id="days and instants"),
        pytest.param("bought_at nin [today]", "35", id="no day"),
        pytest.param("bought_at nin []", "1235", id="nin nothing is any date"),
        pytest.param("bought_at gt today", "23", id="after the beginning of the day"),
        pytest.param("bought_at gte today", "123", id="from the day on"),
        pytest.param("bought_at lt today+1d", "125", id="until a day"),
        pytest.param("bought_at lte today-2d", "5", id="days ago"),
        pytest.param("bought_at eq '2026-05-13T02:00:00+02:00'", "1", id="an instant of another zone"),
        pytest.param("bought_at eq '2026-05-13 23:59:59'", "2", id="an instant without a zone"),
        pytest.param("bought_at lt now", "15", id="now"),
        pytest.param("bought_at gte sow", "1235", id="start of week"),
        pytest.param("bought_at gt eow", "", id="end of week"),
        pytest.param("bought_at is null", "4", id="date isnull"),
        pytest.param("custom_fields.n gte 10", "13", id="custom, as stored"),
        pytest.param("custom_fields.n lt 10", "2", id="custom, numbers as numbers"),
        pytest.param("custom_fields.n eq '10'", "13", id="custom eq"),
        pytest.param("custom_fields.n eq 10.0", "1", id="custom eq number"),
        pytest.param("custom_fields.n ne 10", "2", id="custom ne"),
        pytest.param("custom_fields.n ne x", "123", id="custom, what is no number is different"),
        pytest.param("custom_fields.n gt x", "", id="custom, what is no number is not less"),
        pytest.param("custom_fields.n in [9, 10, x]", "123", id="custom in"),
        pytest.param("custom_fields.n nin [9]", "13", id="custom nin"),
        pytest.param("custom_fields.n in []", "", id="custom in nothing"),
        pytest.param("custom_fields.n like '1_'", "13", id="custom like"),
        pytest.param("custom_fields.ok eq true", "1", id="custom boolean"),
        pytest.param("custom_fields.ok ne 1", "2", id="custom boolean ne"),
        pytest.param("custom_fields.ok gt 0", "", id="custom boolean is not more"),
        pytest.param("custom_fields.ok notnull", "12", id="custom null is null"),
        pytest.param("custom_fields.ok is null", "345", id="custom absent is null"),
        pytest.param("custom_fields.größe eq l", "2", id="any slug"),
        pytest.param("custom_fields.d lt today", "1", id="custom date"),
        pytest.param("custom_fields.d gt now", "", id="custom instant"),
        pytest.param("custom_fields.list contains x", "3", id="custom, neither text nor number"),
        pytest.param("loans any", "45", id="any at all"),
        pytest.param("loans none", "123", id="none at all"),
        pytest.param("loans all", "12345", id="all, of nothing"),
        pytest.param("loans any (reader eq ada and days gt 2)", "4", id="any"),
        pytest.param("loans none (reader eq bo)", "1235", id="none"),
        pytest.param("loans all (reader eq ada)", "1235", id="all"),
        pytest.param("loans all (fee notnull)", "1234", id="all with null"),
        pytest.param("loans all (fee gt 0)", "1234", id="what is not true of null is not true of all"),
        pytest.param("loans count >= 2", "4", id="count"),
        pytest.param("loans COUNT (reader eq ada) eq 1", "45", id="count where"),
        pytest.param("loans count in [1, 2]", "45", id="count in"),
        pytest.param("loans any (at lt today)", "4", id="any, date"),
        pytest.param("archived eq with", "123456", id="with archived"),
        pytest.param("archived eq only", "6", id="only archived"),
        pytest.param("archived eq without and lent eq true", "14", id="without archived"),
        pytest.param("lent eq true or archived eq only", "146", id="archived as one of two"),
        pytest.param("title eq x or lent eq true and rating lt 0", "4", id="and binds tighter"),
        pytest.param("(title eq a_b or lent eq true) and rating lt 1", "45", id="brackets"),
        pytest.param("((lent eq true))", "14", id="brackets for nothing"),
        pytest.param("code eq x", "", id="operators of its own"),
    ],
)
def test_a_sentence_chooses(books: Library, sentence: str, expected: str) -> None:
    assert books.ids(sentence) == [int(sign) for sign in expected]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("title eq 'strasse'", ""),
        ("title eq 'STRASSE'", "2"),
        ("title contains 'RA'", "2"),
        ("title like 'str%'", ""),
        ("title in ['a_b', 'A_B']", "5"),
        ("custom_fields.größe eq l", ""),
        ("custom_fields.größe eq L", "2"),
    ],
)
def test_case_can_count(books: Library, sentence: str, expected: str) -> None:
    assert books.ids(sentence, case_sensitive=True) == [int(sign) for sign in expected]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param([], "12345", id="nothing"),
        pytest.param({"and": []}, "12345", id="and of nothing"),
        pytest.param({"or": []}, "", id="or of nothing"),
        pytest.param({"field": "lent", "op": "NEQ", "value": "TRUE"}, "25", id="a bare condition"),
        pytest.param({"field": "title", "op": "eq", "value": 5}, "", id="a number for a text"),
        pytest.param({"field": "owner.id", "op": "in", "value": [1, "2"]}, "1245", id="ids as numbers"),
        pytest.param({"field": "loans", "op": "any"}, "45", id="any without a value"),
        pytest.param(
            {"field": "loans", "op": "any", "value": {"field": "days", "op": "gt", "value": 3}}, "4", id="any"
        ),
        pytest.param({"field": "loans", "op": "count", "value": 1}, "5", id="count, a bare number"),
        pytest.param({"field": "loans", "op": "count", "value": {"op": "le", "value": 1}}, "1235", id="count with op"),
        pytest.param(
            {
                "field": "loans",
                "op": "count",
                "value": {"op": "ge", "value": 1, "where": [{"field": "fee", "op": "isnull"}]},
            },
            "5",
            id="count with where",
        ),
        pytest.param({"field": "custom_fields.ok", "op": "eq", "value": True}, "1", id="custom boolean"),
        pytest.param([{"or": [[{"field": "lent", "op": "isnull"}], {"and": []}]}], "12345", id="nested"),
    ],
)
def test_a_tree_chooses(books: Library, tree: Any, expected: str) -> None:
    assert books.ids(tree) == [int(sign) for sign in expected]


def test_the_form_spelling_is_the_same_tree(books: Library) -> None:
    form = {
        "or": {
            "0": {"field": "lent", "op": "isnull"},
            "1": {"field": "title", "op": "in", "value": {"0": "a_b", "1": "x"}},
        }
    }
    assert [row["id"] for row in books.page({"filter": form}).rows] == [3, 5]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("nothing eq 1", "Requested filter(s) `nothing` are not allowed.", id="unknown field"),
        pytest.param("custom_fields. eq 1", "Requested filter(s) `custom_fields.` are not allowed.", id="no slug"),
        pytest.param("lent.x eq 1", "Requested filter(s) `lent.x` are not allowed.", id="unknown member"),
        pytest.param(
            "lent contains 1", "operator `contains` is not allowed for the filter `lent`", id="boolean contains"
        ),
        pytest.param("lent in [true]", "operator `in` is not allowed", id="boolean in"),
        pytest.param("lent eq maybe", "takes true or false, which `maybe` is not", id="no boolean"),
        pytest.param("title gt a", "operator `gt` is not allowed", id="text gt"),
        pytest.param("title bogus a", "operator `bogus` is not allowed", id="unknown operator"),
        pytest.param("title eq null", "needs one value", id="eq null"),
        pytest.param("title eq [a]", "needs one value", id="eq a list"),
        pytest.param([{"field": "title", "op": "in", "value": "a"}], "needs a list", id="in without a list"),
        pytest.param([{"field": "title", "op": "in", "value": [None]}], "needs one value", id="null in a list"),
        pytest.param([{"field": "title", "op": "in", "value": ["a"] * 1001}], "more than 1000 values", id="long list"),
        pytest.param(f"title eq {'a' * 5001}", "more than 5000 characters", id="long value"),
        pytest.param("owner.id contains 1", "operator `contains` is not allowed", id="id contains"),
        pytest.param([{"field": "owner.id", "op": "eq", "value": True}], "takes an id", id="a boolean for an id"),
        pytest.param([{"field": "owner.id", "op": "eq", "value": 1.5}], "takes an id", id="half an id"),
        pytest.param("rating eq x", "takes a number, which `x` is not", id="no number"),
        pytest.param("rating eq nan", "takes a number", id="nan"),
        pytest.param("rating eq 1e999", "takes a number", id="infinite"),
        pytest.param(f"rating eq {'9' * 350}", "takes a number", id="too big"),
        pytest.param("rating eq 1_000", "takes a number", id="a spelling of Python's"),
        pytest.param([{"field": "rating", "op": "eq", "value": True}], "takes a number", id="a boolean for a number"),
        pytest.param("rating contains 1", "operator `contains` is not allowed", id="float contains"),
        pytest.param("kind eq poem", "takes one of atlas, essay, novel", id="not of the enum"),
        pytest.param("kind isnull", "operator `isnull` is not allowed", id="enum isnull"),
        pytest.param("code ne x", "operator `ne` is not allowed", id="not one of its own operators"),
        pytest.param("bought_at eq soon", "takes a date, which `soon` is not", id="no date"),
        pytest.param("bought_at eq 2026-02-30", "takes a date", id="no such day"),
        pytest.param("bought_at gt 'today+99999999999d'", "takes a date", id="hostile offset"),
        pytest.param("bought_at gt today+9999999d", "takes a date", id="offset beyond the years"),
        pytest.param("bought_at gt today-9999999d", "takes a date", id="offset before the years"),
        pytest.param("bought_at eq '9999-12-31T23:59:59-14:00'", "takes a date", id="beyond the years in UTC"),
        pytest.param("bought_at contains 2026", "operator `contains` is not allowed", id="date contains"),
        pytest.param([{"field": "bought_at", "op": "eq", "value": 5}], "takes a date", id="a number for a date"),
        pytest.param("archived ne only", "takes the operator eq only", id="archived ne"),
        pytest.param("archived eq yes", "takes with, only or without", id="unknown archived"),
        pytest.param("archived eq WITH", "takes with, only or without", id="archived in capitals"),
        pytest.param(
            [{"field": "archived", "op": "eq", "value": 1}], "takes with, only or without", id="archived number"
        ),
        pytest.param("loans eq 1", "The relation `loans` takes any, none, all and count", id="relation eq"),
        pytest.param("loans any (title eq x)", "`title` are not allowed", id="not the relation's"),
        pytest.param("loans any (archived eq with)", "`archived` are not allowed", id="archived in a relation"),
        pytest.param(
            "loans any (custom_fields.n eq 1)", "`custom_fields.n` are not allowed", id="custom in a relation"
        ),
        pytest.param("loans any (loans any)", "`loans` are not allowed", id="relation in a relation"),
        pytest.param("loans count gte x", "takes a number", id="count of no number"),
        pytest.param("loans count contains 1", "operator `contains` is not allowed", id="count contains"),
        pytest.param([{"field": "loans", "op": "count"}], "takes a number", id="count of nothing"),
        pytest.param([{"field": "loans", "op": "count", "value": {"value": 1}}], "needs `op`", id="count without op"),
        pytest.param(
            [{"field": "loans", "op": "any", "value": "x"}], "A filter is a list of conditions", id="any of a text"
        ),
        pytest.param([{"field": "title"}], "needs `op`", id="no operator"),
        pytest.param([{"op": "eq"}], "needs `field`", id="no field"),
        pytest.param([{"field": ["title"], "op": "eq"}], "needs `field`", id="a list for a field"),
        pytest.param([{"field": {}, "op": "eq"}], "needs `field`", id="a map for a field"),
        pytest.param([{"field": "title", "op": ["eq"], "value": 1}], "needs `op`", id="a list for an operator"),
        pytest.param([{"field": "loans", "op": "count", "value": {"op": {}}}], "needs `op`", id="a map for a count's"),
        pytest.param([5], "A filter is a list of conditions", id="no condition"),
        pytest.param([{"and": [], "or": []}], "needs `field`", id="and beside or"),
        pytest.param("[" * 5000, "not valid JSON", id="deep text"),
        pytest.param("[" * 30 + "]" * 30, "nested too deeply", id="deep lists"),
        pytest.param("(" * 30 + "lent eq true" + ")" * 30, "nested too deeply", id="deep brackets"),
        pytest.param("(" * 5000, "nested too deeply", id="open brackets"),
        pytest.param("[1e", "not valid JSON", id="half JSON"),
        pytest.param('[{"field":"title","op":"eq","value":NaN}]', "not valid JSON", id="NaN"),
        pytest.param('[{"field":"title","op":"eq","value":"\\ud800"}]', "not valid JSON", id="half a pair"),
        pytest.param(" and ".join(["lent eq true"] * 201), "more than 200 conditions", id="many conditions"),
        pytest.param(
            " or ".join(["loans any"] * 21), "more than 200 conditions; one on a relation", id="many relations"
        ),
        pytest.param(" or ".join(["loans count gt 5"] * 20), "", id="many relations, but allowed"),
        pytest.param("title in [" + ",".join(["a"] * 1000) + "]" + " or title eq 'b'" * 4, "", id="long, but allowed"),
        pytest.param(
            " or ".join(["title in [" + ",".join(["a"] * 1000) + "]"] * 6), "too many values", id="many values"
        ),
        pytest.param("a" * 50_001, "too long", id="a long text"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_what(books: Library, given: Any, message: str) -> None:
    if not message:
        assert books.ids(given) == []
        return
    with pytest.raises(ApiError, match=r"^400 ") as caught:
        books.ids(given)
    assert message in caught.value.message


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param([{"field": "bought_at", "op": "in", "value": ["2026-05-13", "today", "now"] * 333}], id="dates"),
        pytest.param([{"field": "custom_fields.n", "op": "nin", "value": [7, "true", "x"] * 333}], id="custom values"),
        pytest.param([{"field": "owner.id", "op": "in", "value": list(range(1000))}], id="ids"),
        pytest.param([{"or": [{"field": "title", "op": "like", "value": "a" * 5000}] * 200}], id="long patterns"),
        pytest.param([[[[[[[[[[[[[[{"field": "loans", "op": "any", "value": []}]]]]]]]]]]]]]], id="deep"),
        pytest.param([{"field": "title", "op": "like", "value": "%s_" * 1600}], id="many wildcards"),
        pytest.param([[]] * 5000, id="many empty lists"),
    ],
)
def test_what_is_just_within_the_bounds_is_answered(books: Library, tree: Any) -> None:
    assert len(books.ids(tree)) <= 5


def test_the_deepest_filter_is_within_what_the_database_parses(books: Library) -> None:
    tree: Any = {"field": "loans", "op": "all", "value": [{"or": [{"field": "days", "op": "gt", "value": 0}] * 2}]}
    for word in ("and", "or") * 6:
        tree = {word: [tree, {"field": "custom_fields.n", "op": "isnull"}]}
    assert 4 in books.ids([tree])
    with pytest.raises(ApiError, match="too deeply"):
        books.ids([[[[[tree]]]]])


def test_only_the_custom_fields_of_the_space_can_be_asked(books: Library) -> None:
    known = frozenset({"größe"})
    assert books.ids("custom_fields.größe eq L", custom_fields=known) == [2]
    with pytest.raises(ApiError, match=r"`custom_fields\.n`"):
        books.ids("custom_fields.n eq 10", custom_fields=known)


def test_ids_are_asked_for_as_the_api_writes_them(books: Library) -> None:
    sent = [{"field": "owner.id", "op": "eq", "value": public_id(2, Thing.USER, "uuid")}]
    assert books.ids(sent, ids="uuid") == [2, 4]
    other = [{"field": "owner.id", "op": "eq", "value": public_id(2, Thing.CLIENT, "uuid")}]
    assert books.ids(other, ids="uuid") == []
    assert books.ids("owner.id eq 2", ids="uuid") == []
    assert books.ids("owner.id eq me.id", ids="uuid") == [2, 4]


def test_a_fixed_condition_comes_before_any_filter(books: Library) -> None:
    where = Fragment("b.owner_id = ?", (2,))
    query = {"filter": json.dumps({"or": [{"field": "lent", "op": "isnull"}, {"field": "lent", "op": "notnull"}]})}
    assert [row["id"] for row in books.page(query, where=where).rows] == [2, 4]


@pytest.mark.parametrize(("kind", "of"), [(FieldKind.ID, None), (FieldKind.STRING, Thing.USER)])
def test_a_field_is_an_id_of_something_or_none_at_all(kind: FieldKind, of: Thing | None) -> None:
    with pytest.raises(ValueError, match=r"b\.owner_id: an id, and nothing else, is of a thing"):
        Field(kind, "b.owner_id", of=of)
