"""The samples are what their generator writes, and come to what their README says."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from importer.mapping import load_mapping
from importer.model import Code, Desired, Refusal, Severity, Skip
from importer.readers import ReaderOptions, open_source

if TYPE_CHECKING:
    from importer.model import Issue, Mapped, Payload, SourceInfo

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
MAPPING = ROOT / "mappings" / "moneybird.yaml"
WORKBOOK = SAMPLES / "moneybird-contacts.xlsx"
CSV = SAMPLES / "moneybird-contacts.csv"
FILES = [pytest.param(WORKBOOK, id="xlsx"), pytest.param(CSV, id="csv")]

CONTACTS, SKIPPED, REFUSED = 200, 7, 13
BLANK_ROWS = 4

OTHER = {WORKBOOK: "CSV", CSV: "xlsx"}  # what the README calls the other file, where a row is broken in that one only


# ── the generator ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("generated"))


def generate(folder: Path) -> Path:
    script = SAMPLES / "generate.py"
    subprocess.run([sys.executable, "-B", str(script), str(folder)], check=True, capture_output=True)
    return folder


def test_generator_writes_the_csv_that_is_here_byte_by_byte(generated: Path) -> None:
    assert (generated / CSV.name).read_bytes() == CSV.read_bytes()


def test_generator_writes_the_workbook_that_is_here_cell_by_cell(generated: Path) -> None:
    """Not byte by byte: another release of openpyxl or zlib may write the same cells in other bytes."""
    assert cells_of(generated / WORKBOOK.name) == cells_of(WORKBOOK)


def cells_of(path: Path) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path)
    try:
        return [
            (sheet.title, cell.coordinate, cell.data_type, cell.number_format, cell.value)
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
        ]
    finally:
        book.close()


def test_generator_writes_the_same_bytes_twice(generated: Path, tmp_path: Path) -> None:
    again = generate(tmp_path)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in generated.iterdir()
    }


def test_workbook_holds_no_time_of_writing() -> None:
    with zipfile.ZipFile(WORKBOOK) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", properties)) == {"2025-03-31T09:00:00Z"}


def test_text_that_begins_with_an_equals_sign_is_no_formula() -> None:
    kinds = Counter(kind for _, _, kind, _, _ in cells_of(WORKBOOK))
    assert kinds["f"] == 0
    assert kinds["e"] == 1  # the one planted error cell


# ── the mapping ──────────────────────────────────────────────────────────────────────────────────────────────────

ENGLISH = (
    *(
        "Customer ID",
        "Company name",
        "First name",
        "Last name",
        "Attention",
        "Address 1",
        "Address 2",
        "Zip code",
        "City",
    ),
    *(
        "Country",
        "Phone",
        "Email",
        "Send invoices to email",
        "Tax number",
        "Chamber of commerce",
        "SEPA IBAN",
        "SEPA BIC",
    ),
    *("Delivery method", "VAT liable", "SEPA active", "Max transfer amount", "Tags", "Industry", "Homepage"),
    *("Archived", "Created at"),
)


def test_the_mappings_own_tests_pass() -> None:
    mapping = load_mapping(MAPPING)
    assert mapping.run_tests() == ()
    assert len(mapping.document.tests) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
def test_mapping_uses_every_column(path: Path) -> None:
    with open_source(path, ReaderOptions()) as source:
        assert load_mapping(MAPPING).compile(source.info.columns, file=source.info.path).unused_columns == ()


def test_mapping_reads_english_headers_as_well() -> None:
    assert load_mapping(MAPPING).compile(ENGLISH, file="contacts.csv").unused_columns == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "{from: country, as: country}",
            "{from: country, map: {Holand: NL}, otherwise: keep, as: country}",
            id="countries-of-your-own",
        ),
        pytest.param(
            "{from: email, as: email}",
            '{from: email, replace: [{pattern: "[,;].*"}], as: email}',
            id="first-address-only",
        ),
        pytest.param("  # sheet: Contacten", "  sheet: Contacten", id="sheet"),
        pytest.param("  # header_row: 1", "  header_row: 1", id="header-row"),
        pytest.param("  # encoding: cp1252", "  encoding: cp1252", id="encoding"),
        pytest.param('  # delimiter: ";"', '  delimiter: ";"', id="delimiter"),
    ],
)
def test_what_a_comment_of_the_mapping_offers_works(before: str, after: str, tmp_path: Path) -> None:
    text = MAPPING.read_text("utf-8")
    assert text.count(before) == 1
    assert after.strip() in text.replace("  # ", "  ")  # the comment says it in these words
    changed = tmp_path / "mapping.yaml"
    changed.write_text(text.replace(before, after), "utf-8")
    assert load_mapping(changed).compile(ENGLISH, file="contacts.csv").unused_columns == ()


# ── what comes of them ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Reading:
    """All that came of a file: rows by number, and the blank ones counted."""

    info: SourceInfo
    mapped: dict[int, Mapped] = field(default_factory=dict)
    blank_rows: int = 0

    @property
    def companies(self) -> list[Desired]:
        return [mapped for mapped in self.mapped.values() if isinstance(mapped, Desired)]

    @property
    def skipped(self) -> list[int]:
        return [number for number, mapped in self.mapped.items() if isinstance(mapped, Skip)]

    @property
    def refusals(self) -> list[tuple[int, str, str]]:
        """Row, code and column of every error; whole rows of one external_id are refused after mapping, as here."""
        times = Counter(company.external_id for company in self.companies)
        found = []
        for number, mapped in self.mapped.items():
            if isinstance(mapped, Desired) and times[mapped.external_id] > 1:
                found.append((number, str(Code.DUPLICATE_IN_FILE), "Klantnummer"))
            found += [(number, str(issue.code), issue.location.column or "") for issue in errors_of(mapped)]
        return found


def errors_of(mapped: Mapped) -> list[Issue]:
    return [issue for issue in mapped.issues if issue.severity is Severity.ERROR]


def read(path: Path) -> Reading:
    mapping = load_mapping(MAPPING)
    with open_source(path, ReaderOptions()) as source:
        reading = Reading(source.info)
        mapper = mapping.compile(source.info.columns, file=source.info.path, sheet=source.info.sheet)
        for row in source.rows():
            reading.mapped[row.number] = mapper.map(row)
        reading.blank_rows = source.blank_rows
    return reading


@pytest.fixture(scope="module")
def readings() -> dict[Path, Reading]:
    return {path: read(path) for path in (WORKBOOK, CSV)}


def promised(path: Path) -> list[tuple[int, str, str]]:
    """Row, code and column of each line of the README's table that is about this file."""
    table = re.findall(r"^\| (\d+) \| ([^|]*?) ?\| ([a-z-]+) \| ([^|]*)\|$", readme(), re.MULTILINE)
    return [(int(row), code, column) for row, column, code, wrong in table if not wrong.startswith(OTHER[path])]


