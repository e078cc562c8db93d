"""Turn the thirty invented companies into what the other systems export, each with a few rows that cannot go.

The header rows are those of `headers.py`, the bytes (delimiter, quotes, line ends, encoding) those that are known of each
system.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import headers
import openpyxl
import wording
from firms import Firm, firms
from papers import timeless
from planted import PLANTED
from wording import Cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Export:
    """One file: what a company looks like in it, and how its bytes are written."""

    name: str
    header: tuple[str, ...]
    row: Callable[[Firm], Cells]
    more: tuple[Cells, ...] = ()  # further rows, after the companies
    delimiter: str = ","
    newline: str = "\r\n"
    encoding: str = "utf-8"
    quoting: int = csv.QUOTE_MINIMAL
    above: str = ""  # a line before the header
    below: tuple[str, ...] = ()  # lines after the rows

    def rows(self) -> list[Cells]:
        """Make the rows, with what is planted."""
        planted = PLANTED[self.name]
        made = [self.row(firm) | planted.get(firm.number, {}) for firm in firms()]
        unknown = {header for cells in (*made, *self.more) for header in cells} - set(self.header)
        if unknown:
            message = f"{self.name} has no {sorted(unknown)}"
            raise ValueError(message)
        return [*made, *self.more]

    def written(self) -> bytes:
        """Write the file's bytes."""
        return self._workbook() if self.name.endswith(".xlsx") else self._text()

    def _text(self) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline, quoting=self.quoting)
        out.write(self.above)
        if self.above:
            out.write(self.delimiter.join(self.header) + self.newline)  # DATEV quotes text, and not its header
        else:
            writer.writerow(self.header)
        writer.writerows([self._cell(cells, header) for header in self.header] for cells in self.rows())
        out.writelines(line + self.newline for line in self.below)
        return out.getvalue().encode(self.encoding)

    def _cell(self, cells: Cells, header: str) -> str | int:
        value = cells.get(header, "")
        bare = header == "Konto" and self.quoting == csv.QUOTE_NONNUMERIC  # the only number without quotes
        return int(value) if bare else value

    def _workbook(self) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.append(self.header)
        for cells in self.rows():
            values = (cells.get(header) or None for header in self.header)
            sheet.append([{"TRUE": True, "FALSE": False}.get(str(value), value) for value in values])
        out = io.BytesIO()
        book.save(out)
        return timeless(out.getvalue())


_META = '"EXTF";700;16;"Debitoren/Kreditoren";5;20250331090000000;;"XY";"Muster";"";1001;456;20250101;4;;;"Debitoren und Kreditoren";"";;;;"";"";"";"";"";"";;;"";""'
_ODOO_PERSON = {"name": "Sauerampfer, Änne", "is_company": "False", "parent_id": "Müßiggang Hofladen GmbH"}
_ODOO_PERSON |= {
    "id": "__export__.res_partner_90_0a0b0c",
    "type": "contact",
    "email": "ae.sauerampfer@hofladen.example",
}
_FOOTER = (
    '"Confidential Information - Do Not Distribute"',
    '"Copyright (c) 2000-2025 Example CRM, inc. All rights reserved."',
)

EXPORTS = (
    Export("hubspot-companies.csv", headers.HUBSPOT, wording.hubspot, newline="\n", quoting=csv.QUOTE_ALL),
    Export("salesforce-accounts.csv", headers.SALESFORCE, wording.salesforce, quoting=csv.QUOTE_ALL),
    Export(
        "salesforce-report.csv",
        headers.SALESFORCE_REPORT,
        wording.salesforce_report,
        quoting=csv.QUOTE_ALL,
        below=("", *_FOOTER),
    ),
    Export("pipedrive-organizations.csv", headers.PIPEDRIVE, wording.pipedrive, newline="\n"),
    Export("lexware-kontakte.csv", headers.LEXWARE, wording.lexware, delimiter=";", encoding="utf-8-sig"),
    Export(
        "sevdesk-kontakte.csv",
        headers.SEVDESK,
        wording.sevdesk,
        more=(
            {
                "Kunden-Nr.": "1100",
                "Vorname": "Götz",
                "Nachname": "Käferstein",
                "Organisation": "Fuchs & Käuzchen Spedition GmbH",
                "E-Mail": "gk@fuchs.example",
            },
        ),
        delimiter=";",
    ),
    Export(
        "datev-debitoren-kreditoren.csv",
        headers.DATEV,
        wording.datev,
        delimiter=";",
        encoding="cp1252",
        quoting=csv.QUOTE_NONNUMERIC,
        above=f"{_META}\r\n",
    ),
    Export(
        "odoo-contacts.csv",
        headers.ODOO,
        wording.odoo,
        more=(_ODOO_PERSON, {"category_id": "Newsletter"}),
        newline="\n",
    ),
    Export("odoo-contacts.xlsx", headers.ODOO_LABELS, wording.odoo_labels),
    Export("zoho-accounts.csv", headers.ZOHO, wording.zoho, newline="\n"),
    Export("google-contacts.csv", headers.GOOGLE, wording.google, newline="\n", encoding="utf-8-sig"),
    *(
        Export(name, header, wording.outlook(language), encoding="cp1252", quoting=csv.QUOTE_ALL)
        for name, header, language in (
            ("outlook-contacts-en.csv", headers.OUTLOOK_EN, "en"),
            ("outlook-kontakte-de.csv", headers.OUTLOOK_DE, "de"),
            ("outlook-contacten-nl.csv", headers.OUTLOOK_NL, "nl"),
        )
    ),
    Export("exact-accounts.csv", headers.EXACT, wording.exact),
)


def write_exports(folder: Path) -> None:
    """Write all files into a folder."""
    for export in EXPORTS:
        (folder / export.name).write_bytes(export.written())
