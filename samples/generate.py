"""Turn a seed into 200 invented Moneybird contacts: a workbook, and the CSV that a Dutch Excel saves from it.

Run as `python samples/generate.py [FOLDER]`; without a folder, the files beside this script are rewritten. Both hold
the same contacts in the same order, with the dirt of real exports and twelve rows that cannot be imported; `README.md`
lists those. Nothing depends on the clock, the locale or the machine: the same packages write the same bytes. Every name,
number and address is made up.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import openpyxl
from exports import write_exports
from ingredients import BRANCHES, ELSEWHERE, LABELS, METHODS, NBSP, SCHEDULE, Nation, Value
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from papers import iban, slug, timeless, vat

Contact: TypeAlias = dict[str, Value]

SEED = 20240229
CONTACTS = 200
WORKBOOK, TEXT = "moneybird-contacts.xlsx", "moneybird-contacts.csv"
SHEET = "Contacten"

HEADERS = (
    *("Klantnummer", "Bedrijfsnaam", "Voornaam", "Achternaam", "T.a.v.", "Adres", "Adresregel 2", "Postcode", "Plaats"),
    *("Land", "Telefoon", "E-mailadres", "Facturen versturen naar e-mail", "Btw-nummer", "KvK-nummer", "IBAN", "BIC"),
    *("Verzendmethode", "Btw-plichtig", "SEPA actief", "Maximaal bedrag", "Labels", "Branche", "Website"),
    *("Gearchiveerd", "Aangemaakt op"),
)

ODD: dict[int, Contact] = {
    3: {"Adres": "Industrieweg 14\nHal 3, ingang achterzijde"},
    8: {"Bedrijfsnaam": "=Vorm & Zo ontwerpstudio", "Website": "vorm-en-zo.example"},
    12: {"Facturen versturen naar e-mail": "facturen@kwikstaart.example, inkoop@kwikstaart.example"},
    17: {"Klantnummer": " K-2041 ", "Bedrijfsnaam": f"  Dubbele  Spatie{NBSP}Advies  "},
    23: {"Facturen versturen naar e-mail": "a.p@gruener-dachs.example;  buchhaltung@gruener-dachs.example; "},
    31: {"T.a.v.": "+Team Inkoop", "Telefoon": "+31205550199"},
    42: {"Bedrijfsnaam": 'Drukkerij "De Punt; Komma" B.V.'},
    58: {"Adres": "t.a.v. de conciërge\nKleine Kade 3\nachterom", "Adresregel 2": "2e verdieping"},
    64: {"Bedrijfsnaam": "@Home & Hof B.V."},
    77: {"Facturen versturen naar e-mail": "EEN@halve-maan.example, een@halve-maan.example,twee@halve-maan.example"},
    91: {"Klantnummer": "00000", "Labels": "VIP,,;vip, Nieuwsbrief"},
    110: {"Telefoon": "020-5550110 / 06-55501101"},
    133: {"Klantnummer": "-133-", "Bedrijfsnaam": "-minus- Mode"},
    170: {"Website": "HTTPS://WWW.Grote-Letters.example/Over-Ons?taal=NL"},
    188: {"Plaats": "Wien\n"},
}
"""Contacts (counted from 0) with one oddity that must come through unharmed."""

ARCHIVED: dict[int, Contact] = {
    **{index: {"Gearchiveerd": "Ja"} for index in (14, 38, 119, 147)},
    **{index: {"Gearchiveerd": " ja"} for index in (88, 181)},
    63: {"Gearchiveerd": "Ja", "Land": "Joegoslavië"},
}
"""Archived contacts: they are skipped, so that a country which is none any more does not matter."""

BROKEN: dict[int, Contact] = {
    19: {"Land": "Holand"},
    33: {"Klantnummer": NBSP},
    52: {"Klantnummer": "1047"},  # the number of contact 46, whose cell is numeric
    67: {"Klantnummer": "2019/044"},
    81: {"Klantnummer": 496081406351378000},  # 18 digits, of which a spreadsheet keeps 15
    96: {"Facturen versturen naar e-mail": "facturen@wipneus.example; administratie(at)wipneus.example"},
    108: {"Btw-plichtig": "deels"},
    124: {"Aangemaakt op": "31-02-2021"},
    139: {"Adresregel 2": "Leveren aan de achterzijde, bellen bij de groene deur, niet op maandag. " * 4},
    155: {"Branche": "Kermis"},
    168: {"Website": "zie onze pagina"},
    193: {"Plaats": "#N/A"},  # an error cell in the workbook; see `records` for what the CSV has in its place
}
"""Contacts that must be refused, each for another reason; all else about them is in order."""

BLANK_ROWS_AFTER = {25: 2, 100: 1, 150: 1}
BLANK: tuple[Value, ...] = (None,) * len(HEADERS)
EXTRA_CELLS = ("nabellen!", "mw. Zevenster")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the export as each of the two files has it."""

    workbook: tuple[Value, ...]
    text: tuple[Value, ...]


