from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.model import column_letter
from importer.readers.header import BLANKS, column_names, is_blank, listed


@pytest.mark.parametrize(
    ("index", "letter"),
    [
        pytest.param(0, "A", id="first"),
        pytest.param(25, "Z", id="last-of-one-letter"),
        pytest.param(26, "AA", id="first-of-two"),
        pytest.param(701, "ZZ", id="last-of-two"),
        pytest.param(702, "AAA", id="first-of-three"),
        pytest.param(16383, "XFD", id="last-of-excel"),
    ],
)
def test_columns_are_lettered_as_in_a_spreadsheet(index: int, letter: str) -> None:
    assert column_letter(index) == letter


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        pytest.param(["id", "name"], ("id", "name"), id="as-they-are"),
        pytest.param(["\ufeff id\u00a0", "\u200bname"], ("id", "name"), id="blanks-and-marks-around"),
        pytest.param(["id", "", None, "  "], ("id", "Column B", "Column C", "Column D"), id="empty"),
        pytest.param(["Name", "Name", "Name"], ("Name", "Name [2]", "Name [3]"), id="same-name"),
        pytest.param(["Name", "Name", "Name [2]"], ("Name", "Name [3]", "Name [2]"), id="spelled-out-name-is-kept"),
        pytest.param(["Name [2]", "Name", "Name"], ("Name [2]", "Name", "Name [3]"), id="spelled-out-name-first"),
        pytest.param(["Column B", ""], ("Column B", "Column B [2]"), id="letter-taken"),
        pytest.param([2024, True, 1.5], ("2024", "True", "1.5"), id="not-text"),
    ],
)
def test_every_column_has_a_name_of_its_own(cells: list[object], names: tuple[str, ...]) -> None:
    assert column_names(cells) == names


@given(st.lists(st.sampled_from(["Name", "Name [2]", "Name [2] [2]", "Column B", "", " "])))
def test_names_are_never_alike_or_empty(cells: list[str]) -> None:
    names = column_names(cells)
    assert len(names) == len(cells)
    assert len(set(names)) == len(names)
    assert all(names)


def test_everything_python_strips_counts_as_blank() -> None:
    spaces = "".join(character for character in map(chr, range(0x110000)) if character.isspace())
    assert is_blank(spaces)
    assert set(spaces) <= set(BLANKS)


def test_a_list_that_was_cut_says_so() -> None:
    assert listed(["a", "b", "c"], 2) == '"a", "b" and 1 more'
    assert listed(["a"]) == '"a"'
