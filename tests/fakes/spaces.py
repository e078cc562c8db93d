"""A space that has a past, an export of twelve rows for it, and what must hold whatever Kanbert does to them."""

from __future__ import annotations

import csv
import json
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from importer.sandbox import Behaviour
from tests.fakes.local_kanbert import LocalKanbert, local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.sandbox import Fault
    from tests.scenarios.conftest import Desk, Ended

__all__ = ["Space", "changed_rows", "opened_space", "row", "rows"]

ORIGIN = "test"
SLUGS = frozenset({"vat_group", "note"})  # `nobody_knows` is not among them

MAPPING = f"""\
version: 1
target:
  external_origin: {ORIGIN}
company:
  external_id: nr
  company_name: name
  phone: phone
  address_invoice_country: country
  business_field: field
  company_size: size
tags:
  - {{from: labels, split: ","}}
custom_fields:
  vat_group: group
  nobody_knows: extra
"""

_COLUMNS = ("nr", "name", "phone", "country", "field", "size", "labels", "group", "extra")
_CODES = {"NL": "NL", "Duitsland": "DE", "Belgium": "BE", "AT": "AT"}

Row = dict[str, str]


def row(number: int, **cells: str) -> Row:
    plain = dict.fromkeys(_COLUMNS, "")
    return (
        plain | {"nr": f"K-{number}", "name": f"Bedrijf {number}", "phone": f"020 {number:05}", "country": "NL"} | cells
    )


def rows() -> list[Row]:
    """Return the export; each row has a history in Kanbert or a field of its own."""
    return [
        row(1, field="Bau", size="1-10", labels="a,b", group="high"),
        row(2),  # somebody else's origin has it as well
        row(3, labels="ours", group="low"),  # there already, with a tag and a custom field of others
        row(4, country="Duitsland"),
        row(5, extra="5"),  # a custom field that the space does not have
        row(6, country="Holand"),  # no country: refused by the mapping
        row(7),  # there is a k-7
        row(8, field="BAU"),  # its business field differs from another in case alone
        row(9),  # an archived company holds it
        row(10, name="Ünïcode &c \N{OFFICE BUILDING}", labels="ü", group="x"),
        row(11, nr="K 11/5"),  # cannot stand in an address
        row(12, phone="", size="11-50"),
    ]


def changed_rows() -> list[Row]:
    """Return the export a year later: cells changed, a row more."""
    later = {one["nr"]: dict(one) for one in rows()}
    later["K-1"] |= {"phone": "changed", "labels": "a,c", "group": "higher"}
    later["K-3"] |= {"country": "Belgium", "size": "1-10"}
    later["K-4"] |= {"name": "Anders", "field": "Bau"}
    later["K-9"] |= {"phone": "back"}
    return [*later.values(), row(13, labels="a")]


_PAST: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("POST", "/companies", {"external_id": "K-2", "external_origin": "other", "company_name": "Others 2"}),
    (
        "POST",
        "/companies",
        {
            "external_id": "K-3",
            "external_origin": ORIGIN,
            "company_name": "Old 3",
            "fax": "kept",
            "business_field": "Bau",
            "tags": ["theirs"],
            "custom_fields": {"note": "theirs"},
        },
    ),
    ("POST", "/companies", {"external_id": "k-7", "external_origin": ORIGIN, "company_name": "Small 7"}),
    ("POST", "/companies", {"external_id": "K-9", "external_origin": ORIGIN, "company_name": "Gone 9"}),
    ("DELETE", "/companies/4", None),
    ("POST", "/companies", {"company_name": "Nobody's"}),
)
"""What happened in the space before; its requests go to a sandbox with the defaults, whose file is then taken over."""


