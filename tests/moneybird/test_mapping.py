"""The mapping that comes along for contacts straight from Moneybird: its tests pass, and it agrees with its sibling."""

from __future__ import annotations

from pathlib import Path

from importer.guessing import propose
from importer.guessing.exports import recognised
from importer.mapping import SourceSettings, load_mapping
from importer.model import Row, SourceInfo
from importer.moneybird.contacts import Columns
from tests.guessing.files import fields_of, mapping_of, passes_check

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


def test_init_fits_it_to_the_columns_of_the_api_and_not_the_mapping_of_the_workbook() -> None:
    """Whose dates and amounts are written otherwise: it refused every row, and took 1.234 for a thousand."""
    columns = Columns().names
    cells = {"customer_id": "7", "company_name": "Acme", "created_at": "2021-04-03T08:15:00.123Z"}
    info = SourceInfo("moneybird://1", "0" * 64, "moneybird", tuple(columns))
    made = propose(info, [Row(2, tuple(cells.get(name) for name in columns))], SourceSettings())
    passes_check(made, columns)
    assert mapping_of(made).document.name == "Moneybird contacts (API)"
    assert fields_of(made)["iban"] == ("bank_account", "sepa_iban")
    assert "customer_since: {from: created_at, replace:" in made.text


def test_the_headers_of_the_workbook_are_still_taken_for_it() -> None:
    found = recognised(["Klantnummer", "Bedrijfsnaam", "Facturen versturen naar e-mail"])
    english = recognised(["Customer ID", "Company", "Send invoices to email"])
    assert found is not None
    assert english is found
    assert found.name == "moneybird"
