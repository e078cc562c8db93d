"""Reading YAML: places, spellings, and every way a file can be no YAML."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from importer.mapping.tree import Flaw, Tree, Unquoted, parse


def tree_of(text: str) -> Tree:
    tree, problems = parse(text)
    assert tree is not None
    assert problems == []
    return tree


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        pytest.param("NO", "NO", id="Norway"),
        pytest.param("yes", "yes", id="yes is text"),
        pytest.param("on", "on", id="on is text"),
        pytest.param("12:30", "12:30", id="a time is text"),
        pytest.param("true", True, id="true"),
        pytest.param("False", False, id="false"),
        pytest.param("~", None, id="null"),
        pytest.param("0", 0, id="zero"),
        pytest.param("-12", -12, id="a whole number"),
        pytest.param("1.5", 1.5, id="a fraction"),
        pytest.param("2024-01-02", dt.date(2024, 1, 2), id="a date"),
        pytest.param("'0123'", "0123", id="quoted"),
        pytest.param("0123", Unquoted("0123"), id="leading zero"),
        pytest.param("0x1F", Unquoted("0x1F"), id="hexadecimal"),
        pytest.param("1.50", Unquoted("1.50"), id="trailing zero"),
        pytest.param("1e5", Unquoted("1e5"), id="exponent"),
        pytest.param("1_000", Unquoted("1_000"), id="underscore"),
        pytest.param("12345678901234567890", Unquoted("12345678901234567890"), id="too many digits"),
        pytest.param("2024-01-02 10:00:00", Unquoted("2024-01-02 10:00:00"), id="date and time"),
        pytest.param("2024-02-31", Unquoted("2024-02-31"), id="no such day"),
        pytest.param(".nan", Unquoted(".nan"), id="not a number"),
    ],
)
def test_scalars_keep_what_they_say(scalar: str, value: object) -> None:
    data = tree_of(f"a: {scalar}").data
    assert data == {"a": value}
    assert isinstance(data, dict)
    assert type(data["a"]) is type(value)


def test_every_part_has_its_place() -> None:
    tree = tree_of("a:\n  b: [x, {c: 1}]\n  d:\n")
    assert tree.place(("a",)) == (1, 1)
    assert tree.place(("a", "b", 0)) == (2, 7)
    assert tree.place(("a", "b", 1, "c")) == (2, 14)
    assert tree.place(("a", "b", 1, "c"), on_key=True) == (2, 11)
    assert tree.place(("a", "d")) == (3, 3)


def test_a_part_that_is_not_there_has_the_place_of_what_should_hold_it() -> None:
    tree = tree_of("a:\n  b: x\n")
    assert tree.place(("a", "b", "from")) == (2, 6)
    assert tree.place(("a", "z"), on_key=True) == (1, 1)
    assert tree.problem(Flaw(("nowhere",), "why")).line == 1


def test_an_anchor_set_again_is_no_warning() -> None:
    assert tree_of("a: &x 1\nb: &x 2\nc: *x\n").data == {"a": 1, "b": 2, "c": 2}


def test_an_alias_is_read_as_what_it_stands_for() -> None:
    assert tree_of("a: &x {k: v}\nb: *x\n").data == {"a": {"k": "v"}, "b": {"k": "v"}}


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        pytest.param("", (1, 1), "empty", id="empty"),
        pytest.param("# only a comment\n", (1, 1), "empty", id="only a comment"),
        pytest.param("a: [", (1, 5), "no YAML", id="open bracket"),
        pytest.param("a:\n\tb: 1", (2, 1), "no YAML", id="tab"),
        pytest.param("a: 1\n---\nb: 2\n", (2, 1), "no YAML", id="two documents"),
        pytest.param("a: *x", (1, 4), "no YAML", id="unknown alias"),
        pytest.param("a: b\nc: \x00", (2, 4), "no YAML", id="control character"),
        pytest.param("[" * 5000, (1, 1), "nested too deeply", id="deep", marks=pytest.mark.slow),
    ],
)
def test_text_that_is_no_yaml_says_where(text: str, place: tuple[int, int], why: str) -> None:
    tree, problems = parse(text)
    assert tree is None
    assert [(problem.line, problem.column) for problem in problems] == [place]
    assert why in problems[0].message


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", (3, 1), "stands here twice, first in line 1", id="key twice"),
        pytest.param("0123: x", (1, 1), 'in quotes: "0123"', id="number as key"),
        pytest.param("~: x", (1, 1), "in quotes", id="null as key"),
        pytest.param("? [a]\n: b", (1, 3), "cannot be a key", id="list as key"),
        pytest.param("a: &x {k: v}\nb:\n  <<: *x\n", (3, 3), "merging", id="merge"),
        pytest.param("a: !foo b", (1, 4), "!foo", id="tag of a scalar"),
        pytest.param("a: !!set {b, c}", (1, 4), "!!set", id="tag of a collection"),
        pytest.param("a: &x\n  - *x\n", (1, 4), "endless", id="circle"),
    ],
)
def test_yaml_that_the_language_does_not_use_is_a_problem(text: str, place: tuple[int, int], why: str) -> None:
    _, problems = parse(text)
    assert (problems[0].line, problems[0].column) == place
    assert why in problems[0].message


@pytest.mark.slow
def test_aliases_of_aliases_do_not_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    _, problems = parse("\n".join(lines))
    assert "endless" in problems[0].message


@given(st.text())
def test_any_text_gives_a_tree_or_placed_problems(text: str) -> None:
    tree, problems = parse(text)
    assert tree is not None or problems
    assert all(problem.line and problem.column for problem in problems)