@dataclass
class Space:
    """A desk at a Kanbert with a past."""

    desk: Desk
    kanbert: LocalKanbert
    lookup: str
    export: list[Row] = field(default_factory=list)
    journal: str = "contacts.journal"

    def has(self, export: Sequence[Row]) -> None:
        with self.desk.export.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, _COLUMNS, delimiter=";")
            writer.writeheader()
            writer.writerows(export)
        self.export = list(export)

    def run(self, *options: object) -> Ended:
        """Run, and hold the outcome against what must be true of every run, whatever Kanbert does."""
        before = self.live()
        ended = self.desk.run("--lookup", self.lookup, "--journal", self.desk.folder / self.journal, *options)
        counts, pending = ended.document["counts"], ended.document["pending"]
        assert ended.code in {0, 1, 3}, ended.err
        assert counts["read"] == len(self.export)
        assert counts["read"] == sum(counts.values()) - counts["read"] + pending
        if not (
            self.desk.folder / self.journal
        ).exists():  # the target refused everything: there is nothing to remember
            assert (ended.code, self.live(), ended.document["journal"]) == (3, before, None)
            return ended
        found = self.issues()
        assert "our-bug" not in {code for codes in found.values() for code in codes}
        silent = self.wrong().keys() - found.keys()
        assert len(silent) <= pending, silent
        assert not pending or ended.code == 3 or "cleared-unasked" in str(found), found
        for key, count in self.live().items():
            assert count <= max(1, before[key]), f"{key} is there {count} times"
        return ended

    def issues(self) -> dict[str, set[str]]:
        """Return external_id -> the codes of its issues, from the report of the journal."""
        path = self.desk.folder / "report.jsonl"
        assert self.desk.call("report", self.desk.folder / self.journal, "-o", path).code in {0, 1}
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return {line["cells"]["nr"]: {issue["code"] for issue in line["issues"]} for line in lines}

    def companies(self) -> dict[str, dict[str, Any]]:
        """Return the live companies of our origin by external_id."""
        found = self.kanbert.all_companies()
        return {
            str(one["external_id"]): one
            for one in found
            if one["deleted_at"] is None and one["external_origin"] == ORIGIN
        }

    def live(self) -> Counter[tuple[str | None, str | None]]:
        """Count the live companies of each origin and external_id."""
        return Counter(
            (one["external_origin"], one["external_id"])
            for one in self.kanbert.all_companies()
            if one["deleted_at"] is None
        )

    def wrong(self) -> dict[str, list[str]]:
        """Return external_id -> the columns in which Kanbert is not as the file has it; [] where it has no company."""
        found = self.companies()
        wrong = {}
        for one in self.export:
            company = found.get(one["nr"])
            if company is None:
                wrong[one["nr"]] = ["nr"]
            elif differing := list(_differing(one, company)):
                wrong[one["nr"]] = differing
        return wrong


def _differing(one: Mapping[str, str], company: Mapping[str, Any]) -> Iterator[str]:
    stored = {
        "name": company["company_name"],
        "phone": company["phone"],
        "country": (company["address_invoice_country"] or {}).get("code"),
        "field": (company["business_field"] or {}).get("name"),
        "size": (company["company_size"] or {}).get("title"),
        "group": dict(company["custom_fields"] or {}).get("vat_group"),
        "extra": dict(company["custom_fields"] or {}).get("nobody_knows"),
    }
    for column, value in stored.items():
        wanted = _CODES.get(one[column], one[column]) if column == "country" else one[column]
        if wanted and wanted != value:
            yield column
    if "tags" in company and not {tag for tag in one["labels"].split(",") if tag} <= {
        tag["title"] for tag in company["tags"]
    }:
        yield "labels"


@contextmanager
def opened_space(desk: Desk, behaviour: Behaviour, lookup: str, *faults: Fault) -> Iterator[Space]:
    """Open the space with its past under a behaviour."""
    settings: dict[str, Any] = {"data": desk.folder / "kanbert.db", "custom_fields": SLUGS}
    with local_kanbert(**settings, behaviour=Behaviour()) as kanbert:
        for method, path, body in _PAST:
            _asked(kanbert, method, path, body)
    with local_kanbert(**settings, behaviour=behaviour) as kanbert:
        desk.kanbert = kanbert
        desk.mapping.write_text(MAPPING, encoding="utf-8")
        space = Space(desk, kanbert, lookup)
        space.has(rows())
        kanbert.set_faults(*faults)
        yield space


def _asked(kanbert: LocalKanbert, method: str, path: str, body: object) -> None:
    host = urlsplit(kanbert.url)
    with closing(HTTPConnection(str(host.hostname), host.port)) as connection:
        headers = {
            "Authorization": "Bearer sandbox",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        connection.request(method, f"{host.path}{path}", json.dumps(body).encode(), headers)
        response = connection.getresponse()
        assert response.status in {200, 201}, response.read()
