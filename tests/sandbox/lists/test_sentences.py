"""The readable spelling: what each form becomes in the JSON spelling, and where a text stops making sense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from importer.sandbox.lists.sentences import tree_of_sentence
from importer.sandbox.wire.answers import ApiError


def leaf(field: str, op: str, value: Any = ...) -> dict[str, Any]:
    return {"field": field, "op": op} if value is ... else {"field": field, "op": op, "value": value}


A, B, C = leaf("a", "eq", "1"), leaf("b", "eq", "2"), leaf("c", "eq", "3")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a eq 1", A),
        ('a="1"', A),
        ("a = '1'", A),
        ("\n a\teq\n1 ", A),
        ("a EQ 1 AND b eq 2", {"and": [A, B]}),
        ("a=1 or b=2 and c=3", {"or": [A, {"and": [B, C]}]}),
        ("a=1 and b=2 or c=3", {"or": [{"and": [A, B]}, C]}),
        ("(a=1 or b=2) and c=3", {"and": [{"or": [A, B]}, C]}),
        ("a != 1", leaf("a", "ne", "1")),
        ("a<1", leaf("a", "lt", "1")),
        ("a<=1", leaf("a", "lte", "1")),
        ("a>1", leaf("a", "gt", "1")),
        ("a>=1", leaf("a", "gte", "1")),
        ("a in ['x',\"y\", z]", leaf("a", "in", ["x", "y", "z"])),
        ("a nin (x)", leaf("a", "nin", ["x"])),
        ("a notin []", leaf("a", "notin", [])),
        ("a eq [x]", leaf("a", "eq", ["x"])),
        ("a is null", leaf("a", "isnull")),
        ("a IS NOT NULL", leaf("a", "isnotnull")),
        ("a isnull and b notnull", {"and": [leaf("a", "isnull"), leaf("b", "notnull")]}),
        ("a eq null", leaf("a", "eq", None)),
        ("a eq 'null'", leaf("a", "eq", "null")),
        ("a eq today-30d", leaf("a", "eq", "today-30d")),
        ("a.b-c:string eq 12.50", leaf("a.b-c:string", "eq", "12.50")),
        ("a eq ''", leaf("a", "eq", "")),
        (r"a eq 'it\'s'", leaf("a", "eq", "it's")),
        ('a eq "it\'s"', leaf("a", "eq", "it's")),
        (r'a eq "\"\\\n"', leaf("a", "eq", r'"\\n'.replace(r"\\", "\\" + "\\", 1))),
        ("a eq ' or b eq '", leaf("a", "eq", " or b eq ")),
        ("and eq or", leaf("and", "eq", "or")),
        ("a any", leaf("a", "any", [])),
        ("a none (b=2) or c=3", {"or": [leaf("a", "none", [B]), C]}),
        ("a all (b=2 or c=3)", leaf("a", "all", [{"or": [B, C]}])),
        ("a count >= 2", leaf("a", "count", {"op": "gte", "value": "2", "where": []})),
        ("a count (b=2) in [1]", leaf("a", "count", {"op": "in", "value": ["1"], "where": [B]})),
    ],
)
def test_a_sentence_becomes_a_tree(text: str, tree: Any) -> None:
    assert tree_of_sentence(text) == tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "character 1: a field expected, the end found"),
        ("a", "character 2: an operator expected, the end found"),
        ("a eq", "character 5: a value expected, the end found"),
        ("a eq 1 2", "character 8: and, or, or the end expected, `2` found"),
        ("a eq 1 and", "character 11: a field expected"),
        ("or a eq 1", "character 9: and, or, or the end expected"),
        ("(a eq 1", "character 8: ) expected, the end found"),
        ("a eq 1)", "character 7: and, or, or the end expected, `)` found"),
        ("a eq (1)", "character 6: a value expected, `(` found"),
        ("a eq 'it''s'", "character 10: and, or, or the end expected, `s` found"),
        ("a eq 'x", "character 6 on: is a quote left open?"),
        ("a eq 1 ! b", "character 8 on"),
        ("a <> 1", "character 4: a value expected, `>` found"),
        ("a == 1", "character 4: a value expected"),
        ("'a' eq 1", "character 1: a field expected, `a` found"),
        ("a 'eq' 1", "character 3: an operator expected"),
        ("a is 1", "character 6: null expected, `1` found"),
        ("a is not 1", "character 10: null expected"),
        ("a not in [1]", "character 10: and, or"),
        ("a in 1", "character 6: a list in brackets expected, `1` found"),
        ("a in [1,]", "character 9: a value expected, `]` found"),
        ("a in [1 2]", "character 9: , expected, `2` found"),
        ("a in [1)", "character 8: , expected, `)` found"),
        ("a in [[1]]", "character 7: a value expected, `[` found"),
        ("a eq [[[[", "character 7: a value expected"),
        ("a any (b=1", "character 11: ) expected"),
        ("a count", "character 8: an operator expected"),
    ],
)
def test_what_makes_no_sense_is_a_400_that_says_where(text: str, message: str) -> None:
    with pytest.raises(ApiError, match=r"^400 ") as caught:
        tree_of_sentence(text)
    assert message in caught.value.message


_PIECES = [
    "a",
    "eq",
    "and",
    "or",
    "in",
    "is",
    "not",
    "null",
    "any",
    "count",
    "(",
    ")",
    "[",
    "]",
    ",",
    "=",
    "<=",
    "'",
    '"x"',
    "1",
]


@given(st.text() | st.lists(st.sampled_from(_PIECES)).map(" ".join))
def test_any_text_is_a_tree_or_a_400(text: str) -> None:
    tree, status = None, 200
    try:
        tree = tree_of_sentence(text)
    except ApiError as error:
        status = error.status
    assert isinstance(tree, dict) or status == 400


@given(st.text())
def test_any_text_can_be_quoted(text: str) -> None:
    for quote in ("'", '"'):
        escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
        assert tree_of_sentence(f"a eq {quote}{escaped}{quote}") == leaf("a", "eq", text)
