"""The words of a mapping file as pydantic models: what editors complete and `load` checks first.

A short form (a bare name for an expression, a word for `as`) is opened to its long form before it is checked, so that
everything behind the models knows one form only.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from importer.company import FIELDS, MAX_LENGTH, FieldType
from importer.mapping.kinds import Conversion, ConversionSchema
from importer.mapping.patterns import MAX_PATTERN
from importer.mapping.slots import NOT_IN_COMPANY, REQUIRED
from importer.mapping.tree import Unquoted

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = ["Condition", "Document", "ExampleTest", "Expression", "Replacement", "SkipRule", "SourceWords"]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


# ── short forms ──────────────────────────────────────────────────────────────────────────────────────────────────


class _AlsoText:
    """Says in the JSON Schema that text may stand for the object, or for the list."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(core_schema)]}


def _opened(value: object) -> object:
    """Open a bare text to the expression it stands for: braces make a template, anything else is a column."""
    if isinstance(value, str):
        return {"template" if "{" in value or "}" in value else "from": value}
    if isinstance(value, (dict, Expression)):
        return value
    raise PydanticCustomError(
        "expression",
        "{what} cannot stand here: write a column name, a template with {braces}, or an object with `from`,"
        " `first_of`, `template` or `value`",
        {"what": _described(value)},
    )


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _constant(value: object) -> object:
    """Let text, true, false and plain whole numbers through; `check` says where which of them is right."""
    if isinstance(value, (str, bool, int)):
        return value
    raise PydanticCustomError("constant", "{what}", {"what": _not_text(value)})


def _cell(value: object) -> object:
    if isinstance(value, (str, bool, int, float, dt.date)) or value is None:
        return value
    raise PydanticCustomError("cell", "{what}", {"what": _not_text(value)})


def _name(value: object) -> object:
    if isinstance(value, str):
        if value.strip():
            return value
        raise PydanticCustomError("text", "this is empty; write a name")
    raise PydanticCustomError("text", "{what}", {"what": _not_text(value)})


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    raise PydanticCustomError("text", "{what}", {"what": _not_text(value)})


def _not_text(value: object) -> str:
    if isinstance(value, (Unquoted, bool, int, float, dt.date)):
        spelled = str(value).lower() if isinstance(value, bool) else str(value)
        return f'YAML does not read {spelled} as text; put it in quotes: "{spelled}"'
    return f"{_described(value)} cannot stand here; text is expected"


def _described(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "an object"
        case tuple():
            return "a list"
        case bool():
            return f"the boolean {str(value).lower()}"
        case _:
            return f"the number or date {value}"


def _requires(*words: str) -> JsonValue:
    return {"required": [*words]}


_Text = Annotated[str, BeforeValidator(_text)]
_Name = Annotated[str, Field(min_length=1), BeforeValidator(_name)]
_Character = Annotated[str, Field(min_length=1, max_length=1), BeforeValidator(_text)]
_Origin = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH), BeforeValidator(_name)]
_Regex = Annotated[str, Field(min_length=1, max_length=MAX_PATTERN), BeforeValidator(_text)]
_Texts = Annotated[tuple[_Name, ...], BeforeValidator(_listed), _AlsoText, Field(min_length=1)]
_Constant = Annotated[str | bool | int, BeforeValidator(_constant)]
_OrNull = Annotated[str | bool | int | None, BeforeValidator(lambda value: None if value is None else _constant(value))]
_Cell = Annotated[str | bool | int | float | dt.date | None, BeforeValidator(_cell)]
_Expression = Annotated["Expression", BeforeValidator(_opened), _AlsoText]


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────────────

_COMPARISONS = ("is", "in", "matches", "blank")
_COMBINATIONS = ("all", "any", "not")
_CONDITION_FORMS: list[JsonValue] = [
    *(_requires("column", word) for word in _COMPARISONS),
    *(_requires(word) for word in _COMBINATIONS),
]


