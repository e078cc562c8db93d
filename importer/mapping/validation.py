"""Turns what pydantic says about a mapping file into messages for people, and takes the wrong parts out.

With the wrong parts taken out, everything else can still be checked: all mistakes are shown at once.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

from importer.mapping.advice import word_meant
from importer.mapping.kinds import KINDS
from importer.mapping.names import listed, meant
from importer.mapping.schema import Document
from importer.mapping.slots import REQUIRED
from importer.mapping.tree import Flaw, Unquoted
from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from importer.mapping.tree import Path, Plain

__all__ = ["completed", "explain", "json_schema", "repaired"]

_MISSING: Mapping[Path, str] = {
    ("version",): "`version: 1` is missing; it says which version of the language this is",
    ("company",): "`company` is missing; it says which columns go to which fields",
    ("target",): "`target` with `external_origin` is missing; it says which system the external_ids come from",
    ("target", "external_origin"): "`external_origin` is missing; it says which system the external_ids come from,"
    " and is never left to the server's default: another token would not find the companies again",
}

_EXPECTED: Mapping[str, str] = {
    "model_type": "an object is expected here",
    "dict_type": "an object with names and values is expected here",
    "tuple_type": "a list is expected here",
    "int_type": "a whole number is expected here",
    "bool_type": "true or false is expected here",
    "string_type": "text is expected here",
}

_SAID: Mapping[str, str] = {
    "too_short": "this is empty; leave the word out, or write something",
    "string_too_short": "this is empty; leave the word out, or write something",
}

_BOUNDS = {"greater_than_equal": "minimum", "less_than_equal": "maximum"}
"""What is wrong with a number that is out of its range, and what JSON Schema calls that end of it."""

_STAND_IN: dict[str, Plain] = {
    "tags": "-",
    "custom_fields": "-",
    "company": "-",
    "match": "company_name",
    "decisions": {},
}
_STAND_IN |= {"tests": {"row": {}}, "skip": {"when": {"column": "-", "blank": True}, "reason": "-"}}
"""What takes the place of a wrong entry of a section, so that the others keep theirs."""

_SECTIONS: dict[str, Plain] = {
    "version": 1,
    "target": {"external_origin": "-"},
    "company": dict.fromkeys(REQUIRED, "-"),
}
"""What takes the place of a section that is wrong or missing, and cannot be left out."""


def json_schema() -> dict[str, Any]:
    """Describe the language as JSON Schema, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Document.model_json_schema()}


# ── words for people ─────────────────────────────────────────────────────────────────────────────────────────────


def explain(error: ValidationError) -> Iterator[Flaw]:
    """Say what is wrong, in the words of the language, once for each place."""
    details = error.errors(include_url=False)
    above = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    for detail in details:
        path = detail["loc"]
        if detail["type"] == "literal_error" and isinstance(detail["input"], dict):
            continue  # the long form of `otherwise` was meant; its own error follows
        if detail["type"] == "too_short" and path in above:
            continue  # it is not empty: what is in it is wrong, and is said
        yield Flaw(path, _message(detail, path), on_key=detail["type"] == "extra_forbidden")


def _message(detail: ErrorDetails, path: Path) -> str:
    kind, word = detail["type"], str(path[-1]) if path else ""
    match kind:
        case "extra_forbidden":
            return f'"{shortened(word, 60)}" is no word of the language here{_word_hint(word, path[:-1])}'
        case "missing":
            return _MISSING.get(path, f"`{word}` is missing")
        case "literal_error":
            return _not_among(detail["input"], _choices(path))
        case "too_long" | "string_too_long":
            longest = detail.get("ctx", {}).get("max_length")
            return f"this is too long; {longest} character{'s' * (longest != 1)} at most"
        case _ if kind in _EXPECTED:
            return f"{_EXPECTED[kind]}, not {_shown(detail['input'])}{_form_hint(kind, detail['input'], path)}"
        case _:
            return _out_of_range(detail["input"], path) if kind in _BOUNDS else _SAID.get(kind, str(detail["msg"]))


def _out_of_range(value: object, path: Path) -> str:
    bounds = {name: schema[name] for schema in _schemas_at(path) for name in _BOUNDS.values() if name in schema}
    end = f"to {bounds['maximum']}" if "maximum" in bounds else "on"
    return f"a number from {bounds['minimum']} {end} is expected here, not {value}"


