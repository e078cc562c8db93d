"""Kinds that read a cell by the row's country, values with a remark, and what kinds do with what does not convert."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from importer.mapping import parse_mapping
from importer.mapping.compiling import compile_mapper
from importer.mapping.evaluation import Scope
from importer.mapping.header import Header
from importer.mapping.kinds import Conversion, Kind, Region
from importer.mapping.mapper import Mapper, Place
from importer.model import Code, Invalid, Noted, Row, Severity
from tests.mapping.builder import TOP, codes_of, payload_of, refusal_of

if TYPE_CHECKING:
    from importer.mapping.kinds import Convert
    from importer.mapping.schema import Document, Expression
    from importer.model import Cell, Mapped

COLUMNS = ("id", "name", "a", "land", "other", "c")


class WhereWords(BaseModel):
    region: Region | None = None


@dataclass(frozen=True)
class Seen:
    """A kind that says which country it was given; "?" is invalid, and a "+" in front is noted as dropped."""

    country: str | None

    def __call__(self, cell: Cell) -> Cell | Noted | Invalid:
        if cell is None or cell == "":
            return None
        if "?" in str(cell):
            return Invalid(Code.NOT_A_PHONE, f"seen from {self.country}")
        if str(cell).startswith("+"):
            return Noted(self._at_home(str(cell)[1:]), Code.COMPLETED, "the + was dropped")
        return self._at_home(str(cell))

    def _at_home(self, words: str) -> str:
        return words if "@" in words else f"{words}@{self.country}"


def seen(options: WhereWords) -> Convert:
    return Seen(options.region)


LENIENT = Kind("", "text", WhereWords, seen, region="region", on_invalid="keep")
STRICT = Kind("", "text", WhereWords, seen, region="region")
COUNTRY = Kind("", "country", WhereWords, seen, region="region")


def kind_of(kind: Kind, region: str | None = None) -> Conversion:
    return Conversion("where", kind, WhereWords(region=region))


def document_of(text: str, conversions: dict[str, Conversion]) -> Document:
    """Read a mapping, and put kinds in the place of every `as` of the fields named."""
    document = parse_mapping(TOP + text, path=Path("m.yaml")).document

    def put(expression: Expression, conversion: Conversion) -> Expression:
        parts = expression.first_of and tuple(put(part, conversion) for part in expression.first_of)
        changed: dict[str, Any] = {"first_of": parts} | ({"as_": conversion} if expression.as_ else {})
        return expression.model_copy(update=changed)

    def all_of(expressions: dict[str, Expression]) -> dict[str, Expression]:
        return {name: put(one, conversions[name]) if name in conversions else one for name, one in expressions.items()}

    tags = tuple(put(one, conversions["tags"]) if "tags" in conversions else one for one in document.tags)
    parts = {"company": all_of(document.company), "custom_fields": all_of(document.custom_fields), "tags": tags}
    return document.model_copy(update=parts)


def compiled(document: Document) -> tuple[Mapper, list[str]]:
    scope = Scope(Header(COLUMNS, {}))
    mapper = compile_mapper(document, scope, Place("a.csv"))
    return mapper, [f"{'.'.join(map(str, flaw.path))}: {flaw.message}" for flaw in scope.flaws]


def mapper_of(text: str, **conversions: Conversion) -> Mapper:
    mapper, flaws = compiled(document_of(text, {name.replace("__", "."): one for name, one in conversions.items()}))
    assert flaws == []
    return mapper


def flaws_of(text: str, **conversions: Conversion) -> list[str]:
    return compiled(document_of(text, conversions))[1]


def mapped(mapper: Mapper, **cells: Cell) -> Mapped:
    row: dict[str, Cell] = {"id": "1", "name": "ACME", **cells}
    return mapper.map(Row(2, tuple(row.get(column) for column in COLUMNS)))


COUNTRIES = "  address_invoice_country: land\n  address_delivery_country: {from: other, default: Belgium}\n"


# ── which country ──


@pytest.mark.parametrize(
    ("field", "text", "region", "country"),
    [
        pytest.param("phone", "  phone: {from: a, as: text}\n", None, "NL", id="the invoice address"),
        pytest.param(
            "address_delivery_house", "  address_delivery_house: {from: a, as: text}\n", None, "BE", id="delivery"
        ),
        pytest.param(
            "delivery_person_attention_to",
            "  delivery_person_attention_to: {from: a, as: text}\n",
            None,
            "BE",
            id="a delivery person",
        ),
        pytest.param("phone", "  phone: {from: a, as: text}\n", "address_delivery_country", "BE", id="a field named"),
        pytest.param("phone", "  phone: {from: a, as: text}\n", "DE", "DE", id="a fixed one"),
        pytest.param("phone", "  phone: {first_of: [c, {from: a, as: text}]}\n", None, "NL", id="inside of first_of"),
        pytest.param("phone", "  phone: {value: x, as: text}\n", None, "NL", id="a constant, row by row"),
        pytest.param(
            "phone", "  phone: {from: a, map: {x: x}, as: text}\n", None, "NL", id="a value of map, row by row"
        ),
    ],
)
def test_a_value_is_read_by_the_country_of_its_address(field: str, text: str, region: str | None, country: str) -> None:
    mapper = mapper_of(COUNTRIES + text, **{field: kind_of(STRICT, region)})
    assert payload_of(mapped(mapper, a="x", land="nederland"))[field] == f"x@{country}"


def test_tags_and_custom_fields_belong_to_the_invoice_address() -> None:
    text = COUNTRIES + "tags: [{from: a, split: ',', as: text}]\ncustom_fields: {k: {from: a, as: text}}\n"
    mapper = mapper_of(text, tags=kind_of(STRICT), k=kind_of(STRICT))
    payload = payload_of(mapped(mapper, a="x,y", land="NL"))
    assert (payload["tags"], payload["custom_fields"]) == (["x@NL", "y@NL"], {"k": "x,y@NL"})


def test_equal_cells_of_different_countries_are_not_mixed_up() -> None:
    mapper = mapper_of(COUNTRIES + "  phone: {from: a, as: text}\n", phone=kind_of(STRICT))
    found = [payload_of(mapped(mapper, a="x", land=land))["phone"] for land in ("NL", "DE", "", "nl", "BE", "DE")]
    assert found == ["x@NL", "x@DE", "x@None", "x@NL", "x@BE", "x@DE"]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        pytest.param("", {}, id="no country in the mapping"),
        pytest.param("  address_invoice_country: land\n", {"land": " "}, id="no country in the row"),
        pytest.param(
            "  address_invoice_country: {from: land, on_invalid: blank}\n", {"land": "Atlantis"}, id="it is left out"
        ),
        pytest.param(
            "  address_invoice_country: {from: land, when: {column: c, is: x}}\n", {"land": "NL"}, id="it is guarded"
        ),
        pytest.param("  address_invoice_country_id: land\n", {"land": "5"}, id="only an id"),
    ],
)
def test_a_row_without_a_country_gives_none(text: str, cells: dict[str, Cell]) -> None:
    mapper = mapper_of(f"{text}  phone: {{from: a, as: text}}\n", phone=kind_of(STRICT))
    assert payload_of(mapped(mapper, a="x", **cells))["phone"] == "x@None"


def test_what_cannot_be_read_because_the_country_is_refused_adds_no_issue() -> None:
    text = COUNTRIES + "  phone: {from: a, as: text}\n  fax: {from: c, as: text, default: d}\n"
    mapper = mapper_of(text, phone=kind_of(STRICT), fax=kind_of(STRICT))
    assert refusal_of(mapped(mapper, a="?", land="Atlantis")) == ["not-a-country"]
    assert refusal_of(mapped(mapper, a="?", land="NL")) == ["not-a-phone"]


def test_the_column_of_the_country_counts_as_used_once() -> None:
    mapper = mapper_of(COUNTRIES + "  phone: {from: a, as: text}\n", phone=kind_of(STRICT))
    assert mapper.used_columns == ("id", "name", "a", "land", "other")


# ── mistakes ──


def test_a_circle_is_refused_with_its_way() -> None:
    text = (
        "  address_invoice_country: {first_of: [{from: a, as: country}, land]}\n"
        "  address_delivery_country: {first_of: [{from: a, as: country}, land]}\n"
    )
    (flaw,) = flaws_of(text, address_invoice_country=kind_of(COUNTRY))
    assert flaw == (
        "company.address_invoice_country.first_of.0.as.where.region: this goes in a circle: address_invoice_country"
        " needs address_invoice_country; write the country here: `as: {where: {region: NL}}`"
    )
    found = flaws_of(
        text,
        address_invoice_country=kind_of(COUNTRY, "address_delivery_country"),
        address_delivery_country=kind_of(COUNTRY, "address_invoice_country"),
    )
    assert len(found) == 1
    assert "address_invoice_country needs address_delivery_country needs address_invoice_country" in found[0]
    assert flaws_of(text, address_invoice_country=kind_of(COUNTRY, "address_delivery_country")) == []
    assert flaws_of(text, address_invoice_country=kind_of(COUNTRY, "NL")) == []


def test_a_field_that_is_not_set_cannot_be_named() -> None:
    (flaw,) = flaws_of("  phone: {from: a, as: text}\n", phone=kind_of(STRICT, "address_delivery_country"))
    assert flaw == (
        "company.phone.as.where.region: `company` does not set address_delivery_country; set it, or write the two"
        " letters of a country"
    )


@pytest.mark.parametrize(
    ("region", "message"),
    [
        pytest.param("nl", "did you mean NL", id="small letters"),
        pytest.param("Nederland", "did you mean NL", id="a name"),
        pytest.param("address_country", "did you mean address_invoice_country", id="no field"),
        pytest.param("XX", "two capital letters of one", id="no country"),
    ],
)
def test_a_region_is_a_field_or_a_code(region: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        WhereWords(region=region)
    schema = TypeAdapter(WhereWords).json_schema()["properties"]["region"]["anyOf"]
    assert {"enum": ["address_invoice_country", "address_delivery_country"]} in schema


# ── constants ──


def test_a_default_is_sent_as_it_stands_where_the_country_comes_with_the_row() -> None:
    text = "  phone: {from: a, as: text, default: d}\n"
    by_row = mapper_of(COUNTRIES + text, phone=kind_of(STRICT))
    assert payload_of(mapped(by_row, land="NL"))["phone"] == "d"
    fixed = mapper_of(text, phone=kind_of(STRICT, "DE"))
    assert payload_of(mapped(fixed))["phone"] == "d@DE"
    assert "is not a phone number" in flaws_of(text.replace("d}", "'?'}"), phone=kind_of(STRICT, "DE"))[0]


def test_a_constant_with_a_remark_is_sent_without_a_word() -> None:
    mapper = mapper_of(
        "  phone: {value: '+1', as: text}\n  fax: {from: a, as: text, default: '+2'}\n",
        phone=kind_of(STRICT, "DE"),
        fax=kind_of(STRICT, "DE"),
    )
    desired = mapped(mapper)
    assert payload_of(desired) == {"phone": "1@DE", "fax": "2@DE"}
    assert desired.issues == ()


# ── a value with a remark ──


@pytest.mark.parametrize(
    ("field", "text"),
    [
        pytest.param("phone", "  phone: {from: a, as: text}\n", id="a field"),
        pytest.param("phone", "  phone: {first_of: [c, {from: a, as: text}]}\n", id="inside of first_of"),
        pytest.param("email_general", "  email_general: {from: a, as: text}\n", id="a field that checks"),
    ],
)
def test_a_value_with_a_remark_goes_with_a_warning(field: str, text: str) -> None:
    mapper = mapper_of(text, **{field: kind_of(STRICT, "NL")})
    desired = mapped(mapper, a="+x@y.example")
    ((name, value),) = payload_of(desired).items()
    (issue,) = desired.issues
    assert (name, issue.code, issue.severity, issue.value) == (field, Code.COMPLETED, Severity.WARNING, value)
    assert issue.message == f'{field} is sent as "{value}": the + was dropped'
    assert (issue.location.column, issue.location.row) == ("a", 2)


def test_a_remark_in_tags_and_custom_fields_is_told() -> None:
    text = "tags: [{from: a, split: ',', as: text}, {from: c, as: text}]\ncustom_fields: {k: {from: a, as: text}}\n"
    mapper = mapper_of(text, tags=kind_of(STRICT), k=kind_of(STRICT))
    desired = mapped(mapper, a="+x,y", c="+z")
    payload = payload_of(desired)
    assert (payload["tags"], payload["custom_fields"]) == (["x@None", "y@None", "z@None"], {"k": "x,y@None"})
    assert [(issue.field, issue.value) for issue in desired.issues] == [
        ("tags", "x@None"),
        ("tags", "z@None"),
        ("custom_fields.k", "x,y@None"),
    ]


def test_a_value_with_a_remark_keeps_to_the_limit() -> None:
    mapper = mapper_of("  phone: {from: a, as: text}\n", phone=kind_of(STRICT, "NL"))
    assert refusal_of(mapped(mapper, a="+" + "x" * 253)) == ["too-long"]


# ── what does not convert ──


@pytest.mark.parametrize(
    ("kind", "text", "ends"),
    [
        pytest.param(STRICT, "  phone: {from: a, as: text}\n", "not-a-phone", id="refused unless said"),
        pytest.param(LENIENT, "  phone: {from: a, as: text}\n", "kept-as-is", id="kept by the kind"),
        pytest.param(
            LENIENT, "  phone: {from: a, as: text, on_invalid: refuse}\n", "not-a-phone", id="the mapping's word counts"
        ),
        pytest.param(LENIENT, "  phone: {from: a, as: text, on_invalid: blank}\n", "left-blank", id="or blank"),
        pytest.param(STRICT, "  phone: {from: a, as: text, on_invalid: keep}\n", "kept-as-is", id="kept when said"),
        pytest.param(LENIENT, "  phone: {first_of: [{from: a, as: text}]}\n", "kept-as-is", id="kept inside"),
        pytest.param(LENIENT, "  email_general: {from: a, as: text}\n", "not-a-phone", id="never past another check"),
        pytest.param(LENIENT, "custom_fields: {phone: {from: a, as: text}}\n", "kept-as-is", id="a custom field"),
    ],
)
def test_a_kind_says_what_happens_unless_the_mapping_does(kind: Kind, text: str, ends: str) -> None:
    field = "email_general" if "email" in text else "phone"
    assert codes_of(mapped(mapper_of(text, **{field: kind_of(kind)}), a="?")) == [ends]


def test_an_external_id_is_never_kept() -> None:
    text = TOP.replace("external_id: id", "external_id: {first_of: [{from: a, as: text}]}")
    document = parse_mapping(text, path=Path("m.yaml")).document
    (part,) = document.company["external_id"].first_of or ()
    changed = part.model_copy(update={"as_": kind_of(LENIENT)})
    external_id = document.company["external_id"].model_copy(update={"first_of": (changed,)})
    mapper, flaws = compiled(document.model_copy(update={"company": {**document.company, "external_id": external_id}}))
    assert flaws == []
    assert refusal_of(mapper.map(Row(2, (None, "ACME", "?", None, None, None)))) == ["not-a-phone"]