class Condition(_Words):
    """A question about the row: `column` with one comparison, or one of `all`, `any`, `not`."""

    column: _Name | None = Field(None, description="The column that is looked at.")
    is_: _Constant | None = Field(
        None, alias="is", description="The cell says this: text without regard to case, or true or false."
    )
    in_: tuple[_Constant, ...] | None = Field(
        None, alias="in", min_length=1, description="The cell says one of these, each compared as by `is`."
    )
    matches: _Regex | None = Field(
        None, description="A regular expression that is found in the cell's text; case counts, (?i) lets it not."
    )
    blank: bool | None = Field(None, description="true: the cell is empty; false: it is not.")
    all_: tuple[Condition, ...] | None = Field(
        None, alias="all", min_length=1, description="Every one of these conditions holds."
    )
    any_: tuple[Condition, ...] | None = Field(
        None, alias="any", min_length=1, description="At least one of these conditions holds."
    )
    not_: Condition | None = Field(None, alias="not", description="This condition does not hold.")

    model_config = ConfigDict(json_schema_extra={"oneOf": _CONDITION_FORMS})

    @model_validator(mode="after")
    def _says_one_thing(self) -> Condition:
        given = _given(self)
        comparisons = [word for word in given if word in _COMPARISONS]
        combinations = [word for word in given if word in _COMBINATIONS]
        if combinations and len(given) > 1:
            raise PydanticCustomError("condition", "`{word}` stands alone in its object", {"word": combinations[0]})
        if not combinations and ("column" not in given or len(comparisons) != 1):
            raise PydanticCustomError(
                "condition",
                "a condition is `column` with exactly one of `is`, `in`, `matches`, `blank`; or one of `all`, `any`, `not`",
            )
        return self


# ── expressions ──────────────────────────────────────────────────────────────────────────────────────────────────


class Replacement(_Words):
    """One regular expression and what takes its place."""

    pattern: _Regex = Field(description="A regular expression; every place where it is found is replaced.")
    with_: _Text = Field("", alias="with", description=r"The text put there; \1 is the first group.")


class OtherwiseValue(_Words):
    """A fixed value for everything that `map` does not list."""

    value: _Constant = Field(description="The value.")


def _otherwise(value: object) -> object:
    if isinstance(value, (dict, OtherwiseValue)) or value in {"keep", "error", "blank"}:
        return value
    raise PydanticCustomError("otherwise", "`otherwise` is keep, error, blank or {value: ...}")


_ORIGINS = ("from", "first_of", "template", "value")
_ORIGIN_FORMS: list[JsonValue] = [_requires(word) for word in _ORIGINS]


class Expression(_Words):
    """Where a value comes from, and the steps it takes, always in the order of this list."""

    when: Condition | None = Field(None, description="Only when this holds; else the value is blank.")
    from_: _Name | None = Field(None, alias="from", description="The column the value comes from.")
    first_of: tuple[_Expression, ...] | None = Field(
        None, min_length=1, description="The first of these expressions that is not blank."
    )
    template: _Name | None = Field(
        None, description="Text with {columns}; a blank column goes with its blanks; {{ and }} are braces."
    )
    value: _Constant | None = Field(None, description="The same value for every row.")
    split: _Texts | None = Field(None, description="Separators at which the cell is cut into several values (tags).")
    replace: tuple[Replacement, ...] | None = Field(
        None, min_length=1, description="Regular expressions and what takes their place, one after the other."
    )
    map: dict[str, _OrNull] | None = Field(
        None, min_length=1, description="Cell to value, without regard to case; null means blank."
    )
    otherwise: Annotated[Literal["keep", "error", "blank"] | OtherwiseValue, BeforeValidator(_otherwise)] | None = (
        Field(None, description="What a value that `map` does not list becomes; error unless said otherwise.")
    )
    case: Literal["upper", "lower", "title"] | None = Field(None, description="How the letters are written.")
    as_: Annotated[Conversion, ConversionSchema] | None = Field(
        None, alias="as", description="What the value must be; it is checked and written in one form."
    )
    default: _Constant | None = Field(None, description="The value where the result is blank.")
    on_invalid: Literal["refuse", "keep", "blank"] | None = Field(
        None,
        description="What happens to a value that does not convert: the row is refused (so unless said otherwise),"
        " the text is kept as it is, or the value is left out; the last two with a warning.",
    )
    blank: Literal["keep", "clear"] | None = Field(
        None, description="What a blank value does on update, instead of the mapping's own `blank`."
    )

    model_config = ConfigDict(json_schema_extra={"oneOf": _ORIGIN_FORMS})

    @model_validator(mode="after")
    def _has_one_origin(self) -> Expression:
        given = _given(self)
        origins = [word for word in _ORIGINS if word in given]
        if len(origins) == 1:
            return self
        what = (
            f"has {' and '.join(f'`{word}`' for word in origins)}"
            if origins
            else "does not say where its value comes from"
        )
        raise PydanticCustomError(
            "origin",
            "this expression {what}; exactly one of `from`, `first_of`, `template`, `value` is needed",
            {"what": what},
        )


def _given(model: BaseModel) -> list[str]:
    """List the words of an object that say something; one left empty says nothing."""
    return [name.rstrip("_") for name in type(model).model_fields if getattr(model, name) is not None]


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────


_MOST_ROWS = 10**12  # no file has more, and every sum with it is a number that `islice` and SQLite take


