"""What is mapped together: each combination of cells once, and what is in doubt by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.mapping import parse_mapping
from importer.mapping.batch import Batch
from importer.mapping.evaluation import Trouble
from importer.model import Code, Desired, Issue, Location, Refusal, Row, Skip
from tests.mapping.builder import TOP

if TYPE_CHECKING:
    from importer.mapping import Mapper
    from importer.mapping.evaluation import Cells
    from importer.model import Cell

COLUMNS = ("id", "name", "a", "b")
TEXT = (
    TOP
    + """\
  address_invoice_country: {from: b, as: country}
  tax_uid: {from: a, as: vat, on_invalid: blank}
  attention: {first_of: [{from: b, when: {column: a, is: x}}, "{name} {b}"]}
tags: [{from: b, split: [","]}, {value: T, when: {column: a, blank: false}}]
custom_fields: {c: {from: a, as: boolean, on_invalid: blank, default: true}}
skip: [{when: {column: name, is: gone}, reason: r}]
""".replace("attention", "person_attention_to")
)

ISSUE = Issue.of(Code.MISSING_CELLS, Location("a.csv", row=2))


def mapper() -> Mapper:
    return parse_mapping(TEXT, path=Path("m.yaml")).compile(COLUMNS, file="a.csv")


def same(cells: Cells, troubles: list[Trouble]) -> Cell:
    if cells[0] == "bad":
        troubles.append(Trouble(Code.NOT_TEXT, None, None, "", None))
    return cells[0]


def test_an_expression_is_evaluated_once_for_each_combination_of_cells() -> None:
    seen: list[Cells] = []

    def evaluate(cells: Cells, _: list[Trouble]) -> Cell:
        seen.append(cells)
        return cells[1]

    batch = Batch([("1", "a", "x"), ("2", "b", "x"), ("3", "a", "x")])
    assert batch.by_cells(evaluate, {1, 2}) == ["a", "b", "a"]
    assert len(seen) == 2
    assert batch.by_cells(evaluate, ()) == ["a"] * 3  # of no cell: the same for all
    assert len(seen) == 3


def test_cells_of_other_types_are_evaluated_one_by_one() -> None:
    batch = Batch([(1,), (True,), (1.0,)])
    assert [type(value) for value in batch.by_cells(lambda cells, _: cells[0], {0})] == [int, bool, float]


def test_what_makes_trouble_sets_its_rows_apart() -> None:
    batch = Batch([("a",), ("bad",), ("a",), ("bad",)])
    batch.by_cells(same, {0})
    assert batch.alone == {1, 3}


def test_a_value_that_no_payload_takes_sets_its_row_apart() -> None:
    batch = Batch([("a",), ("b",)])
    assert batch.smooth(["x", 1.5]) == ["x", None]
    assert batch.alone == {1}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        pytest.param(Row(2, ("1", "A", "NL000000001B66", "NL")), Desired, id="sound"),
        pytest.param(Row(2, ("1", "A", "x", "NL")), Desired, id="a value left out"),
        pytest.param(Row(2, ("1", "", "x", "NL")), Refusal, id="no name"),
        pytest.param(Row(2, ("", "A", "x", "NL")), Refusal, id="no external_id"),
        pytest.param(Row(2, ("1/2", "A", "", "NL")), Refusal, id="no external_id that can be sent"),
        pytest.param(Row(2, ("1", "A", "x", "Nowhere")), Refusal, id="unknown country"),
        pytest.param(Row(2, ("1", "gone", "", "NL")), Skip, id="skipped"),
        pytest.param(Row(2, ("1", "A" * 256, "", "NL")), Refusal, id="too long"),
        pytest.param(Row(2, ("1", "A")), Desired, id="short"),
        pytest.param(Row(2, ("1", "A", "", "NL"), (ISSUE,)), Desired, id="what the reader found"),
        pytest.param(Row(2, (1, "A", True, None)), Desired, id="typed"),
        pytest.param(Row(2, ("1", "A\nB", "", "NL")), Desired, id="line break"),
    ],
)
def test_a_row_among_others_is_mapped_as_it_is_alone(row: Row, kind: type) -> None:
    table = [Row(3, ("5", "C", "", "BE")), row, Row(4, ("6", "D", "NL000000001B66", "NL"))]
    alone = [mapper().map(one) for one in table]
    assert list(map(repr, mapper().map_all(table))) == list(map(repr, alone))
    assert isinstance(alone[1], kind)
    weighed = mapper().weigh_all(table)
    assert weighed.numbers == [one.number for one in table]
    assert weighed.external_ids == [one.external_id for one in alone]
    assert all(weighed.troubled[place] == (table[place], alone[place]) for place in weighed.troubled)
    assert all(
        place in weighed.troubled or (isinstance(one, Desired) and not one.issues and not table[place].issues)
        for place, one in enumerate(alone)
    )
    assert 0 not in weighed.troubled


def test_no_rows_are_mapped_to_none() -> None:
    """The rows of a file may be as many as go together, or none."""
    assert mapper().map_all([]) == []
    assert not mapper().weigh_all([]).numbers
