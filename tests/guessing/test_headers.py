"""What a header says: in four languages, whole spellings only, and what is somebody else's never for the company."""

from __future__ import annotations

from collections import Counter

import pytest

from importer.guessing.reading import meaning_of
from importer.guessing.vocabulary import key, tables, words_of

HEADERS = [
    # Dutch
    ("Klantnummer", "", "external_id"),
    ("RELATIECODE", "", "external_id"),
    ("Debiteurnr.", "", "external_id"),
    ("Bedrijfsnaam", "", "company_name"),
    ("naam bedrijf", "", "company_name"),
    ("Voornaam", "", "first_name"),
    ("Tussenvoegsel", "", "middle_name"),
    ("Achternaam", "", "last_name"),
    ("T.a.v.", "plain", "attention"),
    ("Adres", "plain", "street"),
    ("Straat + nr.", "plain", "street"),
    ("Adresregel 2", "plain", "street2"),
    ("Huisnummer", "plain", "house"),
    ("Toevoeging", "plain", "house_addition"),
    ("Postcode", "plain", "zip"),
    ("Woonplaats", "plain", "town"),
    ("Provincie", "plain", "state"),
    ("Landcode", "plain", "country"),
    ("Factuuradres straat", "invoice", "street"),
    ("Postcode (factuuradres)", "invoice", "zip"),
    ("Afleveradres plaats", "delivery", "town"),
    ("Bezoekadres postcode", "visit", "zip"),
    ("Postadres", "postal", "street"),
    ("Werkadres, plaats", "business", "town"),
    ("Telefoonnummer mobiel", "", "mobile"),
    ("Bedrijfstelefoon", "", "phone"),
    ("E-mailadres", "", "email_general"),
    ("E-mailadres facturatie", "", "email"),
    ("Factuur e-mailadres", "", "email"),
    ("BTW-nummer", "", "tax_uid"),
    ("BTW plichtig", "", "taxation"),
    ("bankrekening/iban", "", "iban"),
    ("bic/swift", "", "bic"),
    ("Webpagina", "", "homepage"),
    ("Taal", "", "locale"),
    ("Branche", "", "business_field"),
    ("Aantal medewerkers", "", "company_size"),
    ("Omzet", "", "company_revenue"),
    ("Trefwoorden", "", "tags"),
    ("Gearchiveerd", "", "archived"),
    ("Verzendmethode", "", "delivery_method"),
    # German
    ("Kunden-Nr.", "", "external_id"),
    ("Kd.-Nr.", "", "external_id"),
    ("Firmenname", "", "company_name"),
    ("Umsatzsteuer ID", "", "tax_uid"),
    ("USt-IdNr.", "", "tax_uid"),
    ("EU-UStIdNr.", "", "tax_uid"),
    ("IBAN-Nr. 1", "", "iban"),
    ("Straße", "plain", "street"),
    ("STRASSE", "plain", "street"),
    ("Straße 1", "plain", "street"),
    ("Straße geschäftlich", "business", "street"),
    ("Strasse geschaeftlich", "business", "street"),
    ("Straße geschäftlich 2", "business", "street2"),
    ("Rechnungsstraße", "invoice", "street"),
    ("Rechnungs-PLZ", "invoice", "zip"),
    ("Ort (Rechnungsadresse)", "invoice", "town"),
    ("Lieferanschrift Land", "delivery", "country"),
    ("Hausnummer", "plain", "house"),
    ("Bundesland", "plain", "state"),
    ("Telefon Zentrale", "", "phone"),
    ("Telefon Firma", "", "phone"),
    ("Fax geschäftlich", "", "fax"),
    ("E-Mail 1", "", "email_general"),
    ("Rechnungs-E-Mail", "", "email"),
    ("Ansprechpartner", "plain", "attention"),
    ("Mitarbeiterzahl", "", "company_size"),
    ("Schlagwörter", "", "tags"),
    ("Rechnung per Post", "", "invoice_by_post"),
    ("Umsatzsteuerpflichtig", "", "taxation"),
    ("Sprache", "", "locale"),
    # English
    ("Customer no.", "", "external_id"),
    ("Record ID", "", "external_id"),
    ("Account Name", "", "company_name"),
    ("CompanyName", "", "company_name"),
    ("BillingStreet", "invoice", "street"),
    ("Billing Zip/Postal Code", "invoice", "zip"),
    ("Shipping City", "delivery", "town"),
    ("POAddressLine1", "postal", "street"),
    ("POAddressLine2", "postal", "street2"),
    ("SACity", "visit", "town"),
    ("Address 1 - Postal Code", "plain", "zip"),
    ("Country/Region", "plain", "country"),
    ("E-mail 1 - Value", "", "email_general"),
    ("Phone 1 - Value", "", "phone"),
    ("Invoice email", "", "email"),
    ("VAT number", "", "tax_uid"),
    ("Website URL", "", "homepage"),
    ("Number of Employees", "", "company_size"),
    ("Annual Revenue", "", "company_revenue"),
    ("Industry", "", "business_field"),
    ("Organization - Name", "", "company_name"),
    ("Organization - ZIP/Postal code of Company Address", "plain", "zip"),
    ("Organization - House number of Any Field", "plain", "house"),
    ("name", "", "name"),
    # French
    ("N° client", "", "external_id"),
    ("Raison sociale", "", "company_name"),
    ("Nom de l'entreprise", "", "company_name"),
    ("Prénom", "", "first_name"),
    ("Nom de famille", "", "last_name"),
    ("Rue", "plain", "street"),
    ("Complément d'adresse", "plain", "street2"),
    ("Code postal", "plain", "zip"),
    ("Ville", "plain", "town"),
    ("Pays", "plain", "country"),
    ("Ville de facturation", "invoice", "town"),
    ("Adresse de livraison - Code postal", "delivery", "zip"),
    ("Téléphone", "", "phone"),
    ("Téléphone portable", "", "mobile"),
    ("Courriel", "", "email_general"),
    ("E-mail de facturation", "", "email"),
    ("N° TVA", "", "tax_uid"),
    ("Site internet", "", "homepage"),
    ("Langue", "", "locale"),
    ("Secteur d'activité", "", "business_field"),
    ("Chiffre d'affaires", "", "company_revenue"),
    ("Étiquettes", "", "tags"),
    ("Archivé", "", "archived"),
    ("À l'attention de", "plain", "attention"),
    ("Assujetti à la TVA", "", "taxation"),
]

