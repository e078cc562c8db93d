"""Issues, digests, and the balance."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.model import (
    TEMPLATES,
    Code,
    Counts,
    Issue,
    Location,
    OutcomeKind,
    Severity,
    SourceInfo,
    canonical_json,
    digest,
    shortened,
)

PLACE = Location("contacts.csv", None, 7, "Land")


def test_every_code_has_a_template_with_a_hint() -> None:
    assert set(TEMPLATES) == set(Code)
    assert all(template.hint for template in TEMPLATES.values())


@pytest.mark.parametrize("code", list(Code))
def test_every_template_can_be_filled(code: Code) -> None:
    issue = Issue.of(code, PLACE, field="phone", value="{x}", detail="because {of} it")
    assert issue.severity is TEMPLATES[code].severity
    assert issue.location == PLACE
    assert "{field}" not in issue.message + issue.hint
    assert "{value}" not in issue.message + issue.hint


def test_text_from_outside_is_bounded() -> None:
    issue = Issue.of(Code.NOT_A_COUNTRY, PLACE, field="address_invoice_country", value="x" * 5000, detail="y" * 5000)
    assert issue.value is not None
    assert len(issue.value) <= 120
    assert len(issue.message) < 600


def test_severity_can_be_raised() -> None:
    assert Issue.of(Code.STORED_DIFFERS, PLACE, severity=Severity.ERROR).severity is Severity.ERROR


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567890123450.0, "1234567890123450"),
        (-12345678901234500000.0, "-12345678901234500000"),
        (3.0, "3"),
        (1e22, "1e+22"),
        (2.5, "2.5"),
        (float("inf"), "inf"),
        ("7.0", "7.0"),
        (1234567890123456, "1234567890123456"),
    ],
)
def test_a_number_is_shown_as_its_cell_has_it(value: object, shown: str) -> None:
    assert Issue.of(Code.DAMAGED_NUMBER, PLACE, field="external_id", value=value).value == shown


def test_shortened_keeps_one_line() -> None:
    assert shortened("a\n b\tc") == "a b c"
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("red \x1b[31m and \u202eback") == "red ?[31m and ?back"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=5), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_keys(payload: dict[str, object], random: object) -> None:
    names = list(payload)
    random.shuffle(names)  # type: ignore[attr-defined]  # hypothesis types it as object-like Random
    shuffled = {name: payload[name] for name in names}
    assert digest(shuffled) == digest(payload)  # type: ignore[arg-type]  # the strategy gives JSON
    assert canonical_json(shuffled) == canonical_json(payload)  # type: ignore[arg-type]  # likewise


def test_a_lone_surrogate_has_a_digest() -> None:
    assert len(digest({"a": "\ud800"})) == 64


def test_counts_balance_when_every_row_has_one_outcome() -> None:
    one_each = Counts(read=len(OutcomeKind), **{kind.value: 1 for kind in OutcomeKind})
    assert one_each.balanced
    assert one_each.not_in_kanbert == 3
    assert not Counts(read=2, created=1).balanced
    assert Counts(read=2, created=1, pending=1).balanced


@pytest.mark.parametrize(
    ("sheet", "column", "row", "address"),
    [
        ("Contacten", "Land", 17, "Contacten!B17"),
        ("Mijn blad", "Land", 17, "'Mijn blad'!B17"),
        ("d'Oude", "Land", 17, "'d''Oude'!B17"),
        ("2024", "Land", 17, "'2024'!B17"),
        ("Q1", "Land", 17, "'Q1'!B17"),
        ("rc", "Land", 17, "'rc'!B17"),
        ("客户", "Land", 17, "客户!B17"),
        (None, "Land", 17, "B17"),
        ("Contacten", None, 17, None),
        ("Contacten", "Land", None, None),
        ("Contacten", "Stad", 17, None),
    ],
)
def test_a_cell_is_named_as_a_spreadsheet_does(
    sheet: str | None, column: str | None, row: int | None, address: str | None
) -> None:
    source = SourceInfo("a.xlsx", "ab", "xlsx", ("Naam", "Land"), sheet=sheet)
    assert source.address(column, row) == address
