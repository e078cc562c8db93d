"""The kinds that `as` knows: each word, the options it takes, and the converter of `values` behind it.

`KINDS` is the one table; a new kind is a line in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model, field_validator
from pydantic_core import PydanticCustomError, core_schema

from importer.mapping.evaluation import Asked, Reading
from importer.mapping.names import listed, meant, nearest
from importer.model import Cell, Invalid, Noted, shortened
from importer.values.bic import bic
from importer.values.boolean import boolean
from importer.values.calendar_date import DateOptions, Order, date
from importer.values.country import country
from importer.values.date_time import DateTimeOptions, date_time
from importer.values.decimal_number import DecimalOptions, decimal, quick_decimals
from importer.values.email import email, email_list, quick_emails
from importer.values.iban import iban, quick_ibans
from importer.values.locale import locale
from importer.values.phone import phone
from importer.values.street import house_number, street_name
from importer.values.text import external_id, text
from importer.values.url import quick_urls, url
from importer.values.vat import vat
from importer.values.vat_usual import quick_vat_ids
from importer.values.whole_number import integer

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from importer.values.quick import Quick

__all__ = [
    "COUNTRY_FIELDS",
    "KINDS",
    "ClientWords",
    "Conversion",
    "ConversionSchema",
    "Convert",
    "Gives",
    "Kind",
    "NotValid",
    "Region",
]

Convert: TypeAlias = Callable[[Cell], Cell | Noted | Invalid]

NotValid: TypeAlias = Literal["refuse", "keep", "blank"]
"""What happens to a value that does not convert."""

COUNTRY_FIELDS = ("address_invoice_country", "address_delivery_country")
"""The fields that say in which country a row's values are at home."""

Gives: TypeAlias = Literal["text", "boolean", "integer", "country", "email", "client"]
"""What comes out of a kind; it says which fields can take it."""


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NoOptions(_Options):
    """This kind takes no options."""


class DateWords(_Options):
    """How a date is read."""

    order: Order | None = Field(None, description="The order of text such as 03/04/2021: dmy, mdy or ymd.")
    two_digit_from: int | None = Field(
        None, ge=1800, le=2000, description="Years of two digits lie in the hundred years from this one, such as 1950."
    )
    drop_time: bool = Field(default=False, description="Whether a time of day may be dropped; it is refused otherwise.")


class DateTimeWords(_Options):
    """How a date with a time of day is read."""

    order: Order | None = Field(None, description="The order of text such as 03/04/2021 10:20: dmy, mdy or ymd.")
    two_digit_from: int | None = Field(
        None, ge=1800, le=2000, description="Years of two digits lie in the hundred years from this one, such as 1950."
    )
    time_zone: str | None = Field(
        None, description="The time zone of times without one, such as Europe/Amsterdam; without it they stay without."
    )

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        probe = date_time("2020-01-01T00:00:00", options=DateTimeOptions(time_zone=name))
        if isinstance(probe, Invalid):
            raise PydanticCustomError("time_zone", "{detail}", {"detail": probe.detail})
        return name


class NumberWords(_Options):
    """How a number is read."""

    decimal_comma: bool | None = Field(
        None, description='Whether "1.234" is a thousand (true) or a fraction (false); it is refused otherwise.'
    )


def _region(value: object) -> object:
    if not isinstance(value, str) or value in COUNTRY_FIELDS:
        return value
    if len(value) == 2 and country(value) == value:
        return value
    known = [*COUNTRY_FIELDS, *([code] if isinstance(code := country(value), str) else [])]
    raise PydanticCustomError(
        "region",
        '"{value}" is neither a field that has the country nor the two capital letters of one{hint}',
        {"value": shortened(value, 60), "hint": meant(value, known) if len(known) < 3 else f"; did you mean {code}?"},
    )


Region: TypeAlias = Annotated[
    str,
    BeforeValidator(_region),
    WithJsonSchema({"anyOf": [{"enum": list(COUNTRY_FIELDS)}, {"type": "string", "pattern": "^[A-Z]{2}$"}]}),
]
"""An option that says in which country a value is at home: a field of the row's company, or a fixed code."""


