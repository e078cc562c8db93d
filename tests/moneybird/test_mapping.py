"""The mapping that comes along for contacts straight from Moneybird: its tests pass, and it agrees with its sibling."""

from __future__ import annotations

from pathlib import Path

from importer.mapping import load_mapping
from importer.moneybird.contacts import Columns

MAPPINGS = Path(__file__).parents[2] / "mappings"


def test_its_own_tests_pass() -> None:
    mapping = load_mapping(MAPPINGS / "moneybird-api.yaml")
    assert mapping.test_count >= 8
    assert mapping.run_tests() == ()


def test_an_administration_without_a_contact_has_its_columns() -> None:
    mapping = load_mapping(MAPPINGS / "moneybird-api.yaml")
    mapper = mapping.compile(Columns().names, file="moneybird://1", sheet=None)
    assert {"external_id", "company_name", "phone", "email"} <= set(mapper.fields)


def test_the_same_contact_is_the_same_company_as_by_the_export() -> None:
    """Whoever began with the workbook may go on with the API: same number, same origin."""
    api, file = (load_mapping(MAPPINGS / name) for name in ("moneybird-api.yaml", "moneybird.yaml"))
    assert api.origin == file.origin
    names = ("customer_id", "company_name")
    columns = Columns().names
    assert api.compile(columns, file="x", sheet=None).sources["external_id"] == names[0]
