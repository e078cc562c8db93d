"""What is wrong on purpose in the exports: by file, by the number of the company, by column; `README.md` lists the issues."""

from __future__ import annotations

PLANTED: dict[str, dict[int, dict[str, str]]] = {
    "hubspot-companies.csv": {
        4: {"Country/Region": "Holand"},
        9: {"Company name": ""},
        14: {"Website URL": "coming soon"},
        21: {"Record ID": "9.00100E+08"},
    },
    "salesforce-accounts.csv": {
        6: {"BillingCountry": "Frieslnd"},
        13: {"IsDeleted": "true"},
        22: {"Name": "   "},
    },
    "salesforce-report.csv": {
        3: {"Billing Country": "Deutchland"},
        17: {"Account ID": "0015e00000FiCtA"},  # the id of the company before
    },
    "pipedrive-organizations.csv": {
        8: {"Organization - Country of Company Address": "Nederlnd"},
        19: {"Organization - Website": "see LinkedIn"},
        26: {"Organization - Name": ""},
    },
    "lexware-kontakte.csv": {
        7: {"Land 1": "Belgein"},
        12: {"E-Mail 1": "info(at)wipneus.example"},
        18: {"Umsatzsteuer ID": "NL123456789B01"},
        24: {"Kundennummer": ""},
    },
    "sevdesk-kontakte.csv": {
        6: {"E-Mail": "info@muessiggang"},
        11: {"Kunden-Nr.": "1010"},  # that of the company before
        20: {"IBAN": "NL00VRBD5550100020"},
    },
    "datev-debitoren-kreditoren.csv": {
        3: {"IBAN 1": "DE64 0000 0000 5550 1000 04"},
        10: {"EU-Land": "NL", "EU-USt-IdNr.": "123456789B01"},
        16: {"Land": "XX"},
        27: {"Name (Adressatentyp Unternehmen)": ""},
    },
    "odoo-contacts.csv": {
        4: {"country_id": "Oostenrik"},
        16: {"email": "office"},
    },
    "odoo-contacts.xlsx": {
        4: {"Country": "Oostenrik"},
        21: {"Tax ID": "DE123456789"},
    },
    "zoho-accounts.csv": {
        6: {"Billing Country": "Germny"},
        14: {"Account Name": ""},
        23: {"Record Id": "5.20000000000E+17"},
    },
    "google-contacts.csv": {
        7: {"Address 1 - Country": "Belguim"},
        13: {"E-mail 1 - Value": "gotz at loewenzahn"},
        20: {"First Name": "", "Last Name": "", "Organization Name": "", "E-mail 1 - Value": ""},
    },
    "outlook-contacts-en.csv": {
        4: {"Business Country/Region": "Austrria"},
        10: {"E-mail Address": "/o=ExampleLabs/ou=Exchange/cn=Recipients/cn=user", "E-mail Type": "EX"},
        18: {"E-mail Address": "wout@"},
    },
    "outlook-kontakte-de.csv": {
        4: {"Land/Region geschäftlich": "Oesterreih"},
        10: {"E-Mail-Adresse": "/o=ExampleLabs/ou=Exchange/cn=Recipients/cn=user", "E-Mail-Typ": "EX"},
        22: {"Webseite": "im Aufbau"},
    },
    "outlook-contacten-nl.csv": {
        4: {"Land/regio (werk)": "Oostenrijkk"},
        10: {"E-mailadres": "/o=ExampleLabs/ou=Exchange/cn=Recipients/cn=user", "E-mailtype": "EX"},
        16: {"E-mailadres": "geen"},
    },
    "exact-accounts.csv": {
        6: {"Country": "Duitschland"},
        11: {"Email": "onbekend"},
        19: {"Code": "            ", "Name": "Zonder code B.V."},
    },
}
