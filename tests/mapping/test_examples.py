"""The tests that a mapping carries: what passes, and how a failure reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mapping.builder import TOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.mapping import Mapping

RULES = (
    TOP
    + """\
  phone: {from: Telefoon, blank: clear}
  taxation: vat
source: {columns: {id: [Klantnummer]}}
skip: [{when: {column: old, is: true}, reason: archived}]
tags: [{from: labels, split: ","}]
custom_fields: {since: {from: since, as: date}, staff: {from: staff, as: integer}}
tests:
"""
)


@pytest.mark.parametrize(
    "test",
    [
        pytest.param("{row: {id: '1', name: A}}", id="the row maps"),
        pytest.param("{row: {Klantnummer: 7, name: A}, company: {external_id: '7', phone: null}}", id="typed, cleared"),
        pytest.param("{row: {id: '1', name: A, vat: nee}, company: {taxation: false, iban: null}}", id="not sent"),
        pytest.param("{row: {id: '1', name: A, labels: 'a,b'}, tags: [a, b]}", id="tags"),
        pytest.param("{row: {id: '1', name: A}, tags: []}", id="no tags"),
        pytest.param(
            "{row: {id: '1', name: A, since: 2024-01-02, staff: '5'}, custom_fields: {since: '2024-01-02', staff: 5}}",
            id="custom fields",
        ),
        pytest.param("{row: {id: '1', vat: perhaps}, refused: [not-a-boolean, missing-required]}", id="refused"),
        pytest.param("{row: {old: true}, skipped: true}", id="skipped"),
    ],
)
def test_what_comes_out_as_written_is_no_failure(load: Callable[[str], Mapping], test: str) -> None:
    mapping = load(f"{RULES}  - {test}\n")
    assert mapping.run_tests() == ()
    assert mapping.test_count == 1


@pytest.mark.parametrize(
    ("test", "difference"),
    [
        pytest.param(
            "{row: {id: '1', name: A}, company: {company_name: B}}", 'company_name is "A", not "B"', id="text"
        ),
        pytest.param(
            "{row: {id: '1', name: A, vat: ja}, company: {taxation: false}}", "taxation is true, not false", id="b"
        ),
        pytest.param(
            "{row: {id: '1', name: A}, company: {taxation: true}}", "taxation is not sent, not true", id="absent"
        ),
        pytest.param("{row: {id: '1', name: A}, company: {phone: x}}", 'phone is null, not "x"', id="cleared"),
        pytest.param(
            "{row: {id: '1', name: A, labels: 'a,b'}, tags: [b]}", 'tags are ["a", "b"], not ["b"]', id="tags"
        ),
        pytest.param(
            "{row: {id: '1', name: A, staff: '1'}, custom_fields: {staff: true}}",
            "custom_fields.staff is 1, not true",
            id="1",
        ),
        pytest.param("{row: {id: '1', name: A}, refused: [too-long]}", "was to be refused, and it maps", id="maps"),
        pytest.param("{row: {id: '1', name: A}, skipped: true}", "was to be skipped, and it maps", id="not skipped"),
        pytest.param("{row: {id: '1'}}", "the row is refused: company_name is empty", id="refused"),
        pytest.param(
            "{row: {id: '1'}, skipped: true}", "the row is refused: company_name is empty", id="refused, not skipped"
        ),
        pytest.param(
            "{row: {id: '1'}, refused: [too-long]}",
            "was to be refused for too-long, and is for: company_name",
            id="code",
        ),
        pytest.param("{row: {old: ja}}", "the row is skipped: archived", id="skipped"),
        pytest.param(
            "{row: {old: ja}, refused: [too-long]}", "the row is skipped: archived", id="skipped, not refused"
        ),
        pytest.param(
            "{row: {id: '1', name: A, Telefon: x}}",
            '"Telefon" is no column that the mapping uses; did you mean "Telefoon"?',
            id="column",
        ),
        pytest.param(
            "{row: {id: '1', name: A, q: x, z: y}}", '"q" and "z" are no columns that the mapping uses', id="two"
        ),
        pytest.param(
            "{row: {id: '1', ID: '2', name: A}}",
            '"ID" is no column that the mapping uses',
            id="the exact column of two alike",
        ),
        pytest.param(
            '{row: {id: "1", name: "a\\u00a0b"}, company: {company_name: a b}}',
            'company_name is "a\\u00a0b", not "a b"',
            id="what cannot be seen",
        ),
        pytest.param("{row: {id: '1', Name: A, NAME: B}}", '"name" may be any of the columns', id="ambiguous"),
    ],
)
def test_a_failure_says_what_differs_and_where_the_test_stands(
    load: Callable[[str], Mapping], test: str, difference: str
) -> None:
    failures = load(f"{RULES}  - {{row: {{id: '1', name: A}}}}\n  - {test}\n").run_tests()
    assert [(failure.number, failure.line, failure.column) for failure in failures] == [(2, 14, 5)]
    assert difference in str(failures[0])
    assert str(failures[0]).startswith("line 14: test 2: ")


@pytest.mark.parametrize(
    ("test", "places"),
    [
        pytest.param("{row: {id: '1', name: A}, company: {phone: x, iban: y}, tags: [b]}", [48, 57, 61], id="values"),
        pytest.param("{row: {id: '1', name: A}, refused: [too-long]}", [31], id="refused"),
        pytest.param("{row: {id: '1', name: A, Telefon: x}}", [39], id="column"),
        pytest.param("{row: {id: '1'}}", [5], id="the row"),
    ],
)
def test_each_difference_has_its_own_place(load: Callable[[str], Mapping], test: str, places: list[int]) -> None:
    (failure,) = load(f"{RULES}  - {test}\n").run_tests()
    assert [difference.line for difference in failure.differences] == [13] * len(places)
    assert [difference.column for difference in failure.differences] == places
