from __future__ import annotations

import csv

import pytest
from hypothesis import given, strategies as st

from importer.readers.header_row import HeaderRow, find_header, is_underline

DATEV = "EXTF,700,16,Debitoren,5,20180306\nKonto,Name,Name,a,b,c,d,e,f,g,h\n7,Acme,,,\n8,Beta,,,"


def find(text: str) -> tuple[HeaderRow, tuple[str, ...]]:
    rows = list(csv.reader(text.split("\n")))
    found = find_header(rows)
    assert found is not None
    return found, found.notes(rows, lambda index: index + 1, "Row")


@pytest.mark.parametrize(
    ("text", "index"),
    [
        pytest.param("id,name,country\n1,Acme,NL\n2,Beta,DE", 0, id="first"),
        pytest.param("\n,,\nid,name,country\n1,Acme,NL", 2, id="below-blank-rows"),
        pytest.param("Companies 2024\n\nid,name,country\n1,Acme,NL\n2,Beta,DE", 2, id="title"),
        pytest.param("Report:,Companies,\nUser:,Bob,\nid,name,country\n1,Acme,NL\n2,Beta,DE", 2, id="labels"),
        pytest.param("Klanten,actief\nKlantnr,Naam,Plaats,Tel\n1,a,b,+31 6 1\n2,c,d,+31 6 2", 1, id="title-of-two"),
        pytest.param("Company,,Address,\nid,name,street,city\n1,A,S 1,U\n2,B,T 2,D", 1, id="groups"),
        pytest.param(DATEV, 1, id="line-about-the-file"),
        pytest.param("Titel\nid,name\n1,Acme", 1, id="one-row-of-data"),
        pytest.param("name\nDoe, John\nRoe, Jane", 0, id="names-with-commas"),
        pytest.param("Company,,Address,\nAcme,Bob,Street,Utrecht\nBeta,Al,Way,Delft", 0, id="no-evidence"),
        pytest.param("id,,,\n1,a,b,c\n2,d,e,f", 0, id="names-missing"),
        pytest.param("id,name,street,city,zip,web\n1,Acme,,,,\n2,Beta,,,,", 0, id="sparse-data"),
        pytest.param("id,name,x\n1,a,b\nid,name,x\n2,b,c", 0, id="names-again"),
        pytest.param("id,name\n1,a\n2,b\n\nid,name,zip,city\n1,x,1,y\n2,y,2,z", 0, id="second-table-below"),
        pytest.param("Naam,2022,2023\nAcme,1,2\nBeta,3,4", 0, id="years"),
        pytest.param("x\n" * 13 + "id,name,zip\n1,a,2\n2,b,3", 0, id="too-much-above"),
    ],
)
def test_the_header_is_the_first_row_unless_it_is_plainly_less(text: str, index: int) -> None:
    assert find(text)[0].index == index


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("Companies\nid,name,zip\n1,a,2\n2,b,3", 'passed over (1: "Companies")', id="passed-over"),
        pytest.param("a\nb\nc\nd\nid,name,zip\n1,a,2\n2,b,3", "and 1 more", id="much-passed-over"),
        pytest.param("Companies,all,now\nid,name,zip\n1,a,2\n2,b,3", "set `source.header_row: 2`", id="rival"),
        pytest.param("id,,,\n1,a,b,c\n2,d,e,f", "the rows below have more cells", id="narrow"),
        pytest.param("K-1,Acme\nK-2,Beta\nK-3,Gamma", 'looks like data ("K-1")', id="data"),
        pytest.param("id,name,sales\n,,EUR\n1,a,2\n2,b,3", 'Row 2 looks like units or types ("EUR")', id="units"),
        pytest.param("id,name,sales\nint,varchar(80),decimal\n1,a,2", "units or types", id="types"),
    ],
)
def test_what_is_in_doubt_is_said(text: str, words: str) -> None:
    assert any(words in note for note in find(text)[1])


def test_nothing_is_said_of_a_plain_table() -> None:
    assert find("id,name,sales\n1,a,2\n2,b,3")[1] == ()
    assert find("id,name,sales")[1] == ()


def test_cells_of_a_workbook_are_values_and_no_names() -> None:
    found = find_header(
        [["Companies", None, None], [2024.5, "x", None], ["id", "name", "zip"], [1, "a", 2], [2, "b", 3]]
    )
    assert found is not None
    assert found.index == 2
    assert find_header([[None, ""], [" "]]) is None


@pytest.mark.parametrize(
    ("cells", "is_so"),
    [
        pytest.param(["---", "-----"], True, id="line"),
        pytest.param(["", "==="], True, id="in-part"),
        pytest.param(["-", "-"], False, id="nothing-known"),
        pytest.param(["---", "a"], False, id="text"),
        pytest.param([], False, id="blank"),
    ],
)
def test_a_line_under_the_names_is_recognised(cells: list[str], is_so: bool) -> None:
    assert is_underline(cells) is is_so


cells = st.one_of(
    st.sampled_from(["", "id", "name", "Acme", "12", "a@b.example", "-", "EUR", "n/a"]), st.none(), st.integers()
)


@given(st.lists(st.lists(cells, max_size=5), max_size=12))
def test_a_row_as_full_as_the_data_is_never_passed_over(rows: list[list[object]]) -> None:
    found = find_header(rows)
    if found is None:
        return
    most = max(sum(cell not in {None, ""} for cell in row) for row in rows)
    for index in found.passed_over:
        assert sum(cell not in {None, ""} for cell in rows[index]) < most
    above = [index for index in range(found.index) if any(cell not in {None, ""} for cell in rows[index])]
    assert list(found.passed_over) == above
    found.notes(rows, lambda index: index + 1, "Row")
