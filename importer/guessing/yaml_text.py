"""Writes plain values as YAML that reads back as exactly these values, each on one line.

A mapping is written here for people: keys in order, a comment behind each line. What may be read as anything but the
text it is stands in double quotes, with every character escaped that YAML or a terminal would not take as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from importer.model import shortened

__all__ = ["Value", "can_be_written", "comment", "flow"]

Value: TypeAlias = "str | bool | int | Mapping[str, Value] | Sequence[Value] | None"

_PLAIN = re.compile(r"[^\W\d_](?:[\w ./()&+'-]*[\w.)])?")  # none of these signs means anything to YAML there
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def can_be_written(text: str) -> bool:
    """Whether text can stand in a file at all; half of a surrogate pair cannot."""
    return _SURROGATE.search(text) is None


def flow(value: Value) -> str:
    """Write a value on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return _scalar(value)
        case Mapping():
            return "{" + ", ".join(f"{_scalar(name)}: {flow(part)}" for name, part in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(flow, value)) + "]"


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.isprintable() and text.casefold() not in _WORDS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def comment(words: str, limit: int = 200) -> str:
    """Bound text to what can stand behind a # on one line."""
    return shortened(words, limit)
