"""What people write who mean something else: words of other tools, names of other systems, slips of YAML.

Each is refused like any other mistake; the tables only say what to write instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.mapping.names import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["field_meant", "syntax_advice", "word_meant"]

_WORDS: Mapping[str, tuple[str, ...]] = {
    "is": ("equals", "equal", "eq", "value"),
    "in": ("oneof", "values", "isin", "anyof"),
    "matches": ("match", "regex", "regexp", "pattern", "like", "contains"),
    "blank": ("empty", "isempty", "null", "isnull", "isblank"),
    "on_invalid": ("onerror", "error", "invalid", "iferror"),
    "when": ("if", "condition", "where", "only", "unless"),
    "from": ("column", "field", "source", "col", "input"),
    "column": ("from", "field", "col"),
    "as": ("type", "convert", "format", "kind"),
    "default": ("fallback", "else", "ifempty", "ifblank"),
    "map": ("translate", "lookup", "mapping", "values", "dict"),
    "split": ("separator", "sep", "delimiter"),
    "first_of": ("coalesce", "firstof", "anyof", "oneof", "first"),
    "template": ("concat", "join", "combine", "text"),
    "value": ("constant", "const", "fixed", "static"),
    "with": ("by", "replacement", "to"),
    "pattern": ("find", "regex", "search", "from"),
    "company": ("expect", "expected", "result", "fields", "columns", "mappings"),
    "custom_fields": ("customfield", "custom"),
    "header_row": ("header", "headerline", "skiprows"),
    "delimiter": ("separator", "sep"),
    "external_origin": ("origin", "externalsource"),
}

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "tax_uid": ("vat", "vatid", "vatnumber", "vatno", "taxnumber", "taxid", "btw", "btwnummer", "ustid", "ustidnr"),
    "external_id": ("customernumber", "customerid", "clientnumber", "number", "klantnummer", "kundennummer"),
    "company_name": ("customer", "organisation", "organization", "firma", "bedrijfsnaam"),
    "address_invoice_street": ("address", "address1", "addressline1", "adres", "strasse", "straat"),
    "address_invoice_house": ("housenumber", "streetnumber", "houseno", "hausnummer", "huisnummer"),
    "address_invoice_zip": ("postcode", "postalcode", "plz", "zipcode"),
    "address_invoice_town": ("city", "place", "plaats", "stad", "ort"),
    "address_invoice_state": ("province", "region", "county"),
    "address_invoice_country": ("land", "countrycode"),
    "homepage": ("website", "url", "web", "site"),
    "email_general": ("mail", "emailaddress"),
    "email": ("invoiceemail", "billingemail"),
    "person_attention_to": ("contact", "contactperson", "attention", "contactname"),
    "phone": ("mobile", "mobilephone", "tel", "telefon", "telefoon"),
    "locale": ("language", "lang", "taal", "sprache"),
    "business_field": ("industry", "sector", "branch", "branche"),
    "taxation": ("vatliable", "taxliable", "taxable"),
}

_AT_THE_START = "is in the wrong place at the start of text; put the text in quotes"

_SYNTAX: tuple[tuple[str, str, bool], ...] = (
    ("'\\t' that cannot start", "a tab stands here; begin lines with spaces", False),
    ("'%' that cannot start", f"a % {_AT_THE_START}", False),
    ("'@' that cannot start", f"an @ {_AT_THE_START}", False),
    ("'`' that cannot start", f"a ` {_AT_THE_START}", False),
    (
        "unknown escape character",
        "a backslash means something else in double quotes; put the text, such as a regular expression, in single quotes",
        False,
    ),
    ("could not find expected ':'", "a name needs a colon and a blank behind it, as in `phone: Telephone`", True),
    (
        "mapping values are not allowed here",
        "a colon too many, or a line that begins further right than the one above it; put text with a colon in quotes",
        False,
    ),
    (
        "expected <block end>",
        (
            "this goes on where the value has ended, or begins further left than its neighbours;"
            " put text that begins with a brace, a bracket or a quotation mark in quotes as a whole"
        ),
        False,
    ),
    ("while parsing a flow sequence", "this [ is not closed, or a comma is missing behind it", True),
    ("while parsing a flow mapping", "this { is not closed, or a comma is missing behind it", True),
    ("while parsing a flow node", "this [ or { is not closed, or a value is missing", False),
    ("while scanning a quoted scalar", "this quotation mark is not closed", True),
    ("while scanning a double-quoted scalar", "this quotation mark is not closed", True),
)


def syntax_advice(said: str) -> tuple[str, bool] | None:
    """Say what to do about an error of the YAML reader, and whether it lies where the reader began rather than ended."""
    return next(((advice, at_start) for part, advice, at_start in _SYNTAX if part in said), None)


def word_meant(word: str, known: Collection[str]) -> str:
    """Find the word of the language that a word of other tools stands for; empty where there is none."""
    wanted = folded(word)
    return next((name for name, others in _WORDS.items() if name in known and wanted in others), "")


def field_meant(name: str) -> str:
    """Find the field that a name of other systems stands for; empty where there is none."""
    wanted = folded(name)
    return next((field for field, others in _FIELDS.items() if wanted in others), "")
