"""An export with a row of every fate, the space that it meets, and what must come of each row: who is there, and how.

| kind        | in Kanbert before                                      | must end as                                  |
|-------------|--------------------------------------------------------|----------------------------------------------|
| new         | nothing                                                | created                                      |
| twin        | one whose external_id differs in case alone            | created; refused where Kanbert folds case    |
| elsewhere   | one of the same external_id under another origin       | created; refused where that is taken         |
| same        | the company, equal                                     | unchanged                                    |
| differs     | the company, another name                              | updated                                      |
| tagged      | the company, with a tag and a custom field of others   | updated; the others' stay                    |
| free        | a company without external_id, same phone, other name  | adopted                                      |
| free_same   | the same, equal                                        | adopted                                      |
| archived    | the company, archived, another name                    | restored; created where that is possible     |
| several     | two companies of the same phone                        | refused                                      |
| taken       | a company of the same phone with another external_id   | refused                                      |
| no_country  | nothing                                                | refused by the mapping                       |
| no_field    | nothing; a custom field that the space does not have   | refused by Kanbert                           |
| no_address  | nothing; an external_id that cannot stand in an address | refused                                     |
| doubled     | nothing; stands in the file twice                      | refused, both                                |
| skipped     | nothing                                                | skipped                                      |
| bystander   | somebody's company, not in the file                    | untouched                                    |
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["MAPPING", "ORIGIN", "SLUGS", "Fate", "Row", "rows", "seed", "write_export"]

ORIGIN = "test"
SLUGS = frozenset({"vat_group", "note"})
COLUMNS = ("nr", "name", "phone", "country", "labels", "group", "extra", "state")

MAPPING = f"""\
version: 1
target:
  external_origin: {ORIGIN}
match: [phone]
skip:
  - {{when: {{column: state, is: closed}}, reason: closed}}
company:
  external_id: nr
  company_name: name
  phone: phone
  address_invoice_country: country
tags:
  - {{from: labels, split: ","}}
custom_fields:
  vat_group: group
  nobody_knows: extra
"""

_REFUSED = frozenset({"refused"})
_FATES: dict[str, frozenset[str]] = {
    "new": frozenset({"created"}),
    "twin": frozenset({"created"}),
    "elsewhere": frozenset({"created"}),
    "same": frozenset({"unchanged"}),
    "differs": frozenset({"updated"}),
    "tagged": frozenset({"updated"}),
    "free": frozenset({"adopted"}),
    "free_same": frozenset({"adopted"}),
    "archived": frozenset({"restored"}),
    "several": _REFUSED,
    "taken": _REFUSED,
    "no_country": _REFUSED,
    "no_field": _REFUSED,
    "no_address": _REFUSED,
    "doubled": _REFUSED,
    "skipped": frozenset({"skipped"}),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What must come of a row; `outcomes` are those of which one must be in the journal."""

    outcomes: frozenset[str]
    there: bool  # a live company of our origin holds its external_id in the end
    new: bool  # one that the run made
    old: bool  # one that was there before, known by its homepage


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the export, of a kind."""

    kind: str
    number: int  # among its kind
    cells: Mapping[str, str]

    @property
    def external_id(self) -> str:
        """What it is known by."""
        return self.cells["nr"]

    @property
    def mark(self) -> str:
        """What its company from before has as homepage."""
        return f"https://{self.kind}-{self.number}.example"

    def fate(self, behaviour: Mapping[str, Any]) -> Fate:
        """Say what must come of it where Kanbert behaves so."""
        outcomes = _FATES[self.kind]
        if self.kind == "twin" and behaviour.get("folds_external_id"):
            outcomes = _REFUSED
        if self.kind == "elsewhere" and behaviour.get("unique_in") == "space":
            outcomes = _REFUSED
        if self.kind == "archived" and behaviour.get("archived_frees_id"):
            outcomes = frozenset({"restored", "created"})
        there = not outcomes <= {"refused", "skipped"}
        return Fate(outcomes, there, new=outcomes == {"created"}, old=there and "created" not in outcomes)


def rows(each: int) -> list[Row]:
    """Return the export: so many rows of each kind, the kinds taking turns."""
    return [row for number in range(1, each + 1) for kind in _FATES for row in _rows_of(kind, number)]


def _rows_of(kind: str, number: int) -> Iterator[Row]:
    place = list(_FATES).index(kind)
    nr = f"{kind[:2].upper()}{place}-{number}" + ("/x" if kind == "no_address" else "")
    cells = dict.fromkeys(COLUMNS, "") | {
        "nr": nr,
        "name": f"{kind} {number}",
        "phone": f"0{place:02} {number:06}",
        "country": "Holand" if kind == "no_country" else "NL",
        "labels": "ours" if kind in {"new", "tagged", "free"} else "",
        "group": "high" if kind in {"new", "tagged"} else "",
        "extra": "x" if kind == "no_field" else "",
        "state": "closed" if kind == "skipped" else "",
    }
    yield Row(kind, number, cells)
    if kind == "doubled":
        yield Row(kind, number, cells | {"name": f"{kind} {number} again"})


def write_export(path: Path, export: list[Row]) -> None:
    """Write the export as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(row.cells for row in export)


def seed(export: list[Row]) -> str:
    """Write the seed of the space before; JSON is YAML."""
    companies = [company for row in export for company in _before(row)]
    bystanders = [
        {
            "company_name": f"bystander {number}",
            "phone": f"999 {number}",
            "homepage": f"https://bystander-{number}.example",
        }
        for number in range(1, 6)
    ]
    return json.dumps({"companies": [*companies, *bystanders]})


_BEFORE: dict[str, tuple[dict[str, Any], ...]] = {
    "twin": ({"company_name": "Other", "external_id": "twin", "external_origin": ORIGIN},),
    "elsewhere": ({"company_name": "Other", "external_id": "same", "external_origin": "other"},),
    "same": ({"external_id": "same"},),
    "differs": ({"external_id": "same", "company_name": "Old"},),
    "tagged": (
        {"external_id": "same", "company_name": "Old", "tags": ["theirs"], "custom_fields": {"note": "theirs"}},
    ),
    "free": ({"company_name": "Old"},),
    "free_same": ({},),
    "archived": ({"external_id": "same", "company_name": "Old", "archived": True},),
    "several": ({"company_name": "Old"}, {"company_name": "Old"}),
    "taken": ({"external_id": "theirs", "company_name": "Old"},),
}
"""Of each kind, in what its companies are not the row's; `external_id` says whose they have."""


def _before(row: Row) -> Iterator[dict[str, Any]]:
    """Say which companies of a row are there before; each is known by its homepage, and has an e-mail address to keep."""
    equal = {"company_name": row.cells["name"], "address_invoice_country": "NL"}
    if row.kind not in {"twin", "elsewhere"}:
        equal["phone"] = row.cells["phone"]
    held = {"same": row.external_id, "twin": row.external_id.lower(), "theirs": f"{row.external_id}-theirs"}
    for given in _BEFORE.get(row.kind, ()):
        company = equal | {"homepage": row.mark, "email": "kept@example.com"} | given
        if "external_id" in given:
            company = {"external_origin": ORIGIN} | company | {"external_id": held[given["external_id"]]}
        yield company