APART = [
    "Owner e-mail",
    "Company owner",
    "Account Owner.id",
    "Organization - Owner",
    "Organisatie - Eigenaar",
    "Created By",
    "Modified By",
    "Vertreter",
    "Sachbearbeiter",
    "Manager (email)",
    "Naam manager",
    "Name des/r Vorgesetzten",
    "Responsable commercial",
    "E-Mail Inhaber",
    "Accountmanager telefoon",
    "Parent account",
    "Parent Account.id",
    "Organization - Parent",
    "Related Company",
    "ParentId",
    "MasterRecordId",
    "Associated Company",
    "Referentie van",
    "Empfohlen von",
    "Moederbedrijf naam",
    "Société mère",
    "Muttergesellschaft",
    "Interner Ansprechpartner",
    "Kundenberater E-Mail",
    "Sales contact",
    "Assistant phone",
    "Asst. Phone",
    "Assistant's Name",
    "Telefon Assistent",
    "Assistent(in)",
    "Telefoon assistent",
    "Telefon privat",
    "Home Phone",
    "Huisadres, straat",
    "Other Street",
    "Weitere Straße",
    "Ander adres, plaats",
    "Lieferantennummer",
    "Kreditoren-Nr.",
    "Leveranciersnummer",
    "Bank account holder",
    "Abw. Kontoinhaber 1",
    "naam_rekeninghouder",
    "Sepa Iban Account Name",
    "Contact e-mail",
    "Ansprechpartner 1 Telefon",
    "Contactpersoon e-mail",
    "E-Mail-Typ",
    "Adress-Kategorie",
    "Phonetic First Name",
    "BillingLatitude",
    "Organization - Full/combined address of Company Address",
]

NOTHING = [
    "",
    "Birthday",
    "Hobby",
    "Workplace",
    "Company number",
    "Column C",
    "Number of owners and other things",
    "IBANs of the last year",
    "mailing",
    "x" * 5000,
]


@pytest.mark.parametrize(("header", "block", "role"), HEADERS, ids=[header for header, _, _ in HEADERS])
def test_a_header_says_what_its_column_holds(header: str, block: str, role: str) -> None:
    found = meaning_of(header)
    assert (found.block, found.role, found.apart) == (block, role, "")


@pytest.mark.parametrize("header", APART)
def test_what_is_somebody_elses_is_never_the_companys(header: str) -> None:
    found = meaning_of(header)
    assert found.role == ""
    assert found.apart


@pytest.mark.parametrize("header", NOTHING, ids=lambda header: header[:20] or "empty")
def test_what_is_not_a_whole_spelling_says_nothing(header: str) -> None:
    assert meaning_of(header).role == ""


@pytest.mark.parametrize(
    ("header", "number"),
    [("Telefon", 1), ("Telefon 1", 1), ("Telefon 2", 2), ("E-mail 3 Address", 3), ("PLZ 12", 9), ("Land 1 2", 9)],
)
def test_the_number_of_a_column_counts(header: str, number: int) -> None:
    assert meaning_of(header).number == number


def test_known_leftovers_have_a_slug() -> None:
    assert meaning_of("KvK-nummer").slug == "chamber_of_commerce"
    assert meaning_of("Steuernummer").slug == "tax_number"
    assert meaning_of("Kunde seit").slug == "customer_since"


def test_umlauts_may_be_written_in_two_ways() -> None:
    assert key("Geschäftsstraße") == key("GESCHAEFTSSTRASSE")
    assert words_of("POAddressLine1") == ["poaddress", "line", "1"]


def test_no_spelling_means_two_things() -> None:
    """A spelling in two roles would be found in the first of them only."""
    data = tables("headers.toml")
    roles = [*data["company"].items(), *data["person"].items(), *data["part"].items()]
    found = Counter(
        spelling for _, languages in roles for spelling in {key(word) for words in languages.values() for word in words}
    )
    assert [spelling for spelling, count in found.items() if count > 1] == []
    slugs = {key(word) for words in data["slugs"].values() for word in words}
    assert slugs.isdisjoint(found)


def test_every_role_is_known_in_four_languages() -> None:
    data = tables("headers.toml")
    for name, languages in [*data["company"].items(), *data["person"].items(), *data["part"].items()]:
        assert name == "vat_country" or set(languages) == {"en", "nl", "de", "fr"}, name
