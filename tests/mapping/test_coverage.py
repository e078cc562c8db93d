"""What of a mapping a file makes no use of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.mapping import Usage
from tests.mapping.builder import TOP, row_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.mapping import Mapping
    from importer.model import Cell


@pytest.mark.parametrize(
    ("text", "cells", "never"),
    [
        pytest.param(
            "  phone: {from: a, map: {x: '1', y: '2', z: '3'}}",
            ["x", "q"],
            ['6:20 phone: no row has what `map` translates for "y" and "z"'],
            id="entries",
        ),
        pytest.param("  phone: {from: a, map: {x: '1', Y: '2'}}", [" X ", "y", "x"], [], id="all, whatever the case"),
        pytest.param(
            "  phone: {from: a, map: {x: null, 'NULL': y}}",
            ["x"],
            ['6:20 phone: no row has what `map` translates for "NULL"'],
            id="an entry that blanks",
        ),
        pytest.param(
            "  phone: {first_of: [name, {from: a, map: {x: '1'}}]}",
            ["x"],
            ['6:38 phone: no row has what `map` translates for "x"'],
            id="a part not come to",
        ),
        pytest.param(
            "tags: [{from: a, split: ',', map: {p: P, q: Q}, otherwise: keep}]",
            ["r,q"],
            ['6:30 tags: no row has what `map` translates for "p"'],
            id="pieces",
        ),
        pytest.param(
            "custom_fields: {k: {from: a, when: {column: a, is: x}}}",
            ["y"],
            ["6:30 custom_fields.k: this condition holds for no row"],
            id="a condition",
        ),
        pytest.param(
            "custom_fields: {k: {from: a, when: {column: a, is: x}}}", ["y", "x"], [], id="a condition that holds"
        ),
        pytest.param(
            "tags: [{value: t, when: {column: a, is: true}}]",
            ["no"],
            ["6:19 tags: this condition holds for no row"],
            id="a tag",
        ),
        pytest.param(
            "skip: [{when: {column: a, is: x}, reason: out}, {when: {column: a, is: y}, reason: gone}]",
            ["x"],
            ['6:50 no row is skipped as "gone"'],
            id="a rule",
        ),
        pytest.param("  phone: {value: x, map: {x: '1'}}", [], [], id="a constant is met without a row"),
        pytest.param(
            "  phone: {from: a, map: {" + ", ".join(f"k{n}: v" for n in range(20)) + "}}",
            [],
            [
                '6:20 phone: no row has what `map` translates for "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7" and 12 more'
            ],
            id="many",
        ),
    ],
)
def test_what_no_row_makes_use_of_is_named(
    load: Callable[[str], Mapping], text: str, cells: list[Cell], never: list[str]
) -> None:
    mapping, usage = load(f"{TOP}{text}\n"), Usage()
    mapper = mapping.compile(("id", "name", "a"), file="a.csv", usage=usage)
    for cell in cells:
        mapper.map(row_of("1", "ACME", cell))
    assert [f"{one.line}:{one.column} {one.message}" for one in mapping.never(usage)] == never


def test_watching_changes_nothing(load: Callable[[str], Mapping]) -> None:
    mapping = load(TOP + "  phone: {from: a, map: {x: '1'}, otherwise: keep, when: {column: a, blank: false}}\n")
    plain = mapping.compile(("id", "name", "a"), file="a.csv")
    watched = mapping.compile(("id", "name", "a"), file="a.csv", usage=Usage())
    rows = [row_of("1", "ACME", cell) for cell in ("x", "y", "", None, 7)]
    assert [plain.map(row) for row in rows] == [watched.map(row) for row in rows]


def test_a_mapper_names_the_column_of_each_field(load: Callable[[str], Mapping]) -> None:
    text = "  phone: '{a} {b}'\n  locale: {value: nl}\ncustom_fields: {k: {first_of: [b, a]}}\n"
    mapper = load(TOP + text).compile(("ID", "name", "a", "b"), file="a.csv")
    assert mapper.sources == {
        "external_id": "ID",
        "company_name": "name",
        "locale": None,
        "phone": "a",
        "custom_fields.k": "b",
    }