def readme() -> str:
    return (SAMPLES / "README.md").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
def test_exactly_the_rows_of_the_readme_are_refused(path: Path, readings: dict[Path, Reading]) -> None:
    assert readings[path].refusals == promised(path)
    assert len(promised(path)) == REFUSED


@pytest.mark.parametrize("path", FILES)
def test_twelve_rows_are_broken_in_twelve_ways(path: Path) -> None:
    codes = [code for _, code, _ in promised(path)]
    assert len(set(codes)) == 12
    assert [code for code, times in Counter(codes).items() if times > 1] == ["duplicate-in-file"]


@pytest.mark.parametrize("path", FILES)
def test_every_contact_goes_is_skipped_or_is_refused(path: Path, readings: dict[Path, Reading]) -> None:
    reading = readings[path]
    assert len(reading.mapped) == CONTACTS
    assert len(reading.companies) - 2 == CONTACTS - SKIPPED - REFUSED  # the duplicates are still companies here
    assert reading.blank_rows == BLANK_ROWS
    assert "**180 can go, 7 are skipped, 13 are refused**" in readme()


@pytest.mark.parametrize("path", FILES)
def test_archived_contacts_of_the_readme_are_skipped(path: Path, readings: dict[Path, Reading]) -> None:
    section = readme().partition("## What is skipped")[2]
    [listed] = re.findall(r"((?:\d+, )+\d+ and \d+)", section)
    assert [int(number) for number in re.findall(r"\d+", listed)] == readings[path].skipped


