"""The exports of known systems: said what they are, and mapped as their columns are."""

from __future__ import annotations

import pytest

from importer.guessing import meta_row
from importer.guessing.exports import named_system, recognised
from importer.guessing.vocabulary import tables
from tests.guessing.files import fields_of, guessed, passes_check

HUBSPOT = [
    "Record ID",
    "Company name",
    "Company owner",
    "Create Date",
    "Phone Number",
    "Last Activity Date",
    "City",
    "Country/Region",
    "Industry",
]
HUBSPOT_GERMAN = ["Datensatz-ID", "Unternehmensname", "Record ID", "Associated Company", "Associated Contact"]
SALESFORCE = [
    *("Id", "IsDeleted", "MasterRecordId", "Name", "Type", "ParentId", "BillingStreet", "BillingCity", "BillingState"),
    *("BillingPostalCode", "BillingCountry", "BillingLatitude", "BillingAddress", "ShippingStreet", "ShippingCity"),
    *("Phone", "AccountNumber", "Website", "Industry", "Site", "OwnerId", "CreatedDate", "CreatedById"),
]
PIPEDRIVE = [
    "Organization - Name",
    "Organization - Street/road name of Company Address",
    "Organization - Owner",
    "Organization - People",
    "Organization - ZIP/Postal code of Company Address",
    "Organization - Full/combined address of Company Address",
    "Organization - Parent",
    "Organization - City/town/village/locality of Company Address",
    "Organization - Organization created",
]
LEXWARE = [
    *("Kundennummer", "Lieferantennummer", "Firmenname", "Anrede", "Kontakt", "Vorname", "Nachname", "Steuernummer"),
    *("Umsatzsteuer ID", "Adresszusatz 1", "Straße 1", "PLZ 1", "Ort 1", "Land 1", "Straße 2", "PLZ 2", "Ort 2"),
    *("Telefon 1", "Telefon 2", "E-Mail 1", "E-Mail 2", "Ansprechpartner 1", "Ansprechpartner 1 E-Mail"),
]
SEVDESK = [
    *("Kunden-Nr.", "Anrede", "Titel", "Nachname", "Vorname", "Organisation", "Kategorie", "IBAN", "BIC"),
    *("Umsatzsteuer-ID", "Strasse", "PLZ", "Ort", "Land", "Adress-Kategorie", "Telefon", "Telefon-Kategorie"),
    *("E-Mail", "E-Mail-Kategorie", "Webseite", "Tags", "Debitoren-Nr", "Kreditoren-Nr."),
]
EXACT = ["ID", "Code", "Name", "SearchCode", "AddressLine1", "AddressLine2", "Postcode", "City", "Country", "VATNumber"]
ODOO = ["id", "name", "is_company", "parent_id", "email", "street", "street2", "city", "zip", "country_id", "vat"]
ZOHO = [
    *("Record Id", "Account Owner.id", "Account Owner", "Account Name", "Phone", "Parent Account.id", "Website"),
    *("Account Type", "Created By", "Billing Street", "Billing City", "Billing Code", "Billing Country"),
]
GOOGLE = [
    *("First Name", "Middle Name", "Last Name", "Phonetic First Name", "Organization Name", "Labels"),
    *("E-mail 1 - Label", "E-mail 1 - Value", "Address 1 - Formatted", "Address 1 - Street", "Address 1 - City"),
]
OUTLOOK = ["Vorname", "Nachname", "Firma", "Straße geschäftlich", "Ort geschäftlich", "Straße privat", "Ort", "Konto"]
OUTLOOK_DUTCH = ["Voornaam", "Achternaam", "Bedrijf", "Werkadres, straat", "Land/regio (werk)", "Huisadres, straat"]
DATEV = [
    *("Konto", "Name (Adressattyp Unternehmen)", "Name (Adressattyp natürl. Person)"),
    *("Vorname (Adressattyp natürl. Person)", "EU-Land", "EU-UStID", "Straße", "Postleitzahl", "Ort", "Land"),
    *("IBAN 1", "SWIFT-Code 1", "IBAN 2", "Kundennummer", "Steuernummer", "Vertreter"),
]
XERO = [
    *("*ContactName", "AccountNumber", "EmailAddress", "POAttentionTo", "POAddressLine1", "POAddressLine2", "POCity"),
    *("POPostalCode", "POCountry", "SAAttentionTo", "SAAddressLine1", "SACity", "TaxNumber", "Person1Email"),
]
MONEYBIRD = ["Klantnummer", "Bedrijfsnaam", "Adres", "Plaats", "E-mailadres", "Facturen versturen naar e-mail", "IBAN"]

