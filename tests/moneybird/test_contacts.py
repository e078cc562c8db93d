"""A contact in columns: everything in it but its log, whatever shape it has, and nothing rounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from importer.moneybird.contacts import Columns, cells_of, id_of, row_cells, version_of, without_log
from tests.fakes.moneybird import FakeMoneybird, person

if TYPE_CHECKING:
    from collections.abc import Sequence


def cells(**contact: Any) -> dict[str, Any]:
    return {name: cell for name, cell in cells_of(contact).items() if cell is not None}


def columns_of(*contacts: Any) -> Sequence[str]:
    columns = Columns()
    for contact in contacts:
        columns.add(cells_of(contact))
    return columns.names


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        pytest.param({"id": "496081406351378330"}, {"id": "496081406351378330"}, id="id-as-text"),
        pytest.param({"id": 496081406351378330}, {"id": "496081406351378330"}, id="id-as-a-number"),
        pytest.param({"administration_id": 123, "invoice_workflow_id": None}, {"administration_id": "123"}, id="ids"),
        pytest.param({"customer_id": "007"}, {"customer_id": "007"}, id="zeros"),
        pytest.param({"new_number": 2**60}, {"new_number": str(2**60)}, id="a-long-number-is-text"),
        pytest.param({"archived": False, "max_transfer_amount": 99.5}, {"archived": False, "max_transfer_amount": 99.5}, id="typed"),
        pytest.param({"events": [{"action": "x"}]}, {}, id="log"),
        pytest.param(
            {"custom_fields": [{"id": "1", "name": "Branche", "value": "ict"}, {"id": "2", "name": "Branche", "value": "zorg"}]},
            {"custom_fields.Branche": "ict", "custom_fields.Branche [2]": "zorg"},
            id="custom-fields-of-one-name",
        ),
        pytest.param({"custom_fields": [{"id": 5, "name": " ", "value": "x"}]}, {"custom_fields.5": "x"}, id="no-name"),
        pytest.param({"custom_fields": {"Branche": "ict"}}, {"custom_fields.Branche": "ict"}, id="custom-fields-as-an-object"),
        pytest.param({"custom_fields": None, "notes": None}, {}, id="null-in-place-of-lists"),
        pytest.param({"custom_fields": ["?"], "notes": "?"}, {"notes": "?"}, id="lists-of-another-shape"),
        pytest.param(
            {"contact_people": [person("Fenna", "Kwast", email="f@x.example", role="CEO")]},
            {
                "contact_people[0].firstname": "Fenna",
                "contact_people[0].lastname": "Kwast",
                "contact_people[0].email": "f@x.example",
                "contact_people[0].role": "CEO",
            },
            id="people",
        ),
        pytest.param(
            {"notes": [{"id": "1", "note": "Belt graag", "todo": True, "data": {"a": 1}}]},
            {"notes[0].note": "Belt graag", "notes[0].todo": True},
            id="notes",
        ),
        pytest.param({"new": {"a": [1, {"b": 2}]}}, {"new.a[0]": 1, "new.a[1].b": 2}, id="new-keys-of-any-shape"),
        pytest.param({"new": {"a": {"b": {"c": {"d": 1}}}}}, {"new.a.b.c": '{"d":1}'}, id="too-deep-is-json"),
    ],
)  # fmt: skip
def test_cells(contact: dict[str, Any], expected: dict[str, Any]) -> None:
    assert cells(**contact) == expected


def test_columns_are_in_one_order() -> None:
    names = columns_of(
        {"custom_fields": [{"name": "B", "value": 1}], "notes": [{"note": "x"}, {"note": "y"}]},
        {"brand_new": 1, "custom_fields": [{"name": "A", "value": 1}], "contact_people": [{"firstname": "a"}] * 11},
    )
    own = [name for name in names if "." not in name]
    assert own[:3] == ["id", "customer_id", "company_name"]
    assert own[-2:] == ["version", "brand_new"]
    rest = [name for name in names if "." in name]
    assert rest[:2] == ["custom_fields.B", "custom_fields.A"]
    people = [name for name in rest if name.endswith("].firstname")]
    assert people == [f"contact_people[{number}].firstname" for number in range(11)]
    assert rest[-2:] == ["notes[0].note", "notes[1].note"]
    assert len(set(names)) == len(names)


def test_the_columns_of_the_mapping_are_there_without_any_contact() -> None:
    text = (Path(__file__).parents[2] / "mappings" / "moneybird-api.yaml").read_text(encoding="utf-8")
    for name in ("contact_people[0].firstname", "contact_people[0].phone", "send_invoices_to_attention", "sepa_bic"):
        assert name in text
        assert name in columns_of()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.sampled_from(["id", "version", "custom_fields", "contact_people", "notes", "events", "new", "a_id"])


@given(st.lists(st.dictionaries(KEYS, JSON, max_size=6), max_size=3))
def test_any_json_has_its_cells(contacts: list[dict[str, Any]]) -> None:
    names = columns_of(*contacts)
    for contact in contacts:
        row = row_cells(contact, names)
        assert len(row) == len(names)
        assert all(cell is None or isinstance(cell, (str, bool, int, float)) for cell in row)
        assert id_of(contact) is None or str(id_of(contact)).isdigit()
        assert isinstance(version_of(contact), int)
        assert "events" not in without_log(contact)


@pytest.mark.parametrize("id_", [True, 4.9e17, "", "12a", "٣", None, ["1"]])
def test_what_is_no_id(id_: object) -> None:
    assert id_of({"id": id_}) is None  # type: ignore[dict-item]


def test_the_fake_has_the_shape_of_what_was_recorded() -> None:
    """Its keys are among those of the description, so that tests are about what is there."""
    fake = FakeMoneybird()
    fake.add(1)
    [contact] = fake.contacts.values()
    known = set(columns_of()) | {"custom_fields", "contact_people", "notes", "events"}
    assert set(json.loads(json.dumps(contact))) <= known
