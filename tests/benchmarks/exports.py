"""A number of rows -> an export of companies that never were, 40 columns wide, as CSV or .xlsx, and its mapping.

The same number gives the same bytes. Rows are told apart in every column that is so in life (names, addresses,
e-mails, numbers), so that nothing is quick only because it was seen before.
"""

from __future__ import annotations

import csv
import zipfile
from itertools import count
from typing import TYPE_CHECKING, TypeAlias
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["COLUMNS", "COUNTRIES", "MAPPING", "write_csv", "write_mapping", "write_xlsx"]

Value: TypeAlias = str | int

COLUMNS = (
    *("customer_id", "company_name", "firstname", "lastname", "attention", "street", "street2", "house", "zipcode"),
    *("city", "state", "country", "delivery_name", "delivery_street", "delivery_house", "delivery_zip"),
    *("delivery_city", "delivery_country", "phone", "fax", "email", "invoice_email", "homepage", "tax_number", "iban"),
    *("bic", "language", "vat_liable", "by_email", "by_post", "branch", "labels", "size", "register_number"),
    *("created_at", "credit_limit", "notes", "sepa_active", "mandate", "updated_at"),
)

COUNTRIES = ("Nederland", "NL", "Belgien", "DEU", "Germany", "Frankreich", "Österreich", "ES", "Italië", "Portugal")

MAPPING = """\
version: 1
name: Invented contacts
target: {external_origin: benchmark}
company:
  external_id: customer_id
  company_name: {first_of: [company_name, "{firstname} {lastname}"]}
  person_attention_to: {first_of: [attention, "{firstname} {lastname}"]}
  address_invoice_street: street
  address_invoice_street2: street2
  address_invoice_house: house
  address_invoice_zip: zipcode
  address_invoice_town: city
  address_invoice_state: state
  address_invoice_country: {from: country, as: country}
  address_delivery_title: delivery_name
  address_delivery_street: delivery_street
  address_delivery_house: delivery_house
  address_delivery_zip: delivery_zip
  address_delivery_town: delivery_city
  address_delivery_country: {from: delivery_country, as: country}
  phone: phone
  fax: fax
  email: {first_of: [invoice_email, email], as: email_list}
  email_general: {from: email, as: email}
  homepage: {from: homepage, as: url}
  tax_uid: {from: tax_number, as: vat}
  iban: {from: iban, as: iban}
  bic: {from: bic, as: bic}
  locale: language
  taxation: {from: vat_liable, as: boolean}
  invoices_by_email: {from: by_email, as: boolean}
  invoice_by_post: {from: by_post, as: boolean}
  business_field: {from: branch, map: {ict: Software, bouw: Construction, zorg: Healthcare}, otherwise: error}
tags:
  - {value: Imported}
  - {from: labels, split: [";"], map: {vip: VIP}, otherwise: keep}
  - {value: SEPA, when: {column: sepa_active, is: true}}
custom_fields:
  register_number: register_number
  customer_since: {from: created_at, as: {date: {order: dmy}}}
  credit_limit: {from: credit_limit, as: decimal}
"""

_STEMS = ("Kwikstaart", "Halve Maan", "Groene Specht", "Eendagsvlieg", "Vliegende Schildpad", "Kürbiskern", "Wipneus")
_TRADES = ("Drukwerk", "Logistiek", "Webbouw", "Timmerwerken", "Zorgadvies")
_FIRST = ("Fenna", "Joris", "Zoë", "Tijmen", "Renée", "Hidde")
_LAST = ("van der Kwast", "Oosterzwaluw", "Hinterglemser", "Pannekoekman", "Zevenster")
_BRANCHES = ("ICT", "Bouw", "Zorg", "")
_LABELS = ("", "vip", "vip; Nieuwsbrief", "Kerstkaart")


