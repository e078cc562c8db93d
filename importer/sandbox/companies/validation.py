"""The input of a write -> the values that have rules, or the errors of every field, in the framework's words."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, assert_never

from importer.sandbox.companies.contract import MAX_ITEMS, MAX_TEXT, MAX_UNBOUNDED, Kind, Rule

if TYPE_CHECKING:
    from importer.sandbox.wire.answers import Errors
    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["Checked", "Probe", "check", "invalid_selection", "too_many"]

Probe: TypeAlias = Callable[[Rule, str, str], str | None]
"""Asks the store about a value that is right in itself: the message of `unique` or `exists`, or None.

The rule, the name that the message is to use (`tags.0`), and the value, which is the slug of a custom field.
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of an input: only fields that have a rule, and what is wrong with them, in the order of the rules."""

    values: Input = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)


def check(rules: Sequence[Rule], given: Mapping[str, Json], probe: Probe) -> Checked:
    """Check an input against rules; fields without a rule are dropped without a word."""
    checked = Checked()
    for rule in rules:
        value = given.get(rule.name)
        if rule.required and value in (None, [], {}):
            checked.errors[rule.name] = [f"The {_attribute(rule.name)} field is required."]
        elif rule.name in given:
            found = _errors(rule, value, probe)
            checked.errors.update(found)
            if not found:
                checked.values[rule.name] = value
    return checked


def invalid_selection(name: str) -> str:
    """Write the message of `in` and `exists`."""
    return f"The selected {_attribute(name)} is invalid."


def too_many(name: str) -> str:
    """Write the message of an array that has more items than it may."""
    return _must(name, f"not have more than {MAX_ITEMS} items")


def _errors(rule: Rule, value: Json, probe: Probe) -> Errors:
    if value is None and rule.nullable:
        return {}
    match rule.kind:
        case Kind.TEXT | Kind.EMAIL | Kind.WORD | Kind.REFERENCE:
            messages = list(_text_errors(rule, value))
            if not messages and isinstance(value, str):
                messages = list(_answered(probe(rule, rule.name, value)))
            return {rule.name: messages} if messages else {}
        case Kind.BOOLEAN:
            return {} if _is_boolean(value) else {rule.name: [_must(rule.name, "be true or false")]}
        case Kind.TAGS | Kind.CUSTOM:
            if not isinstance(value, list | dict):
                return {rule.name: [_must(rule.name, "be an array")]}
            if len(value) > MAX_ITEMS:
                return {rule.name: [too_many(rule.name)]}
            found = (_tag_errors if rule.kind is Kind.TAGS else _custom_errors)(rule, value, probe)
            return {name: messages for name, messages in found if messages}
        case _:
            assert_never(rule.kind)


def _text_errors(rule: Rule, value: Json) -> Iterator[str]:
    if not isinstance(value, str):
        yield _must(rule.name, "be a string")
    if rule.kind is Kind.EMAIL and not (isinstance(value, str) and _is_email(value)):
        yield _must(rule.name, "be a valid email address")
    if isinstance(value, str):
        yield from _length_errors(rule.name, value, MAX_TEXT if rule.kind in (Kind.TEXT, Kind.EMAIL) else MAX_UNBOUNDED)


def _length_errors(name: str, text: str, most: int) -> Iterator[str]:
    if len(text) > most:
        yield _must(name, f"not be greater than {most} characters")


def _tag_errors(rule: Rule, tags: Json, probe: Probe) -> Iterator[tuple[str, list[str]]]:
    for key, tag in _entries(tags):
        name = f"{rule.name}.{key}"
        if not isinstance(tag, str):
            yield name, [_must(name, "be a string")]
        elif messages := list(_length_errors(name, tag, MAX_UNBOUNDED)):
            yield name, messages
        else:
            yield name, list(_answered(probe(rule, name, tag)))


def _custom_errors(rule: Rule, values: Json, probe: Probe) -> Iterator[tuple[str, list[str]]]:
    for slug, value in _entries(values):
        name = f"{rule.name}.{slug}"
        if isinstance(value, list | dict) or (isinstance(value, float) and not math.isfinite(value)):
            yield name, [invalid_selection(name)]
        elif isinstance(value, str) and (messages := list(_length_errors(name, value, MAX_UNBOUNDED))):
            yield name, messages
        else:
            yield name, list(_answered(probe(rule, name, slug)))


def _answered(message: str | None) -> Iterator[str]:
    if message:
        yield message


def _entries(array: Json) -> Iterator[tuple[str, Json]]:
    """Walk a PHP array, which a JSON list and a JSON object both become."""
    if isinstance(array, dict):
        yield from array.items()
    elif isinstance(array, list):
        yield from ((str(index), value) for index, value in enumerate(array))


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)) or value in ("0", "1")


_ATEXT = r"[^\s\x00-\x1f\x7f()<>@,;:\\\".\[\]]+"
_LOCAL = re.compile(rf'{_ATEXT}(?:\.{_ATEXT})*|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_LABEL = re.compile(r"(?!-)[A-Za-z0-9\x80-\U0010ffff-]{1,63}(?<!-)")
_LITERAL = re.compile(r"\[[\x21-\x5a\x5e-\x7e]+\]")
_MAX_DOMAIN = 253  # bytes


def _is_email(text: str) -> bool:
    """Tell whether RFC 5322 allows the address, as the framework's `email` rule does: `user@localhost` passes.

    Beyond ASCII its lexer takes letters, marks, digits and punctuation, and nowhere a symbol or a control character:
    no currency sign, no emoji, nothing invisible, not even in quotes.
    """
    if any(sign > "\x7f" and unicodedata.category(sign)[0] in "SC" for sign in text):
        return False
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or any(unicodedata.category(sign) == "Zs" for sign in domain):
        return False
    if _LITERAL.fullmatch(domain):
        return True
    return len(domain.encode()) <= _MAX_DOMAIN and all(_LABEL.fullmatch(label) for label in domain.split("."))


def _must(name: str, what: str) -> str:
    return f"The {_attribute(name)} field must {what}."


def _attribute(name: str) -> str:
    return name.replace("_", " ")
