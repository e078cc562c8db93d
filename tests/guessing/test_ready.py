"""Ready mappings: found by the headers alone, and fitted to what a file has without a change in what they say."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from importer.guessing import propose
from importer.guessing.exports import recognised
from importer.guessing.fitting import fitted
from importer.guessing.pruning import columns_of, pruned, pruned_condition
from importer.guessing.ready import ready_for, ready_names, ready_text
from importer.guessing.sections import entries, paragraphs, sections
from importer.guessing.table import table_of
from importer.mapping import SourceSettings, load_mapping, parse_mapping
from importer.model import Desired, Refusal, Row, Skip, SourceInfo
from importer.readers import open_source
from importer.readers.header import column_names
from tests.guessing.files import fields_of, mapping_of, passes_check
from tests.guessing.test_exports import HUBSPOT, PIPEDRIVE, XERO
from tests.guessing.test_properties import KNOWN, ODD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from importer.guessing import Guess
    from importer.guessing.yaml_text import Value
    from importer.mapping import Mapping
    from importer.model import Cell, Mapped

ROOT = Path(__file__).parents[2]
SAMPLES = {
    "datev": ["datev-debitoren-kreditoren.csv"],
    "exact": ["exact-accounts.csv"],
    "google": ["google-contacts.csv"],
    "hubspot": ["hubspot-companies.csv"],
    "lexware": ["lexware-kontakte.csv"],
    "moneybird": ["moneybird-contacts.csv"],
    "odoo": ["odoo-contacts.csv", "odoo-contacts.xlsx"],
    "outlook": ["outlook-contacts-en.csv", "outlook-kontakte-de.csv", "outlook-contacten-nl.csv"],
    "pipedrive": ["pipedrive-organizations.csv"],
    "salesforce": ["salesforce-accounts.csv"],
    "salesforce-report": ["salesforce-report.csv"],
    "sevdesk": ["sevdesk-kontakte.csv"],
    "zoho": ["zoho-accounts.csv"],
}
FILES = [pytest.param(name, file, id=file) for name, files in SAMPLES.items() for file in files]


@dataclass(frozen=True)
class Sample:
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@cache
def sample(file: str) -> Sample:
    with open_source(ROOT / "samples" / file) as source:
        return Sample(source.info.columns, tuple(row.cells for row, _ in zip(source.rows(), range(35), strict=False)))


@cache
def mapping_file(name: str) -> Mapping:
    return load_mapping(ROOT / "mappings" / f"{name}.yaml")


def proposed(columns: Sequence[str], rows: Iterable[tuple[Cell, ...]] = (), path: str = "file.csv") -> Guess:
    info = SourceInfo(path, "0" * 64, "csv", tuple(columns))
    return propose(info, [Row(number, cells) for number, cells in enumerate(rows, 2)], SourceSettings())


# ── what a file looks like ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize(("name", "file"), FILES)
def test_an_export_is_known_by_its_headers_in_any_order_and_with_others_between(name: str, file: str) -> None:
    columns = [*sample(file).columns, "Eigen veld", "x_studio_field", "Note 7"]
    random.Random(7).shuffle(columns)
    found = recognised(columns)
    assert found is not None
    assert found.name == name


FOREIGN = [
    pytest.param(["Name", "Street", "City", "Country"], id="plain"),
    pytest.param(["id", "name", "parent_id", "created_at", "updated_at"], id="table-of-a-database"),
    pytest.param(["id", "name", "country_id"], id="table-with-a-country"),
    pytest.param(["Record ID", "Company name", "Street", "City"], id="some-crm"),
    pytest.param(["Account ID", "Account Name", "Balance"], id="some-bookkeeping"),
    pytest.param(["External ID", "Display Name", "Email"], id="some-directory"),
    pytest.param(["Code", "Name", "Description"], id="codes"),
    pytest.param(["Kundennummer", "Firmenname", "Straße", "PLZ", "Ort"], id="german-bookkeeping"),
    pytest.param(["Konto", "Name", "Land", "Ort"], id="german-accounts"),
    pytest.param(["Klantnummer", "Bedrijfsnaam", "Adres", "Plaats", "Verzendmethode"], id="dutch-customers"),
    pytest.param(["First Name", "Last Name", "Company", "Email"], id="newsletter"),
    pytest.param(["Voornaam", "Achternaam", "Bedrijf", "E-mailadres"], id="dutch-newsletter"),
    pytest.param(
        ["Record ID", "First Name", "Last Name", "Email", "Company name", "Create Date", "Contact owner"],
        id="people-of-hubspot",
    ),
    pytest.param(
        ["Id", "MasterRecordId", "AccountId", "Name", "MailingStreet", "MailingCity", "OwnerId"],
        id="people-of-salesforce",
    ),
    pytest.param(["Record Id", "Deal Name", "Account Name", "Deal Owner", "Amount"], id="deals-of-zoho"),
    pytest.param(["Person - Name", "Person - Email", "Person - Organization"], id="people-of-pipedrive"),
    pytest.param(["Person - Name", "Person - ID", "Organization - Name"], id="people-of-pipedrive-and-where-they-work"),
    pytest.param(["Deal - Title", "Organization - ID", "Organization - Name"], id="deals-of-pipedrive"),
    pytest.param(["Organization Name", "Labels", "Phone"], id="organizations-of-anybody"),
    pytest.param(["公司", "地址", "城市"], id="chinese"),
    pytest.param([], id="nothing"),
]


@pytest.mark.parametrize("columns", FOREIGN)
def test_another_file_looks_like_none_of_them(columns: list[str]) -> None:
    assert recognised(columns) is None


def test_what_looks_like_two_systems_alike_looks_like_none() -> None:
    odoo, hubspot = ["Related Company/External ID", "Name"], ["Company Domain Name", "Company owner"]
    assert recognised([*odoo, *hubspot]) is None
    assert recognised(odoo) is not None
    assert recognised([*hubspot, "Name"]) is not None


def test_every_ready_mapping_is_of_a_known_export_and_no_sample_is_left_out() -> None:
    assert {*SAMPLES} == {*ready_names()} - {"moneybird-api"}
    assert ready_text("troi") is None


@pytest.mark.parametrize("name", SAMPLES)
def test_the_names_of_a_ready_mapping_are_all_of_its_list(name: str) -> None:
    """So that each can be looked for in a file."""
    mapping = mapping_file(name)
    ready = ready_for([], next(one for one in [recognised(sample(SAMPLES[name][0]).columns)] if one))
    assert ready is not None
    rules: list[Value] = [*ready.part("company").values(), *ready.part("custom_fields").values()]
    for part in ("tags", "skip"):
        found = ready.data.get(part) or ()
        assert isinstance(found, tuple)
        rules += [one["when"] if part == "skip" else one for one in found]
    assert {column for rule in rules for column in columns_of(rule)} == {*mapping.document.source.columns}
    assert ready.origin == mapping.origin


REQUIRED = ("external_id", "company_name")
FIRST = {
    **{(name, "external_id"): "email" for name in ("google", "outlook")},
    **{(name, "company_name"): "company" for name in ("google", "outlook", "lexware", "sevdesk", "datev")},
    ("lexware", "external_id"): "customer_number",
    ("zoho", "external_id"): "record_id",
    ("moneybird", "company_name"): "company_name",
}
"""Of rules that are no bare column, the column that has to be there for nobody to be asked."""

# ── what is left of a mapping ────────────────────────────────────────────────────────────────────────────────────


def outcome(mapped: Mapped) -> object:
    """All that a row comes to, but which column an issue names."""
    match mapped:
        case Desired():
            return mapped.payload, sorted((issue.code, issue.field) for issue in mapped.issues)
        case Skip():
            return [issue.message for issue in mapped.issues]
        case Refusal():
            return sorted((str(issue.code), str(issue.field)) for issue in mapped.issues)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "file"), FILES)
def test_a_fitted_mapping_takes_missing_columns_for_empty_ones(name: str, file: str) -> None:
    """The rule of fitting: on what the file has, it says what the whole mapping says of the same cells."""
    whole, mapping, export = sample(file), mapping_file(name), recognised(sample(file).columns)
    used = mapping.compile(whole.columns, file=file).used_columns
    ready = ready_for(whole.columns, export)
    assert ready is not None
    needed = {ready.header[FIRST.get((name, field), str(ready.part("company")[field]))] for field in REQUIRED}
    gone = set(random.Random(file).sample([column for column in used if column not in needed], len(used) // 3))
    kept = [index for index, column in enumerate(whole.columns) if column not in gone]
    columns = [whole.columns[index] for index in kept]
    rows = [tuple(cells[index] for index in kept) for cells in whole.rows]
    fewer = ready_for(columns, export)
    assert fewer is not None
    info = SourceInfo(file, "0" * 64, "csv", tuple(columns))
    table = table_of(columns, [Row(number, cells) for number, cells in enumerate(rows, 2)], export)
    made = fitted(fewer, table, info, SourceSettings(), "")
    assert made is not None
    assert made.todo == ()
    fit = mapping_of(made)
    assert fit.run_tests() == ()
    less, more = fit.compile(columns, file=file), mapping.compile(whole.columns, file=file)
    for number, (cells, left) in enumerate(zip(whole.rows, rows, strict=True), 2):
        blanked = tuple(None if column in gone else cell for column, cell in zip(whole.columns, cells, strict=True))
        assert outcome(less.map(Row(number, left))) == outcome(more.map(Row(number, blanked)))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "file"), FILES)
def test_of_a_whole_file_the_rules_stay_as_they_are_written(name: str, file: str) -> None:
    made = proposed(sample(file).columns, sample(file).rows, file)
    assert (made.ready, made.without, made.todo) == (name, (), ())
    fit = mapping_of(made)
    assert fit.document.company == mapping_file(name).document.company
    assert fit.test_count > 0
    [company] = [one for one in sections(ready_text(name) or "") if one.name == "company"]
    assert "\n".join(company.lines) in made.text
    for line in made.text.splitlines():
        assert "samples/" not in line


def test_what_is_beyond_a_ready_mapping_stands_as_a_comment() -> None:
    made = proposed([*HUBSPOT, "Kleur"], [("1", "ACME", "Eva", *[None] * 6, "rood")])
    assert '  # kleur: Kleur  # 1 of 1 row; such as "rood"' in made.text
    assert "#     Company owner" in made.text
    assert "#     Create Date, Last Activity Date, Industry" in made.text


def test_a_default_view_without_most_columns_is_enough() -> None:
    made = proposed(HUBSPOT)
    assert fields_of(made) == {
        "external_id": "Record ID",
        "company_name": "Company name",
        "phone": "Phone Number",
        "address_invoice_town": "City",
        "address_invoice_country": "Country/Region",
    }
    assert made.without == ("homepage", "address_invoice_street", "address_invoice_zip", "address_invoice_state")
    assert "# Left out, since the file has no column for them: homepage, address_invoice_street," in made.text
    passes_check(made, HUBSPOT)
    assert mapping_of(made).test_count == 4  # of the six of the ready mapping, those that need no further column


def test_where_the_id_is_missing_the_best_column_is_taken_and_said() -> None:
    made = proposed(PIPEDRIVE, [("ACME", "Kade", "Eva"), ("Otter", "Kade", "Eva")] and [("ACME", *[None] * 8)])
    assert made.ready == "pipedrive"
    assert [line.field for line in made.todo] == ["external_id"]
    assert "external_id: Organization - Name  # TODO: no column is sure to name each company" in made.text
    assert fields_of(made)["address_invoice_town"].startswith("Organization - City")  # type: ignore[union-attr]
    passes_check(made, PIPEDRIVE)


def test_an_id_of_which_only_a_part_is_left_is_to_be_looked_at() -> None:
    columns = ["First Name", "Last Name", "Phonetic First Name", "Organization Name"]
    made = proposed(columns)
    assert [line.reason.partition(":")[0] for line in made.todo] == ["TODO"]
    assert (
        'external_id: {template: "{company} {first_name} {last_name}", replace: [{pattern: "/", with: "-"}]}  # TODO: what is left'
        in made.text
    )
    assert "# Lines that say TODO are no more than the least bad choice." in made.text
    passes_check(made, columns)


def test_the_address_of_pipedrive_may_be_called_anything() -> None:
    columns = ["Organization - ID", "Organization - Name", "Organization - ZIP/Postal code of Kantoor of zo"]
    assert fields_of(proposed(columns))["address_invoice_zip"] == columns[2]
    two = [*columns, "Organization - ZIP/Postal code of Opslag"]
    assert "address_invoice_zip" not in fields_of(proposed(two))


@pytest.mark.parametrize("columns", [["Organization - ID", "Organization - Name", "Organization - Name"], XERO])
def test_without_a_name_or_a_ready_mapping_it_is_guessed(columns: list[str]) -> None:
    made = proposed(columns)
    assert made.looks_like is not None
    assert made.ready is None
    assert "by its name" in made.text or "TODO" in made.text


def test_an_english_spelling_goes_before_one_that_stands_for_another_column() -> None:
    """Both headers are spellings of one name; the first of the list is meant."""
    columns = ["Record ID", "Datensatz-ID", "Company name", "Name", "Country/Region"]
    assert fields_of(proposed(columns))["external_id"] == "Record ID"
    assert fields_of(proposed(columns))["company_name"] == "Company name"
    passes_check(proposed(columns), columns)


def test_what_the_user_says_of_the_file_stands_before_its_columns() -> None:
    info = SourceInfo("h.csv", "0" * 64, "csv", tuple(HUBSPOT), encoding="cp1252", delimiter=";", header_row=3)
    made = propose(info, [], SourceSettings(header_row=3, delimiter=";"), schema="mapping.schema.json")
    assert made.text.startswith("# yaml-language-server: $schema=mapping.schema.json\n# HubSpot companies")
    said = 'source:\n  header_row: 3\n  delimiter: ";"\n  # encoding: cp1252  # as detected\n  columns:  # a name used'
    assert said in made.text
    passes_check(made, HUBSPOT)


def test_a_rule_for_several_columns_keeps_those_that_are_there() -> None:
    """Where a shared condition has lost a column, no rule refers to it by its short name any more."""
    columns = [name for name in sample("datev-debitoren-kreditoren.csv").columns if name != "Ort (Rechnungsadresse)"]
    made = proposed(columns)
    assert "address_invoice_town: {from: town, when: {column: bill_zip, blank: true}}" in made.text
    passes_check(made, columns)


def test_where_the_rule_that_names_a_condition_is_written_anew_so_are_those_that_refer_to_it() -> None:
    columns = [name for name in sample("datev-debitoren-kreditoren.csv").columns if name != "Straße"]
    made = proposed(columns)
    assert "*billed" not in made.text
    assert "address_invoice_zip: {first_of: [{from: bill_zip, when: {any: [" in made.text
    passes_check(made, columns)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.sampled_from(FILES), st.data())
def test_whatever_a_known_export_has_besides_the_mapping_passes_check(case: Any, data: st.DataObject) -> None:
    columns = sample(case.values[1]).columns
    kept = data.draw(st.lists(st.sampled_from(columns), unique=True, max_size=12))
    odd = data.draw(st.lists(st.sampled_from([*ODD, *KNOWN]), max_size=4))
    header = column_names(data.draw(st.permutations([*columns[:9], *kept, *odd])))
    made = proposed(header, [tuple(f"v{number}" for number in range(len(header)))])
    passes_check(made, header)


# ── rules without their columns ──────────────────────────────────────────────────────────────────────────────────

THERE: Value = {"column": "a", "blank": False}
GONE: Value = {"column": "x", "is": "y"}
NONE: Value = {"column": "x", "blank": True}


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ("a", "a"),
        ("x", None),
        ("{a} {x} {b}", "{a} {b}"),
        ("{x}, {a}", ", {a}"),
        ("{{{a}}} {x}", "{{{a}}}"),
        ("Box {x}", None),
        ({"from": "x", "as": "vat"}, None),
        ({"from": "x", "as": "country", "default": "NL"}, {"value": "NL"}),
        ({"from": "a", "when": GONE}, None),
        ({"from": "a", "when": GONE, "default": "b"}, {"value": "b"}),
        ({"from": "a", "when": NONE}, {"from": "a"}),
        ({"from": "a", "when": THERE}, {"from": "a", "when": THERE}),
        ({"value": "VIP", "when": {"all": [THERE, NONE]}}, {"value": "VIP", "when": THERE}),
        ({"value": "VIP", "when": {"any": [THERE, NONE]}}, {"value": "VIP"}),
        ({"first_of": ["x", "a"]}, "a"),
        ({"first_of": ["x", "{x}"]}, None),
        ({"first_of": ["x", {"from": "a", "case": "lower"}]}, {"from": "a", "case": "lower"}),
        ({"first_of": ["x", "a"], "as": "url"}, {"first_of": ("a",), "as": "url"}),
        ({"first_of": ("a",)}, {"first_of": ("a",)}),
        ({"template": "{a}{x}", "as": "vat"}, {"template": "{a}", "as": "vat"}),
    ],
)
def test_a_rule_without_its_missing_columns(rule: Value, left: Value) -> None:
    assert pruned(rule, {"a", "b"}.__contains__) == left


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        (THERE, THERE),
        (GONE, False),
        (NONE, True),
        ({"not": GONE}, True),
        ({"not": THERE}, {"not": THERE}),
        ({"all": [GONE, THERE]}, False),
        ({"all": [NONE, NONE]}, True),
        ({"any": [GONE, THERE]}, THERE),
        ({"any": [GONE, GONE]}, False),
        ({"any": [THERE, THERE]}, {"any": (THERE, THERE)}),
    ],
)
def test_a_condition_without_its_missing_columns(condition: Value, left: Value) -> None:
    assert pruned_condition(condition, {"a", "b"}.__contains__) == left


def test_the_columns_of_a_rule() -> None:
    rule: Value = {"first_of": ["a", "{b} {c}", {"from": "d", "when": {"not": {"any": [THERE, GONE]}}}], "as": "url"}
    assert columns_of(rule) == {"a", "b", "c", "d", "x"}
    assert columns_of({"value": "x"}) == columns_of(True) == columns_of("{") == frozenset()


# ── the text of a mapping ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_cut_into_pieces_has_lost_nothing(name: str) -> None:
    text = ready_text(name) or ""
    found = sections(text)
    assert [line for one in found for line in (*one.above, *one.lines)] == text.splitlines()
    data = parse_mapping(text, path=Path(name)).tree.data
    assert isinstance(data, dict)
    for one in found:
        if one.name in {"company", "custom_fields", "tags", "skip", "tests"}:
            parts, behind = entries(one.lines[1:])
            whole = [line for part in parts for line in (*part.free, *part.above, *part.lines)]
            assert [*whole, *behind] == one.lines[1:]
            written = data[one.name]
            assert isinstance(written, dict | tuple)
            assert [part.name for part in parts] == (
                list(written) if isinstance(written, dict) else [""] * len(written)
            )


def test_a_comment_has_paragraphs() -> None:
    assert list(paragraphs(["", "# a", "# b", "#", "#", "# c"])) == [["# a", "# b"], ["# c"]]
    assert list(paragraphs([])) == []
