"""What the columns of a source show, as far as it matters for what a mapping makes of them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.commands.batches import in_batches
from importer.commands.columns import _CODES, Columns
from importer.mapping import Reading, parse_mapping
from importer.mapping.kinds import KINDS, Conversion
from importer.model import TEMPLATES, Code, Invalid, Row, Severity, SourceInfo
from importer.values.columns import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importer.mapping import Mapper
    from importer.model import Cell

HEADER = ("id", "name", "cell")
POSTAL_CODES = [f"{start}{rest}" for start in range(1, 10) for rest in (1067, 2345, 4109)]


def mapper(kind: str) -> Mapper:
    text = (
        "version: 1\ntarget: {external_origin: x}\ncompany:\n  external_id: id\n  company_name: name\n"
        f"custom_fields:\n  c: {{from: cell, as: {kind}}}\n"
    )
    return parse_mapping(text, path=Path("m.yaml")).compile(HEADER, file="f.csv")


def watched(cells: Iterable[Cell], kind: str) -> Columns:
    columns = Columns.used(SourceInfo("f.csv", "", "csv", HEADER), mapper(kind))
    for rows in in_batches(Row(row, (f"K-{row}", f"N {row}", cell)) for row, cell in enumerate(cells, start=2)):
        columns.feed_all(rows)
    return columns


def codes(cells: Iterable[Cell], kind: str) -> list[Code]:
    return [group.code for group in watched(cells, kind).groups(mapper(kind))]


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        pytest.param(["03/04/2021"], "date", [Code.AMBIGUOUS_DATES], id="dates"),
        pytest.param(["03/04/2021"], "datetime", [Code.AMBIGUOUS_DATES], id="dates with a time"),
        pytest.param(["03/04/2021"], "{date: {order: mdy}}", [], id="declared dates"),
        pytest.param(["03/04/2021", "31/12/99"], "text", [], id="dates that go as text"),
        pytest.param(["31/12/99"], "{date: {order: dmy}}", [Code.SHORT_YEARS], id="short years, order declared"),
        pytest.param(["03/04/2021", "31/12/2021"], "date", [Code.READ_BY_COLUMN], id="settled"),
        pytest.param(["31/12/2021"], "date", [], id="nothing to settle"),
        pytest.param(["1.234"], "decimal", [Code.AMBIGUOUS_NUMBERS], id="numbers"),
        pytest.param(["1.234"], "{integer: {decimal_comma: true}}", [], id="declared numbers"),
        pytest.param(["1.234", "0,5"], "date", [], id="numbers where dates should be"),
        pytest.param([*POSTAL_CODES, "1067"], "text", [Code.LOST_ZEROS], id="lost zeros"),
        pytest.param([*POSTAL_CODES, "1067"], "integer", [], id="numbers have no zeros to lose"),
        pytest.param(["NL"] * 30, "text", [Code.CONSTANT_COLUMN], id="one value"),
    ],
)
def test_a_finding_is_told_where_it_matters(cells: list[Cell], kind: str, expected: list[Code]) -> None:
    assert codes(cells, kind) == expected


def test_every_row_counts_however_many_there_are() -> None:
    cells = ["03/04/2021"] * 700
    [group] = watched([*cells, "31/12/2021"], "date").groups(mapper("date"))
    assert (group.code, group.count, group.first_rows) == (Code.READ_BY_COLUMN, 700, (2, 3, 4))
    assert "row 702" in group.message


def test_only_an_order_with_the_year_last_is_a_reading() -> None:
    assert watched(["2021-03-04"], "date").readings([2]) == {2: Reading()}
    assert watched(["12/31/2021"], "date").readings([2]) == {2: Reading("mdy")}
    assert watched(["0,5"], "decimal").readings([2]) == {2: Reading(None, decimal_comma=True)}


def test_a_reading_is_used_only_for_what_cannot_be_read_without() -> None:
    kind = KINDS["date"]
    convert = Conversion("date", kind, kind.options()).converter(None, Reading("mdy"))
    assert convert("03.04.2021") == "2021-04-03"
    assert convert("03/04/2021") == "2021-03-04"
    declared = Conversion("date", kind, kind.options(order="dmy")).converter(None, Reading("mdy"))
    assert declared("03/04/2021") == "2021-04-03"
    assert isinstance(declared("12/31/2021"), Invalid)


@pytest.mark.parametrize("problem", list(Problem))
def test_every_problem_of_a_column_has_a_code_that_is_no_error(problem: Problem) -> None:
    assert TEMPLATES[_CODES[problem]].severity is not Severity.ERROR


def test_memory_stays_flat() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        watched((f"{row % 28 + 1}/{row % 12 + 1}/2021 {row}" for row in range(rows)), "date")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(10_000) < peak(1_000) + 50_000
