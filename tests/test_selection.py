"""`--rows`: what is a list of row numbers, and what is nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.errors import UsageError
from importer.model import Selection, row_ranges

numbers = st.integers(1, 10**6)
parts = st.one_of(
    numbers.map(lambda n: (str(n), {n})),
    st.tuples(numbers, st.integers(0, 20)).map(
        lambda pair: (f"{pair[0]}-{pair[0] + pair[1]}", set(range(pair[0], pair[0] + pair[1] + 1)))
    ),
)


@given(st.lists(parts, min_size=1, max_size=6))
def test_a_list_of_numbers_and_ranges_has_these_rows_and_no_other(found: list[tuple[str, set[int]]]) -> None:
    selection = Selection(row_ranges(",".join(written for written, _ in found)))
    named = set[int]().union(*(rows for _, rows in found))
    near = {number + step for number in named for step in (-1, 0, 1)}
    assert {number for number in near if selection.has(number)} == named


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("250-", [250, 10**11], [249]),
        ("-4", [1, 4], [5]),
        (" 2 - 4 , 9 ", [2, 3, 4, 9], [1, 5, 8, 10]),
        ("2\u20134", [2, 4], [5]),  # as a word processor writes it
        ("7-7", [7], [6, 8]),
    ],
)
def test_open_ends_blanks_and_long_dashes(written: str, inside: list[int], outside: list[int]) -> None:
    selection = Selection(row_ranges(written))
    assert [selection.has(number) for number in (*inside, *outside)] == [True] * len(inside) + [False] * len(outside)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "no row is named"),
        ("2,,4", "nothing before or behind a comma"),
        ("all", '"all" is no row number'),
        ("2-4-6", '"2-4-6" is no row number'),
        ("-", '"-" is no row number'),
        ("2.5", '"2.5" is no row number'),
        ("\u0662", "is no row number"),  # a digit of another script
        ("0-4", "there is no row 0"),
        ("-0", "there is no row 0"),
        ("9-3", "9-3 ends before it begins. Write 3-9."),
        (",".join(["1"] * 1001), "1,001 parts"),
        ("9" * 40, "is no row number"),
    ],
)
def test_nonsense_is_an_error_that_says_how_it_is_written(written: str, says: str) -> None:
    with pytest.raises(UsageError, match=r"--rows") as caught:
        row_ranges(written)
    assert says in str(caught.value)


def test_nothing_said_is_every_row() -> None:
    assert Selection().has(1)
    assert Selection(limit=3).has(10**9)
