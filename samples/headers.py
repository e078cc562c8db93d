"""The header rows of the exports, as they are known; `README.md` says how sure each of them is."""

from __future__ import annotations

from ingredients import choices

HUBSPOT = choices(
    "Record ID | Company name | Company owner | Create Date | Phone Number | Last Activity Date | City | Country/Region"
    " | Industry | Company Domain Name | Website URL | Street Address | Postal Code | State/Region"
    " | Number of Employees | Associated Contact"
)
SALESFORCE = choices(
    "Id | IsDeleted | MasterRecordId | Name | Type | ParentId | BillingStreet | BillingCity | BillingState"
    " | BillingPostalCode | BillingCountry | BillingLatitude | BillingLongitude | BillingGeocodeAccuracy"
    " | BillingAddress | ShippingStreet | ShippingCity | ShippingState | ShippingPostalCode | ShippingCountry | Phone"
    " | Fax | AccountNumber | Website | Industry | AnnualRevenue | NumberOfEmployees | Ownership | Description | Rating"
    " | Site | OwnerId | CreatedDate | CreatedById | LastModifiedDate"
)
SALESFORCE_REPORT = choices(
    "Account ID | Account Name | Type | Website | Phone | Fax | Account Number | Account Site | Industry"
    " | Annual Revenue | Employees | Billing Street | Billing City | Billing State/Province"
    " | Billing Zip/Postal Code | Billing Country | Account Owner | Parent Account | Created Date"
)
PIPEDRIVE = tuple(
    f"Organization - {name}"
    for name in choices(
        "ID | Name | Labels | Owner | People | Street/road name of Company Address | House number of Company Address"
        " | ZIP/Postal code of Company Address | City/town/village/locality of Company Address"
        " | State/county of Company Address | Country of Company Address | Full/combined address of Company Address"
        " | Website | Industry | Open deals | Last activity date | Parent | Organization created"
    )
)
LEXWARE = choices(
    "Kundennummer | Lieferantennummer | Firmenname | Anrede | Kontakt | Vorname | Nachname | Steuernummer"
    " | Umsatzsteuer ID | Adresszusatz 1 | Straße 1 | PLZ 1 | Ort 1 | Land 1 | Adresszusatz 2 | Straße 2 | PLZ 2"
    " | Ort 2 | Land 2 | Telefon 1 | Telefon 2 | E-Mail 1 | E-Mail 2 | Ansprechpartner 1 | Ansprechpartner 1 Anrede"
    " | Ansprechpartner 1 Vorname | Ansprechpartner 1 Nachname | Ansprechpartner 1 E-Mail | Ansprechpartner 1 Telefon"
    " | Ansprechpartner 2 | Ansprechpartner 2 Anrede | Ansprechpartner 2 Vorname | Ansprechpartner 2 Nachname"
    " | Ansprechpartner 2 E-Mail | Ansprechpartner 2 Telefon"
)
SEVDESK = choices(
    "Kunden-Nr. | Anrede | Titel | Nachname | Vorname | Organisation | Namenszusatz | Position | Kategorie | IBAN | BIC"
    " | Umsatzsteuer-ID | Strasse | PLZ | Ort | Land | Adress-Kategorie | Telefon | Telefon-Kategorie | Mobil | Fax"
    " | E-Mail | E-Mail-Kategorie | Webseite | Webseiten-Kategorie | Beschreibung | Geburtstag | Tags | Debitoren-Nr"
    " | Kreditoren-Nr. | Leitweg-ID / Leitwegsnummer | Steuernummer | Skonto Tage | Skonto Prozent"
    " | Zahlungsziel Tage | Kundenrabatt | Ist Kundenrabatt prozentual"
)
ODOO = choices(
    "id | name | is_company | parent_id | type | email | phone | street | street2 | city | zip | state_id | country_id"
    " | vat | website | category_id | user_id"
)
ODOO_LABELS = choices(
    "External ID | Name | Is a Company | Related Company | Address Type | Email | Phone | Street | Street2 | City | Zip"
    " | State | Country | Tax ID | Website | Tags | Salesperson"
)
ZOHO = choices(
    "Record Id | Account Owner.id | Account Owner | Account Name | Phone | Parent Account.id | Website | Account Type"
    " | Created By.id | Created By | Modified By.id | Modified By | Created Time | Modified Time | Billing Street"
    " | Billing City | Billing State | Billing Code | Billing Country | Locked | Last contacted time"
    " | Last contacted mode | Last activity type | Last activity date"
)
GOOGLE = choices(
    "First Name | Middle Name | Last Name | Phonetic First Name | Phonetic Middle Name | Phonetic Last Name"
    " | Name Prefix | Name Suffix | Nickname | File As | Organization Name | Organization Title"
    " | Organization Department | Birthday | Notes | Photo | Labels | E-mail 1 - Label | E-mail 1 - Value"
    " | E-mail 2 - Label | E-mail 2 - Value | Phone 1 - Label | Phone 1 - Value | Phone 2 - Label | Phone 2 - Value"
    " | Address 1 - Label | Address 1 - Formatted | Address 1 - Street | Address 1 - City | Address 1 - PO Box"
    " | Address 1 - Region | Address 1 - Postal Code | Address 1 - Country | Address 1 - Extended Address"
    " | Website 1 - Label | Website 1 - Value | Event 1 - Label | Event 1 - Value | Custom Field 1 - Label"
    " | Custom Field 1 - Value"
)
EXACT = choices(
    "ID | Code | Name | SearchCode | AddressLine1 | AddressLine2 | AddressLine3 | Postcode | City | State | Country"
    " | CountryName | Phone | Fax | Email | Website | VATNumber | ChamberOfCommerce | Status | IsSupplier | IsSales"
    " | Blocked | Language | Remarks | MainContact | StartDate | EndDate | Created | Modified"
)
OUTLOOK_EN = choices(
    "Title | First Name | Middle Name | Last Name | Suffix | Company | Department | Job Title | Business Street"
    " | Business Street 2 | Business Street 3 | Business City | Business State | Business Postal Code"
    " | Business Country/Region | Home Street | Home Street 2 | Home Street 3 | Home City | Home State"
    " | Home Postal Code | Home Country/Region | Other Street | Other Street 2 | Other Street 3 | Other City"
    " | Other State | Other Postal Code | Other Country/Region | Assistant's Phone | Business Fax | Business Phone"
    " | Business Phone 2 | Callback | Car Phone | Company Main Phone | Home Fax | Home Phone | Home Phone 2 | ISDN"
    " | Mobile Phone | Other Fax | Other Phone | Pager | Primary Phone | Radio Phone | TTY/TDD Phone | Telex | Account"
    " | Anniversary | Assistant's Name | Billing Information | Birthday | Business Address PO Box | Categories"
    " | Children | Directory Server | E-mail Address | E-mail Type | E-mail Display Name | E-mail 2 Address"
    " | E-mail 2 Type | E-mail 2 Display Name | E-mail 3 Address | E-mail 3 Type | E-mail 3 Display Name | Gender"
    " | Government ID Number | Hobby | Home Address PO Box | Initials | Internet Free Busy | Keywords | Web Page"
)
OUTLOOK_DE = choices(
    "Anrede | Vorname | Weitere Vornamen | Nachname | Suffix | Firma | Abteilung | Position | Straße geschäftlich"
    " | Straße geschäftlich 2 | Straße geschäftlich 3 | Ort geschäftlich | Region geschäftlich"
    " | Postleitzahl geschäftlich | Land/Region geschäftlich | Straße privat | Straße privat 2 | Straße privat 3"
    " | Ort privat | Bundesland/Kanton privat | Postleitzahl privat | Land/Region privat | Weitere Straße"
    " | Weitere Straße 2 | Weitere Straße 3 | Weiterer Ort | Weiteres/r Bundesland/Kanton | Weitere Postleitzahl"
    " | Weiteres/e Land/Region | Telefon Assistent | Fax geschäftlich | Telefon geschäftlich | Telefon geschäftlich 2"
    " | Rückmeldung | Autotelefon | Telefon Firma | Fax privat | Telefon (privat) | Telefon (privat 2) | ISDN"
    " | Mobiltelefon | Weiteres Fax | Weiteres Telefon | Pager | Haupttelefon | Mobiltelefon 2"
    " | Telefon für Hörbehinderte | Telex | Abrechnungsinformation | Assistent(in) | Benutzer 1 | Benutzer 2"
    " | Benutzer 3 | Benutzer 4 | Beruf | Büro | E-Mail-Adresse | E-Mail-Typ | E-Mail: Angezeigter Name"
    " | E-Mail 2: Adresse | E-Mail 2: Typ | E-Mail 2: Angezeigter Name | E-Mail 3: Adresse | E-Mail 3: Typ"
    " | E-Mail 3: Angezeigter Name | Empfohlen von | Geburtstag | Geschlecht | Hobby | Initialen"
    " | Internet Frei/Gebucht | Jahrestag | Kategorien | Kinder | Konto | Name des/r Vorgesetzten | Notizen"
    " | Organisationsnr. | Ort | Partner | Postfach geschäftlich | Postfach privat | Priorität | Privat"
    " | Reisekilometer | Sozialversicherungsnr. | Sprache | Stichwörter | Vertraulichkeit | Verzeichnisserver"
    " | Webseite | Weiteres Postfach"
)
OUTLOOK_NL = choices(
    "Titel | Voornaam | Middelste naam | Achternaam | Achtervoegsel | Bedrijf | Afdeling | Functie | Werkadres, straat"
    " | Werkadres 2, straat | Werkadres 3, straat | Werkadres, plaats | Werkadres, provincie | Werkadres, postcode"
    " | Land/regio (werk) | Huisadres, straat | Huisadres, straat 2 | Huisadres, straat 3 | Huisadres, plaats"
    " | Huisadres, provincie | Huisadres, postcode | Land/regio (thuis) | Ander adres, straat | Ander adres, straat 2"
    " | Ander adres, straat 3 | Ander adres, plaats | Ander adres, provincie | Ander adres, postcode"
    " | Land/regio (anders) | Telefoon assistent | Fax op werk | Telefoon op werk | Telefoon op werk 2 | Terugbellen"
    " | Autotelefoon | Hoofdtelefoon bedrijf | Fax thuis | Telefoon thuis | Telefoon thuis 2 | ISDN | Mobiele telefoon"
    " | Andere fax | Andere telefoon | Pager | Hoofdtelefoon | Radiotelefoon | Teksttelefoon | Telex | Account"
    " | Adreslijstserver | Ander adres, postbusnummer | Beroep | Categorieën | E-mailadres | E-mailtype"
    " | Weergavenaam voor e-mail | E-mailadres 2 | E-mailtype 2 | E-mail, weergegeven naam 2 | E-mailadres 3"
    " | E-mailtype 3 | E-mail, weergegeven naam 3 | Factuurinformatie | Gebruiker 1 | Gebruiker 2 | Gebruiker 3"
    " | Gebruiker 4 | Geslacht | Gevoeligheid | Hobby's | Huisadres, postbusnummer | Initialen"
    " | Internet Beschikbaarheidsinfo | Kantoorlocatie | Kinderen | Locatie | Naam assistent | Naam manager | Notities"
    " | Organisatie-id | Partner | Prioriteit | Privé | Referentie van | Reisafstand | Sofinummer | Speciale datum"
    " | Taal | Trefwoorden | Verjaardag | Webpagina | Werkadres, postbusnummer"
)