def _row(number: int, dirty_every: int) -> tuple[Value, ...]:
    """Make row `number`; each `dirty_every`-th one has a country nobody knows and an e-mail that is none."""
    dirty = dirty_every > 0 and number % dirty_every == 0
    first, last = _picked(_FIRST, number), _picked(_LAST, number)
    name = f"{_picked(_STEMS, number)} {_picked(_TRADES, number)} {number}"
    country = f"Nergensland {number // dirty_every % 50}" if dirty else _picked(COUNTRIES, number)
    mail = f"info{number}.example" if dirty else f"info@bedrijf-{number}.example"
    street, postcode = f"Kanaalstraat-{number % 977}", f"{1000 + number % 8999} AB"
    return (
        *(f"K-{number}", name, first, last, f"{first} {last}", street, "" if number % 3 else "2e etage", number % 300),
        *(postcode, f"Plaats {number % 400}", "", country, name, street, number % 300, postcode),
        *(f"Plaats {number % 400}", _picked(COUNTRIES, number + 3), f"+31 20 {number:07}", "", mail),
        *(f"facturen@bedrijf-{number}.example", f"www.bedrijf-{number}.example", _vat_id(number)),
        *(_iban(number), "EXMPNL2A", "nl", "Ja", "Ja", "Nee", _picked(_BRANCHES, number)),
        *(_picked(_LABELS, number), "", f"{number:08}", f"{number % 28 + 1:02}-{number % 12 + 1:02}-2021"),
        *(number % 5000, f"Gesproken op de beurs, komt terug op zaak {number}.", "Ja", f"M-{number}", "2024-01-02"),
    )


def _vat_id(number: int) -> str:
    """Make a Dutch VAT id with the check digits that sole traders have: the whole leaves 1 when divided by 97."""
    body = f"{number:09}B"
    return f"NL{body}{98 - _rest(f'NL{body}00'):02}"


def _iban(number: int) -> str:
    """Make a Dutch account number of a bank that is none, with right check digits (ISO 13616)."""
    account = f"EXMP{number:010}"
    return f"NL{98 - _rest(f'{account}NL00'):02}{account}"


def _rest(letters: str) -> int:
    return int("".join(str(int(letter, 36)) for letter in letters)) % 97


def _picked(values: tuple[str, ...], number: int) -> str:
    return values[number * 7 % len(values)]


def _rows(rows: int, dirty_every: int) -> Iterator[tuple[Value, ...]]:
    return (_row(number, dirty_every) for number in range(1, rows + 1))


def write_mapping(folder: Path) -> Path:
    """Write the mapping that fits every export of this module."""
    path = folder / "mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def write_csv(path: Path, rows: int, *, dirty_every: int = 0) -> Path:
    """Write an export with so many rows below its header, delimited by semicolons."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        writer.writerows(_rows(rows, dirty_every))
    return path


# ── workbook ─────────────────────────────────────────────────────────────────────────────────────────────────────
# Written by hand: the usual library would take minutes for 100,000 rows.

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Contacten" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def write_xlsx(path: Path, rows: int) -> Path:
    """Write the same export as a workbook, as Excel does: text in a shared table, numbers as numbers."""
    letters = tuple(_letters(place) for place in range(len(COLUMNS)))
    shared: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, text in _PARTS.items():
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet {_MAIN}><sheetData>'.encode())
            for number, values in zip(count(1), (COLUMNS, *_rows(rows, 0)), strict=False):
                cells = (_cell(f"{at}{number}", value, shared) for at, value in zip(letters, values, strict=True))
                sheet.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with package.open("xl/sharedStrings.xml", "w", force_zip64=True) as strings:
            strings.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<sst {_MAIN} uniqueCount="{len(shared)}">'.encode())
            for text in shared:
                strings.write(f"<si><t>{escape(text)}</t></si>".encode())
            strings.write(b"</sst>")
    return path


def _cell(at: str, value: Value, shared: dict[str, int]) -> str:
    if value == "":
        return ""
    if isinstance(value, int):
        return f'<c r="{at}"><v>{value}</v></c>'
    return f'<c r="{at}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'


def _letters(place: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return alphabet[place] if place < 26 else alphabet[place // 26 - 1] + alphabet[place % 26]
