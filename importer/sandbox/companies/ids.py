"""The numbers of the store <-> the ids of the API: text, JSON numbers or UUIDs, by the Kanbert that is being played."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Literal, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from importer.sandbox.wire.inputs import Json

__all__ = ["Ids", "id_of", "leading_id_of", "public_id"]

Ids: TypeAlias = Literal["text", "numbers", "uuid"]

_FIRST = 0x019A_0000_0000  # the first 48 bits of a UUID of version 7 are milliseconds: some day in autumn 2025
_VERSION, _VARIANT = 7 << 76, 2 << 62
_RANDOM = (0xFFF << 64) | (2**62 - 1)  # the bits that are neither time, version nor variant
_LEADING = re.compile(r"[ \t\n\v\f\r]*\+?([0-9]{1,18})(?![0-9])")


def public_id(number: int, ids: Ids) -> Json:
    """Write an id as answers have it; UUIDs are in the order of their numbers, as the framework makes them."""
    if ids == "numbers":
        return number
    return str(_uuid(number)) if ids == "uuid" else str(number)


def id_of(text: str, ids: Ids = "text") -> int | None:
    """Read an id exactly as it is written: no sign, no leading zero, no prefix of something longer."""
    if ids == "uuid":
        return _number(text)
    is_number = text.isascii() and text.isdigit() and len(text) <= 18 and (text == "0" or text[0] != "0")
    return int(text) if is_number else None


def leading_id_of(text: str) -> int | None:
    """Read an id as MySQL compares text with an integer column: "12abc" is 12."""
    match = _LEADING.match(text)
    return int(match[1]) if match else None


def _uuid(number: int) -> UUID:
    noise = int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:16]) & _RANDOM
    return UUID(int=_FIRST + number << 80 | _VERSION | _VARIANT | noise)


def _number(text: str) -> int | None:
    """Take the number back out of a UUID; only one that this sandbox wrote, in lower case, is any company's."""
    try:
        number = (UUID(text).int >> 80) - _FIRST
    except ValueError:
        return None
    return number if number > 0 and text == str(_uuid(number)) else None
