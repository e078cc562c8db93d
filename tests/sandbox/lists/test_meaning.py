"""Filters mean what plain Python says they mean, in whichever spelling; any text at all gets an answer."""

from __future__ import annotations

import base64
import json
import operator
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, strategies as st

from importer.sandbox.wire.answers import ApiError
from tests.sandbox.lists.library import Book, Library, Loan, library

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = ["", "a", "A", "ab", "Straße", "strasse", "50%", "a_b", "[x]", "*", "it's", '"', "\\", "null", "5", "true"]
NUMBERS = [-1, 0, 0.5, 1, 2, 12.5]
DAYS = ["2026-05-11", "2026-05-13", "2026-05-14"]
TIMES = ["T00:00:00+00:00", "T12:00:00+00:00"]

_loans = st.builds(
    Loan,
    reader=st.none() | st.sampled_from(TEXTS),
    fee=st.none() | st.sampled_from(NUMBERS),
    days=st.none() | st.integers(0, 3),
    at=st.none() | st.sampled_from(DAYS),
)
_custom_values = st.sampled_from([*TEXTS, *NUMBERS, True, False, None])
_books = st.builds(
    Book,
    title=st.none() | st.sampled_from(TEXTS),
    owner_id=st.none() | st.integers(1, 2),
    lent=st.none() | st.booleans(),
    bought_at=st.none() | st.builds(str.__add__, st.sampled_from(DAYS), st.sampled_from(TIMES)),
    rating=st.none() | st.sampled_from(NUMBERS),
    custom=st.dictionaries(st.just("n"), _custom_values),
    deleted_at=st.none() | st.just("2026-05-01T00:00:00+00:00"),
    loans=st.lists(_loans, max_size=2).map(tuple),
)


def _leaves(field: str, values: st.SearchStrategy[Any], *, order: bool = False, text: bool = False) -> Any:
    single = ["eq", "ne", "neq", "NE"]
    single += ["lt", "lte", "le", "gt", "gte", "ge"] if order else []
    single += ["contains", "like", "startswith", "endswith"] if text else []
    return st.one_of(
        st.builds(lambda op, value: {"field": field, "op": op, "value": value}, st.sampled_from(single), values),
        st.builds(
            lambda op, items: {"field": field, "op": op, "value": items},
            st.sampled_from(["in", "nin", "notin"]),
            st.lists(values, max_size=3),
        ),
        st.builds(lambda op: {"field": field, "op": op}, st.sampled_from(["isnull", "isnotnull", "notnull"])),
    )


