"""Which parts of a mapping a row makes use of, and the fewest rows that make use of all of them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.mapping import Covering, Exercise, parse_mapping
from tests.mapping.builder import TOP, row_of

if TYPE_CHECKING:
    from importer.mapping import Mapping
    from importer.model import Cell

COLUMNS = ("id", "name", "a", "b")
ALWAYS = {"fields external_id", "fields company_name"}


def mapping_of(text: str) -> Mapping:
    return parse_mapping(TOP + text, path=Path("m.yaml"))


def parts(text: str, *rows: tuple[Cell, Cell]) -> list[set[str]]:
    """What each row makes use of besides what all do."""
    exercise = Exercise()
    mapper = mapping_of(text).compile(COLUMNS, file="f.csv", usage=exercise)
    exercise.declare(mapper)
    found = [exercise.parts_of(mapper, row_of("1", "N", *row)) or 0 for row in rows]
    return [{" ".join(part) for part in exercise.named(bits)} - ALWAYS for bits in found]


@pytest.mark.parametrize(
    ("text", "rows", "met"),
    [
        pytest.param("  phone: a", [("1", None), (None, None)], [{"fields phone"}, set()], id="field"),
        pytest.param(
            "  phone: {from: a, map: {x: '1', Y: '2'}}",
            [("x", None), (" y ", None), ("X", None)],
            [
                {"fields phone", 'phone: map "x"'},
                {"fields phone", 'phone: map "Y"'},
                {"fields phone", 'phone: map "x"'},  # though what becomes of it is remembered
            ],
            id="entries of map",
        ),
        pytest.param(
            "  phone: {from: a, map: {x: '1'}, otherwise: keep}",
            [("x", None), ("z", None)],
            [{"fields phone", 'phone: map "x"'}, {"fields phone", "phone: otherwise"}],
            id="otherwise",
        ),
        pytest.param(
            "  phone: {first_of: [a, {from: b, map: {k: '9'}}]}",
            [("1", "k"), (None, "k")],
            [
                {"fields phone", "phone: first_of 1"},
                {"fields phone", "phone: first_of 2", 'phone: first_of 2: map "k"'},
            ],
            id="first_of",
        ),
        pytest.param(
            "  phone: {from: a, default: '0', when: {column: b, is: x}}",
            [("1", "x"), (None, "x"), ("1", None)],
            [
                {"fields phone", "phone: when"},
                {"fields phone", "phone: when", "phone: default"},
                {"fields phone", "phone: default"},
            ],
            id="when and default",
        ),
        pytest.param(
            "  phone: {from: a, replace: [{pattern: '-', with: ''}, {pattern: x, with: y}]}",
            [("1-2", None), ("x", None), ("3", None)],
            [{"fields phone", "phone: replace 1"}, {"fields phone", "phone: replace 2"}, {"fields phone"}],
            id="replace",
        ),
        pytest.param(
            "tags: [{value: T, when: {column: a, is: x}}, {from: b, split: ',', map: {p: P, q: Q}, otherwise: keep}]",
            [("x", None), (None, "q,p"), (None, "r")],
            [
                {"tags 1", "tags 1: when"},
                {"tags 2", 'tags 2: map "p"', 'tags 2: map "q"'},
                {"tags 2", "tags 2: otherwise"},
            ],
            id="tags",
        ),
        pytest.param(
            "custom_fields: {k: {from: a, default: d}}",
            [("1", None), (None, None)],
            [{"custom_fields k"}, {"custom_fields k", "custom_fields k: default"}],
            id="custom field",
        ),
        pytest.param(
            "skip: [{when: {column: a, is: x}, reason: r}]", [("x", None)], [set()], id="a row that is skipped"
        ),
        pytest.param("  address_invoice_country: a", [("Nowhere", None)], [set()], id="a row that is refused"),
        pytest.param("blank: clear", [(None, None)], [set()], id="nothing"),
    ],
)
def test_a_row_makes_use_of(text: str, rows: list[tuple[Cell, Cell]], met: list[set[str]]) -> None:
    found = parts(text, *rows)
    assert [one - {"fields external_id"} for one in found] == met


def test_a_field_that_is_cleared_is_not_made_use_of() -> None:
    assert parts("  phone: {from: a, blank: clear}", (None, None)) == [set()]


def test_a_decision_is_a_part(tmp_path_factory: pytest.TempPathFactory) -> None:
    decisions = tmp_path_factory.mktemp("d") / "decisions.yaml"
    decisions.write_text('"address_invoice_country": {"Holand": NL}\n', encoding="utf-8")
    exercise = Exercise()
    mapping = parse_mapping(TOP + "  address_invoice_country: a", path=Path("m.yaml"), decisions=decisions)
    mapper = mapping.compile(COLUMNS, file="f.csv", usage=exercise)
    bits = exercise.parts_of(mapper, row_of("1", "N", "Holand", None)) or 0
    assert ("address_invoice_country: decisions", '"Holand"') in set(exercise.named(bits))


def test_what_no_row_makes_use_of_is_known_and_a_skip_is_no_part_of_what_is_sent() -> None:
    text = "  phone: {first_of: [a, b]}\nskip: [{when: {column: a, is: x}, reason: r}]\ncustom_fields: {k: b}\n"
    exercise = Exercise()
    mapper = mapping_of(text).compile(COLUMNS, file="f.csv", usage=exercise)
    exercise.declare(mapper)
    met = exercise.parts_of(mapper, row_of("1", "N", "1", None)) or 0
    missing = {" ".join(part) for part in exercise.named(exercise.all & ~met)}
    assert missing == {"phone: first_of 2", "custom_fields k"}


cells = st.sampled_from([None, "x", "y", " X ", "Nowhere", "NL", "1-2", "k,x", True, 7])


@given(st.lists(st.tuples(cells, cells), max_size=12))
def test_a_mapper_that_is_followed_maps_as_any_other(rows: list[tuple[Cell, Cell]]) -> None:
    text = (
        "  phone: {first_of: [{from: a, map: {x: '1'}, otherwise: blank}, {from: b, replace: [{pattern: '-', with: ''}]}],"
        " default: '0'}\n"
        "  address_invoice_country: {from: a, default: NL, when: {column: b, blank: false}}\n"
        "tags: [{from: b, split: ',', map: {k: K}, otherwise: keep, default: D}]\n"
    )
    mapping = mapping_of(text)
    plain = mapping.compile(COLUMNS, file="f.csv")
    followed = mapping.compile(COLUMNS, file="f.csv", usage=Exercise())
    for row in rows:
        assert followed.map(row_of("1", "N", *row)) == plain.map(row_of("1", "N", *row))


@given(st.lists(st.integers(0, 2**9 - 1), max_size=60))
def test_the_rows_chosen_cover_all_and_none_of_them_is_idle(sets: list[int]) -> None:
    covering = Covering()
    for row, met in enumerate(sets):
        covering.add(row, met)
    chosen = covering.chosen()
    everything = reduce(or_, sets, 0)
    assert reduce(or_, (sets[row] for row in chosen), 0) == everything
    for row in chosen:
        assert reduce(or_, (sets[other] for other in chosen if other != row), 0) != everything
    assert chosen == sorted(chosen)


def test_the_earliest_of_rows_alike_is_chosen_and_the_largest_first() -> None:
    covering = Covering()
    for row, met in enumerate([0b001, 0b111, 0b111, 0b110, 0b1000]):
        covering.add(row, met)
    assert covering.chosen() == [1, 4]


def test_few_sets_are_kept_however_many_rows_there_are() -> None:
    covering = Covering()
    for row in range(60_000):
        covering.add(row, (row + 1) % 2**15)
    assert len(covering.sets) <= 10_000
    assert covering.covered == 2**15 - 1
    assert len(covering.chosen()) <= 2
