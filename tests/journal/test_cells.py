"""Cells survive the journal, each with its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.journal.cells import cells_from_json, cells_to_json

if TYPE_CHECKING:
    from importer.model import Cell

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters()),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)


@given(st.lists(CELLS, max_size=6))
def test_cells_come_back_as_they_were(cells: list[Cell]) -> None:
    back = cells_from_json(cells_to_json(cells))
    assert [type(cell) for cell in back] == [type(cell) for cell in cells]
    assert [str(cell) for cell in back] == [str(cell) for cell in cells]


def test_what_is_no_cell_is_a_bug() -> None:
    with pytest.raises(TypeError, match="no cell: object"):
        cells_to_json([object()])  # type: ignore[list-item]  # the point of the test
