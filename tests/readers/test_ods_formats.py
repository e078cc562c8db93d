"""Numbers that a style writes as ids are what is seen, as in every other workbook; those that it decorates stay numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.readers.ods_files import cell, fods, ods, row, sheet, styles
from tests.readers.trap_files import read

if TYPE_CHECKING:
    from tests.readers.conftest import Write

DIGITS = '<number:number number:decimal-places="0" number:min-integer-digits="{}"{}'
CELLS = '<style:style style:name="ce" style:family="table-cell" style:data-style-name="N1"/>'
STYLED = 'table:style-name="ce"'


def numbered(inside: str, name: str = "N1", kind: str = "number-style") -> str:
    return f'<number:{kind} style:name="{name}">{inside}</number:{kind}>'


def text(words: str) -> str:
    return f"<number:text>{words}</number:text>"


def digits(least: int, attributes: str = "", inside: str = "") -> str:
    return f"{DIGITS.format(least, attributes)}>{inside}</number:number>"


def embedded(words: str, position: int) -> str:
    return f'<number:embedded-text number:position="{position}">{words}</number:embedded-text>'


PREFIX = numbered(text("K-") + digits(3))
MAPPED = (
    numbered(text("K-") + digits(3), "P0")
    + numbered(text("minus ") + digits(3) + '<style:map style:condition="value()&gt;=0" style:apply-style-name="P0"/>')
)  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "number", "shown", "value"),
    [
        pytest.param(PREFIX, "5", "K-005", "K-005", id="prefix"),
        pytest.param(numbered(digits(4) + text("-NL")), "20231", "20231-NL", "20231-NL", id="suffix"),
        pytest.param(numbered(digits(5, "", embedded(".", 3))), "12345", "12.345", "12.345", id="text within"),
        pytest.param(
            numbered(text("+") + digits(11, "", embedded(" ", 7) + embedded(" ", 9))),
            *("31201234567", "+31 20 1234567", "+31 20 1234567"),
            id="phone",
        ),
        pytest.param(numbered(text('a"b') + digits(3)), "5", 'a"b005', 'a"b005', id="quote"),
        pytest.param(PREFIX, "5", "", "K-005", id="nothing shown"),
        pytest.param(numbered(digits(5, "", embedded(".", 3))), "12345", "", "12.345", id="text within, nothing shown"),
        pytest.param(MAPPED, "5", "K-005", "K-005", id="condition"),
        pytest.param(MAPPED, "-5", "minus 005", -5, id="negative"),
        pytest.param(MAPPED.replace("P0", "P9", 1), "5", "K-005", 5, id="condition without its style"),
        pytest.param(MAPPED.replace("value()", "is-odd()"), "5", "K-005", 5, id="condition that nobody knows"),
        pytest.param(PREFIX, "5.5", "K-006", 5.5, id="fraction"),
        pytest.param(numbered(digits(1) + text(" Stk")), "20", "20 Stk", 20, id="unit"),
        pytest.param(numbered(digits(4) + text(" kr")), "20", "0020 kr", 20, id="money"),
        pytest.param(numbered(digits(4, ' number:grouping="true"')), "20231", "20.231", 20231, id="thousands"),
        pytest.param(numbered(digits(4).replace('places="0"', 'places="2"')), "5", "0005,00", 5, id="decimals"),
        pytest.param(numbered(digits(4, ' number:display-factor="1000"')), "5000", "K5", 5000, id="scaled"),
        pytest.param(numbered(digits(4) + "<number:fraction/>"), "5", "x", 5, id="something else"),
        pytest.param(numbered(digits(4, "", embedded("x", 99))), "5", "x", 5, id="text far out"),
        pytest.param(numbered(text("K-") + digits(3), kind="currency-style"), "5", "K-005", 5, id="currency"),
        pytest.param("", "5", "K-005", 5, id="no such style"),
    ],
)  # fmt: skip
def test_a_number_is_what_its_style_writes_where_that_is_an_id(
    write: Write, declared: str, number: str, shown: str, value: object
) -> None:
    written = row(cell(shown, STYLED, value_type="float", value=number), "x")
    ((got, _),) = read(write(fods(sheet(row("id", "name"), written), declared=declared + CELLS))).cells
    assert (got, type(got)) == (value, type(value))


COLUMN = '<table:table-column {} table:number-columns-repeated="{}"/>'


@pytest.mark.parametrize(
    ("columns", "attributes", "styled"),
    [
        pytest.param("", "", STYLED, id="of the cell"),
        pytest.param("", 'table:default-cell-style-name="ce"', "", id="of the row"),
        pytest.param(COLUMN.format('table:default-cell-style-name="ce"', 16384), "", "", id="of the column"),
        pytest.param(
            COLUMN.format("", 1) + COLUMN.format('table:default-cell-style-name="ce"', 2),
            "",
            "",
            id="of a later column",
        ),
        pytest.param("", "", 'table:style-name="child"', id="of its parent"),
    ],
)
def test_a_style_comes_from_the_cell_or_from_where_it_stands(
    write: Write, columns: str, attributes: str, styled: str
) -> None:
    child = '<style:style style:name="child" style:family="table-cell" style:parent-style-name="ce"/>'
    written = row("x", cell("K-005", styled, value_type="float", value="5"), attributes=attributes)
    table = sheet(columns, row("name", "id"), written)
    assert read(write(fods(table, declared=PREFIX + CELLS + child))).cells == [("x", "K-005")]


@pytest.mark.parametrize(
    ("beside", "value"),
    [(styles(PREFIX + CELLS), "K-005"), (styles(PREFIX), 5), (b"<damaged", 5), (b"", 5), (None, 5)],
    ids=["there", "half of it", "damaged", "empty", "none"],
)
def test_the_styles_of_a_package_lie_beside_its_content(write: Write, beside: bytes | None, value: object) -> None:
    written = row(cell("K-005", STYLED, value_type="float", value="5"), "x")
    assert read(write(ods(sheet(row("id", "name"), written), beside=beside))).cells == [(value, "x")]


def test_parents_in_a_circle_end(write: Write) -> None:
    circle = '<style:style style:name="ce" style:family="table-cell" style:parent-style-name="ce"/>'
    written = row(cell("K-005", STYLED, value_type="float", value="5"), "x")
    assert read(write(fods(sheet(row("id", "name"), written), declared=circle))).cells == [(5, "x")]
