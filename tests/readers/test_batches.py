"""Rows on their way to another process, many at once: the same as one by one, to the type of each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.model import Row
from importer.readers.batches import BatchedSource, RowBatches
from importer.readers.columns import blank_column, joined, packed, packed_rows, rows_of, unpacked
from importer.readers.opening import open_source
from tests.readers.test_xlsx_cells import STYLES, indented, styles
from tests.readers.trap_files import patch, text, xml_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from importer.readers.batches import Batches
    from tests.readers.conftest import Write

texts = st.text(st.sampled_from("aé\0 \ud800😀"), max_size=4)
cells = st.one_of(
    *(st.none(), texts, st.integers(), st.floats(allow_nan=False), st.booleans()),
    *(st.dates(), st.datetimes(), st.times(), st.timedeltas()),
)
columns = st.lists(texts, min_size=1, max_size=8) | st.lists(st.none() | texts, min_size=1, max_size=8)


@given(columns | st.lists(cells, min_size=1, max_size=8))
def test_a_packed_column_is_what_it_was(column: list[object]) -> None:
    assert exact(unpacked(packed(column))) == exact(column)  # type: ignore[arg-type]


@given(st.lists(texts, min_size=1, max_size=8))
def test_texts_are_joined_unless_one_holds_the_mark(column: list[str]) -> None:
    text = joined(column)
    assert (text is None) == any("\0" in cell for cell in column)
    assert text is None or list(unpacked(text)) == [cell or None for cell in column]


@given(st.integers(0, 3), st.lists(cells, max_size=12), st.integers(1, 4))
def test_packed_rows_are_what_they_were(width: int, cells: list[object], rows: int) -> None:
    table = [tuple(cells[at : at + width]) for at in range(0, len(cells) - width + 1, width or 1)][:rows]
    assert exact(rows_of(packed_rows(table), len(table))) == exact(table)  # type: ignore[arg-type]


def test_an_empty_column_is_empty() -> None:
    assert [list(unpacked(blank_column(rows))) for rows in (1, 2, 3)] == [[None], [None] * 2, [None] * 3]


def test_what_comes_before_an_error_is_there() -> None:
    def rows() -> Iterator[Row]:
        yield Row(2, ("a",))
        yield Row(3, ("b",))
        raise SourceError("broken")

    batches = RowBatches(rows())
    assert batches.take(1) == ([2], ["a"], {})
    assert (batches.ended, batches.error) == (False, None)
    assert batches.take(5) == ([3], ["b"], {})
    assert batches.ended
    assert str(batches.error) == "broken"


# ── of a sheet ───────────────────────────────────────────────────────────────────────────────────────────────────

_CELLS = (
    *('t="inlineStr"><is><t>ACME</t></is>', 't="inlineStr"><is><t>Totaal</t></is>', 't="inlineStr"><is><t>id</t></is>'),
    *(
        't="inlineStr"><is><t xml:space="preserve">  </t></is>',
        't="str"><v>x_x0000_y</v>',
        't="inlineStr"><is><t>---</t></is>',
    ),
    *("><v>12</v>", "><v>12.5</v>", "><v>-3.0</v>", "><v>1e300</v>", "><v>1234567890123456</v>", 't="b"><v>1</v>'),
    *('s="1"><v>44197</v>', 's="1"><v>60</v>', 's="1"><v>44197.5</v>', 's="2"><v>42</v>', 's="2"><v>42.25</v>'),
    *('t="e"><v>#N/A</v>', "><f>A1</f>", "><f>A1</f><v>7</v>", 't="d"><v>2024-02-30</v>', 't="d"><v>2024-02-29</v>'),
)
_STYLES = styles("yyyy\\-mm\\-dd", "00000")
sheet_cells = st.none() | st.sampled_from(_CELLS[:1] + _CELLS[6:7]) | st.sampled_from(_CELLS)
tables = st.lists(st.lists(sheet_cells, max_size=3), max_size=9)


def sheet(table: Sequence[Sequence[str | None]], first: str = "A") -> bytes:
    """Write cells from this column on, below a header."""
    begun = ord(first)
    rows = [
        f'<row r="{at}">'
        + "".join(f'<c r="{chr(begun + n)}{at}" {cell}</c>' for n, cell in enumerate(row) if cell is not None)
        + "</row>"
        for at, row in enumerate(table, 2)
    ]
    head = '<row r="1">' + "".join(text(f"{chr(begun + n)}1", name) for n, name in enumerate(("id", "name"))) + "</row>"
    return patch(xml_sheet(head + "".join(rows)), {STYLES: _STYLES})


@given(tables, st.integers(1, 5), st.sampled_from("AC"))
def test_rows_of_a_sheet_are_the_same_many_at_once(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str | None]], count: int, first: str
) -> None:
    path = tmp_path_factory.mktemp("sheet") / "a.xlsx"
    path.write_bytes(sheet(table, first))
    assert_alike(path, count)


@pytest.mark.parametrize("at", range(len(_CELLS)))
def test_each_kind_of_cell_is_the_same_many_at_once(at: int, write: Write) -> None:
    table = [[_CELLS[0], _CELLS[at]], [_CELLS[at], _CELLS[0]], [_CELLS[at]], [_CELLS[0]], [], [_CELLS[0]] * 3]
    for count in (1, 2, 9):
        assert_alike(write(sheet(table, "C" if at % 2 else "A"), "a.xlsx"), count)


def test_a_sheet_that_is_read_cell_by_cell_gives_batches_too(write: Write) -> None:
    path = write(indented(sheet([[cell] for cell in _CELLS])), "a.xlsx")
    assert_alike(path, 3)


def assert_alike(path: Path, count: int) -> None:
    with open_source(path) as source:
        assert isinstance(source, BatchedSource)
        one_by_one = list(source.rows())
        blank = source.blank_rows
        at_once = list(taken(source.batches(), count))
        assert [(row.number, exact([row.cells]), row.issues) for row in at_once] == [
            (row.number, exact([row.cells]), row.issues) for row in one_by_one
        ]
        assert source.blank_rows == blank


def taken(batches: Batches, count: int) -> Iterator[Row]:
    while not batches.ended:
        numbers, columns, issues = batches.take(count)
        for at, (number, cells) in enumerate(zip(numbers, rows_of(columns, len(numbers)), strict=True)):
            yield Row(number, cells, issues.get(at, ()))
    assert batches.error is None


def exact(values: Iterable[object]) -> list[str]:
    """Tell 1, 1.0 and True apart."""
    return [repr(value) for value in values]