def _word_hint(word: str, path: Path) -> str:
    known = _words(path)
    if meant_word := word_meant(word, known):
        return f"; did you mean {meant_word}?"
    if "as" in known and (kinds := [name for name, kind in KINDS.items() if word in kind.options.model_fields]):
        return f"; it is an option of a kind: `as: {{{kinds[0]}: {{{word}: ...}}}}`"
    near = meant(word, known)
    form = "; a condition is such as {column: NAME, is: TEXT}" if "column" in known and "did you" not in near else ""
    return form or near


def _form_hint(kind: str, value: object, path: Path) -> str:
    """Show how the thing that is expected is written."""
    if kind == "model_type" and path[-1:] in {("when",), ("not",)}:
        return "; a condition is such as {column: NAME, is: TEXT}"
    match kind, value:
        case "tuple_type", str():
            return f"; put it in brackets: [{shortened(value, 60)}]"
        case "tuple_type", dict():
            return "; begin each entry with a dash and a blank"
        case (("dict_type" | "model_type"), tuple()):
            return "; leave out the dashes, and write `name: value` in each line"
        case _:
            return ""


def _not_among(value: object, choices: Sequence[str]) -> str:
    if isinstance(value, str) and value in choices:
        return f"write {value} without quotes"
    near = meant(value, choices) if isinstance(value, str) else f"; write {listed(choices, 'or')}"
    return f'"{shortened(_spelled(value), 60)}" is not known here{near}'


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "an object"
        case tuple():
            return "a list"
        case int() | float() | dt.date() | Unquoted():
            return f"{value}, which YAML reads as a number or a date"
        case _:
            return f'"{shortened(str(value), 60)}"'


# ── the words known at a place ───────────────────────────────────────────────────────────────────────────────────


@cache
def _definitions() -> dict[str, Any]:
    return json_schema()


def _words(path: Path) -> list[str]:
    return sorted({word for schema in _schemas_at(path) for word in schema.get("properties", ())})


def _choices(path: Path) -> list[str]:
    found: list[str] = []
    for schema in _schemas_at(path):
        found += map(_spelled, schema.get("enum", ()))
        found += [_spelled(schema["const"])] if "const" in schema else []
    return found


def _spelled(choice: object) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _schemas_at(path: Path) -> list[dict[str, Any]]:
    """Walk the JSON Schema along a path; parts that are no part of the file (pydantic's own) are passed over."""
    schemas = _resolved(_definitions())
    for part in path:
        schemas = [found for schema in schemas for found in _step(schema, part)] or schemas
    return schemas


def _step(schema: dict[str, Any], part: str | int) -> Iterator[dict[str, Any]]:
    if isinstance(part, int):
        below = schema.get("items")
    else:
        below = schema.get("properties", {}).get(part) or schema.get("additionalProperties")
    if isinstance(below, dict):
        yield from _resolved(below)


def _resolved(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Follow references and alternatives down to plain schemas."""
    if "$ref" in schema:
        return _resolved(_definitions()["$defs"][schema["$ref"].rpartition("/")[2]])
    alternatives = schema.get("anyOf", ())
    return [schema, *(found for alternative in alternatives for found in _resolved(alternative))]


# ── what is left ─────────────────────────────────────────────────────────────────────────────────────────────────


def repaired(sections: dict[str, Plain], error: ValidationError) -> dict[str, Plain]:
    """Put something harmless in the place of every entry that is wrong; what comes back is valid."""
    left: dict[str, Any] = {
        name: dict(enumerate(part)) if isinstance(part, tuple) else part for name, part in sections.items()
    }
    for detail in error.errors(include_url=False, include_context=False):
        section, *entry = detail["loc"]
        part = left.get(str(section))
        if not entry or not isinstance(part, dict) or section == "target":
            left.pop(str(section), None)
        elif section in _STAND_IN:
            left[str(section)] = {**part, entry[0]: _STAND_IN[str(section)]}
        else:
            left[str(section)] = {key: value for key, value in part.items() if key != entry[0]}
    lists = {name for name, part in sections.items() if isinstance(part, tuple)}
    return _SECTIONS | {name: tuple(part.values()) if name in lists else part for name, part in left.items()}


def completed(document: Document) -> Document:
    """Give a document the required fields that it lacks, so that it can be compiled and the rest checked."""
    stand_in = Document.model_validate(_SECTIONS).company
    return document.model_copy(update={"company": {**stand_in, **document.company}})
