"""Chooses the columns of the fields that take one kind of value: by name where the values bear it out, else by values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from importer.guessing.addresses import wrong
from importer.guessing.evidence import Evidence, converting, looking_like, plausible
from importer.guessing.lines import Line, column_value, template
from importer.guessing.reading import names_one_of
from importer.model import Invalid
from importer.values.boolean import boolean
from importer.values.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.guessing.lines import Draft
    from importer.guessing.table import Column, Table
    from importer.guessing.yaml_text import Value

__all__ = ["by_values", "delivery_method", "named_fields"]

_HALF = 0.5
_KEPT = "; these are sent as they stand, with a warning"
_MOST_WORDS = 6  # different words of a column of yes and no


@dataclass(frozen=True, slots=True)
class _Field:
    """A field that takes one kind of value."""

    name: str
    kind: str
    roles: tuple[str, ...]
    several: bool = False  # whether a second column may stand in where the first is blank
    loose: bool = False  # whether a look at the text is enough: what does not convert is sent as it stands


_FIELDS = (
    _Field("tax_uid", "vat", ("tax_uid",)),
    _Field("iban", "iban", ("iban",), several=True),
    _Field("bic", "bic", ("bic",)),
    _Field("email", "email_list", ("email",)),
    _Field("email_general", "email", ("email_general",), several=True),
    _Field("phone", "phone", ("phone", "mobile"), several=True, loose=True),
    _Field("fax", "phone", ("fax",), loose=True),
    _Field("homepage", "url", ("homepage",)),
    _Field("locale", "locale", ("locale",)),
    _Field("taxation", "boolean", ("taxation",)),
    _Field("invoice_by_post", "boolean", ("invoice_by_post",)),
    _Field("invoices_by_email", "boolean", ("invoices_by_email",)),
    _Field("address_invoice_is_delivery", "boolean", ("address_invoice_is_delivery",)),
)
_BY_VALUES = {
    "iban": "iban",
    "vat": "tax_uid",
    "bic": "bic",
    "email": "email_general",
    "url": "homepage",
    "phone": "phone",
    "country": "address_invoice_country",
}
_ALWAYS = frozenset({"iban", "vat", "bic"})  # what a company has one of
_ARE = {
    "iban": "IBANs",
    "vat": "VAT ids",
    "bic": "BICs",
    "email": "e-mail addresses",
    "url": "web addresses",
    "phone": "phone numbers",
    "country": "countries",
}


def named_fields(table: Table, countries: Sequence[str | None], draft: Draft) -> None:
    """Add a line for each field that a column is named after."""
    for field in _FIELDS:
        found = [column for role in field.roles for column in table.of(role)]
        fitting = [column for column in found if _evidence(field, column, countries).share >= _HALF]
        if field.name == "tax_uid" and found and (line := _split_vat(table, (fitting or found)[0], countries)):
            draft.company.append(line)
        elif fitting:
            draft.company.append(_line(table, field, fitting, countries))
        elif found:
            draft.company.append(_unfit(table, field, found[0], countries))


def _evidence(field: _Field, column: Column, countries: Sequence[str | None]) -> Evidence:
    if field.loose:
        return plausible(column, field.name)
    return converting(column, field.kind, countries)


def _line(table: Table, field: _Field, columns: Sequence[Column], countries: Sequence[str | None]) -> Line:
    first = columns[0]
    evidence = _evidence(field, first, countries)
    steps: dict[str, Value] = {"as": field.kind}
    reason = f"by its name; {table.share(first)}{wrong(evidence, 'does not convert')}"
    if field.kind == "boolean" and not evidence.fits:
        return _words_to_decide(field, first, reason)
    if not evidence.fits and not field.loose:
        if field.name in {"email_general", "locale"}:
            return _unfit(table, field, first, countries)
        steps["on_invalid"] = "keep"
        reason += _KEPT
    used = (first, *_stand_ins(first, columns[1:])) if field.several else (first,)
    if len(used) == 1:
        return Line(field.name, column_value(first, steps), reason, used)
    names: list[Value] = [column_value(column) for column in used]
    return Line(field.name, {"first_of": names, **steps}, f"{reason}; where it is empty, the next", used)


def _stand_ins(first: Column, others: Sequence[Column]) -> list[Column]:
    """Take the columns that have something where those before them are empty."""
    used = [first]
    for column in others:
        gaps = zip(*(one.cells for one in used), column.cells, strict=True)
        if any(cell is not None and not any(one is not None for one in before) for *before, cell in gaps):
            used.append(column)
    return used[1:]


def _unfit(table: Table, field: _Field, column: Column, countries: Sequence[str | None]) -> Line:
    """Show a column whose values speak against its name; several addresses in a cell have a field of their own."""
    evidence = _evidence(field, column, countries)
    reason = f"not set: named so, but{wrong(evidence, 'does not convert').lstrip(';')}; {table.share(column)}"
    if field.name == "email_general" and converting(column, "email_list").fits:
        reason = f"by its name; cells have several addresses, which only this field takes; {table.share(column)}"
        return Line("email", column_value(column, {"as": "email_list"}), reason, (column,))
    if field.kind == "boolean":
        return _words_to_decide(field, column, reason)
    return Line(field.name, column_value(column, {"as": field.kind}), reason, (column,), active=False)


def _words_to_decide(field: _Field, column: Column, reason: str) -> Line:
    """Show a column of yes and no in words that nobody knows, with a map to fill in."""
    unknown = [word for word in column.distinct if isinstance(boolean(word), Invalid)][:_MOST_WORDS]
    words: dict[str, Value] = {word[:60]: None for word in unknown}
    steps: dict[str, Value] = {"map": words, "otherwise": "keep", "as": "boolean"}
    said = f"{reason}; write true or false behind each word"
    return Line(field.name, column_value(column, steps), said, (column,), active=False)


def _split_vat(table: Table, column: Column, countries: Sequence[str | None]) -> Line | None:
    """Put the country's letters and the number together, where an export has them in two columns.

    None where that makes no ids, or where more of the numbers are ids as they stand, with letters or a label of their own.
    """
    letters = table.of("vat_country")[:1]
    if not letters or not (both := template([letters[0], column])):
        return None
    evidence = converting(_together(letters[0], column), "vat", countries)
    if evidence.share < _HALF or evidence.good < converting(column, "vat", countries).good:
        return None
    value: dict[str, Value] = {"template": both.replace("} {", "}{"), "as": "vat"}
    if any(one is not None and two is None for one, two in zip(letters[0].cells, column.cells, strict=True)):
        value["when"] = {"column": column.name, "blank": False}  # letters alone are no id
    reason = f"the country's letters and the number; {table.share(column)}{wrong(evidence, 'does not convert')}"
    if not evidence.fits:
        value["on_invalid"] = "keep"
        reason += _KEPT
    return Line("tax_uid", value, reason, (letters[0], column))


def _together(letters: Column, column: Column) -> Column:
    """Write the cells of two columns as a template would, blank where the second is."""
    pairs = zip(letters.cells, column.cells, strict=True)
    cells = (None if two is None else f"{'' if one is None else text(one)}{text(two)}" for one, two in pairs)
    return replace(column, cells=tuple(cells))


def delivery_method(table: Table, draft: Draft) -> None:
    """Turn one column of how invoices go out into the two switches of Kanbert, if all its words are known."""
    for column in table.of("delivery_method")[:1]:
        words = {word.strip().casefold(): _ways(word) for word in column.distinct}
        if column.filled and all(ways is not None for ways in words.values()) and len(words) <= 12:
            for index, name in enumerate(("invoices_by_email", "invoice_by_post")):
                if not draft.sets(name):
                    value = {word: ways[index] for word, ways in words.items() if ways is not None}
                    reason = f"by its name, and its {len(words)} different values; {table.share(column)}"
                    draft.company.append(Line(name, column_value(column, {"map": value}), reason, (column,)))


_WAYS: dict[tuple[bool, bool], tuple[str, ...]] = {
    (True, False): ("e-mail", "email", "mail", "per e-mail", "per email", "per mail", "courriel", "par e-mail"),
    (False, True): ("post", "per post", "brief", "papier", "paper", "postal", "by post", "courrier", "par courrier"),
    (False, False): ("handmatig", "manual", "manuell", "manuel", "peppol", "simplerinvoicing"),
}
"""Whether invoices go by e-mail, and whether by post."""


def _ways(word: str) -> tuple[bool, bool] | None:
    wanted = word.strip().casefold()
    return next((ways for ways, words in _WAYS.items() if wanted in words), None)


def by_values(table: Table, draft: Draft) -> None:
    """Add the fields that no column is named after, where the values of one column alone leave no doubt."""
    kinds: dict[str, list[Column]] = {}
    used = draft.used()
    for column in table.columns:
        meaning = column.meaning
        if (
            column.index not in used
            and not (meaning.role or meaning.apart or meaning.slug)
            and (kind := looking_like(column))
        ):
            kinds.setdefault(kind, []).append(column)
    for kind, columns in kinds.items():
        free = not any(line.field == _BY_VALUES[kind] for line in draft.company) and len(columns) == 1
        for column in columns:
            draft.company.append(_value_line(kind, column, free=free and not _somebodys(kind, column)))


def _somebodys(kind: str, column: Column) -> bool:
    """Whether a header names the kind and something more: "E-Mail Geschäftsführer" is not the company's own."""
    roles = {_BY_VALUES[kind].removeprefix("address_invoice_"), *(("mobile",) if kind == "phone" else ())}
    return kind not in _ALWAYS and names_one_of(column.name, roles)


def _value_line(kind: str, column: Column, *, free: bool) -> Line:
    evidence = converting(column, kind)
    reason = f"{'by its values' if free else 'not set'}: {evidence.good} of {evidence.of} are {_ARE[kind]}"
    steps: dict[str, Value] = {"as": kind}
    return Line(_BY_VALUES[kind], column_value(column, steps), reason, (column,), active=free)
