"""Finds what is wrong with a mapping as a whole, without a file: names of fields, required ones, ones that exclude."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from importer.company import FIELDS, READ_NAMES
from importer.mapping.advice import field_meant
from importer.mapping.evaluation import comparable
from importer.mapping.names import folded, meant, quoted
from importer.mapping.slots import NOT_IN_COMPANY, REQUIRED
from importer.mapping.tree import Flaw
from importer.model import Code, shortened
from importer.values.text import text, unfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.mapping.schema import Document
    from importer.mapping.tree import Path

__all__ = ["FILTERABLE", "flaws"]

COMPANY_FIELDS = tuple(name for name in FIELDS if name not in NOT_IN_COMPANY)

FILTERABLE = (
    "company_name",
    "tax_uid",
    "iban",
    "bic",
    "phone",
    "fax",
    "email",
    "email_general",
    "homepage",
    "person_attention_to",
    "delivery_person_attention_to",
    *(
        name
        for name in FIELDS
        if name.startswith(("address_invoice_", "address_delivery_"))
        and name.split("_", 2)[2] in {"title", "street", "street2", "house", "zip", "state", "town"}
    ),
)
"""Fields by which Kanbert's list can be filtered, under the same name as they are written."""

_BY = f"{', '.join(name for name in FILTERABLE if not name.startswith('address_'))} and the parts of the addresses"

_WHY_REQUIRED = {
    "external_id": "it is the company's name in the source, by which a second run finds it again",
    "company_name": "Kanbert requires it of every company",
}
_WHY_ELSEWHERE = {
    "external_origin": "external_origin is the same for every row; write it under `target`",
    "tags": "`tags` stands beside `company`, not in it",
    "custom_fields": "`custom_fields` stands beside `company`, not in it",
}


def flaws(document: Document) -> Iterator[Flaw]:
    """Find all flaws; what is wrong inside an expression is found when it is compiled."""
    yield from _origin(document)
    yield from _company(document)
    yield from _matches(document)
    yield from _source(document)
    yield from _slugs(document)
    yield from _decisions(document)
    yield from _tests(document)


def unknown_field(name: str) -> str:
    """Say what is wrong with a name that is no field of the create request, and which one is meant."""
    if name in _WHY_ELSEWHERE:
        return _WHY_ELSEWHERE[name]
    if name in READ_NAMES:
        return f'"{name}" is what Kanbert\'s answers say; written, it would be ignored. Write {READ_NAMES[name]}'
    hint = f"; did you mean {field}?" if (field := field_meant(name)) else meant(name, COMPANY_FIELDS)
    return f'a company has no field "{shortened(name, 60)}"{hint}'


def _origin(document: Document) -> Iterator[Flaw]:
    origin = document.target.external_origin
    if text(origin) != origin:
        why = unfit(origin) or "it has blanks around it, which Kanbert would trim off"
        yield Flaw(("target", "external_origin"), f"this cannot be sent as it stands: {why}")


def _company(document: Document) -> Iterator[Flaw]:
    for name in document.company:
        if name not in COMPANY_FIELDS:
            yield Flaw(("company", name), unknown_field(name), on_key=True)
    for name in REQUIRED:
        if name not in document.company:
            yield Flaw(("company",), f"`company` lacks {name}: {_WHY_REQUIRED[name]}", on_key=True)
    for kind in ("invoice", "delivery"):
        by_name, by_id = f"address_{kind}_country", f"address_{kind}_country_id"
        if by_name in document.company and by_id in document.company:
            yield Flaw(("company", by_name), f"Kanbert ignores {by_name} where {by_id} is given; keep one", on_key=True)


def _matches(document: Document) -> Iterator[Flaw]:
    for index, names in enumerate(document.match):
        for position, name in enumerate(names):
            if name in FILTERABLE and name in document.company:
                continue
            if name in FILTERABLE:
                message = f"`company` does not set {name}, so this could never match; set it, or leave it out here"
            elif name in FIELDS:
                message = f"Kanbert cannot be asked for companies by {name}; it can by {_BY}"
            else:
                message = unknown_field(name)
            yield Flaw(("match", index, position), message)


def _source(document: Document) -> Iterator[Flaw]:
    source = document.source
    if source.encoding is not None:
        try:
            codecs.lookup(source.encoding)
        except (LookupError, ValueError):
            known = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "iso-8859-1", "iso-8859-15", "mac-roman")
            yield Flaw(
                ("source", "encoding"),
                f'there is no encoding "{shortened(source.encoding, 60)}"{meant(source.encoding, known)}',
            )
    owners: dict[str, str] = {}
    for name, spellings in source.columns.items():
        for position, spelling in enumerate(spellings):
            owner = owners.setdefault(folded(spelling) or spelling, name)
            if owner != name:
                yield Flaw(
                    ("source", "columns", name, position),
                    f'"{shortened(spelling, 60)}" is a spelling of "{shortened(owner, 60)}" already; a column has one name',
                )


def _slugs(document: Document) -> Iterator[Flaw]:
    for slug in document.custom_fields:
        if not slug.strip():
            yield Flaw(("custom_fields", slug), "a custom field is named by its slug; this is empty", on_key=True)


def _decisions(document: Document) -> Iterator[Flaw]:
    known = [*document.company, *(f"custom_fields.{slug}" for slug in document.custom_fields)]
    known += ["tags"] if document.tags else []
    for field, cells in document.decisions.items():
        path: Path = ("decisions", field)
        if field == "external_id":
            message = "an external_id cannot be decided here: two rows could become one company; correct the rows"
            yield Flaw(path, message, on_key=True)
        elif field not in known:
            hint = meant(field, known)
            yield Flaw(path, f'the mapping does not set "{shortened(field, 60)}"{hint}', on_key=True)
        seen: dict[str, str] = {}
        for cell in cells or ():
            first = seen.setdefault(comparable(cell), cell)
            if first != cell:
                both = " and ".join(quoted((first, cell)))
                yield Flaw((*path, cell), f"{both} are the same cell; keep one", on_key=True)


def _tests(document: Document) -> Iterator[Flaw]:
    codes = [code.value for code in Code]
    for index, test in enumerate(document.tests):
        path: Path = ("tests", index)
        for name, value in (test.company or {}).items():
            if name not in COMPANY_FIELDS:
                yield Flaw((*path, "company", name), unknown_field(name), on_key=True)
            elif isinstance(value, int) and not isinstance(value, bool):
                yield Flaw((*path, "company", name), f'{name} is sent as text; put it in quotes: "{value}"')
        for position, code in enumerate(test.refused or ()):
            if code not in codes:
                yield Flaw(
                    (*path, "refused", position),
                    f'there is no issue code "{shortened(code, 60)}"{meant(code, codes)}',
                )
