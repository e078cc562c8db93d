"""Mapping whole rows: desired, refused, skipped; what the payload looks like, and where issues point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.company import FIELDS
from importer.model import Code, Desired, Issue, Location, Refusal, Row, Severity, Skip, digest
from tests.mapping.builder import TOP, codes_of, refusal_of, row_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.mapping import Mapper, Mapping
    from importer.model import Cell, Mapped

    MapRow = Callable[[str, dict[str, Cell]], Mapped]


def test_a_payload_always_has_identity_and_follows_the_order_of_the_api(mapped: MapRow) -> None:
    text = "  company_revenue: a\n  phone: a\n  iban: a\ncustom_fields: {z: a, b: a}\ntags: [a]\n"
    desired = mapped(text, {"a": "x"})
    assert isinstance(desired, Desired)
    assert list(desired.payload) == [name for name in FIELDS if name in desired.payload]
    assert desired.payload == {
        "external_id": "1",
        "external_origin": "old",
        "company_name": "ACME",
        "iban": "x",
        "phone": "x",
        "company_revenue": "x",
        "tags": ["x"],
        "custom_fields": {"z": "x", "b": "x"},
    }
    assert desired.external_id == "1"
    assert desired.digest == digest(desired.payload)
    assert desired.issues == ()


@pytest.mark.parametrize(
    ("cell", "external_id"),
    [
        pytest.param(" K-1 ", "K-1", id="text"),
        pytest.param("0012", "0012", id="leading zeros"),
        pytest.param(10.0, "10", id="a number loses its .0"),
        pytest.param(10, "10", id="a whole number"),
    ],
)
def test_an_external_id_is_text(mapped: MapRow, cell: Cell, external_id: str) -> None:
    desired = mapped("", {"id": cell})
    assert isinstance(desired, Desired)
    assert desired.external_id == external_id


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("", "missing-required", id="blank"),
        pytest.param(None, "missing-required", id="empty"),
        pytest.param(4.96e17, "damaged-number", id="more than 15 digits"),
        pytest.param("4,96E+17", "damaged-number", id="scientific"),
        pytest.param("a/b", "bad-external-id", id="slash"),
        pytest.param(True, "bad-external-id", id="a truth value"),
        pytest.param("x" * 256, "bad-external-id", id="too long"),
    ],
)
def test_an_external_id_that_is_none_refuses_the_row(mapped: MapRow, cell: Cell, code: str) -> None:
    refusal = mapped("", {"id": cell})
    assert refusal_of(refusal) == [code]
    assert isinstance(refusal, Refusal)
    assert refusal.external_id is None
    assert refusal.issues[0].location.column == "id"


def test_a_missing_name_is_said_with_the_column_it_would_come_from(load: Callable[[str], Mapping]) -> None:
    mapping = load(TOP.replace("company_name: name", "company_name: {first_of: ['{first} {last}', name]}"))
    refusal = mapping.compile(("id", "name", "last", "first"), file="a.csv", sheet="S").map(row_of("1", "", None, " "))
    assert isinstance(refusal, Refusal)
    assert refusal.external_id == "1"
    (issue,) = refusal.issues
    assert issue.location == Location("a.csv", "S", 2, "first")
    assert issue.message == "company_name is empty, and Kanbert requires it"
    assert "first_of" in issue.hint


def test_a_name_that_was_left_out_is_missing(load: Callable[[str], Mapping]) -> None:
    mapping = load(TOP.replace("company_name: name", "company_name: {from: name, map: {a: b}, otherwise: blank}"))
    refusal = mapping.compile(("id", "name"), file="a.csv").map(row_of("1", "x"))
    assert codes_of(refusal) == ["left-blank", "missing-required"]


def test_all_that_is_wrong_with_a_row_is_said_at_once(mapped: MapRow) -> None:
    text = "  taxation: a\n  email_general: b\n  phone: {from: name, as: url, on_invalid: keep}\ntags: [{from: a, as: date}]\n"
    refusal = mapped(text, {"id": "", "a": "perhaps", "b": "nobody"})
    assert refusal_of(refusal) == ["missing-required", "not-a-boolean", "not-an-email", "kept-as-is", "not-a-date"]
    assert [issue.location.column for issue in refusal.issues] == ["id", "a", "b", "name", "a"]
    assert [issue.field for issue in refusal.issues] == ["external_id", "taxation", "email_general", "phone", "tags"]


def test_the_same_issue_is_said_once(mapped: MapRow) -> None:
    text = "tags: [{value: a, when: {column: a, is: true}}, {value: b, when: {column: a, is: false}}]\n"
    assert refusal_of(mapped(text, {"a": "perhaps"})) == ["not-a-boolean"]


def test_an_issue_points_at_the_column_that_gave_the_value(mapped: MapRow) -> None:
    text = "  email_general: {first_of: [a, '{b}{c}', {value: x@y.example}]}\n"
    assert mapped(text, {"a": "", "b": "", "c": "nobody"}).issues[0].location.column == "c"
    assert mapped(text, {"a": "nobody", "b": "", "c": ""}).issues[0].location.column == "a"


def test_a_custom_field_is_named_by_its_slug(mapped: MapRow) -> None:
    assert mapped("custom_fields: {since: {from: a, as: date}}\n", {"a": "x"}).issues[0].field == "custom_fields.since"


# ── what the reader found ──


def found_by_the_reader(severity: Severity) -> Issue:
    code = Code.ERROR_CELL if severity is Severity.ERROR else Code.MISSING_CELLS
    return Issue.of(code, Location("a.csv", None, 2, "name"), value="#N/A", detail="1 cell")


def mapper_of(load: Callable[[str], Mapping], text: str = "") -> Mapper:
    return load(TOP + text).compile(("id", "name", "x"), file="a.csv")


def test_an_error_of_the_reader_refuses_the_row(load: Callable[[str], Mapping]) -> None:
    issue = found_by_the_reader(Severity.ERROR)
    assert mapper_of(load).map(row_of("1", "ACME", None, issues=(issue,))) == Refusal("1", (issue,))


def test_a_warning_of_the_reader_goes_along(load: Callable[[str], Mapping]) -> None:
    issue = found_by_the_reader(Severity.WARNING)
    desired = mapper_of(load).map(row_of("1", "ACME", None, issues=(issue,)))
    assert isinstance(desired, Desired)
    assert desired.issues == (issue,)


def test_a_row_that_is_too_short_is_filled_with_blanks(load: Callable[[str], Mapping]) -> None:
    mapper = mapper_of(load, "  phone: x\n")
    assert mapper.map(row_of("1", "ACME")) == mapper.map(row_of("1", "ACME", None))
    assert refusal_of(mapper.map(Row(2, ()))) == ["missing-required", "missing-required"]


# ── skip ──

SKIP = """\
skip:
  - {when: {column: a, is: true}, reason: archived}
  - {when: {column: id, matches: "^T"}, reason: a test}