_texts = st.sampled_from([*TEXTS, "%", "_", "a%", "%b", "\\%%", "S%SE"])
_numbers = st.sampled_from(NUMBERS).map(str)
_days = st.sampled_from(DAYS)
_loan_leaves = st.one_of(
    _leaves("reader", _texts, text=True),
    _leaves("days", st.integers(0, 3).map(str), order=True),
    _leaves("at", _days, order=True),
)
_relations = st.one_of(
    st.builds(
        lambda op, where: {"field": "loans", "op": op, "value": where},
        st.sampled_from(["any", "none", "all"]),
        st.lists(_loan_leaves, max_size=1),
    ),
    st.builds(
        lambda op, value, where: {"field": "loans", "op": "count", "value": {"op": op, "value": value, "where": where}},
        st.sampled_from(["eq", "ne", "lt", "gte"]),
        st.integers(0, 2).map(str),
        st.lists(_loan_leaves, max_size=1),
    ),
)
_booleans = st.builds(
    lambda op, value: {"field": "lent", "op": op, "value": value},
    st.sampled_from(["eq", "ne"]),
    st.sampled_from(["true", "false", "1", "0", "True"]),
)
_archived = st.builds(
    lambda value: {"field": "archived", "op": "eq", "value": value}, st.sampled_from(["with", "only", "without"])
)
_any_leaf = st.one_of(
    _leaves("title", _texts, text=True),
    _leaves("owner.id", st.sampled_from(["1", "2", "3", "me.id", "x"])),
    _leaves("rating", _numbers, order=True),
    _leaves("bought_at", _days, order=True),
    _leaves("custom_fields.n", _texts | _numbers, order=True, text=True),
    _booleans,
    _archived,
    _relations,
)
_trees = st.recursive(
    _any_leaf,
    lambda inner: st.builds(
        lambda word, items: {word: items}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)

_SYNONYMS = {"neq": "ne", "notin": "nin", "notnull": "isnotnull", "le": "lte", "ge": "gte"}


def _matches(pattern: str, text: str) -> bool:
    r"""SQL's LIKE with \ as the escape, the slow and plain way."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return _matches(pattern[1:], text) or (bool(text) and _matches(pattern, text[1:]))
    if pattern[0] == "\\" and len(pattern) > 1:
        return text[:1] == pattern[1] and _matches(pattern[2:], text[1:])
    return bool(text) and pattern[0] in ("_", text[0]) and _matches(pattern[1:], text[1:])


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "like": lambda stored, value: _matches(value, stored),
}


def _compare(op: str, stored: Any, value: Any) -> bool:
    return _OPERATORS[op](stored, value)


def _custom(op: str, stored: Any, value: str) -> bool:
    if op in ("contains", "startswith", "endswith", "like"):
        text = str(int(stored)) if isinstance(stored, bool) else str(stored)
        return _compare(op, text.casefold(), value.casefold())
    if isinstance(stored, str):
        return _compare(op, stored.casefold(), value.casefold())
    if isinstance(stored, bool):
        truth = {"true": True, "1": True, "false": False, "0": False}.get(value.casefold())
        return (
            op == "ne" if truth is None and op in ("eq", "ne") else op in ("eq", "ne") and _compare(op, stored, truth)
        )
    try:
        return _compare(op, stored, float(value))
    except ValueError:
        return op == "ne"


def _date(op: str, stored: str, value: str) -> bool:
    if op in ("eq", "ne"):
        return _compare(op, stored[:10], value)
    return _compare(op, f"{stored}T00:00:00"[:19], f"{value}T00:00:00")


_READERS: dict[str, Callable[[str, Any, Any], bool]] = {
    "custom_fields.n": _custom,
    "bought_at": _date,
    "at": _date,
    "rating": lambda op, stored, value: _compare(op, stored, float(value)),
    "days": lambda op, stored, value: _compare(op, stored, float(value)),
    "owner.id": lambda op, stored, value: _compare(op, str(stored), "2" if value == "me.id" else value),
    "lent": lambda op, stored, value: _compare(op, stored, value.lower() in ("true", "1")),
}


def _is(field: str, op: str, stored: Any, value: Any) -> bool:
    if op in ("in", "nin"):
        return any(_is(field, "eq", stored, item) for item in value) is (op == "in")
    if field in _READERS:
        return _READERS[field](op, stored, value)
    return _compare(op, stored.casefold(), value.casefold())


def _leaf(leaf: dict[str, Any], row: Book | Loan) -> bool:
    field, op = leaf["field"], _SYNONYMS.get(leaf["op"].lower(), leaf["op"].lower())
    if field == "archived":
        return leaf["value"] == "with" or (row.deleted_at is None) is (leaf["value"] == "without")  # type: ignore[union-attr]  # no loan has it
    if field == "loans":
        return _relation(op, leaf["value"], row)  # type: ignore[arg-type]  # no loan has loans
    stored = row.custom.get("n") if field == "custom_fields.n" else getattr(row, field.replace(".", "_"))  # type: ignore[union-attr]  # no loan has it
    if op in ("isnull", "isnotnull"):
        return (stored is None) is (op == "isnull")
    if stored is None:
        return op == "nin" and not leaf["value"] and field not in ("custom_fields.n", "bought_at", "at")
    return _is(field, op, stored, leaf["value"])


def _relation(op: str, value: Any, book: Book) -> bool:
    where = value["where"] if op == "count" else value
    fitting = [loan for loan in book.loans if all(_leaf(leaf, loan) for leaf in where)]
    if op == "count":
        return _compare(value["op"], len(fitting), int(value["value"]))
    return {"any": bool(fitting), "none": not fitting, "all": len(fitting) == len(book.loans)}[op]


def meant(tree: Any, book: Book) -> bool:
    if "and" in tree:
        return all(meant(item, book) for item in tree["and"])
    if "or" in tree:
        return any(meant(item, book) for item in tree["or"])
    return _leaf(tree, book)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def sentence(tree: Any) -> str:
    """Write a tree in the readable spelling."""
    for word in ("and", "or"):
        if word in tree:
            return f" {word} ".join(f"({sentence(item)})" for item in tree[word])
    start, value = f"{tree['field']} {tree['op']}", tree.get("value")
    if tree["field"] == "loans":
        where = value["where"] if isinstance(value, dict) else value
        end = f" {value['op']} {value['value']}" if isinstance(value, dict) else ""
        return start + (f" ({' and '.join(map(sentence, where))})" if where else "") + end
    if isinstance(value, list):
        return f"{start} [{', '.join(map(_quoted, value))}]"
    return start if value is None else f"{start} {_quoted(value)}"


def says_archived(tree: Any) -> bool:
    return tree.get("field") == "archived" or any(
        says_archived(item) for word in ("and", "or") for item in tree.get(word, [])
    )


@given(books=st.lists(_books, max_size=5), tree=_trees)
def test_a_filter_means_what_python_says_in_both_spellings(books: list[Book], tree: Any) -> None:
    expected = [
        number
        for number, book in enumerate(books, start=1)
        if meant(tree, book) and (book.deleted_at is None or says_archived(tree))
    ]
    with library(*books) as shelf:
        assert shelf.ids(tree) == expected
        assert shelf.ids([tree]) == expected
        assert shelf.ids(sentence(tree)) == expected


SHELF = (Book("a", custom={"n": 1}, loans=(Loan("x", 1.5, 3),)), Book(None, rating=2), Book("b", 1, True))
_NAMES = ["title", "rating", "bought_at", "owner.id", "lent", "custom_fields.n", "loans", "archived", "x"]
_SIGNS = [
    "eq",
    "in",
    "any",
    "count",
    "sum",
    "and",
    "or",
    "is",
    "null",
    "like",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "-",
    "'a'",
    "5",
    "today+1d",
]
_PARTS = [*_NAMES, *_SIGNS, '{"field":"title","op":"eq","value":', '"a"}', "\\", "\x00", "\ud800"]
_words = st.lists(st.sampled_from(_PARTS), max_size=12)
_junk = st.text() | _words.map(" ".join) | _words.map("".join)
_cursors = st.builds(
    lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode(),
    st.dictionaries(
        st.sampled_from(["title", "rating", "books.id", "custom_fields.n", "_pointsToNextItems"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none()),
    ),
)


def status(books: Library, query: dict[str, Any], **settings: Any) -> int:
    try:
        books.page(query, **settings)
    except ApiError as error:
        return error.status
    return 200


@given(
    filter_=_junk | st.none(),
    sort=_junk | st.none(),
    alias=st.sampled_from(["x", "title", ""]) | st.text(),
    computed=_junk | st.sampled_from(["loans.count()", "loans.sum(days, days gt 1)", "loans.avg(x)"]),
)
@example(filter_="title like '\x00'", sort="custom_fields.\ud800", alias="x", computed="loans.count()")
@example(
    filter_="title eq '\ud800'", sort="-x,computed_fields.x", alias="x", computed="loans.count(reader eq '\ud800')"
)
@example(filter_="\ud800 eq 1", sort=None, alias="x", computed="loans.count()")
@example(filter_="custom_fields.\ud800 eq 1", sort=None, alias="x", computed="loans.count()")
def test_any_text_is_answered_or_a_400(filter_: str | None, sort: str | None, alias: str, computed: str) -> None:
    with library(*SHELF) as books:
        assert status(books, {"filter": filter_}) in (200, 400)
        assert status(books, {"sort": sort}) in (200, 400)
        assert status(books, {"computed_fields": {alias: computed}, "sort": sort, "filter": filter_}) in (200, 400)


@given(
    cursor=_junk | _cursors,
    sort=st.sampled_from([None, "title", "-rating", "title,-rating", "custom_fields.n"]),
    stable=st.booleans(),
    null=st.sampled_from(["lost", "error"]),
)
def test_any_cursor_is_answered_or_of_another_sort(cursor: str, sort: str | None, null: str, *, stable: bool) -> None:
    query = {"sort": sort, "page": {"cursor": cursor, "size": "2"}}
    with library(*SHELF) as books:
        assert status(books, query, stable_sort=stable, null_in_cursor=null) in (200, 500)


_json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([*TEXTS, "title", "loans", "eq", "any", "count"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["field", "op", "value", "where", "and", "or", "0", "1", "x"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)
_odd_leaves = st.builds(
    lambda field, op, value: {"field": field, "op": op, "value": value},
    st.sampled_from(
        ["title", "rating", "bought_at", "lent", "kind", "owner.id", "custom_fields.n", "loans", "archived"]
    ),
    st.sampled_from(["eq", "ne", "in", "nin", "lt", "like", "contains", "any", "none", "all", "count", "isnull"]),
    _json_values,
)


@given(tree=_json_values | _odd_leaves | st.lists(_odd_leaves, max_size=2))
def test_any_tree_is_answered_or_a_400(tree: Any) -> None:
    with library(*SHELF) as books:
        assert status(books, {"filter": json.dumps(tree)}) in (200, 400)
        assert status(books, {"filter": tree}) in (200, 400)