class PhoneWords(_Options):
    """How a phone number is read."""

    region: Region | None = Field(
        None,
        description="The country whose national numbers are meant: a field of the row, or a code of two capitals. "
        "Without a country only numbers that start with + or 00 can be read.",
    )


class VatWords(_Options):
    """How a VAT id is read."""

    country: Region | None = Field(
        None,
        description="The country that an id without letters in front belongs to: a field of the row, or a code of "
        "two capitals.",
    )


class StreetWords(_Options):
    """How an address line is split."""

    country: Region | None = Field(
        None,
        description="The country whose way of writing addresses is meant: a field of the row, or a code of two "
        "capitals.",
    )


class ClientWords(_Options):
    """Which client is meant."""

    origin: str | None = Field(
        None,
        min_length=1,
        description="The external_origin of the client; without it, the one client that has the external_id.",
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """One word of `as`.

    A kind with a `region` reads a cell by the row's country: the option of that name says which one, and `build` gets
    it as the code of that country, None where the row has none. Where the mapping does not say, it is the country of
    the address that the field belongs to.
    """

    about: str
    gives: Gives
    options: type[BaseModel]
    build: Callable[[Any], Convert]  # options, already checked -> converter
    column: str = ""  # the option that a whole column may prove where the mapping does not say; empty where none is
    region: str = ""  # the option, of type `Region | None`; empty where the country does not matter
    on_invalid: NotValid = "refuse"  # where the mapping does not say
    quick: Quick | None = None  # the same for many texts, whatever the options


KINDS: Mapping[str, Kind] = {
    "text": Kind("Text, as it stands.", "text", NoOptions, lambda _: text),
    "integer": Kind(
        "A whole number.",
        "integer",
        NumberWords,
        lambda o: partial(integer, options=_number(o)),
        column="decimal_comma",
    ),
    "decimal": Kind(
        "A number, as text with a point.",
        "text",
        NumberWords,
        lambda o: partial(decimal, options=_number(o)),
        column="decimal_comma",
        quick=quick_decimals,
    ),
    "boolean": Kind("Yes or no, in many languages.", "boolean", NoOptions, lambda _: boolean),
    "date": Kind(
        "A date, as YYYY-MM-DD.", "text", DateWords, lambda o: partial(date, options=_date(o)), column="order"
    ),
    "datetime": Kind(
        "A date with a time of day, in ISO 8601.",
        "text",
        DateTimeWords,
        lambda o: partial(date_time, options=_date_time(o)),
        column="order",
    ),
    "country": Kind("A country's name or code, as the two-letter code.", "country", NoOptions, lambda _: country),
    "email": Kind("One e-mail address.", "email", NoOptions, lambda _: email, quick=quick_emails),
    "email_list": Kind(
        "One or more e-mail addresses, with commas.", "text", NoOptions, lambda _: email_list, quick=quick_emails
    ),
    "phone": Kind(
        "One phone or fax number, in international form.",
        "text",
        PhoneWords,
        lambda o: partial(phone, region=o.region),
        region="region",
        on_invalid="keep",
    ),
    "url": Kind("A web address.", "text", NoOptions, lambda _: url, quick=quick_urls),
    "vat": Kind(
        "A VAT id with its country's letters.",
        "text",
        VatWords,
        lambda o: partial(vat, country=o.country),
        region="country",
        quick=quick_vat_ids,
    ),
    "iban": Kind("An IBAN.", "text", NoOptions, lambda _: iban, quick=quick_ibans),
    "bic": Kind("A BIC (SWIFT code).", "text", NoOptions, lambda _: bic),
    "street_name": Kind(
        "The street of an address line, without the house number.",
        "text",
        StreetWords,
        lambda o: partial(street_name, country=o.country),
        region="country",
        on_invalid="keep",
    ),
    "house_number": Kind(
        "The house number of an address line, with what belongs to it.",
        "text",
        StreetWords,
        lambda o: partial(house_number, country=o.country),
        region="country",
        on_invalid="blank",  # the whole line goes to the street, so nothing is lost; it is no house number
    ),
    "locale": Kind("One language, as the two-letter code.", "text", NoOptions, lambda _: locale),
    "client": Kind("The external_id of a client, which is looked up.", "client", ClientWords, lambda _: external_id),
}


def _number(options: NumberWords) -> DecimalOptions:
    return DecimalOptions(decimal_comma=options.decimal_comma)


def _date(options: DateWords) -> DateOptions:
    return DateOptions(order=options.order, two_digit_from=options.two_digit_from, drop_time=options.drop_time)


def _date_time(options: DateTimeWords) -> DateTimeOptions:
    return DateTimeOptions(order=options.order, two_digit_from=options.two_digit_from, time_zone=options.time_zone)


_PROVEN = {"order": "date_order", "decimal_comma": "decimal_comma"}
"""The option of a kind, and what of a `Reading` takes its place."""


def _else_by(convert: Convert, proven: Convert) -> Convert:
    def converted(cell: Cell) -> Cell | Noted | Invalid:
        value = convert(cell)
        return proven(cell) if isinstance(value, Invalid) else value

    return converted


@dataclass(frozen=True, slots=True)
class Conversion:
    """What stands behind `as`: a word of `KINDS`, and its options checked."""

    name: str
    kind: Kind  # its line in the table
    options: BaseModel

    @property
    def region(self) -> str | None:
        """What the mapping says of the country: a field, a code, or nothing."""
        return getattr(self.options, self.kind.region) if self.kind.region else None

    @property
    def asked(self) -> Asked | None:
        """What would be known of the column that values come from."""
        option = self.kind.column
        return Asked(option, getattr(self.options, option) is not None) if option else None

    def converter(self, country: str | None, reading: Reading | None = None) -> Convert:
        """Build the converter for values of a country; pure, total, and not memoised.

        What a column proves, its `reading`, is used only for a value that cannot be read without it.
        """
        options = self.options.model_copy(update={self.kind.region: country}) if self.kind.region else self.options
        convert = self.kind.build(options)
        proven = None if self.asked is None or self.asked.declared else self._proven(reading)
        return convert if proven is None else _else_by(convert, proven)

    def _proven(self, reading: Reading | None) -> Convert | None:
        found = None if reading is None else getattr(reading, _PROVEN[self.kind.column])
        return None if found is None else self.kind.build(self.options.model_copy(update={self.kind.column: found}))


class ConversionSchema:
    """Teaches pydantic the two forms of `as`: `as: date` and `as: {date: {order: dmy}}`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        fields: dict[str, Any] = {
            name: (kind.options | None, Field(None, description=kind.about)) for name, kind in KINDS.items()
        }
        model = create_model("As", __base__=_Options, __doc__="A kind with options.", **fields)
        long_form = core_schema.no_info_before_validator_function(_opened, handler.generate_schema(model))
        return core_schema.no_info_after_validator_function(_chosen, long_form)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"enum": list(KINDS)}, handler(schema)]}


def _opened(value: object) -> object:
    if isinstance(value, str):
        value = {value: {}}
    if not isinstance(value, dict) or len(value) != 1:
        raise PydanticCustomError("as", "`as` is one kind, such as `as: country` or `as: {date: {order: dmy}}`")
    (name,) = value
    if name in KINDS:
        return value
    near = nearest(name, KINDS)
    hint = f"; did you mean {listed(near, 'or')}?" if near else f"; supported are {listed(list(KINDS), 'and')}"
    what = f'`as` does not know "{shortened(name, 60)}"{hint}'
    raise PydanticCustomError("as", "{what}", {"what": what})


def _chosen(model: BaseModel) -> Conversion:
    (name,) = model.model_fields_set
    options = getattr(model, name)
    kind = KINDS[name]
    return Conversion(name, kind, options if options is not None else kind.options())