EXPORTS = [
    pytest.param(
        "hubspot",
        HUBSPOT,
        {
            "external_id": "Record ID",
            "company_name": "Company name",
            "phone": "Phone Number",
            "address_invoice_town": "City",
            "address_invoice_country": "Country/Region",
            "business_field": "Industry",
        },
        id="hubspot",
    ),
    pytest.param(
        "hubspot", HUBSPOT_GERMAN, {"external_id": "Record ID", "company_name": "Unternehmensname"}, id="hubspot-german"
    ),
    pytest.param(
        "salesforce",
        SALESFORCE,
        {
            "external_id": "Id",
            "company_name": "Name",
            "address_invoice_street": "BillingStreet",
            "address_invoice_town": "BillingCity",
            "address_invoice_state": "BillingState",
            "address_invoice_zip": "BillingPostalCode",
            "address_invoice_country": "BillingCountry",
            "address_delivery_street": "ShippingStreet",
            "address_delivery_town": "ShippingCity",
            "phone": "Phone",
            "homepage": "Website",
            "business_field": "Industry",
        },
        id="salesforce",
    ),
    pytest.param(
        "pipedrive",
        PIPEDRIVE,
        {
            "external_id": "Organization - Name",
            "company_name": "Organization - Name",
            "address_invoice_street": "Organization - Street/road name of Company Address",
            "address_invoice_zip": "Organization - ZIP/Postal code of Company Address",
            "address_invoice_town": "Organization - City/town/village/locality of Company Address",
        },
        id="pipedrive",
    ),
    pytest.param(
        "lexware",
        LEXWARE,
        {
            "external_id": "Kundennummer",
            "company_name": "Firmenname",
            "person_attention_to": "Ansprechpartner 1",
            "tax_uid": "Umsatzsteuer ID",
            "address_invoice_street": "Straße 1",
            "address_invoice_street2": "Adresszusatz 1",
            "address_invoice_zip": "PLZ 1",
            "address_invoice_town": "Ort 1",
            "address_invoice_country": "Land 1",
            "phone": "Telefon 1",
            "email_general": "E-Mail 1",
        },
        id="lexware",
    ),
    pytest.param(
        "sevdesk",
        SEVDESK,
        {
            "external_id": "Kunden-Nr.",
            "company_name": "Organisation",
            "person_attention_to": ("Vorname", "Nachname"),
            "iban": "IBAN",
            "bic": "BIC",
            "tax_uid": "Umsatzsteuer-ID",
            "address_invoice_street": "Strasse",
            "address_invoice_zip": "PLZ",
            "address_invoice_town": "Ort",
            "address_invoice_country": "Land",
            "phone": "Telefon",
            "email_general": "E-Mail",
            "homepage": "Webseite",
        },
        id="sevdesk",
    ),
    pytest.param(
        "exact",
        EXACT,
        {
            "external_id": "Code",
            "company_name": "Name",
            "tax_uid": "VATNumber",
            "address_invoice_street": "AddressLine1",
            "address_invoice_street2": "AddressLine2",
            "address_invoice_zip": "Postcode",
            "address_invoice_town": "City",
            "address_invoice_country": "Country",
        },
        id="exact",
    ),
    pytest.param(
        "odoo",
        ODOO,
        {
            "external_id": "id",
            "company_name": "name",
            "email_general": "email",
            "tax_uid": "vat",
            "address_invoice_street": "street",
            "address_invoice_street2": "street2",
            "address_invoice_zip": "zip",
            "address_invoice_town": "city",
            "address_invoice_country": "country_id",
        },
        id="odoo",
    ),
    pytest.param(
        "zoho",
        ZOHO,
        {
            "external_id": "Record Id",
            "company_name": "Account Name",
            "phone": "Phone",
            "homepage": "Website",
            "address_invoice_street": "Billing Street",
            "address_invoice_zip": "Billing Code",
            "address_invoice_town": "Billing City",
            "address_invoice_country": "Billing Country",
        },
        id="zoho",
    ),
    pytest.param(
        "google",
        GOOGLE,
        {
            "external_id": "E-mail 1 - Value",
            "company_name": "Organization Name",
            "person_attention_to": ("First Name", "Middle Name", "Last Name"),
            "email_general": "E-mail 1 - Value",
            "address_invoice_street": "Address 1 - Street",
            "address_invoice_town": "Address 1 - City",
        },
        id="google",
    ),
    pytest.param(
        "outlook",
        OUTLOOK,
        {
            "external_id": "Firma",
            "company_name": "Firma",
            "person_attention_to": ("Vorname", "Nachname"),
            "address_invoice_street": "Straße geschäftlich",
            "address_invoice_town": "Ort geschäftlich",
        },
        id="outlook-german",
    ),
    pytest.param(
        "outlook",
        OUTLOOK_DUTCH,
        {
            "external_id": "Bedrijf",
            "company_name": "Bedrijf",
            "person_attention_to": ("Voornaam", "Achternaam"),
            "address_invoice_street": "Werkadres, straat",
            "address_invoice_country": "Land/regio (werk)",
        },
        id="outlook-dutch",
    ),
    pytest.param(
        "datev",
        DATEV,
        {
            "external_id": "Konto",
            "company_name": "Name (Adressattyp Unternehmen)",
            "person_attention_to": ("Vorname (Adressattyp natürl. Person)", "Name (Adressattyp natürl. Person)"),
            "tax_uid": ("EU-Land", "EU-UStID"),
            "iban": "IBAN 1",
            "bic": "SWIFT-Code 1",
            "address_invoice_street": "Straße",
            "address_invoice_zip": "Postleitzahl",
            "address_invoice_town": "Ort",
            "address_invoice_country": "Land",
        },
        id="datev",
    ),
    pytest.param(
        "xero",
        XERO,
        {
            "external_id": "AccountNumber",
            "company_name": "*ContactName",
            "email_general": "EmailAddress",
            "person_attention_to": "POAttentionTo",
            "tax_uid": "TaxNumber",
            "address_invoice_street": "POAddressLine1",
            "address_invoice_street2": "POAddressLine2",
            "address_invoice_zip": "POPostalCode",
            "address_invoice_town": "POCity",
            "address_invoice_country": "POCountry",
        },
        id="xero",
    ),
    pytest.param(
        "moneybird",
        MONEYBIRD,
        {
            "external_id": "Klantnummer",
            "company_name": "Bedrijfsnaam",
            "address_invoice_street": "Adres",
            "address_invoice_town": "Plaats",
            "email": "Facturen versturen naar e-mail",
            "email_general": "E-mailadres",
            "iban": "IBAN",
        },
        id="moneybird",
    ),
]


