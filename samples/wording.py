"""Turn one invented company into a row of each system: its headers, its countries, its ids and its habits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from firms import Firm

Cells: TypeAlias = dict[str, str]


def hubspot(firm: Firm) -> Cells:
    """Write a company as HubSpot does."""
    return {
        "Record ID": f"9001002{firm.number:02d}",
        "Company name": firm.name,
        "Company owner": "Eva Owner",
        "Create Date": firm.day("{year}-{month:02d}-{day:02d} 10:00"),
        "Phone Number": f" {firm.phone}" if firm.phone else "",
        "City": firm.town,
        "Country/Region": firm.land("en"),
        "Industry": ("RETAIL", "COMPUTER_SOFTWARE", "")[firm.number % 3],
        "Company Domain Name": firm.site.removeprefix("https://www."),
        "Website URL": firm.site if firm.number % 2 else "",
        "Street Address": firm.line,
        "Postal Code": firm.zip,
        "State/Region": firm.state,
        "Number of Employees": str(5 + firm.number * 3),
        "Associated Contact": f"{firm.first} {firm.last}",
    }


def _salesforce_id(number: int) -> str:
    return f"0015e00000Fi{chr(66 + number // 10)}{chr(107 + number % 10)}A"


def salesforce(firm: Firm) -> Cells:
    """Write a company as Salesforce does."""
    suite = f"\n{firm.extra}" if firm.extra else ""
    return {
        "Id": f"{_salesforce_id(firm.number)}AAQ",
        "IsDeleted": "false",
        "MasterRecordId": "",
        "Name": firm.name,
        "Type": "Customer",
        "BillingStreet": f"{firm.line}{suite}",
        "BillingCity": firm.town,
        "BillingState": firm.state,
        "BillingPostalCode": firm.zip,
        "BillingCountry": firm.land("en"),
        "ShippingStreet": "Hafen 1" if firm.number % 7 == 3 else "",
        "ShippingCity": "Hamburg" if firm.number % 7 == 3 else "",
        "ShippingPostalCode": "20095" if firm.number % 7 == 3 else "",
        "ShippingCountry": "Germany" if firm.number % 7 == 3 else "",
        "Phone": firm.phone,
        "Fax": firm.phone[:-2] + "99" if firm.number % 5 == 1 and firm.phone else "",
        "AccountNumber": f"AC-{firm.number:04d}",
        "Website": firm.site,
        "Industry": ("Retail", "Technology", "")[firm.number % 3],
        "Site": "Headquarters" if firm.number % 4 == 0 else "",
        "OwnerId": "0055e000001OwnrAAA",
        "CreatedDate": firm.day("{year}-{month:02d}-{day:02d}T10:00:00.000Z"),
        "CreatedById": "0055e000001OwnrAAA",
    }


def salesforce_report(firm: Firm) -> Cells:
    """Write a company as a report of Salesforce does."""
    return {
        "Account ID": f"{_salesforce_id(firm.number)}",
        "Account Name": firm.name,
        "Type": "Customer",
        "Website": firm.site,
        "Phone": firm.phone,
        "Fax": "+49 30 2312599" if firm.number == 1 else "",
        "Account Site": "Headquarters" if firm.number % 4 == 0 else "",
        "Billing Street": firm.line,
        "Billing City": firm.town,
        "Billing State/Province": firm.state,
        "Billing Zip/Postal Code": firm.zip,
        "Billing Country": firm.land("en"),
        "Account Owner": "Eva Owner",
        "Created Date": firm.day("{day}/{month}/{year}"),
    }


def pipedrive(firm: Firm) -> Cells:
    """Write a company as Pipedrive does."""
    cells = {
        "ID": str(101 + firm.number),
        "Name": firm.name,
        "Labels": ("", "Customer", "Customer, VIP")[firm.number % 3],
        "Owner": "Eva Owner",
        "People": str(firm.number % 4),
        "Street/road name of Company Address": firm.street,
        "House number of Company Address": firm.house,
        "ZIP/Postal code of Company Address": firm.zip,
        "City/town/village/locality of Company Address": firm.town,
        "State/county of Company Address": firm.state,
        "Country of Company Address": firm.land("en"),
        "Full/combined address of Company Address": f"{firm.line}, {firm.zip} {firm.town}, {firm.land('en')}",
        "Website": firm.site,
        "Open deals": str(firm.number % 3),
        "Organization created": firm.day("{year}-{month:02d}-{day:02d} 10:00:00"),
    }
    return {f"Organization - {name}": value for name, value in cells.items()}


def lexware(firm: Firm) -> Cells:
    """Write a company as Lexware Office does."""
    supplier = firm.number % 10 == 7
    person = (
        {"Ansprechpartner 1 Vorname": firm.first, "Ansprechpartner 1 Nachname": firm.last}
        if firm.company and firm.number % 2
        else {}
    )
    return person | {
        "Kundennummer": "" if supplier else str(10001 + firm.number),
        "Lieferantennummer": str(70001 + firm.number) if supplier else "",
        "Firmenname": firm.company,
        "Anrede": "" if firm.company else "Herr",
        "Vorname": "" if firm.company else firm.first,
        "Nachname": "" if firm.company else firm.last,
        "Umsatzsteuer ID": firm.vat,
        "Adresszusatz 1": firm.extra,
        "Straße 1": firm.line,
        "PLZ 1": firm.zip,
        "Ort 1": firm.town,
        "Land 1": firm.country if firm.number % 2 else firm.land("de"),
        "Telefon 1": f"'{firm.phone}" if firm.phone else "",
        "E-Mail 1": firm.mail if firm.number % 5 != 4 else "",
        "E-Mail 2": f"rechnung@{firm.mail.partition('@')[2]}" if firm.number % 6 == 0 else "",
        "Ansprechpartner 1 E-Mail": firm.person_mail if person else "",
    }


def sevdesk(firm: Firm) -> Cells:
    """Write a company as sevDesk does."""
    return {
        "Kunden-Nr.": str(1000 + firm.number),
        "Anrede": "" if firm.company else "Frau",
        "Nachname": "" if firm.company else firm.last,
        "Vorname": "" if firm.company else firm.first,
        "Organisation": firm.company,
        "Kategorie": "Kunde" if firm.number % 8 else "Lieferant",
        "IBAN": firm.iban,
        "BIC": firm.bic,
        "Umsatzsteuer-ID": firm.vat,
        "Strasse": firm.line,
        "PLZ": firm.zip,
        "Ort": firm.town,
        "Land": firm.land("de"),
        "Adress-Kategorie": "Rechnungsadresse",
        "Telefon": firm.phone,
        "Telefon-Kategorie": "Arbeit" if firm.phone else "",
        "Fax": "+49 30 23125199" if firm.number == 3 else "",
        "E-Mail": firm.mail,
        "E-Mail-Kategorie": "Arbeit",
        "Webseite": firm.site,
        "Tags": ("", "Messe", "Messe, Newsletter")[firm.number % 3],
        "Zahlungsziel Tage": "14",
    }


def datev(firm: Firm) -> Cells:
    """Write a company as DATEV does."""
    own_bill = firm.number % 9 == 4
    account = 70000 if firm.number % 10 == 8 else 10000
    return {
        "Konto": str(account + firm.number),
        "Name (Adressatentyp Unternehmen)": firm.company.replace(" GmbH", "  GmbH"),
        "Name (Adressatentyp natürl. Person)": "" if firm.company else firm.last,
        "Vorname (Adressatentyp natürl. Person)": "" if firm.company else firm.first,
        "Adressatentyp": "2" if firm.company else "1",
        "EU-Land": "" if firm.country == "BE" else firm.vat[:2],
        "EU-USt-IdNr.": "" if firm.country == "BE" else firm.vat[2:],
        "Straße": firm.line if firm.number % 11 != 6 else "",
        "Postfach": "10 02 03" if firm.number % 11 == 6 else "",
        "Postleitzahl": firm.zip,
        "Ort": firm.town,
        "Land": firm.country,
        "Adresszusatz": firm.extra,
        "Telefon": firm.phone,
        "E-Mail": firm.mail,
        "Internet": firm.site.removeprefix("https://"),
        "Fax": "030/2312599" if firm.number == 1 else "",
        "IBAN 1": firm.iban,
        "SWIFT-Code 1": firm.bic,
        "Ansprechpartner": f"{firm.first} {firm.last}" if firm.company and firm.number % 3 == 1 else "",
        "Straße (Rechnungsadresse)": "Rechnungsweg 1" if own_bill else "",
        "Postleitzahl (Rechnungsadresse)": "20095" if own_bill else "",
        "Ort (Rechnungsadresse)": "Hamburg" if own_bill else "",
        "Land (Rechnungsadresse)": "DE" if own_bill else "",
    }


def odoo(firm: Firm) -> Cells:
    """Write a company as an import-compatible export of Odoo does."""
    return {
        "id": f"__export__.res_partner_{40 + firm.number}_{firm.number * 2654435 % 16777216:06x}",
        "name": firm.name,
        "is_company": "True" if firm.company else "False",
        "type": "contact",
        "email": firm.mail,
        "phone": firm.phone,
        "street": firm.line,
        "street2": firm.extra,
        "city": firm.town,
        "zip": firm.zip,
        "state_id": f"{firm.state} ({firm.country})",
        "country_id": f"base.{firm.country.lower()}",
        "vat": firm.vat,
        "website": firm.site,
        "category_id": "Customer,Newsletter" if firm.number % 4 == 0 else "",
        "user_id": "Eva Owner",
    }


def odoo_labels(firm: Firm) -> Cells:
    """Write a company as Odoo with labels does."""
    cells = dict(zip(headers.ODOO_LABELS, (odoo(firm).get(name, "") for name in headers.ODOO), strict=True))
    return cells | {"Is a Company": "TRUE" if firm.company else "FALSE", "Country": firm.land("en")}


def zoho(firm: Firm) -> Cells:
    """Write a company as Zoho does."""
    return {
        "Record Id": f"zcrm_5200000000001230{firm.number:02d}7",
        "Account Owner.id": "zcrm_520000000000100001",
        "Account Owner": "Eva Owner",
        "Account Name": firm.name,
        "Phone": firm.phone,
        "Website": firm.site,
        "Account Type": "Customer",
        "Created Time": firm.day("{year}-{month:02d}-{day:02d} 10:20:30"),
        "Billing Street": firm.line,
        "Billing City": firm.town,
        "Billing State": firm.state,
        "Billing Code": firm.zip,
        "Billing Country": firm.land("en"),
        "Locked": "false",
    }


def google(firm: Firm) -> Cells:
    """Write a company as Google does."""
    several = firm.number % 6 == 1
    return {
        "First Name": firm.first,
        "Last Name": firm.last,
        "Organization Name": firm.company,
        "Notes": "Met at the fair.\nCalls back on Mondays." if firm.number % 10 == 3 else "",
        "Labels": "* coworkers ::: * myContacts" if firm.number % 5 == 0 else "* myContacts",
        "E-mail 1 - Label": "* Work",
        "E-mail 1 - Value": f"{firm.person_mail} ::: {firm.mail}" if several else firm.person_mail,
        "Phone 1 - Label": "Work" if firm.phone else "",
        "Phone 1 - Value": firm.phone,
        "Address 1 - Label": "Work",
        "Address 1 - Formatted": f"{firm.line}\n{firm.zip} {firm.town}\n{firm.country}",
        "Address 1 - Street": firm.line,
        "Address 1 - City": firm.town,
        "Address 1 - Region": firm.state,
        "Address 1 - Postal Code": firm.zip,
        "Address 1 - Country": firm.country,
        "Address 1 - Extended Address": firm.extra,
        "Website 1 - Label": "Work" if firm.site else "",
        "Website 1 - Value": firm.site,
    }


def outlook(language: str) -> Callable[[Firm], Cells]:
    """Fill the same fields, whatever they are called."""
    names = OUTLOOK_NAMES[language]

    def row(firm: Firm) -> Cells:
        values = (
            *(firm.first, firm.last, firm.company, firm.line, firm.extra, firm.town, firm.state, firm.zip),
            *(firm.land(language), firm.phone if firm.number % 2 else "", "" if firm.number % 2 else firm.phone),
            *("+49 30 2312599" if firm.number == 1 else "", "" if firm.number % 10 == 9 else firm.person_mail),
            *("SMTP", firm.mail if firm.number % 5 == 2 else "", "Kerst" if firm.number % 3 == 0 else "", firm.site),
        )
        return dict(zip(names, values, strict=True))

    return row


OUTLOOK_NAMES = {
    "en": (
        *("First Name", "Last Name", "Company", "Business Street", "Business Street 2", "Business City"),
        *("Business State", "Business Postal Code", "Business Country/Region", "Business Phone", "Company Main Phone"),
        *("Business Fax", "E-mail Address", "E-mail Type", "E-mail 2 Address", "Categories", "Web Page"),
    ),
    "de": (
        *("Vorname", "Nachname", "Firma", "Straße geschäftlich", "Straße geschäftlich 2", "Ort geschäftlich"),
        *("Region geschäftlich", "Postleitzahl geschäftlich", "Land/Region geschäftlich", "Telefon geschäftlich"),
        *("Telefon Firma", "Fax geschäftlich", "E-Mail-Adresse", "E-Mail-Typ", "E-Mail 2: Adresse", "Kategorien"),
        "Webseite",
    ),
    "nl": (
        *("Voornaam", "Achternaam", "Bedrijf", "Werkadres, straat", "Werkadres 2, straat", "Werkadres, plaats"),
        *("Werkadres, provincie", "Werkadres, postcode", "Land/regio (werk)", "Telefoon op werk"),
        *("Hoofdtelefoon bedrijf", "Fax op werk", "E-mailadres", "E-mailtype", "E-mailadres 2", "Categorieën"),
        "Webpagina",
    ),
}


def exact(firm: Firm) -> Cells:
    """Write a company as Exact Online does."""
    return {
        "ID": f"00000000-0000-4000-8000-{firm.number:012d}",
        "Code": f"{501 + firm.number:>18}",
        "Name": firm.name,
        "AddressLine1": firm.line,
        "AddressLine2": firm.extra,
        "Postcode": firm.zip,
        "City": firm.town,
        "State": "",
        "Country": f"{firm.country} ",
        "CountryName": firm.land("nl"),
        "Phone": firm.phone,
        "Fax": "+31 20 5550199" if firm.number == 2 else "",
        "Email": firm.mail,
        "Website": firm.site,
        "VATNumber": firm.vat,
        "ChamberOfCommerce": f"0{firm.number * 13579 + 1234567:07d}" if firm.country == "NL" else "",
        "Status": "C" if firm.number % 6 else "S",
        "IsSupplier": "True" if firm.number % 6 == 0 else "False",
        "IsSales": "False" if firm.number % 6 == 0 else "True",
        "Blocked": "True" if firm.number == 25 else "False",
    }
