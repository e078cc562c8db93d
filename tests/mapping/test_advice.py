"""Mistakes that people really make, and what is said to them: each message says what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.company import FIELDS
from importer.errors import MappingError
from importer.mapping import json_schema
from importer.mapping.advice import _FIELDS, _WORDS
from tests.mapping.builder import TOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.mapping import Mapping


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("\tphone: x", "6:1 this is no YAML: a tab stands here; begin lines with spaces", id="tab"),
        pytest.param("  phone:x", "6:3 this is no YAML: a name needs a colon and a blank behind it", id="no blank"),
        pytest.param("   phone: x", "6:9 this is no YAML: a colon too many, or a line that begins", id="too far right"),
        pytest.param("  phone: Tel: x", "6:13 this is no YAML: a colon too many", id="colon"),
        pytest.param("  phone: {a} {b}", "6:14 this is no YAML: this goes on where the value has ended", id="template"),
        pytest.param("  phone: [x", "6:10 this is no YAML: this [ is not closed", id="open ["),
        pytest.param("  phone: {from: x", "6:10 this is no YAML: this { is not closed", id="open {"),
        pytest.param("  phone: 'x", "6:10 this is no YAML: this quotation mark is not closed", id="open '"),
        pytest.param('  phone: "x', "6:10 this is no YAML: this quotation mark is not closed", id='open "'),
        pytest.param('  phone: "\\d"', "6:12 this is no YAML: a backslash means something else", id="backslash"),
        pytest.param("  phone: %x", "6:10 this is no YAML: a % is in the wrong place", id="%"),
        pytest.param("  phone: @x", "6:10 this is no YAML: an @ is in the wrong place", id="@"),
        pytest.param("  vat_number: x", '6:3 a company has no field "vat_number"; did you mean tax_uid?', id="vat"),
        pytest.param("  City: x", '6:3 a company has no field "City"; did you mean address_invoice_town?', id="city"),
        pytest.param(
            "tags: {value: a}",
            "6:1 a list is expected here, not an object; begin each entry with a dash and a blank",
            id="one tag",
        ),
        pytest.param("tags: vip", '6:7 a list is expected here, not "vip"; put it in brackets: [vip]', id="a word"),
        pytest.param(
            "custom_fields:\n  - kvk: x",
            "6:1 an object with names and values is expected here, not a list; leave out the dashes",
            id="dashes",
        ),
        pytest.param(
            "  phone: {from: x, as: date, order: dmy}",
            '6:30 "order" is no word of the language here; it is an option of a kind: `as: {date: {order: ...}}`',
            id="an option beside its kind",
        ),
        pytest.param(
            "  phone: {column: x}", '6:11 "column" is no word of the language here; did you mean from?', id="c"
        ),
        pytest.param(
            "  phone: {from: x, on_error: keep}", '6:20 "on_error" is no word of the language here; did', id="e"
        ),
        pytest.param(
            "  phone: {from: x, trim: all}",
            '6:20 "trim" is no word of the language here; known are as, bl',
            id="all words",
        ),
        pytest.param(
            "skip: [{when: {column: a, equals: x}, reason: r}]",
            '6:27 "equals" is no word of the language here; did you mean is?',
            id="=",
        ),
        pytest.param(
            "skip: [{when: {Archived: x}, reason: r}]",
            '6:16 "Archived" is no word of the language here; a condition is such as {column: NAME, is: TEXT}',
            id="a column as a word",
        ),
        pytest.param(
            "skip: [{when: a = x, reason: r}]",
            '6:15 an object is expected here, not "a = x"; a condition is such as {column: NAME, is: TEXT}',
            id="a formula",
        ),
    ],
)
def test_a_common_mistake_is_told_what_to_write(text: str, problem: str, problems: Callable[[str], list[str]]) -> None:
    found = problems(f"{TOP}{text}\n")
    assert found[0].startswith(problem), found


def test_a_quoted_version_is_told_to_lose_its_quotes(problems: Callable[[str], list[str]]) -> None:
    assert problems(TOP.replace("version: 1", "version: '1'")) == ["1:10 write 1 without quotes"]


def test_what_stands_below_a_wrong_name_is_not_looked_at(problems: Callable[[str], list[str]]) -> None:
    assert problems(TOP + "  address:\n    street: a\n    city: 7\n  tags: [x]\n") == [
        '6:3 a company has no field "address"; did you mean address_invoice_street?',
        "9:3 `tags` stands beside `company`, not in it",
    ]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        pytest.param("a + b", '; a template puts columns together: "{a} {b}"', id="+"),
        pytest.param("name & b", '; a template puts columns together: "{name} {b}"', id="&"),
        pytest.param("a + z", '; did you mean "a"?', id="a sum of what is not there"),
        pytest.param("D", '; columns are named by their header: column D is "b"', id="a letter"),
        pytest.param("Z", "; its columns are", id="a letter behind the last"),
    ],
)
def test_a_column_that_is_none_says_how_it_is_written(
    column: str, message: str, load: Callable[[str], Mapping]
) -> None:
    mapping = load(f"{TOP}  phone: '{column}'\n")
    with pytest.raises(MappingError) as caught:
        mapping.compile(("id", "name", "aa", "b", "a"), file="a.csv")
    assert message in str(caught.value)


def test_what_is_advised_exists() -> None:
    schema = json_schema()
    words = {word for part in (schema, *schema["$defs"].values()) for word in part.get("properties", ())}
    assert set(_WORDS) <= words
    assert set(_FIELDS) <= set(FIELDS)
