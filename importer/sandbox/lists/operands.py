"""The value of a condition, as a client may write it -> what the database compares with; 400 for what it cannot be."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeGuard

from importer.sandbox.ids import Thing, id_of, number_of as whole_number, public_id
from importer.sandbox.lists.dates import Span, span_of
from importer.sandbox.lists.resource import Field, FieldKind
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from importer.sandbox.lists.settings import ListSettings
    from importer.sandbox.wire.inputs import Json

__all__ = [
    "MAX_LIST",
    "allowed_value",
    "boolean_of",
    "bounded",
    "id_number",
    "items_of",
    "number_of",
    "pattern_of",
    "span",
    "text_of",
    "truth_of",
]

MAX_LIST = 1_000
"""Values that one list may have."""

_MAX_TEXT = 5_000  # SQLite takes patterns of 50,000 bytes, and a sign in one may need three
_NOBODY = -1  # an id that nothing has
_BIGGEST = 2**63 - 1
_BOOLEANS = {"true": 1, "1": 1, "false": 0, "0": 0}
_INTEGER = re.compile(r"[+-]?\d{1,400}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,9})?", re.ASCII)
_GLOB = {"*": "[*]", "?": "[?]", "[": "[[]"}


def items_of(name: str, value: Json) -> list[Json]:
    """Return the values of a list."""
    if not isinstance(value, list):
        raise ApiError(400, f"The filter `{name}` needs a list of values here.")
    if len(value) > MAX_LIST:
        raise ApiError(400, f"The filter `{name}` has more than {MAX_LIST} values.")
    return value


def text_of(name: str, value: Json, *, folded: bool = False) -> str:
    """Return a text; a number or a boolean is the text of itself, as a database would cast it."""
    if not _is_scalar(value):
        raise ApiError(400, f"The filter `{name}` needs one value here, neither null nor a list.")
    text = str(int(value)) if isinstance(value, bool) else str(value)
    if len(text) > _MAX_TEXT:
        raise ApiError(400, f"The filter `{name}` has a value of more than {_MAX_TEXT} characters.")
    text = text.encode("utf-8", "replace").decode()  # half of a surrogate pair cannot be stored either
    return text.casefold() if folded else text


def id_number(name: str, value: Json, of: Thing, settings: ListSettings) -> int:
    """Return the store's number of an id of a thing; `me.id` stands for the id of the user who asks."""
    if isinstance(value, bool | float):
        raise _bad(name, value, "an id")
    text = text_of(name, value)
    if text.lower() == "me.id":
        user = whole_number(settings.me)
        text = "" if user is None else str(public_id(user, Thing.USER, settings.ids))
    number = id_of(text, of, settings.ids)
    return _NOBODY if number is None else number


def boolean_of(name: str, value: Json) -> int:
    """Return 1 or 0 of true, false, 1 and 0, as JSON or as text."""
    truth = truth_of(value)
    if truth is None:
        raise _bad(name, value, "true or false")
    return truth


def truth_of(value: Json) -> int | None:
    """Return 1 or 0 of a boolean, or None of what is not one."""
    return _BOOLEANS.get(str(value).lower()) if isinstance(value, bool | int | str) else None


def number_of(value: Json) -> int | float | None:
    """Return a number, or None of what is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    number = value
    if isinstance(number, str):
        number = int(number) if _INTEGER.fullmatch(number) else float(number)
    try:
        return bounded(number)
    except OverflowError:  # an integer of more than 300 digits
        return None


def bounded(number: float) -> int | float | None:
    """Return what SQLite can hold of a number: an integer of 64 bits, or a float that is finite."""
    if isinstance(number, int) and abs(number) <= _BIGGEST:
        return number
    return float(number) if math.isfinite(number) else None


def span(name: str, value: Json, settings: ListSettings) -> Span:
    """Return the time that a date stands for."""
    found = span_of(value, settings.now) if isinstance(value, str) and len(value) <= 50 else None
    if found is None:
        raise _bad(name, value, "a date")
    return found


def pattern_of(op: str, text: str) -> str:
    r"""Return the GLOB pattern of contains, startswith, endswith or like.

    In `like`, % is any text and _ any sign; a backslash takes the meaning from the sign that follows, as it does in
    MySQL and PostgreSQL. GLOB minds the case, which is why both sides are folded where it does not count.
    """
    if op == "like":
        return _like(text)
    literal = "".join(_GLOB.get(sign, sign) for sign in text)
    return f"{'' if op == 'startswith' else '*'}{literal}{'' if op == 'endswith' else '*'}"


def allowed_value(name: str, field: Field, value: Json) -> str:
    """Return the word of an enum, which must be one of its own."""
    text = text_of(name, value)
    if field.kind is FieldKind.ENUM and field.values is not None and text not in field.values:
        raise _bad(name, value, "one of " + ", ".join(sorted(field.values)))
    return text


def _like(text: str) -> str:
    pattern: list[str] = []
    signs = iter(text)
    for sign in signs:
        if sign == "%":
            pattern.append("*")
        elif sign == "_":
            pattern.append("?")
        else:
            literal = next(signs, sign) if sign == "\\" else sign
            pattern.append(_GLOB.get(literal, literal))
    return "".join(pattern)


def _is_scalar(value: Json) -> TypeGuard[str | int | float | bool]:
    return isinstance(value, str | int | float)


def _bad(name: str, value: Json, wanted: str) -> ApiError:
    shown = str(value)[:50].encode("utf-8", "replace").decode()
    return ApiError(400, f"The filter `{name}` takes {wanted}, which `{shown}` is not.")
