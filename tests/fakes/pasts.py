"""Random spaces and exports: companies of every kind that are there already, and files that change them, run after run."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from tests.fakes.local_kanbert import LocalKanbert

__all__ = ["STAMPS", "Past", "Row", "as_it_is", "past_of", "written"]

ORIGIN = "test"
STAMPS = frozenset({"created_at", "updated_at", "deleted_at"})

MAPPING = f"""\
version: 1
target:
  external_origin: {ORIGIN}
blank: clear
match: [phone]
company:
  external_id: nr
  company_name: name
  phone: phone
  fax: {{from: fax, blank: keep}}
  email_general: mail
  taxation: {{from: taxed, as: boolean}}
  invoice_by_post: {{from: post, as: boolean}}
  address_invoice_country: {{from: country, as: country}}
  address_delivery_country: {{from: there, as: country}}
  address_invoice_town: town
  business_field: field
  company_size: size
  company_revenue: revenue
tags:
  - {{from: labels, split: ","}}
custom_fields:
  group: group
  note: note
"""

_WORDS = ("", "x", "Ü & c", "007", "long " * 9)
_VALUES: dict[str, tuple[str, ...]] = {
    "fax": _WORDS,
    "mail": ("", "info@a.example", "b@b.example"),
    "taxed": ("", "ja", "nee"),
    "post": ("", "ja", "nee"),
    "country": ("", "NL", "Belgium", "Duitsland"),
    "there": ("", "FR", "NL"),
    "town": ("", "Delft", "Ede"),
    "field": ("", "Bau", "ICT"),
    "size": ("", "1-10", "11-50"),
    "revenue": ("", "1M"),
    "labels": ("", "a", "a,b", "b,c"),
    "group": ("", "high", "low"),
    "note": ("", "5", "n"),
}
COLUMNS = ("nr", "name", "phone", *_VALUES)

Row = dict[str, str]
Company = dict[str, Any]


@dataclass
class Past:
    """A space as it was before, and the files that come to it in their order."""

    companies: list[Company] = field(default_factory=list)
    archived: list[int] = field(default_factory=list)  # which of them
    files: list[list[Row]] = field(default_factory=list)

    def happens_in(self, kanbert: LocalKanbert) -> None:
        for number, company in enumerate(self.companies):
            kanbert_id = kanbert.add(**company)
            if number in self.archived:
                kanbert.ask("DELETE", f"/companies/{kanbert_id}")


def past_of(rng: random.Random, *, rows: int) -> Past:
    """Make up a space and one to three files of at most `rows` rows."""
    past = Past()
    for number in range(1, rows + 1):
        fate = rng.choice(["new", "new", "ours", "ours", "archived", "unknown", "others"])
        if fate == "new":
            continue
        company = _company(rng, number)
        if fate in {"ours", "archived"}:
            company |= {"external_id": f"K-{number}", "external_origin": ORIGIN}
        if fate == "others":
            company |= {"external_id": f"K-{number}", "external_origin": "other", "phone": "else"}
        if fate == "archived":
            past.archived.append(len(past.companies))
        past.companies.append(company)
    for _ in range(rng.randint(1, 3)):
        past.files.append([_row(rng, number) for number in range(1, rows + 1) if rng.random() < 0.8])
    return past


def _row(rng: random.Random, number: int) -> Row:
    cells = {name: rng.choice(values) for name, values in _VALUES.items()}
    return {
        "nr": f"K-{number}",
        "name": rng.choice([f"Bedrijf {number}", "Anders"]),
        "phone": f"020 {number:05}",
    } | cells


def _company(rng: random.Random, number: int) -> Company:
    """Make up a company as a person left it: any field may be there or not."""
    full: Company = {
        "fax": rng.choice(_WORDS[1:]),
        "email_general": "old@a.example",
        "taxation": rng.random() < 0.5,
        "invoice_by_post": rng.random() < 0.5,
        "address_invoice_country": rng.choice(["NL", "BE", "IT"]),
        "address_delivery_country": "DE",
        "address_invoice_town": rng.choice(["Delft", "Ulm"]),
        "business_field": rng.choice(["Bau", "Old"]),
        "company_size": rng.choice(["1-10", "huge"]),
        "company_revenue": "2M",
        "tags": rng.choice([["a"], ["theirs"], ["theirs", "b"]]),
        "custom_fields": rng.choice([{"group": "high"}, {"note": "theirs", "other": "kept"}, {"other": "kept"}]),
    }
    kept = {name: value for name, value in full.items() if rng.random() < 0.6}
    return {"company_name": f"Old {number}", "phone": f"020 {number:05}", **kept}


def written(path: Path, rows: list[Row]) -> Path:
    """Write a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_it_is(kanbert: LocalKanbert) -> dict[str, Company]:
    """Return the space by Kanbert's ids, as it can be compared: without timestamps, tags in an order, no empty fields."""
    return {one["id"]: _comparable(one) for one in kanbert.all_companies()}


def _comparable(company: Company) -> Company:
    found = {name: value for name, value in company.items() if name not in STAMPS}
    found["archived"] = company["deleted_at"] is not None
    found["tags"] = sorted(tag["title"] for tag in company.get("tags", []))
    custom = company["custom_fields"] or {}
    found["custom_fields"] = {slug: value for slug, value in custom.items() if value is not None}
    if company["external_id"] is None:
        del found["external_origin"]  # it says nothing then
    return found
