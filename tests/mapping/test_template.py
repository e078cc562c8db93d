"""Templates: how they are cut, and how blanks go."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.mapping.template import join, parse_template


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        pytest.param("{a}", [("a", True)], id="one column"),
        pytest.param("{a} {b c}", [("a", True), (" ", False), ("b c", True)], id="two columns"),
        pytest.param("{{{a}}}", [("{", False), ("a", True), ("}", False)], id="braces around a column"),
        pytest.param("x{{y}}{a}", [("x", False), ("{", False), ("y", False), ("}", False), ("a", True)], id="braces"),
    ],
)
def test_a_template_is_cut_into_columns_and_text(template: str, parts: list[tuple[str, bool]]) -> None:
    parsed = parse_template(template)
    assert not isinstance(parsed, str)
    assert [(part.text, part.is_column) for part in parsed] == parts


@pytest.mark.parametrize(
    ("template", "why"),
    [
        pytest.param("{a", 'lone "{"', id="open"),
        pytest.param("a} {b}", 'lone "}"', id="close"),
        pytest.param("{} {b}", "without a column name", id="empty name"),
        pytest.param("{ }", "without a column name", id="blank name"),
        pytest.param("{{a}}", "names no column", id="no column"),
        pytest.param("{a{b}}", 'lone "{"', id="nested"),
    ],
)
def test_a_template_that_cannot_be_meant_says_why(template: str, why: str) -> None:
    parsed = parse_template(template)
    assert isinstance(parsed, str)
    assert why in parsed


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        pytest.param(["Eva", " ", None, " ", "Muster"], "Eva Muster", id="blank in the middle"),
        pytest.param([None, " ", "Muster"], "Muster", id="blank in front"),
        pytest.param(["Eva", " ", None], "Eva", id="blank at the end"),
        pytest.param([None, " ", None, " ", "Muster"], "Muster", id="two blanks in front"),
        pytest.param(["a", " ", None, " ", None, " ", "d"], "a d", id="two blanks in the middle"),
        pytest.param(["a", None, " ", "b"], "a b", id="blank that touches text keeps the space"),
        pytest.param(["a  b", " ", "c"], "a  b c", id="spaces inside a cell stay"),
        pytest.param(["a", ", ", None], "a,", id="punctuation stays"),
    ],
)
def test_a_blank_piece_goes_with_the_blanks_around_it(pieces: list[str | None], joined: str) -> None:
    assert join(pieces) == joined


@given(st.text())
def test_any_text_is_a_template_or_a_reason(template: str) -> None:
    assert parse_template(template)


@given(st.lists(st.none() | st.text(alphabet="ab ,", max_size=4)))
def test_joining_loses_nothing_but_blanks(pieces: list[str | None]) -> None:
    everything = "".join(piece for piece in pieces if piece)
    assert join(pieces).replace(" ", "") == everything.replace(" ", "")
