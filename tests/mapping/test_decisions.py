"""Decisions: what a person says once of a value that no rule settles, and the file they say it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, strategies as st

from importer.errors import MappingError, UsageError
from importer.mapping import Usage, load_mapping, parse_mapping
from importer.mapping.decisions import decisions_text, with_decisions
from importer.mapping.evaluation import Open, comparable
from importer.mapping.tree import parse
from tests.mapping.builder import TOP, codes_of, payload_of, refusal_of, row_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from importer.mapping import Mapping
    from importer.model import Cell, Json, Mapped

    MapRow = Callable[[str, dict[str, Cell]], Mapped]

COLUMNS = ("id", "name", "a")


@pytest.mark.parametrize(
    ("text", "cell", "payload"),
    [
        pytest.param(
            "  address_invoice_country: a\ndecisions: {address_invoice_country: {Holand: Nederland}}",
            " HOLAND\xa0",
            {"address_invoice_country": "NL"},
            id="blanks and case do not count",
        ),
        pytest.param(
            "  address_invoice_country: a\ndecisions: {address_invoice_country: {Belgium: NL}}",
            "Belgium",
            {"address_invoice_country": "BE"},
            id="what a rule settles stays",
        ),
        pytest.param("  taxation: a\ndecisions: {taxation: {7: true}}", 7.0, {"taxation": True}, id="a typed cell"),
        pytest.param(
            "  phone: {from: a, map: {x: y}, default: d}\ndecisions: {phone: {z: ''}}",
            "z",
            {"phone": "d"},
            id="nothing",
        ),
        pytest.param(
            "  homepage: {from: a, as: url, on_invalid: keep}\ndecisions: {homepage: {z: z.example}}",
            "z",
            {"homepage": "https://z.example"},
            id="in the place of a kept value, and checked like one",
        ),
        pytest.param(
            "  homepage: {first_of: [{from: a, as: url}]}\ndecisions: {homepage: {z: z.example}}",
            "z",
            {"homepage": "https://z.example"},
            id="inside of first_of",
        ),
        pytest.param(
            "tags: [{from: a, split: ',', map: {x: X}}]\ndecisions: {tags: {y: Y, z: ''}}",
            "x,y,z",
            {"tags": ["X", "Y"]},
            id="t",
        ),
        pytest.param(
            "custom_fields: {k: {from: a, as: integer}}\ndecisions: {custom_fields.k: {viele: 100}}",
            "viele",
            {"custom_fields": {"k": 100}},
            id="a custom field",
        ),
    ],
)
def test_a_decision_settles_what_no_rule_does(mapped: MapRow, text: str, cell: Cell, payload: dict[str, Json]) -> None:
    desired = mapped(f"{text}\n", {"a": cell})
    assert payload_of(desired) == payload
    assert codes_of(desired) == []


def test_what_is_not_decided_yet_is_refused_as_before(mapped: MapRow) -> None:
    text = "  address_invoice_country: a\ndecisions: {address_invoice_country: {Holand: , x: NL}, company_name: }\n"
    assert refusal_of(mapped(text, {"a": "Holand"})) == ["not-a-country"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("decisions: {phone: {a: b}}", '6:13 the mapping does not set "phone"', id="a field not set"),
        pytest.param("decisions: {tags: {a: b}}", '6:13 the mapping does not set "tags"', id="no tags"),
        pytest.param("decisions: {company_nam: {a: b}}", "did you mean company_name?", id="no field"),
        pytest.param("decisions: {external_id: {a: b}}", "6:13 an external_id cannot be decided here", id="identity"),
        pytest.param("decisions: {company_name: {a: 012}}", "6:31 YAML does not read 012 as text", id="number"),
        pytest.param("decisions: {company_name: {a: b, A: c}}", '6:34 "a" and "A" are the same cell', id="same"),
        pytest.param("decisions: {company_name: [a]}", "6:13 an object with names and values is expected", id="list"),
        pytest.param(
            "  taxation: a\ndecisions: {taxation: {a: perhaps}}",
            '7:27 "perhaps" is neither yes nor no',
            id="a bad value",
        ),
    ],
)
def test_a_mistake_in_a_decision_is_named(text: str, problem: str, problems: Callable[[str], list[str]]) -> None:
    found = problems(f"{TOP}{text}\n")
    assert problem in found[0], found


# ── the file ──

RULES = TOP + "  address_invoice_country: a\n  business_field: {from: b, map: {ict: Software}}\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    mapping, decisions = tmp_path / "m.yaml", tmp_path / "decisions.yaml"
    mapping.write_text(RULES, encoding="utf-8")
    return mapping, decisions


def undecided(mapping: Mapping, *rows: tuple[Cell, Cell]) -> tuple[str, Usage]:
    usage = Usage()
    mapper = mapping.compile(("id", "name", "a", "b"), file="a.csv", usage=usage)
    for a, b in rows:
        mapper.map(row_of("1", "ACME", a, b))
    return mapping.undecided(usage, source="a.csv"), usage


def test_the_file_has_what_is_open_most_rows_first(files: tuple[Path, Path]) -> None:
    text, _ = undecided(load_mapping(files[0]), ("Nederlan", "x"), ("Holand", "x"), ("HOLAND ", "y"), ("Holand", ""))
    assert text.splitlines()[2:] == [
        '"address_invoice_country":',
        '  "Holand":  # 3 rows; NL (Netherlands)?',
        '  "Nederlan":  # 1 row; NL (Netherlands)?',
        '"business_field":',
        '  "x":  # 2 rows',
        '  "y":  # 1 row',
    ]


def test_only_what_a_decision_can_settle_is_asked_for(load: Callable[[str], Mapping]) -> None:
    text = TOP + "  phone: {from: a, map: {x: y}, when: {column: b, is: true}}\n  fax: '{a} {b}'\n"
    _, usage = undecided(load(text), ("q" * 500, "ja"), ("q" * 501, "ja"), ("x", "perhaps"), (1e20, "ja"), ("é", "ja"))
    assert [(field, cell[:3], about.rows) for (field, cell), about in usage.open.items()] == [
        ("phone", "qqq", 1),
        ("phone", "é", 1),
    ]


def test_very_many_open_values_do_not_fill_the_memory(load: Callable[[str], Mapping]) -> None:
    text = TOP + "  phone: {from: a, map: {x: y}}\n"
    rows: list[tuple[Cell, Cell]] = [(f"q{number}", None) for number in range(10_010)]
    _, usage = undecided(load(text), *rows, ("q0", None))
    assert len(usage.open) == 10_000
    assert usage.open["phone", "q0"].rows == 2


def test_a_file_filled_in_settles_and_stays_when_written_again(files: tuple[Path, Path]) -> None:
    mapping, decisions = files
    rows: list[tuple[Cell, Cell]] = [("Holand", "x"), ("Nowhere", "ict")]
    text, _ = undecided(load_mapping(mapping), *rows)
    decisions.write_text(text.replace('"Holand":', '"Holand": NL'), encoding="utf-8")
    decided = load_mapping(mapping, decisions)
    again, usage = undecided(decided, *rows)
    assert '"Holand": "NL"\n' in again
    assert list(usage.open) == [("business_field", "x"), ("address_invoice_country", "Nowhere")]
    assert load_mapping(mapping).sha256 != decided.sha256
    kept = parse_mapping(decided.text, path=mapping)  # as a journal keeps it
    assert (kept.sha256, kept.document) == (decided.sha256, decided.document)
    decisions.write_text("address_invoice_country: {Holand: BE}\n", encoding="utf-8")
    changed = parse_mapping(kept.text, path=mapping, decisions=decisions)
    assert changed.document.decisions == {"address_invoice_country": {"Holand": "BE"}}


def test_what_is_written_is_taken_again_where_a_value_is_spelled_in_several_ways(files: tuple[Path, Path]) -> None:
    mapping, decisions = files
    rows: list[tuple[Cell, Cell]] = [("Holand", "ict"), ("HOLAND", "ict")]
    text, _ = undecided(load_mapping(mapping), *rows)
    decisions.write_text(text, encoding="utf-8")
    again, usage = undecided(load_mapping(mapping, decisions), *reversed(rows))  # not decided, and another one first
    assert again.splitlines()[2:] == ['"address_invoice_country":', '  "HOLAND":  # 2 rows; NL (Netherlands)?']
    assert list(usage.open) == [("address_invoice_country", "HOLAND")]
    decisions.write_text(again.replace(":  #", ": NL  #"), encoding="utf-8")
    settled, usage = undecided(load_mapping(mapping, decisions), *rows)
    assert settled.splitlines()[2:] == ['"address_invoice_country":', '  "HOLAND": "NL"']
    assert usage.open == {}


def test_a_decision_that_is_not_used_has_its_place_in_the_file(files: tuple[Path, Path]) -> None:
    mapping, decisions = files
    decisions.write_text("# mine\naddress_invoice_country:\n  Belgium: NL\n  Atlantis: NL\n", encoding="utf-8")
    loaded = load_mapping(mapping, decisions)
    _, usage = undecided(loaded, ("Belgium", "ict"))
    assert [(one.file, one.line, one.column, one.message) for one in loaded.never(usage)] == [
        (str(decisions), 3, 3, 'address_invoice_country: the rules settle "Belgium" as BE; the decision is not used'),
        (str(decisions), 4, 3, 'address_invoice_country: no row has "Atlantis", so this decision does nothing'),
    ]


def test_a_mistake_has_its_place_in_the_file(files: tuple[Path, Path]) -> None:
    mapping, decisions = files
    decisions.write_text("address_invoice_country:\n  Holand: XX\nfax: {a: b}\n", encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        load_mapping(mapping, decisions)
    assert str(caught.value).startswith(f'{decisions}:2:11: "XX" is not a country')
    assert f"{decisions}:3:1: the mapping does not set" in str(caught.value)
    decisions.write_text("a: [", encoding="utf-8")
    with pytest.raises(MappingError, match=r"decisions\.yaml:1:5: this is no YAML: this . or . is not closed"):
        load_mapping(mapping, decisions)
    mapping.write_text(RULES.replace("version: 1", "version: 2"), encoding="utf-8")
    decisions.write_text("address_invoice_country: {Holand: XX}\n", encoding="utf-8")
    with pytest.raises(MappingError, match=r"m\.yaml:1:10:"):
        load_mapping(mapping, decisions)


def test_decisions_stand_in_one_place(files: tuple[Path, Path]) -> None:
    mapping, decisions = files
    mapping.write_text(RULES + "decisions: {address_invoice_country: {Holand: NL}}\n", encoding="utf-8")
    decisions.write_text("address_invoice_country: {Holand: BE}\n", encoding="utf-8")
    line = RULES.count("\n") + 1
    with pytest.raises(MappingError) as caught:
        load_mapping(mapping, decisions)
    said = (
        f"{mapping}:{line}:1: the mapping has decisions of its own, and {decisions} was given as well; keep one of them"
    )
    assert str(caught.value) == said
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("version: 1", "version: 2"), encoding="utf-8")
    with pytest.raises(MappingError, match=r"m\.yaml:1:10: (?s:.)*has decisions of its own"):
        load_mapping(mapping, decisions)


def test_a_mapping_in_braces_has_no_decisions_of_its_own(files: tuple[Path, Path]) -> None:
    mapping, decisions = files
    rules = "{version: 1, target: {external_origin: o}, company: {external_id: id, company_name: name}}\n"
    mapping.write_text(rules, encoding="utf-8")
    decisions.write_text("company_name: {A: B}\n", encoding="utf-8")
    with pytest.raises(MappingError, match="this is no YAML"):
        load_mapping(mapping, decisions)


@pytest.mark.parametrize("text", ["# mine\n[]\n", "# mine\n- a: b\n", "# mine\nwords\n"])
def test_what_is_no_object_is_no_decisions_file(files: tuple[Path, Path], text: str) -> None:
    files[1].write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r"decisions\.yaml:2:1: a decisions file is an object of fields"):
        load_mapping(*files)


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n"])
def test_a_file_without_decisions_is_none(files: tuple[Path, Path], text: str) -> None:
    files[1].write_text(text, encoding="utf-8")
    assert load_mapping(*files).document.decisions == {}


def test_a_missing_file_says_who_writes_it(files: tuple[Path, Path]) -> None:
    with pytest.raises(UsageError, match="there is no such decisions file; look at the path, or let `validate` write"):
        load_mapping(*files)


_NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_DECIDED = st.dictionaries(_NAMES, st.dictionaries(_NAMES, st.none() | _NAMES | st.booleans(), min_size=1), max_size=3)


@given(
    _DECIDED,
    st.dictionaries(
        st.tuples(_NAMES, _NAMES),
        st.builds(Open, st.integers(1), _NAMES, st.just(())),
        max_size=3,
    ),
)
def test_what_is_written_is_read_back(
    decided: dict[str, dict[str, str | bool | None]], found: dict[tuple[str, str], Open]
) -> None:
    usage = Usage()
    usage.open |= found
    text = decisions_text(usage, decided, mapping="m\n.yaml", source="a\x85b.csv")
    whole, before = with_decisions("version: 1\n", text)
    tree, problems = parse(whole)
    assert problems == []
    assert tree is not None
    assert isinstance(tree.data, dict)
    expected: dict[str, dict[str, object]] = {name: dict(cells) for name, cells in decided.items()}
    for field, cell in found:
        expected.setdefault(field, {}).setdefault(cell, None)
    for cells in expected.values():
        assume(len(set(map(comparable, cells))) == len(cells))  # a mapping never has the same cell twice
    assert (tree.data["decisions"] or {}) == expected
    assert whole.splitlines()[before - 1] == "decisions:" or "\x85" in whole