class SourceWords(_Words):
    """How the file is read; what is absent is detected."""

    sheet: _Name | None = Field(None, description="The workbook's sheet.")
    header_row: int | None = Field(
        None, ge=1, le=_MOST_ROWS, description="The row that holds the column names; 1 is the first."
    )
    encoding: _Name | None = Field(None, description="The text file's encoding, such as utf-8 or cp1252.")
    delimiter: _Character | None = Field(None, description='The character between cells, such as ";" or "\\t".')
    columns: dict[str, _Texts] = Field(
        default_factory=dict,
        description="A name used below, and the header spellings it stands for;"
        " case, accents, spaces and punctuation do not count.",
    )


class TargetWords(_Words):
    """Where the companies belong."""

    external_origin: _Origin = Field(description="The system that the external_ids come from; sent with every company.")


class SkipRule(_Words):
    """Rows that are left out on purpose."""

    when: Condition = Field(description="Which rows.")
    reason: _Name = Field(description="Why, for the report.")


class ExampleTest(_Words):
    """One row and what must come of it."""

    row: dict[str, _Cell] = Field(description="Column to cell; the columns that are not named are empty.")
    company: dict[str, _OrNull] | None = Field(
        None, description="Fields and the values they must have; null: not sent, or cleared. Others are not looked at."
    )
    tags: tuple[_Text, ...] | None = Field(None, description="All the tags, in order.")
    custom_fields: dict[str, _OrNull] | None = Field(None, description="Slugs and the values they must have.")
    refused: tuple[_Name, ...] | None = Field(
        None, min_length=1, description="The row must be refused, for exactly these issue codes."
    )
    skipped: Literal[True] | None = Field(None, description="The row must be skipped.")

    @model_validator(mode="after")
    def _expects_one_end(self) -> ExampleTest:
        values = (self.company, self.tags, self.custom_fields)
        ends = (self.refused is not None, self.skipped is not None, any(value is not None for value in values))
        if sum(ends) > 1:
            raise PydanticCustomError(
                "test", "a test expects one of: values (`company`, `tags`, `custom_fields`), `refused`, or `skipped`"
            )
        return self


_TAKES = {
    FieldType.TEXT: "Text.",
    FieldType.EMAIL: "One e-mail address; it is checked.",
    FieldType.BOOLEAN: "True or false; a cell is read as yes or no.",
    FieldType.COUNTRY: "A country; a name or code is turned into the two-letter code.",
    FieldType.COUNTRY_ID: "Kanbert's id of a country.",
    FieldType.CLIENT_ID: "Kanbert's id of a client; with `as: client`, the client's external_id, which is looked up.",
    FieldType.NAMED: "A name; Kanbert creates it if there is none.",
    FieldType.TITLED: "A title.",
}


def _company_schema(schema: dict[str, Any]) -> None:
    """List the fields one by one, so that editors complete them and mark any other name."""
    expression = schema.pop("additionalProperties")
    schema["properties"] = {
        name: {**expression, "description": _TAKES[field.type]}
        for name, field in FIELDS.items()
        if name not in NOT_IN_COMPANY
    }
    schema |= {"additionalProperties": False, "required": list(REQUIRED)}


_Decided: TypeAlias = dict[str, dict[str, _OrNull] | None]
_Match: TypeAlias = tuple[_Texts, ...]


class Document(_Words):
    """A mapping file: how the rows of a spreadsheet become companies in Kanbert."""

    version: Literal[1] = Field(description="The version of this language: 1.")
    name: _Name | None = Field(None, description="What the mapping is called in reports.")
    source: SourceWords = Field(default_factory=SourceWords, description="How the file is read.")
    target: TargetWords = Field(description="Whose numbers the external_ids are.")
    duplicates: Literal["refuse", "first", "last"] = Field(
        "refuse", description="What happens when several rows have the same external_id."
    )
    blank: Literal["keep", "clear"] = Field(
        "keep", description="What an empty cell does on update: leave the field alone, or clear it."
    )
    match: _Match = Field(
        (), description="Fields, or lists of fields, to find companies by that have no external_id yet."
    )
    skip: tuple[SkipRule, ...] = Field((), description="Rows that are left out on purpose.")
    company: dict[str, _Expression] = Field(description="Field to expression.", json_schema_extra=_company_schema)
    tags: tuple[_Expression, ...] = Field((), description="Expressions; each may give several tags.")
    custom_fields: dict[str, _Expression] = Field(default_factory=dict, description="Slug to expression.")
    decisions: _Decided = Field(
        default_factory=dict,
        description="Field to cells that no rule can settle, and what is sent for them; null: not decided yet.",
    )
    tests: tuple[ExampleTest, ...] = Field((), description="Rows and what must come of them; `check` runs them.")

    model_config = ConfigDict(title="Kanbert import mapping")
