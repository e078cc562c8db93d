"""Properties of the mapping language: mapping is total, digests do not depend on order, mistakes have places."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.company import FIELDS, FieldType
from importer.errors import MappingError
from importer.mapping import load_mapping, parse_mapping
from importer.mapping.kinds import KINDS
from importer.model import Desired, Refusal, Row, Severity, Skip, canonical_json, digest
from tests.mapping.builder import TOP

if TYPE_CHECKING:
    from importer.mapping import Mapping
    from importer.model import Json

COLUMNS = ("a", "b", "c", "d")
PATH = Path("m.yaml")

names = st.sampled_from(COLUMNS)
words = st.sampled_from(
    ["x", "Ja", "nee", "NL", "info@a.example", "www.a.example", "2024-01-02", "1.5", " ", "12", "K,L;x"]
)
cells = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
    | words
    | st.text(st.characters(), max_size=12)
    | st.text(min_size=250, max_size=300)
)
rows = st.builds(Row, st.integers(2, 99), st.lists(cells, max_size=6).map(tuple))

plain_rows = st.builds(Row, st.integers(2, 99), st.lists(words | st.just("") | st.none(), max_size=4).map(tuple))

conditions: st.SearchStrategy[Json] = st.recursive(
    st.one_of(
        st.fixed_dictionaries({"column": names, "is": words | st.booleans()}),
        st.fixed_dictionaries({"column": names, "in": st.lists(words | st.booleans(), min_size=1, max_size=3)}),
        st.fixed_dictionaries({"column": names, "matches": st.sampled_from(["x", "^[0-9]+$", "(?i)ja"])}),
        st.fixed_dictionaries({"column": names, "blank": st.booleans()}),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=4,
)
steps = st.fixed_dictionaries(
    {},
    optional={
        "when": conditions,
        "replace": st.just([{"pattern": "x+", "with": "y"}]),
        "map": st.dictionaries(words.filter(str.strip), st.none() | words, min_size=1, max_size=3),
        "case": st.sampled_from(["upper", "lower", "title"]),
        "as": st.sampled_from(list(KINDS)),
        "default": words,
        "on_invalid": st.sampled_from(["refuse", "keep", "blank"]),
    },
)
bare: st.SearchStrategy[Json] = names | st.sampled_from(["{a} {b}", "{c}-{a}", "{{{d}}}"])


def with_origin(parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    origins = st.one_of(
        st.fixed_dictionaries({"from": names}),
        st.fixed_dictionaries({"template": st.sampled_from(["{a} {b}", "{c}"])}),
        st.fixed_dictionaries({"first_of": st.lists(parts, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"value": words}),
    )
    return st.builds(lambda origin, rest: {**origin, **rest}, origins, steps)


expressions: st.SearchStrategy[Json] = st.recursive(bare, with_origin, max_leaves=4)
fields = [name for name in FIELDS if name not in {"external_origin", "tags", "custom_fields"}]
documents = st.fixed_dictionaries(
    {
        "version": st.just(1),
        "target": st.just({"external_origin": "old"}),
        "company": st.builds(
            lambda required, rest: {**rest, **required},
            st.fixed_dictionaries({"external_id": bare, "company_name": expressions}),
            st.dictionaries(st.sampled_from(fields), expressions, max_size=6),
        ),
    },
    optional={
        "blank": st.sampled_from(["keep", "clear"]),
        "skip": st.lists(st.fixed_dictionaries({"when": conditions, "reason": st.just("r")}), max_size=2),
        "tags": st.lists(expressions, max_size=3),
        "custom_fields": st.dictionaries(st.sampled_from(["x", "y"]), expressions, max_size=2),
    },
)


def parsed(document: str | dict[str, Json]) -> Mapping | MappingError:
    """Load a document; JSON is YAML."""
    try:
        return parse_mapping(document if isinstance(document, str) else json.dumps(document), path=PATH)
    except MappingError as error:
        return error


@given(documents, st.lists(rows, min_size=1, max_size=8))
def test_mapping_is_total(document: dict[str, Json], table: list[Row]) -> None:
    mapping = parsed(document)
    if isinstance(mapping, MappingError):
        assert all(problem.line and problem.column for problem in mapping.problems)
        return
    mapper = mapping.compile(COLUMNS, file="a.csv")
    for row in table:
        match mapper.map(row):
            case Desired() as desired:
                assert_sendable(desired)
            case Refusal(issues=issues):
                assert any(issue.severity is Severity.ERROR for issue in issues)
                assert all(issue.location.row == row.number for issue in issues)
            case Skip(issues=issues):
                assert issues


def assert_sendable(desired: Desired) -> None:
    """Whatever the rules and the cells: what is sent is what the API takes."""
    assert desired.external_id == desired.payload["external_id"]
    assert desired.payload["company_name"]
    assert all(issue.severity is not Severity.ERROR for issue in desired.issues)
    assert desired.digest == digest(json.loads(canonical_json(desired.payload)))
    for name, value in desired.payload.items():
        field = FIELDS[name]
        match field.type:
            case FieldType.BOOLEAN:
                assert isinstance(value, bool)
            case FieldType.COUNTRY:
                assert isinstance(value, str)
                assert len(value) == 2
            case FieldType.TAGS:
                assert isinstance(value, list)
                assert all(isinstance(tag, str) and tag for tag in value)
            case FieldType.CUSTOM:
                assert isinstance(value, dict)
                assert all(entry is None or isinstance(entry, (str, bool, int)) for entry in value.values())
            case _ if value is None:
                assert field.nullable
            case _:
                assert isinstance(value, str)
                assert value == value.strip()
                assert 0 < len(value) <= (field.max_length or math.inf)


@given(documents, st.lists(plain_rows, min_size=1, max_size=8), st.lists(rows, max_size=2))
def test_rows_mapped_together_are_mapped_as_each_is_alone(
    document: dict[str, Json], plain: list[Row], others: list[Row]
) -> None:
    mapping = parsed(document)
    if isinstance(mapping, MappingError):
        return
    mapper = mapping.compile(COLUMNS, file="a.csv")
    for table in (plain, plain + others):
        alone = [mapper.map(row) for row in table]
        assert list(map(repr, mapper.map_all(table))) == list(map(repr, alone))  # as text: True is not 1


@given(documents, rows)
def test_a_digest_does_not_depend_on_the_order_of_words(document: dict[str, Json], row: Row) -> None:
    company = document["company"]
    assert isinstance(company, dict)
    turned: dict[str, Json] = {**document, "company": dict(reversed(company.items()))}
    found = [parsed(one) for one in (document, dict(reversed(turned.items())))]
    mapped = [one.compile(COLUMNS, file="a").map(row) for one in found if not isinstance(one, MappingError)]
    assert len(mapped) in {0, 2}
    assert mapped[:1] == mapped[1:]


@given(rows)
def test_mapping_a_row_twice_gives_the_same(row: Row) -> None:
    text = TOP.replace("id\n", "a\n").replace("name\n", "b\n") + "  taxation: c\ntags: [{from: d, split: ','}]\n"
    mapper = parse_mapping(text, path=PATH).compile(COLUMNS, file="a.csv")
    assert mapper.map(row) == mapper.map(row)


@given(rows, st.permutations(COLUMNS))
def test_the_order_of_columns_does_not_matter(row: Row, order: list[str]) -> None:
    mapping = parse_mapping(TOP.replace("id\n", "a\n").replace("name\n", "b\n") + "  phone: '{c} {d}'\n", path=PATH)
    filled = (*row.cells, None, None, None, None)[:4]
    turned = tuple(filled[COLUMNS.index(column)] for column in order)
    first = mapping.compile(COLUMNS, file="a.csv").map(Row(2, filled))
    second = mapping.compile(order, file="a.csv").map(Row(2, turned))
    assert first == second


# ── damaged mapping files ──

WHOLE = (
    (Path(__file__).parents[2] / "mappings" / "README.md").read_text(encoding="utf-8").partition("```yaml mapping\n")[2]
)
WHOLE = WHOLE.partition("```")[0] + (
    "  - row: {number: '11', Bedrijf: B, Land: 0123, x: 2024-01-02}\n    refused: [not-a-country]\n"
    "skip: [{when: {all: [{column: x, is: true}, {not: {column: y, in: [a, 1]}}]}, reason: r}]\n"
    "custom_fields: &c {a: {from: b, as: {date: {order: dmy}}, map: {x: null}, otherwise: {value: z}}, c: '{d} {e}'}\n"
)
pieces = st.sampled_from(
    [
        *"{}[]:~|?>#%'\"\\",
        "- ",
        "&a ",
        "*a",
        "*c",
        "<<: ",
        "!x ",
        "\t",
        "\n",
        "  ",
        "[[",
        "...",
        "---",
        "null",
        "true",
        "0123",
        "1e400",
        "value",
        "keep",
        "\x00",
        "\u2028",
        "\x85",
        "é",
    ]
)


@given(st.data())
def test_a_damaged_mapping_is_a_mapping_error_with_places(data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        text = text[:start] + data.draw(pieces | st.text(max_size=3)) + text[start + data.draw(st.integers(0, 8)) :]
    mapping = parsed(text)
    if isinstance(mapping, MappingError):
        assert mapping.problems
        assert all(problem.line and problem.column for problem in mapping.problems)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_mapping_error(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.yaml"
        path.write_bytes(content)
        with pytest.raises(MappingError) as caught:
            load_mapping(path)
    assert all(problem.line and problem.column for problem in caught.value.problems)