@pytest.mark.parametrize(("origin", "header", "fields"), EXPORTS)
def test_a_known_export_is_mapped_by_its_headers(
    origin: str, header: list[str], fields: dict[str, str | tuple[str, ...]]
) -> None:
    made = guessed(header)
    passes_check(made, header)
    assert fields_of(made) == fields
    assert made.origin == origin
    assert f"looks like an export of {made.looks_like}" in made.text


def test_order_and_further_columns_do_not_matter() -> None:
    header = ["Eigenes Feld", *reversed(SEVDESK), "Noch eines"]
    assert fields_of(guessed(header))["external_id"] == "Kunden-Nr."
    assert guessed(header).origin == "sevdesk"


def test_what_nobody_knows_looks_like_nothing() -> None:
    assert recognised(["Name", "Plaats"]) is None
    assert guessed(["Name", "Plaats"]).looks_like is None


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("exports/hubspot-crm-exports-all-companies-2026-01-31.csv", "hubspot"),
        ("Teamleader klanten.xlsx", "teamleader"),
        ("Kunden Müller & Söhne 2026.csv", "muller-sohne"),
        ("export_2026-01-31.csv", "old-system"),
        ("客户.csv", "old-system"),
    ],
)
def test_the_origin_is_taken_from_the_files_name(path: str, origin: str) -> None:
    made = guessed(["Nummer", "Naam"], path=path)
    assert made.origin == origin
    assert f"external_origin: {origin}  # by the file's name; set it" in made.text


def test_a_line_about_the_file_is_no_header() -> None:
    assert meta_row(["EXTF", "700", "16"])
    assert meta_row(["DTVF", "700"])
    assert not meta_row(["Konto", "EXTF"])
    assert not meta_row([])


def test_each_column_of_an_export_is_a_role_that_is_known() -> None:
    data = tables("headers.toml")
    roles = {"", *data["company"], *data["person"], *data["part"]}
    for one in tables("exports.toml").values():
        for words in one.get("columns", {}).values():
            assert not words or words.split()[-1] in roles
    assert named_system("my-moneybird-file") == "moneybird"
