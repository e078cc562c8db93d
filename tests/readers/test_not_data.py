from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from importer.readers.not_data import why_no_data
from tests.readers.trap_files import read, saved, workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.readers.conftest import Write


@pytest.mark.parametrize(
    ("header", "row", "is_total"),
    [
        pytest.param("id,name,city,sum", "Total,,,1200", True, id="below-the-ids"),
        pytest.param("id,name,city,sum", ",Totaal,,12", True, id="below-the-names"),
        pytest.param("name,sum,city,note", "Summe,1.200,,", True, id="a-sum-with-a-sign-and-no-column-of-ids"),
        pytest.param("name,city,sum,note", "Total: 12,,,", True, id="a-count-in-the-same-cell"),
        pytest.param("name,id,street,city", "Total,7,,", False, id="an-id-beside-the-name"),
        pytest.param("name,Kundennr,street,city", "Summe,4711,,", False, id="a-number-beside-the-name"),
        pytest.param("Firma,KundenNr,Ort,Land", "Summe,4711,,", False, id="a-number-written-as-one-word"),
        pytest.param("name,PLZ,street,city", "Som,50667,,", False, id="a-postcode-beside-the-name"),
        pytest.param("name,x,street,city", "Total,7,,", False, id="digits-that-may-be-an-id"),
        pytest.param("name,x,street,city", "Total,,,", False, id="a-name-alone"),
        pytest.param("id,name,city,sum", "7,Total,,", False, id="an-id-before-the-name"),
        pytest.param("id,name,city,sum", "Total,Total,Paris,", False, id="more-than-figures"),
    ],
)
def test_a_total_has_sums_and_no_id(header: str, row: str, is_total: bool) -> None:
    assert bool(why_no_data(row.split(","), header.split(","))) is is_total


HEADER = ("id", "name", "city", "sum")


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        pytest.param(HEADER, ["not-data"], id="names-again"),
        pytest.param(("--", "----", "----", "---"), ["not-data"], id="line"),
        pytest.param(("Total", None, None, 1200.5), ["not-data"], id="total"),
        pytest.param((None, "Totaal", None, 12), ["not-data"], id="total-further-right"),
        pytest.param(("Total rows: 2", None, None, None), ["not-data"], id="count"),
        pytest.param((2, "Total", "Paris", None), [], id="a-company-of-that-name"),
        pytest.param((None, "Acme", "Paris", None), [], id="no-id"),
        pytest.param(("T-1", "Acme", None, True), [], id="an-id-that-begins-alike"),
    ],
)
@pytest.mark.parametrize("begun", [0, 2])
def test_a_row_of_a_workbook_that_is_no_data_is_kept_and_told(
    write: Write, row: Sequence[object], codes: list[str], begun: int
) -> None:
    before = [None] * begun
    got = read(write(workbook([[*before, *HEADER], [*before, 1, "a", "b", 5], [*before, *row]])))
    assert got.codes == [(3, code) for code in codes]
    assert got.cells[1][begun:] == tuple(row)


def test_a_total_of_a_formula_without_a_result_is_both(write: Write) -> None:
    book = openpyxl.Workbook()
    for row in (HEADER, (1, "a", "b", 5), ("Total", None, "=1+1", 5)):
        book.worksheets[0].append(row)
    assert read(write(saved(book))).codes == [(3, "no-stored-result"), (3, "not-data")]
