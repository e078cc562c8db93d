"""A small export and its mapping, written to a folder: for tests that run whole commands."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["COLUMNS", "MAPPING", "contact", "write_contacts", "write_mapping"]

COLUMNS = ("nr", "name", "phone", "country", "labels")

MAPPING = """\
version: 1
target:
  external_origin: test
company:
  external_id: nr
  company_name: name
  phone: phone
  address_invoice_country: country
tags:
  - {from: labels, split: ","}
"""


def contact(number: int, **cells: str) -> dict[str, str]:
    row = {"nr": f"K-{number}", "name": f"Bedrijf {number}", "phone": f"020 {number:05}", "country": "NL", "labels": ""}
    return row | cells


def write_contacts(path: Path, contacts: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(contacts)
    return path


def write_mapping(path: Path, text: str = MAPPING) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