@pytest.mark.parametrize("path", FILES)
def test_companies_have_no_warnings(path: Path, readings: dict[Path, Reading]) -> None:
    assert [issue for company in readings[path].companies for issue in company.issues] == []


def test_both_files_give_the_same_payloads(readings: dict[Path, Reading]) -> None:
    assert payloads(readings[WORKBOOK]) == payloads(readings[CSV])


def payloads(reading: Reading) -> list[tuple[str, Payload]]:
    return [(company.external_id, company.payload) for company in reading.companies]


def test_what_was_detected_of_each_file(readings: dict[Path, Reading]) -> None:
    workbook, text = readings[WORKBOOK].info, readings[CSV].info
    assert (workbook.format, workbook.sheet, workbook.header_row) == ("xlsx", "Contacten", 1)
    assert (text.format, text.encoding, text.delimiter, text.header_row) == ("csv", "cp1252", ";", 1)
    assert workbook.columns == text.columns


ODDITIES = [
    pytest.param("00002", {"external_id": "00002"}, id="leading-zeros"),
    pytest.param("K-2041", {"external_id": "K-2041"}, id="blanks-around-an-id"),
    pytest.param("1004", {"address_invoice_street": "Industrieweg 14\nHal 3, ingang achterzijde"}, id="line-break"),
    pytest.param("1009", {"company_name": "=Vorm & Zo ontwerpstudio"}, id="equals-sign"),
    pytest.param("D3031", {"person_attention_to": "+Team Inkoop", "phone": "+31205550199"}, id="plus-sign"),
    pytest.param("00065", {"address_invoice_country": "SE"}, id="country-in-its-own-language"),
    pytest.param("1008", {"external_id": "1008"}, id="number-as-text"),
    pytest.param("1013", {"email": "facturen@kwikstaart.example,inkoop@kwikstaart.example"}, id="e-mails-by-comma"),
    pytest.param(
        "1024", {"email": "a.p@gruener-dachs.example,buchhaltung@gruener-dachs.example"}, id="e-mails-by-semicolon"
    ),
    pytest.param("00042", {"company_name": 'Drukkerij "De Punt; Komma" B.V.'}, id="quotes-and-delimiter"),
]


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize(("external_id", "fields"), ODDITIES)
def test_oddities_come_through(path: Path, external_id: str, fields: Payload, readings: dict[Path, Reading]) -> None:
    found = [company.payload for company in readings[path].companies if company.external_id == external_id]
    assert len(found) == 1
    assert {name: found[0].get(name) for name in fields} == fields


@pytest.mark.parametrize("path", FILES)
def test_every_company_is_of_moneybird(path: Path, readings: dict[Path, Reading]) -> None:
    for company in readings[path].companies:
        tags = company.payload["tags"]
        assert company.payload["external_origin"] == "moneybird"
        assert isinstance(tags, list)
        assert tags[0] == "Moneybird"
        assert len(set(map(str, tags))) == len(tags)


@pytest.mark.parametrize("path", FILES)
def test_refused_rows_name_a_hint(path: Path, readings: dict[Path, Reading]) -> None:
    for mapped in readings[path].mapped.values():
        if isinstance(mapped, Refusal):
            assert all(issue.hint and issue.message for issue in mapped.issues)


def test_sample_data_is_invented() -> None:
    """Web and e-mail addresses are of `.example`, which nobody can own."""
    text = CSV.read_bytes().decode("cp1252")
    hosts = set(re.findall(r"(?:@|\(at\)|www\.|https?://)([A-Za-z0-9-]+\.[A-Za-z0-9.-]+)", text))
    assert len(hosts) > CONTACTS / 2
    assert [host for host in hosts if not host.lower().endswith(".example")] == []