@dataclass(slots=True)
class Maker:
    """Draws contacts; only `Random.random` is used, whose sequence no version of Python changes."""

    random: random.Random
    elsewhere: int = 0
    made: dict[str, int] = field(default_factory=dict)

    def pick(self, values: tuple[Value, ...]) -> Value:
        """Draw one of the values."""
        return values[int(self.random.random() * len(values))]

    def word(self, values: tuple[str, ...]) -> str:
        """Draw a text, with a drawn digit in place of each `#`."""
        return re.sub("#", lambda _: self.digits(1), str(self.pick(values)))

    def digits(self, count: int) -> str:
        """Draw so many digits."""
        return "".join(str(int(self.random.random() * 10)) for _ in range(count))

    def chance(self, share: float) -> bool:
        """Draw yes in this share of the cases."""
        return self.random.random() < share

    def contact(self, index: int) -> Contact:
        """Make the contact with this number, counted from 0."""
        nation = SCHEDULE[index % len(SCHEDULE)]
        contact = self._foreign() if nation is None else self._native(nation)
        contact |= self._mail(str(contact["Bedrijfsnaam"] or f"{contact['Voornaam']} {contact['Achternaam']}"))
        contact |= self._habits(banked=contact.get("IBAN") is not None)
        return {"Klantnummer": self._number(index)} | contact

    def _number(self, index: int) -> Value:
        match index % 9:
            case 2 | 6:
                return f"{index:05d}"
            case 4:
                return f"D{3000 + index}"
            case 7:
                return str(1001 + index)
            case _:
                return 1001 + index

    def _native(self, nation: Nation) -> Contact:
        turn = self.made[nation.code] = self.made.get(nation.code, -1) + 1
        stem = nation.stems[turn % len(nation.stems)]
        trade = nation.trades[(turn + turn // len(nation.stems)) % len(nation.trades)]
        private = turn % 8 == 5
        company = None if private else " ".join((stem, trade, self.word(nation.forms))[: 2 + self.chance(0.8)])
        named = private or self.chance(0.4)
        zipcode, town = nation.towns[int(self.random.random() * len(nation.towns))]
        phone = self.word(nation.phones)
        return {
            "Bedrijfsnaam": company,
            "Voornaam": self.word(nation.first_names) if named else None,
            "Achternaam": self.word(nation.last_names) if named else None,
            "T.a.v.": self.word(nation.offices) if self.chance(0.2) else None,
            "Adres": self.word(nation.streets),
            "Postcode": zipcode,
            "Plaats": town,
            "Land": self.pick(nation.spellings),
            "Telefoon": int(phone) if phone.isdigit() and phone[0] != "0" and self.chance(0.7) else phone,
        } | ({} if private else self._papers(nation))

    def _papers(self, nation: Nation) -> Contact:
        register = self.word((nation.register,))
        account = iban(nation.code, self.digits(10))
        shown = self.pick((account, account, " ".join(re.findall(".{1,4}", account)), account.lower()))
        banked = self.chance(0.6)
        return {
            "Btw-nummer": self._vat(nation.code) if self.chance(0.7) else None,
            "KvK-nummer": int(register) if register.isdigit() and register[0] != "0" and self.chance(0.5) else register,
            "IBAN": shown if banked else None,
            "BIC": nation.bic if banked else None,
        }

    def _vat(self, code: str) -> str:
        number = vat(code, f"1{self.digits(7)}")
        return str(
            self.pick((number, number, f"{number[:2]} {number[2:]}", f"{number[:5]}.{number[5:]}", number.lower()))
        )

    def _foreign(self) -> Contact:
        names = ("Bedrijfsnaam", "Land", "Adres", "Postcode", "Plaats", "Telefoon")
        found = ELSEWHERE[self.elsewhere]
        self.elsewhere += 1
        return dict(zip(names, found, strict=True)) | {"Voornaam": None, "Achternaam": None}

    def _mail(self, name: str) -> Contact:
        host = f"{slug(name)}.example"
        invoices = self.word(("facturen", "administratie", "buchhaltung")) if self.chance(0.4) else None
        return {
            "E-mailadres": f"info@{host}" if self.chance(0.85) else None,
            "Facturen versturen naar e-mail": f"{invoices}@{host}" if invoices else None,
            "Website": self.pick((None, None, f"www.{host}", f"https://www.{host}", f"http://{host}/", f"{host}/nl")),
        }

    def _habits(self, *, banked: bool) -> Contact:
        created = dt.date(2012, 1, 2) + dt.timedelta(days=int(self.random.random() * 4700))
        sepa = banked and self.chance(0.3)
        return {
            "Verzendmethode": self.pick(METHODS),
            "Btw-plichtig": self.pick(("Ja", "Ja", "Ja", "ja", "JA ", "Nee", "nee", None)),
            "SEPA actief": self.pick((sepa, sepa, "Ja" if sepa else "Nee")),
            "Maximaal bedrag": int(self.random.random() * 5000) + 0.5 if sepa else None,
            "Labels": self.pick(LABELS),
            "Branche": self.pick(BRANCHES),
            "Gearchiveerd": self.pick(("Nee", "Nee", "nee", None)),
            "Aangemaakt op": self.pick((created, created, created, created.isoformat(), created.strftime("%d-%m-%Y"))),
        }


def records() -> list[Record]:
    """Make all rows below the header, blank ones included, in the order of both files."""
    maker = Maker(random.Random(SEED))  # noqa: S311 - sample data is meant to be predictable
    rows = []
    for index in range(CONTACTS):
        contact = maker.contact(index) | ODD.get(index, {}) | ARCHIVED.get(index, {}) | BROKEN.get(index, {})
        cells = tuple(contact.get(header) for header in HEADERS)
        rows.append(Record(cells, cells))
        if contact["Plaats"] == "#N/A":
            whole = tuple("Gent" if cell == "#N/A" else cell for cell in cells)
            rows[-1] = Record(cells, (*whole, *EXTRA_CELLS))
        rows += [Record(BLANK, BLANK)] * BLANK_ROWS_AFTER.get(index, 0)
    return rows


def workbook_bytes(rows: list[Record]) -> bytes:
    """Write the workbook: typed cells, and an archive that holds no time of writing."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title, sheet.freeze_panes = SHEET, "B2"
    for row, cells in enumerate((HEADERS, *(record.workbook for record in rows)), start=1):
        for column, value in enumerate(cells, start=1):
            cell = sheet.cell(row=row, column=column, value=value)
            if cell.data_type == "f":
                cell.data_type, cell.quotePrefix = "s", True  # text that begins with "=", typed with an apostrophe
            if isinstance(value, dt.date):
                cell.number_format = "dd-mm-yyyy"
            elif isinstance(value, float):
                cell.number_format = "0.00"
    for column, header in enumerate(HEADERS, start=1):
        sheet.cell(row=1, column=column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = max(12, len(header) + 2)
    out = io.BytesIO()
    book.save(out)
    return timeless(out.getvalue())


def text_bytes(rows: list[Record]) -> bytes:
    """Write the CSV as Excel on a Dutch Windows saves the workbook."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS)
    writer.writerows([shown(value) for value in record.text] for record in rows)
    return out.getvalue().encode("cp1252")


def shown(value: Value) -> str:
    """Write a cell as a Dutch Excel shows it, which is what it saves as CSV."""
    match value:
        case None:
            return ""
        case bool():
            return "WAAR" if value else "ONWAAR"
        case int() if abs(value) >= 10**11:
            return f"{value:.5E}".replace(".", ",")  # a number of 12 digits or more does not fit the general format
        case float():
            return f"{value:.2f}".replace(".", ",")
        case dt.date():
            return f"{value:%d-%m-%Y}"
        case _:
            return str(value)


def write(folder: Path) -> None:
    """Write both files, and the exports of other systems, into a folder."""
    rows = records()
    (folder / WORKBOOK).write_bytes(workbook_bytes(rows))
    (folder / TEXT).write_bytes(text_bytes(rows))
    write_exports(folder)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
    print(
        f"wrote {WORKBOOK} and {TEXT}: {CONTACTS} contacts, {len(BROKEN)} of them broken; and the exports of other systems"
    )