"""


def test_a_skipped_row_is_not_refused_whatever_is_wrong_with_it(mapped: MapRow) -> None:
    skip = mapped(f"  taxation: name\n{SKIP}", {"a": "ja", "id": 7.0})
    assert isinstance(skip, Skip)
    assert skip.external_id == "7"
    (issue,) = skip.issues
    assert (issue.code, issue.severity, issue.message) == (Code.SKIPPED_BY_RULE, Severity.INFO, "skipped: archived")
    assert issue.location == Location("a.csv", None, 2, None)


def test_the_first_rule_that_holds_gives_the_reason(mapped: MapRow) -> None:
    assert mapped(SKIP, {"a": "yes", "id": "T1"}).issues[0].message == "skipped: archived"
    assert mapped(SKIP, {"a": "no", "id": "T1"}).issues[0].message == "skipped: a test"
    assert isinstance(mapped(SKIP, {"a": "no"}), Desired)


def test_a_rule_that_cannot_be_settled_refuses_unless_another_one_skips(mapped: MapRow) -> None:
    assert refusal_of(mapped(SKIP, {"a": "perhaps"})) == ["not-a-boolean"]
    assert mapped(SKIP, {"a": "perhaps", "id": "T1"}).issues[0].message == "skipped: a test"


def test_a_doubt_is_no_reason_to_skip(mapped: MapRow) -> None:
    text = "skip: [{when: {not: {column: a, is: false}}, reason: x}]\n"
    assert refusal_of(mapped(text, {"a": "perhaps"})) == ["not-a-boolean"]


def test_a_skipped_row_without_an_external_id_has_none(mapped: MapRow) -> None:
    skip = mapped(SKIP, {"a": "yes", "id": "a/b"})
    assert isinstance(skip, Skip)
    assert skip.external_id is None


def test_a_field_knows_the_column_it_is_taken_from(load: Callable[[str], Mapping]) -> None:
    text = TOP + "  phone: '{x} {y}'\n  locale: {value: nl}\ncustom_fields: {kvk: {first_of: [y, x]}}\n"
    mapper = load(text).compile(("ID", "name", "x", "y"), file="a.csv")
    found = [mapper.column_of(field) for field in ("external_id", "phone", "custom_fields", "locale", "fax")]
    assert found == ["ID", "x", "y", None, None]


@pytest.mark.parametrize(
    ("column", "refused"),
    [
        pytest.param("spare", False, id="a column that is not used"),
        pytest.param("name", True, id="a column that is used"),
        pytest.param(None, True, id="the row as a whole"),
    ],
)
def test_an_error_in_a_cell_refuses_the_row_where_the_cell_is_used(
    load: Callable[[str], Mapping], column: str | None, refused: bool
) -> None:
    found = Issue.of(Code.ERROR_CELL, Location("a.csv", None, 2, column), value="#N/A")
    mapper = load(TOP).compile(("id", "name", "spare"), file="a.csv")
    mapped = mapper.map(row_of("1", "ACME", None, issues=(found,)))
    assert isinstance(mapped, Refusal if refused else Desired)
    assert [issue.severity for issue in mapped.issues] == [Severity.ERROR if refused else Severity.INFO]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        pytest.param("{from: a, as: vat}", "tax_uid", id="plain"),
        pytest.param("{from: a, case: upper, as: vat}", "tax_uid", id="after another step"),
        pytest.param("{first_of: [{from: a, as: vat}, b]}", "tax_uid", id="in first_of"),
        pytest.param("{from: a, as: vat, on_invalid: keep, default: BE0400000185}", "tax_uid", id="with a way out"),
    ],
)
def test_what_a_converter_adds_is_sent_and_said(mapped: MapRow, rule: str, field: str) -> None:
    desired = mapped(f"  {field}: {rule}\n", {"a": "BE 400.000.185", "b": ""})
    assert isinstance(desired, Desired)
    assert desired.payload[field] == "BE0400000185"
    (issue,) = desired.issues
    assert (issue.code, issue.severity, issue.field) == (Code.COMPLETED, Severity.WARNING, field)
    assert issue.message == f'{field} is sent as "BE0400000185": a leading 0 was added'


def test_what_is_added_to_a_piece_of_tags_is_said_as_well(mapped: MapRow) -> None:
    desired = mapped("tags: [{from: a, split: ';', as: vat}]\n", {"a": "BE400000185; DE100000129"})
    assert isinstance(desired, Desired)
    assert desired.payload["tags"] == ["BE0400000185", "DE100000129"]
    assert [(issue.code, issue.value) for issue in desired.issues] == [(Code.COMPLETED, "BE0400000185")]


def test_a_noted_value_still_goes_through_what_the_field_takes(mapped: MapRow) -> None:
    refusal = mapped("  email_general: {from: a, as: vat}\n", {"a": "BE400000185"})
    assert refusal_of(refusal) == ["not-an-email"]


def test_what_is_added_to_a_constant_of_the_mapping_needs_no_word(mapped: MapRow) -> None:
    text = "  tax_uid: {value: BE400000185, as: vat}\n  iban: {from: b, as: iban}\ncustom_fields: "
    text += "{x: {from: b, as: vat, default: GR000012348}, y: {from: a, map: {k: BE400000185}, as: vat}}\n"
    desired = mapped(text, {"a": "k", "b": ""})
    assert isinstance(desired, Desired)
    assert desired.payload["tax_uid"] == "BE0400000185"
    assert desired.payload["custom_fields"] == {"x": "EL000012348", "y": "BE0400000185"}
    assert codes_of(desired) == ["completed"]  # the one of the map, whose value a cell chose
