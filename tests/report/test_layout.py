from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Issue, Location
from importer.readers.header import column_names
from importer.report import ADDED_COLUMNS, added_columns
from importer.report.layout import added_cells, header
from tests.report.samples import country, kept, row, texts


@pytest.mark.parametrize(
    ("columns", "added"),
    [
        pytest.param(("Naam",), ADDED_COLUMNS, id="all-free"),
        pytest.param(("row", "x"), ("row [2]", *ADDED_COLUMNS[1:]), id="taken"),
        pytest.param(("row", "row [2]"), ("row [3]", *ADDED_COLUMNS[1:]), id="taken-twice"),
        pytest.param(("Row",), ("row [2]", *ADDED_COLUMNS[1:]), id="taken-in-another-case"),
        pytest.param(("hint", "external_id"), (*ADDED_COLUMNS[:5], "hint [2]", "external_id [2]"), id="several-taken"),
    ],
)
def test_our_columns_never_have_the_name_of_a_users_column(columns: tuple[str, ...], added: tuple[str, ...]) -> None:
    assert added_columns(columns) == added


@given(st.lists(texts | st.sampled_from(ADDED_COLUMNS) | st.sampled_from(["row [2]", "CODE"])))
def test_readers_give_the_columns_of_a_report_the_same_names_again(spelled: list[str]) -> None:
    names = header(column_names(spelled))
    assert column_names(names) == names


def test_lines_of_our_columns_belong_together() -> None:
    """An issue of no column, and a header of two lines, would otherwise shift the lines of one column."""
    nowhere = Issue.of(Code.GAVE_UP, Location("klanten.csv", None, 2), detail="503")
    cells = added_cells(
        row(("1", "2", "3"), country(2), nowhere, kept(2, "Naam\nklant")), ("Nummer", "Naam\nklant", "Land")
    )
    number, codes, columns, places, messages, hints, external_id = cells
    assert (number, external_id) == (2, "1001")
    assert columns == "Land\n\nNaam klant"
    assert places == "C2\n\nB2"
    assert [str(joined).count("\n") for joined in (codes, columns, places, messages, hints)] == [2] * 5