def _bank(number: int) -> tuple[str, ...]:
    """Give DATEV's eleven columns of one bank account."""
    before = choices("Bankleitzahl | Bankbezeichnung | Bankkonto-Nummer | Länderkennzeichen | IBAN | Leerfeld")
    names = (*before, "SWIFT-Code", "Abw. Kontoinhaber")
    bank = f"Bankverb. {number} Gültig"
    last = (f"Kennz. Haupt-Bankverb. {number}", f"{bank} von", f"{bank} bis")
    return (*(f"{name} {number}" for name in names), *last)


def _numbered(name: str, last: int) -> tuple[str, ...]:
    return tuple(f"{name} {number}" for number in range(1, last + 1))


_SECOND = choices(
    "Abweichende Anrede | Adressart | Straße | Postfach | Postleitzahl | Ort | Land | Versandzusatz | Adresszusatz"
    " | Abw. Zustellbezeichnung 1 | Abw. Zustellbezeichnung 2 | Adresse Gültig von | Adresse Gültig bis"
)
DATEV = (
    *choices(
        "Konto | Name (Adressatentyp Unternehmen) | Unternehmensgegenstand | Name (Adressatentyp natürl. Person)"
        " | Vorname (Adressatentyp natürl. Person) | Name (Adressatentyp keine Angabe) | Adressatentyp"
        " | Kurzbezeichnung | EU-Land | EU-USt-IdNr. | Anrede | Titel/Akad. Grad | Adelstitel | Namensvorsatz"
        " | Adressart | Straße | Postfach | Postleitzahl | Ort | Land | Versandzusatz | Adresszusatz"
        " | Abweichende Anrede | Abw. Zustellbezeichnung 1 | Abw. Zustellbezeichnung 2 | Kennz. Korrespondenzadresse"
        " | Adresse Gültig von | Adresse Gültig bis | Telefon | Bemerkung (Telefon) | Telefon Geschäftsleitung"
        " | Bemerkung (Telefon GL) | E-Mail | Bemerkung (E-Mail) | Internet | Bemerkung (Internet) | Fax"
        " | Bemerkung (Fax) | Sonstige | Bemerkung (Sonstige)"
    ),
    *(name for number in range(1, 6) for name in _bank(number)),
    *choices(
        "Leerfeld 11 | Briefanrede | Grußformel | Kundennummer | Steuernummer | Sprache | Ansprechpartner | Vertreter"
        " | Sachbearbeiter | Diverse-Konto | Ausgabeziel | Währungssteuerung | Kreditlimit (Debitor)"
        " | Zahlungsbedingung | Fälligkeit in Tagen (Debitor) | Skonto in Prozent (Debitor)"
        " | Kreditoren-Ziel 1 (Tage) | Kreditoren-Skonto 1 (%) | Kreditoren-Ziel 2 (Tage) | Kreditoren-Skonto 2 (%)"
        " | Kreditoren-Ziel 3 Brutto (Tage) | Kreditoren-Ziel 4 (Tage) | Kreditoren-Skonto 4 (%)"
        " | Kreditoren-Ziel 5 (Tage) | Kreditoren-Skonto 5 (%) | Mahnung | Kontoauszug | Mahntext | Mahntext 2"
        " | Mahntext 3 | Kontoauszugstext | Mahnlimit Betrag | Mahnlimit % | Zinsberechnung | Mahnzinssatz 1"
        " | Mahnzinssatz 2 | Mahnzinssatz 3 | Lastschrift | Verfahren | Mandantenbank | Zahlungsträger"
    ),
    *_numbered("Indiv. Feld", 15),
    *(f"{name} (Rechnungsadresse)" for name in _SECOND),
    *(name for number in range(6, 11) for name in _bank(number)),
    *("Nummer Fremdsystem", "Insolvent"),
    *_numbered("SEPA-Mandatsreferenz", 10),
    *choices(
        "Verknüpftes OPOS-Konto | Mahnsperre bis | Lastschriftsperre bis | Zahlungssperre bis | Gebührenberechnung"
        " | Mahngebühr 1 | Mahngebühr 2 | Mahngebühr 3 | Pauschalberechnung | Verzugspauschale 1 | Verzugspauschale 2"
        " | Verzugspauschale 3 | Alternativer Suchname | Status"
        " | Anschrift manuell geändert (Korrespondenzadresse) | Anschrift individuell (Korrespondenzadresse)"
        " | Anschrift manuell geändert (Rechnungsadresse) | Anschrift individuell (Rechnungsadresse)"
        " | Fristberechnung bei Debitor | Mahnfrist 1 | Mahnfrist 2 | Mahnfrist 3 | Letzte Frist"
    ),
)
