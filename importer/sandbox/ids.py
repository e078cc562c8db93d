"""The numbers of the store <-> the ids of the API: text, JSON numbers or UUIDs, by the Kanbert that is being played.

Things of different kinds may have the same number, as rows of different tables have, but never the same UUID.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias
from uuid import UUID

from importer.sandbox.wire.inputs import leading_number

if TYPE_CHECKING:
    from importer.sandbox.wire.inputs import Json

__all__ = ["Ids", "Thing", "id_of", "leading_id_of", "number_of", "public_id"]

Ids: TypeAlias = Literal["text", "numbers", "uuid"]


class Thing(StrEnum):
    """What an id can be of."""

    BUSINESS_FIELD = "business_field"
    CLIENT = "client"
    COMPANY = "company"
    COMPANY_REVENUE = "company_revenue"
    COMPANY_SIZE = "company_size"
    CONTACT = "contact"
    COUNTRY = "country"
    EXTERNAL_COST = "external_cost"
    LINE_ITEM = "line_item"
    METRIC = "metric"
    OFFER = "offer"
    PROJECT = "project"
    PROJECT_TYPE = "project_type"
    SPACE = "space"
    SUPPLIER = "supplier"
    TAG = "tag"
    USER = "user"


_FIRST = 0x019A_0000_0000  # the first 48 bits of a UUID of version 7 are milliseconds: some day in autumn 2025
_VERSION, _VARIANT = 7 << 76, 2 << 62
_RANDOM = (0xFFF << 64) | (2**62 - 1)  # the bits that are neither time, version nor variant
_BIGGEST = 2**63  # no number of the store is as great
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")


def public_id(number: int, of: Thing, ids: Ids) -> Json:
    """Write an id as answers have it; UUIDs of one kind are in the order of their numbers, as the framework makes them."""
    if ids == "numbers":
        return number
    return str(_uuid(number, of)) if ids == "uuid" else str(number)


def id_of(text: str, of: Thing, ids: Ids) -> int | None:
    """Read an id exactly as it is written; a UUID is None where it is another kind of thing's."""
    if ids != "uuid":
        return number_of(text)
    try:
        number = (UUID(text).int >> 80) - _FIRST
    except ValueError:
        return None
    return number if number > 0 and text == str(_uuid(number, of)) else None


def number_of(text: str) -> int | None:
    """Read a number exactly as it is written: no sign, no leading zero, no prefix of something longer."""
    return int(text) if _WHOLE.fullmatch(text) else None


def leading_id_of(text: str) -> int | None:
    """Read an id as MySQL compares text with an integer column: "12abc" and "1.2e1" are 12, "1.5" is no id."""
    number = leading_number(text)
    return int(number) if 0 < number < _BIGGEST and number == int(number) else None


def _uuid(number: int, of: Thing) -> UUID:
    noise = int.from_bytes(hashlib.sha256(f"{of} {number}".encode()).digest()[:16]) & _RANDOM
    return UUID(int=_FIRST + number << 80 | _VERSION | _VARIANT | noise)
